// A small seeded generator (splitmix64). Each consumer names its stream, so a draw added in one
// place does not shift the draws of another. A value type; one owner, not synchronised.
#pragma once

#include <cassert>
#include <cstdint>
#include <string_view>

namespace prl::sim {

// Spreads every bit of the input over the whole output; a bijection.
constexpr uint64_t mix_bits(uint64_t value) {
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9u;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EBu;
  return value ^ (value >> 31);
}

class RandomStream {
 public:
  // Equal (seed, name) give equal draws on every machine and in every build.
  constexpr RandomStream(uint64_t seed, std::string_view name) : state_(mix_bits(seed)) {
    for (const char letter : name)
      state_ = mix_bits(state_ + static_cast<unsigned char>(letter) + 1);
  }

  constexpr uint64_t next() {
    state_ += 0x9E3779B97F4A7C15u;
    return mix_bits(state_);
  }

  // Draws from [0, bound), every value equally likely. REQUIRES: bound > 0.
  constexpr uint64_t below(uint64_t bound) {
    assert(bound > 0);
    // Draws under 2^64 mod bound would favour small remainders, so they are drawn again. At least
    // half of all draws are accepted, whatever the bound.
    const uint64_t rejected_below = (0 - bound) % bound;
    uint64_t draw = next();
    while (draw < rejected_below) draw = next();
    return draw % bound;
  }

  // Draws from [low, high], both included. REQUIRES: low <= high.
  constexpr uint64_t between(uint64_t low, uint64_t high) {
    assert(low <= high);
    const uint64_t span = high - low;
    return span == UINT64_MAX ? next() : low + below(span + 1);
  }

 private:
  uint64_t state_;
};

}  // namespace prl::sim
