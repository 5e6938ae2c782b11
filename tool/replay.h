// `prlsim replay`: has a run again from its trace, without the draws of its faults, and says
// whether it went the same way.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <ostream>
#include <string>

#include "tool/judge.h"
#include "tool/process.h"
#include "tool/settings.h"
#include "tool/trace_difference.h"

namespace prl::tool {

struct ReplayOptions {
  Settings settings;  // completed
  Words command;
  std::string file;  // a trace, or the scenario of a sweep's finding
  std::chrono::milliseconds timeout{10'000};
  uint64_t patience_ms = 86'400'000;  // as the sweep's
  std::string out = "prlsim-replay";  // the folder for scenario, trace and output
  std::string program = "prlsim";     // for the line that repeats the run
  bool json = false;
};

struct ReplayResult {
  Ending ending;
  size_t lines = 0;  // of the new trace, without those that are not compared
  Times times = Times::kCompared;
  bool is_only_in_times = false;  // the difference: without times there is none
  bool is_cut = false;  // the client was killed, so that the trace has no end
  std::optional<TraceDifference> difference;
  std::optional<Verdict> recorded_verdict;  // of a finding
  std::optional<Verdict> verdict;           // of the same, now
  Words details;                            // of the verdict, or why there is none
  std::string scenario;                     // the file that was run; empty: none
  std::string replay;                       // a line for a shell, which has the new run again

  // A finding is the same where its verdict is, any other run where its trace is.
  bool is_same() const;
};

// The error is a sentence.
sim::Expected<ReplayResult, std::string> replay(const ReplayOptions& options);

// Replays and reports. Exit code: 0 for the same, 1 for another, 2 when nothing could be replayed.
int replay_command(const ReplayOptions& options, std::ostream& out, std::ostream& err);

}  // namespace prl::tool
