// The states of both machines, one type per line. Entering one tells the machine, which
// announces it; leaving an origin leaves a note of it. Used by the tables only; stateless.
#pragma once

#include <boost/msm/front/states.hpp>

#include "simulator/vm_machine/vm_machine.h"

namespace prl::sim::machine {

template <State which>
struct Node : boost::msm::front::state<> {
  static constexpr State kState = which;
  template <class On, class Fsm>
  void on_entry(const On&, Fsm& machine) {
    machine.entered(which);
  }
};

// A state that a failed operation may have to return to. The phases of a suspend do not overwrite
// the note, so SUSPENDING_SYNC still knows whether the VM was running or paused.
template <State which>
struct Origin : Node<which> {
  template <class On, class Fsm>
  void on_exit(const On&, Fsm& machine) {
    machine.left_origin(which);
  }
};

// clang-format off
struct Unknown        : Node<State::kUnknown>        {};
struct Stopped        : Node<State::kStopped>        {};
struct Starting       : Origin<State::kStarting>     {};
struct Running        : Origin<State::kRunning>      {};
struct Pausing        : Node<State::kPausing>        {};
struct Paused         : Origin<State::kPaused>       {};
struct Continuing     : Node<State::kContinuing>     {};
struct Suspending     : Node<State::kSuspending>     {};
struct SuspendingSync : Node<State::kSuspendingSync> {};
struct Suspended      : Node<State::kSuspended>      {};
struct Resuming       : Origin<State::kResuming>     {};
struct Stopping       : Node<State::kStopping>       {};
struct Resetting      : Node<State::kResetting>      {};
struct Snapshoting    : Node<State::kSnapshoting>    {};
struct Restoring      : Node<State::kRestoring>      {};
struct DeletingState  : Node<State::kDeletingState>  {};
struct Compacting     : Node<State::kCompacting>     {};
struct Mounted        : Node<State::kMounted>        {};
// clang-format on

}  // namespace prl::sim::machine
