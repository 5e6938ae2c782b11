#include "sdk/mac_address.h"

#include <cctype>
#include <cstdio>

namespace prl::sdk {

std::optional<std::string> parse_mac(std::string_view text) {
  std::string mac;
  for (const char letter : text) {
    const auto code = static_cast<unsigned char>(letter);
    if (letter == ':' || letter == '-' || letter == '.') continue;
    if (!std::isxdigit(code)) return std::nullopt;
    mac += static_cast<char>(std::toupper(code));
  }
  if (mac.size() != 12) return std::nullopt;
  return mac;
}

std::string canonical_mac(std::string_view mac) {
  std::string text;
  for (size_t i = 0; i < mac.size(); ++i) {
    if (i > 0 && i % 2 == 0) text += ':';
    text += static_cast<char>(std::tolower(static_cast<unsigned char>(mac[i])));
  }
  return text;
}

// The low 24 bits start at 16.
std::string mac_from(const sim::Uuid& random) {
  constexpr unsigned long kFirst = 16;
  const std::string digits = random.format().substr(1, 6);
  unsigned long low = std::stoul(digits, nullptr, 16);
  if (low < kFirst) low += kFirst;
  char text[16];
  std::snprintf(text, sizeof text, "001C42%06lX", low & 0xFF'FFFF);
  return text;
}

}  // namespace prl::sdk
