// The table of guest systems, and the system of a configuration (config-model 5).
#include <prlsdk/Parallels.h>

#include <span>
#include <utility>
#include <vector>

#include "calls.h"
#include "sdk/boundary.h"
#include "sdk/guest_systems.h"
#include "sdk/library.h"
#include "sdk/node_handle.h"
#include "sdk/objects.h"
#include "sdk/server.h"
#include "sdk/strings.h"
#include "sdk/tree.h"
#include "sdk/vm_handle.h"

namespace prl::sdk::calls {

namespace {

template <class Number>
PRL_HANDLE make_list(const Call& call, const std::vector<Number>& numbers) {
  auto list = std::make_unique<OpaqueList>(sizeof(Number));
  const auto bytes = std::as_bytes(std::span(numbers));
  list->bytes.assign(bytes.begin(), bytes.end());
  return call.give(call.library().handles().insert(std::move(list)));
}

std::vector<uint8_t> types() {
  std::vector<uint8_t> found;
  for (const GuestSystem& system : guest_systems()) {
    if (found.empty() || found.back() != guest_type(system.version)) {
      found.push_back(guest_type(system.version));
    }
  }
  return found;
}

std::vector<uint16_t> versions_of(uint8_t type) {
  std::vector<uint16_t> found;
  for (const GuestSystem& system : guest_systems()) {
    if (guest_type(system.version) == type) found.push_back(system.version);
  }
  return found;
}

bool is_host_system(PRL_HOST_OS_TYPE type) {
  return type == PHO_MAC || type == PHO_LIN || type == PHO_WIN;
}

PRL_RESULT list_types(const Call& call, PRL_HANDLE_PTR list) {
  if (!list) return PRL_ERR_INVALID_ARG;
  *list = make_list(call, types());
  return PRL_ERR_SUCCESS;
}

PRL_RESULT list_versions(const Call& call, uint8_t type, PRL_HANDLE_PTR list) {
  const std::vector<uint16_t> found = versions_of(type);
  if (!list || found.empty()) return PRL_ERR_INVALID_ARG;
  *list = make_list(call, found);
  return PRL_ERR_SUCCESS;
}

PRL_RESULT tell_default_version(uint8_t type, PRL_UINT16_PTR version) {
  if (!version || default_version(type) == 0) return PRL_ERR_INVALID_ARG;
  *version = default_version(type);
  return PRL_ERR_SUCCESS;
}

Ref<Object> pin_matrix(const Call& call, PRL_HANDLE handle) {
  Ref<Object> matrix = call.pin_any(handle);
  return matrix && matrix->type() == PHT_GUEST_OSES_MATRIX ? matrix : Ref<Object>();
}

}  // namespace

// -- The table.

PRL_RESULT api_get_supported_oses_types(Call& call, PRL_HOST_OS_TYPE host, PRL_HANDLE_PTR list) {
  return is_host_system(host) ? list_types(call, list) : PRL_ERR_INVALID_ARG;
}

PRL_RESULT api_get_supported_oses_versions(Call& call, PRL_HOST_OS_TYPE host, PRL_UINT8 type,
                                           PRL_HANDLE_PTR list) {
  return is_host_system(host) ? list_versions(call, type, list) : PRL_ERR_INVALID_ARG;
}

PRL_RESULT api_get_default_os_version(Call&, PRL_UINT8 type, PRL_UINT16_PTR version) {
  return tell_default_version(type, version);
}

PRL_RESULT api_get_recommend_min_vm_mem(Call&, PRL_UINT32 version, PRL_UINT32_PTR size) {
  if (!size || !find_guest_system(version)) return PRL_ERR_INVALID_ARG;
  *size = default_ram_mib(version, 0);
  return PRL_ERR_SUCCESS;
}

PRL_RESULT api_guest_to_string(Call&, PRL_UINT32 version, PRL_STR buffer, PRL_UINT32_PTR length) {
  const GuestSystem* system = find_guest_system(version);
  return copy_string(system ? system->name : "Unknown", buffer, length);
}

// The library runs on the host.
PRL_RESULT api_is_guest_os(Call&, PRL_BOOL_PTR is_guest) {
  if (!is_guest) return PRL_ERR_INVALID_ARG;
  *is_guest = PRL_FALSE;
  return PRL_ERR_SUCCESS;
}

PRL_RESULT srv_get_supported_oses(Call& call, PRL_HANDLE handle, PRL_HANDLE_PTR matrix) {
  const auto server = call.pin<Server>(handle);
  if (!server || !matrix) return PRL_ERR_INVALID_ARG;
  if (!server->is_connected()) return PRL_ERR_NO_DATA;
  *matrix = call.make<Document>(PHT_GUEST_OSES_MATRIX);
  return PRL_ERR_SUCCESS;
}

PRL_RESULT oses_matrix_get_supported_oses_types(Call& call, PRL_HANDLE matrix,
                                                PRL_HANDLE_PTR list) {
  return pin_matrix(call, matrix) ? list_types(call, list) : PRL_ERR_INVALID_ARG;
}

PRL_RESULT oses_matrix_get_supported_oses_versions(Call& call, PRL_HANDLE matrix, PRL_UINT8 type,
                                                   PRL_HANDLE_PTR list) {
  return pin_matrix(call, matrix) ? list_versions(call, type, list) : PRL_ERR_INVALID_ARG;
}

PRL_RESULT oses_matrix_get_default_os_version(Call& call, PRL_HANDLE matrix, PRL_UINT8 type,
                                              PRL_UINT16_PTR version) {
  return pin_matrix(call, matrix) ? tell_default_version(type, version) : PRL_ERR_INVALID_ARG;
}

PRL_RESULT oses_matrix_get_support_type(Call& call, PRL_HANDLE matrix, PRL_UINT8 type,
                                        PRL_UINT16 version, PRL_GUEST_OS_SUPPORT_TYPE_PTR support) {
  const GuestSystem* system = find_guest_system(version);
  if (!pin_matrix(call, matrix) || !support || !system || guest_type(version) != type) {
    return PRL_ERR_INVALID_ARG;
  }
  *support = PGS_OS_SUPPORTED;
  return PRL_ERR_SUCCESS;
}

// -- The guest system of a configuration.

PRL_RESULT vm_cfg_get_os_version(Call& call, PRL_HANDLE handle, PRL_UINT32_PTR version) {
  const auto vm = call.pin<VmHandle>(handle);
  if (!vm || !version) return PRL_ERR_INVALID_ARG;
  *version = static_cast<PRL_UINT32>(number_at(vm->tree(), "Settings.General.OsNumber", 0));
  return PRL_ERR_SUCCESS;
}

PRL_RESULT vm_cfg_get_os_type(Call& call, PRL_HANDLE handle, PRL_UINT32_PTR type) {
  const auto vm = call.pin<VmHandle>(handle);
  if (!vm || !type) return PRL_ERR_INVALID_ARG;
  *type = static_cast<PRL_UINT32>(number_at(vm->tree(), "Settings.General.OsType", 0));
  return PRL_ERR_SUCCESS;
}

PRL_RESULT vm_cfg_set_os_version(Call& call, PRL_HANDLE handle, PRL_UINT32 version) {
  const auto vm = call.pin<VmHandle>(handle);
  if (!vm || !has_known_type(version)) return PRL_ERR_INVALID_ARG;
  vm->edit_tree([version](sim::PropertyTree& tree) {
    tree.set("Settings.General.OsNumber", uint64_t{version});
    tree.set("Settings.General.OsType", uint64_t{guest_type(version)});
  });
  return PRL_ERR_SUCCESS;
}

}  // namespace prl::sdk::calls
