// What keeps requests from a VM: what is being done to it (vm-lifecycle 5), and a host that cannot
// serve it.
#include "simulator/vm.h"

namespace prl::sim {

Outcome Vm::check_free(Beside beside) const {
  const std::string& name = config().name;
  if (Outcome held = tasks_.check(name, beside); !held.ok()) return held;
  if (is_dropping()) return {OutcomeKind::kLockedForInternalReason, {name}};
  switch (state_) {
    case State::kSnapshoting:
      return {OutcomeKind::kLockedForCreateSnapshot, {name}};
    case State::kRestoring:
      return {OutcomeKind::kLockedForSwitchToSnapshot, {name}};
    case State::kDeletingState:
      return {OutcomeKind::kLockedForDeleteSnapshot, {name}};
    case State::kCompacting:
      return {OutcomeKind::kLockedForDiskCompaction, {name}};
    case State::kMounted:
      return {OutcomeKind::kLockedForInternalReason, {name}};
    default:
      return {};
  }
}

Outcome Vm::check_removable() const {
  if (Outcome held = tasks_.check(config().name); !held.ok()) return held;
  if (surroundings_.profile() == Profile::kVirtuozzo && is_live(state_) && !is_coming_up()) {
    return {OutcomeKind::kVmNotStopped, {uuid().format()}};  // vm-lifecycle 2.4
  }
  return check_idle();
}

// In V what a VM holds on its own account while it lives is no obstacle (vm-lifecycle 5.2, rule 9),
// the command that is under way on it is.
Outcome Vm::check_movable() const {
  if (surroundings_.profile() != Profile::kVirtuozzo) return check_idle();
  if (Outcome held = check_free(); !held.ok() || !is_transitional(state_)) return held;
  Outcome held = virtuozzo_lock(state_, config());
  return held.ok() ? check_idle() : held;
}

Outcome Vm::check_idle() const {
  if (Outcome held = check_free(); !held.ok()) return held;
  if (state_ == State::kStopped || state_ == State::kSuspended) return {};
  const bool is_virtuozzo = surroundings_.profile() == Profile::kVirtuozzo;
  // In V a VM that lives holds this lock on its own account (vm-lifecycle 5.1), and one that is
  // being started not yet.
  const bool holds_ex = is_virtuozzo ? is_live(state_) && !is_coming_up() : started_by_ex_;
  return {holds_ex ? OutcomeKind::kLockedForExecuteEx : OutcomeKind::kLockedForExecute,
          {config().name}};
}

// Neither does the guest go on nor are there snapshots until the host is well again. V knows no
// difference between one pause and another (vm-lifecycle 1).
Outcome Vm::check_frozen(Command command) const {
  if (surroundings_.profile() != Profile::kDesktop) return {};
  const bool goes_on = command == Command::kStart || command == Command::kResume;
  if (!goes_on && !is_about_snapshots(command)) return {};
  const std::string& name = config().name;
  if (frozen_by_ == Freeze::kByHostSleep) return {OutcomeKind::kVmInWakingUpState, {name}};
  if (frozen_by_ == Freeze::kByDisk) return {OutcomeKind::kVmInFrozenState, {name}};
  return {};
}

}  // namespace prl::sim
