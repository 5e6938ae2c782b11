// The one checksum of the simulator, XXH3-64: detects damage, is no protection against intent.
// Any thread may call.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace prl::sim {

// Equal on every machine, so it may be kept in files.
uint64_t checksum(std::span<const std::byte> bytes);

}  // namespace prl::sim
