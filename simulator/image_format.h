// The layout of an image file: constants, the header, and the checks that a header passes before
// anything it says is used. image_format.md is the description for people; image_writer and
// image_reader are the only users. Pure functions over bytes, any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "simulator/expected.h"
#include "simulator/machine_image.h"

namespace prl::sim {

// "PRLSIM", then a byte and a line feed that transfers in text mode would change.
inline constexpr std::array<uint8_t, 8> kImageMagic = {'P', 'R', 'L', 'S', 'I', 'M', 0x1A, '\n'};
// The first version is read and no longer written: its map has an entry for each page.
inline constexpr uint32_t kFirstFormatVersion = 1;
inline constexpr uint32_t kImageFormatVersion = 2;  // the newest
inline constexpr uint32_t kHeaderBytes = 4096;
inline constexpr size_t kFirstHeaderFieldBytes = 200;
inline constexpr size_t kHeaderFieldBytes = 232;
inline constexpr size_t kHeaderChecksumOffset = kHeaderBytes - sizeof(uint64_t);

inline constexpr uint32_t kMapPageBytes = 4096;
inline constexpr uint32_t kExtentBytes = 12;
inline constexpr uint32_t kExtentsPerMapPage = kMapPageBytes / kExtentBytes;
inline constexpr uint32_t kDirectoryEntryBytes = 16;
inline constexpr uint32_t kPageSumBytes = 8;

// Of format version 1.
inline constexpr uint32_t kFirstEntriesPerMapPage = 256;
inline constexpr uint32_t kFirstMapEntryBytes = 16;
inline constexpr uint32_t kFirstDirectoryEntryBytes = 24;

// Limits, enforced before memory is asked for or bytes are interpreted.
inline constexpr uint32_t kMaxVcpus = 256;
inline constexpr uint64_t kMaxVcpuSectionBytes = uint64_t{256} << 10;
inline constexpr uint64_t kMaxDeviceSectionBytes = uint64_t{64} << 10;
inline constexpr uint64_t kMaxConfigurationSectionBytes = uint64_t{64} << 10;
inline constexpr uint64_t kMaxNameBytes = 4096;

enum SectionIndex : uint8_t {
  kVcpuSection,
  kDeviceSection,
  kConfigurationSection,
  kDirectorySection
};
inline constexpr std::array<std::string_view, 4> kSectionNames = {"vcpus", "devices",
                                                                  "configuration", "directory"};

// Neighbouring memory pages whose slots follow each other. Slot s lies at pages_offset +
// (s - 1) * 4096; slot 0 says, in a delta only: all zero now, whatever the parent has.
struct Extent {
  uint32_t first_page = 0;
  uint32_t page_count = 0;
  uint32_t first_slot = 0;
};

struct ImageSection {
  uint64_t offset = 0;
  uint64_t size_bytes = 0;
  uint64_t checksum = 0;
};

// The fields of the header in the order of the file.
struct ImageHeader {
  uint32_t format_version = kImageFormatVersion;
  uint32_t header_bytes = kHeaderBytes;
  uint64_t generation = 0;
  uint64_t parent_generation = 0;  // 0: complete in itself
  Uuid vm_uuid;
  uint32_t flags = 0;  // none is defined
  uint32_t page_bytes = kPageBytes;
  uint64_t ram_bytes = 0;
  uint32_t cpu_count = 0;
  uint32_t map_pages = 0;
  uint64_t stored_pages = 0;
  uint64_t map_offset = 0;
  uint64_t pages_offset = 0;
  uint64_t file_bytes = 0;
  std::array<ImageSection, 4> sections{};
  // The rest is in the file from format version 2 on.
  uint64_t parent_checksum = 0;  // the header checksum of the parent
  uint64_t extents = 0;
  uint64_t sums_offset = 0;    // one checksum for each stored page
  uint64_t sums_checksum = 0;  // of all of these

  bool is_first_version() const { return format_version == kFirstFormatVersion; }
  bool is_delta() const { return parent_generation != 0; }
};

// One line of the directory: the first memory page that a map page speaks of.
struct DirectoryEntry {
  uint32_t first_page = 0;
  uint32_t extent_count = 0;
  uint64_t map_page_checksum = 0;
};

std::array<std::byte, kHeaderBytes> encode_header(const ImageHeader& header);
// The checksum at the end of an encoded header. Through those of the parts it speaks for every byte
// of the image.
uint64_t header_checksum(std::span<const std::byte, kHeaderBytes> bytes);

// Checks everything that can be checked without reading further. On success every offset and size
// lies inside the file, nothing overlaps, and every count is within its limit.
Expected<ImageHeader, ImageError> decode_header(std::span<const std::byte, kHeaderBytes> bytes,
                                                uint64_t file_bytes, const std::string& path);

void encode_directory_entry(std::span<std::byte> bytes, size_t index, const DirectoryEntry& entry);
DirectoryEntry decode_directory_entry(std::span<const std::byte> bytes, size_t index);
void encode_extent(std::span<std::byte> map_page, size_t index, const Extent& extent);
Extent decode_extent(std::span<const std::byte> map_page, size_t index);

}  // namespace prl::sim
