#include "tests/model/covering_rules.h"

namespace prl::model {
namespace {

std::string row_text(sim::State from, std::string_view trigger, sim::State to) {
  return std::string(sim::state_name(from)) + " + " + std::string(trigger) + " -> " +
         std::string(sim::state_name(to));
}

}  // namespace

class CoveringRules::Machine final : public sim::Lifecycle {
 public:
  Machine(std::set<std::string>& used, sim::VmActions& actions) : used_(used), machine_(actions) {}

  sim::Refusal apply(sim::Command command) override {
    const sim::State from = machine_.state();
    const sim::Refusal refusal = machine_.apply(command);
    // Resume uses the rows of Start.
    const bool is_resume = command == sim::Command::kResume;
    const std::string_view name = sim::command_name(is_resume ? sim::Command::kStart : command);
    if (refusal == sim::Refusal::kNone) used_.insert(row_text(from, name, machine_.state()));
    return refusal;
  }
  bool apply(sim::Completion completion) override {
    const sim::State from = machine_.state();
    const bool is_handled = machine_.apply(completion);
    if (is_handled) {
      used_.insert(row_text(from, sim::completion_name(completion), machine_.state()));
    }
    return is_handled;
  }
  sim::State state() const override { return machine_.state(); }
  sim::Refusal would_refuse(sim::Command command) const override {
    return machine_.would_refuse(command);
  }

 private:
  std::set<std::string>& used_;
  sim::VmMachine machine_;
};

std::unique_ptr<sim::Lifecycle> CoveringRules::make_machine(sim::VmActions& actions) const {
  return std::make_unique<Machine>(used_, actions);
}

std::vector<std::string> CoveringRules::rows_left() const {
  std::vector<std::string> left;
  for (const sim::Transition& row : sim::transitions()) {
    std::string text = row_text(row.from, row.trigger, row.to);
    if (!used_.contains(text)) left.push_back(std::move(text));
  }
  return left;
}

}  // namespace prl::model
