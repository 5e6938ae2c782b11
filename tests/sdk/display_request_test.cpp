// What clients set of the displays of VMs, and what they are sent where they ask for it.
#include <algorithm>
#include <cstring>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "tests/sdk/display_fixture.h"

namespace prl::tests {
namespace {

// -- What comes as an event.

// Keeps the events of a VM that come before a job of it that ends after them.
class EventsOf {
 public:
  explicit EventsOf(PRL_HANDLE vm) : vm_(vm) {
    EXPECT_EQ(PrlVm_RegEventHandler(vm_, &EventsOf::keep, this), PRL_ERR_SUCCESS);
  }
  EventsOf(const EventsOf&) = delete;
  EventsOf& operator=(const EventsOf&) = delete;
  ~EventsOf() { PrlVm_UnregEventHandler(vm_, &EventsOf::keep, this); }

  std::vector<Handle> all() {
    Recorder recorder(vm_);
    const Handle job(PrlVm_GetState(vm_));
    EXPECT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
    recorder.up_to(job);
    std::lock_guard lock(mutex_);
    return std::exchange(events_, {});
  }

 private:
  static PRL_RESULT PRL_CALL keep(PRL_HANDLE notification, PRL_VOID_PTR data) {
    Handle owned(notification);
    auto& self = *static_cast<EventsOf*>(data);
    PRL_HANDLE_TYPE type = PHT_ERROR;
    PrlHandle_GetType(owned, &type);
    std::lock_guard lock(self.mutex_);
    if (type == PHT_EVENT) self.events_.push_back(std::move(owned));
    return PRL_ERR_SUCCESS;
  }

