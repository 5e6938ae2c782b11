#include "sdk/access_rights.h"

#include <algorithm>
#include <string>
#include <unordered_map>

namespace prl::sdk {

namespace {

using sim::kNoRights;
using sim::kOwn;
using sim::kRead;
using sim::kRun;
using sim::kWrite;
using sim::Rights;

constexpr Rights kReadRun = kRead | kRun;
constexpr Rights kReadWrite = kRead | kWrite;
constexpr Rights kFull = kRead | kRun | kWrite;

struct CommandRow {
  PRL_ALLOWED_VM_COMMAND command;
  Rights rights;
  Rights rights_virtuozzo;  // where the number means something else there
  constexpr CommandRow(PRL_ALLOWED_VM_COMMAND number, Rights needed)
      : CommandRow(number, needed, needed) {}
  constexpr CommandRow(PRL_ALLOWED_VM_COMMAND number, Rights needed, Rights in_virtuozzo)
      : command(number), rights(needed), rights_virtuozzo(in_virtuozzo) {}
};

// Those of vm-lifecycle 6.2; below each group what 6.2 does not name (docs/fidelity.md).
constexpr CommandRow kCommands[] = {
    // What tells and what copies.
    {PAR_VM_GETCONFIG_ACCESS, kRead},
    {PAR_VM_GET_VMINFO_ACCESS, kRead},
    {PAR_VM_GETSTATISTICS_ACCESS, kRead},
    {PAR_VM_STATISTICS_SUBSCRIPTION_ACCESS, kRead},
    {PAR_VM_PERFSTAT_ACCESS, kRead},
    {PAR_VM_GET_SUSPENDED_SCREEN_ACCESS, kRead},
    {PAR_VM_CLONE_ACCESS, kRead},
    {PAR_VMDEV_COPY_IMAGE_ACCESS, kRead},
    {PAR_VM_GET_TOOLS_INFO, kRead},
    {PAR_VM_GETPROBLEMREPORT_ACCESS, kRead},
    {PAR_VM_CREATE_BACKUP_ACCESS_OBSOLETE, kRead},
    {PAR_SRV_SENDPROBLEMREPORT_ACCESS, kRead},
    {PAR_VM_INITIATE_DEV_STATE_NOTIFICATIONS_ACCESS, kRead},
    {PAR_VM_GUI_VIEW_MODE_CHANGE_ACCESS, kRead},
    {PAR_VM_GET_VIRT_DEV_INFO, kRead},
    {PAR_VM_GET_NETWORK_SETTINGS, kRead},
    {PAR_VM_GET_TOTAL_SNAPSHOTS_SIZE, kRead},
    {PAR_BACKUP_BEGIN, kRead, kReadWrite},   // V: update of the firmware's settings
    {PAR_BACKUP_COMMIT, kRead, kReadWrite},  // V: conversion of a container
    {PAR_BACKUP_ROLLBACK, kRead},

    // What changes the power state.
    {PAR_VM_START_ACCESS, kReadRun},
    {PAR_VM_RESTART_GUEST_ACCESS, kReadRun},
    {PAR_VM_STOP_ACCESS, kReadRun},
    {PAR_VM_PAUSE_ACCESS, kReadRun},
    {PAR_VM_SUSPEND_ACCESS, kReadRun},
    {PAR_VM_RESUME_ACCESS, kReadRun},
    {PAR_VM_RESET_ACCESS, kReadRun},
    {PAR_VM_DROPSUSPENDEDSTATE_ACCESS, kReadRun},
    {PAR_VM_SEND_ANSWER_ACCESS, kReadRun},
    {PAR_VM_CHANGE_SID_ACCESS, kReadRun},
    {PAR_VM_AUTHORISE_ACCESS, kReadRun},

    // What changes the VM.
    {PAR_VM_REGISTER_ACCESS, kReadWrite},
    {PAR_VM_DELETE_ACCESS, kReadWrite},
    {PAR_VM_UNREG_ACCESS, kReadWrite},
    {PAR_VM_BEGINEDIT_ACCESS, kReadWrite},
    {PAR_VM_COMMIT_ACCESS, kReadWrite},
    {PAR_VMDEV_CREATEIMAGE_ACCESS, kReadWrite},
    {PAR_VM_RESIZE_DISK_ACCESS, kReadWrite},
    {PAR_VM_CONVERT_DISKS_ACCESS, kReadWrite},
    {PAR_VM_RESTORE_ACCESS, kReadWrite},
    {PAR_VM_CHANGE_PASSWORD_ACCESS, kReadWrite},
    {PAR_VM_UPDATE_TOOLS_SECTION, kReadWrite},

    // What does both.
    {PAR_VM_START_EX_ACCESS, kFull},
    {PAR_VM_CREATE_SNAPSHOT_ACCESS, kFull},
    {PAR_VM_SWITCH_TO_SNAPSHOT_ACCESS, kFull},
    {PAR_VM_DELETE_SNAPSHOT_ACCESS, kFull},
    {PAR_VMDEV_CONNECT_ACCESS, kFull},
    {PAR_VMDEV_DISCONNECT_ACCESS, kFull},
    {PAR_VM_INSTALL_TOOLS_ACCESS, kFull},
    {PAR_VM_MIGRATE_ACCESS_OBSOLETE, kFull},
    {PAR_VM_MOVE_ACCESS, kFull},
    {PAR_VM_MOUNT_ACCESS_OBSOLETE, kFull},
    {PAR_VM_LOCK_ACCESS, kFull},
    {PAR_VM_UNLOCK_ACCESS, kFull},
    {PAR_VM_COMPACT_ACCESS, kFull},
    {PAR_VM_CANCEL_COMPACT_ACCESS, kFull},
    {PAR_VM_START_STOP_VNC_SERVER, kFull},
    {PAR_VM_INTERNAL_CMD_ACCESS, kFull},
    {PAR_VM_RESTORE_BACKUP_ACCESS_OBSOLETE, kFull},
    {PAR_VM_RUN_COMPRESSOR_ACCESS, kFull},
    {PAR_VM_CANCEL_COMPRESSOR_ACCESS, kFull},
    {PAR_VM_INSTALL_UTILITY_ACCESS, kFull},
    {PAR_VM_CHANGE_GUEST_OS_PASSWORD_ACCESS, kFull},
    {PAR_VM_ARCHIVE_ACCESS, kFull},
    {PAR_VM_UNARCHIVE_ACCESS, kFull},
    {PAR_VM_PACK_ACCESS, kFull},
    {PAR_VM_UNPACK_ACCESS, kFull},

    // What is the owner's.
    {PAR_VM_UPDATE_SECURITY_ACCESS, kFull | kOwn},
    {PAR_VM_RESET_UPTIME_ACCESS, kFull | kOwn},

    // What is asked of the host.
    {PAR_VM_CREATE_ACCESS, kNoRights},
    {PAR_SRV_USER_PROFILE_BEGINEDIT_ACCESS, kNoRights},
    {PAR_SRV_USER_PROFILE_COMMIT_ACCESS, kNoRights},
    {PAR_SRV_SERVER_PROFILE_BEGINEDIT_ACCESS, kNoRights},
    {PAR_SRV_SERVER_PROFILE_COMMIT_ACCESS, kNoRights},
};

constexpr bool kFreeInV = true;

constexpr GuardedFunction guarded(std::string_view name, PRL_ALLOWED_VM_COMMAND command,
                                  bool is_free_in_virtuozzo = false) {
  return {.name = name, .command = command, .is_free_in_virtuozzo = is_free_in_virtuozzo};
}
constexpr GuardedFunction guarded(std::string_view name, Rights rights) {
  return {.name = name, .rights = rights};
}

constexpr GuardedFunction kFunctions[] = {
    guarded("PrlSrv_GetVmConfig", PAR_VM_GETCONFIG_ACCESS),
    guarded("PrlVm_RefreshConfig", PAR_VM_GETCONFIG_ACCESS),
    guarded("PrlVm_RefreshConfigEx", PAR_VM_GETCONFIG_ACCESS),
    guarded("PrlVm_GetState", PAR_VM_GET_VMINFO_ACCESS),
    guarded("PrlVm_GetStatistics", PAR_VM_GETSTATISTICS_ACCESS),
    guarded("PrlVm_GetStatisticsEx", PAR_VM_GETSTATISTICS_ACCESS),
    guarded("PrlVm_SubscribeToGuestStatistics", PAR_VM_STATISTICS_SUBSCRIPTION_ACCESS),
    guarded("PrlVm_UnsubscribeFromGuestStatistics", PAR_VM_STATISTICS_SUBSCRIPTION_ACCESS),
    guarded("PrlVm_GetPerfStats", PAR_VM_PERFSTAT_ACCESS),
    guarded("PrlVm_SubscribeToPerfStats", PAR_VM_PERFSTAT_ACCESS),
    guarded("PrlVm_UnsubscribeFromPerfStats", PAR_VM_PERFSTAT_ACCESS),
    guarded("PrlVm_GetSuspendedScreen", PAR_VM_GET_SUSPENDED_SCREEN_ACCESS),
    guarded("PrlVm_Clone", PAR_VM_CLONE_ACCESS),
    guarded("PrlVm_CloneEx", PAR_VM_CLONE_ACCESS),
    guarded("PrlVm_CloneWithUuid", PAR_VM_CLONE_ACCESS),
    guarded("PrlVm_LinkedClone", PAR_VM_CLONE_ACCESS),
    guarded("PrlVmDev_CopyImage", PAR_VMDEV_COPY_IMAGE_ACCESS),
    guarded("PrlVm_GetToolsState", PAR_VM_GET_TOOLS_INFO),
    guarded("PrlVm_GetProblemReport", PAR_VM_GETPROBLEMREPORT_ACCESS),
    guarded("PrlVm_GetPackedProblemReport", PAR_VM_GETPROBLEMREPORT_ACCESS),
    guarded("PrlVm_SendProblemReport", PAR_SRV_SENDPROBLEMREPORT_ACCESS),
    guarded("PrlSrv_CreateVmBackup", PAR_VM_CREATE_BACKUP_ACCESS_OBSOLETE),
    guarded("PrlSrv_CreateVmBackupEx", PAR_VM_CREATE_BACKUP_ACCESS_OBSOLETE),
    guarded("PrlSrv_GetBackupVmList", PAR_VM_CREATE_BACKUP_ACCESS_OBSOLETE),
    guarded("PrlSrv_GetBackupVmByPath", PAR_VM_CREATE_BACKUP_ACCESS_OBSOLETE),
    guarded("PrlVm_BeginBackup", PAR_VM_CREATE_BACKUP_ACCESS_OBSOLETE),
    guarded("PrlBackup_Begin", PAR_VM_CREATE_BACKUP_ACCESS_OBSOLETE),
    guarded("PrlVm_InitiateDevStateNotifications", PAR_VM_INITIATE_DEV_STATE_NOTIFICATIONS_ACCESS),
    guarded("PrlVm_GetNetworkSettings", PAR_VM_GET_NETWORK_SETTINGS),
    guarded("PrlVmGuest_GetNetworkSettings", PAR_VM_GET_NETWORK_SETTINGS),
    guarded("PrlVm_GetTotalSnapshotsSize", PAR_VM_GET_TOTAL_SNAPSHOTS_SIZE),

    guarded("PrlVm_Start", PAR_VM_START_ACCESS, kFreeInV),
    guarded("PrlVm_Resume", PAR_VM_RESUME_ACCESS, kFreeInV),
    guarded("PrlVm_Restart", PAR_VM_RESTART_GUEST_ACCESS, kFreeInV),
    guarded("PrlVm_Stop", PAR_VM_STOP_ACCESS, kFreeInV),
    guarded("PrlVm_StopEx", PAR_VM_STOP_ACCESS, kFreeInV),
    guarded("PrlVm_Pause", PAR_VM_PAUSE_ACCESS, kFreeInV),
    guarded("PrlVm_Suspend", PAR_VM_SUSPEND_ACCESS, kFreeInV),
    guarded("PrlVm_Reset", PAR_VM_RESET_ACCESS, kFreeInV),
    guarded("PrlVm_DropSuspendedState", PAR_VM_DROPSUSPENDEDSTATE_ACCESS, kFreeInV),
    guarded("PrlVm_StartEx", PAR_VM_START_EX_ACCESS, kFreeInV),
    guarded("PrlVm_CreateSnapshot", PAR_VM_CREATE_SNAPSHOT_ACCESS, kFreeInV),
    guarded("PrlVm_CreateSnapshotEx", PAR_VM_CREATE_SNAPSHOT_ACCESS, kFreeInV),
    guarded("PrlVm_SwitchToSnapshot", PAR_VM_SWITCH_TO_SNAPSHOT_ACCESS, kFreeInV),
    guarded("PrlVm_SwitchToSnapshotEx", PAR_VM_SWITCH_TO_SNAPSHOT_ACCESS, kFreeInV),
    guarded("PrlVm_DeleteSnapshot", PAR_VM_DELETE_SNAPSHOT_ACCESS, kFreeInV),

    guarded("PrlSrv_SendAnswer", PAR_VM_SEND_ANSWER_ACCESS),
    guarded("PrlVm_ChangeSid", PAR_VM_CHANGE_SID_ACCESS),

    guarded("PrlVm_Unreg", PAR_VM_UNREG_ACCESS),
    guarded("PrlVm_Delete", PAR_VM_DELETE_ACCESS),
    guarded("PrlVm_BeginEdit", PAR_VM_BEGINEDIT_ACCESS),
    guarded("PrlVm_Commit", PAR_VM_COMMIT_ACCESS),
    guarded("PrlVm_CommitEx", PAR_VM_COMMIT_ACCESS),
    guarded("PrlVm_CommitEncryption", PAR_VM_COMMIT_ACCESS),
    guarded("PrlVmDev_CreateImage", PAR_VMDEV_CREATEIMAGE_ACCESS),
    guarded("PrlVmDev_ResizeImage", PAR_VM_RESIZE_DISK_ACCESS),
    guarded("PrlVm_ConvertDisks", PAR_VM_CONVERT_DISKS_ACCESS),
    guarded("PrlVm_CancelConvertDisks", PAR_VM_CONVERT_DISKS_ACCESS),
    guarded("PrlVm_Restore", PAR_VM_RESTORE_ACCESS),

    guarded("PrlVmDev_Connect", PAR_VMDEV_CONNECT_ACCESS),
    guarded("PrlVmDev_Disconnect", PAR_VMDEV_DISCONNECT_ACCESS),
    guarded("PrlVm_InstallTools", PAR_VM_INSTALL_TOOLS_ACCESS),
    guarded("PrlVm_InstallUtility", PAR_VM_INSTALL_UTILITY_ACCESS),
    guarded("PrlVm_Migrate", PAR_VM_MIGRATE_ACCESS_OBSOLETE),
    guarded("PrlVm_MigrateEx", PAR_VM_MIGRATE_ACCESS_OBSOLETE),
    guarded("PrlVm_MigrateWithRename", PAR_VM_MIGRATE_ACCESS_OBSOLETE),
    guarded("PrlVm_MigrateWithRenameEx", PAR_VM_MIGRATE_ACCESS_OBSOLETE),
    guarded("PrlVm_MigrateCancel", PAR_VM_MIGRATE_ACCESS_OBSOLETE),
    guarded("PrlVm_Move", PAR_VM_MOVE_ACCESS),
    guarded("PrlVm_Mount", PAR_VM_MOUNT_ACCESS_OBSOLETE),
    guarded("PrlVm_Umount", PAR_VM_MOUNT_ACCESS_OBSOLETE),
    guarded("PrlVm_Lock", PAR_VM_LOCK_ACCESS),
    guarded("PrlVm_Unlock", PAR_VM_UNLOCK_ACCESS),
    guarded("PrlVm_Compact", PAR_VM_COMPACT_ACCESS),
    guarded("PrlVm_CancelCompact", PAR_VM_CANCEL_COMPACT_ACCESS),
    guarded("PrlVm_StartVncServer", PAR_VM_START_STOP_VNC_SERVER),
    guarded("PrlVm_StopVncServer", PAR_VM_START_STOP_VNC_SERVER),
    guarded("PrlVm_InternalCommand", PAR_VM_INTERNAL_CMD_ACCESS),
    guarded("PrlSrv_RestoreVmBackup", PAR_VM_RESTORE_BACKUP_ACCESS_OBSOLETE),
    guarded("PrlSrv_RestoreVmBackupEx", PAR_VM_RESTORE_BACKUP_ACCESS_OBSOLETE),
    guarded("PrlVm_SetUserPasswd", PAR_VM_CHANGE_GUEST_OS_PASSWORD_ACCESS),
    guarded("PrlVmGuest_SetUserPasswd", PAR_VM_CHANGE_GUEST_OS_PASSWORD_ACCESS),
    guarded("PrlVm_Archive", PAR_VM_ARCHIVE_ACCESS),
    guarded("PrlVm_Unarchive", PAR_VM_UNARCHIVE_ACCESS),
    guarded("PrlVm_Pack", PAR_VM_PACK_ACCESS),
    guarded("PrlVm_Unpack", PAR_VM_UNPACK_ACCESS),

    guarded("PrlVm_UpdateSecurity", PAR_VM_UPDATE_SECURITY_ACCESS),
    guarded("PrlVm_ResetUptime", PAR_VM_RESET_UPTIME_ACCESS),

    // Looking at the VM.
    guarded("PrlVm_GetSnapshotsTree", kRead),
    guarded("PrlVm_GetSnapshotsTreeEx", kRead),
    guarded("PrlVm_CaptureScreen", kRead),
    guarded("PrlDevDisplay_ConnectToVm", kRead),
    guarded("PrlDevDisplay_ConnectToVmEx", kRead),
    guarded("PrlDevDisplay_AsyncCaptureScreenRegionToFile", kRead),
    guarded("PrlDevDisplay_AsyncCaptureScaledScreenRegionToFile", kRead),
    guarded("PrlDevDisplay_AsyncCaptureScaledScreenRegionToBuffer", kRead),
    guarded("PrlDevSecondaryDisplay_AsyncCaptureScaledScreenRegionToFile", kRead),
    guarded("PrlDevSecondaryDisplay_AsyncCaptureScaledScreenRegionToBuffer", kRead),
    guarded("PrlVm_Connect", kRead),
    guarded("PrlVm_GenerateVmDevFilename", kRead),
    guarded("PrlVm_ValidateConfig", kRead),
    // Being somebody in the guest.
    guarded("PrlVm_LoginInGuest", kReadRun),
    guarded("PrlVm_AuthWithGuestSecurityDb", kReadRun),
    guarded("PrlVm_TerminalConnect", kReadRun),
    guarded("PrlVmGuest_RunProgram", kReadRun),
    guarded("PrlVmGuest_Logout", kReadRun),
    guarded("PrlDevMouse_AsyncMove", kReadRun),
    guarded("PrlDevMouse_AsyncSetPos", kReadRun),
    // Changing what is stored with the VM.
    guarded("PrlVm_UpdateNvram", kReadWrite),
    guarded("PrlVm_CreateUnattendedDisk", kReadWrite),
    guarded("PrlVm_CreateUnattendedFloppy", kReadWrite),
    guarded("PrlCt_Convert", kReadWrite),
    guarded("PrlCt_Reinstall", kFull),
    guarded("PrlVm_UpdateSnapshotData", kFull),
};

Rights needed_by(const GuardedFunction& function, sim::Profile profile) {
  if (function.is_free_in_virtuozzo && profile == sim::Profile::kVirtuozzo) return kNoRights;
  return function.command == PAR_MAX ? function.rights : rights_for(function.command, profile);
}

}  // namespace

sim::Rights rights_for(PRL_ALLOWED_VM_COMMAND command, sim::Profile profile) {
  const auto* row = std::ranges::find(kCommands, command, &CommandRow::command);
  if (row == std::end(kCommands)) return sim::kAllRights;
  return profile == sim::Profile::kVirtuozzo ? row->rights_virtuozzo : row->rights;
}

std::span<const GuardedFunction> guarded_functions() {
  return kFunctions;
}

sim::NeededRights needed_rights(sim::Profile profile) {
  return [profile](std::string_view name) {
    const auto* function = std::ranges::find(kFunctions, name, &GuardedFunction::name);
    return function == std::end(kFunctions) ? sim::kAllRights : needed_by(*function, profile);
  };
}

}  // namespace prl::sdk
