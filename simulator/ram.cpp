#include "simulator/ram.h"

#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <cassert>
#include <cstring>
#include <memory>
#include <memory_resource>
#include <mutex>
#include <new>
#include <optional>
#include <utility>

#include "simulator/checksum.h"
#include "simulator/little_endian.h"
#include "simulator/page_buffer.h"

namespace prl::sim {
namespace {

// A guest that only boots touches one frame. Those of all guests lie together, apart from the heap,
// which for the sake of one page that is aligned would have most of another for each VM.
// Thread-safe.
class BootFrames {
 public:
  // Goes with the library, or with the last VM where that lives on.
  static std::shared_ptr<BootFrames> of_process() {
    static constinit std::atomic<bool> is_over = false;
    struct Keeper {
      std::shared_ptr<BootFrames> frames = std::make_shared<BootFrames>();
      ~Keeper() { is_over = true; }
    };
    if (is_over) return std::make_shared<BootFrames>();
    static const Keeper keeper;
    return keeper.frames;
  }

  // The bytes may be anything.
  std::byte* allocate() {
    std::lock_guard lock(mutex_);
    auto* frame = static_cast<std::byte*>(pool_.allocate(kPageBytes, kPageBytes));
    most_ = std::max(most_, ++taken_);
    return frame;
  }
  // What the last guest leaves behind goes back to the system, unless it is next to nothing.
  void release(std::byte* frame) {
    std::lock_guard lock(mutex_);
    pool_.deallocate(frame, kPageBytes, kPageBytes);
    if (--taken_ > 0 || most_ <= kKeptMax) return;
    pool_.release();
    most_ = 0;
  }

 private:
  static constexpr size_t kKeptMax = 64;

  std::mutex mutex_;
  // Guarded by mutex_.
  std::pmr::unsynchronized_pool_resource pool_{
      {.max_blocks_per_chunk = kKeptMax, .largest_required_pool_block = kPageBytes}};
  size_t taken_ = 0;
  size_t most_ = 0;  // taken at one time, since the pool was empty
};

// Anonymous mappings arrive zeroed and cost physical memory only page by page, so a large chunk
// wastes address space at most.
class ChunkAllocator final : public FrameAllocator {
 public:
  ChunkAllocator() = default;
  ChunkAllocator(const ChunkAllocator&) = delete;
  ChunkAllocator& operator=(const ChunkAllocator&) = delete;
  ~ChunkAllocator() override {
    for (const auto& chunk : chunks_) ::munmap(chunk.data(), chunk.size());
    if (boot_frame_) boot_frames_->release(boot_frame_);
  }

  std::byte* allocate() override {
    if (!released_.empty()) {
      std::byte* frame = released_.back();
      released_.pop_back();
      std::memset(frame, 0, kPageBytes);
      return frame;
    }
    if (!first_unused_.empty()) return take_first();
    if (!boot_frame_) return take_boot_frame();
    if (!first_) return allocate_first();
    if (unused_.empty()) unused_ = add_chunk();
    std::byte* frame = unused_.data();
    unused_ = unused_.subspan(kPageBytes);
    return frame;
  }

  void release(std::byte* frame) override { released_.push_back(frame); }

 private:
  std::byte* take_boot_frame() {
    boot_frames_ = BootFrames::of_process();
    boot_frame_ = boot_frames_->allocate();
    std::memset(boot_frame_, 0, kPageBytes);
    return boot_frame_;
  }

  // The next come from the heap, which has them at hand where a mapping costs the kernel some
  // microseconds.
  static constexpr size_t kFirstFrames = 8;

  std::byte* allocate_first() {
    first_.emplace(kFirstFrames * kPageBytes);
    first_unused_ = first_->bytes();
    return take_first();
  }
  std::byte* take_first() {
    std::byte* frame = first_unused_.data();
    first_unused_ = first_unused_.subspan(kPageBytes);
    std::memset(frame, 0, kPageBytes);
    return frame;
  }

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

