#include "sdk/statistics.h"

#include <prlsdk/Parallels.h>

#include <algorithm>

#include "sdk/host_documents.h"
#include "sdk/node_handle.h"
#include "simulator/vm.h"

namespace prl::sdk {

namespace {

using sim::GuestUse;
using sim::PropertyTree;

constexpr uint64_t kMib = uint64_t{1} << 20;
// A guest asks its disks and its network for so much in a millisecond, busy or not.
constexpr uint64_t kReadsPerSecond = 20;
constexpr uint64_t kWritesPerSecond = 10;
constexpr uint64_t kBytesPerRequest = 4096;
constexpr uint64_t kPacketsPerSecond = 100;
constexpr uint64_t kBytesPerPacket = 600;

void add_cpu(PropertyTree& tree, uint64_t percent, uint64_t seconds) {
  const std::string path = add_below(tree, "Cpus.Cpu");
  put(tree, path + "CpuUsage", percent);
  put(tree, path + "TotalTime", seconds);
  put(tree, path + "UserTime", seconds * percent / 100);
  put(tree, path + "SystemTime", seconds * percent / 400);
}

void put_memory(PropertyTree& tree, uint64_t total, uint64_t used) {
  put(tree, "Memory.Total", total);
  put(tree, "Memory.Usage", used);
  put(tree, "Memory.Free", total - std::min(total, used));
  put(tree, "Memory.Real", used);
}

void add_interface(PropertyTree& tree, const std::string& name, uint64_t packets) {
  const std::string path = add_below(tree, "NetIfaces.NetIface");
  tree.set(path + "SystemName", name);
  put(tree, path + "InPkgsCount", packets);
  put(tree, path + "OutPkgsCount", packets);
  put(tree, path + "InDataSize", packets * kBytesPerPacket);
  put(tree, path + "OutDataSize", packets * kBytesPerPacket);
}

void add_disk(PropertyTree& tree, const std::string& name, uint64_t used, uint64_t free) {
  const std::string path = add_below(tree, "Disks.Disk");
  tree.set(path + "SystemName", name);
  put(tree, path + "UsageDiskSpace", used);
  put(tree, path + "FreeDiskSpace", free);
  const std::string part = add_below(tree, path + "Partitions.Partition");
  tree.set(part + "SystemName", name + "1");
  put(tree, part + "UsageDiskSpace", used);
  put(tree, part + "FreeDiskSpace", free);
}

uint64_t per_second(uint64_t rate, uint64_t milliseconds) { return rate * milliseconds / 1000; }

// A pattern against the beginning of a name.
bool begins_with(std::string_view name, std::string_view pattern) {
  if (pattern.empty()) return true;
  if (pattern[0] == '*') {
    for (size_t i = 0; i <= name.size(); ++i) {
      if (begins_with(name.substr(i), pattern.substr(1))) return true;
    }
    return false;
  }
  if (name.empty()) return false;
  if (pattern[0] == '#') {
    size_t digits = 0;
    while (digits < name.size() && name[digits] >= '0' && name[digits] <= '9') ++digits;
    return digits > 0 && begins_with(name.substr(digits), pattern.substr(1));
  }
  return name[0] == pattern[0] && begins_with(name.substr(1), pattern.substr(1));
}

bool passes_filter(std::string_view name, std::string_view filter) {
  bool has_pattern = false;
  while (!filter.empty()) {
    const size_t end = std::min(filter.find_first_of(" ,"), filter.size());
    const std::string_view pattern = filter.substr(0, end);
    if (!pattern.empty() && begins_with(name, pattern)) return true;
    has_pattern = has_pattern || !pattern.empty();
    filter.remove_prefix(std::min(end + 1, filter.size()));
  }
  return !has_pattern;
}

class CounterList {
 public:
  explicit CounterList(std::string_view filter) : filter_(filter) {}
  void add(const std::string& name, uint64_t value) {
    if (passes_filter(name, filter_)) counters_.emplace_back(name, std::to_string(value));
  }
  Counters take() { return std::move(counters_); }

