// What a setter demands of a value beyond its type: the column `check` of properties.csv
// (config-model 4). Everything else is checked at commit or not at all.
#pragma once

#include <cstdint>
#include <string_view>

#include "properties.h"

namespace prl::sdk {

bool passes(ValueCheck check, uint64_t value);
bool passes(ValueCheck check, std::string_view text);

}  // namespace prl::sdk
