// PrlDevDisplay_*, PrlDevKeyboard_*, PrlDevMouse_* and pictures of screens (core-api 4).
#include <prlsdk/Parallels.h>

#include <fstream>
#include <memory>
#include <string>
#include <utility>

#include "calls.h"
#include "simulator/base64.h"
#include "sdk/calls/vm_request_job.h"
#include "sdk/picture.h"
#include "sdk/strings.h"

namespace prl::sdk::calls {

namespace {

using sim::OutcomeKind;

// All codecs that the API knows are below; the screen looks the same through each.
constexpr uint32_t kCodecMax = (1u << 20) - 1;
constexpr uint32_t kBufferFormatMax = PDBF_YUV420;

// A desktop that is open, of a VM that runs; `code` says why there is none.
struct OpenDesktop {
  Ref<VmHandle> vm;
  PRL_RESULT code = PRL_ERR_SUCCESS;
};

OpenDesktop find_desktop(const Call& call, PRL_HANDLE handle) {
  OpenDesktop found{.vm = call.pin<VmHandle>(handle)};
  if (!found.vm) {
    found.code = PRL_ERR_INVALID_ARG;
  } else if (!found.vm->desktop.is_open()) {
    found.code = PRL_ERR_IO_NO_CONNECTION;
  } else {
    const auto view = call.world().view(found.vm->uuid());
    const bool is_live =
        view && (view->state == sim::State::kRunning || view->state == sim::State::kPaused);
    if (!is_live) found.code = PRL_ERR_DISP_VM_IS_NOT_STARTED;
  }
  return found;
}

sim::ScreenSize size_of(const Call& call, const Ref<VmHandle>& vm) {
  return call.world().peripherals().displays.size(vm->uuid());
}

Region whole(sim::ScreenSize size) { return {.width = size.width, .height = size.height}; }

std::optional<Picture> picture_now(const Call& call, const Ref<VmHandle>& vm,
                                   const Region& region) {
  sim::World& world = call.world();
  const sim::Uuid uuid = vm->uuid();
  return take_picture(uuid, world.peripherals().displays.size(uuid),
                      world.peripherals().displays.shown_ms(uuid, world.time_ms()), region);
}

PRL_HANDLE connect(Call& call, PRL_HANDLE handle) {
  const VmJob begun = begin_vm_job(call, handle);
  if (!begun.job) return begun.given;
  return send_request(call, begun, [vm = begun.vm](const sim::VmView& view) -> sim::RequestEnd {
    if (view.state != sim::State::kRunning && view.state != sim::State::kPaused) {
      return not_started(view);
    }
    vm->desktop.open();
    return {};
  });
}

// ---- Captures --------------------------------------------------------------------------------

bool write_file(const std::string& path, const std::string& bytes) {
  std::ofstream file(path, std::ios::binary);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  return file.good();
}

// Empty, with `code` set, where there is nothing to capture or no such format.
std::optional<std::string> capture(const Call& call, PRL_HANDLE handle, PRL_IMAGE_FORMAT format,
                                   const Region& region, PRL_RESULT& code) {
  const OpenDesktop desktop = find_desktop(call, handle);
  code = desktop.code;
  if (PRL_FAILED(code)) return std::nullopt;
  code = PRL_ERR_INVALID_ARG;
  const auto picture = picture_now(call, desktop.vm, region);
  if (!picture) return std::nullopt;
  if (format == PIF_JPG) code = PRL_ERR_UNIMPLEMENTED;
  auto bytes = encode(*picture, format);
  if (bytes) code = PRL_ERR_SUCCESS;
  return bytes;
}

bool is_format(PRL_IMAGE_FORMAT format) { return format >= PIF_RAW && format <= PIF_PNG; }

PRL_RESULT capture_to_file(const Call& call, PRL_HANDLE handle, PRL_CONST_STR path,
                           PRL_IMAGE_FORMAT format, const Region& region) {
  if (!path || !call.pin<VmHandle>(handle) || !is_format(format)) return PRL_ERR_INVALID_ARG;
  PRL_RESULT code = PRL_ERR_SUCCESS;
  const auto bytes = capture(call, handle, format, region, code);
  if (!bytes) return code;
  return write_file(path, *bytes) ? PRL_ERR_SUCCESS : PRL_ERR_FILE_WRITE_ERROR;
}

// ---- Base64 pictures as results of jobs ------------------------------------------------------

// Draws with the world unlocked: a picture takes a while.
PRL_HANDLE send_picture(Call& call, const VmJob& begun, std::function<sim::Outcome(
                            const sim::VmView&)> check, Region region) {
  if (!begun.job) return begun.given;
  const auto text = std::make_shared<std::string>();
  sim::World& world = call.world();
  const sim::Uuid uuid = begun.vm->uuid();
  const sim::ScreenSize size = world.peripherals().displays.size(uuid);
  if (region.width == 0) region.width = size.width;
  if (region.height == 0) region.height = size.height;
  const uint64_t now_ms = world.time_ms();
  return send_request(
      call, begun,
      [=, &displays = world.peripherals().displays,
       check = std::move(check)](const sim::VmView& vm) {
        sim::RequestEnd end;
        end.outcome = check(vm);
        end.work = [=, shown_ms = displays.shown_ms(uuid, now_ms)]() -> sim::Outcome {
          const auto picture = take_picture(uuid, size, shown_ms, region);
          if (!picture) return OutcomeKind::kBadPicture;
          *text = sim::to_base64(*encode(*picture, PIF_PNG));
          return {};
        };
        return end;
      },
      [text, uuid](Job::Outcome& outcome) {
        EventContent event = vm_event(PET_IO_SCREEN_CAPTURED, uuid);
        event.parameters.push_back({"screen", PFD_STRING, *text});
        outcome.answers.emplace_back(EventAnswer{std::move(event), *text});
      });
}

// ---- Input -----------------------------------------------------------------------------------

PRL_RESULT add_input(const Call& call, PRL_HANDLE handle, sim::Input input) {
  const OpenDesktop desktop = find_desktop(call, handle);
  if (PRL_FAILED(desktop.code)) return desktop.code;
  input.time_ms = call.world().time_ms();
  call.world().peripherals().displays.add_input(desktop.vm->uuid(), input);
  return PRL_ERR_SUCCESS;
}

PRL_RESULT add_key(const Call& call, PRL_HANDLE handle, PRL_UINT32 key, PRL_KEY_EVENT event) {
  if (event != PKE_PRESS && event != PKE_RELEASE) return PRL_ERR_INVALID_ARG;
  return add_input(call, handle, {.key = key, .event = static_cast<uint32_t>(event)});
}

PRL_RESULT add_mouse(const Call& call, PRL_HANDLE handle, sim::Input::Kind kind, PRL_INT32 x,
                     PRL_INT32 y, PRL_INT32 z, PRL_INT32 w, PRL_UINT32 buttons) {
  return add_input(call, handle,
                   {.kind = kind, .x = x, .y = y, .wheel = z, .side_wheel = w, .buttons = buttons});
}

// The mouse moves at once, whatever the job.
PRL_HANDLE add_mouse_job(Call& call, PRL_HANDLE handle, sim::Input::Kind kind, PRL_INT32 x,
                         PRL_INT32 y, PRL_INT32 z, PRL_INT32 w, PRL_UINT32 buttons) {
  if (!call.pin<VmHandle>(handle)) return call.bad_argument_job();
  return call.local_job(add_mouse(call, handle, kind, x, y, z, w, buttons));
}

}  // namespace

// ---- Connection ------------------------------------------------------------------------------

PRL_HANDLE vm_connect(Call& call, PRL_HANDLE vm, PRL_UINT32 /*flags*/) { return connect(call, vm); }

PRL_HANDLE dev_display_connect_to_vm(Call& call, PRL_HANDLE vm, PRL_DISPLAY_CODEC_TYPE type) {
  if (static_cast<uint32_t>(type) > kCodecMax) return call.bad_argument_job();
  return connect(call, vm);
}

PRL_HANDLE dev_display_connect_to_vm_ex(Call& call, PRL_HANDLE vm,
                                        PRL_IO_DISPLAY_ENCODING_PTR encoding,
                                        PRL_DISPLAY_BUFFER_FORMAT format) {
  const bool is_known = static_cast<uint32_t>(format) <= kBufferFormatMax;
  return encoding && is_known ? connect(call, vm) : call.bad_argument_job();
}

PRL_RESULT vm_disconnect(Call& call, PRL_HANDLE handle) {
  const auto vm = call.pin<VmHandle>(handle);
  if (!vm) return PRL_ERR_INVALID_ARG;
  return vm->desktop.close() ? PRL_ERR_SUCCESS : PRL_ERR_IO_NO_CONNECTION;
}

PRL_RESULT dev_display_disconnect_from_vm(Call& call, PRL_HANDLE vm) {
  return vm_disconnect(call, vm);
}

// ---- Screen ----------------------------------------------------------------------------------

PRL_RESULT dev_display_get_available_displays_count(Call& call, PRL_HANDLE handle,
                                                    PRL_UINT32_PTR count) {
  const OpenDesktop desktop = find_desktop(call, handle);
  if (!desktop.vm || !count) return PRL_ERR_INVALID_ARG;
  if (PRL_SUCCEEDED(desktop.code)) *count = 1;
  return desktop.code;
}

PRL_RESULT dev_display_get_screen_size(Call& call, PRL_HANDLE handle, PRL_IO_SCREEN_SIZE_PTR size) {
  const OpenDesktop desktop = find_desktop(call, handle);
  if (!desktop.vm || !size) return PRL_ERR_INVALID_ARG;
  if (PRL_FAILED(desktop.code)) return desktop.code;
  const sim::ScreenSize screen = size_of(call, desktop.vm);
  *size = {};
  size->width = screen.width;
  size->height = screen.height;
  size->depth = 32;
  size->lineBytes = static_cast<PRL_INT32>(screen.width * sizeof(uint32_t));
  return PRL_ERR_SUCCESS;
}

PRL_RESULT dev_display_send_screen_size_event(Call& call, PRL_HANDLE handle,
                                              PRL_IO_SCREEN_SIZE_PTR size) {
  const OpenDesktop desktop = find_desktop(call, handle);
  if (!desktop.vm || !size) return PRL_ERR_INVALID_ARG;
  if (PRL_FAILED(desktop.code)) return desktop.code;
  const sim::ScreenSize wanted{size->width, size->height};
  const bool is_good = wanted.width > 0 && wanted.width <= sim::kScreenSideMax &&
                       wanted.height > 0 && wanted.height <= sim::kScreenSideMax;
  if (!is_good) return PRL_ERR_INVALID_ARG;
  call.world().peripherals().displays.set_size(desktop.vm->uuid(), wanted);
  return PRL_ERR_SUCCESS;
}

PRL_RESULT dev_display_lock_for_read(Call& call, PRL_HANDLE handle) {
  const OpenDesktop desktop = find_desktop(call, handle);
  if (PRL_FAILED(desktop.code)) return desktop.code;
  auto picture = picture_now(call, desktop.vm, whole(size_of(call, desktop.vm)));
  if (!picture) return PRL_ERR_OPERATION_FAILED;
  desktop.vm->desktop.lock_frame(std::move(*picture));
  return PRL_ERR_SUCCESS;
}

PRL_RESULT dev_display_unlock(Call& call, PRL_HANDLE handle) {
  const auto vm = call.pin<VmHandle>(handle);
  if (!vm) return PRL_ERR_INVALID_ARG;
  return vm->desktop.unlock_frame() ? PRL_ERR_SUCCESS : PRL_ERR_UNINITIALIZED;
}

PRL_RESULT dev_display_get_screen_buffer(Call& call, PRL_HANDLE handle,
                                         PRL_UINT32_PTR_PTR buffer, PRL_INT32_PTR line_bytes) {
  const OpenDesktop desktop = find_desktop(call, handle);
  if (!desktop.vm || !buffer || !line_bytes) return PRL_ERR_INVALID_ARG;
  if (PRL_FAILED(desktop.code)) return desktop.code;
  Picture* frame = desktop.vm->desktop.frame();
  if (!frame) return PRL_ERR_UNINITIALIZED;
  *buffer = frame->pixels.data();
  *line_bytes = static_cast<PRL_INT32>(frame->width * sizeof(uint32_t));
  return PRL_ERR_SUCCESS;
}

// Both are the work of the guest's tools.
PRL_RESULT dev_display_is_sliding_mouse_enabled(Call& call, PRL_HANDLE handle,
                                                PRL_BOOL_PTR enabled) {
  const OpenDesktop desktop = find_desktop(call, handle);
  if (!desktop.vm || !enabled) return PRL_ERR_INVALID_ARG;
  if (PRL_FAILED(desktop.code)) return desktop.code;
  const sim::Guest guest = call.world().peripherals().guests.get(desktop.vm->uuid());
  *enabled = guest.has_tools ? PRL_TRUE : PRL_FALSE;
  return PRL_ERR_SUCCESS;
}

PRL_RESULT dev_display_get_dyn_res_tool_status(Call& call, PRL_HANDLE handle,
                                               PRL_BOOL_PTR status) {
  return dev_display_is_sliding_mouse_enabled(call, handle, status);
}

// ---- Captures --------------------------------------------------------------------------------

PRL_RESULT dev_display_sync_capture_screen_region_to_file(
    Call& call, PRL_HANDLE vm, PRL_CONST_STR path, PRL_IMAGE_FORMAT format, PRL_INT32 /*quality*/,
    PRL_UINT32 x, PRL_UINT32 y, PRL_UINT32 width, PRL_UINT32 height) {
  return capture_to_file(call, vm, path, format, {x, y, width, height});
}

PRL_RESULT dev_display_sync_capture_scaled_screen_region_to_file(
    Call& call, PRL_HANDLE vm, PRL_CONST_STR path, PRL_IMAGE_FORMAT format, PRL_INT32 /*quality*/,
    PRL_UINT32 x, PRL_UINT32 y, PRL_UINT32 width, PRL_UINT32 height, PRL_UINT32 scale_width,
    PRL_UINT32 scale_height) {
  return capture_to_file(call, vm, path, format,
                         {x, y, width, height, scale_width, scale_height});
}

PRL_RESULT dev_display_sync_capture_scaled_screen_region_to_buffer(
    Call& call, PRL_HANDLE handle, PRL_VOID_PTR_PTR buffer, PRL_UINT32_PTR bytes,
    PRL_IMAGE_FORMAT format, PRL_INT32 /*quality*/, PRL_UINT32 x, PRL_UINT32 y, PRL_UINT32 width,
    PRL_UINT32 height, PRL_UINT32 scale_width, PRL_UINT32 scale_height) {
  const bool is_good = call.pin<VmHandle>(handle) && buffer && bytes && is_format(format);
  if (!is_good) return PRL_ERR_INVALID_ARG;
  PRL_RESULT code = PRL_ERR_SUCCESS;
  const auto image = capture(call, handle, format,
                             {x, y, width, height, scale_width, scale_height}, code);
  if (!image) return code;
  *bytes = static_cast<PRL_UINT32>(image->size());
  return give_buffer(*image, buffer);
}

PRL_HANDLE dev_display_async_capture_scaled_screen_region_to_file(
    Call& call, PRL_HANDLE vm, PRL_CONST_STR path, PRL_IMAGE_FORMAT format, PRL_INT32 /*quality*/,
    PRL_UINT32 x, PRL_UINT32 y, PRL_UINT32 width, PRL_UINT32 height, PRL_UINT32 scale_width,
    PRL_UINT32 scale_height) {
  return call.local_job(capture_to_file(call, vm, path, format,
                                        {x, y, width, height, scale_width, scale_height}));
}

PRL_HANDLE dev_display_async_capture_screen_region_to_file(
    Call& call, PRL_HANDLE vm, PRL_CONST_STR path, PRL_IMAGE_FORMAT format, PRL_INT32 /*quality*/,
    PRL_UINT32 x, PRL_UINT32 y, PRL_UINT32 width, PRL_UINT32 height) {
  return call.local_job(capture_to_file(call, vm, path, format, {x, y, width, height}));
}

PRL_HANDLE vm_capture_screen(Call& call, PRL_HANDLE handle, PRL_UINT32 width, PRL_UINT32 height,
                             PRL_UINT32 /*flags*/) {
  return send_picture(
      call, begin_vm_job(call, handle),
      [](const sim::VmView& vm) {
        return vm.state == sim::State::kRunning ? sim::Outcome() : not_started(vm);
      },
      {.scale_width = width, .scale_height = height});
}

PRL_HANDLE vm_get_suspended_screen(Call& call, PRL_HANDLE handle) {
  return send_picture(
      call, begin_vm_job(call, handle),
      [](const sim::VmView& vm) -> sim::Outcome {
        const bool has_one =
            vm.state == sim::State::kSuspended || vm.state == sim::State::kSuspending ||
            vm.state == sim::State::kSuspendingSync || vm.state == sim::State::kResuming;
        return has_one ? OutcomeKind::kOk : OutcomeKind::kVmNotSuspended;
      },
      {});
}

// ---- Viewers over the network ----------------------------------------------------------------

PRL_HANDLE vm_start_vnc_server(Call& call, PRL_HANDLE handle, PRL_UINT32 /*reserved*/) {
  return send_request(
      call, begin_vm_job(call, handle),
      [&displays = call.world().peripherals().displays](const sim::VmView& vm) -> sim::RequestEnd {
        if (vm.state != sim::State::kRunning) return not_started(vm);
        displays.set_served(vm.config.uuid, true);
        return {};
      });
}

PRL_HANDLE vm_stop_vnc_server(Call& call, PRL_HANDLE handle, PRL_UINT32 /*reserved*/) {
  return send_request(
      call, begin_vm_job(call, handle),
      [&displays = call.world().peripherals().displays](const sim::VmView& vm) -> sim::RequestEnd {
        if (vm.state != sim::State::kRunning) return not_started(vm);
        displays.set_served(vm.config.uuid, false);
        return {};
      });
}

// ---- Keyboard and mouse ----------------------------------------------------------------------

PRL_RESULT dev_keyboard_send_key_event(Call& call, PRL_HANDLE vm, PRL_UINT32 key,
                                       PRL_KEY_EVENT event) {
  return add_key(call, vm, key, event);
}

PRL_RESULT dev_keyboard_send_key_event_ex(Call& call, PRL_HANDLE vm, PRL_KEY key,
                                          PRL_KEY_EVENT event) {
  if (static_cast<uint32_t>(key) > PRL_KEY_MAX) return PRL_ERR_INVALID_ARG;
  return add_key(call, vm, static_cast<uint32_t>(key), event);
}

PRL_RESULT dev_keyboard_send_key_pressed_and_released(Call& call, PRL_HANDLE vm, PRL_KEY key) {
  const PRL_RESULT code = dev_keyboard_send_key_event_ex(call, vm, key, PKE_PRESS);
  return PRL_FAILED(code) ? code : dev_keyboard_send_key_event_ex(call, vm, key, PKE_RELEASE);
}

PRL_RESULT dev_mouse_move(Call& call, PRL_HANDLE vm, PRL_INT32 x, PRL_INT32 y, PRL_INT32 z,
                          PRL_UINT32 buttons) {
  return add_mouse(call, vm, sim::Input::Kind::kMove, x, y, z, 0, buttons);
}

PRL_RESULT dev_mouse_move_ex(Call& call, PRL_HANDLE vm, PRL_INT32 x, PRL_INT32 y, PRL_INT32 z,
                             PRL_INT32 w, PRL_UINT32 buttons) {
  return add_mouse(call, vm, sim::Input::Kind::kMove, x, y, z, w, buttons);
}

PRL_RESULT dev_mouse_set_pos(Call& call, PRL_HANDLE vm, PRL_INT32 x, PRL_INT32 y, PRL_INT32 z,
                             PRL_UINT32 buttons) {
  return add_mouse(call, vm, sim::Input::Kind::kPosition, x, y, z, 0, buttons);
}

PRL_RESULT dev_mouse_set_pos_ex(Call& call, PRL_HANDLE vm, PRL_INT32 x, PRL_INT32 y, PRL_INT32 z,
                                PRL_INT32 w, PRL_UINT32 buttons) {
  return add_mouse(call, vm, sim::Input::Kind::kPosition, x, y, z, w, buttons);
}

PRL_HANDLE dev_mouse_async_move(Call& call, PRL_HANDLE vm, PRL_INT32 x, PRL_INT32 y, PRL_INT32 z,
                                PRL_INT32 w, PRL_UINT32 buttons) {
  return add_mouse_job(call, vm, sim::Input::Kind::kMove, x, y, z, w, buttons);
}

PRL_HANDLE dev_mouse_async_set_pos(Call& call, PRL_HANDLE vm, PRL_INT32 x, PRL_INT32 y,
                                   PRL_INT32 z, PRL_INT32 w, PRL_UINT32 buttons) {
  return add_mouse_job(call, vm, sim::Input::Kind::kPosition, x, y, z, w, buttons);
}

PRL_RESULT dev_mouse_event(Call& call, PRL_HANDLE vm, const PRL_IO_MOUSE_EVENT_EX4* mouse,
                           PRL_UINT32 bytes, PRL_BOOL absolute) {
  if (!mouse || !call.pin<VmHandle>(vm) || bytes != sizeof(*mouse)) return PRL_ERR_INVALID_ARG;
  const auto kind = absolute ? sim::Input::Kind::kPosition : sim::Input::Kind::kMove;
  return add_mouse(call, vm, kind, mouse->x, mouse->y, mouse->z, mouse->w, mouse->buttons);
}

}  // namespace prl::sdk::calls
