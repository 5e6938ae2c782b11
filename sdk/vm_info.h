// What PrlVm_GetState tells about a VM, as the record that PrlVmInfo_* read (vm-lifecycle 6.1).
#pragma once

#include <prlsdk/Parallels.h>

#include "sdk/event.h"
#include "sdk/server.h"
#include "simulator/access.h"
#include "simulator/world.h"

namespace prl::sdk {

// Why a configuration is invalid; there is a reason exactly where the record says that it is.
inline constexpr std::string_view kInvalidReason = "InvalidReason";

// A migration hides the state of the machine (vm-lifecycle 1).
inline uint32_t shown_state(const sim::VmView& vm) {
  const bool is_migrating = vm.tasks.has(sim::VmTask::kMigrate);
  return is_migrating ? uint32_t{VMS_MIGRATING_OBSOLETE} : sim::vms_value(vm.state);
}

// What the owner of a VM is called: by its name on the host. Empty where nobody has logged in.
inline std::string owner_name(const sim::PropertyTree& vm, const ServerUser& session) {
  const auto* owner = std::get_if<std::string>(vm.find(sim::kOwner));
  const std::string& name = owner ? *owner : session.first_user;
  return name.empty() ? name : name + "@" + session.host_name;
}

// The number of a record of access rights that says what the user of the session may do.
inline constexpr std::string_view kRights = "Rights";

// Rights to a VM, in a record that stands for itself. Where it says nothing of owner and user, the
// VM is the first user's and so is the session.
inline void put_rights(sim::PropertyTree& record, const std::string& prefix,
                       const sim::PropertyTree& vm, const Server& server) {
  if (const auto* access = vm.find(sim::kAccessForOthers)) {
    record.set(prefix + "AccessForOthers", *access);
  }
  if (server.is_first_user() && !vm.find(sim::kOwner)) return;
  const ServerUser session = server.user();
  record.set(prefix + "Owner", owner_name(vm, session));
  record.set(prefix + "IsOwner", is_owner(session.user, vm));
  record.set(prefix + std::string(kRights), uint64_t{rights_of(session.user, vm)});
}

// A configuration that another session has locked counts as invalid; the state is told all the same
// (vm-lifecycle 5.3). What is not set is the default, the unknown state among it.
inline sim::PropertyTree vm_info(sim::World& world, const sim::VmView& vm, const Server& server) {
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
  put_rights(info, "AccessRights.", vm.config.properties, server);
  return info;
}

}  // namespace prl::sdk
