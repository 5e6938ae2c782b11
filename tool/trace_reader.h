// Reads back what the library wrote into a trace (simulator/trace.h): calls, jobs, events, the
// faults that struck them, what became of the VMs, and what was done wrong with handles.
// Stateless, any thread.
#pragma once

#include <cstdint>
#include <istream>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace prl::tool {

struct TracedJob {
  uint64_t number = 0;   // counted per world
  std::string function;  // "PrlVm_Suspend"
  std::string vm;        // empty for jobs that concern no VM
  bool has_succeeded = false;
  bool has_ended = false;
  uint64_t begin_ms = 0;
  uint64_t end_ms = 0;
  bool has_middle = true;         // it took time, or its VM changed its state meanwhile
  std::string state_before = {};  // of the VM when the job began; empty where it is not known
  std::string state_after = {};   // and when it ended
};

struct TracedFault {
  uint64_t job = 0;  // its number; 0: it struck something else
  std::string rule;
  std::string phase;  // of a job: "start", "middle" or "end": where it really struck
  // The layer and what it struck there: "job PrlVm_Suspend", "call PrlJob_Wait".
  std::string what = {};
};

// An event as one session was told it.
struct TracedEvent {
  std::string type;  // "PET_DSP_EVT_VM_STATE_CHANGED"
  std::string vm;
  bool is_heard = false;  // somebody listened
  bool is_struck = false;
};

// A call that has come back, in the order of their ends.
struct TracedCall {
  std::string function;
  bool has_succeeded = false;  // with a code; a call that gives a job has not
  bool is_struck = false;
  bool gives_job = false;
};

// A registered VM at the beginning or the end.
struct TracedVm {
  std::string state;  // "RUNNING"
  std::string snapshots = "0";
  bool is_locked = false;

  bool operator==(const TracedVm&) const = default;
};
using TracedVms = std::map<std::string, TracedVm>;  // by name

// A VM is in a state from this moment on; empty: it has another name from then on.
struct TracedState {
  std::string vm;
  std::string state;
  uint64_t begin_ms = 0;
};

struct TracedRun {
  std::vector<TracedJob> jobs;  // in the order in which they started
  std::vector<TracedFault> faults;
  std::map<std::string, std::vector<uint64_t>> draws = {};  // by rule, rising
  std::vector<TracedEvent> events = {};
  std::vector<TracedCall> calls = {};
  std::vector<TracedState> states = {};
  std::vector<std::string> misuses = {};  // as the ledger has them
  std::vector<std::string> leaks = {};
  std::optional<TracedVms> begin = {};  // absent where the host never opened
  std::optional<TracedVms> end = {};    // absent where the library was not ended
  std::string delivery = {};            // when handlers ran; empty: as it happened
  std::string clock = {};               // "scaled:10"; empty: virtual, or nobody says
  uint64_t end_ms = 0;                  // virtual time of the last line
};

// A name as lines of the trace have it: in one line.
std::string traced_name(std::string name);

// Whether a VM in the state needs no process.
bool is_at_rest(std::string_view state);

struct TraceLine {
  uint64_t time_ms = 0;
  std::string kind;
  std::string text;
};
// Absent where the word is none, or too large.
std::optional<uint64_t> number_in(std::string_view word);
// Absent where it is no line of a trace.
std::optional<TraceLine> split_line(const std::string& line);
// What is said of a file whose first line is none, or that is not there.
std::string no_trace(const std::string& path);

// Lines of other kinds and lines that make no sense are passed over.
TracedRun read_trace(std::istream& trace);

}  // namespace prl::tool
