// The configuration of a fresh VM, for the calls that begin with one, and its devices (config-model
// 5).
#pragma once

#include <prlsdk/Parallels.h>

#include <cstdint>

#include "sdk/boundary.h"
#include "simulator/vm_config.h"

namespace prl::sdk::calls {

// For a guest of the version, on the simulated host, with all default devices and no name.
// REQUIRES: the type of the version is known.
sim::VmConfig default_vm_config(const Call& call, uint32_t version);

// False for a type without a default device, and where there is no room for one more.
bool add_default_device(const Call& call, sim::PropertyTree& tree, uint32_t version,
                        PRL_DEVICE_TYPE type);

// How the client has begun the library.
bool is_server_mode(const Call& call);

}  // namespace prl::sdk::calls
