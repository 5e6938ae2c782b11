// The scenarios that come with prlsim, which can be given by their names wherever a file can.
// Stateless, any thread.
#pragma once

#include <string>

#include "simulator/expected.h"

namespace prl::sdk {

// The path of the file that is meant: of that path, or else the scenario of ours with this name
// ("demo"). Where there is neither: a sentence that says what was looked for, and which name may
// have been meant.
sim::Expected<std::string, std::string> find_scenario(const std::string& given);

}  // namespace prl::sdk
