// The configuration of a fresh VM, for the calls that begin with one (config-model 5).
#pragma once

#include <cstdint>

#include "sdk/boundary.h"
#include "simulator/vm_config.h"

namespace prl::sdk::calls {

// For a guest of the version, on the simulated host, with all default devices and no name.
// REQUIRES: the type of the version is known.
sim::VmConfig default_vm_config(const Call& call, uint32_t version);

}  // namespace prl::sdk::calls
