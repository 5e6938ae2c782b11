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
#include "simulator/storage_files.h"

namespace prl::sim {
namespace {

// Smaller files take longer past the memory of the system than through it.
constexpr uint64_t kDirectFromBytes = uint64_t{4} << 20;

constexpr uint64_t round_up(uint64_t value, uint64_t unit) {
  return (value + unit - 1) / unit * unit;
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
               const std::optional<ImageLink>& parent) {
  Plan plan{.header = {},
            .sections = {encode_vcpus(image.vcpus), encode_devices(image.devices),
                         encode_configuration(image.config)},
            .pages = std::move(pages)};
  ImageHeader& header = plan.header;
  if (parent) {
    header.parent_generation = parent->generation;
    header.parent_checksum = parent->checksum;
  }
  header.generation = image.generation;
  header.vm_uuid = image.vm_uuid;
  header.ram_bytes = ram.size_bytes();
  header.cpu_count = static_cast<uint32_t>(image.vcpus.size());
  header.stored_pages = plan.pages.slots;
  header.extents = plan.pages.extents.size();
  header.map_pages =
      static_cast<uint32_t>(round_up(header.extents, kExtentsPerMapPage) / kExtentsPerMapPage);
  header.map_offset = kHeaderBytes;
  header.sums_offset = header.map_offset + uint64_t{header.map_pages} * kMapPageBytes;
  uint64_t end = header.sums_offset + header.stored_pages * kPageSumBytes;
  for (size_t i = 0; i < plan.sections.size(); ++i) {
    header.sections[i] = {end, plan.sections[i].size(), checksum(plan.sections[i])};
    end += plan.sections[i].size();
  }
  // The directory takes what is left of its last page, so that its checksum covers that too.
  header.pages_offset =
      round_up(end + uint64_t{header.map_pages} * kDirectoryEntryBytes, kPageBytes);
  header.sections[kDirectorySection] = {end, header.pages_offset - end, 0};
  header.file_bytes = header.pages_offset + header.stored_pages * kPageBytes;
  return plan;
}

void fill_map(const Plan& plan, std::span<std::byte> front) {
  const ImageHeader& header = plan.header;
  const auto directory = front.subspan(header.sections[kDirectorySection].offset);
  std::span<const Extent> extents = plan.pages.extents;
  for (uint64_t i = 0; i < header.map_pages; ++i) {
    const auto map_page = front.subspan(header.map_offset + i * kMapPageBytes, kMapPageBytes);
    const auto count = std::min<size_t>(extents.size(), kExtentsPerMapPage);
    for (size_t j = 0; j < count; ++j) encode_extent(map_page, j, extents[j]);
    encode_directory_entry(directory, i,
                           {.first_page = extents.front().first_page,
                            .extent_count = static_cast<uint32_t>(count),
                            .map_page_checksum = checksum(map_page)});
    extents = extents.subspan(count);
  }
}

// The header is last: it has the checksums of all the rest.
uint64_t fill_header(Plan& plan, std::span<std::byte> front) {
  ImageHeader& header = plan.header;
  fill_map(plan, front);
  ImageSection& directory = header.sections[kDirectorySection];
  directory.checksum = checksum(front.subspan(directory.offset, directory.size_bytes));
  header.sums_checksum =
      checksum(front.subspan(header.sums_offset, header.stored_pages * kPageSumBytes));
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
                    .sums_offset = header.sums_offset,
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
                                    const std::optional<ImageLink>& parent) {
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
                    .link = {.generation = header.generation, .checksum = *written}};
}

StorageResult<void> remove_image(Storage& storage, const std::string& path) {
  if (auto removed = storage.remove(path); !removed) return removed;
  return storage.sync_folder(folder_of(path));
}

}  // namespace prl::sim
