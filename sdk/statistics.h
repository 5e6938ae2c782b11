// How much of a host its VMs use, as records and as named counters (config-model 10, clients 4.5).
// Functions of virtual time and of the guests' workloads: equal runs give equal numbers. Called in
// a step of the host.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "simulator/host.h"

namespace prl::sdk {

sim::PropertyTree host_statistics(const sim::HostStep& step);
sim::PropertyTree vm_statistics(const sim::HostStep& step, sim::Vm& vm);

using Counters = std::vector<std::pair<std::string, std::string>>;
// Those whose names the filter lets pass: all of them where it is empty, else those that begin with
// one of its patterns, which blanks and commas part. In a pattern "#" stands for a number and "*"
// for anything.
Counters host_counters(const sim::HostStep& step, std::string_view filter);
Counters vm_counters(sim::Vm& vm, std::string_view filter);

}  // namespace prl::sdk
