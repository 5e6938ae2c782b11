// PrlVmCfg_*: the local copy of a VM's configuration (config-model 3.1). Setters change that copy
// and nothing else.
#include <prlsdk/Parallels.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "calls.h"
#include "sdk/answers.h"
#include "sdk/boundary.h"
#include "sdk/node_handle.h"
#include "sdk/records.h"
#include "sdk/server.h"
#include "sdk/strings.h"
#include "sdk/vm_handle.h"
#include "sdk/vm_info.h"
#include "simulator/bundle_requests.h"
#include "simulator/config_rules.h"

namespace prl::sdk::calls {

PRL_RESULT vm_cfg_get_name(Call& call, PRL_HANDLE handle, PRL_STR buffer, PRL_UINT32_PTR length) {
  const auto vm = call.pin<VmHandle>(handle);
  if (!vm || !length) return PRL_ERR_INVALID_ARG;
  return vm->read(
      [&](const sim::VmConfig& config) { return copy_string(config.name, buffer, length); });
}

PRL_RESULT vm_cfg_set_name(Call& call, PRL_HANDLE handle, PRL_CONST_STR name) {
  const auto vm = call.pin<VmHandle>(handle);
  if (!vm || !name) return PRL_ERR_INVALID_ARG;
  vm->edit([name](sim::VmConfig& config) { config.name = name; });
  return PRL_ERR_SUCCESS;
}

PRL_RESULT vm_cfg_get_uuid(Call& call, PRL_HANDLE handle, PRL_STR buffer, PRL_UINT32_PTR length) {
  const auto vm = call.pin<VmHandle>(handle);
  if (!vm || !length) return PRL_ERR_INVALID_ARG;
  return copy_string(vm->uuid().format(), buffer, length);
}

// Clients write the uuid back that they have just read, outside any edit; that changes nothing
// (clients.md 5.2). A new one is for a VM that is yet to be registered.
PRL_RESULT vm_cfg_set_uuid(Call& call, PRL_HANDLE handle, PRL_CONST_STR text) {
  const auto vm = call.pin<VmHandle>(handle);
  if (!vm || !text) return PRL_ERR_INVALID_ARG;
  const auto uuid = sim::Uuid::parse(text);
  if (!uuid) return PRL_ERR_INVALID_ARG;
  const sim::Uuid before = vm->uuid();
  if (*uuid == before) return PRL_ERR_SUCCESS;
  vm->edit([&uuid](sim::VmConfig& config) { config.uuid = *uuid; });
  vm->server->rename_vm(before, *uuid, vm->value());
  return PRL_ERR_SUCCESS;
}

PRL_RESULT vm_cfg_get_ram_size(Call& call, PRL_HANDLE handle, PRL_UINT32_PTR ram_mib) {
  const auto vm = call.pin<VmHandle>(handle);
  if (!vm || !ram_mib) return PRL_ERR_INVALID_ARG;
  *ram_mib = vm->get(&sim::VmConfig::ram_mib);
  return PRL_ERR_SUCCESS;
}

PRL_RESULT vm_cfg_set_ram_size(Call& call, PRL_HANDLE handle, PRL_UINT32 ram_mib) {
  const auto vm = call.pin<VmHandle>(handle);
  if (!vm) return PRL_ERR_INVALID_ARG;
  vm->edit([ram_mib](sim::VmConfig& config) { config.ram_mib = ram_mib; });
  return PRL_ERR_SUCCESS;
}

PRL_RESULT vm_cfg_get_cpu_count(Call& call, PRL_HANDLE handle, PRL_UINT32_PTR cpu_count) {
  const auto vm = call.pin<VmHandle>(handle);
  if (!vm || !cpu_count) return PRL_ERR_INVALID_ARG;
  *cpu_count = vm->get(&sim::VmConfig::cpu_count);
  return PRL_ERR_SUCCESS;
}

PRL_RESULT vm_cfg_set_cpu_count(Call& call, PRL_HANDLE handle, PRL_UINT32 cpu_count) {
  const auto vm = call.pin<VmHandle>(handle);
  if (!vm) return PRL_ERR_INVALID_ARG;
  vm->edit([cpu_count](sim::VmConfig& config) { config.cpu_count = cpu_count; });
  return PRL_ERR_SUCCESS;
}

// A VM that is not registered, or that the user may not look at, has the unknown state.
PRL_RESULT vm_cfg_get_vm_info(Call& call, PRL_HANDLE handle, PRL_HANDLE_PTR info) {
  const auto vm = call.pin<VmHandle>(handle);
  if (!vm || !info) return PRL_ERR_INVALID_ARG;
  const auto view = call.world().view(vm->uuid(), vm->server.get());
  *info = call.make<Document>(PHT_VM_INFO,
                              vm_info(call.world(), view.value_or(sim::VmView()), *vm->server));
  return PRL_ERR_SUCCESS;
}

// What the server says of the configuration at this moment (vm-lifecycle 5.3, 6.1): a VM that is
// not registered has none.
PRL_RESULT vm_cfg_get_config_validity(Call& call, PRL_HANDLE handle, PRL_RESULT_PTR code) {
  const auto vm = call.pin<VmHandle>(handle);
  if (!vm || !code) return PRL_ERR_INVALID_ARG;
  const auto view = call.world().view(vm->uuid());
  *code = PRL_ERR_SUCCESS;
  if (view && view->is_locked_by_another) *code = PRL_ERR_VM_IS_EXCLUSIVELY_LOCKED;
  return PRL_ERR_SUCCESS;
}

PRL_RESULT vm_cfg_is_config_invalid(Call&, PRL_RESULT code, PRL_BOOL_PTR is_invalid) {
  constexpr std::array kInvalid = {
      PRL_ERR_VM_CONFIG_DOESNT_EXIST,      PRL_ERR_PARSE_VM_CONFIG,
      PRL_ERR_VM_CONFIG_INVALID_VM_UUID,   PRL_ERR_VM_CONFIG_INVALID_SERVER_UUID,
      PRL_ERR_VM_CONFIG_CAN_BE_RESTORED,   PRL_ERR_VM_IS_EXCLUSIVELY_LOCKED};
  if (!is_invalid) return PRL_ERR_INVALID_ARG;
  const bool found = std::ranges::find(kInvalid, code) != kInvalid.end();
  *is_invalid = found ? PRL_TRUE : PRL_FALSE;
  return PRL_ERR_SUCCESS;
}

// The commit to come merges the sample; whether there is one of the name is found out there.
PRL_RESULT vm_cfg_apply_config_sample(Call& call, PRL_HANDLE handle, PRL_CONST_STR name) {
  const auto vm = call.pin<VmHandle>(handle);
  if (!vm || !name) return PRL_ERR_INVALID_ARG;
  vm->edit_tree([name](sim::PropertyTree& tree) {
    if (*name == '\0') {
      tree.erase(sim::kSampleName);
    } else {
      tree.set(sim::kSampleName, std::string(name));
    }
  });
  return PRL_ERR_SUCCESS;
}

// In the folder of the VM, once it has one.
PRL_RESULT vm_cfg_update_nvram(Call& call, PRL_HANDLE handle) {
  const auto vm = call.pin<VmHandle>(handle);
  if (!vm) return PRL_ERR_INVALID_ARG;
  const auto record = call.world().record(vm->uuid());
  std::string path = record ? record->folder + "/" : std::string();
  path += sim::kNvramFile;
  vm->edit_tree([&path](sim::PropertyTree& tree) {
    tree.set("Settings.Startup.Bios.NVRAM", std::move(path));
  });
  return PRL_ERR_SUCCESS;
}

// What the settings are for is kept and given back. The host is asked for and decides nothing.
PRL_RESULT vm_cfg_get_profile(Call& call, PRL_HANDLE handle,
                              PRL_VIRTUAL_MACHINE_PROFILE_PTR profile) {
  const auto vm = call.pin<VmHandle>(handle);
  if (!vm || !profile) return PRL_ERR_INVALID_ARG;
  *profile = static_cast<PRL_VIRTUAL_MACHINE_PROFILE>(
      number_at(vm->tree(), "Settings.General.Profile.Type", VMP_PRODUCTIVITY));
  return PRL_ERR_SUCCESS;
}

PRL_RESULT vm_cfg_set_profile(Call& call, PRL_HANDLE handle, PRL_HANDLE host,
                              PRL_VIRTUAL_MACHINE_PROFILE profile) {
  const auto vm = call.pin<VmHandle>(handle);
  if (!vm || !content_of(call.pin_any(host), PHT_SERVER_CONFIG)) return PRL_ERR_INVALID_ARG;
  vm->edit_tree([profile](sim::PropertyTree& tree) {
    if (profile == VMP_PRODUCTIVITY) {
      tree.erase("Settings.General.Profile.Type");
    } else {
      tree.set("Settings.General.Profile.Type", uint64_t{static_cast<uint32_t>(profile)});
    }
  });
  return PRL_ERR_SUCCESS;
}

}  // namespace prl::sdk::calls
