// Whether bytes are nothing but zeros, which need not be kept.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

namespace prl::sim {

inline bool is_zero(std::span<const std::byte> bytes) {
  return std::ranges::all_of(bytes, [](std::byte byte) { return byte == std::byte{0}; });
}

}  // namespace prl::sim
