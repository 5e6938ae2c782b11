// How far a job is, as its session is told and as it can be asked for (core-api 3.3, 5.5).
#include <algorithm>
#include <optional>

#include "tests/sdk/session.h"

namespace prl::tests {
namespace {

// Whatever is told of the progress of a job, and what comes after it.
struct Told {
  PRL_EVENT_TYPE type = PET_DSP_EVT_VM_STATE_CHANGED;  // of an event; the end of a job has none
  PRL_UINT32 percent = 0;
  PRL_HANDLE job = PRL_INVALID_HANDLE;  // only to compare
  PRL_INT32 state = 0;
  bool is_end = false;

  bool is_progress() const { return percent > 0; }
};

class Listener {
 public:
  explicit Listener(PRL_HANDLE watched) : watched_(watched) {
    EXPECT_EQ(PrlSrv_RegEventHandler(watched_, &Listener::handle, this), PRL_ERR_SUCCESS);
  }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener() { PrlSrv_UnregEventHandler(watched_, &Listener::handle, this); }

  // All that was told up to the end of the job.
  std::vector<Told> up_to(PRL_HANDLE job) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, std::chrono::minutes(1), [&] {
      return std::ranges::any_of(told_,
                                 [&](const Told& one) { return one.is_end && one.job == job; });
    }));
    return told_;
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
    if (!told.is_end) look_at_event(notification, told);
    std::lock_guard lock(self.mutex_);
    self.told_.push_back(told);
    self.changed_.notify_all();
    return PRL_ERR_SUCCESS;
  }

  static void look_at_event(PRL_HANDLE event, Told& told) {
    PrlEvent_GetType(event, &told.type);
    Handle parameter;
    if (PRL_SUCCEEDED(PrlEvent_GetParamByName(event, "vminfo_vm_state", parameter.out()))) {
      PrlEvtPrm_ToInt32(parameter, &told.state);
    }
    Handle progress;
    if (PRL_FAILED(PrlEvent_GetParamByName(event, "progress_changed", progress.out()))) return;
    EXPECT_EQ(PrlEvtPrm_ToUint32(progress, &told.percent), PRL_ERR_SUCCESS);
    Handle job;
    EXPECT_EQ(PrlEvent_GetJob(event, job.out()), PRL_ERR_SUCCESS);
    told.job = job.get();
  }

  const PRL_HANDLE watched_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Told> told_;  // guarded by mutex_
};

// A host where each operation takes so long, and a request no time.
std::string slow_host(const std::string& state, const std::string& operations,
                      const std::string& rest = "") {
  const bool has_flush = operations.find("flush") != std::string::npos;
  return "clock = \"virtual\"\n[latency]\nrequest = { ms = 0 }\n" +
         std::string(has_flush ? "" : "flush = { ms = 0 }\n") + operations +
         "[[vm]]\nname = \"web\"\nram_mib = 4\nstate = \"" + state + "\"\n" + rest;
}

std::string suspend_meets(const std::string& effect) {
  return "[[fault]]\nname = \"rule\"\nmatch = { call = \"PrlVm_Suspend\" }\neffect = " + effect +
         "\n";
}

struct Host : Session {
  explicit Host(const std::string& scenario) : Session(scenario), vm(vm_by_name(server, "web")) {}
  const Handle vm;
};

PRL_UINT32 progress_of(PRL_HANDLE job) {
  PRL_UINT32 percent = 101;
  EXPECT_EQ(PrlJob_GetProgress(job, &percent), PRL_ERR_SUCCESS);
  return percent;
}

std::vector<PRL_UINT32> percents_in(const std::vector<Told>& told, PRL_EVENT_TYPE type) {
  std::vector<PRL_UINT32> percents;
  for (const Told& one : told) {
    if (!one.is_progress()) continue;
    EXPECT_EQ(one.type, type);
    percents.push_back(one.percent);
  }
  return percents;
}

using Percents = std::vector<PRL_UINT32>;

