#include "sdk/value_check.h"

#include <prlsdk/Parallels.h>

#include <charconv>

#include "simulator/net_address.h"

namespace prl::sdk {

namespace {

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
    case ValueCheck::kReportReason:
      return value <= PRR_LAST;
    case ValueCheck::kReportType:
      return value <= PRT_LAST;
    default:
      return true;
  }
}

bool passes(ValueCheck check, std::string_view text) {
  switch (check) {
    case ValueCheck::kNotEmpty:
      return !text.empty();
    case ValueCheck::kIp4:
      return sim::parse_ip4(text).has_value();
    case ValueCheck::kIp6:
      return sim::is_ip6(text);
    case ValueCheck::kIp4OrEmpty:
      return text.empty() || sim::parse_ip4(text).has_value();
    case ValueCheck::kIp6OrEmpty:
      return text.empty() || sim::is_ip6(text);
    case ValueCheck::kNetwork:
      return sim::parse_net_address(text).has_value();
    case ValueCheck::kNumberRanges:
      return is_number_ranges(text);
    default:
      return true;
  }
}

}  // namespace prl::sdk
