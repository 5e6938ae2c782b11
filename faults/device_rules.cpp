#include "faults/device_rules.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <set>
#include <utility>

#include "faults/settings_rules.h"

namespace prl::faults {
namespace {

constexpr uint64_t kMaxDiskMib = uint64_t{1} << 24;  // 16 TiB, as much as a virtual disk can have
constexpr uint64_t kDefaultDiskMib = 65'536;
constexpr uint64_t kMaxSlot = 15;  // of the interfaces that have most

struct Slots {
  std::string_view interface;
  uint64_t count;
};
constexpr std::array kSlots = {Slots{"ide", 4}, Slots{"scsi", 16}, Slots{"sata", 6},
                               Slots{"nvme", 16}};

// As many as a VM can have (config-model 7).
constexpr size_t kMaxFloppyDrives = 2;
constexpr size_t kMaxNetworkAdapters = 16;
constexpr size_t kMaxSerialPorts = 4;
constexpr size_t kMaxParallelPorts = 3;

// The tables of one kind of device, of which there may be so many.
std::vector<TableReader> device_tables(TableReader& vm, std::string_view key, size_t most) {
  std::vector<TableReader> tables = vm.tables(key);
  if (tables.size() > most) {
    tables[most].fail_here("a VM can have no more than " + std::to_string(most) + " tables [[vm." +
                           std::string(key) + "]]");
  }
  return tables;
}

// Reads what all devices have; the other keys of the table are these.
Device read_device(TableReader& table, std::string_view element,
                   std::initializer_list<std::string_view> others, const ApiNames& names) {
  std::vector<std::string_view> keys(others);
  keys.insert(keys.end(), {"connected", "enabled", "settings"});
  table.allow_only(keys);
  Device device;
  device.is_connected = table.boolean("connected").value_or(true);
  device.is_enabled = table.boolean("enabled").value_or(true);
  device.settings = read_settings(table, element, names);
  return device;
}

// What a device leads to: at most one of the keys may be there, of which the first is a file.
Backing read_backing(TableReader& table,
                     std::initializer_list<std::pair<std::string_view, Backing::Kind>> keys,
                     std::string fallback) {
  Backing backing{.kind = keys.begin()->second, .name = std::move(fallback)};
  std::string_view found;
  for (const auto& [key, kind] : keys) {
    auto name = table.text_not_empty(key);
    if (!name) continue;
    if (!found.empty()) table.fail(key, quoted(key) + " has no meaning beside " + quoted(found));
    found = key;
    backing = {.kind = kind, .name = std::move(*name)};
  }
  return backing;
}

// ---- Slots -------------------------------------------------------------------------------------

// Gives disks and drives their slots: first those that the file names, then what is free.
class SlotPlan {
 public:
  void add(TableReader& table, DeviceSlot& slot) {
    constexpr std::array<std::string_view, 4> kWords = {kSlots[0].interface, kSlots[1].interface,
                                                        kSlots[2].interface, kSlots[3].interface};
    const auto interface = table.choice("interface", kWords);
    if (interface) slot.interface = static_cast<DiskInterface>(*interface);
    const auto number = table.integer("slot", 0, kMaxSlot);
    if (!number) return open_.push_back({&table, &slot});
    slot.number = *number;
    const Slots& slots = of(slot);
    if (*number >= slots.count) {
      table.fail("slot", "'slot' in " + table.where() + " is " + std::to_string(*number) +
                             ", but " + quoted(slots.interface) + " has slots from 0 to " +
                             std::to_string(slots.count - 1));
    } else if (!taken_[slot.interface].insert(*number).second) {
      table.fail("slot", "a second device at slot " + std::to_string(*number) + " of " +
                             quoted(slots.interface));
    }
  }

  void fill() {
    for (const auto& [table, slot] : open_) {
      std::set<uint64_t>& taken = taken_[slot->interface];
      slot->number = 0;
      while (taken.contains(slot->number)) ++slot->number;
      taken.insert(slot->number);
      if (slot->number < of(*slot).count) continue;
      table->fail_here("no slot of " + quoted(of(*slot).interface) + " is left for this " +
                       table->where());
    }
  }

 private:
  static const Slots& of(const DeviceSlot& slot) {
    return kSlots[static_cast<size_t>(slot.interface)];
  }

