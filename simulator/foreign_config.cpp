#include "simulator/foreign_config.h"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace prl::sim {

namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r";
  const size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::string in_lower_case(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](unsigned char letter) {
    return static_cast<char>(std::tolower(letter));
  });
  return lower;
}

// What makes no number becomes 0, which no VM may have: it is refused with the code for that.
uint32_t number_in(std::string_view text) {
  uint32_t number = 0;
  const char* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, number);
  return error == std::errc() && end == last ? number : 0;
}

}  // namespace

std::optional<VmConfig> parse_foreign_config(std::string_view text,
                                             const std::string& fallback_name) {
  VmConfig config{.name = fallback_name};
  bool has_lines = false;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const size_t equals = line.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string key = in_lower_case(trimmed(line.substr(0, equals)));
    std::string_view value = trimmed(line.substr(equals + 1));
    if (value.size() < 2 || value.front() != '"' || value.back() != '"') continue;
    value = value.substr(1, value.size() - 2);
    has_lines = true;
    if (key == "displayname") config.name = value;
    if (key == "memsize") config.ram_mib = number_in(value);
    if (key == "numvcpus") config.cpu_count = number_in(value);
  }
  if (!has_lines) return std::nullopt;
  return config;
}

}  // namespace prl::sim
