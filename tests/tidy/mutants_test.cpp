// The patches of tests/mutants, which scripts/mutants builds and tests one by one, still fit the
// sources that they break. That takes no repository and no program of the system.
#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

namespace prl::tidy {
namespace {

namespace fs = std::filesystem;

std::string read_file(const fs::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

struct Hunk {
  std::string before;      // the lines as they are without the mutant
  size_t lines_told[2]{};  // in the source without the mutant and with it, as the hunk's head says
  size_t lines[2]{};       // that there are
};

struct Mutant {
  std::string name;
  std::string says;                // what is broken
  std::vector<std::string> tests;  // the programs that notice
  std::string file;
  std::vector<Hunk> hunks;  // of that file
  size_t changed_lines = 0;
};

Mutant read_mutant(const fs::path& path) {
  Mutant mutant{.name = path.stem().string()};
  std::istringstream lines(read_file(path));
  std::getline(lines, mutant.says);
  std::string line;
  std::getline(lines, line);
  std::istringstream words(line);
  words >> line;
  if (line == "Tests:") {
    while (words >> line) mutant.tests.push_back(line);
  }
  while (std::getline(lines, line)) {
    if (line.starts_with("--- a/")) mutant.file = line.substr(6);
    if (line.starts_with("--- ") || line.starts_with("+++ ")) continue;
    if (line.starts_with("@@")) {
      Hunk& hunk = mutant.hunks.emplace_back();
      std::sscanf(line.c_str(), "@@ -%*u,%zu +%*u,%zu @@", &hunk.lines_told[0],
                  &hunk.lines_told[1]);
      continue;
    }
    if (mutant.hunks.empty() || line.empty()) continue;
    mutant.changed_lines += line[0] != ' ' ? 1 : 0;
    Hunk& hunk = mutant.hunks.back();
    hunk.lines[0] += line[0] != '+' ? 1 : 0;
    hunk.lines[1] += line[0] != '-' ? 1 : 0;
    if (line[0] != '+') hunk.before.append(line, 1).append("\n");
  }
  return mutant;
}

size_t times_in(const std::string& text, const std::string& part) {
  size_t times = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++times;
  return times;
}

TEST(Mutants, FitTheSourcesThatTheyBreak) {
  const fs::path root = PRLSIM_SOURCE_DIR;
  size_t mutants = 0;
  for (const fs::directory_entry& entry : fs::directory_iterator(root / "tests/mutants")) {
    const Mutant mutant = read_mutant(entry.path());
    SCOPED_TRACE(mutant.name);
    ++mutants;
    EXPECT_TRUE(mutant.says.ends_with("."));
    EXPECT_FALSE(mutant.tests.empty());
    EXPECT_GT(mutant.changed_lines, 0u);
    const std::string source = read_file(root / mutant.file);
    EXPECT_FALSE(source.empty()) << mutant.file;
    for (const Hunk& hunk : mutant.hunks) {
      EXPECT_EQ(times_in(source, hunk.before), 1u) << mutant.file << " has this not once:\n"
                                                   << hunk.before;
      for (const size_t side : {0, 1}) {
        EXPECT_EQ(hunk.lines[side], hunk.lines_told[side]) << "git would not take it";
      }
    }
  }
  EXPECT_GE(mutants, 20u);
  std::cout << "count mutant_patches " << mutants << "\n";
}

}  // namespace
}  // namespace prl::tidy
