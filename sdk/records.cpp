#include "sdk/records.h"

#include <memory>
#include <utility>

#include "sdk/node_handle.h"
#include "sdk/objects.h"
#include "sdk/tree.h"

namespace prl::sdk {

std::optional<sim::PropertyTree> content_of(const Ref<Object>& object, uint32_t type) {
  if (!object || object->type() != type) return std::nullopt;
  if (object->holds() == Holds::kTree) return static_cast<TreeOwner&>(*object).tree();
  if (object->holds() != Holds::kNode) return std::nullopt;
  const auto& node = static_cast<const NodeHandle&>(*object);
  if (!exists(node)) return std::nullopt;
  return node.owner->tree().below(node.path());
}

std::vector<sim::PropertyTree> records_below(const sim::PropertyTree& tree,
                                             const std::string& element) {
  std::vector<sim::PropertyTree> records;
  for (const uint32_t child : tree.children(element)) {
    records.push_back(tree.below(sim::PropertyTree::child_path(element, child)));
  }
  return records;
}

PRL_HANDLE make_records(const Call& call, const std::vector<sim::PropertyTree>& records,
                        uint32_t type) {
  auto list = std::make_unique<HandlesList>();
  for (const sim::PropertyTree& record : records) {
    list->items.push_back(
        call.library().handles().insert(std::make_unique<Document>(type, record)));
  }
  return call.give(call.library().handles().insert(std::move(list)));
}

PRL_HANDLE make_records(const Call& call, const sim::PropertyTree& tree,
                        const std::string& element, uint32_t type) {
  return make_records(call, records_below(tree, element), type);
}

std::optional<std::vector<sim::PropertyTree>> read_records(const Call& call, PRL_HANDLE list,
                                                           uint32_t type) {
  const auto handles = call.pin<HandlesList>(list);
  if (!handles) return std::nullopt;
  std::vector<sim::PropertyTree> records;
  std::lock_guard lock(handles->mutex);
  for (const Ref<Object>& item : handles->items) {
    auto content = content_of(item, type);
    if (!content) return std::nullopt;
    records.push_back(std::move(*content));
  }
  return records;
}

void replace_children(sim::PropertyTree& tree, const std::string& element,
                      const std::vector<sim::PropertyTree>& records) {
  for (const uint32_t child : tree.children(element)) tree.remove_child(element, child);
  tree.erase(element + "[]");
  for (const sim::PropertyTree& record : records) {
    tree.put_below(sim::PropertyTree::child_path(element, tree.add_child(element)), record);
  }
}

}  // namespace prl::sdk
