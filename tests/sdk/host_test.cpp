// What a host keeps beside its VMs, as clients read and change it (config-model 8, 9).
#include <gtest/gtest.h>
#include <prlsdk/prl_sim.h>

#include <future>
#include <string>
#include <vector>

#include "tests/sdk/api_session.h"

namespace prl::tests {
namespace {

PRL_UINT32 number_of(PRL_HANDLE handle, PRL_RESULT (*get)(PRL_HANDLE, PRL_UINT32_PTR)) {
  PRL_UINT32 value = 0;
  EXPECT_EQ(get(handle, &value), PRL_ERR_SUCCESS);
  return value;
}

std::vector<std::string> texts_of(const std::vector<PRL_HANDLE>& objects,
                                  PRL_RESULT (*get)(PRL_HANDLE, PRL_STR, PRL_UINT32_PTR)) {
  std::vector<std::string> texts;
  for (const PRL_HANDLE object : objects) {
    texts.push_back(text_of(object, get));
    PrlHandle_Free(object);
  }
  return texts;
}

class Host : public ::testing::Test {
 protected:
  PRL_HANDLE server() const { return session_.server(); }
  std::vector<std::string> network_ids() const {
    return texts_of(end_of(PrlSrv_GetVirtualNetworkList(server(), 0)).parameters,
                    PrlVirtNet_GetNetworkId);
  }

