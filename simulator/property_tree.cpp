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

size_t PropertyTree::position_of(std::string_view path) const {
  if (!leaves_) return 0;
  const auto found = std::lower_bound(
      leaves_->begin(), leaves_->end(), path,
      [](const auto& leaf, std::string_view wanted) { return leaf->path < wanted; });
  return static_cast<size_t>(found - leaves_->begin());
}

bool PropertyTree::is_at(size_t position, std::string_view path) const {
  return position < size() && (*leaves_)[position]->path == path;
}

const PropertyValue* PropertyTree::find(std::string_view path) const {
  const size_t position = position_of(path);
  return is_at(position, path) ? &(*leaves_)[position]->value : nullptr;
}

void PropertyTree::set(std::string_view path, PropertyValue value) {
  const size_t position = position_of(path);
  auto changed = std::make_shared<Leaves>(leaves_ ? *leaves_ : Leaves());
  auto leaf = std::make_shared<const Leaf>(Leaf{std::string(path), std::move(value)});
  if (is_at(position, path)) {
    (*changed)[position] = std::move(leaf);
  } else {
    changed->insert(changed->begin() + static_cast<std::ptrdiff_t>(position), std::move(leaf));
  }
  leaves_ = std::move(changed);
}

void PropertyTree::erase(std::string_view path) {
  const size_t position = position_of(path);
  if (!is_at(position, path)) return;
  auto changed = std::make_shared<Leaves>(*leaves_);
  changed->erase(changed->begin() + static_cast<std::ptrdiff_t>(position));
  leaves_ = std::move(changed);
}

bool PropertyTree::operator==(const PropertyTree& other) const {
  if (leaves_ == other.leaves_) return true;
  if (size() != other.size()) return false;
  for (size_t i = 0; i < size(); ++i) {
    if (!(*(*leaves_)[i] == *(*other.leaves_)[i])) return false;
  }
  return true;
}

PropertyTree PropertyTree::from_leaves(std::vector<Leaf> leaves) {
  std::ranges::stable_sort(leaves, {}, &Leaf::path);
  const auto is_same_path = [](const Leaf& a, const Leaf& b) { return a.path == b.path; };
  leaves.erase(std::unique(leaves.begin(), leaves.end(), is_same_path), leaves.end());
  auto kept = std::make_shared<Leaves>();
  for (Leaf& leaf : leaves) kept->push_back(std::make_shared<const Leaf>(std::move(leaf)));
  PropertyTree tree;
  if (!kept->empty()) tree.leaves_ = std::move(kept);
  return tree;
}

std::string PropertyTree::child_path(std::string_view element, uint32_t child) {
  return std::string(element) + "[" + std::to_string(child) + "]";
}

std::vector<uint32_t> PropertyTree::children(std::string_view element) const {
  std::vector<uint32_t> numbers;
  const std::string start = std::string(element) + "[";
  for (size_t i = position_of(start); i < size(); ++i) {
    const std::string& path = (*leaves_)[i]->path;
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
  auto changed = std::make_shared<Leaves>();
  for (const auto& leaf : *leaves_) {
    if (leaf->path != path && !leaf->path.starts_with(path + ".")) changed->push_back(leaf);
  }
  leaves_ = std::move(changed);
}

PropertyTree PropertyTree::below(std::string_view node) const {
  const std::string start = std::string(node) + ".";
  auto found = std::make_shared<Leaves>();
  for (size_t i = position_of(start); i < size(); ++i) {
    const Leaf& leaf = *(*leaves_)[i];
    if (!leaf.path.starts_with(start)) break;
    found->push_back(
        std::make_shared<const Leaf>(Leaf{leaf.path.substr(start.size()), leaf.value}));
  }
  PropertyTree tree;
  if (!found->empty()) tree.leaves_ = std::move(found);
  return tree;
}

void PropertyTree::put_below(std::string_view node, const PropertyTree& content) {
  const std::string start = std::string(node) + ".";
  auto changed = std::make_shared<Leaves>();
  const size_t first = position_of(start);
  for (size_t i = 0; i < first; ++i) changed->push_back((*leaves_)[i]);
  for (size_t i = 0; i < content.size(); ++i) {
    const Leaf& leaf = *(*content.leaves_)[i];
    changed->push_back(std::make_shared<const Leaf>(Leaf{start + leaf.path, leaf.value}));
  }
  for (size_t i = first; i < size(); ++i) {
    if (!(*leaves_)[i]->path.starts_with(start)) changed->push_back((*leaves_)[i]);
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
    const Leaf* mine = l < left.size() ? (*left.leaves_)[l].get() : nullptr;
    const Leaf* other = r < right.size() ? (*right.leaves_)[r].get() : nullptr;
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
