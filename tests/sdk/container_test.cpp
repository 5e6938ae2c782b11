// Containers, which are VMs of another type: PrlCt_Convert and PrlCt_Reinstall; and the utilities
// that guests are given.
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "tests/sdk/api_session.h"

namespace prl::tests {
namespace {

class Container : public testing::Test {
 protected:
  Container() {
    ct_ = session_.new_vm();
    PrlVmCfg_SetName(ct_, "ct");
    PrlVmCfg_SetVmType(ct_, PVT_CT);
    PrlVmCfg_SetOsTemplate(ct_, "vzlinux-8-x86_64");
    EXPECT_EQ(code_of(PrlVm_Reg(ct_, "", PRL_TRUE)), PRL_ERR_SUCCESS);
  }
  ~Container() override { PrlHandle_Free(ct_); }

  PRL_VM_TYPE stored_type() const {
    PRL_VM_TYPE type{};
    EXPECT_EQ(code_of(PrlVm_RefreshConfig(ct_)), PRL_ERR_SUCCESS);
    EXPECT_EQ(PrlVmCfg_GetVmType(ct_, &type), PRL_ERR_SUCCESS);
    return type;
  }

  struct VirtualClock {
    VirtualClock() { ::setenv("PRLSIM_CLOCK", "virtual", 1); }
  } clock_;
  InitialisedLibrary library_;
  ApiSession session_;
  PRL_HANDLE ct_ = PRL_INVALID_HANDLE;
};

TEST_F(Container, IsConvertedToAVm) {
  EXPECT_EQ(stored_type(), PVT_CT);
  EXPECT_EQ(code_of(PrlCt_Convert(ct_)), PRL_ERR_SUCCESS);
  EXPECT_EQ(stored_type(), PVT_VM);
  EXPECT_EQ(text_of(ct_, PrlVmCfg_GetOsTemplate), "");
  EXPECT_EQ(code_of(PrlCt_Convert(ct_)), PRL_ERR_CT_NOT_FOUND) << "it is none any more";
}

TEST_F(Container, IsAtRestWhenItIsConvertedOrReinstalled) {
  ASSERT_EQ(code_of(PrlVm_Start(ct_)), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(PrlCt_Convert(ct_)), PRL_ERR_CT_IS_RUNNING);
  EXPECT_EQ(code_of(PrlCt_Reinstall(ct_, "", 0)), PRL_ERR_CT_IS_RUNNING);
  EXPECT_EQ(stored_type(), PVT_CT);
}

TEST_F(Container, ReinstallMakesItsRootDiskAnew) {
  ASSERT_EQ(code_of(PrlVm_BeginEdit(ct_)), PRL_ERR_SUCCESS);
  PRL_HANDLE disk = PRL_INVALID_HANDLE;
  ASSERT_EQ(PrlVmCfg_CreateVmDev(ct_, PDE_HARD_DISK, &disk), PRL_ERR_SUCCESS);
  PrlVmDev_SetEnabled(disk, PRL_TRUE);
  PrlVmDev_SetFriendlyName(disk, "root.hdd");
  PrlVmDevHd_SetDiskSize(disk, 8);
  ASSERT_EQ(code_of(PrlVm_Commit(ct_)), PRL_ERR_SUCCESS);
  ASSERT_EQ(code_of(PrlVmDev_CreateImage(disk, PRL_TRUE, PRL_TRUE)), PRL_ERR_SUCCESS);

  const std::string path = text_of(ct_, PrlVmCfg_GetHomePath);
  const std::string folder = path.substr(0, path.rfind("/"));
  const std::string image = folder + "/root.hdd";
  PRL_HANDLE open = PRL_INVALID_HANDLE;
  ASSERT_EQ(PrlDisk_OpenDisk_Local(&open, image.c_str(), PRL_DISK_WRITE, nullptr),
            PRL_ERR_SUCCESS) << image;
  std::string sector(512, 'x');
  EXPECT_EQ(PrlDisk_Write(open, sector.data(), 512, 0), PRL_ERR_SUCCESS);
  PrlHandle_Free(open);

  EXPECT_EQ(code_of(PrlCt_Reinstall(ct_, "no such template", 0)), PRL_ERR_TEMPLATE_NOT_FOUND);
  EXPECT_EQ(code_of(PrlCt_Reinstall(ct_, "vzlinux-8-x86_64", 0)), PRL_ERR_SUCCESS);
  ASSERT_EQ(PrlDisk_OpenDisk_Local(&open, image.c_str(), PRL_DISK_READ, nullptr),
            PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlDisk_Read(open, sector.data(), 512, 0), PRL_ERR_SUCCESS);
  EXPECT_EQ(sector, std::string(512, '\0'));
  PrlHandle_Free(open);
  PrlHandle_Free(disk);
}

TEST_F(Container, GuestsTakeUtilitiesWhereTheyHaveTools) {
  EXPECT_EQ(code_of(PrlVm_InstallUtility(ct_, "backup-agent")), PRL_ERR_DISP_VM_IS_NOT_STARTED);
  ASSERT_EQ(code_of(PrlVm_Start(ct_)), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(PrlVm_InstallUtility(ct_, "backup-agent")),
            PRL_ERR_VM_EXEC_GUEST_TOOL_NOT_AVAILABLE);
  ASSERT_EQ(code_of(PrlVm_InstallTools(ct_)), PRL_ERR_SUCCESS);
  const PRL_HANDLE guest = object_of(PrlVm_LoginInGuest(ct_, PRL_PRIVILEGED_GUEST_OS_SESSION,
                                                        nullptr, 0));
  ASSERT_NE(guest, PRL_HANDLE{PRL_INVALID_HANDLE});
  const auto run = [guest] {
    return code_of(PrlVmGuest_RunProgram(guest, "backup-agent", PRL_INVALID_HANDLE,
                                         PRL_INVALID_HANDLE, 0, nullptr, nullptr, nullptr));
  };
  EXPECT_EQ(run(), PRL_ERR_GUEST_PROGRAM_EXECUTION_FAILED);
  EXPECT_EQ(code_of(PrlVm_InstallUtility(ct_, "backup-agent")), PRL_ERR_SUCCESS);
  EXPECT_EQ(run(), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(PrlVm_InstallUtility(ct_, "")), PRL_ERR_INVALID_ARG);
  PrlHandle_Free(guest);
}

}  // namespace
}  // namespace prl::tests
