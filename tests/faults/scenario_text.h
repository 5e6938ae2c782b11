// Scenarios as texts: those of the fixtures, and what is said of one that is refused.
#pragma once

#include <string>
#include <string_view>

#include "faults/scenario.h"
#include "tests/faults/names.h"

namespace prl::faults {

inline std::string fixture(const std::string& name) {
  return std::string(PRLSIM_SOURCE_DIR) + "/fixtures/scenarios/" + name;
}

inline sim::Expected<Scenario, ScenarioError> parse(std::string_view text) {
  return parse_scenario(text, "s.toml", names());
}

// The message for `text`, which must be refused.
inline std::string refusal(std::string_view text) {
  const auto scenario = parse(text);
  return scenario ? "(accepted)" : scenario.error().text();
}

// The message for one [[vm]] or one [[fault]] with these lines; the first of them is line 3.
inline std::string vm_refusal(const std::string& lines) {
  return refusal("[[vm]]\nname = \"web\"\n" + lines);
}
inline std::string fault_refusal(const std::string& lines) {
  return refusal("[[fault]]\nname = \"rule\"\n" + lines);
}

}  // namespace prl::faults
