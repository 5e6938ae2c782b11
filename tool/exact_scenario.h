// A scenario that needs no draws: what its rules drew in a run stands in it. Stateless, any thread.
#pragma once

#include <string>

#include "simulator/expected.h"
#include "tool/client_run.h"
#include "tool/trace_reader.h"

namespace prl::tool {

// The rules with `probability` or `live` get the points that the run drew (`trigger.points`); where
// there are none the text stays as it is. The error is a sentence: the run was one of another
// scenario, or its trace does not say what was drawn.
sim::Expected<std::string, std::string> exact_scenario(const OwnScenario& own,
                                                       const TracedRun& run);

}  // namespace prl::tool
