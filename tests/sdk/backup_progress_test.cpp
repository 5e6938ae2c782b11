// How far backups, restores and what else has events of its own are: told to all sessions at the
// rate of other jobs, and known to the job (clients 3.3, core-api 3.3 and 5.5).
#include "tests/sdk/progress.h"

namespace prl::tests {
namespace {

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

TEST(ProgressOfABackup, IsToldEverySecondAndKnownToItsJob) {
  const Host host("backup = { ms = 5000 }\n");
  ProgressListener listener(host.server);
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
  ProgressListener listener(host.server);
  const Handle job(host.begin_backup());
  EXPECT_EQ(percents_in(listener.up_to(job), PET_DSP_EVT_BACKUP_PROGRESS_CHANGED),
            (Percents{0, 25, 50, 75, 100}));
  ProgressListener later(host.server);
  const Handle back(host.begin_restore());
  EXPECT_EQ(percents_in(later.up_to(back), PET_DSP_EVT_RESTORE_PROGRESS_CHANGED),
            (Percents{0, 25, 50, 75, 100}));
}

TEST(ProgressOfARestore, IsToldEverySecondAndKnownToItsJob) {
  const Host host("backup_restore = { ms = 4500 }\n");
  EXPECT_EQ(finish(host.begin_backup()), PRL_ERR_SUCCESS);
  ProgressListener listener(host.server);
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
  ProgressListener listener(other);
  EXPECT_EQ(finish(host.begin_backup()), PRL_ERR_SUCCESS);
  const std::vector<Told> told = listener.up_to_now();
  EXPECT_EQ(percents_in(told, PET_DSP_EVT_BACKUP_PROGRESS_CHANGED),
            (Percents{0, 20, 40, 60, 80, 100}));
  for (const Told& one : told) EXPECT_TRUE(one.is_end || one.job == kNoHandle);
}

TEST(ProgressOfABackup, EndsWhereItIsCancelled) {
  const Host host("backup = { ms = 5000 }\n");
  ProgressListener listener(host.server);
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
  ProgressListener listener(host.server);
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
  ProgressListener listener(host.server);
  const Handle job(host.begin_removal());
  EXPECT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
  EXPECT_EQ(percents_in(listener.up_to(job), PET_DSP_EVT_JOB_PROGRESS_CHANGED),
            (Percents{25, 50, 75}));
}

TEST(ProgressOfAnAppliance, IsToldEverySecondAndKnownToItsJob) {
  const Host host("fetch = { ms = 20000 }\narchive = { ms = 5000 }\n");
  ProgressListener listener(host.server);
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
