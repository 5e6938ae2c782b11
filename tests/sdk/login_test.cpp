// Sessions (core-api 7).
#include "tests/sdk/session.h"

namespace prl::tests {
namespace {

bool is_connected(PRL_HANDLE server) {
  PRL_BOOL connected = 77;
  PRL_BOOL is_local = 77;
  EXPECT_EQ(PrlSrv_IsConnected(server, &connected, &is_local), PRL_ERR_SUCCESS);
  EXPECT_EQ(is_local, connected ? PRL_BOOL(PRL_TRUE) : PRL_BOOL(77)) << "told only if connected";
  return connected;
}

std::string session_uuid(PRL_HANDLE login) {
  return text_of([login](PRL_STR text, PRL_UINT32_PTR length) {
    return PrlLoginResponse_GetSessionUuid(login, text, length);
  });
}

std::string server_uuid(PRL_HANDLE login) {
  return text_of([login](PRL_STR text, PRL_UINT32_PTR length) {
    return PrlLoginResponse_GetServerUuid(login, text, length);
  });
}

// core-api 12, invariant 47
TEST(AServer, IsConnectedBetweenLoginAndLogoff) {
  const Library library;
  const Handle server = new_server();
  EXPECT_FALSE(is_connected(server));
  EXPECT_EQ(finish(start_login(server)), PRL_ERR_SUCCESS);
  EXPECT_TRUE(is_connected(server));
  EXPECT_EQ(finish(PrlSrv_Logoff(server)), PRL_ERR_SUCCESS);
  EXPECT_FALSE(is_connected(server));
}

// core-api 12, invariant 48
TEST(ALogin, StartsANewSessionOnTheSameHost) {
  const Library library;
  const Handle server = new_server();
  const Handle other = new_server();
  const Handle first = answer_of(start_login(server));
  ASSERT_EQ(finish(PrlSrv_Logoff(server)), PRL_ERR_SUCCESS);
  const Handle second = answer_of(start_login(server));
  const Handle third = answer_of(PrlSrv_LoginLocalEx(other, "", 0, PSL_LOW_SECURITY, 0));
  EXPECT_NE(session_uuid(first), session_uuid(second));
  EXPECT_NE(session_uuid(second), session_uuid(third));
  EXPECT_EQ(server_uuid(first), server_uuid(second));
  EXPECT_EQ(server_uuid(first), server_uuid(third));
}

// core-api 12, invariant 49
TEST(AfterLogoff, EveryOperationIsNotConnectedAndLoginWorksAgain) {
  const Session session;
  const Handle vm = new_vm(session.server, "kept");
  ASSERT_EQ(finish(PrlSrv_Logoff(session.server)), PRL_ERR_SUCCESS);
  for (const PRL_HANDLE job :
       {PrlSrv_Logoff(session.server), PrlSrv_GetVmList(session.server), PrlVm_Start(vm),
        PrlVm_Suspend(vm), PrlVm_GetState(vm), PrlVm_Unreg(vm), PrlVm_Delete(vm, nullptr),
        PrlVm_RefreshConfig(vm), PrlVm_Reg(vm, "", PRL_TRUE),
        PrlSrv_GetVmConfig(session.server, "kept", PGVC_SEARCH_BY_NAME),
        PrlSrv_SetNonInteractiveSession(session.server, PRL_TRUE, 0)}) {
    EXPECT_EQ(finish(job), PRL_ERR_NOT_CONNECTED_TO_DISPATCHER);
  }
  EXPECT_EQ(name_of(vm), "kept");
  EXPECT_EQ(finish(start_login(session.server)), PRL_ERR_SUCCESS);
  EXPECT_EQ(state_of(vm), VMS_STOPPED);
}

// core-api 2.5 and 12, invariant 23
TEST(BeforeLogin, AnOperationWasSentAndIsNotConnected) {
  const Library library;
  const Handle server = new_server();
  const Handle job(PrlSrv_GetVmList(server));
  PRL_BOOL sent = PRL_FALSE;
  EXPECT_EQ(PrlJob_IsRequestWasSent(job, &sent), PRL_ERR_SUCCESS);
  EXPECT_EQ(sent, PRL_BOOL(PRL_TRUE));
  EXPECT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(job), PRL_ERR_NOT_CONNECTED_TO_DISPATCHER);
}

// core-api 12, invariant 28, by the one way in which a connection ends so far.
TEST(Logoff, FinishesTheJobsThatAreUnderWay) {
  const Session session;
  const Handle vm = new_vm(session.server, "left");
  const Handle start(PrlVm_Start(vm));
  ASSERT_EQ(finish(PrlSrv_Logoff(session.server)), PRL_ERR_SUCCESS);
  EXPECT_EQ(status_of(start), PJS_FINISHED);
  EXPECT_EQ(code_of(start), PRL_ERR_WS_DISP_CONNECTION_CLOSED);
  // The VM starts all the same; what becomes of that no longer reaches the job.
  PrlSim_AdvanceTime(10'000);
  EXPECT_EQ(code_of(start), PRL_ERR_WS_DISP_CONNECTION_CLOSED);
  ASSERT_EQ(finish(start_login(session.server)), PRL_ERR_SUCCESS);
  PrlSim_AdvanceTime(10'000);
  EXPECT_EQ(state_of(vm), VMS_RUNNING) << "the host goes on without the session";
}

// The same where the operation goes wrong afterwards: a job ends once.
TEST(Logoff, FinishesAJobForGood) {
  const Session session(
      "clock = \"virtual\"\n[[vm]]\nname = \"left\"\nram_mib = 4\n[[fault]]\nname = \"late\"\n"
      "match = { call = \"PrlVm_Start\" }\n"
      "effect = { kind = \"fail\", code = \"PRL_ERR_FAILURE\" }\n");
  const Handle vm = vm_by_name(session.server, "left");
  const Handle start(PrlVm_Start(vm));
  ASSERT_EQ(finish(PrlSrv_Logoff(session.server)), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(start), PRL_ERR_WS_DISP_CONNECTION_CLOSED);
  PrlSim_AdvanceTime(10'000);
  EXPECT_EQ(code_of(start), PRL_ERR_WS_DISP_CONNECTION_CLOSED);
  ASSERT_EQ(finish(start_login(session.server)), PRL_ERR_SUCCESS);
  EXPECT_EQ(state_of(vm), VMS_STOPPED) << "the start has failed";
}

// core-api 7.2: the old session ends silently.
TEST(ASecondLogin, ClosesTheJobsOfTheFirstSession) {
  const Session session;
  const Handle vm = new_vm(session.server, "left");
  const Handle start(PrlVm_Start(vm));
  EXPECT_EQ(finish(start_login(session.server)), PRL_ERR_SUCCESS);
  EXPECT_EQ(status_of(start), PJS_FINISHED);
  EXPECT_EQ(code_of(start), PRL_ERR_WS_DISP_CONNECTION_CLOSED);
  EXPECT_TRUE(is_connected(session.server));
}

TEST(ALogin, AtAnUnknownSecurityLevelIsABadArgument) {
  const Library library;
  const Handle server = new_server();
  EXPECT_EQ(finish(PrlSrv_LoginLocal(server, "", 0, static_cast<PRL_SECURITY_LEVEL>(3))),
            PRL_ERR_INVALID_ARG);
  EXPECT_FALSE(is_connected(server));
}

TEST(AFreshLogin, FindsNoRunningTask) {
  const Library library;
  const Handle server = new_server();
  const Handle login = answer_of(start_login(server));
  PRL_UINT32 count = 1;
  PRL_HANDLE task = PRL_INVALID_HANDLE;
  EXPECT_EQ(PrlLoginResponse_GetRunningTaskCount(login, &count), PRL_ERR_SUCCESS);
  EXPECT_EQ(count, 0u);
  EXPECT_EQ(PrlLoginResponse_GetRunningTaskByIndex(login, 0, &task), PRL_ERR_INVALID_ARG);
}

TEST(ASession, IsInteractiveUntilToldOtherwise) {
  const Session session;
  PRL_BOOL value = PRL_TRUE;
  EXPECT_EQ(PrlSrv_IsNonInteractiveSession(session.server, &value), PRL_ERR_SUCCESS);
  EXPECT_EQ(value, PRL_BOOL(PRL_FALSE));
  EXPECT_EQ(finish(PrlSrv_SetNonInteractiveSession(session.server, PRL_TRUE, 0)), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlSrv_IsNonInteractiveSession(session.server, &value), PRL_ERR_SUCCESS);
  EXPECT_EQ(value, PRL_BOOL(PRL_TRUE));
}

TEST(VmsOfTheHost, AreFoundByNameAndByUuidWithOrWithoutBraces) {
  const Session session;
  const Handle vm = new_vm(session.server, "sought");
  const std::string braced = uuid_of(vm);
  const std::string bare = braced.substr(1, braced.size() - 2);
  for (const std::string& id : {braced, bare}) {
    EXPECT_EQ(answer_of(PrlSrv_GetVmConfig(session.server, id.c_str(), PGVC_SEARCH_BY_UUID)).get(),
              vm.get());
  }
  EXPECT_EQ(vm_by_name(session.server, "sought").get(), vm.get());
  EXPECT_EQ(finish(PrlSrv_GetVmConfig(session.server, "nobody", PGVC_SEARCH_BY_NAME)),
            PRL_ERR_VM_UUID_NOT_FOUND);
}

TEST(VmsOfTheHost, OutliveTheSessionThatMadeThem) {
  const Library library;
  {
    const Handle server = new_server();
    ASSERT_EQ(finish(start_login(server)), PRL_ERR_SUCCESS);
    new_vm(server, "lasting");
  }
  const Handle server = new_server();
  ASSERT_EQ(finish(start_login(server)), PRL_ERR_SUCCESS);
  EXPECT_EQ(name_of(vm_by_name(server, "lasting")), "lasting");
}

}  // namespace
}  // namespace prl::tests
