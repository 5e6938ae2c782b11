// The record of what happened in a world: one line per call, job, state change, event and fault,
// each with the virtual time. The same text serves tests, bug reports and the README.
//
// A line is `<time in ms, right aligned> <kind> <text>`. Objects are named by name or by a number
// counted per world, never by handle value, so that equal runs give equal traces.
//
// Thread-safe; its lock is the last in the lock order (world.h).
#pragma once

#include <cstdint>
#include <cstdio>
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
  explicit Trace(const std::string& path);
  Trace(const Trace&) = delete;
  Trace& operator=(const Trace&) = delete;

  bool enabled() const { return file_ != nullptr; }
  // `kind` is one of call, job, state, event, fault, world. Does nothing when disabled.
  void line(uint64_t time_ms, std::string_view kind, std::string_view text);

 private:
  struct Closer {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  std::unique_ptr<std::FILE, Closer> file_;  // constant after construction
  std::mutex mutex_;                         // keeps lines whole
};

}  // namespace prl::sim