  std::vector<std::pair<TableReader*, DeviceSlot*>> open_;
  std::map<DiskInterface, std::set<uint64_t>> taken_;
};

// ---- Kinds of devices --------------------------------------------------------------------------

DiskSpec read_disk(TableReader& table, size_t index, std::set<std::string>& files,
                   const ApiNames& names) {
  DiskSpec disk;
  disk.device = read_device(table, "Hardware.Hdd[]",
                            {"size_mib", "kind", "interface", "slot", "file", "has_image"}, names);
  disk.size_mib = table.integer("size_mib", 1, kMaxDiskMib).value_or(kDefaultDiskMib);
  disk.is_plain = table.choice("kind", {"expanding", "plain"}).value_or(0) == 1;
  disk.has_image = table.boolean("has_image").value_or(true);
  const std::string number = index == 0 ? "" : std::to_string(index + 1);
  const auto file = table.text_not_empty("file");
  disk.file = file.value_or("harddisk" + number + ".hdd");
  if (!files.insert(disk.file).second) {
    const std::string second = "a second disk with the file " + quoted(disk.file);
    file ? table.fail("file", second) : table.fail_here(second);
  }
  return disk;
}

OpticalDriveSpec read_optical_drive(TableReader& table, const ApiNames& names) {
  OpticalDriveSpec drive;
  drive.device =
      read_device(table, "Hardware.CdRom[]", {"file", "host_device", "interface", "slot"}, names);
  drive.medium = read_backing(
      table, {{"file", Backing::Kind::kFile}, {"host_device", Backing::Kind::kHostDevice}}, "");
  return drive;
}

FloppyDriveSpec read_floppy_drive(TableReader& table, const ApiNames& names) {
  FloppyDriveSpec drive;
  drive.device = read_device(table, "Hardware.Fdd[]", {"file", "host_device"}, names);
  drive.medium = read_backing(
      table, {{"file", Backing::Kind::kFile}, {"host_device", Backing::Kind::kHostDevice}}, "");
  return drive;
}

// Twelve hexadecimal digits as the API takes them, with or without marks in between; empty for
// anything else.
std::string normal_mac(std::string_view text) {
  std::string mac;
  for (const char letter : text) {
    const auto code = static_cast<unsigned char>(letter);
    if (letter == ':' || letter == '-' || letter == '.') continue;
    if (!std::isxdigit(code)) return {};
    mac += static_cast<char>(std::toupper(code));
  }
  return mac.size() == 12 ? mac : std::string();
}

NetworkAdapterSpec read_network_adapter(TableReader& table, std::set<std::string>& macs,
                                        const ApiNames& names) {
  NetworkAdapterSpec adapter;
  adapter.device =
      read_device(table, "Hardware.NetworkAdapter[]", {"type", "card", "mac", "network"}, names);
  const auto type = table.choice("type", {"host_only", "shared", "bridged", "direct", "routed"});
  if (type) adapter.type = static_cast<NetworkAdapterSpec::Type>(*type);
  const auto card = table.choice("card", {"rtl", "e1000", "virtio", "e1000e"});
  if (card) adapter.card = static_cast<NetworkAdapterSpec::Card>(*card);
  adapter.network = table.text("network").value_or("");
  if (const auto text = table.text("mac")) {
    adapter.mac = normal_mac(*text);
    if (adapter.mac->empty()) {
      table.fail("mac", "'mac' in " + table.where() + " is " + quoted(*text) +
                            ", not like '00:1c:42:a0:b1:c2'");
    } else if (!macs.insert(*adapter.mac).second) {
      table.fail("mac", "a second adapter with the address " + quoted(*adapter.mac));
    }
  }
  return adapter;
}

SerialPortSpec read_serial_port(TableReader& table, const ApiNames& names) {
  SerialPortSpec port;
  port.device = read_device(table, "Hardware.Serial[]",
                            {"output_file", "host_device", "socket", "socket_mode"}, names);
  port.backing = read_backing(table,
                              {{"output_file", Backing::Kind::kFile},
                               {"host_device", Backing::Kind::kHostDevice},
                               {"socket", Backing::Kind::kSocket}},
                              "serial.txt");
  if (port.backing.kind != Backing::Kind::kSocket) {
    table.forbid("socket_mode", "belongs to 'socket'");
  }
  port.is_socket_client = table.choice("socket_mode", {"server", "client"}).value_or(0) == 1;
  return port;
}

ParallelPortSpec read_parallel_port(TableReader& table, const ApiNames& names) {
  ParallelPortSpec port;
  port.device = read_device(table, "Hardware.Printer[]", {"output_file", "host_device"}, names);
  port.backing = read_backing(
      table, {{"output_file", Backing::Kind::kFile}, {"host_device", Backing::Kind::kHostDevice}},
      "parallel.txt");
  return port;
}

void read_disks_and_drives(TableReader& vm, Devices& devices, const ApiNames& names) {
  std::vector<TableReader> disks = vm.tables("disk");
  std::vector<TableReader> drives = vm.tables("optical_drive");
  std::set<std::string> files;
  for (TableReader& table : disks) {
    devices.disks.push_back(read_disk(table, devices.disks.size(), files, names));
  }
  for (TableReader& table : drives) {
    devices.optical_drives.push_back(read_optical_drive(table, names));
  }
  SlotPlan plan;
  for (size_t i = 0; i < disks.size(); ++i) plan.add(disks[i], devices.disks[i].slot);
  for (size_t i = 0; i < drives.size(); ++i) plan.add(drives[i], devices.optical_drives[i].slot);
  plan.fill();
}

}  // namespace

Devices read_devices(TableReader& vm, const ApiNames& names) {
  Devices devices;
  read_disks_and_drives(vm, devices, names);
  for (TableReader& table : device_tables(vm, "floppy_drive", kMaxFloppyDrives)) {
    devices.floppy_drives.push_back(read_floppy_drive(table, names));
  }
  std::set<std::string> macs;
  for (TableReader& table : device_tables(vm, "network_adapter", kMaxNetworkAdapters)) {
    devices.network_adapters.push_back(read_network_adapter(table, macs, names));
  }
  for (TableReader& table : device_tables(vm, "serial_port", kMaxSerialPorts)) {
    devices.serial_ports.push_back(read_serial_port(table, names));
  }
  for (TableReader& table : device_tables(vm, "parallel_port", kMaxParallelPorts)) {
    devices.parallel_ports.push_back(read_parallel_port(table, names));
  }
  for (TableReader& table : device_tables(vm, "sound_device", 1)) {
    devices.sound_devices.push_back(read_device(table, "Hardware.Sound[]", {}, names));
  }
  for (TableReader& table : device_tables(vm, "usb_controller", 1)) {
    devices.usb_controllers.push_back(read_device(table, "Hardware.USB[]", {}, names));
  }
  return devices;
}

}  // namespace prl::faults
