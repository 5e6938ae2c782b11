#include "simulator/image_source.h"

#include <algorithm>
#include <cstring>

#include "simulator/page_buffer.h"

namespace prl::sim {

ImageSource::ImageSource(const std::vector<ImageFilePtr>& files)
    : page_count_(files.front()->header().ram_bytes / kPageBytes) {
  layers_.reserve(files.size());
  for (const ImageFilePtr& file : files) layers_.emplace_back(file);
}

// The newest image that says anything decides, for as long as no newer one has anything to say.
ImageResult<ImageSource::Place> ImageSource::find(uint64_t page, uint64_t pages_max) {
  Place place{.run = pages_max};
  for (Layer& layer : layers_) {
    const auto answer = layer.map.find(page);
    if (!answer) return Unexpected{answer.error()};
    place.run = std::min(place.run, answer->run);
    if (answer->kind == ImageMap::Answer::Kind::kZero) return place;
    if (answer->kind == ImageMap::Answer::Kind::kStored) {
      place.layer = &layer;
      place.slot = answer->slot;
      return place;
    }
  }
  return place;
}

ImageResult<void> ImageSource::read(uint64_t first_page, std::span<std::byte> pages) {
  while (!pages.empty()) {
    const auto place = find(first_page, pages.size() / kPageBytes);
    if (!place) return Unexpected{place.error()};
    const auto part = pages.first(place->run * kPageBytes);
    if (place->layer) {
      auto read = place->layer->file->read_slots(place->slot, part, first_page);
      if (!read) return read;
    } else {
      std::memset(part.data(), 0, part.size());
    }
    first_page += place->run;
    pages = pages.subspan(part.size());
  }
  return {};
}

ImageResult<PageBitmap> ImageSource::stored_pages(uint64_t leaf) {
  PageBitmap stored{};
  uint64_t page = leaf * kPagesPerLeaf;
  const uint64_t end = std::min(page + kPagesPerLeaf, page_count_);
  while (page < end) {
    const auto place = find(page, end - page);
    if (!place) return Unexpected{place.error()};
    for (uint64_t i = 0; place->layer && i < place->run; ++i) {
      set_bit(stored, (page + i) % kPagesPerLeaf);
    }
    page += place->run;
  }
  return stored;
}

std::unique_ptr<PageSource> ImageSource::another() const {
  std::vector<ImageFilePtr> files;
  files.reserve(layers_.size());
  for (const Layer& layer : layers_) files.push_back(layer.file);
  return std::make_unique<ImageSource>(files);
}

ImageResult<void> ImageSource::verify() {
  constexpr uint64_t kPagesAtOnce = 256;
  uint64_t pages_max = 1;
  for (const Layer& layer : layers_) {
    pages_max = std::max(pages_max, std::min(layer.file->header().stored_pages, kPagesAtOnce));
  }
  const PageBuffer room(pages_max * kPageBytes);
  for (Layer& layer : layers_) {
    for (const SectionIndex section : {kVcpuSection, kDeviceSection, kConfigurationSection}) {
      if (auto read = layer.file->read_section(section); !read) return Unexpected{read.error()};
    }
    if (auto checked = layer.map.verify(); !checked) return checked;
    // Through the map, so that a message names the page of memory.
    for (uint64_t page = 0; page < page_count_;) {
      const auto answer = layer.map.find(page);
      if (!answer) return Unexpected{answer.error()};
      const bool is_stored = answer->kind == ImageMap::Answer::Kind::kStored;
      const uint64_t count = is_stored ? std::min(answer->run, kPagesAtOnce) : answer->run;
      if (is_stored) {
        auto read =
            layer.file->read_slots(answer->slot, room.bytes().first(count * kPageBytes), page);
        if (!read) return read;
      }
      page += count;
    }
  }
  return {};
}

}  // namespace prl::sim
