#include "simulator/disk_entries.h"

#include <iterator>

namespace prl::sim {

namespace {

constexpr std::string_view kDisks = "Hardware.Hdd";

uint64_t number_at(const PropertyTree& tree, const std::string& path, uint64_t otherwise = 0) {
  const PropertyValue* value = tree.find(path);
  const auto* number = value ? std::get_if<uint64_t>(value) : nullptr;
  return number ? *number : otherwise;
}

// The bit of a disk in a mask; none for a place that has no bit.
uint32_t mask_of(uint64_t interface, uint64_t place) {
  constexpr struct {
    uint32_t first;
    uint32_t count;
  } kPlaces[] = {{0, 4}, {4, 16}, {20, 6}, {26, 3}};
  if (interface >= std::size(kPlaces) || place >= kPlaces[interface].count) return 0;
  return uint32_t{1} << (kPlaces[interface].first + place);
}

std::string text_at(const PropertyTree& tree, const std::string& path) {
  const auto* text = std::get_if<std::string>(tree.find(path));
  return text ? *text : std::string();
}

}  // namespace

std::vector<DiskEntry> all_disks(const PropertyTree& tree) {
  constexpr uint64_t kImage = 1;
  std::vector<DiskEntry> disks;
  for (const uint32_t child : tree.children(kDisks)) {
    const std::string path = PropertyTree::child_path(kDisks, child);
    std::string name = text_at(tree, path + ".SystemName");
    if (name.empty()) name = text_at(tree, path + ".UserFriendlyName");
    disks.push_back({.path = std::move(name),
                     .bytes = number_at(tree, path + ".Size") << 20,
                     .is_image = number_at(tree, path + ".EmulatedType") == kImage});
  }
  return disks;
}

std::string path_of_file(const std::string& folder, const std::string& name) {
  return name.starts_with('/') ? name : folder + "/" + name;
}

std::string name_of_file(const std::string& folder, const std::string& path) {
  return path.starts_with(folder + "/") ? path.substr(folder.size() + 1) : path;
}

std::vector<std::string> disks_in(const PropertyTree& tree, uint32_t mask) {
  std::vector<std::string> paths;
  for (const uint32_t disk : tree.children(kDisks)) {
    const std::string path = PropertyTree::child_path(kDisks, disk);
    const uint32_t bit =
        mask_of(number_at(tree, path + ".InterfaceType"), number_at(tree, path + ".StackIndex"));
    if (mask & bit) paths.push_back(path);
  }
  return paths;
}

std::vector<std::string> expanding_disks_in(const PropertyTree& tree, uint32_t mask) {
  constexpr uint64_t kExpanding = 1;  // and the default
  std::vector<std::string> paths = disks_in(tree, mask);
  std::erase_if(paths, [&](const std::string& path) {
    return number_at(tree, path + ".DiskType", kExpanding) != kExpanding;
  });
  return paths;
}

}  // namespace prl::sim