  InitialisedLibrary library_;
  ApiSession session_;
};

// faults/scenario.md, [host] and [[user]].
TEST(ADescribedHost, IsWhatItsScenarioSays) {
  PrlSim_SetScenario(
      "[host]\nname = \"farm-7\"\ncpus = 64\ncpu_model = \"Some processor\"\ncpu_mhz = 3100\n"
      "ram_mib = 262144\ndisk_gib = 4096\nos = \"Some system\"\n"
      "[[user]]\nname = \"operator\"\npassword = \"secret\"\n[[user]]\nname = \"guest\"\n");
  {
    const InitialisedLibrary library;
    PRL_HANDLE server = PRL_INVALID_HANDLE;
    ASSERT_EQ(PrlSrv_Create(&server), PRL_ERR_SUCCESS);
    const auto log_in = [&](const char* user, const char* password) {
      return code_of(PrlSrv_Login(server, "farm-7", user, password, "", 0, 0, PSL_LOW_SECURITY));
    };
    EXPECT_EQ(log_in("operator", "guess"), PRL_ERR_AUTHENTICATION_FAILED);
    EXPECT_EQ(log_in("root", "secret"), PRL_ERR_AUTHENTICATION_FAILED);
    EXPECT_EQ(log_in("guest", ""), PRL_ERR_SUCCESS);
    EXPECT_EQ(code_of(PrlSrv_Logoff(server)), PRL_ERR_SUCCESS);
    EXPECT_EQ(log_in("operator", "secret"), PRL_ERR_SUCCESS);
    const PRL_HANDLE config = object_of(PrlSrv_GetSrvConfig(server));
    EXPECT_EQ(text_of(config, PrlSrvCfg_GetHostname), "farm-7");
    EXPECT_EQ(number_of(config, PrlSrvCfg_GetCpuCount), 64u);
    EXPECT_EQ(text_of(config, PrlSrvCfg_GetCpuModel), "Some processor");
    EXPECT_EQ(number_of(config, PrlSrvCfg_GetHostRamSize), 262144u);
    EXPECT_EQ(text_of(config, PrlSrvCfg_GetHostOsStrPresentation), "Some system");
    PRL_HANDLE disk = PRL_INVALID_HANDLE;
    PRL_UINT64 bytes = 0;
    EXPECT_EQ(PrlSrvCfg_GetHardDisk(config, 0, &disk), PRL_ERR_SUCCESS);
    EXPECT_EQ(PrlSrvCfgHdd_GetDevSize(disk, &bytes), PRL_ERR_SUCCESS);
    EXPECT_EQ(bytes, uint64_t{4096} << 30);
    for (const PRL_HANDLE object : {disk, config, server}) PrlHandle_Free(object);
  }
  PrlSim_SetScenario(nullptr);
}

TEST_F(Host, DescribesItsHardware) {
  const PRL_HANDLE config = object_of(PrlSrv_GetSrvConfig(server()));
  EXPECT_EQ(number_of(config, PrlSrvCfg_GetCpuCount), 8u);
  EXPECT_EQ(number_of(config, PrlSrvCfg_GetHostRamSize), 16384u);
  EXPECT_EQ(number_of(config, PrlSrvCfg_GetHardDisksCount), 1u);
  EXPECT_EQ(number_of(config, PrlSrvCfg_GetOpticalDisksCount), 1u);
  EXPECT_EQ(number_of(config, PrlSrvCfg_GetNetAdaptersCount), 2u);
  EXPECT_EQ(number_of(config, PrlSrvCfg_GetFloppyDisksCount), 0u);
  PRL_HANDLE disk = PRL_INVALID_HANDLE;
  PRL_HANDLE part = PRL_INVALID_HANDLE;
  PRL_DEVICE_TYPE type = PDE_GENERIC_DEVICE;
  ASSERT_EQ(PrlSrvCfg_GetHardDisk(config, 0, &disk), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlSrvCfgDev_GetType(disk, &type), PRL_ERR_SUCCESS);
  EXPECT_EQ(type, PDE_HARD_DISK);
  EXPECT_EQ(number_of(disk, PrlSrvCfgHdd_GetPartsCount), 3u);
  ASSERT_EQ(PrlSrvCfgHdd_GetPart(disk, 1, &part), PRL_ERR_SUCCESS);
  EXPECT_EQ(text_of(part, PrlSrvCfgHddPart_GetSysName), "/dev/sda2");
  PrlHandle_Free(config);  // a part keeps the whole alive
  EXPECT_EQ(number_of(part, PrlSrvCfgHddPart_GetIndex), 1u);
  PrlHandle_Free(disk);
  PrlHandle_Free(part);
}

TEST_F(Host, KeepsPreferencesThatWereCommitted) {
  EXPECT_EQ(code_of(PrlSrv_CommonPrefsBeginEdit(server())), PRL_ERR_SUCCESS);
  const PRL_HANDLE mine = object_of(PrlSrv_GetCommonPrefs(server()));
  EXPECT_EQ(number_of(mine, PrlDispCfg_GetVNCBasePort), 5900u);
  EXPECT_EQ(PrlDispCfg_SetVNCBasePort(mine, 6000), PRL_ERR_SUCCESS);
  const PRL_HANDLE before = object_of(PrlSrv_GetCommonPrefs(server()));
  EXPECT_EQ(number_of(before, PrlDispCfg_GetVNCBasePort), 5900u);
  EXPECT_EQ(code_of(PrlSrv_CommonPrefsCommit(server(), mine)), PRL_ERR_SUCCESS);
  const ApiSession other;
  const PRL_HANDLE after = object_of(PrlSrv_GetCommonPrefs(other.server()));
  EXPECT_EQ(number_of(after, PrlDispCfg_GetVNCBasePort), 6000u);
  // A commit uses its beginning up.
  EXPECT_EQ(code_of(PrlSrv_CommonPrefsCommit(server(), mine)),
            PRL_ERR_CONFIG_BEGIN_EDIT_NOT_FOUND_OBJECT_UUID);
  for (const PRL_HANDLE handle : {mine, before, after}) PrlHandle_Free(handle);
}

TEST_F(Host, MergesPreferencesOfTwoSessionsAndRefusesAClash) {
  const ApiSession other;
  PRL_HANDLE mine = PRL_INVALID_HANDLE;
  PRL_HANDLE theirs = PRL_INVALID_HANDLE;
  const auto begin_both = [&] {
    code_of(PrlSrv_CommonPrefsBeginEdit(server()));
    code_of(PrlSrv_CommonPrefsBeginEdit(other.server()));
    mine = object_of(PrlSrv_GetCommonPrefs(server()));
    theirs = object_of(PrlSrv_GetCommonPrefs(other.server()));
  };
  const auto commit_both = [&] {
    EXPECT_EQ(code_of(PrlSrv_CommonPrefsCommit(server(), mine)), PRL_ERR_SUCCESS);
    const PRL_RESULT second = code_of(PrlSrv_CommonPrefsCommit(other.server(), theirs));
    PrlHandle_Free(mine);
    PrlHandle_Free(theirs);
    return second;
  };
  begin_both();
  PrlDispCfg_SetVNCBasePort(mine, 6001);
  PrlDispCfg_SetMaxVmMem(theirs, 1024);
  EXPECT_EQ(commit_both(), PRL_ERR_SUCCESS);
  begin_both();
  EXPECT_EQ(number_of(mine, PrlDispCfg_GetVNCBasePort), 6001u);
  EXPECT_EQ(number_of(mine, PrlDispCfg_GetMaxVmMem), 1024u);
  PrlDispCfg_SetVNCBasePort(mine, 6002);
  PrlDispCfg_SetVNCBasePort(theirs, 6003);
  EXPECT_EQ(commit_both(), PRL_ERR_COMMON_SERVER_PREFS_WERE_CHANGED);
}

TEST_F(Host, TellsEverySessionOfChangedPreferences) {
  const ApiSession other;
  std::promise<PRL_EVENT_TYPE> seen;
  const auto handler = [](PRL_HANDLE event, PRL_VOID_PTR user) -> PRL_RESULT {
    PRL_HANDLE_TYPE kind = PHT_ERROR;
    PRL_EVENT_TYPE type = PET_DSP_EVT_VM_ADDED;
    PrlHandle_GetType(event, &kind);
    if (kind == PHT_EVENT && PrlEvent_GetType(event, &type) == PRL_ERR_SUCCESS) {
      static_cast<std::promise<PRL_EVENT_TYPE>*>(user)->set_value(type);
    }
    PrlHandle_Free(event);
    return PRL_ERR_SUCCESS;
  };
  ASSERT_EQ(PrlSrv_RegEventHandler(other.server(), handler, &seen), PRL_ERR_SUCCESS);
  code_of(PrlSrv_CommonPrefsBeginEdit(server()));
  const PRL_HANDLE mine = object_of(PrlSrv_GetCommonPrefs(server()));
  code_of(PrlSrv_CommonPrefsCommit(server(), mine));
  PrlHandle_Free(mine);
  EXPECT_EQ(seen.get_future().get(), PET_DSP_EVT_COMMON_PREFS_CHANGED);
  PrlSrv_UnregEventHandler(other.server(), handler, &seen);
}

TEST_F(Host, HasTheNetworksOfAFreshOne) {
  EXPECT_EQ(network_ids(), (std::vector<std::string>{"Bridged", "Shared", "Host-Only"}));
  const PRL_HANDLE config = object_of(PrlSrv_GetSrvConfig(server()));
  const JobEnd networks = end_of(PrlSrv_GetVirtualNetworkList(server(), 0));
  PRL_HANDLE adapter = PRL_INVALID_HANDLE;
  EXPECT_EQ(PrlVirtNet_GetBoundAdapterInfo(networks.parameters[0], config, &adapter),
            PRL_ERR_SUCCESS);
  EXPECT_EQ(text_of(adapter, PrlSrvCfgDev_GetId), "eth0");
  PrlHandle_Free(adapter);
  EXPECT_EQ(PrlVirtNet_GetBoundAdapterInfo(networks.parameters[2], config, &adapter),
            PRL_ERR_NETWORK_ADAPTER_NOT_FOUND);
  for (const PRL_HANDLE network : networks.parameters) PrlHandle_Free(network);
  PrlHandle_Free(config);
}

TEST_F(Host, AddsUpdatesAndRemovesNetworks) {
  PRL_HANDLE network = PRL_INVALID_HANDLE;
  ASSERT_EQ(PrlVirtNet_Create(&network), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(PrlSrv_AddVirtualNetwork(server(), network, 0)),
            PRL_NET_VIRTUAL_NETWORK_ID_NOT_EXISTS);
  PrlVirtNet_SetNetworkId(network, "lab");
  EXPECT_EQ(code_of(PrlSrv_UpdateVirtualNetwork(server(), network, 0)),
            PRL_NET_VIRTUAL_NETWORK_NOT_FOUND);
  EXPECT_EQ(code_of(PrlSrv_AddVirtualNetwork(server(), network, 0)), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(PrlSrv_AddVirtualNetwork(server(), network, 0)),
            PRL_NET_DUPLICATE_VIRTUAL_NETWORK_ID);
  EXPECT_EQ(network_ids().back(), "lab");
  PrlVirtNet_SetDescription(network, "changed");
  EXPECT_EQ(code_of(PrlSrv_UpdateVirtualNetwork(server(), network, 0)), PRL_ERR_SUCCESS);
  EXPECT_EQ(texts_of(end_of(PrlSrv_GetVirtualNetworkList(server(), 0)).parameters,
                     PrlVirtNet_GetDescription)
                .back(),
            "changed");
  EXPECT_EQ(code_of(PrlSrv_DeleteVirtualNetwork(server(), network, 0)), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(PrlSrv_DeleteVirtualNetwork(server(), network, 0)),
            PRL_NET_VIRTUAL_NETWORK_NOT_FOUND);
  EXPECT_EQ(network_ids().size(), 3u);
  PrlHandle_Free(network);
}

TEST_F(Host, RestoresTheNetworksOfAFreshOne) {
  const JobEnd networks = end_of(PrlSrv_GetVirtualNetworkList(server(), 0));
  for (const PRL_HANDLE network : networks.parameters) {
    code_of(PrlSrv_DeleteVirtualNetwork(server(), network, 0));
    PrlHandle_Free(network);
  }
  EXPECT_TRUE(network_ids().empty());
  EXPECT_EQ(code_of(PrlSrv_NetServiceRestoreDefaults(server())), PRL_ERR_SUCCESS);
  EXPECT_EQ(network_ids().size(), 3u);
}

TEST_F(Host, KeepsPortForwardsOfEachProtocolApart) {
  PRL_HANDLE network = PRL_INVALID_HANDLE;
  PRL_HANDLE rule = PRL_INVALID_HANDLE;
  PRL_HANDLE list = PRL_INVALID_HANDLE;
  PrlVirtNet_Create(&network);
  PrlPortFwd_Create(&rule);
  PrlApi_CreateHandlesList(&list);
  PrlPortFwd_SetIncomingPort(rule, 8080);
  PrlHndlList_AddItem(list, rule);
  EXPECT_EQ(PrlVirtNet_SetPortForwardList(network, PPF_TCP, list), PRL_ERR_SUCCESS);
  PrlPortFwd_SetIncomingPort(rule, 1);  // the network has a copy
  PRL_HANDLE read = PRL_INVALID_HANDLE;
  PRL_HANDLE item = PRL_INVALID_HANDLE;
  PRL_UINT16 port = 0;
  EXPECT_EQ(PrlVirtNet_GetPortForwardList(network, PPF_TCP, &read), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlHndlList_GetItem(read, 0, &item), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlPortFwd_GetIncomingPort(item, &port), PRL_ERR_SUCCESS);
  EXPECT_EQ(port, 8080);
  PrlHandle_Free(read);
  EXPECT_EQ(PrlVirtNet_GetPortForwardList(network, PPF_UDP, &read), PRL_ERR_SUCCESS);
  EXPECT_EQ(number_of(read, PrlHndlList_GetItemsCount), 0u);
  for (const PRL_HANDLE handle : {network, rule, list, read, item}) PrlHandle_Free(handle);
}

TEST_F(Host, TellsWhetherItsNetworkServiceRuns) {
  const auto status = [this] {
    const PRL_HANDLE answer = object_of(PrlSrv_GetNetServiceStatus(server()));
    PRL_SERVICE_STATUS_ENUM value = PSS_UNKNOWN;
    EXPECT_EQ(PrlNetSvc_GetStatus(answer, &value), PRL_ERR_SUCCESS);
    PrlHandle_Free(answer);
    return value;
  };
  EXPECT_EQ(status(), PSS_STARTED);
  code_of(PrlSrv_NetServiceStop(server()));
  EXPECT_EQ(status(), PSS_STOPPED);
  code_of(PrlSrv_NetServiceStart(server()));
  EXPECT_EQ(status(), PSS_STARTED);
}

TEST_F(Host, ReplacesNetworkClassesByAList) {
  PRL_HANDLE list = PRL_INVALID_HANDLE;
  PRL_HANDLE row = PRL_INVALID_HANDLE;
  PrlApi_CreateHandlesList(&list);
  EXPECT_EQ(PrlNetworkClass_Create(0, &row), PRL_ERR_INVALID_ARG);
  ASSERT_EQ(PrlNetworkClass_Create(3, &row), PRL_ERR_SUCCESS);
  PrlHndlList_AddItem(list, row);
  EXPECT_EQ(code_of(PrlSrv_UpdateNetworkClassesList(server(), list, 0)), PRL_ERR_SUCCESS);
  const PRL_HANDLE read = object_of(PrlSrv_GetNetworkClassesList(server(), 0));
  PRL_HANDLE item = PRL_INVALID_HANDLE;
  ASSERT_EQ(PrlHndlList_GetItem(read, 0, &item), PRL_ERR_SUCCESS);
  EXPECT_EQ(number_of(item, PrlNetworkClass_GetClassId), 3u);
  for (const PRL_HANDLE handle : {list, row, read, item}) PrlHandle_Free(handle);
}

TEST_F(Host, KnowsItsUsers) {
  const JobEnd users = end_of(PrlSrv_GetUserInfoList(server()));
  ASSERT_EQ(users.parameters.size(), 1u);
  const std::string uuid = text_of(users.parameters[0], PrlUsrInfo_GetUuid);
  EXPECT_EQ(number_of(users.parameters[0], PrlUsrInfo_GetSessionCount), 1u);
  const PRL_HANDLE one = object_of(PrlSrv_GetUserInfo(server(), uuid.c_str()));
  EXPECT_EQ(text_of(one, PrlUsrInfo_GetName), text_of(users.parameters[0], PrlUsrInfo_GetName));
  EXPECT_EQ(code_of(PrlSrv_GetUserInfo(server(), "nobody")), PRL_ERR_USER_NOT_FOUND);
  PrlHandle_Free(one);
  PrlHandle_Free(users.parameters[0]);
  const PRL_HANDLE names = object_of(PrlSrv_GetAllHostUsers(server()));
  char name[16];
  PRL_UINT32 bytes = sizeof name;
  EXPECT_EQ(PrlStrList_GetItem(names, 0, name, &bytes), PRL_ERR_SUCCESS);
  EXPECT_STREQ(name, "root");
  PrlHandle_Free(names);
}

TEST_F(Host, HasAValidLicenceAndTakesAnother) {
  PRL_BOOL is_valid = PRL_FALSE;
  PRL_RESULT status = PRL_ERR_UNEXPECTED;
  const PRL_HANDLE fresh = object_of(PrlSrv_GetLicenseInfo(server()));
  EXPECT_EQ(PrlLic_IsValid(fresh, &is_valid), PRL_ERR_SUCCESS);
  EXPECT_EQ(is_valid, PRL_TRUE);
  EXPECT_EQ(PrlLic_GetStatus(fresh, &status), PRL_ERR_SUCCESS);
  EXPECT_EQ(status, PRL_ERR_LICENSE_VALID);
  EXPECT_EQ(code_of(PrlSrv_UpdateLicense(server(), "", "me", "us")),
            PRL_ERR_SET_LICENSE_INVALID_KEY);
  const PRL_HANDLE next = object_of(PrlSrv_UpdateLicense(server(), "KEY-1", "me", "us"));
  EXPECT_EQ(text_of(next, PrlLic_GetLicenseKey), "KEY-1");
  PrlHandle_Free(fresh);
  PrlHandle_Free(next);
}

TEST_F(Host, MovesBetweenPoolsOfProcessors) {
  EXPECT_EQ(code_of(PrlSrv_MoveToCPUPool(server(), "nowhere")), PRL_ERR_ENTRY_DOES_NOT_EXIST);
  EXPECT_EQ(code_of(PrlSrv_LeaveCPUPool(server())), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(PrlSrv_JoinCPUPool(server())), PRL_ERR_SUCCESS);
  const PRL_HANDLE preferences = object_of(PrlSrv_GetCommonPrefs(server()));
  PRL_HANDLE pool = PRL_INVALID_HANDLE;
  ASSERT_EQ(PrlDispCfg_GetCpuPool(preferences, &pool), PRL_ERR_SUCCESS);
  EXPECT_EQ(text_of(pool, PrlCPUPool_GetName), "default");
  PrlHandle_Free(pool);
  PrlHandle_Free(preferences);
}

}  // namespace
}  // namespace prl::tests
