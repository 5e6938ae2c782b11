// The scenarios that come with prlsim, which can be given by their names wherever a file can.
// Stateless, any thread.
#pragma once

#include <string>

#include "simulator/expected.h"

namespace prl::sdk {

// The path of the file that is meant: of that path, or else the scenario in `folder`, in which ours
// are, with this name ("demo"). Where there is neither: a sentence that says what was looked for,
// and which name may have been meant. An empty folder: they are missing.
sim::Expected<std::string, std::string> find_scenario(const std::string& given,
                                                      const std::string& folder);

// Which of the names in the folder was probably meant; empty: none is near.
std::string nearest_scenario(const std::string& name, const std::string& folder);

}  // namespace prl::sdk
