// Guest systems and the configurations that are made for them (config-model 5).
#include <gtest/gtest.h>
#include <prlsdk/Parallels.h>

#include <string>
#include <vector>

#include "tests/sdk/api_session.h"

namespace prl::tests {
namespace {

template <class Number>
std::vector<Number> numbers_of(PRL_HANDLE list) {
  std::vector<Number> numbers;
  PRL_UINT32 count = 0;
  EXPECT_EQ(PrlOpTypeList_GetItemsCount(list, &count), PRL_ERR_SUCCESS);
  for (PRL_UINT32 i = 0; i < count; ++i) {
    EXPECT_EQ(PrlOpTypeList_GetItem(list, i, &numbers.emplace_back()), PRL_ERR_SUCCESS);
  }
  PrlHandle_Free(list);
  return numbers;
}

std::vector<PRL_UINT16> all_versions() {
  std::vector<PRL_UINT16> all;
  PRL_HANDLE list = PRL_INVALID_HANDLE;
  EXPECT_EQ(PrlApi_GetSupportedOsesTypes(PHO_LIN, &list), PRL_ERR_SUCCESS);
  for (const PRL_UINT8 type : numbers_of<PRL_UINT8>(list)) {
    EXPECT_EQ(PrlApi_GetSupportedOsesVersions(PHO_LIN, type, &list), PRL_ERR_SUCCESS);
    for (const PRL_UINT16 version : numbers_of<PRL_UINT16>(list)) {
      EXPECT_EQ(version >> 8, type);
      all.push_back(version);
    }
  }
  return all;
}

class GuestSystem : public ::testing::Test {
 protected:
  GuestSystem()
      : vm_(session_.new_vm()), host_(object_of(PrlSrv_GetSrvConfig(session_.server()))) {}
  ~GuestSystem() override {
    PrlHandle_Free(vm_);
    PrlHandle_Free(host_);
  }

  PRL_UINT32 number(PRL_RESULT (*get)(PRL_HANDLE, PRL_UINT32_PTR)) const {
    PRL_UINT32 value = 0;
    EXPECT_EQ(get(vm_, &value), PRL_ERR_SUCCESS);
    return value;
  }
  void set_default(PRL_UINT32 version, PRL_BOOL with_devices = PRL_TRUE) {
    ASSERT_EQ(PrlVmCfg_SetDefaultConfig(vm_, host_, version, with_devices), PRL_ERR_SUCCESS)
        << version;
  }

