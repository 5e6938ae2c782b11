#include "tool/exact_scenario.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "faults/document.h"

namespace prl::tool {

namespace {

using Failure = sim::Unexpected<std::string>;
using faults::Node;
using faults::Rule;

Node list_of(const std::vector<uint64_t>& points) {
  Node list{.kind = Node::Kind::kList, .key = "points"};
  for (const uint64_t point : points) {
    list.children.push_back({.kind = Node::Kind::kScalar, .scalar = std::to_string(point)});
  }
  return list;
}

void put_points(Node& fault, const std::vector<uint64_t>& points) {
  Node* trigger = fault.find("trigger");
  if (!trigger) trigger = &fault.children.emplace_back(Node{.key = "trigger"});
  trigger->children = {list_of(points)};
}

// Why the run cannot be one of the rules; empty where it can. Faults of rules that the scenario has
// not may be those of rules that the client adds.
std::string contradiction(const std::vector<Rule>& rules, const TracedRun& run) {
  std::set<std::string> drawing;
  for (const Rule& rule : rules) {
    if (rule.trigger.draws()) drawing.insert(traced_name(rule.name));
  }
  for (const auto& [name, points] : run.draws) {
    if (drawing.contains(name)) continue;
    return fmt::format(
        "the trace has draws of the rule '{}', and the scenario has no such rule "
        "that draws",
        name);
  }
  for (const TracedFault& fault : run.faults) {
    if (drawing.contains(fault.rule) && !run.draws.contains(fault.rule)) {
      return fmt::format("the trace does not say what was drawn for the rule '{}'", fault.rule);
    }
  }
  return "";
}

}  // namespace

sim::Expected<std::string, std::string> exact_scenario(const OwnScenario& own,
                                                       const TracedRun& run) {
  const std::vector<Rule>& rules = own.scenario.faults;
  if (const std::string why = contradiction(rules, run); !why.empty()) return Failure{why};
  const auto draws = [](const Rule& rule) { return rule.trigger.draws(); };
  if (std::ranges::none_of(rules, draws)) return own.text;
  auto document = faults::parse_document(own.text, "the scenario");
  if (!document) return Failure{document.error().text()};
  Node* list = document->find("fault");
  for (size_t i = 0; i < rules.size(); ++i) {
    if (!draws(rules[i])) continue;
    const auto found = run.draws.find(traced_name(rules[i].name));
    put_points(list->children.at(i),
               found == run.draws.end() ? std::vector<uint64_t>() : found->second);
  }
  return faults::to_toml(*document);
}

}  // namespace prl::tool
