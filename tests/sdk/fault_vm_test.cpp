// What happens to a VM by itself, by a rule or a strike: guests, their processes, the disks below
// them and the sleep of the host (vm-lifecycle 2.5).
#include <algorithm>

#include "tests/sdk/fault_host.h"

namespace prl::tests {
namespace {

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
                              kVirtuozzo));
  EXPECT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_SUCCESS);
  let_time_pass();
  EXPECT_EQ(state_of(host.vm), VMS_RUNNING);
  PRL_UINT64 boots = 0;
  EXPECT_EQ(PrlSim_GetBootCount(host.vm, &boots), PRL_ERR_SUCCESS);
  EXPECT_EQ(boots, 2u);
}

// Strikes a running VM and tells where that leaves it.
VIRTUAL_MACHINE_STATE after_panic(const Host& host) {
  EXPECT_EQ(PrlSim_Strike("guest_panic", uuid_of(host.vm).c_str(), 0), PRL_ERR_SUCCESS);
  PrlSim_AdvanceTime(60'000);
  return state_of(host.vm);
}

PRL_VM_ON_CRASH_ACTION stored_action(const Host& host) {
  PRL_VM_ON_CRASH_ACTION action = POCA_RESTART;
  EXPECT_EQ(finish(PrlVm_RefreshConfig(host.vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlVmCfg_GetActionOnGuestCrash(host.vm, &action), PRL_ERR_SUCCESS);
  return action;
}

void store_crash_policy(const Host& host, PRL_VM_ON_CRASH_ACTION action, PRL_UINT32 options) {
  ASSERT_EQ(finish(PrlVm_BeginEdit(host.vm)), PRL_ERR_SUCCESS);
  PrlVmCfg_SetActionOnGuestCrash(host.vm, action);
  PrlVmCfg_SetOptionsOnGuestCrash(host.vm, options);
  ASSERT_EQ(finish(PrlVm_Commit(host.vm)), PRL_ERR_SUCCESS);
}

// vm-lifecycle 4.6: the report comes first, of a VM that is paused already.
TEST(APanic, IsReportedBeforeAVmOfVirtuozzoIsReset) {
  const Host host(tests::host("running", "", kVirtuozzo));
  EXPECT_EQ(heard_of(host, "guest_panic"),
            (Heard{VMS_PAUSED, PET_DSP_EVT_VM_PROBLEM_REPORT_CREATED, VMS_RUNNING}));
  store_crash_policy(host, POCA_RESTART, POCO_DUMP);
  EXPECT_EQ(heard_of(host, "guest_panic"), (Heard{VMS_PAUSED, VMS_RUNNING}));
}

TEST(APanic, IsReportedWhereAVmOfVirtuozzoIsToStayPaused) {
  const Host host(tests::host("running", "", kVirtuozzo));
  store_crash_policy(host, POCA_PAUSE, POCO_REPORT);
  EXPECT_EQ(heard_of(host, "guest_panic"),
            (Heard{VMS_PAUSED, PET_DSP_EVT_VM_PROBLEM_REPORT_CREATED}));
  ASSERT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_SUCCESS);
  store_crash_policy(host, POCA_PAUSE, POCO_DUMP);
  EXPECT_EQ(heard_of(host, "guest_panic"), Heard{VMS_PAUSED});
}

bool is_report(const Seen& one) {
  return one.kind == PHT_EVENT && one.event == PET_DSP_EVT_VM_PROBLEM_REPORT_CREATED;
}

TEST(APanic, IsReportedToEverySession) {
  const Host host(tests::host("running", "", kVirtuozzo));
  const Handle other = new_server();
  ASSERT_EQ(finish(start_login(other)), PRL_ERR_SUCCESS);
  Recorder recorder(other);
  EXPECT_EQ(strike("guest_panic"), PRL_ERR_SUCCESS);
  let_time_pass();
  EXPECT_EQ(std::ranges::count_if(recorder.up_to_end_of(PrlSrv_GetVmList(other)), is_report), 1);
}

TEST(APanic, IsNotReportedOfAVmThatDiesBeforeItIsPaused) {
  const Host host(tests::host("running", "", kVirtuozzo));
  EXPECT_EQ(strike("guest_panic"), PRL_ERR_SUCCESS);
  EXPECT_EQ(heard_of(host, "kill_vm"), Heard{VMS_STOPPED});
}

TEST(APanic, IsNotReportedInDesktop) {
  const Host host(tests::host("running", ""));
  EXPECT_EQ(heard_of(host, "guest_panic"),
            (Heard{PET_DSP_EVT_VM_ABORTED, VMS_STOPPING, VMS_STOPPED}));
}

std::string text_of_report(PRL_HANDLE vm) {
  const Handle report = answer_of(PrlVm_GetPackedProblemReport(vm, 0));
  return text_of([&](PRL_STR text, PRL_UINT32_PTR length) {
    return PrlReport_AsString(report, text, length);
  });
}

TEST(AReportOfAVm, SaysWhenItsGuestHasCrashed) {
  constexpr const char* kCrashed = "the guest has crashed 2025-01-01 00:00:";
  const Host host(tests::host("running", "", kVirtuozzo));
  EXPECT_EQ(text_of_report(host.vm).find(kCrashed), std::string::npos);
  let_time_pass();
  EXPECT_EQ(after_panic(host), VMS_RUNNING);
  EXPECT_NE(text_of_report(host.vm).find(kCrashed + std::string("10\n")), std::string::npos);
}

constexpr PRL_UINT64 kDayMs = 24 * 3'600'000;

// vm-lifecycle 4.6: by default the limit is three (config-model 5), and the crash that reaches it
// changes what is stored.
TEST(APanic, OfTheThirdTimeInADayLeavesAVmOfVirtuozzoPaused) {
  const Host host(tests::host("running", "", kVirtuozzo));
  EXPECT_EQ(after_panic(host), VMS_RUNNING);
  EXPECT_EQ(after_panic(host), VMS_RUNNING);
  EXPECT_EQ(stored_action(host), POCA_RESTART);
  Recorder recorder(host.server);
  EXPECT_EQ(after_panic(host), VMS_PAUSED);
  EXPECT_EQ(stored_action(host), POCA_PAUSE);
  const auto seen = recorder.up_to_end_of(PrlVm_GetState(host.vm));
  EXPECT_EQ(std::ranges::count_if(seen,
                                  [](const Seen& one) {
                                    return one.kind == PHT_EVENT &&
                                           one.event == PET_DSP_EVT_VM_CONFIG_CHANGED;
                                  }),
            1);
  EXPECT_EQ(states_in(seen), std::vector<PRL_INT32>{VMS_PAUSED});
  ASSERT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(after_panic(host), VMS_PAUSED) << "that is what is stored now";
}

TEST(APanic, OfADayAgoDoesNotCount) {
  const Host host(tests::host("running", "", kVirtuozzo));
  EXPECT_EQ(after_panic(host), VMS_RUNNING);
  EXPECT_EQ(after_panic(host), VMS_RUNNING);
  PrlSim_AdvanceTime(kDayMs);
  EXPECT_EQ(after_panic(host), VMS_RUNNING);
  EXPECT_EQ(after_panic(host), VMS_RUNNING);
  EXPECT_EQ(after_panic(host), VMS_PAUSED);
}

// The one that was too many has begun the count anew, and without a report nothing is counted.
TEST(APanic, IsCountedAsTheConfigurationSays) {
  const Host host(tests::host("running", "", kVirtuozzo));
  for (int i = 0; i < 3; ++i) after_panic(host);
  ASSERT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_SUCCESS);
  store_crash_policy(host, POCA_RESTART, POCO_REPORT);
  EXPECT_EQ(after_panic(host), VMS_RUNNING);
  EXPECT_EQ(after_panic(host), VMS_RUNNING);
  EXPECT_EQ(after_panic(host), VMS_PAUSED);
  ASSERT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_SUCCESS);
  store_crash_policy(host, POCA_RESTART, POCO_DUMP);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(after_panic(host), VMS_RUNNING);
}

