// PrlHandle_* and PrlBuffer_Free: what every object can do.
#include <prlsdk/Parallels.h>

#include <algorithm>
#include <cstdlib>

#include "calls.h"
#include "sdk/boundary.h"
#include "sdk/server.h"
#include "sdk/vm_handle.h"

namespace prl::sdk::calls {

namespace {

// The list of handlers of a server or VM handle; null for anything else. `object` keeps it alive.
Handlers* handlers_of(const Ref<Object>& object) {
  if (!object) return nullptr;
  switch (object->type()) {
    case PHT_SERVER: return &static_cast<Server&>(*object).handlers;
    case PHT_VIRTUAL_MACHINE: return &static_cast<VmHandle&>(*object).handlers;
    default: return nullptr;
  }
}

PRL_RESULT register_handler(Call& call, PRL_HANDLE handle, PRL_EVENT_HANDLER_PTR handler,
                            PRL_VOID_PTR user_data) {
  const Ref<Object> object = call.pin_any(handle);
  Handlers* handlers = handlers_of(object);
  if (!handlers || !handler) return PRL_ERR_INVALID_ARG;
  handlers->add(handler, user_data);
  return PRL_ERR_SUCCESS;
}

PRL_RESULT unregister_handler(Call& call, PRL_HANDLE handle, PRL_EVENT_HANDLER_PTR handler,
                              PRL_VOID_PTR user_data) {
  const Ref<Object> object = call.pin_any(handle);
  Handlers* handlers = handlers_of(object);
  if (!handlers || !handler) return PRL_ERR_INVALID_ARG;
  handlers->remove(handler, user_data);
  return PRL_ERR_SUCCESS;
}

}  // namespace

PRL_RESULT handle_add_ref(Call& call, PRL_HANDLE handle) {
  const Ref<Object> object = call.pin_any(handle);
  if (!object) return PRL_ERR_INVALID_ARG;
  return call.library().hand_out(object) ? PRL_ERR_SUCCESS : PRL_ERR_OPERATION_FAILED;
}

PRL_RESULT handle_free(Call& call, PRL_HANDLE handle) {
  if (call.library().take_back(from_handle(handle))) return PRL_ERR_SUCCESS;
  call.note_bad_handle(handle);
  return PRL_ERR_INVALID_ARG;
}

PRL_RESULT handle_get_type(Call& call, PRL_HANDLE handle, PRL_HANDLE_TYPE_PTR type) {
  const Ref<Object> object = call.pin_any(handle);
  if (!object || !type) return PRL_ERR_INVALID_ARG;
  *type = static_cast<PRL_HANDLE_TYPE>(object->type());
  return PRL_ERR_SUCCESS;
}

PRL_RESULT handle_get_package_id(Call& call, PRL_HANDLE handle, PRL_UINT64_PTR id) {
  const Ref<Object> object = call.pin_any(handle);
  if (!object || !id) return PRL_ERR_INVALID_ARG;
  if (object->type() == PHT_JOB) {
    const auto& job = static_cast<const Job&>(*object);
    *id = job.is_finished() ? job.package_id() : 0;
    return PRL_ERR_SUCCESS;
  }
  if (object->type() == PHT_EVENT) {
    *id = static_cast<const Event&>(*object).package_id;
    return PRL_ERR_SUCCESS;
  }
  return PRL_ERR_INVALID_ARG;
}

// All packages count for as many bytes. A VM's are those of its server.
PRL_RESULT handle_get_channel_statistics(Call& call, PRL_HANDLE handle,
                                         PRL_IO_CHANNEL_STAT_PTR statistics) {
  constexpr uint64_t kPackageBytes = 256;
  const auto vm = call.pin<VmHandle>(handle);
  const auto server = vm ? vm->server : call.pin<Server>(handle);
  if (!server || !statistics) return PRL_ERR_INVALID_ARG;
  if (!server->is_connected()) return PRL_ERR_NOT_CONNECTED_TO_DISPATCHER;
  const Traffic traffic = server->traffic();
  const auto bytes_of = [](uint64_t packages) {
    return static_cast<PRL_UINT32>(std::min<uint64_t>(packages * kPackageBytes, UINT32_MAX));
  };
  *statistics = {};
  statistics->delay = static_cast<PRL_UINT32>(call.world().request_ms());
  statistics->upload = bytes_of(traffic.sent);
  statistics->download = bytes_of(traffic.received);
  return PRL_ERR_SUCCESS;
}

PRL_RESULT handle_reg_event_handler(Call& call, PRL_HANDLE handle, PRL_EVENT_HANDLER_PTR handler,
                                    PRL_VOID_PTR user_data) {
  return register_handler(call, handle, handler, user_data);
}

PRL_RESULT handle_unreg_event_handler(Call& call, PRL_HANDLE handle, PRL_EVENT_HANDLER_PTR handler,
                                      PRL_VOID_PTR user_data) {
  return unregister_handler(call, handle, handler, user_data);
}

// The server and VM spellings are plain aliases: each accepts both kinds of handle (core-api 5.1).
PRL_RESULT srv_reg_event_handler(Call& call, PRL_HANDLE handle, PRL_EVENT_HANDLER_PTR handler,
                                 PRL_VOID_PTR user_data) {
  return register_handler(call, handle, handler, user_data);
}

PRL_RESULT srv_unreg_event_handler(Call& call, PRL_HANDLE handle, PRL_EVENT_HANDLER_PTR handler,
                                   PRL_VOID_PTR user_data) {
  return unregister_handler(call, handle, handler, user_data);
}

PRL_RESULT vm_reg_event_handler(Call& call, PRL_HANDLE handle, PRL_EVENT_HANDLER_PTR handler,
                                PRL_VOID_PTR user_data) {
  return register_handler(call, handle, handler, user_data);
}

PRL_RESULT vm_unreg_event_handler(Call& call, PRL_HANDLE handle, PRL_EVENT_HANDLER_PTR handler,
                                  PRL_VOID_PTR user_data) {
  return unregister_handler(call, handle, handler, user_data);
}

// Buffers that the library hands out come from malloc.
PRL_RESULT buffer_free(Call&, PRL_VOID_PTR buffer) {
  if (!buffer) return PRL_ERR_INVALID_ARG;
  std::free(buffer);
  return PRL_ERR_SUCCESS;
}

}  // namespace prl::sdk::calls
