// How far backups, restores and what else has events of its own are: told to all sessions at the
// rate of other jobs, and known to the job (clients 3.3, core-api 3.3 and 5.5).
#include <algorithm>
#include <optional>

#include "tests/sdk/session.h"

namespace prl::tests {
namespace {

// A notification: the end of a job, or an event with a percentage or without.
struct Told {
  bool is_end = false;
  PRL_EVENT_TYPE type = PET_DSP_EVT_VM_STATE_CHANGED;
  std::optional<PRL_UINT32> percent = std::nullopt;
  PRL_HANDLE job = PRL_INVALID_HANDLE;  // only to compare
};

class Listener {
 public:
  explicit Listener(PRL_HANDLE server) : server_(server) {
    EXPECT_EQ(PrlSrv_RegEventHandler(server_, &Listener::handle, this), PRL_ERR_SUCCESS);
  }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener() { PrlSrv_UnregEventHandler(server_, &Listener::handle, this); }

  // All that was told up to the end of the job.
  std::vector<Told> up_to(PRL_HANDLE job) {
    EXPECT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, std::chrono::minutes(1), [&] {
      return std::ranges::any_of(told_,
                                 [&](const Told& one) { return one.is_end && one.job == job; });
    }));
    return told_;
  }
  // All that was told up to now.
  std::vector<Told> up_to_now() {
    const Handle last(PrlSrv_GetVmList(server_));
    return up_to(last);
  }

 private:
  static PRL_RESULT PRL_CALL handle(PRL_HANDLE notification, PRL_VOID_PTR data) {
    const Handle owned(notification);
    auto& self = *static_cast<Listener*>(data);
    Told told;
    PRL_HANDLE_TYPE kind = PHT_ERROR;
    PrlHandle_GetType(notification, &kind);
    told.is_end = kind == PHT_JOB;
    if (told.is_end) told.job = notification;
    if (!told.is_end) look_at(notification, told);
    std::lock_guard lock(self.mutex_);
    self.told_.push_back(told);
    self.changed_.notify_all();
    return PRL_ERR_SUCCESS;
  }
  static void look_at(PRL_HANDLE event, Told& told) {
    PrlEvent_GetType(event, &told.type);
    Handle parameter;
    if (PRL_FAILED(PrlEvent_GetParamByName(event, "progress_changed", parameter.out()))) return;
    PRL_UINT32 percent = 0;
    EXPECT_EQ(PrlEvtPrm_ToUint32(parameter, &percent), PRL_ERR_SUCCESS);
    told.percent = percent;
    Handle job;
    if (PRL_SUCCEEDED(PrlEvent_GetJob(event, job.out()))) told.job = job.get();
  }

  const PRL_HANDLE server_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Told> told_;  // guarded by mutex_
};

using Percents = std::vector<PRL_UINT32>;

// All of them have to be events of the one type.
Percents percents_in(const std::vector<Told>& told, PRL_EVENT_TYPE type) {
  Percents percents;
  for (const Told& one : told) {
    if (!one.percent) continue;
    EXPECT_EQ(one.type, type);
    percents.push_back(*one.percent);
  }
  return percents;
}

struct Host : Session {
  explicit Host(const std::string& operations, const std::string& rest = "")
      : Session("clock = \"virtual\"\n[latency]\npreset = \"instant\"\n" + operations +
                "[[vm]]\nname = \"web\"\nram_mib = 4\n" + rest),
        vm(vm_by_name(server, "web")),
        uuid(uuid_of(vm)) {}

  PRL_HANDLE begin_backup() const {
    return PrlSrv_CreateVmBackup(server, uuid.c_str(), "", 0, "", "", PBT_FULL, 0, PRL_FALSE);
  }
  PRL_HANDLE begin_restore() const {
    return PrlSrv_RestoreVmBackup(server, uuid.c_str(), "", "", 0, "", "", "", 0, 0, PRL_FALSE);
  }
  PRL_HANDLE begin_removal() const {
    return PrlSrv_RemoveVmBackup(server, uuid.c_str(), "", "", 0, "", 0, 0, PRL_FALSE);
  }

  const Handle vm;
  const std::string uuid;
};

PRL_UINT32 progress_of(PRL_HANDLE job) {
  PRL_UINT32 percent = 101;
  EXPECT_EQ(PrlJob_GetProgress(job, &percent), PRL_ERR_SUCCESS);
  return percent;
}

TEST(ProgressOfABackup, IsToldEverySecondAndKnownToItsJob) {
  const Host host("backup = { ms = 5000 }\n");
  Listener listener(host.server);
  const Handle job(host.begin_backup());
  EXPECT_EQ(progress_of(job), 0u);
  EXPECT_EQ(PrlSim_AdvanceTime(999), PRL_ERR_SUCCESS);
  EXPECT_EQ(progress_of(job), 0u);
  EXPECT_EQ(PrlSim_AdvanceTime(1), PRL_ERR_SUCCESS);
  EXPECT_EQ(progress_of(job), 20u);
  EXPECT_EQ(PrlSim_AdvanceTime(3000), PRL_ERR_SUCCESS);
  EXPECT_EQ(progress_of(job), 80u);
  EXPECT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
  EXPECT_EQ(progress_of(job), 100u);
  EXPECT_EQ(time_ms(), 5000u) << "what is told takes no time";
  const std::vector<Told> told = listener.up_to(job);
  EXPECT_EQ(percents_in(told, PET_DSP_EVT_BACKUP_PROGRESS_CHANGED),
            (Percents{0, 20, 40, 60, 80, 100}));
  EXPECT_TRUE(told.back().is_end) << "nothing follows the end";
  for (const Told& one : told) EXPECT_TRUE(!one.percent || one.job == job.get());
}

