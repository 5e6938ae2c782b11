// Devices, boot entries and shared folders of a VM's local configuration: making, finding and
// removing them (config-model 7). What they are made of are properties.
#include <prlsdk/Parallels.h>

#include <string>
#include <utility>

#include "calls.h"
#include "sdk/mac_address.h"
#include "sdk/node_handle.h"
#include "sdk/objects.h"
#include "sdk/vm_handle.h"

namespace prl::sdk::calls {

namespace {

Ref<NodeHandle> node_of(const Call& call, const Ref<VmHandle>& vm, const NodeClass& kind,
                        uint32_t child) {
  return call.library().handles().insert(std::make_unique<NodeHandle>(
      kind.handle_type, vm, std::string(kind.element), child));
}

// Every device of the VM, class by class.
std::vector<Ref<Object>> all_devices(const Call& call, const Ref<VmHandle>& vm) {
  const sim::PropertyTree tree = vm->tree();
  std::vector<Ref<Object>> devices;
  for (const NodeClass& kind : device_classes()) {
    for (const uint32_t child : list_of(tree, kind.element)) {
      devices.push_back(node_of(call, vm, kind, child));
    }
  }
  return devices;
}

size_t count_devices(const sim::PropertyTree& tree) {
  size_t count = 0;
  for (const NodeClass& kind : device_classes()) count += tree.children(kind.element).size();
  return count;
}

// The lowest number that no other child of the class has.
uint64_t free_index(const sim::PropertyTree& tree, const NodeClass& kind) {
  const auto children = tree.children(kind.element);
  for (uint64_t index = 0;; ++index) {
    bool is_taken = false;
    for (const uint32_t child : children) {
      const std::string path = sim::PropertyTree::child_path(kind.element, child) + ".Index";
      is_taken = is_taken || number_at(tree, path, 0) == index;
    }
    if (!is_taken) return index;
  }
}

PRL_RESULT create_node(Call& call, const Ref<VmHandle>& vm, const NodeClass& kind,
                       PRL_HANDLE_PTR out) {
  const bool is_network = kind.device_type == PDE_GENERIC_NETWORK_ADAPTER;
  const std::string mac = is_network ? mac_from(call.world().new_uuid()) : "";
  uint32_t child = 0;
  vm->edit_tree([&](sim::PropertyTree& tree) {
    const uint64_t index = kind.is_device() ? free_index(tree, kind) : 0;
    child = tree.add_child(kind.element);
    const std::string path = sim::PropertyTree::child_path(kind.element, child);
    if (index != 0) tree.set(path + ".Index", index);
    if (kind.emulated_type != 0) tree.set(path + ".EmulatedType", uint64_t{kind.emulated_type});
    if (is_network) tree.set(path + ".MAC", mac);
  });
  *out = call.give(node_of(call, vm, kind, child));
  return PRL_ERR_SUCCESS;
}

// Boot entries name a device by type and index; a network entry stands for all adapters.
void drop_boot_entries(sim::PropertyTree& tree, const NodeHandle& device) {
  const bool is_network = device.kind->device_type == PDE_GENERIC_NETWORK_ADAPTER;
  if (is_network && tree.children(device.kind->element).size() > 1) return;
  const uint64_t index = number_at(tree, device.path() + ".Index", 0);
  for (const uint32_t child : tree.children(kBootDevices)) {
    const std::string path = sim::PropertyTree::child_path(kBootDevices, child);
    const uint64_t type = number_at(tree, path + ".Type", PDE_HARD_DISK);
    if (type != static_cast<uint64_t>(device.kind->device_type)) continue;
    if (is_network || number_at(tree, path + ".Index", 0) == index) {
      tree.remove_child(kBootDevices, child);
    }
  }
}

PRL_RESULT remove_node(const Ref<NodeHandle>& node) {
  if (!exists(*node)) return PRL_ERR_OBJECT_WAS_REMOVED;
  node->owner->edit_tree([&](sim::PropertyTree& tree) {
    if (node->is_device()) drop_boot_entries(tree, *node);
    tree.remove_child(node->element, *node->child);
  });
  return PRL_ERR_SUCCESS;
}

PRL_RESULT create_other(Call& call, PRL_HANDLE handle, PRL_HANDLE_TYPE type, PRL_HANDLE_PTR out) {
  const auto vm = call.pin<VmHandle>(handle);
  if (!vm || !out) return PRL_ERR_INVALID_ARG;
  return create_node(call, vm, *find_class_of_handle(type), out);
}

PRL_RESULT remove_other(Call& call, PRL_HANDLE handle, PRL_HANDLE_TYPE type) {
  const auto node = pin_node(call, handle);
  if (!node || node->type() != type) return PRL_ERR_INVALID_ARG;
  return remove_node(node);
}

}  // namespace

PRL_RESULT vm_cfg_create_vm_dev(Call& call, PRL_HANDLE handle, PRL_DEVICE_TYPE type,
                                PRL_HANDLE_PTR device) {
  const auto vm = call.pin<VmHandle>(handle);
  if (!vm || !device) return PRL_ERR_INVALID_ARG;
  const NodeClass* kind = find_device_class(type);
  if (!kind) return PRL_ERR_UNSUPPORTED_DEVICE_TYPE;
  return create_node(call, vm, *kind, device);
}

PRL_RESULT vm_cfg_create_boot_dev(Call& call, PRL_HANDLE handle, PRL_HANDLE_PTR device) {
  return create_other(call, handle, PHT_BOOT_DEVICE, device);
}

PRL_RESULT vm_cfg_create_share(Call& call, PRL_HANDLE handle, PRL_HANDLE_PTR share) {
  return create_other(call, handle, PHT_SHARE, share);
}

PRL_RESULT vm_cfg_get_devs_count(Call& call, PRL_HANDLE handle, PRL_UINT32_PTR count) {
  const auto vm = call.pin<VmHandle>(handle);
  if (!vm || !count) return PRL_ERR_INVALID_ARG;
  *count = static_cast<PRL_UINT32>(count_devices(vm->tree()));
  return PRL_ERR_SUCCESS;
}

PRL_RESULT vm_cfg_get_devs_count_by_type(Call& call, PRL_HANDLE handle, PRL_DEVICE_TYPE type,
                                         PRL_UINT32_PTR count) {
  const auto vm = call.pin<VmHandle>(handle);
  if (!vm || !count) return PRL_ERR_INVALID_ARG;
  const NodeClass* kind = find_device_class(type);
  if (!kind) return PRL_ERR_UNSUPPORTED_DEVICE_TYPE;
  const sim::PropertyTree tree = vm->tree();
  *count = static_cast<PRL_UINT32>(tree.children(kind->element).size());
  return PRL_ERR_SUCCESS;
}

PRL_RESULT vm_cfg_get_dev_by_type(Call& call, PRL_HANDLE handle, PRL_DEVICE_TYPE type,
                                  PRL_UINT32 index, PRL_HANDLE_PTR device) {
  const auto vm = call.pin<VmHandle>(handle);
  if (!vm || !device) return PRL_ERR_INVALID_ARG;
  const NodeClass* kind = find_device_class(type);
  if (!kind) return PRL_ERR_UNSUPPORTED_DEVICE_TYPE;
  const auto children = list_of(vm->tree(), kind->element);
  if (index >= children.size()) return PRL_ERR_INVALID_ARG;
  *device = call.give(node_of(call, vm, *kind, children[index]));
  return PRL_ERR_SUCCESS;
}

// A snapshot: removing a device while walking the list does not shift it.
PRL_RESULT vm_cfg_get_all_devices(Call& call, PRL_HANDLE handle, PRL_HANDLE_PTR list) {
  const auto vm = call.pin<VmHandle>(handle);
  if (!vm || !list) return PRL_ERR_INVALID_ARG;
  auto made = std::make_unique<HandlesList>();
  made->items = all_devices(call, vm);
  *list = call.give(call.library().handles().insert(std::move(made)));
  return PRL_ERR_SUCCESS;
}

PRL_RESULT vm_cfg_get_devs_list(Call& call, PRL_HANDLE handle, PRL_HANDLE_PTR devices,
                                PRL_UINT32_PTR count) {
  const auto vm = call.pin<VmHandle>(handle);
  if (!vm || !devices || !count || *count == 0) return PRL_ERR_INVALID_ARG;
  const std::vector<Ref<Object>> all = all_devices(call, vm);
  const PRL_UINT32 capacity = *count;
  *count = static_cast<PRL_UINT32>(all.size());
  if (capacity < all.size()) return PRL_ERR_BUFFER_OVERRUN;
  for (size_t i = 0; i < all.size(); ++i) devices[i] = call.give(all[i]);
  return PRL_ERR_SUCCESS;
}

PRL_RESULT vm_dev_get_type(Call& call, PRL_HANDLE handle, PRL_DEVICE_TYPE_PTR type) {
  const auto device = pin_device(call, handle);
  if (!device || !type) return PRL_ERR_INVALID_ARG;
  if (!exists(*device)) return PRL_ERR_OBJECT_WAS_REMOVED;
  *type = device->kind->device_type;
  return PRL_ERR_SUCCESS;
}

PRL_RESULT vm_dev_remove(Call& call, PRL_HANDLE handle) {
  const auto device = pin_device(call, handle);
  if (!device) return PRL_ERR_INVALID_ARG;
  return remove_node(device);
}

PRL_RESULT boot_dev_remove(Call& call, PRL_HANDLE handle) {
  return remove_other(call, handle, PHT_BOOT_DEVICE);
}

PRL_RESULT vm_cfg_create_scr_res(Call& call, PRL_HANDLE handle, PRL_HANDLE_PTR resolution) {
  return create_other(call, handle, PHT_SCREEN_RESOLUTION, resolution);
}

PRL_RESULT scr_res_remove(Call& call, PRL_HANDLE handle) {
  return remove_other(call, handle, PHT_SCREEN_RESOLUTION);
}

PRL_RESULT vm_dev_hd_add_partition(Call& call, PRL_HANDLE handle, PRL_HANDLE_PTR partition) {
  const auto disk = pin_device(call, handle);
  if (!disk || disk->type() != PHT_VIRTUAL_DEV_HARD_DISK || !partition) return PRL_ERR_INVALID_ARG;
  if (!exists(*disk)) return PRL_ERR_OBJECT_WAS_REMOVED;
  const std::string element = disk->path() + ".Partition";
  uint32_t child = 0;
  disk->owner->edit_tree([&](sim::PropertyTree& tree) { child = tree.add_child(element); });
  *partition = call.make<NodeHandle>(PHT_VIRTUAL_DEV_HD_PARTITION, disk->owner, element, child);
  return PRL_ERR_SUCCESS;
}

PRL_RESULT vm_dev_hd_part_remove(Call& call, PRL_HANDLE handle) {
  return remove_other(call, handle, PHT_VIRTUAL_DEV_HD_PARTITION);
}

PRL_RESULT share_remove(Call& call, PRL_HANDLE handle) {
  return remove_other(call, handle, PHT_SHARE);
}

// Kept even where it is 0: an entry that never had a sequence comes last.
PRL_RESULT boot_dev_set_sequence_index(Call& call, PRL_HANDLE handle, PRL_UINT32 sequence) {
  const auto entry = pin_node(call, handle);
  if (!entry || entry->type() != PHT_BOOT_DEVICE) return PRL_ERR_INVALID_ARG;
  if (!exists(*entry)) return PRL_ERR_OBJECT_WAS_REMOVED;
  entry->owner->edit_tree([&](sim::PropertyTree& tree) {
    tree.set(entry->path() + ".BootingNumber", uint64_t{sequence});
  });
  return PRL_ERR_SUCCESS;
}

}  // namespace prl::sdk::calls
