// The documents of a simulated host, and what a fresh one holds (config-model 8, 9). The leaves are
// those of properties.csv.
#pragma once

#include <cstdint>
#include <string>
#include <vector>
#include <string_view>

#include "simulator/host.h"

namespace prl::sdk {

inline constexpr std::string_view kHardware = "hardware";
inline constexpr std::string_view kPreferences = "preferences";
inline constexpr std::string_view kUserProfile = "user_profile";
inline constexpr std::string_view kLicence = "licence";
// Tables: documents whose content is the children of one element.
inline constexpr std::string_view kUsers = "users";
inline constexpr std::string_view kNetworks = "networks";
inline constexpr std::string_view kPrivateNetworks = "private_networks";
inline constexpr std::string_view kNetworkClasses = "network_classes";
inline constexpr std::string_view kShaping = "network_shaping";
inline constexpr std::string_view kOfflineServices = "offline_services";
inline constexpr std::string_view kNetworkService = "network_service";
inline constexpr std::string_view kCpuPools = "cpu_pools";
inline constexpr std::string_view kMemoryPolicy = "memory_policy";
inline constexpr std::string_view kTemplates = "container_templates";
inline constexpr std::string_view kValues = "values";
inline constexpr std::string_view kVncEncryption = "vnc_encryption";
inline constexpr std::string_view kFiles = "files";
inline constexpr std::string_view kSessionInfo = "session_info";

// What the preferences of a fresh host name as the folder of its backups; they are in its own.
inline constexpr std::string_view kFreshBackupFolder = "/prlsim/backups";

inline constexpr std::string_view kRow = "Row";  // the element of every table

// The user of a host that knows no others.
inline constexpr std::string_view kOnlyUser = "root";

struct HostUser {
  std::string name;
  std::string password;
  bool is_administrator = true;
};

struct HostFacts {
  std::string name = "prlsim-host";
  std::string cpu_model = "prlsim virtual processor";
  uint32_t cpu_mhz = 2400;
  uint32_t cpus = 8;
  uint32_t ram_mib = 16384;
  uint64_t disk_gib = 512;
  std::string os = "Linux (simulated by prlsim)";
  std::vector<HostUser> users = {};  // who may log in, with their passwords; none: everybody
};

sim::Documents fresh_host(const HostFacts& facts);

// Of a row of kUsers, there and false where the user is no administrator.
inline constexpr std::string_view kIsAdministrator = "IsAdministrator";
// The user of a row, by the name without the host's.
sim::SessionUser session_user(const sim::PropertyTree& row, bool is_first);
// Whose session is a local one; of the content of kUsers.
sim::SessionUser first_user(const sim::PropertyTree& users);

std::string own_name(const sim::Host& host);
std::string own_name(const sim::PropertyTree& hardware);
// Whether the name is one of those under which the host is reached.
bool is_own_name(const sim::Host& host, std::string_view name);
// The same for its document kHardware.
bool is_name_in(const sim::PropertyTree& hardware, std::string_view name);

}  // namespace prl::sdk
