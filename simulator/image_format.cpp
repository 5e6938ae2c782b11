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
  if (header.format_version < kDeltaFormatVersion) return;
  visit(header.parent_checksum);
  visit(header.map_entries);
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
  if (header.is_delta() != (header.format_version == kDeltaFormatVersion) ||
      (header.is_delta() && header.parent_generation >= header.generation)) {
    return field_problem(Kind::kInconsistent, "parent_generation", header.parent_generation,
                         "which this format version cannot have");
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
  if (header.map_entries > header.ram_bytes / kPageBytes ||
      header.map_entries < header.stored_pages) {
    return wrong("map_entries", header.map_entries, "which contradicts stored_pages");
  }
  const uint64_t map_pages = (header.map_entries + kEntriesPerMapPage - 1) / kEntriesPerMapPage;
  if (header.map_pages != map_pages) {
    return wrong("map_pages", header.map_pages, "not what the entries need");
  }
  const uint64_t directory_bytes = header.sections[kDirectorySection].size_bytes;
  if (directory_bytes != map_pages * kDirectoryEntryBytes) {
    return wrong("directory.size_bytes", directory_bytes, "not what map_pages needs");
  }
  if (header.map_offset % kMapPageBytes != 0) {
    return wrong("map_offset", header.map_offset, "not a multiple of 4096");
  }
  if (header.pages_offset % kPageBytes != 0) {
    return wrong("pages_offset", header.pages_offset, "not a multiple of 4096");
  }
  return std::nullopt;
}

std::optional<Problem> check_extents(const ImageHeader& header) {
  struct Extent {
    uint64_t offset;
    uint64_t size_bytes;
    std::string_view name;
  };
  std::array<Extent, 7> extents = {
      Extent{0, kHeaderBytes, "header"},
      Extent{header.map_offset, uint64_t{header.map_pages} * kMapPageBytes, "map_offset"},
      Extent{header.pages_offset, header.stored_pages * kPageBytes, "pages_offset"}};
  for (size_t i = 0; i < kSectionNames.size(); ++i) {
    extents[3 + i] = {header.sections[i].offset, header.sections[i].size_bytes, kSectionNames[i]};
  }
  std::sort(extents.begin(), extents.end(),
            [](const Extent& left, const Extent& right) { return left.offset < right.offset; });
  uint64_t used_bytes = 0;
  for (const Extent& extent : extents) {
    if (extent.offset > header.file_bytes ||
        extent.size_bytes > header.file_bytes - extent.offset) {
      return field_problem(Kind::kInconsistent, extent.name, extent.offset,
                           "which leads past the end of the file");
    }
    if (extent.size_bytes == 0) continue;
    if (extent.offset < used_bytes) {
      return field_problem(Kind::kInconsistent, extent.name, extent.offset,
                           "inside what comes before it");
    }
    used_bytes = extent.offset + extent.size_bytes;
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
  assert(offset == (header.is_delta() ? kDeltaHeaderFieldBytes : kHeaderFieldBytes));
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
  if (header.format_version == kCompleteFormatVersion) header.map_entries = header.stored_pages;
  auto problem = check_version(header);
  if (!problem) problem = check_limits(header);
  if (!problem) problem = check_counts(header);
  if (!problem) problem = check_file_size(header, file_bytes);
  if (!problem) problem = check_extents(header);
  if (problem) return failure(problem->kind, problem->text);
  return header;
}

void encode_directory_entry(std::span<std::byte> bytes, size_t index, const DirectoryEntry& entry) {
  const size_t offset = index * kDirectoryEntryBytes;
  store_u32(bytes, offset, entry.first_page);
  store_u32(bytes, offset + 4, entry.entry_count);
  store_u64(bytes, offset + 8, entry.map_page_offset);
  store_u64(bytes, offset + 16, entry.map_page_checksum);
}

DirectoryEntry decode_directory_entry(std::span<const std::byte> bytes, size_t index) {
  const size_t offset = index * kDirectoryEntryBytes;
  return {load_u32(bytes, offset), load_u32(bytes, offset + 4), load_u64(bytes, offset + 8),
          load_u64(bytes, offset + 16)};
}

void encode_map_entry(std::span<std::byte> bytes, size_t index, const MapEntry& entry) {
  const size_t offset = index * kMapEntryBytes;
  store_u32(bytes, offset, entry.page);
  store_u32(bytes, offset + 4, entry.slot);
  store_u64(bytes, offset + 8, entry.page_checksum);
}

MapEntry decode_map_entry(std::span<const std::byte> bytes, size_t index) {
  const size_t offset = index * kMapEntryBytes;
  return {load_u32(bytes, offset), load_u32(bytes, offset + 4), load_u64(bytes, offset + 8)};
}

}  // namespace prl::sim
