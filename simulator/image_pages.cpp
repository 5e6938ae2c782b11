#include "simulator/image_pages.h"

#include <algorithm>
#include <atomic>
#include <functional>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include "simulator/checksum.h"
#include "simulator/little_endian.h"
#include "simulator/page_buffer.h"

namespace prl::sim {

namespace {

// While one sums its pages up, two keep the disk busy; more gain nothing.
constexpr size_t kWriters = 3;

ImageResult<void> as_image_result(const StorageResult<void>& result) {
  if (result) return {};
  const StorageError& error = result.error();
  return Unexpected{ImageError{ImageError::Kind::kStorage, error.message(), error.errno_value}};
}

// Calls visit(index, leaf) for each leaf, in ascending order. Leaves and their pages lie anywhere
// in memory: what the visit will look at of `pages` is on its way to the processor before.
template <class Visitor>
void for_each_leaf_fetched(const Ram& ram, PageBitmap Ram::Leaf::*pages, Visitor visit) {
  constexpr size_t kAhead = 3;  // leaves from one of the three steps to the next
  std::vector<std::pair<uint64_t, const Ram::Leaf*>> leaves;
  ram.for_each_leaf(
      [&](uint64_t index, const Ram::Leaf& leaf) { leaves.emplace_back(index, &leaf); });
  for (size_t i = 0; i < leaves.size() + 3 * kAhead; ++i) {
    if (i < leaves.size()) __builtin_prefetch(&(leaves[i].second->*pages));
    if (const size_t at = i - kAhead; at < leaves.size()) {
      const Ram::Leaf& leaf = *leaves[at].second;
      for_each_bit(leaf.*pages, [&](size_t slot) { __builtin_prefetch(&leaf.frames[slot]); });
    }
    if (const size_t at = i - 2 * kAhead; at < leaves.size()) {
      const Ram::Leaf& leaf = *leaves[at].second;
      for_each_bit(leaf.*pages, [&](size_t slot) { __builtin_prefetch(leaf.frames[slot]); });
    }
    if (const size_t at = i - 3 * kAhead; at < leaves.size()) {
      visit(leaves[at].first, *leaves[at].second);
    }
  }
}

// The pages of the set that are not all zero. A page that is not shows it within its first bytes,
// so that this costs little beside writing them.
PageBitmap without_zeros(const Ram::Leaf& leaf, const PageBitmap& pages) {
  PageBitmap left{};
  for_each_bit(pages, [&](size_t slot) {
    if (!is_zero_page(PageBytes(leaf.frames[slot], kPageBytes))) set_bit(left, slot);
  });
  return left;
}

// Adds the page to the last extent, or begins another.
void add_page(PagePlan& plan, uint32_t page, uint32_t slot) {
  if (!plan.extents.empty()) {
    Extent& last = plan.extents.back();
    const uint32_t next_slot = last.first_slot == 0 ? 0 : last.first_slot + last.page_count;
    if (last.first_page + last.page_count == page && next_slot == slot) {
      ++last.page_count;
      return;
    }
  }
  plan.extents.push_back({page, 1, slot});
}

void add_leaf(PagePlan& plan, LeafPlan leaf) {
  if (count_bits(leaf.listed) == 0) return;
  leaf.slots_before = plan.slots;
  for_each_bit(leaf.listed, [&](size_t slot) {
    const auto page = static_cast<uint32_t>(leaf.leaf * kPagesPerLeaf + slot);
    const bool is_stored = has_bit(leaf.stored, slot);
    add_page(plan, page, is_stored ? static_cast<uint32_t>(++plan.slots) : 0);
  });
  plan.leaves.push_back(leaf);
}

}  // namespace

ImageResult<PagePlan> plan_all_pages(const Ram& ram) {
  PagePlan plan;
  if (!ram.source()) {
    for_each_leaf_fetched(ram, &Ram::Leaf::touched, [&](uint64_t index, const Ram::Leaf& leaf) {
      const PageBitmap stored = without_zeros(leaf, leaf.touched);
      add_leaf(plan, {.leaf = index, .content = &leaf, .listed = stored, .stored = stored});
    });
    return plan;
  }
  const auto source = ram.source()->another();
  for (uint64_t index = 0; index < ram.leaf_count(); ++index) {
    auto stored = source->stored_pages(index);
    if (!stored) return Unexpected{stored.error()};
    const Ram::Leaf* leaf = ram.find_leaf(index);
    if (leaf) {
      const PageBitmap touched = without_zeros(*leaf, leaf->touched);
      for (size_t i = 0; i < touched.size(); ++i) {
        (*stored)[i] = ((*stored)[i] & ~leaf->touched[i]) | touched[i];
      }
    }
    add_leaf(plan, {.leaf = index, .content = leaf, .listed = *stored, .stored = *stored});
  }
  return plan;
}

PagePlan plan_dirty_pages(const Ram& ram) {
  PagePlan plan;
  for_each_leaf_fetched(ram, &Ram::Leaf::dirty, [&](uint64_t index, const Ram::Leaf& leaf) {
    add_leaf(plan, {.leaf = index,
                    .content = &leaf,
                    .listed = leaf.dirty,
                    .stored = without_zeros(leaf, leaf.dirty)});
  });
  return plan;
}

PageWriter::PageWriter(File& file, const Ram& ram, const PagePlan& plan, const PagePlaces& places)
    : file_(file), ram_(ram), plan_(plan), places_(places) {
  divide();
}

void PageWriter::divide() {
  const uint64_t pages_max = std::clamp(plan_.slots / 16, kBatchPagesMin, kBatchPagesMax);
  uint64_t pages = 0;
  uint64_t fetched = 0;
  for (size_t i = 0; i < plan_.leaves.size(); ++i) {
    const uint64_t more = count_bits(plan_.leaves[i].stored);
    if (i == 0 || pages + more > pages_max) {
      batches_.push_back(i);
      pages = fetched = 0;
    }
    pages += more;
    fetched += count_bits(pages_of_source(plan_.leaves[i]));
    pages_most_ = std::max(pages_most_, pages);
    fetched_most_ = std::max(fetched_most_, fetched);
  }
}

// The stored pages of the leaf that memory itself does not have.
PageBitmap PageWriter::pages_of_source(const LeafPlan& leaf) const {
  PageBitmap pages = leaf.stored;
  for (size_t i = 0; leaf.content && i < pages.size(); ++i) pages[i] &= ~leaf.content->touched[i];
  return pages;
}

std::span<const LeafPlan> PageWriter::leaves_of(size_t batch) const {
  const size_t begin = batches_[batch];
  const size_t end = batch + 1 < batches_.size() ? batches_[batch + 1] : plan_.leaves.size();
  return std::span(plan_.leaves).subspan(begin, end - begin);
}

ImageResult<void> PageWriter::write_front() {
  return as_image_result(file_.write_at(0, places_.front));
}

ImageResult<void> PageWriter::write_batches() {
  std::atomic<size_t> next = 0;
  std::mutex mutex;
  ImageResult<void> result;  // guarded by mutex; the first failure stays
  const auto work = [&](Batch& batch) {
    for (size_t index = next++; index < batches_.size(); index = next++) {
      ImageResult<void> done = batch.fill(index);
      if (done) done = batch.write();
      if (done) continue;
      next = batches_.size();
      const std::lock_guard lock(mutex);
      if (result) result = std::move(done);
    }
  };
  std::vector<std::unique_ptr<Batch>> batches;
  const size_t writers = file_.wants_one_writer() ? 1 : kWriters;
  while (batches.size() < writers) batches.push_back(std::make_unique<Batch>(*this));
  std::vector<std::thread> helpers;
  helpers.reserve(writers - 1);
  try {
    for (size_t i = 1; i < writers; ++i) helpers.emplace_back(work, std::ref(*batches[i]));
  } catch (const std::system_error&) {
    // The system has no more threads: those that there are do all of it.
  }
  work(*batches[0]);
  for (std::thread& helper : helpers) helper.join();
  return result;
}

// Pages of the source on their way from one file to the other.
struct PageWriter::Batch::Room {
  Room(const PageSource& pages, uint64_t count)
      : source(pages.another()), buffer(count * kPageBytes) {}

