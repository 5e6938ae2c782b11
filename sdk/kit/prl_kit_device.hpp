// The devices that a VM of a scenario has. Part of prl_kit.hpp.
#ifndef PRL_KIT_DEVICE_HPP
#define PRL_KIT_DEVICE_HPP

#include <cstdint>
#include <string>
#include <utility>

#include "prl_kit_toml.hpp"

namespace prl::kit {

// What all devices of a VM have (faults/scenario.md, Devices).
template <class Self>
class Device {
 public:
  // Part of the machine, but not plugged in.
  Self& disconnected() { return set("connected", "false"); }
  Self& disabled() { return set("enabled", "false"); }
  // A property of it by its path, with a value as TOML writes it: "SerialNumber", "\"WD-1\"".
  Self& setting(const std::string& path, const std::string& value) {
    return set("settings." + path, value);
  }
  // Any other key.
  Self& set(const std::string& key, const std::string& value) {
    keys_.set(key, value);
    return static_cast<Self&>(*this);
  }

  std::string toml() const { return "\n[[vm." + table_ + "]]\n" + keys_.lines(); }

 protected:
  explicit Device(std::string table) : table_(std::move(table)) {}
  Self& text(const std::string& key, const std::string& value) { return set(key, quoted(value)); }
  Self& number(const std::string& key, uint64_t value) { return set(key, std::to_string(value)); }

 private:
  std::string table_;
  Keys keys_;
};

class Disk : public Device<Disk> {
 public:
  explicit Disk(uint64_t size_mib) : Device("disk") { number("size_mib", size_mib); }
  Disk& plain() { return text("kind", "plain"); }
  // "ide", "scsi", "sata" or "nvme"; the first slot that is free.
  Disk& on(const std::string& interface) { return text("interface", interface); }
  Disk& on(const std::string& interface, uint64_t slot) {
    return on(interface).number("slot", slot);
  }
  Disk& file(const std::string& name) { return text("file", name); }
  Disk& without_image() { return set("has_image", "false"); }
};

class OpticalDrive : public Device<OpticalDrive> {
 public:
  OpticalDrive() : Device("optical_drive") {}
  OpticalDrive& file(const std::string& image) { return text("file", image); }
  OpticalDrive& host_device(const std::string& name) { return text("host_device", name); }
  OpticalDrive& on(const std::string& interface) { return text("interface", interface); }
  OpticalDrive& on(const std::string& interface, uint64_t slot) {
    return on(interface).number("slot", slot);
  }
};

class FloppyDrive : public Device<FloppyDrive> {
 public:
  FloppyDrive() : Device("floppy_drive") {}
  FloppyDrive& file(const std::string& image) { return text("file", image); }
  FloppyDrive& host_device(const std::string& name) { return text("host_device", name); }
};

class NetworkAdapter : public Device<NetworkAdapter> {
 public:
  // "host_only", "shared", "bridged", "direct" or "routed".
  explicit NetworkAdapter(const std::string& type) : Device("network_adapter") {
    text("type", type);
  }
  NetworkAdapter& mac(const std::string& address) { return text("mac", address); }
  // "rtl", "e1000", "virtio" or "e1000e".
  NetworkAdapter& card(const std::string& card) { return text("card", card); }
  NetworkAdapter& network(const std::string& identity) { return text("network", identity); }
};

class SerialPort : public Device<SerialPort> {
 public:
  SerialPort() : Device("serial_port") {}
  SerialPort& output_file(const std::string& name) { return text("output_file", name); }
  SerialPort& host_device(const std::string& name) { return text("host_device", name); }
  SerialPort& serves(const std::string& socket) { return text("socket", socket); }
  SerialPort& connects_to(const std::string& socket) {
    return text("socket", socket).text("socket_mode", "client");
  }
};

class ParallelPort : public Device<ParallelPort> {
 public:
  ParallelPort() : Device("parallel_port") {}
  ParallelPort& output_file(const std::string& name) { return text("output_file", name); }
  ParallelPort& host_device(const std::string& name) { return text("host_device", name); }
};

class SoundDevice : public Device<SoundDevice> {
 public:
  SoundDevice() : Device("sound_device") {}
};

class UsbController : public Device<UsbController> {
 public:
  UsbController() : Device("usb_controller") {}
};

}  // namespace prl::kit

#endif  // PRL_KIT_DEVICE_HPP
