// Images of discs and floppies that hold a few small files, as installers of guest systems look for
// answers on. Pure functions; equal files give equal images.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace prl::sim {

// A file of the root folder. Its name has at most 26 letters, digits and one dot before its ending.
struct MediaFile {
  std::string name;
  std::string content;
};

inline constexpr uint64_t kFloppySectors = 2880;  // of 512 bytes

// ISO 9660, level 2: names in capitals. The label has at most 11 capitals and digits.
std::string optical_image(std::string_view label, std::span<const MediaFile> files);

// FAT12 with long names. REQUIRES: the files fit on a floppy of 1.44 MB.
std::string floppy_image(std::string_view label, std::span<const MediaFile> files);

}  // namespace prl::sim
