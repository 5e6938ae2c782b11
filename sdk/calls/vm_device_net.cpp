// PrlVmDevNet_*: the address of a network adapter (config-model 4, 7).
#include <prlsdk/Parallels.h>

#include <string>

#include "calls.h"
#include "sdk/mac_address.h"
#include "sdk/node_handle.h"
#include "sdk/strings.h"

namespace prl::sdk::calls {

namespace {

struct Adapter {
  Ref<NodeHandle> node;
  PRL_RESULT code = PRL_ERR_SUCCESS;  // the answer, unless it is this
};

Adapter adapter_of(const Call& call, PRL_HANDLE handle) {
  Adapter adapter{.node = pin_node(call, handle)};
  if (!adapter.node || adapter.node->type() != PHT_VIRTUAL_DEV_NET_ADAPTER) {
    adapter.code = PRL_ERR_INVALID_ARG;
  } else if (!exists(*adapter.node)) {
    adapter.code = PRL_ERR_OBJECT_WAS_REMOVED;
  }
  return adapter;
}

std::string mac_of(const NodeHandle& adapter) {
  const sim::PropertyTree tree = adapter.owner->tree();
  const auto* mac = std::get_if<std::string>(tree.find(adapter.path() + ".MAC"));
  return mac ? *mac : "";
}

void put_mac(const NodeHandle& adapter, const std::string& mac, bool is_static) {
  adapter.owner->edit_tree([&](sim::PropertyTree& tree) {
    tree.set(adapter.path() + ".MAC", mac);
    if (is_static) {
      tree.set(adapter.path() + ".StaticAddress", true);
    } else {
      tree.erase(adapter.path() + ".StaticAddress");
    }
  });
}

}  // namespace

PRL_RESULT vm_dev_net_get_mac_address(Call& call, PRL_HANDLE handle, PRL_STR buffer,
                                      PRL_UINT32_PTR length) {
  const Adapter adapter = adapter_of(call, handle);
  if (adapter.code != PRL_ERR_SUCCESS) return adapter.code;
  return copy_string(mac_of(*adapter.node), buffer, length);
}

PRL_RESULT vm_dev_net_get_mac_address_canonical(Call& call, PRL_HANDLE handle, PRL_STR buffer,
                                                PRL_UINT32_PTR length) {
  const Adapter adapter = adapter_of(call, handle);
  if (adapter.code != PRL_ERR_SUCCESS) return adapter.code;
  return copy_string(canonical_mac(mac_of(*adapter.node)), buffer, length);
}

PRL_RESULT vm_dev_net_set_mac_address(Call& call, PRL_HANDLE handle, PRL_CONST_STR text) {
  const Adapter adapter = adapter_of(call, handle);
  if (adapter.code != PRL_ERR_SUCCESS) return adapter.code;
  if (!text) return PRL_ERR_INVALID_ARG;
  const auto mac = parse_mac(text);
  if (!mac) return PRL_ERR_INVALID_ARG;
  put_mac(*adapter.node, *mac, /*is_static=*/true);
  return PRL_ERR_SUCCESS;
}

PRL_RESULT vm_dev_net_generate_mac_addr(Call& call, PRL_HANDLE handle) {
  const Adapter adapter = adapter_of(call, handle);
  if (adapter.code != PRL_ERR_SUCCESS) return adapter.code;
  put_mac(*adapter.node, mac_from(call.world().new_uuid()), /*is_static=*/false);
  return PRL_ERR_SUCCESS;
}

}  // namespace prl::sdk::calls
