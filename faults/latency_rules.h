// The [latency] table of a scenario. Stateless.
#pragma once

#include <optional>

#include "faults/api_names.h"
#include "faults/table_reader.h"
#include "simulator/latency_spec.h"

namespace prl::faults {

// What the scenario says, on top of the preset that it names; none where it says nothing. What is
// wrong is reported through the reader.
std::optional<sim::Latencies> read_latencies(TableReader& top, const ApiNames& names);

}  // namespace prl::faults
