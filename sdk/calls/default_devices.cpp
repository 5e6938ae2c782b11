// The devices that a guest system has by default (config-model 5).
#include <prlsdk/Parallels.h>

#include <set>
#include <string>
#include <string_view>

#include "calls.h"
#include "sdk/calls/default_config.h"
#include "sdk/guest_systems.h"
#include "sdk/library.h"
#include "sdk/mac_address.h"
#include "sdk/node_handle.h"
#include "sdk/objects.h"
#include "sdk/tree.h"
#include "sdk/vm_handle.h"

namespace prl::sdk::calls {

namespace {

using sim::PropertyTree;

std::string add_device(PropertyTree& tree, std::string_view element) {
  const std::string path = add_below(tree, element);
  tree.set(path + "Enabled", true);
  return path;
}

// The names that both getters of a device's name give.
void name_device(PropertyTree& tree, const std::string& path, const std::string& name) {
  tree.set(path + "SystemName", name);
  tree.set(path + "UserFriendlyName", name);
}

// The first index that no other device of the class has.
uint64_t next_index(const PropertyTree& tree, std::string_view element) {
  std::set<uint64_t> taken;
  for (const uint32_t child : tree.children(element)) {
    const std::string path = PropertyTree::child_path(element, child);
    if (tree.find(path + ".Enabled")) taken.insert(number_at(tree, path + ".Index", 0));
  }
  uint64_t index = 0;
  while (taken.contains(index)) ++index;
  return index;
}

// The first slot of the interface that no disk or drive has; 16 where all are taken.
uint64_t next_slot(const PropertyTree& tree, uint64_t interface) {
  const uint64_t limit = interface == PMS_SATA_DEVICE ? 6 : 16;
  std::set<uint64_t> taken;
  for (const std::string_view element : {"Hardware.Hdd", "Hardware.CdRom"}) {
    for (const uint32_t child : tree.children(element)) {
      const std::string path = PropertyTree::child_path(element, child);
      if (number_at(tree, path + ".InterfaceType", PMS_IDE_DEVICE) == interface) {
        taken.insert(number_at(tree, path + ".StackIndex", 0));
      }
    }
  }
  uint64_t slot = 0;
  while (slot < limit && taken.contains(slot)) ++slot;
  return slot < limit ? slot : 16;
}

// False where the interface has no slot left.
bool add_disk(PropertyTree& tree, uint32_t version) {
  const uint64_t interface = has_virtio(version) ? PMS_SCSI_DEVICE : PMS_SATA_DEVICE;
  const uint64_t slot = next_slot(tree, interface);
  const uint64_t index = next_index(tree, "Hardware.Hdd");
  if (slot == 16) return false;
  const std::string path = add_device(tree, "Hardware.Hdd");
  put(tree, path + "Index", index);
  tree.set(path + "EmulatedType", uint64_t{PDT_USE_IMAGE_FILE});
  tree.set(path + "DiskType", uint64_t{PHD_EXPANDING_HARD_DISK});
  tree.set(path + "InterfaceType", interface);
  put(tree, path + "StackIndex", slot);
  if (interface == PMS_SCSI_DEVICE) tree.set(path + "SubType", uint64_t{PCD_VIRTIO_SCSI});
  tree.set(path + "Size", uint64_t{default_disk_mib(version)});
  name_device(tree, path,
              index == 0 ? "harddisk.hdd" : "harddisk" + std::to_string(index + 1) + ".hdd");
  return true;
}

bool add_drive(PropertyTree& tree, uint32_t version) {
  const bool is_scsi = has_virtio(version) && guest_type(version) != PVS_GUEST_TYPE_WINDOWS &&
                       version != PVS_GUEST_VER_LIN_DEBIAN;
  const uint64_t interface = is_scsi ? PMS_SCSI_DEVICE : PMS_SATA_DEVICE;
  const uint64_t slot = next_slot(tree, interface);
  const uint64_t index = next_index(tree, "Hardware.CdRom");
  if (slot == 16) return false;
  const std::string path = add_device(tree, "Hardware.CdRom");
  put(tree, path + "Index", index);
  tree.set(path + "EmulatedType", uint64_t{PDT_USE_IMAGE_FILE});
  tree.set(path + "InterfaceType", interface);
  put(tree, path + "StackIndex", slot);
  return true;
}

bool add_adapter(const Call& call, PropertyTree& tree, uint32_t version) {
  constexpr uint64_t kMostAdapters = 16;
  const uint64_t index = next_index(tree, "Hardware.NetworkAdapter");
  if (index >= kMostAdapters) return false;
  const std::string path = add_device(tree, "Hardware.NetworkAdapter");
  put(tree, path + "Index", index);
  tree.set(path + "MAC", mac_from(call.world().new_uuid()));
  const bool is_bridged = is_server_mode(call);
  tree.set(path + "EmulatedType",
           uint64_t{is_bridged ? PDT_USE_BRIDGE_ETHERNET : PDT_USE_SHARED_NETWORK});
  if (is_bridged) tree.set(path + "VirtualNetworkID", std::string("Bridged"));
  const bool is_virtio = has_virtio(version) || version == 0;
  tree.set(path + "AdapterType", uint64_t{is_virtio ? PNT_VIRTIO : PNT_E1000});
  tree.set(path + "SystemName", "eth" + std::to_string(index));
  tree.set(path + "UserFriendlyName", std::string("Default Adapter"));
  return true;
}

bool add_named(PropertyTree& tree, std::string_view element, uint64_t emulation,
               const std::string& name, uint64_t most) {
  const uint64_t index = next_index(tree, element);
  if (index >= most) return false;
  const std::string path = add_device(tree, element);
  put(tree, path + "Index", index);
  put(tree, path + "EmulatedType", emulation);
  if (!name.empty()) name_device(tree, path, name);
  return true;
}

PRL_RESULT add_device(Call& call, PRL_HANDLE handle, PRL_DEVICE_TYPE type, PRL_HANDLE_PTR out) {
  const auto vm = call.pin<VmHandle>(handle);
  if (!vm) return PRL_ERR_INVALID_ARG;
  const NodeClass* kind = find_device_class(type);
  bool is_added = false;
  uint32_t child = 0;
  vm->edit_tree([&](PropertyTree& tree) {
    const auto version = static_cast<uint32_t>(number_at(tree, "Settings.General.OsNumber", 0));
    is_added = kind && add_default_device(call, tree, version, type);
    if (is_added) child = tree.children(kind->element).back();
  });
  if (!is_added) return PRL_ERR_OPERATION_FAILED;
  if (out) {
    *out = call.make<NodeHandle>(kind->handle_type, vm, std::string(kind->element), child);
  }
  return PRL_ERR_SUCCESS;
}

}  // namespace

bool add_default_device(const Call& call, PropertyTree& tree, uint32_t version,
                        PRL_DEVICE_TYPE type) {
  switch (type) {
    case PDE_HARD_DISK:
      return add_disk(tree, version);
    case PDE_OPTICAL_DISK:
      return add_drive(tree, version);
    case PDE_GENERIC_NETWORK_ADAPTER:
      return add_adapter(call, tree, version);
    case PDE_SERIAL_PORT:
      return add_named(tree, "Hardware.Serial", PDT_USE_OUTPUT_FILE, "serial.txt", 4);
    case PDE_PARALLEL_PORT:
      return add_named(tree, "Hardware.Printer", PDT_USE_OUTPUT_FILE, "parallel.txt", 3);
    case PDE_FLOPPY_DISK:
      return add_named(tree, "Hardware.Fdd", PDT_USE_IMAGE_FILE, "floppy.fdd", 2);
    case PDE_SOUND_DEVICE: {
      const bool is_old =
          version == PVS_GUEST_VER_WIN_311 || guest_type(version) == PVS_GUEST_TYPE_MSDOS;
      return add_named(tree, "Hardware.Sound",
                       is_old ? PDT_USE_CREATIVE_SB16_SOUND : PDT_USE_AC97_SOUND, "", 1);
    }
    case PDE_USB_DEVICE:
      return add_named(tree, "Hardware.USB", 0, "", 1);
    default:
      return false;
  }
}

PRL_RESULT vm_cfg_is_default_device_needed(Call& call, PRL_UINT32 version, PRL_DEVICE_TYPE type,
                                           PRL_BOOL_PTR is_needed) {
  if (!is_needed) return PRL_ERR_INVALID_ARG;
  *is_needed = needs_device(version, type, is_server_mode(call)) ? PRL_TRUE : PRL_FALSE;
  return PRL_ERR_SUCCESS;
}

PRL_RESULT vm_cfg_add_default_device(Call& call, PRL_HANDLE vm, PRL_HANDLE /*host*/,
                                     PRL_DEVICE_TYPE type) {
  return add_device(call, vm, type, nullptr);
}

PRL_RESULT vm_cfg_add_default_device_ex(Call& call, PRL_HANDLE vm, PRL_HANDLE /*host*/,
                                        PRL_DEVICE_TYPE type, PRL_HANDLE_PTR device) {
  if (!device) return PRL_ERR_INVALID_ARG;
  return add_device(call, vm, type, device);
}

}  // namespace prl::sdk::calls
