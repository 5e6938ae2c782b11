// What is wrong with a configuration as a whole: the checks of config-model 6. Pure functions.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "simulator/profile.h"
#include "simulator/vm_config.h"

namespace prl::sim {

// The parts of a configuration that are checked by themselves, numbered as clients number them.
enum class ConfigSection : uint8_t {
  kChanges,  // those of the parts below that were changed
  kAll,
  kGeneral,
  kBoot,
  kRemoteDisplay,
  kSharedFolders,
  kCpu,
  kMemory,
  kVideo,
  kFloppy,
  kOptical,
  kHardDisk,
  kNetwork,
  kSound,
  kSerial,
  kParallel,
  kIde,
  kScsi,
  kPci,
  kOfflineManagement,
  kLicence,
  kSata,
  kNvme,
  kTpm,
  kUfs,
  kChipset,
};
inline constexpr uint32_t kConfigSectionMax = static_cast<uint32_t>(ConfigSection::kChipset);

enum class ProblemKind : uint8_t {
  kNameEmpty,
  kNameTooLong,
  kNameHasBadSymbol,
  kGuestTypeUnknown,
  kGuestVersionUnknown,
  kUndoDisks,
  kEfiGuestUnsupported,
  kCpuCountIsZero,
  kTooManyCpus,
  kMoreCpusThanHost,
  kCpuMaskBad,
  kCpuMaskBeyondHost,
  kNodeMaskBad,
  kNumaWithCpuHotplug,
  kNumaWithMemoryHotplug,
  kNumaCountUnsupported,
  kNumaSocketsUneven,
  kRamIsZero,
  kRamOutOfRange,
  kRamNotOfFour,
  kRamNotRecommended,  // a warning
  kMemoryGuaranteeBad,
  kBalloonTooLarge,
  kQuotaPriorityZero,
  kQuotaPriorityTooLarge,
  kQuotaRangeBad,
  kVideoOutOfRange,
  kDeviceIndexBad,
  kIdeSlotTaken,
  kScsiSlotTaken,
  kSataSlotTaken,
  kVirtioSlotTaken,  // the same number of interface is NVMe in desktop
  kNvmeSlotTaken,
  kTooManyIde,
  kTooManyScsi,
  kTooManySata,
  kDiskNameEmpty,
  kDiskNameIsUrl,
  kDiskNameHasBadSymbol,
  kDiskImageMissing,
  kDiskImageUsedTwice,
  kDiskSerialBad,
  kOpticalNameEmpty,
  kOpticalNameIsUrl,
  kOpticalImageMissing,
  kFloppyNameEmpty,
  kFloppyNameIsUrl,
  kFloppyNameHasBadSymbol,
  kFloppyImageMissing,
  kSerialNameEmpty,
  kSerialNameIsUrl,
  kSerialNameHasBadSymbol,
  kParallelNameEmpty,
  kParallelNameIsUrl,
  kParallelNameHasBadSymbol,
  kDeviceUnsupported,
  kBootDeviceMissing,
  kBootTypeBad,
  kBootDeviceTwice,
  kDisplayPortBad,
  kDisplayHostBad,
  kDisplayPasswordEmpty,
  kDisplayPasswordTooLong,
  kMacBad,
  kMacTaken,
  kAddressBad,
  kAddressIsMulticast,
  kAddressIsBroadcast,
  kAddressTaken,
  kGatewayBad,
  kGatewayNotInSubnet,
  kDnsBad,
  kSearchDomainBad,
  kRoutedWithoutAddress,
  kShareNameEmpty,
  kShareNameTaken,
  kSharePathBad,
  kSharePathTaken,
};

struct ConfigProblem {
  ProblemKind kind;
  bool is_critical = false;             // a commit is refused
  std::vector<std::string> parameters;  // in the order of the problem's text; at most three
  std::optional<uint32_t> device_index;
};

// What a configuration is held against.
struct ConfigSetting {
  Profile profile = Profile::kDesktop;
  uint32_t host_cpus = UINT32_MAX;
  uint32_t recommended_ram_mib = UINT32_MAX;  // the most that the host recommends
  uint32_t first_display_port = 5900;
  // Of guest systems; none: every version is known.
  std::function<bool(uint32_t)> knows_guest;
  // A file that a device names, below the VM's folder or absolute; none: nobody looks.
  std::function<bool(const std::string&)> file_exists;
};

// In the order of the sections. `stored` is what the host has, for kChanges; null: all is new.
std::vector<ConfigProblem> find_problems(const VmConfig& config, const VmConfig* stored,
                                         ConfigSection section, const ConfigSetting& setting);

}  // namespace prl::sim
