// The environment variables of prlsim, and the world that they ask for.
#pragma once

#include <string>

#include "simulator/expected.h"
#include "simulator/world.h"

namespace prl::sdk {

// Replaces PRLSIM_SCENARIO for the Inits to come; empty text goes back to the environment.
void set_scenario_text(std::string toml);

// The error is a sentence for a person: which variable or which line of which file is wrong.
sim::Expected<sim::WorldOptions, std::string> world_options_from_environment();

}  // namespace prl::sdk
