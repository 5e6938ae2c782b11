// That what a client says is what has happened. Part of prl_rapidcheck.hpp.
#ifndef PRL_RAPIDCHECK_TRUTH_HPP
#define PRL_RAPIDCHECK_TRUTH_HPP

#include <rapidcheck.h>

#include <string>
#include <vector>

#include "prl_kit.hpp"
#include "prl_rapidcheck_client.hpp"
#include "prl_rapidcheck_draw.hpp"
#include "prl_rapidcheck_story.hpp"

namespace prl::kit {

// Lets the client do these operations with the VM "web" in a host of this scenario. Empty where it
// was truthful: when an operation says that it has done its work, the VM is in the state that the
// operation is for, whatever went wrong on the way; and in the end no handle is leaked or was
// misused. Otherwise what was wrong, with the story.
inline std::string untruth(const Client& client, const Scenario& scenario,
                           const std::vector<Operation>& operations) {
  const std::string vm = "web";
  World world(scenario);
  std::vector<std::string> said;
  for (const Operation operation : operations) {
    const OperationFacts& facts = facts_of(operation);
    const bool is_done = client[operation](vm);
    const VIRTUAL_MACHINE_STATE state = world.state(vm);
    said.push_back(std::string(is_done ? "says that it did " : "says that it did not ") +
                   facts.name + "; the VM is in " + name_of(state));
    if (is_done && state != facts.target) return "a wrong success: " + story(world, said);
  }
  world.end();
  if (world.inits_left() > 0) return "PrlApi_Init without PrlApi_Deinit:\n" + story(world, said);
  const LedgerCounts handles = ledger_counts();
  if (handles.live > 0) return "leaked handles:\n" + leaks_text() + story(world, said);
  if (handles.misuses > 0) return "misused handles:\n" + misuses_text() + story(world, said);
  return {};
}

// In a property of RapidCheck: the client is truthful (untruth()) whatever it is let do, in a host
// with faults, all of which is drawn. After shrinking a counterexample is the few operations and
// faults that it takes.
inline void check_truthful(const Client& client, int faults_max = 2) {
  const auto plan = *any_plan("web", functions_of(client), faults_max, any_operation(client));
  const std::string wrong = untruth(client, plan.scenario(), plan.steps);
  if (!wrong.empty()) RC_FAIL(wrong);
}

}  // namespace prl::kit

#endif  // PRL_RAPIDCHECK_TRUTH_HPP
