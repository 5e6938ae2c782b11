#include "tool/run.h"

#include <fmt/ostream.h>

#include <string>
#include <utility>
#include <vector>

#include "tool/client_run.h"
#include "tool/expectations.h"
#include "tool/process.h"
#include "tool/scenarios.h"
#include "tool/scratch_folder.h"

namespace prl::tool {

namespace {

constexpr int kUsage = 2;
constexpr int kUnmet = 3;

int complain(std::ostream& err, const std::string& sentence) {
  fmt::print(err, "prlsim: {}\n", sentence);
  return kUsage;
}

// What the scenario expects is held against a trace, which is thrown away where nobody wants one.
int report_unmet(const std::vector<faults::Expectation>& expectations, const Settings& settings,
                 int exit_code, std::ostream& err) {
  const Words problems = unmet(expectations, trace_in(*settings.trace));
  for (const std::string& problem : problems) {
    fmt::print(err, "prlsim: not as expected: {}\n", problem);
  }
  return exit_code == 0 && !problems.empty() ? kUnmet : exit_code;
}

}  // namespace

int run_command(const RunOptions& options, std::ostream& err) {
  Settings settings = options.settings;
  std::vector<faults::Expectation> expectations;
  const auto file = settings.scenario ? settings.scenario : variable("PRLSIM_SCENARIO");
  if (file) {
    auto scenario = read_scenario(*file);
    // A mistake in that of the environment the library says itself.
    if (!scenario && settings.scenario) return complain(err, scenario.error().text());
    if (scenario) expectations = std::move(scenario->expectations);
  }
  std::optional<ScratchFolder> scratch;
  if (!expectations.empty()) {
    if (!settings.trace) settings.trace = variable("PRLSIM_TRACE");
    if (!settings.trace && !scratch.emplace().is_made()) {
      return complain(err, "there is no place for temporary files");
    }
    if (!settings.trace) settings.trace = *scratch / "trace";
    remove_trace(*settings.trace);
  }
  const Ending ending =
      run_in_foreground(options.command, environment_for(settings), options.timeout);
  if (ending.kind == Ending::Kind::kNotStarted) {
    complain(err, "'" + options.command.front() + "' " + ending.text());
    return ending.exit_code();
  }
  if (ending.kind == Ending::Kind::kTimedOut) {
    complain(err, "the client did not end within " + seconds_text(*options.timeout) +
                      " s (--timeout) and was killed with its process group");
  }
  if (expectations.empty()) return ending.exit_code();
  return report_unmet(expectations, settings, ending.exit_code(), err);
}

}  // namespace prl::tool
