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

MachineUnderTest::MachineUnderTest(State state) {
  const auto found = [this](Completion completion) { machine.apply(completion); };
  const auto found_then = [this, found](Completion completion, Command command) {
    found(completion);
    machine.apply(command);
  };
  actions.has_image = state == State::kSuspended || state == State::kResuming;
  switch (state) {
    case State::kUnknown:
      break;
    case State::kStopped:
      found(Completion::kFoundStopped);
      break;
    case State::kRunning:
      found(Completion::kFoundRunning);
      break;
    case State::kPaused:
      found(Completion::kFoundPaused);
      break;
    case State::kSuspended:
      found(Completion::kFoundSuspended);
      break;
    case State::kStarting:
      found_then(Completion::kFoundStopped, Command::kStart);
      break;
    case State::kPausing:
      found_then(Completion::kFoundRunning, Command::kPause);
      break;
    case State::kContinuing:
      found_then(Completion::kFoundPaused, Command::kStart);
      break;
    case State::kSuspending:
      found_then(Completion::kFoundRunning, Command::kSuspend);
      break;
    case State::kSuspendingSync:
      found_then(Completion::kFoundRunning, Command::kSuspend);
      finish();
      break;
    case State::kResuming:
      found_then(Completion::kFoundSuspended, Command::kStart);
      break;
    case State::kStopping:
      found_then(Completion::kFoundRunning, Command::kStopKill);
      break;
    case State::kResetting:
      found_then(Completion::kFoundRunning, Command::kReset);
      break;
  }
  if (machine.state() != state) std::abort();
  actions.forget();
}

}  // namespace prl::sim
