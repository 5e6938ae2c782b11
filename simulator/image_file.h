// One image file that is open for reading, its header and directory checked. Shared by those who
// read memory from it; all but set_path() may be called in several threads at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "simulator/image_error.h"
#include "simulator/image_format.h"
#include "simulator/machine_image.h"
#include "simulator/seams.h"

namespace prl::sim {

std::string at_offset(uint64_t offset);  // " at offset 4096"

class ImageFile {
 public:
  // Reads and checks the header. An absent file is kStorage with ENOENT.
  static ImageResult<std::shared_ptr<ImageFile>> open(Storage& storage, const std::string& path);

  const ImageHeader& header() const { return header_; }
  const ImageLink& link() const { return link_; }
  const std::string& path() const { return path_; }
  // The file has been renamed. REQUIRES: nobody else uses it meanwhile.
  void set_path(std::string path) { path_ = std::move(path); }

  // REQUIRES: load_directory() has succeeded; not format version 1.
  std::span<const DirectoryEntry> directory() const { return directory_; }
  ImageResult<void> load_directory();

  Unexpected<ImageError> failure(ImageError::Kind kind, const std::string& text) const;
  // `what` is for the message.
  ImageResult<void> read_exactly(uint64_t offset, std::span<std::byte> bytes,
                                 std::string_view what) const;
  ImageResult<std::vector<std::byte>> read_section(SectionIndex index) const;
  // Reads all sections in one call where they are small and lie together, as in every image that is
  // written: they are at hand until load_directory().
  ImageResult<void> fetch_sections();
  // Fills `pages`, a number of whole pages, from the slots that begin with `slot`, and verifies
  // each. `first_page` is the memory page of the first, for the message. REQUIRES: the slots exist;
  // not format version 1.
  ImageResult<void> read_slots(uint64_t slot, std::span<std::byte> pages,
                               uint64_t first_page) const;

 private:
  ImageResult<void> check_read(const StorageResult<size_t>& read, size_t expected, uint64_t offset,
                               std::string_view what) const;

  ImageFile(std::string path, std::unique_ptr<File> file)
      : path_(std::move(path)), file_(std::move(file)) {}

  std::string path_;
  const std::unique_ptr<File> file_;
  std::vector<std::byte> fetched_;  // from the offset of the first section on
  ImageHeader header_;
  ImageLink link_;
  std::vector<DirectoryEntry> directory_;
};

using ImageFilePtr = std::shared_ptr<const ImageFile>;

}  // namespace prl::sim
