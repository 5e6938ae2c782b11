#include "simulator/config_problems.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <map>
#include <set>
#include <string_view>

#include "simulator/config_rules.h"
#include "simulator/net_address.h"
#include "simulator/ram.h"

namespace prl::sim {

namespace {

// Numbers of the API that configurations hold (config-model 5, 6, 7).
constexpr uint64_t kImageFile = 1, kOutputFile = 2;  // EmulatedType
constexpr uint64_t kRoutedNetwork = 5;               // EmulatedType of an adapter in profile V
constexpr uint64_t kIde = 0, kScsi = 1, kSata = 2, kVirtioOrNvme = 3;  // InterfaceType
constexpr uint64_t kManualDisplay = 2;                                 // RemoteDisplay.Mode
constexpr uint32_t kWindows = 8, kWindows2008 = 0x080A, kWindowsOther = 0x08FF;
constexpr uint32_t kFirstGuestType = 7, kLastGuestType = 16, kOtherGuestType = 255;

constexpr size_t kNameLettersMax = 40;
constexpr uint32_t kCpusMax = 256;
constexpr uint32_t kRamMibMin = 4;
constexpr uint32_t kRamMibMax = kMaxRamBytes >> 20;
constexpr uint64_t kVideoMibMin = 2, kVideoMibMax = 1024;
constexpr uint64_t kDeviceIndexMax = 1024;
constexpr uint64_t kPortMax = 65535;
constexpr size_t kDisplayPasswordMax = 8;
constexpr size_t kSerialNumberMax = 20;

struct DeviceType {
  std::string_view element;
  uint64_t boot_type;  // the number of the type in the order of boot; 0: nothing boots from it
};
constexpr std::array kDeviceTypes = {
    DeviceType{"Hardware.Fdd", 3},     DeviceType{"Hardware.Hdd", 6},
    DeviceType{"Hardware.CdRom", 5},   DeviceType{"Hardware.Serial", 0},
    DeviceType{"Hardware.Printer", 0}, DeviceType{"Hardware.USB", 15},
    DeviceType{"Hardware.NetworkAdapter", 8}, DeviceType{"Hardware.Sound", 0},
    DeviceType{"Hardware.GenericPciDevice", 0}, DeviceType{"Hardware.GenericScsiDevice", 0},
    DeviceType{"Hardware.PciVideoAdapter", 0},
};

// Letters as a reader counts them.
size_t letters_in(std::string_view text) {
  return static_cast<size_t>(std::ranges::count_if(
      text, [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0) != 0x80; }));
}

bool is_url(std::string_view name) { return name.find("://") != name.npos; }

bool has_bad_file_symbol(std::string_view name) {
  return name.find_first_of("*?\"<>|") != name.npos;
}

bool is_mac(std::string_view text) {
  return text.size() == 12 &&
         std::ranges::all_of(text, [](unsigned char digit) { return std::isxdigit(digit) != 0; });
}

bool is_serial_number(std::string_view text) {
  return text.size() <= kSerialNumberMax && std::ranges::all_of(text, [](unsigned char letter) {
           return std::isalnum(letter) != 0 || letter == '-' || letter == '_';
         });
}

bool is_domain(std::string_view text) {
  if (text.empty() || text.size() > 255 || text.front() == '.' || text.front() == '-') return false;
  return std::ranges::all_of(text, [](unsigned char letter) {
    return std::isalnum(letter) != 0 || letter == '-' || letter == '.' || letter == '_';
  });
}

// ---- Number ranges ---------------------------------------------------------------------------

std::optional<uint32_t> parse_number(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_whole = error == std::errc() && end == text.data() + text.size();
  return is_whole ? std::optional(number) : std::nullopt;
}

// The highest number of "0-3, 7"; nothing where that is no such list.
std::optional<uint32_t> highest_in(std::string_view ranges) {
  uint32_t highest = 0;
  while (true) {
    const size_t comma = ranges.find(',');
    const std::string_view item = ranges.substr(0, comma);
    const size_t dash = item.find('-');
    const auto first = parse_number(item.substr(0, dash));
    const auto last = dash == item.npos ? first : parse_number(item.substr(dash + 1));
    if (!first || !last || *last < *first) return std::nullopt;
    highest = std::max(highest, *last);
    if (comma == ranges.npos) return highest;
    ranges.remove_prefix(comma + 1);
  }
}

// ---- Reading a configuration -----------------------------------------------------------------

uint64_t number_at(const PropertyTree& tree, const std::string& path, uint64_t fallback) {
  const PropertyValue* value = tree.find(path);
  if (!value) return fallback;
  if (const auto* number = std::get_if<uint64_t>(value)) return *number;
  if (const auto* number = std::get_if<int64_t>(value)) return static_cast<uint64_t>(*number);
  if (const auto* flag = std::get_if<bool>(value)) return *flag ? 1 : 0;
  return fallback;
}

std::string text_at(const PropertyTree& tree, const std::string& path) {
  const auto* text = std::get_if<std::string>(tree.find(path));
  return text ? *text : std::string();
}

StringItems texts_at(const PropertyTree& tree, const std::string& path) {
  const PropertyValue* value = tree.find(path);
  const auto* texts = value ? std::get_if<StringItems>(value) : nullptr;
  return texts ? *texts : StringItems();
}

struct Device {
  const PropertyTree& tree;
  std::string path;  // ends in a dot

