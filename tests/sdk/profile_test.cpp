// The profile of a world: what changes for clients between the two products (vm-lifecycle 0.2),
// beside what fixtures/vm_transitions.csv has of both.
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <string>

#include "tests/sdk/session.h"

namespace prl::tests {
namespace {

std::string host(const std::string& profile, const std::string& state) {
  return "profile = \"" + profile + "\"\nclock = \"virtual\"\n" +
         "[[vm]]\nname = \"vm\"\nram_mib = 4\nstate = \"" + state + "\"\n";
}

struct Host : Session {
  explicit Host(const std::string& profile, const std::string& state = "stopped")
      : Session(host(profile, state)), vm(vm_by_name(server, "vm")) {}
  const Handle vm;
};

using Start = PRL_HANDLE (*)(PRL_HANDLE vm);

const std::map<std::string, Start>& commands() {
  static const std::map<std::string, Start> all = {
      {"start", PrlVm_Start},
      {"kill", [](PRL_HANDLE vm) { return PrlVm_Stop(vm, PRL_FALSE); }},
      {"shutdown", [](PRL_HANDLE vm) { return PrlVm_StopEx(vm, PSM_SHUTDOWN, 0); }},
      {"suspend", PrlVm_Suspend},
      {"snapshot", [](PRL_HANDLE vm) { return PrlVm_CreateSnapshot(vm, "s", ""); }},
      {"mount", [](PRL_HANDLE vm) { return PrlVm_Mount(vm, "", 0); }},
      {"unreg", PrlVm_Unreg},
      {"delete", [](PRL_HANDLE vm) { return PrlVm_Delete(vm, PRL_INVALID_HANDLE); }},
      {"clone", [](PRL_HANDLE vm) { return PrlVm_Clone(vm, "copy", "", PRL_FALSE); }},
  };
  return all;
}

const std::map<std::string, PRL_INT32>& states() {
  static const std::map<std::string, PRL_INT32> all = {{"stopped", VMS_STOPPED},
                                                       {"running", VMS_RUNNING},
                                                       {"paused", VMS_PAUSED},
                                                       {"suspended", VMS_SUSPENDED}};
  return all;
}

// vm-lifecycle 2.4: the identity, where the other profile has the name.
TEST(ProfileVirtuozzo, NamesTheIdentityOfALiveVmThatIsNotUnregistered) {
  const Host host("virtuozzo", "running");
  const Handle job(PrlVm_Unreg(host.vm));
  ASSERT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
  ASSERT_EQ(code_of(job), PRL_ERR_DISP_VM_IS_NOT_STOPPED);
  Handle error, parameter;
  ASSERT_EQ(PrlJob_GetError(job, error.out()), PRL_ERR_SUCCESS);
  ASSERT_EQ(PrlEvent_GetParam(error, 0, parameter.out()), PRL_ERR_SUCCESS);
  EXPECT_EQ(text_of([&](PRL_STR text, PRL_UINT32_PTR length) {
              return PrlEvtPrm_ToString(parameter, text, length);
            }),
            uuid_of(host.vm));
}

TEST(ProfileVirtuozzo, LetsNobodyElseKillAVmThatIsBeingStarted) {
  const Host host("virtuozzo");
  const Handle other = new_server();
  ASSERT_EQ(finish(start_login(other)), PRL_ERR_SUCCESS);
  const Handle same_vm = vm_by_name(other, "vm");
  const Handle job(PrlVm_Start(host.vm));
  PrlSim_AdvanceTime(100);
  EXPECT_EQ(finish(PrlVm_Stop(same_vm, PRL_FALSE)), PRL_ERR_VM_LOCKED_FOR_EXECUTE);
  EXPECT_EQ(finish(PrlVm_Stop(host.vm, PRL_FALSE)), PRL_ERR_SUCCESS);
}

// vm-lifecycle 5.1: the code names the lock of the command that is under way; a reset has none, so
// that the hypervisor refuses.
TEST(ProfileVirtuozzo, NamesTheCommandThatIsUnderWay) {
  struct Case {
    const char* state;
    Start begin;
    PRL_RESULT code;
  };
  const Case cases[] = {
      {"stopped", PrlVm_Start, PRL_ERR_VM_LOCKED_FOR_EXECUTE},
      {"suspended", PrlVm_Resume, PRL_ERR_VM_LOCKED_FOR_EXECUTE},
      {"paused", PrlVm_Start, PRL_ERR_VM_LOCKED_FOR_INTERNAL_REASON},
      {"running", commands().at("kill"), PRL_ERR_VM_LOCKED_FOR_INTERNAL_REASON},
      {"running", PrlVm_Suspend, PRL_ERR_VM_LOCKED_FOR_INTERNAL_REASON},
      {"running", PrlVm_Reset, PRL_ERR_INVALID_ACTION_REQUESTED},
      {"running", commands().at("snapshot"), PRL_ERR_INVALID_ACTION_REQUESTED},
  };
  for (const Case& one : cases) {
    for (const char* command : {"start", "shutdown", "suspend", "mount"}) {
      const Host host("virtuozzo", one.state);
      const Handle job(one.begin(host.vm));
      PrlSim_AdvanceTime(2);
      EXPECT_EQ(finish(commands().at(command)(host.vm)), one.code) << one.state << " " << command;
    }
  }
}

// vm-lifecycle 2.2, 7
TEST(ProfileVirtuozzo, GivesAStartFiveMinutesAndAResumeAllTheTimeThatItNeeds) {
  const std::string slow =
      "[latency]\nboot = { ms = 400000 }\ncontinue = { ms = 400000 }\nresume = { ms = 400000 }\n";
  for (const std::string state : {"stopped", "paused", "suspended"}) {
    const Session session(host("virtuozzo", state) + slow);
    const Handle vm = vm_by_name(session.server, "vm");
    const Handle job(PrlVm_Start(vm));
    const bool is_limited = state != "suspended";
    EXPECT_EQ(PrlJob_Wait(job, 300'100), is_limited ? PRL_ERR_SUCCESS : PRL_ERR_TIMEOUT) << state;
    if (is_limited) {
      EXPECT_EQ(code_of(job), PRL_ERR_TIMEOUT) << state;
      EXPECT_EQ(state_of(vm), states().at(state));
    }
    PrlSim_AdvanceTime(100'000);
    EXPECT_EQ(state_of(vm), VMS_RUNNING) << "it is not rolled back";
  }
}

TEST(ProfileVirtuozzo, DoesNotTakeAVmThatIsBeingStartedForALiveOne) {
  for (const char* command : {"unreg", "delete", "clone"}) {
    const Host host("virtuozzo");
    const Handle job(PrlVm_Start(host.vm));
    PrlSim_AdvanceTime(100);
    EXPECT_EQ(finish(commands().at(command)(host.vm)), PRL_ERR_VM_LOCKED_FOR_EXECUTE) << command;
  }
}

TEST(ProfileVirtuozzo, ShowsTheLastStableStateWhileAnOperationRuns) {
  const Host host("virtuozzo", "running");
  const Handle job(PrlVm_Suspend(host.vm));
  PrlSim_AdvanceTime(100);
  ASSERT_EQ(status_of(job), PJS_RUNNING);
  EXPECT_EQ(state_of(host.vm), VMS_RUNNING);
  EXPECT_EQ(finish(PrlVm_Stop(host.vm, PRL_FALSE)), PRL_ERR_VM_LOCKED_FOR_INTERNAL_REASON);
  ASSERT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
  EXPECT_EQ(state_of(host.vm), VMS_SUSPENDED);
}

// vm-lifecycle 4.1
TEST(Profile, HasALastStartMode) {
  for (const auto& [profile, last] : {std::pair{"desktop", PSM_VM_START_FOR_COMPACT},
                                      std::pair{"virtuozzo", PSM_VM_START_FOR_REPAIR}}) {
    const Host host(profile);
    EXPECT_EQ(finish(PrlVm_StartEx(host.vm, last + 1, 0)), PRL_ERR_INVALID_ARG) << profile;
    EXPECT_EQ(finish(PrlVm_StartEx(host.vm, last, 0)), PRL_ERR_SUCCESS) << profile;
  }
}

TEST(ProfileVirtuozzo, IgnoresTheStartMode) {
  const Host host("virtuozzo", "suspended");
  EXPECT_EQ(finish(PrlVm_StartEx(host.vm, PSM_VM_START_FOR_COMPACT, 0)), PRL_ERR_SUCCESS);
}

TEST(ProfileDesktop, ShowsTransitionalStates) {
  const Host host("desktop", "running");
  const Handle job(PrlVm_Suspend(host.vm));
  PrlSim_AdvanceTime(100);
  EXPECT_EQ(state_of(host.vm), VMS_SUSPENDING);
  ASSERT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
}

TEST(Profile, ComesFromTheEnvironmentBeforeTheScenario) {
  ::setenv("PRLSIM_PROFILE", "virtuozzo", 1);
  {
    const Host host("desktop", "running");
    EXPECT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_FAILURE);
  }
  ::setenv("PRLSIM_PROFILE", "mac", 1);
  EXPECT_EQ(PrlApi_InitEx(PARALLELS_API_VER, PAM_SERVER, 0, 0), PRL_ERR_OPERATION_FAILED);
  ::unsetenv("PRLSIM_PROFILE");
}

// config-model 4: the open library of that product does not implement shared folders and some more.
TEST(Virtuozzo, DoesNotImplementSharedFolders) {
  for (const auto& [profile, expected] :
       {std::pair{"desktop", PRL_ERR_SUCCESS}, std::pair{"virtuozzo", PRL_ERR_UNIMPLEMENTED}}) {
    const Host host(profile, "running");
    Handle share;
    PRL_BOOL is_on = PRL_FALSE;
    PRL_UINT32 count = 0;
    EXPECT_EQ(PrlVmCfg_CreateShare(host.vm, share.out()), expected) << profile;
    EXPECT_EQ(PrlVmCfg_GetSharesCount(host.vm, &count), expected) << profile;
    EXPECT_EQ(PrlVmCfg_IsSmartMountEnabled(host.vm, &is_on), expected) << profile;
    EXPECT_EQ(finish(PrlVm_Connect(host.vm, PDCT_HIGH_QUALITY_WITHOUT_COMPRESSION)), expected)
        << profile;
  }
}

}  // namespace
}  // namespace prl::tests
