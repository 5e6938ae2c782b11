// Which sections of a configuration are checked (config-model 6). Pure functions.
#pragma once

#include <set>

#include "simulator/config_problems.h"

namespace prl::sim {

// Those that `section` stands for. `stored` is what the host has, for kChanges; null: all is new.
std::set<ConfigSection> sections_for(const VmConfig& config, const VmConfig* stored,
                                     ConfigSection section);

}  // namespace prl::sim
