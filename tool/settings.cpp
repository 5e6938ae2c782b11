#include "tool/settings.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string_view>
#include <system_error>

#include "sdk/delivery.h"
#include "sdk/environment_names.h"
#include "sdk/kit/prl_kit_again.hpp"
#include "sdk/scenario_files.h"
#include "sdk/scenario_words.h"
#include "simulator/clock.h"
#include "simulator/profile.h"

extern char** environ;

namespace prl::tool {

namespace {

namespace fs = std::filesystem;
using Failure = sim::Unexpected<std::string>;

fs::path own_folder() {
  std::error_code error;
  const fs::path self = fs::read_symlink("/proc/self/exe", error);
  return error ? fs::path(".") : self.parent_path();
}

// The first of the places, seen from the tool, that has the file.
std::optional<std::string> find_beside(std::initializer_list<const char*> places,
                                       const char* file) {
  for (const char* place : places) {
    const fs::path folder = (own_folder() / place).lexically_normal();
    std::error_code error;
    if (fs::exists(folder / file, error)) return folder.string();
  }
  return std::nullopt;
}

void put(std::map<std::string, std::string>& values, const char* name,
         const std::optional<std::string>& value) {
  if (value) values[name] = *value;
}

}  // namespace

std::optional<std::string> variable(const char* name) {
  const char* value = std::getenv(name);
  if (!value || !*value) return std::nullopt;
  return std::string(value);
}

std::optional<std::string> own_library_folder() {
  return find_beside({PRLSIM_LIBRARY_FROM_TOOL, "../sdk"}, kLibrary);
}

std::optional<std::string> own_scenario_folder() {
  return find_beside({PRLSIM_DATA_FROM_TOOL, "scenarios"}, "demo.toml");
}

Words environment_for(const Settings& settings) {
  std::map<std::string, std::string> values;
  put(values, "PRLSIM_SCENARIO", settings.scenario);
  put(values, "PRLSIM_SEED", settings.seed);
  put(values, "PRLSIM_CLOCK", settings.clock);
  put(values, "PRLSIM_PROFILE", settings.profile);
  put(values, "PRLSIM_DELIVERY", settings.delivery);
  put(values, "PRLSIM_TRACE", settings.trace);
  put(values, "PRLSIM_LEAKS", settings.leaks);
  put(values, "PRLSIM_HOME", settings.home);
  if (settings.library) {
    const auto others = variable("LD_LIBRARY_PATH");
    values["LD_LIBRARY_PATH"] = *settings.library + (others ? ":" + *others : "");
  }
  Words words;
  for (char** entry = environ; entry && *entry; ++entry) {
    const std::string_view text(*entry);
    if (!values.contains(std::string(text.substr(0, text.find('='))))) words.emplace_back(text);
  }
  for (const auto& [name, value] : values) words.push_back(name + "=" + value);
  return words;
}

sim::Expected<std::string, std::string> find_scenario(const std::string& given) {
  return sdk::find_scenario(given, own_scenario_folder().value_or(""));
}

sim::Expected<Settings, std::string> complete(Settings settings) {
  std::error_code error;
  if (settings.scenario) {
    const auto found = find_scenario(*settings.scenario);
    if (!found) return Failure{found.error()};
    settings.scenario = *found;
  } else if (const auto given = variable("PRLSIM_SCENARIO")) {
    const auto found = find_scenario(*given);
    if (found && *found != *given) settings.scenario = *found;
  }
  // The client reads it too.
  const auto file = settings.scenario ? settings.scenario : variable("PRLSIM_SCENARIO");
  if (file && fs::is_fifo(*file, error)) {
    return Failure{"scenario '" + *file + "' is a pipe, which can be read only once"};
  }
  if (settings.clock && !sim::parse_clock(*settings.clock)) {
    return Failure{sdk::bad_clock_text(*settings.clock)};
  }
  if (settings.profile && !sim::parse_profile(*settings.profile)) {
    return Failure{sdk::bad_profile_text(*settings.profile)};
  }
  const auto& delivery = settings.delivery;
  if (delivery && std::ranges::find(sdk::kDeliveryWords, *delivery) == sdk::kDeliveryWords.end()) {
    return Failure{sdk::bad_delivery_text(*delivery)};
  }
  if (settings.trace) {
    const std::string trouble = trouble_with_file(*settings.trace);
    if (!trouble.empty()) return Failure{"trace '" + *settings.trace + "' " + trouble};
  }
  const bool is_nowhere = settings.library && settings.library->empty();
  if (is_nowhere ||
      (settings.library && !fs::exists(fs::path(*settings.library) / kLibrary, error))) {
    return Failure{"there is no " + std::string(kLibrary) + " in '" + *settings.library + "'"};
  }
  if (settings.library) {
    settings.library = fs::absolute(*settings.library).lexically_normal().string();
  } else {
    settings.library = own_library_folder();
  }
  return settings;
}

std::string trouble_with_environment() {
  const auto unknown = sdk::unknown_variable(environ);
  if (!unknown) return "";
  return sdk::unknown_variable_text(*unknown);
}

std::string trouble_with_file(const std::string& file) {
  if (file.empty()) return "is no name of a file";
  const fs::path path = fs::absolute(file);
  std::error_code error;
  if (fs::is_directory(path, error)) return "is a folder";
  if (fs::exists(path, error)) {
    return ::access(path.c_str(), W_OK) == 0 ? "" : "cannot be written";
  }
  const fs::path folder = path.parent_path();
  if (!fs::is_directory(folder, error)) return "is in a folder that does not exist";
  const bool can_write = ::access(folder.c_str(), W_OK | X_OK) == 0;
  return can_write ? "" : "is in a folder that cannot be written";
}

std::string shell_quoted(const std::string& word) {
  return kit::shell_word(word);
}

}  // namespace prl::tool
