// A state as explorations see it: what makes two states the same, and what can be done in one.
#pragma once

#include <string>
#include <vector>

#include "tests/model/explorer.h"
#include "tests/model/walk.h"

namespace prl::model {

// What the world shows, and of the model what cannot be seen. Without identities, times and
// counters.
std::string key_of(const Exploration& exploration, Walk& walk);

// In two states that are the same the moves at one place are the same too, though the numbers in
// them may differ.
std::vector<Move> possible_moves(const Exploration& exploration, const Host& host);

}  // namespace prl::model
