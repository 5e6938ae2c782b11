// Rules that fail, hang or delay jobs, as a client meets them (faults/scenario.md).
#include "tests/sdk/fault_host.h"

namespace prl::tests {
namespace {

// One rule, and two VMs of which it may be about one.
std::string scenario(const std::string& match, const std::string& effect,
                     const std::string& trigger = "{}", const std::string& state = "stopped") {
  return host(state, "[[vm]]\nname = \"other\"\nram_mib = 4\n" + rule(match, effect, trigger));
}

struct TwoVms : Host {
  explicit TwoVms(const std::string& text) : Host(text), other(vm_by_name(server, "other")) {}
  const Handle other;
};

TEST(AHang, AtTheStartLeavesTheVmAsItWas) {
  const TwoVms host(scenario(kStart, "{ kind = \"hang\", at = \"start\" }"));
  const Handle job(PrlVm_Start(host.vm));
  EXPECT_EQ(PrlJob_Wait(job, 3'600'000), PRL_ERR_TIMEOUT);
  EXPECT_EQ(code_of(job), PRL_ERR_UNINITIALIZED);
  EXPECT_EQ(state_of(host.vm), VMS_STOPPED);
  EXPECT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_SUCCESS) << "the rule has fired";
  EXPECT_EQ(PrlJob_Wait(job, 1), PRL_ERR_TIMEOUT);
}

TEST(AHang, InTheMiddleLeavesTheVmBetweenTwoStates) {
  const TwoVms host(scenario(kStart, "{ kind = \"hang\" }"));
  const Handle job(PrlVm_Start(host.vm));
  EXPECT_EQ(PrlJob_Wait(job, 3'600'000), PRL_ERR_TIMEOUT);
  EXPECT_EQ(state_of(host.vm), VMS_STARTING);
  EXPECT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_DISP_VM_COMMAND_CANT_BE_EXECUTED);
  EXPECT_EQ(finish(PrlVm_Stop(host.vm, PRL_FALSE)), PRL_ERR_SUCCESS) << "a kill helps";
  EXPECT_EQ(state_of(host.vm), VMS_STOPPED);
}

TEST(AHang, AtTheEndLeavesTheEffectWithoutTheAnswer) {
  const TwoVms host(scenario(kStart, "{ kind = \"hang\", at = \"end\" }"));
  const Handle job(PrlVm_Start(host.vm));
  EXPECT_EQ(PrlJob_Wait(job, 3'600'000), PRL_ERR_TIMEOUT);
  EXPECT_EQ(state_of(host.vm), VMS_RUNNING);
}

// core-api 12, invariant 28
TEST(AHang, EndsWithTheSession) {
  const TwoVms host(scenario(kStart, "{ kind = \"hang\" }"));
  const Handle job(PrlVm_Start(host.vm));
  EXPECT_EQ(PrlJob_Wait(job, 1000), PRL_ERR_TIMEOUT);
  EXPECT_EQ(finish(PrlSrv_Logoff(host.server)), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlJob_Wait(job, 0), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(job), PRL_ERR_WS_DISP_CONNECTION_CLOSED);
}

TEST(AHang, OfALoginTimesOutInVirtualTime) {
  const Library library(
      scenario("{ call = \"PrlSrv_LoginLocal\" }", "{ kind = \"hang\", at = \"start\" }"));
  const Handle server = new_server();
  const Handle job(start_login(server));
  EXPECT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_TIMEOUT);
  EXPECT_EQ(finish(start_login(server)), PRL_ERR_SUCCESS);
}

// vm-lifecycle 8, invariant 5, for a failure that comes before anything has changed
TEST(AFailure, AtTheStartChangesNothing) {
  const TwoVms host(
      scenario(kStart, "{ kind = \"fail\", at = \"start\", code = \"PRL_ERR_ACCESS_DENIED\" }"));
  Recorder recorder(host.server);
  const auto seen = recorder.up_to_end_of(PrlVm_Start(host.vm));
  EXPECT_EQ(seen.size(), 1u) << "the job alone";
  EXPECT_EQ(seen.back().code, PRL_ERR_ACCESS_DENIED);
  EXPECT_EQ(state_of(host.vm), VMS_STOPPED);
}