// vm-lifecycle 2.5
const Heard kGoesDown = {PET_DSP_EVT_VM_ABOUT_TO_START_DEINIT, VMS_STOPPING, PET_DSP_EVT_VM_STOPPED,
                         VMS_STOPPED};

TEST(AGuest, CanPowerItselfOff) {
  const Host host(tests::host("running", ""));
  EXPECT_EQ(heard_of(host, "guest_power_off"), kGoesDown);
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
  EXPECT_EQ(heard_of(host, "guest_reboot"),
            (Heard{PET_DSP_EVT_VM_ABOUT_TO_RESET, PET_DSP_EVT_VM_RESETED}));
  EXPECT_EQ(PrlSim_GetBootCount(host.vm, &after), PRL_ERR_SUCCESS);
  EXPECT_EQ(after, before + 1);
  EXPECT_EQ(state_of(host.vm), VMS_RUNNING);
}

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
  EXPECT_EQ(heard_of(host, "guest_hibernate"), kGoesDown);
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
  const Host host(tests::host("running", "", kVirtuozzo));
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
  EXPECT_EQ(finish(PrlVm_Reset(host.vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_Pause(host.vm, PRL_FALSE)), PRL_ERR_SUCCESS);
  EXPECT_EQ(heard_of(host, "unfreeze"), Heard());
  EXPECT_EQ(state_of(host.vm), VMS_PAUSED);
}

