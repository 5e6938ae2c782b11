// Validation of configurations in the API's words: problems as codes and events, what a host's
// documents say of the configurations that it takes, and the samples that it has (config-model 3.3,
// 6). Stateless.
#pragma once

#include <prlsdk/Parallels.h>

#include "sdk/event.h"
#include "simulator/config_problems.h"
#include "simulator/host.h"

namespace prl::sdk {

PRL_RESULT to_result(sim::ProblemKind kind);
// The error event that tells of the problem; a device's has its index as a parameter of its own.
EventContent problem_event(const sim::ConfigProblem& problem);

sim::ConfigSetting config_setting(const sim::Host& host);
sim::ConfigSamples config_samples();

}  // namespace prl::sdk
