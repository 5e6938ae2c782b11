#include "sdk/config_validation.h"

#include <cstdint>
#include <string>

#include "sdk/guest_systems.h"
#include "sdk/host_documents.h"
#include "sdk/node_handle.h"

namespace prl::sdk {

namespace {


constexpr std::string_view kDeviceIndex = "device_index";

}  // namespace

PRL_RESULT to_result(sim::ProblemKind kind) {
  using Kind = sim::ProblemKind;
  switch (kind) {
    case Kind::kNameEmpty: return PRL_ERR_VMCONF_VM_NAME_IS_EMPTY;
    case Kind::kNameTooLong: return PRL_ERR_VMCONF_VM_NAME_IS_TOO_LONG;
    case Kind::kNameHasBadSymbol: return PRL_ERR_VMCONF_VM_NAME_HAS_INVALID_SYMBOL;
    case Kind::kGuestTypeUnknown: return PRL_ERR_VMCONF_UNKNOWN_OS_TYPE;
    case Kind::kGuestVersionUnknown: return PRL_ERR_VMCONF_UNKNOWN_OS_VERSION;
    case Kind::kUndoDisks: return PRL_ERR_UNIMPLEMENTED;
    case Kind::kEfiGuestUnsupported: return PRL_ERR_VMCONF_EFI_UNSUPPORTED_GUEST;
    case Kind::kCpuCountIsZero: return PRL_ERR_VMCONF_CPU_ZERO_COUNT;
    case Kind::kTooManyCpus: return PRL_ERR_VMCONF_CPU_COUNT_MORE_MAX_CPU_COUNT;
    case Kind::kMoreCpusThanHost: return PRL_ERR_VMCONF_CPU_COUNT_MORE_HOST_CPU_COUNT;
    case Kind::kCpuMaskBad: return PRL_ERR_VMCONF_CPU_MASK_INVALID;
    case Kind::kCpuMaskBeyondHost: return PRL_ERR_VMCONF_CPU_MASK_INVALID_CPU_NUM;
    case Kind::kNodeMaskBad: return PRL_ERR_VMCONF_CPU_NODE_MASK_INVALID;
    case Kind::kNumaWithCpuHotplug: return PRL_ERR_VMCONF_NUMANODES_CPU_HOTPLUG;
    case Kind::kNumaWithMemoryHotplug: return PRL_ERR_VMCONF_NUMANODES_MEMORY_HOTPLUG;
    case Kind::kNumaCountUnsupported: return PRL_ERR_VMCONF_NUMANODES_NUMBER_NOT_SUPPORTED;
    case Kind::kNumaSocketsUneven: return PRL_ERR_VMCONF_NUMANODES_INCONSISTENT_WITH_CPU;
    case Kind::kRamIsZero: return PRL_ERR_VMCONF_MAIN_MEMORY_ZERO_SIZE;
    case Kind::kRamOutOfRange: return PRL_ERR_VMCONF_MAIN_MEMORY_OUT_OF_RANGE;
    case Kind::kRamNotOfFour: return PRL_ERR_VMCONF_MAIN_MEMORY_NOT_4_RATIO_SIZE;
    case Kind::kRamNotRecommended: return PRL_ERR_VMCONF_MAIN_MEMORY_SIZE_NOT_EAQUAL_RECOMMENDED;
    case Kind::kMemoryGuaranteeBad: return PRL_ERR_INVALID_MEMORY_GUARANTEE;
    case Kind::kBalloonTooLarge:
      return PRL_ERR_VMCONF_MAIN_MEMORY_MAX_BALLOON_SIZE_MORE_100_PERCENT;
    case Kind::kQuotaPriorityZero: return PRL_ERR_VMCONF_MAIN_MEMORY_MQ_PRIOR_ZERO;
    case Kind::kQuotaPriorityTooLarge: return PRL_ERR_VMCONF_MAIN_MEMORY_MQ_PRIOR_OUT_OF_RANGE;
    case Kind::kQuotaRangeBad: return PRL_ERR_VMCONF_MAIN_MEMORY_MQ_INVALID_RANGE;
    case Kind::kVideoOutOfRange: return PRL_ERR_VMCONF_VIDEO_MEMORY_OUT_OF_RANGE;
    case Kind::kDeviceIndexBad: return PRL_ERR_VMCONF_INVALID_DEVICE_MAIN_INDEX;
    case Kind::kIdeSlotTaken: return PRL_ERR_VMCONF_IDE_DEVICES_DUPLICATE_STACK_INDEX;
    case Kind::kScsiSlotTaken: return PRL_ERR_VMCONF_SCSI_DEVICES_DUPLICATE_STACK_INDEX;
    case Kind::kSataSlotTaken: return PRL_ERR_VMCONF_SATA_DEVICES_DUPLICATE_STACK_INDEX;
    case Kind::kVirtioSlotTaken: return PRL_ERR_VMCONF_VIRTIO_BLOCK_DEVICES_DUPLICATE_STACK_INDEX;
    case Kind::kNvmeSlotTaken: return PRL_ERR_VMCONF_NVME_DEVICES_DUPLICATE_STACK_INDEX;
    case Kind::kTooManyIde: return PRL_ERR_VMCONF_IDE_DEVICES_COUNT_OUT_OF_RANGE;
    case Kind::kTooManyScsi: return PRL_ERR_VMCONF_SCSI_DEVICES_COUNT_OUT_OF_RANGE;
    case Kind::kTooManySata: return PRL_ERR_VMCONF_SATA_DEVICES_COUNT_OUT_OF_RANGE;
    case Kind::kDiskNameEmpty: return PRL_ERR_VMCONF_HARD_DISK_SYS_NAME_IS_EMPTY;
    case Kind::kDiskNameIsUrl: return PRL_ERR_VMCONF_HARD_DISK_URL_FORMAT_SYS_NAME;
    case Kind::kDiskNameHasBadSymbol: return PRL_ERR_VMCONF_HARD_DISK_SYS_NAME_HAS_INVALID_SYMBOL;
    case Kind::kDiskImageMissing: return PRL_ERR_VMCONF_HARD_DISK_IMAGE_IS_NOT_EXIST;
    case Kind::kDiskImageUsedTwice: return PRL_ERR_VMCONF_HARD_DISK_DUPLICATE_SYS_NAME;
    case Kind::kDiskSerialBad: return PRL_ERR_VMCONF_HARD_DISK_SERIAL_IS_NOT_VALID;
    case Kind::kOpticalNameEmpty: return PRL_ERR_VMCONF_CD_DVD_ROM_SYS_NAME_IS_EMPTY;
    case Kind::kOpticalNameIsUrl: return PRL_ERR_VMCONF_CD_DVD_ROM_URL_FORMAT_SYS_NAME;
    case Kind::kOpticalImageMissing: return PRL_ERR_VMCONF_CD_DVD_ROM_IMAGE_IS_NOT_EXIST;
    case Kind::kFloppyNameEmpty: return PRL_ERR_VMCONF_FLOPPY_DISK_SYS_NAME_IS_EMPTY;
    case Kind::kFloppyNameIsUrl: return PRL_ERR_VMCONF_FLOPPY_DISK_URL_FORMAT_SYS_NAME;
    case Kind::kFloppyNameHasBadSymbol:
      return PRL_ERR_VMCONF_FLOPPY_DISK_SYS_NAME_HAS_INVALID_SYMBOL;
    case Kind::kFloppyImageMissing: return PRL_ERR_VMCONF_FLOPPY_DISK_IMAGE_IS_NOT_EXIST;
    case Kind::kSerialNameEmpty: return PRL_ERR_VMCONF_SERIAL_PORT_SYS_NAME_IS_EMPTY;
    case Kind::kSerialNameIsUrl: return PRL_ERR_VMCONF_SERIAL_PORT_URL_FORMAT_SYS_NAME;
    case Kind::kSerialNameHasBadSymbol:
      return PRL_ERR_VMCONF_SERIAL_PORT_SYS_NAME_HAS_INVALID_SYMBOL;
    case Kind::kParallelNameEmpty: return PRL_ERR_VMCONF_PARALLEL_PORT_SYS_NAME_IS_EMPTY;
    case Kind::kParallelNameIsUrl: return PRL_ERR_VMCONF_PARALLEL_PORT_URL_FORMAT_SYS_NAME;
    case Kind::kParallelNameHasBadSymbol:
      return PRL_ERR_VMCONF_PARALLEL_PORT_SYS_NAME_HAS_INVALID_SYMBOL;
    case Kind::kDeviceUnsupported: return PRL_ERR_UNSUPPORTED_DEVICE_TYPE;
    case Kind::kBootDeviceMissing: return PRL_ERR_VMCONF_BOOT_OPTION_DEVICE_NOT_EXISTS;
    case Kind::kBootTypeBad: return PRL_ERR_VMCONF_BOOT_OPTION_INVALID_DEVICE_TYPE;
    case Kind::kBootDeviceTwice: return PRL_ERR_VMCONF_BOOT_OPTION_DUPLICATE_DEVICE;
    case Kind::kDisplayPortBad: return PRL_ERR_REMOTE_DISPLAY_WRONG_PORT_NUMBER;
    case Kind::kDisplayHostBad: return PRL_ERR_VMCONF_REMOTE_DISPLAY_INVALID_HOST_IP_ADDRESS;
    case Kind::kDisplayPasswordEmpty: return PRL_ERR_VMCONF_REMOTE_DISPLAY_EMPTY_PASSWORD;
    case Kind::kDisplayPasswordTooLong: return PRL_ERR_VMCONF_REMOTE_DISPLAY_PASSWORD_TOO_LONG;
    case Kind::kMacBad: return PRL_ERR_VMCONF_NETWORK_ADAPTER_INVALID_MAC_ADDRESS;
    case Kind::kMacTaken: return PRL_ERR_VMCONF_NETWORK_ADAPTER_DUPLICATE_MAC_ADDRESS;
    case Kind::kAddressBad: return PRL_ERR_VMCONF_NETWORK_ADAPTER_INVALID_IP_ADDRESS;
    case Kind::kAddressIsMulticast: return PRL_ERR_VMCONF_NETWORK_ADAPTER_MULTICAST_IP_ADDRESS;
    case Kind::kAddressIsBroadcast: return PRL_ERR_VMCONF_NETWORK_ADAPTER_BROADCAST_IP_ADDRESS;
    case Kind::kAddressTaken: return PRL_ERR_VMCONF_NETWORK_ADAPTER_DUPLICATE_IP_ADDRESS;
    case Kind::kGatewayBad: return PRL_ERR_VMCONF_NETWORK_ADAPTER_INVALID_GATEWAY_IP_ADDRESS;
    case Kind::kGatewayNotInSubnet: return PRL_ERR_VMCONF_NETWORK_ADAPTER_GATEWAY_NOT_IN_SUBNET;
    case Kind::kDnsBad: return PRL_ERR_VMCONF_NETWORK_ADAPTER_INVALID_DNS_IP_ADDRESS;
    case Kind::kSearchDomainBad:
      return PRL_ERR_VMCONF_NETWORK_ADAPTER_INVALID_SEARCH_DOMAIN_NAME;
    case Kind::kRoutedWithoutAddress:
      return PRL_ERR_VMCONF_NETWORK_ADAPTER_ROUTED_NO_STATIC_ADDRESS;
    case Kind::kShareNameEmpty: return PRL_ERR_VMCONF_SHARED_FOLDERS_EMPTY_FOLDER_NAME;
    case Kind::kShareNameTaken: return PRL_ERR_VMCONF_SHARED_FOLDERS_DUPLICATE_FOLDER_NAME;
    case Kind::kSharePathBad: return PRL_ERR_VMCONF_SHARED_FOLDERS_INVALID_FOLDER_PATH;
    case Kind::kSharePathTaken: return PRL_ERR_VMCONF_SHARED_FOLDERS_DUPLICATE_FOLDER_PATH;
  }
  return PRL_ERR_UNEXPECTED;
}

EventContent problem_event(const sim::ConfigProblem& problem) {
  EventContent event = error_event(to_result(problem.kind), PIE_DISPATCHER, problem.parameters);
  if (problem.device_index) {
    event.parameters.push_back(
        {std::string(kDeviceIndex), PFD_UINT32, std::to_string(*problem.device_index)});
  }
  return event;
}

sim::ConfigSetting config_setting(const sim::Host& host) {
  sim::ConfigSetting setting;
  const sim::PropertyTree& hardware = host.document(kHardware);
  const sim::PropertyTree& preferences = host.document(kPreferences);
  const auto number = [](const sim::PropertyTree& tree, const char* path, uint32_t fallback) {
    return static_cast<uint32_t>(number_at(tree, path, fallback));
  };
  setting.host_cpus = number(hardware, "Cpu.Number", setting.host_cpus);
  setting.recommended_ram_mib = number(hardware, "MemorySettings.HostRamSize", UINT32_MAX);
  setting.first_display_port =
      number(preferences, "RemoteDisplayPreferences.BasePort", setting.first_display_port);
  setting.knows_guest = [](uint32_t version) { return find_guest_system(version) != nullptr; };
  return setting;
}

// Named after those that come with containers of the product; the sizes are what the names say.
sim::ConfigSamples config_samples() {
  sim::ConfigSamples samples;
  samples["basic"] = {.ram_mib = 256, .cpu_count = 1, .properties = {}};
  for (const uint32_t mib : {256, 512, 1024, 2048}) {
    samples["vswap." + std::to_string(mib) + "MB"] = {
        .ram_mib = mib, .cpu_count = mib < 1024 ? 1u : 2u, .properties = {}};
  }
  return samples;
}

}  // namespace prl::sdk