TEST(Progress, IsToldEverySecondUntilTheJobEnds) {
  const Host host(slow_host("running", "suspend = { ms = 3500 }\n"));
  Listener listener(host.server);
  const Handle job(PrlVm_Suspend(host.vm));
  EXPECT_EQ(progress_of(job), 0u);
  EXPECT_EQ(PrlSim_AdvanceTime(999), PRL_ERR_SUCCESS);
  EXPECT_EQ(progress_of(job), 0u);
  EXPECT_EQ(PrlSim_AdvanceTime(1), PRL_ERR_SUCCESS);
  EXPECT_EQ(progress_of(job), 28u);
  EXPECT_EQ(PrlSim_AdvanceTime(2000), PRL_ERR_SUCCESS);
  EXPECT_EQ(progress_of(job), 85u);
  EXPECT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
  EXPECT_EQ(progress_of(job), 100u);
  EXPECT_EQ(time_ms(), 3500u) << "what is told takes no time";
  const std::vector<Told> told = listener.up_to(job);
  EXPECT_EQ(percents_in(told, PET_JOB_SUSPEND_PROGRESS_CHANGED), (Percents{28, 57, 85}));
  for (const Told& one : told) {
    EXPECT_TRUE(!one.is_progress() || one.job == job.get());
  }
}

TEST(Progress, LiesBetweenTheStatesOfTheVm) {
  const Host host(slow_host("running", "suspend = { ms = 2500 }\n"));
  Listener listener(host.vm);
  const Handle job(PrlVm_Suspend(host.vm));
  EXPECT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
  std::string story;
  for (const Told& one : listener.up_to(job)) {
    if (one.is_end) story += "end ";
    if (one.is_progress()) story += std::to_string(one.percent) + " ";
    if (one.state == VMS_SUSPENDING) story += "SUSPENDING ";
    if (one.state == VMS_SUSPENDED) story += "SUSPENDED ";
  }
  EXPECT_EQ(story, "SUSPENDING 40 80 SUSPENDED end ");
}

TEST(Progress, HasAnEventForEachKindOfJob) {
  struct Case {
    const char* state;
    const char* operation;
    PRL_EVENT_TYPE event;
    PRL_HANDLE (*start)(PRL_HANDLE vm);
  };
  constexpr const char* kSnapshot = "{00000000-0000-4000-8000-000000000001}";
  const Case cases[] = {
      {"suspended", "resume", PET_JOB_RESUME_PROGRESS_CHANGED, PrlVm_Resume},
      {"stopped", "boot", PET_DSP_EVT_JOB_PROGRESS_CHANGED, PrlVm_Start},
      {"stopped", "snapshot", PET_JOB_CREATE_SNAPSHOT_PROGRESS_CHANGED,
       [](PRL_HANDLE vm) { return PrlVm_CreateSnapshot(vm, "b", ""); }},
      {"stopped", "restore", PET_JOB_SWITCH_TO_SNAPSHOT_PROGRESS_CHANGED,
       [](PRL_HANDLE vm) { return PrlVm_SwitchToSnapshot(vm, kSnapshot); }},
      {"stopped", "snapshot_removal", PET_JOB_DELETE_SNAPSHOT_PROGRESS_CHANGED,
       [](PRL_HANDLE vm) { return PrlVm_DeleteSnapshot(vm, kSnapshot, PRL_FALSE); }},
      {"stopped", "clone", PET_JOB_FILE_COPY_PROGRESS_CHANGED,
       [](PRL_HANDLE vm) { return PrlVm_Clone(vm, "copy", "", PRL_FALSE); }},
  };
  for (const Case& one : cases) {
    const Host host(
        slow_host(one.state, std::string(one.operation) + " = { ms = 2000 }\n",
                  std::string("[[vm.snapshot]]\nname = \"a\"\nuuid = \"") + kSnapshot + "\"\n"));
    Listener listener(host.server);
    const Handle job(one.start(host.vm));
    EXPECT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
    EXPECT_EQ(code_of(job), PRL_ERR_SUCCESS) << one.operation;
    EXPECT_EQ(percents_in(listener.up_to(job), one.event), Percents{50}) << one.operation;
  }
}

// Where nothing takes a second there is none: traces of the presets `guide` and `instant` have no
// line of it.
TEST(Progress, IsNotToldOfShortJobs) {
  for (const char* preset : {"guide", "instant"}) {
    const Host host(std::string("clock = \"virtual\"\nlatency.preset = \"") + preset +
                    "\"\n[[vm]]\nname = \"web\"\nram_mib = 4\n");
    Listener listener(host.server);
    for (const auto command : {PrlVm_Start, PrlVm_Suspend, PrlVm_Resume}) {
      const Handle job(command(host.vm));
      EXPECT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
      for (const Told& one : listener.up_to(job)) EXPECT_FALSE(one.is_progress()) << preset;
    }
  }
}

