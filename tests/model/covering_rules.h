// The rules of the product, which write down what rows of the tables of the lifecycle were used.
// For one world after the other. Not synchronised.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "simulator/power_rules.h"

namespace prl::model {

class CoveringRules final : public sim::PowerRules {
 public:
  std::unique_ptr<sim::Lifecycle> make_machine(sim::VmActions& actions) const override;

  // "RUNNING + Pause -> PAUSING", in the order of the table.
  std::vector<std::string> rows_left() const;
  size_t rows_used() const { return used_.size(); }

 private:
  class Machine;

  mutable std::set<std::string> used_;
};

}  // namespace prl::model
