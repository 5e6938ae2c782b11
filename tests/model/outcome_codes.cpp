#include "tests/model/outcome_codes.h"

namespace prl::model {

Code code_of(const sim::Outcome& outcome) {
  using Kind = sim::OutcomeKind;
  switch (outcome.kind) {
    case Kind::kOk:
      return 0;
    case Kind::kInjected:
      return static_cast<Code>(outcome.injected_code) & 0x7FFFFFFF;
    case Kind::kInvalidArgument:
      return 0x3;
    case Kind::kFailure:
      return 0x9;
    case Kind::kGuestDidNotSleep:
    case Kind::kStartTimedOut:
      return 0x15;
    case Kind::kStartInterrupted:
      return 0x41;
    case Kind::kUnrecognizedRequest:
      return 0x91;
    case Kind::kTaskNotFound:
      return 0x92;
    case Kind::kCancelled:
      return 0x275;
    case Kind::kRequestNotSupported:
      return 0x201;
    case Kind::kAccessToVmDenied:
      return 0x239;
    case Kind::kUnableToDropSuspendedState:
      return 0x103;
    case Kind::kSuspendedVmNotEditable:
      return 0x104;
    case Kind::kVmNotFound:
      return 0x105;
    case Kind::kConfigWasChanged:
      return 0x112;
    case Kind::kEditNotBegun:
      return 0x346;
    case Kind::kEditBegunByOthers:
      return 0x347;
    case Kind::kSomeVmsRunning:
      return 0x362;
    case Kind::kShuttingDown:
      return 0x404;
    case Kind::kVmProcessDied:
      return 0x325;
    case Kind::kTemplateNotStartable:
      return 0x368;
    case Kind::kTemplateHasNoSnapshots:
      return 0x56505;
    case Kind::kVmNotStarted:
      return 0x377;
    case Kind::kCommandCantBeExecuted:
      return 0x416;
    case Kind::kSnapshotNotFound:
      return 0x472;
    case Kind::kExclusivelyLocked:
      return 0x476;
    case Kind::kNotLocked:
      return 0x477;
    case Kind::kNotTheLockOwner:
      return 0x478;
    case Kind::kWrongStateToCompact:
      return 0x489;
    case Kind::kVmInWakingUpState:
      return 0x553;
    case Kind::kVmInFrozenState:
      return 0x554;
    case Kind::kInvalidAction:
      return 0x516;
    case Kind::kSnapshotNotFitForClone:
      return 0x583;
    case Kind::kVmNotStopped:
      return 0x557;
    case Kind::kVmNotRunning:
      return 0x595;
    case Kind::kHostUnreachable:
      return 0x249;
    case Kind::kMigratedVmExists:
      return 0x31014;
    case Kind::kMigrationOfChangedVm:
      return 0x31017;
    case Kind::kMigrationToItself:
      return 0x31045;
    case Kind::kLockedForClone:
      return 0x38100;
    case Kind::kLockedForExecute:
      return 0x38104;
    case Kind::kLockedForExecuteEx:
      return 0x38105;
    case Kind::kLockedForInternalReason:
      return 0x38106;
    case Kind::kLockedForMigration:
      return 0x38109;
    case Kind::kLockedForCreateSnapshot:
      return 0x38110;
    case Kind::kLockedForSwitchToSnapshot:
      return 0x38111;
    case Kind::kLockedForDeleteSnapshot:
      return 0x38112;
    case Kind::kLockedForDiskCompaction:
      return 0x38117;
    case Kind::kLockedForDiskConversion:
      return 0x38118;
    case Kind::kLockedForMove:
      return 0x38124;
    case Kind::kDisksInUse:
      return 0x41600;
    case Kind::kAlreadyMounted:
      return 0x46600;
    case Kind::kNotMounted:
      return 0x46601;
    default:
      return 0xF0000 + static_cast<Code>(outcome.kind);
  }
}

}  // namespace prl::model
