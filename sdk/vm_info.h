// What PrlVm_GetState tells about a VM, as the record that PrlVmInfo_* read (vm-lifecycle 6.1).
#pragma once

#include "simulator/property_tree.h"
#include "simulator/vm_machine/vm_machine.h"

namespace prl::sdk {

// A state that is unknown is the default, and so is everything else that is not set.
inline sim::PropertyTree vm_info(sim::State state) {
  sim::PropertyTree info;
  if (state != sim::State::kUnknown) info.set("State", uint64_t{sim::vms_value(state)});
  return info;
}

}  // namespace prl::sdk
