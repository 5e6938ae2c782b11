// What the files of sdk/calls about the screens of VMs share.
#pragma once

#include <prlsdk/Parallels.h>

#include <optional>
#include <vector>

#include "sdk/boundary.h"
#include "sdk/calls/vm_request_job.h"
#include "sdk/picture.h"

namespace prl::sdk::calls {

// A desktop that is open, of a VM that runs; `code` says why there is none.
struct OpenDesktop {
  Ref<VmHandle> vm;
  PRL_RESULT code = PRL_ERR_SUCCESS;
};

inline bool is_live(const sim::VmView& view) {
  return view.state == sim::State::kRunning || view.state == sim::State::kPaused;
}

// `is_wanted` says through which channel the client must be connected.
template <class IsWanted>
OpenDesktop find_channel(const Call& call, PRL_HANDLE handle, IsWanted is_wanted) {
  OpenDesktop found{.vm = call.pin<VmHandle>(handle)};
  if (!found.vm) {
    found.code = PRL_ERR_INVALID_ARG;
  } else if (!is_wanted(found.vm->desktop.channel())) {
    found.code = PRL_ERR_IO_NO_CONNECTION;
  } else {
    const auto view = call.world().view(found.vm->uuid());
    if (!view || !is_live(*view)) found.code = PRL_ERR_DISP_VM_IS_NOT_STARTED;
  }
  return found;
}

inline OpenDesktop find_desktop(const Call& call, PRL_HANDLE handle) {
  return find_channel(
      call, handle, [](Desktop::Channel channel) { return channel == Desktop::Channel::kScreen; });
}

inline std::vector<sim::Screen> screens_of(const Call& call, const Ref<VmHandle>& vm) {
  return call.world().peripherals().displays.screens(vm->uuid());
}

inline Region whole(sim::ScreenSize size, uint32_t display = 0) {
  return {.width = size.width, .height = size.height, .display = display};
}

// Empty where there is no such display, or the region is not on it.
inline std::optional<Picture> picture_now(const Call& call, const Ref<VmHandle>& vm,
                                          const Region& region) {
  const std::vector<sim::Screen> screens = screens_of(call, vm);
  if (region.display >= screens.size()) return std::nullopt;
  sim::World& world = call.world();
  const sim::Uuid uuid = vm->uuid();
  return take_picture(uuid, screens[region.display].size,
                      world.peripherals().displays.shown_ms(uuid, world.time_ms()), region);
}

}  // namespace prl::sdk::calls
