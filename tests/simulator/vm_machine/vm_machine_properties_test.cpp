// Whatever arrives in whatever order, the lifecycle stays on the edges of its own tables and
// announces exactly the states that it enters.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <variant>

#include "simulator/vm_machine/vm_machine.h"
#include "tests/simulator/vm_machine/recording_actions.h"

namespace prl::sim {
namespace {

struct CompleteImage {};
struct Step : std::variant<Command, Completion, CompleteImage> {
  using variant::variant;
};

std::string_view step_name(const Step& step) {
  if (const auto* command = std::get_if<Command>(&step)) {
    return command_name(*command == Command::kResume ? Command::kStart : *command);
  }
  if (const auto* completion = std::get_if<Completion>(&step)) return completion_name(*completion);
  return "CompleteImage";
}

// RapidCheck prints the steps of a counterexample with this.
std::ostream& operator<<(std::ostream& out, const Step& step) {
  return out << step_name(step);
}

rc::Gen<Step> any_step() {
  const auto command = rc::gen::map(rc::gen::inRange<int>(0, kCommandCount),
                                    [](int i) { return Step(static_cast<Command>(i)); });
  const auto completion = rc::gen::map(rc::gen::inRange<int>(0, kCompletionCount),
                                       [](int i) { return Step(static_cast<Completion>(i)); });
  const auto done = rc::gen::just(Step(Completion::kDone));
  const auto image = rc::gen::just(Step(CompleteImage()));
  return rc::gen::weightedOneOf<Step>({{4, command}, {2, completion}, {4, done}, {1, image}});
}

bool guard_holds(std::string_view guard, bool had_image) {
  if (guard == "image_exists") return had_image;
  if (guard == "no_image") return !had_image;
  return true;  // the origin is the machine's own affair
}

bool has_edge(State from, std::string_view trigger, State to, bool had_image) {
  return std::ranges::any_of(transitions(), [&](const Transition& row) {
    return row.from == from && row.trigger == trigger && row.to == to &&
           guard_holds(row.guard, had_image);
  });
}

// True when the machine took the step.
bool apply(MachineUnderTest& vm, const Step& step) {
  if (const auto* command = std::get_if<Command>(&step)) {
    const Refusal expected = vm.machine.would_refuse(*command);
    const Refusal refusal = vm.machine.apply(*command);
    RC_ASSERT(refusal == expected);
    return refusal == Refusal::kNone;
  }
  if (const auto* completion = std::get_if<Completion>(&step)) {
    // After an operation on snapshots there is an image exactly where a suspended VM is found.
    const bool is_found = completion_name(*completion).starts_with("Found");
    if (is_found && is_about_snapshots(vm.machine.state())) {
      vm.actions.has_image = *completion == Completion::kFoundSuspended;
    }
    return vm.machine.apply(*completion);
  }
  // An image becomes complete while it is being written, at no other time.
  if (vm.machine.state() == State::kSuspending) vm.actions.has_image = true;
  return false;
}

RC_GTEST_PROP(AnySequence, FollowsTheEdgesAndAnnouncesWhatItEnters, ()) {
  const auto steps = *rc::gen::container<std::vector<Step>>(any_step());
  MachineUnderTest vm(State::kUnknown);
  std::vector<State> entered;
  for (const Step& step : steps) {
    RC_LOG() << state_name(vm.machine.state()) << " + " << step_name(step) << "\n";
    const State before = vm.machine.state();
    const bool had_image = vm.actions.has_image;
    const size_t asked = vm.actions.asked.size();
    if (apply(vm, step)) {
      RC_ASSERT(has_edge(before, step_name(step), vm.machine.state(), had_image));
      if (vm.machine.state() != before) entered.push_back(vm.machine.state());
    } else {
      RC_ASSERT(vm.machine.state() == before);
      RC_ASSERT(vm.actions.asked.size() == asked);
    }
    RC_ASSERT(vm.actions.announced == entered);
  }
}

RC_GTEST_PROP(AnySequence, KeepsTheImageExactlyWhereTheNotesAllowOne, ()) {
  const auto steps = *rc::gen::container<std::vector<Step>>(any_step());
  MachineUnderTest vm(State::kStopped);
  for (const Step& step : steps) {
    apply(vm, step);
    const State state = vm.machine.state();
    if (state == State::kSuspended) RC_ASSERT(vm.actions.has_image);
    if (state == State::kStopped || state == State::kRunning || state == State::kPaused) {
      RC_ASSERT(!vm.actions.has_image);
    }
  }
}

}  // namespace
}  // namespace prl::sim
