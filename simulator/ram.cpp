#include "simulator/ram.h"

#include <sys/mman.h>

#include <algorithm>
#include <cassert>
#include <cstring>
#include <new>

#include "simulator/checksum.h"
#include "simulator/little_endian.h"

namespace prl::sim {
namespace {

// Anonymous mappings arrive zeroed and cost physical memory only page by page, so a large chunk
// wastes address space at most.
class ChunkAllocator final : public FrameAllocator {
 public:
  ChunkAllocator() = default;
  ChunkAllocator(const ChunkAllocator&) = delete;
  ChunkAllocator& operator=(const ChunkAllocator&) = delete;
  ~ChunkAllocator() override {
    for (const auto& chunk : chunks_) ::munmap(chunk.data(), chunk.size());
  }

  std::byte* allocate() override {
    if (unused_.empty()) unused_ = add_chunk();
    std::byte* frame = unused_.data();
    unused_ = unused_.subspan(kPageBytes);
    return frame;
  }

 private:
  // Chunks double from 1 MiB to 64 MiB: a VM that writes one page stays small, and a VM of 1 TiB
  // stays far below the 65,530 mappings that Linux allows a process.
  static constexpr size_t kFirstChunkBytes = size_t{1} << 20;
  static constexpr size_t kLastChunkBytes = size_t{64} << 20;

  std::span<std::byte> add_chunk() {
    chunks_.reserve(chunks_.size() + 1);
    void* memory = ::mmap(nullptr, next_chunk_bytes_, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    chunks_.emplace_back(static_cast<std::byte*>(memory), next_chunk_bytes_);
    next_chunk_bytes_ = std::min(next_chunk_bytes_ * 2, kLastChunkBytes);
    return chunks_.back();
  }

  std::vector<std::span<std::byte>> chunks_;
  std::span<std::byte> unused_;
  size_t next_chunk_bytes_ = kFirstChunkBytes;
};

// Sets the bit and returns whether it was clear.
bool set_bit(std::span<uint64_t> bitmap, size_t index) {
  const uint64_t bit = uint64_t{1} << (index % 64);
  uint64_t& word = bitmap[index / 64];
  const bool was_clear = (word & bit) == 0;
  word |= bit;
  return was_clear;
}

}  // namespace

bool is_zero_page(PageBytes page) {
  // Comparing the page with itself one byte further on runs at memory speed and stops early.
  return page[0] == std::byte{0} && std::memcmp(page.data(), page.data() + 1, kPageBytes - 1) == 0;
}

std::unique_ptr<FrameAllocator> make_chunk_allocator() {
  return std::make_unique<ChunkAllocator>();
}

Ram::Ram(uint64_t ram_bytes, std::unique_ptr<FrameAllocator> frames)
    : size_bytes_(ram_bytes), frames_(std::move(frames)) {
  assert(ram_bytes % kPageBytes == 0 && ram_bytes <= kMaxRamBytes);
  constexpr uint64_t kGroupBytes = kLeafBytes * kLeavesPerGroup;
  groups_.resize((ram_bytes + kGroupBytes - 1) / kGroupBytes);
}

const Ram::Leaf* Ram::find_leaf(uint64_t leaf_index) const {
  const auto& group = groups_[leaf_index / kLeavesPerGroup];
  return group ? group->leaves[leaf_index % kLeavesPerGroup].get() : nullptr;
}

Ram::Leaf& Ram::leaf_for_store(uint64_t leaf_index) {
  auto& group = groups_[leaf_index / kLeavesPerGroup];
  if (!group) group = std::make_unique<Group>();
  auto& leaf = group->leaves[leaf_index % kLeavesPerGroup];
  if (!leaf) leaf = std::make_unique<Leaf>();
  return *leaf;
}

std::byte* Ram::frame_for_store(Leaf& leaf, size_t slot) {
  std::byte*& frame = leaf.frames[slot];
  if (!frame) frame = frames_->allocate();
  touched_pages_ += set_bit(leaf.touched, slot);
  return frame;
}

std::span<std::byte, kPageBytes> Ram::page_for_store(uint64_t page) {
  assert(page < page_count());
  Leaf& leaf = leaf_for_store(page / kPagesPerLeaf);
  const size_t slot = page % kPagesPerLeaf;
  std::byte* frame = frame_for_store(leaf, slot);
  dirty_pages_ += set_bit(leaf.dirty, slot);
  return std::span<std::byte, kPageBytes>(frame, kPageBytes);
}

void Ram::load_page(uint64_t page, PageBytes bytes) {
  assert(page < page_count());
  std::byte* frame = frame_for_store(leaf_for_store(page / kPagesPerLeaf), page % kPagesPerLeaf);
  std::memcpy(frame, bytes.data(), kPageBytes);
}

const std::byte* Ram::find_page(uint64_t page) const {
  assert(page < page_count());
  const Leaf* leaf = find_leaf(page / kPagesPerLeaf);
  return leaf ? leaf->frames[page % kPagesPerLeaf] : nullptr;
}

bool Ram::read(uint64_t address, std::span<std::byte> bytes) const {
  if (!contains(address, bytes.size())) return false;
  while (!bytes.empty()) {
    const size_t within = address % kPageBytes;
    const size_t count = std::min(bytes.size(), kPageBytes - within);
    if (const std::byte* frame = find_page(address / kPageBytes)) {
      std::memcpy(bytes.data(), frame + within, count);
    } else {
      std::memset(bytes.data(), 0, count);
    }
    address += count;
    bytes = bytes.subspan(count);
  }
  return true;
}

bool Ram::write(uint64_t address, std::span<const std::byte> bytes) {
  if (!contains(address, bytes.size())) return false;
  while (!bytes.empty()) {
    const size_t within = address % kPageBytes;
    const size_t count = std::min(bytes.size(), kPageBytes - within);
    std::memcpy(page_for_store(address / kPageBytes).data() + within, bytes.data(), count);
    address += count;
    bytes = bytes.subspan(count);
  }
  return true;
}

void Ram::clear_dirty() {
  for (auto& group : groups_) {
    if (!group) continue;
    for (auto& leaf : group->leaves) {
      if (leaf) leaf->dirty.fill(0);
    }
  }
  dirty_pages_ = 0;
}

uint64_t Ram::digest() const {
  std::array<std::byte, 24> link{};
  store_u64(link, 0, size_bytes_);
  uint64_t digest = checksum(link);
  for_each_touched_page([&](uint64_t page, PageBytes bytes) {
    if (is_zero_page(bytes)) return;
    store_u64(link, 0, digest);
    store_u64(link, 8, page);
    store_u64(link, 16, checksum(bytes));
    digest = checksum(link);
  });
  return digest;
}

}  // namespace prl::sim
