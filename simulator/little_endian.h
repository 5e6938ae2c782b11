// Integers in byte order of the files: least significant byte first, on every machine. g++ and
// clang turn these loops into one plain load or store where the machine agrees.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <span>

namespace prl::sim {

template <class T>
constexpr void store_little_endian(std::span<std::byte> bytes, size_t offset, T value) {
  assert(offset <= bytes.size() && sizeof(T) <= bytes.size() - offset);
  for (size_t i = 0; i < sizeof(T); ++i) {
    bytes[offset + i] = static_cast<std::byte>(static_cast<uint64_t>(value) >> (8 * i));
  }
}

template <class T>
constexpr T load_little_endian(std::span<const std::byte> bytes, size_t offset) {
  assert(offset <= bytes.size() && sizeof(T) <= bytes.size() - offset);
  uint64_t value = 0;
  for (size_t i = 0; i < sizeof(T); ++i) {
    value |= static_cast<uint64_t>(bytes[offset + i]) << (8 * i);
  }
  return static_cast<T>(value);
}

// REQUIRES of all four: the integer lies inside `bytes`.
constexpr void store_u32(std::span<std::byte> bytes, size_t offset, uint32_t value) {
  store_little_endian(bytes, offset, value);
}
constexpr void store_u64(std::span<std::byte> bytes, size_t offset, uint64_t value) {
  store_little_endian(bytes, offset, value);
}
constexpr uint32_t load_u32(std::span<const std::byte> bytes, size_t offset) {
  return load_little_endian<uint32_t>(bytes, offset);
}
constexpr uint64_t load_u64(std::span<const std::byte> bytes, size_t offset) {
  return load_little_endian<uint64_t>(bytes, offset);
}

}  // namespace prl::sim
