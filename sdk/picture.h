// Pictures of screens, and the files that hold them. Value types.
#pragma once

#include <prlsdk/Parallels.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/displays.h"

namespace prl::sdk {

struct Picture {
  uint32_t width = 0;
  uint32_t height = 0;
  std::vector<uint32_t> pixels;  // 0x00RRGGBB, row by row from the top
};

// What of a screen is wanted; a scale of 0 leaves the size as it is.
struct Region {
  uint32_t x = 0;
  uint32_t y = 0;
  uint32_t width = 0;
  uint32_t height = 0;
  uint32_t scale_width = 0;
  uint32_t scale_height = 0;
  uint32_t display = 0;
};

// Empty where the region is not on the screen, or larger than screens can be.
std::optional<Picture> take_picture(const sim::Uuid& vm, sim::ScreenSize screen, uint64_t time_ms,
                                    const Region& region);
// REQUIRES: both sides are greater than 0, also those of the picture.
Picture scaled(const Picture& picture, uint32_t width, uint32_t height);
// Of a BMP or PNG file, without what is clear in it; empty for other bytes.
std::optional<Picture> read_picture(std::string_view bytes);
// Raw pixels of 4 bytes, BMP or PNG; empty for other formats.
std::optional<std::string> encode(const Picture& picture, PRL_IMAGE_FORMAT format);

}  // namespace prl::sdk
