#include "simulator/image_format.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "simulator/checksum.h"
#include "simulator/little_endian.h"

namespace prl::sim {
namespace {

using Kind = ImageError::Kind;

// The one list of header fields, read by encoder and decoder: visit(field) in file order.
template <class Header, class Visit>
void visit_fields(Header& header, Visit visit) {
  visit(header.format_version);
  visit(header.header_bytes);
  visit(header.generation);
  visit(header.parent_generation);
  visit(header.vm_uuid);
  visit(header.flags);
  visit(header.page_bytes);
  visit(header.ram_bytes);
  visit(header.cpu_count);
  visit(header.map_pages);
  visit(header.stored_pages);
  visit(header.map_offset);
  visit(header.pages_offset);
  visit(header.file_bytes);
  for (auto& section : header.sections) {
    visit(section.offset);
    visit(section.size_bytes);
    visit(section.checksum);
  }
  if (header.is_first_version()) return;
  visit(header.parent_checksum);
  visit(header.extents);
  visit(header.sums_offset);
  visit(header.sums_checksum);
}

struct Encoder {
  std::span<std::byte> bytes;
  size_t& offset;

  template <class T>
  void operator()(const T& field) const {
    store_little_endian(bytes, offset, field);
    offset += sizeof(field);
  }
  void operator()(const Uuid& uuid) const {
    std::memcpy(bytes.subspan(offset, sizeof(Uuid::Bytes)).data(), uuid.bytes().data(),
                sizeof(Uuid::Bytes));
    offset += sizeof(Uuid::Bytes);
  }
};

struct Decoder {
  std::span<const std::byte> bytes;
  size_t& offset;

