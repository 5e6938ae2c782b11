// The lifecycle at work, without a disk: one input of each machine beside a plain table of the
// same machine, one step of a walker through a world, of the reference model, and of an exploration
// that compares the two; and RapidCheck's stateful layer on the API beside itself on nothing.
#include <prlsdk/Parallels.h>
#include <rapidcheck.h>
#include <rapidcheck/state.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string_view>
#include <vector>

#include "bench/rounds.h"
#include "bench/session.h"
#include "simulator/random.h"
#include "simulator/vm_machine/vm_machine.h"
#include "simulator/world.h"
#include "tests/model/explorer.h"
#include "tests/model/reference_model.h"
#include "tests/simulator/silent_session.h"

namespace prl::bench {

namespace {

constexpr std::array kGoals = {
    Goal{"dispatch_ns", 25},
    Goal{"dispatch_over_table", 6},
    Goal{"disk_dispatch_ns", 25},
    Goal{"disk_dispatch_over_table", 6},
    Goal{"walk_step_ns", 1e9 / 1'000'000},
    Goal{"walk_with_images_step_ns", 1e9 / 100'000},
    Goal{"reference_model_step_ns", 1e9 / 20'000'000},
    // At least 0.7 times as many runs in the same time.
    Goal{"rapidcheck_over_bare", 1 / 0.7},
    Goal{"exploration_transition_ns", 1e9 / 300'000},
};
constexpr int kRounds = 21;

// ---- The machines -----------------------------------------------------------------------------

// Actions that count, so that no call of them can be left out.
class CountingActions final : public sim::VmActions {
 public:
  void begin_boot() override { ++asked; }
  void begin_image_write() override { ++asked; }
  void begin_image_flush() override { ++asked; }
  void begin_image_read() override { ++asked; }
  void begin_freeze() override { ++asked; }
  void begin_thaw() override { ++asked; }
  void begin_power_off() override { ++asked; }
  void begin_shutdown() override { ++asked; }
  void begin_reset() override { ++asked; }
  void begin_snapshot() override { ++asked; }
  void begin_restore() override { ++asked; }
  void begin_snapshot_removal() override { ++asked; }
  void begin_compact() override { ++asked; }
  void compact_now() override { ++asked; }
  void reboot_guest() override { ++asked; }
  void begin_clean_up() override { ++asked; }
  void end_process() override { ++asked; }
  void drop_image() override { ++asked; }
  void abandon_image() override { ++asked; }
  bool image_exists() const override { return has_image; }
  void announce(sim::State) override { ++announced; }

  bool has_image = true;
  uint64_t asked = 0;
  uint64_t announced = 0;
};

// What arrives, as both machines number it: commands, then completions.
struct Input {
  sim::Command command = {};
  sim::Completion completion = {};
  bool is_command = true;

  size_t number() const {
    return is_command ? static_cast<size_t>(command)
                      : sim::kCommandCount + static_cast<size_t>(completion);
  }
};

// Round and round, with a refusal for every three inputs that are accepted: start, pause, go on,
// suspend, resume, kill.
const std::vector<Input> kPowerInputs = {
    Input{.command = sim::Command::kStart},
    Input{.command = sim::Command::kPause},
    Input{.completion = sim::Completion::kDone, .is_command = false},
    Input{.command = sim::Command::kPause},
    Input{.command = sim::Command::kStopGraceful},
    Input{.completion = sim::Completion::kDone, .is_command = false},
    Input{.command = sim::Command::kStart},
    Input{.completion = sim::Completion::kDone, .is_command = false},
    Input{.command = sim::Command::kDropSuspendedState},
    Input{.command = sim::Command::kSuspend},
    Input{.completion = sim::Completion::kDone, .is_command = false},
    Input{.command = sim::Command::kReset},
    Input{.completion = sim::Completion::kDone, .is_command = false},
    Input{.command = sim::Command::kResume},
    Input{.completion = sim::Completion::kDone, .is_command = false},
    Input{.command = sim::Command::kStopKill},
    Input{.completion = sim::Completion::kDone, .is_command = false},
    Input{.command = sim::Command::kDropSuspendedState},
};

// With as many refusals, of a stopped VM that changes hands each time: mount, unmount, compact,
// take a snapshot, switch to it, delete it.
const std::vector<Input> kDiskInputs = {
    Input{.command = sim::Command::kUmount},
    Input{.command = sim::Command::kMount},
    Input{.command = sim::Command::kStart},
    Input{.command = sim::Command::kUmount},
    Input{.command = sim::Command::kCompact},
    Input{.command = sim::Command::kMount},
    Input{.completion = sim::Completion::kDone, .is_command = false},
    Input{.command = sim::Command::kCreateSnapshot},
    Input{.completion = sim::Completion::kFoundStopped, .is_command = false},
    Input{.command = sim::Command::kSwitchToSnapshot},
    Input{.command = sim::Command::kCompact},
    Input{.completion = sim::Completion::kFoundStopped, .is_command = false},
    Input{.command = sim::Command::kDeleteSnapshot},
    Input{.completion = sim::Completion::kFoundStopped, .is_command = false},
};

// The rows of transitions() in an array: the machine as one would write it by hand, with the same
// actions, announcements and guards.
class PlainTable {
 public:
  static constexpr size_t kInputCount = sim::kCommandCount + sim::kCompletionCount;

  explicit PlainTable(sim::VmActions& actions) : actions_(actions) {
    for (const sim::Transition& row : sim::transitions()) {
      for (size_t input = 0; input < kInputCount; ++input) {
        if (row.trigger == name_of(input)) add(row, input);
      }
    }
  }

  bool apply(size_t input) {
    for (const Cell& cell : cells_[static_cast<size_t>(state_)][input]) {
      if (!cell.is_used) break;
      if (!holds(cell.guard)) continue;
      if (is_origin(state_)) origin_ = state_;
      if (cell.action) (actions_.*cell.action)();
      if (cell.to != state_) {
        state_ = cell.to;
        actions_.announce(state_);
      }
      return true;
    }
    return false;
  }
  sim::State state() const { return state_; }

 private:
  enum class Guard : uint8_t { kNone, kImage, kNoImage, kStarting, kRunning, kPaused, kResuming };
  using Action = void (sim::VmActions::*)();
  struct Cell {
    bool is_used = false;
    sim::State to = sim::State::kUnknown;
    Guard guard = Guard::kNone;
    Action action = nullptr;
  };

  // Resume obeys the rows of Start.
  static std::string_view name_of(size_t input) {
    if (input >= sim::kCommandCount) {
      return completion_name(static_cast<sim::Completion>(input - sim::kCommandCount));
    }
    const auto command = static_cast<sim::Command>(input);
    return command_name(command == sim::Command::kResume ? sim::Command::kStart : command);
  }
  static Guard guard_called(std::string_view name) {
    constexpr std::array<std::string_view, 7> kNames = {"",
                                                        "image_exists",
                                                        "no_image",
                                                        "from_starting",
                                                        "from_running",
                                                        "from_paused",
                                                        "from_resuming"};
    return static_cast<Guard>(std::ranges::find(kNames, name) - kNames.begin());
  }
  // All that it does is to be called: which of the actions it is makes no difference.
  static Action action_called(std::string_view name) {
    return name.empty() ? nullptr : &sim::VmActions::end_process;
  }

  void add(const sim::Transition& row, size_t input) {
    for (Cell& cell : cells_[static_cast<size_t>(row.from)][input]) {
      if (cell.is_used) continue;
      cell = {true, row.to, guard_called(row.guard), action_called(row.action)};
      return;
    }
    throw std::logic_error("more rows for one input than the table has room for");
  }
  static bool is_origin(sim::State state) {
    return state == sim::State::kStarting || state == sim::State::kRunning ||
           state == sim::State::kPaused || state == sim::State::kResuming;
  }
  bool holds(Guard guard) const {
    switch (guard) {
      case Guard::kNone:
        return true;
      case Guard::kImage:
        return actions_.image_exists();
      case Guard::kNoImage:
        return !actions_.image_exists();
      case Guard::kStarting:
        return origin_ == sim::State::kStarting;
      case Guard::kRunning:
        return origin_ == sim::State::kRunning;
      case Guard::kPaused:
        return origin_ == sim::State::kPaused;
      case Guard::kResuming:
        return origin_ == sim::State::kResuming;
    }
    return false;
  }

  sim::VmActions& actions_;
  sim::State state_ = sim::State::kUnknown;
  sim::State origin_ = sim::State::kUnknown;
  std::array<std::array<std::array<Cell, 4>, kInputCount>, sim::kStateCount> cells_{};
};

class Machines {
 public:
  explicit Machines(const std::vector<Input>& inputs) : inputs_(inputs) {
    machine_.apply(sim::Completion::kFoundStopped);
    table_.apply(sim::kCommandCount + static_cast<size_t>(sim::Completion::kFoundStopped));
  }

  void run_machine() {
    for (int i = 0; i < kTimes; ++i) {
      for (const Input& input : inputs_) {
        input.is_command ? void(machine_.apply(input.command))
                         : void(machine_.apply(input.completion));
      }
    }
  }
  void run_table() {
    for (int i = 0; i < kTimes; ++i) {
      for (const Input& input : inputs_) table_.apply(input.number());
    }
  }
  // They went the same way.
  void check_both() const {
    if (machine_.state() != table_.state() || actions_.announced != table_actions_.announced ||
        actions_.asked != table_actions_.asked) {
      throw std::logic_error("the table is not the machine");
    }
  }

  size_t inputs_run() const { return kTimes * inputs_.size(); }

 private:
  static constexpr int kTimes = 20'000;

  const std::vector<Input>& inputs_;
  CountingActions actions_;
  CountingActions table_actions_;
  sim::VmMachine machine_{actions_};
  PlainTable table_{table_actions_};
};

Program::Round dispatch(const std::vector<Input>& inputs) {
  const auto machines = std::make_shared<Machines>(inputs);
  const auto contest = std::make_shared<Contest>(std::vector<Contest::Part>{
      [machines] { return seconds_of([&] { machines->run_machine(); }); },
      [machines] { return seconds_of([&] { machines->run_table(); }); }});
  return [machines, contest] {
    const auto seconds = contest->run(2);
    machines->check_both();
    const double ns = 1e9 / (2.0 * static_cast<double>(machines->inputs_run()));
    return RoundResult{seconds[0],
                       {{"ns", seconds[0] * ns},
                        {"table_ns", seconds[1] * ns},
                        {"over_table", seconds[0] / seconds[1]}}};
  };
}

// ---- Walkers ----------------------------------------------------------------------------------

// A world with one VM that is running. A step is a command, carried out or refused, and the end of
// its job.
class Walker {
 public:
  Walker() : world_(options()) {
    world_.login("PrlSrv_LoginLocal", session_, [](const sim::Report&) {});
    world_.advance(kLongMs);
  }

  void step(sim::Command command) {
    world_.command(sim::Caller("PrlVm_Command", &session_), vm(), {.command = command},
                   [this](const sim::Report&) { ++ended_; });
    ++asked_;
    while (ended_ < asked_) {
      if (!world_.step_once()) throw std::logic_error("a job does not end");
    }
  }
  template <size_t count>
  double seconds_of_steps(const std::array<sim::Command, count>& commands, size_t times) {
    return seconds_of([&] {
      for (size_t i = 0; i < times; ++i) {
        for (const sim::Command command : commands) step(command);
      }
    });
  }

 private:
  static constexpr uint64_t kLongMs = 10'000;
  static sim::Uuid vm() { return sim::Uuid::from_random(1, 1); }
  static sim::WorldOptions options() {
    sim::WorldOptions options;
    options.clock = {.mode = sim::ClockSpec::Mode::kVirtual};
    options.vms.push_back(
        {.uuid = vm(), .name = "vm", .ram_mib = 4, .cpu_count = 1, .state = sim::State::kRunning});
    return options;
  }

  sim::SilentSession session_;
  uint64_t asked_ = 0;
  uint64_t ended_ = 0;
  sim::World world_;
};

Program::Round walk() {
  const auto walker = std::make_shared<Walker>();
  return [walker] {
    using sim::Command;
    constexpr std::array kCommands = {Command::kPause,
                                      Command::kPause,
                                      Command::kStart,
                                      Command::kStart,
                                      Command::kDropSuspendedState,
                                      Command::kReset,
                                      Command::kRestart,
                                      Command::kStopGraceful,
                                      Command::kSuspend,
                                      Command::kStart};
    constexpr size_t kTimes = 2000;
    const double seconds = walker->seconds_of_steps(kCommands, kTimes);
    return RoundResult{seconds, {{"step_ns", seconds * 1e9 / (kTimes * kCommands.size())}}};
  };
}

Program::Round walk_with_images() {
  const auto walker = std::make_shared<Walker>();
  return [walker] {
    using sim::Command;
    constexpr std::array kCommands = {Command::kSuspend, Command::kResume};
    constexpr size_t kTimes = 500;
    const double seconds = walker->seconds_of_steps(kCommands, kTimes);
    return RoundResult{seconds, {{"step_ns", seconds * 1e9 / (kTimes * kCommands.size())}}};
  };
}

// ---- The reference model ----------------------------------------------------------------------

std::vector<model::Order> random_orders(size_t count) {
  constexpr model::Act kActs[] = {model::Act::kStart, model::Act::kKill,    model::Act::kShutdown,
                                  model::Act::kPause, model::Act::kSuspend, model::Act::kDrop,
                                  model::Act::kReset, model::Act::kRestart, model::Act::kResume};
  sim::RandomStream stream(1, "orders");
  std::vector<model::Order> orders(count);
  for (model::Order& order : orders) order.act = kActs[stream.below(std::size(kActs))];
  return orders;
}

// A step is an order and the time until what it began has ended.
Program::Round reference_model() {
  const auto orders = std::make_shared<std::vector<model::Order>>(random_orders(100'000));
  return [orders] {
    model::Host host = model::make_host(model::Profile::kDesktop, {}, 1);
    const double seconds = seconds_of([&] {
      for (const model::Order& order : *orders) {
        model::submit(host, order);
        while (const auto due_ms = model::next_due_ms(host)) {
          model::advance(host, *due_ms - host.now_ms);
        }
        host.events.clear();
      }
    });
    return RoundResult{seconds, {{"step_ns", seconds * 1e9 / static_cast<double>(orders->size())}}};
  };
}

Program::Round exploration() {
  return [] {
    std::vector<model::Act> acts = model::all_acts();
    std::erase_if(acts, [](model::Act act) {
      return act == model::Act::kClone || act >= model::Act::kBeginEdit;
    });
    const model::Exploration bounds{.acts = acts, .snapshots_max = 1};
    model::Explored explored;
    const double seconds = seconds_of([&] { explored = model::explore(bounds); });
    if (!explored.violation.empty()) throw std::logic_error(explored.violation);
    const auto transitions = static_cast<double>(explored.transitions);
    return RoundResult{seconds,
                       {{"transition_ns", seconds * 1e9 / transitions},
                        {"states", static_cast<double>(explored.states)}}};
  };
}

// ---- RapidCheck -------------------------------------------------------------------------------

struct Power {
  bool is_running = true;
  bool is_paused = false;
};
// What the commands are given to: the API, or nothing.
struct Target {
  PRL_HANDLE vm = PRL_INVALID_HANDLE;
};

struct PowerCommand : rc::state::Command<Power, Target> {
  void run(const Power&, Target& target) const override {
    if (target.vm) await(call(target.vm));
  }
  virtual PRL_HANDLE call(PRL_HANDLE vm) const = 0;
};
struct PauseCommand : PowerCommand {
  void checkPreconditions(const Power& power) const override { RC_PRE(!power.is_paused); }
  void apply(Power& power) const override { power.is_paused = true; }
  PRL_HANDLE call(PRL_HANDLE vm) const override { return PrlVm_Pause(vm, PRL_FALSE); }
};
struct ContinueCommand : PowerCommand {
  void checkPreconditions(const Power& power) const override { RC_PRE(power.is_paused); }
  void apply(Power& power) const override { power.is_paused = false; }
  PRL_HANDLE call(PRL_HANDLE vm) const override { return PrlVm_Start(vm); }
};
struct ResetCommand : PowerCommand {
  void apply(Power& power) const override { power.is_paused = false; }
  PRL_HANDLE call(PRL_HANDLE vm) const override { return PrlVm_Reset(vm); }
};

// RapidCheck says on stderr that all went well, which nobody wants to read here.
void check_quietly(PRL_HANDLE vm) {
  std::ostringstream unread;
  std::streambuf* const before = std::cerr.rdbuf(unread.rdbuf());
  const bool holds = rc::check([vm] {
    Target target{vm};
    const auto start = [vm] {
      if (vm) await(PrlVm_Reset(vm));  // as the model begins: running
      return Power();
    };
    rc::state::check(
        start(), target,
        rc::state::gen::execOneOfWithArgs<PauseCommand, ContinueCommand, ResetCommand>());
  });
  std::cerr.rdbuf(before);
  if (!holds) throw std::logic_error(unread.str());
}

Program::Round rapidcheck() {
  const auto session = std::make_shared<Session>(4);
  const auto contest = std::make_shared<Contest>(std::vector<Contest::Part>{
      [session] { return seconds_of([&] { check_quietly(session->vm()); }); },
      [] { return seconds_of([] { check_quietly(PRL_INVALID_HANDLE); }); }});
  return [contest] {
    const auto seconds = contest->run(2);
    return RoundResult{seconds[0], {{"over_bare", seconds[0] / seconds[1]}}};
  };
}

}  // namespace

}  // namespace prl::bench

int main(int argc, char** argv) {
  using namespace prl::bench;
  ::setenv("RC_PARAMS", "seed=1", /*overwrite=*/0);
  Program program;
  program.add("dispatch", kRounds, [] { return dispatch(kPowerInputs); });
  program.add("disk_dispatch", kRounds, [] { return dispatch(kDiskInputs); });
  program.add("walk", kRounds, walk);
  program.add("walk_with_images", kRounds, walk_with_images);
  program.add("reference_model", kRounds, reference_model);
  program.add("rapidcheck", kRounds, rapidcheck);
  program.add("exploration", 3, exploration);
  return program.run(argc, argv, kGoals);
}
