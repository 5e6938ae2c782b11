// What every kind of fault does to a client (faults/scenario.md), but failing, hanging and delaying
// a job, which fault_test.cpp has.
#include <algorithm>

#include "tests/sdk/session.h"

namespace prl::tests {
namespace {

std::string rule(const std::string& match, const std::string& effect,
                 const std::string& trigger = "{}") {
  return "[[fault]]\nname = \"rule\"\nmatch = " + match + "\ntrigger = " + trigger +
         "\neffect = " + effect + "\n";
}

std::string host(const std::string& state, const std::string& rules,
                 const std::string& top = "clock = \"virtual\"\n") {
  return top + "[[vm]]\nname = \"target\"\nram_mib = 4\nstate = \"" + state + "\"\n" + rules;
}

struct Host : Session {
  explicit Host(const std::string& text) : Session(text), vm(vm_by_name(server, "target")) {}
  const Handle vm;
};

constexpr const char* kStart = "{ call = \"PrlVm_Start\" }";
constexpr const char* kSuspend = "{ call = \"PrlVm_Suspend\" }";
constexpr const char* kResume = "{ call = \"PrlVm_Resume\" }";

// Lets everything happen that is still to come, without asking the host anything.
void let_time_pass(PRL_UINT64 ms = 10'000) {
  ASSERT_EQ(PrlSim_AdvanceTime(ms), PRL_ERR_SUCCESS);
}

PRL_RESULT ping(PRL_HANDLE server) {
  return finish(PrlSrv_GetVmList(server));
}

// ---- Jobs ------------------------------------------------------------------------------------

// "It timed out, but it happened."
TEST(ATimeOut, ReportsAFailureWhileTheOperationSucceedsLater) {
  for (const char* at : {"start", "middle", "end"}) {
    const Host host(tests::host("running", rule(kSuspend, std::string("{ kind = \"time_out\", "
                                                                      "at = \"") +
                                                              at + "\" }")));
    EXPECT_EQ(finish(PrlVm_Suspend(host.vm)), PRL_ERR_TIMEOUT) << at;
    let_time_pass();
    EXPECT_EQ(state_of(host.vm), VMS_SUSPENDED) << at;
  }
}

TEST(ATimeOut, LeavesNothingThatCouldBeCancelled) {
  const Host host(
      tests::host("running", rule(kSuspend, "{ kind = \"time_out\", at = \"start\" }")));
  const Handle job(PrlVm_Suspend(host.vm));
  EXPECT_EQ(PrlJob_Wait(job, 10), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlJob_Cancel(job)), PRL_ERR_TASK_NOT_FOUND);
  let_time_pass();
  EXPECT_EQ(state_of(host.vm), VMS_SUSPENDED);
}

TEST(ATimeOut, CanLeaveTheOperationForMuchLater) {
  const Host host(
      tests::host("running", rule(kSuspend,
                                  "{ kind = \"time_out\", code = \"PRL_ERR_OPERATION_FAILED\", "
                                  "delay_ms = 60000 }")));
  EXPECT_EQ(finish(PrlVm_Suspend(host.vm)), PRL_ERR_OPERATION_FAILED);
  EXPECT_EQ(state_of(host.vm), VMS_SUSPENDING);
  let_time_pass(50'000);
  EXPECT_EQ(state_of(host.vm), VMS_SUSPENDING);
  let_time_pass(20'000);
  EXPECT_EQ(state_of(host.vm), VMS_SUSPENDED);
}

// The snapshots whose reports have more to say than their code.
TEST(ATimeOut, AtTheStartLetsSnapshotsHappenToo) {
  const Host host(tests::host(
      "running",
      rule("{ call = \"PrlVm_CreateSnapshot\" }", "{ kind = \"time_out\", at = \"start\" }") +
          "[[fault]]\nname = \"second\"\nmatch = { call = \"PrlVm_SwitchToSnapshot\" }\n"
          "effect = { kind = \"time_out\", at = \"start\" }\n"));
  EXPECT_EQ(finish(PrlVm_CreateSnapshot(host.vm, "one", "")), PRL_ERR_TIMEOUT);
  let_time_pass();
  std::string tree = text_result_of(PrlVm_GetSnapshotsTree(host.vm));
  const size_t begin = tree.find('{', tree.find("guid="));
  ASSERT_NE(begin, std::string::npos) << tree;
  const std::string uuid = tree.substr(begin, tree.find('}', begin) - begin + 1);
  ASSERT_EQ(finish(PrlVm_StopEx(host.vm, PSM_KILL, 0)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_SwitchToSnapshot(host.vm, uuid.c_str())), PRL_ERR_TIMEOUT);
  let_time_pass(60'000);
  EXPECT_EQ(state_of(host.vm), VMS_RUNNING);
}

TEST(ALostReport, LeavesTheEffectWithoutTheAnswer) {
  const Host host(tests::host("stopped", rule(kStart, "{ kind = \"lose\" }")));
  const Handle job(PrlVm_Start(host.vm));
  EXPECT_EQ(PrlJob_Wait(job, 3'600'000), PRL_ERR_TIMEOUT);
  EXPECT_EQ(state_of(host.vm), VMS_RUNNING);
}

TEST(ADuplicateReport, IsToldToHandlersTwice) {
  const Host host(tests::host("stopped", rule(kStart, "{ kind = \"duplicate\" }")));
  Recorder recorder(host.server);
  const Handle job(PrlVm_Start(host.vm));
  EXPECT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
  const auto seen = recorder.up_to_end_of(PrlVm_GetState(host.vm));
  EXPECT_EQ(std::ranges::count(seen, job.get(), &Seen::handle), 2);
}

TEST(AReorderedReport, ComesBehindTheNextNotification) {
  const Host host(
      tests::host("stopped", rule("{ call = \"PrlVm_GetState\" }", "{ kind = \"reorder\" }")));
  Recorder recorder(host.server);
  const Handle first(PrlVm_GetState(host.vm));
  EXPECT_EQ(PrlJob_Wait(first, UINT32_MAX), PRL_ERR_SUCCESS);
  const Handle second(PrlVm_GetState(host.vm));
  EXPECT_EQ(PrlJob_Wait(second, UINT32_MAX), PRL_ERR_SUCCESS);
  const auto seen = recorder.up_to(first);
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_EQ(seen[0].handle, second.get());
  EXPECT_EQ(seen[1].handle, first.get());
}

TEST(AReorderedReport, ComesLateWhereNothingFollows) {
  const Host host(
      tests::host("stopped", rule("{ call = \"PrlVm_GetState\" }", "{ kind = \"reorder\" }")));
  Recorder recorder(host.server);
  const Handle job(PrlVm_GetState(host.vm));
  EXPECT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
  let_time_pass(1000);
  EXPECT_EQ(recorder.up_to(job).size(), 1u);
}

// core-api 3.6
TEST(ADisconnection, EndsTheJobsAndTheSession) {
  const Host host(tests::host("running", rule(kSuspend, "{ kind = \"disconnect\" }")));
  Recorder recorder(host.server);
  const Handle job(PrlVm_Suspend(host.vm));
  EXPECT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(job), PRL_ERR_WS_DISP_CONNECTION_CLOSED);
  const auto seen = recorder.up_to(job);
  EXPECT_TRUE(std::ranges::any_of(seen, [](const Seen& one) {
    return one.kind == PHT_EVENT && one.event == PET_DSP_EVT_DISP_CONNECTION_CLOSED;
  }));
  EXPECT_EQ(ping(host.server), PRL_ERR_NOT_CONNECTED_TO_DISPATCHER);
  let_time_pass();
  ASSERT_EQ(finish(start_login(host.server)), PRL_ERR_SUCCESS) << "it can connect again";
  EXPECT_EQ(state_of(host.vm), VMS_SUSPENDED) << "what the server was asked for goes on";
}

TEST(ADisconnection, AtTheStartLosesTheRequest) {
  const Host host(
      tests::host("running", rule(kSuspend, "{ kind = \"disconnect\", at = \"start\" }")));
  EXPECT_EQ(finish(PrlVm_Suspend(host.vm)), PRL_ERR_WS_DISP_CONNECTION_CLOSED);
  let_time_pass();
  ASSERT_EQ(finish(start_login(host.server)), PRL_ERR_SUCCESS);
  EXPECT_EQ(state_of(host.vm), VMS_RUNNING);
}

TEST(ADisconnection, LeavesOtherSessionsAlone) {
  const Library library(tests::host("running", rule(kSuspend, "{ kind = \"disconnect\" }")));
  const Handle first = new_server();
  const Handle second = new_server();
  ASSERT_EQ(finish(start_login(first)), PRL_ERR_SUCCESS);
  ASSERT_EQ(finish(start_login(second)), PRL_ERR_SUCCESS);
  const Handle vm = vm_by_name(second, "target");
  EXPECT_EQ(finish(PrlVm_Suspend(vm)), PRL_ERR_WS_DISP_CONNECTION_CLOSED);
  EXPECT_EQ(ping(first), PRL_ERR_SUCCESS);
}

TEST(ARefusedLogin, IsAFailureOfTheLogin) {
  const Library library(
      tests::host("stopped", rule("{ call = \"PrlSrv_Login*\" }",
                                  "{ kind = \"fail\", code = \"PRL_ERR_ACCESS_DENIED\" }")));
  const Handle server = new_server();
  EXPECT_EQ(finish(start_login(server)), PRL_ERR_ACCESS_DENIED);
  EXPECT_EQ(finish(start_login(server)), PRL_ERR_SUCCESS);
}

TEST(ARestartOfTheService, EndsAllSessionsAndRefusesLoginsForAWhile) {
  const Host host(
      tests::host("running", rule(kSuspend, "{ kind = \"restart_service\", delay_ms = 5000 }")));
  EXPECT_EQ(finish(PrlVm_Suspend(host.vm)), PRL_ERR_WS_DISP_CONNECTION_CLOSED);
  EXPECT_EQ(finish(start_login(host.server)), PRL_ERR_CANT_CONNECT_TO_DISPATCHER);
  let_time_pass(5000);
  ASSERT_EQ(finish(start_login(host.server)), PRL_ERR_SUCCESS);
  EXPECT_EQ(state_of(host.vm), VMS_SUSPENDED) << "VMs live on without the service";
}

TEST(APowerCut, StopsVmsThatLive) {
  const Host host(tests::host(
      "running", rule("{ call = \"PrlVm_Pause\" }", "{ kind = \"power_cut\", delay_ms = 1000 }")));
  EXPECT_EQ(finish(PrlVm_Pause(host.vm, PRL_FALSE)), PRL_ERR_WS_DISP_CONNECTION_CLOSED);
  let_time_pass();
  ASSERT_EQ(finish(start_login(host.server)), PRL_ERR_SUCCESS);
  EXPECT_EQ(state_of(host.vm), VMS_STOPPED);
}

// vm-lifecycle 2.5
TEST(ADeathOfTheProcess, EndsTheVmAndTheJob) {
  const Host host(tests::host("running", rule(kSuspend, "{ kind = \"kill_vm\" }")));
  Recorder recorder(host.vm);
  const auto seen = recorder.up_to_end_of(PrlVm_Suspend(host.vm));
  EXPECT_EQ(seen.back().code, PRL_ERR_VM_ABORT);
  EXPECT_EQ(states_in(seen), (std::vector<PRL_INT32>{VMS_SUSPENDING, VMS_STOPPING, VMS_STOPPED}));
  EXPECT_TRUE(std::ranges::any_of(seen, [](const Seen& one) {
    return one.kind == PHT_EVENT && one.event == PET_DSP_EVT_VM_ABORTED;
  }));
  EXPECT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_SUCCESS);
}

TEST(APanic, EndsAVmOfDesktop) {
  const Host host(
      tests::host("stopped", rule("{ layer = \"transition\", to = \"RUNNING\", vm = \"tar*\" }",
                                  "{ kind = \"guest_panic\", delay_ms = 5000 }")));
  EXPECT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(state_of(host.vm), VMS_RUNNING);
  let_time_pass();
  EXPECT_EQ(state_of(host.vm), VMS_STOPPED);
}

// vm-lifecycle 4.6: paused, and by default reset.
TEST(APanic, RestartsAVmOfVirtuozzo) {
  const Host host(tests::host("stopped",
                              rule("{ layer = \"transition\", to = \"RUNNING\" }",
                                   "{ kind = \"guest_panic\", delay_ms = 5000 }"),
                              "clock = \"virtual\"\nprofile = \"virtuozzo\"\n"));
  EXPECT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_SUCCESS);
  let_time_pass();
  EXPECT_EQ(state_of(host.vm), VMS_RUNNING);
  PRL_UINT64 boots = 0;
  EXPECT_EQ(PrlSim_GetBootCount(host.vm, &boots), PRL_ERR_SUCCESS);
  EXPECT_EQ(boots, 2u);
}

// ---- What happens by itself (vm-lifecycle 2.5) -----------------------------------------------

PRL_RESULT strike(const char* kind, const char* vm = "target") {
  return PrlSim_Strike(kind, vm, 0);
}

// What a strike lets the handler of a server hear of the VM: states by number, others by type.
std::vector<PRL_INT32> heard_of(const Host& host, const char* kind, const char* vm = "target") {
  Recorder recorder(host.vm);
  EXPECT_EQ(strike(kind, vm), PRL_ERR_SUCCESS) << kind;
  let_time_pass();
  std::vector<PRL_INT32> heard;
  for (const Seen& one : recorder.up_to_end_of(PrlVm_GetState(host.vm))) {
    if (one.kind != PHT_EVENT) continue;
    heard.push_back(one.is_state_change() ? one.state : static_cast<PRL_INT32>(one.event));
  }
  return heard;
}

using Heard = std::vector<PRL_INT32>;

TEST(AGuest, CanPowerItselfOff) {
  const Host host(tests::host("running", ""));
  EXPECT_EQ(heard_of(host, "guest_power_off"), (Heard{VMS_STOPPING, VMS_STOPPED}));
  EXPECT_EQ(heard_of(host, "guest_power_off"), Heard()) << "no guest runs";
}

// vm-lifecycle 2.5
TEST(AVmThatGoesDownByItself, IsStoppedThoughAFaultLetsThatFail) {
  for (const char* cause : {"guest_power_off", "guest_hibernate", "kill_vm"}) {
    const Host host(tests::host("running", rule("{ layer = \"transition\", to = \"STOPPING\" }",
                                                "{ kind = \"fail\", code = "
                                                "\"PRL_ERR_OPERATION_FAILED\" }")));
    const Heard heard = heard_of(host, cause);
    ASSERT_FALSE(heard.empty()) << cause;
    EXPECT_EQ(heard.back(), VMS_STOPPED) << cause;
    EXPECT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_SUCCESS) << cause;
  }
}

