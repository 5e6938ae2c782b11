#include "tool/scenarios.h"

#include <fmt/ostream.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "sdk/scenario_files.h"
#include "sdk/scenario_names.h"
#include "tool/json_text.h"

namespace prl::tool {

namespace {

namespace fs = std::filesystem;

int no_folder(std::ostream& err) {
  fmt::print(err, "prlsim: the named scenarios are missing; they belong into share/prlsim\n");
  return 2;
}

// The first line of the file, which by custom is a comment that says what the scenario is.
std::string summary(const fs::path& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line.starts_with("# ") ? line.substr(2) : "";
}

std::string json_of(const std::string& file, const faults::Scenario& scenario) {
  return fmt::format("{{\"file\": {}, \"is_good\": true, \"vms\": {}, \"faults\": {}}}", json(file),
                     scenario.vms.size(), scenario.faults.size());
}

std::string json_of(const faults::ScenarioError& error) {
  return fmt::format(
      "{{\"file\": {}, \"is_good\": false, \"line\": {}, \"column\": {}, \"message\": {}, "
      "\"nearest\": {}}}",
      json(error.file), error.line, error.column, json(error.message), json(error.nearest));
}

}  // namespace

sim::Expected<faults::Scenario, faults::ScenarioError> read_scenario(const std::string& path) {
  const auto found = find_scenario(path);
  if (!found) return sim::Unexpected{faults::ScenarioError{path, 0, 0, found.error(), {}}};
  return faults::load_scenario(*found, sdk::scenario_names());
}

int check_scenarios(const Words& files, bool as_json, std::ostream& out, std::ostream& err) {
  int status = 0;
  std::vector<std::string> rows;
  for (const std::string& given : files) {
    const auto found = find_scenario(given);
    const std::string file = found ? *found : given;
    const auto scenario = read_scenario(given);
    if (!scenario) status = 1;
    if (as_json) {
      rows.push_back(scenario ? json_of(file, *scenario) : json_of(scenario.error()));
    } else if (scenario) {
      fmt::print(out, "{}: good; VMs: {}, faults: {}\n", file, scenario->vms.size(),
                 scenario->faults.size());
    } else {
      fmt::print(err, "{}\n", scenario.error().text());
    }
  }
  if (as_json) fmt::print(out, "{}\n", json_rows(rows));
  return status;
}

int list_scenarios(bool as_json, std::ostream& out, std::ostream& err) {
  const auto folder = own_scenario_folder();
  if (!folder) return no_folder(err);
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry : fs::directory_iterator(*folder)) {
    if (entry.path().extension() == ".toml") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  size_t width = 0;
  for (const fs::path& file : files) width = std::max(width, file.stem().string().size());
  std::vector<std::string> rows;
  for (const fs::path& file : files) {
    const std::string name = file.stem().string();
    if (as_json) {
      rows.push_back(fmt::format("{{\"name\": {}, \"summary\": {}, \"file\": {}}}", json(name),
                                 json(summary(file)), json(file.string())));
    } else {
      fmt::print(out, "{:{}} {}\n", name, width, summary(file));
    }
  }
  if (as_json) fmt::print(out, "{}\n", json_rows(rows));
  return 0;
}

int show_scenario(const std::string& name, std::ostream& out, std::ostream& err) {
  const auto folder = own_scenario_folder();
  if (!folder) return no_folder(err);
  const bool is_name = name.find('/') == std::string::npos;
  std::ifstream file;
  if (is_name) file.open(fs::path(*folder) / (name + ".toml"));
  if (!is_name || !file) {
    const std::string nearest = sdk::nearest_scenario(name, *folder);
    fmt::print(err, "prlsim: there is no scenario '{}'; {}\n", name,
               nearest.empty() ? "'prlsim scenario list' shows the names"
                               : "did you mean '" + nearest + "'?");
    return 2;
  }
  out << file.rdbuf();
  return 0;
}

}  // namespace prl::tool
