// The identity of a VM, a host or a snapshot: 16 bytes, written as "{8-4-4-4-12}". A value type.
#pragma once

#include <array>
#include <bit>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "simulator/random.h"

namespace prl::sim {

class Uuid {
 public:
  using Bytes = std::array<uint8_t, 16>;

  // The nil UUID: all zero, names nothing.
  constexpr Uuid() = default;
  constexpr explicit Uuid(const Bytes& bytes) : bytes_(bytes) {}

  // Lays 128 bits out as a version-4 UUID; six of them are replaced by version and variant.
  static Uuid from_random(uint64_t high, uint64_t low);
  // Accepts 36 characters, bare or in braces, of either case; anything else gives none.
  static std::optional<Uuid> parse(std::string_view text);

  // 38 characters: braces, lower-case digits.
  std::string format() const;
  // In the order in which the digits are written.
  constexpr const Bytes& bytes() const { return bytes_; }
  constexpr bool is_nil() const { return *this == Uuid(); }

  friend constexpr auto operator<=>(const Uuid&, const Uuid&) = default;
  friend constexpr bool operator==(const Uuid& left, const Uuid& right) {
    return left.words() == right.words();
  }

 private:
  friend struct std::hash<Uuid>;

  // Every search for a VM hashes and compares, hence not byte by byte.
  using Words = std::array<uint64_t, 2>;
  constexpr Words words() const { return std::bit_cast<Words>(bytes_); }

  Bytes bytes_{};
};

}  // namespace prl::sim

template <>
struct std::hash<prl::sim::Uuid> {
  size_t operator()(const prl::sim::Uuid& uuid) const noexcept {
    const auto [high, low] = uuid.words();
    return prl::sim::mix_bits(high ^ prl::sim::mix_bits(low));
  }
};
