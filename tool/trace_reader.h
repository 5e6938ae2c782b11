// Reads back what the library wrote into a trace (simulator/trace.h): the jobs, and the faults that
// struck them. Stateless, any thread.
#pragma once

#include <cstdint>
#include <istream>
#include <optional>
#include <string>
#include <vector>

namespace prl::tool {

struct TracedJob {
  uint64_t number = 0;   // counted per world
  std::string function;  // "PrlVm_Suspend"
  std::string vm;        // empty for jobs that concern no VM
  bool has_succeeded = false;
};

struct TracedFault {
  uint64_t job = 0;  // its number
  std::string rule;
  std::string phase;  // "start", "middle" or "end": where it really struck
};

struct TracedRun {
  std::vector<TracedJob> jobs;  // in the order in which they started
  std::vector<TracedFault> faults;
  uint64_t end_ms = 0;  // virtual time of the last line
};

// Lines that are no jobs and no faults are passed over.
TracedRun read_trace(std::istream& trace);

}  // namespace prl::tool
