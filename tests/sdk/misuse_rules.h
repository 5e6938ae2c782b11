// Which handles a function takes, and the few functions that take more than the one rule of
// core-api 2.4 would let them. Each exception names its reason.
#pragma once

#include <algorithm>
#include <map>
#include <span>
#include <string_view>
#include <vector>

#include "properties.h"
#include "tests/sdk/misuse_arguments.h"
#include "tests/sdk/misuse_objects.h"

namespace prl::tests {

// A function whose handle must be of one of these types; `name` may be the beginning of the names
// of a family. The first row that fits counts.
struct HandleRule {
  std::string_view name;
  std::vector<PRL_HANDLE_TYPE> types;  // none: every live object will do
};

inline const std::vector<HandleRule>& handle_rules() {
  // Disks and drives, which have a place on an interface.
  static const std::vector<PRL_HANDLE_TYPE> kSlotted = {
      PHT_VIRTUAL_DEV_HARD_DISK, PHT_VIRTUAL_DEV_OPTICAL_DISK, PHT_VIRTUAL_DEV_GENERIC_SCSI};
  static const std::vector<HandleRule> rules = {
      {"PrlHandle_AddRef", {}},
      {"PrlHandle_Free", {}},
      {"PrlHandle_GetType", {}},
      {"PrlHandle_ToString", {}},
      {"PrlHandle_FromString", {}},
      {"PrlHandle_GetChannelStatistics", {PHT_SERVER, PHT_VIRTUAL_MACHINE}},
      {"PrlHandle_GetPackageId", {PHT_EVENT, PHT_JOB}},
      // Aliases of one another (core-api 5.1).
      {"PrlHandle_RegEventHandler", {PHT_SERVER, PHT_VIRTUAL_MACHINE}},
      {"PrlHandle_UnregEventHandler", {PHT_SERVER, PHT_VIRTUAL_MACHINE}},
      {"PrlSrv_RegEventHandler", {PHT_SERVER, PHT_VIRTUAL_MACHINE}},
      {"PrlSrv_UnregEventHandler", {PHT_SERVER, PHT_VIRTUAL_MACHINE}},
      {"PrlVm_RegEventHandler", {PHT_SERVER, PHT_VIRTUAL_MACHINE}},
      {"PrlVm_UnregEventHandler", {PHT_SERVER, PHT_VIRTUAL_MACHINE}},
      {"PrlSrv_", {PHT_SERVER}},
      {"PrlVm_", {PHT_VIRTUAL_MACHINE}},
      {"PrlCVSrc_", {PHT_CVSRC}},
      {"PrlVmCfg_", {PHT_VIRTUAL_MACHINE}},
      {"PrlCt_", {PHT_VIRTUAL_MACHINE}},
      {"PrlVmDevHd_", {PHT_VIRTUAL_DEV_HARD_DISK}},
      {"PrlVmDevHdPart_", {PHT_VIRTUAL_DEV_HD_PARTITION}},
      {"PrlVmDevNet_", {PHT_VIRTUAL_DEV_NET_ADAPTER}},
      {"PrlVmDev_SetIfaceType", kSlotted},
      {"PrlVmDev_SetDefaultStackIndex", kSlotted},
      {"PrlVmDev_", {std::begin(kDeviceTypes), std::end(kDeviceTypes)}},
      {"PrlVirtNet_", {PHT_VIRTUAL_NETWORK}},
      {"PrlCpuFeatures_", {PHT_CPU_FEATURES}},
      {"PrlDispCfg_", {PHT_DISP_CONFIG}},
      {"PrlDispNet_", {PHT_DISP_NET_ADAPTER}},
      {"PrlSrvCfg_", {PHT_SERVER_CONFIG}},
      {"PrlSrvCfgDev_",
       {PHT_HW_GENERIC_DEVICE, PHT_HW_HARD_DISK, PHT_HW_NET_ADAPTER, PHT_HW_GENERIC_PCI_DEVICE}},
      {"PrlStatVmData_", {PHT_SYSTEM_STATISTICS_VM_DATA}},
      {"PrlSrvConfig_", {PHT_SERVER_CONFIG}},
      {"PrlUsrCfg_", {PHT_USER_PROFILE}},
      {"PrlLic_", {PHT_LICENSE}},
      {"PrlAcl_", {PHT_ACCESS_RIGHTS}},
      {"PrlBootDev_", {PHT_BOOT_DEVICE}},
      {"PrlShare_", {PHT_SHARE}},
      {"PrlScrRes_", {PHT_SCREEN_RESOLUTION}},
      {"PrlVmGuest_", {PHT_VM_GUEST_SESSION}},
      {"PrlVmInfo_", {PHT_VM_INFO}},
      {"PrlDevDisplay_", {PHT_VIRTUAL_MACHINE}},
      {"PrlDevSecondaryDisplay_", {PHT_VIRTUAL_MACHINE}},
      {"PrlDevKeyboard_", {PHT_VIRTUAL_MACHINE}},
      {"PrlDevMouse_", {PHT_VIRTUAL_MACHINE}},
      {"PrlDisk_CreateDiskEx", {PHT_VIRTUAL_DISK_OP_PARAMS}},
      {"PrlDisk_OpenDiskEx", {PHT_VIRTUAL_DISK_OP_PARAMS}},
      {"PrlDisk_", {PHT_VIRTUAL_DISK}},
      {"PrlDiskMap_", {PHT_VIRTUAL_DISK_MAP}},
      {"PrlDiskOpParams_", {PHT_VIRTUAL_DISK_OP_PARAMS}},
      {"PrlDiskParams_", {PHT_VIRTUAL_DISK_PARAMS}},
      {"PrlDiskStateParams_", {PHT_VIRTUAL_DISK_STATE_PARAMS}},
      {"PrlApi_SendPackedProblemReport", {PHT_PROBLEM_REPORT}},
      {"PrlReport_", {PHT_PROBLEM_REPORT}},
      {"PrlBackup_", {PHT_BACKUP}},
      {"PrlVmBackup_", {PHT_BACKUP}},
      {"PrlJob_", {PHT_JOB}},
      {"PrlResult_", {PHT_RESULT}},
      {"PrlEvent_", {PHT_EVENT}},
      {"PrlEvtPrm_", {PHT_EVENT_PARAMETER}},
      {"PrlLoginResponse_", {PHT_LOGIN_RESPONSE}},
      {"PrlStrList_", {PHT_STRINGS_LIST}},
      {"PrlHndlList_", {PHT_HANDLES_LIST}},
      {"PrlOpTypeList_", {PHT_OPAQUE_TYPE_LIST}},
  };
  return rules;
}

// The types of each row of properties.csv, for the functions that are bound to it.
inline const std::map<std::string_view, HandleRule>& property_rules() {
  static const auto rules = [] {
    std::map<std::string_view, HandleRule> made;
    for (const sdk::PropertyInfo& property : sdk::all_properties()) {
      std::vector<PRL_HANDLE_TYPE> types;
      for (const uint32_t type : property.handle_types) {
        if (type == PHT_VM_CONFIGURATION)
          types.push_back(PHT_VIRTUAL_MACHINE);
        else if (type != 0)
          types.push_back(static_cast<PRL_HANDLE_TYPE>(type));
      }
      if (types.empty()) types.assign(std::begin(kDeviceTypes), std::end(kDeviceTypes));
      for (const sdk::Api api : {property.getter, property.setter, property.count_getter}) {
        if (api == sdk::Api::kCount) continue;
        const std::string_view name = sdk::api_info(api).name;
        made.emplace(name, HandleRule{name, types});
      }
    }
    return made;
  }();
  return rules;
}

// The rule for the first handle of a function; null for families of which no object can be made.
inline const HandleRule* handle_rule(std::string_view name) {
  const auto bound = property_rules().find(name);
  if (bound != property_rules().end()) return &bound->second;
  const auto found = std::ranges::find_if(
      handle_rules(), [&](const HandleRule& rule) { return name.starts_with(rule.name); });
  return found == handle_rules().end() ? nullptr : &*found;
}

inline bool takes_type(const HandleRule* rule, PRL_HANDLE_TYPE type) {
  if (!rule) return false;
  return rule->types.empty() || std::ranges::find(rule->types, type) != rule->types.end();
}

// A parameter that takes what the rule would refuse.
struct Exception {
  std::string_view name;
  size_t parameter;
  std::string_view reason;
};

inline bool is_excepted(std::span<const Exception> list, std::string_view name, size_t parameter) {
  return std::ranges::any_of(list, [&](const Exception& exception) {
    return exception.name == name && exception.parameter == parameter;
  });
}

// Structures that hold pointers, which a call with a good first handle follows.
inline constexpr Exception kHoldsPointers[] = {
    {"PrlSrv_CreateVmBackupEx", 9, "the folder of the backups"},
    {"PrlSrv_GetBackupTreeEx", 8, "the folder of the backups"},
    {"PrlSrv_RemoveVmBackupEx", 9, "the folder of the backups"},
    {"PrlSrv_RestoreVmBackupEx", 11, "the folder of the backups"},
};

// A good handle for the first parameter, where one is wanted and can be made, and what else a call
// with one needs.
inline void fit_first_handle(const MisuseCall& call, const Objects& objects, Arguments& arguments) {
  for (size_t i = 0; i < call.takes.size(); ++i) {
    if (is_excepted(kHoldsPointers, call.info().name, i)) arguments.empty(i);
  }
  const HandleRule* rule = handle_rule(call.info().name);
  if (!rule || call.takes.empty() || call.takes[0] != Takes::kHandle) return;
  arguments.set(0, word_of(objects.of_type(rule->types.empty() ? PHT_JOB : rule->types[0])));
}

// Pointers and second handles that may be NULL.
inline constexpr Exception kMayBeNull[] = {
    {"PrlApi_InitCrashHandler", 0, "there is no crash handler to name files of: core-api 1.4"},
    {"PrlApi_SendPackedProblemReport", 2, "there need be no proxy"},
    {"PrlApi_SendPackedProblemReport", 4, "there need be no proxy"},
    {"PrlApi_SendPackedProblemReport", 5, "there need be no proxy"},
    {"PrlApi_SendPackedProblemReport", 8, "nobody need watch"},
    {"PrlApi_SendProblemReport", 2, "there need be no proxy"},
    {"PrlApi_SendProblemReport", 4, "there need be no proxy"},
    {"PrlApi_SendProblemReport", 5, "there need be no proxy"},
    {"PrlApi_SendProblemReport", 8, "nobody need watch"},
    {"PrlReport_Send", 2, "there need be no proxy"},
    {"PrlReport_Send", 4, "there need be no proxy"},
    {"PrlReport_Send", 5, "there need be no proxy"},
    {"PrlReport_Send", 8, "nobody need watch"},
    {"PrlDiskMap_Read", 1, "asks for the size: core-api 6"},
    {"PrlDisk_GetDiskInfo", 1, "asks for the size: core-api 6"},
    {"PrlDisk_GetSnapshotsTree", 1, "asks for the size: core-api 6"},
    {"PrlDisk_GetUserParameter", 2, "asks for the size: core-api 6"},
    {"PrlDisk_CreateDisk", 4, "the argument of the callback"},
    {"PrlDisk_CreateDisk_Local", 4, "the argument of the callback"},
    {"PrlDisk_CreateState", 1, "the folder: the bundle's own"},
    {"PrlDisk_DeleteState", 1, "the folder: the bundle's own"},
    {"PrlDisk_OpenDisk", 3, "there need be no policy"},
    {"PrlDisk_OpenDisk_Local", 3, "there need be no policy"},
    {"PrlDisk_SwitchToState", 1, "the folder: the bundle's own"},
    {"PrlJob_GetDataPtr", 1, "core-api 3.3"},
    {"PrlJob_GetDataPtr", 2, "core-api 3.3"},
    {"PrlSrv_CheckParallelsServerAliveEx", 3, "nobody need watch"},
    {"PrlSrv_CheckParallelsServerAliveEx", 4, "the argument of the callback"},
    {"PrlSrv_GetRegisteredHostsOnProxy", 4, "nobody need watch"},
    {"PrlSrv_GetRegisteredHostsOnProxy", 5, "the argument of the callback"},
    {"PrlSrv_LookupParallelsServers", 1, "nobody need watch"},
    {"PrlSrv_LookupParallelsServers", 2, "the argument of the callback"},
    {"PrlSrv_ProxyLogin", 3, "the previous session: core-api 2.4"},
    {"PrlSrv_ProxyLoginEx", 3, "the previous session: core-api 2.4"},
    {"PrlSrv_CopyCtTemplate", 2, "templates of systems need none: clients 5.5"},
    {"PrlSrv_CopyCtTemplate", 5, "there is no other host to have a session with"},
    {"PrlSrv_CreateVmBackupEx", 9, "there need be no further parameters"},
    {"PrlSrv_GetBackupTreeEx", 8, "there need be no further parameters"},
    {"PrlSrv_RemoveVmBackupEx", 9, "there need be no further parameters"},
    {"PrlSrv_RestoreVmBackupEx", 11, "there need be no further parameters"},
    {"PrlSrv_RemoveCtTemplate", 2, "templates of systems need none: clients 5.5"},
    {"PrlSrv_Login", 1, "no host: the connection that is there: core-api 7.1"},
    {"PrlSrv_Login", 4, "the previous session: core-api 2.4"},
    {"PrlSrv_LoginEx", 1, "no host: the connection that is there: core-api 7.1"},
    {"PrlSrv_LoginEx", 4, "the previous session: core-api 2.4"},
    {"PrlSrv_LoginLocal", 1, "the previous session: core-api 2.4"},
    {"PrlSrv_LoginLocalEx", 1, "the previous session: core-api 2.4"},
    {"PrlSrv_FsGenerateEntryName", 2, "none is the empty text: clients 2.6"},
    {"PrlSrv_FsGenerateEntryName", 3, "none is the empty text: clients 2.6"},
    {"PrlSrv_FsGenerateEntryName", 4, "none is the empty text: clients 2.6"},
    {"PrlSrv_GetPerfStats", 1, "the filter: core-api 2.4"},
    {"PrlSrv_SubscribeToPerfStats", 1, "the filter: core-api 2.4"},
    {"PrlVm_GetPerfStats", 1, "the filter: core-api 2.4"},
    {"PrlVm_SubscribeToPerfStats", 1, "the filter: core-api 2.4"},
    {"PrlSrv_StartSearchVms", 1, "no list stands for the host's own folder: clients 5"},
    {"PrlVmCfg_SetCpuMask", 1, "core-api 2.4"},
    {"PrlVmDevHd_SetSerialNumber", 1, "core-api 2.4"},
    {"PrlVmDevHd_SetStorageURL", 1, "core-api 2.4"},
    {"PrlVmDevNet_SetVirtualNetworkId", 1, "core-api 2.4"},
    {"PrlVm_InternalCommand", 2, "there need be no arguments"},
    {"PrlVmGuest_RunProgram", 2, "there need be no arguments"},
    {"PrlVmGuest_RunProgram", 3, "there need be no environment"},
    {"PrlVmGuest_RunProgram", 5, "0 is a descriptor too"},
    {"PrlVmGuest_RunProgram", 6, "0 is a descriptor too"},
    {"PrlVmGuest_RunProgram", 7, "0 is a descriptor too"},
    {"PrlVm_LoginInGuest", 2, "sessions without a user need no password: clients 5.3"},
    {"PrlVm_CommitEncryption", 2, "there need be no policies"},
    {"PrlVm_CommitEncryption", 3, "reserved"},
    {"PrlVm_Delete", 1, "no list deletes the whole VM: vm-lifecycle 2.4"},
    {"PrlVm_Mount", 1, "without a path the server chooses one: clients 5.3"},
};

// Nobody need watch a long operation on a disk.
inline bool may_be_null(const MisuseCall& call, size_t parameter) {
  const std::string_view name = call.info().name;
  if (call.takes[parameter] == Takes::kCallback && name.starts_with("PrlDisk")) return true;
  return is_excepted(kMayBeNull, name, parameter);
}

// Handles of which none is a mistake: a host that is not known is a small one (config-model 5).
inline constexpr Exception kTakesAnyBits[] = {
    {"PrlVmCfg_AddDefaultDevice", 1, "the description of the host"},
    {"PrlVmCfg_AddDefaultDeviceEx", 1, "the description of the host"},
    {"PrlVmCfg_GetDefaultVideoRamSize", 1, "the description of the host"},
    {"PrlVmCfg_SetDefaultConfig", 1, "the description of the host"},
    {"PrlVmCfg_SetDefaultConfigEx", 1, "the description of the host"},
    {"PrlVmCfg_TuneDefaultConfig", 1, "the description of the host"},
};

// Handles behind the first one that are of another type than the family's.
inline constexpr Exception kTakesAnyLiveHandle[] = {
    {"PrlHndlList_AddItem", 1, "core-api 2.4"},
};
// Handles behind the first one: the type that a function takes there.
struct SecondHandle {
  std::string_view name;
  size_t parameter;
  PRL_HANDLE_TYPE type;
  std::string_view reason;
};
inline constexpr SecondHandle kSecondHandles[] = {
    {"PrlVirtNet_GetBoundAdapterInfo", 1, PHT_SERVER_CONFIG, "clients 5.5"},
    {"PrlVmCfg_SetProfile", 1, PHT_SERVER_CONFIG, "config-model 4"},
    {"PrlDisk_Resize", 1, PHT_VIRTUAL_DISK_OP_PARAMS, "config-model 11"},
    {"PrlSrv_AddIPPrivateNetwork", 1, PHT_IPPRIV_NET, "config-model 9"},
    {"PrlSrv_AddVirtualNetwork", 1, PHT_VIRTUAL_NETWORK, "config-model 9"},
    {"PrlSrv_CommonPrefsCommit", 1, PHT_DISP_CONFIG, "config-model 3.2"},
    {"PrlSrv_CommonPrefsCommitEx", 1, PHT_DISP_CONFIG, "config-model 3.2"},
    {"PrlSrv_DeleteOfflineService", 1, PHT_OFFLINE_SERVICE, "config-model 9"},
    {"PrlSrv_DeleteVirtualNetwork", 1, PHT_VIRTUAL_NETWORK, "config-model 9"},
    {"PrlSrv_RemoveIPPrivateNetwork", 1, PHT_IPPRIV_NET, "config-model 9"},
    {"PrlSrv_SetVcmmdConfig", 1, PHT_VCMMD_CONFIG, "clients 5.5"},
    {"PrlSrv_SendAnswer", 1, PHT_EVENT, "core-api 5.4"},
    {"PrlSrv_RegisterVmWithParams", 1, PHT_VM_REGISTER_PARAMS, "vm-lifecycle 4.1"},
    {"PrlSrv_StartSearchVms", 1, PHT_STRINGS_LIST, "the folders to search: core-api 4"},
    {"PrlSrv_UpdateIPPrivateNetwork", 1, PHT_IPPRIV_NET, "config-model 9"},
    {"PrlSrv_UpdateNetworkShapingConfig", 1, PHT_NETWORK_SHAPING_CONFIG, "config-model 9"},
    {"PrlSrv_UpdateOfflineService", 1, PHT_OFFLINE_SERVICE, "config-model 9"},
    {"PrlSrv_UpdateVirtualNetwork", 1, PHT_VIRTUAL_NETWORK, "config-model 9"},
    {"PrlSrv_LoginLocalWithParams", 1, PHT_LOGIN_PARAMS, "core-api 7.1"},
    {"PrlSrv_LoginWithParams", 1, PHT_LOGIN_PARAMS, "core-api 7.1"},
    {"PrlSrv_UpdateSessionInfo", 1, PHT_SESSION_INFO, "core-api 7"},
    {"PrlSrv_UserProfileCommit", 1, PHT_USER_PROFILE, "config-model 3.2"},
    {"PrlVm_Migrate", 1, PHT_SERVER, "the target: vm-lifecycle 2.4"},
    {"PrlVm_MigrateWithRename", 1, PHT_SERVER, "the target: vm-lifecycle 2.4"},
    {"PrlVmGuest_RunProgram", 2, PHT_STRINGS_LIST, "the arguments: clients 5.3"},
    {"PrlVmGuest_RunProgram", 3, PHT_STRINGS_LIST, "the environment: clients 5.3"},
    {"PrlVm_CommitEncryption", 2, PHT_HANDLES_LIST, "the disks: config-model 11"},
    {"PrlSrv_SendProblemReport", 1, PHT_PROBLEM_REPORT, "core-api 8"},
    {"PrlVm_SendProblemReport", 1, PHT_PROBLEM_REPORT, "core-api 8"},
    {"PrlVmCfg_SetDefaultConfigEx", 2, PHT_VM_GUEST_OS_INFO, "config-model 5"},
    {"PrlVmCfg_TuneDefaultConfig", 2, PHT_VM_GUEST_OS_INFO, "config-model 5"},
    {"PrlSrv_CancelInstallAppliance", 1, PHT_APPLIANCE_CONFIG, "the description"},
    {"PrlSrv_InstallAppliance", 1, PHT_APPLIANCE_CONFIG, "the description"},
    {"PrlSrv_StopInstallAppliance", 1, PHT_APPLIANCE_CONFIG, "the description"},
    {"PrlVm_UpdateSecurity", 1, PHT_ACCESS_RIGHTS, "config-model 3.1"},
    {"PrlVm_InternalCommand", 2, PHT_STRINGS_LIST, "the arguments"},
    {"PrlVm_SetConfig", 1, PHT_VIRTUAL_MACHINE, "part of the VM object: config-model 3.1"},
    {"PrlVm_Delete", 1, PHT_STRINGS_LIST, "the files to delete: vm-lifecycle 2.4"},
};

inline const SecondHandle* second_handle(std::string_view name, size_t parameter) {
  const auto* found = std::ranges::find_if(kSecondHandles, [&](const SecondHandle& row) {
    return row.name == name && row.parameter == parameter;
  });
  return found == std::end(kSecondHandles) ? nullptr : found;
}

// The type of handle that the setter of a property takes for its value; PHT_ERROR for none. A list
// of records takes items of one type only, and that of Objects holds another.
inline PRL_HANDLE_TYPE value_type(sdk::Api setter) {
  for (const sdk::PropertyInfo& property : sdk::all_properties()) {
    if (property.setter != setter) continue;
    if (property.type == sdk::PropertyType::kStrings) {
      return property.check == sdk::ValueCheck::kNone ? PHT_STRINGS_LIST : PHT_ERROR;
    }
    if (property.type == sdk::PropertyType::kNumbers) return PHT_OPAQUE_TYPE_LIST;
    if (property.type == sdk::PropertyType::kNode) {
      return static_cast<PRL_HANDLE_TYPE>(property.child_type);
    }
  }
  return PHT_ERROR;
}

// What a number out of range gives where that is not PRL_ERR_INVALID_ARG.
struct RangeCode {
  std::string_view function;
  PRL_RESULT code;
  const char* reason;
};
inline constexpr RangeCode kRangeCodes[] = {
    {"PrlVmCfg_AddDefaultDevice", PRL_ERR_OPERATION_FAILED, "config-model 5"},
    {"PrlVmCfg_AddDefaultDeviceEx", PRL_ERR_OPERATION_FAILED, "config-model 5"},
    {"PrlVmCfg_CreateVmDev", PRL_ERR_UNSUPPORTED_DEVICE_TYPE, "a type without devices"},
    {"PrlVmDev_Create", PRL_ERR_UNSUPPORTED_DEVICE_TYPE, "a type without devices"},
    {"PrlVmCfg_GetDevByType", PRL_ERR_UNSUPPORTED_DEVICE_TYPE, "config-model 4"},
    {"PrlVmCfg_GetDevsCountByType", PRL_ERR_UNSUPPORTED_DEVICE_TYPE, "config-model 4"},
};

// Numbers of which every value means something.
inline constexpr Exception kTakesAnyNumber[] = {
    {"PrlVmCfg_SetProfile", 2, "values are stored as given: config-model 4"},
    {"PrlSrv_ActivateTrialLicense", 1, "a trial of any edition is in force: behaviours"},
    {"PrlAcl_IsAllowed", 1, "what names no command is the owner's: fidelity"},
    {"PrlSrv_IsFeatureSupported", 1, "what is not known is not supported"},
    {"PrlVmCfg_IsDefaultDeviceNeeded", 1, "what is not known is not needed: config-model 5"},
    {"PrlBootDev_SetSequenceIndex", 1, "values are stored as given: config-model 4"},
    {"PrlVmDevNet_SetFirewallDefaultPolicy", 2, "values are stored as given: config-model 4"},
    {"PrlVmDev_SetIfaceType", 1, "values are stored as given: config-model 4"},
    {"PrlApi_InitEx", 1, "the mode is not validated: core-api 1.1"},
    {"PrlDbg_EventTypeToString", 0, "names exist for all numbers: core-api 8"},
    {"PrlDbg_HandleTypeToString", 0, "names exist for all numbers: core-api 8"},
    {"PrlDbg_GetHandlesNum", 1, "no object is of an unknown type: core-api 2.6"},
};

// Numbers of which only some mean something, though their type is no enum.
inline constexpr Exception kTakesSomeNumbers[] = {
    {"PrlApi_CreateOpTypeList", 1, "bytes of an item: core-api 4.1"},
    {"PrlVm_StartEx", 1, "the mode: vm-lifecycle 4.1"},
    {"PrlVm_StopEx", 1, "the mode: vm-lifecycle 4.1"},
};

// Getters of text that have none for the object at hand.
inline constexpr Exception kHasNoText[] = {
    {"PrlSrvCfgDev_GetVmUuid", 2, "no VM uses the device"},
    {"PrlJob_GetDataPtr", 1, "not implemented for any job: core-api 3.3"},
    {"PrlReport_AsString", 1, "longer than the blocks of Arguments"},
    {"PrlReport_GetData", 1, "longer than the blocks of Arguments"},
    {"PrlResult_GetParamAsString", 1, "a login answer has no text: core-api 4"},
    {"PrlResult_GetParamByIndexAsString", 2, "a login answer has no text: core-api 4"},
};

// Getters that fill more than what their pointers are declared as.
inline constexpr std::string_view kFillsMore[] = {
    "PrlDisk_GetDiskInfo",       // the texts behind the structure
    "PrlDisk_GetIdentify",       // fields of PRL_HDD_MODEL_LEN bytes and so on
    "PrlDisk_GetSnapshotsTree",  // an array
    "PrlVmCfg_GetDevsList",      // an array: config-model 7
};

// Functions with a parameter, the second but for one, for a buffer that the caller lets go of
// (core-api 2.6).
inline constexpr std::string_view kGivesBuffer[] = {
    "PrlApi_CalcIconHash",
    "PrlDispCfg_ToString", "PrlDispNet_PortForwardingToString",
    "PrlEvent_GetDataPtr", "PrlHandle_ToString",
    "PrlLic_ToString",     "PrlLoginResponse_ToString",
    "PrlResult_GetError",  "PrlUsrCfg_ToString",
    "PrlVmDev_ToString",   "PrlVm_ToString",
};

// Lets go of the buffer that a call which succeeded handed out, if it does that.
inline void free_buffer(const MisuseCall& call, const Arguments& arguments) {
  if (std::ranges::find(kGivesBuffer, call.info().name) == std::end(kGivesBuffer)) return;
  const size_t parameter = call.api == sdk::Api::kPrlApi_CalcIconHash ? 2 : 1;
  EXPECT_EQ(PrlBuffer_Free(arguments.handle_in(parameter)), PRL_ERR_SUCCESS) << call.info().name;
}

// What a function that needs no Init answers before it, with good arguments and with NULL pointers.
// Every number is the largest one.
struct EarlyAnswer {
  std::string_view name;
  PRL_RESULT good;
  PRL_RESULT with_null;
};
inline constexpr EarlyAnswer kEarlyAnswers[] = {
    {"PrlApi_Deinit", PRL_ERR_API_WASNT_INITIALIZED, PRL_ERR_API_WASNT_INITIALIZED},
    {"PrlApi_GetCrashDumpsPath", PRL_ERR_SUCCESS, PRL_ERR_INVALID_ARG},
    {"PrlApi_GetMessageType", PRL_ERR_SUCCESS, PRL_ERR_INVALID_ARG},
    {"PrlApi_GetResultDescription", PRL_ERR_SUCCESS, PRL_ERR_INVALID_ARG},
    {"PrlApi_Init", PRL_ERR_API_INCOMPATIBLE, PRL_ERR_API_INCOMPATIBLE},
    {"PrlApi_InitCrashHandler", PRL_ERR_SUCCESS, PRL_ERR_SUCCESS},
    {"PrlApi_InitEx", PRL_ERR_API_INCOMPATIBLE, PRL_ERR_API_INCOMPATIBLE},
    {"PrlApi_MsgCanBeIgnored", PRL_ERR_SUCCESS, PRL_ERR_INVALID_ARG},
    {"PrlApi_SwitchConsoleLogging", PRL_ERR_SUCCESS, PRL_ERR_SUCCESS},
    // A good argument would be memory of the library's.
    {"PrlBuffer_Free", PRL_ERR_INVALID_ARG, PRL_ERR_INVALID_ARG},
    {"PrlDbg_EventTypeToString", PRL_ERR_SUCCESS, PRL_ERR_INVALID_ARG},
    {"PrlDbg_HandleTypeToString", PRL_ERR_SUCCESS, PRL_ERR_INVALID_ARG},
    {"PrlDbg_PrlResultToString", PRL_ERR_SUCCESS, PRL_ERR_INVALID_ARG},
    // They look at the handle, and before Init none is good (core-api 1.4).
    {"PrlSrv_GetRestrictionInfo", PRL_ERR_INVALID_ARG, PRL_ERR_INVALID_ARG},
    {"PrlSrv_HasRestriction", PRL_ERR_INVALID_ARG, PRL_ERR_INVALID_ARG},
};

}  // namespace prl::tests
