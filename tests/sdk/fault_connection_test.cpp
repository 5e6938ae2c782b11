// Faults of what is between a client and its VMs: the connection, the login, the service and the
// power of the host.
#include <algorithm>

#include "tests/sdk/fault_host.h"

namespace prl::tests {
namespace {

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

TEST(AStrike, CanEndSessionsAndTheService) {
  const Host host(tests::host("running", ""));
  EXPECT_EQ(PrlSim_Strike("restart_service", nullptr, 3000), PRL_ERR_SUCCESS);
  EXPECT_EQ(ping(host.server), PRL_ERR_NOT_CONNECTED_TO_DISPATCHER);
  EXPECT_NE(finish(PrlSrv_LoginLocal(host.server, "", 0, PSL_HIGH_SECURITY)), PRL_ERR_SUCCESS);
  let_time_pass(3000);
  EXPECT_EQ(finish(PrlSrv_LoginLocal(host.server, "", 0, PSL_HIGH_SECURITY)), PRL_ERR_SUCCESS);
  EXPECT_EQ(state_of(host.vm), VMS_RUNNING) << "VMs live on";
}

TEST(APowerCut, StopsVmsThatLive) {
  const Host host(tests::host(
      "running", rule("{ call = \"PrlVm_Pause\" }", "{ kind = \"power_cut\", delay_ms = 1000 }")));
  EXPECT_EQ(finish(PrlVm_Pause(host.vm, PRL_FALSE)), PRL_ERR_WS_DISP_CONNECTION_CLOSED);
  let_time_pass();
  ASSERT_EQ(finish(start_login(host.server)), PRL_ERR_SUCCESS);
  EXPECT_EQ(state_of(host.vm), VMS_STOPPED);
}

}  // namespace
}  // namespace prl::tests
