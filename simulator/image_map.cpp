#include "simulator/image_map.h"

#include <algorithm>

#include "simulator/checksum.h"

namespace prl::sim {

namespace {

using Kind = ImageError::Kind;

uint64_t end_of(const Extent& extent) {
  return uint64_t{extent.first_page} + extent.page_count;
}

}  // namespace

uint64_t ImageMap::first_page_of(size_t index) const {
  const auto directory = file_.directory();
  return index < directory.size() ? directory[index].first_page
                                  : file_.header().ram_bytes / kPageBytes;
}

ImageResult<ImageMap::Answer> ImageMap::find(uint64_t page) {
  const auto directory = file_.directory();
  const auto after = std::ranges::upper_bound(directory, page, {}, &DirectoryEntry::first_page);
  const auto next = static_cast<size_t>(after - directory.begin());
  if (next == 0) return Answer{.run = first_page_of(0) - page};
  const auto map_page = load(next - 1);
  if (!map_page) return Unexpected{map_page.error()};
  // The last extent that begins with the page or before it: there is one.
  size_t low = 0;
  size_t high = directory[next - 1].extent_count;
  while (high - low > 1) {
    const size_t middle = (low + high) / 2;
    (decode_extent(**map_page, middle).first_page <= page ? low : high) = middle;
  }
  const Extent extent = decode_extent(**map_page, low);
  if (page < end_of(extent)) {
    const uint64_t run = end_of(extent) - page;
    if (extent.first_slot == 0) return Answer{.kind = Answer::Kind::kZero, .run = run};
    return Answer{Answer::Kind::kStored, extent.first_slot + (page - extent.first_page), run};
  }
  const bool is_last = low + 1 == directory[next - 1].extent_count;
  const uint64_t end =
      is_last ? first_page_of(next) : decode_extent(**map_page, low + 1).first_page;
  return Answer{.run = end - page};
}

ImageResult<const ImageMap::MapPage*> ImageMap::load(size_t index) {
  auto& kept = pages_[index];
  if (kept) return kept.get();
  auto map_page = std::make_unique_for_overwrite<MapPage>();
  const uint64_t offset = file_.header().map_offset + index * kMapPageBytes;
  if (auto read = file_.read_exactly(offset, *map_page, "map"); !read) {
    return Unexpected{read.error()};
  }
  if (checksum(*map_page) != file_.directory()[index].map_page_checksum) {
    return file_.failure(Kind::kMapDamaged,
                         "map page " + std::to_string(index) + at_offset(offset) + " is damaged");
  }
  if (auto checked = check(index, *map_page); !checked) return Unexpected{checked.error()};
  kept = std::move(map_page);
  return kept.get();
}

// Pages ascend and lie in memory, slots ascend and exist.
ImageResult<void> ImageMap::check(size_t index, const MapPage& map_page) const {
  const ImageHeader& header = file_.header();
  uint64_t page = first_page_of(index);
  uint64_t slot = 0;  // the one that must come next; 0: any
  for (size_t i = 0; i < file_.directory()[index].extent_count; ++i) {
    const Extent extent = decode_extent(map_page, i);
    const bool is_first = i == 0;
    const bool is_zero = extent.first_slot == 0;
    const bool fits = extent.page_count > 0 && end_of(extent) <= first_page_of(index + 1) &&
                      (is_first ? extent.first_page == page : extent.first_page >= page);
    const uint64_t end = uint64_t{extent.first_slot} + extent.page_count;
    const bool has_slots =
        is_zero ? header.is_delta()
                : (slot == 0 || extent.first_slot == slot) && end - 1 <= header.stored_pages;
    if (!fits || !has_slots) {
      return file_.failure(Kind::kInconsistent,
                           "extent " + std::to_string(i) + " of the map page" +
                               at_offset(header.map_offset + index * kMapPageBytes) +
                               " is out of order");
    }
    page = end_of(extent);
    if (!is_zero) slot = end;
  }
  return {};
}

ImageResult<void> ImageMap::verify() {
  uint64_t slots = 0;
  for (size_t index = 0; index < pages_.size(); ++index) {
    const auto map_page = load(index);
    if (!map_page) return Unexpected{map_page.error()};
    for (size_t i = 0; i < file_.directory()[index].extent_count; ++i) {
      const Extent extent = decode_extent(**map_page, i);
      if (extent.first_slot == 0) continue;
      if (extent.first_slot != slots + 1) {
        return file_.failure(Kind::kInconsistent, "slot " + std::to_string(extent.first_slot) +
                                                      " does not follow the one before it");
      }
      slots += extent.page_count;
    }
  }
  if (slots == file_.header().stored_pages) return {};
  return file_.failure(Kind::kInconsistent, "the map does not speak of every stored page");
}

}  // namespace prl::sim