TEST(AGuest, CanBootAnewInAVmThatStaysRunning) {
  const Host host(tests::host("running", ""));
  PRL_UINT64 before = 0;
  PRL_UINT64 after = 0;
  EXPECT_EQ(PrlSim_GetBootCount(host.vm, &before), PRL_ERR_SUCCESS);
  EXPECT_EQ(heard_of(host, "guest_reboot"), Heard());
  EXPECT_EQ(PrlSim_GetBootCount(host.vm, &after), PRL_ERR_SUCCESS);
  EXPECT_EQ(after, before + 1);
  EXPECT_EQ(state_of(host.vm), VMS_RUNNING);
}

constexpr const char* kVirtuozzo = "clock = \"virtual\"\nprofile = \"virtuozzo\"\n";

PRL_UINT64 memory_of(PRL_HANDLE vm) {
  PRL_UINT64 word = 0;
  EXPECT_EQ(PrlSim_ReadGuestMemory(vm, 4096, &word, sizeof(word)), PRL_ERR_SUCCESS);
  return word;
}

void remember(PRL_HANDLE vm, PRL_UINT64 word) {
  EXPECT_EQ(PrlSim_WriteGuestMemory(vm, 4096, &word, sizeof(word)), PRL_ERR_SUCCESS);
}

TEST(AGuest, SleepsUntilItWakesUpByItself) {
  for (const char* top : {"clock = \"virtual\"\n", kVirtuozzo}) {
    const Host host(tests::host("running", "", top));
    remember(host.vm, 42);
    EXPECT_EQ(heard_of(host, "guest_wake"), Heard()) << "it is awake";
    EXPECT_EQ(heard_of(host, "guest_sleep"), Heard{VMS_PAUSED}) << top;
    EXPECT_EQ(heard_of(host, "guest_sleep"), Heard()) << "it is asleep";
    EXPECT_EQ(memory_of(host.vm), 42u);
    EXPECT_EQ(heard_of(host, "guest_wake"), Heard{VMS_RUNNING}) << top;
    EXPECT_EQ(memory_of(host.vm), 42u);
  }
}

