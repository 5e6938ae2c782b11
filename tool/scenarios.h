// `prlsim scenario`: checks scenario files, and lists and shows those that come with prlsim.
#pragma once

#include <ostream>
#include <string>

#include "faults/scenario.h"
#include "tool/settings.h"

namespace prl::tool {

// Reads a scenario as the library does.
sim::Expected<faults::Scenario, faults::ScenarioError> read_scenario(const std::string& path);

// Each returns an exit code: 0, 1 for a file with a mistake, 2 for what is not there.
int check_scenarios(const Words& files, std::ostream& out, std::ostream& err);
int list_scenarios(std::ostream& out, std::ostream& err);
int show_scenario(const std::string& name, std::ostream& out, std::ostream& err);

}  // namespace prl::tool
