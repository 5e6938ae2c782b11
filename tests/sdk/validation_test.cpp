// PrlVm_ValidateConfig and the checks of a commit: what is wrong with a configuration, and how a
// client is told (config-model 3.3, 6).
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "tests/sdk/api_session.h"

namespace prl::tests {
namespace {

// What a job that failed says in the parameters of its result.
struct Problems {
  PRL_RESULT code = PRL_ERR_SUCCESS;  // of the job
  std::vector<PRL_RESULT> codes = {};
  std::vector<std::string> first_parameters = {};  // of the first problem
  std::string device = {};                         // index that the first problem names
};

std::string parameter_text(PRL_HANDLE event, const char* name) {
  PRL_HANDLE parameter = PRL_INVALID_HANDLE;
  if (PRL_FAILED(PrlEvent_GetParamByName(event, name, &parameter))) return {};
  char text[200] = "";
  PRL_UINT32 length = sizeof text;
  EXPECT_EQ(PrlEvtPrm_ToString(parameter, text, &length), PRL_ERR_SUCCESS);
  PrlHandle_Free(parameter);
  return text;
}

// Takes the job over.
Problems problems_of(PRL_HANDLE job) {
  const JobEnd end = end_of(job);
  Problems problems{.code = end.code};
  for (const PRL_HANDLE event : end.parameters) {
    PRL_RESULT code = PRL_ERR_SUCCESS;
    EXPECT_EQ(PrlEvent_GetErrCode(event, &code), PRL_ERR_SUCCESS);
    if (problems.codes.empty()) {
      problems.first_parameters = {parameter_text(event, "vm_message_param_0"),
                                   parameter_text(event, "vm_message_param_1")};
      problems.device = parameter_text(event, "device_index");
    }
    problems.codes.push_back(code);
    PrlHandle_Free(event);
  }
  return problems;
}

using Codes = std::vector<PRL_RESULT>;

struct VirtualClock {
  VirtualClock() { ::setenv("PRLSIM_CLOCK", "virtual", 1); }
};
// Set before the library looks.
struct InVirtuozzo {
  InVirtuozzo() { ::setenv("PRLSIM_PROFILE", "virtuozzo", 1); }
  ~InVirtuozzo() { ::unsetenv("PRLSIM_PROFILE"); }
};

class Validation : public testing::Test {
 protected:
  Validation() : vm_(session_.registered_vm("web")) {}
  ~Validation() override { PrlHandle_Free(vm_); }

  Problems validate(PRL_VM_CONFIG_SECTIONS section) const {
    return problems_of(PrlVm_ValidateConfig(vm_, section));
  }
  // A device of the local configuration, enabled and with this name.
  PRL_HANDLE add_device(PRL_DEVICE_TYPE type, const char* name) const {
    PRL_HANDLE device = PRL_INVALID_HANDLE;
    EXPECT_EQ(PrlVmCfg_CreateVmDev(vm_, type, &device), PRL_ERR_SUCCESS);
    PrlVmDev_SetEnabled(device, PRL_TRUE);
    PrlVmDev_SetFriendlyName(device, name);
    PrlVmDev_SetSysName(device, name);
    return device;
  }
  void add_disk(const char* name, PRL_MASS_STORAGE_INTERFACE_TYPE interface,
                PRL_UINT32 slot) const {
    const PRL_HANDLE disk = add_device(PDE_HARD_DISK, name);
    PrlVmDev_SetIfaceType(disk, interface);
    PrlVmDev_SetStackIndex(disk, slot);
    PrlHandle_Free(disk);
  }