TEST(AGuestThatSleeps, IsWokenByAStartAsByAResume) {
  for (const auto wake : {PrlVm_Start, PrlVm_Resume}) {
    const Host host(tests::host("running", ""));
    EXPECT_EQ(heard_of(host, "guest_sleep"), Heard{VMS_PAUSED});
    Recorder recorder(host.vm);
    EXPECT_EQ(states_in(recorder.up_to_end_of(wake(host.vm))),
              (Heard{VMS_CONTINUING, VMS_RUNNING}));
  }
}

TEST(AGuestThatSleeps, IsWokenByNothingElse) {
  const Host host(tests::host("running", ""));
  EXPECT_EQ(heard_of(host, "guest_sleep"), Heard{VMS_PAUSED});
  EXPECT_EQ(heard_of(host, "unfreeze"), Heard());
  EXPECT_EQ(heard_of(host, "host_wake", nullptr), Heard());
  EXPECT_EQ(heard_of(host, "guest_hibernate"), Heard()) << "no guest runs";
  EXPECT_EQ(state_of(host.vm), VMS_PAUSED);
}

TEST(AGuestThatSleeps, DoesNotWakeUpWhatAClientHasPaused) {
  const Host host(tests::host("running", ""));
  EXPECT_EQ(heard_of(host, "guest_sleep"), Heard{VMS_PAUSED});
  EXPECT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_Pause(host.vm, PRL_FALSE)), PRL_ERR_SUCCESS);
  EXPECT_EQ(heard_of(host, "guest_wake"), Heard());
  EXPECT_EQ(state_of(host.vm), VMS_PAUSED);
}

