// An ordered list of rules with an exact count of what each has seen. A value: copies count on
// their own. Not synchronised; the one inside an Injector is used with the world locked.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "faults/rule.h"
#include "simulator/seams.h"

namespace prl::faults {

class Plan {
 public:
  struct Counters {
    uint64_t seen = 0;   // matching jobs that reached the rule
    uint64_t fired = 0;  // those it took
  };
  struct Hit {
    sim::JobFault fault;
    uint64_t occurrence = 0;  // the how-manieth job that the rule has seen, from 1
  };

  Plan() = default;
  explicit Plan(std::vector<Rule> rules, uint64_t seed = 0);

  // Asks the rules in order; the first that fires takes the job. The rules after it do not see the
  // job, so two rules with count = 1 strike the first and the second job, one after the other.
  std::optional<Hit> consult(const sim::JobStart& job);

  // Adds a rule behind the others.
  void add(Rule rule);
  // Forgets all rules and counters.
  void clear();

  const std::vector<Rule>& rules() const { return rules_; }
  // In the order of rules().
  const std::vector<Counters>& counters() const { return counters_; }
  // Rules fire by counting, not by chance; the seed is kept for whoever sets up the world.
  uint64_t seed() const { return seed_; }

 private:
  std::vector<Rule> rules_;
  std::vector<Counters> counters_;
  uint64_t seed_ = 0;
};

}  // namespace prl::faults
