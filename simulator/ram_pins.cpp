// The part of a memory that lies in pinned ranges. Its pages have frames there, so that stores from
// both sides meet. Which of them the other side has changed is found out by comparing checksums, of
// all pages or of those that the kernel has seen stores to: the outcome is the same. A leaf with
// pinned pages is never one that a shared memory has too.
#include <sys/mman.h>

#include <algorithm>
#include <cassert>
#include <cstring>
#include <new>
#include <optional>

#include "simulator/checksum.h"
#include "simulator/ram.h"

namespace prl::sim {

namespace {

PageBytes page_bytes(const std::byte* frame) {
  return PageBytes(frame, kPageBytes);
}

uint64_t sum_of_zeros() {
  static constexpr std::array<std::byte, kPageBytes> kZeros{};
  static const uint64_t sum = checksum(kZeros);
  return sum;
}

}  // namespace

PinnedMemory::PinnedMemory(uint64_t first_page, uint64_t page_count, Watch watch)
    : first_page_(first_page) {
  const size_t bytes = page_count * kPageBytes;
  void* memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  bytes_ = {static_cast<std::byte*>(memory), bytes};
  if (watch == Watch::kIfPossible) watch_ = StoreWatch::over(bytes_);
}

PinnedMemory::~PinnedMemory() {
  watch_.reset();
  ::munmap(bytes_.data(), bytes_.size());
}

bool Ram::is_pinned(uint64_t first_page, uint64_t end_page) const {
  return std::ranges::any_of(pins_, [=](const Pin& pin) {
    return first_page < pin.memory->end_page() && pin.memory->first_page() < end_page;
  });
}

bool Ram::pin(const std::shared_ptr<PinnedMemory>& memory) {
  assert(!is_share_);
  const uint64_t first = memory->first_page();
  const uint64_t end = memory->end_page();
  if (failure_ || end > page_count() || is_pinned(first, end)) return false;
  if (source_ && !read(first * kPageBytes, memory->bytes())) return false;
  Pin& pin = pins_.emplace_back(Pin{memory, {}});
  pin.sums.reserve(end - first);  // should memory end below, what has a sum is pinned
  for (uint64_t page = first; page < end; ++page) {
    std::byte* place = memory->page(page);
    Leaf& leaf = leaf_for_store(page / kPagesPerLeaf);
    std::byte*& frame = leaf.frames[page % kPagesPerLeaf];
    const bool has_content = frame || source_;
    if (frame) {
      std::memcpy(place, frame, kPageBytes);
      let_go(leaf, page % kPagesPerLeaf);
    }
    frame = place;
    pin.sums.push_back(has_content ? checksum(page_bytes(place)) : sum_of_zeros());
  }
  return true;
}

// Of a frame that is no longer the page's own.
void Ram::let_go(Leaf& leaf, size_t slot) {
  if (has_bit(leaf.shared, slot) && is_shared()) {
    replaced_.push_back(leaf.frames[slot]);
  } else {
    frames_->release(leaf.frames[slot]);
  }
  clear_bit(leaf.shared, slot);
}

// A page that is dirty has nothing more to tell.
void Ram::note_stores(const Pin& pin) {
  const size_t pages = pin.sums.size();
  StoreWatch* const watch = pin.memory->watch();
  const auto stored = watch ? watch->take() : std::nullopt;
  if (!stored) return note_stores(pin, {0, pages});
  // Nothing of a pin that is not complete is beyond its last sum.
  for (const auto& [first, end] : *stored) note_stores(pin, {first, std::min(end, pages)});
}

void Ram::note_stores(const Pin& pin, const StoreWatch::Range& range) {
  for (size_t i = range.first; i < range.end; ++i) {
    const uint64_t page = pin.memory->first_page() + i;
    Leaf& leaf = leaf_for_store(page / kPagesPerLeaf);
    const size_t slot = page % kPagesPerLeaf;
    if (has_bit(leaf.dirty, slot)) continue;
    if (checksum(page_bytes(leaf.frames[slot])) != pin.sums[i]) mark_stored(leaf, slot);
  }
}

void Ram::note_pinned_stores() {
  for (const Pin& pin : pins_) note_stores(pin);
}

// REQUIRES: all stores are noted.
void Ram::begin_comparing_anew() {
  for (Pin& pin : pins_) {
    for (size_t i = 0; i < pin.sums.size(); ++i) {
      const uint64_t page = pin.memory->first_page() + i;
      const Leaf& leaf = *find_leaf(page / kPagesPerLeaf);
      if (!has_bit(leaf.dirty, page % kPagesPerLeaf)) continue;
      pin.sums[i] = checksum(page_bytes(pin.memory->page(page)));
    }
  }
}

void Ram::unpin(const PinnedMemory& memory) {
  const auto pin = std::ranges::find_if(pins_, [&](const Pin& p) { return &*p.memory == &memory; });
  if (pin == pins_.end()) return;
  note_stores(*pin);
  const uint64_t end = memory.first_page() + pin->sums.size();
  for (uint64_t page = memory.first_page(); page < end; ++page) {
    Leaf& leaf = leaf_for_store(page / kPagesPerLeaf);
    const size_t slot = page % kPagesPerLeaf;
    // What was not touched is as it was before: all zero, or the source's.
    std::byte* own = has_bit(leaf.touched, slot) ? frames_->allocate() : nullptr;
    if (own) std::memcpy(own, memory.page(page), kPageBytes);
    leaf.frames[slot] = own;
  }
  pins_.erase(pin);
}

void Ram::unpin_all() {
  while (!pins_.empty()) unpin(*pins_.back().memory);
}

// Gives a memory that has just been shared leaves and frames of its own for what is pinned here:
// those go on being stored to unseen.
void Ram::separate_pins(Ram& share) {
  for (const Pin& pin : pins_) {
    const uint64_t end = pin.memory->first_page() + pin.sums.size();
    for (uint64_t page = pin.memory->first_page(); page < end; ++page) {
      const uint64_t index = page / kPagesPerLeaf;
      const size_t slot = page % kPagesPerLeaf;
      Leaf& leaf = *leaf_at(index);
      auto& shared = share.leaf_at(index);
      if (&*shared == &leaf) {
        shared = std::make_shared<Leaf>(leaf);
        leaf.shared = leaf.touched;
        leaf.epoch = epoch_;
      }
      clear_bit(leaf.shared, slot);
      std::byte*& frame = shared->frames[slot];
      frame = has_bit(leaf.touched, slot) ? frames_->allocate() : nullptr;
      if (!frame) continue;
      std::memcpy(frame, pin.memory->page(page), kPageBytes);
      replaced_.push_back(frame);  // the share alone uses it
    }
  }
}

}  // namespace prl::sim
