#include "simulator/base64.h"

#include <cstdint>

namespace prl::sim {

namespace {

constexpr std::string_view kDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr char kPadding = '=';

}  // namespace

std::string to_base64(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const std::string_view group = bytes.substr(i, 3);
    uint32_t bits = 0;
    for (size_t k = 0; k < 3; ++k) {
      bits = bits << 8 | (k < group.size() ? static_cast<uint8_t>(group[k]) : 0u);
    }
    for (size_t k = 0; k < 4; ++k) {
      text += k <= group.size() ? kDigits[bits >> (18 - 6 * k) & 63] : kPadding;
    }
  }
  return text;
}

std::optional<std::string> from_base64(std::string_view text) {
  std::string bytes;
  uint32_t bits = 0;
  unsigned digits = 0;
  unsigned paddings = 0;
  for (const char letter : text) {
    if (letter == ' ' || letter == '\n' || letter == '\r' || letter == '\t') continue;
    const size_t value = kDigits.find(letter);
    if (letter == kPadding ? ++paddings > 2 : value == kDigits.npos || paddings > 0) {
      return std::nullopt;
    }
    bits = bits << 6 | (letter == kPadding ? 0u : static_cast<uint32_t>(value));
    if (++digits % 4 != 0) continue;
    for (unsigned k = 0; k < 3 - paddings; ++k) bytes += static_cast<char>(bits >> (16 - 8 * k));
  }
  if (digits % 4 != 0) return std::nullopt;
  return bytes;
}

}  // namespace prl::sim
