// Walks all that worlds can do: from every state every order and every step of time. A world cannot
// be copied, so each is brought to a state by a script that leads there. Where all of it is wanted
// a tour goes on from each state to the next (tour.h); up to a depth it goes breadth first. On each
// edge the world must agree with the reference model, and in each state the invariants must hold.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/model/walk.h"

namespace prl::model {

struct Exploration {
  WalkSetting setting;
  std::vector<Act> acts;
  std::vector<Fault> faults = {Fault::kNone};
  size_t snapshots_max = 2;
  size_t clones_max = 1;  // which are deleted; templates are also asked for what they refuse
  uint32_t depth_max = UINT32_MAX;
  // Where there is a depth_max: of states that differ only in which VM or which session is which,
  // one stands for all; and as many threads as this, with worlds of their own, on which nothing
  // that comes out depends.
  bool is_symmetric = false;
  size_t threads = 1;
  // What is left of the time of all that is under way is a part of a state, so that in states that
  // are the same the same can happen. Otherwise no more of it is than what ends first: of states
  // that differ in the rest, the one that was found first stands for all.
  bool tells_time = true;
  bool is_backwards = false;  // what can be done last in a state is tried first
};

struct Explored {
  uint64_t states = 0;
  uint64_t transitions = 0;
  uint32_t depth = 0;     // of the state that is the farthest away
  std::string violation;  // with the shortest script that leads to it; empty: none
};

std::vector<Act> all_acts();

Explored explore(const Exploration& exploration);

}  // namespace prl::model
