// The VMs of a scenario as a world starts with them. Stateless.
#pragma once

#include <cstdint>

#include "faults/vm_spec.h"
#include "simulator/world_options.h"

namespace prl::sdk {

// What the scenario does not say of the VM, such as addresses of network adapters, is drawn from
// the seed and the VM's name.
sim::InitialVm to_initial_vm(const faults::VmSpec& spec, uint64_t seed);

}  // namespace prl::sdk
