// PrlCVSrc_*: cameras of virtual machines, which show what a client sends (config-model 1).
#include <prlsdk/Parallels.h>

#include <string>
#include <utility>
#include <vector>

#include "calls.h"
#include "sdk/calls/display_call.h"
#include "sdk/camera.h"

namespace prl::sdk::calls {

namespace {

bool is_vm_live(const Call& call, const Ref<CameraSource>& source) {
  const auto view = call.world().view(source->vm->uuid());
  return view && is_live(*view);
}

PRL_RESULT set_name(const Call& call, PRL_HANDLE handle, PRL_CONST_STR name,
                    std::string CameraSource::Names::*field) {
  const auto source = call.pin<CameraSource>(handle);
  if (!source || !name) return PRL_ERR_INVALID_ARG;
  source->set_name(field, name);
  return PRL_ERR_SUCCESS;
}

void tell(const Ref<CameraSource>& source, PRL_EVENT_TYPE type) {
  EventContent event = vm_event(type, source->vm->uuid());
  event.issuer_type = PIE_IO_SERVICE;
  CameraSource::Names names = source->names();
  event.parameters.push_back({"unique_id", PFD_STRING, std::move(names.unique_id)});
  event.parameters.push_back({"localized_name", PFD_STRING, std::move(names.localized)});
  source->vm->server->deliver_event(std::move(event));
}

}  // namespace

PRL_RESULT vm_create_cv_src(Call& call, PRL_HANDLE handle, PRL_HANDLE_PTR source) {
  const auto vm = call.pin<VmHandle>(handle);
  if (!vm || !source) return PRL_ERR_INVALID_ARG;
  *source = call.make<CameraSource>(vm);
  return PRL_ERR_SUCCESS;
}

PRL_RESULT cv_src_set_localized_name(Call& call, PRL_HANDLE source, PRL_CONST_STR name) {
  return set_name(call, source, name, &CameraSource::Names::localized);
}

PRL_RESULT cv_src_set_unique_id(Call& call, PRL_HANDLE source, PRL_CONST_STR id) {
  return set_name(call, source, id, &CameraSource::Names::unique_id);
}

// The guest uses every camera that it gets, so it asks for pictures at once.
PRL_RESULT cv_src_connect(Call& call, PRL_HANDLE handle) {
  const auto source = call.pin<CameraSource>(handle);
  if (!source) return PRL_ERR_INVALID_ARG;
  if (!is_vm_live(call, source)) return PRL_ERR_DISP_VM_IS_NOT_STARTED;
  if (source->connect(source->value())) tell(source, PET_IO_CVSRC_OPEN);
  return PRL_ERR_SUCCESS;
}

PRL_RESULT cv_src_disconnect(Call& call, PRL_HANDLE handle) {
  const auto source = call.pin<CameraSource>(handle);
  if (!source) return PRL_ERR_INVALID_ARG;
  if (!source->disconnect()) return PRL_ERR_IO_NO_CONNECTION;
  tell(source, PET_IO_CVSRC_CLOSE);
  return PRL_ERR_SUCCESS;
}

PRL_RESULT cv_src_get_open_mode(Call& call, PRL_HANDLE handle, PRL_CVSRC_OPEN_MODE_PTR mode) {
  const auto source = call.pin<CameraSource>(handle);
  if (!source || !mode) return PRL_ERR_INVALID_ARG;
  const uint32_t session = source->session();
  if (session == 0) return PRL_ERR_CVSRC_NO_OPEN_REQUEST;
  *mode = {};
  mode->sessionId = session;
  mode->frameFormat = PDBF_RGB32;
  mode->frameWidth = sim::kCameraWidth;
  mode->frameHeight = sim::kCameraHeight;
  mode->frameBytesPerRow = static_cast<PRL_UINT32>(sim::kCameraWidth * sizeof(uint32_t));
  return PRL_ERR_SUCCESS;
}

PRL_RESULT cv_src_open(Call& call, PRL_HANDLE handle) {
  const auto source = call.pin<CameraSource>(handle);
  if (!source) return PRL_ERR_INVALID_ARG;
  return source->open();
}

PRL_RESULT cv_src_close(Call& call, PRL_HANDLE handle) {
  const auto source = call.pin<CameraSource>(handle);
  if (!source) return PRL_ERR_INVALID_ARG;
  return source->close();
}

PRL_RESULT cv_src_lock_buffer(Call& call, PRL_HANDLE handle) {
  const auto source = call.pin<CameraSource>(handle);
  if (!source) return PRL_ERR_INVALID_ARG;
  return source->lock();
}

PRL_RESULT cv_src_get_buffer(Call& call, PRL_HANDLE handle, PRL_VOID_PTR_PTR pixels,
                             PRL_UINT32_PTR bytes) {
  const auto source = call.pin<CameraSource>(handle);
  if (!source || !pixels || !bytes) return PRL_ERR_INVALID_ARG;
  uint32_t* found = nullptr;
  const PRL_RESULT code = source->buffer(found);
  if (PRL_FAILED(code)) return code;
  *pixels = found;
  *bytes =
      static_cast<PRL_UINT32>(size_t{sim::kCameraWidth} * sim::kCameraHeight * sizeof(uint32_t));
  return PRL_ERR_SUCCESS;
}

// The picture is lost where there is no guest to see it.
PRL_RESULT cv_src_unlock_buffer(Call& call, PRL_HANDLE handle) {
  const auto source = call.pin<CameraSource>(handle);
  if (!source) return PRL_ERR_INVALID_ARG;
  std::vector<uint32_t> frame;
  const PRL_RESULT code = source->unlock(frame);
  if (PRL_FAILED(code)) return code;
  if (!is_vm_live(call, source)) return PRL_ERR_DISP_VM_IS_NOT_STARTED;
  call.world().peripherals().cameras.show(source->vm->uuid(), std::move(frame));
  return PRL_ERR_SUCCESS;
}

}  // namespace prl::sdk::calls