  uint64_t number(std::string_view leaf, uint64_t fallback) const {
    return number_at(tree, path + std::string(leaf), fallback);
  }
  std::string text(std::string_view leaf) const { return text_at(tree, path + std::string(leaf)); }
  StringItems texts(std::string_view leaf) const {
    return texts_at(tree, path + std::string(leaf));
  }
  uint32_t index() const { return static_cast<uint32_t>(number("Index", 0)); }
  // A new device is not enabled until the client says so (config-model 7).
  bool is_enabled() const { return number("Enabled", 0) != 0; }
  bool is_connected() const { return number("Connected", 1) != 0; }
  std::string name() const {
    std::string name = text("SystemName");
    return name.empty() ? text("UserFriendlyName") : name;
  }
};

std::vector<Device> devices_of(const PropertyTree& tree, std::string_view element) {
  std::vector<Device> devices;
  for (const uint32_t child : tree.children(element)) {
    devices.push_back({tree, PropertyTree::child_path(element, child) + "."});
  }
  return devices;
}

// ---- The checks ------------------------------------------------------------------------------

class Checker {
 public:
  Checker(const VmConfig& config, const ConfigSetting& setting)
      : config_(config), tree_(config.properties), setting_(setting) {}

  void check(ConfigSection section);
  std::vector<ConfigProblem> take() { return std::move(problems_); }

 private:
  bool is_virtuozzo() const { return setting_.profile == Profile::kVirtuozzo; }
  uint64_t number(const char* path, uint64_t fallback) const {
    return number_at(tree_, path, fallback);
  }
  uint32_t guest() const { return static_cast<uint32_t>(number("Settings.General.OsNumber", 0)); }

  void add(ProblemKind kind, bool is_critical, std::vector<std::string> parameters = {}) {
    problems_.push_back({kind, is_critical, std::move(parameters), {}});
  }
  void add(ProblemKind kind, bool is_critical, const Device& device,
           std::vector<std::string> parameters) {
    problems_.push_back({kind, is_critical, std::move(parameters), device.index()});
  }

