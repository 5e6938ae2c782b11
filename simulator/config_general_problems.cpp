#include "simulator/config_checker.h"

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "simulator/net_address.h"

namespace prl::sim {

namespace {

// Numbers of the API that configurations hold (config-model 5, 6).
constexpr uint64_t kManualDisplay = 2;  // RemoteDisplay.Mode
constexpr uint32_t kWindows = 8, kWindows2008 = 0x080A, kWindowsOther = 0x08FF;
constexpr uint32_t kFirstGuestType = 7, kLastGuestType = 16, kOtherGuestType = 255;

constexpr size_t kNameLettersMax = 40;
constexpr uint64_t kPortMax = 65535;
constexpr size_t kDisplayPasswordMax = 8;

// What a VM can boot from, with its number in the order of boot.
struct BootType {
  std::string_view element;
  uint64_t number;
};
constexpr std::array kBootTypes = {
    BootType{"Hardware.Fdd", 3},
    BootType{"Hardware.Hdd", 6},
    BootType{"Hardware.CdRom", 5},
    BootType{"Hardware.USB", 15},
    BootType{"Hardware.NetworkAdapter", 8},
};

// Letters as a reader counts them.
size_t letters_in(std::string_view text) {
  return static_cast<size_t>(std::ranges::count_if(
      text, [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0) != 0x80; }));
}

}  // namespace

void ConfigChecker::check_general() {
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

void ConfigChecker::check_boot() {
  std::set<std::pair<uint64_t, uint32_t>> seen;
  for (const ConfigDevice& entry : devices("Settings.Startup.BootingOrder.BootDevice")) {
    if (entry.number("InUse", 0) == 0) continue;
    const uint64_t type = entry.number("Type", 6);
    const auto known = std::ranges::find(kBootTypes, type, &BootType::number);
    if (known == kBootTypes.end()) {
      add(ProblemKind::kBootTypeBad, false, entry, {std::to_string(type)});
      continue;
    }
    if (!seen.emplace(type, entry.index()).second) {
      add(ProblemKind::kBootDeviceTwice, false, entry, {std::to_string(type)});
    }
    const auto bootable = devices(known->element);
    if (std::ranges::find(bootable, entry.index(), &ConfigDevice::index) == bootable.end()) {
      add(ProblemKind::kBootDeviceMissing, false, entry, {std::to_string(type)});
    }
  }
}

void ConfigChecker::check_remote_display() {
  const uint64_t mode = number("Settings.RemoteDisplay.Mode", 0);
  if (mode == 0) return;
  const uint64_t port = number("Settings.RemoteDisplay.PortNumber", 6500);
  if (mode == kManualDisplay && (port < setting_.first_display_port || port > kPortMax)) {
    add(ProblemKind::kDisplayPortBad, true,
        {std::to_string(setting_.first_display_port), std::to_string(kPortMax)});
  }
  const std::string host = text("Settings.RemoteDisplay.HostName");
  if (!host.empty() && !is_ip_address(host)) add(ProblemKind::kDisplayHostBad, false, {host});
  const std::string password = text("Settings.RemoteDisplay.Password");
  if (password.empty()) add(ProblemKind::kDisplayPasswordEmpty, false);
  if (letters_in(password) > kDisplayPasswordMax) {
    add(ProblemKind::kDisplayPasswordTooLong, false, {std::to_string(kDisplayPasswordMax)});
  }
}

void ConfigChecker::check_shared_folders() {
  std::set<std::string> names, paths;
  for (const ConfigDevice& share :
       devices("Settings.Tools.SharedFolders.HostSharing.SharedFolder")) {
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

}  // namespace prl::sim
