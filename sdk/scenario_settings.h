// The properties of a VM's configuration as scenarios name them, from the catalogue. Filled once,
// then immutable; any thread.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "faults/api_names.h"

namespace prl::sdk {

std::span<const std::string_view> setting_names();
std::optional<faults::SettingForm> setting_form(std::string_view path);
// Whether the setter of the property takes the text, or each of its list. REQUIRES: it is one of
// setting_names().
bool setting_takes(std::string_view path, std::string_view text);

}  // namespace prl::sdk
