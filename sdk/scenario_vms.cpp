#include "sdk/scenario_vms.h"

#include <prlsdk/Parallels.h>

#include <string>
#include <utility>

#include "sdk/guest_systems.h"
#include "sdk/mac_address.h"
#include "sdk/scenario_tree.h"

namespace prl::sdk {

namespace {

using sim::PropertyTree;

// Of adapters, by the numbers of the Virtuozzo edition; the other has no name for it.
constexpr uint64_t kRoutedNetwork = 5;

sim::WorkloadKind to_workload_kind(faults::Workload::Kind kind) {
  switch (kind) {
    case faults::Workload::Kind::kIdle:
      return sim::WorkloadKind::kIdle;
    case faults::Workload::Kind::kWriter:
      return sim::WorkloadKind::kSequentialWriter;
    case faults::Workload::Kind::kRandom:
      return sim::WorkloadKind::kRandomWriter;
    case faults::Workload::Kind::kZipf:
      return sim::WorkloadKind::kZipfWriter;
    case faults::Workload::Kind::kGrowing:
      return sim::WorkloadKind::kGrowing;
    case faults::Workload::Kind::kPattern:
      return sim::WorkloadKind::kPattern;
  }
  return sim::WorkloadKind::kIdle;
}

sim::WorkloadSpec to_workload(const faults::Workload& workload) {
  sim::WorkloadSpec spec;
  spec.kind = to_workload_kind(workload.kind);
  if (spec.kind == sim::WorkloadKind::kIdle) return spec;
  spec.working_set_bytes = workload.working_set_mib << 20;
  spec.pages_per_ms = static_cast<uint32_t>(workload.pages_per_ms);
  return spec;
}

sim::State to_state(faults::VmSpec::State state) {
  switch (state) {
    case faults::VmSpec::State::kStopped:
      return sim::State::kStopped;
    case faults::VmSpec::State::kRunning:
      return sim::State::kRunning;
    case faults::VmSpec::State::kPaused:
      return sim::State::kPaused;
    case faults::VmSpec::State::kSuspended:
      return sim::State::kSuspended;
  }
  return sim::State::kStopped;
}

sim::Guest to_guest(const faults::VmSpec& spec) {
  sim::Guest guest{.has_tools = spec.has_tools,
                   .ignores_shutdown = spec.ignores_shutdown,
                   .asked_to_sleep = spec.asked_to_sleep};
  for (const faults::User& user : spec.users) guest.passwords[user.name] = user.password;
  guest.programs = spec.programs;
  return guest;
}

// ---- Configuration -----------------------------------------------------------------------------

// Devices of one list are numbered in their order. Returns the path of the new one, with a dot.
std::string add_device(PropertyTree& tree, std::string_view element, const faults::Device& device) {
  const uint32_t child = tree.add_child(element);
  const std::string path = PropertyTree::child_path(element, child) + ".";
  if (child != 0) tree.set(path + "Index", uint64_t{child});
  if (device.is_enabled) tree.set(path + "Enabled", true);
  if (!device.is_connected) tree.set(path + "Connected", false);
  return path;
}

// Zero is the default, and defaults are not stored.
void put_number(PropertyTree& tree, const std::string& path, uint64_t value) {
  if (value != 0) tree.set(path, value);
}

// The names that both getters of a device's name give.
void put_name(PropertyTree& tree, const std::string& path, const std::string& name) {
  if (name.empty()) return;
  tree.set(path + "SystemName", name);
  tree.set(path + "UserFriendlyName", name);
}

void put_slot(PropertyTree& tree, const std::string& path, const faults::DeviceSlot& slot) {
  using faults::DiskInterface;
  constexpr std::pair<DiskInterface, uint64_t> kInterfaces[] = {
      {DiskInterface::kIde, PMS_IDE_DEVICE},
      {DiskInterface::kScsi, PMS_SCSI_DEVICE},
      {DiskInterface::kSata, PMS_SATA_DEVICE},
      {DiskInterface::kNvme, PMS_NVME_DEVICE}};
  for (const auto& [interface, number] : kInterfaces) {
    if (interface == slot.interface) put_number(tree, path + "InterfaceType", number);
  }
  put_number(tree, path + "StackIndex", slot.number);
}

void put_backing(PropertyTree& tree, const std::string& path, const faults::Backing& backing,
                 uint64_t file_type) {
  using Kind = faults::Backing::Kind;
  if (backing.kind == Kind::kFile) tree.set(path + "EmulatedType", file_type);
  if (backing.kind == Kind::kSocket) {
    tree.set(path + "EmulatedType", uint64_t{PDT_USE_SERIAL_PORT_SOCKET_MODE});
  }
  put_name(tree, path, backing.name);
}

void add_disk(PropertyTree& tree, const faults::DiskSpec& disk) {
  const std::string path = add_device(tree, "Hardware.Hdd", disk.device);
  tree.set(path + "EmulatedType", uint64_t{PDT_USE_IMAGE_FILE});
  tree.set(path + "DiskType",
           uint64_t{disk.is_plain ? PHD_PLAIN_HARD_DISK : PHD_EXPANDING_HARD_DISK});
  tree.set(path + "Size", disk.size_mib);
  put_slot(tree, path, disk.slot);
  put_name(tree, path, disk.file);
  add_settings(tree, path, disk.device.settings);
}

void add_optical_drive(PropertyTree& tree, const faults::OpticalDriveSpec& drive) {
  const std::string path = add_device(tree, "Hardware.CdRom", drive.device);
  put_slot(tree, path, drive.slot);
  put_backing(tree, path, drive.medium, PDT_USE_IMAGE_FILE);
  add_settings(tree, path, drive.device.settings);
}

uint64_t to_emulated_type(faults::NetworkAdapterSpec::Type type) {
  using Type = faults::NetworkAdapterSpec::Type;
  switch (type) {
    case Type::kHostOnly:
      return PDT_USE_HOST_ONLY_NETWORK;
    case Type::kShared:
      return PDT_USE_SHARED_NETWORK;
    case Type::kBridged:
      return PDT_USE_BRIDGE_ETHERNET;
    case Type::kDirect:
      return PDT_USE_DIRECT_ASSIGN;
    case Type::kRouted:
      return kRoutedNetwork;
  }
  return PDT_USE_HOST_ONLY_NETWORK;
}

uint64_t to_adapter_type(faults::NetworkAdapterSpec::Card card) {
  using Card = faults::NetworkAdapterSpec::Card;
  switch (card) {
    case Card::kRtl:
      return PNT_RTL;
    case Card::kE1000:
      return PNT_E1000;
    case Card::kVirtio:
      return PNT_VIRTIO;
    case Card::kE1000e:
      return PNT_E1000E;
  }
  return PNT_UNDEFINED;
}

void add_network_adapter(PropertyTree& tree, const faults::NetworkAdapterSpec& adapter,
                         sim::RandomStream& addresses) {
  const std::string path = add_device(tree, "Hardware.NetworkAdapter", adapter.device);
  put_number(tree, path + "EmulatedType", to_emulated_type(adapter.type));
  tree.set(path + "AdapterType", to_adapter_type(adapter.card));
  if (adapter.mac) tree.set(path + "StaticAddress", true);  // as the setter marks it
  const uint64_t high = addresses.next();
  const uint64_t low = addresses.next();
  tree.set(path + "MAC", adapter.mac.value_or(mac_from(sim::Uuid::from_random(high, low))));
  if (!adapter.network.empty()) tree.set(path + "VirtualNetworkID", adapter.network);
  add_settings(tree, path, adapter.device.settings);
}

void add_ports(PropertyTree& tree, const faults::Devices& devices) {
  for (const faults::SerialPortSpec& port : devices.serial_ports) {
    const std::string path = add_device(tree, "Hardware.Serial", port.device);
    put_backing(tree, path, port.backing, PDT_USE_OUTPUT_FILE);
    if (port.is_socket_client) {
      tree.set(path + "SocketMode", uint64_t{PSP_SERIAL_SOCKET_CLIENT});
    }
    add_settings(tree, path, port.device.settings);
  }
  for (const faults::ParallelPortSpec& port : devices.parallel_ports) {
    const std::string path = add_device(tree, "Hardware.Printer", port.device);
    put_backing(tree, path, port.backing, PDT_USE_OUTPUT_FILE);
    add_settings(tree, path, port.device.settings);
  }
}

PropertyTree to_properties(const faults::VmSpec& spec, uint64_t seed) {
  PropertyTree tree;
  const faults::Devices& devices = spec.devices;
  sim::RandomStream addresses(seed, "mac/" + spec.name);
  if (spec.os) {
    tree.set("Settings.General.OsNumber", uint64_t{*spec.os});
    tree.set("Settings.General.OsType", uint64_t{guest_type(*spec.os)});
  }
  for (const auto& disk : devices.disks) add_disk(tree, disk);
  for (const auto& drive : devices.optical_drives) add_optical_drive(tree, drive);
  for (const auto& drive : devices.floppy_drives) {
    const std::string path = add_device(tree, "Hardware.Fdd", drive.device);
    put_backing(tree, path, drive.medium, PDT_USE_IMAGE_FILE);
    add_settings(tree, path, drive.device.settings);
  }
  for (const auto& adapter : devices.network_adapters) {
    add_network_adapter(tree, adapter, addresses);
  }
  add_ports(tree, devices);
  for (const auto& device : devices.sound_devices) {
    add_settings(tree, add_device(tree, "Hardware.Sound", device), device.settings);
  }
  for (const auto& device : devices.usb_controllers) {
    add_settings(tree, add_device(tree, "Hardware.USB", device), device.settings);
  }
  add_settings(tree, "", spec.settings);
  return tree;
}

std::vector<sim::InitialDisk> to_initial_disks(const std::vector<faults::DiskSpec>& disks) {
  std::vector<sim::InitialDisk> initial;
  for (const faults::DiskSpec& disk : disks) {
    if (!disk.has_image) continue;
    sim::InitialDisk& made = initial.emplace_back();
    made.file = disk.file;
    made.spec.descriptor.sectors = disk.size_mib * sim::kSectorsPerMib;
    if (disk.is_plain) made.spec.type = sim::DiskImageType::kPlain;
  }
  return initial;
}

std::vector<sim::InitialSnapshot> to_snapshots(const std::vector<faults::SnapshotSpec>& specs) {
  using Power = sim::SnapshotPower;
  constexpr std::pair<faults::VmState, Power> kPowers[] = {
      {faults::VmState::kStopped, Power::kOff},
      {faults::VmState::kRunning, Power::kRunning},
      {faults::VmState::kPaused, Power::kPaused},
      {faults::VmState::kSuspended, Power::kSuspended}};
  std::vector<sim::InitialSnapshot> snapshots;
  for (const faults::SnapshotSpec& spec : specs) {
    sim::InitialSnapshot& made = snapshots.emplace_back();
    if (spec.uuid) made.uuid = sim::Uuid::parse(*spec.uuid);
    made.name = spec.name;
    made.description = spec.description;
    made.parent = spec.parent;
    for (const auto& [state, power] : kPowers) {
      if (state == spec.state) made.power = power;
    }
  }
  return snapshots;
}

}  // namespace

sim::InitialVm to_initial_vm(const faults::VmSpec& spec, uint64_t seed) {
  sim::InitialVm vm{.name = spec.name,
                    .ram_mib = static_cast<uint32_t>(spec.ram_mib),
                    .cpu_count = spec.cpus,
                    .properties = to_properties(spec, seed),
                    .disks = to_initial_disks(spec.devices.disks),
                    .snapshots = to_snapshots(spec.snapshots),
                    .current_snapshot = spec.current,
                    .workload = to_workload(spec.workload),
                    .guest = to_guest(spec),
                    .state = to_state(spec.state)};
  if (spec.uuid) vm.uuid = sim::Uuid::parse(*spec.uuid);
  return vm;
}

}  // namespace prl::sdk
