// An ordered list of rules with an exact count of what each has seen. A value: copies count on
// their own. Not synchronised; Injector guards the one that it has.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "faults/rule.h"
#include "simulator/random.h"
#include "simulator/seams.h"

namespace prl::faults {

class Plan {
 public:
  struct Counters {
    uint64_t seen = 0;   // matching points that reached the rule
    uint64_t fired = 0;  // those it took
  };
  struct Hit {
    sim::Fault fault;
    uint64_t occurrence = 0;  // the how-manieth point that the rule has seen, from 1
  };

  Plan() = default;
  // Each rule draws from a stream of the seed that has its name, so that rules which are added or
  // left out do not change what the others draw.
  explicit Plan(std::vector<Rule> rules, uint64_t seed = 0);

  // Whether any rule could match points of that layer and name.
  bool watches(sim::Layer layer, std::string_view name);
  // Asks the rules in order; the first that fires takes the point. The rules after it do not see
  // it, so two rules with count = 1 strike the first and the second point, one after the other.
  std::optional<Hit> consult(const sim::FaultPoint& point);

  // Adds a rule behind the others.
  void add(Rule rule);
  // Forgets all rules and counters.
  void clear();

  const std::vector<Rule>& rules() const { return rules_; }
  // In the order of rules().
  const std::vector<Counters>& counters() const { return counters_; }

 private:
  struct Chance {
    bool is_live = true;
    sim::RandomStream stream{0, ""};
  };
  struct TextHash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  // The rules that can match a name, in order.
  using Index = std::unordered_map<std::string, std::vector<uint32_t>, TextHash, std::equal_to<>>;

  const std::vector<uint32_t>& candidates(sim::Layer layer, std::string_view name);
  bool fires(size_t index);

  std::vector<Rule> rules_;
  std::vector<Counters> counters_;
  std::vector<Chance> chances_;
  std::array<Index, sim::kLayerCount> index_;  // of the names that have been asked for
  uint64_t seed_ = 0;
};

}  // namespace prl::faults