  InitialisedLibrary library_;
  ApiSession session_;
  PRL_HANDLE vm_;
  PRL_HANDLE host_;
};

TEST_F(GuestSystem, HasANameAndADefaultForItsType) {
  const std::vector<PRL_UINT16> versions = all_versions();
  EXPECT_GT(versions.size(), 80u);
  for (const PRL_UINT16 version : versions) {
    char name[64] = {};
    PRL_UINT32 bytes = sizeof name;
    PRL_UINT16 usual = 0;
    PRL_UINT32 memory = 0;
    EXPECT_EQ(PrlApi_GuestToString(version, name, &bytes), PRL_ERR_SUCCESS);
    EXPECT_STRNE(name, "Unknown") << version;
    EXPECT_EQ(PrlApi_GetDefaultOsVersion(static_cast<PRL_UINT8>(version >> 8), &usual),
              PRL_ERR_SUCCESS);
    EXPECT_EQ(usual >> 8, version >> 8);
    EXPECT_EQ(PrlApi_GetRecommendMinVmMem(version, &memory), PRL_ERR_SUCCESS);
    EXPECT_GE(memory, 32u);
  }
}

TEST_F(GuestSystem, ThatIsUnknownIsRefused) {
  PRL_UINT16 version = 0;
  PRL_HANDLE list = PRL_INVALID_HANDLE;
  EXPECT_EQ(PrlApi_GetDefaultOsVersion(3, &version), PRL_ERR_INVALID_ARG);
  EXPECT_EQ(PrlApi_GetSupportedOsesVersions(PHO_LIN, 3, &list), PRL_ERR_INVALID_ARG);
  EXPECT_EQ(PrlApi_GetSupportedOsesTypes(static_cast<PRL_HOST_OS_TYPE>(9), &list),
            PRL_ERR_INVALID_ARG);
  EXPECT_EQ(PrlVmCfg_SetOsVersion(vm_, 0x0301), PRL_ERR_INVALID_ARG);
  EXPECT_EQ(PrlVmCfg_SetDefaultConfig(vm_, host_, 0x0301, PRL_TRUE), PRL_ERR_INVALID_ARG);
}

TEST_F(GuestSystem, OfAConfigurationSetsTheTypeToo) {
  EXPECT_EQ(PrlVmCfg_SetOsVersion(vm_, PVS_GUEST_VER_WIN_XP), PRL_ERR_SUCCESS);
  EXPECT_EQ(number(PrlVmCfg_GetOsVersion), PRL_UINT32{PVS_GUEST_VER_WIN_XP});
  EXPECT_EQ(number(PrlVmCfg_GetOsType), PRL_UINT32{PVS_GUEST_TYPE_WINDOWS});
}

TEST_F(GuestSystem, MatrixNeedsASession) {
  PRL_HANDLE server = PRL_INVALID_HANDLE;
  PRL_HANDLE matrix = PRL_INVALID_HANDLE;
  ASSERT_EQ(PrlSrv_Create(&server), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlSrv_GetSupportedOses(server, &matrix), PRL_ERR_NO_DATA);
  PrlHandle_Free(server);
  ASSERT_EQ(PrlSrv_GetSupportedOses(session_.server(), &matrix), PRL_ERR_SUCCESS);
  PRL_HANDLE list = PRL_INVALID_HANDLE;
  ASSERT_EQ(PrlOsesMatrix_GetSupportedOsesTypes(matrix, &list), PRL_ERR_SUCCESS);
  EXPECT_EQ(numbers_of<PRL_UINT8>(list).size(), 11u);
  PRL_GUEST_OS_SUPPORT_TYPE support = PGS_OS_EXPERIMENTAL;
  EXPECT_EQ(PrlOsesMatrix_GetSupportType(matrix, PVS_GUEST_TYPE_LINUX,
                                         PVS_GUEST_VER_LIN_UBUNTU, &support),
            PRL_ERR_SUCCESS);
  EXPECT_EQ(support, PGS_OS_SUPPORTED);
  EXPECT_EQ(PrlOsesMatrix_GetSupportType(matrix, PVS_GUEST_TYPE_WINDOWS,
                                         PVS_GUEST_VER_LIN_UBUNTU, &support),
            PRL_ERR_INVALID_ARG);
  PrlHandle_Free(matrix);
}

struct Expected {
  PRL_UINT32 version;
  PRL_UINT32 host_ram;
  PRL_UINT32 ram;
  PRL_UINT32 disk;
};

TEST_F(GuestSystem, SizesAreThoseOfTheTable) {
  for (const Expected& row : {
           Expected{PVS_GUEST_VER_WIN_311, 16384, 64, 2048},
           Expected{PVS_GUEST_VER_WIN_95, 16384, 128, 2048},
           Expected{PVS_GUEST_VER_WIN_NT, 16384, 256, 4096},
           Expected{PVS_GUEST_VER_WIN_98, 16384, 256, 8192},
           Expected{PVS_GUEST_VER_WIN_XP, 2048, 512, 65536},
           Expected{PVS_GUEST_VER_WIN_XP, 2049, 768, 65536},
           Expected{PVS_GUEST_VER_WIN_XP, 3073, 1024, 65536},
           Expected{PVS_GUEST_VER_WIN_2012, 512, 1024, 65536},
           Expected{PVS_GUEST_VER_WIN_WINDOWS_10, 512, 2048, 65536},
           Expected{PVS_GUEST_VER_LIN_UBUNTU, 1024, 512, 65536},
           Expected{PVS_GUEST_VER_LIN_UBUNTU, 1025, 768, 65536},
           Expected{PVS_GUEST_VER_LIN_UBUNTU, 2049, 1024, 65536},
           Expected{PVS_GUEST_VER_LIN_CENTOS_7, 512, 2048, 65536},
           Expected{PVS_GUEST_VER_LIN_FEDORA, 512, 1024, 65536},
           Expected{PVS_GUEST_VER_OS2_WARP3, 512, 128, 2048},
           Expected{PVS_GUEST_VER_OS2_ECS11, 512, 256, 2048},
           Expected{PVS_GUEST_VER_DOS_MS622, 512, 32, 2048},
           Expected{PVS_GUEST_VER_SOL_10, 512, 1536, 65536},
           Expected{PVS_GUEST_VER_SOL_11, 512, 768, 65536},
           Expected{PVS_GUEST_VER_MACOS_UNIVERSAL, 2048, 512, 65536},
           Expected{PVS_GUEST_VER_MACOS_UNIVERSAL, 4095, 1024, 65536},
           Expected{PVS_GUEST_VER_MACOS_UNIVERSAL, 4096, 2048, 65536},
           Expected{PVS_GUEST_VER_OTH_QNX, 512, 256, 8192},
       }) {
    PRL_UINT32 ram = 0;
    PRL_UINT32 disk = 0;
    EXPECT_EQ(PrlVmCfg_GetDefaultMemSize(row.version, row.host_ram, &ram), PRL_ERR_SUCCESS);
    EXPECT_EQ(PrlVmCfg_GetDefaultHddSize(row.version, &disk), PRL_ERR_SUCCESS);
    EXPECT_EQ(ram, row.ram) << std::hex << row.version << " " << std::dec << row.host_ram;
    EXPECT_EQ(disk, row.disk) << std::hex << row.version;
  }
}

// As libvirt's driver defines a VM: no devices, and those that are there stay (clients 4.3).
TEST_F(GuestSystem, DefaultsKeepDevicesWhereNoneAreWanted) {
  const std::string before = text_of(vm_, PrlVmCfg_GetUuid);
  PrlVmCfg_SetName(vm_, "old");
  PRL_HANDLE disk = PRL_INVALID_HANDLE;
  ASSERT_EQ(PrlVmCfg_CreateVmDev(vm_, PDE_HARD_DISK, &disk), PRL_ERR_SUCCESS);
  PrlHandle_Free(disk);
  set_default(PVS_GUEST_VER_LIN_REDHAT, PRL_FALSE);
  EXPECT_NE(text_of(vm_, PrlVmCfg_GetUuid), before);
  EXPECT_EQ(text_of(vm_, PrlVmCfg_GetName), "");
  EXPECT_EQ(number(PrlVmCfg_GetDevsCount), 1u);
  EXPECT_EQ(number(PrlVmCfg_GetRamSize), 1024u);
  EXPECT_EQ(number(PrlVmCfg_GetCpuCount), 2u);  // server mode on a host of 8
}

// Their handles go on naming them, also where numbers before theirs have become free.
TEST_F(GuestSystem, DefaultsKeepTheHandlesOfDevicesThatStay) {
  PRL_HANDLE first = PRL_INVALID_HANDLE;
  PRL_HANDLE second = PRL_INVALID_HANDLE;
  ASSERT_EQ(PrlVmCfg_CreateVmDev(vm_, PDE_HARD_DISK, &first), PRL_ERR_SUCCESS);
  ASSERT_EQ(PrlVmCfg_CreateVmDev(vm_, PDE_HARD_DISK, &second), PRL_ERR_SUCCESS);
  ASSERT_EQ(PrlVmDev_SetFriendlyName(second, "mine.hdd"), PRL_ERR_SUCCESS);
  ASSERT_EQ(PrlVmDev_Remove(first), PRL_ERR_SUCCESS);
  set_default(PVS_GUEST_VER_LIN_REDHAT, PRL_FALSE);
  EXPECT_EQ(text_of(second, PrlVmDev_GetFriendlyName), "mine.hdd");
  PrlHandle_Free(second);
  PrlHandle_Free(first);
}

TEST_F(GuestSystem, LeavesTheProfileOfAConfigurationToTheClient) {
  PRL_VIRTUAL_MACHINE_PROFILE profile = VMP_DESIGNER;
  EXPECT_EQ(PrlVmCfg_GetProfile(vm_, &profile), PRL_ERR_SUCCESS);
  EXPECT_EQ(profile, VMP_PRODUCTIVITY);
  EXPECT_EQ(PrlVmCfg_SetProfile(vm_, host_, VMP_GAMES), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlVmCfg_GetProfile(vm_, &profile), PRL_ERR_SUCCESS);
  EXPECT_EQ(profile, VMP_GAMES);
  EXPECT_EQ(PrlVmCfg_SetProfile(vm_, vm_, VMP_TESTER), PRL_ERR_INVALID_ARG);
}

TEST_F(GuestSystem, DefaultsHaveTheDevicesOfTheGuest) {
  set_default(PVS_GUEST_VER_LIN_UBUNTU);
  EXPECT_EQ(number(PrlVmCfg_GetHardDisksCount), 1u);
  EXPECT_EQ(number(PrlVmCfg_GetOpticalDisksCount), 1u);
  EXPECT_EQ(number(PrlVmCfg_GetNetAdaptersCount), 1u);
  EXPECT_EQ(number(PrlVmCfg_GetUsbDevicesCount), 1u);
  EXPECT_EQ(number(PrlVmCfg_GetSoundDevsCount), 0u);  // server mode
  EXPECT_EQ(number(PrlVmCfg_GetBootDevCount), 4u);
  EXPECT_EQ(number(PrlVmCfg_GetVideoRamSize), 32u);
  PRL_HANDLE disk = PRL_INVALID_HANDLE;
  PRL_HANDLE drive = PRL_INVALID_HANDLE;
  PRL_HANDLE adapter = PRL_INVALID_HANDLE;
  PRL_UINT32 slot = 9;
  PRL_UINT32 size = 0;
  ASSERT_EQ(PrlVmCfg_GetHardDisk(vm_, 0, &disk), PRL_ERR_SUCCESS);
  ASSERT_EQ(PrlVmCfg_GetOpticalDisk(vm_, 0, &drive), PRL_ERR_SUCCESS);
  ASSERT_EQ(PrlVmCfg_GetNetAdapter(vm_, 0, &adapter), PRL_ERR_SUCCESS);
  EXPECT_EQ(text_of(disk, PrlVmDev_GetFriendlyName), "harddisk.hdd");
  EXPECT_EQ(PrlVmDevHd_GetDiskSize(disk, &size), PRL_ERR_SUCCESS);
  EXPECT_EQ(size, 65536u);
  EXPECT_EQ(PrlVmDev_GetStackIndex(drive, &slot), PRL_ERR_SUCCESS);
  EXPECT_EQ(slot, 1u);  // the next one after the disk
  EXPECT_EQ(text_of(adapter, PrlVmDevNet_GetMacAddress).size(), 12u);
  EXPECT_EQ(text_of(adapter, PrlVmDev_GetSysName), "eth0");
  EXPECT_EQ(text_of(adapter, PrlVmDevNet_GetVirtualNetworkId), "Bridged");
  for (const PRL_HANDLE handle : {disk, drive, adapter}) PrlHandle_Free(handle);
}

TEST_F(GuestSystem, DefaultsMakeAVmThatCanBeRegisteredAndStarted) {
  for (const PRL_UINT16 version : all_versions()) {
    const PRL_HANDLE vm = session_.new_vm();
    ASSERT_EQ(PrlVmCfg_SetDefaultConfig(vm, host_, version, PRL_TRUE), PRL_ERR_SUCCESS);
    PrlVmCfg_SetName(vm, std::to_string(version).c_str());
    EXPECT_EQ(code_of(PrlVm_Reg(vm, "", PRL_TRUE)), PRL_ERR_SUCCESS) << version;
    PrlHandle_Free(vm);
  }
}

TEST_F(GuestSystem, DefaultDevicesEndWhereThereIsNoRoom) {
  set_default(PVS_GUEST_VER_WIN_XP, PRL_FALSE);
  PRL_HANDLE device = PRL_INVALID_HANDLE;
  for (int i = 0; i < 6; ++i) {
    ASSERT_EQ(PrlVmCfg_AddDefaultDeviceEx(vm_, host_, PDE_HARD_DISK, &device), PRL_ERR_SUCCESS)
        << i;
    if (i == 1) {
      EXPECT_EQ(text_of(device, PrlVmDev_GetFriendlyName), "harddisk2.hdd");
    }
    PrlHandle_Free(device);
  }
  EXPECT_EQ(PrlVmCfg_AddDefaultDevice(vm_, host_, PDE_HARD_DISK), PRL_ERR_OPERATION_FAILED);
  EXPECT_EQ(PrlVmCfg_AddDefaultDevice(vm_, host_, PDE_GENERIC_PCI_DEVICE),
            PRL_ERR_OPERATION_FAILED);
  EXPECT_EQ(number(PrlVmCfg_GetHardDisksCount), 6u);
}

TEST_F(GuestSystem, DefaultsAreToldByTheHostToo) {
  const PRL_GET_VM_CONFIG_PARAM_DATA wanted{PVT_VM, "", PVS_GUEST_VER_WIN_WINDOWS_10};
  const PRL_HANDLE vm = object_of(PrlSrv_GetDefaultVmConfig(session_.server(), &wanted, 0));
  PRL_UINT32 value = 0;
  EXPECT_EQ(PrlVmCfg_GetRamSize(vm, &value), PRL_ERR_SUCCESS);
  EXPECT_EQ(value, 2048u);
  EXPECT_EQ(PrlVmCfg_GetHardDisksCount(vm, &value), PRL_ERR_SUCCESS);
  EXPECT_EQ(value, 1u);
  EXPECT_EQ(PrlVmCfg_GetOsVersion(vm, &value), PRL_ERR_SUCCESS);
  EXPECT_EQ(value, PRL_UINT32{PVS_GUEST_VER_WIN_WINDOWS_10});
  PrlHandle_Free(vm);
}

TEST_F(GuestSystem, DefaultsFollowADescriptionOfTheGuest) {
  PRL_HANDLE guest = PRL_INVALID_HANDLE;
  ASSERT_EQ(PrlVmGuestOsInfo_Create(&guest), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlVmCfg_SetDefaultConfigEx(vm_, host_, guest, PRL_TRUE), PRL_ERR_INVALID_ARG);
  PrlVmGuestOsInfo_SetOsVersion(guest, PVS_GUEST_VER_SOL_10);
  EXPECT_EQ(PrlVmCfg_SetDefaultConfigEx(vm_, host_, guest, PRL_TRUE), PRL_ERR_SUCCESS);
  EXPECT_EQ(number(PrlVmCfg_GetRamSize), 1536u);
  EXPECT_EQ(number(PrlVmCfg_GetCpuCount), 1u);
  PrlHandle_Free(guest);
}

}  // namespace
}  // namespace prl::tests
