// Reports of the simulator as outcomes of jobs.
#pragma once

#include <utility>
#include <vector>

#include "sdk/config_validation.h"
#include "sdk/errors.h"
#include "sdk/job.h"
#include "simulator/operation.h"

namespace prl::sdk {

inline Job::Outcome to_job_outcome(const sim::Report& report) {
  Job::Outcome outcome{.code = to_result(report.outcome)};
  if (!report.outcome.ok()) outcome.error_issuer = PIE_DISPATCHER;
  outcome.message_parameters = report.outcome.parameters;
  outcome.telling = report.telling;
  for (const sim::ConfigProblem& problem : report.problems) {
    outcome.answers.emplace_back(EventAnswer{problem_event(problem), {}});
  }
  return outcome;
}

inline std::vector<Answer> vm_answers(const sim::Report& report) {
  return {report.vms.begin(), report.vms.end()};
}

}  // namespace prl::sdk
