// PrlDevKeyboard_*, PrlDevMouse_*: what clients do to the keyboards and mice of VMs (core-api 4).
#include <prlsdk/Parallels.h>

#include "calls.h"
#include "sdk/calls/display_call.h"

namespace prl::sdk::calls {

namespace {

// A terminal has a keyboard and no mouse.
PRL_RESULT add_input(const Call& call, PRL_HANDLE handle, sim::Input input) {
  const bool is_mouse = input.kind == sim::Input::Kind::kMove ||
                        input.kind == sim::Input::Kind::kPosition;
  const OpenDesktop desktop = find_channel(call, handle, [=](Desktop::Channel channel) {
    return channel == Desktop::Channel::kScreen ||
           (channel == Desktop::Channel::kTerminal && !is_mouse);
  });
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

// The mode counts for the keys behind it.
PRL_RESULT dev_keyboard_send_optimization_mode(Call& call, PRL_HANDLE vm,
                                               PRL_OPTIMIZE_MODIFIERS_MODE mode) {
  if (mode < POD_STANDARD || mode > POD_OPTIMIZE_AUTOMATICALLY) return PRL_ERR_INVALID_ARG;
  return add_input(call, vm,
                   {.kind = sim::Input::Kind::kModifierMode, .key = static_cast<uint32_t>(mode)});
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
