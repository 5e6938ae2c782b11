#include "tests/model/altered_rules.h"

#include <array>
#include <optional>
#include <utility>

#include "tests/simulator/vm_machine/recording_actions.h"

namespace prl::model {
namespace {

// A state that is neither of the two, nor leads back to the first; on the way where `to` is.
sim::State other_than(sim::State from, sim::State to) {
  using sim::State;
  constexpr std::array kOnTheWay = {State::kPausing, State::kStopping, State::kResetting};
  constexpr std::array kAtRest = {State::kStopped, State::kPaused, State::kSuspended};
  for (const State state : sim::is_transitional(to) ? kOnTheWay : kAtRest) {
    const bool leads_back = state == State::kPausing && from == State::kPaused;
    if (state != from && state != to && !leads_back) return state;
  }
  return State::kRunning;
}

sim::Outcome other_than(const sim::Outcome& outcome, const sim::VmConfig& config) {
  using Kind = sim::OutcomeKind;
  const bool is_that = outcome.kind == Kind::kCommandCantBeExecuted;
  return {is_that ? Kind::kVmNotStarted : Kind::kCommandCantBeExecuted, {config.name}};
}

}  // namespace

std::string alteration_text(const Alteration& alteration) {
  constexpr std::array<std::string_view, 4> kWays = {"another code", "another target", "no event",
                                                     "another event"};
  return cell_text(alteration.cell) + ": " +
         std::string(kWays[static_cast<size_t>(alteration.way)]);
}

std::vector<Alteration> alterations_of(const std::vector<Cell>& cells) {
  std::vector<Alteration> alterations;
  for (const Cell& cell : cells) {
    for (const Way way : {Way::kCode, Way::kTarget, Way::kNoEvent, Way::kOtherEvent}) {
      if (way == Way::kNoEvent && cell.announced.empty()) continue;
      alterations.push_back({cell, way});
    }
  }
  return alterations;
}

// Passes on what a machine asks for; its announcements only where they are wanted.
class AlteredRules::PassedOn final : public sim::VmActions {
 public:
  explicit PassedOn(sim::VmActions& to) : to_(to) {}

  void begin_boot() override { to_.begin_boot(); }
  void begin_image_write() override { to_.begin_image_write(); }
  void begin_image_flush() override { to_.begin_image_flush(); }
  void begin_image_read() override { to_.begin_image_read(); }
  void begin_freeze() override { to_.begin_freeze(); }
  void begin_thaw() override { to_.begin_thaw(); }
  void begin_power_off() override { to_.begin_power_off(); }
  void begin_shutdown() override { to_.begin_shutdown(); }
  void begin_reset() override { to_.begin_reset(); }
  void begin_snapshot() override { to_.begin_snapshot(); }
  void begin_restore() override { to_.begin_restore(); }
  void begin_snapshot_removal() override { to_.begin_snapshot_removal(); }
  void begin_compact() override { to_.begin_compact(); }
  void compact_now() override { to_.compact_now(); }
  void reboot_guest() override { to_.reboot_guest(); }
  void begin_clean_up() override { to_.begin_clean_up(); }
  void end_process() override { to_.end_process(); }
  void drop_image() override { to_.drop_image(); }
  void abandon_image() override { to_.abandon_image(); }
  bool image_exists() const override { return to_.image_exists(); }
  void announce(sim::State state) override {
    if (announces) to_.announce(state);
  }
  void announce_anyway(sim::State state) { to_.announce(state); }

  bool announces = true;

 private:
  sim::VmActions& to_;
};

// The machine of the product, but for the cell.
class AlteredRules::Machine final : public sim::Lifecycle {
 public:
  Machine(const AlteredRules& rules, sim::VmActions& actions) : rules_(rules), actions_(actions) {}

  sim::Refusal apply(sim::Command command) override {
    const sim::State from = state();
    if (!rules_.concerns(from, command)) return machine_->apply(command);
    const Way way = rules_.alteration_.way;
    if (way == Way::kNoEvent) rules_.ear_ = Ear::kDeaf;
    if (way == Way::kOtherEvent) rules_.ear_ = Ear::kMistaken;
    actions_.announces = way != Way::kTarget;
    const sim::Refusal refusal = machine_->apply(command);
    actions_.announces = true;
    if (way == Way::kTarget && refusal == sim::Refusal::kNone) jump(other_than(from, state()));
    if (way == Way::kOtherEvent && rules_.alteration_.cell.announced.empty()) tell_once_more();
    return refusal;
  }
  bool apply(sim::Completion completion) override { return machine_->apply(completion); }
  sim::State state() const override { return machine_->state(); }

  // Where the answer is a refusal, it is all that a VM asks for.
  sim::Refusal would_refuse(sim::Command command) const override {
    const sim::Refusal refusal = machine_->would_refuse(command);
    const bool is_refused = !rules_.alteration_.cell.is_accepted();
    if (!is_refused || !rules_.concerns(state(), command)) return refusal;
    if (rules_.alteration_.way == Way::kTarget) jump(other_than(state(), state()));
    if (rules_.alteration_.way == Way::kOtherEvent) tell_once_more();
    return refusal;
  }

 private:
  void jump(sim::State to) const {
    sim::RecordingActions unheard;
    sim::VmMachine there(unheard);
    bring_to(to, there, unheard);
    machine_ = std::make_unique<sim::VmMachine>(there, actions_);
    actions_.announce_anyway(to);
  }
  void tell_once_more() const {
    rules_.ear_ = Ear::kForced;
    actions_.announce_anyway(state());
  }

  const AlteredRules& rules_;
  mutable PassedOn actions_;
  mutable std::unique_ptr<sim::Lifecycle> machine_ = std::make_unique<sim::VmMachine>(actions_);
};

std::unique_ptr<sim::Lifecycle> AlteredRules::make_machine(sim::VmActions& actions) const {
  return std::make_unique<Machine>(*this, actions);
}

bool AlteredRules::concerns(sim::State state, sim::Command command) const {
  return alteration_.cell.state == state && alteration_.cell.command == command;
}

sim::Outcome AlteredRules::refusal(sim::Profile profile, sim::Command command, sim::State state,
                                   const sim::VmConfig& config, sim::Refusal reason) const {
  sim::Outcome answer = PowerRules::refusal(profile, command, state, config, reason);
  const bool is_altered = alteration_.way == Way::kCode && concerns(state, command);
  return is_altered ? other_than(answer, config) : answer;
}

std::optional<sim::State> AlteredRules::told(sim::Profile profile, sim::State told, sim::State from,
                                             sim::State to, bool restores_live) const {
  if (std::exchange(ear_, ear_ == Ear::kForced ? Ear::kNormal : ear_) == Ear::kForced) return to;
  const auto truth = PowerRules::told(profile, told, from, to, restores_live);
  if (!truth) return truth;
  switch (std::exchange(ear_, Ear::kNormal)) {
    case Ear::kDeaf:
      return std::nullopt;
    case Ear::kMistaken:
      return other_than(told, *truth);
    default:
      return truth;
  }
}

}  // namespace prl::model
