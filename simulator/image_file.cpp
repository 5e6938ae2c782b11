#include "simulator/image_file.h"

#include <algorithm>
#include <array>

#include "simulator/checksum.h"
#include "simulator/little_endian.h"

namespace prl::sim {

namespace {

using Kind = ImageError::Kind;

// The step and the reason; the path is that of now, not that under which the file was opened.
Unexpected<ImageError> storage_failure(StorageError error, const std::string& path) {
  error.path = path;
  return Unexpected{ImageError{Kind::kStorage, error.message(), error.errno_value}};
}

}  // namespace

std::string at_offset(uint64_t offset) {
  return " at offset " + std::to_string(offset);
}

ImageResult<std::shared_ptr<ImageFile>> ImageFile::open(Storage& storage, const std::string& path) {
  auto file = storage.open(path);
  if (!file) return storage_failure(file.error(), path);
  std::shared_ptr<ImageFile> image(new ImageFile(path, std::move(*file)));
  const auto size = image->file_->size();
  if (!size) return storage_failure(size.error(), path);
  std::array<std::byte, kHeaderBytes> bytes;
  if (auto read = image->read_exactly(0, bytes, "header"); !read) return Unexpected{read.error()};
  auto header = decode_header(bytes, *size, path);
  if (!header) return Unexpected{header.error()};
  image->header_ = *header;
  image->link_ = {header->generation, header_checksum(bytes)};
  return image;
}

Unexpected<ImageError> ImageFile::failure(Kind kind, const std::string& text) const {
  return Unexpected{ImageError{kind, path_ + ": " + text}};
}

ImageResult<void> ImageFile::check_read(const StorageResult<size_t>& read, size_t expected,
                                        uint64_t offset, std::string_view what) const {
  if (!read) return storage_failure(read.error(), path_);
  if (*read == expected) return {};
  return failure(Kind::kTruncated,
                 "the file ends within the " + std::string(what) + at_offset(offset));
}

ImageResult<void> ImageFile::read_exactly(uint64_t offset, std::span<std::byte> bytes,
                                          std::string_view what) const {
  return check_read(file_->read_at(offset, bytes), bytes.size(), offset, what);
}

// The checked header bounds what is allocated here.
ImageResult<std::vector<std::byte>> ImageFile::read_section(SectionIndex index) const {
  const ImageSection& section = header_.sections[index];
  const std::string_view name = kSectionNames[index];
  std::vector<std::byte> bytes(section.size_bytes);
  if (!fetched_.empty()) {
    const auto from = section.offset - header_.sections[kVcpuSection].offset;
    std::copy_n(fetched_.begin() + static_cast<ptrdiff_t>(from), bytes.size(), bytes.begin());
  } else if (auto read = read_exactly(section.offset, bytes, name); !read) {
    return Unexpected{read.error()};
  }
  if (checksum(bytes) != section.checksum) {
    return failure(Kind::kSectionDamaged,
                   "section " + std::string(name) + at_offset(section.offset) + " is damaged");
  }
  return bytes;
}

ImageResult<void> ImageFile::fetch_sections() {
  constexpr uint64_t kFetchedBytesMax = uint64_t{64} << 10;
  const ImageSection& first = header_.sections[kVcpuSection];
  uint64_t end = first.offset;
  for (const ImageSection& section : header_.sections) {
    if (section.offset != end || section.size_bytes > kFetchedBytesMax) return {};
    end += section.size_bytes;
  }
  if (end - first.offset > kFetchedBytesMax) return {};
  fetched_.resize(end - first.offset);
  auto read = read_exactly(first.offset, fetched_, kSectionNames[kVcpuSection]);
  if (!read) fetched_.clear();
  return read;
}

ImageResult<void> ImageFile::load_directory() {
  const auto bytes = read_section(kDirectorySection);
  if (!bytes) return Unexpected{bytes.error()};
  fetched_ = {};
  directory_.reserve(header_.map_pages);
  uint64_t next_page = 0;  // pages ascend: the lowest that the next entry may name
  for (uint32_t i = 0; i < header_.map_pages; ++i) {
    const DirectoryEntry entry = decode_directory_entry(*bytes, i);
    const uint64_t extents =
        std::min<uint64_t>(header_.extents - uint64_t{i} * kExtentsPerMapPage, kExtentsPerMapPage);
    if (entry.extent_count != extents || entry.first_page < next_page) {
      return failure(Kind::kInconsistent,
                     "directory entry " + std::to_string(i) + " contradicts the header");
    }
    next_page = uint64_t{entry.first_page} + 1;
    directory_.push_back(entry);
  }
  return {};
}

ImageResult<void> ImageFile::read_slots(uint64_t slot, std::span<std::byte> pages,
                                        uint64_t first_page) const {
  constexpr size_t kPagesAtOnce = 256;
  std::array<std::byte, kPagesAtOnce * kPageSumBytes> room;
  while (!pages.empty()) {
    const size_t count = std::min(pages.size() / kPageBytes, kPagesAtOnce);
    const auto sums = std::span(room).first(count * kPageSumBytes);
    const auto part = pages.first(count * kPageBytes);
    const uint64_t offset = header_.pages_offset + (slot - 1) * kPageBytes;
    const uint64_t sums_offset = header_.sums_offset + (slot - 1) * kPageSumBytes;
    auto read = check_read(file_->read_before(sums_offset, sums, offset, part.size()), sums.size(),
                           sums_offset, "checksums");
    if (read) read = read_exactly(offset, part, "pages");
    if (!read) return read;
    for (size_t i = 0; i < count; ++i) {
      if (checksum(part.subspan(i * kPageBytes, kPageBytes)) != load_u64(sums, i * kPageSumBytes)) {
        return failure(Kind::kPageDamaged, "memory page " + std::to_string(first_page + i) +
                                               at_offset(offset + i * kPageBytes) + " is damaged");
      }
    }
    pages = pages.subspan(part.size());
    slot += count;
    first_page += count;
  }
  return {};
}

}  // namespace prl::sim
