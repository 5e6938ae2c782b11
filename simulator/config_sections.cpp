#include "simulator/config_sections.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace prl::sim {

namespace {

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
    sections.insert(
        {ConfigSection::kIde, ConfigSection::kScsi, ConfigSection::kSata, ConfigSection::kNvme});
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

}  // namespace

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

}  // namespace prl::sim