// vm-lifecycle 1: neither a way on nor a snapshot until its host is well again.
struct Standstill {
  const char* begin;
  const char* end;
  const char* vm;
  PRL_RESULT code;
};

constexpr Standstill kStandstills[] = {
    {"freeze", "unfreeze", "target", PRL_ERR_VM_IN_FROZEN_STATE},
    {"host_sleep", "host_wake", nullptr, PRL_ERR_VM_IN_WAKING_UP_STATE},
};

TEST(AFrozenVm, WaitsForItsHost) {
  for (const Standstill& one : kStandstills) {
    const Host host(tests::host("running", ""));
    const std::string id = text_result_of(PrlVm_CreateSnapshot(host.vm, "s", ""));
    EXPECT_EQ(strike(one.begin, one.vm), PRL_ERR_SUCCESS);
    let_time_pass();
    EXPECT_EQ(finish(PrlVm_Start(host.vm)), one.code);
    EXPECT_EQ(finish(PrlVm_StartEx(host.vm, PSM_VM_START, 0)), one.code);
    EXPECT_EQ(finish(PrlVm_Resume(host.vm)), one.code);
    EXPECT_EQ(finish(PrlVm_CreateSnapshot(host.vm, "t", "")), one.code);
    EXPECT_EQ(finish(PrlVm_SwitchToSnapshot(host.vm, id.c_str())), one.code);
    EXPECT_EQ(finish(PrlVm_DeleteSnapshot(host.vm, id.c_str(), PRL_FALSE)), one.code);
    EXPECT_EQ(state_of(host.vm), VMS_PAUSED);
    EXPECT_EQ(strike(one.end, one.vm), PRL_ERR_SUCCESS);
    let_time_pass();
    EXPECT_EQ(state_of(host.vm), VMS_RUNNING);
    EXPECT_EQ(finish(PrlVm_CreateSnapshot(host.vm, "t", "")), PRL_ERR_SUCCESS);
  }
}

TEST(AFrozenVm, IsNamedInTheRefusal) {
  for (const Standstill& one : kStandstills) {
    const Host host(tests::host("running", ""));
    EXPECT_EQ(strike(one.begin, one.vm), PRL_ERR_SUCCESS);
    let_time_pass();
    const Handle job(PrlVm_Resume(host.vm));
    EXPECT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
    Handle error;
    Handle parameter;
    ASSERT_EQ(PrlJob_GetError(job, error.out()), PRL_ERR_SUCCESS);
    ASSERT_EQ(PrlEvent_GetParamByName(error, "vm_message_param_0", parameter.out()),
              PRL_ERR_SUCCESS);
    EXPECT_EQ(text_of([&](PRL_STR text, PRL_UINT32_PTR length) {
                return PrlEvtPrm_ToString(parameter, text, length);
              }),
              "target");
  }
}

TEST(AFrozenVm, IsNotFrozenAnyMoreOnceItHasBeenStopped) {
  for (const Standstill& one : kStandstills) {
    const Host host(tests::host("running", ""));
    EXPECT_EQ(strike(one.begin, one.vm), PRL_ERR_SUCCESS);
    let_time_pass();
    EXPECT_EQ(finish(PrlVm_Stop(host.vm, PRL_FALSE)), PRL_ERR_SUCCESS);
    EXPECT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_SUCCESS);
    EXPECT_EQ(state_of(host.vm), VMS_RUNNING);
  }
}

TEST(AFrozenVmOfVirtuozzo, GoesOnForAClient) {
  const Host host(tests::host("running", "", kVirtuozzo));
  EXPECT_EQ(heard_of(host, "freeze"), Heard{VMS_PAUSED});
  EXPECT_EQ(finish(PrlVm_CreateSnapshot(host.vm, "s", "")), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_Resume(host.vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(state_of(host.vm), VMS_RUNNING);
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
  const Host host(tests::host("running", "", kVirtuozzo));
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

}  // namespace
}  // namespace prl::tests
