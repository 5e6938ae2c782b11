// `prlsim shrink`: of a scenario with which a client fails, what it takes for that.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <ostream>
#include <string>

#include "tool/failing.h"
#include "tool/minimise.h"
#include "tool/process.h"
#include "tool/settings.h"

namespace prl::tool {

struct ShrinkOptions {
  Settings settings;  // completed
  Words command;
  std::string expect;                         // empty: as the first run failed
  std::chrono::milliseconds timeout{10'000};  // of each run, on the wall
  uint64_t patience_ms = 86'400'000;          // the same in virtual time
  size_t max_runs = 1000;
  std::string out = "shrunk.toml";
  std::string program = "prlsim";  // for the line that repeats the run
  bool json = false;
  // Told of each attempt: the number of its last run, what the scenario lacks in it, and whether it
  // may: the client fails still, and would not without the rules that are left.
  std::function<void(size_t run, const std::string& without, bool is_left_out)> on_run;
};

struct ShrinkResult {
  size_t runs = 0;
  Sizes before;
  Sizes after;
  bool is_minimal = true;  // false: there were not enough runs
  std::string toml;        // never empty
  Ending ending;           // of the client with `toml`
  Failing failing;         // how it failed
  std::string replay;      // a line for a shell
};

// Writes the file. The error is a sentence.
sim::Expected<ShrinkResult, std::string> shrink(const ShrinkOptions& options);

// Shrinks and reports, each step on `err`. Exit code: 0, 1 when the runs were not enough and the
// file may be larger than it has to be, 2 when nothing could be shrunk.
int shrink_command(ShrinkOptions options, std::ostream& out, std::ostream& err);

}  // namespace prl::tool
