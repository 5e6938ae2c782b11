// One rule of a fault plan: which jobs it watches, when it fires, what it does. Plain values, owned
// by a Plan or a Scenario.
#pragma once

#include <cstdint>
#include <string>

#include "simulator/seams.h"

namespace prl::faults {

// The jobs that a rule watches. An empty text stands for any.
struct Match {
  std::string function;  // "PrlVm_Suspend"
  std::string vm;        // the name of the VM; jobs that concern no VM have none
};

// Lets `skip` matching jobs pass, then fires for `count` of them; 0 means for all that follow.
struct Trigger {
  uint64_t skip = 0;
  uint64_t count = 1;
};

struct Rule {
  std::string name;
  Match match;
  Trigger trigger;
  sim::JobFault effect;  // `effect.rule` is filled in when the rule fires
};

}  // namespace prl::faults
