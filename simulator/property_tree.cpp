#include "simulator/property_tree.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace prl::sim {

namespace {

// The number of the child that `path` stands for, where it is "<element>[<number>]" exactly.
std::optional<uint32_t> child_of(std::string_view path, std::string_view element) {
  if (!path.starts_with(element) || path.size() < element.size() + 3) return std::nullopt;
  if (path[element.size()] != '[' || path.back() != ']') return std::nullopt;
  const std::string_view digits = path.substr(element.size() + 1, path.size() - element.size() - 2);
  uint32_t number = 0;
  const auto [end, error] = std::from_chars(digits.begin(), digits.end(), number);
  if (error != std::errc() || end != digits.end()) return std::nullopt;
  return number;
}

bool is_child(std::string_view path) {
  return path.ends_with(']') && !path.ends_with("[]");
}

// Where the number of the next child is kept.
std::string counter_path(std::string_view element) {
  return std::string(element) + "[]";
}

}  // namespace

PropertyTree::Leaves::Leaves() {
  static std::atomic<uint64_t> made{0};
  number = made.fetch_add(1, std::memory_order_relaxed) + 1;
}

// The leaves stay those of others.
PropertyTree::Leaves::Leaves(const Leaves& other) : Leaves() {
  entries = other.entries;
}

PropertyTree::PropertyTree(const PropertyTree& other) noexcept : leaves_(other.leaves_) {
  // Only where it changes something: leaves that many read are not written to by each of them.
  if (leaves_ && !leaves_->is_shared.load(std::memory_order_relaxed)) {
    leaves_->is_shared.store(true, std::memory_order_relaxed);
  }
}

PropertyTree& PropertyTree::operator=(const PropertyTree& other) noexcept {
  if (leaves_ != other.leaves_) *this = PropertyTree(other);
  return *this;
}

// The leaves for a change: those that this tree has, where no other has had them, else new ones.
PropertyTree::Leaves& PropertyTree::own_leaves() {
  if (!leaves_) {
    leaves_ = std::make_shared<Leaves>();
  } else if (leaves_->is_shared.load(std::memory_order_relaxed)) {
    leaves_ = std::make_shared<Leaves>(*leaves_);
  }
  return *leaves_;
}

size_t PropertyTree::position_of(std::string_view path) const {
  if (!leaves_) return 0;
  const auto found = std::lower_bound(
      leaves_->entries.begin(), leaves_->entries.end(), path,
      [](const Entry& entry, std::string_view wanted) { return entry->leaf.path < wanted; });
  return static_cast<size_t>(found - leaves_->entries.begin());
}

// Whether a leaf of that path, which is not at the position, would go there.
bool PropertyTree::is_between(size_t position, std::string_view path) const {
  return position <= size() && (position == 0 || leaf_at(position - 1).path < path) &&
         (position == size() || leaf_at(position).path > path);
}

PropertyTree::Place PropertyTree::look(std::string_view path) const {
  const size_t position = position_of(path);
  return {position, is_at(position, path)};
}

PropertyTree::Place PropertyTree::look_anew(std::string_view path, LeafHint& hint) const {
  const size_t last = hint.position_.load(std::memory_order_relaxed);
  if (is_between(last, path)) return {last, false};
  const Place place = look(path);
  hint.position_.store(static_cast<uint32_t>(place.position), std::memory_order_relaxed);
  return place;
}

const PropertyValue* PropertyTree::find(std::string_view path) const {
  const Place place = look(path);
  return place.is_there ? &leaf_at(place.position).value : nullptr;
}

void PropertyTree::set(std::string_view path, PropertyValue value) {
  own_value(path, look(path)) = std::move(value);
}

// To be written to: of a leaf that no other tree has. REQUIRES: the place of the path.
PropertyValue& PropertyTree::own_value(std::string_view path, Place place) {
  Leaves& leaves = own_leaves();
  const auto entry = leaves.entries.begin() + static_cast<std::ptrdiff_t>(place.position);
  if (!place.is_there) {
    return (*leaves.entries.insert(entry, leaves.make({std::string(path), {}})))->leaf.value;
  }
  if ((*entry)->maker != leaves.number) *entry = leaves.make({std::string(path), {}});
  return (*entry)->leaf.value;
}

void PropertyTree::erase(std::string_view path) {
  const size_t position = position_of(path);
  if (!is_at(position, path)) return;
  Leaves& leaves = own_leaves();
  leaves.entries.erase(leaves.entries.begin() + static_cast<std::ptrdiff_t>(position));
}

bool PropertyTree::operator==(const PropertyTree& other) const {
  if (leaves_ == other.leaves_) return true;
  if (size() != other.size()) return false;
  for (size_t i = 0; i < size(); ++i) {
    if (!(leaf_at(i) == other.leaf_at(i))) return false;
  }
  return true;
}

