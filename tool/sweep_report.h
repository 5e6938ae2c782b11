// The result of a sweep as text, JSON and JUnit. Stateless, any thread.
#pragma once

#include <ostream>
#include <string>

#include "tool/sweep.h"

namespace prl::tool {

std::string counts_of(const SweepResult& result);  // "4 jobs recorded, 18 runs"
void print_text(const SweepResult& result, std::ostream& out);
void print_json(const SweepResult& result, std::ostream& out);
void print_junit(const SweepResult& result, std::ostream& out);

}  // namespace prl::tool
