// The memory of one VM: a table of 4 KiB pages that costs nothing until it is written to. Every
// store passes through here, so "never touched" and "changed since" are known without reading
// memory. A memory may rest on a source, an image that its pages come from until something is
// stored to them. Owned by one VM and not synchronised: one thread at a time, also for reading.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <type_traits>
#include <vector>

#include "simulator/image_error.h"
#include "simulator/page_source.h"
#include "simulator/pinned_memory.h"

namespace prl::sim {

// 1 TiB. Bounds what a damaged or hostile image can ask for.
inline constexpr uint64_t kMaxRamBytes = uint64_t{1} << 40;

bool is_zero_page(PageBytes page);

// Where pages get their memory from. One owner, not synchronised.
class FrameAllocator {
 public:
  virtual ~FrameAllocator() = default;
  // Returns kPageBytes zero bytes, aligned to kPageBytes, that live as long as the allocator.
  // Throws std::bad_alloc when there is no memory.
  virtual std::byte* allocate() = 0;
  // Takes back what allocate() gave; it may come again.
  virtual void release(std::byte* /*frame*/) {}
};

// Takes memory from the system in chunks that grow with use; gives all of it back at the end.
std::unique_ptr<FrameAllocator> make_chunk_allocator();

class Ram {
 public:
  // What is kept of 256 neighbouring pages. Only Ram changes it.
  struct Leaf {
    std::array<std::byte*, kPagesPerLeaf> frames{};
    PageBitmap touched{};
    PageBitmap dirty{};
    PageBitmap shared{};  // frames that a shared memory may be reading
    uint64_t epoch = 0;   // of the memory that made this leaf
  };

  // REQUIRES: ram_bytes is a multiple of kPageBytes and at most kMaxRamBytes.
  explicit Ram(uint64_t ram_bytes, std::unique_ptr<FrameAllocator> frames = make_chunk_allocator());
  // Begins with the content of the source, none of it touched. Null: as above.
  Ram(uint64_t ram_bytes, std::unique_ptr<PageSource> source);
  ~Ram();

  Ram(Ram&&) = default;
  Ram& operator=(Ram&&) = default;

  uint64_t size_bytes() const { return size_bytes_; }
  uint64_t page_count() const { return size_bytes_ / kPageBytes; }

  // Fills `bytes` from `address`; zero where nothing was written. Never allocates. Returns false,
  // with `bytes` left alone, when the range does not lie inside the memory, and false, whatever
  // `bytes` hold then, when the memory has failed.
  [[nodiscard]] bool read(uint64_t address, std::span<std::byte> bytes) const;
  // Stores `bytes` at `address`. Returns false, with nothing stored, when the range does not lie
  // inside the memory, and false when the memory has failed. Storing zeros touches and dirties a
  // page like any other store.
  [[nodiscard]] bool write(uint64_t address, std::span<const std::byte> bytes);

  // The page's memory for a store of the caller: touches and dirties it. REQUIRES: page <
  // page_count().
  std::span<std::byte, kPageBytes> page_for_store(uint64_t page);
  // The same for a caller that stores all of the page, whose bytes may be any before that.
  std::span<std::byte, kPageBytes> page_for_overwrite(uint64_t page);
  // Puts content that is already kept elsewhere into a page: touches it, leaves it clean.
  // REQUIRES: page < page_count().
  void load_page(uint64_t page, PageBytes bytes);
  // Null when nothing was ever stored to the page or loaded into it. REQUIRES: page < page_count().
  const std::byte* find_page(uint64_t page) const;

  // Why a page that was needed could not be had from the source. From then on the memory has
  // failed: every access fails, and pages for stores hold anything.
  const std::optional<ImageError>& failure() const { return failure_; }

  // A memory with the same content, to be read in another thread while this one goes on: their
  // pages are the same until a store to this one, which then takes a page of its own. Takes time in
  // proportion to the leaves. REQUIRES: the memory has not failed.
  std::shared_ptr<const Ram> share();

  // Makes it what a new memory of its size is, where that costs less than making one: a few pages
  // of its first leaf have been stored to, and nothing else has been done with it. Otherwise false,
  // and nothing has changed.
  [[nodiscard]] bool start_over();

  // -- Pinned memory, to which others store as well, unseen (ram_pins.cpp). They must not while a
  // function of this memory runs, or may find that they were too late.
  // Lets the pages lie in there, with what they hold; neither touches nor dirties them. False, with
  // nothing changed, where the range leaves the memory or a part of it is pinned already, and false
  // when the memory has failed.
  [[nodiscard]] bool pin(const std::shared_ptr<PinnedMemory>& memory);
  // Touches and dirties the pages that others have stored to. Until then those count as they did
  // before. Takes time in proportion to what has been stored to, or, where the system does not know
  // that (store_watch.h), to what is pinned and not dirty; share(), clear_dirty() and unpin() begin
  // with it.
  void note_pinned_stores();
  // Ends it: the pages hold what they do and lie elsewhere. Nothing for memory that is not pinned.
  void unpin(const PinnedMemory& memory);
  void unpin_all();

