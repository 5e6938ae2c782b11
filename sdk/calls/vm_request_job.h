// How a call sends a request about a VM that is no power command (simulator/vm_request.h).
#pragma once

#include <prlsdk/Parallels.h>

#include <functional>
#include <string>
#include <utility>

#include "sdk/calls/vm_job.h"

namespace prl::sdk::calls {

// Adds what a job that succeeded has to say. Called with the world locked.
using AddAnswers = std::function<void(Job::Outcome&)>;

inline PRL_HANDLE send_request(Call& call, const VmJob& begun, sim::VmRequest request,
                               AddAnswers add_answers = {}) {
  if (!begun.job) return begun.given;
  call.world().request(begun.caller(call), begun.vm->uuid(), std::move(request),
                       [job = begun.job, add = std::move(add_answers)](const sim::Report& report) {
                         Job::Outcome outcome = to_job_outcome(report);
                         if (report.outcome.ok() && add) add(outcome);
                         job->server->library().finish_job(*job, std::move(outcome));
                       });
  return begun.given;
}

// What a request that needs a running VM answers for any other.
inline sim::Outcome not_started(const sim::VmView& vm) {
  return {sim::OutcomeKind::kVmNotStarted, {vm.config.name}};
}

}  // namespace prl::sdk::calls
