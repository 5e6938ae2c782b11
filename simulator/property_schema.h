// Which kind of value a property has, by path: what a document without types needs to be read into
// a PropertyTree. Filled once, then immutable.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace prl::sim {

// The alternatives of PropertyValue, in their order.
enum class PropertyKind : uint8_t { kFlag, kSigned, kUnsigned, kReal, kText, kTexts };

// Paths are written as in a catalogue, "Hardware.Hdd[].Index". Those of a node that is part of many
// objects begin at that node: "Index" is also the kind of "Hardware.CdRom[3].Index".
class PropertySchema {
 public:
  // A path that was added with two kinds has none.
  void add(std::string_view path, PropertyKind kind);
  // The element is repeated; its path has no brackets.
  void add_list(std::string_view element) { own().lists.emplace(element); }

  // Of a leaf of a tree, by the longest end of its path that is known.
  std::optional<PropertyKind> kind_of(std::string_view path) const;
  // The same for the whole path only.
  std::optional<PropertyKind> kind_of_whole(std::string_view path) const;
  bool is_list(std::string_view element) const;

 private:
  struct Content {
    std::map<std::string, std::optional<PropertyKind>, std::less<>> kinds;
    std::set<std::string, std::less<>> lists;
  };
  // Not shared with any copy.
  Content& own() {
    if (content_.use_count() > 1) content_ = std::make_shared<Content>(*content_);
    return *content_;
  }

  // Copies share it: each world has one, and all are the same.
  std::shared_ptr<Content> content_ = std::make_shared<Content>();
};

}  // namespace prl::sim
