#include "simulator/image_first_version.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "simulator/checksum.h"
#include "simulator/little_endian.h"

namespace prl::sim {

namespace {

using Kind = ImageError::Kind;

// One line of the directory: a map page and the first memory page it speaks of.
struct FirstDirectoryEntry {
  uint32_t first_page = 0;
  uint32_t entry_count = 0;
  uint64_t map_page_offset = 0;
  uint64_t map_page_checksum = 0;
};

// One line of a map page.
struct MapEntry {
  uint32_t page = 0;
  uint32_t slot = 0;
  uint64_t page_checksum = 0;
};

FirstDirectoryEntry decode_line(std::span<const std::byte> bytes, size_t index) {
  const size_t offset = index * kFirstDirectoryEntryBytes;
  return {load_u32(bytes, offset), load_u32(bytes, offset + 4), load_u64(bytes, offset + 8),
          load_u64(bytes, offset + 16)};
}

MapEntry decode_map_entry(std::span<const std::byte> bytes, size_t index) {
  const size_t offset = index * kFirstMapEntryBytes;
  return {load_u32(bytes, offset), load_u32(bytes, offset + 4), load_u64(bytes, offset + 8)};
}

// Brings the pages of an image into a new memory, one map page (up to 1 MiB of memory) at a time.
class PageLoader {
 public:
  PageLoader(const ImageFile& file, Ram& ram)
      : file_(file),
        header_(file.header()),
        ram_(ram),
        buffer_(kFirstEntriesPerMapPage * kPageBytes) {}

  ImageResult<void> load_all() {
    const auto directory = file_.read_section(kDirectorySection);
    if (!directory) return Unexpected{directory.error()};
    for (uint32_t i = 0; i < header_.map_pages; ++i) {
      auto loaded = load_map_page(i, decode_line(*directory, i));
      if (!loaded) return loaded;
    }
    return {};
  }

 private:
  ImageResult<void> load_map_page(uint32_t index, const FirstDirectoryEntry& directory) {
    const uint64_t entries =
        std::min<uint64_t>(header_.stored_pages - stored_pages_seen_, kFirstEntriesPerMapPage);
    if (directory.map_page_offset != header_.map_offset + uint64_t{index} * kMapPageBytes ||
        directory.entry_count != entries) {
      return file_.failure(Kind::kInconsistent,
                           "directory entry " + std::to_string(index) + " contradicts the header");
    }
    std::array<std::byte, kMapPageBytes> map_page;
    auto read = file_.read_exactly(directory.map_page_offset, map_page, "map");
    if (!read) return read;
    if (checksum(map_page) != directory.map_page_checksum) {
      return file_.failure(Kind::kMapDamaged, "map page " + std::to_string(index) +
                                                  at_offset(directory.map_page_offset) +
                                                  " is damaged");
    }
    if (decode_map_entry(map_page, 0).page != directory.first_page) {
      return file_.failure(Kind::kInconsistent, "directory entry " + std::to_string(index) +
                                                    " names another page than its map");
    }
    return load_pages(map_page, directory);
  }

  ImageResult<void> load_pages(std::span<const std::byte> map_page,
                               const FirstDirectoryEntry& directory) {
    const uint64_t offset = header_.pages_offset + stored_pages_seen_ * kPageBytes;
    const auto pages = std::span(buffer_).first(directory.entry_count * kPageBytes);
    auto read = file_.read_exactly(offset, pages, "pages");
    if (!read) return read;
    for (size_t i = 0; i < directory.entry_count; ++i) {
      const MapEntry entry = decode_map_entry(map_page, i);
      const PageBytes bytes(pages.data() + i * kPageBytes, kPageBytes);
      if (entry.slot != stored_pages_seen_ + 1 || entry.page < next_page_ ||
          entry.page >= ram_.page_count()) {
        return file_.failure(Kind::kInconsistent,
                             "map entry " + std::to_string(i) + " of the map page" +
                                 at_offset(directory.map_page_offset) + " is out of order");
      }
      if (checksum(bytes) != entry.page_checksum) {
        return file_.failure(Kind::kPageDamaged, "memory page " + std::to_string(entry.page) +
                                                     at_offset(offset + i * kPageBytes) +
                                                     " is damaged");
      }
      ram_.load_page(entry.page, bytes);
      ++stored_pages_seen_;
      next_page_ = uint64_t{entry.page} + 1;
    }
    return {};
  }

  const ImageFile& file_;
  const ImageHeader& header_;
  Ram& ram_;
  std::vector<std::byte> buffer_;
  uint64_t stored_pages_seen_ = 0;
  uint64_t next_page_ = 0;  // pages ascend: the lowest that the next entry may name
};

}  // namespace

ImageResult<void> load_first_version(const ImageFile& file, Ram& ram) {
  return PageLoader(file, ram).load_all();
}

}  // namespace prl::sim