 private:
  std::string_view filter_;
  Counters counters_;
};

// The disks of a VM under the name of their interface and slot.
void add_disks(CounterList& counters, const PropertyTree& config, uint64_t milliseconds) {
  for (const std::string_view element : {"Hardware.Hdd", "Hardware.CdRom"}) {
    for (const uint32_t child : config.children(element)) {
      const std::string path = PropertyTree::child_path(element, child);
      const uint64_t interface = number_at(config, path + ".InterfaceType", PMS_IDE_DEVICE);
      const char* bus = interface == PMS_IDE_DEVICE    ? "ide"
                        : interface == PMS_SATA_DEVICE ? "sata"
                                                       : "scsi";
      const std::string name =
          "devices." + (bus + std::to_string(number_at(config, path + ".StackIndex", 0))) + ".";
      const uint64_t reads = per_second(kReadsPerSecond, milliseconds);
      const uint64_t writes =
          element == "Hardware.Hdd" ? per_second(kWritesPerSecond, milliseconds) : 0;
      counters.add(name + "read_requests", reads);
      counters.add(name + "read_total", reads * kBytesPerRequest);
      counters.add(name + "write_requests", writes);
      counters.add(name + "write_total", writes * kBytesPerRequest);
    }
  }
}

void add_adapters(CounterList& counters, const PropertyTree& config, uint64_t milliseconds) {
  constexpr std::string_view kElement = "Hardware.NetworkAdapter";
  for (const uint32_t child : config.children(kElement)) {
    const std::string path = PropertyTree::child_path(kElement, child);
    const std::string name =
        "net.nic" + std::to_string(number_at(config, path + ".Index", 0)) + ".";
    const uint64_t packets = per_second(kPacketsPerSecond, milliseconds);
    for (const char* direction : {"in", "out"}) {
      counters.add(name + "bytes_" + direction, packets * kBytesPerPacket);
      counters.add(name + "pkts_" + direction, packets);
    }
  }
}

// Sums over all VMs.
struct Load {
  uint64_t memory_bytes = 0;
  uint64_t busy_percent = 0;  // of one processor
  uint64_t guest_ms = 0;
};

Load load_of(const sim::HostStep& step) {
  Load load;
  step.vms.for_each([&](sim::Vm& vm) {
    const GuestUse use = vm.use();
    load.memory_bytes += use.memory_bytes;
    load.busy_percent += uint64_t{use.cpu_percent} * vm.config().cpu_count;
    load.guest_ms += use.steps_ms;
  });
  return load;
}

}  // namespace

PropertyTree host_statistics(const sim::HostStep& step) {
  const PropertyTree& hardware = step.host.document(kHardware);
  const uint64_t cpus = number_at(hardware, "Cpu.Number", 1);
  const uint64_t ram = number_at(hardware, "MemorySettings.HostRamSize", 0) * kMib;
  const uint64_t seconds = step.now_ms / 1000;
  const Load load = load_of(step);
  PropertyTree tree;
  const uint64_t percent = std::min<uint64_t>(100, load.busy_percent / cpus);
  for (uint64_t i = 0; i < cpus; ++i) add_cpu(tree, percent, seconds);
  put_memory(tree, ram, ram / 8 + load.memory_bytes);
  put(tree, "Swap.Total", ram);
  put(tree, "Swap.Free", ram);
  put(tree, "Uptime.Os", seconds);
  put(tree, "Uptime.Dispatcher", seconds);
  add_disk(tree, "/dev/sda", uint64_t{256} << 30, uint64_t{256} << 30);
  add_interface(tree, "eth0", per_second(kPacketsPerSecond, load.guest_ms));
  add_interface(tree, "eth1", 0);
  uint64_t process = 1000;
  step.vms.for_each([&](sim::Vm& vm) {
    const GuestUse use = vm.use();
    if (!use.is_live) return;
    const std::string path = add_below(tree, "Processes.Process");
    tree.set(path + "CommandName", "prl_vm_app " + vm.config().name);
    tree.set(path + "OwnerUserName", std::string("root"));
    put(tree, path + "Id", ++process);
    put(tree, path + "CpuUsage", use.cpu_percent);
    put(tree, path + "RealMemUsage", use.memory_bytes);
    put(tree, path + "TotalMemUsage", use.memory_bytes);
    put(tree, path + "VirtMemUsage", uint64_t{vm.config().ram_mib} * kMib);
    put(tree, path + "TotalTime", use.steps_ms / 1000);
    put(tree, path + "UserTime", use.steps_ms / 1000 * use.cpu_percent / 100);
  });
  for (size_t i = 0; i < step.sessions.size(); ++i) {
    const std::string path = add_below(tree, "Users.User");
    tree.set(path + "UserName", std::string("root"));
    tree.set(path + "ServiceName", std::string("prl_disp_service"));
    tree.set(path + "HostName", std::string("127.0.0.1"));
  }
  return tree;
}

PropertyTree vm_statistics(const sim::HostStep& step, sim::Vm& vm) {
  const sim::VmConfig& config = vm.config();
  const GuestUse use = vm.use();
  PropertyTree tree;
  for (uint32_t i = 0; i < config.cpu_count; ++i) {
    add_cpu(tree, use.cpu_percent, use.steps_ms / 1000);
  }
  put_memory(tree, uint64_t{config.ram_mib} * kMib, use.memory_bytes);
  put(tree, "Uptime.Os", use.steps_ms / 1000);
  put(tree, "Uptime.Dispatcher", step.now_ms / 1000);
  constexpr std::string_view kDisks = "Hardware.Hdd";
  for (const uint32_t child : config.properties.children(kDisks)) {
    const std::string path = PropertyTree::child_path(kDisks, child);
    const auto* name = std::get_if<std::string>(config.properties.find(path + ".SystemName"));
    add_disk(tree, name ? *name : "disk" + std::to_string(child),
             0, number_at(config.properties, path + ".Size", 0) * kMib);
  }
  for (size_t i = 0; i < config.properties.children("Hardware.NetworkAdapter").size(); ++i) {
    add_interface(tree, "eth" + std::to_string(i), per_second(kPacketsPerSecond, use.steps_ms));
  }
  const auto image = step.storage.file_size(vm.image_path());
  if (image) {
    put(tree, "VmData.Segment" + std::to_string(PDSS_VM_SUSPEND_SPACE), *image);
    put(tree, "VmData.Segment" + std::to_string(PDSS_VM_FULL_SPACE), *image);
  }
  return tree;
}

Counters host_counters(const sim::HostStep& step, std::string_view filter) {
  CounterList counters(filter);
  const Load load = load_of(step);
  counters.add("host.cpu.time", load.guest_ms * 1'000'000);
  counters.add("host.ram.usage", load.memory_bytes / kMib);
  return counters.take();
}

Counters vm_counters(sim::Vm& vm, std::string_view filter) {
  CounterList counters(filter);
  const GuestUse use = vm.use();
  if (!use.is_live) return {};
  // Nanoseconds, as clients of libvirt expect them.
  const uint64_t busy_ns = use.steps_ms * use.cpu_percent * 10'000;
  for (uint32_t i = 0; i < vm.config().cpu_count; ++i) {
    counters.add("guest.vcpu" + std::to_string(i) + ".time", busy_ns);
  }
  counters.add("guest.cpu.usage", use.cpu_percent);
  counters.add("guest.cpu.time", busy_ns * vm.config().cpu_count);
  counters.add("guest.ram.total", vm.config().ram_mib);
  counters.add("guest.ram.usage", use.memory_bytes / kMib);
  counters.add("guest.ram.balloon_actual", vm.config().ram_mib);
  for (const char* name : {"available", "cached", "swap_in", "swap_out", "minor_fault",
                           "major_fault"}) {
    const bool is_free = name == std::string_view("available");
    counters.add(std::string("guest.ram.") + name,
                 is_free ? vm.config().ram_mib - use.memory_bytes / kMib : 0);
  }
  add_disks(counters, vm.config().properties, use.steps_ms);
  add_adapters(counters, vm.config().properties, use.steps_ms);
  return counters.take();
}

}  // namespace prl::sdk
