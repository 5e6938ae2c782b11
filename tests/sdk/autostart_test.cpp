// What VMs do when the service of their host goes and when it is back (vm-lifecycle 4.5).
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "tests/sdk/session.h"

namespace prl::tests {
namespace {

// A host with a VM in this state, which is started automatically or not.
class ReturningService : public ::testing::Test {
 protected:
  void begin(const std::string& state, PRL_VM_AUTOSTART_OPTION when, PRL_UINT32 delay_s = 0) {
    session_.emplace("clock = \"virtual\"\n[[vm]]\nname = \"vm\"\nram_mib = 4\nstate = \"" + state +
                     "\"\n");
    vm_ = vm_by_name(session_->server, "vm");
    ASSERT_EQ(finish(PrlVm_BeginEdit(vm_)), PRL_ERR_SUCCESS);
    PrlVmCfg_SetAutoStart(vm_, when);
    PrlVmCfg_SetAutoStartDelay(vm_, delay_s);
    ASSERT_EQ(finish(PrlVm_Commit(vm_)), PRL_ERR_SUCCESS);
  }
  void suspend() { ASSERT_EQ(finish(PrlVm_Suspend(vm_)), PRL_ERR_SUCCESS); }
  void strike(const char* kind, PRL_UINT64 away_ms = 0) {
    ASSERT_EQ(PrlSim_Strike(kind, nullptr, away_ms), PRL_ERR_SUCCESS);
    if (away_ms == 0) log_in();
  }
  VIRTUAL_MACHINE_STATE unseen_state_after(PRL_UINT64 ms) {
    EXPECT_EQ(PrlSim_AdvanceTime(ms), PRL_ERR_SUCCESS);
    VIRTUAL_MACHINE_STATE state = VMS_UNKNOWN;
    EXPECT_EQ(PrlSim_GetVmState("vm", &state), PRL_ERR_SUCCESS);
    return state;
  }
  void shut_down() {
    ASSERT_EQ(finish(PrlSrv_Shutdown(session_->server, PRL_TRUE)), PRL_ERR_SUCCESS);
  }
  void log_in() { ASSERT_EQ(finish(start_login(session_->server)), PRL_ERR_SUCCESS); }
  VIRTUAL_MACHINE_STATE state_after(PRL_UINT64 ms = 10'000) {
    EXPECT_EQ(PrlSim_AdvanceTime(ms), PRL_ERR_SUCCESS);
    return state_of(vm_);
  }
  PRL_UINT64 boots() const {
    PRL_UINT64 count = 0;
    PrlSim_GetBootCount(vm_, &count);
    return count;
  }
  PRL_HANDLE vm() const { return vm_; }
  PRL_HANDLE server() const { return session_->server; }

