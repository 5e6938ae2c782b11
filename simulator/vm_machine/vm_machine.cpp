// The only file that pays for Boost.MSM: it joins the table with the plain interface.
#include "simulator/vm_machine/vm_machine.h"

#include <array>
#include <boost/mp11/algorithm.hpp>
#include <boost/mp11/mpl.hpp>
#include <boost/msm/back/state_machine.hpp>
#include <boost/msm/front/state_machine_def.hpp>
#include <cassert>
#include <cstdlib>
#include <type_traits>
#include <utility>

#include "simulator/vm_machine/refusals.h"
#include "simulator/vm_machine/table.h"

namespace prl::sim {
namespace power {
namespace {

struct Front : boost::msm::front::state_machine_def<Front> {
  using transition_table = Table;
  using initial_state = Unknown;
  // Actions never call back, so no queue of messages and no net for exceptions is needed.
  using no_message_queue = int;
  using no_exception_thrown = int;

  // What the states, guards and actions of the table use.
  VmActions& actions() { return *actions_; }
  State origin() const { return origin_; }
  void left_origin(State state) { origin_ = state; }
  void entered(State state) {
    state_ = state;
    if (state != State::kUnknown) actions_->announce(state);
  }

  template <class On, class Fsm>
  void no_transition(const On&, Fsm&, int) {
    if constexpr (std::is_same_v<decltype(On::kTrigger), const Command>) {
      refusal_ = refusal_of(state_, On::kTrigger);
    }
  }

  VmActions* actions_ = nullptr;
  State state_ = State::kUnknown;
  State origin_ = State::kUnknown;
  Refusal refusal_ = Refusal::kNone;
};

using Back = boost::msm::back::state_machine<Front>;

std::string_view name_of(Command command) {
  return command_name(command);
}
std::string_view name_of(Completion completion) {
  return completion_name(completion);
}

template <class Function>
constexpr std::string_view function_name() {
  if constexpr (std::is_same_v<Function, none>) {
    return {};
  } else {
    return Function::kName;
  }
}

// A row without a target keeps the state and enters nothing.
template <class Row>
constexpr State target_of() {
  if constexpr (std::is_same_v<typename Row::Target, none>) {
    return Row::Source::kState;
  } else {
    return Row::Target::kState;
  }
}

template <class Row>
Transition describe() {
  return {Row::Source::kState, name_of(Row::Evt::kTrigger), target_of<Row>(),
          function_name<typename Row::Action>(), function_name<typename Row::Guard>()};
}

template <class... Rows>
auto describe_all(boost::mp11::mp_list<Rows...>) {
  return std::array{describe<Rows>()...};
}

// Commands have no guards, so a row for the pair is the whole answer.
template <class... Rows>
constexpr bool has_row(boost::mp11::mp_list<Rows...>, State state, Command command) {
  const auto matches = [&]<class Row>(std::type_identity<Row>) {
    if constexpr (std::is_same_v<decltype(Row::Evt::kTrigger), const Command>) {
      static_assert(std::is_same_v<typename Row::Guard, none>, "would_refuse() asks no guard");
      return Row::Source::kState == state && Row::Evt::kTrigger == command;
    } else {
      return false;
    }
  };
  return (matches(std::type_identity<Rows>{}) || ...);
}

// Looked up for every command, and worked out by the compiler.
constexpr auto kHasRow = [] {
  std::array<std::array<bool, kCommandCount>, kStateCount> has{};
  for (size_t state = 0; state < kStateCount; ++state) {
    for (size_t command = 0; command < kCommandCount; ++command) {
      has[state][command] =
          has_row(Table(), static_cast<State>(state), static_cast<Command>(command));
    }
  }
  return has;
}();

}  // namespace
}  // namespace power

class VmMachine::Machine {
 public:
  explicit Machine(VmActions& actions) {
    back_.actions_ = &actions;
    back_.start();
  }
  Machine(const Machine& other, VmActions& actions) : back_(other.back_) {
    back_.actions_ = &actions;
  }

