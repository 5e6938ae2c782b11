// How a client failed in a run, so that two failures can be told apart. Stateless, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tool/process.h"
#include "tool/trace_reader.h"

namespace prl::tool {

struct Failing {
  // The gravest comes first.
  enum class Kind : uint8_t {
    kCrash,    // value: the signal
    kTimeout,  // it outlasted the wall's or the virtual limit
    kExit,     // value: its exit code, not 0
    kUnmet,    // it ended with 0, but not all is as its scenario, or a sweep, expects
    kMisuse,   // with 0, but it gave calls handles that are not good
    kLeak,     // with 0, but it never freed some handles
  };
  Kind kind = Kind::kExit;
  int value = 0;
  // What tells it from others of its kind. After an exit or a crash: the tests of GoogleTest that
  // the output names as failed, or else its last line with the code of an error, or else its last
  // line; of a line neither numbers, but for codes, nor identities. Otherwise what is unmet,
  // misused or never freed. Sorted.
  Words said = {};

  bool operator==(const Failing&) const = default;
  std::string text() const;  // what was said, in one line
};

// What there is to know of a run.
struct Outcome {
  const Ending& ending;
  const TracedRun& run;
  const std::string& output;
  const Words& unmet;  // expectations of the scenario
};

// Absent: it succeeded.
std::optional<Failing> failing_of(const Outcome& outcome, uint64_t patience_ms);

// Which failures count: "any", "exit" (whatever the code), "crash" (whatever the signal),
// "timeout", "unmet", "misuse", "leak", or an exit code from 1 to 255.
bool is_expectation(std::string_view text);
// REQUIRES: is_expectation(expectation).
bool is_expected(const Failing& failing, std::string_view expectation);

}  // namespace prl::tool