TEST(ProgressOfABackup, IsToldInQuartersWhereItTakesLessThanFourSeconds) {
  const Host host("backup = { ms = 3000 }\nbackup_restore = { ms = 10 }\n");
  Listener listener(host.server);
  const Handle job(host.begin_backup());
  EXPECT_EQ(percents_in(listener.up_to(job), PET_DSP_EVT_BACKUP_PROGRESS_CHANGED),
            (Percents{0, 25, 50, 75, 100}));
  Listener later(host.server);
  const Handle back(host.begin_restore());
  EXPECT_EQ(percents_in(later.up_to(back), PET_DSP_EVT_RESTORE_PROGRESS_CHANGED),
            (Percents{0, 25, 50, 75, 100}));
}

TEST(ProgressOfARestore, IsToldEverySecondAndKnownToItsJob) {
  const Host host("backup_restore = { ms = 4500 }\n");
  EXPECT_EQ(finish(host.begin_backup()), PRL_ERR_SUCCESS);
  Listener listener(host.server);
  const Handle job(host.begin_restore());
  EXPECT_EQ(PrlSim_AdvanceTime(2000), PRL_ERR_SUCCESS);
  EXPECT_EQ(progress_of(job), 44u);
  EXPECT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(job), PRL_ERR_SUCCESS);
  EXPECT_EQ(percents_in(listener.up_to(job), PET_DSP_EVT_RESTORE_PROGRESS_CHANGED),
            (Percents{0, 22, 44, 66, 88, 100}));
}

// The events are for every session; the job is for the one that has begun it.
TEST(ProgressOfABackup, IsForAllSessionsAndItsJobForOne) {
  const Host host("backup = { ms = 5000 }\n");
  const Handle other = new_server();
  EXPECT_EQ(finish(start_login(other)), PRL_ERR_SUCCESS);
  Listener listener(other);
  EXPECT_EQ(finish(host.begin_backup()), PRL_ERR_SUCCESS);
  const std::vector<Told> told = listener.up_to_now();
  EXPECT_EQ(percents_in(told, PET_DSP_EVT_BACKUP_PROGRESS_CHANGED),
            (Percents{0, 20, 40, 60, 80, 100}));
  for (const Told& one : told) EXPECT_TRUE(one.is_end || one.job == kNoHandle);
}

TEST(ProgressOfABackup, EndsWhereItIsCancelled) {
  const Host host("backup = { ms = 5000 }\n");
  Listener listener(host.server);
  const Handle job(host.begin_backup());
  EXPECT_EQ(PrlSim_AdvanceTime(2000), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlJob_Cancel(job)), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(job), PRL_ERR_OPERATION_WAS_CANCELED);
  EXPECT_EQ(time_ms(), 3000u) << "it stops when there would be something to tell";
  EXPECT_EQ(PrlSim_AdvanceTime(10'000), PRL_ERR_SUCCESS);
  EXPECT_EQ(percents_in(listener.up_to_now(), PET_DSP_EVT_BACKUP_PROGRESS_CHANGED),
            (Percents{0, 20, 40}));
}

TEST(ProgressOfABackup, EndsForTheSessionWhoseJobHasTimedOut) {
  const Host host("backup = { ms = 5000 }\n",
                  "[[fault]]\nname = \"rule\"\nmatch = { call = \"PrlSrv_CreateVmBackup\" }\n"
                  "effect = { kind = \"time_out\", at = \"start\" }\n");
  Listener listener(host.server);
  const Handle job(host.begin_backup());
  EXPECT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(job), PRL_ERR_TIMEOUT);
  EXPECT_EQ(PrlSim_AdvanceTime(10'000), PRL_ERR_SUCCESS);
  bool is_over = false;
  for (const Told& one : listener.up_to_now()) {
    is_over = is_over || (one.is_end && one.job == job.get());
    EXPECT_FALSE(is_over && one.percent);
  }
}

TEST(ProgressOfARemoval, IsToldWhoeverRemovesTheBackup) {
  const Host host("backup_removal = { ms = 4000 }\n");
  EXPECT_EQ(finish(host.begin_backup()), PRL_ERR_SUCCESS);
  Listener listener(host.server);
  const Handle job(host.begin_removal());
  EXPECT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
  EXPECT_EQ(percents_in(listener.up_to(job), PET_DSP_EVT_JOB_PROGRESS_CHANGED),
            (Percents{25, 50, 75}));
}

TEST(ProgressOfAnAppliance, IsToldEverySecondAndKnownToItsJob) {
  const Host host("fetch = { ms = 20000 }\narchive = { ms = 5000 }\n");
  Listener listener(host.server);
  Handle appliance;
  EXPECT_EQ(PrlAppliance_Create(appliance.out()), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlHandle_FromString(appliance, "<Appliance><Name>shop</Name></Appliance>"),
            PRL_ERR_SUCCESS);
  const Handle job(PrlSrv_InstallAppliance(host.server, appliance, "", 0));
  EXPECT_EQ(PrlSim_AdvanceTime(3000), PRL_ERR_SUCCESS);
  EXPECT_EQ(progress_of(job), 15u);
  EXPECT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(job), PRL_ERR_SUCCESS);
  Percents all;
  for (PRL_UINT32 percent = 0; percent <= 100; percent += 5) all.push_back(percent);
  const std::vector<Told> told = listener.up_to(job);
  EXPECT_EQ(percents_in(told, PET_DSP_EVT_APPLIANCE_DOWNLOAD_PROGRESS_CHANGED), all);
  for (const Told& one : told) EXPECT_TRUE(!one.percent || one.job == job.get());
}

}  // namespace
}  // namespace prl::tests
