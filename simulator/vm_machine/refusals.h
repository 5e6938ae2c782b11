// What a command is answered that no table has a row for. Written from the refusing cells of
// vm-lifecycle 2.2, columns D; that nothing else reaches it is what the tables see to.
#pragma once

#include "simulator/vm_machine/vm_machine.h"

namespace prl::sim::machine {

constexpr Refusal refusal_of_mount(State state) {
  switch (state) {
    case State::kRunning:
    case State::kPaused:
      return Refusal::kVmNotStopped;
    case State::kSuspended:
      return Refusal::kSuspendedVmNotEditable;
    case State::kMounted:
      return Refusal::kAlreadyMounted;
    default:
      return Refusal::kCommandCantBeExecuted;
  }
}

constexpr Refusal refusal_of_compact(State state) {
  switch (state) {
    case State::kPaused:
    case State::kSuspended:
      return Refusal::kWrongStateToCompact;
    case State::kMounted:
      return Refusal::kLockedForInternalReason;
    default:
      return Refusal::kCommandCantBeExecuted;
  }
}

constexpr Refusal refusal_of(State state, Command command) {
  switch (command) {
    case Command::kDropSuspendedState:
      return Refusal::kUnableToDropSuspendedState;
    case Command::kMount:
      return refusal_of_mount(state);
    case Command::kCompact:
      return refusal_of_compact(state);
    case Command::kUmount:
      return Refusal::kNotMounted;
    case Command::kCreateSnapshot:
    case Command::kSwitchToSnapshot:
    case Command::kDeleteSnapshot:
      return Refusal::kCommandCantBeExecuted;
    default:
      break;
  }
  switch (state) {
    // The mount holds the VM, and nothing else is left to be started or stopped.
    case State::kMounted:
      return command == Command::kStart ? Refusal::kLockedForInternalReason
                                        : Refusal::kVmNotStarted;
    // An undiscovered VM has no process either. No client gets here: it does not know the uuid yet.
    case State::kUnknown:
    case State::kStopped:
    case State::kSuspended:
      return Refusal::kVmNotStarted;
    // Only Start finds a running VM in the wrong state.
    case State::kRunning:
      return Refusal::kVmNotStopped;
    default:
      return Refusal::kCommandCantBeExecuted;
  }
}

}  // namespace prl::sim::machine
