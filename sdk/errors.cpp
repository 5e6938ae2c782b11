#include "sdk/errors.h"

#include <algorithm>

#include "names.h"

namespace prl::sdk {

namespace {

// PRL_ERR_DISP_VM_IS_NOT_RUNNING, whose number has another name in desktop's headers
// (vm-lifecycle 0.3).
constexpr PRL_RESULT kVmIsNotRunning = static_cast<PRL_RESULT>(0x80000595);
// PRL_ERR_VM_LOCKED_FOR_MIGRATE, which desktop's headers lack (vm-lifecycle 5.1).
constexpr PRL_RESULT kVmIsLockedForMigrate = static_cast<PRL_RESULT>(0x80038109);

}  // namespace

PRL_RESULT to_result(const sim::Outcome& outcome) {
  using Kind = sim::OutcomeKind;
  switch (outcome.kind) {
    case Kind::kOk: return PRL_ERR_SUCCESS;
    case Kind::kInjected: return outcome.injected_code;
    case Kind::kVmNotFound: return PRL_ERR_VM_UUID_NOT_FOUND;
    case Kind::kVmNotStarted: return PRL_ERR_DISP_VM_IS_NOT_STARTED;
    case Kind::kVmNotStopped: return PRL_ERR_DISP_VM_IS_NOT_STOPPED;
    case Kind::kCommandCantBeExecuted: return PRL_ERR_DISP_VM_COMMAND_CANT_BE_EXECUTED;
    case Kind::kVmInWakingUpState: return PRL_ERR_VM_IN_WAKING_UP_STATE;
    case Kind::kVmInFrozenState: return PRL_ERR_VM_IN_FROZEN_STATE;
    case Kind::kUnableToDropSuspendedState: return PRL_ERR_UNABLE_DROP_SUSPENDED_STATE;
    case Kind::kFailure: return PRL_ERR_FAILURE;
    case Kind::kVmNotRunning: return kVmIsNotRunning;
    case Kind::kUnrecognizedRequest: return PRL_ERR_UNRECOGNIZED_REQUEST;
    case Kind::kInvalidArgument: return PRL_ERR_INVALID_ARG;
    case Kind::kLockedForExecute: return PRL_ERR_VM_LOCKED_FOR_EXECUTE;
    case Kind::kLockedForExecuteEx: return PRL_ERR_VM_LOCKED_FOR_EXECUTE_EX;
    case Kind::kLockedForInternalReason: return PRL_ERR_VM_LOCKED_FOR_INTERNAL_REASON;
    case Kind::kLockedForCreateSnapshot: return PRL_ERR_VM_LOCKED_FOR_CREATE_SNAPSHOT;
    case Kind::kLockedForSwitchToSnapshot: return PRL_ERR_VM_LOCKED_FOR_SWITCH_TO_SNAPSHOT;
    case Kind::kLockedForDeleteSnapshot: return PRL_ERR_VM_LOCKED_FOR_DELETE_TO_SNAPSHOT;
    case Kind::kLockedForClone: return PRL_ERR_VM_LOCKED_FOR_CLONE;
    case Kind::kLockedForMove: return PRL_ERR_VM_LOCKED_FOR_MOVE;
    case Kind::kLockedForArchive: return PRL_ERR_VM_LOCKED_FOR_ARCHIVE;
    case Kind::kLockedForUnarchive: return PRL_ERR_VM_LOCKED_FOR_UNARCHIVE;
    case Kind::kLockedForPack: return PRL_ERR_VM_LOCKED_FOR_PACK;
    case Kind::kLockedForUnpack: return PRL_ERR_VM_LOCKED_FOR_UNPACK;
    case Kind::kLockedForDiskConversion: return PRL_ERR_VM_LOCKED_FOR_DISK_CONVERT;
    case Kind::kLockedForDiskCompaction: return PRL_ERR_VM_LOCKED_FOR_DISK_COMPACT;
    case Kind::kLockedForBackup: return PRL_ERR_VM_LOCKED_FOR_BACKUP;
    case Kind::kLockedForRestore: return PRL_ERR_VM_LOCKED_FOR_RESTORE_FROM_BACKUP;
    case Kind::kLockedForMigration: return kVmIsLockedForMigrate;
    case Kind::kExclusivelyLocked: return PRL_ERR_VM_IS_EXCLUSIVELY_LOCKED;
    case Kind::kNotLocked: return PRL_ERR_VM_IS_NOT_LOCKED;
    case Kind::kNotTheLockOwner: return PRL_ERR_NOT_LOCK_OWNER_SESSION_TRIES_TO_UNLOCK;
    case Kind::kAccessToVmDenied:
      return PRL_ERR_ACCESS_TO_VM_DENIED;
    case Kind::kVmNameEmpty: return PRL_ERR_VM_NAME_IS_EMPTY;
    case Kind::kVmNameTaken: return PRL_ERR_VM_ALREADY_REGISTERED_VM_NAME;
    case Kind::kVmUuidTaken: return PRL_ERR_VM_ALREADY_REGISTERED_VM_UUID;
    case Kind::kVmAlreadyRegistered: return PRL_ERR_VM_ALREADY_REGISTERED;
    case Kind::kRegistryFailed: return PRL_ERR_SAVE_VM_CATALOG;
    case Kind::kRamIsZero: return PRL_ERR_VMCONF_MAIN_MEMORY_ZERO_SIZE;
    case Kind::kRamOutOfRange: return PRL_ERR_VMCONF_MAIN_MEMORY_OUT_OF_RANGE;
    case Kind::kCpuCountIsZero: return PRL_ERR_VMCONF_CPU_ZERO_COUNT;
    case Kind::kTooManyCpus: return PRL_ERR_VMCONF_CPU_COUNT_MORE_MAX_CPU_COUNT;
    case Kind::kSuspendedVmNotEditable: return PRL_ERR_CANT_EDIT_SUSPENDED_VM;
    case Kind::kEditNotBegun: return PRL_ERR_CONFIG_BEGIN_EDIT_NOT_FOUND_OBJECT_UUID;
    case Kind::kEditBegunByOthers: return PRL_ERR_CONFIG_BEGIN_EDIT_NOT_FOUND_USER_UUID;
    case Kind::kConfigWasChanged: return PRL_ERR_VM_CONFIG_WAS_CHANGED;
    case Kind::kPausedHardwareNotEditable: return PRL_ERR_CANNOT_EDIT_HARDWARE_FOR_PAUSED_VM;
    case Kind::kMustBeStoppedToChangeDevices: return PRL_ERR_VM_MUST_BE_STOPPED_FOR_CHANGE_DEVICES;
    case Kind::kMustBeStoppedToRename: return PRL_ERR_VM_MUST_BE_STOPPED_BEFORE_RENAMING;
    case Kind::kMustBeStoppedForTemplate: return PRL_ERR_VM_EDIT_UNABLE_CONVERT_TO_TEMPLATE;
    case Kind::kUndoDisksNotSwitchedOn: return PRL_ERR_VM_EDIT_UNABLE_SWITCH_ON_UNDO_DISKS_MODE;
    case Kind::kUndoDisksNotSwitchedOff: return PRL_ERR_VM_EDIT_UNABLE_SWITCH_OFF_UNDO_DISKS_MODE;
    case Kind::kConfigInconsistent: return PRL_ERR_INCONSISTENCY_VM_CONFIG;
    case Kind::kConfigInvalid: return PRL_ERR_VMCONF_VALIDATION_FAILED;
    case Kind::kSampleNotFound: return PRL_ERR_SAMPLE_CONFIG_NOT_FOUND;
    case Kind::kDiskInSnapshot:
      return PRL_ERR_VMCONF_HARD_DISK_UNABLE_DELETE_DISK_WITH_SNAPSHOTS;
    case Kind::kApplianceInvalid: return PRL_ERR_APPLIANCE_INVALID_CONFIG;
    case Kind::kApplianceBeingInstalled: return PRL_ERR_APPLIANCE_INSTALL_ALREADY_IN_PROCESS;
    case Kind::kApplianceNotInstalling: return PRL_ERR_APPLIANCE_INSTALL_WAS_NOT_STARTED;
    case Kind::kNoContainer: return PRL_ERR_CT_NOT_FOUND;
    case Kind::kContainerRunning: return PRL_ERR_CT_IS_RUNNING;
    case Kind::kNoSuchQuestion: return PRL_ERR_INVALID_ARG;
    case Kind::kDiskFailed: return to_result(outcome.disk_error);
    case Kind::kNoSuchDevice: return PRL_ERR_OBJECT_WAS_REMOVED;
    case Kind::kUnsupportedDevice: return PRL_ERR_UNSUPPORTED_DEVICE_TYPE;
    case Kind::kRequestNotSupported: return PRL_ERR_VM_REQUEST_NOT_SUPPORTED;
    case Kind::kDiskNotEncrypted: return PRL_ERR_ENC_HDD_IS_UNENCRYPTED;
    case Kind::kDiskSizeIsZero: return PRL_ERR_CREATE_HARD_DISK_WITH_ZERO_SIZE;
    case Kind::kNotModelled: return PRL_ERR_UNIMPLEMENTED;
    case Kind::kGuestToolsMissing: return PRL_ERR_VM_EXEC_GUEST_TOOL_NOT_AVAILABLE;
    case Kind::kGuestUserUnknown: return PRL_ERR_VM_USER_AUTHENTICATION_FAILED;
    case Kind::kGuestSessionExpired: return PRL_ERR_VM_GUEST_SESSION_EXPIRED;
    case Kind::kGuestProgramFailed: return PRL_ERR_GUEST_PROGRAM_EXECUTION_FAILED;
    case Kind::kVmNotSuspended: return PRL_ERR_VM_IS_NOT_SUSPENDED;
    case Kind::kBadPicture: return PRL_ERR_INVALID_ARG;
    case Kind::kImageNotWritten: return PRL_ERR_VM_SUSPEND_FAILED;
    case Kind::kNoSpaceForImage: return PRL_ERR_NOT_ENOUGH_DISK_FREE_SPACE;
    case Kind::kImageNotRead: return PRL_ERR_VM_RESUME_FAILED;
    case Kind::kImageTruncated: return PRL_ERR_STATE_INT_CORRUPTED;
    case Kind::kImageOfNewerVersion: return PRL_ERR_CORE_STATE_INV_SAV_VERSION;
    case Kind::kImageDamaged: return PRL_ERR_CORE_STATE_CORRUPT_SAV_FILE;
    case Kind::kImageMemoryDamaged: return PRL_ERR_CORE_STATE_CORRUPT_MEM_FILE;
    case Kind::kImageOfAnotherVm: return PRL_ERR_VM_SUSPEND_CHANGED_VM_CONFIG;
    case Kind::kImageOfAnotherCpu: return PRL_ERR_CORE_STATE_ERROR_COMMON;
    case Kind::kSnapshotNotFound: return PRL_ERR_VM_SNAPSHOT_NOT_FOUND;
    case Kind::kSnapshotsNotRead: return PRL_ERR_VM_SNAPSHOTS_CONFIG_NOT_FOUND;
    case Kind::kSnapshotInUndoMode: return PRL_ERR_VM_SNAPSHOT_IN_UNDO_DISKS_MODE;
    case Kind::kSnapshotNotWritten: return PRL_ERR_VM_CREATE_SNAPSHOT_FAILED;
    case Kind::kNoSpaceForSnapshot: return PRL_ERR_FREE_DISK_SPACE_FOR_CREATE_SNAPSHOT;
    case Kind::kSnapshotNotRestored: return PRL_ERR_VM_RESTORE_STATE_FAILED;
    case Kind::kSnapshotNotDeleted: return PRL_ERR_VM_DELETE_STATE_FAILED;
    case Kind::kSnapshotNotDescribed: return PRL_ERR_VM_UPDATE_SNAPSHOT_DATA_FAILED;
    case Kind::kTemplateNotStartable: return PRL_ERR_CANT_TO_START_VM_TEMPLATE;
    case Kind::kTemplateHasNoSnapshots: return PRL_ERR_CANT_TO_MANAGE_SNAPSHOT_VM_TEMPLATE;
    case Kind::kAlreadyMounted: return PRL_ERR_VM_MOUNT_OBSOLETE;
    case Kind::kNotMounted: return PRL_ERR_VM_UNMOUNT_OBSOLETE;
    case Kind::kCloneNameEmpty: return PRL_ERR_VM_EMPTY_NAME_OF_CLONE;
    case Kind::kSnapshotNotFitForClone: return PRL_ERR_LINKED_CLONE_WRONG_SNAPSHOT_STATE;
    case Kind::kPathNotAbsolute: return PRL_ERR_VMDIR_PATH_IS_NOT_ABSOLUTE;
    case Kind::kBundleExists: return PRL_ERR_FILE_OR_DIR_ALREADY_EXISTS;
    case Kind::kVmNotMoved: return PRL_ERR_OPERATION_FAILED;
    case Kind::kConfigNotWritten: return PRL_ERR_SAVE_VM_CONFIG;
    case Kind::kInvalidAction: return PRL_ERR_INVALID_ACTION_REQUESTED;
    case Kind::kVmIsPacked: return PRL_ERR_DISP_PACKED_VM_COMMAND_CANT_BE_EXECUTED;
    case Kind::kNoPackedVm: return PRL_ERR_PACKED_VM_DOESNT_EXIST;
    case Kind::kArchivedVmNotPackable: return PRL_ERR_CANT_PACK_ARCHIVE_VM;
    case Kind::kPackedVmNotRemovable: return PRL_ERR_CANT_REMOVE_PACKED_VM;
    case Kind::kPathInvalid: return PRL_ERR_VMDIR_INVALID_PATH;
    case Kind::kFolderNotFound: return PRL_ERR_DIRECTORY_DOES_NOT_EXIST;
    case Kind::kConfigNotFound: return PRL_ERR_VM_CONFIG_DOESNT_EXIST;
    case Kind::kConfigNotRead: return PRL_ERR_PARSE_VM_CONFIG;
    case Kind::kSomeVmsRunning: return PRL_ERR_SOME_VMS_RUNNING;
    case Kind::kShuttingDown: return PRL_ERR_DISP_SHUTDOWN_IN_PROCESS;
    case Kind::kDisksInUse: return PRL_ERR_CONV_HD_WRONG_VM_STATE;
    case Kind::kNoDiskToConvert: return PRL_ERR_CONV_HD_NO_ONE_DISK_FOR_CONVERSION;
    case Kind::kCancelled: return PRL_ERR_OPERATION_WAS_CANCELED;
    case Kind::kNothingToCancel: return PRL_ERR_TASK_NOT_FOUND;
    case Kind::kNvramInUse: return PRL_ERR_UPDATE_NVRAM_VM_IS_RUNNING;
    case Kind::kNoNvram: return PRL_ERR_UPDATE_NVRAM_EFI_DISABLED;
    case Kind::kNvramIsCurrent: return PRL_ERR_UPDATE_NVRAM_ALREADY_UPDATED;
    case Kind::kNvramNotWritten: return PRL_ERR_UPDATE_NVRAM_OPERATION_FAILED;
    case Kind::kMigrationToItself: return PRL_ERR_VM_MIGRATE_TO_THE_SAME_NODE_OBSOLETE;
    case Kind::kMigrationNotPossible:
      return PRL_ERR_VM_MIGRATE_CHECKING_PRECONDITIONS_FAILED_OBSOLETE;
    case Kind::kMigratedVmExists: return PRL_ERR_VM_MIGRATE_VM_ALREADY_EXISTS_ON_TARGET_OBSOLETE;
    case Kind::kMigrationOfChangedVm: return PRL_ERR_VM_MIGRATE_UNSUITABLE_VM_STATE_OBSOLETE;
    case Kind::kHostUnreachable: return PRL_ERR_CANT_CONNECT_TO_DISPATCHER;
    case Kind::kWrongStateToCompact: return PRL_ERR_COMPACT_WRONG_VM_STATE;
    case Kind::kDiskMaskEmpty: return PRL_ERR_INVALID_ARG;
    case Kind::kNoDiskToCompact: return PRL_ERR_VM_HARD_DISK_NOT_COMPACTABLE;
    case Kind::kFileNotWritten: return PRL_ERR_FILE_WRITE_ERROR;
    case Kind::kFloppyNotWritten: return PRL_ERR_CANT_CREATE_FLOPPY_IMAGE;
    case Kind::kNoAnswersForGuest: return PRL_ERR_UNATTENDED_UNSUPPORTED_GUEST;
    case Kind::kFileNotFound: return PRL_ERR_FILE_NOT_FOUND;
    case Kind::kForeignConfigNotRead: return PRL_ERR_CONVERT_3RD_PARTY_VM_FAILED;
    case Kind::kNoSidToChange: return PRL_ERR_CHANGESID_NOT_SUPPORTED;
    case Kind::kStartTimedOut: return PRL_ERR_TIMEOUT;
    case Kind::kStartInterrupted: return PRL_ERR_VM_START_FAILED;
    case Kind::kGuestDidNotShutDown: return PRL_ERR_TIMEOUT;
    case Kind::kGuestDidNotSleep: return PRL_ERR_TIMEOUT;
    case Kind::kVmProcessDied: return PRL_ERR_VM_ABORT;
    case Kind::kDocumentWasChanged: return PRL_ERR_COMMON_SERVER_PREFS_WERE_CHANGED;
    case Kind::kPreferencesWereChanged: return PRL_ERR_COMMON_SERVER_PREFS_WERE_CHANGED;
    case Kind::kUserProfileWasChanged: return PRL_ERR_USER_PROFILE_WAS_CHANGED;
    case Kind::kNetworkIdEmpty: return PRL_NET_VIRTUAL_NETWORK_ID_NOT_EXISTS;
    case Kind::kNetworkIdTaken: return PRL_NET_DUPLICATE_VIRTUAL_NETWORK_ID;
    case Kind::kNetworkNotFound: return PRL_NET_VIRTUAL_NETWORK_NOT_FOUND;
    case Kind::kPrivateNetworkTaken: return PRL_NET_DUPLICATE_IPPRIVATE_NETWORK_NAME;
    case Kind::kPrivateNetworkNotFound: return PRL_NET_IPPRIVATE_NETWORK_DOES_NOT_EXIST;
    case Kind::kObjectNotFound: return PRL_ERR_ENTRY_DOES_NOT_EXIST;
    case Kind::kUserNotFound: return PRL_ERR_USER_NOT_FOUND;
    case Kind::kSecurityLevelTooLow: return PRL_ERR_WRONG_CONNECTION_SECURITY_LEVEL;
    case Kind::kTaskNotFound: return PRL_ERR_TASK_NOT_FOUND;
    case Kind::kAlreadyLoggedIn: return PRL_ERR_USER_IS_ALREADY_LOGGED;
    case Kind::kAuthenticationFailed: return PRL_ERR_AUTHENTICATION_FAILED;
    case Kind::kPathNotFound: return PRL_ERR_DIRECTORY_DOES_NOT_EXIST;
    case Kind::kNotAFolder: return PRL_ERR_TARGET_PATH_IS_NOT_DIRECTORY;
    case Kind::kPathTaken: return PRL_ERR_ENTRY_ALREADY_EXISTS;
    case Kind::kAccessDenied: return PRL_ERR_ACCESS_DENIED;
    case Kind::kNoLicence: return PRL_ERR_ACTIVATE_NO_INSTALLED_LICENSE;
    case Kind::kInvalidLicenceKey: return PRL_ERR_SET_LICENSE_INVALID_KEY;
    case Kind::kBackupNotFound: return PRL_ERR_BACKUP_BACKUP_NOT_FOUND;
    case Kind::kBackupServerUnreachable: return PRL_ERR_FAILED_TO_CONNECT_TO_BACKUP_SERVER;
    case Kind::kBackupsNotRead: return PRL_ERR_BACKUP_INTERNAL_ERROR;
    case Kind::kBackupOfPausedVm: return PRL_ERR_BACKUP_SNAPSHOT_OF_PAUSED_VM;
    case Kind::kBackupInUndoMode: return PRL_ERR_BACKUP_VM_IS_RUNNING_IN_UNDO_MODE;
    case Kind::kBackupImageElsewhere: return PRL_ERR_VM_BACKUP_HDD_IMAGE_OUT_OF_BUNDLE;
    case Kind::kBackupNotWritten: return PRL_ERR_BACKUP_BACKUP_CMD_FAILED;
    case Kind::kNoSpaceForBackup: return PRL_ERR_BACKUP_CREATE_NOT_ENOUGH_FREE_DISK_SPACE;
    case Kind::kBackupNotRemoved: return PRL_ERR_BACKUP_CANNOT_REMOVE_DIRECTORY;
    case Kind::kBackupBeingRead: return PRL_ERR_BACKUP_LOCKED_FOR_READING;
    case Kind::kBackupBeingWritten: return PRL_ERR_BACKUP_LOCKED_FOR_WRITING;
    case Kind::kBackupHasSuccessors: return PRL_ERR_BACKUP_UNSUPPORTED_KEEP_CHAIN;
    case Kind::kBackupDamaged: return PRL_ERR_BACKUP_RESTORE_INTERNAL_ERROR;
    case Kind::kBackupNotRestored: return PRL_ERR_BACKUP_RESTORE_CMD_FAILED;
    case Kind::kNoSpaceForRestore: return PRL_ERR_BACKUP_RESTORE_NOT_ENOUGH_FREE_DISK_SPACE;
    case Kind::kRestoreOfLiveVm: return PRL_ERR_BACKUP_RESTORE_VM_RUNNING;
    case Kind::kRestoreFolderExists: return PRL_ERR_BACKUP_RESTORE_DIRECTORY_ALREADY_EXIST;
    case Kind::kCopyOfUnknownVm: return PRL_ERR_BACKUP_VM_IS_NOT_REGISTERED;
    case Kind::kCopyInProgress: return PRL_ERR_BACKUP_ALREADY_IN_PROGRESS;
    case Kind::kCopySessionNotFound: return PRL_ERR_BACKUP_SESSION_NOT_FOUND;
    case Kind::kCopyOfArchivedVm: return PRL_ERR_BACKUP_ARCHIVE_VM_NOT_SUPPORTED;
    case Kind::kCopyOfPackedVm: return PRL_ERR_BACKUP_PACKED_VM_NOT_SUPPORTED;
    case Kind::kTemplateNotFound: return PRL_ERR_TEMPLATE_NOT_FOUND;
    case Kind::kHostUnknown: return PRL_ERR_CANT_CONNECT_TO_DISPATCHER;
    case Kind::kHomeHeldByAnother:
    case Kind::kHomeUnusable: return PRL_ERR_CANT_CONNECT_TO_DISPATCHER;
  }
  return PRL_ERR_UNEXPECTED;
}

PRL_RESULT to_result(sim::DiskError error) {
  using Error = sim::DiskError;
  switch (error) {
    case Error::kExists: return PRL_ERR_DISK_FILE_EXISTS;
    case Error::kNotFound: return PRL_ERR_FILE_NOT_FOUND;
    case Error::kNoDescriptor: return PRL_ERR_DISK_XML_MISSING;
    case Error::kBadDescriptor: return PRL_ERR_DISK_XML_INVALID;
    case Error::kBadImage: return PRL_ERR_DISK_IMAGES_CORRUPTED;
    case Error::kBadParameters: return PRL_ERR_DISK_INVALID_PARAMETERS;
    case Error::kShared: return PRL_ERR_DISK_SHARING_VIOLATION;
    case Error::kReadOnly: return PRL_ERR_DISK_NOT_PERMITTED;
    case Error::kOutside: return PRL_ERR_DISK_READ_OUT_DISK;
    case Error::kUnaligned: return PRL_ERR_DISK_UNALIGNED;
    case Error::kNoSpace: return PRL_ERR_DISK_INSUFFICIENT_SPACE;
    case Error::kReadFailed: return PRL_ERR_DISK_READ_FAILED;
    case Error::kWriteFailed: return PRL_ERR_DISK_WRITE_FAILED;
    case Error::kCreateFailed: return PRL_ERR_DISK_CREATE_IMAGE_ERROR;
    case Error::kNoState:
    case Error::kStateExists: return PRL_ERR_DISK_STATES_ERROR;
    case Error::kStateInUse:
    case Error::kDataBeyondEnd:
    case Error::kNotEncrypted: return PRL_ERR_DISK_OPERATION_NOT_ALLOWED;
    case Error::kNotExpanding: return PRL_ERR_DISK_INVALID_FORMAT;
    case Error::kEncrypted: return PRL_ERR_ENC_HDD_IS_ALREADY_ENCRYPTED;
    case Error::kKeyMissing:
    case Error::kWrongKey: return PRL_ERR_WRONG_PASSWORD_TO_ENCRYPTED_HDD;
  }
  return PRL_ERR_UNEXPECTED;
}

namespace {

std::string escaped_for_html(std::string_view text) {
  std::string escaped;
  for (const char letter : text) {
    switch (letter) {
      case '&': escaped += "&amp;"; break;
      case '<': escaped += "&lt;"; break;
      case '>': escaped += "&gt;"; break;
      case '"': escaped += "&quot;"; break;
      default: escaped += letter;
    }
  }
  return escaped;
}

}  // namespace

const ResultText* find_result_text(PRL_RESULT code) {
  const std::span<const ResultText> texts = all_result_texts();
  const auto found = std::lower_bound(
      texts.begin(), texts.end(), code,
      [](const ResultText& text, PRL_RESULT wanted) { return text.code < wanted; });
  return found != texts.end() && found->code == code ? &*found : nullptr;
}

std::string describe_result(PRL_RESULT code, bool brief, std::span<const std::string> parameters) {
  const ResultText* text = find_result_text(code);
  if (!text) return result_name(code);
  const std::string_view pattern = brief ? text->brief : text->detailed;
  std::string filled;
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '%' && i + 1 < pattern.size()) {
      const auto index = static_cast<size_t>(pattern[i + 1] - '1');
      if (index < parameters.size()) {
        filled += escaped_for_html(parameters[index]);
        ++i;
        continue;
      }
    }
    filled += pattern[i];
  }
  return filled;
}

PRL_MESSAGE_TYPE_ENUM message_type(PRL_RESULT code) {
  if (const ResultText* text = find_result_text(code)) return text->type;
  const std::string_view name = result_name(code);
  if (name.starts_with("PET_ANSWER_")) return PMT_ANSWER;
  if (name.starts_with("PET_QUESTION_")) return PMT_QUESTION;
  return PMT_WARNING;
}

}  // namespace prl::sdk
