// PNG is written here, with its data as it is: the few checksums that this takes are less than a
// library that every program with the drop-in would have to find.
#include "sdk/picture.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace prl::sdk {

namespace {

constexpr size_t kStoredBytesMax = 65535;  // of a block of deflate that is not compressed

std::string big_endian(uint32_t number) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(number >> shift);
  return bytes;
}

std::string little_endian(uint32_t number, int count) {
  std::string bytes;
  for (int i = 0; i < count; ++i) bytes += static_cast<char>(number >> (8 * i));
  return bytes;
}

constexpr std::array<uint32_t, 256> crc_table() {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = value & 1 ? 0xEDB88320u ^ value >> 1 : value >> 1;
    table[i] = value;
  }
  return table;
}

uint32_t crc32(std::string_view bytes) {
  static constexpr auto kTable = crc_table();
  uint32_t crc = 0xFFFFFFFFu;
  for (const char byte : bytes) crc = kTable[(crc ^ static_cast<uint8_t>(byte)) & 0xFF] ^ crc >> 8;
  return ~crc;
}

uint32_t adler32(std::string_view bytes) {
  constexpr uint32_t kModulus = 65521;
  uint32_t low = 1;
  uint32_t high = 0;
  for (const char byte : bytes) {
    low = (low + static_cast<uint8_t>(byte)) % kModulus;
    high = (high + low) % kModulus;
  }
  return high << 16 | low;
}

std::string chunk(std::string_view type, std::string_view content) {
  const std::string body = std::string(type) + std::string(content);
  return big_endian(static_cast<uint32_t>(content.size())) + body + big_endian(crc32(body));
}

std::string zlib_stored(std::string_view bytes) {
  std::string stream = "\x78\x01";
  const uint32_t check = adler32(bytes);
  do {
    const std::string_view part = bytes.substr(0, kStoredBytesMax);
    bytes.remove_prefix(part.size());
    const auto length = static_cast<uint32_t>(part.size());
    stream += bytes.empty() ? '\1' : '\0';
    stream += little_endian(length, 2) + little_endian(~length, 2);
    stream += part;
  } while (!bytes.empty());
  return stream + big_endian(check);
}

std::string png_of(const Picture& picture) {
  std::string rows;
  rows.reserve((picture.width * size_t{3} + 1) * picture.height);
  for (size_t i = 0; i < picture.pixels.size(); ++i) {
    if (i % picture.width == 0) rows += '\0';  // a row without a filter
    const uint32_t pixel = picture.pixels[i];
    rows += static_cast<char>(pixel >> 16);
    rows += static_cast<char>(pixel >> 8);
    rows += static_cast<char>(pixel);
  }
  // 8 bits for each of three colours, not interlaced.
  const std::string header = big_endian(picture.width) + big_endian(picture.height) +
                             std::string("\x08\x02\x00\x00\x00", 5);
  return "\x89PNG\r\n\x1A\n" + chunk("IHDR", header) + chunk("IDAT", zlib_stored(rows)) +
         chunk("IEND", "");
}

std::string raw_of(const Picture& picture) {
  std::string bytes;
  bytes.reserve(picture.pixels.size() * 4);
  for (const uint32_t pixel : picture.pixels) bytes += little_endian(pixel, 4);
  return bytes;
}

// With 32 bits for each pixel there is nothing to pad; a negative height means from the top.
std::string bmp_of(const Picture& picture) {
  constexpr uint32_t kHeaderBytes = 54;
  const std::string pixels = raw_of(picture);
  return "BM" + little_endian(kHeaderBytes + static_cast<uint32_t>(pixels.size()), 4) +
         little_endian(0, 4) + little_endian(kHeaderBytes, 4) + little_endian(40, 4) +
         little_endian(picture.width, 4) + little_endian(0u - picture.height, 4) +
         little_endian(1, 2) + little_endian(32, 2) + little_endian(0, 4) +
         little_endian(static_cast<uint32_t>(pixels.size()), 4) + std::string(16, '\0') + pixels;
}

}  // namespace

std::optional<Picture> take_picture(const sim::Uuid& vm, sim::ScreenSize screen, uint64_t time_ms,
                                    const Region& region) {
  const bool is_inside = region.width > 0 && region.height > 0 && region.x < screen.width &&
                         region.y < screen.height && region.width <= screen.width - region.x &&
                         region.height <= screen.height - region.y;
  Picture picture{.width = region.scale_width ? region.scale_width : region.width,
                  .height = region.scale_height ? region.scale_height : region.height,
                  .pixels = {}};
  if (!is_inside || std::max(picture.width, picture.height) > sim::kScreenSideMax) {
    return std::nullopt;
  }
  picture.pixels.reserve(size_t{picture.width} * picture.height);
  for (uint32_t row = 0; row < picture.height; ++row) {
    const auto y = static_cast<uint32_t>(region.y + uint64_t{row} * region.height / picture.height);
    for (uint32_t column = 0; column < picture.width; ++column) {
      const auto x =
          static_cast<uint32_t>(region.x + uint64_t{column} * region.width / picture.width);
      picture.pixels.push_back(sim::screen_pixel(vm, time_ms, x, y, region.display));
    }
  }
  return picture;
}

Picture scaled(const Picture& picture, uint32_t width, uint32_t height) {
  Picture result{.width = width, .height = height, .pixels = {}};
  result.pixels.reserve(size_t{width} * height);
  for (uint64_t row = 0; row < height; ++row) {
    const size_t begin = row * picture.height / height * picture.width;
    for (uint64_t column = 0; column < width; ++column) {
      result.pixels.push_back(picture.pixels[begin + column * picture.width / width]);
    }
  }
  return result;
}

std::optional<std::string> encode(const Picture& picture, PRL_IMAGE_FORMAT format) {
  switch (format) {
    case PIF_RAW: return raw_of(picture);
    case PIF_BMP: return bmp_of(picture);
    case PIF_PNG: return png_of(picture);
    default: return std::nullopt;
  }
}

}  // namespace prl::sdk
