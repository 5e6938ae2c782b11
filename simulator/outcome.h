// How an operation on the simulated server ended. The simulator's own vocabulary: sdk/errors
// translates it into the numbers of the client's API, and nothing else does. Value types.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "simulator/disk_error.h"

namespace prl::sim {

enum class OutcomeKind : uint8_t {
  kOk,
  kInjected,  // a fault decided the code: Outcome::injected_code
  kVmNotFound,
  // Refusals of the state gate (docs/behaviour/vm-lifecycle.md 2.2).
  kVmNotStarted,
  kVmNotStopped,
  kCommandCantBeExecuted,
  kVmInWakingUpState,
  kVmInFrozenState,
  kUnableToDropSuspendedState,
  // The same of profile V.
  kFailure,
  kVmNotRunning,
  kUnrecognizedRequest,
  kInvalidArgument,
  // Refusals of the operation lock, named after its holder (vm-lifecycle 5.1).
  kLockedForExecute,
  kLockedForExecuteEx,
  kLockedForInternalReason,
  kLockedForCreateSnapshot,
  kLockedForSwitchToSnapshot,
  kLockedForDeleteSnapshot,
  kLockedForClone,
  kLockedForMove,
  kLockedForArchive,
  kLockedForUnarchive,
  kLockedForPack,
  kLockedForUnpack,
  kLockedForDiskConversion,
  kLockedForDiskCompaction,
  kLockedForBackup,
  kLockedForRestore,
  kLockedForMigration,
  // The lock that a session takes for itself (vm-lifecycle 5.3).
  kExclusivelyLocked,
  kNotLocked,
  kNotTheLockOwner,
  // The rights of the user (vm-lifecycle 6.2).
  kAccessToVmDenied,
  // The registry.
  kVmNameEmpty,
  kVmNameTaken,
  kVmUuidTaken,
  kVmAlreadyRegistered,
  kRegistryFailed,
  // A configuration that no VM can have (config-model: Hardware.Memory.RAM, Hardware.Cpu.Number).
  kRamIsZero,
  kRamOutOfRange,
  kCpuCountIsZero,
  kTooManyCpus,
  // Editing of a configuration (config-model 3).
  kSuspendedVmNotEditable,
  kEditNotBegun,
  kEditBegunByOthers,
  kConfigWasChanged,
  kPausedHardwareNotEditable,
  kMustBeStoppedToChangeDevices,
  kMustBeStoppedToRename,
  kMustBeStoppedForTemplate,
  kUndoDisksNotSwitchedOn,
  kUndoDisksNotSwitchedOff,
  kConfigInconsistent,
  kConfigInvalid,
  kSampleNotFound,
  kDiskInSnapshot,
  // Appliances.
  kApplianceInvalid,
  kApplianceBeingInstalled,
  kApplianceNotInstalling,
  // Containers.
  kNoContainer,
  kContainerRunning,
  // What a host keeps beside its VMs.
  kDocumentWasChanged,
  kPreferencesWereChanged,
  kUserProfileWasChanged,
  kNetworkIdEmpty,
  kNetworkIdTaken,
  kNetworkNotFound,
  kPrivateNetworkTaken,
  kPrivateNetworkNotFound,
  kObjectNotFound,
  kUserNotFound,
  kAuthenticationFailed,
  kSecurityLevelTooLow,
  kTaskNotFound,
  kAlreadyLoggedIn,
  kPathNotFound,
  kNotAFolder,
  kPathTaken,
  kAccessDenied,
  kInvalidLicenceKey,
  kNoLicence,
  kTemplateNotFound,
  kHostUnknown,
  // Questions of the host.
  kNoSuchQuestion,
  // Devices.
  kDiskFailed,  // Outcome::disk_error says why
  kNoSuchDevice,
  kUnsupportedDevice,
  kRequestNotSupported,
  kDiskSizeIsZero,
  kDiskNotEncrypted,
  kNotModelled,
  // The screen.
  kVmNotSuspended,
  kBadPicture,
  // The guest.
  kGuestToolsMissing,
  kGuestUserUnknown,
  kGuestSessionExpired,
  kGuestProgramFailed,
  // The image of a suspended VM.
  kImageNotWritten,
  kNoSpaceForImage,
  kImageNotRead,
  kImageTruncated,
  kImageOfNewerVersion,
  kImageDamaged,
  kImageMemoryDamaged,
  kImageOfAnotherVm,
  kImageOfAnotherCpu,
  // Snapshots.
  kSnapshotNotFound,
  kSnapshotsNotRead,
  kSnapshotInUndoMode,
  kSnapshotNotWritten,
  kNoSpaceForSnapshot,
  kSnapshotNotRestored,
  kSnapshotNotDeleted,
  kSnapshotNotDescribed,
  // What a VM is not there for.
  kTemplateNotStartable,
  kTemplateHasNoSnapshots,
  kAlreadyMounted,
  kNotMounted,
  kCloneNameEmpty,
  kSnapshotNotFitForClone,
  kPathNotAbsolute,
  kBundleExists,
  kVmNotMoved,
  kConfigNotWritten,
  kInvalidAction,
  kVmIsPacked,
  kNoPackedVm,
  kArchivedVmNotPackable,
  kPackedVmNotRemovable,
  kPathInvalid,
  kFolderNotFound,
  kConfigNotFound,
  kConfigNotRead,
  kSomeVmsRunning,
  kShuttingDown,
  kDisksInUse,
  kNoDiskToConvert,
  kCancelled,
  kNothingToCancel,
  kNvramInUse,
  kNoNvram,
  kNvramIsCurrent,
  kNvramNotWritten,
  kMigrationToItself,
  kMigrationNotPossible,
  kMigratedVmExists,
  kMigrationOfChangedVm,
  kHostUnreachable,
  kWrongStateToCompact,
  kDiskMaskEmpty,
  kNoDiskToCompact,
  kFileNotFound,
  kFileNotWritten,
  kFloppyNotWritten,
  kNoAnswersForGuest,
  kForeignConfigNotRead,
  kNoSidToChange,
  kStartTimedOut,
  kStartInterrupted,  // by a kill
  kGuestDidNotShutDown,
  kGuestDidNotSleep,
  // Whatever it was that the VM process did when it died.
  kVmProcessDied,
  // Backups.
  kBackupNotFound,
  kBackupServerUnreachable,
  kBackupsNotRead,
  kBackupOfPausedVm,
  kBackupInUndoMode,
  kBackupImageElsewhere,
  kBackupNotWritten,
  kNoSpaceForBackup,
  kBackupNotRemoved,
  kBackupBeingRead,
  kBackupBeingWritten,
  kBackupHasSuccessors,
  kBackupDamaged,
  kBackupNotRestored,
  kNoSpaceForRestore,
  kRestoreOfLiveVm,
  kRestoreFolderExists,
  kCopyOfUnknownVm,
  kCopyInProgress,
  kCopySessionNotFound,
  kCopyOfArchivedVm,
  kCopyOfPackedVm,
  // The home folder named by the user.
  kHomeHeldByAnother,
  kHomeUnusable,
};

// "VmNotStarted": for the trace.
std::string_view outcome_name(OutcomeKind kind);

struct Outcome {
  OutcomeKind kind = OutcomeKind::kOk;
  int32_t injected_code = 0;            // only for kInjected
  DiskError disk_error = {};            // only for kDiskFailed
  std::vector<std::string> parameters;  // message parameters, in the order of the error's text

  Outcome() = default;
  Outcome(OutcomeKind outcome_kind, std::vector<std::string> message_parameters = {})
      : kind(outcome_kind), parameters(std::move(message_parameters)) {}

  Outcome(DiskError error) : kind(OutcomeKind::kDiskFailed), disk_error(error) {}

  bool ok() const { return kind == OutcomeKind::kOk; }
};

}  // namespace prl::sim
