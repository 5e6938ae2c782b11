// PrlDevDisplay_*, PrlDevSecondaryDisplay_*: connections to the screens of VMs, and their displays
// (core-api 4). Pictures of them are in display_capture.cpp, input is in input.cpp.
#include <prlsdk/Parallels.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "calls.h"
#include "sdk/calls/display_call.h"

namespace prl::sdk::calls {

namespace {

// All codecs that the API knows are below; the screen looks the same through each.
constexpr uint32_t kCodecMax = (1u << 20) - 1;
constexpr uint32_t kBufferFormatMax = PDBF_YUV420;
constexpr uint64_t kPixelsMax = uint64_t{sim::kScreenSideMax} * sim::kScreenSideMax;

struct Encoding {
  PRL_DISPLAY_CODEC_TYPE type;
  const char* name;
};
// The first is the library's own choice.
constexpr std::array kEncodings = {
    Encoding{PDCT_HIGH_QUALITY_WITH_COMPRESSION, "high, compressed"},
    Encoding{PDCT_MEDIUM_QUALITY_WITH_COMPRESSION, "medium, compressed"},
    Encoding{PDCT_LOW_QUALITY_WITH_COMPRESSION, "low, compressed"},
    Encoding{PDCT_HIGH_QUALITY_WITHOUT_COMPRESSION, "high, uncompressed"},
    Encoding{PDCT_MEDIUM_QUALITY_WITHOUT_COMPRESSION, "medium, uncompressed"},
    Encoding{PDCT_LOW_QUALITY_WITHOUT_COMPRESSION, "low, uncompressed"},
};

PRL_IO_DISPLAY_ENCODING encoding_of(const Encoding& encoding) {
  constexpr uint32_t kQualityBits = 0xFF;
  PRL_IO_DISPLAY_ENCODING filled{};
  filled.encodingType = static_cast<PRL_UINT32>(encoding.type);
  filled.encodingQuality = static_cast<PRL_UINT32>(encoding.type) & kQualityBits;
  std::strncpy(filled.encodingName, encoding.name, sizeof(filled.encodingName) - 1);
  return filled;
}

// The encoding of this type, and the library's choice where a client names none; empty for a type
// that there is not.
std::optional<PRL_IO_DISPLAY_ENCODING> find_encoding(uint32_t type) {
  if (type == 0) return encoding_of(kEncodings.front());
  const auto* found = std::ranges::find(kEncodings, static_cast<PRL_DISPLAY_CODEC_TYPE>(type),
                                        &Encoding::type);
  return found == kEncodings.end() ? std::nullopt : std::optional(encoding_of(*found));
}

PRL_HANDLE connect(Call& call, PRL_HANDLE handle, const PRL_IO_DISPLAY_ENCODING& encoding) {
  const VmJob begun = begin_vm_job(call, handle);
  if (!begun.job) return begun.given;
  return send_request(call, begun,
                      [vm = begun.vm, encoding](const sim::VmView& view) -> sim::RequestEnd {
                        if (!is_live(view)) return not_started(view);
                        vm->desktop.open_screen(encoding);
                        return {};
                      });
}

// ---- Displays --------------------------------------------------------------------------------

bool is_good(sim::ScreenSize size) {
  return size.width > 0 && size.width <= sim::kScreenSideMax && size.height > 0 &&
         size.height <= sim::kScreenSideMax;
}

std::pair<sim::Screen, uint32_t> screen_in(const PRL_IO_DISPLAY_SCREEN_SIZE& size) {
  const sim::Screen screen{.size = {size.width, size.height}, .x = size.displayX,
                           .y = size.displayY};
  return {screen, size.display};
}

std::pair<sim::Screen, uint32_t> screen_in(const PRL_IO_DPI_DISPLAY_SCREEN_SIZE& size) {
  auto [screen, number] = screen_in(size.display);
  screen.dpi = size.dpi;
  return {screen, number};
}

// The displays by their numbers, which must be 0, 1, ... in any order; empty for all else.
template <class Sizes>
std::vector<sim::Screen> read_screens(const Sizes* sizes, PRL_INT32 count) {
  if (count <= 0 || static_cast<size_t>(count) > sim::kScreensMax) return {};
  std::vector<sim::Screen> screens(static_cast<size_t>(count));
  std::set<uint32_t> numbers;
  uint64_t pixels = 0;
  for (PRL_INT32 i = 0; i < count; ++i) {
    const auto [screen, number] = screen_in(sizes[i]);
    const bool is_new = numbers.insert(number).second;
    if (number >= screens.size() || !is_new || !is_good(screen.size) || screen.dpi <= 0) return {};
    screens[number] = screen;
    pixels += uint64_t{screen.size.width} * screen.size.height;
  }
  if (pixels > kPixelsMax) return {};
  return screens;
}

template <class Sizes>
PRL_RESULT set_screens(const Call& call, PRL_HANDLE handle, const Sizes* sizes, PRL_INT32 count) {
  const OpenDesktop desktop = find_desktop(call, handle);
  if (!desktop.vm || !sizes) return PRL_ERR_INVALID_ARG;
  if (PRL_FAILED(desktop.code)) return desktop.code;
  std::vector<sim::Screen> screens = read_screens(sizes, count);
  if (screens.empty()) return PRL_ERR_INVALID_ARG;
  call.world().peripherals().displays.set_screens(desktop.vm->uuid(), std::move(screens));
  return PRL_ERR_SUCCESS;
}

PRL_IO_DISPLAY_SCREEN_SIZE size_of(const sim::Screen& screen, uint32_t display) {
  PRL_IO_DISPLAY_SCREEN_SIZE size{};
  size.width = screen.size.width;
  size.height = screen.size.height;
  size.depth = 32;
  size.lineBytes = static_cast<PRL_INT32>(screen.size.width * sizeof(uint32_t));
  size.display = display;
  size.displayX = screen.x;
  size.displayY = screen.y;
  return size;
}

// A display of an open desktop; `code` says why there is none.
struct OpenDisplay {
  Ref<VmHandle> vm;
  sim::Screen screen;
  PRL_RESULT code = PRL_ERR_SUCCESS;
};

OpenDisplay find_display(const Call& call, PRL_HANDLE handle, PRL_UINT32 display) {
  const OpenDesktop desktop = find_desktop(call, handle);
  OpenDisplay found{.vm = desktop.vm, .screen = {}, .code = desktop.code};
  if (PRL_FAILED(found.code)) return found;
  const std::vector<sim::Screen> screens = screens_of(call, desktop.vm);
  if (display < screens.size()) {
    found.screen = screens[display];
  } else {
    found.code = PRL_ERR_INVALID_ARG;
  }
  return found;
}

// A frame that the client has locked; `code` says why there is none.
struct OpenFrame {
  Ref<VmHandle> vm;
  Frame frame;
  PRL_RESULT code = PRL_ERR_SUCCESS;
};

OpenFrame find_frame(const Call& call, PRL_HANDLE handle, PRL_UINT32 display) {
  const OpenDesktop desktop = find_desktop(call, handle);
  OpenFrame found{.vm = desktop.vm, .frame = {}, .code = desktop.code};
  if (PRL_FAILED(found.code)) return found;
  const auto frame = desktop.vm->desktop.frame(display);
  if (frame) {
    found.frame = *frame;
  } else {
    found.code = desktop.vm->desktop.has_frames() ? PRL_ERR_INVALID_ARG : PRL_ERR_UNINITIALIZED;
  }
  return found;
}

PRL_RESULT bind_surface(const Call& call, PRL_HANDLE handle, PRL_UINT32 display,
                        const Surface& surface) {
  const OpenDisplay found = find_display(call, handle, display);
  if (PRL_SUCCEEDED(found.code)) found.vm->desktop.bind_surface(display, surface);
  return found.code;
}

}  // namespace

// ---- Connection ------------------------------------------------------------------------------

PRL_HANDLE vm_connect(Call& call, PRL_HANDLE vm, PRL_UINT32 /*flags*/) {
  return connect(call, vm, encoding_of(kEncodings.front()));
}

// What is no quality with or without compression gets the library's choice.
PRL_HANDLE dev_display_connect_to_vm(Call& call, PRL_HANDLE vm, PRL_DISPLAY_CODEC_TYPE type) {
  if (static_cast<uint32_t>(type) > kCodecMax) return call.bad_argument_job();
  const auto encoding = find_encoding(static_cast<uint32_t>(type));
  return connect(call, vm, encoding.value_or(encoding_of(kEncodings.front())));
}

PRL_HANDLE dev_display_connect_to_vm_ex(Call& call, PRL_HANDLE vm,
                                        PRL_IO_DISPLAY_ENCODING_PTR encoding,
                                        PRL_DISPLAY_BUFFER_FORMAT format) {
  const bool is_known = static_cast<uint32_t>(format) <= kBufferFormatMax;
  if (!encoding || !is_known || !call.pin<VmHandle>(vm)) return call.bad_argument_job();
  const auto found = find_encoding(encoding->encodingType);
  return found ? connect(call, vm, *found)
               : call.local_job(PRL_ERR_DISPLAY_ENCODINGS_NOT_SUPPORTED);
}

PRL_RESULT vm_disconnect(Call& call, PRL_HANDLE handle) {
  const auto vm = call.pin<VmHandle>(handle);
  if (!vm) return PRL_ERR_INVALID_ARG;
  return vm->desktop.close(Desktop::Channel::kScreen) ? PRL_ERR_SUCCESS : PRL_ERR_IO_NO_CONNECTION;
}

PRL_RESULT dev_display_disconnect_from_vm(Call& call, PRL_HANDLE vm) {
  return vm_disconnect(call, vm);
}

PRL_HANDLE vm_terminal_connect(Call& call, PRL_HANDLE handle, PRL_UINT32 /*flags*/) {
  const VmJob begun = begin_vm_job(call, handle);
  if (!begun.job) return begun.given;
  return send_request(call, begun, [vm = begun.vm](const sim::VmView& view) -> sim::RequestEnd {
    if (!is_live(view)) return not_started(view);
    vm->desktop.open_terminal();
    return {};
  });
}

PRL_RESULT vm_terminal_disconnect(Call& call, PRL_HANDLE handle) {
  const auto vm = call.pin<VmHandle>(handle);
  if (!vm) return PRL_ERR_INVALID_ARG;
  return vm->desktop.close(Desktop::Channel::kTerminal) ? PRL_ERR_SUCCESS
                                                        : PRL_ERR_IO_NO_CONNECTION;
}

PRL_RESULT srv_get_display_encoding_list(Call& call, PRL_HANDLE server,
                                         PRL_IO_DISPLAY_ENCODING_LIST_PTR list) {
  if (!call.pin<Server>(server) || !list) return PRL_ERR_INVALID_ARG;
  *list = {};
  list->encodingListSz = static_cast<PRL_UINT32>(kEncodings.size());
  std::ranges::transform(kEncodings, std::begin(list->encodingList), encoding_of);
  return PRL_ERR_SUCCESS;
}

PRL_RESULT dev_display_get_display_encoding(Call& call, PRL_HANDLE handle,
                                            PRL_IO_DISPLAY_ENCODING_PTR encoding) {
  const OpenDesktop desktop = find_desktop(call, handle);
  if (!desktop.vm || !encoding) return PRL_ERR_INVALID_ARG;
  if (PRL_SUCCEEDED(desktop.code)) *encoding = desktop.vm->desktop.encoding();
  return desktop.code;
}

PRL_RESULT dev_display_set_display_encoding(Call& call, PRL_HANDLE handle,
                                            PRL_IO_DISPLAY_ENCODING_PTR encoding) {
  const OpenDesktop desktop = find_desktop(call, handle);
  if (!desktop.vm || !encoding) return PRL_ERR_INVALID_ARG;
  if (PRL_FAILED(desktop.code)) return desktop.code;
  const auto found = find_encoding(encoding->encodingType);
  if (!found) return PRL_ERR_DISPLAY_ENCODINGS_NOT_SUPPORTED;
  desktop.vm->desktop.set_encoding(*found);
  return PRL_ERR_SUCCESS;
}

// ---- Screen ----------------------------------------------------------------------------------

PRL_RESULT dev_display_get_available_displays_count(Call& call, PRL_HANDLE handle,
                                                    PRL_UINT32_PTR count) {
  const OpenDesktop desktop = find_desktop(call, handle);
  if (!desktop.vm || !count) return PRL_ERR_INVALID_ARG;
  if (PRL_FAILED(desktop.code)) return desktop.code;
  *count = static_cast<PRL_UINT32>(screens_of(call, desktop.vm).size());
  return PRL_ERR_SUCCESS;
}

PRL_RESULT dev_display_get_screen_size(Call& call, PRL_HANDLE handle, PRL_IO_SCREEN_SIZE_PTR size) {
  const OpenDesktop desktop = find_desktop(call, handle);
  if (!desktop.vm || !size) return PRL_ERR_INVALID_ARG;
  if (PRL_FAILED(desktop.code)) return desktop.code;
  const sim::ScreenSize screen = screens_of(call, desktop.vm).front().size;
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
  if (!is_good(wanted)) return PRL_ERR_INVALID_ARG;
  call.world().peripherals().displays.set_size(desktop.vm->uuid(), wanted);
  return PRL_ERR_SUCCESS;
}

PRL_RESULT dev_display_lock_for_read(Call& call, PRL_HANDLE handle) {
  const OpenDesktop desktop = find_desktop(call, handle);
  if (PRL_FAILED(desktop.code)) return desktop.code;
  const std::vector<sim::Screen> screens = screens_of(call, desktop.vm);
  std::vector<Picture> frames;
  for (uint32_t display = 0; display < screens.size(); ++display) {
    auto picture = picture_now(call, desktop.vm, whole(screens[display].size, display));
    if (!picture) return PRL_ERR_OPERATION_FAILED;
    frames.push_back(std::move(*picture));
  }
  desktop.vm->desktop.lock_frames(std::move(frames));
  return PRL_ERR_SUCCESS;
}

PRL_RESULT dev_display_unlock(Call& call, PRL_HANDLE handle) {
  const auto vm = call.pin<VmHandle>(handle);
  if (!vm) return PRL_ERR_INVALID_ARG;
  return vm->desktop.unlock_frames() ? PRL_ERR_SUCCESS : PRL_ERR_UNINITIALIZED;
}

PRL_RESULT dev_secondary_display_get_screen_buffer(Call& call, PRL_HANDLE handle,
                                                   PRL_UINT32 display, PRL_UINT32_PTR_PTR buffer,
                                                   PRL_INT32_PTR line_bytes) {
  const OpenFrame found = find_frame(call, handle, display);
  if (!found.vm || !buffer || !line_bytes) return PRL_ERR_INVALID_ARG;
  if (PRL_FAILED(found.code)) return found.code;
  *buffer = found.frame.pixels;
  *line_bytes = static_cast<PRL_INT32>(found.frame.width * sizeof(uint32_t));
  return PRL_ERR_SUCCESS;
}

PRL_RESULT dev_display_get_screen_buffer(Call& call, PRL_HANDLE handle,
                                         PRL_UINT32_PTR_PTR buffer, PRL_INT32_PTR line_bytes) {
  return dev_secondary_display_get_screen_buffer(call, handle, 0, buffer, line_bytes);
}

// The size is that of the frame, which may be older than that of the display. No memory is shared
// with another process.
PRL_RESULT dev_secondary_display_get_screen_buffer_ex(
    Call& call, PRL_HANDLE handle, PRL_UINT32 display, PRL_UINT32_PTR_PTR buffer,
    PRL_IO_DISPLAY_SCREEN_SIZE_PTR size, PRL_VOID_PTR_PTR mapping, PRL_UINT64_PTR offset) {
  const OpenFrame found = find_frame(call, handle, display);
  if (!found.vm || !buffer || !size || !mapping || !offset) return PRL_ERR_INVALID_ARG;
  if (PRL_FAILED(found.code)) return found.code;
  const std::vector<sim::Screen> screens = screens_of(call, found.vm);
  sim::Screen screen = display < screens.size() ? screens[display] : sim::Screen();
  screen.size = {found.frame.width, found.frame.height};
  *buffer = found.frame.pixels;
  *size = size_of(screen, display);
  *mapping = nullptr;
  *offset = 0;
  return PRL_ERR_SUCCESS;
}

// One form for all: 0x00RRGGBB.
PRL_RESULT dev_secondary_display_get_screen_buffer_format(Call& call, PRL_HANDLE handle,
                                                          PRL_UINT32 display,
                                                          PRL_DISPLAY_BUFFER_FORMAT_PTR format) {
  const OpenDisplay found = find_display(call, handle, display);
  if (!found.vm || !format) return PRL_ERR_INVALID_ARG;
  if (PRL_SUCCEEDED(found.code)) *format = PDBF_RGB32;
  return found.code;
}

PRL_RESULT dev_secondary_display_get_screen_size(Call& call, PRL_HANDLE handle, PRL_UINT32 display,
                                                 PRL_IO_DISPLAY_SCREEN_SIZE_PTR size) {
  const OpenDisplay found = find_display(call, handle, display);
  if (!found.vm || !size) return PRL_ERR_INVALID_ARG;
  if (PRL_SUCCEEDED(found.code)) *size = size_of(found.screen, display);
  return found.code;
}

PRL_RESULT dev_display_set_configuration(Call& call, PRL_HANDLE vm,
                                         PRL_IO_DISPLAY_SCREEN_SIZE_PTR displays, PRL_INT32 count) {
  return set_screens(call, vm, displays, count);
}

PRL_RESULT dev_display_set_dpi_configuration(Call& call, PRL_HANDLE vm,
                                             PRL_IO_DPI_DISPLAY_SCREEN_SIZE_PTR displays,
                                             PRL_INT32 count) {
  return set_screens(call, vm, displays, count);
}

PRL_RESULT dev_display_set_screen_surface(Call& call, PRL_HANDLE vm, PRL_UINT32 display,
                                          PRL_UINT32 window, PRL_UINT32 surface,
                                          PRL_INT32 scroll_x, PRL_INT32 scroll_y, PRL_UINT32 width,
                                          PRL_UINT32 height) {
  return bind_surface(call, vm, display, {window, surface, scroll_x, scroll_y, width, height});
}

PRL_RESULT dev_display_sync_set_screen_surface(Call& call, PRL_HANDLE vm, PRL_UINT32 display,
                                               PRL_UINT32 window, PRL_UINT32 surface,
                                               PRL_INT32 scroll_x, PRL_INT32 scroll_y,
                                               PRL_UINT32 width, PRL_UINT32 height) {
  return bind_surface(call, vm, display, {window, surface, scroll_x, scroll_y, width, height});
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

}  // namespace prl::sdk::calls