TEST(Progress, IsForTheSessionThatHasBegunTheJob) {
  const Host host(slow_host("running", "suspend = { ms = 2000 }\n"));
  const Handle other = new_server();
  EXPECT_EQ(finish(start_login(other)), PRL_ERR_SUCCESS);
  Listener listener(other);
  EXPECT_EQ(finish(PrlVm_Suspend(host.vm)), PRL_ERR_SUCCESS);
  const Handle last(PrlSrv_GetVmList(other));
  EXPECT_EQ(PrlJob_Wait(last, UINT32_MAX), PRL_ERR_SUCCESS);
  for (const Told& one : listener.up_to(last)) EXPECT_FALSE(one.is_progress());
}

// vm-lifecycle 3.1 has the events of suspend and resume for profile D only.
TEST(Progress, OfASuspendIsNotToldByVirtuozzo) {
  const Host host("profile = \"virtuozzo\"\n" + slow_host("running", "suspend = { ms = 2000 }\n"));
  Listener listener(host.server);
  const Handle job(PrlVm_Suspend(host.vm));
  EXPECT_EQ(PrlSim_AdvanceTime(1000), PRL_ERR_SUCCESS);
  EXPECT_EQ(progress_of(job), 50u);
  EXPECT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
  for (const Told& one : listener.up_to(job)) EXPECT_FALSE(one.is_progress());
}

TEST(Progress, EndsWithTheJob) {
  const Host host(slow_host("running", "suspend = { ms = 3000 }\n",
                            suspend_meets("{ kind = \"time_out\", at = \"start\" }")));
  Listener listener(host.server);
  const Handle job(PrlVm_Suspend(host.vm));
  EXPECT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(job), PRL_ERR_TIMEOUT);
  EXPECT_EQ(PrlSim_AdvanceTime(10'000), PRL_ERR_SUCCESS);
  EXPECT_EQ(state_of(host.vm), VMS_SUSPENDED) << "unseen";
  const Handle last(PrlSrv_GetVmList(host.server));
  EXPECT_EQ(PrlJob_Wait(last, UINT32_MAX), PRL_ERR_SUCCESS);
  for (const Told& one : listener.up_to(last)) EXPECT_FALSE(one.is_progress());
}

TEST(Progress, EndsWhereTheJobIsCancelledOrHangs) {
  const Host host(slow_host("running", "suspend = { ms = 5000 }\nclone = { ms = 5000 }\n",
                            suspend_meets("{ kind = \"hang\" }") + "[[vm]]\nname = \"mail\"\n"));
  const Handle mail = vm_by_name(host.server, "mail");
  const Handle copy(PrlVm_Clone(mail, "copy", "", PRL_FALSE));
  EXPECT_EQ(PrlSim_AdvanceTime(1000), PRL_ERR_SUCCESS);
  EXPECT_EQ(progress_of(copy), 20u);
  EXPECT_EQ(finish(PrlJob_Cancel(copy)), PRL_ERR_SUCCESS);
  EXPECT_EQ(progress_of(copy), 100u) << "it is over";
  const Handle hung(PrlVm_Suspend(host.vm));
  EXPECT_EQ(PrlSim_AdvanceTime(60'000), PRL_ERR_SUCCESS);
  EXPECT_EQ(progress_of(hung), 0u);
}

// It takes 5000 ms longer, after all that there was to tell; what comes behind is no news.
TEST(Progress, DoesNotGoBackOrBeyondTheEndOfALateJob) {
  const Host host(slow_host("running", "suspend = { ms = 4000 }\nflush = { ms = 3000 }\n",
                            suspend_meets("{ kind = \"delay\", delay_ms = 5000 }")));
  Listener listener(host.server);
  const Handle job(PrlVm_Suspend(host.vm));
  EXPECT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
  EXPECT_EQ(time_ms(), 12'000u);
  Percents percents;
  for (const Told& one : listener.up_to(job)) {
    if (one.is_progress()) percents.push_back(one.percent);
  }
  EXPECT_EQ(percents, (Percents{25, 50, 75}));
}

}  // namespace
}  // namespace prl::tests
