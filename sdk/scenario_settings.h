// The properties of configurations as scenarios name them, from the catalogue. Filled once, then
// immutable; any thread.
#pragma once

#include <cstdint>

#include "faults/api_names.h"

namespace prl::sdk {

// Of PHT_VM_CONFIGURATION, PHT_SERVER_CONFIG, PHT_DISP_CONFIG or PHT_USER_PROFILE.
faults::SettingNames setting_names(uint32_t type);

}  // namespace prl::sdk
