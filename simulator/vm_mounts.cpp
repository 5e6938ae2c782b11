// How the disks of a VM are mounted on its host (vm-lifecycle 2.4). A mount that writes is a state
// of the VM; one that only reads can be had beside a VM that is at work or suspended.
#include "simulator/vm.h"

namespace prl::sim {

bool Vm::is_about_mount_beside(const CommandRequest& request) const {
  if (request.command == Command::kUmount) return is_mounted_beside_;
  if (request.command != Command::kMount) return false;
  const bool is_at_work = state_ == State::kRunning || state_ == State::kPaused;
  const bool may_be_beside = is_at_work || state_ == State::kSuspended;
  return is_mounted_beside_ || (request.reads_only && may_be_beside);
}

// REQUIRES: is_about_mount_beside().
Outcome Vm::change_mount_beside(const CommandRequest& request) {
  const std::string& name = config().name;
  const bool mounts = request.command == Command::kMount;
  if (mounts && is_mounted_beside_) return {OutcomeKind::kAlreadyMounted, {name}};
  if (Outcome held = tasks_.check(name); !held.ok()) return held;
  if (mounts) set_mount_path(request);
  is_mounted_beside_ = mounts;
  return {};
}

void Vm::set_mount_path(const CommandRequest& request) {
  mount_path_ = request.mount_path ? *request.mount_path : record_.folder + "/mnt";
}

}  // namespace prl::sim
