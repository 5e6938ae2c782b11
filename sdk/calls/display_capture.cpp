// PrlDevDisplay_*, PrlDevSecondaryDisplay_*: pictures of screens and pointers (core-api 4).
#include <prlsdk/Parallels.h>

#include <fstream>
#include <memory>
#include <string>
#include <utility>

#include "calls.h"
#include "sdk/calls/display_call.h"
#include "sdk/strings.h"
#include "simulator/base64.h"

namespace prl::sdk::calls {

namespace {

using sim::OutcomeKind;

constexpr uint32_t kArrowSide = 12;

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

bool is_format(PRL_IMAGE_FORMAT format) {
  return format >= PIF_RAW && format <= PIF_PNG;
}

PRL_RESULT capture_to_file(const Call& call, PRL_HANDLE handle, PRL_CONST_STR path,
                           PRL_IMAGE_FORMAT format, const Region& region) {
  if (!path || !call.pin<VmHandle>(handle) || !is_format(format)) return PRL_ERR_INVALID_ARG;
  PRL_RESULT code = PRL_ERR_SUCCESS;
  const auto bytes = capture(call, handle, format, region, code);
  if (!bytes) return code;
  return write_file(path, *bytes) ? PRL_ERR_SUCCESS : PRL_ERR_FILE_WRITE_ERROR;
}

PRL_RESULT capture_and_give(const Call& call, PRL_HANDLE handle, PRL_VOID_PTR_PTR buffer,
                            PRL_UINT32_PTR bytes, PRL_IMAGE_FORMAT format, const Region& region) {
  const bool is_good = call.pin<VmHandle>(handle) && buffer && bytes && is_format(format);
  if (!is_good) return PRL_ERR_INVALID_ARG;
  PRL_RESULT code = PRL_ERR_SUCCESS;
  const auto image = capture(call, handle, format, region, code);
  if (!image) return code;
  *bytes = static_cast<PRL_UINT32>(image->size());
  return give_buffer(*image, buffer);
}

// ---- Base64 pictures as results of jobs ------------------------------------------------------

// Draws with the world unlocked: a picture takes a while.
PRL_HANDLE send_picture(Call& call, const VmJob& begun,
                        std::function<sim::Outcome(const sim::VmView&)> check, Region region) {
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

// ---- Pictures in events ----------------------------------------------------------------------

EventContent screen_event(PRL_EVENT_TYPE type, const sim::Uuid& vm) {
  EventContent event = vm_event(type, vm);
  event.issuer_type = PIE_IO_SERVICE;
  return event;
}

PRL_HANDLE capture_to_buffer(Call& call, PRL_HANDLE handle, PRL_IMAGE_FORMAT format,
                             const Region& region) {
  const OpenDesktop desktop = find_desktop(call, handle);
  if (!desktop.vm || !is_format(format)) return call.bad_argument_job();
  if (PRL_FAILED(desktop.code)) return call.local_job(desktop.code);
  const auto bytes = std::make_shared<std::string>();
  const sim::Uuid uuid = desktop.vm->uuid();
  return send_request(
      call, begin_vm_job(call, handle),
      [=, &displays = call.world().peripherals().displays,
       now_ms = call.world().time_ms()](const sim::VmView& vm) -> sim::RequestEnd {
        if (!is_live(vm)) return not_started(vm);
        const std::vector<sim::Screen> screens = displays.screens(uuid);
        if (region.display >= screens.size()) return OutcomeKind::kBadPicture;
        sim::RequestEnd end;
        end.work = [=, size = screens[region.display].size,
                    shown_ms = displays.shown_ms(uuid, now_ms)]() -> sim::Outcome {
          const auto picture = take_picture(uuid, size, shown_ms, region);
          if (!picture) return OutcomeKind::kBadPicture;
          auto encoded = encode(*picture, format);
          if (!encoded) return OutcomeKind::kNotModelled;
          *bytes = std::move(*encoded);
          return {};
        };
        return end;
      },
      [bytes, uuid](Job::Outcome& outcome) {
        EventContent event = screen_event(PET_IO_SCREEN_CAPTURED, uuid);
        event.parameters.push_back({"screen", PFD_BINARY, *bytes});
        outcome.answers.emplace_back(EventAnswer{std::move(event), sim::to_base64(*bytes)});
      });
}

void add_number(EventContent& event, const char* name, uint32_t number) {
  event.parameters.push_back({name, PFD_UINT32, std::to_string(number)});
}

// The picture comes first, as in the answer of PrlVm_CaptureScreen, and then what of the screen it
// shows.
PRL_RESULT request_picture(const Call& call, PRL_HANDLE handle, PRL_EVENT_TYPE type,
                           const Region& region) {
  const OpenDesktop desktop = find_desktop(call, handle);
  if (PRL_FAILED(desktop.code)) return desktop.code;
  const auto picture = picture_now(call, desktop.vm, region);
  if (!picture) return PRL_ERR_INVALID_ARG;
  EventContent event = screen_event(type, desktop.vm->uuid());
  event.parameters.push_back({"screen", PFD_STRING, sim::to_base64(*encode(*picture, PIF_PNG))});
  add_number(event, "x", region.x);
  add_number(event, "y", region.y);
  add_number(event, "width", region.width);
  add_number(event, "height", region.height);
  if (type == PET_IO_DISPLAY_SCREEN_CAPTURED) add_number(event, "display", region.display);
  desktop.vm->server->deliver_event(std::move(event));
  return PRL_ERR_SUCCESS;
}

// A white arrow with a black edge on a clear ground, 0xAARRGGBB, whose tip is the hot spot.
std::string arrow() {
  constexpr uint32_t kBlack = 0xFF000000u;
  constexpr uint32_t kWhite = 0xFFFFFFFFu;
  constexpr uint32_t kClear = 0;
  std::string pixels;
  for (uint32_t y = 0; y < kArrowSide; ++y) {
    for (uint32_t x = 0; x < kArrowSide; ++x) {
      const bool is_edge = x == 0 || x == y || y + 1 == kArrowSide;
      const uint32_t pixel = x > y ? kClear : is_edge ? kBlack : kWhite;
      pixels.append(reinterpret_cast<const char*>(&pixel), sizeof(pixel));
    }
  }
  return pixels;
}

}  // namespace

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
  return capture_to_file(call, vm, path, format, {x, y, width, height, scale_width, scale_height});
}

PRL_RESULT dev_display_sync_capture_scaled_screen_region_to_buffer(
    Call& call, PRL_HANDLE vm, PRL_VOID_PTR_PTR buffer, PRL_UINT32_PTR bytes,
    PRL_IMAGE_FORMAT format, PRL_INT32 /*quality*/, PRL_UINT32 x, PRL_UINT32 y, PRL_UINT32 width,
    PRL_UINT32 height, PRL_UINT32 scale_width, PRL_UINT32 scale_height) {
  return capture_and_give(call, vm, buffer, bytes, format,
                          {x, y, width, height, scale_width, scale_height});
}

PRL_HANDLE dev_display_async_capture_scaled_screen_region_to_buffer(
    Call& call, PRL_HANDLE vm, PRL_IMAGE_FORMAT format, PRL_INT32 /*quality*/, PRL_UINT32 x,
    PRL_UINT32 y, PRL_UINT32 width, PRL_UINT32 height, PRL_UINT32 scale_width,
    PRL_UINT32 scale_height) {
  return capture_to_buffer(call, vm, format, {x, y, width, height, scale_width, scale_height});
}

PRL_HANDLE dev_display_async_capture_scaled_screen_region_to_file(
    Call& call, PRL_HANDLE vm, PRL_CONST_STR path, PRL_IMAGE_FORMAT format, PRL_INT32 /*quality*/,
    PRL_UINT32 x, PRL_UINT32 y, PRL_UINT32 width, PRL_UINT32 height, PRL_UINT32 scale_width,
    PRL_UINT32 scale_height) {
  return call.local_job(
      capture_to_file(call, vm, path, format, {x, y, width, height, scale_width, scale_height}));
}

PRL_HANDLE dev_display_async_capture_screen_region_to_file(
    Call& call, PRL_HANDLE vm, PRL_CONST_STR path, PRL_IMAGE_FORMAT format, PRL_INT32 /*quality*/,
    PRL_UINT32 x, PRL_UINT32 y, PRL_UINT32 width, PRL_UINT32 height) {
  return call.local_job(capture_to_file(call, vm, path, format, {x, y, width, height}));
}

PRL_RESULT dev_secondary_display_sync_capture_scaled_screen_region_to_file(
    Call& call, PRL_HANDLE vm, PRL_UINT32 display, PRL_CONST_STR path, PRL_IMAGE_FORMAT format,
    PRL_INT32 /*quality*/, PRL_UINT32 x, PRL_UINT32 y, PRL_UINT32 width, PRL_UINT32 height,
    PRL_UINT32 scale_width, PRL_UINT32 scale_height) {
  return capture_to_file(call, vm, path, format,
                         {x, y, width, height, scale_width, scale_height, display});
}

PRL_HANDLE dev_secondary_display_async_capture_scaled_screen_region_to_file(
    Call& call, PRL_HANDLE vm, PRL_UINT32 display, PRL_CONST_STR path, PRL_IMAGE_FORMAT format,
    PRL_INT32 /*quality*/, PRL_UINT32 x, PRL_UINT32 y, PRL_UINT32 width, PRL_UINT32 height,
    PRL_UINT32 scale_width, PRL_UINT32 scale_height) {
  return call.local_job(capture_to_file(call, vm, path, format,
                                        {x, y, width, height, scale_width, scale_height, display}));
}

PRL_RESULT dev_secondary_display_sync_capture_scaled_screen_region_to_buffer(
    Call& call, PRL_HANDLE vm, PRL_UINT32 display, PRL_VOID_PTR_PTR buffer, PRL_UINT32_PTR bytes,
    PRL_IMAGE_FORMAT format, PRL_INT32 /*quality*/, PRL_UINT32 x, PRL_UINT32 y, PRL_UINT32 width,
    PRL_UINT32 height, PRL_UINT32 scale_width, PRL_UINT32 scale_height) {
  return capture_and_give(call, vm, buffer, bytes, format,
                          {x, y, width, height, scale_width, scale_height, display});
}

PRL_HANDLE dev_secondary_display_async_capture_scaled_screen_region_to_buffer(
    Call& call, PRL_HANDLE vm, PRL_UINT32 display, PRL_IMAGE_FORMAT format, PRL_INT32 /*quality*/,
    PRL_UINT32 x, PRL_UINT32 y, PRL_UINT32 width, PRL_UINT32 height, PRL_UINT32 scale_width,
    PRL_UINT32 scale_height) {
  return capture_to_buffer(call, vm, format,
                           {x, y, width, height, scale_width, scale_height, display});
}

PRL_HANDLE vm_capture_screen(Call& call, PRL_HANDLE handle, PRL_UINT32 width, PRL_UINT32 height,
                             PRL_UINT32 /*flags*/) {
  return send_picture(call, begin_vm_job(call, handle),
                      [](const sim::VmView& vm) {
                        return vm.state == sim::State::kRunning ? sim::Outcome() : not_started(vm);
                      },
                      {.scale_width = width, .scale_height = height});
}

PRL_HANDLE vm_get_suspended_screen(Call& call, PRL_HANDLE handle) {
  return send_picture(call, begin_vm_job(call, handle),
                      [](const sim::VmView& vm) -> sim::Outcome {
                        const bool has_one = vm.state == sim::State::kSuspended ||
                                             vm.state == sim::State::kSuspending ||
                                             vm.state == sim::State::kSuspendingSync ||
                                             vm.state == sim::State::kResuming;
                        return has_one ? OutcomeKind::kOk : OutcomeKind::kVmNotSuspended;
                      },
                      {});
}

// ---- Requests --------------------------------------------------------------------------------

PRL_RESULT dev_display_send_capture_screen_request(Call& call, PRL_HANDLE vm,
                                                   PRL_IO_SCREEN_REGION_PTR region) {
  if (!region) return PRL_ERR_INVALID_ARG;
  return request_picture(call, vm, PET_IO_SCREEN_CAPTURED,
                         {region->x, region->y, region->width, region->height});
}

PRL_RESULT dev_secondary_display_send_capture_screen_request(
    Call& call, PRL_HANDLE vm, PRL_IO_DISPLAY_SCREEN_REGION_PTR region) {
  if (!region) return PRL_ERR_INVALID_ARG;
  return request_picture(call, vm, PET_IO_DISPLAY_SCREEN_CAPTURED,
                         {.x = region->x,
                          .y = region->y,
                          .width = region->width,
                          .height = region->height,
                          .display = region->display});
}

// One parameter: PRL_IO_MOUSE_CURSOR, and behind it the pixels.
PRL_RESULT dev_display_need_cursor_data(Call& call, PRL_HANDLE handle) {
  const OpenDesktop desktop = find_desktop(call, handle);
  if (PRL_FAILED(desktop.code)) return desktop.code;
  const sim::Uuid uuid = desktop.vm->uuid();
  const sim::Point place = call.world().peripherals().displays.pointer(uuid);
  PRL_IO_MOUSE_CURSOR cursor{};
  cursor.x = static_cast<PRL_UINT32>(place.x);
  cursor.y = static_cast<PRL_UINT32>(place.y);
  cursor.width = kArrowSide;
  cursor.height = kArrowSide;
  EventContent event = screen_event(PET_IO_MOUSE_CURSOR_CHANGED, uuid);
  event.parameters.push_back(
      {"cursor", PFD_BINARY,
       std::string(reinterpret_cast<const char*>(&cursor), sizeof(cursor)) + arrow()});
  desktop.vm->server->deliver_event(std::move(event));
  return PRL_ERR_SUCCESS;
}

}  // namespace prl::sdk::calls
