// Values that travel as structs, in pairs or under a key, which rows of properties.csv cannot say
// (config-model 4). They are kept as leaves all the same.
#include <prlsdk/Parallels.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <optional>
#include <string>
#include <utility>

#include "calls.h"
#include "sdk/boundary.h"
#include "sdk/node_handle.h"
#include "sdk/records.h"
#include "sdk/strings.h"
#include "sdk/value_check.h"
#include "sdk/vm_handle.h"

namespace prl::sdk::calls {

namespace {

using sim::PropertyTree;

constexpr std::initializer_list<uint32_t> kConfig = {PHT_VM_CONFIGURATION};
constexpr std::initializer_list<uint32_t> kAdapter = {PHT_VIRTUAL_DEV_NET_ADAPTER};
constexpr std::initializer_list<uint32_t> kHostDevice = {
    PHT_HW_GENERIC_DEVICE, PHT_HW_HARD_DISK, PHT_HW_NET_ADAPTER, PHT_HW_GENERIC_PCI_DEVICE};

// A number with a type beside it: limits and guarantees.
template <class Data>
PRL_RESULT get_pair(Call& call, PRL_HANDLE handle, Data* data, const char* value_leaf,
                    const char* type_leaf, uint64_t type_default) {
  const TreePlace place = place_of(call, handle, kConfig);
  if (!place.owner) return place.code;
  if (!data) return PRL_ERR_INVALID_ARG;
  data->value = static_cast<PRL_UINT32>(place.number(value_leaf, 0));
  data->type = static_cast<decltype(data->type)>(place.number(type_leaf, type_default));
  return PRL_ERR_SUCCESS;
}

template <class Data>
PRL_RESULT set_pair(Call& call, PRL_HANDLE handle, const Data* data, const char* value_leaf,
                    const char* type_leaf, uint64_t type_default) {
  const TreePlace place = place_of(call, handle, kConfig);
  if (!place.owner) return place.code;
  if (!data) return PRL_ERR_INVALID_ARG;
  place.owner->edit_tree([&](PropertyTree& tree) {
    put(tree, value_leaf, data->value);
    put(tree, type_leaf, static_cast<uint64_t>(data->type), type_default);
  });
  return PRL_ERR_SUCCESS;
}

// Feature words are children of their set, numbered as PRL_CPU_FEATURES_EX numbers them.
std::string word_path(std::string_view set, uint32_t word) {
  std::string path(set);
  if (!path.empty()) path += ".";
  return path + "Word" + std::to_string(word);
}

constexpr uint32_t kFeatureWords = 10;  // of both editions together
constexpr uint32_t kStructWords = 9;    // of the structs of desktop

// The direction of a packet filter as its element.
std::string direction_of(PRL_FIREWALL_DIRECTION direction) {
  return direction == PFD_INCOMING ? "Firewall.Incoming.Direction."
                                   : "Firewall.Outgoing.Direction.";
}

bool is_direction(PRL_FIREWALL_DIRECTION direction) {
  return direction == PFD_INCOMING || direction == PFD_OUTGOING;
}

}  // namespace

// -- Limits of a VM.

PRL_RESULT vm_cfg_get_cpu_limit_ex(Call& call, PRL_HANDLE config, PRL_CPULIMIT_DATA_PTR limit) {
  return get_pair(call, config, limit, "Hardware.Cpu.CpuLimitValue", "Hardware.Cpu.CpuLimitType",
                  PRL_CPULIMIT_MHZ);
}

PRL_RESULT vm_cfg_set_cpu_limit_ex(Call& call, PRL_HANDLE config,
                                   PRL_CONST_CPULIMIT_DATA_PTR limit) {
  return set_pair(call, config, limit, "Hardware.Cpu.CpuLimitValue", "Hardware.Cpu.CpuLimitType",
                  PRL_CPULIMIT_MHZ);
}

PRL_RESULT vm_cfg_get_io_limit(Call& call, PRL_HANDLE config, PRL_IOLIMIT_DATA_PTR limit) {
  return get_pair(call, config, limit, "Settings.Runtime.IoLimit", "Settings.Runtime.IoLimitType",
                  PRL_IOLIMIT_BS);
}

PRL_RESULT vm_cfg_set_io_limit(Call& call, PRL_HANDLE config, PRL_CONST_IOLIMIT_DATA_PTR limit) {
  return set_pair(call, config, limit, "Settings.Runtime.IoLimit", "Settings.Runtime.IoLimitType",
                  PRL_IOLIMIT_BS);
}

PRL_RESULT vm_cfg_get_mem_guarantee_size(Call& call, PRL_HANDLE config,
                                         PRL_MEMGUARANTEE_DATA_PTR guarantee) {
  return get_pair(call, config, guarantee, "Hardware.Memory.MemGuarantee",
                  "Hardware.Memory.MemGuaranteeType", PRL_MEMGUARANTEE_AUTO);
}

PRL_RESULT vm_cfg_set_mem_guarantee_size(Call& call, PRL_HANDLE config,
                                         PRL_CONST_MEMGUARANTEE_DATA_PTR guarantee) {
  const TreePlace place = place_of(call, config, kConfig);
  if (!place.owner) return place.code;
  if (!guarantee) return PRL_ERR_INVALID_ARG;
  const bool is_percents = guarantee->type == PRL_MEMGUARANTEE_PERCENTS;
  if ((!is_percents && guarantee->type != PRL_MEMGUARANTEE_AUTO) ||
      (is_percents && guarantee->value > 100)) {
    return PRL_ERR_INVALID_MEMORY_GUARANTEE;
  }
  return set_pair(call, config, guarantee, "Hardware.Memory.MemGuarantee",
                  "Hardware.Memory.MemGuaranteeType", PRL_MEMGUARANTEE_AUTO);
}

// Half of the memory, and 512 MB at most, until one is set.
PRL_RESULT vm_cfg_get_host_mem_quota_min(Call& call, PRL_HANDLE handle, PRL_UINT32_PTR quota) {
  const auto vm = call.pin<VmHandle>(handle);
  if (!vm || !quota) return PRL_ERR_INVALID_ARG;
  const uint32_t half = std::min(vm->get(&sim::VmConfig::ram_mib) / 2, 512u);
  *quota = static_cast<PRL_UINT32>(
      number_at(vm->tree(), "Hardware.Memory.HostMemQuotaMin", uint64_t{half}));
  return PRL_ERR_SUCCESS;
}

PRL_RESULT vm_cfg_set_host_mem_quota_min(Call& call, PRL_HANDLE handle, PRL_UINT32 quota) {
  const auto vm = call.pin<VmHandle>(handle);
  if (!vm) return PRL_ERR_INVALID_ARG;
  vm->edit_tree([quota](PropertyTree& tree) {
    tree.set("Hardware.Memory.HostMemQuotaMin", uint64_t{quota});
  });
  return PRL_ERR_SUCCESS;
}

PRL_RESULT vm_cfg_set_cpu_mask(Call& call, PRL_HANDLE handle, PRL_CONST_STR mask) {
  const TreePlace place = place_of(call, handle, kConfig);
  const std::string text = mask ? mask : "";
  if (!place.owner || !passes(ValueCheck::kNumberRanges, std::string_view(text))) {
    return PRL_ERR_INVALID_ARG;
  }
  place.owner->edit_tree([&](PropertyTree& tree) { put(tree, "Hardware.Cpu.CpuMask", text); });
  return PRL_ERR_SUCCESS;
}

// The password is for the start itself and is kept nowhere.
PRL_RESULT vm_cfg_set_start_user_creds(Call& call, PRL_HANDLE handle, PRL_CONST_STR user,
                                       PRL_CONST_STR password) {
  const TreePlace place = place_of(call, handle, kConfig);
  if (!place.owner || !user || !password) return PRL_ERR_INVALID_ARG;
  place.owner->edit_tree(
      [&](PropertyTree& tree) { put(tree, "Settings.Startup.VmStartAsUser", user); });
  return PRL_ERR_SUCCESS;
}

PRL_RESULT vm_cfg_get_chipset_type(Call& call, PRL_HANDLE handle, PRL_UINT32_PTR type) {
  const TreePlace place = place_of(call, handle, kConfig);
  if (!place.owner || !type) return PRL_ERR_INVALID_ARG;
  *type = static_cast<PRL_UINT32>(place.number("Hardware.Chipset.Type", 2));
  return PRL_ERR_SUCCESS;
}

PRL_RESULT vm_cfg_set_chipset_type(Call& call, PRL_HANDLE handle, PRL_UINT32 type) {
  const TreePlace place = place_of(call, handle, kConfig);
  if (!place.owner) return PRL_ERR_INVALID_ARG;
  place.owner->edit_tree([&](PropertyTree& tree) { put(tree, "Hardware.Chipset.Type", type, 2); });
  return PRL_ERR_SUCCESS;
}

// -- Containers: pairs of masks, and resources with a barrier and a limit.

PRL_RESULT vm_cfg_get_features_mask(Call& call, PRL_HANDLE handle, PRL_UINT32_PTR on,
                                    PRL_UINT32_PTR off) {
  const TreePlace place = place_of(call, handle, kConfig);
  if (!place.owner || !on || !off) return PRL_ERR_INVALID_ARG;
  *on = static_cast<PRL_UINT32>(place.number("CtSettings.FeaturesOnMask", 0));
  *off = static_cast<PRL_UINT32>(place.number("CtSettings.FeaturesOffMask", 0));
  return PRL_ERR_SUCCESS;
}

PRL_RESULT vm_cfg_set_features_mask(Call& call, PRL_HANDLE handle, PRL_UINT32 on,
                                    PRL_UINT32 off) {
  const TreePlace place = place_of(call, handle, kConfig);
  if (!place.owner) return PRL_ERR_INVALID_ARG;
  place.owner->edit_tree([&](PropertyTree& tree) {
    put(tree, "CtSettings.FeaturesOnMask", on);
    put(tree, "CtSettings.FeaturesOffMask", off);
  });
  return PRL_ERR_SUCCESS;
}

namespace {

bool is_resource(PRL_CT_RESOURCE id) { return id >= PCR_KMEMSIZE && id <= PCR_LAST; }

std::string resource_path(PRL_CT_RESOURCE id) {
  return "CtSettings.CtResource" + std::to_string(static_cast<uint32_t>(id));
}

}  // namespace

// A resource that was never limited has no data.
PRL_RESULT vm_cfg_get_resource(Call& call, PRL_HANDLE handle, PRL_CT_RESOURCE id,
                               PRL_UINT64_PTR barrier, PRL_UINT64_PTR limit) {
  const TreePlace place = place_of(call, handle, kConfig);
  if (!place.owner || !barrier || !limit || !is_resource(id)) return PRL_ERR_INVALID_ARG;
  const PropertyTree tree = place.owner->tree();
  if (!tree.find(resource_path(id) + ".Limit")) return PRL_ERR_NO_DATA;
  *barrier = number_at(tree, resource_path(id) + ".Barrier", 0);
  *limit = number_at(tree, resource_path(id) + ".Limit", 0);
  return PRL_ERR_SUCCESS;
}

PRL_RESULT vm_cfg_set_resource(Call& call, PRL_HANDLE handle, PRL_CT_RESOURCE id,
                               PRL_UINT64 barrier, PRL_UINT64 limit) {
  const TreePlace place = place_of(call, handle, kConfig);
  if (!place.owner || !is_resource(id)) return PRL_ERR_INVALID_ARG;
  place.owner->edit_tree([&](PropertyTree& tree) {
    tree.set(resource_path(id) + ".Barrier", uint64_t{barrier});
    tree.set(resource_path(id) + ".Limit", uint64_t{limit});
  });
  return PRL_ERR_SUCCESS;
}

// -- The packet filter of an adapter, one for each direction.

PRL_RESULT vm_dev_net_get_firewall_default_policy(Call& call, PRL_HANDLE handle,
                                                  PRL_FIREWALL_DIRECTION direction,
                                                  PRL_FIREWALL_POLICY_PTR policy) {
  const TreePlace place = place_of(call, handle, kAdapter);
  if (!place.owner) return place.code;
  if (!policy || !is_direction(direction)) return PRL_ERR_INVALID_ARG;
  *policy = static_cast<PRL_FIREWALL_POLICY>(
      place.number(direction_of(direction) + "DefaultPolicy", PFP_ACCEPT));
  return PRL_ERR_SUCCESS;
}

PRL_RESULT vm_dev_net_set_firewall_default_policy(Call& call, PRL_HANDLE handle,
                                                  PRL_FIREWALL_DIRECTION direction,
                                                  PRL_FIREWALL_POLICY policy) {
  const TreePlace place = place_of(call, handle, kAdapter);
  if (!place.owner) return place.code;
  if (!is_direction(direction)) return PRL_ERR_INVALID_ARG;
  place.owner->edit_tree([&](PropertyTree& tree) {
    put(tree, place.path(direction_of(direction) + "DefaultPolicy"), policy, PFP_ACCEPT);
  });
  return PRL_ERR_SUCCESS;
}

PRL_RESULT vm_dev_net_get_firewall_rule_list(Call& call, PRL_HANDLE handle,
                                             PRL_FIREWALL_DIRECTION direction,
                                             PRL_HANDLE_PTR rules) {
  const TreePlace place = place_of(call, handle, kAdapter);
  if (!place.owner) return place.code;
  if (!rules || !is_direction(direction)) return PRL_ERR_INVALID_ARG;
  *rules = make_records(call, place.owner->tree(),
                        place.path(direction_of(direction) + "FirewallRules.FirewallRule"),
                        PHT_FIREWALL_RULE);
  return PRL_ERR_SUCCESS;
}

PRL_RESULT vm_dev_net_set_firewall_rule_list(Call& call, PRL_HANDLE handle,
                                             PRL_FIREWALL_DIRECTION direction, PRL_HANDLE list) {
  const TreePlace place = place_of(call, handle, kAdapter);
  if (!place.owner) return place.code;
  const auto rules = read_records(call, list, PHT_FIREWALL_RULE);
  if (!rules || !is_direction(direction)) return PRL_ERR_INVALID_ARG;
  const std::string element =
      place.path(direction_of(direction) + "FirewallRules.FirewallRule");
  place.owner->edit_tree([&](PropertyTree& tree) { replace_children(tree, element, *rules); });
  return PRL_ERR_SUCCESS;
}

// -- Feature words of processors.

PRL_RESULT cpu_features_get_value(Call& call, PRL_HANDLE handle, PRL_CPU_FEATURES_EX id,
                                  PRL_UINT32_PTR value) {
  const TreePlace place = place_of(call, handle, {PHT_CPU_FEATURES});
  if (!place.owner || !value || static_cast<uint32_t>(id) >= kFeatureWords) {
    return PRL_ERR_INVALID_ARG;
  }
  *value = static_cast<PRL_UINT32>(place.number(word_path("", id), 0));
  return PRL_ERR_SUCCESS;
}

PRL_RESULT cpu_features_set_value(Call& call, PRL_HANDLE handle, PRL_CPU_FEATURES_EX id,
                                  PRL_UINT32 value) {
  const TreePlace place = place_of(call, handle, {PHT_CPU_FEATURES});
  if (!place.owner || static_cast<uint32_t>(id) >= kFeatureWords) return PRL_ERR_INVALID_ARG;
  place.owner->edit_tree(
      [&](PropertyTree& tree) { put(tree, place.path(word_path("", id)), value); });
  return PRL_ERR_SUCCESS;
}

namespace {

using Words = std::array<PRL_UINT32, kStructWords>;

Words read_words(const TreePlace& place, std::string_view set) {
  Words words{};
  for (uint32_t i = 0; i < kStructWords; ++i) {
    words[i] = static_cast<PRL_UINT32>(place.number(word_path(set, i), 0));
  }
  return words;
}

}  // namespace

PRL_RESULT srv_cfg_get_cpu_features(Call& call, PRL_HANDLE handle, PRL_CPU_FEATURES_PTR features) {
  const TreePlace place = place_of(call, handle, {PHT_SERVER_CONFIG});
  if (!place.owner || !features) return PRL_ERR_INVALID_ARG;
  const Words words = read_words(place, "Cpu.Features");
  *features = {words[0], words[1], words[2], words[3], words[4],
               words[5], words[6], words[7], words[8]};
  return PRL_ERR_SUCCESS;
}

PRL_RESULT disp_cfg_get_cpu_features_mask(Call& call, PRL_HANDLE handle,
                                          PRL_CPU_FEATURES_MASK_PTR mask) {
  const TreePlace place = place_of(call, handle, {PHT_DISP_CONFIG});
  if (!place.owner || !mask) return PRL_ERR_INVALID_ARG;
  const Words words = read_words(place, "CpuPreferences.Masks");
  *mask = {words[0], words[1], words[2], words[3], words[4],
           words[5], words[6], words[7], words[8], PRL_TRUE};
  return PRL_ERR_SUCCESS;
}

PRL_RESULT disp_cfg_set_cpu_features_mask(Call& call, PRL_HANDLE handle,
                                          PRL_CONST_CPU_FEATURES_MASK_PTR mask) {
  const TreePlace place = place_of(call, handle, {PHT_DISP_CONFIG});
  if (!place.owner || !mask) return PRL_ERR_INVALID_ARG;
  const Words words = {mask->nFEATURES_MASK,          mask->nEXT_FEATURES_MASK,
                       mask->nEXT_00000007_EBX_MASK,  mask->nEXT_80000001_ECX_MASK,
                       mask->nEXT_80000001_EDX_MASK,  mask->nEXT_80000007_EDX_MASK,
                       mask->nEXT_80000008_EAX,       mask->nEXT_0000000D_EAX_MASK,
                       mask->nEXT_00000006_EAX_MASK};
  place.owner->edit_tree([&](PropertyTree& tree) {
    for (uint32_t i = 0; i < kStructWords; ++i) {
      put(tree, place.path(word_path("CpuPreferences.Masks", i)), words[i]);
    }
  });
  return PRL_ERR_SUCCESS;
}

// -- Devices of a host that a VM uses.

PRL_RESULT srv_cfg_dev_get_vm_uuid_count(Call& call, PRL_HANDLE handle, PRL_UINT32_PTR count) {
  const TreePlace place = place_of(call, handle, kHostDevice);
  if (!place.owner || !count) return PRL_ERR_INVALID_ARG;
  const PropertyTree tree = place.owner->tree();
  const auto* uuids = std::get_if<sim::StringItems>(tree.find(place.path("VmUuid[]")));
  *count = static_cast<PRL_UINT32>(uuids ? uuids->size() : 0);
  return PRL_ERR_SUCCESS;
}

PRL_RESULT srv_cfg_dev_get_vm_uuid(Call& call, PRL_HANDLE handle, PRL_UINT32 index,
                                   PRL_STR buffer, PRL_UINT32_PTR length) {
  const TreePlace place = place_of(call, handle, kHostDevice);
  if (!place.owner || !length) return PRL_ERR_INVALID_ARG;
  const PropertyTree tree = place.owner->tree();
  const auto* uuids = std::get_if<sim::StringItems>(tree.find(place.path("VmUuid[]")));
  if (!uuids || index >= uuids->size()) return PRL_ERR_INVALID_ARG;
  return copy_string((*uuids)[index], buffer, length);
}

PRL_RESULT srv_cfg_dev_is_connected_to_vm(Call& call, PRL_HANDLE handle, PRL_BOOL_PTR connected) {
  PRL_UINT32 count = 0;
  const PRL_RESULT code = srv_cfg_dev_get_vm_uuid_count(call, handle, &count);
  if (code != PRL_ERR_SUCCESS || !connected) return PRL_ERR_INVALID_ARG;
  *connected = count > 0 ? PRL_TRUE : PRL_FALSE;
  return PRL_ERR_SUCCESS;
}

PRL_RESULT stat_vm_data_get_segment_capacity(Call& call, PRL_HANDLE handle,
                                             PRL_DATA_STATISTIC_SEGMENTS segment,
                                             PRL_UINT64_PTR capacity) {
  const TreePlace place = place_of(call, handle, {PHT_SYSTEM_STATISTICS_VM_DATA});
  if (!place.owner || !capacity || segment <= PDSS_UNKNOWN || segment > PDSS_LAST) {
    return PRL_ERR_INVALID_ARG;
  }
  *capacity = place.number("Segment" + std::to_string(static_cast<uint32_t>(segment)), 0);
  return PRL_ERR_SUCCESS;
}

// -- Preferences.

namespace {

// The child of the list of USB devices with this name.
std::optional<std::string> find_usb(const PropertyTree& tree, const std::string& system_name) {
  constexpr std::string_view kElement = "UsbPreferences.UsbIdentity";
  for (const uint32_t child : tree.children(kElement)) {
    const std::string path = PropertyTree::child_path(kElement, child);
    const auto* name = std::get_if<std::string>(tree.find(path + ".SystemName"));
    if (name && *name == system_name) return path;
  }
  return std::nullopt;
}

PRL_RESULT associate_usb(Call& call, PRL_HANDLE handle, PRL_CONST_STR name, PRL_CONST_STR vm,
                         std::optional<PRL_UINT32> action) {
  const TreePlace place = place_of(call, handle, {PHT_DISP_CONFIG});
  if (!place.owner || !name || !vm) return PRL_ERR_INVALID_ARG;
  if (*vm != '\0' && !sim::Uuid::parse(vm)) return PRL_ERR_INVALID_ARG;
  PRL_RESULT code = PRL_ERR_INVALID_ARG;
  place.owner->edit_tree([&](PropertyTree& tree) {
    const auto path = find_usb(tree, name);
    if (!path) return;
    put(tree, *path + ".Association[]", vm);
    if (action) put(tree, *path + ".AutoconnectAction", *action);
    code = PRL_ERR_SUCCESS;
  });
  return code;
}

}  // namespace

PRL_RESULT disp_cfg_set_usb_ident_association(Call& call, PRL_HANDLE preferences,
                                              PRL_CONST_STR system_name, PRL_CONST_STR vm_uuid,
                                              PRL_UINT32 /*flags*/) {
  return associate_usb(call, preferences, system_name, vm_uuid, std::nullopt);
}

PRL_RESULT disp_cfg_set_usb_ident_association_with_action(Call& call, PRL_HANDLE preferences,
                                                          PRL_CONST_STR system_name,
                                                          PRL_CONST_STR vm_uuid,
                                                          PRL_UINT32 action) {
  return associate_usb(call, preferences, system_name, vm_uuid, action);
}

// The host is registered as soon as it has an account (sdk/calls/lookup.cpp).
PRL_RESULT disp_cfg_get_proxy_connection_status(Call& call, PRL_HANDLE handle,
                                                PRL_PROXY_CONNECTION_STATUS_PTR status,
                                                PRL_RESULT_PTR error) {
  const TreePlace place = place_of(call, handle, {PHT_DISP_CONFIG});
  if (!place.owner || !status || !error) return PRL_ERR_INVALID_ARG;
  const bool has_account = !place.text("ProxyPreferences.AccountId").empty();
  *status = has_account ? PCS_CONNECTED : PCS_DISCONNECTED;
  *error = PRL_ERR_SUCCESS;
  return PRL_ERR_SUCCESS;
}

// The password goes to no proxy and into no getter.
PRL_RESULT disp_cfg_set_proxy_connection_creds(Call& call, PRL_HANDLE handle,
                                               PRL_CONST_STR account, PRL_CONST_STR password,
                                               PRL_UINT32 /*flags*/) {
  const TreePlace place = place_of(call, handle, {PHT_DISP_CONFIG});
  if (!place.owner || !account || !password) return PRL_ERR_INVALID_ARG;
  place.owner->edit_tree(
      [&](PropertyTree& tree) { put(tree, "ProxyPreferences.AccountId", account); });
  return PRL_ERR_SUCCESS;
}

PRL_RESULT disp_cfg_create_disp_net(Call& call, PRL_HANDLE handle, PRL_HANDLE_PTR adapter) {
  const TreePlace place = place_of(call, handle, {PHT_DISP_CONFIG});
  if (!place.owner || !adapter) return PRL_ERR_INVALID_ARG;
  const std::string element = "NetworkPreferences.NetworkAdapter";
  uint32_t child = 0;
  place.owner->edit_tree([&](PropertyTree& tree) { child = tree.add_child(element); });
  *adapter = call.make<NodeHandle>(PHT_DISP_NET_ADAPTER, place.owner, element, child);
  return PRL_ERR_SUCCESS;
}

PRL_RESULT disp_net_remove(Call& call, PRL_HANDLE handle) {
  const auto node = pin_node(call, handle);
  if (!node || node->type() != PHT_DISP_NET_ADAPTER || !node->child) return PRL_ERR_INVALID_ARG;
  if (!exists(*node)) return PRL_ERR_OBJECT_WAS_REMOVED;
  node->owner->edit_tree(
      [&](PropertyTree& tree) { tree.remove_child(node->element, *node->child); });
  return PRL_ERR_SUCCESS;
}

}  // namespace prl::sdk::calls
