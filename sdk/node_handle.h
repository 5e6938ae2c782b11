// Handles on nodes of a property tree: devices, boot entries and shared folders of a VM's
// configuration, parts of a document. A handle names the node; the node itself is in the tree.
// Immutable.
#pragma once

#include <prlsdk/Parallels.h>

#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/boundary.h"
#include "sdk/tree.h"

namespace prl::sdk {

inline constexpr std::string_view kBootDevices = "Settings.Startup.BootingOrder.BootDevice";

// A repeated element and the handles of its children.
struct NodeClass {
  std::string_view element;
  PRL_HANDLE_TYPE handle_type = PHT_ERROR;
  PRL_DEVICE_TYPE device_type = PDE_GENERIC_DEVICE;  // that, where it is no device
  uint32_t emulated_type = 0;                        // of a new device

  bool is_device() const { return device_type != PDE_GENERIC_DEVICE; }
};

// In the order in which all devices of a VM are listed (config-model 7).
std::span<const NodeClass> device_classes();
// Null for an element or a device of no known class.
const NodeClass* find_class(std::string_view element);
const NodeClass* find_device_class(PRL_DEVICE_TYPE type);
const NodeClass* find_class_of_handle(uint32_t handle_type);

class NodeHandle final : public Object {
 public:
  // Without a number the node is no child of a list: it is there for as long as its tree.
  NodeHandle(uint32_t type, Ref<TreeOwner> node_owner, std::string node_element,
             std::optional<uint32_t> node_child = {})
      : Object(type, Holds::kNode),
        owner(std::move(node_owner)),
        element(std::move(node_element)),
        child(node_child),
        kind(find_class(element)) {}

  std::string path() const {
    return child ? sim::PropertyTree::child_path(element, *child) : element;
  }
  bool is_device() const { return kind && kind->is_device(); }

  const Ref<TreeOwner> owner;
  const std::string element;
  const std::optional<uint32_t> child;
  const NodeClass* const kind;  // null where it is none of a VM's configuration
};

// The node behind a handle; empty for every other handle.
Ref<NodeHandle> pin_node(const Call& call, PRL_HANDLE handle);
Ref<NodeHandle> pin_device(const Call& call, PRL_HANDLE handle);
// A device that no VM has: the child of a configuration of its own. Owned by the client.
PRL_HANDLE make_detached_device(const Call& call, const NodeClass& kind, sim::PropertyTree tree,
                                uint32_t child);
// Whether the node is in its tree still; after a reload it may be there again.
bool exists(const NodeHandle& node);
// Where the leaves of an object are. `owner` is empty where the handle names no object of the
// types, or one that is gone from its tree; `code` is then what to answer.
struct TreePlace {
  Ref<TreeOwner> owner;
  std::string prefix;  // empty where the object is its own tree, else it ends in a dot
  PRL_RESULT code = PRL_ERR_INVALID_ARG;

  std::string path(std::string_view leaf) const { return prefix + std::string(leaf); }
  uint64_t number(std::string_view leaf, uint64_t fallback) const;
  std::string text(std::string_view leaf) const;
};
// A VM counts as its configuration.
TreePlace place_of(const Call& call, PRL_HANDLE handle, std::initializer_list<uint32_t> types);

// Children in the order of their list: of boot entries that of their sequence, where they have one.
std::vector<uint32_t> list_of(const sim::PropertyTree& tree, std::string_view element);
// A number in the tree; `fallback` where there is none.
uint64_t number_at(const sim::PropertyTree& tree, const std::string& path, uint64_t fallback);
// A text in the tree; empty where there is none.
std::string text_at(const sim::PropertyTree& tree, std::string_view path);
// Sets a leaf; one that is its default is not there.
void put(sim::PropertyTree& tree, const std::string& path, uint64_t value, uint64_t fallback = 0);
void put(sim::PropertyTree& tree, const std::string& path, const std::string& text);
// Adds a child to an element and says where it is: a path that ends in a dot.
std::string add_below(sim::PropertyTree& tree, std::string_view element);

}  // namespace prl::sdk
