// The VMs of a scenario, with what they consist of: the tables [[vm]] and those below them. Plain
// values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "simulator/guest_spec.h"

namespace prl::faults {

struct Workload {
  enum class Kind : uint8_t { kIdle, kWriter, kRandom, kZipf, kGrowing, kPattern };
  Kind kind = Kind::kIdle;
  uint64_t working_set_mib = 0;  // 0 for kIdle
  uint64_t pages_per_ms = 0;     // 0 for kIdle

  bool operator==(const Workload&) const = default;
};

// Of a guest, or of the host.
struct User {
  std::string name;
  std::string password;

  bool operator==(const User&) const = default;
};

struct HostUser {
  std::string name;
  std::string password;
  bool is_administrator = true;

  bool operator==(const HostUser&) const = default;
};

// One property of a configuration by its path, "Settings.General.VmDescription" or
// "Settings.Startup.BootingOrder.BootDevice[0].Type"; that of a device is below the device. A child
// of a list comes before what is below it, with the value true; a list without any is at its path
// with "[]" and has the value false.
struct Setting {
  std::string path;
  std::variant<bool, uint64_t, int64_t, double, std::string, std::vector<std::string>> value;

  bool operator==(const Setting&) const = default;
};
using Settings = std::vector<Setting>;

// ---- Devices -----------------------------------------------------------------------------------

// What all devices have.
struct Device {
  bool is_connected = true;
  bool is_enabled = true;
  Settings settings;

  bool operator==(const Device&) const = default;
};

enum class DiskInterface : uint8_t { kIde, kScsi, kSata, kNvme };

// The place of a disk or a drive.
struct DeviceSlot {
  DiskInterface interface = DiskInterface::kSata;
  uint64_t number = 0;

  bool operator==(const DeviceSlot&) const = default;
};

struct DiskSpec {
  Device device;
  DeviceSlot slot;
  uint64_t size_mib = 0;
  bool is_plain = false;  // takes all its space from the beginning
  std::string file;
  bool has_image = true;  // the file is there

  bool operator==(const DiskSpec&) const = default;
};

// What a device of the VM leads to on the host.
struct Backing {
  enum class Kind : uint8_t { kFile, kHostDevice, kSocket };
  Kind kind = Kind::kFile;
  std::string name;  // empty: nothing

  bool operator==(const Backing&) const = default;
};

struct OpticalDriveSpec {
  Device device;
  DeviceSlot slot;
  Backing medium;

  bool operator==(const OpticalDriveSpec&) const = default;
};

struct FloppyDriveSpec {
  Device device;
  Backing medium;

  bool operator==(const FloppyDriveSpec&) const = default;
};

struct NetworkAdapterSpec {
  enum class Type : uint8_t { kHostOnly, kShared, kBridged, kDirect, kRouted };
  enum class Card : uint8_t { kRtl, kE1000, kVirtio, kE1000e };
  Device device;
  Type type = Type::kBridged;
  Card card = Card::kVirtio;
  std::optional<std::string> mac;  // twelve capital hexadecimal digits
  std::string network;             // the identity of a virtual network; empty: none is named

  bool operator==(const NetworkAdapterSpec&) const = default;
};

struct SerialPortSpec {
  Device device;
  Backing backing;
  bool is_socket_client = false;

  bool operator==(const SerialPortSpec&) const = default;
};

struct ParallelPortSpec {
  Device device;
  Backing backing;

  bool operator==(const ParallelPortSpec&) const = default;
};

struct Devices {
  std::vector<DiskSpec> disks;
  std::vector<OpticalDriveSpec> optical_drives;
  std::vector<FloppyDriveSpec> floppy_drives;
  std::vector<NetworkAdapterSpec> network_adapters;
  std::vector<SerialPortSpec> serial_ports;
  std::vector<ParallelPortSpec> parallel_ports;
  std::vector<Device> sound_devices;
  std::vector<Device> usb_controllers;

  bool operator==(const Devices&) const = default;
};

// ---- VMs ---------------------------------------------------------------------------------------

enum class VmState : uint8_t { kStopped, kRunning, kPaused, kSuspended };

struct SnapshotSpec {
  std::string name;
  std::optional<std::string> uuid;  // in braces, lower case
  std::string description;
  std::optional<size_t> parent;  // among the snapshots of the VM; none: it grew out of none
  VmState state = VmState::kStopped;  // of the VM when it was taken; a stopped one has no memory

  bool operator==(const SnapshotSpec&) const = default;
};

struct VmSpec {
  using State = VmState;
  enum class Shared : uint8_t { kNo, kToView, kToRun, kInFull };  // with other users
  std::string name;
  std::optional<std::string> uuid;  // in braces, lower case
  std::optional<uint32_t> os;       // the number of the guest system
  std::optional<std::string> owner;  // a user of the host; none: the first
  Shared shared = Shared::kNo;
  uint64_t ram_mib = 1024;
  uint32_t cpus = 2;
  State state = State::kStopped;
  Workload workload;
  bool has_tools = false;
  bool ignores_shutdown = false;
  sim::SleepAnswer asked_to_sleep = sim::SleepAnswer::kPause;
  std::vector<User> users;
  std::vector<sim::GuestProgram> programs;
  Devices devices;
  Settings settings;
  std::vector<SnapshotSpec> snapshots;  // a parent comes before its children
  std::optional<size_t> current;        // the one that the VM stands on; none without snapshots

  bool operator==(const VmSpec&) const = default;
};

}  // namespace prl::faults
