#include "faults/plan.h"

#include <utility>

namespace prl::faults {
namespace {

bool matches(const Match& match, const sim::JobStart& job) {
  return (match.function.empty() || match.function == job.function) &&
         (match.vm.empty() || match.vm == job.vm_name);
}

bool fires(const Trigger& trigger, uint64_t occurrence) {
  if (occurrence <= trigger.skip) return false;
  return trigger.count == 0 || occurrence - trigger.skip <= trigger.count;
}

}  // namespace

Plan::Plan(std::vector<Rule> rules, uint64_t seed)
    : rules_(std::move(rules)), counters_(rules_.size()), seed_(seed) {}

std::optional<Plan::Hit> Plan::consult(const sim::JobStart& job) {
  for (size_t i = 0; i < rules_.size(); ++i) {
    const Rule& rule = rules_[i];
    if (!matches(rule.match, job)) continue;
    const uint64_t occurrence = ++counters_[i].seen;
    if (!fires(rule.trigger, occurrence)) continue;
    ++counters_[i].fired;
    Hit hit{rule.effect, occurrence};
    hit.fault.rule = rule.name;
    return hit;
  }
  return std::nullopt;
}

void Plan::add(Rule rule) {
  rules_.push_back(std::move(rule));
  counters_.emplace_back();
}

void Plan::clear() {
  rules_.clear();
  counters_.clear();
}

}  // namespace prl::faults
