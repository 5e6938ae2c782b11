#include "simulator/vm_machine/vm_machine.h"

#include <cassert>
#include <cstdlib>
#include <vector>

#include "simulator/vm_machine/machine.h"
#include "simulator/vm_machine/refusals.h"

namespace prl::sim {
namespace {

using machine::DiskMachine;
using machine::is_about_disks;
using machine::PowerMachine;

Completion found(State state) {
  switch (state) {
    case State::kStopped:
      return Completion::kFoundStopped;
    case State::kRunning:
      return Completion::kFoundRunning;
    case State::kPaused:
      return Completion::kFoundPaused;
    case State::kSuspended:
      return Completion::kFoundSuspended;
    default:
      std::abort();  // only a VM at rest changes hands
  }
}

Command rule_of(Command command) {
  return command == Command::kResume ? Command::kStart : command;
}

}  // namespace

class VmMachine::Machines {
 public:
  explicit Machines(VmActions& actions) : power_(actions), disks_(actions) {}
  Machines(const Machines& other, VmActions& actions)
      : power_(other.power_, actions), disks_(other.disks_, actions) {}

  State state() const { return is_about_disks(disks_.state()) ? disks_.state() : power_.state(); }

  bool apply(Command command) {
    const State now = state();
    if (!DiskMachine::accepts(now, command)) return power_.apply(command);
    if (!is_about_disks(now)) disks_.apply(found(now));
    [[maybe_unused]] const bool has_moved = disks_.apply(command);
    assert(has_moved);
    hand_over(now);
    return true;
  }
  bool apply(Completion completion) {
    const State now = state();
    if (!is_about_disks(now)) return power_.apply(completion);
    if (!disks_.apply(completion)) return false;
    hand_over(now);
    return true;
  }

 private:
  // The disk machine has moved, and the VM was in state `from` before.
  void hand_over(State from) {
    const bool is_theirs = is_about_disks(disks_.state());
    if (is_theirs && !is_about_disks(from)) power_.let_go();
    if (!is_theirs && is_about_disks(from)) give_back();
    if (!is_theirs) disks_.let_go();
  }
  void give_back() {
    if (disks_.state() == State::kStopping) {
      power_.take_dying();
    } else {
      power_.apply(found(disks_.state()));
    }
  }

  PowerMachine power_;
  DiskMachine disks_;
};

VmMachine::VmMachine(VmActions& actions) : machines_(std::make_unique<Machines>(actions)) {}
VmMachine::VmMachine(const VmMachine& other, VmActions& actions)
    : machines_(std::make_unique<Machines>(*other.machines_, actions)) {}
VmMachine::~VmMachine() = default;

Refusal VmMachine::apply(Command command) {
  command = rule_of(command);
  return machines_->apply(command) ? Refusal::kNone : machine::refusal_of(state(), command);
}

bool VmMachine::apply(Completion completion) {
  return machines_->apply(completion);
}

State VmMachine::state() const {
  return machines_->state();
}

Refusal VmMachine::would_refuse(Command command) const {
  command = rule_of(command);
  const State now = state();
  const bool is_accepted =
      PowerMachine::accepts(now, command) || DiskMachine::accepts(now, command);
  return is_accepted ? Refusal::kNone : machine::refusal_of(now, command);
}

std::span<const Transition> transitions() {
  static const std::vector<Transition> rows = [] {
    const auto power = PowerMachine::transitions();
    const auto disks = DiskMachine::transitions();
    std::vector<Transition> all(power.begin(), power.end());
    all.insert(all.end(), disks.begin(), disks.end());
    return all;
  }();
  return rows;
}

}  // namespace prl::sim
