#include "simulator/property_schema.h"

namespace prl::sim {

namespace {

// The path without the numbers of children: itself, or a text in `place`.
std::string_view pattern_of(std::string_view path, std::string& place) {
  if (path.find('[') == std::string_view::npos) return path;
  bool is_number = false;
  for (const char letter : path) {
    if (letter == ']') is_number = false;
    if (!is_number) place += letter;
    if (letter == '[') is_number = true;
  }
  return place;
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
  std::string place;
  for (std::string_view end = pattern_of(path, place); !end.empty(); end = rest_of(end)) {
    const auto found = content_->kinds.find(end);
    if (found != content_->kinds.end()) return found->second;
  }
  return std::nullopt;
}

std::optional<PropertyKind> PropertySchema::kind_of_whole(std::string_view path) const {
  std::string place;
  const auto found = content_->kinds.find(pattern_of(path, place));
  return found != content_->kinds.end() ? found->second : std::nullopt;
}

bool PropertySchema::is_list(std::string_view element) const {
  std::string place;
  for (std::string_view end = pattern_of(element, place); !end.empty(); end = rest_of(end)) {
    if (content_->lists.contains(end)) return true;
  }
  return false;
}

}  // namespace prl::sim
