// The table of guest systems, and configurations that are right for one of them (config-model 5).
#include <prlsdk/Parallels.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "calls.h"
#include "sdk/calls/default_config.h"
#include "sdk/calls/host_job.h"
#include "sdk/config_validation.h"
#include "sdk/guest_systems.h"
#include "sdk/host_documents.h"
#include "sdk/library.h"
#include "sdk/mac_address.h"
#include "sdk/node_handle.h"
#include "sdk/objects.h"
#include "sdk/records.h"
#include "sdk/server.h"
#include "sdk/strings.h"
#include "sdk/tree.h"
#include "sdk/vm_handle.h"
#include "simulator/config_rules.h"

namespace prl::sdk::calls {

namespace {

using sim::PropertyTree;

// What of the host counts for a configuration.
struct HostSize {
  uint32_t ram_mib = 512;
  uint32_t cpus = 1;
  bool has_virtualisation = false;
};

HostSize size_of(const PropertyTree& hardware) {
  const auto number = [&](const char* path, uint64_t fallback) {
    return static_cast<uint32_t>(number_at(hardware, path, fallback));
  };
  return {.ram_mib = number("MemorySettings.HostRamSize", 512),
          .cpus = number("Cpu.Number", 1),
          .has_virtualisation = number("Cpu.VtxMode", PCM_CPU_NONE_HV) != PCM_CPU_NONE_HV};
}

// Any other handle is no mistake: the host is then a small one.
HostSize host_size(const Call& call, PRL_HANDLE config) {
  const auto content = content_of(call.pin_any(config), PHT_SERVER_CONFIG);
  return content ? size_of(*content) : HostSize();
}

bool is_server_mode(const Call& call) { return call.library().arguments().mode == PAM_SERVER; }

template <class Number>
PRL_HANDLE make_list(const Call& call, const std::vector<Number>& numbers) {
  auto list = std::make_unique<OpaqueList>(sizeof(Number));
  const auto bytes = std::as_bytes(std::span(numbers));
  list->bytes.assign(bytes.begin(), bytes.end());
  return call.give(call.library().handles().insert(std::move(list)));
}

std::vector<uint8_t> types() {
  std::vector<uint8_t> found;
  for (const GuestSystem& system : guest_systems()) {
    if (found.empty() || found.back() != guest_type(system.version)) {
      found.push_back(guest_type(system.version));
    }
  }
  return found;
}

std::vector<uint16_t> versions_of(uint8_t type) {
  std::vector<uint16_t> found;
  for (const GuestSystem& system : guest_systems()) {
    if (guest_type(system.version) == type) found.push_back(system.version);
  }
  return found;
}

bool is_host_system(PRL_HOST_OS_TYPE type) {
  return type == PHO_MAC || type == PHO_LIN || type == PHO_WIN;
}

PRL_RESULT list_types(const Call& call, PRL_HANDLE_PTR list) {
  if (!list) return PRL_ERR_INVALID_ARG;
  *list = make_list(call, types());
  return PRL_ERR_SUCCESS;
}

PRL_RESULT list_versions(const Call& call, uint8_t type, PRL_HANDLE_PTR list) {
  const std::vector<uint16_t> found = versions_of(type);
  if (!list || found.empty()) return PRL_ERR_INVALID_ARG;
  *list = make_list(call, found);
  return PRL_ERR_SUCCESS;
}

PRL_RESULT tell_default_version(uint8_t type, PRL_UINT16_PTR version) {
  if (!version || default_version(type) == 0) return PRL_ERR_INVALID_ARG;
  *version = default_version(type);
  return PRL_ERR_SUCCESS;
}

Ref<Object> pin_matrix(const Call& call, PRL_HANDLE handle) {
  Ref<Object> matrix = call.pin_any(handle);
  return matrix && matrix->type() == PHT_GUEST_OSES_MATRIX ? matrix : Ref<Object>();
}

// -- Devices of a fresh VM.

std::string add_device(PropertyTree& tree, std::string_view element) {
  const std::string path = PropertyTree::child_path(element, tree.add_child(element)) + ".";
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

void put(PropertyTree& tree, const std::string& path, uint64_t value) {
  if (value != 0) tree.set(path, value);
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

// False for a type without a default device, and where there is no room for one more.
bool add_default_device(const Call& call, PropertyTree& tree, uint32_t version,
                        PRL_DEVICE_TYPE type) {
  switch (type) {
    case PDE_HARD_DISK: return add_disk(tree, version);
    case PDE_OPTICAL_DISK: return add_drive(tree, version);
    case PDE_GENERIC_NETWORK_ADAPTER: return add_adapter(call, tree, version);
    case PDE_SERIAL_PORT:
      return add_named(tree, "Hardware.Serial", PDT_USE_OUTPUT_FILE, "serial.txt", 4);
    case PDE_PARALLEL_PORT:
      return add_named(tree, "Hardware.Printer", PDT_USE_OUTPUT_FILE, "parallel.txt", 3);
    case PDE_FLOPPY_DISK:
      return add_named(tree, "Hardware.Fdd", PDT_USE_IMAGE_FILE, "floppy.fdd", 2);
    case PDE_SOUND_DEVICE: {
      const bool is_old = version == PVS_GUEST_VER_WIN_311 ||
                          guest_type(version) == PVS_GUEST_TYPE_MSDOS;
      return add_named(tree, "Hardware.Sound",
                       is_old ? PDT_USE_CREATIVE_SB16_SOUND : PDT_USE_AC97_SOUND, "", 1);
    }
    case PDE_USB_DEVICE: return add_named(tree, "Hardware.USB", 0, "", 1);
    default: return false;
  }
}

// In the order of config-model 5.
constexpr std::array kDefaultDevices = {PDE_HARD_DISK,    PDE_OPTICAL_DISK,
                                        PDE_SERIAL_PORT,  PDE_SOUND_DEVICE,
                                        PDE_GENERIC_NETWORK_ADAPTER, PDE_USB_DEVICE,
                                        PDE_PARALLEL_PORT};

void add_boot_entry(PropertyTree& tree, PRL_DEVICE_TYPE type, uint64_t sequence, bool in_use) {
  const std::string path = PropertyTree::child_path(kBootDevices, tree.add_child(kBootDevices)) +
                           ".";
  if (type != PDE_HARD_DISK) tree.set(path + "Type", uint64_t{type});
  tree.set(path + "BootingNumber", sequence);
  if (in_use) tree.set(path + "InUse", true);
}

void add_boot_order(PropertyTree& tree, uint32_t version) {
  const uint8_t type = guest_type(version);
  const bool is_old_os2 = version == PVS_GUEST_VER_OS2_WARP3 || version == PVS_GUEST_VER_OS2_WARP4;
  std::vector<std::pair<PRL_DEVICE_TYPE, bool>> entries = {{PDE_HARD_DISK, true},
                                                           {PDE_OPTICAL_DISK, true}};
  if (type != PVS_GUEST_TYPE_MACOS) entries.emplace_back(PDE_USB_DEVICE, false);
  if (type != PVS_GUEST_TYPE_NETWARE) entries.emplace_back(PDE_GENERIC_NETWORK_ADAPTER, true);
  if (is_old_os2) std::rotate(entries.begin(), entries.begin() + 2, entries.begin() + 3);
  uint64_t sequence = 0;
  for (const auto& [device, in_use] : entries) add_boot_entry(tree, device, sequence++, in_use);
}

// The devices alone, under the numbers by which their handles know them.
PropertyTree kept_devices(const PropertyTree& before) {
  PropertyTree tree;
  for (const NodeClass& kind : device_classes()) {
    const std::string counter = std::string(kind.element) + "[]";
    if (const auto* next = before.find(counter)) tree.set(counter, *next);
    for (const uint32_t child : before.children(kind.element)) {
      const std::string path = PropertyTree::child_path(kind.element, child);
      tree.set(path, true);
      tree.put_below(path, before.below(path));
    }
  }
  return tree;
}

// What depends on the size of the host and on what the guest needs.
void tune(sim::VmConfig& config, const HostSize& host, uint32_t version, bool is_server) {
  config.ram_mib = default_ram_mib(version, host.ram_mib);
  config.cpu_count =
      default_cpus(version, host.has_virtualisation ? host.cpus : 1, is_server);
  PropertyTree& tree = config.properties;
  tree.set("Settings.General.OsNumber", uint64_t{version});
  tree.set("Settings.General.OsType", uint64_t{guest_type(version)});
  // 3D is off in server mode.
  const bool is_old = guest_type(version) == PVS_GUEST_TYPE_WINDOWS &&
                      version < PVS_GUEST_VER_WIN_2K;
  const bool with_3d = !is_server && !is_old;
  tree.set("Hardware.Video.VideoMemorySize",
           uint64_t{default_video_mib(version, host.ram_mib, with_3d)});
  if (with_3d) tree.set("Hardware.Video.Enable3DAcceleration", uint64_t{P3D_ENABLED_HIGHEST});
}

sim::VmConfig default_config(const Call& call, const sim::VmConfig& before, const HostSize& host,
                             uint32_t version, bool with_devices) {
  const bool is_server = is_server_mode(call);
  sim::VmConfig config{.uuid = call.world().new_uuid(), .name = ""};
  PropertyTree& tree = config.properties;
  if (!with_devices) tree = kept_devices(before.properties);
  tune(config, host, version, is_server);
  if (is_server) tree.set("Settings.Shutdown.AutoStop", uint64_t{PAO_VM_SHUTDOWN});
  add_boot_order(tree, version);
  if (!with_devices) return config;
  for (const PRL_DEVICE_TYPE type : kDefaultDevices) {
    if (needs_device(version, type, is_server)) {
      (void)add_default_device(call, tree, version, type);
    }
  }
  return config;
}

PRL_RESULT set_default_config(Call& call, PRL_HANDLE handle, const HostSize& host,
                              uint32_t version, bool with_devices) {
  const auto vm = call.pin<VmHandle>(handle);
  if (!vm || version > UINT16_MAX || default_version(guest_type(version)) == 0) {
    return PRL_ERR_INVALID_ARG;
  }
  const sim::VmConfig before = vm->config();
  const sim::VmConfig config = default_config(call, before, host, version, with_devices);
  vm->edit([&](sim::VmConfig& local) { local = config; });
  vm->server->rename_vm(before.uuid, config.uuid, vm->value());
  return PRL_ERR_SUCCESS;
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

// The host is the simulated one, which does not change its size.
sim::VmConfig default_vm_config(const Call& call, uint32_t version) {
  const HostSize host = size_of(fresh_host({}).at(std::string(kHardware)));
  return default_config(call, {}, host, version, /*with_devices=*/true);
}

// -- The table.

PRL_RESULT api_get_supported_oses_types(Call& call, PRL_HOST_OS_TYPE host, PRL_HANDLE_PTR list) {
  return is_host_system(host) ? list_types(call, list) : PRL_ERR_INVALID_ARG;
}

PRL_RESULT api_get_supported_oses_versions(Call& call, PRL_HOST_OS_TYPE host, PRL_UINT8 type,
                                           PRL_HANDLE_PTR list) {
  return is_host_system(host) ? list_versions(call, type, list) : PRL_ERR_INVALID_ARG;
}

PRL_RESULT api_get_default_os_version(Call&, PRL_UINT8 type, PRL_UINT16_PTR version) {
  return tell_default_version(type, version);
}

PRL_RESULT api_get_recommend_min_vm_mem(Call&, PRL_UINT32 version, PRL_UINT32_PTR size) {
  if (!size || !find_guest_system(version)) return PRL_ERR_INVALID_ARG;
  *size = default_ram_mib(version, 0);
  return PRL_ERR_SUCCESS;
}

PRL_RESULT api_guest_to_string(Call&, PRL_UINT32 version, PRL_STR buffer, PRL_UINT32_PTR length) {
  const GuestSystem* system = find_guest_system(version);
  return copy_string(system ? system->name : "Unknown", buffer, length);
}

// The library runs on the host.
PRL_RESULT api_is_guest_os(Call&, PRL_BOOL_PTR is_guest) {
  if (!is_guest) return PRL_ERR_INVALID_ARG;
  *is_guest = PRL_FALSE;
  return PRL_ERR_SUCCESS;
}

PRL_RESULT srv_get_supported_oses(Call& call, PRL_HANDLE handle, PRL_HANDLE_PTR matrix) {
  const auto server = call.pin<Server>(handle);
  if (!server || !matrix) return PRL_ERR_INVALID_ARG;
  if (!server->is_connected()) return PRL_ERR_NO_DATA;
  *matrix = call.make<Document>(PHT_GUEST_OSES_MATRIX);
  return PRL_ERR_SUCCESS;
}

PRL_RESULT oses_matrix_get_supported_oses_types(Call& call, PRL_HANDLE matrix,
                                                PRL_HANDLE_PTR list) {
  return pin_matrix(call, matrix) ? list_types(call, list) : PRL_ERR_INVALID_ARG;
}

PRL_RESULT oses_matrix_get_supported_oses_versions(Call& call, PRL_HANDLE matrix, PRL_UINT8 type,
                                                   PRL_HANDLE_PTR list) {
  return pin_matrix(call, matrix) ? list_versions(call, type, list) : PRL_ERR_INVALID_ARG;
}

PRL_RESULT oses_matrix_get_default_os_version(Call& call, PRL_HANDLE matrix, PRL_UINT8 type,
                                              PRL_UINT16_PTR version) {
  return pin_matrix(call, matrix) ? tell_default_version(type, version) : PRL_ERR_INVALID_ARG;
}

PRL_RESULT oses_matrix_get_support_type(Call& call, PRL_HANDLE matrix, PRL_UINT8 type,
                                        PRL_UINT16 version,
                                        PRL_GUEST_OS_SUPPORT_TYPE_PTR support) {
  const GuestSystem* system = find_guest_system(version);
  if (!pin_matrix(call, matrix) || !support || !system || guest_type(version) != type) {
    return PRL_ERR_INVALID_ARG;
  }
  *support = PGS_OS_SUPPORTED;
  return PRL_ERR_SUCCESS;
}

// -- The guest system of a configuration.

PRL_RESULT vm_cfg_get_os_version(Call& call, PRL_HANDLE handle, PRL_UINT32_PTR version) {
  const auto vm = call.pin<VmHandle>(handle);
  if (!vm || !version) return PRL_ERR_INVALID_ARG;
  *version = static_cast<PRL_UINT32>(number_at(vm->tree(), "Settings.General.OsNumber", 0));
  return PRL_ERR_SUCCESS;
}

PRL_RESULT vm_cfg_get_os_type(Call& call, PRL_HANDLE handle, PRL_UINT32_PTR type) {
  const auto vm = call.pin<VmHandle>(handle);
  if (!vm || !type) return PRL_ERR_INVALID_ARG;
  *type = static_cast<PRL_UINT32>(number_at(vm->tree(), "Settings.General.OsType", 0));
  return PRL_ERR_SUCCESS;
}

PRL_RESULT vm_cfg_set_os_version(Call& call, PRL_HANDLE handle, PRL_UINT32 version) {
  const auto vm = call.pin<VmHandle>(handle);
  const bool is_known = version <= UINT16_MAX && default_version(guest_type(version)) != 0;
  if (!vm || !is_known) return PRL_ERR_INVALID_ARG;
  vm->edit_tree([version](PropertyTree& tree) {
    tree.set("Settings.General.OsNumber", uint64_t{version});
    tree.set("Settings.General.OsType", uint64_t{guest_type(version)});
  });
  return PRL_ERR_SUCCESS;
}

// -- Defaults.

PRL_RESULT vm_cfg_get_default_hdd_size(Call&, PRL_UINT32 version, PRL_UINT32_PTR size) {
  if (!size) return PRL_ERR_INVALID_ARG;
  *size = default_disk_mib(version);
  return PRL_ERR_SUCCESS;
}

PRL_RESULT vm_cfg_get_default_mem_size(Call&, PRL_UINT32 version, PRL_UINT32 host_ram,
                                       PRL_UINT32_PTR size) {
  if (!size) return PRL_ERR_INVALID_ARG;
  *size = default_ram_mib(version, host_ram);
  return PRL_ERR_SUCCESS;
}

PRL_RESULT vm_cfg_get_default_video_ram_size(Call& call, PRL_UINT32 version, PRL_HANDLE host,
                                             PRL_BOOL with_3d, PRL_UINT32_PTR size) {
  if (!size) return PRL_ERR_INVALID_ARG;
  *size = default_video_mib(version, host_size(call, host).ram_mib, with_3d != PRL_FALSE);
  return PRL_ERR_SUCCESS;
}

PRL_RESULT vm_cfg_is_default_device_needed(Call& call, PRL_UINT32 version, PRL_DEVICE_TYPE type,
                                           PRL_BOOL_PTR is_needed) {
  if (!is_needed) return PRL_ERR_INVALID_ARG;
  *is_needed = needs_device(version, type, is_server_mode(call)) ? PRL_TRUE : PRL_FALSE;
  return PRL_ERR_SUCCESS;
}

PRL_RESULT vm_cfg_set_default_config(Call& call, PRL_HANDLE vm, PRL_HANDLE host,
                                     PRL_UINT32 version, PRL_BOOL with_devices) {
  return set_default_config(call, vm, host_size(call, host), version, with_devices != PRL_FALSE);
}

PRL_RESULT vm_cfg_set_default_config_ex(Call& call, PRL_HANDLE vm, PRL_HANDLE host,
                                        PRL_HANDLE guest, PRL_BOOL with_devices) {
  const auto content = content_of(call.pin_any(guest), PHT_VM_GUEST_OS_INFO);
  if (!content) return PRL_ERR_INVALID_ARG;
  const auto version = static_cast<uint32_t>(number_at(*content, "OsVersion", 0));
  return set_default_config(call, vm, host_size(call, host), version, with_devices != PRL_FALSE);
}

// Memory, processors and video of a configuration that may have devices already; the guest is the
// one of the record or, where that names none, of the configuration.
PRL_RESULT vm_cfg_tune_default_config(Call& call, PRL_HANDLE handle, PRL_HANDLE host,
                                      PRL_HANDLE guest) {
  const auto vm = call.pin<VmHandle>(handle);
  const auto content = content_of(call.pin_any(guest), PHT_VM_GUEST_OS_INFO);
  if (!vm || !content) return PRL_ERR_INVALID_ARG;
  sim::VmConfig config = vm->config();
  const uint64_t own = number_at(config.properties, "Settings.General.OsNumber", 0);
  const uint64_t version = number_at(*content, "OsVersion", own);
  if (version > UINT16_MAX || default_version(guest_type(static_cast<uint32_t>(version))) == 0) {
    return PRL_ERR_INVALID_ARG;
  }
  tune(config, host_size(call, host), static_cast<uint32_t>(version), is_server_mode(call));
  vm->edit([&](sim::VmConfig& local) { local = config; });
  return PRL_ERR_SUCCESS;
}

PRL_HANDLE srv_get_default_vm_config(Call& call, PRL_HANDLE server,
                                     PRL_CONST_GET_VM_CONFIG_PARAM_DATA_PTR parameters,
                                     PRL_UINT32 /*flags*/) {
  if (!parameters) return call.bad_argument_job();
  PRL_GET_VM_CONFIG_PARAM_DATA wanted;
  std::memcpy(&wanted, parameters, sizeof wanted);  // packed: members need not be aligned
  const uint32_t version =
      wanted.nOsVersion == 0 ? uint32_t{PVS_GUEST_VER_LIN_UBUNTU} : wanted.nOsVersion;
  if (version > UINT16_MAX || default_version(guest_type(version)) == 0) {
    return call.bad_argument_job();
  }
  const ServerJob begun = begin_server_job(call, server);
  if (!begun.job) return begun.given;
  sim::VmConfig config = default_vm_config(call, version);
  // Desktop's headers call the field reserved; it says whether a container is asked for.
  if (wanted.reserved == PVT_CT) config.properties.set("VmType", uint64_t{PVT_CT});
  const auto samples = config_samples();
  const std::string sample_name = wanted.sConfigSample ? wanted.sConfigSample : "";
  const auto sample = samples.find(sample_name);
  if (sample != samples.end()) sim::apply_sample(sample->second, config);
  const bool is_unknown = !sample_name.empty() && sample == samples.end();
  call.world().ping(call.function(),
                    [job = begun.job, config, is_unknown, sample_name](const sim::Report& report) {
                      Job::Outcome outcome = to_job_outcome(report);
                      if (report.outcome.ok() && is_unknown) {
                        outcome.code = PRL_ERR_SAMPLE_CONFIG_NOT_FOUND;
                        outcome.error_issuer = PIE_DISPATCHER;
                        outcome.message_parameters = {sample_name};
                      } else if (report.outcome.ok()) {
                        outcome.answers.emplace_back(OwnVmAnswer{config});
                      }
                      job->server->library().finish_job(*job, std::move(outcome));
                    });
  return begun.given;
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
