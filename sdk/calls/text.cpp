// Objects as XML text and back: PrlHandle_ToString, PrlHandle_FromString and the older functions
// for one type each (core-api 2.6, config-model 11).
#include <prlsdk/Parallels.h>

#include <algorithm>
#include <initializer_list>

#include "calls.h"
#include "sdk/boundary.h"
#include "sdk/node_handle.h"
#include "sdk/object_text.h"
#include "sdk/strings.h"
#include "simulator/property_xml.h"

namespace prl::sdk::calls {

namespace {

// Without types any object will do, as long as it has a text.
bool is_one_of(const Object& object, std::initializer_list<uint32_t> types) {
  return types.size() == 0 || std::ranges::find(types, object.type()) != types.end();
}

bool is_gone(const Ref<Object>& object) {
  return object->holds() == Holds::kNode && !exists(static_cast<const NodeHandle&>(*object));
}

PRL_RESULT to_string(Call& call, PRL_HANDLE handle, PRL_VOID_PTR_PTR text,
                     std::initializer_list<uint32_t> types = {}) {
  const Ref<Object> object = call.pin_any(handle);
  if (!object || !text || !is_one_of(*object, types)) return PRL_ERR_INVALID_ARG;
  if (is_gone(object)) return PRL_ERR_OBJECT_WAS_REMOVED;
  const auto found = text_of(object);
  return found ? give_buffer(*found, text) : PRL_ERR_UNIMPLEMENTED;
}

PRL_RESULT from_string(Call& call, PRL_HANDLE handle, PRL_CONST_STR text,
                       std::initializer_list<uint32_t> types = {}) {
  const Ref<Object> object = call.pin_any(handle);
  if (!object || !text || !is_one_of(*object, types)) return PRL_ERR_INVALID_ARG;
  return read_text(object, text);
}

constexpr const char* kForwards = "PortForwarding";

}  // namespace

PRL_RESULT handle_to_string(Call& call, PRL_HANDLE handle, PRL_VOID_PTR_PTR text) {
  return to_string(call, handle, text);
}

PRL_RESULT handle_from_string(Call& call, PRL_HANDLE handle, PRL_CONST_STR text) {
  return from_string(call, handle, text);
}

PRL_RESULT vm_to_string(Call& call, PRL_HANDLE vm, PRL_VOID_PTR_PTR text) {
  return to_string(call, vm, text, {PHT_VIRTUAL_MACHINE});
}

PRL_RESULT vm_from_string(Call& call, PRL_HANDLE vm, PRL_CONST_STR text) {
  return from_string(call, vm, text, {PHT_VIRTUAL_MACHINE});
}

PRL_RESULT vm_dev_to_string(Call& call, PRL_HANDLE device, PRL_VOID_PTR_PTR text) {
  return pin_device(call, device) ? to_string(call, device, text) : PRL_ERR_INVALID_ARG;
}

PRL_RESULT vm_dev_from_string(Call& call, PRL_HANDLE device, PRL_CONST_STR text) {
  return pin_device(call, device) ? from_string(call, device, text) : PRL_ERR_INVALID_ARG;
}

PRL_RESULT disp_cfg_to_string(Call& call, PRL_HANDLE preferences, PRL_VOID_PTR_PTR text) {
  return to_string(call, preferences, text, {PHT_DISP_CONFIG});
}

PRL_RESULT disp_cfg_from_string(Call& call, PRL_HANDLE preferences, PRL_CONST_STR text) {
  return from_string(call, preferences, text, {PHT_DISP_CONFIG});
}

PRL_RESULT usr_cfg_to_string(Call& call, PRL_HANDLE profile, PRL_VOID_PTR_PTR text) {
  return to_string(call, profile, text, {PHT_USER_PROFILE});
}

PRL_RESULT usr_cfg_from_string(Call& call, PRL_HANDLE profile, PRL_CONST_STR text) {
  return from_string(call, profile, text, {PHT_USER_PROFILE});
}

PRL_RESULT srv_config_from_string(Call& call, PRL_HANDLE config, PRL_CONST_STR text) {
  return from_string(call, config, text, {PHT_SERVER_CONFIG});
}

PRL_RESULT lic_to_string(Call& call, PRL_HANDLE licence, PRL_VOID_PTR_PTR text) {
  return to_string(call, licence, text, {PHT_LICENSE});
}

PRL_RESULT lic_from_string(Call& call, PRL_HANDLE licence, PRL_CONST_STR text) {
  return from_string(call, licence, text, {PHT_LICENSE});
}

PRL_RESULT login_response_to_string(Call& call, PRL_HANDLE response, PRL_VOID_PTR_PTR text) {
  return to_string(call, response, text, {PHT_LOGIN_RESPONSE});
}

// What an adapter of the preferences forwards is a document of its own.
PRL_RESULT disp_net_port_forwarding_to_string(Call& call, PRL_HANDLE adapter,
                                              PRL_VOID_PTR_PTR text) {
  const TreePlace place = place_of(call, adapter, {PHT_DISP_NET_ADAPTER});
  if (!place.owner) return place.code;
  if (!text) return PRL_ERR_INVALID_ARG;
  const sim::PropertyTree forwards = place.owner->tree().below(place.path(kForwards));
  return give_buffer(sim::to_xml(forwards, property_schema(), kForwards), text);
}

PRL_RESULT disp_net_port_forwarding_from_string(Call& call, PRL_HANDLE adapter,
                                                PRL_CONST_STR text) {
  const TreePlace place = place_of(call, adapter, {PHT_DISP_NET_ADAPTER});
  if (!place.owner) return place.code;
  if (!text) return PRL_ERR_INVALID_ARG;
  const auto forwards = sim::from_xml(text, property_schema(), {kForwards});
  if (!forwards) return PRL_ERR_PARSE_COMMON_SERVER_PREFS;
  place.owner->edit_tree(
      [&](sim::PropertyTree& tree) { tree.put_below(place.path(kForwards), *forwards); });
  return PRL_ERR_SUCCESS;
}

}  // namespace prl::sdk::calls
