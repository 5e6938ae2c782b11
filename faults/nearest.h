// Finds the name that somebody who mistyped one probably meant. Stateless, any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace prl::faults {

// The candidate with the fewest letters to insert, remove, replace or swap; empty when even that
// one is too far off to be meant (more than a third of the letters).
std::string nearest(std::string_view name, std::span<const std::string_view> candidates);

}  // namespace prl::faults
