// Which jobs a rule strikes, and rules that come and go at run time.
#include "tests/sdk/fault_host.h"

namespace prl::tests {
namespace {

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

}  // namespace
}  // namespace prl::tests
