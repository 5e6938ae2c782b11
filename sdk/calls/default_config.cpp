// Configurations that are right for a guest system, and the numbers in them (config-model 5).
#include "sdk/calls/default_config.h"

#include <prlsdk/Parallels.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "calls.h"
#include "sdk/calls/host_job.h"
#include "sdk/config_validation.h"
#include "sdk/guest_systems.h"
#include "sdk/host_documents.h"
#include "sdk/library.h"
#include "sdk/node_handle.h"
#include "sdk/objects.h"
#include "sdk/records.h"
#include "sdk/server.h"
#include "sdk/tree.h"
#include "sdk/vm_handle.h"
#include "simulator/config_rules.h"

namespace prl::sdk::calls {

namespace {

using sim::PropertyTree;

// What of the host counts for a configuration.
struct HostSize {
  uint32_t ram_mib = 512;
  uint32_t cpus = 1;
  bool has_virtualisation = false;
};

HostSize size_of(const PropertyTree& hardware) {
  const auto number = [&](const char* path, uint64_t fallback) {
    return static_cast<uint32_t>(number_at(hardware, path, fallback));
  };
  return {.ram_mib = number("MemorySettings.HostRamSize", 512),
          .cpus = number("Cpu.Number", 1),
          .has_virtualisation = number("Cpu.VtxMode", PCM_CPU_NONE_HV) != PCM_CPU_NONE_HV};
}

// Any other handle is no mistake: the host is then a small one.
HostSize host_size(const Call& call, PRL_HANDLE config) {
  const auto content = content_of(call.pin_any(config), PHT_SERVER_CONFIG);
  return content ? size_of(*content) : HostSize();
}

// In the order of config-model 5.
constexpr std::array kDefaultDevices = {PDE_HARD_DISK,
                                        PDE_OPTICAL_DISK,
                                        PDE_SERIAL_PORT,
                                        PDE_SOUND_DEVICE,
                                        PDE_GENERIC_NETWORK_ADAPTER,
                                        PDE_USB_DEVICE,
                                        PDE_PARALLEL_PORT};

void add_boot_entry(PropertyTree& tree, PRL_DEVICE_TYPE type, uint64_t sequence, bool in_use) {
  const std::string path = add_below(tree, kBootDevices);
  if (type != PDE_HARD_DISK) tree.set(path + "Type", uint64_t{type});
  tree.set(path + "BootingNumber", sequence);
  if (in_use) tree.set(path + "InUse", true);
}

void add_boot_order(PropertyTree& tree, uint32_t version) {
  const uint8_t type = guest_type(version);
  const bool is_old_os2 = version == PVS_GUEST_VER_OS2_WARP3 || version == PVS_GUEST_VER_OS2_WARP4;
  std::vector<std::pair<PRL_DEVICE_TYPE, bool>> entries = {{PDE_HARD_DISK, true},
                                                           {PDE_OPTICAL_DISK, true}};
  if (type != PVS_GUEST_TYPE_MACOS) entries.emplace_back(PDE_USB_DEVICE, false);
  if (type != PVS_GUEST_TYPE_NETWARE) entries.emplace_back(PDE_GENERIC_NETWORK_ADAPTER, true);
  if (is_old_os2) std::rotate(entries.begin(), entries.begin() + 2, entries.begin() + 3);
  uint64_t sequence = 0;
  for (const auto& [device, in_use] : entries) add_boot_entry(tree, device, sequence++, in_use);
}

// The devices alone, under the numbers by which their handles know them.
PropertyTree kept_devices(const PropertyTree& before) {
  PropertyTree tree;
  for (const NodeClass& kind : device_classes()) {
    const std::string counter = std::string(kind.element) + "[]";
    if (const auto* next = before.find(counter)) tree.set(counter, *next);
    for (const uint32_t child : before.children(kind.element)) {
      const std::string path = PropertyTree::child_path(kind.element, child);
      tree.set(path, true);
      tree.put_below(path, before.below(path));
    }
  }
  return tree;
}

// What depends on the size of the host and on what the guest needs.
void tune(sim::VmConfig& config, const HostSize& host, uint32_t version, bool is_server) {
  config.ram_mib = default_ram_mib(version, host.ram_mib);
  config.cpu_count = default_cpus(version, host.has_virtualisation ? host.cpus : 1, is_server);
  PropertyTree& tree = config.properties;
  tree.set("Settings.General.OsNumber", uint64_t{version});
  tree.set("Settings.General.OsType", uint64_t{guest_type(version)});
  // 3D is off in server mode.
  const bool is_old =
      guest_type(version) == PVS_GUEST_TYPE_WINDOWS && version < PVS_GUEST_VER_WIN_2K;
  const bool with_3d = !is_server && !is_old;
  tree.set("Hardware.Video.VideoMemorySize",
           uint64_t{default_video_mib(version, host.ram_mib, with_3d)});
  if (with_3d) tree.set("Hardware.Video.Enable3DAcceleration", uint64_t{P3D_ENABLED_HIGHEST});
}

sim::VmConfig default_config(const Call& call, const sim::VmConfig& before, const HostSize& host,
                             uint32_t version, bool with_devices) {
  const bool is_server = is_server_mode(call);
  sim::VmConfig config{.uuid = call.world().new_uuid(), .name = ""};
  PropertyTree& tree = config.properties;
  if (!with_devices) tree = kept_devices(before.properties);
  tune(config, host, version, is_server);
  if (is_server) tree.set("Settings.Shutdown.AutoStop", uint64_t{PAO_VM_SHUTDOWN});
  add_boot_order(tree, version);
  if (!with_devices) return config;
  for (const PRL_DEVICE_TYPE type : kDefaultDevices) {
    if (needs_device(version, type, is_server)) {
      (void)add_default_device(call, tree, version, type);
    }
  }
  return config;
}

PRL_RESULT set_default_config(Call& call, PRL_HANDLE handle, const HostSize& host, uint32_t version,
                              bool with_devices) {
  const auto vm = call.pin<VmHandle>(handle);
  if (!vm || !has_known_type(version)) return PRL_ERR_INVALID_ARG;
  const sim::VmConfig before = vm->config();
  const sim::VmConfig config = default_config(call, before, host, version, with_devices);
  vm->edit([&](sim::VmConfig& local) { local = config; });
  vm->server->rename_vm(before.uuid, config.uuid, vm->value());
  return PRL_ERR_SUCCESS;
}

}  // namespace

bool is_server_mode(const Call& call) {
  return call.library().arguments().mode == PAM_SERVER;
}

// The host is the simulated one, which does not change its size.
sim::VmConfig default_vm_config(const Call& call, uint32_t version) {
  const HostSize host = size_of(fresh_host({}).at(std::string(kHardware)));
  return default_config(call, {}, host, version, /*with_devices=*/true);
}

PRL_RESULT vm_cfg_get_default_hdd_size(Call&, PRL_UINT32 version, PRL_UINT32_PTR size) {
  if (!size) return PRL_ERR_INVALID_ARG;
  *size = default_disk_mib(version);
  return PRL_ERR_SUCCESS;
}

PRL_RESULT vm_cfg_get_default_mem_size(Call&, PRL_UINT32 version, PRL_UINT32 host_ram,
                                       PRL_UINT32_PTR size) {
  if (!size) return PRL_ERR_INVALID_ARG;
  *size = default_ram_mib(version, host_ram);
  return PRL_ERR_SUCCESS;
}

PRL_RESULT vm_cfg_get_default_video_ram_size(Call& call, PRL_UINT32 version, PRL_HANDLE host,
                                             PRL_BOOL with_3d, PRL_UINT32_PTR size) {
  if (!size) return PRL_ERR_INVALID_ARG;
  *size = default_video_mib(version, host_size(call, host).ram_mib, with_3d != PRL_FALSE);
  return PRL_ERR_SUCCESS;
}

PRL_RESULT vm_cfg_set_default_config(Call& call, PRL_HANDLE vm, PRL_HANDLE host, PRL_UINT32 version,
                                     PRL_BOOL with_devices) {
  return set_default_config(call, vm, host_size(call, host), version, with_devices != PRL_FALSE);
}

PRL_RESULT vm_cfg_set_default_config_ex(Call& call, PRL_HANDLE vm, PRL_HANDLE host,
                                        PRL_HANDLE guest, PRL_BOOL with_devices) {
  const auto content = content_of(call.pin_any(guest), PHT_VM_GUEST_OS_INFO);
  if (!content) return PRL_ERR_INVALID_ARG;
  const auto version = static_cast<uint32_t>(number_at(*content, "OsVersion", 0));
  return set_default_config(call, vm, host_size(call, host), version, with_devices != PRL_FALSE);
}

// Memory, processors and video of a configuration that may have devices already; the guest is the
// one of the record or, where that names none, of the configuration.
PRL_RESULT vm_cfg_tune_default_config(Call& call, PRL_HANDLE handle, PRL_HANDLE host,
                                      PRL_HANDLE guest) {
  const auto vm = call.pin<VmHandle>(handle);
  const auto content = content_of(call.pin_any(guest), PHT_VM_GUEST_OS_INFO);
  if (!vm || !content) return PRL_ERR_INVALID_ARG;
  sim::VmConfig config = vm->config();
  const uint64_t own = number_at(config.properties, "Settings.General.OsNumber", 0);
  const uint64_t version = number_at(*content, "OsVersion", own);
  if (!has_known_type(version)) return PRL_ERR_INVALID_ARG;
  tune(config, host_size(call, host), static_cast<uint32_t>(version), is_server_mode(call));
  vm->edit([&](sim::VmConfig& local) { local = config; });
  return PRL_ERR_SUCCESS;
}

PRL_HANDLE srv_get_default_vm_config(Call& call, PRL_HANDLE server,
                                     PRL_CONST_GET_VM_CONFIG_PARAM_DATA_PTR parameters,
                                     PRL_UINT32 /*flags*/) {
  if (!parameters) return call.bad_argument_job();
  PRL_GET_VM_CONFIG_PARAM_DATA wanted;
  std::memcpy(&wanted, parameters, sizeof wanted);  // packed: members need not be aligned
  const uint32_t version =
      wanted.nOsVersion == 0 ? uint32_t{PVS_GUEST_VER_LIN_UBUNTU} : wanted.nOsVersion;
  if (!has_known_type(version)) return call.bad_argument_job();
  const ServerJob begun = begin_server_job(call, server);
  if (!begun.job) return begun.given;
  sim::VmConfig config = default_vm_config(call, version);
  // Desktop's headers call the field reserved; it says whether a container is asked for.
  if (wanted.reserved == PVT_CT) config.properties.set("VmType", uint64_t{PVT_CT});
  const auto samples = config_samples();
  const std::string sample_name = wanted.sConfigSample ? wanted.sConfigSample : "";
  const auto sample = samples.find(sample_name);
  if (sample != samples.end()) sim::apply_sample(sample->second, config);
  const bool is_unknown = !sample_name.empty() && sample == samples.end();
  call.world().ping(call.function(),
                    [job = begun.job, config, is_unknown, sample_name](const sim::Report& report) {
                      Job::Outcome outcome = to_job_outcome(report);
                      if (report.outcome.ok() && is_unknown) {
                        outcome.code = PRL_ERR_SAMPLE_CONFIG_NOT_FOUND;
                        outcome.error_issuer = PIE_DISPATCHER;
                        outcome.message_parameters = {sample_name};
                      } else if (report.outcome.ok()) {
                        outcome.answers.emplace_back(OwnVmAnswer{config});
                      }
                      job->server->library().finish_job(*job, std::move(outcome));
                    });
  return begun.given;
}

}  // namespace prl::sdk::calls
