#include "tool/minimise.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace prl::tool {

namespace {

using faults::Node;

// The index of a child in each level.
using Path = std::vector<size_t>;

void collect(const Node& node, size_t depth, Path& path, std::vector<Path>& paths) {
  for (size_t i = 0; i < node.children.size(); ++i) {
    path.push_back(i);
    if (depth == 1) {
      paths.push_back(path);
    } else {
      collect(node.children[i], depth - 1, path, paths);
    }
    path.pop_back();
  }
}

// In the order of the file.
std::vector<Path> nodes_at(const Node& document, size_t depth) {
  std::vector<Path> paths;
  Path path;
  collect(document, depth, path, paths);
  return paths;
}

// REQUIRES: the paths are as long as each other and in the order of the file.
Node without(Node document, const std::vector<Path>& paths) {
  for (auto path = paths.rbegin(); path != paths.rend(); ++path) {
    Node* parent = &document;
    for (size_t i = 0; i + 1 < path->size(); ++i) parent = &parent->children[(*path)[i]];
    parent->children.erase(parent->children.begin() + static_cast<ptrdiff_t>(path->back()));
  }
  return document;
}

// "vm 'web' workload kind"; items without a name are numbered.
std::string name_of(const Node& document, const Path& path) {
  const Node* node = &document;
  std::string text;
  for (const size_t index : path) {
    const bool is_item = node->kind == Node::Kind::kList;
    node = &node->children[index];
    const Node* name = is_item ? node->find("name") : nullptr;
    std::string word = is_item ? std::to_string(index + 1) : node->key;
    if (name) word = "'" + name->scalar.substr(1, name->scalar.size() - 2) + "'";
    text += (text.empty() ? "" : " ") + word;
  }
  return text;
}

std::string names_of(const Node& document, const std::vector<Path>& paths) {
  constexpr size_t kShown = 3;
  std::string text;
  for (size_t i = 0; i < std::min(kShown, paths.size()); ++i) {
    text += (i == 0 ? "" : ", ") + name_of(document, paths[i]);
  }
  if (paths.size() > kShown) text += fmt::format(" and {} more", paths.size() - kShown);
  return text;
}

class Search {
 public:
  Search(Node document, const Trying& has_property)
      : document_(std::move(document)), has_property_(has_property) {}

  // Until a whole round has left nothing out.
  Minimised run() {
    bool is_smaller = true;
    while (is_smaller && !is_stopped_) {
      is_smaller = false;
      for (size_t depth = 1; !is_stopped_ && !nodes_at(document_, depth).empty(); ++depth) {
        is_smaller = reduce_level(depth) || is_smaller;
      }
    }
    return {std::move(document_), !is_stopped_};
  }

 private:
  // Leaves out all nodes of a level, then halves of them, quarters, and so on down to single ones.
  bool reduce_level(size_t depth) {
    bool is_smaller = false;
    for (size_t count = nodes_at(document_, depth).size(); count > 0; count /= 2) {
      is_smaller = reduce_by(count, depth) || is_smaller;
    }
    return is_smaller;
  }

  bool reduce_by(size_t count, size_t depth) {
    bool is_smaller = false;
    size_t first = 0;
    for (auto nodes = nodes_at(document_, depth); first < nodes.size() && !is_stopped_;) {
      const size_t end = std::min(first + count, nodes.size());
      if (leave_out({nodes.begin() + static_cast<ptrdiff_t>(first),
                     nodes.begin() + static_cast<ptrdiff_t>(end)})) {
        is_smaller = true;
        nodes = nodes_at(document_, depth);
      } else {
        first = end;
      }
    }
    return is_smaller;
  }

  bool leave_out(const std::vector<Path>& paths) {
    Node smaller = without(document_, paths);
    const Try outcome = has_property_(smaller, names_of(document_, paths));
    is_stopped_ = outcome == Try::kStop;
    if (outcome != Try::kKeeps) return false;
    document_ = std::move(smaller);
    return true;
  }

  Node document_;
  const Trying& has_property_;
  bool is_stopped_ = false;
};

size_t values_in(const Node& node) {
  if (node.kind == Node::Kind::kScalar) return 1;
  size_t count = 0;
  for (const Node& child : node.children) count += values_in(child);
  return count;
}

size_t count_of(const Node& document, std::string_view key) {
  const Node* list = document.find(key);
  return list ? list->children.size() : 0;
}

}  // namespace

Minimised minimise(Node document, const Trying& has_property) {
  return Search(std::move(document), has_property).run();
}

Sizes sizes_of(const Node& document) {
  return {.vms = count_of(document, "vm"),
          .faults = count_of(document, "fault"),
          .values = values_in(document)};
}

}  // namespace prl::tool
