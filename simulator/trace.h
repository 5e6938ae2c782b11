// The record of what happened in a world: one line per call, job, state change, event and fault,
// each with the virtual time. The same text serves tests, bug reports and the README.
//
// A line is `<time in ms, right aligned> <kind> <text>`. Objects are named by name or by a number
// counted per world, never by handle value, so that equal runs give equal traces.
//
// It goes to a file, or its last lines are kept in memory for tests, or both.
//
// Thread-safe; its lock is the last in the lock order (world.h).
#pragma once

#include <cstdint>
#include <cstdio>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace prl::sim {

class Trace {
 public:
  // A trace that goes nowhere.
  Trace() = default;
  // Writes to the file, truncating it; every line reaches the system at once, so that a killed
  // process leaves all of them. A file that cannot be created leaves the trace disabled.
  // `kept_lines` is how many of the last lines can be asked for.
  explicit Trace(const std::string& path, size_t kept_lines = 0);
  Trace(const Trace&) = delete;
  Trace& operator=(const Trace&) = delete;

  bool enabled() const { return file_ != nullptr || kept_lines_ > 0; }
  // `kind` is one of call, job, state, event, fault, world, misuse, leak. Does nothing when
  // disabled.
  void line(uint64_t time_ms, std::string_view kind, std::string_view text);
  bool is_kept() const { return kept_lines_ > 0; }
  // The lines that are kept, the oldest first, each with its end of line.
  std::string kept() const;

 private:
  struct Closer {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  std::unique_ptr<std::FILE, Closer> file_;  // constant after construction
  const size_t kept_lines_ = 0;
  mutable std::mutex mutex_;      // keeps lines whole
  std::deque<std::string> kept_;  // guarded by mutex_
};

}  // namespace prl::sim
