// The sweep against a client with twelve planted mistakes and its corrected twin
// (tests/clients/planted, whose author did not know the sweep): it must find each mistake, and
// nothing in the twin.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "tests/temporary_folder.h"
#include "tool/sweep.h"

namespace prl::tool {
namespace {

constexpr std::chrono::seconds kLimit{15};  // nightly waits up to 8 s for a late start
// The good twin ends by itself, however slow a busy machine and a sanitizer make it.
constexpr std::chrono::seconds kPatience{120};

std::vector<SweepRun> findings_of(const std::string& program, const Words& effects,
                                  std::chrono::seconds limit) {
  const tests::TemporaryFolder folder;
  SweepOptions options{
      .command = {std::string(PRLSIM_PLANTED_PROGRAMS) + "/" + program, "there already"},
      .timeout = limit,
      .jobs = 16};  // they mostly wait
  options.settings.scenario = std::string(PRLSIM_SOURCE_DIR) + "/tests/clients/planted/host.toml";
  options.settings.library = PRLSIM_LIBRARY_DIR;
  options.settings.clock = "virtual";
  options.out = folder / "findings";
  options.choice.effects = effects;
  const auto result = sweep(options);
  EXPECT_TRUE(result) << result.error();
  std::vector<SweepRun> findings;
  if (!result) return findings;
  EXPECT_EQ(result->remarks, Words{}) << program;
  for (const SweepRun& run : result->runs) {
    if (is_finding(run.verdict)) findings.push_back(run);
  }
  return findings;
}

struct Mistake {
  const char* program;
  // One that makes it show: the others only cost time here.
  const char* effect;
  Verdict verdict;
  std::chrono::seconds limit = kLimit;
};

constexpr std::chrono::seconds kHangLimit{8};  // nobody waits so long after these effects

const std::vector<Mistake> kMistakes = {
    {"nightly_bug_01", "delay", Verdict::kWrongSuccess},
    {"nightly_bug_02", "fail", Verdict::kLeak},
    {"nightly_bug_03", "kill_vm", Verdict::kHang, kHangLimit},
    {"nightly_bug_04", "fail", Verdict::kWrongSuccess},
    {"nightly_bug_05", "fail", Verdict::kHang, kHangLimit},
    {"nightly_bug_06", "lose", Verdict::kWrongSuccess},
    {"nightly_bug_07", "kill_vm", Verdict::kHang, kHangLimit},
    {"nightly_bug_08", "fail", Verdict::kMisuse},
    {"nightly_bug_09", "delay", Verdict::kLeftBehind},
    {"nightly_bug_10", "fail", Verdict::kWrongSuccess},
    {"nightly_bug_11", "fail", Verdict::kCrash},
    {"nightly_bug_12", "fail", Verdict::kLeftBehind},
};

class PlantedMistakes : public testing::Test {
 protected:
  // ThreadSanitizer, where it is, stops a client as soon as its locks could be taken in two orders:
  // then none would come to hang.
  static void SetUpTestSuite() { ::setenv("TSAN_OPTIONS", "detect_deadlocks=0", 1); }
};

TEST_F(PlantedMistakes, AreAllFound) {
  size_t found = 0;
  for (const Mistake& mistake : kMistakes) {
    const auto findings = findings_of(mistake.program, {mistake.effect}, mistake.limit);
    const bool is_found = std::ranges::any_of(
        findings, [&](const SweepRun& run) { return run.verdict == mistake.verdict; });
    EXPECT_TRUE(is_found) << mistake.program << " has " << findings.size() << " other findings";
    if (is_found) ++found;
  }
  std::cout << "count planted_bugs_found " << found << "\n";
}

TEST_F(PlantedMistakes, AreNotSeenInTheGoodTwin) {
  const auto findings = findings_of("nightly_good", {}, kPatience);
  for (const SweepRun& run : findings) {
    ADD_FAILURE() << run.fault.id() << ": " << verdict_name(run.verdict);
  }
  std::cout << "count false_reports " << findings.size() << "\n";
}

}  // namespace
}  // namespace prl::tool
