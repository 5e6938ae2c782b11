// Programs that the tool starts. Any thread may run one.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "tool/settings.h"

namespace prl::tool {

// How a program ended.
struct Ending {
  enum class Kind : uint8_t {
    kExited,       // value: its exit code
    kKilled,       // value: the signal
    kTimedOut,     // the tool killed it
    kTooMuch,      // likewise: it wrote and wrote
    kInterrupted,  // the tool was told to end and killed it
    kNotStarted,   // value: errno
  };
  Kind kind = Kind::kExited;
  int value = 0;

  // As a shell has it: 128 + signal for one that was killed, 127 for a command that does not exist,
  // 126 for one that cannot be executed.
  int exit_code() const;
  // It had to be killed, since it would not end.
  bool is_endless() const { return kind == Kind::kTimedOut || kind == Kind::kTooMuch; }
  // It was killed, though not by the tool, or ended as a shell whose program crashed.
  bool is_crash() const;
  std::string text() const;  // "was killed by signal 11 (Segmentation fault)"
};

// Runs the program in the foreground, as a shell does: its terminal and its process group are ours.
// Signals that ask the tool to end go on to the program. With a timeout it has a process group of
// its own, which gets the terminal where that is ours to give, and is killed as a whole when the
// time on the wall is over. One at a time.
Ending run_in_foreground(const Words& command, const Words& environment,
                         std::optional<std::chrono::milliseconds> timeout = {});

// Runs the program with no input and its output in a file, in a process group of its own that does
// not outlive it or the timeout, nor the moment in which `writes_too_much`, where there is one,
// says so.
Ending run_apart(const Words& command, const Words& environment, const std::string& output_path,
                 std::chrono::milliseconds timeout,
                 const std::function<bool()>& writes_too_much = {});

// From now on, being asked to end (SIGINT, SIGTERM, SIGHUP) lets run_apart() end early everywhere.
void end_runs_on_signals();

}  // namespace prl::tool
