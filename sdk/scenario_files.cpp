#include "sdk/scenario_files.h"

#include <dlfcn.h>

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <vector>

#include "faults/nearest.h"

namespace prl::sdk {

namespace {

namespace fs = std::filesystem;

// Where they are installed, seen from the library, or where the build has them. Empty where they
// are missing.
fs::path own_folder() {
  Dl_info own{};
  if (!::dladdr(reinterpret_cast<void*>(&find_scenario), &own) || !own.dli_fname) return {};
  std::error_code error;
  const fs::path library = fs::canonical(own.dli_fname, error);
  for (const char* place : {PRLSIM_DATA_FROM_LIBRARY, "../tool/scenarios"}) {
    const fs::path folder = (library.parent_path() / place).lexically_normal();
    if (fs::exists(folder / "demo.toml", error)) return folder;
  }
  return {};
}

// In the order of the alphabet: folders have none.
std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    names.push_back(entry.path().stem().string());
  }
  std::ranges::sort(names);
  return names;
}

}  // namespace

sim::Expected<std::string, std::string> find_scenario(const std::string& given) {
  std::error_code error;
  if (fs::exists(given, error)) return given;
  std::string missing = "there is no file '" + given + "'";
  if (given.find('/') != std::string::npos) return sim::Unexpected{missing};
  const fs::path folder = own_folder();
  if (folder.empty()) return sim::Unexpected{missing + ", and the named scenarios are missing"};
  const std::string named = (folder / (given + ".toml")).string();
  if (fs::exists(named, error)) return named;
  const std::vector<std::string> names = names_in(folder);
  const std::vector<std::string_view> views(names.begin(), names.end());
  const std::string nearest = faults::nearest(given, views);
  return sim::Unexpected{missing + ", nor is there " + named +
                         (nearest.empty() ? "" : "; did you mean '" + nearest + "'?")};
}

}  // namespace prl::sdk
