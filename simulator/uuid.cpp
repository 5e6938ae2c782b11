#include "simulator/uuid.h"

#include <array>
#include <cstring>

namespace prl::sim {
namespace {

// A dash stands before these bytes.
constexpr bool has_dash_before(size_t byte_index) {
  return byte_index == 4 || byte_index == 6 || byte_index == 8 || byte_index == 10;
}

// The two digits of every byte.
constexpr auto kDigitPairs = [] {
  constexpr char kDigits[] = "0123456789abcdef";
  std::array<std::array<char, 2>, 256> pairs{};
  for (size_t i = 0; i < pairs.size(); ++i) pairs[i] = {kDigits[i >> 4], kDigits[i & 15]};
  return pairs;
}();

int digit_value(char letter) {
  if (letter >= '0' && letter <= '9') return letter - '0';
  if (letter >= 'a' && letter <= 'f') return letter - 'a' + 10;
  if (letter >= 'A' && letter <= 'F') return letter - 'A' + 10;
  return -1;
}

}  // namespace

Uuid Uuid::from_random(uint64_t high, uint64_t low) {
  Bytes bytes;
  for (size_t i = 0; i < 8; ++i) {
    bytes[i] = static_cast<uint8_t>(high >> (56 - 8 * i));
    bytes[8 + i] = static_cast<uint8_t>(low >> (56 - 8 * i));
  }
  bytes[6] = static_cast<uint8_t>((bytes[6] & 0x0F) | 0x40);
  bytes[8] = static_cast<uint8_t>((bytes[8] & 0x3F) | 0x80);
  return Uuid(bytes);
}

std::optional<Uuid> Uuid::parse(std::string_view text) {
  if (text.size() == 38 && text.front() == '{' && text.back() == '}') text = text.substr(1, 36);
  if (text.size() != 36) return std::nullopt;
  Bytes bytes;
  size_t position = 0;
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (has_dash_before(i) && text[position++] != '-') return std::nullopt;
    const int high = digit_value(text[position++]);
    const int low = digit_value(text[position++]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes[i] = static_cast<uint8_t>(high * 16 + low);
  }
  return Uuid(bytes);
}

std::string Uuid::format() const {
  std::string text = "{00000000-0000-0000-0000-000000000000}";
  char* digits = text.data() + 1;
  for (size_t i = 0; i < bytes_.size(); ++i) {
    if (has_dash_before(i)) ++digits;
    std::memcpy(digits, kDigitPairs[bytes_[i]].data(), 2);
    digits += 2;
  }
  return text;
}

}  // namespace prl::sim
