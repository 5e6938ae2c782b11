// Injects the faults of a plan into the jobs of one world and records each injection. Owned by
// whoever wires the world together and outlives it. Everything here, reading included, happens with
// the world locked; there is no lock of its own.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "faults/plan.h"
#include "simulator/seams.h"

namespace prl::faults {

// A fault that was injected.
struct Injection {
  std::string rule;
  std::string function;
  std::string vm;
  uint64_t occurrence = 0;  // as in Plan::Hit

  bool operator==(const Injection&) const = default;
};

class Injector : public sim::Interventions {
 public:
  explicit Injector(Plan plan);

  std::optional<sim::JobFault> on_job_start(const sim::JobStart& job) override;

  Plan& plan() { return plan_; }
  const Plan& plan() const { return plan_; }
  // In the order in which they happened.
  const std::vector<Injection>& injections() const { return injections_; }

 private:
  Plan plan_;
  std::vector<Injection> injections_;
};

}  // namespace prl::faults
