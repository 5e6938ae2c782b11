// The environment variables of prlsim, as the library and its command know them.
#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

namespace prl::sdk {

// Whatever begins so and is not among the names is a mistake.
inline constexpr std::string_view kVariablePrefix = "PRLSIM_";
inline constexpr std::array<std::string_view, 10> kVariables = {
    "PRLSIM_CLOCK",   "PRLSIM_DELIVERY", "PRLSIM_DURABLE", "PRLSIM_HOME",  "PRLSIM_LEAKS",
    "PRLSIM_PROFILE", "PRLSIM_SCENARIO", "PRLSIM_SEED",    "PRLSIM_TRACE", "PRLSIM_VERIFY"};

// The first name of an environment that is such a mistake; `environment` is as `environ` has it.
inline std::optional<std::string_view> unknown_variable(const char* const* environment) {
  for (; environment && *environment; ++environment) {
    const std::string_view text(*environment);
    const std::string_view name = text.substr(0, text.find('='));
    if (!name.starts_with(kVariablePrefix)) continue;
    if (std::ranges::find(kVariables, name) == kVariables.end()) return name;
  }
  return std::nullopt;
}

}  // namespace prl::sdk
