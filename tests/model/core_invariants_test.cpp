// Invariants of core-api 12 that go across many functions.
#include <gtest/gtest.h>

#include <functional>

#include "tests/sdk/session.h"

namespace prl::tests {
namespace {

using Getter = PRL_RESULT (*)(PRL_HANDLE, PRL_STR, PRL_UINT32_PTR);

std::string read(PRL_HANDLE handle, Getter get) {
  return text_of([&](PRL_STR text, PRL_UINT32_PTR length) { return get(handle, text, length); });
}

// Invariant 51
TEST(TheServerInfo, EqualsTheLoginResponse) {
  const Library library;
  const Handle server = new_server();
  const Handle login = answer_of(start_login(server));
  Handle info;
  ASSERT_EQ(PrlSrv_GetServerInfo(server, info.out()), PRL_ERR_SUCCESS);
  EXPECT_EQ(read(info, PrlSrvInfo_GetServerUuid), read(login, PrlLoginResponse_GetServerUuid));
  EXPECT_EQ(read(info, PrlSrvInfo_GetOsVersion), read(login, PrlLoginResponse_GetHostOsVersion));
  EXPECT_EQ(read(info, PrlSrvInfo_GetProductVersion),
            read(login, PrlLoginResponse_GetProductVersion));
  EXPECT_NE(read(info, PrlSrvInfo_GetProductVersion), "");
}

// Invariant 10: the rows of core-api 4 whose operations a host with one running VM can carry out.
TEST(ResultsOfHostAndVm, HaveTheTypesOfTheTable) {
  const Session session(
      "clock = \"virtual\"\n[[vm]]\nname = \"vm\"\nram_mib = 4\nstate = \"running\"\n"
      "tools = true\n");
  const PRL_HANDLE server = session.server;
  const Handle vm = vm_by_name(server, "vm");
  struct Row {
    const char* operation;
    std::function<PRL_HANDLE()> start;
    PRL_HANDLE_TYPE type;
  };
  const std::vector<Row> rows = {
      {"GetVmList", [=] { return PrlSrv_GetVmList(server); }, PHT_VIRTUAL_MACHINE},
      {"GetSrvConfig", [=] { return PrlSrv_GetSrvConfig(server); }, PHT_SERVER_CONFIG},
      {"GetCommonPrefs", [=] { return PrlSrv_GetCommonPrefs(server); }, PHT_DISP_CONFIG},
      {"GetUserProfile", [=] { return PrlSrv_GetUserProfile(server); }, PHT_USER_PROFILE},
      {"GetUserInfoList", [=] { return PrlSrv_GetUserInfoList(server); }, PHT_USER_INFO},
      {"GetLicenseInfo", [=] { return PrlSrv_GetLicenseInfo(server); }, PHT_LICENSE},
      {"GetStatistics", [=] { return PrlSrv_GetStatistics(server); }, PHT_SYSTEM_STATISTICS},
      {"FsGetDiskList", [=] { return PrlSrv_FsGetDiskList(server); }, PHT_REMOTE_FILESYSTEM_INFO},
      {"GetVirtualNetworkList", [=] { return PrlSrv_GetVirtualNetworkList(server, 0); },
       PHT_VIRTUAL_NETWORK},
      {"GetNetServiceStatus", [=] { return PrlSrv_GetNetServiceStatus(server); },
       PHT_NET_SERVICE_STATUS},
      {"GetNetworkClassesList", [=] { return PrlSrv_GetNetworkClassesList(server, 0); },
       PHT_HANDLES_LIST},
      {"GetProblemReport", [=] { return PrlSrv_GetProblemReport(server); }, PHT_PROBLEM_REPORT},
      {"GetState", [&] { return PrlVm_GetState(vm); }, PHT_VM_INFO},
      {"RefreshConfig", [&] { return PrlVm_RefreshConfig(vm); }, PHT_VIRTUAL_MACHINE},
      {"BeginEdit", [&] { return PrlVm_BeginEdit(vm); }, PHT_VIRTUAL_MACHINE},
      {"Commit", [&] { return PrlVm_Commit(vm); }, PHT_VIRTUAL_MACHINE},
      {"GetToolsState", [&] { return PrlVm_GetToolsState(vm); }, PHT_VM_TOOLS_INFO},
      {"VmGetStatistics", [&] { return PrlVm_GetStatistics(vm); }, PHT_SYSTEM_STATISTICS},
      {"CaptureScreen", [&] { return PrlVm_CaptureScreen(vm, 0, 0, 0); }, PHT_EVENT},
      {"LoginInGuest",
       [&] { return PrlVm_LoginInGuest(vm, PRL_PRIVILEGED_GUEST_OS_SESSION, nullptr, 0); },
       PHT_VM_GUEST_SESSION},
      {"Restore", [&] { return PrlVm_Restore(vm); }, PHT_VIRTUAL_MACHINE},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.operation);
    const Handle answer = answer_of(row.start());
    PRL_HANDLE_TYPE type = PHT_ERROR;
    EXPECT_EQ(PrlHandle_GetType(answer, &type), PRL_ERR_SUCCESS);
    EXPECT_EQ(type, row.type);
  }
}

}  // namespace
}  // namespace prl::tests
