// Smaller things that a host can be asked for.
#include <gtest/gtest.h>
#include <prlsdk/Parallels.h>

#include <string>

#include "tests/sdk/api_session.h"

namespace prl::tests {
namespace {

class Service : public ::testing::Test {
 protected:
  PRL_HANDLE server() const { return session_.server(); }
  size_t templates() const {
    const JobEnd end = end_of(PrlSrv_GetCtTemplateList(server(), 0));
    for (const PRL_HANDLE item : end.parameters) PrlHandle_Free(item);
    return end.parameters.size();
  }

  InitialisedLibrary library_;
  ApiSession session_;
};

TEST_F(Service, TellsWhatItSupports) {
  PRL_BOOL supported = PRL_FALSE;
  EXPECT_EQ(PrlSrv_IsFeatureSupported(server(), PFSM_LINKED_CLONES, &supported),
            PRL_ERR_SUCCESS);
  EXPECT_EQ(supported, PRL_TRUE);
  EXPECT_EQ(PrlSrv_IsFeatureSupported(server(), PFSM_TPM, &supported), PRL_ERR_SUCCESS);
  EXPECT_EQ(supported, PRL_FALSE);
}

TEST_F(Service, RemovesTemplatesAndCopiesThemNowhere) {
  EXPECT_EQ(templates(), 1u);
  const char* name = "vzlinux-8-x86_64";
  EXPECT_EQ(code_of(PrlSrv_CopyCtTemplate(server(), name, "", "localhost", 0, "", 0, 0)),
            PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(PrlSrv_CopyCtTemplate(server(), name, "", "elsewhere", 0, "", 0, 0)),
            PRL_ERR_CANT_CONNECT_TO_DISPATCHER);
  EXPECT_EQ(code_of(PrlSrv_RemoveCtTemplate(server(), "none", "", 0)),
            PRL_ERR_TEMPLATE_NOT_FOUND);
  EXPECT_EQ(code_of(PrlSrv_RemoveCtTemplate(server(), name, "", 0)), PRL_ERR_SUCCESS);
  EXPECT_EQ(templates(), 0u);
}

TEST_F(Service, TakesItsLicenceOutOfForceAndBack) {
  const auto is_valid = [](PRL_HANDLE licence) {
    PRL_BOOL valid = PRL_FALSE;
    EXPECT_EQ(PrlLic_IsValid(licence, &valid), PRL_ERR_SUCCESS);
    PrlHandle_Free(licence);
    return valid != PRL_FALSE;
  };
  EXPECT_FALSE(is_valid(object_of(PrlSrv_DeactivateInstalledLicense(server(), 0))));
  const PRL_HANDLE licence = object_of(PrlSrv_GetLicenseInfo(server()));
  PRL_RESULT status = PRL_ERR_SUCCESS;
  EXPECT_EQ(PrlLic_GetStatus(licence, &status), PRL_ERR_SUCCESS);
  EXPECT_EQ(status, PRL_ERR_LICENSE_NOT_VALID);
  EXPECT_FALSE(is_valid(licence));
  EXPECT_TRUE(is_valid(object_of(PrlSrv_ActivateInstalledLicenseOnline(server(), 0))));
}

TEST_F(Service, ConfiguresPciDevicesByTheirId) {
  const PRL_HANDLE config = object_of(PrlSrv_GetSrvConfig(server()));
  PRL_HANDLE device = PRL_INVALID_HANDLE;
  PRL_HANDLE list = PRL_INVALID_HANDLE;
  ASSERT_EQ(PrlSrvCfg_GetGenericPciDevice(config, 0, &device), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlSrvCfgDev_SetDeviceState(device, PGS_CONNECTED_TO_VM), PRL_ERR_SUCCESS);
  PrlApi_CreateHandlesList(&list);
  PrlHndlList_AddItem(list, device);
  EXPECT_EQ(code_of(PrlSrv_ConfigureGenericPci(server(), list, 0)), PRL_ERR_SUCCESS);
  PrlHandle_Free(device);
  const PRL_HANDLE again = object_of(PrlSrv_GetSrvConfig(server()));
  PRL_GENERIC_DEVICE_STATE state = PGS_CONNECTED_TO_HOST;
  ASSERT_EQ(PrlSrvCfg_GetGenericPciDevice(again, 0, &device), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlSrvCfgDev_GetDeviceState(device, &state), PRL_ERR_SUCCESS);
  EXPECT_EQ(state, PGS_CONNECTED_TO_VM);
  for (const PRL_HANDLE handle : {config, device, list, again}) PrlHandle_Free(handle);
}

}  // namespace
}  // namespace prl::tests