  VirtualClock clock_;
  InitialisedLibrary library_;
  ApiSession session_;
  PRL_HANDLE vm_;
};

class VirtuozzoValidation : protected InVirtuozzo, public Validation {};

TEST_F(VirtuozzoValidation, NamesAreShort) {
  PrlVmCfg_SetName(vm_, std::string(40, 'n').c_str());
  EXPECT_EQ(validate(PVC_GENERAL_PARAMETERS).code, PRL_ERR_SUCCESS);
  PrlVmCfg_SetName(vm_, std::string(41, 'n').c_str());
  EXPECT_EQ(validate(PVC_GENERAL_PARAMETERS).codes, Codes{PRL_ERR_VMCONF_VM_NAME_IS_TOO_LONG});
}

TEST_F(VirtuozzoValidation, SoundAndParallelPortsAreUnsupported) {
  PrlHandle_Free(add_device(PDE_SOUND_DEVICE, "default"));
  PrlHandle_Free(add_device(PDE_PARALLEL_PORT, "default"));
  EXPECT_EQ(validate(PVC_SOUND).codes, Codes{PRL_ERR_UNSUPPORTED_DEVICE_TYPE});
  EXPECT_EQ(validate(PVC_PARALLEL_PORT).codes, Codes{PRL_ERR_UNSUPPORTED_DEVICE_TYPE});
}

TEST_F(VirtuozzoValidation, MemoryNodesFitTheSockets) {
  PrlVmCfg_SetNumaNodesCount(vm_, 3);
  EXPECT_EQ(validate(PVC_CPU).codes, Codes{PRL_ERR_VMCONF_NUMANODES_NUMBER_NOT_SUPPORTED});
  PrlVmCfg_SetNumaNodesCount(vm_, 4);
  PrlVmCfg_SetCpuSocketsCount(vm_, 2);
  EXPECT_EQ(validate(PVC_CPU).codes, Codes{PRL_ERR_VMCONF_NUMANODES_INCONSISTENT_WITH_CPU});
  PrlVmCfg_SetNumaNodesCount(vm_, 2);
  PrlVmCfg_SetCpuHotplugEnabled(vm_, PRL_TRUE);
  EXPECT_EQ(validate(PVC_CPU).codes, Codes{PRL_ERR_VMCONF_NUMANODES_CPU_HOTPLUG});
}

TEST_F(VirtuozzoValidation, OldWindowsHasNoEfi) {
  PrlVmCfg_SetEfiEnabled(vm_, PRL_TRUE);
  PrlVmCfg_SetOsVersion(vm_, PVS_GUEST_VER_WIN_XP);
  EXPECT_EQ(validate(PVC_GENERAL_PARAMETERS).codes, Codes{PRL_ERR_VMCONF_EFI_UNSUPPORTED_GUEST});
  PrlVmCfg_SetOsVersion(vm_, PVS_GUEST_VER_WIN_2012);
  EXPECT_EQ(validate(PVC_GENERAL_PARAMETERS).code, PRL_ERR_SUCCESS);
}

TEST_F(Validation, AFreshVmHasNoProblem) {
  const Problems problems = validate(PVC_ALL);
  EXPECT_EQ(problems.code, PRL_ERR_SUCCESS);
  EXPECT_TRUE(problems.codes.empty());
}

TEST_F(Validation, ADefaultVmOfEverySystemLacksNothingButItsNameAndItsDiskImage) {
  for (const PRL_UINT32 system : {PVS_GUEST_VER_LIN_UBUNTU, PVS_GUEST_VER_WIN_WINDOWS_10,
                                  PVS_GUEST_VER_WIN_2008, PVS_GUEST_VER_BSD_5X}) {
    const PRL_HANDLE made = session_.new_vm();
    ASSERT_EQ(PrlVmCfg_SetDefaultConfig(made, PRL_INVALID_HANDLE, system, PRL_TRUE),
              PRL_ERR_SUCCESS);
    const Problems problems = problems_of(PrlVm_ValidateConfig(made, PVC_ALL));
    EXPECT_EQ(problems.codes, Codes{PRL_ERR_VMCONF_VM_NAME_IS_EMPTY}) << std::hex << system;
    PrlHandle_Free(made);
  }
}

TEST_F(Validation, EachProblemIsAnEventOfTheResult) {
  PrlVmCfg_SetRamSize(vm_, 6);
  PrlVmCfg_SetVideoRamSize(vm_, 2000);
  const Problems problems = validate(PVC_ALL);
  EXPECT_EQ(problems.code, PRL_ERR_VMCONF_VALIDATION_FAILED);
  EXPECT_EQ(problems.codes, (Codes{PRL_ERR_VMCONF_MAIN_MEMORY_NOT_4_RATIO_SIZE,
                                   PRL_ERR_VMCONF_VIDEO_MEMORY_OUT_OF_RANGE}));
  EXPECT_EQ(problems.first_parameters[0], "6");
}

TEST_F(Validation, ASectionIsCheckedAlone) {
  PrlVmCfg_SetRamSize(vm_, 0);
  PrlVmCfg_SetName(vm_, "a/b");
  EXPECT_EQ(validate(PVC_MAIN_MEMORY).codes, Codes{PRL_ERR_VMCONF_MAIN_MEMORY_ZERO_SIZE});
  EXPECT_EQ(validate(PVC_GENERAL_PARAMETERS).codes,
            Codes{PRL_ERR_VMCONF_VM_NAME_HAS_INVALID_SYMBOL});
  EXPECT_EQ(validate(PVC_NETWORK_ADAPTER).code, PRL_ERR_SUCCESS);
}

TEST_F(Validation, OnlyChangedSectionsAreCheckedWhereThatIsAskedFor) {
  add_disk("http://elsewhere/disk.hdd", PMS_SATA_DEVICE, 0);
  ASSERT_EQ(code_of(PrlVm_BeginEdit(vm_)), PRL_ERR_SUCCESS);  // drops the local disk
  add_disk("http://elsewhere/disk.hdd", PMS_SATA_DEVICE, 0);
  ASSERT_EQ(code_of(PrlVm_Commit(vm_)), PRL_ERR_SUCCESS);  // no critical problem
  ASSERT_EQ(code_of(PrlVm_BeginEdit(vm_)), PRL_ERR_SUCCESS);
  EXPECT_EQ(validate(PVC_ALL).codes, Codes{PRL_ERR_VMCONF_HARD_DISK_URL_FORMAT_SYS_NAME});
  EXPECT_EQ(validate(PVC_VALIDATE_CHANGES_ONLY).code, PRL_ERR_SUCCESS);
  PrlVmCfg_SetRamSize(vm_, 5);
  EXPECT_EQ(validate(PVC_VALIDATE_CHANGES_ONLY).codes,
            Codes{PRL_ERR_VMCONF_MAIN_MEMORY_NOT_4_RATIO_SIZE});
}

TEST_F(Validation, DisksAreCheckedWithTheInterfacesThatTheyAreOn) {
  add_disk("a.hdd", PMS_SATA_DEVICE, 1);
  add_disk("b.hdd", PMS_SATA_DEVICE, 1);
  add_disk("b.hdd", PMS_SCSI_DEVICE, 1);
  const Problems problems = validate(PVC_HARD_DISK);
  // The images of the first two are missing: nobody has made them.
  EXPECT_EQ(problems.codes, (Codes{PRL_ERR_VMCONF_HARD_DISK_IMAGE_IS_NOT_EXIST,
                                   PRL_ERR_VMCONF_HARD_DISK_IMAGE_IS_NOT_EXIST,
                                   PRL_ERR_VMCONF_HARD_DISK_DUPLICATE_SYS_NAME,
                                   PRL_ERR_VMCONF_SATA_DEVICES_DUPLICATE_STACK_INDEX}));
  EXPECT_EQ(problems.device, "0");
  EXPECT_EQ(problems.first_parameters[0], "a.hdd");
}

TEST_F(Validation, ADiskThatHasItsImageIsInOrder) {
  ASSERT_EQ(code_of(PrlVm_BeginEdit(vm_)), PRL_ERR_SUCCESS);
  const PRL_HANDLE disk = add_device(PDE_HARD_DISK, "disk.hdd");
  PrlVmDev_SetIfaceType(disk, PMS_SATA_DEVICE);
  PrlVmDevHd_SetDiskSize(disk, 1);
  EXPECT_EQ(validate(PVC_HARD_DISK).codes, Codes{PRL_ERR_VMCONF_HARD_DISK_IMAGE_IS_NOT_EXIST});
  EXPECT_EQ(code_of(PrlVmDev_CreateImage(disk, PRL_TRUE, PRL_TRUE)), PRL_ERR_SUCCESS);
  EXPECT_EQ(validate(PVC_HARD_DISK).code, PRL_ERR_SUCCESS);
  PrlHandle_Free(disk);
}

TEST_F(Validation, DevicesThatAreNotEnabledHaveNoProblems) {
  const PRL_HANDLE disk = add_device(PDE_HARD_DISK, "");
  EXPECT_EQ(validate(PVC_HARD_DISK).codes, Codes{PRL_ERR_VMCONF_HARD_DISK_SYS_NAME_IS_EMPTY});
  PrlVmDev_SetEnabled(disk, PRL_FALSE);
  EXPECT_EQ(validate(PVC_HARD_DISK).code, PRL_ERR_SUCCESS);
  PrlHandle_Free(disk);
}

TEST_F(Validation, AddressesOfAnAdapterAreChecked) {
  const PRL_HANDLE adapter = add_device(PDE_GENERIC_NETWORK_ADAPTER, "eth0");
  PRL_HANDLE addresses = PRL_INVALID_HANDLE;
  PrlApi_CreateStringsList(&addresses);
  PrlStrList_AddItem(addresses, "10.0.0.7/255.255.255.0");
  PrlStrList_AddItem(addresses, "10.0.0.255/255.255.255.0");
  PrlStrList_AddItem(addresses, "224.0.0.1/255.255.255.0");
  ASSERT_EQ(PrlVmDevNet_SetNetAddresses(adapter, addresses), PRL_ERR_SUCCESS);
  ASSERT_EQ(PrlVmDevNet_SetDefaultGateway(adapter, "10.1.0.1"), PRL_ERR_SUCCESS);
  const Problems problems = validate(PVC_NETWORK_ADAPTER);
  EXPECT_EQ(problems.codes, (Codes{PRL_ERR_VMCONF_NETWORK_ADAPTER_BROADCAST_IP_ADDRESS,
                                   PRL_ERR_VMCONF_NETWORK_ADAPTER_MULTICAST_IP_ADDRESS,
                                   PRL_ERR_VMCONF_NETWORK_ADAPTER_GATEWAY_NOT_IN_SUBNET}));
  EXPECT_EQ(problems.first_parameters[0], "10.0.0.255");
  PrlHandle_Free(addresses);
  PrlHandle_Free(adapter);
}

TEST_F(Validation, BootEntriesNameDevicesThatAreThere) {
  PRL_HANDLE entry = PRL_INVALID_HANDLE;
  ASSERT_EQ(PrlVmCfg_CreateBootDev(vm_, &entry), PRL_ERR_SUCCESS);
  PrlBootDev_SetType(entry, PDE_OPTICAL_DISK);
  PrlBootDev_SetInUse(entry, PRL_TRUE);
  EXPECT_EQ(validate(PVC_BOOT_OPTION).codes, Codes{PRL_ERR_VMCONF_BOOT_OPTION_DEVICE_NOT_EXISTS});
  const PRL_HANDLE drive = add_device(PDE_OPTICAL_DISK, "");
  EXPECT_EQ(validate(PVC_BOOT_OPTION).code, PRL_ERR_SUCCESS);
  PrlBootDev_SetType(entry, PDE_SOUND_DEVICE);
  EXPECT_EQ(validate(PVC_BOOT_OPTION).codes,
            Codes{PRL_ERR_VMCONF_BOOT_OPTION_INVALID_DEVICE_TYPE});
  PrlHandle_Free(drive);
  PrlHandle_Free(entry);
}

TEST_F(Validation, TheRemoteDisplayIsCheckedWhereItIsOn) {
  PrlVmCfg_SetVNCPort(vm_, 80);
  EXPECT_EQ(validate(PVC_REMOTE_DISPLAY).code, PRL_ERR_SUCCESS);
  PrlVmCfg_SetVNCMode(vm_, PRD_MANUAL);
  EXPECT_EQ(validate(PVC_REMOTE_DISPLAY).codes,
            (Codes{PRL_ERR_REMOTE_DISPLAY_WRONG_PORT_NUMBER,
                   PRL_ERR_VMCONF_REMOTE_DISPLAY_EMPTY_PASSWORD}));
  PrlVmCfg_SetVNCPort(vm_, 5901);
  PrlVmCfg_SetVNCPassword(vm_, "123456789");
  PrlVmCfg_SetVNCHostName(vm_, "nowhere");
  EXPECT_EQ(validate(PVC_REMOTE_DISPLAY).codes,
            (Codes{PRL_ERR_VMCONF_REMOTE_DISPLAY_INVALID_HOST_IP_ADDRESS,
                   PRL_ERR_VMCONF_REMOTE_DISPLAY_PASSWORD_TOO_LONG}));
}

TEST_F(Validation, SharedFoldersHaveNamesAndPathsOfTheirOwn) {
  for (int i = 0; i < 2; ++i) {
    PRL_HANDLE share = PRL_INVALID_HANDLE;
    ASSERT_EQ(PrlVmCfg_CreateShare(vm_, &share), PRL_ERR_SUCCESS);
    PrlShare_SetName(share, "docs");
    PrlShare_SetPath(share, i == 0 ? "/home/user" : "relative");
    PrlHandle_Free(share);
  }
  EXPECT_EQ(validate(PVC_SHARED_FOLDERS).codes,
            (Codes{PRL_ERR_VMCONF_SHARED_FOLDERS_DUPLICATE_FOLDER_NAME,
                   PRL_ERR_VMCONF_SHARED_FOLDERS_INVALID_FOLDER_PATH}));
}

TEST_F(Validation, AnUnknownSectionIsRefused) {
  EXPECT_EQ(code_of(PrlVm_ValidateConfig(vm_, static_cast<PRL_VM_CONFIG_SECTIONS>(26))),
            PRL_ERR_INVALID_ARG);
}

// -- The same at a commit.

TEST_F(Validation, ACommitNamesTheFirstCriticalProblem) {
  ASSERT_EQ(code_of(PrlVm_BeginEdit(vm_)), PRL_ERR_SUCCESS);
  PrlVmCfg_SetVNCMode(vm_, PRD_AUTO);  // without a password, which is not critical
  PrlVmCfg_SetCpuCount(vm_, 100);
  const Problems problems = problems_of(PrlVm_Commit(vm_));
  EXPECT_EQ(problems.code, PRL_ERR_INCONSISTENCY_VM_CONFIG);
  EXPECT_EQ(problems.codes, Codes{PRL_ERR_VMCONF_CPU_COUNT_MORE_MAX_CPU_COUNT});
  EXPECT_EQ(problems.first_parameters, (std::vector<std::string>{"100", "8"}));
  PrlVmCfg_SetCpuCount(vm_, 8);
  EXPECT_EQ(code_of(PrlVm_Commit(vm_)), PRL_ERR_SUCCESS);
}

// -- Samples.

TEST_F(Validation, ASampleIsMergedByTheCommit) {
  ASSERT_EQ(code_of(PrlVm_BeginEdit(vm_)), PRL_ERR_SUCCESS);
  ASSERT_EQ(PrlVmCfg_ApplyConfigSample(vm_, "nowhere to be found"), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(PrlVm_Commit(vm_)), PRL_ERR_SAMPLE_CONFIG_NOT_FOUND);
  ASSERT_EQ(PrlVmCfg_ApplyConfigSample(vm_, "vswap.1024MB"), PRL_ERR_SUCCESS);
  ASSERT_EQ(code_of(PrlVm_Commit(vm_)), PRL_ERR_SUCCESS);
  ASSERT_EQ(code_of(PrlVm_RefreshConfig(vm_)), PRL_ERR_SUCCESS);
  PRL_UINT32 ram = 0;
  EXPECT_EQ(PrlVmCfg_GetRamSize(vm_, &ram), PRL_ERR_SUCCESS);
  EXPECT_EQ(ram, 1024u);
  // It was applied once: what is set later stays.
  ASSERT_EQ(code_of(PrlVm_BeginEdit(vm_)), PRL_ERR_SUCCESS);
  PrlVmCfg_SetRamSize(vm_, 512);
  ASSERT_EQ(code_of(PrlVm_Commit(vm_)), PRL_ERR_SUCCESS);
  ASSERT_EQ(code_of(PrlVm_RefreshConfig(vm_)), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlVmCfg_GetRamSize(vm_, &ram), PRL_ERR_SUCCESS);
  EXPECT_EQ(ram, 512u);
}

TEST_F(Validation, AVmIsRegisteredWithItsSample) {
  const PRL_HANDLE made = session_.new_vm();
  PrlVmCfg_SetName(made, "sampled");
  PrlVmCfg_ApplyConfigSample(made, "none of them");
  EXPECT_EQ(code_of(PrlVm_Reg(made, "", PRL_TRUE)), PRL_ERR_SAMPLE_CONFIG_NOT_FOUND);
  PrlVmCfg_ApplyConfigSample(made, "vswap.512MB");
  EXPECT_EQ(code_of(PrlVm_Reg(made, "", PRL_TRUE)), PRL_ERR_SUCCESS);
  PRL_UINT32 ram = 0;
  EXPECT_EQ(PrlVmCfg_GetRamSize(made, &ram), PRL_ERR_SUCCESS);
  EXPECT_EQ(ram, 512u);
  PrlHandle_Free(made);
}

// -- Tuning and firmware.

TEST_F(Validation, ADefaultConfigurationIsTunedToItsGuest) {
  PRL_HANDLE guest = PRL_INVALID_HANDLE;
  ASSERT_EQ(PrlVmGuestOsInfo_Create(&guest), PRL_ERR_SUCCESS);
  PrlVmCfg_SetDescription(vm_, "kept");
  EXPECT_EQ(PrlVmCfg_TuneDefaultConfig(vm_, PRL_INVALID_HANDLE, guest), PRL_ERR_INVALID_ARG)
      << "neither names a guest";
  PrlVmGuestOsInfo_SetOsVersion(guest, PVS_GUEST_VER_WIN_2012);
  ASSERT_EQ(PrlVmCfg_TuneDefaultConfig(vm_, PRL_INVALID_HANDLE, guest), PRL_ERR_SUCCESS);
  PRL_UINT32 ram = 0, system = 0;
  PrlVmCfg_GetRamSize(vm_, &ram);
  PrlVmCfg_GetOsVersion(vm_, &system);
  EXPECT_EQ(ram, 1024u);
  EXPECT_EQ(system, PRL_UINT32{PVS_GUEST_VER_WIN_2012});
  EXPECT_EQ(text_of(vm_, PrlVmCfg_GetDescription), "kept");
  EXPECT_EQ(text_of(vm_, PrlVmCfg_GetName), "web");
  PrlHandle_Free(guest);
}

TEST_F(Validation, TheFirmwareSettingsAreInTheFolderOfTheVm) {
  ASSERT_EQ(code_of(PrlVm_BeginEdit(vm_)), PRL_ERR_SUCCESS);
  ASSERT_EQ(PrlVmCfg_UpdateNvram(vm_), PRL_ERR_SUCCESS);
  ASSERT_EQ(code_of(PrlVm_Commit(vm_)), PRL_ERR_SUCCESS);
  PRL_VOID_PTR xml = nullptr;
  ASSERT_EQ(PrlHandle_ToString(vm_, &xml), PRL_ERR_SUCCESS);
  EXPECT_NE(std::string(static_cast<char*>(xml)).find("web.pvm/NVRAM_4M.dat"), std::string::npos);
  PrlBuffer_Free(xml);
}

// -- Rights of others.

TEST_F(Validation, RightsAreUpdatedByTheirOwnCallAndNotByCommits) {
  PRL_HANDLE rights = PRL_INVALID_HANDLE;
  ASSERT_EQ(PrlVmCfg_GetAccessRights(vm_, &rights), PRL_ERR_SUCCESS);
  ASSERT_EQ(code_of(PrlVm_BeginEdit(vm_)), PRL_ERR_SUCCESS);
  PrlAcl_SetAccessForOthers(rights, PAO_VM_SHARED_ON_VIEW);
  ASSERT_EQ(code_of(PrlVm_Commit(vm_)), PRL_ERR_SUCCESS);
  ASSERT_EQ(code_of(PrlVm_RefreshConfig(vm_)), PRL_ERR_SUCCESS);
  PRL_VM_ACCESS_FOR_OTHERS access{};
  EXPECT_EQ(PrlAcl_GetAccessForOthers(rights, &access), PRL_ERR_SUCCESS);
  EXPECT_EQ(access, PAO_VM_NOT_SHARED);

  PrlAcl_SetAccessForOthers(rights, PAO_VM_SHARED_ON_VIEW_AND_RUN);
  EXPECT_EQ(code_of(PrlVm_UpdateSecurity(vm_, rights)), PRL_ERR_SUCCESS);
  const ApiSession other;
  const PRL_HANDLE seen = other.find_vm(text_of(vm_, PrlVmCfg_GetUuid));
  PRL_HANDLE rights_there = PRL_INVALID_HANDLE;
  ASSERT_EQ(PrlVmCfg_GetAccessRights(seen, &rights_there), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlAcl_GetAccessForOthers(rights_there, &access), PRL_ERR_SUCCESS);
  EXPECT_EQ(access, PAO_VM_SHARED_ON_VIEW_AND_RUN);
  EXPECT_EQ(code_of(PrlVm_UpdateSecurity(vm_, vm_)), PRL_ERR_INVALID_ARG);
  PrlHandle_Free(rights_there);
  PrlHandle_Free(seen);
  PrlHandle_Free(rights);
}

TEST_F(Validation, InternalCommandsAreUnknown) {
  PRL_HANDLE arguments = PRL_INVALID_HANDLE;
  PrlApi_CreateStringsList(&arguments);
  EXPECT_EQ(code_of(PrlVm_InternalCommand(vm_, "anything", arguments)), PRL_ERR_UNIMPLEMENTED);
  EXPECT_EQ(code_of(PrlVm_InternalCommand(vm_, "anything", vm_)), PRL_ERR_INVALID_ARG);
  PrlHandle_Free(arguments);
}

}  // namespace
}  // namespace prl::tests
