// By which rules VMs take their commands: the lifecycle, how a refusal reads in the profile,
// and which of its states clients are told of. A world has one set of them for all its VMs, that of
// the product unless its options name another: a test can so alter a single cell, which no client
// can. Called with the world locked.
#pragma once

#include <memory>
#include <optional>
#include <typeinfo>

#include "simulator/outcome.h"
#include "simulator/profile.h"
#include "simulator/vm_config.h"
#include "simulator/vm_machine/vm_machine.h"

namespace prl::sim {

class PowerRules {
 public:
  virtual ~PowerRules() = default;

  // A machine in State::kUnknown. `actions` must outlive it.
  virtual std::unique_ptr<Lifecycle> make_machine(VmActions& actions) const;
  // How a VM in `state` refuses the command; ok: not at all. `reason` is the machine's own answer.
  virtual Outcome refusal(Profile profile, Command command, State state, const VmConfig& config,
                          Refusal reason) const;
  // As told_state().
  virtual std::optional<State> told(Profile profile, State told, State from, State to,
                                    bool restores_live) const;
};

// Not where a test has altered them.
inline bool are_the_products(const PowerRules& rules) {
  return typeid(rules) == typeid(PowerRules);
}

}  // namespace prl::sim
