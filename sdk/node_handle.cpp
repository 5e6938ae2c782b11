#include "sdk/node_handle.h"

#include <algorithm>
#include <array>
#include <limits>
#include <memory>
#include <utility>

namespace prl::sdk {

namespace {

constexpr std::string_view kShares = "Settings.Tools.SharedFolders.HostSharing.SharedFolder";
constexpr std::string_view kResolutions = "Hardware.Video.ScreenResolutions.ScreenResolution";

constexpr std::array kClasses = {
    NodeClass{"Hardware.Fdd", PHT_VIRTUAL_DEV_FLOPPY, PDE_FLOPPY_DISK},
    NodeClass{"Hardware.Hdd", PHT_VIRTUAL_DEV_HARD_DISK, PDE_HARD_DISK, PDT_USE_IMAGE_FILE},
    NodeClass{"Hardware.CdRom", PHT_VIRTUAL_DEV_OPTICAL_DISK, PDE_OPTICAL_DISK},
    NodeClass{"Hardware.Serial", PHT_VIRTUAL_DEV_SERIAL_PORT, PDE_SERIAL_PORT},
    NodeClass{"Hardware.Printer", PHT_VIRTUAL_DEV_PARALLEL_PORT, PDE_PARALLEL_PORT},
    NodeClass{"Hardware.USB", PHT_VIRTUAL_DEV_USB_DEVICE, PDE_USB_DEVICE},
    NodeClass{"Hardware.NetworkAdapter", PHT_VIRTUAL_DEV_NET_ADAPTER, PDE_GENERIC_NETWORK_ADAPTER,
              PDT_USE_BRIDGE_ETHERNET},
    NodeClass{"Hardware.Sound", PHT_VIRTUAL_DEV_SOUND, PDE_SOUND_DEVICE},
    NodeClass{"Hardware.GenericPciDevice", PHT_VIRTUAL_DEV_GENERIC_PCI, PDE_GENERIC_PCI_DEVICE},
    NodeClass{"Hardware.GenericScsiDevice", PHT_VIRTUAL_DEV_GENERIC_SCSI, PDE_GENERIC_SCSI_DEVICE},
    NodeClass{"Hardware.PciVideoAdapter", PHT_VIRTUAL_DEV_DISPLAY, PDE_PCI_VIDEO_ADAPTER},
    NodeClass{kBootDevices, PHT_BOOT_DEVICE},
    NodeClass{kShares, PHT_SHARE},
    NodeClass{kResolutions, PHT_SCREEN_RESOLUTION},
};
constexpr size_t kDeviceClassCount = kClasses.size() - 3;

}  // namespace

std::span<const NodeClass> device_classes() {
  return std::span(kClasses).first(kDeviceClassCount);
}

const NodeClass* find_class(std::string_view element) {
  const auto found = std::find_if(kClasses.begin(), kClasses.end(),
                                  [&](const NodeClass& item) { return item.element == element; });
  return found == kClasses.end() ? nullptr : &*found;
}

const NodeClass* find_device_class(PRL_DEVICE_TYPE type) {
  for (const NodeClass& item : device_classes()) {
    if (item.device_type == type) return &item;
  }
  return nullptr;
}

const NodeClass* find_class_of_handle(uint32_t handle_type) {
  for (const NodeClass& item : kClasses) {
    if (item.handle_type == handle_type) return &item;
  }
  return nullptr;
}

Ref<NodeHandle> pin_node(const Call& call, PRL_HANDLE handle) {
  Ref<Object> object = call.pin_any(handle);
  if (!object || object->holds() != Holds::kNode) return {};
  return Ref<NodeHandle>::cast(std::move(object));
}

Ref<NodeHandle> pin_device(const Call& call, PRL_HANDLE handle) {
  Ref<NodeHandle> node = pin_node(call, handle);
  return node && node->is_device() ? node : Ref<NodeHandle>();
}

// The configuration is of the device's type: a client that guesses its value must not find a VM.
PRL_HANDLE make_detached_device(const Call& call, const NodeClass& kind, sim::PropertyTree tree,
                                uint32_t child) {
  const Ref<Document> owner = call.library().handles().insert(
      std::make_unique<Document>(kind.handle_type, std::move(tree)));
  return call.make<NodeHandle>(kind.handle_type, owner, std::string(kind.element), child);
}

bool exists(const NodeHandle& node) {
  return !node.child || node.owner->tree().has_child(node.element, *node.child);
}

uint64_t TreePlace::number(std::string_view leaf, uint64_t fallback) const {
  return number_at(owner->tree(), path(leaf), fallback);
}

std::string TreePlace::text(std::string_view leaf) const {
  const sim::PropertyTree tree = owner->tree();
  const auto* text = std::get_if<std::string>(tree.find(path(leaf)));
  return text ? *text : "";
}

TreePlace place_of(const Call& call, PRL_HANDLE handle, std::initializer_list<uint32_t> types) {
  TreePlace place;
  Ref<Object> object = call.pin_any(handle);
  if (!object || object->holds() == Holds::kOther) return place;
  const uint32_t type = object->type() == PHT_VIRTUAL_MACHINE ? uint32_t{PHT_VM_CONFIGURATION}
                                                              : object->type();
  if (std::find(types.begin(), types.end(), type) == types.end()) return place;
  if (object->holds() == Holds::kTree) {
    place.owner = Ref<TreeOwner>::cast(std::move(object));
    return place;
  }
  const auto node = Ref<NodeHandle>::cast(std::move(object));
  if (!exists(*node)) {
    place.code = PRL_ERR_OBJECT_WAS_REMOVED;
    return place;
  }
  place.owner = node->owner;
  place.prefix = node->path() + ".";
  return place;
}

std::string text_at(const sim::PropertyTree& tree, std::string_view path) {
  const auto* text = std::get_if<std::string>(tree.find(path));
  return text ? *text : std::string();
}

uint64_t number_at(const sim::PropertyTree& tree, const std::string& path, uint64_t fallback) {
  const auto* number = std::get_if<uint64_t>(tree.find(path));
  return number ? *number : fallback;
}

void put(sim::PropertyTree& tree, const std::string& path, uint64_t value, uint64_t fallback) {
  if (value == fallback) {
    tree.erase(path);
  } else {
    tree.set(path, value);
  }
}

void put(sim::PropertyTree& tree, const std::string& path, const std::string& text) {
  if (text.empty()) {
    tree.erase(path);
  } else {
    tree.set(path, text);
  }
}

std::string add_below(sim::PropertyTree& tree, std::string_view element) {
  return sim::PropertyTree::child_path(element, tree.add_child(element)) + ".";
}

std::vector<uint32_t> list_of(const sim::PropertyTree& tree, std::string_view element) {
  std::vector<uint32_t> children = tree.children(element);
  if (element != kBootDevices) return children;
  const auto sequence = [&](uint32_t child) {
    return number_at(tree, sim::PropertyTree::child_path(kBootDevices, child) + ".BootingNumber",
                     std::numeric_limits<uint64_t>::max());
  };
  std::stable_sort(children.begin(), children.end(),
                   [&](uint32_t a, uint32_t b) { return sequence(a) < sequence(b); });
  return children;
}

}  // namespace prl::sdk
