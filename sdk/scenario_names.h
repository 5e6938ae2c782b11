// What the reader of scenarios must know about the API: the names of its functions and codes.
// Stateless, any thread.
#pragma once

#include "faults/scenario.h"

namespace prl::sdk {

faults::ApiNames scenario_names();

}  // namespace prl::sdk
