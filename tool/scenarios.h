// `prlsim scenario`: checks scenario files, and lists and shows those that come with prlsim.
#pragma once

#include <ostream>
#include <string>

#include "faults/scenario.h"
#include "tool/settings.h"

namespace prl::tool {

// Reads a scenario as the library does, which may be given by its name.
sim::Expected<faults::Scenario, faults::ScenarioError> read_scenario(const std::string& path);

// Each returns an exit code: 0, 1 for a file with a mistake, 2 for what is not there.
// With `json` all that is to be said of scenarios is one text of JSON on `out`.
int check_scenarios(const Words& files, bool json, std::ostream& out, std::ostream& err);
int list_scenarios(bool json, std::ostream& out, std::ostream& err);
int show_scenario(const std::string& name, std::ostream& out, std::ostream& err);

}  // namespace prl::tool
