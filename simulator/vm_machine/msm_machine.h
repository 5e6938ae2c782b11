// How a table becomes a machine. Whoever includes this pays for Boost.MSM: the two machines only.
#pragma once

#include <boost/mp11/algorithm.hpp>
#include <boost/mp11/list.hpp>
#include <boost/mp11/mpl.hpp>
#include <boost/msm/back/state_machine.hpp>
#include <boost/msm/front/functor_row.hpp>
#include <boost/msm/front/state_machine_def.hpp>
#include <cassert>
#include <new>
#include <string_view>
#include <type_traits>

#include "simulator/vm_machine/actions.h"
#include "simulator/vm_machine/commands.h"
#include "simulator/vm_machine/guards.h"
#include "simulator/vm_machine/machine.h"
#include "simulator/vm_machine/states.h"

namespace prl::sim::machine {

template <class From, class On, class To, class Do, class If>
using Row = boost::msm::front::Row<From, On, To, Do, If>;
using none = boost::msm::front::none;
using boost::mp11::mp_list;

template <class Table>
struct Front : boost::msm::front::state_machine_def<Front<Table>> {
  using transition_table = boost::mp11::mp_append<typename Table::Rows, typename Table::HandOver>;
  using initial_state = Unknown;
  // Actions never call back, so no queue of messages and no net for exceptions is needed.
  using no_message_queue = int;
  using no_exception_thrown = int;

  // What the states, guards and actions of the table use.
  VmActions& actions() { return *standing->actions; }
  State origin() const { return standing->origin; }
  void left_origin(State state) { standing->origin = state; }
  void entered(State state) {
    standing->state = state;
    if (Table::announces(state)) actions().announce(state);
  }

  // Whoever applied it says what that means.
  template <class On, class Fsm>
  void no_transition(const On&, Fsm&, int) {}

  Standing* standing = nullptr;
};

template <class Table>
struct Machine<Table>::Msm : boost::msm::back::state_machine<Front<Table>> {
  template <class On>
  bool process(const On& on) {
    assert(!this->standing->is_busy && "an action has called back into the machine that called it");
    this->standing->is_busy = true;
    const auto outcome = this->process_event(on);
    this->standing->is_busy = false;
    return (outcome & boost::msm::back::HANDLED_TRUE) != 0;
  }
};

namespace table {

template <class On>
constexpr bool is_command = std::is_same_v<decltype(On::kTrigger), const Command>;

inline std::string_view name_of(Command command) {
  return command_name(command);
}
inline std::string_view name_of(Completion completion) {
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
auto describe_all(mp_list<Rows...>) {
  return std::array{describe<Rows>()...};
}

template <class Row>
constexpr void add_accepted(std::array<uint16_t, kStateCount>& accepted) {
  if constexpr (is_command<typename Row::Evt>) {
    static_assert(std::is_same_v<typename Row::Guard, none>, "accepts() asks no guard");
    accepted[static_cast<size_t>(Row::Source::kState)] |=
        static_cast<uint16_t>(1u << static_cast<size_t>(Row::Evt::kTrigger));
  }
}

template <class... Rows>
constexpr auto accepted_by(mp_list<Rows...>) {
  std::array<uint16_t, kStateCount> accepted{};
  (add_accepted<Rows>(accepted), ...);
  return accepted;
}

// For each command, or each completion, the function that processes it; null where no row has it.
template <class Msm, class Trigger, size_t count, class... Rows>
constexpr auto processors_of(mp_list<Rows...>) {
  std::array<bool (*)(Msm&), count> processors{};
  const auto add = [&]<class On>(std::type_identity<On>) {
    if constexpr (std::is_same_v<decltype(On::kTrigger), const Trigger>) {
      processors[static_cast<size_t>(On::kTrigger)] = [](Msm& msm) { return msm.process(On()); };
    }
  };
  (add(std::type_identity<typename Rows::Evt>{}), ...);
  return processors;
}

}  // namespace table

template <class Table>
constinit const std::array<uint16_t, kStateCount> Machine<Table>::kAccepted =
    table::accepted_by(typename Table::Rows());

template <class Table>
Machine<Table>::Machine(VmActions& actions) : standing_{.actions = &actions} {
  static_assert(sizeof(Msm) <= sizeof(room_) && alignof(Msm) <= alignof(void*));
  auto* msm = new (room_) Msm();
  msm->standing = &standing_;
  msm->start();
}

template <class Table>
Machine<Table>::Machine(const Machine& other, VmActions& actions) : standing_(other.standing_) {
  standing_.actions = &actions;
  auto* msm = new (room_) Msm(const_cast<Machine&>(other).msm());
  msm->standing = &standing_;
}

template <class Table>
Machine<Table>::~Machine() {
  msm().~Msm();
}

template <class Table>
typename Machine<Table>::Msm& Machine<Table>::msm() {
  return *std::launder(reinterpret_cast<Msm*>(room_));
}

template <class Table>
bool Machine<Table>::apply(Command command) {
  static constexpr auto kProcessors =
      table::processors_of<Msm, Command, kCommandCount>(typename Table::Rows());
  const auto process = kProcessors[static_cast<size_t>(command)];
  return process != nullptr && process(msm());
}

template <class Table>
bool Machine<Table>::apply(Completion completion) {
  static constexpr auto kProcessors =
      table::processors_of<Msm, Completion, kCompletionCount>(typename Table::Rows());
  const auto process = kProcessors[static_cast<size_t>(completion)];
  return process != nullptr && process(msm());
}

template <class Table>
void Machine<Table>::let_go() {
  [[maybe_unused]] const bool was_at_rest = msm().process(LetGo());
  assert(was_at_rest);
}

template <class Table>
void Machine<Table>::take_dying() {
  [[maybe_unused]] const bool was_elsewhere = msm().process(TakeDying());
  assert(was_elsewhere);
}

template <class Table>
std::span<const Transition> Machine<Table>::transitions() {
  static const auto rows = table::describe_all(typename Table::Rows());
  return rows;
}

}  // namespace prl::sim::machine
