// The properties of an object as typed leaves, each addressed by its path, such as
// "Hardware.Memory.RAM". A repeated element has numbered children, "Hardware.Hdd[3].Index"; the
// number is the child's identity and not its position. A path holds no space. Only what was set is
// stored.
//
// A value type. A copy shares the leaves until one side changes, so that the views of a VM cost a
// counter each. Not synchronised, like any value: several threads may read and copy one tree.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace prl::sim {

using StringItems = std::vector<std::string>;
using PropertyValue = std::variant<bool, int64_t, uint64_t, double, std::string, StringItems>;

// Where the leaf of one path was the last time, in whichever tree: trees of one kind have most
// leaves in common. It is looked at first, and need not be right. Any thread may use it.
class LeafHint {
 private:
  friend class PropertyTree;
  std::atomic<uint32_t> position_{0};
};

class PropertyTree {
 public:
  struct Leaf {
    std::string path;
    PropertyValue value;

    bool operator==(const Leaf&) const = default;
  };

  PropertyTree() = default;
  PropertyTree(const PropertyTree& other) noexcept;
  PropertyTree(PropertyTree&& other) noexcept = default;
  // Does not touch leaves that both have already.
  PropertyTree& operator=(const PropertyTree& other) noexcept;
  PropertyTree& operator=(PropertyTree&& other) noexcept = default;

  // Null where nothing was set. Valid until this tree changes.
  const PropertyValue* find(std::string_view path) const;
  const PropertyValue* find(std::string_view path, LeafHint& hint) const {
    const Place place = look(path, hint);
    return place.is_there ? &leaf_at(place.position).value : nullptr;
  }
  void set(std::string_view path, PropertyValue value);
  template <class Value>
  void set(std::string_view path, Value value, LeafHint& hint) {
    own_value(path, look(path, hint)) = std::move(value);
  }
  void erase(std::string_view path);
  // Brings what a copy touches into the cache.
  void prefetch() const { __builtin_prefetch(leaves_.get()); }
  size_t size() const { return leaves_ ? leaves_->entries.size() : 0; }
  bool operator==(const PropertyTree& other) const;

  // Of leaves in any order. Of two with one path the first is taken.
  static PropertyTree from_leaves(std::vector<Leaf> leaves);
  // In order of path.
  template <class Visit>
  void for_each_leaf(Visit visit) const {
    for (size_t i = 0; i < size(); ++i) visit(leaf_at(i));
  }

  // -- Children of a repeated element, in the order in which they were added.
  static std::string child_path(std::string_view element, uint32_t child);
  std::vector<uint32_t> children(std::string_view element) const;
  bool has_child(std::string_view element, uint32_t child) const;
  // The number of the new child. Numbers of children that were removed do not return.
  uint32_t add_child(std::string_view element);
  // Takes every leaf below the child along.
  void remove_child(std::string_view element, uint32_t child);

  // -- Nodes: every leaf below a path, without that path in front.
  PropertyTree below(std::string_view node) const;
  // Takes the place of every leaf below the node.
  void put_below(std::string_view node, const PropertyTree& content);

  // Paths, in order, whose leaves differ: set in one tree only, or to different values.
  static std::vector<std::string> differences(const PropertyTree& left, const PropertyTree& right);
  // What `mine` changed since `base`, applied to `theirs`. Empty where both changed one leaf, and
  // not to the same value, or where both added a child to one element.
  static std::optional<PropertyTree> merge(const PropertyTree& base, const PropertyTree& mine,
                                           const PropertyTree& theirs);

  // One line per leaf, in order of path; the same for equal trees. parse() refuses whatever
  // serialise() does not write.
  std::string serialise() const;
  static std::optional<PropertyTree> parse(std::string_view text);

 private:
  struct Node {
    Leaf leaf;
    uint64_t maker = 0;  // number of the Leaves that it was made for
  };
  using Entry = std::shared_ptr<Node>;
  // What trees share. Changed in place only by the one tree that made it, before its first copy.
  struct Leaves {
    std::vector<Entry> entries;  // sorted by path
    uint64_t number = 0;         // of all that the process has made
    std::atomic<bool> is_shared{false};  // another tree than their maker has had them

    Leaves();
    Leaves(const Leaves& other);
    Entry make(Leaf leaf) const { return std::make_shared<Node>(Node{std::move(leaf), number}); }
    void add(Leaf leaf) { entries.push_back(make(std::move(leaf))); }
  };

  // Where a leaf is, or would be.
  struct Place {
    size_t position = 0;
    bool is_there = false;
  };

  const Leaf& leaf_at(size_t position) const { return leaves_->entries[position]->leaf; }
  bool is_between(size_t position, std::string_view path) const;
  Place look(std::string_view path) const;
  Place look(std::string_view path, LeafHint& hint) const {
    const size_t last = hint.position_.load(std::memory_order_relaxed);
    return is_at(last, path) ? Place{last, true} : look_anew(path, hint);
  }
  Place look_anew(std::string_view path, LeafHint& hint) const;
  PropertyValue& own_value(std::string_view path, Place place);
  size_t position_of(std::string_view path) const;
  bool is_at(size_t position, std::string_view path) const {
    return position < size() && leaf_at(position).path == path;
  }
  Leaves& own_leaves();

  std::shared_ptr<Leaves> leaves_;  // null when there is none
};

}  // namespace prl::sim