// In desktop its memory is on its own disk, which the host knows nothing of.
TEST(AGuest, HibernatesIntoAVmThatIsStopped) {
  const Host host(tests::host("running", ""));
  EXPECT_EQ(heard_of(host, "guest_hibernate"), (Heard{VMS_STOPPING, VMS_STOPPED}));
  EXPECT_EQ(heard_of(host, "guest_hibernate"), Heard()) << "no guest runs";
}

TEST(AGuestOfVirtuozzo, HibernatesIntoAVmThatIsSuspendedWithItsMemory) {
  const Host host(tests::host("running", "", kVirtuozzo));
  remember(host.vm, 42);
  EXPECT_EQ(heard_of(host, "guest_hibernate"), Heard{VMS_SUSPENDED});
  EXPECT_EQ(heard_of(host, "guest_wake"), Heard()) << "there is no process to wake up";
  EXPECT_EQ(finish(PrlVm_Resume(host.vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(state_of(host.vm), VMS_RUNNING);
  EXPECT_EQ(memory_of(host.vm), 42u);
}

TEST(AGuestOfVirtuozzo, RunsOnWhereItCannotHibernate) {
  const Host host(tests::host("running",
                              rule("{ layer = \"transition\", to = \"SUSPENDING\" }",
                                   "{ kind = \"fail\", code = \"PRL_ERR_FAILURE\" }"),
                              kVirtuozzo));
  EXPECT_EQ(heard_of(host, "guest_hibernate"), Heard());
  EXPECT_EQ(state_of(host.vm), VMS_RUNNING);
  EXPECT_EQ(finish(PrlVm_Suspend(host.vm)), PRL_ERR_SUCCESS) << "the failure was nobody's";
}

TEST(AGuest, FallsAsleepByARuleOfTheScenario) {
  const Host host(
      tests::host("stopped", rule("{ layer = \"transition\", to = \"RUNNING\", vm = \"tar*\" }",
                                  "{ kind = \"guest_sleep\", delay_ms = 5000 }")));
  EXPECT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(state_of(host.vm), VMS_RUNNING);
  let_time_pass();
  EXPECT_EQ(state_of(host.vm), VMS_PAUSED);
}

// vm-lifecycle 4.1: for 120 s.
PRL_RESULT stop_of_a_stubborn_guest(PRL_HANDLE vm, PRL_UINT32 flags) {
  EXPECT_EQ(PrlSim_SetGuestIgnoresShutdown(vm, PRL_TRUE), PRL_ERR_SUCCESS);
  const PRL_UINT64 before_ms = time_ms();
  const PRL_RESULT code = finish(PrlVm_StopEx(vm, PSM_SHUTDOWN, flags));
  EXPECT_GE(time_ms(), before_ms + 120'000);
  EXPECT_LT(time_ms(), before_ms + 121'000);
  return code;
}

TEST(AStubbornGuest, IsKilledInTheEnd) {
  const Host host(tests::host("running", ""));
  EXPECT_EQ(stop_of_a_stubborn_guest(host.vm, 0), PRL_ERR_SUCCESS);
  EXPECT_EQ(state_of(host.vm), VMS_STOPPED);
}

TEST(AStubbornGuest, RunsOnWhereTheClientHasAskedForThat) {
  const Host host(tests::host("running", ""));
  EXPECT_EQ(stop_of_a_stubborn_guest(host.vm, PSF_NOFORCE), PRL_ERR_TIMEOUT);
  EXPECT_EQ(state_of(host.vm), VMS_RUNNING);
  EXPECT_EQ(PrlSim_SetGuestIgnoresShutdown(host.vm, PRL_FALSE), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_StopEx(host.vm, PSM_SHUTDOWN, PSF_NOFORCE)), PRL_ERR_SUCCESS);
}

TEST(AStubbornGuest, IsKilledByAHostOfVirtuozzoWhateverTheFlags) {
  const Host host(tests::host("running", "", "clock = \"virtual\"\nprofile = \"virtuozzo\"\n"));
  EXPECT_EQ(stop_of_a_stubborn_guest(host.vm, PSF_NOFORCE), PRL_ERR_SUCCESS);
  EXPECT_EQ(state_of(host.vm), VMS_STOPPED);
}

TEST(ADisk, FreezesAVmUntilItServesAgain) {
  const Host host(tests::host("running", ""));
  EXPECT_EQ(heard_of(host, "freeze"), (Heard{PET_DSP_EVT_VM_FROZEN, VMS_PAUSED}));
  EXPECT_EQ(heard_of(host, "freeze"), Heard());
  EXPECT_EQ(heard_of(host, "host_wake", nullptr), Heard()) << "that was not the host";
  EXPECT_EQ(heard_of(host, "unfreeze"), (Heard{PET_DSP_EVT_VM_UNFROZEN, VMS_RUNNING}));
  EXPECT_EQ(heard_of(host, "unfreeze"), Heard());
}

TEST(ADisk, DoesNotThawWhatAClientHasPaused) {
  const Host host(tests::host("running", ""));
  EXPECT_EQ(strike("freeze"), PRL_ERR_SUCCESS);
  let_time_pass();
  EXPECT_EQ(finish(PrlVm_Resume(host.vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_Pause(host.vm, PRL_FALSE)), PRL_ERR_SUCCESS);
  EXPECT_EQ(heard_of(host, "unfreeze"), Heard());
  EXPECT_EQ(state_of(host.vm), VMS_PAUSED);
}

TEST(AHost, SleepsWithItsRunningVms) {
  const Host host(tests::host("running", "[[vm]]\nname = \"off\"\nram_mib = 4\n"));
  EXPECT_EQ(heard_of(host, "host_sleep", nullptr),
            (Heard{PET_DSP_EVT_VM_PAUSED_BY_HOST_SLEEP, VMS_PAUSED}));
  EXPECT_EQ(heard_of(host, "unfreeze"), Heard());
  EXPECT_EQ(heard_of(host, "host_wake", nullptr),
            (Heard{PET_DSP_EVT_VM_CONTINUED_BY_HOST_WAKEUP, VMS_RUNNING}));
}

TEST(AHostOfVirtuozzo, TellsOfFrozenVmsByTheirStatesAndKnowsNoSleep) {
  const Host host(tests::host("running", "", "clock = \"virtual\"\nprofile = \"virtuozzo\"\n"));
  EXPECT_EQ(heard_of(host, "freeze"), Heard{VMS_PAUSED});
  EXPECT_EQ(heard_of(host, "unfreeze"), Heard{VMS_RUNNING});
  EXPECT_EQ(heard_of(host, "host_sleep", nullptr), Heard());
  EXPECT_EQ(heard_of(host, "guest_power_off"), Heard{VMS_STOPPED});
}

TEST(AStrike, IsRefusedWhereItMeansNothing) {
  const Host host(tests::host("running", ""));
  EXPECT_EQ(strike("fail"), PRL_ERR_INVALID_ARG);
  EXPECT_EQ(strike(""), PRL_ERR_INVALID_ARG);
  EXPECT_EQ(strike(nullptr), PRL_ERR_INVALID_ARG);
  EXPECT_EQ(strike("freeze", nullptr), PRL_ERR_INVALID_ARG);
  EXPECT_EQ(strike("host_sleep", "target"), PRL_ERR_INVALID_ARG);
  EXPECT_EQ(strike("freeze", "nobody"), PRL_ERR_VM_UUID_NOT_FOUND);
  EXPECT_EQ(strike("freeze", ""), PRL_ERR_VM_UUID_NOT_FOUND);
}

TEST(AStrike, CanEndSessionsAndTheService) {
  const Host host(tests::host("running", ""));
  EXPECT_EQ(PrlSim_Strike("restart_service", nullptr, 3000), PRL_ERR_SUCCESS);
  EXPECT_EQ(ping(host.server), PRL_ERR_NOT_CONNECTED_TO_DISPATCHER);
  EXPECT_NE(finish(PrlSrv_LoginLocal(host.server, "", 0, PSL_HIGH_SECURITY)), PRL_ERR_SUCCESS);
  let_time_pass(3000);
  EXPECT_EQ(finish(PrlSrv_LoginLocal(host.server, "", 0, PSL_HIGH_SECURITY)), PRL_ERR_SUCCESS);
  EXPECT_EQ(state_of(host.vm), VMS_RUNNING) << "VMs live on";
}

// ---- Rules at run time -----------------------------------------------------------------------

TEST(Rules, CanBeAddedAndForgottenAtRunTime) {
  const Host host(tests::host("running", ""));
  const std::string added =
      rule(kSuspend, "{ kind = \"fail\", code = \"PRL_ERR_FAILURE\" }", "{ count = 0 }");
  EXPECT_EQ(PrlSim_AddFaults(added.c_str()), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_Suspend(host.vm)), PRL_ERR_FAILURE);
  EXPECT_EQ(finish(PrlVm_Suspend(host.vm)), PRL_ERR_FAILURE);
  PRL_UINT64 seen = 0;
  PRL_UINT64 struck = 0;
  EXPECT_EQ(PrlSim_GetFaultCounts("rule", &seen, &struck), PRL_ERR_SUCCESS);
  EXPECT_EQ(struck, 2u);
  EXPECT_EQ(PrlSim_AddFaults(added.c_str()), PRL_ERR_OPERATION_FAILED) << "the name is taken";
  EXPECT_EQ(PrlSim_ClearFaults(), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlSim_GetFaultCounts("rule", &seen, &struck), PRL_ERR_NO_DATA);
  EXPECT_EQ(finish(PrlVm_Suspend(host.vm)), PRL_ERR_SUCCESS);
}

TEST(Rules, OfCallsAndEventsCanBeAddedAtRunTime) {
  const Host host(tests::host("running", ""));
  const std::string call = rule("{ layer = \"call\", call = \"PrlSrv_Create\" }",
                                "{ kind = \"fail\", code = \"PRL_ERR_FAILURE\" }");
  EXPECT_EQ(PrlSim_AddFaults(call.c_str()), PRL_ERR_SUCCESS);
  PRL_HANDLE other = PRL_INVALID_HANDLE;
  EXPECT_EQ(PrlSrv_Create(&other), PRL_ERR_FAILURE);
  EXPECT_EQ(PrlSim_ClearFaults(), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlSrv_Create(&other), PRL_ERR_SUCCESS);
  PrlHandle_Free(other);
  const std::string event = rule("{ layer = \"event\" }", "{ kind = \"lose\" }", "{ count = 0 }");
  EXPECT_EQ(PrlSim_AddFaults(event.c_str()), PRL_ERR_SUCCESS);
  EXPECT_EQ(heard_of(host, "guest_power_off"), Heard());
}

TEST(Rules, AreRefusedAtRunTimeWhereTheyAreMistaken) {
  const Host host(tests::host("running", ""));
  EXPECT_EQ(PrlSim_AddFaults(nullptr), PRL_ERR_INVALID_ARG);
  EXPECT_EQ(PrlSim_AddFaults("[[fault]]\nname = \"x\"\n"), PRL_ERR_OPERATION_FAILED);
  EXPECT_EQ(PrlSim_AddFaults("seed = 1\n"), PRL_ERR_OPERATION_FAILED);
  const std::string storage = rule("{ layer = \"storage\" }", "{ kind = \"io_error\" }");
  EXPECT_EQ(PrlSim_AddFaults(storage.c_str()), PRL_ERR_OPERATION_FAILED);
}

TEST(AQuestion, WaitsForAnAnswer) {
  const Host host(
      tests::host("stopped", rule(kStart,
                                  "{ kind = \"ask\", at = \"end\", code = "
                                  "\"PET_QUESTION_SUSPEND_STATE_INCOMPATIBLE_CPU\", choices = "
                                  "[\"PET_ANSWER_YES\", \"PET_ANSWER_NO\"] }")));
  EXPECT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_SUCCESS);
  Handle questions;
  ASSERT_EQ(PrlVm_GetQuestions(host.vm, questions.out()), PRL_ERR_SUCCESS);
  PRL_UINT32 count = 0;
  EXPECT_EQ(PrlHndlList_GetItemsCount(questions, &count), PRL_ERR_SUCCESS);
  EXPECT_EQ(count, 1u);
}

TEST(AnImageOfAnother, IsNotResumedAndStays) {
  const std::vector<std::pair<const char*, PRL_RESULT>> kinds = {
      {"newer_image", PRL_ERR_CORE_STATE_INV_SAV_VERSION},
      {"foreign_image", PRL_ERR_VM_SUSPEND_CHANGED_VM_CONFIG},
      {"other_cpu_image", PRL_ERR_CORE_STATE_ERROR_COMMON}};
  for (const auto& [kind, code] : kinds) {
    const Host host(
        tests::host("suspended", rule(kResume, std::string("{ kind = \"") + kind + "\" }")));
    EXPECT_EQ(finish(PrlVm_Resume(host.vm)), code) << kind;
    EXPECT_EQ(state_of(host.vm), VMS_SUSPENDED) << kind;
    EXPECT_EQ(finish(PrlVm_Resume(host.vm)), PRL_ERR_SUCCESS) << kind;
  }
}

TEST(AFailure, HasTheParametersOfItsMessage) {
  const Host host(
      tests::host("stopped", rule(kStart,
                                  "{ kind = \"fail\", code = \"PRL_ERR_DISP_VM_IS_NOT_STARTED\", "
                                  "parameters = [\"first\"] }")));
  const Handle job(PrlVm_Start(host.vm));
  ASSERT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
  Handle error;
  Handle parameter;
  ASSERT_EQ(PrlJob_GetError(job, error.out()), PRL_ERR_SUCCESS);
  ASSERT_EQ(PrlEvent_GetParamByName(error, "vm_message_param_0", parameter.out()), PRL_ERR_SUCCESS);
  EXPECT_EQ(text_of([&](PRL_STR text, PRL_UINT32_PTR length) {
              return PrlEvtPrm_ToString(parameter, text, length);
            }),
            "first");
}

// ---- Which jobs ------------------------------------------------------------------------------

TEST(ARule, CanGoByStateSessionAndTime) {
  const std::string failure = "{ kind = \"fail\", code = \"PRL_ERR_FAILURE\" }";
  const Host by_state(tests::host(
      "stopped",
      rule("{ call = \"PrlVm_GetState\", state = \"RUNNING\" }", failure, "{ count = 0 }")));
  EXPECT_EQ(finish(PrlVm_GetState(by_state.vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_Start(by_state.vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_GetState(by_state.vm)), PRL_ERR_FAILURE);
}

TEST(ARule, CanGoBySession) {
  const Library library(tests::host(
      "stopped", rule("{ call = \"PrlVm_GetState\", session = 2 }",
                      "{ kind = \"fail\", code = \"PRL_ERR_FAILURE\" }", "{ count = 0 }")));
  const Handle first = new_server();
  const Handle second = new_server();
  ASSERT_EQ(finish(start_login(first)), PRL_ERR_SUCCESS);
  ASSERT_EQ(finish(start_login(second)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_GetState(vm_by_name(first, "target"))), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_GetState(vm_by_name(second, "target"))), PRL_ERR_FAILURE);
}

TEST(ARule, CanGoByTime) {
  const Host host(tests::host(
      "stopped", rule("{ call = \"PrlVm_GetState\", after_ms = 1000, before_ms = 2000 }",
                      "{ kind = \"fail\", code = \"PRL_ERR_FAILURE\" }", "{ count = 0 }")));
  EXPECT_EQ(finish(PrlVm_GetState(host.vm)), PRL_ERR_SUCCESS);
  let_time_pass(1000);
  EXPECT_EQ(finish(PrlVm_GetState(host.vm)), PRL_ERR_FAILURE);
  let_time_pass(1000);
  EXPECT_EQ(finish(PrlVm_GetState(host.vm)), PRL_ERR_SUCCESS);
}

TEST(ARule, CanGoByTheUuidOfTheVm) {
  const std::string uuid = "0123ABCD-0123-0123-0123-0123456789ab";
  const Host host("clock = \"virtual\"\n[[vm]]\nname = \"target\"\nram_mib = 4\nuuid = \"" + uuid +
                  "\"\n[[vm]]\nname = \"other\"\nram_mib = 4\n" +
                  rule("{ vm = \"" + uuid + "\" }",
                       "{ kind = \"fail\", code = \"PRL_ERR_FAILURE\" }", "{ count = 0 }"));
  const Handle other = vm_by_name(host.server, "other");
  EXPECT_EQ(finish(PrlVm_Start(other)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_FAILURE);
}

// ---- Calls -----------------------------------------------------------------------------------

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

// ---- Memory ------------------------------------------------------------------------------------

std::string without_memory(const std::string& match, const std::string& trigger) {
  return rule("{ layer = \"memory\"" + match + " }", "{ kind = \"no_memory\" }", trigger);
}

struct Counts {
  PRL_UINT64 seen = 0;
  PRL_UINT64 struck = 0;
};
Counts counts_of_rule() {
  Counts counts;
  EXPECT_EQ(PrlSim_GetFaultCounts("rule", &counts.seen, &counts.struck), PRL_ERR_SUCCESS);
  return counts;
}

TEST(ALackOfMemory, LeavesAnAsynchronousCallWithoutAJob) {
  const Host host(tests::host(
      "stopped", without_memory(", object = \"PHT_JOB\", call = \"PrlVm_Start\"", "{ skip = 1 }")));
  EXPECT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_Stop(host.vm, PRL_FALSE)), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlVm_Start(host.vm), kNoHandle);
  EXPECT_EQ(state_of(host.vm), VMS_STOPPED) << "the host was not asked";
  EXPECT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(counts_of_rule().seen, 3u);
}

TEST(ALackOfMemory, LeavesOutParametersUntouched) {
  const Host host(
      tests::host("stopped", without_memory(", object = \"PHT_VIRTUAL_DEV_*\"", "{ skip = 1 }")));
  PRL_HANDLE disk = PRL_INVALID_HANDLE;
  EXPECT_EQ(PrlVmCfg_CreateVmDev(host.vm, PDE_HARD_DISK, &disk), PRL_ERR_SUCCESS);
  PRL_HANDLE drive = disk;
  EXPECT_EQ(PrlVmCfg_CreateVmDev(host.vm, PDE_OPTICAL_DISK, &drive), PRL_ERR_OUT_OF_MEMORY);
  EXPECT_EQ(drive, disk);
  EXPECT_EQ(PrlVmCfg_GetOpticalDisk(host.vm, 0, &drive), PRL_ERR_SUCCESS)
      << "what the call has changed stays so";
  PrlHandle_Free(drive);
  PrlHandle_Free(disk);
}

TEST(ALackOfMemory, TakesBackWhatTheSameCallHasHandedOut) {
  const Host host(tests::host("stopped",
                              without_memory(", call = \"PrlVmCfg_GetDevsList\"", "{ skip = 2 }"),
                              "clock = \"virtual\"\n") +
                  "[[vm.disk]]\n[[vm.optical_drive]]\n[[vm.usb_controller]]\n");
  const PRL_UINT32 before = live_handles();
  PRL_HANDLE devices[3] = {};
  PRL_UINT32 count = 3;
  EXPECT_EQ(PrlVmCfg_GetDevsList(host.vm, devices, &count), PRL_ERR_OUT_OF_MEMORY);
  EXPECT_EQ(live_handles(), before);
  count = 3;
  EXPECT_EQ(PrlVmCfg_GetDevsList(host.vm, devices, &count), PRL_ERR_SUCCESS);
  for (const PRL_HANDLE device : devices) EXPECT_EQ(PrlHandle_Free(device), PRL_ERR_SUCCESS);
}

TEST(ALackOfMemory, CanBeginAtRunTime) {
  const Host host(tests::host("stopped", ""));
  EXPECT_EQ(PrlSim_AddFaults(without_memory(", object = \"PHT_JOB\"", "{ count = 0 }").c_str()),
            PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlVm_Start(host.vm), kNoHandle);
  EXPECT_EQ(PrlSrv_GetVmList(host.server), kNoHandle);
  EXPECT_EQ(PrlSim_ClearFaults(), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_SUCCESS);
}

// A client that needs many objects, and frees whatever it gets. How many calls it was refused.
int demanding_client() {
  int refused = 0;
  const auto check = [&](PRL_RESULT code) {
    if (code == PRL_ERR_OUT_OF_MEMORY) ++refused;
    return PRL_SUCCEEDED(code);
  };
  const auto object_of = [&](PRL_HANDLE started, Handle& object) {
    const Handle job(started);
    Handle result;
    if (!job.get()) return static_cast<void>(++refused);
    if (!check(PrlJob_Wait(job, UINT32_MAX))) return;
    if (!check(PrlJob_GetResult(job, result.out()))) return;
    check(PrlResult_GetParam(result, object.out()));
  };
  Handle server;
  if (!check(PrlSrv_Create(server.out()))) return refused;
  Handle answer;
  object_of(start_login(server), answer);
  Handle vm;
  object_of(PrlSrv_GetVmList(server), vm);
  if (!vm.get()) return refused;
  Handle disk;
  check(PrlVmCfg_CreateVmDev(vm, PDE_HARD_DISK, disk.out()));
  Handle list;
  check(PrlVmCfg_GetAllDevices(vm, list.out()));
  const Handle job(PrlVm_Pause(vm, PRL_FALSE));
  if (!job.get()) return ++refused;
  check(PrlJob_Wait(job, UINT32_MAX));
  Handle error;
  check(PrlJob_GetError(job, error.out()));
  Handle parameter;
  if (error.get()) check(PrlEvent_GetParam(error, 0, parameter.out()));
  return refused;
}

// The first handle, the second, and so on until there is memory for all: each once as a lapse and
// once for good.
TEST(ALackOfMemory, OfEachHandleInTurnIsSaidAndLeavesNothingBehind) {
  int checked = 0;
  for (const char* count : {"1", "0"}) {
    for (int handle = 0; handle < 100; ++handle) {
      PrlSim_KeepLedger(1);
      int refused = 0;
      Counts counts;
      {
        const Library library(
            tests::host("stopped", without_memory("", "{ skip = " + std::to_string(handle) +
                                                          ", count = " + count + " }")));
        refused = demanding_client();
        counts = counts_of_rule();
      }
      PRL_UINT32 live = 99;
      PRL_UINT32 misuses = 99;
      EXPECT_EQ(PrlSim_GetLedgerCounts(&live, &misuses), PRL_ERR_SUCCESS);
      EXPECT_EQ(live, 0u) << handle;
      EXPECT_EQ(static_cast<PRL_UINT64>(refused), counts.struck) << handle;
      ++checked;
      if (counts.struck == 0) break;
    }
  }
  PrlSim_KeepLedger(0);
  std::printf("count memory_lacks %d\n", checked - 2);
  EXPECT_GT(checked, 20);
  EXPECT_LT(checked, 100) << "it ends";
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

// ---- Transitions -----------------------------------------------------------------------------

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

// ---- Events ----------------------------------------------------------------------------------

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

// ---- Storage ---------------------------------------------------------------------------------

std::string storage_rule(const std::string& kind, const std::string& more = "",
                         const std::string& step = "write", const std::string& trigger = "{}") {
  return rule("{ layer = \"storage\", step = \"" + step + "\", path = \"*.sav*\" }",
              "{ kind = \"" + kind + "\"" + more + " }", trigger);
}

TEST(AFullDisk, FailsASuspendAndLeavesTheVmRunning) {
  const Host host(tests::host("running", storage_rule("no_space")));
  EXPECT_EQ(finish(PrlVm_Suspend(host.vm)), PRL_ERR_NOT_ENOUGH_DISK_FREE_SPACE);
  EXPECT_EQ(state_of(host.vm), VMS_RUNNING);
  EXPECT_EQ(finish(PrlVm_Suspend(host.vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_Resume(host.vm)), PRL_ERR_SUCCESS);
}

TEST(ABadDisk, FailsASuspendAndLeavesTheVmRunning) {
  for (const char* kind : {"io_error", "short_write", "read_only"}) {
    const Host host(tests::host("running", storage_rule(kind)));
    EXPECT_EQ(finish(PrlVm_Suspend(host.vm)), PRL_ERR_VM_SUSPEND_FAILED) << kind;
    EXPECT_EQ(state_of(host.vm), VMS_RUNNING) << kind;
  }
}

// What the disk keeps quiet about is found when the image is read, all of it where that is wanted.
TEST(ALyingDisk, IsFoundOutAtTheResume) {
  for (const char* kind : {"torn_write", "flip_bit"}) {
    const Host host("verify = \"whole\"\n" +
                    tests::host("running", storage_rule(kind, "", "write", "{ count = 0 }")));
    EXPECT_EQ(finish(PrlVm_Suspend(host.vm)), PRL_ERR_SUCCESS) << kind;
    EXPECT_TRUE(PRL_FAILED(finish(PrlVm_Resume(host.vm)))) << kind;
    EXPECT_EQ(state_of(host.vm), VMS_SUSPENDED) << kind;
  }
}

TEST(ASlowDisk, TakesVirtualTime) {
  const Host host(tests::host("running", storage_rule("slow", ", delay_ms = 90000", "sync")));
  const PRL_UINT64 before_ms = time_ms();
  EXPECT_EQ(finish(PrlVm_Suspend(host.vm)), PRL_ERR_SUCCESS);
  EXPECT_GE(time_ms(), before_ms + 90'000);
}

TEST(ALostSync, CostsTheImageWhenThePowerFails) {
  const Host host(tests::host(
      "running", storage_rule("lose_sync", "", "sync", "{ count = 0 }") +
                     "[[fault]]\nname = \"cut\"\nmatch = { call = \"PrlSrv_GetVmList\" }\n"
                     "effect = { kind = \"power_cut\" }\n"));
  EXPECT_EQ(finish(PrlVm_Suspend(host.vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(ping(host.server), PRL_ERR_WS_DISP_CONNECTION_CLOSED);
  ASSERT_EQ(finish(start_login(host.server)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_Resume(host.vm)), PRL_ERR_STATE_INT_CORRUPTED);
}

TEST(ASync, OutlivesAPowerCutWhereItIsNotLost) {
  const Host host(
      tests::host("running", rule("{ call = \"PrlSrv_GetVmList\" }", "{ kind = \"power_cut\" }")));
  EXPECT_EQ(finish(PrlVm_Suspend(host.vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(ping(host.server), PRL_ERR_WS_DISP_CONNECTION_CLOSED);
  ASSERT_EQ(finish(start_login(host.server)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_Resume(host.vm)), PRL_ERR_SUCCESS);
}

// The image of a VM that the scenario has suspended is written before the host is open.
TEST(AStorageRule, SparesWhatTheScenarioItselfNeeds) {
  const Host host(tests::host("suspended", storage_rule("no_space", "", "write", "{ count = 0 }")));
  EXPECT_EQ(state_of(host.vm), VMS_SUSPENDED);
}

// ---- The clock -------------------------------------------------------------------------------

std::string host_date(PRL_HANDLE vm) {
  return text_of([&](PRL_STR text, PRL_UINT32_PTR length) {
    return PrlVmCfg_GetUptimeStartDate(vm, text, length);
  });
}

TEST(AJumpOfTheClock, MovesTheDateOfTheHost) {
  const Host host(tests::host("stopped", rule("{ call = \"PrlVm_GetState\" }",
                                              "{ kind = \"jump_clock\", jump_s = -86400 }")));
  const std::string before = host_date(host.vm);
  EXPECT_EQ(finish(PrlVm_GetState(host.vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_ResetUptime(host.vm, 0)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_RefreshConfig(host.vm)), PRL_ERR_SUCCESS);
  EXPECT_LT(host_date(host.vm), before);
}

// ---- Latencies -------------------------------------------------------------------------------

PRL_UINT64 time_of(PRL_HANDLE job) {
  const PRL_UINT64 before_ms = time_ms();
  EXPECT_EQ(finish(job), PRL_ERR_SUCCESS);
  return time_ms() - before_ms;
}

TEST(ALatency, IsWhatTheScenarioSays) {
  const Host host(
      tests::host("stopped", "",
                  "clock = \"virtual\"\n[latency]\nrequest = { ms = 3 }\n"
                  "boot = { ms = 5000 }\nsuspend = { ms = 700 }\nflush = { ms = 0 }\n"));
  EXPECT_EQ(time_of(PrlVm_Start(host.vm)), 5003u);
  EXPECT_EQ(time_of(PrlVm_Suspend(host.vm)), 703u);
  EXPECT_EQ(time_of(PrlVm_Resume(host.vm)), 153u) << "the rest is that of the preset";
}

// The writer touches all of its 16 MiB before it is suspended, and the image has that much.
TEST(ALatency, GrowsWithTheMemoryThatThereIsToWrite) {
  const Library library(
      "clock = \"virtual\"\n[latency]\npreset = \"instant\"\n"
      "suspend = { touched_ms_per_mib = 10 }\nresume = { touched_ms_per_mib = 2 }\n"
      "[[vm]]\nname = \"target\"\nram_mib = 32\nstate = \"running\"\n"
      "workload = { kind = \"writer\", working_set_mib = 16, pages_per_ms = 4096 }\n");
  const Handle server = new_server();
  ASSERT_EQ(finish(start_login(server)), PRL_ERR_SUCCESS);
  const Handle vm = vm_by_name(server, "target");
  let_time_pass(1000);
  const PRL_UINT64 suspend_ms = time_of(PrlVm_Suspend(vm));
  EXPECT_GE(suspend_ms, 160u);
  EXPECT_LE(suspend_ms, 180u);
  const PRL_UINT64 resume_ms = time_of(PrlVm_Resume(vm));
  EXPECT_GE(resume_ms, 30u);
  EXPECT_LE(resume_ms, 40u);
}

TEST(ALatency, IsDrawnFromTheSeed) {
  const auto times = [](const char* seed) {
    const Host host(tests::host("stopped", "",
                                std::string("clock = \"virtual\"\nseed = ") + seed +
                                    "\nlatency = { preset = \"desktop-ssd\" }\n"));
    const PRL_UINT64 start_ms = time_of(PrlVm_Start(host.vm));
    return std::pair(start_ms, time_of(PrlVm_Suspend(host.vm)));
  };
  EXPECT_EQ(times("1"), times("1"));
  EXPECT_NE(times("1"), times("2"));
}

}  // namespace
}  // namespace prl::tests
