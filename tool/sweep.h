// `prlsim sweep`: records a run of a client, then runs it once for each single fault that could
// strike one of its jobs, and says what became of it.
#pragma once

#include <chrono>
#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include "tool/fault_list.h"
#include "tool/process.h"
#include "tool/settings.h"

namespace prl::tool {

// Part `index` of `count`, from 1. Every run belongs to exactly one part.
struct Shard {
  uint64_t index = 1;
  uint64_t count = 1;
};

struct SweepOptions {
  Settings settings;  // completed
  Words command;
  std::chrono::milliseconds timeout{10'000};  // of each run, on the wall
  uint64_t patience_ms = 86'400'000;          // the same in virtual time
  uint64_t delay_ms = 60'000;                 // of the effect delay, virtual time
  unsigned jobs = 0;                          // runs at a time; 0: as many as processors
  Shard shard;
  Words except;                      // functions whose jobs are spared
  std::string out = "prlsim-sweep";  // the folder for findings
  std::string program = "prlsim";    // how the tool was called, for the lines that replay
  bool json = false;
  std::string junit;  // a file; empty: none
};

enum class Verdict : uint8_t {
  kHandled,       // ended with an error, or by itself after a delay
  kRecovered,     // did the job again, with success
  kNotStruck,     // the fault found no job, or its job failed before by itself
  kSameAsStart,   // the job has no middle; the fault at its start is another run
  kCrash,         // finding: killed by a signal
  kHang,          // finding: did not end in time, real or virtual
  kWrongSuccess,  // finding: exit code 0 although a job failed or hung
};

bool is_finding(Verdict verdict);
std::string_view verdict_name(Verdict verdict);  // "wrong success"

struct SweepRun {
  SingleFault fault;
  Verdict verdict = Verdict::kHandled;
  Ending ending;
  uint64_t virtual_ms = 0;  // that the run took
  std::string replay;       // a line for a shell; only of a finding
};

struct SweepResult {
  std::vector<TracedJob> jobs;  // of the recording
  std::vector<SweepRun> runs;

  size_t count(Verdict verdict) const;
  size_t findings() const;
};

// The indexes of the shard's runs among `count`.
std::vector<size_t> indexes_of(const Shard& shard, size_t count);

// What a run under the fault shows, given the recording, the run's own trace and how it ended.
Verdict judge(const SingleFault& fault, const TracedRun& recording, const TracedRun& run,
              const Ending& ending, uint64_t patience_ms);

// The whole result or the sentence why there is none.
sim::Expected<SweepResult, std::string> sweep(const SweepOptions& options);

// Sweeps and reports. Exit code: 0 for no findings, 1 for findings, 2 when nothing could be swept.
int sweep_command(const SweepOptions& options, std::ostream& out, std::ostream& err);

}  // namespace prl::tool
