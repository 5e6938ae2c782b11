// Names that a test may have mistyped, and why the library refused something. Part of prl_kit.hpp.
#ifndef PRL_KIT_NAMES_HPP
#define PRL_KIT_NAMES_HPP

#include <string>

#include "prl_kit_handle.hpp"
#include "prl_sim_kit.h"

namespace prl::kit {

// Empty where the name is one of these lines (null: of the functions of the API), otherwise a
// sentence that says what it is not, and which one was probably meant.
inline std::string unknown_name(const std::string& what, const std::string& name,
                                const char* names) {
  const std::string nearest = text_from([&](PRL_STR text, PRL_UINT32* length) {
    return PrlSim_GetNearestName(name.c_str(), names, text, length);
  });
  if (!name.empty() && nearest == name) return {};
  return "there is no " + what + " '" + name + "'" +
         (nearest.empty() ? "" : "; did you mean '" + nearest + "'?");
}

// Forgets what the library may have refused before.
inline void forget_complaint() {
  text_from([](PRL_STR text, PRL_UINT32* length) { return PrlSim_TakeComplaint(text, length); });
}
// Why the library has refused what was asked for since then, ": line 2 ..."; empty where it has
// not said.
inline std::string complaint() {
  const std::string why = text_from(
      [](PRL_STR text, PRL_UINT32* length) { return PrlSim_TakeComplaint(text, length); });
  return why.empty() ? "" : ": " + why;
}

inline std::string unknown_function(const std::string& function) {
  return unknown_name("function", function, nullptr);
}

// The names of all fault rules that the host has had, one a line; empty where there is no host.
inline std::string current_rules() {
  return text_from(
      [](PRL_STR text, PRL_UINT32* length) { return PrlSim_GetFaultNames(text, length); });
}

// The rules as current_rules() has them. What PrlSim_Strike does stands in the trace under its own
// name.
inline std::string unknown_rule(const std::string& rule, const std::string& rules) {
  return unknown_name("fault rule", rule, (rules + "PrlSim_Strike\n").c_str());
}

}  // namespace prl::kit

#endif  // PRL_KIT_NAMES_HPP
