// What PrlVm_GetState tells about a VM, as the record that PrlVmInfo_* read (vm-lifecycle 6.1).
#pragma once

#include <prlsdk/Parallels.h>

#include "sdk/event.h"
#include "simulator/world.h"

namespace prl::sdk {

// Why a configuration is invalid; there is a reason exactly where the record says that it is.
inline constexpr std::string_view kInvalidReason = "InvalidReason";

// A migration hides the state of the machine (vm-lifecycle 1).
inline uint32_t shown_state(const sim::VmView& vm) {
  const bool is_migrating = vm.tasks.has(sim::VmTask::kMigrate);
  return is_migrating ? uint32_t{VMS_MIGRATING_OBSOLETE} : sim::vms_value(vm.state);
}

// A configuration that another session has locked counts as invalid; the state is told all the same
// (vm-lifecycle 5.3). What is not set is the default, the unknown state among it.
inline sim::PropertyTree vm_info(sim::World& world, const sim::VmView& vm) {
  sim::PropertyTree info;
  if (vm.state != sim::State::kUnknown) info.set("State", uint64_t{shown_state(vm)});
  if (vm.is_locked_by_another) {
    info.set("Invalid", true);
    info.set(kInvalidReason, int64_t{PRL_ERR_VM_IS_EXCLUSIVELY_LOCKED});
  }
  info.set("AdditionState", uint64_t{addition_state(vm.tasks)});
  const bool is_waiting = !world.peripherals().questions.pending(vm.config.uuid).empty();
  if (is_waiting) info.set("VmWaitingForAnswer", true);
  if (world.peripherals().displays.is_served(vm.config.uuid)) info.set("VncServerStarted", true);
  return info;
}

}  // namespace prl::sdk
