// The functions that make an empty record of a kind, for a client to fill in and send
// (config-model 2). What they are filled with are properties.
#include <prlsdk/Parallels.h>

#include <string>
#include <utility>

#include "calls.h"
#include "sdk/boundary.h"
#include "sdk/node_handle.h"
#include "sdk/tree.h"

namespace prl::sdk::calls {

namespace {

PRL_RESULT make_document(Call& call, PRL_HANDLE_TYPE type, PRL_HANDLE_PTR out,
                         sim::PropertyTree content = {}) {
  if (!out) return PRL_ERR_INVALID_ARG;
  *out = call.make<Document>(type, std::move(content));
  return PRL_ERR_SUCCESS;
}

}  // namespace

PRL_RESULT firewall_rule_create(Call& call, PRL_HANDLE_PTR rule) {
  return make_document(call, PHT_FIREWALL_RULE, rule);
}

PRL_RESULT ip_priv_net_create(Call& call, PRL_HANDLE_PTR network) {
  return make_document(call, PHT_IPPRIV_NET, network);
}

PRL_RESULT network_class_create(Call& call, PRL_UINT32 class_id, PRL_HANDLE_PTR made) {
  if (class_id == 0) return PRL_ERR_INVALID_ARG;
  sim::PropertyTree tree;
  put(tree, "ClassId", class_id);
  return make_document(call, PHT_NETWORK_CLASS, made, std::move(tree));
}

PRL_RESULT network_shaping_bandwidth_entry_create(Call& call, PRL_CONST_STR device,
                                                  PRL_UINT32 bandwidth, PRL_HANDLE_PTR entry) {
  if (!device || *device == '\0') return PRL_ERR_INVALID_ARG;
  sim::PropertyTree tree;
  tree.set("Device", std::string(device));
  put(tree, "Bandwidth", bandwidth);
  return make_document(call, PHT_NETWORK_SHAPING_BANDWIDTH, entry, std::move(tree));
}

PRL_RESULT network_shaping_entry_create(Call& call, PRL_UINT32 class_id, PRL_UINT32 total_rate,
                                        PRL_HANDLE_PTR entry) {
  sim::PropertyTree tree;
  put(tree, "ClassId", class_id);
  put(tree, "TotalRate", total_rate);
  return make_document(call, PHT_NETWORK_SHAPING, entry, std::move(tree));
}

PRL_RESULT network_rate_create(Call& call, PRL_UINT32 class_id, PRL_UINT32 rate,
                               PRL_HANDLE_PTR made) {
  sim::PropertyTree tree;
  put(tree, "ClassId", class_id);
  put(tree, "Rate", rate);
  return make_document(call, PHT_NETWORK_RATE, made, std::move(tree));
}

PRL_RESULT offmgmt_service_create(Call& call, PRL_HANDLE_PTR service) {
  return make_document(call, PHT_OFFLINE_SERVICE, service);
}

PRL_RESULT port_fwd_create(Call& call, PRL_HANDLE_PTR forward) {
  return make_document(call, PHT_PORT_FORWARDING, forward);
}

PRL_RESULT virt_net_create(Call& call, PRL_HANDLE_PTR network) {
  return make_document(call, PHT_VIRTUAL_NETWORK, network);
}

PRL_RESULT cpu_features_create(Call& call, PRL_HANDLE_PTR features) {
  return make_document(call, PHT_CPU_FEATURES, features);
}

PRL_RESULT lic_create(Call& call, PRL_HANDLE_PTR licence) {
  return make_document(call, PHT_LICENSE, licence);
}

PRL_RESULT login_params_create(Call& call, PRL_HANDLE_PTR parameters) {
  return make_document(call, PHT_LOGIN_PARAMS, parameters);
}

PRL_RESULT session_info_create(Call& call, PRL_HANDLE_PTR information) {
  return make_document(call, PHT_SESSION_INFO, information);
}

PRL_RESULT srv_cfg_create(Call& call, PRL_HANDLE_PTR config) {
  return make_document(call, PHT_SERVER_CONFIG, config);
}

PRL_RESULT third_party_vm_convert_params_create(Call& call, PRL_HANDLE_PTR parameters) {
  return make_document(call, PHT_THIRD_PARTY_VM_CONVERT_PARAMS, parameters);
}

PRL_RESULT vm_guest_os_info_create(Call& call, PRL_HANDLE_PTR information) {
  return make_document(call, PHT_VM_GUEST_OS_INFO, information);
}

PRL_RESULT vm_register_params_create(Call& call, PRL_HANDLE_PTR parameters) {
  return make_document(call, PHT_VM_REGISTER_PARAMS, parameters);
}

PRL_RESULT disk_params_create(Call& call, PRL_HANDLE_PTR parameters) {
  return make_document(call, PHT_VIRTUAL_DISK_PARAMS, parameters);
}

PRL_RESULT disk_op_params_create(Call& call, PRL_HANDLE_PTR parameters) {
  return make_document(call, PHT_VIRTUAL_DISK_OP_PARAMS, parameters);
}

PRL_RESULT disk_storage_params_create(Call& call, PRL_HANDLE_PTR parameters) {
  return make_document(call, PHT_VIRTUAL_DISK_STORAGE_PARAMS, parameters);
}

}  // namespace prl::sdk::calls
