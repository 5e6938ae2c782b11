// Pages of memory that are kept somewhere else than in memory, and how sets of pages are written
// down.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "simulator/image_error.h"

namespace prl::sim {

inline constexpr size_t kPageBytes = 4096;
inline constexpr uint64_t kBytesPerMib = uint64_t{1} << 20;
inline constexpr size_t kPagesPerLeaf = 256;
inline constexpr uint64_t kLeafBytes = kPageBytes * kPagesPerLeaf;

using PageBytes = std::span<const std::byte, kPageBytes>;

// A set of pages of one leaf, numbered within it: 256 neighbouring pages, the first a multiple of
// 256.
using PageBitmap = std::array<uint64_t, kPagesPerLeaf / 64>;

inline bool has_bit(const PageBitmap& bitmap, size_t index) {
  return (bitmap[index / 64] >> (index % 64) & 1) != 0;
}
inline void set_bit(PageBitmap& bitmap, size_t index) {
  bitmap[index / 64] |= uint64_t{1} << (index % 64);
}
inline void clear_bit(PageBitmap& bitmap, size_t index) {
  bitmap[index / 64] &= ~(uint64_t{1} << (index % 64));
}
inline size_t count_bits(const PageBitmap& bitmap) {
  size_t count = 0;
  for (const uint64_t word : bitmap) count += static_cast<size_t>(std::popcount(word));
  return count;
}
// Calls visit(index) in ascending order.
template <class Visitor>
void for_each_bit(const PageBitmap& bitmap, Visitor visit) {
  for (size_t word = 0; word < bitmap.size(); ++word) {
    for (uint64_t bits = bitmap[word]; bits != 0; bits &= bits - 1) {
      visit(word * 64 + static_cast<size_t>(std::countr_zero(bits)));
    }
  }
}

// Content that does not change. One thread at a time; what another() returns is for another one.
class PageSource {
 public:
  virtual ~PageSource() = default;
  // Fills `pages`, which is a number of whole pages, with the content from `first_page` on, zeros
  // where the source has none. Every page is verified; a failure leaves any bytes behind.
  virtual ImageResult<void> read(uint64_t first_page, std::span<std::byte> pages) = 0;
  // The pages of a leaf that are not all zero.
  virtual ImageResult<PageBitmap> stored_pages(uint64_t leaf) = 0;
  // The same content.
  virtual std::unique_ptr<PageSource> another() const = 0;
};

}  // namespace prl::sim
