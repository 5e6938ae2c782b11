// A range of a guest's memory that lies in one piece, so that a test may store to it through a
// pointer. Shared by the memory that it is a part of (ram.h) and by whoever has the pointer: that
// may be used for as long as the object is there, whatever has become of the guest.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "simulator/page_source.h"
#include "simulator/store_watch.h"

namespace prl::sim {

class PinnedMemory {
 public:
  enum class Watch : uint8_t { kIfPossible, kNever };

  // Zeros, which cost physical memory page by page as they are stored to. Throws std::bad_alloc.
  // REQUIRES: page_count > 0.
  PinnedMemory(uint64_t first_page, uint64_t page_count, Watch watch = Watch::kIfPossible);
  PinnedMemory(const PinnedMemory&) = delete;
  PinnedMemory& operator=(const PinnedMemory&) = delete;
  ~PinnedMemory();

  uint64_t first_page() const { return first_page_; }
  uint64_t end_page() const { return first_page_ + bytes_.size() / kPageBytes; }
  std::span<std::byte> bytes() const { return bytes_; }
  // REQUIRES: first_page() <= page < end_page().
  std::byte* page(uint64_t page) const { return bytes_.data() + (page - first_page_) * kPageBytes; }
  // Null where nobody but a comparison can tell what has been stored to.
  StoreWatch* watch() const { return watch_.get(); }

 private:
  const uint64_t first_page_;
  std::span<std::byte> bytes_;
  std::unique_ptr<StoreWatch> watch_;
};

}  // namespace prl::sim
