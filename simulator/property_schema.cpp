#include "simulator/property_schema.h"

namespace prl::sim {

namespace {

// Without the numbers of children.
std::string pattern_of(std::string_view path) {
  std::string pattern;
  bool is_number = false;
  for (const char letter : path) {
    if (letter == ']') is_number = false;
    if (!is_number) pattern += letter;
    if (letter == '[') is_number = true;
  }
  return pattern;
}

// The path without its first name; empty after the last one.
std::string_view rest_of(std::string_view path) {
  const size_t dot = path.find('.');
  return dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1);
}

}  // namespace

void PropertySchema::add(std::string_view path, PropertyKind kind) {
  const auto [entry, is_new] = kinds_.emplace(path, kind);
  if (!is_new && entry->second != kind) entry->second.reset();
}

std::optional<PropertyKind> PropertySchema::kind_of(std::string_view path) const {
  const std::string pattern = pattern_of(path);
  for (std::string_view end = pattern; !end.empty(); end = rest_of(end)) {
    const auto found = kinds_.find(end);
    if (found != kinds_.end()) return found->second;
  }
  return std::nullopt;
}

std::optional<PropertyKind> PropertySchema::kind_of_whole(std::string_view path) const {
  const auto found = kinds_.find(pattern_of(path));
  return found != kinds_.end() ? found->second : std::nullopt;
}

bool PropertySchema::is_list(std::string_view element) const {
  const std::string pattern = pattern_of(element);
  for (std::string_view end = pattern; !end.empty(); end = rest_of(end)) {
    if (lists_.contains(end)) return true;
  }
  return false;
}

}  // namespace prl::sim
