// What a command is answered that the table has no row for. Written from the refusing cells of
// vm-lifecycle 2.2, columns D; that nothing else reaches it is what the table sees to.
#pragma once

#include "simulator/vm_machine/vm_machine.h"

namespace prl::sim::power {

constexpr Refusal refusal_of(State state, Command command) {
  if (command == Command::kDropSuspendedState) return Refusal::kUnableToDropSuspendedState;
  switch (state) {
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

}  // namespace prl::sim::power
