// `prlsim doctor`: whether clients would find the library, and whether what the environment asks of
// it is in order.
#pragma once

#include <ostream>
#include <string>

#include "tool/settings.h"

namespace prl::tool {

// Exit code: 0, or 1 when something is wrong. `program` is this tool, which is started again to
// load the library as a client does.
int doctor(const Settings& settings, const std::string& program, bool as_json, std::ostream& out);

// The other side of it: loads the library, initialises it and prints what it found.
int probe(std::ostream& out);

}  // namespace prl::tool
