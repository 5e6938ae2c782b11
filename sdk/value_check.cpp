#include "sdk/value_check.h"

#include <arpa/inet.h>

#include <charconv>
#include <string>

namespace prl::sdk {

namespace {

bool is_address(int family, std::string_view text) {
  in6_addr address{};
  return inet_pton(family, std::string(text).c_str(), &address) == 1;
}

// "10.0.0.1", or with a mask behind a slash, in bits or as an address.
bool is_network(std::string_view text) {
  const size_t slash = text.find('/');
  const std::string_view address = text.substr(0, slash);
  const bool is_v6 = is_address(AF_INET6, address);
  if (!is_v6 && !is_address(AF_INET, address)) return false;
  if (slash == std::string_view::npos) return true;
  const std::string_view mask = text.substr(slash + 1);
  if (is_address(is_v6 ? AF_INET6 : AF_INET, mask)) return true;
  unsigned bits = 0;
  const auto [end, error] = std::from_chars(mask.begin(), mask.end(), bits);
  return error == std::errc() && end == mask.end() && bits <= (is_v6 ? 128u : 32u);
}

// "0,2-4": numbers and ranges of them. Empty stands for all.
bool is_number_ranges(std::string_view text) {
  bool expects_number = !text.empty();
  bool in_range = false;
  while (!text.empty()) {
    unsigned number = 0;
    const auto [end, error] = std::from_chars(text.begin(), text.end(), number);
    if (error != std::errc()) return false;
    text.remove_prefix(static_cast<size_t>(end - text.begin()));
    expects_number = false;
    if (text.empty()) break;
    if (text[0] != ',' && (text[0] != '-' || in_range)) return false;
    in_range = text[0] == '-';
    text.remove_prefix(1);
    expects_number = true;
  }
  return !expects_number;
}

}  // namespace

bool passes(ValueCheck check, uint64_t value) {
  switch (check) {
    case ValueCheck::kNotZero:
      return value != 0;
    case ValueCheck::kPort:
      return value != 0 && value <= UINT16_MAX;
    default:
      return true;
  }
}

bool passes(ValueCheck check, std::string_view text) {
  switch (check) {
    case ValueCheck::kNotEmpty:
      return !text.empty();
    case ValueCheck::kIp4:
      return is_address(AF_INET, text);
    case ValueCheck::kIp6:
      return is_address(AF_INET6, text);
    case ValueCheck::kIp4OrEmpty:
      return text.empty() || is_address(AF_INET, text);
    case ValueCheck::kIp6OrEmpty:
      return text.empty() || is_address(AF_INET6, text);
    case ValueCheck::kNetwork:
      return is_network(text);
    case ValueCheck::kNumberRanges:
      return is_number_ranges(text);
    default:
      return true;
  }
}

}  // namespace prl::sdk
