// The map from the numbered invariants of docs/behaviour to the tests that hold them,
// fixtures/invariants.csv: complete, and every test that it names is there.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace prl::tests {
namespace {

namespace fs = std::filesystem;

const fs::path kRoot = PRLSIM_SOURCE_DIR;
// How the note of an invariant without a test begins.
constexpr std::string_view kUntested = "untested: ";

std::string content_of(const fs::path& path) {
  std::ifstream file(path);
  EXPECT_TRUE(file) << path;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<std::string> split(const std::string& text, char separator, size_t most) {
  std::vector<std::string> parts(1);
  for (const char letter : text) {
    if (letter == separator && parts.size() < most) {
      parts.emplace_back();
    } else {
      parts.back() += letter;
    }
  }
  return parts;
}

struct Invariant {
  std::string spec;
  int number = 0;
  std::vector<std::string> tests;  // "Suite.Name"
  std::string note;
};

std::vector<Invariant> read_map() {
  std::istringstream text(content_of(kRoot / "fixtures/invariants.csv"));
  std::string line;
  std::getline(text, line);
  EXPECT_EQ(line, "spec,number,tests,note");
  std::vector<Invariant> map;
  while (std::getline(text, line)) {
    const auto cells = split(line, ',', 4);
    EXPECT_EQ(cells.size(), 4u) << line;
    if (cells.size() != 4) continue;
    Invariant& row = map.emplace_back();
    row.spec = cells[0];
    row.number = std::stoi(cells[1]);
    for (const std::string& test : split(cells[2], ' ', SIZE_MAX)) {
      if (!test.empty()) row.tests.push_back(test);
    }
    row.note = cells[3];
  }
  return map;
}

// The numbers of the invariants in a page of docs/behaviour: the items of its lists below
// `heading`.
std::set<int> invariants_of(const std::string& spec, const std::string& heading) {
  std::istringstream text(content_of(kRoot / "docs/behaviour" / (spec + ".md")));
  const std::regex item(R"(^(\d+)\. )");
  std::set<int> numbers;
  bool is_inside = false;
  std::string line;
  while (std::getline(text, line)) {
    if (line.starts_with("## ")) is_inside = line == heading;
    std::smatch match;
    if (is_inside && std::regex_search(line, match, item)) numbers.insert(std::stoi(match[1]));
  }
  return numbers;
}

// "Suite.Name" of every test in the sources of the project.
std::set<std::string> tests_in_sources() {
  const std::regex test(R"((?:TEST|TEST_F|TEST_P|RC_GTEST_PROP)\(\s*(\w+),\s*(\w+))");
  std::set<std::string> names;
  for (const auto& entry : fs::recursive_directory_iterator(kRoot / "tests")) {
    if (entry.path().extension() != ".cpp") continue;
    const std::string text = content_of(entry.path());
    for (std::sregex_iterator match(text.begin(), text.end(), test), end; match != end; ++match) {
      names.insert((*match)[1].str() + "." + (*match)[2].str());
    }
  }
  return names;
}

TEST(InvariantMap, HasEveryInvariantOfTheSpecsOnce) {
  const std::map<std::string, std::set<int>> specs = {
      {"vm-lifecycle", invariants_of("vm-lifecycle",
                                     "## 8. Invariants for model checking / "
                                     "property tests")},
      {"core-api", invariants_of("core-api", "## 12. Checkable invariants")}};
  EXPECT_EQ(specs.at("vm-lifecycle").size(), 54u);
  EXPECT_EQ(specs.at("core-api").size(), 55u);
  std::map<std::string, std::set<int>> mapped;
  for (const Invariant& row : read_map()) {
    EXPECT_TRUE(mapped[row.spec].insert(row.number).second) << row.spec << " " << row.number;
  }
  EXPECT_EQ(mapped, specs);
}

TEST(InvariantMap, NamesTestsThatExistOrSaysWhyThereIsNone) {
  const std::set<std::string> tests = tests_in_sources();
  size_t tested = 0;
  for (const Invariant& row : read_map()) {
    SCOPED_TRACE(row.spec + " " + std::to_string(row.number));
    EXPECT_EQ(row.tests.empty(), row.note.starts_with(kUntested));
    if (row.tests.empty()) {
      std::cout << row.spec << " " << row.number << " is " << row.note << "\n";
      EXPECT_GT(row.note.size(), kUntested.size());
    }
    for (const std::string& test : row.tests) EXPECT_TRUE(tests.contains(test)) << test;
    tested += row.tests.empty() ? 0 : 1;
  }
  std::cout << "count invariants_tested " << tested << "\n";
}

}  // namespace
}  // namespace prl::tests
