// How a walk spells what both sides of it have. Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace prl::model {

inline constexpr std::string_view kDescription = "Settings.General.VmDescription";
inline constexpr std::string_view kDisks = "Hardware.Hdd";

// The description of a VM's configuration by its number in the model.
inline std::string description_text(uint32_t description) {
  return description == 0 ? "" : "edit " + std::to_string(description);
}

}  // namespace prl::model