  template <class T>
  void operator()(T& field) const {
    field = load_little_endian<T>(bytes, offset);
    offset += sizeof(field);
  }
  void operator()(Uuid& uuid) const {
    Uuid::Bytes content;
    std::memcpy(content.data(), bytes.subspan(offset, content.size()).data(), content.size());
    uuid = Uuid(content);
    offset += content.size();
  }
};

struct Problem {
  Kind kind;
  std::string text;
};

Problem field_problem(Kind kind, std::string_view field, uint64_t value, std::string_view rule) {
  return {kind, "header field " + std::string(field) + " is " + std::to_string(value) + ", " +
                    std::string(rule)};
}

std::optional<Problem> check_version(const ImageHeader& header) {
  if (header.format_version > kImageFormatVersion) {
    return field_problem(Kind::kNewerVersion, "format_version", header.format_version,
                         "newer than " + std::to_string(kImageFormatVersion));
  }
  if (header.format_version == 0) {
    return field_problem(Kind::kInconsistent, "format_version", 0, "which never existed");
  }
  if (header.flags != 0) {
    return field_problem(Kind::kNewerVersion, "flags", header.flags, "none of which is known");
  }
  if (header.is_delta() &&
      (header.is_first_version() || header.parent_generation >= header.generation)) {
    return field_problem(Kind::kInconsistent, "parent_generation", header.parent_generation,
                         "which this image cannot have");
  }
  return std::nullopt;
}

std::optional<Problem> check_limits(const ImageHeader& header) {
  if (header.ram_bytes > kMaxRamBytes) {
    return field_problem(Kind::kLimitExceeded, "ram_bytes", header.ram_bytes, "more than 1 TiB");
  }
  if (header.cpu_count > kMaxVcpus) {
    return field_problem(Kind::kLimitExceeded, "cpu_count", header.cpu_count, "more than 256");
  }
  constexpr std::array<uint64_t, 3> kMaxBytes = {kMaxVcpuSectionBytes, kMaxDeviceSectionBytes,
                                                 kMaxConfigurationSectionBytes};
  for (size_t i = 0; i < kMaxBytes.size(); ++i) {
    const uint64_t size_bytes = header.sections[i].size_bytes;
    if (size_bytes > kMaxBytes[i]) {
      return field_problem(Kind::kLimitExceeded, std::string(kSectionNames[i]) + ".size_bytes",
                           size_bytes, "more than " + std::to_string(kMaxBytes[i]));
    }
  }
  return std::nullopt;
}

// REQUIRES: check_limits() found nothing, which keeps the products below from overflowing.
std::optional<Problem> check_counts(const ImageHeader& header) {
  const auto wrong = [](std::string_view field, uint64_t value, std::string_view rule) {
    return field_problem(Kind::kInconsistent, field, value, rule);
  };
  if (header.header_bytes != kHeaderBytes) {
    return wrong("header_bytes", header.header_bytes, "not 4096");
  }
  if (header.page_bytes != kPageBytes) return wrong("page_bytes", header.page_bytes, "not 4096");
  if (header.ram_bytes % kPageBytes != 0) {
    return wrong("ram_bytes", header.ram_bytes, "not whole pages");
  }
  if (header.cpu_count == 0) return wrong("cpu_count", 0, "but a VM has one at least");
  if (header.stored_pages > header.ram_bytes / kPageBytes) {
    return wrong("stored_pages", header.stored_pages, "more than the memory has");
  }
  if (header.map_offset % kMapPageBytes != 0) {
    return wrong("map_offset", header.map_offset, "not a multiple of 4096");
  }
  if (header.pages_offset % kPageBytes != 0) {
    return wrong("pages_offset", header.pages_offset, "not a multiple of 4096");
  }
  return std::nullopt;
}

// How many map pages there must be, and that the directory has room for them.
std::optional<Problem> check_map(const ImageHeader& header) {
  const auto wrong = [](std::string_view field, uint64_t value, std::string_view rule) {
    return field_problem(Kind::kInconsistent, field, value, rule);
  };
  const bool is_first = header.is_first_version();
  const uint64_t entries = is_first ? header.stored_pages : header.extents;
  if (entries > header.ram_bytes / kPageBytes) {
    return wrong("extents", entries, "more than the memory has pages");
  }
  const bool may_be_fewer = !header.is_delta() && !is_first;
  if ((entries == 0 && header.stored_pages > 0) ||
      (may_be_fewer && entries > header.stored_pages)) {
    return wrong("extents", entries, "which contradicts stored_pages");
  }
  const uint64_t per_page = is_first ? kFirstEntriesPerMapPage : kExtentsPerMapPage;
  const uint64_t map_pages = (entries + per_page - 1) / per_page;
  if (header.map_pages != map_pages) {
    return wrong("map_pages", header.map_pages, "not what the map needs");
  }
  const uint64_t directory_bytes = header.sections[kDirectorySection].size_bytes;
  const uint64_t needed = map_pages * (is_first ? kFirstDirectoryEntryBytes : kDirectoryEntryBytes);
  const uint64_t padding_max = is_first ? 0 : kPageBytes - 1;
  if (directory_bytes < needed || directory_bytes - needed > padding_max) {
    return wrong("directory.size_bytes", directory_bytes, "not what map_pages needs");
  }
  return std::nullopt;
}

// Every part inside the file and none in another; from version 2 on no byte in none.
std::optional<Problem> check_places(const ImageHeader& header) {
  struct Place {
    uint64_t offset;
    uint64_t size_bytes;
    std::string_view name;
  };
  const bool is_first = header.is_first_version();
  const uint64_t sums_bytes = is_first ? 0 : header.stored_pages * kPageSumBytes;
  std::array<Place, 8> places = {
      Place{0, kHeaderBytes, "header"},
      Place{header.map_offset, uint64_t{header.map_pages} * kMapPageBytes, "map_offset"},
      Place{header.sums_offset, sums_bytes, "sums_offset"},
      Place{header.pages_offset, header.stored_pages * kPageBytes, "pages_offset"}};
  for (size_t i = 0; i < kSectionNames.size(); ++i) {
    places[4 + i] = {header.sections[i].offset, header.sections[i].size_bytes, kSectionNames[i]};
  }
  std::sort(places.begin(), places.end(),
            [](const Place& left, const Place& right) { return left.offset < right.offset; });
  uint64_t used_bytes = 0;
  for (const Place& place : places) {
    if (place.offset > header.file_bytes || place.size_bytes > header.file_bytes - place.offset) {
      return field_problem(Kind::kInconsistent, place.name, place.offset,
                           "which leads past the end of the file");
    }
    if (place.size_bytes == 0) continue;
    if (place.offset < used_bytes) {
      return field_problem(Kind::kInconsistent, place.name, place.offset,
                           "inside what comes before it");
    }
    if (!is_first && place.offset > used_bytes) {
      return field_problem(Kind::kInconsistent, place.name, place.offset,
                           "not right behind what comes before it");
    }
    used_bytes = place.offset + place.size_bytes;
  }
  if (!is_first && used_bytes != header.file_bytes) {
    return field_problem(Kind::kInconsistent, "file_bytes", header.file_bytes,
                         "not where the last part ends");
  }
  return std::nullopt;
}

std::optional<Problem> check_file_size(const ImageHeader& header, uint64_t file_bytes) {
  if (file_bytes == header.file_bytes) return std::nullopt;
  return field_problem(file_bytes < header.file_bytes ? Kind::kTruncated : Kind::kInconsistent,
                       "file_bytes", header.file_bytes,
                       "but the file has " + std::to_string(file_bytes));
}

}  // namespace

std::array<std::byte, kHeaderBytes> encode_header(const ImageHeader& header) {
  std::array<std::byte, kHeaderBytes> bytes{};
  std::memcpy(bytes.data(), kImageMagic.data(), kImageMagic.size());
  size_t offset = kImageMagic.size();
  visit_fields(header, Encoder{bytes, offset});
  assert(offset == (header.is_first_version() ? kFirstHeaderFieldBytes : kHeaderFieldBytes));
  store_u64(bytes, kHeaderChecksumOffset,
            checksum(std::span(bytes).first<kHeaderChecksumOffset>()));
  return bytes;
}

uint64_t header_checksum(std::span<const std::byte, kHeaderBytes> bytes) {
  return load_u64(bytes, kHeaderChecksumOffset);
}

Expected<ImageHeader, ImageError> decode_header(std::span<const std::byte, kHeaderBytes> bytes,
                                                uint64_t file_bytes, const std::string& path) {
  const auto failure = [&](Kind kind, const std::string& text) {
    return Unexpected{ImageError{kind, path + ": " + text}};
  };
  if (std::memcmp(bytes.data(), kImageMagic.data(), kImageMagic.size()) != 0) {
    return failure(Kind::kBadMagic, "no image: wrong magic at offset 0");
  }
  // Before the version: every version keeps this checksum, so a flipped bit in the version field
  // is reported as damage and not as a newer version.
  if (load_u64(bytes, kHeaderChecksumOffset) != checksum(bytes.first<kHeaderChecksumOffset>())) {
    return failure(Kind::kHeaderDamaged, "the header does not have the checksum at offset 4088");
  }
  ImageHeader header;
  size_t offset = kImageMagic.size();
  visit_fields(header, Decoder{bytes, offset});
  auto problem = check_version(header);
  if (!problem) problem = check_limits(header);
  if (!problem) problem = check_counts(header);
  if (!problem) problem = check_map(header);
  if (!problem) problem = check_file_size(header, file_bytes);
  if (!problem) problem = check_places(header);
  if (problem) return failure(problem->kind, problem->text);
  return header;
}

void encode_directory_entry(std::span<std::byte> bytes, size_t index, const DirectoryEntry& entry) {
  const size_t offset = index * kDirectoryEntryBytes;
  store_u32(bytes, offset, entry.first_page);
  store_u32(bytes, offset + 4, entry.extent_count);
  store_u64(bytes, offset + 8, entry.map_page_checksum);
}

DirectoryEntry decode_directory_entry(std::span<const std::byte> bytes, size_t index) {
  const size_t offset = index * kDirectoryEntryBytes;
  return {load_u32(bytes, offset), load_u32(bytes, offset + 4), load_u64(bytes, offset + 8)};
}

void encode_extent(std::span<std::byte> map_page, size_t index, const Extent& extent) {
  const size_t offset = index * kExtentBytes;
  store_u32(map_page, offset, extent.first_page);
  store_u32(map_page, offset + 4, extent.page_count);
  store_u32(map_page, offset + 8, extent.first_slot);
}

Extent decode_extent(std::span<const std::byte> map_page, size_t index) {
  const size_t offset = index * kExtentBytes;
  return {load_u32(map_page, offset), load_u32(map_page, offset + 4),
          load_u32(map_page, offset + 8)};
}

}  // namespace prl::sim
