#include "tests/model/cells.h"

#include <map>
#include <optional>
#include <sstream>

#include "tests/model/outcome_codes.h"
#include "tests/model/transition_rows.h"
#include "tests/simulator/vm_machine/recording_actions.h"

namespace prl::model {
namespace {

using Row = TransitionRow;

std::optional<sim::State> state_called(const std::string& name) {
  for (size_t i = 0; i < sim::kStateCount; ++i) {
    const auto state = static_cast<sim::State>(i);
    if (sim::state_name(state) == name) return state;
  }
  return std::nullopt;
}

std::optional<sim::Command> command_called(const std::string& name) {
  for (size_t i = 0; i < sim::kCommandCount; ++i) {
    const auto command = static_cast<sim::Command>(i);
    if (sim::command_name(command) == name) return command;
  }
  return std::nullopt;
}

// As the notes abbreviate the codes of the state gate.
std::string refusal_called(const std::string& code) {
  static const std::map<std::string, std::string> kNames = {
      {"", ""},
      {"103", "UNABLE_TO_DROP"},
      {"104", "CANT_EDIT_SUSPENDED"},
      {"377", "NOT_STARTED"},
      {"416", "CANT_EXEC"},
      {"489", "COMPACT_WRONG_STATE"},
      {"557", "NOT_STOPPED"},
      {"38106", "LOCKED_INTERNAL"},
      {"46600", "VM_MOUNT"},
      {"46601", "VM_UNMOUNT"},
  };
  return kNames.at(code);
}

Code code_from(const std::string& text) {
  return text.empty() ? 0 : static_cast<Code>(std::stoul(text, nullptr, 16));
}

// "STARTING ~> RUNNING"
std::vector<sim::State> states_from(const std::string& text) {
  std::istringstream words(text);
  std::vector<sim::State> states;
  for (std::string word; words >> word;) {
    if (word != "~>") states.push_back(state_called(word).value());
  }
  return states;
}

std::string text_of(const std::vector<sim::State>& states) {
  std::string text;
  for (const sim::State state : states) text.append(" ").append(sim::state_name(state));
  return text.empty() ? " nothing" : text;
}

// Records what clients would be told of the states that the machine announces.
class ToldActions final : public sim::RecordingActions {
 public:
  // `restores_live`: that a switch leads to a VM that lives.
  ToldActions(const sim::PowerRules& rules, sim::Profile profile, bool restores_live)
      : rules_(rules), profile_(profile), restores_live_(restores_live) {}

  void announce(sim::State state) override {
    const sim::State from = std::exchange(state_, state);
    const auto told = rules_.told(profile_, told_, from, state, restores_live_);
    if (told) announced.push_back(*told);
    told_ = told.value_or(told_);
  }
  void begin_in(sim::State state) { state_ = told_ = state; }
  sim::State state() const { return state_; }

 private:
  const sim::PowerRules& rules_;
  const sim::Profile profile_;
  const bool restores_live_;
  sim::State state_ = sim::State::kUnknown;
  sim::State told_ = sim::State::kUnknown;
};

// A machine that goes astray has nothing to finish, or comes to no end.
std::string finish_all(sim::Lifecycle& machine, ToldActions& actions, sim::Completion found) {
  constexpr int kPhasesMax = 5;
  for (int i = 0; sim::is_transitional(machine.state()); ++i) {
    if (i == kPhasesMax || !finish_phase(machine, actions, found)) {
      return "gets stuck in " + std::string(sim::state_name(machine.state()));
    }
  }
  return "";
}

// Where the VM is in the end: what was announced last, or where it was.
sim::State end_of(const Cell& cell) {
  return cell.announced.empty() ? cell.state : cell.announced.back();
}

}  // namespace

std::string cell_text(const Cell& cell) {
  std::string text(sim::profile_name(cell.profile));
  text.append(" ").append(sim::state_name(cell.state));
  return text.append(" + ").append(sim::command_name(cell.command));
}

std::vector<Cell> read_cells(const std::string& root, sim::Profile profile) {
  const bool is_desktop = profile == sim::Profile::kDesktop;
  std::vector<Cell> cells;
  for (const Row& row : read_transition_rows(root)) {
    const auto state = state_called(row.state);
    const auto command = command_called(row.command);
    if (row.profile != sim::profile_name(profile) || !state || !command) continue;
    if (!is_desktop && sim::is_transitional(*state)) continue;
    Cell cell{.profile = profile,
              .state = *state,
              .command = *command,
              .code = code_from(row.code),
              .announced = states_from(row.announced),
              .spec = row.spec,
              .evidence = row.evidence};
    if (is_desktop) {
      cell.refusal = refusal_called(row.code);
      cell.next = cell.announced.empty() ? cell.state : cell.announced.front();
    }
    cells.push_back(std::move(cell));
  }
  return cells;
}

std::string check_cell(const sim::PowerRules& rules, const Cell& cell) {
  const bool is_desktop = cell.profile == sim::Profile::kDesktop;
  // What is switched to is what the VM is.
  ToldActions actions(rules, cell.profile, sim::is_live(cell.state));
  const auto machine = rules.make_machine(actions);
  const sim::Completion found = bring_to(cell.state, *machine, actions);
  actions.begin_in(cell.state);

  const sim::Refusal reason = machine->would_refuse(cell.command);
  if (is_desktop && sim::refusal_name(reason) != cell.refusal) return "is refused otherwise";
  const sim::VmConfig config{.name = "vm"};
  const Code code =
      code_of(rules.refusal(cell.profile, cell.command, machine->state(), config, reason));
  if (code != cell.code) return "is answered with another code";
  if (is_desktop || cell.is_accepted()) {
    if (machine->apply(cell.command) != reason) return "is refused after all";
  }
  if (is_desktop && machine->state() != cell.next) return "leads elsewhere";
  if (cell.is_accepted()) {
    if (std::string stuck = finish_all(*machine, actions, found); !stuck.empty()) return stuck;
  } else if (!actions.asked.empty()) {
    return "has something done";
  }
  if (actions.announced != cell.announced) {
    return "announces" + text_of(actions.announced) + " instead of" + text_of(cell.announced);
  }
  if (machine->state() != end_of(cell) || actions.state() != end_of(cell)) return "ends elsewhere";
  return "";
}

}  // namespace prl::model
