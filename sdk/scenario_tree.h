// Puts the settings of a scenario into the property trees that clients get. Stateless.
#pragma once

#include <string>

#include "faults/scenario.h"
#include "simulator/host.h"

namespace prl::sdk {

// `prefix` is what stands before the path of each: empty, or "Hardware.Hdd[0].". A list takes the
// place of what the tree has there.
void add_settings(sim::PropertyTree& tree, const std::string& prefix,
                  const faults::Settings& settings);

// What a fresh host of the scenario holds.
sim::Documents to_documents(const faults::HostSpec& spec);

}  // namespace prl::sdk