TEST(AFailure, InTheMiddleOfASuspendRollsBackToRunning) {
  const TwoVms host(scenario("{ call = \"PrlVm_Suspend\" }",
                             "{ kind = \"fail\", code = \"PRL_ERR_NOT_ENOUGH_DISK_FREE_SPACE\" }",
                             "{}", "running"));
  const Handle& vm = host.vm;
  PRL_UINT64 bytes = 1;
  Recorder recorder(vm);
  const auto seen = recorder.up_to_end_of(PrlVm_Suspend(vm));
  EXPECT_EQ(seen.back().code, PRL_ERR_NOT_ENOUGH_DISK_FREE_SPACE);
  EXPECT_EQ(states_in(seen), (std::vector<PRL_INT32>{VMS_SUSPENDING, VMS_RUNNING}));
  EXPECT_EQ(state_of(vm), VMS_RUNNING);
  EXPECT_EQ(PrlSim_GetImageSize(vm, &bytes), PRL_ERR_SUCCESS);
  EXPECT_EQ(bytes, 0u);
  EXPECT_EQ(finish(PrlVm_Suspend(vm)), PRL_ERR_SUCCESS);
}

TEST(AFailure, InTheMiddleOfAResumeKeepsTheImage) {
  const TwoVms host(scenario("{ call = \"PrlVm_Resume\" }",
                             "{ kind = \"fail\", code = \"PRL_ERR_VM_RESUME_FAILED\" }", "{}",
                             "suspended"));
  EXPECT_EQ(finish(PrlVm_Resume(host.vm)), PRL_ERR_VM_RESUME_FAILED);
  EXPECT_EQ(state_of(host.vm), VMS_SUSPENDED);
  EXPECT_EQ(finish(PrlVm_Resume(host.vm)), PRL_ERR_SUCCESS);
}

TEST(AFailure, AtTheEndReportsAFailureOfWhatHasHappened) {
  const TwoVms host(scenario(kStart, "{ kind = \"fail\", at = \"end\", code = 0x80000015 }"));
  EXPECT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_TIMEOUT);
  EXPECT_EQ(state_of(host.vm), VMS_RUNNING);
}

// The host has noted the session, the client has not: no events may come of it.
TEST(AFailure, AtTheEndOfALoginLeavesTheClientUnconnected) {
  const Library library(scenario("{ call = \"PrlSrv_LoginLocal\" }",
                                 "{ kind = \"fail\", at = \"end\", code = \"PRL_ERR_TIMEOUT\" }"));
  const Handle server = new_server();
  const Handle other = new_server();
  Recorder recorder(server);
  EXPECT_EQ(finish(start_login(server)), PRL_ERR_TIMEOUT);
  EXPECT_EQ(finish(PrlSrv_GetVmList(server)), PRL_ERR_NOT_CONNECTED_TO_DISPATCHER);
  ASSERT_EQ(finish(start_login(other)), PRL_ERR_SUCCESS);
  new_vm(other, "unseen");
  for (const Seen& seen : recorder.up_to_end_of(start_login(server))) {
    EXPECT_EQ(seen.kind, PHT_JOB);
  }
}

TEST(ADelay, IsAddedInVirtualTime) {
  for (const char* at : {"start", "middle", "end"}) {
    const TwoVms host(scenario(
        kStart, std::string("{ kind = \"delay\", delay_ms = 50000, at = \"") + at + "\" }"));
    const PRL_UINT64 before_ms = time_ms();
    EXPECT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_SUCCESS) << at;
    EXPECT_GE(time_ms(), before_ms + 50'000) << at;
    EXPECT_LT(time_ms(), before_ms + 60'000) << at;
  }
}

TEST(ARule, CanLetJobsPassAndStrikeAFewAfterThem) {
  const TwoVms host(scenario("{ call = \"PrlVm_GetState\" }",
                             "{ kind = \"fail\", code = \"PRL_ERR_FAILURE\" }",
                             "{ skip = 2, count = 3 }"));
  for (int job = 0; job < 8; ++job) {
    EXPECT_EQ(finish(PrlVm_GetState(host.vm)),
              job >= 2 && job < 5 ? PRL_ERR_FAILURE : PRL_ERR_SUCCESS)
        << job;
  }
}

TEST(ARule, WithCountZeroStrikesForEver) {
  const TwoVms host(
      scenario(kStart, "{ kind = \"fail\", code = \"PRL_ERR_FAILURE\" }", "{ count = 0 }"));
  for (int job = 0; job < 5; ++job) EXPECT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_FAILURE);
}

