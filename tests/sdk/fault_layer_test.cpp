// Faults of other layers than jobs: calls, transitions and events.
#include "tests/sdk/fault_host.h"

namespace prl::tests {
namespace {

TEST(AStruckCall, FailsBeforeItDoesAnything) {
  const Host host(
      tests::host("stopped", rule("{ layer = \"call\", call = \"PrlVmCfg_SetRamSize\" }",
                                  "{ kind = \"fail\", code = \"PRL_ERR_ACCESS_DENIED\" }")));
  EXPECT_EQ(PrlVmCfg_SetRamSize(host.vm, 8), PRL_ERR_ACCESS_DENIED);
  PRL_UINT32 ram_mib = 0;
  EXPECT_EQ(PrlVmCfg_GetRamSize(host.vm, &ram_mib), PRL_ERR_SUCCESS);
  EXPECT_EQ(ram_mib, 4u);
  EXPECT_EQ(PrlVmCfg_SetRamSize(host.vm, 8), PRL_ERR_SUCCESS);
}

TEST(AStruckCall, OfAnAsynchronousFunctionIsAFinishedJob) {
  const Host host(
      tests::host("stopped", rule("{ layer = \"call\", call = \"PrlVm_Start\" }",
                                  "{ kind = \"fail\", code = \"PRL_ERR_ACCESS_DENIED\" }")));
  EXPECT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_ACCESS_DENIED);
  EXPECT_EQ(state_of(host.vm), VMS_STOPPED);
}

// core-api 2.5: the one case in which an asynchronous function returns no job.
TEST(AStruckCall, WithoutMemoryHasNoJob) {
  const Host host(tests::host(
      "stopped", rule("{ layer = \"call\", call = \"PrlVm_Start\" }", "{ kind = \"no_memory\" }")));
  EXPECT_EQ(PrlVm_Start(host.vm), kNoHandle);
  EXPECT_EQ(state_of(host.vm), VMS_STOPPED);
}

TEST(AStruckCall, CanTakeTime) {
  const Host host(
      tests::host("stopped", rule("{ layer = \"call\", call = \"PrlVmCfg_GetRamSize\" }",
                                  "{ kind = \"delay\", delay_ms = 700 }")));
  const PRL_UINT64 before_ms = time_ms();
  PRL_UINT32 ram_mib = 0;
  EXPECT_EQ(PrlVmCfg_GetRamSize(host.vm, &ram_mib), PRL_ERR_SUCCESS);
  EXPECT_EQ(ram_mib, 4u);
  EXPECT_EQ(time_ms(), before_ms + 700);
}

// No rule for the job reaches its second phase.
TEST(AStruckTransition, CanFailTheFlushOfASuspend) {
  const Host host(
      tests::host("running", rule("{ layer = \"transition\", to = \"SUSPENDING_SYNC\" }",
                                  "{ kind = \"fail\", code = \"PRL_ERR_FAILURE\" }")));
  Recorder recorder(host.vm);
  const auto seen = recorder.up_to_end_of(PrlVm_Suspend(host.vm));
  EXPECT_EQ(seen.back().code, PRL_ERR_FAILURE);
  EXPECT_EQ(states_in(seen),
            (std::vector<PRL_INT32>{VMS_SUSPENDING, VMS_SUSPENDING_SYNC, VMS_RUNNING}));
}

TEST(AStruckTransition, CanHangOrTakeLonger) {
  const Host hung(tests::host(
      "stopped", rule("{ layer = \"transition\", to = \"STARTING\" }", "{ kind = \"hang\" }")));
  const Handle job(PrlVm_Start(hung.vm));
  EXPECT_EQ(PrlJob_Wait(job, 1'000'000), PRL_ERR_TIMEOUT);
  EXPECT_EQ(state_of(hung.vm), VMS_STARTING);
}

TEST(AStruckTransition, CanTakeLonger) {
  const Host late(tests::host("stopped", rule("{ layer = \"transition\", to = \"STARTING\", "
                                              "from = \"STOPPED\" }",
                                              "{ kind = \"delay\", delay_ms = 40000 }")));
  const PRL_UINT64 before_ms = time_ms();
  EXPECT_EQ(finish(PrlVm_Start(late.vm)), PRL_ERR_SUCCESS);
  EXPECT_GE(time_ms(), before_ms + 40'000);
}

std::string event_rule(const std::string& effect, const std::string& trigger = "{}") {
  return rule("{ layer = \"event\", event = \"PET_DSP_EVT_VM_STATE_CHANGED\" }", effect, trigger);
}

std::vector<PRL_INT32> states_of_a_start(const std::string& scenario) {
  const Host host(scenario);
  Recorder recorder(host.vm);
  EXPECT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_SUCCESS);
  let_time_pass();
  return states_in(recorder.up_to_end_of(PrlVm_GetState(host.vm)));
}

TEST(AnEvent, CanBeLostOrComeTwiceOrLateOrBehindTheNext) {
  using States = std::vector<PRL_INT32>;
  EXPECT_EQ(states_of_a_start(host("stopped", event_rule("{ kind = \"lose\" }"))),
            States{VMS_RUNNING});
  EXPECT_EQ(states_of_a_start(host("stopped", event_rule("{ kind = \"duplicate\" }"))),
            (States{VMS_STARTING, VMS_STARTING, VMS_RUNNING}));
  EXPECT_EQ(states_of_a_start(host("stopped", event_rule("{ kind = \"reorder\" }"))),
            (States{VMS_RUNNING, VMS_STARTING}));
  EXPECT_EQ(states_of_a_start(host("stopped", event_rule("{ kind = \"delay\", delay_ms = 5000 }"))),
            (States{VMS_RUNNING, VMS_STARTING}));
}

}  // namespace
}  // namespace prl::tests