  const PRL_HANDLE vm_;
  std::mutex mutex_;
  std::vector<Handle> events_;  // guarded by mutex_
};

PRL_EVENT_TYPE type_of(PRL_HANDLE event) {
  PRL_EVENT_TYPE type = PET_DSP_EVT_VM_STATE_CHANGED;
  EXPECT_EQ(PrlEvent_GetType(event, &type), PRL_ERR_SUCCESS);
  return type;
}

PRL_UINT32 number_of(PRL_HANDLE event, const char* name) {
  Handle parameter;
  PRL_UINT32 number = UINT32_MAX;
  EXPECT_EQ(PrlEvent_GetParamByName(event, name, parameter.out()), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlEvtPrm_ToUint32(parameter, &number), PRL_ERR_SUCCESS);
  return number;
}

std::string picture_in(PRL_HANDLE event) {
  Handle parameter;
  EXPECT_EQ(PrlEvent_GetParamByName(event, "screen", parameter.out()), PRL_ERR_SUCCESS);
  const std::string text = text_of([&](PRL_STR buffer, PRL_UINT32_PTR length) {
    return PrlEvtPrm_ToString(parameter, buffer, length);
  });
  return sim::from_base64(text).value_or("");
}

TEST_F(ADesktop, SendsWhatIsAskedOfItsScreen) {
  PRL_IO_SCREEN_REGION region{.x = 40, .y = 30, .width = 20, .height = 10};
  EXPECT_EQ(PrlDevDisplay_SendCaptureScreenRequest(vm, &region), PRL_ERR_IO_NO_CONNECTION);
  open();
  EventsOf events(vm);
  ASSERT_EQ(PrlDevDisplay_SendCaptureScreenRequest(vm, &region), PRL_ERR_SUCCESS);
  const auto seen = events.all();
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_EQ(type_of(seen[0]), PET_IO_SCREEN_CAPTURED);
  EXPECT_EQ(number_of(seen[0], "x"), 40u);
  EXPECT_EQ(number_of(seen[0], "height"), 10u);
  const Png png(picture_in(seen[0]));
  EXPECT_EQ(png.width, 20u);
  EXPECT_EQ(png.pixel(3, 4), pixel(43, 34));
  region.width = 1000;
  EXPECT_EQ(PrlDevDisplay_SendCaptureScreenRequest(vm, &region), PRL_ERR_INVALID_ARG);
  EXPECT_TRUE(events.all().empty());
}

TEST_F(ADesktop, SendsThePointerFromWhereMiceHaveBroughtIt) {
  EXPECT_EQ(PrlDevDisplay_NeedCursorData(vm), PRL_ERR_IO_NO_CONNECTION);
  open();
  EventsOf events(vm);
  const auto place_after = [&](PRL_RESULT moved) {
    EXPECT_EQ(moved, PRL_ERR_SUCCESS);
    EXPECT_EQ(PrlDevDisplay_NeedCursorData(vm), PRL_ERR_SUCCESS);
    const auto seen = events.all();
    PRL_IO_MOUSE_CURSOR cursor{};
    if (seen.size() != 1) return cursor;
    EXPECT_EQ(type_of(seen[0]), PET_IO_MOUSE_CURSOR_CHANGED);
    const std::string bytes = bytes_of(seen[0]);
    std::memcpy(&cursor, bytes.data(), std::min(sizeof(cursor), bytes.size()));
    EXPECT_EQ(bytes.size(), sizeof(cursor) + size_t{cursor.width} * cursor.height * 4);
    return cursor;
  };
  EXPECT_EQ(place_after(PrlDevMouse_SetPos(vm, 100, 200, 0, 0)).x, 100u);
  const auto moved = place_after(PrlDevMouse_Move(vm, -30, 5, 0, 0));
  EXPECT_EQ(moved.x, 70u);
  EXPECT_EQ(moved.y, 205u);
  EXPECT_GT(moved.width, 0u);
  const auto corner = place_after(PrlDevMouse_Move(vm, INT32_MIN, INT32_MAX, 0, 0));
  EXPECT_EQ(corner.x, 0u);
  EXPECT_EQ(corner.y, 767u);
}

// -- Several displays.

PRL_IO_DISPLAY_SCREEN_SIZE display_of(PRL_UINT32 number, PRL_UINT32 width, PRL_INT32 x) {
  PRL_IO_DISPLAY_SCREEN_SIZE size{};
  size.width = width;
  size.height = 100;
  size.display = number;
  size.displayX = x;
  return size;
}

PRL_UINT32 count_of_displays(PRL_HANDLE vm) {
  PRL_UINT32 count = 0;
  EXPECT_EQ(PrlDevDisplay_GetAvailableDisplaysCount(vm, &count), PRL_ERR_SUCCESS);
  return count;
}

TEST_F(ADesktop, HasAsManyDisplaysAsItsClientSets) {
  PRL_IO_DISPLAY_SCREEN_SIZE sizes[] = {display_of(1, 300, 200), display_of(0, 200, 0)};
  EXPECT_EQ(PrlDevDisplay_SetConfiguration(vm, sizes, 2), PRL_ERR_IO_NO_CONNECTION);
  open();
  EXPECT_EQ(count_of_displays(vm), 1u);
  ASSERT_EQ(PrlDevDisplay_SetConfiguration(vm, sizes, 2), PRL_ERR_SUCCESS);
  EXPECT_EQ(count_of_displays(vm), 2u);
  PRL_IO_SCREEN_SIZE first{};
  PRL_IO_DISPLAY_SCREEN_SIZE second{};
  EXPECT_EQ(PrlDevDisplay_GetScreenSize(vm, &first), PRL_ERR_SUCCESS);
  EXPECT_EQ(first.width, 200u);
  EXPECT_EQ(PrlDevSecondaryDisplay_GetScreenSize(vm, 1, &second), PRL_ERR_SUCCESS);
  EXPECT_EQ(second.width, 300u);
  EXPECT_EQ(second.displayX, 200);
  EXPECT_EQ(second.lineBytes, 1200);
  EXPECT_EQ(PrlDevSecondaryDisplay_GetScreenSize(vm, 2, &second), PRL_ERR_INVALID_ARG);
  sizes[1].display = 1;
  EXPECT_EQ(PrlDevDisplay_SetConfiguration(vm, sizes, 2), PRL_ERR_INVALID_ARG) << "twice the same";
  sizes[1] = display_of(0, 0, 0);
  EXPECT_EQ(PrlDevDisplay_SetConfiguration(vm, sizes, 2), PRL_ERR_INVALID_ARG) << "no width";
  sizes[0].width = sizes[0].height = 16384;
  sizes[1] = display_of(0, 1, 0);
  EXPECT_EQ(PrlDevDisplay_SetConfiguration(vm, sizes, 2), PRL_ERR_INVALID_ARG) << "too many pixels";
  EXPECT_EQ(PrlDevDisplay_SetConfiguration(vm, sizes, 0), PRL_ERR_INVALID_ARG);
  EXPECT_EQ(PrlDevDisplay_SetConfiguration(vm, sizes, INT32_MAX), PRL_ERR_INVALID_ARG);
  EXPECT_EQ(count_of_displays(vm), 2u);
}

TEST_F(ADesktop, KnowsTheDensityOfItsDisplays) {
  open();
  PRL_IO_DPI_DISPLAY_SCREEN_SIZE size{};
  size.display = display_of(0, 2880, 0);
  size.dpi = 220;
  ASSERT_EQ(PrlDevDisplay_SetDpiConfiguration(vm, &size, 1), PRL_ERR_SUCCESS);
  PrlSim_Display display{};
  ASSERT_EQ(PrlSim_GetDisplay(vm, 0, &display), PRL_ERR_SUCCESS);
  EXPECT_EQ(display.width, 2880u);
  EXPECT_EQ(display.dpi, 220);
  size.dpi = 0;
  EXPECT_EQ(PrlDevDisplay_SetDpiConfiguration(vm, &size, 1), PRL_ERR_INVALID_ARG);
  EXPECT_EQ(PrlSim_GetDisplay(vm, 1, &display), PRL_ERR_INVALID_ARG);
}

TEST_F(ADesktop, ShowsSomethingElseOnEachDisplay) {
  open();
  PRL_IO_DISPLAY_SCREEN_SIZE sizes[] = {display_of(0, 200, 0), display_of(1, 300, 200)};
  ASSERT_EQ(PrlDevDisplay_SetConfiguration(vm, sizes, 2), PRL_ERR_SUCCESS);
  const auto start = [&](PRL_UINT32 display) {
    return PrlDevSecondaryDisplay_AsyncCaptureScaledScreenRegionToBuffer(vm, display, PIF_RAW, 0, 5,
                                                                         6, 1, 1, 0, 0);
  };
  const auto captured = [&](PRL_UINT32 display) {
    const std::string bytes = bytes_of(answer_of(start(display)));
    PRL_UINT32 value = 0;
    std::memcpy(&value, bytes.data(), std::min(sizeof(value), bytes.size()));
    return value;
  };
  PRL_UINT32_PTR frame = nullptr;
  PRL_INT32 line_bytes = 0;
  ASSERT_EQ(PrlDevDisplay_LockForRead(vm), PRL_ERR_SUCCESS);
  ASSERT_EQ(PrlDevSecondaryDisplay_GetScreenBuffer(vm, 1, &frame, &line_bytes), PRL_ERR_SUCCESS);
  EXPECT_EQ(line_bytes, 1200);
  const PRL_UINT32 second = frame[6 * 300 + 5];
  EXPECT_EQ(PrlDevSecondaryDisplay_GetScreenBuffer(vm, 2, &frame, &line_bytes),
            PRL_ERR_INVALID_ARG);
  EXPECT_EQ(PrlDevDisplay_Unlock(vm), PRL_ERR_SUCCESS);
  EXPECT_EQ(captured(0), pixel(5, 6));
  EXPECT_EQ(captured(1), second);
  EXPECT_NE(captured(1), captured(0));
  EXPECT_EQ(finish(start(2)), PRL_ERR_INVALID_ARG);
  EventsOf events(vm);
  PRL_IO_DISPLAY_SCREEN_REGION region{.x = 5, .y = 6, .width = 1, .height = 1, .display = 1};
  ASSERT_EQ(PrlDevSecondaryDisplay_SendCaptureScreenRequest(vm, &region), PRL_ERR_SUCCESS);
  const auto seen = events.all();
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_EQ(type_of(seen[0]), PET_IO_DISPLAY_SCREEN_CAPTURED);
  EXPECT_EQ(number_of(seen[0], "display"), 1u);
  EXPECT_EQ(Png(picture_in(seen[0])).pixel(0, 0), second);
}

TEST_F(ADesktop, IsDrawnOnASurfaceUntilItIsClosed) {
  EXPECT_EQ(PrlDevDisplay_SetScreenSurface(vm, 0, 7, 8, -1, 2, 640, 480), PRL_ERR_IO_NO_CONNECTION);
  open();
  PrlSim_Display display{};
  EXPECT_EQ(PrlDevDisplay_SetScreenSurface(vm, 1, 7, 8, -1, 2, 640, 480), PRL_ERR_INVALID_ARG);
  ASSERT_EQ(PrlDevDisplay_SetScreenSurface(vm, 0, 7, 8, -1, 2, 640, 480), PRL_ERR_SUCCESS);
  ASSERT_EQ(PrlSim_GetDisplay(vm, 0, &display), PRL_ERR_SUCCESS);
  EXPECT_TRUE(display.is_bound);
  EXPECT_EQ(display.window, 7u);
  EXPECT_EQ(display.surface, 8u);
  EXPECT_EQ(display.scroll_x, -1);
  EXPECT_EQ(display.surface_height, 480u);
  EXPECT_EQ(PrlDevDisplay_DisconnectFromVm(vm), PRL_ERR_SUCCESS);
  ASSERT_EQ(PrlSim_GetDisplay(vm, 0, &display), PRL_ERR_SUCCESS);
  EXPECT_FALSE(display.is_bound);
}

// -- Encodings.

TEST_F(ADesktop, UsesAnEncodingOfTheList) {
  PRL_IO_DISPLAY_ENCODING_LIST list{};
  const Handle stranger = new_server();
  ASSERT_EQ(PrlSrv_GetDisplayEncodingList(stranger, &list), PRL_ERR_SUCCESS);
  ASSERT_GT(list.encodingListSz, 1u);
  ASSERT_LT(list.defaultEncodingIdx, list.encodingListSz);
  PRL_IO_DISPLAY_ENCODING used{}, wanted = list.encodingList[1];
  EXPECT_EQ(PrlDevDisplay_GetDisplayEncoding(vm, &used), PRL_ERR_IO_NO_CONNECTION);
  EXPECT_EQ(finish(PrlDevDisplay_ConnectToVmEx(vm, &wanted, PDBF_RGB32)), PRL_ERR_SUCCESS);
  ASSERT_EQ(PrlDevDisplay_GetDisplayEncoding(vm, &used), PRL_ERR_SUCCESS);
  EXPECT_STREQ(used.encodingName, wanted.encodingName);
  ASSERT_EQ(PrlDevDisplay_SetDisplayEncoding(vm, &list.encodingList[0]), PRL_ERR_SUCCESS);
  ASSERT_EQ(PrlDevDisplay_GetDisplayEncoding(vm, &used), PRL_ERR_SUCCESS);
  EXPECT_EQ(used.encodingType, list.encodingList[0].encodingType);
  wanted.encodingType = 12345;
  EXPECT_EQ(PrlDevDisplay_SetDisplayEncoding(vm, &wanted), PRL_ERR_DISPLAY_ENCODINGS_NOT_SUPPORTED);
  EXPECT_EQ(finish(PrlDevDisplay_ConnectToVmEx(vm, &wanted, PDBF_RGB32)),
            PRL_ERR_DISPLAY_ENCODINGS_NOT_SUPPORTED);
}

// -- The terminal.

TEST_F(ADesktop, GivesItsPlaceToATerminal) {
  EXPECT_EQ(PrlVm_TerminalDisconnect(vm), PRL_ERR_IO_NO_CONNECTION);
  open();
  ASSERT_EQ(finish(PrlVm_TerminalConnect(vm, 0)), PRL_ERR_SUCCESS);
  PRL_IO_SCREEN_SIZE size{};
  EXPECT_EQ(PrlDevDisplay_GetScreenSize(vm, &size), PRL_ERR_IO_NO_CONNECTION);
  EXPECT_EQ(PrlDevDisplay_DisconnectFromVm(vm), PRL_ERR_IO_NO_CONNECTION);
  EXPECT_EQ(PrlDevKeyboard_SendKeyEvent(vm, 30, PKE_PRESS), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlDevMouse_Move(vm, 1, 1, 0, 0), PRL_ERR_IO_NO_CONNECTION);
  EXPECT_EQ(PrlVm_TerminalDisconnect(vm), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlDevKeyboard_SendKeyEvent(vm, 30, PKE_RELEASE), PRL_ERR_IO_NO_CONNECTION);
  EXPECT_EQ(finish(PrlVm_Stop(vm, PRL_FALSE)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_TerminalConnect(vm, 0)), PRL_ERR_DISP_VM_IS_NOT_STARTED);
}

}  // namespace
}  // namespace prl::tests
