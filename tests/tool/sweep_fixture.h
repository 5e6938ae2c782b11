// Sweeps over the clients of this folder, and what they have found.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <iostream>
#include <map>
#include <string>

#include "tests/temporary_folder.h"
#include "tests/tool/tool_process.h"
#include "tool/sweep.h"

namespace prl::tests {

using tool::Verdict;

inline constexpr std::chrono::milliseconds kAmple{60'000};

class Sweep : public ::testing::Test {
 protected:
  Sweep() { write(folder_ / "world.toml", kVm); }

  tool::SweepOptions options(const std::string& name, std::chrono::milliseconds timeout = kAmple) {
    tool::SweepOptions options{.command = {client(name)}, .timeout = timeout};
    options.settings.scenario = folder_ / "world.toml";
    options.settings.library = PRLSIM_LIBRARY_DIR;
    options.out = folder_ / "findings";
    options.program = PRLSIM_TOOL;
    options.choice.effects = {"fail", "hang", "delay"};
    return options;
  }

  // Counts the runs for the report of scripts/test.
  tool::SweepResult sweep(const tool::SweepOptions& options) {
    auto result = tool::sweep(options);
    EXPECT_TRUE(result) << result.error();
    if (!result) return {};
    runs_ += result->runs.size();
    return *result;
  }

  static void TearDownTestSuite() { std::cout << "count sweep_runs " << runs_ << "\n"; }

  TemporaryFolder folder_;
  static inline size_t runs_ = 0;
};

using Findings = std::map<std::string, Verdict>;

inline Findings findings_of(const tool::SweepResult& result) {
  Findings findings;
  for (const tool::SweepRun& run : result.runs) {
    if (tool::is_finding(run.verdict)) findings[run.fault.id()] = run.verdict;
  }
  return findings;
}

}  // namespace prl::tests
