#include "simulator/image_writer.h"

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "simulator/checksum.h"
#include "simulator/image_format.h"
#include "simulator/image_pages.h"
#include "simulator/image_sections.h"
#include "simulator/page_buffer.h"

namespace prl::sim {
namespace {

// Smaller files take longer past the memory of the system than through it.
constexpr uint64_t kDirectFromBytes = uint64_t{4} << 20;

constexpr uint64_t round_up(uint64_t value, uint64_t unit) {
  return (value + unit - 1) / unit * unit;
}

std::string folder_of(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

Unexpected<ImageError> storage_failure(const StorageError& error) {
  return Unexpected{ImageError{ImageError::Kind::kStorage, error.message(), error.errno_value}};
}

// The sections and, once they are laid out, the header that goes with them.
struct Plan {
  ImageHeader header;
  std::array<std::vector<std::byte>, 3> sections;
  PagePlan pages;
};

Plan make_plan(const MachineImage& image, const Ram& ram, PagePlan pages,
               const std::optional<ImageParent>& parent) {
  Plan plan{.header = {},
            .sections = {encode_vcpus(image.vcpus), encode_devices(image.devices),
                         encode_configuration(image.config)},
            .pages = std::move(pages)};
  ImageHeader& header = plan.header;
  if (parent) {
    header.format_version = kDeltaFormatVersion;
    header.parent_generation = parent->generation;
    header.parent_checksum = parent->checksum;
  }
  header.generation = image.generation;
  header.vm_uuid = image.vm_uuid;
  header.ram_bytes = ram.size_bytes();
  header.cpu_count = static_cast<uint32_t>(image.vcpus.size());
  header.stored_pages = plan.pages.slots;
  header.map_entries = plan.pages.entries;
  header.map_pages =
      static_cast<uint32_t>(round_up(header.map_entries, kEntriesPerMapPage) / kEntriesPerMapPage);
  uint64_t end = kHeaderBytes;
  for (size_t i = 0; i < plan.sections.size(); ++i) {
    header.sections[i] = {end, plan.sections[i].size(), checksum(plan.sections[i])};
    end += plan.sections[i].size();
  }
  const uint64_t directory_bytes = uint64_t{header.map_pages} * kDirectoryEntryBytes;
  header.sections[kDirectorySection] = {end, directory_bytes, 0};
  header.map_offset = round_up(end + directory_bytes, kMapPageBytes);
  header.pages_offset = header.map_offset + uint64_t{header.map_pages} * kMapPageBytes;
  header.file_bytes = header.pages_offset + header.stored_pages * kPageBytes;
  return plan;
}

// Describes the map, which is complete, in the directory.
void fill_directory(const ImageHeader& header, std::span<std::byte> front) {
  const auto directory = front.subspan(header.sections[kDirectorySection].offset);
  for (uint64_t i = 0; i < header.map_pages; ++i) {
    const uint64_t offset = header.map_offset + i * kMapPageBytes;
    const auto map_page = front.subspan(offset, kMapPageBytes);
    const uint64_t entries =
        std::min<uint64_t>(header.map_entries - i * kEntriesPerMapPage, kEntriesPerMapPage);
    encode_directory_entry(directory, i,
                           {.first_page = decode_map_entry(map_page, 0).page,
                            .entry_count = static_cast<uint32_t>(entries),
                            .map_page_offset = offset,
                            .map_page_checksum = checksum(map_page)});
  }
}

// The header is last: it has the checksum of the directory, which has those of the map.
uint64_t fill_header(Plan& plan, std::span<std::byte> front) {
  ImageHeader& header = plan.header;
  fill_directory(header, front);
  ImageSection& directory = header.sections[kDirectorySection];
  directory.checksum = checksum(front.subspan(directory.offset, directory.size_bytes));
  const auto encoded = encode_header(header);
  std::memcpy(front.data(), encoded.data(), encoded.size());
  return header_checksum(encoded);
}

ImageResult<uint64_t> write_content(File& file, Plan& plan, const Ram& ram) {
  const ImageHeader& header = plan.header;
  const PageBuffer front(header.pages_offset);
  std::memset(front.bytes().data(), 0, front.bytes().size());
  for (size_t i = 0; i < plan.sections.size(); ++i) {
    std::memcpy(&front.bytes()[header.sections[i].offset], plan.sections[i].data(),
                plan.sections[i].size());
  }
  uint64_t sum = 0;
  PageWriter pages(file, ram, plan.pages,
                   {.front = front.bytes(),
                    .map_offset = header.map_offset,
                    .pages_offset = header.pages_offset});
  auto written = pages.write([&] { sum = fill_header(plan, front.bytes()); });
  if (!written) return Unexpected{written.error()};
  return sum;
}

// Returns the checksum of the header.
ImageResult<uint64_t> write_file(Storage& storage, const std::string& path, Plan& plan,
                                 const Ram& ram) {
  const bool is_large = plan.header.file_bytes >= kDirectFromBytes;
  auto file = is_large ? storage.create_direct(path) : storage.create(path);
  if (!file) return storage_failure(file.error());
  if (is_large) {
    const auto reserved = (*file)->reserve(plan.header.file_bytes);
    if (!reserved) return storage_failure(reserved.error());
  }
  auto written = write_content(**file, plan, ram);
  if (!written) return written;
  if (const auto synced = (*file)->sync(); !synced) return storage_failure(synced.error());
  return written;
}

// Refuses what the reader would refuse.
Expected<void, ImageError> check_machine(const std::string& path, const MachineImage& image,
                                         const Ram& ram) {
  const auto failure = [&](ImageError::Kind kind, const char* text) {
    return Unexpected{ImageError{kind, path + ": " + text}};
  };
  if (image.vcpus.size() > kMaxVcpus) {
    return failure(ImageError::Kind::kLimitExceeded, "more than 256 vcpus");
  }
  if (image.config.name.size() > kMaxNameBytes) {
    return failure(ImageError::Kind::kLimitExceeded, "configuration name of more than 4096 bytes");
  }
  if (image.vcpus.empty() || image.config.cpu_count != image.vcpus.size()) {
    return failure(ImageError::Kind::kInconsistent, "configuration cpu_count is not that of vcpus");
  }
  if (ram.failure()) return Unexpected{*ram.failure()};
  if (image.config.ram_bytes != ram.size_bytes()) {
    return failure(ImageError::Kind::kInconsistent,
                   "configuration ram_bytes is not that of memory");
  }
  return {};
}

}  // namespace

std::string temporary_image_path(const std::string& path) {
  return path + ".tmp";
}

ImageResult<ImageStats> write_image(Storage& storage, const std::string& path,
                                    const MachineImage& image, const Ram& ram,
                                    const std::optional<ImageParent>& parent) {
  if (auto checked = check_machine(path, image, ram); !checked) return Unexpected{checked.error()};
  auto pages = parent ? ImageResult<PagePlan>(plan_dirty_pages(ram)) : plan_all_pages(ram);
  if (!pages) return Unexpected{pages.error()};
  Plan plan = make_plan(image, ram, std::move(*pages), parent);
  const std::string temporary_path = temporary_image_path(path);
  auto written = write_file(storage, temporary_path, plan, ram);
  if (written) {
    const auto renamed = storage.rename(temporary_path, path);
    if (!renamed) written = storage_failure(renamed.error());
  }
  if (!written) {
    // The first failure is the one to report; a second one here adds nothing that helps.
    (void)storage.remove(temporary_path);
    return Unexpected{written.error()};
  }
  if (auto synced = storage.sync_folder(folder_of(path)); !synced) {
    return storage_failure(synced.error());
  }
  const ImageHeader& header = plan.header;
  return ImageStats{.file_bytes = header.file_bytes,
                    .stored_pages = header.stored_pages,
                    .map_pages = header.map_pages,
                    .header_checksum = *written};
}

StorageResult<void> remove_image(Storage& storage, const std::string& path) {
  if (auto removed = storage.remove(path); !removed) return removed;
  return storage.sync_folder(folder_of(path));
}

}  // namespace prl::sim
