// The configuration of a VM of another product, as far as it says what a VM here has. Pure
// functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "simulator/vm_config.h"

namespace prl::sim {

// Reads lines of the form `key = "value"`, as a .vmx file has them: displayName, memsize and
// numvcpus. `fallback_name` is for a file that names none. Empty for a text without such lines.
std::optional<VmConfig> parse_foreign_config(std::string_view text,
                                             const std::string& fallback_name);

}  // namespace prl::sim
