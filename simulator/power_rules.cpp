#include "simulator/power_rules.h"

#include <string>

namespace prl::sim {

namespace {

Outcome desktop_refusal(Refusal reason, State state, const VmConfig& config) {
  const std::string& name = config.name;
  switch (reason) {
    case Refusal::kNone: break;
    case Refusal::kVmNotStarted: return {OutcomeKind::kVmNotStarted, {name}};
    case Refusal::kVmNotStopped: return {OutcomeKind::kVmNotStopped, {name}};
    case Refusal::kCommandCantBeExecuted:
      return {OutcomeKind::kCommandCantBeExecuted, {name, std::string(state_word(state))}};
    case Refusal::kUnableToDropSuspendedState: return OutcomeKind::kUnableToDropSuspendedState;
    case Refusal::kWrongStateToCompact: return {OutcomeKind::kWrongStateToCompact, {name}};
    case Refusal::kSuspendedVmNotEditable: return OutcomeKind::kSuspendedVmNotEditable;
    case Refusal::kLockedForInternalReason: return {OutcomeKind::kLockedForInternalReason, {name}};
    case Refusal::kAlreadyMounted: return {OutcomeKind::kAlreadyMounted, {name}};
    case Refusal::kNotMounted: return {OutcomeKind::kNotMounted, {name}};
  }
  return {};
}

}  // namespace

std::unique_ptr<Lifecycle> PowerRules::make_machine(VmActions& actions) const {
  return std::make_unique<VmMachine>(actions);
}

Outcome PowerRules::refusal(Profile profile, Command command, State state, const VmConfig& config,
                            Refusal reason) const {
  if (profile == Profile::kVirtuozzo) {
    auto refused = virtuozzo_refusal(command, state, config, reason != Refusal::kNone);
    if (refused) return std::move(*refused);
  }
  return desktop_refusal(reason, state, config);
}

std::optional<State> PowerRules::told(Profile profile, State told, State from, State to,
                                      bool restores_live) const {
  return told_state(profile, told, from, to, restores_live);
}

}  // namespace prl::sim
