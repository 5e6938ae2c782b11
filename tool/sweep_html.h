// The result of a sweep as one page of HTML that needs nothing else: no script, no other file.
// Stateless, any thread.
#pragma once

#include <ostream>

#include "tool/sweep.h"

namespace prl::tool {

// `command` is the client's.
void print_html(const SweepResult& result, const Words& command, std::ostream& out);

}  // namespace prl::tool
