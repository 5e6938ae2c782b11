// Parameters of a new disk, in the forms in which clients give them.
#pragma once

#include <prlsdk/Parallels.h>

#include <optional>
#include <string>

#include "sdk/calls/disk_call.h"
#include "simulator/property_tree.h"

namespace prl::sdk::calls {

// Empty for what no disk can be. Looks behind the pointers only where the numbers make sense.
std::optional<sim::DiskSpec> spec_from(const PRL_DISK_PARAMETERS& parameters);
// Of the content of a PHT_VIRTUAL_DISK_PARAMS.
std::optional<sim::DiskSpec> spec_from(const sim::PropertyTree& parameters);
// The content of a PHT_VIRTUAL_DISK_PARAMS about the disk.
sim::PropertyTree params_of(const sim::VirtualDisk& disk);

// The callback of the content of a PHT_VIRTUAL_DISK_OP_PARAMS.
DiskProgress progress_from(const sim::PropertyTree& parameters);

}  // namespace prl::sdk::calls
