// Control calls: what screens and cameras show, and what a guest got from keyboard and mouse.
#include <vector>

#include "sdk/kit/control_call.h"
#include "sdk/kit/prl_sim.h"

namespace prl::sdk {
namespace {

PRL_RESULT get_display(sim::World& world, const VmHandle& vm, PRL_UINT32 display,
                       PrlSim_Display* found) {
  const std::vector<sim::Screen> screens = world.peripherals().displays.screens(vm.uuid());
  if (display >= screens.size()) return PRL_ERR_INVALID_ARG;
  const sim::Screen& screen = screens[display];
  *found = {};
  found->width = screen.size.width;
  found->height = screen.size.height;
  found->x = screen.x;
  found->y = screen.y;
  found->dpi = screen.dpi;
  const auto surface = vm.desktop.surface(display);
  if (!surface) return PRL_ERR_SUCCESS;
  found->is_bound = PRL_TRUE;
  found->window = surface->window;
  found->surface = surface->surface;
  found->scroll_x = surface->scroll_x;
  found->scroll_y = surface->scroll_y;
  found->surface_width = surface->width;
  found->surface_height = surface->height;
  return PRL_ERR_SUCCESS;
}

}  // namespace
}  // namespace prl::sdk

using prl::sdk::with_vm;
using prl::sim::Uuid;
using prl::sim::World;

extern "C" {

PRL_RESULT PrlSim_GetScreenPixel(PRL_HANDLE vm, PRL_UINT32 x, PRL_UINT32 y, PRL_UINT32* rgb) {
  return with_vm(vm, rgb, [=](World& world, const Uuid& uuid) {
    const prl::sim::ScreenSize size = world.peripherals().displays.size(uuid);
    if (x >= size.width || y >= size.height) return PRL_ERR_INVALID_ARG;
    const uint64_t shown_ms = world.peripherals().displays.shown_ms(uuid, world.time_ms());
    *rgb = prl::sim::screen_pixel(uuid, shown_ms, x, y);
    return PRL_ERR_SUCCESS;
  });
}

PRL_RESULT PrlSim_GetInputCount(PRL_HANDLE vm, PRL_UINT32* count) {
  return with_vm(vm, count, [=](World& world, const Uuid& uuid) {
    *count = static_cast<PRL_UINT32>(world.peripherals().displays.inputs(uuid).size());
    return PRL_ERR_SUCCESS;
  });
}

PRL_RESULT PrlSim_GetInput(PRL_HANDLE vm, PRL_UINT32 index, PrlSim_Input* input) {
  return with_vm(vm, input, [=](World& world, const Uuid& uuid) {
    const auto inputs = world.peripherals().displays.inputs(uuid);
    if (index >= inputs.size()) return PRL_ERR_INVALID_ARG;
    const prl::sim::Input& found = inputs[index];
    *input = {.kind = static_cast<PRL_UINT32>(found.kind),
              .key = found.key,
              .event = found.event,
              .x = found.x,
              .y = found.y,
              .wheel = found.wheel,
              .side_wheel = found.side_wheel,
              .buttons = found.buttons,
              .time_ms = found.time_ms};
    return PRL_ERR_SUCCESS;
  });
}

PRL_RESULT PrlSim_GetDisplay(PRL_HANDLE vm, PRL_UINT32 display, PrlSim_Display* found) {
  return prl::sdk::with_vm_handle(vm, found, [=](World& world, const prl::sdk::VmHandle& handle) {
    return prl::sdk::get_display(world, handle, display, found);
  });
}

PRL_RESULT PrlSim_GetCameraFrameCount(PRL_HANDLE vm, PRL_UINT64* count) {
  return with_vm(vm, count, [=](World& world, const Uuid& uuid) {
    *count = world.peripherals().cameras.view(uuid).count;
    return PRL_ERR_SUCCESS;
  });
}

PRL_RESULT PrlSim_GetCameraPixel(PRL_HANDLE vm, PRL_UINT32 x, PRL_UINT32 y, PRL_UINT32* rgb) {
  return with_vm(vm, rgb, [=](World& world, const Uuid& uuid) {
    if (x >= prl::sim::kCameraWidth || y >= prl::sim::kCameraHeight) return PRL_ERR_INVALID_ARG;
    const prl::sim::CameraView view = world.peripherals().cameras.view(uuid);
    if (view.pixels.empty()) return PRL_ERR_NO_DATA;
    *rgb = view.pixels[size_t{y} * prl::sim::kCameraWidth + x];
    return PRL_ERR_SUCCESS;
  });
}

}  // extern "C"
