// Finds pages in the map of one image file. Map pages are read and verified at their first use and
// then kept. One thread at a time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "simulator/image_file.h"

namespace prl::sim {

class ImageMap {
 public:
  // What the image says of a page and of those right behind it.
  struct Answer {
    enum class Kind : uint8_t { kAbsent, kZero, kStored };  // kAbsent: nothing
    Kind kind = Kind::kAbsent;
    uint64_t slot = 0;  // kStored: of the page; the others have the slots that follow
    uint64_t run = 0;   // for so many pages, this one included
  };

  // REQUIRES: the directory of the file is loaded.
  explicit ImageMap(const ImageFile& file) : file_(file), pages_(file.header().map_pages) {}

  // REQUIRES: the memory has the page.
  ImageResult<Answer> find(uint64_t page);
  // Reads all map pages and checks that they speak of every slot once.
  ImageResult<void> verify();

 private:
  using MapPage = std::array<std::byte, kMapPageBytes>;

  ImageResult<const MapPage*> load(size_t index);
  ImageResult<void> check(size_t index, const MapPage& map_page) const;
  // The page with which map page `index` begins, and the end of memory behind the last.
  uint64_t first_page_of(size_t index) const;

  const ImageFile& file_;
  std::vector<std::unique_ptr<MapPage>> pages_;  // null until used
};

}  // namespace prl::sim