  std::shared_ptr<BootFrames> boot_frames_;  // null until one is needed
  std::byte* boot_frame_ = nullptr;
  std::optional<PageBuffer> first_;
  std::span<std::byte> first_unused_;
  std::vector<std::span<std::byte>> chunks_;
  std::span<std::byte> unused_;
  std::vector<std::byte*> released_;
  size_t next_chunk_bytes_ = kFirstChunkBytes;
};

bool is_whole_page(uint64_t address, size_t length) {
  return address % kPageBytes == 0 && length >= kPageBytes;
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
}

Ram::Ram(uint64_t ram_bytes, std::unique_ptr<PageSource> source) : Ram(ram_bytes) {
  source_ = std::move(source);
}

// The groups are copied, the leaves are not: both memories have the same ones.
Ram::Ram(SharedTag, const Ram& origin)
    : size_bytes_(origin.size_bytes_),
      frames_(origin.frames_),
      source_(origin.source_ ? origin.source_->another() : nullptr),
      groups_(origin.groups_.size()),
      touched_pages_(origin.touched_pages_),
      dirty_pages_(origin.dirty_pages_),
      shares_(origin.shares_),
      is_share_(true) {
  for (size_t i = 0; i < groups_.size(); ++i) {
    if (origin.groups_[i]) groups_[i] = std::make_unique<Group>(*origin.groups_[i]);
  }
  shares_->fetch_add(1, std::memory_order_relaxed);
}

Ram::~Ram() {
  if (!is_share_ || !shares_) return;  // nothing shared, or moved from
  groups_.clear();
  shares_->fetch_sub(1, std::memory_order_release);
}

std::shared_ptr<const Ram> Ram::share() {
  assert(!failure_ && !is_share_);
  note_pinned_stores();
  if (!shares_) shares_ = std::make_shared<ShareCount>(0);
  if (!is_shared()) {
    for (std::byte* frame : replaced_) frames_->release(frame);
    replaced_.clear();
  }
  ++epoch_;
  const std::shared_ptr<Ram> share(new Ram(SharedTag(), *this));
  separate_pins(*share);
  return share;
}

bool Ram::start_over() {
  constexpr uint64_t kFewPages = 8;
  const bool is_plain = !source_ && !failure_ && !shares_ && pins_.empty() && groups_.size() == 1;
  if (!is_plain || touched_pages_ > kFewPages) return false;
  const auto& leaves = groups_[0]->leaves;
  const auto is_there = [](const std::shared_ptr<Leaf>& leaf) { return leaf != nullptr; };
  if (!leaves[0] || std::any_of(leaves.begin() + 1, leaves.end(), is_there)) return false;
  Leaf& leaf = *leaves[0];
  for_each_bit(leaf.touched,
               [&](size_t slot) { frames_->release(std::exchange(leaf.frames[slot], nullptr)); });
  leaf.touched = {};
  leaf.dirty = {};
  touched_pages_ = 0;
  dirty_pages_ = 0;
  return true;
}

const Ram::Leaf* Ram::find_leaf(uint64_t leaf_index) const {
  const uint64_t index = leaf_index / kLeavesPerGroup;
  if (index >= groups_.size() || !groups_[index]) return nullptr;
  return groups_[index]->leaves[leaf_index % kLeavesPerGroup].get();
}

Ram::Leaf& Ram::leaf_for_store(uint64_t leaf_index) {
  const uint64_t index = leaf_index / kLeavesPerGroup;
  if (index >= groups_.size()) groups_.resize(index + 1);
  auto& group = groups_[index];
  if (!group) group = std::make_unique<Group>();
  auto& leaf = group->leaves[leaf_index % kLeavesPerGroup];
  if (!leaf) {
    leaf = std::make_shared<Leaf>();
    leaf->epoch = epoch_;
  } else if (leaf->epoch != epoch_ && is_shared()) {
    // A shared memory has this leaf too, and reads it.
    leaf = std::make_shared<Leaf>(*leaf);
    leaf->shared = leaf->touched;
    leaf->epoch = epoch_;
  }
  return *leaf;
}

std::byte* Ram::frame_for_store(Leaf& leaf, size_t slot, bool keeps_content) {
  std::byte*& frame = leaf.frames[slot];
  if (!frame) {
    frame = frames_->allocate();
  } else if (has_bit(leaf.shared, slot) && is_shared()) {
    std::byte* copy = frames_->allocate();
    if (keeps_content) std::memcpy(copy, frame, kPageBytes);
    replaced_.push_back(frame);
    frame = copy;
    clear_bit(leaf.shared, slot);
  }
  touch(leaf, slot);
  return frame;
}

void Ram::touch(Leaf& leaf, size_t slot) {
  if (has_bit(leaf.touched, slot)) return;
  set_bit(leaf.touched, slot);
  ++touched_pages_;
}

void Ram::mark_stored(Leaf& leaf, size_t slot) {
  touch(leaf, slot);
  if (!has_bit(leaf.dirty, slot)) {
    set_bit(leaf.dirty, slot);
    ++dirty_pages_;
  }
}

std::span<std::byte, kPageBytes> Ram::dirty_page(uint64_t page, bool keeps_content) {
  assert(page < page_count() && !is_share_);
  Leaf& leaf = leaf_for_store(page / kPagesPerLeaf);
  const size_t slot = page % kPagesPerLeaf;
  const bool is_new = !leaf.frames[slot];
  std::byte* frame = frame_for_store(leaf, slot, keeps_content);
  if (is_new && source_ && keeps_content) {
    (void)read_from_source(page, std::span(frame, kPageBytes));
  }
  mark_stored(leaf, slot);
  return std::span<std::byte, kPageBytes>(frame, kPageBytes);
}

std::span<std::byte, kPageBytes> Ram::page_for_store(uint64_t page) {
  return dirty_page(page, true);
}

std::span<std::byte, kPageBytes> Ram::page_for_overwrite(uint64_t page) {
  return dirty_page(page, false);
}

void Ram::load_page(uint64_t page, PageBytes bytes) {
  assert(page < page_count() && !is_share_);
  Leaf& leaf = leaf_for_store(page / kPagesPerLeaf);
  std::memcpy(frame_for_store(leaf, page % kPagesPerLeaf, false), bytes.data(), kPageBytes);
}

const std::byte* Ram::find_page(uint64_t page) const {
  assert(page < page_count());
  const Leaf* leaf = find_leaf(page / kPagesPerLeaf);
  return leaf ? leaf->frames[page % kPagesPerLeaf] : nullptr;
}

bool Ram::read_from_source(uint64_t first_page, std::span<std::byte> pages) const {
  const auto read = source_->read(first_page, pages);
  if (!read && !failure_) failure_ = read.error();
  return read.has_value();
}

// Reads from one page, or from a run of whole pages that only the source has; returns how much that
// was. Nothing means failure.
size_t Ram::read_some(uint64_t address, std::span<std::byte> bytes) const {
  const uint64_t page = address / kPageBytes;
  const size_t within = address % kPageBytes;
  const size_t count = std::min(bytes.size(), kPageBytes - within);
  if (const std::byte* frame = find_page(page)) {
    std::memcpy(bytes.data(), frame + within, count);
    return count;
  }
  if (!source_) {
    std::memset(bytes.data(), 0, count);
    return count;
  }
  if (!is_whole_page(address, bytes.size())) {
    std::array<std::byte, kPageBytes> whole;
    if (!read_from_source(page, whole)) return 0;
    std::memcpy(bytes.data(), whole.data() + within, count);
    return count;
  }
  const uint64_t pages_max = std::min(bytes.size() / kPageBytes, kPagesPerLeaf);
  uint64_t run = 1;
  while (run < pages_max && !find_page(page + run)) ++run;
  return read_from_source(page, bytes.first(run * kPageBytes)) ? run * kPageBytes : 0;
}

bool Ram::read(uint64_t address, std::span<std::byte> bytes) const {
  if (failure_ || !contains(address, bytes.size())) return false;
  while (!bytes.empty()) {
    const size_t count = read_some(address, bytes);
    if (count == 0) return false;
    address += count;
    bytes = bytes.subspan(count);
  }
  return true;
}

bool Ram::write(uint64_t address, std::span<const std::byte> bytes) {
  if (failure_ || !contains(address, bytes.size())) return false;
  while (!bytes.empty()) {
    const size_t within = address % kPageBytes;
    const size_t count = std::min(bytes.size(), kPageBytes - within);
    const auto page = dirty_page(address / kPageBytes, count < kPageBytes);
    if (failure_) return false;
    std::memcpy(page.data() + within, bytes.data(), count);
    address += count;
    bytes = bytes.subspan(count);
  }
  return true;
}

void Ram::clear_dirty() {
  note_pinned_stores();
  begin_comparing_anew();
  for (uint64_t leaf = 0; leaf < leaf_count(); ++leaf) {
    if (find_leaf(leaf)) leaf_for_store(leaf).dirty.fill(0);
  }
  dirty_pages_ = 0;
}

uint64_t Ram::digest() const {
  std::array<std::byte, 24> link{};
  store_u64(link, 0, size_bytes_);
  uint64_t digest = checksum(link);
  const auto add = [&](uint64_t page, PageBytes bytes) {
    if (is_zero_page(bytes)) return;
    store_u64(link, 0, digest);
    store_u64(link, 8, page);
    store_u64(link, 16, checksum(bytes));
    digest = checksum(link);
  };
  if (!source_) {
    for_each_touched_page(add);
    return digest;
  }
  std::array<std::byte, kPageBytes> bytes;
  for (uint64_t leaf = 0; leaf < leaf_count(); ++leaf) {
    PageBitmap pages = source_->stored_pages(leaf).value();
    const Leaf* touched = find_leaf(leaf);
    for (size_t i = 0; touched && i < pages.size(); ++i) pages[i] |= touched->touched[i];
    for_each_bit(pages, [&](size_t slot) {
      const uint64_t page = leaf * kPagesPerLeaf + slot;
      if (read(page * kPageBytes, bytes)) add(page, PageBytes(bytes));
    });
  }
  return digest;
}

}  // namespace prl::sim
