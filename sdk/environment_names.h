// The environment variables of prlsim, as the library and its command know them.
#pragma once

#include <array>
#include <string_view>

namespace prl::sdk {

// Whatever begins so and is not among the names is a mistake.
inline constexpr std::string_view kVariablePrefix = "PRLSIM_";
inline constexpr std::array<std::string_view, 10> kVariables = {
    "PRLSIM_CLOCK",   "PRLSIM_DELIVERY", "PRLSIM_DURABLE", "PRLSIM_HOME",  "PRLSIM_LEAKS",
    "PRLSIM_PROFILE", "PRLSIM_SCENARIO", "PRLSIM_SEED",    "PRLSIM_TRACE", "PRLSIM_VERIFY"};

}  // namespace prl::sdk
