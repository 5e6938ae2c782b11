#include "simulator/image_writer.h"

#include <cassert>
#include <cstring>
#include <utility>
#include <vector>

#include "simulator/checksum.h"
#include "simulator/image_format.h"
#include "simulator/image_sections.h"

namespace prl::sim {
namespace {

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

// Receives the pages to keep in ascending order; writes them packed, with their map.
class PageWriter {
 public:
  PageWriter(File& file, const ImageHeader& header) : file_(file), header_(header) {
    buffer_.reserve(kBufferBytes);
    directory_.resize(size_t{header.map_pages} * kDirectoryEntryBytes);
  }

  StorageResult<void> add(uint64_t page, PageBytes bytes) {
    assert(stored_pages_ < header_.stored_pages);
    if (entry_count_ == 0) first_page_ = static_cast<uint32_t>(page);
    encode_map_entry(
        map_page_, entry_count_++,
        {static_cast<uint32_t>(page), static_cast<uint32_t>(++stored_pages_), checksum(bytes)});
    buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
    if (entry_count_ < kEntriesPerMapPage) return {};
    return flush();
  }

  // Ends the last map page. Call once, after the last page.
  StorageResult<void> finish() {
    assert(stored_pages_ == header_.stored_pages);
    return entry_count_ == 0 ? StorageResult<void>() : flush();
  }

  const std::vector<std::byte>& directory() const { return directory_; }

 private:
  // As many pages as one map page describes, so both are full at the same time.
  static constexpr size_t kBufferBytes = kEntriesPerMapPage * kPageBytes;

  StorageResult<void> flush() {
    const uint64_t map_page_offset = header_.map_offset + uint64_t{map_pages_} * kMapPageBytes;
    encode_directory_entry(directory_, map_pages_++,
                           {first_page_, entry_count_, map_page_offset, checksum(map_page_)});
    const uint64_t first_slot = stored_pages_ - entry_count_;
    auto written = file_.write_at(header_.pages_offset + first_slot * kPageBytes, buffer_);
    if (written) written = file_.write_at(map_page_offset, map_page_);
    buffer_.clear();
    map_page_.fill(std::byte{0});
    entry_count_ = 0;
    return written;
  }

  File& file_;
  const ImageHeader& header_;
  std::vector<std::byte> buffer_;
  std::array<std::byte, kMapPageBytes> map_page_{};
  std::vector<std::byte> directory_;
  uint32_t first_page_ = 0;
  uint32_t entry_count_ = 0;
  uint32_t map_pages_ = 0;
  uint64_t stored_pages_ = 0;
};

// The sections and, once they are laid out, the header that goes with them.
struct Plan {
  ImageHeader header;
  std::array<std::vector<std::byte>, 3> sections;
};

// The count decides where everything lies, so it is taken before anything is written. A page that
// is not zero shows it within its first bytes, and reading those costs little beside writing the
// page.
uint64_t count_stored_pages(const Ram& ram) {
  uint64_t count = 0;
  ram.for_each_touched_page([&](uint64_t, PageBytes bytes) { count += !is_zero_page(bytes); });
  return count;
}

Plan make_plan(const MachineImage& image, const Ram& ram) {
  Plan plan;
  plan.sections = {encode_vcpus(image.vcpus), encode_devices(image.devices),
                   encode_configuration(image.config)};
  ImageHeader& header = plan.header;
  header.generation = image.generation;
  header.vm_uuid = image.vm_uuid;
  header.ram_bytes = ram.size_bytes();
  header.cpu_count = static_cast<uint32_t>(image.vcpus.size());
  header.stored_pages = count_stored_pages(ram);
  header.map_pages =
      static_cast<uint32_t>(round_up(header.stored_pages, kEntriesPerMapPage) / kEntriesPerMapPage);
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

StorageResult<void> write_content(File& file, Plan& plan, const Ram& ram) {
  PageWriter pages(file, plan.header);
  StorageResult<void> written;
  ram.for_each_touched_page([&](uint64_t page, PageBytes bytes) {
    if (!is_zero_page(bytes)) written = pages.add(page, bytes);
    return written.has_value();
  });
  if (written) written = pages.finish();
  if (!written) return written;

  ImageHeader& header = plan.header;
  header.sections[kDirectorySection].checksum = checksum(pages.directory());
  const auto encoded_header = encode_header(header);
  // Everything before the map in one piece, padding included: an image without pages would
  // otherwise end with its last section.
  std::vector<std::byte> front(header.map_offset);
  const auto place = [&](uint64_t offset, std::span<const std::byte> bytes) {
    if (!bytes.empty()) std::memcpy(&front[offset], bytes.data(), bytes.size());
  };
  place(0, encoded_header);
  for (size_t i = 0; i < plan.sections.size(); ++i) {
    place(header.sections[i].offset, plan.sections[i]);
  }
  place(header.sections[kDirectorySection].offset, pages.directory());
  return file.write_at(0, front);
}

StorageResult<void> write_file(Storage& storage, const std::string& path, Plan& plan,
                               const Ram& ram) {
  auto file = storage.create(path);
  if (!file) return Unexpected{file.error()};
  auto written = write_content(**file, plan, ram);
  if (written) written = (*file)->sync();
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

Expected<ImageStats, ImageError> write_image(Storage& storage, const std::string& path,
                                             const MachineImage& image, const Ram& ram) {
  if (auto checked = check_machine(path, image, ram); !checked) return Unexpected{checked.error()};
  Plan plan = make_plan(image, ram);
  const std::string temporary_path = temporary_image_path(path);
  auto written = write_file(storage, temporary_path, plan, ram);
  if (written) written = storage.rename(temporary_path, path);
  if (!written) {
    // The first failure is the one to report; a second one here adds nothing that helps.
    (void)storage.remove(temporary_path);
    return storage_failure(written.error());
  }
  if (auto synced = storage.sync_folder(folder_of(path)); !synced) {
    return storage_failure(synced.error());
  }
  const ImageHeader& header = plan.header;
  return ImageStats{header.file_bytes, header.stored_pages,
                    ram.touched_pages() - header.stored_pages, header.map_pages};
}

StorageResult<void> remove_image(Storage& storage, const std::string& path) {
  if (auto removed = storage.remove(path); !removed) return removed;
  return storage.sync_folder(folder_of(path));
}

}  // namespace prl::sim