  template <class On>
  bool process(const On& on) {
    assert(!busy_ && "an action has called back into the machine that called it");
    busy_ = true;
    back_.refusal_ = Refusal::kNone;
    const auto outcome = back_.process_event(on);
    busy_ = false;
    return (outcome & boost::msm::back::HANDLED_TRUE) != 0;
  }

  template <class On>
  Refusal process_command(const On& on) {
    if (process(on)) return Refusal::kNone;
    assert(back_.refusal_ != Refusal::kNone);
    return back_.refusal_;
  }

  State state() const { return back_.state_; }

 private:
  power::Back back_;
  bool busy_ = false;
};

VmMachine::VmMachine(VmActions& actions) : machine_(std::make_unique<Machine>(actions)) {}
VmMachine::VmMachine(const VmMachine& other, VmActions& actions)
    : machine_(std::make_unique<Machine>(*other.machine_, actions)) {}
VmMachine::VmMachine(VmMachine&&) noexcept = default;
VmMachine& VmMachine::operator=(VmMachine&&) noexcept = default;
VmMachine::~VmMachine() = default;

Refusal VmMachine::apply(Command command) {
  switch (command) {
    case Command::kStart:
    case Command::kResume:
      return machine_->process_command(power::Start());
    case Command::kStopKill:
      return machine_->process_command(power::StopKill());
    case Command::kStopGraceful:
      return machine_->process_command(power::StopGraceful());
    case Command::kPause:
      return machine_->process_command(power::Pause());
    case Command::kSuspend:
      return machine_->process_command(power::Suspend());
    case Command::kDropSuspendedState:
      return machine_->process_command(power::Drop());
    case Command::kReset:
      return machine_->process_command(power::Reset());
    case Command::kRestart:
      return machine_->process_command(power::Restart());
    case Command::kCreateSnapshot:
      return machine_->process_command(power::TakeSnapshot());
    case Command::kSwitchToSnapshot:
      return machine_->process_command(power::Switch());
    case Command::kDeleteSnapshot:
      return machine_->process_command(power::DropSnapshot());
    case Command::kCompact:
      return machine_->process_command(power::Compact());
    case Command::kMount:
      return machine_->process_command(power::Mount());
    case Command::kUmount:
      return machine_->process_command(power::Umount());
  }
  std::abort();
}

bool VmMachine::apply(Completion completion) {
  switch (completion) {
    case Completion::kDone:
      return machine_->process(power::Done());
    case Completion::kFailed:
      return machine_->process(power::Failed());
    case Completion::kFoundStopped:
      return machine_->process(power::FoundStopped());
    case Completion::kFoundSuspended:
      return machine_->process(power::FoundSuspended());
    case Completion::kFoundRunning:
      return machine_->process(power::FoundRunning());
    case Completion::kFoundPaused:
      return machine_->process(power::FoundPaused());
    case Completion::kProcessDied:
      return machine_->process(power::ProcessDied());
    case Completion::kGuestLeft:
      return machine_->process(power::GuestLeft());
    case Completion::kGuestRebooted:
      return machine_->process(power::GuestRebooted());
    case Completion::kFroze:
      return machine_->process(power::Froze());
    case Completion::kThawed:
      return machine_->process(power::Thawed());
  }
  std::abort();
}

State VmMachine::state() const {
  return machine_->state();
}

Refusal VmMachine::would_refuse(Command command) const {
  if (command == Command::kResume) command = Command::kStart;
  const State now = state();
  if (power::kHasRow[static_cast<size_t>(now)][static_cast<size_t>(command)]) {
    return Refusal::kNone;
  }
  return power::refusal_of(now, command);
}

std::span<const Transition> transitions() {
  static const auto rows = power::describe_all(power::Table());
  return rows;
}

}  // namespace prl::sim
