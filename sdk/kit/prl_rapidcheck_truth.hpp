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

// In a property of RapidCheck: the client does what is drawn, in a host with faults that are drawn.
// When an operation says that it has done its work, the VM is in the state that the operation is
// for, whatever went wrong on the way; and in the end no handle is leaked or was misused. After
// shrinking a counterexample is the few operations and faults that it takes.
inline void check_truthful(const Client& client, int faults_max = 2) {
  const std::string vm = "web";
  const Scenario scenario = *any_scenario(vm, functions_of(client), faults_max);
  const auto operations = *rc::gen::container<std::vector<Operation>>(any_operation(client));
  World world(scenario);
  std::vector<std::string> said;
  for (const Operation operation : operations) {
    const OperationFacts& facts = facts_of(operation);
    const bool is_done = client[operation](vm);
    const VIRTUAL_MACHINE_STATE state = world.state(vm);
    said.push_back(std::string(is_done ? "says that it did " : "says that it did not ") +
                   facts.name + "; the VM is in " + name_of(state));
    if (is_done && state != facts.target) RC_FAIL("a wrong success: " + story(world, said));
  }
  world.end();
  if (world.inits_left() > 0) RC_FAIL("PrlApi_Init without PrlApi_Deinit:\n" + story(world, said));
  const LedgerCounts handles = ledger_counts();
  if (handles.live > 0) RC_FAIL("leaked handles:\n" + ledger_text() + story(world, said));
  if (handles.misuses > 0) RC_FAIL("misused handles:\n" + ledger_text() + story(world, said));
}

}  // namespace prl::kit

#endif  // PRL_RAPIDCHECK_TRUTH_HPP
