#include "faults/plan.h"

#include <algorithm>
#include <utility>

namespace prl::faults {
namespace {

// With 53 bits, as many as a double holds, so that the product is exact on every machine.
bool happens(sim::RandomStream& stream, double probability) {
  constexpr double kBound = static_cast<double>(uint64_t{1} << 53);
  if (probability >= 1) return true;
  return (stream.next() >> 11) < static_cast<uint64_t>(probability * kBound);
}

bool is_of(const std::string& wanted, const sim::FaultPoint& point) {
  return wanted == point.vm_uuid || matches_pattern(wanted, point.vm_name);
}

// The name has been compared already.
bool matches(const Match& match, const sim::FaultPoint& point) {
  if (point.now_ms < match.after_ms || point.now_ms >= match.before_ms) return false;
  return (match.vm.empty() || (!point.vm_name.empty() && is_of(match.vm, point))) &&
         (match.state.empty() || matches_pattern(match.state, point.state)) &&
         (match.session == 0 || match.session == point.session) &&
         (match.path.empty() || matches_pattern(match.path, point.path));
}

bool finds_work(const Rule& rule, const sim::FaultPoint& point) {
  const bool is_in_phases = point.layer == sim::Layer::kTransition && needs_phase(rule.effect.kind);
  return !is_in_phases || point.begins_phase;
}

}  // namespace

Plan::Plan(std::vector<Rule> rules, uint64_t seed) : seed_(seed) {
  for (Rule& rule : rules) add(std::move(rule));
}

const std::vector<uint32_t>& Plan::candidates(sim::Layer layer, std::string_view name) {
  Index& index = index_[static_cast<size_t>(layer)];
  if (const auto found = index.find(name); found != index.end()) return found->second;
  std::vector<uint32_t>& list = index[std::string(name)];
  for (size_t i = 0; i < rules_.size(); ++i) {
    const Match& match = rules_[i].match;
    if (match.layer != layer) continue;
    if (match.name.empty() || matches_pattern(match.name, name)) {
      list.push_back(static_cast<uint32_t>(i));
    }
  }
  return list;
}

bool Plan::watches(sim::Layer layer, std::string_view name) {
  return !rules_.empty() && !candidates(layer, name).empty();
}

// REQUIRES: the rule has just seen another point.
bool Plan::fires(size_t index) {
  const Trigger& trigger = rules_[index].trigger;
  if (trigger.points) {
    return std::ranges::binary_search(*trigger.points, counters_[index].seen);
  }
  const Counters& counters = counters_[index];
  if (counters.seen <= trigger.skip) return false;
  if (trigger.count != 0 && counters.fired >= trigger.count) return false;
  if ((counters.seen - trigger.skip - 1) % trigger.every != 0) return false;
  return chances_[index].is_live && happens(chances_[index].stream, trigger.probability);
}

std::optional<Plan::Hit> Plan::consult(const sim::FaultPoint& point) {
  for (const uint32_t i : candidates(point.layer, point.name)) {
    const Rule& rule = rules_[i];
    if (!matches(rule.match, point) || !finds_work(rule, point)) continue;
    const uint64_t occurrence = ++counters_[i].seen;
    if (!fires(i)) continue;
    ++counters_[i].fired;
    Hit hit{rule.effect, occurrence};
    hit.fault.rule = rule.name;
    if (rule.trigger.draws()) hit.fault.drawn_point = occurrence;
    return hit;
  }
  return std::nullopt;
}

void Plan::add(Rule rule) {
  for (Index& index : index_) index.clear();
  Chance chance{.stream = sim::RandomStream(seed_, "fault/" + rule.name)};
  sim::RandomStream life(seed_, "live/" + rule.name);
  chance.is_live = happens(life, rule.trigger.live);
  chances_.push_back(chance);
  rules_.push_back(std::move(rule));
  counters_.emplace_back();
}

void Plan::clear() {
  for (Index& index : index_) index.clear();
  rules_.clear();
  counters_.clear();
  chances_.clear();
}

}  // namespace prl::faults
