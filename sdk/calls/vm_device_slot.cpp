// Names of devices and their slots on an interface (config-model 7).
#include <prlsdk/Parallels.h>

#include <algorithm>
#include <array>
#include <string>

#include "calls.h"
#include "sdk/node_handle.h"

namespace prl::sdk::calls {

namespace {

// The classes whose devices sit on an interface.
constexpr std::array kSlotted = {PHT_VIRTUAL_DEV_HARD_DISK, PHT_VIRTUAL_DEV_OPTICAL_DISK,
                                 PHT_VIRTUAL_DEV_GENERIC_SCSI};

bool is_slotted(const NodeClass& kind) {
  return std::find(kSlotted.begin(), kSlotted.end(), kind.handle_type) != kSlotted.end();
}

// The slots of an interface; 0 for one that has none of its own.
uint64_t slot_count(uint64_t interface_type) {
  switch (interface_type) {
    case PMS_IDE_DEVICE:
      return 4;
    case PMS_SCSI_DEVICE:
      return 16;
    case PMS_SATA_DEVICE:
      return 6;
    default:
      return 16;
  }
}

// The first slot that no other device on the interface has, or slot_count().
uint64_t free_slot(const sim::PropertyTree& tree, const NodeHandle& device, uint64_t interface) {
  const uint64_t count = slot_count(interface);
  std::array<bool, 16> taken{};
  for (const NodeClass& kind : device_classes()) {
    if (!is_slotted(kind)) continue;
    for (const uint32_t child : tree.children(kind.element)) {
      const std::string path = sim::PropertyTree::child_path(kind.element, child);
      if (path == device.path() || number_at(tree, path + ".InterfaceType", 0) != interface)
        continue;
      const uint64_t slot = number_at(tree, path + ".StackIndex", 0);
      if (slot < taken.size()) taken[slot] = true;
    }
  }
  const auto* found = std::find(taken.begin(), taken.begin() + count, false);
  return static_cast<uint64_t>(found - taken.begin());
}

void keep(sim::PropertyTree& tree, const std::string& path, uint64_t value) {
  if (value == 0) {
    tree.erase(path);
  } else {
    tree.set(path, value);
  }
}

// Puts the device on the interface, which it may be on already.
PRL_RESULT pick_slot(const NodeHandle& device, std::optional<uint64_t> wanted) {
  PRL_RESULT code = PRL_ERR_SUCCESS;
  device.owner->edit_tree([&](sim::PropertyTree& tree) {
    const uint64_t interface =
        wanted ? *wanted : number_at(tree, device.path() + ".InterfaceType", 0);
    const uint64_t slot = free_slot(tree, device, interface);
    if (slot == slot_count(interface)) {
      code = PRL_ERR_NO_MORE_FREE_INTERFACE_SLOTS;
      return;
    }
    keep(tree, device.path() + ".InterfaceType", interface);
    keep(tree, device.path() + ".StackIndex", slot);
  });
  return code;
}

PRL_RESULT set_name(Call& call, PRL_HANDLE handle, PRL_CONST_STR name) {
  const auto device = pin_device(call, handle);
  if (!device || !name) return PRL_ERR_INVALID_ARG;
  if (!exists(*device)) return PRL_ERR_OBJECT_WAS_REMOVED;
  device->owner->edit_tree([&](sim::PropertyTree& tree) {
    const auto put = [&](const char* leaf) {
      if (*name == '\0') {
        tree.erase(device->path() + leaf);
      } else {
        tree.set(device->path() + leaf, std::string(name));
      }
    };
    put(".UserFriendlyName");
    const std::string emulation = device->path() + ".EmulatedType";
    if (number_at(tree, emulation, 0) == PDT_USE_IMAGE_FILE) put(".SystemName");
  });
  return PRL_ERR_SUCCESS;
}

}  // namespace

PRL_RESULT vm_dev_set_friendly_name(Call& call, PRL_HANDLE device, PRL_CONST_STR name) {
  return set_name(call, device, name);
}

PRL_RESULT vm_dev_set_image_path(Call& call, PRL_HANDLE device, PRL_CONST_STR name) {
  return set_name(call, device, name);
}

PRL_RESULT vm_dev_set_output_file(Call& call, PRL_HANDLE device, PRL_CONST_STR name) {
  return set_name(call, device, name);
}

PRL_RESULT vm_dev_get_stack_index(Call& call, PRL_HANDLE handle, PRL_UINT32_PTR slot) {
  const auto device = pin_device(call, handle);
  if (!device || !slot) return PRL_ERR_INVALID_ARG;
  if (!exists(*device)) return PRL_ERR_OBJECT_WAS_REMOVED;
  *slot = 0;
  if (!is_slotted(*device->kind) && device->type() != PHT_VIRTUAL_DEV_GENERIC_PCI) {
    return PRL_ERR_UNIMPLEMENTED;
  }
  const sim::PropertyTree tree = device->owner->tree();
  *slot = static_cast<PRL_UINT32>(number_at(tree, device->path() + ".StackIndex", 0));
  return PRL_ERR_SUCCESS;
}

PRL_RESULT vm_dev_set_iface_type(Call& call, PRL_HANDLE handle,
                                 PRL_MASS_STORAGE_INTERFACE_TYPE interface) {
  const auto device = pin_device(call, handle);
  if (!device || !is_slotted(*device->kind)) return PRL_ERR_INVALID_ARG;
  if (device->type() == PHT_VIRTUAL_DEV_GENERIC_SCSI && interface == PMS_IDE_DEVICE) {
    return PRL_ERR_INVALID_ARG;
  }
  if (!exists(*device)) return PRL_ERR_OBJECT_WAS_REMOVED;
  return pick_slot(*device, static_cast<uint32_t>(interface));
}

PRL_RESULT vm_dev_set_default_stack_index(Call& call, PRL_HANDLE handle) {
  const auto device = pin_device(call, handle);
  if (!device || !is_slotted(*device->kind)) return PRL_ERR_INVALID_ARG;
  if (!exists(*device)) return PRL_ERR_OBJECT_WAS_REMOVED;
  return pick_slot(*device, std::nullopt);
}

}  // namespace prl::sdk::calls
