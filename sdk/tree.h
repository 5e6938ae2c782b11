// Objects whose values are the leaves of a property tree: a VM's local configuration, and
// documents, which are everything else of that kind. Accessors (sdk/calls/property.h) read and
// write both.
#pragma once

#include <prlsdk/Parallels.h>

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "sdk/handle_table.h"
#include "simulator/property_tree.h"
#include "simulator/short_lock.h"

namespace prl::sdk {

// Thread-safe: a reader gets a copy, which costs a counter, or reads what is there with the tree
// locked.
class TreeOwner : public Object {
 public:
  static constexpr Holds kHolds = Holds::kTree;

  sim::PropertyTree tree() const {
    std::lock_guard lock(lock_);
    return tree_;
  }
  // Runs `change` on the tree; other threads see all of it or nothing.
  template <class Change>
  void edit_tree(Change change) {
    std::lock_guard lock(lock_);
    change(tree_);
  }

  // Returns what `read` makes of the tree. It must not touch another tree or call the world.
  template <class Read>
  auto read_tree(Read read) {
    std::lock_guard lock(lock_);
    return read(std::as_const(tree_));
  }

  // Passwords of nodes, by path: never part of a tree that is sent or read back (config-model 3.1).
  // An empty one is none.
  void set_password(const std::string& path, std::string password) {
    std::lock_guard lock(lock_);
    if (!passwords_) passwords_ = std::make_unique<std::map<std::string, std::string>>();
    (*passwords_)[path] = std::move(password);
  }
  std::string password(const std::string& path) const {
    std::lock_guard lock(lock_);
    if (!passwords_) return "";
    const auto found = passwords_->find(path);
    return found == passwords_->end() ? "" : found->second;
  }

 protected:
  // `tree` is part of the object.
  TreeOwner(uint32_t type, sim::PropertyTree& tree) : Object(type, kHolds), tree_(tree) {}

  mutable sim::ShortLock lock_;

 private:
  sim::PropertyTree& tree_;  // guarded by lock_
  // Guarded by lock_. Null where there is none, so that what most calls look at stays together.
  std::unique_ptr<std::map<std::string, std::string>> passwords_;
};

// A record that stands for itself: the answer of a server, or what a client is about to send.
// What is done to it stays in it until a call sends it (config-model 2, 3.1).
class Document final : public TreeOwner {
 public:
  explicit Document(uint32_t type, sim::PropertyTree content = {})
      : TreeOwner(type, content_), content_(std::move(content)) {}

 private:
  sim::PropertyTree content_;  // guarded by lock_
};

}  // namespace prl::sdk
