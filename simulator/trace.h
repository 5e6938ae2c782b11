// The record of what happened in a world: one line per call, job, state change, event and fault,
// each with the virtual time. The same text serves tests, bug reports and the README.
//
// A line is `<time in ms, right aligned> <kind> <text>`. Objects are named by name or by a number
// counted per world, never by handle value, so that equal runs give equal traces. What became of a
// job stands behind an arrow, "-> Ok", and of one that failed the code that clients get behind it
// (WorldOptions::code_name), in brackets: "-> VmNotStopped (...)". The first line is
// the one of kind `world` that says `begins: trace 1, profile <profile>`, and the last says `ends`:
// a trace without them is not whole. tests/model/trace_check.h knows what may be between.
//
// It goes to a file, or its last lines are kept in memory for tests, or both.
//
// Thread-safe; its lock is the last in the lock order (world.h).
#pragma once

#include <cstdint>
#include <cstdio>
#include <deque>
#include <functional>
#include <map>
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
  // `kept_lines` is how many of the last lines can be asked for. `complain`, where there is one,
  // hears of the first line that could not be written; it must not trace anything.
  using Complain = std::function<void(const std::string&)>;
  explicit Trace(const std::string& path, size_t kept_lines = 0, Complain complain = {});
  Trace(const Trace&) = delete;
  Trace& operator=(const Trace&) = delete;

  bool enabled() const { return is_enabled_; }
  // `kind` is one of call, job, wait (for what keeps it from its VM), state, event, told (an event
  // as one session gets it), fault, drawn (before the fault of a rule that draws: "3 rule=<name>"
  // where its third point was drawn), guest, world, begin and end (a VM then), misuse, leak, hang,
  // busy (handlers that do not return). Does nothing when disabled.
  void line(uint64_t time_ms, std::string_view kind, std::string_view text);
  bool is_kept() const { return kept_lines_ > 0; }
  // The lines that are kept, the oldest first, each with its end of line.
  std::string kept() const;
  // What a client's handlers do, while other threads move time: a sequence of its own for each
  // place that calls handlers, in the file <path>.handlers-<place>, without times.
  void handler_line(uint64_t place, std::string_view text);

 private:
  struct Closer {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  using File = std::unique_ptr<std::FILE, Closer>;
  void keep(std::string line);
  void write(std::FILE* file, const std::string& line);

  // Constant after construction.
  const std::string path_;
  const File file_;
  const size_t kept_lines_ = 0;
  const Complain complain_;
  const bool is_enabled_ = file_ != nullptr || kept_lines_ > 0;
  mutable std::mutex mutex_;  // keeps lines whole
  // Guarded by mutex_.
  std::deque<std::string> kept_;
  bool has_lost_lines_ = false;
  std::map<uint64_t, File> handlers_;  // by place
};

}  // namespace prl::sim
