#include "simulator/image_reader.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "simulator/checksum.h"
#include "simulator/image_sections.h"

namespace prl::sim {
namespace {

using Kind = ImageError::Kind;

std::string at_offset(uint64_t offset) {
  return " at offset " + std::to_string(offset);
}

// One image file, its header checked.
class ImageFile {
 public:
  static ImageResult<ImageFile> open(Storage& storage, const std::string& path) {
    auto file = storage.open(path);
    if (!file) return storage_failure(file.error());
    ImageFile image(path, std::move(*file));
    const auto size = image.file_->size();
    if (!size) return storage_failure(size.error());
    std::array<std::byte, kHeaderBytes> bytes;
    if (auto read = image.read_exactly(0, bytes, "header"); !read) return Unexpected{read.error()};
    auto header = decode_header(bytes, *size, path);
    if (!header) return Unexpected{header.error()};
    image.header_ = *header;
    return image;
  }

  const ImageHeader& header() const { return header_; }

  Unexpected<ImageError> failure(Kind kind, const std::string& text) const {
    return Unexpected{ImageError{kind, path_ + ": " + text}};
  }

  ImageResult<void> read_exactly(uint64_t offset, std::span<std::byte> bytes,
                                 std::string_view what) {
    const auto count = file_->read_at(offset, bytes);
    if (!count) return storage_failure(count.error());
    if (*count == bytes.size()) return {};
    return failure(Kind::kTruncated,
                   "the file ends within the " + std::string(what) + at_offset(offset));
  }

  // REQUIRES: a checked header, which bounds what is allocated here.
  ImageResult<std::vector<std::byte>> read_section(SectionIndex index) {
    const ImageSection& section = header_.sections[index];
    const std::string name(kSectionNames[index]);
    std::vector<std::byte> bytes(section.size_bytes);
    if (auto read = read_exactly(section.offset, bytes, name); !read) {
      return Unexpected{read.error()};
    }
    if (checksum(bytes) != section.checksum) {
      return failure(Kind::kSectionDamaged,
                     "section " + name + at_offset(section.offset) + " is damaged");
    }
    return bytes;
  }

 private:
  ImageFile(std::string path, std::unique_ptr<File> file)
      : path_(std::move(path)), file_(std::move(file)) {}

  static Unexpected<ImageError> storage_failure(const StorageError& error) {
    return Unexpected{ImageError{Kind::kStorage, error.message(), error.errno_value}};
  }

  std::string path_;
  std::unique_ptr<File> file_;
  ImageHeader header_;
};

// Reads one section and interprets it with `decode`.
template <class Decode>
auto load_section(ImageFile& file, SectionIndex index, Decode decode)
    -> ImageResult<std::remove_reference_t<decltype(decode({}).value())>> {
  const auto bytes = file.read_section(index);
  if (!bytes) return Unexpected{bytes.error()};
  auto content = decode(*bytes);
  if (content) return std::move(*content);
  return file.failure(content.error().kind, "section " + std::string(kSectionNames[index]) +
                                                at_offset(file.header().sections[index].offset) +
                                                ": " + content.error().text);
}

ImageResult<MachineImage> load_machine(ImageFile& file) {
  const ImageHeader& header = file.header();
  auto vcpus = load_section(file, kVcpuSection, [&](std::span<const std::byte> bytes) {
    return decode_vcpus(bytes, header.cpu_count);
  });
  if (!vcpus) return Unexpected{vcpus.error()};
  auto devices = load_section(file, kDeviceSection, decode_devices);
  if (!devices) return Unexpected{devices.error()};
  auto config = load_section(file, kConfigurationSection, decode_configuration);
  if (!config) return Unexpected{config.error()};
  if (config->ram_bytes != header.ram_bytes || config->cpu_count != header.cpu_count) {
    return file.failure(Kind::kInconsistent,
                        "header and configuration describe different machines");
  }
  return MachineImage{header.vm_uuid, header.generation, std::move(*vcpus), *devices,
                      std::move(*config)};
}

// Brings the pages of an image into a new memory, one map page (up to 1 MiB of memory) at a time.
class PageLoader {
 public:
  PageLoader(ImageFile& file, Ram& ram)
      : file_(file), header_(file.header()), ram_(ram), buffer_(kEntriesPerMapPage * kPageBytes) {}

  ImageResult<void> load_all() {
    const auto directory = file_.read_section(kDirectorySection);
    if (!directory) return Unexpected{directory.error()};
    for (uint32_t i = 0; i < header_.map_pages; ++i) {
      auto loaded = load_map_page(i, decode_directory_entry(*directory, i));
      if (!loaded) return loaded;
    }
    return {};
  }

 private:
  ImageResult<void> load_map_page(uint32_t index, const DirectoryEntry& directory) {
    const uint64_t entries =
        std::min<uint64_t>(header_.stored_pages - stored_pages_seen_, kEntriesPerMapPage);
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
                               const DirectoryEntry& directory) {
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

  ImageFile& file_;
  const ImageHeader& header_;
  Ram& ram_;
  std::vector<std::byte> buffer_;
  uint64_t stored_pages_seen_ = 0;
  uint64_t next_page_ = 0;  // pages ascend: the lowest that the next entry may name
};

}  // namespace

Expected<LoadedImage, ImageError> read_image(Storage& storage, const std::string& path,
                                             const Uuid& expected_vm) {
  auto file = ImageFile::open(storage, path);
  if (!file) return Unexpected{file.error()};
  if (file->header().vm_uuid != expected_vm) {
    return file->failure(Kind::kForeignVm, "header field vm_uuid is " +
                                               file->header().vm_uuid.format() + ", expected " +
                                               expected_vm.format());
  }
  if (file->header().is_delta()) {
    return file->failure(Kind::kNewerVersion, "the image rests on another one");
  }
  auto machine = load_machine(*file);
  if (!machine) return Unexpected{machine.error()};
  Ram ram(file->header().ram_bytes);
  if (auto loaded = PageLoader(*file, ram).load_all(); !loaded) return Unexpected{loaded.error()};
  return LoadedImage{std::move(*machine), std::move(ram)};
}

Expected<ImageHeader, ImageError> inspect_image(Storage& storage, const std::string& path) {
  const auto file = ImageFile::open(storage, path);
  if (!file) return Unexpected{file.error()};
  return file->header();
}

}  // namespace prl::sim
