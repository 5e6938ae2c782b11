// How far a job is, as its session is told and as it can be asked for (core-api 3.3, 5.5).
#include "tests/sdk/progress.h"

namespace prl::tests {
namespace {

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

TEST(Progress, IsToldEverySecondUntilTheJobEnds) {
  const Host host(slow_host("running", "suspend = { ms = 3500 }\n"));
  ProgressListener listener(host.server);
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
    EXPECT_TRUE(!one.percent || one.job == job.get());
  }
}

TEST(Progress, LiesBetweenTheStatesOfTheVm) {
  const Host host(slow_host("running", "suspend = { ms = 2500 }\n"));
  ProgressListener listener(host.vm);
  const Handle job(PrlVm_Suspend(host.vm));
  EXPECT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
  std::string story;
  for (const Told& one : listener.up_to(job)) {
    if (one.is_end) story += "end ";
    if (one.percent) story += std::to_string(*one.percent) + " ";
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
    ProgressListener listener(host.server);
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
    ProgressListener listener(host.server);
    for (const auto command : {PrlVm_Start, PrlVm_Suspend, PrlVm_Resume}) {
      const Handle job(command(host.vm));
      EXPECT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
      for (const Told& one : listener.up_to(job)) EXPECT_FALSE(one.percent) << preset;
    }
  }
}

TEST(Progress, IsForTheSessionThatHasBegunTheJob) {
  const Host host(slow_host("running", "suspend = { ms = 2000 }\n"));
  const Handle other = new_server();
  EXPECT_EQ(finish(start_login(other)), PRL_ERR_SUCCESS);
  ProgressListener listener(other);
  EXPECT_EQ(finish(PrlVm_Suspend(host.vm)), PRL_ERR_SUCCESS);
  const Handle last(PrlSrv_GetVmList(other));
  EXPECT_EQ(PrlJob_Wait(last, UINT32_MAX), PRL_ERR_SUCCESS);
  for (const Told& one : listener.up_to(last)) EXPECT_FALSE(one.percent);
}

// vm-lifecycle 3.1 has the events of suspend and resume for profile D only.
TEST(Progress, OfASuspendIsNotToldByVirtuozzo) {
  const Host host("profile = \"virtuozzo\"\n" + slow_host("running", "suspend = { ms = 2000 }\n"));
  ProgressListener listener(host.server);
  const Handle job(PrlVm_Suspend(host.vm));
  EXPECT_EQ(PrlSim_AdvanceTime(1000), PRL_ERR_SUCCESS);
  EXPECT_EQ(progress_of(job), 50u);
  EXPECT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
  for (const Told& one : listener.up_to(job)) EXPECT_FALSE(one.percent);
}

TEST(Progress, EndsWithTheJob) {
  const Host host(slow_host("running", "suspend = { ms = 3000 }\n",
                            suspend_meets("{ kind = \"time_out\", at = \"start\" }")));
  ProgressListener listener(host.server);
  const Handle job(PrlVm_Suspend(host.vm));
  EXPECT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(job), PRL_ERR_TIMEOUT);
  EXPECT_EQ(PrlSim_AdvanceTime(10'000), PRL_ERR_SUCCESS);
  EXPECT_EQ(state_of(host.vm), VMS_SUSPENDED) << "unseen";
  const Handle last(PrlSrv_GetVmList(host.server));
  EXPECT_EQ(PrlJob_Wait(last, UINT32_MAX), PRL_ERR_SUCCESS);
  for (const Told& one : listener.up_to(last)) EXPECT_FALSE(one.percent);
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
  ProgressListener listener(host.server);
  const Handle job(PrlVm_Suspend(host.vm));
  EXPECT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
  EXPECT_EQ(time_ms(), 12'000u);
  Percents percents;
  for (const Told& one : listener.up_to(job)) {
    if (one.percent) percents.push_back(*one.percent);
  }
  EXPECT_EQ(percents, (Percents{25, 50, 75}));
}

}  // namespace
}  // namespace prl::tests
