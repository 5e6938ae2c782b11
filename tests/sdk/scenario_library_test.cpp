// Every scenario that comes with prlsim does to its clients what its first line says, and does the
// same each time: with the same seed and calls the trace is the same to the byte, whatever the
// compiler. Digests of the traces are in fixtures/trace_digests.csv; where a change of the model
// changes them on purpose, TRACE_DIGESTS_TO=<file> makes the test write the new ones.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>

#include "tests/model/trace_check.h"
#include "tests/sdk/scenario_clients.h"
#include "tests/sdk/session.h"
#include "tests/temporary_folder.h"

namespace prl::tests {
namespace {

namespace fs = std::filesystem;

enum class Task { kGoals, kListening, kDating };

struct Row {
  const char* scenario;
  Task task;
  std::vector<std::string> goals;
  const char* naive;  // what becomes of the client that believes what it is told
  const char* careful = "done";
};

const std::vector<std::string> kSuspend = {"suspended"};
const std::vector<std::string> kThere = {"suspended", "running"};
const std::vector<std::string> kRun = {"running"};
const std::vector<std::string> kStop = {"stopped"};
const std::vector<std::string> kPause = {"paused"};

// The careful one of kListening and kDating is a client of kRun.
const std::vector<Row>& rows() {
  static const std::vector<Row> rows = {
#include "tests/sdk/scenario_outcomes.inc"
  };
  return rows;
}

std::string text_of_file(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

fs::path folder() {
  return fs::path(PRLSIM_SOURCE_DIR) / "fixtures/scenarios";
}

std::string naive_outcome(const Row& row) {
  switch (row.task) {
    case Task::kListening:
      return run_listening_client();
    case Task::kDating:
      return run_dating_client();
    case Task::kGoals:
      break;
  }
  return run_naive_client(row.goals);
}

struct Traced {
  std::string outcome;
  std::string trace;
};

Traced run_client(const Row& row, bool is_careful) {
  const TemporaryFolder scratch;
  const std::string path = scratch / "trace";
  setenv("PRLSIM_TRACE", path.c_str(), 1);
  Traced run;
  {
    const Library library(text_of_file(folder() / (std::string(row.scenario) + ".toml")));
    run.outcome = is_careful ? run_careful_client(row.task == Task::kGoals ? row.goals : kRun)
                             : naive_outcome(row);
  }
  unsetenv("PRLSIM_TRACE");
  run.trace = text_of_file(path);
  std::istringstream trace(run.trace);
  EXPECT_EQ(model::check_trace(trace).violation, "") << row.scenario;
  return run;
}

// FNV-1a.
std::string digest(const std::string& text) {
  uint64_t hash = 0xCBF29CE484222325u;
  for (const char letter : text) {
    hash = (hash ^ static_cast<unsigned char>(letter)) * 0x100000001B3u;
  }
  std::ostringstream hex;
  hex << std::hex << hash;
  return hex.str();
}

std::string key_of(const Row& row, bool is_careful) {
  return std::string(row.scenario) + (is_careful ? ",careful" : ",naive");
}

std::map<std::string, std::string> stored_digests() {
  std::ifstream file(fs::path(PRLSIM_SOURCE_DIR) / "fixtures/trace_digests.csv");
  std::map<std::string, std::string> digests;
  for (std::string line; std::getline(file, line);) {
    const size_t comma = line.rfind(',');
    if (comma != std::string::npos) digests[line.substr(0, comma)] = line.substr(comma + 1);
  }
  return digests;
}

TEST(TheLibraryOfScenarios, HasAtLeastFortyAndEachIsTested) {
  std::set<std::string> tested;
  for (const Row& row : rows()) tested.insert(row.scenario);
  std::set<std::string> shipped;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder())) {
    const std::string name = entry.path().stem().string();
    // Two show how mistakes are reported, one shows every key.
    if (name.starts_with("unknown_") || name == "every_key" || name == "demo") continue;
    shipped.insert(name);
    const std::string text = text_of_file(entry.path());
    EXPECT_TRUE(text.starts_with("# ")) << name << " does not say what it does";
  }
  EXPECT_EQ(tested, shipped);
  EXPECT_GE(shipped.size(), 40u);
  std::printf("count named_scenarios %zu\n", shipped.size());
}

TEST(TheLibraryOfScenarios, TellsClientsThatHandleItFromThoseThatDoNot) {
  size_t failed = 0;
  for (const Row& row : rows()) {
    EXPECT_EQ(run_client(row, false).outcome, row.naive) << row.scenario;
    EXPECT_EQ(run_client(row, true).outcome, row.careful) << row.scenario;
    failed += std::string(row.naive) != row.careful ? 1 : 0;
  }
  EXPECT_EQ(failed, rows().size()) << "a scenario that no client stumbles over tests nothing";
}

TEST(Determinism, MakesEveryScenarioLeaveTheSameTraceTwice) {
  const char* write_to = std::getenv("TRACE_DIGESTS_TO");
  const std::string output = write_to ? write_to : "";
  unsetenv("TRACE_DIGESTS_TO");
  const auto stored = stored_digests();
  std::ostringstream fresh;
  fresh << "scenario,client,digest\n";
  size_t runs = 0;
  size_t differing = 0;
  for (const Row& row : rows()) {
    for (const bool is_careful : {false, true}) {
      const Traced first = run_client(row, is_careful);
      const Traced second = run_client(row, is_careful);
      const std::string key = key_of(row, is_careful);
      EXPECT_FALSE(first.trace.empty()) << key;
      EXPECT_EQ(first.trace, second.trace) << key;
      ++runs;
      differing += first.trace != second.trace ? 1 : 0;
      fresh << key << ',' << digest(first.trace) << '\n';
      if (!output.empty()) continue;
      const auto found = stored.find(key);
      EXPECT_TRUE(found != stored.end()) << key;
      if (found == stored.end()) continue;
      EXPECT_EQ(digest(first.trace), found->second) << key;
    }
  }
  if (!output.empty()) std::ofstream(output) << fresh.str();
  std::printf("count scenarios_run_twice %zu\ncount traces_differing %zu\n", runs, differing);
}

// Rules that never fire must not show (probability 0), whatever they are about.
TEST(Determinism, HoldsWhereRulesNeverFire) {
  const std::string host =
      "clock = \"virtual\"\n[[vm]]\nname = \"web\"\nram_mib = 16\n"
      "state = \"running\"\n";
  std::string rules;
  for (const char* match : {"layer = \"call\"", "layer = \"job\"", "layer = \"transition\"",
                            "layer = \"event\"", "layer = \"storage\""}) {
    const std::string layer(match);
    const std::string kind = layer.find("storage") != std::string::npos ? "io_error"
                             : layer.find("event") != std::string::npos ? "lose"
                                                                        : "fail";
    rules += "[[fault]]\nname = '" + layer + "'\nmatch = { " + layer +
             " }\ntrigger = { probability = 0, count = 0 }\neffect = { kind = \"" + kind + "\"" +
             (kind == "fail" ? ", code = \"PRL_ERR_FAILURE\"" : "") + " }\n";
  }
  const auto trace_with = [&](const std::string& scenario) {
    const TemporaryFolder scratch;
    const std::string path = scratch / "trace";
    setenv("PRLSIM_TRACE", path.c_str(), 1);
    {
      const Library library(scenario);
      EXPECT_EQ(run_naive_client(kThere), "done");
    }
    unsetenv("PRLSIM_TRACE");
    return text_of_file(path);
  };
  const std::string without = trace_with(host);
  EXPECT_FALSE(without.empty());
  EXPECT_EQ(trace_with(host + rules), without);
}

}  // namespace
}  // namespace prl::tests
