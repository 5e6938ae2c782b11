// A state as explorations see it: what makes two states the same, and what can be done in one.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/model/explorer.h"
#include "tests/model/walk.h"

namespace prl::model {

// In which order a state is looked at.
struct Naming {
  std::vector<uint8_t> vms;       // those of the setting
  std::vector<uint8_t> sessions;  // what each is called
};
Naming plain_naming(const WalkSetting& setting);
// All that there are, since VMs and sessions differ in nothing but their places.
std::vector<Naming> all_namings(const WalkSetting& setting);

// What the world shows, and of the model what cannot be seen. Without identities, times and
// counters.
std::string key_of(const Exploration& exploration, Walk& walk, const Naming& naming);

// In two states that are the same under one naming the moves at one place are the same too, though
// the numbers in them may differ.
std::vector<Move> possible_moves(const Exploration& exploration, const Host& host);

// All that happened since there were so many events is that the world has refused the order, and so
// has the model, in which a refusal changes nothing.
bool is_refused(const Walk& walk, const Move& move, size_t since);

}  // namespace prl::model
