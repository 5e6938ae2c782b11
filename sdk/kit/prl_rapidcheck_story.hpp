// What a counterexample says, and how it is drawn again. Part of prl_rapidcheck.hpp.
#ifndef PRL_RAPIDCHECK_STORY_HPP
#define PRL_RAPIDCHECK_STORY_HPP

#include <rapidcheck.h>
#include <rapidcheck/detail/Configuration.h>

#include <cstdlib>
#include <ostream>
#include <string>
#include <vector>

#include "prl_kit.hpp"

// States in what RapidCheck says have their names. They are looked for where the type is.
inline void showValue(VIRTUAL_MACHINE_STATE state, std::ostream& out) {
  out << prl::kit::name_of(state);
}

namespace prl::kit {

// What draws the same operations and the same host again.
inline std::string seeds(const World& world) {
  return "RC_PARAMS=seed=" + std::to_string(rc::detail::configuration().testParams.seed) +
         " PRLSIM_SEED=" + std::to_string(world.seed());
}

// RC_PARAMS for command_again(): what the environment says, with the seed that was drawn where it
// says none.
inline std::string rapidcheck_parameters() {
  const char* said = std::getenv("RC_PARAMS");
  const std::string text = said ? said : "";
  if (text.find("seed=") != std::string::npos) return text;
  return text + (text.empty() ? "" : " ") +
         "seed=" + std::to_string(rc::detail::configuration().testParams.seed);
}
inline const bool kTellsItsParameters =
    drawn_variables().emplace("RC_PARAMS", rapidcheck_parameters).second;

// What a client did to a world, as a counterexample shows it.
inline std::string story(const World& world, const std::vector<std::string>& said) {
  std::string text = "the client\n";
  for (const std::string& line : said) text += "  " + line + "\n";
  text += "drawn with " + seeds(world) + "\nAgain: " + command_again() + "\nin the host\n" +
          world.toml() + "\nThe last of the trace:\n";
  const std::vector<TraceLine> trace = world.trace();
  for (size_t i = trace.size() > 20 ? trace.size() - 20 : 0; i < trace.size(); ++i) {
    text += "  " + trace[i].line() + "\n";
  }
  return text;
}

}  // namespace prl::kit

#endif  // PRL_RAPIDCHECK_STORY_HPP
