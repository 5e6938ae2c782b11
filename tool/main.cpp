// The command `prlsim`: reads its arguments and hands them to the parts. README.md beside it says
// what each option does.
#include <unistd.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <exception>
#include <iomanip>
#include <iostream>
#include <iterator>
#include <optional>
#include <sstream>
#include <system_error>

#include "faults/nearest.h"
#include "sdk/scenario_names.h"
#include "tool/doctor.h"
#include "tool/process.h"
#include "tool/replay.h"
#include "tool/run.h"
#include "tool/scenarios.h"
#include "tool/shrink.h"
#include "tool/sweep.h"
#include "tool/trace_convert.h"

namespace prl::tool {

namespace {

constexpr int kUsage = 2;

int complain(const std::string& sentence) {
  std::cerr << "prlsim: " << sentence << "\n";
  return kUsage;
}

// What is behind the first "--" is the client's command and none of our business.
Words take_command(Words& words) {
  const auto mark = std::find(words.begin(), words.end(), "--");
  if (mark == words.end()) return {};
  const Words command(mark + 1, words.end());
  words.erase(mark, words.end());
  return command;
}

// The checks return what is wrong, as CLI11 wants it.
std::string is_seed(const std::string& text) {
  uint64_t seed = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seed);
  if (error == std::errc{} && end == text.data() + text.size()) return "";
  return "'" + text + "' is no number from 0 to 2^64 - 1";
}

std::string is_shard(const std::string& text) {
  std::istringstream stream(text);
  Shard shard;
  char slash = 0;
  if (stream >> shard.index >> slash >> shard.count && stream.eof() && slash == '/' &&
      text.find('-') == std::string::npos && shard.index >= 1 && shard.index <= shard.count) {
    return "";
  }
  return "'" + text + "' is no part such as 1/4 or 4/4";
}

std::string is_spared(const std::string& name) {
  const faults::ApiNames names = sdk::scenario_names();
  if (names.is_function(name) || std::ranges::find(names.events, name) != names.events.end()) {
    return "";
  }
  std::vector<std::string_view> known(names.functions.begin(), names.functions.end());
  known.insert(known.end(), names.events.begin(), names.events.end());
  const std::string meant = faults::nearest(name, known);
  return "'" + name + "' is no function and no type of event" +
         (meant.empty() ? "" : "; did you mean '" + meant + "'?");
}

// "fail, hang": the words between commas, without blanks around them.
Words words_in(const std::string& list) {
  Words words;
  for (size_t begin = 0; begin <= list.size();) {
    const size_t end = std::min(list.find(',', begin), list.size());
    const std::string word = list.substr(begin, end - begin);
    const size_t first = std::min(word.find_first_not_of(" \t"), word.size());
    words.push_back(word.substr(first, word.find_last_not_of(" \t") + 1 - first));
    begin = end + 1;
  }
  return words;
}

std::string are_effects(const std::string& list) {
  const Words known = sweep_effects();
  for (const std::string& word : words_in(list)) {
    if (word.empty()) return "an entry of '" + list + "' is empty";
    if (std::ranges::find(known, word) != known.end()) continue;
    const std::string meant =
        faults::nearest(word, std::vector<std::string_view>(known.begin(), known.end()));
    if (!meant.empty()) return "'" + word + "' is no effect; did you mean '" + meant + "'?";
    std::string all;
    for (const std::string& effect : known) all += " " + effect;
    return "'" + word + "' is no effect; known are" + all;
  }
  return "";
}

std::string is_writable(const std::string& file) {
  const std::string trouble = trouble_with_file(file);
  return trouble.empty() ? "" : "'" + file + "' " + trouble;
}

void add_library(CLI::App& app, Settings& settings) {
  app.add_option("--library", settings.library, "Folder of libprl_sdk.so; default: this tool's");
}

void add_json(CLI::App& app, bool& json) {
  app.add_flag("--json", json, "Print JSON");
}

// `example`: how the subcommand may be called, up to the client's command.
void add_settings(CLI::App& app, Settings& settings, const std::string& example) {
  app.footer("The command follows after --, as in: prlsim " + example + " -- ./client web");
  app.add_option("--scenario", settings.scenario, "Scenario file, or the name of one of ours");
  app.add_option("--seed", settings.seed, "Number from which identities are drawn")
      ->check(CLI::Validator(is_seed, "NUMBER"));
  app.add_option("--clock", settings.clock, "virtual, manual, real, scaled or scaled:<factor>");
  app.add_option("--profile", settings.profile, "desktop or virtuozzo");
  app.add_option("--delivery", settings.delivery, "When handlers run: free, awaited or late");
  add_library(app, settings);
}

struct Arguments {
  Settings settings;
  SweepOptions sweep;
  ReplayOptions replay;
  ShrinkOptions shrink;
  std::optional<double> run_timeout_s;
  double timeout_s = 10;
  double patience_s = 86'400;
  std::string shard = "1/1";
  Words effects;  // lists of them
  Words files;
  std::string name;
  std::string format = "text";
  bool json = false;
};

// CLI::Range takes what is no number at all ("nan") for one that is in it.
CLI::Validator seconds(double most = 86'400) {
  const auto check = [most](const std::string& text) -> std::string {
    constexpr double kLeast = 0.01;
    char* end = nullptr;
    const double number = std::strtod(text.c_str(), &end);
    if (!text.empty() && *end == '\0' && number >= kLeast && number <= most) return "";
    std::ostringstream said;
    said << "'" << text << "' is no number from " << kLeast << " to " << std::fixed
         << std::setprecision(0) << most;
    return said.str();
  };
  return CLI::Validator(check, "SECONDS");
}

std::chrono::milliseconds milliseconds_of(double seconds) {
  return std::chrono::milliseconds(static_cast<int64_t>(seconds * 1000));
}

void add_limits(CLI::App& app, Arguments& arguments) {
  app.add_option("--timeout", arguments.timeout_s, "Seconds after which a run is a hang")
      ->check(seconds())
      ->capture_default_str();
  app.add_option("--patience", arguments.patience_s, "The same in virtual time")
      ->check(seconds(1e9))
      ->capture_default_str();
}

void add_sweep_options(CLI::App& app, Arguments& arguments) {
  add_settings(app, arguments.settings, "sweep --scenario demo");
  add_limits(app, arguments);
  app.add_option("--delay", arguments.sweep.choice.delay_ms, "Virtual ms of the effect delay")
      ->check(CLI::Range(uint64_t{1}, uint64_t{1'000'000'000'000}))
      ->capture_default_str();
  app.add_option("--jobs", arguments.sweep.jobs, "Runs at a time; default: one per processor")
      ->check(CLI::Range(1, 256));
  app.add_option("--shard", arguments.shard, "Part of the runs, i/n")
      ->check(CLI::Validator(is_shard, "I/N"));
  app.add_option("--except", arguments.sweep.choice.except,
                 "Function, or type of event, that is spared; repeatable")
      ->expected(1)
      ->take_all()
      ->check(CLI::Validator(is_spared, "NAME"));
  app.add_option("--effects", arguments.effects, "Only these, such as fail,hang")
      ->expected(1)
      ->take_all()
      ->check(CLI::Validator(are_effects, "LIST"));
  app.add_flag("--calls", arguments.sweep.choice.with_calls,
               "Also let calls fail that succeeded, or get no job");
  app.add_option("--out", arguments.sweep.out, "Folder for findings")->capture_default_str();
  add_json(app, arguments.sweep.json);
  app.add_option("--junit", arguments.sweep.junit, "Also write a JUnit report to this file")
      ->check(CLI::Validator(is_writable, "FILE"));
  app.add_option("--html", arguments.sweep.html, "Also write a page of HTML to this file")
      ->check(CLI::Validator(is_writable, "FILE"));
}

void add_replay_options(CLI::App& app, Arguments& arguments) {
  ReplayOptions& options = arguments.replay;
  app.add_option("file", options.file, "A trace, or the scenario of a finding")->required();
  add_settings(app, arguments.settings, "replay run.trace");
  add_limits(app, arguments);
  app.add_option("--out", options.out, "Folder for what was run and its trace")
      ->capture_default_str();
  add_json(app, options.json);
}

std::string is_failure(const std::string& text) {
  if (is_expectation(text)) return "";
  return "'" + text +
         "' is none of any, exit, crash, timeout, unmet, misuse, leak and an exit code from 1 to "
         "255";
}

void add_shrink_options(CLI::App& app, Arguments& arguments) {
  ShrinkOptions& options = arguments.shrink;
  add_settings(app, arguments.settings, "shrink --scenario large.toml");
  add_limits(app, arguments);
  app.add_option("--expect", options.expect, "What counts as failing; default: as it fails first")
      ->check(CLI::Validator(is_failure, "WHAT"));
  app.add_option("--max-runs", options.max_runs, "Runs at most")
      ->check(CLI::Range(size_t{1}, size_t{1'000'000}))
      ->capture_default_str();
  app.add_option("--out", options.out, "File for the small scenario")->capture_default_str();
  add_json(app, options.json);
}

// What add_limits() read.
template <class Options>
Options& taken(Options& options, const Arguments& arguments, const Words& command) {
  options.settings = arguments.settings;
  options.command = command;
  options.timeout = milliseconds_of(arguments.timeout_s);
  options.patience_ms = static_cast<uint64_t>(arguments.patience_s * 1000);
  end_runs_on_signals();
  return options;
}

int run_with(const Arguments& arguments, const Words& command) {
  RunOptions options{.settings = arguments.settings, .command = command, .timeout = {}};
  if (arguments.run_timeout_s) options.timeout = milliseconds_of(*arguments.run_timeout_s);
  options.json = arguments.json;
  return run_command(options, std::cout, std::cerr);
}

int replay_with(Arguments& arguments, const Words& command, const char* program) {
  ReplayOptions& options = taken(arguments.replay, arguments, command);
  options.program = program;
  return replay_command(options, std::cout, std::cerr);
}

int shrink_with(Arguments& arguments, const Words& command, const char* program) {
  ShrinkOptions& options = taken(arguments.shrink, arguments, command);
  options.program = program;
  return shrink_command(options, std::cout, std::cerr);
}

int sweep_with(Arguments& arguments, const Words& command, const char* program) {
  SweepOptions& options = taken(arguments.sweep, arguments, command);
  options.program = program;
  for (const std::string& list : arguments.effects) {
    std::ranges::copy(words_in(list), std::back_inserter(options.choice.effects));
  }
  std::istringstream shard(arguments.shard);
  char slash = 0;
  shard >> options.shard.index >> slash >> options.shard.count;
  return sweep_command(options, ::isatty(STDERR_FILENO) != 0, std::cout, std::cerr);
}

void add_client_commands(CLI::App& app, Arguments& arguments) {
  CLI::App& run_app = *app.add_subcommand("run", "Run a command against the simulated host");
  add_settings(run_app, arguments.settings, "run --scenario demo");
  run_app.add_option("--trace", arguments.settings.trace, "File for the trace");
  run_app
      .add_option("--timeout", arguments.run_timeout_s,
                  "Seconds after which the command is killed; default: none")
      ->check(seconds());
  add_json(run_app, arguments.json);
  add_sweep_options(
      *app.add_subcommand("sweep", "Run a command once for each single fault that can strike it"),
      arguments);
  add_replay_options(
      *app.add_subcommand("replay", "Have a run again from its trace and compare the two"),
      arguments);
  add_shrink_options(
      *app.add_subcommand("shrink", "Make a scenario smaller with which a command still fails"),
      arguments);
}

void add_scenario_commands(CLI::App& app, Arguments& arguments) {
  app.require_subcommand(1);
  CLI::App& check_app = *app.add_subcommand("check", "Say what is wrong with files");
  check_app.add_option("file", arguments.files, "Scenario files")->required();
  add_json(check_app, arguments.json);
  CLI::App& list_app = *app.add_subcommand("list", "The scenarios that come with prlsim");
  add_json(list_app, arguments.json);
  CLI::App& show_app = *app.add_subcommand("show", "Print one of them");
  show_app.add_option("name", arguments.name, "Its name")->required();
}

void add_other_commands(CLI::App& app, Arguments& arguments) {
  add_scenario_commands(*app.add_subcommand("scenario", "Check, list and show scenarios"),
                        arguments);
  CLI::App& trace_app = *app.add_subcommand("trace", "Print a trace in another form");
  trace_app.add_option("file", arguments.name, "The trace")->required();
  trace_app.add_option("--format", arguments.format, "text, json or chrome")
      ->check(CLI::IsMember({"text", "json", "chrome"}))
      ->capture_default_str();
  CLI::App& doctor_app = *app.add_subcommand("doctor", "Say whether all is in order");
  add_library(doctor_app, arguments.settings);
  add_json(doctor_app, arguments.json);
  // What the doctor starts; not for people.
  app.add_subcommand("probe")->group("");
}

int scenario(const CLI::App& app, const Arguments& arguments) {
  if (app.got_subcommand("list")) return list_scenarios(arguments.json, std::cout, std::cerr);
  if (app.got_subcommand("show")) return show_scenario(arguments.name, std::cout, std::cerr);
  return check_scenarios(arguments.files, arguments.json, std::cout, std::cerr);
}

// The first word that nothing takes. A client's command without its "--" looks like that.
std::string too_much(const CLI::App& app) {
  const Words rest = app.remaining(true);
  const std::string word = rest.empty() ? "" : rest.front();
  const CLI::App& used = app.get_subcommands().empty() ? app : *app.get_subcommands().front();
  const bool runs_clients = used.get_option_no_throw("--scenario") != nullptr;
  return "'" + word + "' is not expected here; " +
         (runs_clients && !word.starts_with("-")
              ? "the command to run follows after --"
              : "'prlsim " + used.get_name() + " --help' shows what is");
}

int start(const char* program, Words words) {
  const Words command = take_command(words);
  Arguments arguments;
  CLI::App app("Runs clients of the Prl C API against a simulated host.", "prlsim");
  app.set_version_flag("--version", "prlsim " PRLSIM_VERSION);
  app.require_subcommand(1);
  add_client_commands(app, arguments);
  add_other_commands(app, arguments);
  try {
    app.parse(Words(words.rbegin(), words.rend()));
  } catch (const CLI::ExtrasError&) {
    return complain(too_much(app));
  } catch (const CLI::RequiredError& error) {
    if (!words.empty() && app.get_subcommands().empty()) {
      return complain("there is no command '" + words.front() + "'; 'prlsim --help' shows them");
    }
    return app.exit(error) == 0 ? 0 : kUsage;
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kUsage;
  }
  if (app.got_subcommand("probe")) return probe(std::cout);
  if (app.got_subcommand("scenario")) return scenario(*app.get_subcommand("scenario"), arguments);
  if (app.got_subcommand("trace")) {
    return convert_trace(arguments.name, arguments.format, std::cout, std::cerr);
  }
  const auto settings = complete(arguments.settings);
  if (!settings) return complain(settings.error());
  arguments.settings = *settings;
  if (app.got_subcommand("doctor")) {
    return doctor(*settings, "/proc/self/exe", arguments.json, std::cout);
  }
  if (command.empty()) return complain("the command to run is missing; it follows after --");
  const std::string trouble = trouble_with_environment();
  if (!trouble.empty()) return complain(trouble);
  if (app.got_subcommand("run")) return run_with(arguments, command);
  if (app.got_subcommand("replay")) return replay_with(arguments, command, program);
  if (app.got_subcommand("shrink")) return shrink_with(arguments, command, program);
  return sweep_with(arguments, command, program);
}

}  // namespace

}  // namespace prl::tool

int main(int argc, char** argv) {
  // Nothing is known to throw; what does all the same has to leave no scratch folder.
  try {
    return prl::tool::start(argv[0], prl::tool::Words(argv + 1, argv + argc));
  } catch (const std::exception& error) {
    std::cerr << "prlsim: " << error.what() << "\n";
    return prl::tool::kUsage;
  }
}
