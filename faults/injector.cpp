#include "faults/injector.h"

#include <utility>

namespace prl::faults {

Injector::Injector(Plan plan) : plan_(std::move(plan)) {}

std::optional<sim::JobFault> Injector::on_job_start(const sim::JobStart& job) {
  std::optional<Plan::Hit> hit = plan_.consult(job);
  if (!hit) return std::nullopt;
  injections_.push_back(
      {hit->fault.rule, std::string(job.function), std::string(job.vm_name), hit->occurrence});
  return std::move(hit->fault);
}

}  // namespace prl::faults
