// What a scenario expects of a run ([[expect]], faults/scenario.md), held against its trace.
// Stateless, any thread.
#pragma once

#include "faults/scenario.h"
#include "tool/settings.h"
#include "tool/trace_reader.h"

namespace prl::tool {

// A sentence for each expectation that the run has not met.
Words unmet(const std::vector<faults::Expectation>& expectations, const TracedRun& run);

}  // namespace prl::tool
