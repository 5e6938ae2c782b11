// `prlsim sweep`: records a run of a client, then runs it once for each single fault that could
// strike it, and says what became of it. Where the client has handlers it does so in both orders:
// they run before waits return, and after.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "tool/fault_list.h"
#include "tool/judge.h"
#include "tool/process.h"
#include "tool/settings.h"

namespace prl::tool {

// What the files of a sweep are called.
inline constexpr const char* kRecording = "recording";
inline constexpr const char* kLateRecording = "late-recording";  // handlers were late
inline constexpr const char* kLateSuffix = "-late";              // of a run in which they were

// Part `index` of `count`, from 1. Every run belongs to exactly one part.
struct Shard {
  uint64_t index = 1;
  uint64_t count = 1;
};

struct SweepRun {
  SingleFault fault;
  bool is_late = false;  // the second run with this fault, in which handlers were late
  Verdict verdict = Verdict::kHandled;
  Ending ending;
  uint64_t virtual_ms = 0;  // that the run took
  std::string replay;       // a line for a shell; only of a finding
  Words details;            // of a finding, sentences
  Words last_lines;         // of the trace of a finding

  std::string id() const;    // of its files too: "PrlVm_Suspend-1-end-fail", with "-late"
  std::string text() const;  // what was done to the client
};

struct SweepOptions {
  Settings settings;  // completed
  Words command;
  std::chrono::milliseconds timeout{10'000};  // of each run, on the wall
  uint64_t patience_ms = 86'400'000;          // the same in virtual time
  unsigned jobs = 0;                          // runs at a time; 0: as many as processors
  Shard shard;
  FaultChoice choice;
  std::string out = "prlsim-sweep";  // the folder for findings
  std::string program = "prlsim";    // how the tool was called, for the lines that replay
  bool json = false;
  std::string junit;  // a file; empty: none
  std::string html;   // the same
  // Told of each run as it ends, and how many of how many faults have been tried; one call at a
  // time, any thread.
  std::function<void(const SweepRun& run, size_t done, size_t all)> on_run;
};

struct SweepResult {
  std::vector<TracedJob> jobs;  // of the recording
  Words remarks;                // on it, as on its handles; any makes one finding
  std::vector<SweepRun> runs;

  size_t count(Verdict verdict) const;
  size_t findings() const;
};

// The indexes of the shard's runs among `count`.
std::vector<size_t> indexes_of(const Shard& shard, size_t count);

// The whole result or the sentence why there is none.
sim::Expected<SweepResult, std::string> sweep(const SweepOptions& options);

// Sweeps and reports. Exit code: 0 for no findings, 1 for findings, 2 when nothing could be swept.
// `shows_progress`: `err` is a terminal, on which a line shows how far it is.
int sweep_command(SweepOptions options, bool shows_progress, std::ostream& out, std::ostream& err);

}  // namespace prl::tool
