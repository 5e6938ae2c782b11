#include "sdk/host_documents.h"

#include <prlsdk/Parallels.h>
#include <prlsdk/PrlFs.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>
#include <vector>

#include "sdk/node_handle.h"

namespace prl::sdk {

namespace {

using sim::PropertyTree;

void add_device(PropertyTree& tree, std::string_view element, PRL_DEVICE_TYPE type,
                const std::string& id, const std::string& name) {
  const std::string path = add_below(tree, element);
  tree.set(path + "DeviceType", uint64_t{type});
  tree.set(path + "Uuid", id);
  tree.set(path + "Name", name);
}

// One disk in three partitions.
void add_disk(PropertyTree& tree, uint64_t gib) {
  constexpr uint64_t kGib = uint64_t{1} << 30;
  add_device(tree, "HardDisks.HardDisk", PDE_HARD_DISK, "/dev/sda", "prlsim virtual disk");
  const std::string disk = "HardDisks.HardDisk[0].";
  tree.set(disk + "Size", gib * kGib);
  struct Partition {
    const char* name;
    uint64_t bytes;
    uint64_t type;
  };
  uint64_t index = 0;
  for (const Partition& part : {Partition{"/dev/sda1", kGib, 0xEF},
                                Partition{"/dev/sda2", (gib - 17) * kGib, 0x83},
                                Partition{"/dev/sda3", 16 * kGib, 0x82}}) {
    const std::string path = add_below(tree, disk + "Partition");
    tree.set(path + "Name", std::string(part.name));
    tree.set(path + "SystemName", std::string(part.name));
    tree.set(path + "Size", part.bytes);
    tree.set(path + "Type", part.type);
    tree.set(path + "InUse", true);
    if (index == 0) tree.set(path + "Active", true);
    if (index != 0) tree.set(path + "Index", index);
    ++index;
  }
}

void add_adapter(PropertyTree& tree, const std::string& name, const std::string& mac,
                 const std::string& address, uint64_t index) {
  constexpr std::string_view kElement = "NetworkAdapters.NetworkAdapter";
  const std::string path = PropertyTree::child_path(kElement, static_cast<uint32_t>(index)) + ".";
  add_device(tree, kElement, PDE_GENERIC_NETWORK_ADAPTER, name, name);
  tree.set(path + "Type", uint64_t{PHI_REAL_NET_ADAPTER});
  tree.set(path + "index", index);
  tree.set(path + "Enabled", true);
  tree.set(path + "MacAddress", mac);
  tree.set(path + "NetAddress[]", sim::StringItems{address});
  tree.set(path + "DefaultGateway", std::string("192.168.0.1"));
  tree.set(path + "DnsIPAddress[]", sim::StringItems{"192.168.0.1"});
}

PropertyTree hardware(const HostFacts& facts) {
  PropertyTree tree;
  tree.set("Cpu.Number", uint64_t{facts.cpus});
  tree.set("Cpu.Model", facts.cpu_model);
  tree.set("Cpu.Speed", uint64_t{facts.cpu_mhz});
  tree.set("Cpu.VtxMode", uint64_t{PCM_CPU_INTEL_VT_X});
  tree.set("MemorySettings.HostRamSize", uint64_t{facts.ram_mib});
  tree.set("NetworkSettings.GlobalNetwork.HostName", facts.name);
  tree.set("NetworkSettings.GlobalNetwork.DefaultGateway", std::string("192.168.0.1"));
  tree.set("NetworkSettings.GlobalNetwork.DnsIPAddress[]", sim::StringItems{"192.168.0.1"});
  tree.set("NetworkSettings.MaxVmNetAdapters", uint64_t{16});
  tree.set("OsVersion.Type", uint64_t{PHO_LIN});
  tree.set("OsVersion.Major", uint64_t{6});
  tree.set("OsVersion.Minor", uint64_t{1});
  tree.set("OsVersion.StringPresentation", facts.os);
  tree.set("SoundDefaultEnabled", true);
  tree.set("UsbSupported", true);
  tree.set("VtdSupported", true);
  add_disk(tree, facts.disk_gib);
  add_device(tree, "CdROMs.CdROM", PDE_OPTICAL_DISK, "/dev/sr0", "prlsim optical drive");
  add_adapter(tree, "eth0", "001C42F00001", "192.168.0.10/255.255.255.0", 0);
  add_adapter(tree, "eth1", "001C42F00002", "192.168.1.10/255.255.255.0", 1);
  add_device(tree, "SoundDevices.OutputDevices.OutputDevice", PDE_SOUND_DEVICE, "default",
             "Default output");
  add_device(tree, "SoundDevices.MixerDevices.MixerDevice", PDE_SOUND_DEVICE, "default",
             "Default mixer");
  add_device(tree, "GenericPciDevices.GenericPciDevice", PDE_GENERIC_PCI_DEVICE, "0000:03:00.0",
             "prlsim network card");
  return tree;
}

// What VMs may have of the host's memory: all but what the host keeps for itself.
PropertyTree preferences(const HostFacts& facts) {
  PropertyTree tree;
  const uint64_t reserved = facts.ram_mib / 8;
  tree.set("MemoryPreferences.MinVmMemory", uint64_t{4});
  tree.set("MemoryPreferences.MaxVmMemory", uint64_t{facts.ram_mib});
  tree.set("MemoryPreferences.RecommendedMaxVmMemory", uint64_t{facts.ram_mib / 2});
  tree.set("MemoryPreferences.ReservedMemoryLimit", facts.ram_mib - reserved);
  tree.set("MemoryPreferences.ReservedMemoryMax", uint64_t{facts.ram_mib});
  tree.set("WorkspacePreferences.DefaultVmDirectory", std::string("/prlsim/vms"));
  tree.set("WorkspacePreferences.HostId", facts.name);
  tree.set("BackupTargetPreferences.DefaultBackupDirectory", std::string(kFreshBackupFolder));
  tree.set("DispVirtuozzoPreferences.DefaultCtDirectory", std::string("/prlsim/containers"));
  tree.set("CpuPoolInfo.Name", std::string("default"));
  tree.set("CpuPoolInfo.Vendor", std::string("GenuineIntel"));
  return tree;
}

void add_user(PropertyTree& tree, const HostFacts& facts, const std::string& name,
              const std::optional<std::string>& password, bool is_administrator) {
  const uint32_t number = tree.add_child(kRow);
  const std::string path = PropertyTree::child_path(kRow, number) + ".";
  std::array<char, 40> uuid;
  std::snprintf(uuid.data(), uuid.size(), "{00000000-0000-4000-8000-%012x}", number + 1);
  tree.set(path + "Name", name + "@" + facts.name);
  tree.set(path + "Uuid", std::string(uuid.data()));
  tree.set(path + "DefaultVmFolder", std::string("/prlsim/vms"));
  tree.set(path + "CanChangeSrvSets", true);
  if (password) tree.set(path + "Password", *password);
  if (!is_administrator) tree.set(path + std::string(kIsAdministrator), false);
}

PropertyTree users(const HostFacts& facts) {
  PropertyTree tree;
  if (facts.users.empty()) add_user(tree, facts, std::string(kOnlyUser), std::nullopt, true);
  for (const HostUser& user : facts.users) {
    add_user(tree, facts, user.name, user.password, user.is_administrator);
  }
  return tree;
}

PropertyTree user_profile() {
  PropertyTree tree;
  tree.set("UserWorkspace.UserVmDirectory", std::string("{00000000-0000-4000-8000-000000000002}"));
  tree.set("AccessPreferences.ChangeServerSettings", true);
  tree.set("AccessPreferences.LocalAdministrator", true);
  tree.set("AccessPreferences.UseManagementConsole", true);
  return tree;
}

PropertyTree licence() {
  PropertyTree tree;
  tree.set("Valid", true);
  tree.set("LicenseKey", std::string("PRLSIM-00000-00000-00000-00000"));
  tree.set("UserName", std::string("prlsim"));
  tree.set("CompanyName", std::string("prlsim"));
  return tree;
}

void add_host_only(PropertyTree& tree, const std::string& id, uint64_t number, bool with_nat) {
  const std::string path = add_below(tree, kRow);
  const std::string subnet = "10.37." + std::to_string(130 + number) + ".";
  const std::string subnet6 = "fdb2:2c26:f4e4:" + std::to_string(number) + "::";
  const std::string net = path + "HostOnlyNetwork.";
  tree.set(path + "NetworkID", id);
  tree.set(net + "HostIPAddress", subnet + "2");
  tree.set(net + "DhcpIPAddress", subnet + "1");
  tree.set(net + "DHCPServer.Enabled", true);
  tree.set(net + "DHCPServer.IPScopeStart", subnet + "1");
  tree.set(net + "DHCPServer.IPScopeEnd", subnet + "254");
  tree.set(net + "HostIP6Address", subnet6 + "2");
  tree.set(net + "DhcpIP6Address", subnet6 + "1");
  tree.set(net + "DHCPv6Server.Enabled", true);
  tree.set(net + "DHCPv6Server.IPScopeStart", subnet6 + "1");
  tree.set(net + "DHCPv6Server.IPScopeEnd", subnet6 + "ffff");
  tree.set(net + "VirtuozzoAdapter.Name", "vnic" + std::to_string(number));
  tree.set(net + "VirtuozzoAdapter.PrlAdapterIndex", number);
  if (with_nat) tree.set(net + "NATServer.Enabled", true);
}

PropertyTree networks() {
  PropertyTree tree;
  const std::string bridged = add_below(tree, kRow);
  tree.set(bridged + "NetworkID", std::string("Bridged"));
  tree.set(bridged + "NetworkType", uint64_t{PVN_BRIDGED_ETHERNET});
  tree.set(bridged + "BoundCardMac", std::string("001C42F00001"));
  add_host_only(tree, "Shared", 0, /*with_nat=*/true);
  add_host_only(tree, "Host-Only", 1, /*with_nat=*/false);
  return tree;
}

PropertyTree cpu_pools() {
  PropertyTree tree;
  const std::string path = add_below(tree, kRow);
  tree.set(path + "Name", std::string("default"));
  tree.set(path + "Vendor", std::string("GenuineIntel"));
  return tree;
}

PropertyTree templates() {
  PropertyTree tree;
  const std::string path = add_below(tree, kRow);
  tree.set(path + "Name", std::string("vzlinux-8-x86_64"));
  tree.set(path + "Description", std::string("VzLinux 8 (simulated)"));
  tree.set(path + "Version", std::string("1.0"));
  tree.set(path + "Type", uint64_t{PCT_TYPE_EZ_OS});
  tree.set(path + "CpuMode", uint64_t{PCM_CPU_MODE_64});
  tree.set(path + "OsType", uint64_t{PVS_GUEST_TYPE_LINUX});
  tree.set(path + "Cached", true);
  return tree;
}

// Where a person would look for VMs and images, and one file.
PropertyTree files() {
  PropertyTree tree;
  const auto entry = [&](const std::string& path, PRL_FILE_SYSTEM_ELEMENT_TYPE type) {
    const std::string row = add_below(tree, kRow);
    tree.set(row + "Name", path);
    tree.set(row + "RelativeName", path.substr(path.rfind('/') + 1));
    tree.set(row + "Type", uint64_t{type});
    tree.set(row + "Permissions", uint64_t{FS_PERM_READ | FS_PERM_WRITE});
    return row;
  };
  for (const char* folder : {"/", "/home", "/home/user", "/prlsim", "/prlsim/backups",
                             "/prlsim/images", "/prlsim/vms", "/tmp"}) {
    entry(folder, PSE_DIRECTORY);
  }
  const std::string image = entry("/prlsim/images/install.iso", PSE_FILE);
  tree.set(image + "Size", uint64_t{734003200});
  return tree;
}

PropertyTree one(const char* path, sim::PropertyValue value) {
  PropertyTree tree;
  tree.set(path, std::move(value));
  return tree;
}

}  // namespace

sim::Documents fresh_host(const HostFacts& facts) {
  sim::Documents documents;
  const auto put = [&](std::string_view name, PropertyTree tree) {
    documents.emplace(std::string(name), std::move(tree));
  };
  put(kHardware, hardware(facts));
  put(kPreferences, preferences(facts));
  put(kUsers, users(facts));
  put(kUserProfile, user_profile());
  put(kLicence, licence());
  put(kNetworks, networks());
  put(kNetworkService, one("Status", uint64_t{PSS_STARTED}));
  put(kMemoryPolicy, one("Policy", std::string("performance")));
  put(kCpuPools, cpu_pools());
  put(kTemplates, templates());
  put(kFiles, files());
  return documents;
}

sim::SessionUser session_user(const PropertyTree& row, bool is_first) {
  const auto* name = std::get_if<std::string>(row.find("Name"));
  const auto* is_administrator = std::get_if<bool>(row.find(kIsAdministrator));
  return {.name = name ? name->substr(0, name->find('@')) : "",
          .is_administrator = !is_administrator || *is_administrator,
          .is_first = is_first};
}

sim::SessionUser first_user(const PropertyTree& users) {
  const auto rows = users.children(kRow);
  if (rows.empty()) return {};
  return session_user(users.below(PropertyTree::child_path(kRow, rows.front())), true);
}

std::string own_name(const sim::Host& host) { return own_name(host.document(kHardware)); }

std::string own_name(const sim::PropertyTree& hardware) {
  const sim::PropertyValue* name = hardware.find("NetworkSettings.GlobalNetwork.HostName");
  const auto* text = std::get_if<std::string>(name);
  return text ? *text : "";
}

bool is_own_name(const sim::Host& host, std::string_view name) {
  return is_name_in(host.document(kHardware), name);
}

bool is_name_in(const PropertyTree& hardware, std::string_view name) {
  constexpr std::array<std::string_view, 3> kLocalNames = {"localhost", "127.0.0.1", "::1"};
  return std::ranges::find(kLocalNames, name) != kLocalNames.end() || name == own_name(hardware);
}

}  // namespace prl::sdk