TEST(ARule, ForOneVmLeavesOthersAlone) {
  const TwoVms host(scenario("{ call = \"PrlVm_Start\", vm = \"target\" }",
                             "{ kind = \"fail\", code = \"PRL_ERR_FAILURE\" }", "{ count = 0 }"));
  EXPECT_EQ(finish(PrlVm_Start(host.other)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_FAILURE);
}

// vm-lifecycle 2.2: Resume is nothing but Start, but a rule names the function that was called.
TEST(ARule, ForStartDoesNotStrikeResume) {
  const TwoVms host(
      scenario(kStart, "{ kind = \"fail\", code = \"PRL_ERR_FAILURE\" }", "{ count = 0 }"));
  EXPECT_EQ(finish(PrlVm_Resume(host.vm)), PRL_ERR_SUCCESS);
}

// core-api 12, invariant 21
TEST(AnInjectedFailure, HasAnErrorEvent) {
  const TwoVms host(scenario(kStart, "{ kind = \"fail\", code = \"PRL_ERR_ACCESS_DENIED\" }"));
  const Handle job(PrlVm_Start(host.vm));
  ASSERT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
  Handle error;
  PRL_RESULT code = PRL_ERR_SUCCESS;
  ASSERT_EQ(PrlJob_GetError(job, error.out()), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlEvent_GetErrCode(error, &code), PRL_ERR_SUCCESS);
  EXPECT_EQ(code, PRL_ERR_ACCESS_DENIED);
}

// What the trace says from here on.
std::string kept_trace() {
  PRL_UINT32 length = 0;
  EXPECT_EQ(PrlSim_GetTrace(nullptr, &length), PRL_ERR_SUCCESS);
  std::string text(length, '\0');
  EXPECT_EQ(PrlSim_GetTrace(text.data(), &length), PRL_ERR_SUCCESS);
  return text;
}

TEST(ATrace, NamesTheCodeOfAJobThatFailed) {
  PrlSim_KeepTrace(100);
  {
    const TwoVms host(scenario(kStart, "{ kind = \"fail\", code = \"PRL_ERR_ACCESS_DENIED\" }") +
                      "[[fault]]\nname = \"nameless\"\nmatch = { call = \"PrlVm_Reset\" }\n"
                      "effect = { kind = \"fail\", at = \"start\", code = 0x80100222 }\n");
    EXPECT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_ACCESS_DENIED);
    EXPECT_EQ(finish(PrlVm_Suspend(host.other)), PRL_ERR_DISP_VM_IS_NOT_STARTED);
    EXPECT_EQ(finish(PrlVm_Reset(host.other)), static_cast<PRL_RESULT>(0x80100222));
    EXPECT_EQ(finish(PrlVm_Start(host.other)), PRL_ERR_SUCCESS);
    const std::string trace = kept_trace();
    for (const char* end :
         {" PrlVm_Start vm=target -> Injected (PRL_ERR_ACCESS_DENIED)\n",
          " PrlVm_Suspend vm=other -> VmNotStarted (PRL_ERR_DISP_VM_IS_NOT_STARTED)\n",
          " PrlVm_Reset vm=other -> Injected (0x80100222)\n", " PrlVm_Start vm=other -> Ok\n"}) {
      EXPECT_NE(trace.find(end), std::string::npos) << end << trace;
    }
  }
  PrlSim_KeepTrace(0);
}

TEST(AMalformedScenario, RefusesInitWithThePlaceOfTheMistake) {
  for (const char* text :
       {"clock = ", "[[vm]]\nname = \"a\"\nram_mb = 4\n", "[[fault]]\nname = \"r\"\n",
        "[[fault]]\nname = \"r\"\nmatch = { call = \"PrlVm_Strat\" }\neffect = { kind = \"hang\" "
        "}\n",
        "[[fault]]\nname = \"r\"\neffect = { kind = \"fail\", code = \"PRL_ERR_SUCCESS\" }\n"}) {
    ASSERT_EQ(PrlSim_SetScenario(text), PRL_ERR_SUCCESS);
    testing::internal::CaptureStderr();
    EXPECT_EQ(PrlApi_Init(PARALLELS_API_VER), PRL_ERR_OPERATION_FAILED) << text;
    const std::string printed = testing::internal::GetCapturedStderr();
    EXPECT_EQ(printed.rfind("prlsim: scenario:", 0), 0u) << printed;
    EXPECT_EQ(printed.find('\n'), printed.size() - 1) << printed;
  }
  PrlSim_SetScenario(nullptr);
}

}  // namespace
}  // namespace prl::tests
