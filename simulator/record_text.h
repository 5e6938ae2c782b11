// A VM's record as the text of a file: what the folder of a VM says about it where no directory
// does. Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "simulator/vm_config.h"

namespace prl::sim {

// The file of a VM's folder that has this text.
inline constexpr std::string_view kConfigFile = "config.pvs";

// Everything but the folder, in the form of PropertyTree::serialise().
std::string to_text(const VmRecord& record);
// Refuses whatever to_text() does not write. The folder is empty.
std::optional<VmRecord> parse_record(std::string_view text);

}  // namespace prl::sim
