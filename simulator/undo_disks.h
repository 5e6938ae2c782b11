// Disks whose changes are held apart while their VM lives, until it is stopped and they are kept or
// discarded (vm-lifecycle 4.1). Each disk has a state for that, taken when the VM has started, and
// it goes wherever the files go.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "simulator/disks.h"
#include "simulator/outcome.h"
#include "simulator/property_tree.h"

namespace prl::sim {

// What becomes of the changes when the VM is stopped.
enum class UndoMode : uint8_t { kOff, kDiscard, kKeep, kAsk };
UndoMode undo_mode(const PropertyTree& config);

// What a host asks where the client is to say it, in numbers of the client's API.
struct UndoQuestion {
  int32_t code = 0;
  int32_t keep = 0;
  int32_t discard = 0;
};

// The rest is about the images at these paths. A disk that is not there, or cannot be opened, is
// one that nobody can write to.

// Holds what is written from now on apart. Disks on which that goes on already go on with it; a
// failure leaves none with it that had not.
Outcome hold_changes(Disks& disks, const std::vector<std::string>& paths);
Outcome settle_changes(Disks& disks, const std::vector<std::string>& paths, bool keeps);
// Whether a disk has changes that are held apart, or could have some.
bool has_changes(Storage& storage, const std::vector<std::string>& paths);

}  // namespace prl::sim
