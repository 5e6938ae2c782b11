// The numbers that sdk/errors gives to the outcomes of a world, less 0x80000000, written down a
// second time. Pure functions.
#pragma once

#include "simulator/outcome.h"
#include "tests/model/reference_model.h"

namespace prl::model {

// An outcome that no model expects has a number that none of them has.
Code code_of(const sim::Outcome& outcome);

}  // namespace prl::model
