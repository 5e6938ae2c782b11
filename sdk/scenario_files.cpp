#include "sdk/scenario_files.h"

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <vector>

#include "faults/nearest.h"

namespace prl::sdk {

namespace {

namespace fs = std::filesystem;

// In the order of the alphabet: folders have none.
std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().extension() == ".toml") names.push_back(entry.path().stem().string());
  }
  std::ranges::sort(names);
  return names;
}

}  // namespace

std::string nearest_scenario(const std::string& name, const std::string& folder) {
  const std::vector<std::string> names = names_in(folder);
  return faults::nearest(name, std::vector<std::string_view>(names.begin(), names.end()));
}

sim::Expected<std::string, std::string> find_scenario(const std::string& given,
                                                      const std::string& folder) {
  std::error_code error;
  const bool exists = fs::exists(given, error);
  if (exists && !fs::is_directory(given, error)) return given;
  const std::string missing = "there is no file '" + given + "'";
  const bool is_path = given.empty() || given.find('/') != std::string::npos;
  const std::string named = (fs::path(folder) / (given + ".toml")).string();
  if (!is_path && !folder.empty() && fs::is_regular_file(named, error)) return named;
  if (exists) return given;  // a folder, which whoever reads it says
  if (is_path) return sim::Unexpected{missing};
  if (folder.empty()) return sim::Unexpected{missing + ", and the named scenarios are missing"};
  const std::string nearest = nearest_scenario(given, folder);
  return sim::Unexpected{missing + ", nor is there " + named +
                         (nearest.empty() ? "" : "; did you mean '" + nearest + "'?")};
}

}  // namespace prl::sdk
