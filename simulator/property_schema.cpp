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
  const auto [entry, is_new] = own().kinds.emplace(path, kind);
  if (!is_new && entry->second != kind) entry->second.reset();
}

std::optional<PropertyKind> PropertySchema::kind_of(std::string_view path) const {
  const std::string pattern = pattern_of(path);
  for (std::string_view end = pattern; !end.empty(); end = rest_of(end)) {
    const auto found = content_->kinds.find(end);
    if (found != content_->kinds.end()) return found->second;
  }
  return std::nullopt;
}

std::optional<PropertyKind> PropertySchema::kind_of_whole(std::string_view path) const {
  const auto found = content_->kinds.find(pattern_of(path));
  return found != content_->kinds.end() ? found->second : std::nullopt;
}

bool PropertySchema::is_list(std::string_view element) const {
  const std::string pattern = pattern_of(element);
  for (std::string_view end = pattern; !end.empty(); end = rest_of(end)) {
    if (content_->lists.contains(end)) return true;
  }
  return false;
}

}  // namespace prl::sim
