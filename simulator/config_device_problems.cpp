#include "simulator/config_checker.h"

#include <algorithm>
#include <cctype>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace prl::sim {

namespace {

// Numbers of the API that configurations hold (config-model 7).
constexpr uint64_t kImageFile = 1, kOutputFile = 2;  // EmulatedType

constexpr uint64_t kDeviceIndexMax = 1024;
constexpr size_t kSerialNumberMax = 20;

bool is_url(std::string_view name) {
  return name.find("://") != name.npos;
}

bool has_bad_file_symbol(std::string_view name) {
  return name.find_first_of("*?\"<>|") != name.npos;
}

bool is_serial_number(std::string_view text) {
  return text.size() <= kSerialNumberMax && std::ranges::all_of(text, [](unsigned char letter) {
           return std::isalnum(letter) != 0 || letter == '-' || letter == '_';
         });
}

}  // namespace

void ConfigChecker::check_indexes(std::string_view element) {
  std::set<uint64_t> seen;
  for (const ConfigDevice& device : devices(element)) {
    const uint64_t index = device.number("Index", 0);
    if (index > kDeviceIndexMax || !seen.insert(index).second) {
      add(ProblemKind::kDeviceIndexBad, true, device, {std::to_string(index)});
    }
  }
}

void ConfigChecker::check_present(std::string_view element) {
  if (!is_virtuozzo()) return;
  for (const ConfigDevice& device : devices(element)) {
    add(ProblemKind::kDeviceUnsupported, true, device, {});
  }
}

void ConfigChecker::check_floppies() {
  check_indexes("Hardware.Fdd");
  for (const ConfigDevice& floppy : devices("Hardware.Fdd")) {
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
void ConfigChecker::check_opticals() {
  check_indexes("Hardware.CdRom");
  for (const ConfigDevice& drive : devices("Hardware.CdRom")) {
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

void ConfigChecker::check_disks() {
  check_indexes("Hardware.Hdd");
  std::set<std::string> images;
  for (const ConfigDevice& disk : devices("Hardware.Hdd")) {
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

void ConfigChecker::check_ports(std::string_view element, ProblemKind empty, ProblemKind url,
                                ProblemKind symbol) {
  check_indexes(element);
  for (const ConfigDevice& port : devices(element)) {
    if (!port.is_enabled()) continue;
    const std::string name = port.name();
    if (name.empty()) {
      add(empty, false, port, {});
    } else if (port.number("EmulatedType", 0) == kOutputFile) {
      if (is_url(name))
        add(url, false, port, {name});
      else if (has_bad_file_symbol(name))
        add(symbol, false, port, {name});
    }
  }
}

std::vector<ConfigDevice> ConfigChecker::on_interface(uint64_t interface) const {
  std::vector<ConfigDevice> found;
  for (const char* element : {"Hardware.Hdd", "Hardware.CdRom", "Hardware.GenericScsiDevice"}) {
    for (ConfigDevice& device : devices(element)) {
      if (device.is_enabled() && device.number("InterfaceType", kIde) == interface) {
        found.push_back(std::move(device));
      }
    }
  }
  return found;
}

void ConfigChecker::check_interface(uint64_t interface, ProblemKind taken) {
  std::set<uint64_t> slots;
  for (const ConfigDevice& device : on_interface(interface)) {
    const uint64_t slot = device.number("StackIndex", 0);
    if (!slots.insert(slot).second) add(taken, true, device, {std::to_string(slot)});
  }
}

void ConfigChecker::check_interface(uint64_t interface, ProblemKind taken, uint32_t most,
                                    ProblemKind too_many) {
  if (on_interface(interface).size() > most) add(too_many, false, {std::to_string(most)});
  check_interface(interface, taken);
}

}  // namespace prl::sim
