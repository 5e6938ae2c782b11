// Every single fault that could strike a recorded run. Stateless, any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/seams.h"
#include "tool/settings.h"
#include "tool/trace_reader.h"

namespace prl::tool {

// One job, event or call of the client and what is done to it.
struct SingleFault {
  sim::Layer layer = sim::Layer::kJob;
  std::string function;  // layer event: the type of the event; layer memory: of the job
  uint64_t ordinal = 1;  // which job, event or call of the function, from 1
  std::string vm;        // for people and the judge; the rule goes by function and count
  sim::Fault::Kind kind = sim::Fault::Kind::kFail;
  sim::JobPhase phase = sim::JobPhase::kStart;  // layer job
  std::string code;                             // kFail: the name of the code
  uint64_t delay_ms = 0;                        // kDelay
  // How many of those before it rules of the client's own scenario have taken. Other rules do not
  // see them and do not count them.
  uint64_t taken_before = 0;

  // "PrlVm_Suspend-1-middle-fail", "PET_DSP_EVT_VM_STATE_CHANGED-3-lose",
  // "PrlVmCfg_GetName-2-call-fail", "PrlVm_Suspend-1-call-no_memory"; also the name of the rule.
  std::string id() const;
  std::string text() const;  // a sentence without a full stop
  std::string toml() const;  // the rule, as a [[fault]] of a scenario
};

// What a sweep does of all that it could.
struct FaultChoice {
  uint64_t delay_ms = 60'000;  // of the effect delay, virtual time
  Words except;                // functions that are spared
  Words effects;               // as scenarios spell them; empty: all
  bool with_calls = false;     // also lets calls fail that succeeded, and leaves some without a job
};

// What effects may be.
Words sweep_effects();

// A code with which a job of the function may fail: one of its own where there is one. None says
// that the VM is in another state, which careful clients may take for "already done".
std::string fitting_code(std::string_view function);
// The functions that have one of their own.
Words functions_with_codes();

// Every job x phase x effect in the order of the jobs, then every event that somebody listened to x
// effect, then the calls. What a rule of the client's own scenario has struck is left out, and so
// is what can make no difference: the middle of a job that has none, a death of a VM that does not
// live.
std::vector<SingleFault> single_faults(const TracedRun& recording, const FaultChoice& choice);

}  // namespace prl::tool
