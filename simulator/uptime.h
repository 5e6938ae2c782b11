// How long a VM has run since a date: two settings of its configuration that the server alone
// writes (vm-lifecycle 6.3). Pure functions.
#pragma once

#include <cstdint>
#include <string>

#include "simulator/vm_config.h"

namespace prl::sim {

uint64_t uptime_seconds(const VmConfig& config);
void set_uptime_seconds(VmConfig& config, uint64_t seconds);
// Begins to count anew at `date`.
void reset_uptime(VmConfig& config, const std::string& date);
// Undoes what a client wrote into these settings of `config`; `stored` has the server's.
void keep_uptime(VmConfig& config, const VmConfig& stored);

}  // namespace prl::sim
