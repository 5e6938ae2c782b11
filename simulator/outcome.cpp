#include "simulator/outcome.h"

namespace prl::sim {

std::string_view outcome_name(OutcomeKind kind) {
  switch (kind) {
    case OutcomeKind::kOk: return "Ok";
    case OutcomeKind::kInjected: return "Injected";
    case OutcomeKind::kVmNotFound: return "VmNotFound";
    case OutcomeKind::kVmNotStarted: return "VmNotStarted";
    case OutcomeKind::kVmNotStopped: return "VmNotStopped";
    case OutcomeKind::kCommandCantBeExecuted: return "CommandCantBeExecuted";
    case OutcomeKind::kUnableToDropSuspendedState: return "UnableToDropSuspendedState";
    case OutcomeKind::kLockedForExecute: return "LockedForExecute";
    case OutcomeKind::kLockedForExecuteEx: return "LockedForExecuteEx";
    case OutcomeKind::kLockedForInternalReason: return "LockedForInternalReason";
    case OutcomeKind::kLockedForCreateSnapshot: return "LockedForCreateSnapshot";
    case OutcomeKind::kLockedForSwitchToSnapshot: return "LockedForSwitchToSnapshot";
    case OutcomeKind::kLockedForDeleteSnapshot: return "LockedForDeleteSnapshot";
    case OutcomeKind::kExclusivelyLocked: return "ExclusivelyLocked";
    case OutcomeKind::kNotLocked: return "NotLocked";
    case OutcomeKind::kNotTheLockOwner: return "NotTheLockOwner";
    case OutcomeKind::kVmNameEmpty: return "VmNameEmpty";
    case OutcomeKind::kVmNameTaken: return "VmNameTaken";
    case OutcomeKind::kVmUuidTaken: return "VmUuidTaken";
    case OutcomeKind::kVmAlreadyRegistered: return "VmAlreadyRegistered";
    case OutcomeKind::kRegistryFailed: return "RegistryFailed";
    case OutcomeKind::kRamIsZero: return "RamIsZero";
    case OutcomeKind::kRamOutOfRange: return "RamOutOfRange";
    case OutcomeKind::kCpuCountIsZero: return "CpuCountIsZero";
    case OutcomeKind::kTooManyCpus: return "TooManyCpus";
    case OutcomeKind::kSuspendedVmNotEditable: return "SuspendedVmNotEditable";
    case OutcomeKind::kEditNotBegun: return "EditNotBegun";
    case OutcomeKind::kEditBegunByOthers: return "EditBegunByOthers";
    case OutcomeKind::kConfigWasChanged: return "ConfigWasChanged";
    case OutcomeKind::kPausedHardwareNotEditable: return "PausedHardwareNotEditable";
    case OutcomeKind::kMustBeStoppedToChangeDevices: return "MustBeStoppedToChangeDevices";
    case OutcomeKind::kMustBeStoppedToRename: return "MustBeStoppedToRename";
    case OutcomeKind::kConfigInconsistent: return "ConfigInconsistent";
    case OutcomeKind::kNoSuchQuestion: return "NoSuchQuestion";
    case OutcomeKind::kImageNotWritten: return "ImageNotWritten";
    case OutcomeKind::kNoSpaceForImage: return "NoSpaceForImage";
    case OutcomeKind::kImageNotRead: return "ImageNotRead";
    case OutcomeKind::kImageTruncated: return "ImageTruncated";
    case OutcomeKind::kImageOfNewerVersion: return "ImageOfNewerVersion";
    case OutcomeKind::kImageDamaged: return "ImageDamaged";
    case OutcomeKind::kImageMemoryDamaged: return "ImageMemoryDamaged";
    case OutcomeKind::kImageOfAnotherVm: return "ImageOfAnotherVm";
    case OutcomeKind::kSnapshotNotFound: return "SnapshotNotFound";
    case OutcomeKind::kSnapshotsNotRead: return "SnapshotsNotRead";
    case OutcomeKind::kSnapshotNotWritten: return "SnapshotNotWritten";
    case OutcomeKind::kNoSpaceForSnapshot: return "NoSpaceForSnapshot";
    case OutcomeKind::kSnapshotNotRestored: return "SnapshotNotRestored";
    case OutcomeKind::kSnapshotNotDeleted: return "SnapshotNotDeleted";
    case OutcomeKind::kSnapshotNotDescribed: return "SnapshotNotDescribed";
    case OutcomeKind::kTemplateNotStartable: return "TemplateNotStartable";
    case OutcomeKind::kTemplateHasNoSnapshots: return "TemplateHasNoSnapshots";
    case OutcomeKind::kAlreadyMounted: return "AlreadyMounted";
    case OutcomeKind::kNotMounted: return "NotMounted";
    case OutcomeKind::kStartInterrupted: return "StartInterrupted";
    case OutcomeKind::kHomeHeldByAnother: return "HomeHeldByAnother";
    case OutcomeKind::kDocumentWasChanged: return "DocumentWasChanged";
    case OutcomeKind::kPreferencesWereChanged: return "PreferencesWereChanged";
    case OutcomeKind::kUserProfileWasChanged: return "UserProfileWasChanged";
    case OutcomeKind::kNetworkIdEmpty: return "NetworkIdEmpty";
    case OutcomeKind::kNetworkIdTaken: return "NetworkIdTaken";
    case OutcomeKind::kNetworkNotFound: return "NetworkNotFound";
    case OutcomeKind::kPrivateNetworkTaken: return "PrivateNetworkTaken";
    case OutcomeKind::kPrivateNetworkNotFound: return "PrivateNetworkNotFound";
    case OutcomeKind::kObjectNotFound: return "ObjectNotFound";
    case OutcomeKind::kUserNotFound: return "UserNotFound";
    case OutcomeKind::kSecurityLevelTooLow: return "SecurityLevelTooLow";
    case OutcomeKind::kTaskNotFound: return "TaskNotFound";
    case OutcomeKind::kAlreadyLoggedIn: return "AlreadyLoggedIn";
    case OutcomeKind::kAuthenticationFailed: return "AuthenticationFailed";
    case OutcomeKind::kPathNotFound: return "PathNotFound";
    case OutcomeKind::kNotAFolder: return "NotAFolder";
    case OutcomeKind::kPathTaken: return "PathTaken";
    case OutcomeKind::kAccessDenied: return "AccessDenied";
    case OutcomeKind::kInvalidLicenceKey: return "InvalidLicenceKey";
    case OutcomeKind::kBackupNotFound: return "BackupNotFound";
    case OutcomeKind::kTemplateNotFound: return "TemplateNotFound";
    case OutcomeKind::kHostUnknown: return "HostUnknown";
    case OutcomeKind::kHomeUnusable: return "HomeUnusable";
  }
  return "Unknown";
}

}  // namespace prl::sim
