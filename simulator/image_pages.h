// Writes the memory pages of an image, gathered from where they lie in memory: which pages get a
// slot, and the writing itself in several threads. The layout is in image_format.md.
// Used by image_writer only, once per image.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "simulator/image_error.h"
#include "simulator/image_format.h"
#include "simulator/ram.h"
#include "simulator/seams.h"

namespace prl::sim {

// What an image says of one leaf of memory.
struct LeafPlan {
  uint64_t leaf = 0;
  const Ram::Leaf* content = nullptr;  // null: all of it comes from the source of the memory
  PageBitmap listed{};                 // pages that the map speaks of
  PageBitmap stored{};                 // of these, those with a slot; the others are all zero
  uint64_t slots_before = 0;           // of the leaves before this one
};

struct PagePlan {
  std::vector<LeafPlan> leaves;
  std::vector<Extent> extents;
  uint64_t slots = 0;
};

// Every page that is not all zero.
ImageResult<PagePlan> plan_all_pages(const Ram& ram);
// Every dirty page.
PagePlan plan_dirty_pages(const Ram& ram);

// Where the parts of a file lie, as its header says.
struct PagePlaces {
  std::span<std::byte> front;  // all that comes before the pages, to be written with them
  uint64_t sums_offset = 0;    // within the front
  uint64_t pages_offset = 0;   // front.size()
};

// Fills the checksums in the front, writes the pages, and writes the front when finish_front() has
// filled in the rest of it.
class PageWriter {
 public:
  PageWriter(File& file, const Ram& ram, const PagePlan& plan, const PagePlaces& places);

  template <class FinishFront>
  ImageResult<void> write(FinishFront finish_front) {
    if (batches_.size() > 1) {
      if (auto written = write_batches(); !written) return written;
      finish_front();
      return write_front();
    }
    Batch batch(*this);
    if (auto filled = batch.fill(0); !filled) return filled;
    finish_front();
    return batch.write_with_front();
  }

 private:
  // A run of leaves whose pages are written in one call; ends where the next begins. Smaller in
  // small images, so that the disk has something to do while the next is summed up.
  static constexpr uint64_t kBatchPagesMin = 256;
  static constexpr uint64_t kBatchPagesMax = 2048;

  // The work of one thread.
  class Batch {
   public:
    explicit Batch(PageWriter& writer);
    ~Batch();
    ImageResult<void> fill(size_t index);
    ImageResult<void> write();
    ImageResult<void> write_with_front();

   private:
    struct Room;
    ImageResult<void> add(const LeafPlan& leaf);
    ImageResult<void> fetch(const LeafPlan& leaf);

    PageWriter& writer_;
    std::unique_ptr<Room> room_;  // for pages of the source; null where none is needed
    std::vector<std::span<const std::byte>> pieces_;
    uint64_t first_slot_ = 0;
  };

  void divide();
  PageBitmap pages_of_source(const LeafPlan& leaf) const;
  ImageResult<void> write_batches();
  ImageResult<void> write_front();
  std::span<const LeafPlan> leaves_of(size_t batch) const;

  File& file_;
  const Ram& ram_;
  const PagePlan& plan_;
  const PagePlaces places_;
  std::vector<size_t> batches_;  // the first leaf of each
  // The most that a batch has of pages, and of these of such as only the source has.
  uint64_t pages_most_ = 0;
  uint64_t fetched_most_ = 0;
};

}  // namespace prl::sim
