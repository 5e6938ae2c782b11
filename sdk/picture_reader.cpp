// Reading of BMP and PNG files without colour tables: ours, and those that most programs write.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <span>
#include <string_view>

#include "sdk/inflate.h"
#include "sdk/picture.h"

namespace prl::sdk {

namespace {

uint32_t byte_at(std::string_view bytes, size_t at) {
  return static_cast<uint8_t>(bytes[at]);
}

uint32_t little_endian(std::string_view bytes, size_t at) {
  return byte_at(bytes, at) | byte_at(bytes, at + 1) << 8 | byte_at(bytes, at + 2) << 16 |
         byte_at(bytes, at + 3) << 24;
}

uint32_t big_endian(std::string_view bytes, size_t at) {
  return byte_at(bytes, at) << 24 | byte_at(bytes, at + 1) << 16 | byte_at(bytes, at + 2) << 8 |
         byte_at(bytes, at + 3);
}

bool is_side(uint64_t pixels) {
  return pixels > 0 && pixels <= sim::kScreenSideMax;
}

// ---- BMP -------------------------------------------------------------------------------------

std::optional<Picture> read_bmp(std::string_view bytes) {
  constexpr size_t kHeaderBytes = 54;
  if (bytes.size() < kHeaderBytes) return std::nullopt;
  const auto height = static_cast<int32_t>(little_endian(bytes, 22));
  const bool is_from_top = height < 0;
  const uint32_t rows = static_cast<uint32_t>(std::abs(int64_t{height}));
  Picture picture{.width = little_endian(bytes, 18), .height = rows, .pixels = {}};
  const size_t pixel_bits = little_endian(bytes, 26) >> 16;
  const bool is_packed = little_endian(bytes, 30) != 0;
  if (!is_side(picture.width) || !is_side(rows) || is_packed) return std::nullopt;
  if (pixel_bits != 24 && pixel_bits != 32) return std::nullopt;
  const size_t pixel_bytes = pixel_bits / 8;
  const size_t row_bytes = (picture.width * pixel_bytes + 3) / 4 * 4;
  const size_t start = little_endian(bytes, 10);
  if (start > bytes.size() || bytes.size() - start < row_bytes * rows) return std::nullopt;
  picture.pixels.reserve(size_t{picture.width} * rows);
  for (uint32_t row = 0; row < rows; ++row) {
    const size_t begin = start + row_bytes * (is_from_top ? row : rows - 1 - row);
    for (size_t x = 0; x < picture.width; ++x) {
      const size_t at = begin + x * pixel_bytes;
      picture.pixels.push_back(byte_at(bytes, at) | byte_at(bytes, at + 1) << 8 |
                               byte_at(bytes, at + 2) << 16);
    }
  }
  return picture;
}

// ---- PNG -------------------------------------------------------------------------------------

constexpr std::string_view kPngSignature = "\x89PNG\r\n\x1A\n";

struct PngContent {
  std::string_view header;
  std::string data;  // of all IDAT chunks
};

std::optional<PngContent> read_chunks(std::string_view bytes) {
  constexpr size_t kAroundBytes = 12;  // length, type and checksum
  PngContent content;
  bytes.remove_prefix(kPngSignature.size());
  while (bytes.size() >= kAroundBytes) {
    const uint32_t length = big_endian(bytes, 0);
    if (length > bytes.size() - kAroundBytes) return std::nullopt;
    const std::string_view type = bytes.substr(4, 4);
    const std::string_view body = bytes.substr(8, length);
    if (type == "IHDR") content.header = body;
    if (type == "IDAT") content.data += body;
    if (type == "IEND") return content;
    bytes.remove_prefix(kAroundBytes + length);
  }
  return std::nullopt;
}

// Of colours with 8 bits each; 0 where colours are numbers in a table, or unknown.
size_t channels_of(uint32_t colour_type) {
  switch (colour_type) {
    case 0:
      return 1;
    case 2:
      return 3;
    case 4:
      return 2;
    case 6:
      return 4;
    default:
      return 0;
  }
}

uint8_t nearest_of(int left, int up, int corner) {
  const int guess = left + up - corner;
  const int to_left = std::abs(guess - left);
  const int to_up = std::abs(guess - up);
  const int to_corner = std::abs(guess - corner);
  if (to_left <= to_up && to_left <= to_corner) return static_cast<uint8_t>(left);
  return static_cast<uint8_t>(to_up <= to_corner ? up : corner);
}

// Adds to a row what its filter took away; false for a filter that there is not.
bool unfilter(uint32_t filter, std::span<uint8_t> row, std::span<const uint8_t> above,
              size_t pixel_bytes) {
  if (filter > 4) return false;
  for (size_t i = 0; i < row.size(); ++i) {
    const int left = i < pixel_bytes ? 0 : row[i - pixel_bytes];
    const int up = above[i];
    const int corner = i < pixel_bytes ? 0 : above[i - pixel_bytes];
    const std::array<int, 5> guesses = {0, left, up, (left + up) / 2, nearest_of(left, up, corner)};
    row[i] = static_cast<uint8_t>(row[i] + guesses[filter]);
  }
  return true;
}

uint32_t colour_of(std::span<const uint8_t> pixel) {
  const bool is_grey = pixel.size() < 3;
  const uint32_t red = pixel[0];
  return red << 16 | uint32_t{is_grey ? pixel[0] : pixel[1]} << 8 |
         uint32_t{is_grey ? pixel[0] : pixel[2]};
}

std::optional<Picture> read_png(std::string_view bytes) {
  constexpr size_t kHeaderBytes = 13;
  const auto content = read_chunks(bytes);
  if (!content || content->header.size() != kHeaderBytes) return std::nullopt;
  const std::string_view header = content->header;
  Picture picture{.width = big_endian(header, 0), .height = big_endian(header, 4), .pixels = {}};
  const size_t channels = channels_of(byte_at(header, 9));
  const bool is_plain = byte_at(header, 8) == 8 && byte_at(header, 12) == 0;  // not interlaced
  if (!is_side(picture.width) || !is_side(picture.height) || channels == 0 || !is_plain) {
    return std::nullopt;
  }
  const size_t row_bytes = picture.width * channels;
  auto rows = inflate(content->data, (row_bytes + 1) * picture.height);
  if (!rows || rows->size() != (row_bytes + 1) * picture.height) return std::nullopt;
  picture.pixels.reserve(size_t{picture.width} * picture.height);
  std::vector<uint8_t> above(row_bytes);
  std::vector<uint8_t> row(row_bytes);
  for (size_t y = 0; y < picture.height; ++y) {
    const size_t begin = y * (row_bytes + 1);
    std::copy_n(rows->begin() + static_cast<ptrdiff_t>(begin + 1), row_bytes, row.begin());
    if (!unfilter(byte_at(*rows, begin), row, above, channels)) return std::nullopt;
    for (size_t x = 0; x < picture.width; ++x) {
      picture.pixels.push_back(colour_of(std::span(row).subspan(x * channels, channels)));
    }
    std::swap(row, above);
  }
  return picture;
}

}  // namespace

std::optional<Picture> read_picture(std::string_view bytes) {
  if (bytes.starts_with("BM")) return read_bmp(bytes);
  if (bytes.starts_with(kPngSignature)) return read_png(bytes);
  return std::nullopt;
}

}  // namespace prl::sdk