  // Pages stored to or loaded since construction.
  uint64_t touched_pages() const { return touched_pages_; }
  // Pages stored to since construction or clear_dirty().
  uint64_t dirty_pages() const { return dirty_pages_; }
  void clear_dirty();

  const PageSource* source() const { return source_.get(); }
  uint64_t leaf_count() const { return (page_count() + kPagesPerLeaf - 1) / kPagesPerLeaf; }
  // Null when no page of the leaf was ever touched. REQUIRES: leaf < leaf_count().
  const Leaf* find_leaf(uint64_t leaf) const;

  // Calls visit(leaf_index, Leaf) for those that exist, in ascending order.
  template <class Visitor>
  void for_each_leaf(Visitor visit) const;
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
  // REQUIRES: no page of the source is damaged.
  uint64_t digest() const;

 private:
  // The top level is itself sparse: a group spans 32 MiB, and there are as many pointers to groups
  // as the last page that was stored to needs.
  static constexpr size_t kLeavesPerGroup = 32;
  struct Group {
    std::array<std::shared_ptr<Leaf>, kLeavesPerGroup> leaves;
  };
  // The memories that share() made and that still exist.
  using ShareCount = std::atomic<uint64_t>;

  struct SharedTag {};
  Ram(SharedTag, const Ram& origin);

  bool contains(uint64_t address, uint64_t length) const {
    return address <= size_bytes_ && length <= size_bytes_ - address;
  }
  bool is_shared() const { return shares_ && shares_->load(std::memory_order_acquire) > 0; }
  std::shared_ptr<Leaf>& leaf_at(uint64_t leaf_index) {
    return groups_[leaf_index / kLeavesPerGroup]->leaves[leaf_index % kLeavesPerGroup];
  }
  Leaf& leaf_for_store(uint64_t leaf_index);
  std::byte* frame_for_store(Leaf& leaf, size_t slot, bool keeps_content);
  void touch(Leaf& leaf, size_t slot);
  void mark_stored(Leaf& leaf, size_t slot);
  std::span<std::byte, kPageBytes> dirty_page(uint64_t page, bool keeps_content);
  bool read_from_source(uint64_t first_page, std::span<std::byte> pages) const;
  size_t read_some(uint64_t address, std::span<std::byte> bytes) const;

  struct Pin {
    std::shared_ptr<PinnedMemory> memory;
    std::vector<uint64_t> sums;  // of its pages when they were last known to be clean
  };
  bool is_pinned(uint64_t first_page, uint64_t end_page) const;
  void let_go(Leaf& leaf, size_t slot);
  void note_stores(const Pin& pin);
  void note_stores(const Pin& pin, const StoreWatch::Range& range);
  void begin_comparing_anew();
  void separate_pins(Ram& share);

  template <class Visitor>
  void walk(PageBitmap Leaf::*bitmap, Visitor& visit) const;

  uint64_t size_bytes_ = 0;
  std::shared_ptr<FrameAllocator> frames_;
  std::unique_ptr<PageSource> source_;
  std::vector<std::unique_ptr<Group>> groups_;
  uint64_t touched_pages_ = 0;
  uint64_t dirty_pages_ = 0;
  mutable std::optional<ImageError> failure_;

  std::shared_ptr<ShareCount> shares_;  // null until the first share()
  bool is_share_ = false;               // made by share() itself
  uint64_t epoch_ = 0;                  // counts calls of share()
  std::vector<std::byte*> replaced_;    // frames that only shared memories use
  std::vector<Pin> pins_;
};

template <class Visitor>
void Ram::for_each_leaf(Visitor visit) const {
  for (size_t group = 0; group < groups_.size(); ++group) {
    if (!groups_[group]) continue;
    for (size_t leaf = 0; leaf < kLeavesPerGroup; ++leaf) {
      const Leaf* content = groups_[group]->leaves[leaf].get();
      if (content) visit(group * kLeavesPerGroup + leaf, *content);
    }
  }
}

template <class Visitor>
void Ram::walk(PageBitmap Leaf::*bitmap, Visitor& visit) const {
  bool goes_on = true;
  for_each_leaf([&](uint64_t leaf, const Leaf& content) {
    for_each_bit(content.*bitmap, [&](size_t slot) {
      if (!goes_on) return;
      const PageBytes bytes(content.frames[slot], kPageBytes);
      const uint64_t page = leaf * kPagesPerLeaf + slot;
      if constexpr (std::is_same_v<decltype(visit(page, bytes)), bool>) {
        goes_on = visit(page, bytes);
      } else {
        visit(page, bytes);
      }
    });
  });
}

}  // namespace prl::sim
