// One rule of a fault plan: what it watches, when it fires, what it does. Plain values, owned by a
// Plan or a Scenario.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/seams.h"

namespace prl::faults {

// The points that a rule watches. An empty text stands for any. Patterns have '*' for any letters
// and '?' for one.
struct Match {
  std::string name;  // FaultPoint::name, a pattern
  std::string vm;    // a pattern of its name, or its uuid in braces; points may concern no VM
  sim::Layer layer = sim::Layer::kJob;
  std::string state;     // FaultPoint::state, a pattern
  std::string path;      // a pattern
  uint64_t session = 0;  // 0: any
  uint64_t after_ms = 0;
  uint64_t before_ms = std::numeric_limits<uint64_t>::max();  // this moment is not among them

  bool operator==(const Match&) const = default;
};

// Lets `skip` matching points pass. Of those after them it considers every `every`-th, takes that
// with `probability`, and never more than `count` in all; count 0 means no limit. The rule takes
// part in a run at all with the probability `live`, which is decided when the world is made. With
// `points` it takes exactly those of the matching points, counted from 1 and rising, and nothing
// else counts.
struct Trigger {
  uint64_t skip = 0;
  uint64_t count = 1;
  uint64_t every = 1;
  double probability = 1;
  double live = 1;
  std::optional<std::vector<uint64_t>> points = {};

  bool draws() const { return !points && (probability < 1 || live < 1); }
  bool operator==(const Trigger&) const = default;
};

struct Rule {
  std::string name;
  Match match;
  Trigger trigger;
  sim::Fault effect;  // `effect.rule` is filled in when the rule fires

  bool operator==(const Rule&) const = default;
};

// In braces and lower case, as points name VMs; empty where the text is no uuid.
std::string normal_uuid(std::string_view text);

bool matches_pattern(std::string_view pattern, std::string_view text);
// Whether a fault of the kind makes sense in the layer.
bool can_strike(sim::Fault::Kind kind, sim::Layer layer);
// Of transitions only those that begin a phase can be struck by it: there is work to do.
bool needs_phase(sim::Fault::Kind kind);

}  // namespace prl::faults
