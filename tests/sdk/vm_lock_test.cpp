// The lock that a session takes on a VM (vm-lifecycle 5.3), the guest's restart (2.2), the uptime
// (6.3) and the calls that only look like doing something.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/sdk/session.h"

namespace prl::tests {
namespace {

struct TwoSessions : Session {
  TwoSessions() : other(new_server()), vm(new_vm(server, "vm")) {
    EXPECT_EQ(finish(start_login(other)), PRL_ERR_SUCCESS);
    seen_by_other = vm_by_name(other, "vm");
  }

  Handle other;
  Handle vm;
  Handle seen_by_other;
};

// What PrlVm_GetState says about the configuration.
PRL_RESULT validity_of(PRL_HANDLE vm) {
  const Handle info = answer_of(PrlVm_GetState(vm));
  PRL_BOOL is_invalid = PRL_FALSE;
  PRL_RESULT code = PRL_ERR_UNEXPECTED;
  EXPECT_EQ(PrlVmInfo_IsInvalidEx(info, &is_invalid, &code), PRL_ERR_SUCCESS);
  EXPECT_EQ(is_invalid, PRL_FAILED(code) ? PRL_TRUE : PRL_FALSE);
  EXPECT_EQ(PrlVmInfo_IsInvalid(info, &is_invalid), PRL_ERR_SUCCESS);
  EXPECT_EQ(is_invalid, PRL_FAILED(code) ? PRL_TRUE : PRL_FALSE);
  return code;
}

TEST(Lock, KeepsOtherSessionsOut) {
  const TwoSessions site;
  ASSERT_EQ(finish(PrlVm_Lock(site.vm, 0)), PRL_ERR_SUCCESS);
  const PRL_HANDLE vm = site.seen_by_other;
  EXPECT_EQ(finish(PrlVm_Start(vm)), PRL_ERR_VM_IS_EXCLUSIVELY_LOCKED);
  EXPECT_EQ(finish(PrlVm_BeginEdit(vm)), PRL_ERR_VM_IS_EXCLUSIVELY_LOCKED);
  EXPECT_EQ(finish(PrlVm_Commit(vm)), PRL_ERR_VM_IS_EXCLUSIVELY_LOCKED);
  EXPECT_EQ(finish(PrlVm_RefreshConfig(vm)), PRL_ERR_VM_IS_EXCLUSIVELY_LOCKED);
  EXPECT_EQ(finish(PrlVm_ResetUptime(vm, 0)), PRL_ERR_VM_IS_EXCLUSIVELY_LOCKED);
  EXPECT_EQ(finish(PrlVm_Delete(vm, kNoHandle)), PRL_ERR_VM_IS_EXCLUSIVELY_LOCKED);
  EXPECT_EQ(finish(PrlVm_Unreg(vm)), PRL_ERR_VM_IS_EXCLUSIVELY_LOCKED);
  EXPECT_EQ(finish(PrlVm_Lock(vm, 0)), PRL_ERR_VM_IS_EXCLUSIVELY_LOCKED);
}

TEST(Lock, KeepsOutWhatIsNoCommandOfTheLifecycleToo) {
  const TwoSessions site;
  ASSERT_EQ(finish(PrlVm_Lock(site.vm, 0)), PRL_ERR_SUCCESS);
  const PRL_HANDLE vm = site.seen_by_other;
  Handle rights;
  ASSERT_EQ(PrlVmCfg_GetAccessRights(vm, rights.out()), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_UpdateSecurity(vm, rights)), PRL_ERR_VM_IS_EXCLUSIVELY_LOCKED);
  EXPECT_EQ(finish(PrlVm_InstallTools(vm)), PRL_ERR_VM_IS_EXCLUSIVELY_LOCKED);
  EXPECT_EQ(finish(PrlVm_GetToolsState(vm)), PRL_ERR_VM_IS_EXCLUSIVELY_LOCKED);
  EXPECT_EQ(finish(PrlVm_GetProblemReport(vm)), PRL_ERR_VM_IS_EXCLUSIVELY_LOCKED);
  EXPECT_EQ(finish(PrlVm_UpdateSecurity(site.vm, rights)), PRL_ERR_SUCCESS);
}

// Statistics are always allowed (vm-lifecycle 2.1).
TEST(Lock, LeavesStatisticsToOthers) {
  const TwoSessions site;
  ASSERT_EQ(finish(PrlVm_Lock(site.vm, 0)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_GetStatistics(site.seen_by_other)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_GetPerfStats(site.seen_by_other, "")), PRL_ERR_SUCCESS);
}

// vm-lifecycle 8, invariant 35
TEST(Lock, LetsItsOwnerGoOnAsBefore) {
  const TwoSessions site;
  ASSERT_EQ(finish(PrlVm_Lock(site.vm, 0)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_Start(site.vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_BeginEdit(site.vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_Commit(site.vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(validity_of(site.vm), PRL_ERR_SUCCESS);
}

// vm-lifecycle 8, invariant 35, and 4.1: these take the lock themselves.
TEST(Lock, IsInTheWayOfItsOwnersLinkedClones) {
  const TwoSessions site;
  ASSERT_EQ(finish(PrlVm_Lock(site.vm, 0)), PRL_ERR_SUCCESS);
  for (const PRL_UINT32 mode : {PCVF_LINKED_CLONE, PCVF_CHANGE_SID}) {
    EXPECT_EQ(finish(PrlVm_CloneEx(site.vm, "copy", "", mode)), PRL_ERR_VM_IS_EXCLUSIVELY_LOCKED);
  }
  EXPECT_EQ(finish(PrlVm_LinkedClone(site.vm, "copy", "", "", 0)),
            PRL_ERR_VM_IS_EXCLUSIVELY_LOCKED);
  EXPECT_EQ(finish(PrlVm_CloneEx(site.vm, "copy", "", 0)), PRL_ERR_SUCCESS);
  ASSERT_EQ(finish(PrlVm_Unlock(site.vm, 0)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_CloneEx(site.vm, "linked", "", PCVF_LINKED_CLONE)), PRL_ERR_SUCCESS);
}

// vm-lifecycle 8, invariant 36
TEST(Lock, LeavesTheStateToldAndTheConfigurationInvalidForOthers) {
  const TwoSessions site;
  ASSERT_EQ(finish(PrlVm_Start(site.vm)), PRL_ERR_SUCCESS);
  ASSERT_EQ(finish(PrlVm_Lock(site.vm, 0)), PRL_ERR_SUCCESS);
  EXPECT_EQ(state_of(site.seen_by_other), VMS_RUNNING);
  EXPECT_EQ(validity_of(site.seen_by_other), PRL_ERR_VM_IS_EXCLUSIVELY_LOCKED);
  ASSERT_EQ(finish(PrlVm_Unlock(site.vm, 0)), PRL_ERR_SUCCESS);
  EXPECT_EQ(validity_of(site.seen_by_other), PRL_ERR_SUCCESS);
}

// vm-lifecycle 8, invariant 33
TEST(Lock, CannotBeTakenTwice) {
  const TwoSessions site;
  EXPECT_EQ(finish(PrlVm_Lock(site.vm, 0)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_Lock(site.vm, 0)), PRL_ERR_VM_IS_EXCLUSIVELY_LOCKED);
  EXPECT_EQ(finish(PrlVm_Unlock(site.vm, 0)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_Lock(site.vm, 0)), PRL_ERR_SUCCESS);
}

TEST(Lock, DiesWithItsSessionAndTheVmRunsOn) {
  const TwoSessions site;
  ASSERT_EQ(finish(PrlVm_Lock(site.seen_by_other, 0)), PRL_ERR_SUCCESS);
  ASSERT_EQ(finish(PrlVm_Start(site.seen_by_other)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_Pause(site.vm, PRL_FALSE)), PRL_ERR_VM_IS_EXCLUSIVELY_LOCKED);
  ASSERT_EQ(finish(PrlSrv_Logoff(site.other)), PRL_ERR_SUCCESS);
  EXPECT_EQ(state_of(site.vm), VMS_RUNNING);
  EXPECT_EQ(finish(PrlVm_Pause(site.vm, PRL_FALSE)), PRL_ERR_SUCCESS);
}

TEST(Lock, DiesWithTheServerHandleOfItsSession) {
  TwoSessions site;
  ASSERT_EQ(finish(PrlVm_Lock(site.seen_by_other, 0)), PRL_ERR_SUCCESS);
  site.seen_by_other = Handle();
  site.other = Handle();
  EXPECT_EQ(finish(PrlVm_Start(site.vm)), PRL_ERR_SUCCESS);
}

TEST(Lock, AndUnlockTellThatTheConfigurationChanged) {
  const TwoSessions site;
  Recorder recorder(site.other);
  ASSERT_EQ(finish(PrlVm_Lock(site.vm, 0)), PRL_ERR_SUCCESS);
  ASSERT_EQ(finish(PrlVm_Unlock(site.vm, 0)), PRL_ERR_SUCCESS);
  const auto seen = recorder.up_to_end_of(PrlVm_GetState(site.seen_by_other));
  EXPECT_EQ(std::ranges::count(seen, PET_DSP_EVT_VM_CONFIG_CHANGED, &Seen::event), 2);
}

TEST(Unlock, NamesWhyNot) {
  const TwoSessions site;
  EXPECT_EQ(finish(PrlVm_Unlock(site.vm, 0)), PRL_ERR_VM_IS_NOT_LOCKED);
  ASSERT_EQ(finish(PrlVm_Start(site.vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_Unlock(site.vm, 0)), PRL_ERR_NOT_LOCK_OWNER_SESSION_TRIES_TO_UNLOCK);
  ASSERT_EQ(finish(PrlVm_Lock(site.vm, 0)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_Unlock(site.seen_by_other, 0)),
            PRL_ERR_NOT_LOCK_OWNER_SESSION_TRIES_TO_UNLOCK);
  EXPECT_EQ(finish(PrlVm_Unlock(site.vm, 0)), PRL_ERR_SUCCESS);
}

TEST(Lock, OfAVmThatIsGoneIsForgotten) {
  const TwoSessions site;
  const Handle gone = unregistered_vm(site.server, "gone");
  EXPECT_EQ(finish(PrlVm_Lock(gone, 0)), PRL_ERR_VM_UUID_NOT_FOUND);
  EXPECT_EQ(finish(PrlVm_Unlock(gone, 0)), PRL_ERR_VM_UUID_NOT_FOUND);
  ASSERT_EQ(finish(PrlVm_Lock(site.vm, 0)), PRL_ERR_SUCCESS);
  ASSERT_EQ(finish(PrlVm_Unreg(site.vm)), PRL_ERR_SUCCESS);
  ASSERT_EQ(finish(PrlVm_Reg(site.vm, "", PRL_TRUE)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_Unlock(site.vm, 0)), PRL_ERR_VM_IS_NOT_LOCKED);
}

TEST(Restart, BootsTheGuestAnewAndAnnouncesNothing) {
  const Session session;
  const Handle vm = new_vm(session.server, "vm");
  ASSERT_EQ(finish(PrlVm_Start(vm)), PRL_ERR_SUCCESS);
  PRL_UINT64 before = 0, after = 0;
  PrlSim_GetBootCount(vm, &before);
  Recorder recorder(session.server);
  const auto seen = recorder.up_to_end_of(PrlVm_Restart(vm));
  EXPECT_EQ(seen.back().code, PRL_ERR_SUCCESS);
  EXPECT_EQ(seen.back().operation, PJOC_VM_RESTART);
  EXPECT_TRUE(states_in(seen).empty());
  EXPECT_EQ(state_of(vm), VMS_RUNNING);
  PrlSim_GetBootCount(vm, &after);
  EXPECT_EQ(after, before + 1);
}

TEST(Restart, IsForRunningVmsOnly) {
  const Session session;
  const Handle vm = new_vm(session.server, "vm");
  EXPECT_EQ(finish(PrlVm_Restart(vm)), PRL_ERR_DISP_VM_IS_NOT_STARTED);
  ASSERT_EQ(finish(PrlVm_Start(vm)), PRL_ERR_SUCCESS);
  ASSERT_EQ(finish(PrlVm_Pause(vm, PRL_FALSE)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_Restart(vm)), PRL_ERR_DISP_VM_COMMAND_CANT_BE_EXECUTED);
  ASSERT_EQ(finish(PrlVm_Suspend(vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_Restart(vm)), PRL_ERR_DISP_VM_IS_NOT_STARTED);
}

PRL_UINT64 uptime_of(PRL_HANDLE vm) {
  EXPECT_EQ(finish(PrlVm_RefreshConfig(vm)), PRL_ERR_SUCCESS);
  PRL_UINT64 seconds = UINT64_MAX;
  EXPECT_EQ(PrlVmCfg_GetUptime(vm, &seconds), PRL_ERR_SUCCESS);
  return seconds;
}

std::string uptime_start_of(PRL_HANDLE vm) {
  EXPECT_EQ(finish(PrlVm_RefreshConfig(vm)), PRL_ERR_SUCCESS);
  return text_of([vm](PRL_STR text, PRL_UINT32_PTR length) {
    return PrlVmCfg_GetUptimeStartDate(vm, text, length);
  });
}

// vm-lifecycle 8, invariant 38
TEST(Uptime, CountsTheTimeOfAllRunsAndNoOther) {
  const Session session;
  const Handle vm = new_vm(session.server, "vm");
  EXPECT_EQ(uptime_of(vm), 0u);
  PrlSim_AdvanceTime(5000);
  EXPECT_EQ(uptime_of(vm), 0u);
  ASSERT_EQ(finish(PrlVm_Start(vm)), PRL_ERR_SUCCESS);
  PrlSim_AdvanceTime(10'000);
  EXPECT_EQ(uptime_of(vm), 10u);
  ASSERT_EQ(finish(PrlVm_Pause(vm, PRL_FALSE)), PRL_ERR_SUCCESS);
  PrlSim_AdvanceTime(10'000);
  EXPECT_EQ(uptime_of(vm), 20u) << "a pause does not stop the clock";
  ASSERT_EQ(finish(PrlVm_Suspend(vm)), PRL_ERR_SUCCESS);
  const PRL_UINT64 suspended = uptime_of(vm);
  PrlSim_AdvanceTime(10'000);
  EXPECT_EQ(uptime_of(vm), suspended);
  ASSERT_EQ(finish(PrlVm_Resume(vm)), PRL_ERR_SUCCESS);
  PrlSim_AdvanceTime(10'000);
  EXPECT_GE(uptime_of(vm), suspended + 10);
}

TEST(Uptime, BeginsAnewWithAReset) {
  const Session session;
  const Handle vm = new_vm(session.server, "vm");
  EXPECT_EQ(uptime_start_of(vm), "2025-01-01 00:00:00");
  ASSERT_EQ(finish(PrlVm_Start(vm)), PRL_ERR_SUCCESS);
  PrlSim_AdvanceTime(90'000);
  ASSERT_EQ(finish(PrlVm_ResetUptime(vm, 0)), PRL_ERR_SUCCESS);
  EXPECT_EQ(uptime_of(vm), 0u);
  EXPECT_EQ(uptime_start_of(vm), "2025-01-01 00:01:30");
  EXPECT_EQ(state_of(vm), VMS_RUNNING);
  PrlSim_AdvanceTime(3000);
  EXPECT_EQ(uptime_of(vm), 3u);
}

TEST(Uptime, OfEarlierRunsGoesWithAReset) {
  const Session session;
  const Handle vm = new_vm(session.server, "vm");
  ASSERT_EQ(finish(PrlVm_Start(vm)), PRL_ERR_SUCCESS);
  PrlSim_AdvanceTime(90'000);
  ASSERT_EQ(finish(PrlVm_Stop(vm, PRL_FALSE)), PRL_ERR_SUCCESS);
  ASSERT_GE(uptime_of(vm), 90u);
  ASSERT_EQ(finish(PrlVm_ResetUptime(vm, 0)), PRL_ERR_SUCCESS);
  EXPECT_EQ(uptime_of(vm), 0u);
}

// vm-lifecycle 8, invariant 39
TEST(Uptime, IsNotChangedByACommit) {
  const Session session;
  const Handle vm = new_vm(session.server, "vm");
  ASSERT_EQ(finish(PrlVm_Start(vm)), PRL_ERR_SUCCESS);
  ASSERT_EQ(finish(PrlVm_BeginEdit(vm)), PRL_ERR_SUCCESS);
  PrlSim_AdvanceTime(7000);
  PrlVmCfg_SetDescription(vm, "changed");
  ASSERT_EQ(finish(PrlVm_Commit(vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(uptime_of(vm), 7u);
}

TEST(SetConfig, DoesNothing) {
  const Session session;
  const Handle vm = new_vm(session.server, "vm");
  const Handle other = new_vm(session.server, "other");
  EXPECT_EQ(PrlVm_SetConfig(vm, other), PRL_ERR_SUCCESS);
  EXPECT_EQ(name_of(vm), "vm");
  EXPECT_EQ(PrlVm_SetConfig(vm, session.server), PRL_ERR_INVALID_ARG);
}

TEST(RefreshConfigEx, ReloadsTheLocalCopy) {
  const Session session;
  const Handle vm = new_vm(session.server, "vm");
  PrlVmCfg_SetDescription(vm, "local");
  ASSERT_EQ(finish(PrlVm_RefreshConfigEx(vm, 0)), PRL_ERR_SUCCESS);
  EXPECT_EQ(text_of([&](PRL_STR text, PRL_UINT32_PTR length) {
              return PrlVmCfg_GetDescription(vm, text, length);
            }),
            "");
}

}  // namespace
}  // namespace prl::tests
