// The memory in an image and in those it rests on, read page by page when it is wanted. Reading
// keeps no page: what is read goes into the buffer of whoever asks.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "simulator/image_file.h"
#include "simulator/image_map.h"
#include "simulator/page_source.h"

namespace prl::sim {

class ImageSource final : public PageSource {
 public:
  // `files` begin with the newest and end with a complete image. REQUIRES: their directories are
  // loaded.
  explicit ImageSource(const std::vector<ImageFilePtr>& files);

  ImageResult<void> read(uint64_t first_page, std::span<std::byte> pages) override;
  ImageResult<PageBitmap> stored_pages(uint64_t leaf) override;
  std::unique_ptr<PageSource> another() const override;

  // Reads every byte of every file.
  ImageResult<void> verify();

 private:
  struct Layer {
    explicit Layer(ImageFilePtr image) : file(std::move(image)), map(*file) {}
    ImageFilePtr file;
    ImageMap map;
  };
  // Where the content of a run of pages is.
  struct Place {
    Layer* layer = nullptr;  // null: all zero
    uint64_t slot = 0;
    uint64_t run = 0;
  };

  ImageResult<Place> find(uint64_t page, uint64_t pages_max);

  std::vector<Layer> layers_;
  uint64_t page_count_ = 0;
};

}  // namespace prl::sim
