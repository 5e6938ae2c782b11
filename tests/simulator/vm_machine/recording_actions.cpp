#include "tests/simulator/vm_machine/recording_actions.h"

#include <cstdlib>
#include <ostream>

namespace prl::sim {

void PrintTo(State state, std::ostream* out) {
  *out << state_name(state);
}
void PrintTo(Refusal refusal, std::ostream* out) {
  *out << refusal_name(refusal);
}

bool finish_phase(Lifecycle& machine, RecordingActions& actions, Completion found) {
  if (machine.state() == State::kSuspending) actions.has_image = true;
  return machine.apply(is_about_snapshots(machine.state()) ? found : Completion::kDone);
}

Completion bring_to(State state, Lifecycle& machine, RecordingActions& actions) {
  Completion found = Completion::kFoundStopped;
  const auto find = [&](Completion completion) {
    found = completion;
    machine.apply(completion);
  };
  const auto find_then = [&](Completion completion, Command command) {
    find(completion);
    machine.apply(command);
  };
  actions.has_image = state == State::kSuspended || state == State::kResuming;
  switch (state) {
    case State::kUnknown:
      break;
    case State::kStopped:
      find(Completion::kFoundStopped);
      break;
    case State::kRunning:
      find(Completion::kFoundRunning);
      break;
    case State::kPaused:
      find(Completion::kFoundPaused);
      break;
    case State::kSuspended:
      find(Completion::kFoundSuspended);
      break;
    case State::kStarting:
      find_then(Completion::kFoundStopped, Command::kStart);
      break;
    case State::kPausing:
      find_then(Completion::kFoundRunning, Command::kPause);
      break;
    case State::kContinuing:
      find_then(Completion::kFoundPaused, Command::kStart);
      break;
    case State::kSuspending:
      find_then(Completion::kFoundRunning, Command::kSuspend);
      break;
    case State::kSuspendingSync:
      find_then(Completion::kFoundRunning, Command::kSuspend);
      finish_phase(machine, actions, found);
      break;
    case State::kResuming:
      find_then(Completion::kFoundSuspended, Command::kStart);
      break;
    case State::kStopping:
      find_then(Completion::kFoundRunning, Command::kStopKill);
      break;
    case State::kResetting:
      find_then(Completion::kFoundRunning, Command::kReset);
      break;
    case State::kSnapshoting:
      find_then(Completion::kFoundRunning, Command::kCreateSnapshot);
      break;
    case State::kRestoring:
      find_then(Completion::kFoundRunning, Command::kSwitchToSnapshot);
      break;
    case State::kDeletingState:
      find_then(Completion::kFoundRunning, Command::kDeleteSnapshot);
      break;
    case State::kCompacting:
      find_then(Completion::kFoundStopped, Command::kCompact);
      break;
    case State::kMounted:
      find_then(Completion::kFoundStopped, Command::kMount);
      break;
  }
  if (machine.state() != state) std::abort();
  actions.forget();
  return found;
}

}  // namespace prl::sim
