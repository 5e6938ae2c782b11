// Whether a folder can be the home of a host (PRLSIM_HOME), and whether what is in it is whole.
// Stateless, any thread; changes nothing.
#pragma once

#include <string>

#include "tool/settings.h"

namespace prl::tool {

// What keeps a folder from being PRLSIM_HOME, as the rest of a sentence; empty when nothing does.
std::string trouble_with_home(const std::string& folder);
// The same, whether or not a process holds it at this moment.
std::string trouble_with_home_folder(const std::string& folder);

// Of a home that nobody holds: a text for each file that cannot be read, with its name.
Words damage_in_home(const std::string& folder);

}  // namespace prl::tool
