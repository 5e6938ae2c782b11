#include "tool/client_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>
#include <system_error>
#include <utility>
#include <vector>

#include "tool/scenarios.h"

namespace prl::tool {

namespace fs = std::filesystem;

namespace {

// A client that was built with a sanitizer ends with an exit code of that where others crash, which
// nobody could tell from one of its own. What the environment says counts more.
Words with_crashing_sanitizers(Words environment) {
  for (const std::string name : {"ASAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS"}) {
    const std::string beginning = name + "=";
    const std::string option = beginning + "abort_on_error=1:halt_on_error=1";
    const auto found = std::ranges::find_if(
        environment, [&](const std::string& word) { return word.starts_with(beginning); });
    if (found == environment.end()) {
      environment.push_back(option);
    } else {
      *found = option + ":" + found->substr(beginning.size());
    }
  }
  return environment;
}

}  // namespace

sim::Expected<OwnScenario, std::string> take_own_scenario(Settings& settings) {
  OwnScenario own;
  if (!settings.scenario) settings.scenario = variable("PRLSIM_SCENARIO");
  bool names_clock = settings.clock || variable("PRLSIM_CLOCK");
  if (settings.scenario) {
    auto scenario = read_scenario(*settings.scenario);
    if (!scenario) return sim::Unexpected{scenario.error().text()};
    own.scenario = std::move(*scenario);
    own.text = text_of_file(*settings.scenario) + "\n";
    names_clock = names_clock || own.scenario.clock;
  }
  if (!names_clock) settings.clock = "virtual";
  own.names_delivery = settings.delivery || variable("PRLSIM_DELIVERY") || own.scenario.delivery;
  settings.home = "";
  settings.leaks = "";  // the trace has them
  return own;
}

std::map<std::string, std::string> handler_files(const std::string& trace_path) {
  const fs::path trace(trace_path);
  const std::string before = trace.filename().string() + ".";
  const fs::path folder = trace.has_parent_path() ? trace.parent_path() : ".";
  std::map<std::string, std::string> files;
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, ignored)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(before + "handlers-")) continue;
    files.emplace(name.substr(before.size()), entry.path().string());
  }
  return files;
}

void remove_trace(const std::string& path) {
  std::error_code ignored;
  if (fs::is_regular_file(path, ignored)) fs::remove(path, ignored);
  for (const auto& [name, file] : handler_files(path)) fs::remove(file, ignored);
}

Ending run_client(const Settings& settings, const Words& command, const std::string& output_path,
                  std::chrono::milliseconds timeout, uint64_t most_bytes) {
  remove_trace(*settings.trace);
  return run_apart(command, with_crashing_sanitizers(environment_for(settings)), output_path,
                   timeout, [&] { return bytes_of_run(settings, output_path) > most_bytes; });
}

uint64_t bytes_of_run(const Settings& settings, const std::string& output_path) {
  uint64_t bytes = 0;
  for (const std::string& path : {*settings.trace, output_path}) {
    std::error_code error;
    if (!fs::is_regular_file(path, error)) continue;
    const uint64_t size = fs::file_size(path, error);
    if (!error) bytes += size;
  }
  return bytes;
}

std::string seconds_text(std::chrono::milliseconds time) {
  return fmt::format("{:.9g}", static_cast<double>(time.count()) / 1000);
}

std::string run_line(const std::string& program, const Settings& settings, const Words& command,
                     std::optional<std::chrono::milliseconds> timeout) {
  Words words = {program, "run"};
  const auto add = [&words](const char* option, const std::optional<std::string>& value) {
    if (value) words.insert(words.end(), {option, *value});
  };
  add("--scenario", settings.scenario);
  add("--seed", settings.seed);
  add("--clock", settings.clock);
  add("--profile", settings.profile);
  add("--delivery", settings.delivery);
  if (settings.library != own_library_folder()) add("--library", settings.library);
  if (timeout) add("--timeout", seconds_text(*timeout));
  words.emplace_back("--");
  words.insert(words.end(), command.begin(), command.end());
  std::string line;
  for (const std::string& word : words) line += (line.empty() ? "" : " ") + shell_quoted(word);
  return line;
}

std::string text_of_file(const std::string& path) {
  std::error_code error;
  if (!fs::is_regular_file(path, error)) return "";
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

TracedRun trace_in(const std::string& path) {
  std::istringstream trace(text_of_file(path));
  return read_trace(trace);
}

bool write_file(const std::string& path, const std::string& text) {
  std::ofstream file(path);
  file << text;
  return static_cast<bool>(file.flush());
}

}  // namespace prl::tool
