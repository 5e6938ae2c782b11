// The invariants of vm-lifecycle 8 that can be told from outside: from what a world announced, how
// its jobs ended and how its VMs look. They know nothing of the reference model.
#pragma once

#include <string>

#include "tests/model/walk.h"

namespace prl::model {

// The first invariant that the walk has broken, in words; empty: none. Looks at all that has
// happened since the event number `since`, and at how things are now.
std::string broken_invariant(Walk& walk, Profile profile, size_t since);

}  // namespace prl::model