 private:
  std::optional<Session> session_;
  Handle vm_;
};

TEST_F(ReturningService, StartsVmsOnLoad) {
  begin("stopped", PAO_VM_START_ON_LOAD);
  EXPECT_EQ(state_after(), VMS_STOPPED) << "nothing was loaded yet";
  strike("restart_service");
  EXPECT_EQ(state_after(), VMS_RUNNING);
}

TEST_F(ReturningService, ResumesSuspendedVmsOnLoad) {
  begin("running", PAO_VM_START_ON_LOAD);
  suspend();
  const PRL_UINT64 before = boots();
  strike("restart_service");
  EXPECT_EQ(state_after(), VMS_RUNNING);
  EXPECT_EQ(boots(), before);
}

TEST_F(ReturningService, LeavesOthersAlone) {
  begin("stopped", PAO_VM_START_MANUAL);
  strike("restart_service");
  EXPECT_EQ(state_after(), VMS_STOPPED);
}

TEST_F(ReturningService, LetsAPausedVmPause) {
  begin("paused", PAO_VM_START_ON_LOAD);
  strike("restart_service");
  EXPECT_EQ(state_after(), VMS_PAUSED);
}

TEST_F(ReturningService, BringsBackOnReloadWhatItHasSuspendedItself) {
  begin("running", PAO_VM_START_ON_RELOAD);
  shut_down();
  EXPECT_EQ(unseen_state_after(10'000), VMS_SUSPENDED) << "it begins with the next login";
  log_in();
  EXPECT_EQ(state_after(), VMS_RUNNING);
}

TEST_F(ReturningService, DoesNotBringBackOnReloadWhatAClientHasStopped) {
  begin("running", PAO_VM_START_ON_RELOAD);
  suspend();
  shut_down();
  log_in();
  EXPECT_EQ(state_after(), VMS_SUSPENDED);
}

// It ran when the service went before, and no longer when it went this time.
TEST_F(ReturningService, ForgetsWhatRanWhenItWentBefore) {
  begin("running", PAO_VM_START_ON_RELOAD);
  strike("restart_service");
  ASSERT_EQ(finish(PrlVm_Stop(vm(), PRL_FALSE)), PRL_ERR_SUCCESS);
  strike("restart_service");
  EXPECT_EQ(state_after(), VMS_STOPPED);
}

// Nothing begins at the time at which it would have been back.
TEST_F(ReturningService, BeginsOnceWhereItGoesAgainWhileItIsAway) {
  begin("stopped", PAO_VM_START_ON_LOAD);
  strike("restart_service", 20'000);
  EXPECT_EQ(unseen_state_after(10'000), VMS_STOPPED);
  strike("restart_service", 20'000);
  EXPECT_EQ(unseen_state_after(19'000), VMS_STOPPED);
  EXPECT_EQ(unseen_state_after(2'000), VMS_RUNNING);
}

TEST_F(ReturningService, BootsOnReloadWhatTheHostHasLost) {
  begin("running", PAO_VM_START_ON_RELOAD);
  const PRL_UINT64 before = boots();
  strike("power_cut");
  EXPECT_EQ(state_after(), VMS_RUNNING);
  EXPECT_EQ(boots(), before + 1);
}

TEST_F(ReturningService, StartsVmsAfterTheirDelay) {
  begin("stopped", PAO_VM_START_ON_LOAD, 30);
  strike("restart_service");
  EXPECT_EQ(state_after(29'000), VMS_STOPPED);
  EXPECT_EQ(state_after(2'000), VMS_RUNNING);
}

TEST_F(ReturningService, ForgetsADelayWhenItGoesAgain) {
  begin("stopped", PAO_VM_START_ON_LOAD, 30);
  strike("restart_service");
  EXPECT_EQ(state_after(29'000), VMS_STOPPED);
  strike("restart_service");
  EXPECT_EQ(state_after(29'000), VMS_STOPPED);
  EXPECT_EQ(state_after(2'000), VMS_RUNNING);
}

// A client may have been quicker, and may have undone it.
TEST_F(ReturningService, StartsNothingTwice) {
  begin("stopped", PAO_VM_START_ON_LOAD, 30);
  strike("restart_service");
  ASSERT_EQ(finish(PrlVm_Start(vm())), PRL_ERR_SUCCESS);
  ASSERT_EQ(finish(PrlVm_Pause(vm(), PRL_FALSE)), PRL_ERR_SUCCESS);
  EXPECT_EQ(state_after(60'000), VMS_PAUSED);
}

// vm-lifecycle 8, invariant 42
TEST_F(ReturningService, EndsMountsWhenItGoes) {
  begin("stopped", PAO_VM_START_MANUAL);
  for (const char* kind : {"restart_service", "power_cut"}) {
    ASSERT_EQ(finish(PrlVm_Mount(vm(), "", 0)), PRL_ERR_SUCCESS);
    ASSERT_EQ(state_of(vm()), VMS_MOUNTED);
    strike(kind);
    EXPECT_EQ(state_of(vm()), VMS_STOPPED) << kind;
  }
}

TEST_F(ReturningService, TellsItsSessionsWhatItStarts) {
  begin("running", PAO_VM_START_ON_RELOAD);
  shut_down();
  log_in();
  Recorder recorder(server());
  EXPECT_EQ(PrlSim_AdvanceTime(10'000), PRL_ERR_SUCCESS);
  const auto seen = recorder.up_to_end_of(PrlSrv_GetVmList(server()));
  EXPECT_EQ(states_in(seen).back(), VMS_RUNNING);
}

}  // namespace
}  // namespace prl::tests