  void check_general();
  void check_boot();
  void check_remote_display();
  void check_shared_folders();
  void check_cpu();
  void check_numa(uint64_t sockets);
  void check_memory();
  void check_video();
  void check_floppies();
  void check_opticals();
  void check_disks();
  void check_adapters();
  void check_addresses(const Device& adapter, std::set<std::string>& seen);
  void check_gateway(const Device& adapter, const std::vector<NetAddress>& addresses);
  void check_ports(std::string_view element, ProblemKind empty, ProblemKind url,
                   ProblemKind symbol);
  void check_indexes(std::string_view element);
  void check_present(std::string_view element);
  void check_interface(uint64_t interface, ProblemKind taken);
  void check_interface(uint64_t interface, ProblemKind taken, uint32_t most, ProblemKind too_many);
  std::vector<Device> on_interface(uint64_t interface) const;
  bool is_missing(const std::string& name) const {
    return setting_.file_exists && !setting_.file_exists(name);
  }

  const VmConfig& config_;
  const PropertyTree& tree_;
  const ConfigSetting& setting_;
  std::vector<ConfigProblem> problems_;
};

void Checker::check_general() {
  const std::string& name = config_.name;
  if (name.empty()) add(ProblemKind::kNameEmpty, false);
  if (is_virtuozzo() && letters_in(name) > kNameLettersMax) {
    add(ProblemKind::kNameTooLong, true, {std::to_string(kNameLettersMax)});
  }
  if (name.find_first_of("\\/:*?\"<>|%") != name.npos) {
    add(ProblemKind::kNameHasBadSymbol, true, {name});
  }
  const uint32_t type = guest() >> 8;
  const bool is_known_type =
      (type >= kFirstGuestType && type <= kLastGuestType) || type == kOtherGuestType;
  if (guest() != 0 && !is_known_type) {
    add(ProblemKind::kGuestTypeUnknown, false);
  } else if (guest() != 0 && setting_.knows_guest && !setting_.knows_guest(guest())) {
    add(ProblemKind::kGuestVersionUnknown, false);
  }
  if (is_virtuozzo() && number("Settings.Runtime.UndoDisks", 0) != 0) {
    add(ProblemKind::kUndoDisks, false);
  }
  const bool is_old_windows =
      type == kWindows && guest() < kWindows2008 && guest() != kWindowsOther;
  if (is_virtuozzo() && is_old_windows && number("Settings.Startup.Bios.EfiEnabled", 0) != 0) {
    add(ProblemKind::kEfiGuestUnsupported, true);
  }
}

void Checker::check_boot() {
  std::set<std::pair<uint64_t, uint32_t>> seen;
  for (const Device& entry : devices_of(tree_, "Settings.Startup.BootingOrder.BootDevice")) {
    if (entry.number("InUse", 0) == 0) continue;
    const uint64_t type = entry.number("Type", 6);
    const auto known = std::ranges::find(kDeviceTypes, type, &DeviceType::boot_type);
    if (type == 0 || known == kDeviceTypes.end()) {
      add(ProblemKind::kBootTypeBad, false, entry, {std::to_string(type)});
      continue;
    }
    if (!seen.emplace(type, entry.index()).second) {
      add(ProblemKind::kBootDeviceTwice, false, entry, {std::to_string(type)});
    }
    const auto devices = devices_of(tree_, known->element);
    if (std::ranges::find(devices, entry.index(), &Device::index) == devices.end()) {
      add(ProblemKind::kBootDeviceMissing, false, entry, {std::to_string(type)});
    }
  }
}

void Checker::check_remote_display() {
  const uint64_t mode = number("Settings.RemoteDisplay.Mode", 0);
  if (mode == 0) return;
  const uint64_t port = number("Settings.RemoteDisplay.PortNumber", 6500);
  if (mode == kManualDisplay && (port < setting_.first_display_port || port > kPortMax)) {
    add(ProblemKind::kDisplayPortBad, true,
        {std::to_string(setting_.first_display_port), std::to_string(kPortMax)});
  }
  const std::string host = text_at(tree_, "Settings.RemoteDisplay.HostName");
  if (!host.empty() && !is_ip_address(host)) add(ProblemKind::kDisplayHostBad, false, {host});
  const std::string password = text_at(tree_, "Settings.RemoteDisplay.Password");
  if (password.empty()) add(ProblemKind::kDisplayPasswordEmpty, false);
  if (letters_in(password) > kDisplayPasswordMax) {
    add(ProblemKind::kDisplayPasswordTooLong, false, {std::to_string(kDisplayPasswordMax)});
  }
}

void Checker::check_shared_folders() {
  std::set<std::string> names, paths;
  for (const Device& share :
       devices_of(tree_, "Settings.Tools.SharedFolders.HostSharing.SharedFolder")) {
    if (share.number("Enabled", 1) == 0) continue;
    const std::string name = share.text("Name");
    const std::string path = share.text("Path");
    if (name.empty()) {
      add(ProblemKind::kShareNameEmpty, false, {path});
    } else if (!names.insert(name).second) {
      add(ProblemKind::kShareNameTaken, false, {name});
    }
    if (!path.starts_with('/')) {
      add(ProblemKind::kSharePathBad, false, {name, path});
    } else if (!paths.insert(path).second) {
      add(ProblemKind::kSharePathTaken, false, {name, path});
    }
  }
}

void Checker::check_cpu() {
  const uint64_t sockets = number("Hardware.Cpu.Sockets", 1);
  const uint64_t cpus = config_.cpu_count * sockets;
  if (cpus == 0) add(ProblemKind::kCpuCountIsZero, true);
  const uint64_t most = std::min(kCpusMax, setting_.host_cpus);
  if (cpus > most) {
    add(ProblemKind::kTooManyCpus, true, {std::to_string(cpus), std::to_string(most)});
  }
  if (cpus > setting_.host_cpus && !is_template(config_)) {
    add(ProblemKind::kMoreCpusThanHost, true,
        {std::to_string(cpus), std::to_string(setting_.host_cpus)});
  }
  const std::string mask = text_at(tree_, "Hardware.Cpu.CpuMask");
  if (!mask.empty()) {
    const auto highest = highest_in(mask);
    if (!highest) add(ProblemKind::kCpuMaskBad, false, {mask});
    if (highest && *highest >= setting_.host_cpus) {
      add(ProblemKind::kCpuMaskBeyondHost, true, {mask, std::to_string(setting_.host_cpus)});
    }
  }
  if (!is_virtuozzo()) return;
  const std::string nodes = text_at(tree_, "Hardware.Cpu.NodeMask");
  if (!nodes.empty() && !highest_in(nodes)) add(ProblemKind::kNodeMaskBad, false, {nodes});
  check_numa(sockets);
}

// Profile V only: desktop has no numbers for these.
void Checker::check_numa(uint64_t sockets) {
  const uint64_t nodes = number("Hardware.Cpu.NumaNodes", 0);
  if (nodes < 2) return;
  if (number("Hardware.Cpu.EnableHotplug", 0) != 0) add(ProblemKind::kNumaWithCpuHotplug, true);
  if (number("Hardware.Memory.EnableHotplug", 0) != 0) {
    add(ProblemKind::kNumaWithMemoryHotplug, true);
  }
  if ((nodes & (nodes - 1)) != 0) {
    add(ProblemKind::kNumaCountUnsupported, true, {std::to_string(nodes)});
  } else if (sockets % nodes != 0) {
    add(ProblemKind::kNumaSocketsUneven, true, {std::to_string(nodes), std::to_string(sockets)});
  }
}

void Checker::check_memory() {
  const uint32_t ram = config_.ram_mib;
  if (ram == 0) {
    add(ProblemKind::kRamIsZero, true);
  } else if (ram < kRamMibMin || ram > kRamMibMax) {
    add(ProblemKind::kRamOutOfRange, true,
        {std::to_string(kRamMibMin), std::to_string(kRamMibMax)});
  } else if (ram % 4 != 0) {
    add(ProblemKind::kRamNotOfFour, true, {std::to_string(ram)});
  } else if (ram > setting_.recommended_ram_mib) {
    add(ProblemKind::kRamNotRecommended, false,
        {std::to_string(ram), std::to_string(setting_.recommended_ram_mib)});
  }
  constexpr uint64_t kPercents = 1;
  if (number("Hardware.Memory.MemGuaranteeType", 0) == kPercents &&
      number("Hardware.Memory.MemGuarantee", 0) > 100) {
    add(ProblemKind::kMemoryGuaranteeBad, true);
  }
  if (number("Hardware.Memory.MaxBalloonSize", 70) > 100) add(ProblemKind::kBalloonTooLarge, true);
  const uint64_t priority = number("Hardware.Memory.HostMemQuotaPriority", 50);
  if (priority == 0) add(ProblemKind::kQuotaPriorityZero, true);
  if (priority > 100) add(ProblemKind::kQuotaPriorityTooLarge, true);
  const uint64_t quota = number("Hardware.Memory.HostMemQuotaMax", UINT32_MAX);
  if (number("Hardware.Memory.HostMemQuotaMin", 0) > quota) add(ProblemKind::kQuotaRangeBad, true);
}

void Checker::check_video() {
  const uint64_t video = number("Hardware.Video.VideoMemorySize", 16);
  if (video < kVideoMibMin || video > kVideoMibMax) {
    add(ProblemKind::kVideoOutOfRange, true,
        {std::to_string(kVideoMibMin), std::to_string(kVideoMibMax)});
  }
}

void Checker::check_indexes(std::string_view element) {
  std::set<uint64_t> seen;
  for (const Device& device : devices_of(tree_, element)) {
    const uint64_t index = device.number("Index", 0);
    if (index > kDeviceIndexMax || !seen.insert(index).second) {
      add(ProblemKind::kDeviceIndexBad, true, device, {std::to_string(index)});
    }
  }
}

void Checker::check_present(std::string_view element) {
  if (!is_virtuozzo()) return;
  for (const Device& device : devices_of(tree_, element)) {
    add(ProblemKind::kDeviceUnsupported, true, device, {});
  }
}

void Checker::check_floppies() {
  check_indexes("Hardware.Fdd");
  for (const Device& floppy : devices_of(tree_, "Hardware.Fdd")) {
    if (!floppy.is_enabled()) continue;
    const std::string name = floppy.name();
    if (name.empty()) {
      add(ProblemKind::kFloppyNameEmpty, false, floppy, {});
    } else if (is_url(name)) {
      add(ProblemKind::kFloppyNameIsUrl, false, floppy, {name});
    } else if (has_bad_file_symbol(name)) {
      add(ProblemKind::kFloppyNameHasBadSymbol, false, floppy, {name});
    } else if (floppy.number("EmulatedType", 0) == kImageFile && is_missing(name)) {
      add(ProblemKind::kFloppyImageMissing, false, floppy, {name});
    }
  }
}

// A drive for images without one is empty, as that of a fresh VM is.
void Checker::check_opticals() {
  check_indexes("Hardware.CdRom");
  for (const Device& drive : devices_of(tree_, "Hardware.CdRom")) {
    if (!drive.is_enabled()) continue;
    const std::string name = drive.name();
    const bool is_image = drive.number("EmulatedType", 0) == kImageFile;
    if (name.empty()) {
      if (!is_image) add(ProblemKind::kOpticalNameEmpty, false, drive, {});
    } else if (is_url(name)) {
      add(ProblemKind::kOpticalNameIsUrl, false, drive, {name});
    } else if (is_image && drive.is_connected() && is_missing(name)) {
      add(ProblemKind::kOpticalImageMissing, false, drive, {name});
    }
  }
}

void Checker::check_disks() {
  check_indexes("Hardware.Hdd");
  std::set<std::string> images;
  for (const Device& disk : devices_of(tree_, "Hardware.Hdd")) {
    if (!disk.is_enabled()) continue;
    const std::string name = disk.name();
    if (name.empty()) {
      add(ProblemKind::kDiskNameEmpty, false, disk, {});
    } else if (is_url(name)) {
      add(ProblemKind::kDiskNameIsUrl, false, disk, {name});
    } else if (has_bad_file_symbol(name)) {
      add(ProblemKind::kDiskNameHasBadSymbol, false, disk, {name});
    } else if (!images.insert(name).second) {
      add(ProblemKind::kDiskImageUsedTwice, false, disk, {name});
    } else if (disk.number("EmulatedType", kImageFile) == kImageFile && is_missing(name)) {
      add(ProblemKind::kDiskImageMissing, false, disk, {name});
    }
    const std::string serial = disk.text("SerialNumber");
    if (is_virtuozzo() && !is_serial_number(serial)) {
      add(ProblemKind::kDiskSerialBad, true, disk, {serial});
    }
  }
}

void Checker::check_ports(std::string_view element, ProblemKind empty, ProblemKind url,
                          ProblemKind symbol) {
  check_indexes(element);
  for (const Device& port : devices_of(tree_, element)) {
    if (!port.is_enabled()) continue;
    const std::string name = port.name();
    if (name.empty()) {
      add(empty, false, port, {});
    } else if (port.number("EmulatedType", 0) == kOutputFile) {
      if (is_url(name)) add(url, false, port, {name});
      else if (has_bad_file_symbol(name)) add(symbol, false, port, {name});
    }
  }
}

void Checker::check_gateway(const Device& adapter, const std::vector<NetAddress>& addresses) {
  const std::string gateway = adapter.text("DefaultGateway");
  if (gateway.empty()) return;
  const auto target = parse_ip4(gateway);
  if (!target) {
    add(ProblemKind::kGatewayBad, false, adapter, {gateway});
    return;
  }
  bool has_ip4 = false;
  for (const NetAddress& item : addresses) {
    const auto own = parse_ip4(item.address);
    if (!own) continue;
    has_ip4 = true;
    if ((*own & item.mask) == (*target & item.mask)) return;
  }
  if (has_ip4) add(ProblemKind::kGatewayNotInSubnet, false, adapter, {gateway});
}

void Checker::check_addresses(const Device& adapter, std::set<std::string>& seen) {
  std::vector<NetAddress> addresses;
  for (const std::string& text : adapter.texts("NetAddress[]")) {
    const auto parsed = parse_net_address(text);
    if (!parsed) {
      add(ProblemKind::kAddressBad, false, adapter, {text});
      continue;
    }
    addresses.push_back(*parsed);
    const auto ip4 = parse_ip4(parsed->address);
    if (ip4 && *ip4 == 0xFFFFFFFF) {
      add(ProblemKind::kAddressIsBroadcast, false, adapter, {parsed->address});
    } else if (ip4 && *ip4 >> 28 == 0xE) {
      add(ProblemKind::kAddressIsMulticast, false, adapter, {parsed->address});
    } else if (ip4 && parsed->mask < 0xFFFFFFFE && (*ip4 | parsed->mask) == 0xFFFFFFFF) {
      add(ProblemKind::kAddressIsBroadcast, false, adapter, {parsed->address});
    } else if (!seen.insert(parsed->address).second) {
      add(ProblemKind::kAddressTaken, false, adapter, {parsed->address});
    }
  }
  check_gateway(adapter, addresses);
  const bool is_routed = adapter.number("EmulatedType", 0) == kRoutedNetwork;
  if (is_virtuozzo() && is_routed && addresses.empty()) {
    add(ProblemKind::kRoutedWithoutAddress, false, adapter, {});
  }
}

void Checker::check_adapters() {
  check_indexes("Hardware.NetworkAdapter");
  std::set<std::string> macs, addresses;
  for (const Device& adapter : devices_of(tree_, "Hardware.NetworkAdapter")) {
    if (!adapter.is_enabled()) continue;
    const std::string mac = adapter.text("MAC");
    if (!is_mac(mac)) {
      add(ProblemKind::kMacBad, false, adapter, {mac});
    } else if (!macs.insert(mac).second) {
      add(ProblemKind::kMacTaken, true, adapter, {mac});
    }
    check_addresses(adapter, addresses);
    for (const std::string& server : adapter.texts("DnsIPAddress[]")) {
      if (!is_ip_address(server)) add(ProblemKind::kDnsBad, false, adapter, {server});
    }
    for (const std::string& domain : adapter.texts("SearchDomain[]")) {
      if (!is_domain(domain)) add(ProblemKind::kSearchDomainBad, false, adapter, {domain});
    }
  }
}

std::vector<Device> Checker::on_interface(uint64_t interface) const {
  std::vector<Device> devices;
  for (const char* element : {"Hardware.Hdd", "Hardware.CdRom", "Hardware.GenericScsiDevice"}) {
    for (Device& device : devices_of(tree_, element)) {
      if (device.is_enabled() && device.number("InterfaceType", kIde) == interface) {
        devices.push_back(std::move(device));
      }
    }
  }
  return devices;
}

void Checker::check_interface(uint64_t interface, ProblemKind taken) {
  std::set<uint64_t> slots;
  for (const Device& device : on_interface(interface)) {
    const uint64_t slot = device.number("StackIndex", 0);
    if (!slots.insert(slot).second) add(taken, true, device, {std::to_string(slot)});
  }
}

void Checker::check_interface(uint64_t interface, ProblemKind taken, uint32_t most,
                              ProblemKind too_many) {
  if (on_interface(interface).size() > most) add(too_many, false, {std::to_string(most)});
  check_interface(interface, taken);
}

void Checker::check(ConfigSection section) {
  using Kind = ProblemKind;
  switch (section) {
    case ConfigSection::kChanges:
    case ConfigSection::kAll: break;
    case ConfigSection::kGeneral: return check_general();
    case ConfigSection::kBoot: return check_boot();
    case ConfigSection::kRemoteDisplay: return check_remote_display();
    case ConfigSection::kSharedFolders: return check_shared_folders();
    case ConfigSection::kCpu: return check_cpu();
    case ConfigSection::kMemory: return check_memory();
    case ConfigSection::kVideo: return check_video();
    case ConfigSection::kFloppy: return check_floppies();
    case ConfigSection::kOptical: return check_opticals();
    case ConfigSection::kHardDisk: return check_disks();
    case ConfigSection::kNetwork: return check_adapters();
    case ConfigSection::kSound:
      check_indexes("Hardware.Sound");
      return check_present("Hardware.Sound");
    case ConfigSection::kSerial:
      return check_ports("Hardware.Serial", Kind::kSerialNameEmpty, Kind::kSerialNameIsUrl,
                         Kind::kSerialNameHasBadSymbol);
    case ConfigSection::kParallel:
      check_ports("Hardware.Printer", Kind::kParallelNameEmpty, Kind::kParallelNameIsUrl,
                  Kind::kParallelNameHasBadSymbol);
      return check_present("Hardware.Printer");
    case ConfigSection::kIde:
      return check_interface(kIde, Kind::kIdeSlotTaken, 4, Kind::kTooManyIde);
    case ConfigSection::kScsi:
      check_indexes("Hardware.GenericScsiDevice");
      return check_interface(kScsi, Kind::kScsiSlotTaken, 16, Kind::kTooManyScsi);
    case ConfigSection::kSata:
      return check_interface(kSata, Kind::kSataSlotTaken, 6, Kind::kTooManySata);
    case ConfigSection::kNvme:
      return check_interface(kVirtioOrNvme,
                             is_virtuozzo() ? Kind::kVirtioSlotTaken : Kind::kNvmeSlotTaken);
    case ConfigSection::kPci:
      check_indexes("Hardware.GenericPciDevice");
      return check_indexes("Hardware.PciVideoAdapter");
    // Nothing is known that could be wrong with these.
    case ConfigSection::kOfflineManagement:
    case ConfigSection::kLicence:
    case ConfigSection::kTpm:
    case ConfigSection::kUfs:
    case ConfigSection::kChipset: return;
  }
}

// ---- Which sections --------------------------------------------------------------------------

// The section that a leaf of a configuration belongs to.
ConfigSection section_of(std::string_view path) {
  struct Prefix {
    std::string_view path;
    ConfigSection section;
  };
  constexpr std::array kPrefixes = {
      Prefix{"Settings.Startup.BootingOrder.", ConfigSection::kBoot},
      Prefix{"Settings.RemoteDisplay.", ConfigSection::kRemoteDisplay},
      Prefix{"Settings.Tools.SharedFolders.", ConfigSection::kSharedFolders},
      Prefix{"Settings.GlobalNetwork.Offline", ConfigSection::kOfflineManagement},
      Prefix{"Settings.", ConfigSection::kGeneral},
      Prefix{"Hardware.Cpu.", ConfigSection::kCpu},
      Prefix{"Hardware.Memory.", ConfigSection::kMemory},
      Prefix{"Hardware.Video.", ConfigSection::kVideo},
      Prefix{"Hardware.Fdd", ConfigSection::kFloppy},
      Prefix{"Hardware.CdRom", ConfigSection::kOptical},
      Prefix{"Hardware.Hdd", ConfigSection::kHardDisk},
      Prefix{"Hardware.NetworkAdapter", ConfigSection::kNetwork},
      Prefix{"Hardware.Sound", ConfigSection::kSound},
      Prefix{"Hardware.Serial", ConfigSection::kSerial},
      Prefix{"Hardware.Printer", ConfigSection::kParallel},
      Prefix{"Hardware.GenericScsiDevice", ConfigSection::kScsi},
      Prefix{"Hardware.GenericPciDevice", ConfigSection::kPci},
      Prefix{"Hardware.PciVideoAdapter", ConfigSection::kPci},
      Prefix{"Hardware.TpmChip", ConfigSection::kTpm},
      Prefix{"Hardware.Chipset", ConfigSection::kChipset},
  };
  const auto found = std::ranges::find_if(
      kPrefixes, [path](const Prefix& prefix) { return path.starts_with(prefix.path); });
  return found == kPrefixes.end() ? ConfigSection::kGeneral : found->section;
}

// Disks and drives bring the checks of the interfaces that they are on.
void add_section(std::set<ConfigSection>& sections, ConfigSection section) {
  sections.insert(section);
  if (section == ConfigSection::kOptical || section == ConfigSection::kHardDisk) {
    sections.insert({ConfigSection::kIde, ConfigSection::kScsi, ConfigSection::kSata,
                     ConfigSection::kNvme});
  }
}

std::set<ConfigSection> changed_sections(const VmConfig& config, const VmConfig& stored) {
  std::set<ConfigSection> sections;
  if (config.name != stored.name) add_section(sections, ConfigSection::kGeneral);
  if (config.ram_mib != stored.ram_mib) add_section(sections, ConfigSection::kMemory);
  if (config.cpu_count != stored.cpu_count) add_section(sections, ConfigSection::kCpu);
  for (const auto& path : PropertyTree::differences(stored.properties, config.properties)) {
    add_section(sections, section_of(path));
  }
  return sections;
}

std::set<ConfigSection> sections_for(const VmConfig& config, const VmConfig* stored,
                                     ConfigSection section) {
  std::set<ConfigSection> sections;
  if (section == ConfigSection::kChanges && stored) return changed_sections(config, *stored);
  if (section != ConfigSection::kChanges && section != ConfigSection::kAll) {
    add_section(sections, section);
    return sections;
  }
  for (uint32_t number = static_cast<uint32_t>(ConfigSection::kGeneral);
       number <= kConfigSectionMax; ++number) {
    sections.insert(static_cast<ConfigSection>(number));
  }
  return sections;
}

}  // namespace

std::vector<ConfigProblem> find_problems(const VmConfig& config, const VmConfig* stored,
                                         ConfigSection section, const ConfigSetting& setting) {
  Checker checker(config, setting);
  for (const ConfigSection part : sections_for(config, stored, section)) checker.check(part);
  return checker.take();
}

}  // namespace prl::sim
