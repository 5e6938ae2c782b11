// Rules of power with one cell that is not the product's, to see whether the checks notice. A set
// of them is for one world or machine. Not synchronised.
#pragma once

#include <string>
#include <vector>

#include "simulator/power_rules.h"
#include "tests/model/cells.h"

namespace prl::model {

enum class Way : uint8_t {
  kCode,        // another refusal, or one where the command is accepted
  kTarget,      // another state; a refused command moves the VM all the same
  kNoEvent,     // the first event is lost; only where there is one
  kOtherEvent,  // the first event tells another state; where there is none, one is told
};

struct Alteration {
  Cell cell;
  Way way = Way::kCode;
};
std::string alteration_text(const Alteration& alteration);

// Every way of every cell.
std::vector<Alteration> alterations_of(const std::vector<Cell>& cells);

class AlteredRules final : public sim::PowerRules {
 public:
  explicit AlteredRules(Alteration alteration) : alteration_(std::move(alteration)) {}

  std::unique_ptr<sim::Lifecycle> make_machine(sim::VmActions& actions) const override;
  sim::Outcome refusal(sim::Profile profile, sim::Command command, sim::State state,
                       const sim::VmConfig& config, sim::Refusal reason) const override;
  std::optional<sim::State> told(sim::Profile profile, sim::State told, sim::State from,
                                 sim::State to, bool restores_live) const override;

 private:
  class Machine;
  class PassedOn;
  enum class Ear : uint8_t { kNormal, kDeaf, kMistaken, kForced };

  bool concerns(sim::State state, sim::Command command) const;

  const Alteration alteration_;
  mutable Ear ear_ = Ear::kNormal;  // how clients hear of the next state of which they are told
};

}  // namespace prl::model
