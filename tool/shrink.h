// `prlsim shrink`: of a scenario with which a client fails, what it takes for that.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>

#include "tool/minimise.h"
#include "tool/process.h"
#include "tool/settings.h"

namespace prl::tool {

// How a client failed.
struct Failing {
  enum class Kind : uint8_t {
    kExit,     // value: its exit code, not 0
    kCrash,    // value: the signal
    kTimeout,  // it outlasted the wall's or the virtual limit
  };
  Kind kind = Kind::kExit;
  int value = 0;

  bool operator==(const Failing&) const = default;
};

// Absent: it succeeded. `virtual_ms` is what the run took.
std::optional<Failing> failing_of(const Ending& ending, uint64_t virtual_ms, uint64_t patience_ms);

// Which failures count: "any", "exit" (whatever the code), "crash" (whatever the signal),
// "timeout", or an exit code from 1 to 255.
bool is_expectation(std::string_view text);
// REQUIRES: is_expectation(expectation).
bool is_expected(const Failing& failing, std::string_view expectation);

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
  std::string replay;      // a line for a shell
};

// Writes the file. The error is a sentence.
sim::Expected<ShrinkResult, std::string> shrink(const ShrinkOptions& options);

// Shrinks and reports, each step on `err`. Exit code: 0, 1 when the runs were not enough and the
// file may be larger than it has to be, 2 when nothing could be shrunk.
int shrink_command(ShrinkOptions options, std::ostream& out, std::ostream& err);

}  // namespace prl::tool
