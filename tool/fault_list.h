// Every single fault that could strike the jobs of a recorded run. Stateless, any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/seams.h"
#include "tool/settings.h"
#include "tool/trace_reader.h"

namespace prl::tool {

// One job of the client and what is done to it.
struct SingleFault {
  std::string function;
  uint64_t ordinal = 1;  // which job of the function, from 1
  std::string vm;        // for people; the rule goes by function and ordinal
  sim::Fault::Kind kind = sim::Fault::Kind::kFail;
  sim::JobPhase phase = sim::JobPhase::kStart;
  std::string code;       // kFail: the name of the code
  uint64_t delay_ms = 0;  // kDelay

  std::string id() const;    // "PrlVm_Suspend-1-middle-fail", also the name of the rule
  std::string text() const;  // a sentence without a full stop
  std::string toml() const;  // the rule, as a [[fault]] of a scenario
};

// A code with which a job of the function may fail: one of its own where there is one. None says
// that the VM is in another state, which careful clients may take for "already done".
std::string fitting_code(std::string_view function);
// The functions that have one of their own.
Words functions_with_codes();

// Every job x phase x effect in the order of the jobs. Jobs that a rule of the client's own
// scenario has struck are left out, and so are the functions in `except`.
std::vector<SingleFault> single_faults(const TracedRun& recording, uint64_t delay_ms,
                                       const Words& except);

}  // namespace prl::tool
