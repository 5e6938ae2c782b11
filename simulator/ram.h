// The memory of one VM: a table of 4 KiB pages that costs nothing until it is written to. Every
// store passes through here, so "never touched" and "changed since" are known without reading
// memory. Owned by one VM and not synchronised: one thread at a time, also for reading.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <type_traits>
#include <vector>

namespace prl::sim {

inline constexpr size_t kPageBytes = 4096;
inline constexpr size_t kPagesPerLeaf = 256;
inline constexpr uint64_t kLeafBytes = kPageBytes * kPagesPerLeaf;
// 1 TiB. Bounds what a damaged or hostile image can ask for.
inline constexpr uint64_t kMaxRamBytes = uint64_t{1} << 40;

using PageBytes = std::span<const std::byte, kPageBytes>;

bool is_zero_page(PageBytes page);

// Where pages get their memory from. One owner, not synchronised.
class FrameAllocator {
 public:
  virtual ~FrameAllocator() = default;
  // Returns kPageBytes zero bytes, aligned to kPageBytes, that live as long as the allocator.
  // Throws std::bad_alloc when there is no memory.
  virtual std::byte* allocate() = 0;
};

// Takes memory from the system in chunks that grow with use; gives all of it back at the end.
std::unique_ptr<FrameAllocator> make_chunk_allocator();

class Ram {
 public:
  // REQUIRES: ram_bytes is a multiple of kPageBytes and at most kMaxRamBytes.
  explicit Ram(uint64_t ram_bytes, std::unique_ptr<FrameAllocator> frames = make_chunk_allocator());

  Ram(Ram&&) = default;
  Ram& operator=(Ram&&) = default;

  uint64_t size_bytes() const { return size_bytes_; }
  uint64_t page_count() const { return size_bytes_ / kPageBytes; }

  // Fills `bytes` from `address`; zero where nothing was written. Never allocates. Returns false,
  // with `bytes` left alone, when the range does not lie inside the memory.
  [[nodiscard]] bool read(uint64_t address, std::span<std::byte> bytes) const;
  // Stores `bytes` at `address`. Returns false, with nothing stored, when the range does not lie
  // inside the memory. Storing zeros touches and dirties a page like any other store.
  [[nodiscard]] bool write(uint64_t address, std::span<const std::byte> bytes);

  // The page's memory for a store of the caller: touches and dirties it.
  // REQUIRES: page < page_count().
  std::span<std::byte, kPageBytes> page_for_store(uint64_t page);
  // Puts content that is already kept elsewhere into a page: touches it, leaves it clean.
  // REQUIRES: page < page_count().
  void load_page(uint64_t page, PageBytes bytes);
  // Null when the page was never touched. REQUIRES: page < page_count().
  const std::byte* find_page(uint64_t page) const;

  // Pages stored to or loaded since construction.
  uint64_t touched_pages() const { return touched_pages_; }
  // Pages stored to since construction or clear_dirty().
  uint64_t dirty_pages() const { return dirty_pages_; }
  void clear_dirty();

  // Calls visit(page_index, PageBytes) in ascending order. A visitor that returns bool ends the
  // walk with false.
  template <class Visitor>
  void for_each_touched_page(Visitor visit) const {
    walk(&Leaf::touched, visit);
  }
  template <class Visitor>
  void for_each_dirty_page(Visitor visit) const {
    walk(&Leaf::dirty, visit);
  }

  // Depends on the size and the content only: a page of zeros counts like one never touched.
  uint64_t digest() const;

 private:
  using Bitmap = std::array<uint64_t, kPagesPerLeaf / 64>;
  struct Leaf {
    std::array<std::byte*, kPagesPerLeaf> frames{};
    Bitmap touched{};
    Bitmap dirty{};
  };
  // The top level is itself sparse: a group spans 512 MiB, and 16 GiB without content cost 256
  // bytes of group pointers.
  static constexpr size_t kLeavesPerGroup = 512;
  struct Group {
    std::array<std::unique_ptr<Leaf>, kLeavesPerGroup> leaves;
  };

  bool contains(uint64_t address, uint64_t length) const {
    return address <= size_bytes_ && length <= size_bytes_ - address;
  }
  const Leaf* find_leaf(uint64_t leaf_index) const;
  Leaf& leaf_for_store(uint64_t leaf_index);
  std::byte* frame_for_store(Leaf& leaf, size_t slot);

  template <class Visitor>
  void walk(Bitmap Leaf::*bitmap, Visitor& visit) const;

  uint64_t size_bytes_ = 0;
  std::unique_ptr<FrameAllocator> frames_;
  std::vector<std::unique_ptr<Group>> groups_;
  uint64_t touched_pages_ = 0;
  uint64_t dirty_pages_ = 0;
};

template <class Visitor>
void Ram::walk(Bitmap Leaf::*bitmap, Visitor& visit) const {
  for (size_t group = 0; group < groups_.size(); ++group) {
    if (!groups_[group]) continue;
    for (size_t leaf = 0; leaf < kLeavesPerGroup; ++leaf) {
      const Leaf* content = groups_[group]->leaves[leaf].get();
      if (!content) continue;
      const uint64_t first_page = (group * kLeavesPerGroup + leaf) * kPagesPerLeaf;
      for (size_t word = 0; word < (content->*bitmap).size(); ++word) {
        for (uint64_t bits = (content->*bitmap)[word]; bits != 0; bits &= bits - 1) {
          const size_t slot = word * 64 + static_cast<size_t>(std::countr_zero(bits));
          const PageBytes bytes(content->frames[slot], kPageBytes);
          if constexpr (std::is_same_v<decltype(visit(first_page, bytes)), bool>) {
            if (!visit(first_page + slot, bytes)) return;
          } else {
            visit(first_page + slot, bytes);
          }
        }
      }
    }
  }
}

}  // namespace prl::sim
