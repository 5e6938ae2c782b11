// The README says what is true: its table of modelled functions is the catalogue's, its diagram the
// machine's. On a mismatch the test prints what the README should contain.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <string_view>

#include "sdk/environment_names.h"
#include "simulator/vm_machine/vm_machine.h"

namespace prl {
namespace {

const std::filesystem::path kSource = PRLSIM_SOURCE_DIR;

std::string read(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The text between two markers; empty when either is missing.
std::string between(const std::string& text, const std::string& begin, const std::string& end) {
  const size_t first = text.find(begin);
  if (first == std::string::npos) return {};
  const size_t last = text.find(end, first + begin.size());
  if (last == std::string::npos) return {};
  return text.substr(first + begin.size(), last - first - begin.size());
}

struct Count {
  int modelled = 0;
  int refused = 0;
};

// No field before `binding` contains a quoted comma except the parameters, so it is enough to look
// for the words at the start of a field.
Count count_functions(const std::filesystem::path& csv) {
  std::ifstream file(csv);
  Count count;
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) {
    if (!line.starts_with("Prl")) continue;  // a continuation of a quoted text
    const bool body = line.find(",body,") != std::string::npos ||
                      line.find(",property,") != std::string::npos;
    const bool none = line.find(",none:") != std::string::npos;
    EXPECT_NE(body, none) << csv << ": " << line;
    (body ? count.modelled : count.refused) += 1;
  }
  return count;
}

std::string modelled_table() {
  std::map<std::string, Count> families;
  Count all;
  const std::filesystem::path folder = kSource / "sdk/catalogue/functions";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".csv") continue;
    const Count count = count_functions(entry.path());
    families[entry.path().stem().string()] = count;
    all.modelled += count.modelled;
    all.refused += count.refused;
  }
  std::ostringstream table;
  table << "\n| family | modelled | refused |\n|---|---|---|\n";
  for (const auto& [family, count] : families) {
    table << "| " << family << " | " << count.modelled << " | " << count.refused << " |\n";
  }
  table << "| **all** | **" << all.modelled << "** | **" << all.refused << "** |\n";
  EXPECT_EQ(all.modelled + all.refused, 1873);
  return table.str();
}

TEST(Readme, TellsWhichFunctionsAreModelled) {
  const std::string readme = read(kSource / "README.md");
  EXPECT_EQ(between(readme, "<!-- fidelity -->\n", "<!-- /fidelity -->"), modelled_table());
}

TEST(Readme, SaysWhereTheLibraryIsInstalled) {
  const std::string readme = read(kSource / "README.md");
  EXPECT_NE(readme.find("/opt/prlsim/" PRLSIM_LIBRARY_FOLDER "/pkgconfig\n"), std::string::npos);
}

TEST(Readme, ShowsTheDiagramOfTheMachine) {
  const std::string readme = read(kSource / "README.md");
  EXPECT_EQ(between(readme, "```dot\n", "```"), sim::to_dot());
}

TEST(Readme, NamesEveryVariableThatTheLibraryReads) {
  const std::string readme = read(kSource / "README.md");
  for (const std::string_view name : sdk::kVariables) {
    EXPECT_NE(readme.find("| `" + std::string(name) + "` |"), std::string::npos) << name;
  }
}

}  // namespace
}  // namespace prl
