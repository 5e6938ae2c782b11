#include "sdk/scenario_tree.h"

#include <prlsdk/Parallels.h>

#include <array>
#include <string_view>
#include <utility>
#include <variant>

#include "sdk/host_documents.h"
#include "sdk/records.h"

namespace prl::sdk {

namespace {

using sim::PropertyTree;

// A child of a list is made where it is not there yet; the path of its leaves is then good.
void add_setting(PropertyTree& tree, const std::string& prefix, const faults::Setting& setting) {
  const std::string path = prefix + setting.path;
  const bool is_flag = std::holds_alternative<bool>(setting.value);
  if (is_flag && path.ends_with(']')) {
    const std::string element = path.substr(0, path.rfind('['));
    const bool is_first = path.ends_with("[0]");
    if (is_first || path.ends_with("[]")) replace_children(tree, element, {});
    if (!path.ends_with("[]")) (void)tree.add_child(element);
    return;
  }
  tree.set(path,
           std::visit([](const auto& value) { return sim::PropertyValue(value); }, setting.value));
}

void set_if_unset(PropertyTree& tree, const std::string& path, uint64_t value) {
  if (!tree.find(path)) tree.set(path, value);
}

// What a list of the host says of its devices by itself: of which type they are, and in some the
// place of each.
struct DeviceList {
  std::string_view element;
  PRL_DEVICE_TYPE type;
  std::string_view index = {};
};
constexpr std::array kDeviceLists = {
    DeviceList{"CdROMs.CdROM", PDE_OPTICAL_DISK},
    DeviceList{"FloppyDisks.FloppyDisk", PDE_FLOPPY_DISK},
    DeviceList{"GenericPciDevices.GenericPciDevice", PDE_GENERIC_PCI_DEVICE},
    DeviceList{"GenericScsiDevices.GenericScsiDevice", PDE_GENERIC_SCSI_DEVICE},
    DeviceList{"HardDisks.HardDisk", PDE_HARD_DISK, "Index"},
    DeviceList{"NetworkAdapters.NetworkAdapter", PDE_GENERIC_NETWORK_ADAPTER, "index"},
    DeviceList{"ParallelPorts.ParallelPort", PDE_PARALLEL_PORT},
    DeviceList{"Printers.Printer", PDE_PRINTER},
    DeviceList{"SerialPorts.SerialPort", PDE_SERIAL_PORT},
    DeviceList{"SoundDevices.MixerDevices.MixerDevice", PDE_SOUND_DEVICE},
    DeviceList{"SoundDevices.OutputDevices.OutputDevice", PDE_SOUND_DEVICE},
    DeviceList{"UsbDevices.UsbDevice", PDE_USB_DEVICE},
};

void complete_devices(PropertyTree& hardware) {
  for (const DeviceList& list : kDeviceLists) {
    for (const uint32_t child : hardware.children(list.element)) {
      const std::string path = PropertyTree::child_path(list.element, child) + ".";
      set_if_unset(hardware, path + "DeviceType", uint64_t{list.type});
      if (list.index.empty() || child == 0) continue;
      set_if_unset(hardware, path + std::string(list.index), uint64_t{child});
    }
  }
}

HostFacts to_facts(const faults::HostSpec& spec) {
  HostFacts facts;
  facts.name = spec.name.value_or(facts.name);
  facts.cpu_model = spec.cpu_model.value_or(facts.cpu_model);
  facts.cpu_mhz = static_cast<uint32_t>(spec.cpu_mhz.value_or(facts.cpu_mhz));
  facts.cpus = static_cast<uint32_t>(spec.cpus.value_or(facts.cpus));
  facts.ram_mib = static_cast<uint32_t>(spec.ram_mib.value_or(facts.ram_mib));
  facts.disk_gib = spec.disk_gib.value_or(facts.disk_gib);
  facts.os = spec.os.value_or(facts.os);
  for (const faults::HostUser& user : spec.users) {
    facts.users.push_back({user.name, user.password, user.is_administrator});
  }
  return facts;
}

}  // namespace

void add_settings(PropertyTree& tree, const std::string& prefix, const faults::Settings& settings) {
  for (const faults::Setting& setting : settings) add_setting(tree, prefix, setting);
}

// Trees share their leaves with copies.
sim::Documents to_documents(const faults::HostSpec& spec) {
  static const sim::Documents fresh = fresh_host({});
  if (spec == faults::HostSpec()) return fresh;
  sim::Documents documents = fresh_host(to_facts(spec));
  PropertyTree& hardware = documents[std::string(kHardware)];
  add_settings(hardware, "", spec.settings);
  complete_devices(hardware);
  add_settings(documents[std::string(kPreferences)], "", spec.preferences);
  add_settings(documents[std::string(kUserProfile)], "", spec.user_profile);
  return documents;
}

}  // namespace prl::sdk
