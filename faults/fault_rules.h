// The [[fault]] tables of a scenario. Stateless.
#pragma once

#include <vector>

#include "faults/api_names.h"
#include "faults/rule.h"
#include "faults/table_reader.h"

namespace prl::faults {

// What is wrong is reported through the reader.
std::vector<Rule> read_fault_rules(TableReader& top, const ApiNames& names);

}  // namespace prl::faults