  std::unique_ptr<PageSource> source;
  PageBuffer buffer;
  size_t used_pages = 0;
};

PageWriter::Batch::Batch(PageWriter& writer) : writer_(writer) {
  const uint64_t fetched = writer.fetched_most_;
  if (fetched > 0) room_ = std::make_unique<Room>(*writer.ram_.source(), fetched);
  pieces_.reserve(writer.pages_most_ + 1);
}

PageWriter::Batch::~Batch() = default;

ImageResult<void> PageWriter::Batch::fill(size_t index) {
  pieces_.clear();
  if (room_) room_->used_pages = 0;
  if (index >= writer_.batches_.size()) return {};  // an image without pages
  const auto leaves = writer_.leaves_of(index);
  first_slot_ = leaves.front().slots_before;
  for (const LeafPlan& leaf : leaves) {
    if (auto added = add(leaf); !added) return added;
  }
  return {};
}

// Reads the pages of the leaf that only the source has, neighbours at once. They follow each other
// in the room.
ImageResult<void> PageWriter::Batch::fetch(const LeafPlan& leaf) {
  const PageBitmap missing = writer_.pages_of_source(leaf);
  const auto is_missing = [&](size_t slot) {
    return slot < kPagesPerLeaf && has_bit(missing, slot);
  };
  for (size_t slot = 0; slot < kPagesPerLeaf; ++slot) {
    if (!is_missing(slot)) continue;
    size_t end = slot + 1;
    while (is_missing(end)) ++end;
    const auto target =
        room_->buffer.bytes().subspan(room_->used_pages * kPageBytes, (end - slot) * kPageBytes);
    auto read = room_->source->read(leaf.leaf * kPagesPerLeaf + slot, target);
    if (!read) return read;
    room_->used_pages += end - slot;
    slot = end;
  }
  return {};
}

ImageResult<void> PageWriter::Batch::add(const LeafPlan& leaf) {
  size_t fetched = room_ ? room_->used_pages : 0;
  if (room_) {
    if (auto read = fetch(leaf); !read) return read;
  }
  const auto sums = writer_.places_.front.subspan(writer_.places_.sums_offset);
  uint64_t slots = leaf.slots_before;
  for_each_bit(leaf.stored, [&](size_t slot) {
    const bool is_touched = leaf.content && has_bit(leaf.content->touched, slot);
    const std::byte* bytes =
        is_touched ? leaf.content->frames[slot] : &room_->buffer.bytes()[fetched++ * kPageBytes];
    pieces_.emplace_back(bytes, kPageBytes);
    store_u64(sums, slots++ * kPageSumBytes, checksum(pieces_.back()));
  });
  return {};
}

ImageResult<void> PageWriter::Batch::write() {
  const uint64_t offset = writer_.places_.pages_offset + first_slot_ * kPageBytes;
  return as_image_result(writer_.file_.write_gathered(offset, pieces_));
}

ImageResult<void> PageWriter::Batch::write_with_front() {
  pieces_.insert(pieces_.begin(), writer_.places_.front);
  return as_image_result(writer_.file_.write_gathered(0, pieces_));
}

}  // namespace prl::sim