PropertyTree PropertyTree::from_leaves(std::vector<Leaf> leaves) {
  std::ranges::stable_sort(leaves, {}, &Leaf::path);
  const auto is_same_path = [](const Leaf& a, const Leaf& b) { return a.path == b.path; };
  leaves.erase(std::unique(leaves.begin(), leaves.end(), is_same_path), leaves.end());
  auto kept = std::make_shared<Leaves>();
  kept->entries.reserve(leaves.size());
  for (Leaf& leaf : leaves) kept->add(std::move(leaf));
  PropertyTree tree;
  if (!kept->entries.empty()) tree.leaves_ = std::move(kept);
  return tree;
}

std::string PropertyTree::child_path(std::string_view element, uint32_t child) {
  return std::string(element) + "[" + std::to_string(child) + "]";
}

std::vector<uint32_t> PropertyTree::children(std::string_view element) const {
  std::vector<uint32_t> numbers;
  const std::string start = std::string(element) + "[";
  for (size_t i = position_of(start); i < size(); ++i) {
    const std::string& path = leaf_at(i).path;
    if (!path.starts_with(start)) break;
    if (const auto number = child_of(path, element)) numbers.push_back(*number);
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

bool PropertyTree::has_child(std::string_view element, uint32_t child) const {
  return find(child_path(element, child)) != nullptr;
}

uint32_t PropertyTree::add_child(std::string_view element) {
  const std::string counter = counter_path(element);
  uint32_t number = 0;
  if (const PropertyValue* next = find(counter)) {
    if (const auto* stored = std::get_if<uint64_t>(next)) number = static_cast<uint32_t>(*stored);
  }
  while (has_child(element, number)) ++number;
  set(counter, uint64_t{number} + 1);
  set(child_path(element, number), true);
  return number;
}

void PropertyTree::remove_child(std::string_view element, uint32_t child) {
  if (!has_child(element, child)) return;
  const std::string path = child_path(element, child);
  const std::string below = path + ".";
  std::erase_if(own_leaves().entries, [&](const Entry& entry) {
    return entry->leaf.path == path || entry->leaf.path.starts_with(below);
  });
}

PropertyTree PropertyTree::below(std::string_view node) const {
  const std::string start = std::string(node) + ".";
  auto found = std::make_shared<Leaves>();
  for (size_t i = position_of(start); i < size(); ++i) {
    const Leaf& leaf = leaf_at(i);
    if (!leaf.path.starts_with(start)) break;
    found->add({leaf.path.substr(start.size()), leaf.value});
  }
  PropertyTree tree;
  if (!found->entries.empty()) tree.leaves_ = std::move(found);
  return tree;
}

void PropertyTree::put_below(std::string_view node, const PropertyTree& content) {
  const std::string start = std::string(node) + ".";
  auto changed = std::make_shared<Leaves>();
  const size_t first = position_of(start);
  // Leaves that stay are those of the old Leaves, which the new ones may not write to.
  for (size_t i = 0; i < first; ++i) changed->entries.push_back(leaves_->entries[i]);
  for (size_t i = 0; i < content.size(); ++i) {
    changed->add({start + content.leaf_at(i).path, content.leaf_at(i).value});
  }
  for (size_t i = first; i < size(); ++i) {
    if (!leaf_at(i).path.starts_with(start)) changed->entries.push_back(leaves_->entries[i]);
  }
  leaves_ = std::move(changed);
}

std::vector<std::string> PropertyTree::differences(const PropertyTree& left,
                                                   const PropertyTree& right) {
  std::vector<std::string> paths;
  if (left.leaves_ == right.leaves_) return paths;
  size_t l = 0;
  size_t r = 0;
  while (l < left.size() || r < right.size()) {
    const Leaf* mine = l < left.size() ? &left.leaf_at(l) : nullptr;
    const Leaf* other = r < right.size() ? &right.leaf_at(r) : nullptr;
    if (!other || (mine && mine->path < other->path)) {
      paths.push_back(mine->path);
      ++l;
    } else if (!mine || other->path < mine->path) {
      paths.push_back(other->path);
      ++r;
    } else {
      if (mine != other && !(mine->value == other->value)) paths.push_back(mine->path);
      ++l;
      ++r;
    }
  }
  return paths;
}

std::optional<PropertyTree> PropertyTree::merge(const PropertyTree& base, const PropertyTree& mine,
                                                const PropertyTree& theirs) {
  if (theirs == base) return mine;
  PropertyTree merged = theirs;
  for (const std::string& path : differences(base, mine)) {
    const PropertyValue* before = base.find(path);
    const PropertyValue* wanted = mine.find(path);
    const PropertyValue* there = theirs.find(path);
    const bool is_untouched = before && there ? *before == *there : before == there;
    const bool is_same = wanted && there ? *wanted == *there : wanted == there;
    const bool both_added = is_same && !before && is_child(path);
    if ((!is_untouched && !is_same) || both_added) return std::nullopt;
    if (wanted) {
      merged.set(path, *wanted);
    } else {
      merged.erase(path);
    }
  }
  return merged;
}

}  // namespace prl::sim
