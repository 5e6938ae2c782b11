#include "simulator/config_problems.h"

#include "simulator/config_checker.h"
#include "simulator/config_sections.h"

namespace prl::sim {

uint64_t ConfigDevice::number(std::string_view leaf, uint64_t fallback) const {
  const PropertyValue* value = tree.find(path + std::string(leaf));
  if (!value) return fallback;
  if (const auto* number = std::get_if<uint64_t>(value)) return *number;
  if (const auto* number = std::get_if<int64_t>(value)) return static_cast<uint64_t>(*number);
  if (const auto* flag = std::get_if<bool>(value)) return *flag ? 1 : 0;
  return fallback;
}

std::string ConfigDevice::text(std::string_view leaf) const {
  const auto* text = std::get_if<std::string>(tree.find(path + std::string(leaf)));
  return text ? *text : std::string();
}

StringItems ConfigDevice::texts(std::string_view leaf) const {
  const auto* texts = std::get_if<StringItems>(tree.find(path + std::string(leaf)));
  return texts ? *texts : StringItems();
}

std::vector<ConfigDevice> ConfigChecker::devices(std::string_view element) const {
  std::vector<ConfigDevice> devices;
  for (const uint32_t child : all_.tree.children(element)) {
    devices.push_back({all_.tree, PropertyTree::child_path(element, child) + "."});
  }
  return devices;
}

// A line for a section.
// clang-format off
void ConfigChecker::check(ConfigSection section) {
  using Kind = ProblemKind;
  switch (section) {
    case ConfigSection::kChanges:
    case ConfigSection::kAll:
      break;
    case ConfigSection::kGeneral:
      return check_general();
    case ConfigSection::kBoot:
      return check_boot();
    case ConfigSection::kRemoteDisplay:
      return check_remote_display();
    case ConfigSection::kSharedFolders:
      return check_shared_folders();
    case ConfigSection::kCpu:
      return check_cpu();
    case ConfigSection::kMemory:
      return check_memory();
    case ConfigSection::kVideo:
      return check_video();
    case ConfigSection::kFloppy:
      return check_floppies();
    case ConfigSection::kOptical:
      return check_opticals();
    case ConfigSection::kHardDisk:
      return check_disks();
    case ConfigSection::kNetwork:
      return check_adapters();
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
    case ConfigSection::kChipset:
      return;
  }
}
// clang-format on

std::vector<ConfigProblem> find_problems(const VmConfig& config, const VmConfig* stored,
                                         ConfigSection section, const ConfigSetting& setting) {
  ConfigChecker checker(config, setting);
  for (const ConfigSection part : sections_for(config, stored, section)) checker.check(part);
  return checker.take();
}

}  // namespace prl::sim
