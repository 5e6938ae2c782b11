#include "tests/model/cells.h"

#include <array>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <stdexcept>

#include "tests/model/outcome_codes.h"
#include "tests/simulator/vm_machine/recording_actions.h"

namespace prl::model {
namespace {

using Row = std::map<std::string, std::string>;

std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> fields(1);
  for (const char c : line) {
    if (c == ',') {
      fields.emplace_back();
    } else {
      fields.back() += c;
    }
  }
  return fields;
}

std::vector<Row> read_rows(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  if (!std::getline(file, line)) throw std::runtime_error(path + " cannot be read");
  const std::vector<std::string> columns = split(line);
  std::vector<Row> rows;
  while (std::getline(file, line)) {
    const std::vector<std::string> fields = split(line);
    if (fields.size() != columns.size()) throw std::runtime_error(path + ": " + line);
    Row& row = rows.emplace_back();
    for (size_t i = 0; i < columns.size(); ++i) row[columns[i]] = fields[i];
  }
  return rows;
}

sim::State state_called(const std::string& name) {
  for (size_t i = 0; i < sim::kStateCount; ++i) {
    std::string upper = name;
    for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    if (sim::state_name(static_cast<sim::State>(i)) == upper) return static_cast<sim::State>(i);
  }
  throw std::runtime_error("no state is called " + name);
}

sim::Command command_called(const std::string& name) {
  for (size_t i = 0; i < sim::kCommandCount; ++i) {
    if (sim::command_name(static_cast<sim::Command>(i)) == name)
      return static_cast<sim::Command>(i);
  }
  throw std::runtime_error("no command is called " + name);
}

// The words of the table of profile V for what the lifecycle is asked; its other rows are about
// snapshots that are not there and about the registry.
std::optional<sim::Command> virtuozzo_command(const std::string& word) {
  using sim::Command;
  static const std::map<std::string, Command> kWords = {{"start", Command::kStart},
                                                        {"resume", Command::kResume},
                                                        {"kill", Command::kStopKill},
                                                        {"shutdown", Command::kStopGraceful},
                                                        {"pause", Command::kPause},
                                                        {"suspend", Command::kSuspend},
                                                        {"drop", Command::kDropSuspendedState},
                                                        {"reset", Command::kReset},
                                                        {"restart", Command::kRestart},
                                                        {"compact", Command::kCompact},
                                                        {"snapshot", Command::kCreateSnapshot}};
  const auto found = kWords.find(word);
  if (found == kWords.end()) return std::nullopt;
  return found->second;
}

Code code_from(const std::string& text) {
  return text.empty() ? 0 : static_cast<Code>(std::stoul(text, nullptr, 16));
}

// "STARTING ~> RUNNING", "paused running".
std::vector<sim::State> states_from(const std::string& text) {
  std::istringstream words(text);
  std::vector<sim::State> states;
  for (std::string word; words >> word;) {
    if (word != "~>") states.push_back(state_called(word));
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
  ToldActions(const sim::PowerRules& rules, sim::Profile profile)
      : rules_(rules), profile_(profile) {}

  void announce(sim::State state) override {
    const sim::State from = std::exchange(state_, state);
    const auto told = rules_.told(profile_, told_, from, state, /*restores_live=*/false);
    if (told) announced.push_back(*told);
    told_ = told.value_or(told_);
  }
  void begin_in(sim::State state) { state_ = told_ = state; }
  sim::State state() const { return state_; }

 private:
  const sim::PowerRules& rules_;
  const sim::Profile profile_;
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
  std::vector<Cell> cells;
  if (profile == sim::Profile::kVirtuozzo) {
    for (Row& row : read_rows(root + "/fixtures/vm_transitions_virtuozzo.csv")) {
      const auto command = virtuozzo_command(row["command"]);
      if (!command) continue;
      cells.push_back({.profile = profile,
                       .state = state_called(row["state"]),
                       .command = *command,
                       .code = code_from(row["code"]),
                       .announced = states_from(row["told"]),
                       .spec = row["spec"],
                       .evidence = row["evidence"]});
    }
    return cells;
  }
  for (Row& row : read_rows(root + "/fixtures/vm_transitions.csv")) {
    Cell cell{.profile = profile,
              .state = state_called(row["state"]),
              .command = command_called(row["command"]),
              .code = code_from(row["code"]),
              .refusal = row["refusal"],
              .next = state_called(row["next_state"]),
              .announced = states_from(row["announced"]),
              .spec = row["spec"],
              .evidence = row["evidence"]};
    if (cell.is_accepted() != (row["outcome"] == "ok")) {
      throw std::runtime_error(cell_text(cell) + " has an outcome that its code contradicts");
    }
    cells.push_back(std::move(cell));
  }
  return cells;
}

std::string check_cell(const sim::PowerRules& rules, const Cell& cell) {
  const bool is_desktop = cell.profile == sim::Profile::kDesktop;
  ToldActions actions(rules, cell.profile);
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
