// Handles on children of a VM's configuration: devices, boot entries, shared folders. A handle
// names the child by its number; the child itself is in the VM object's local copy. Immutable.
#pragma once

#include <prlsdk/Parallels.h>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/boundary.h"
#include "sdk/vm_handle.h"

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
  NodeHandle(const NodeClass& node_class, Ref<VmHandle> node_vm, uint32_t node_child)
      : Object(node_class.handle_type),
        kind(node_class),
        vm(std::move(node_vm)),
        child(node_child) {}

  std::string path() const { return sim::PropertyTree::child_path(kind.element, child); }

  const NodeClass& kind;
  const Ref<VmHandle> vm;
  const uint32_t child;
};

// The node behind a handle of any class; empty for every other handle.
Ref<NodeHandle> pin_node(const Call& call, PRL_HANDLE handle);
// Whether the child is in the local copy still; after a reload it may be there again.
bool exists(const NodeHandle& node);
// Children in the order of their list: of boot entries that of their sequence, where they have one.
std::vector<uint32_t> list_of(const sim::PropertyTree& tree, const NodeClass& node_class);
// A number in the tree; `fallback` where there is none.
uint64_t number_at(const sim::PropertyTree& tree, const std::string& path, uint64_t fallback);

}  // namespace prl::sdk
