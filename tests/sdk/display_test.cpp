// Screens, keyboards and mice of VMs, as clients that have a desktop open see and use them.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "simulator/base64.h"
#include "tests/sdk/session.h"
#include "tests/temporary_folder.h"

namespace prl::tests {
namespace {

constexpr const char* kScenario = R"(clock = "virtual"
[[vm]]
name = "box"
ram_mib = 4
state = "running"
)";

PRL_UINT32 number_at(const std::string& bytes, size_t at) {
  PRL_UINT32 number = 0;
  for (size_t i = 0; i < 4; ++i) number = number << 8 | static_cast<unsigned char>(bytes[at + i]);
  return number;
}

// A PNG whose data is not compressed, as ours are.
struct Png {
  explicit Png(const std::string& bytes) {
    EXPECT_EQ(bytes.substr(0, 8), "\x89PNG\r\n\x1A\n");
    for (size_t at = 8; at + 12 <= bytes.size();) {
      const PRL_UINT32 length = number_at(bytes, at);
      const std::string type = bytes.substr(at + 4, 4), content = bytes.substr(at + 8, length);
      if (type == "IHDR") {
        width = number_at(content, 0);
        height = number_at(content, 4);
      } else if (type == "IDAT") {
        unpack(content);
      }
      has_end = type == "IEND";
      at += length + 12;
    }
  }
  void unpack(const std::string& stream) {
    for (size_t at = 2; at + 9 <= stream.size();) {
      const auto length = static_cast<size_t>(static_cast<unsigned char>(stream[at + 1]) |
                                              static_cast<unsigned char>(stream[at + 2]) << 8);
      rows += stream.substr(at + 5, length);
      at += 5 + length;
    }
  }
  PRL_UINT32 pixel(PRL_UINT32 x, PRL_UINT32 y) const {
    const size_t at = (width * size_t{3} + 1) * y + 1 + x * size_t{3};
    return number_at(rows + '\0', at) >> 8;
  }

  PRL_UINT32 width = 0, height = 0;
  std::string rows;
  bool has_end = false;
};

struct ADesktop : testing::Test {
  ADesktop() : vm(vm_by_name(session.server, "box")) {}

  void open() const {
    EXPECT_EQ(finish(PrlDevDisplay_ConnectToVm(vm, PDCT_HIGH_QUALITY_WITH_COMPRESSION)),
              PRL_ERR_SUCCESS);
  }
  PRL_UINT32 pixel(PRL_UINT32 x, PRL_UINT32 y) const {
    PRL_UINT32 rgb = 0;
    EXPECT_EQ(PrlSim_GetScreenPixel(vm, x, y, &rgb), PRL_ERR_SUCCESS);
    return rgb;
  }
  // The text of the one parameter of a job's result.
  static std::string picture_of(PRL_HANDLE started) {
    const Handle job(started);
    Handle result, event, parameter;
    EXPECT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
    EXPECT_EQ(PrlJob_GetResult(job, result.out()), PRL_ERR_SUCCESS);
    EXPECT_EQ(PrlResult_GetParam(result, event.out()), PRL_ERR_SUCCESS);
    EXPECT_EQ(PrlEvent_GetParam(event, 0, parameter.out()), PRL_ERR_SUCCESS);
    const std::string text = text_of([&](PRL_STR buffer, PRL_UINT32_PTR length) {
      return PrlResult_GetParamAsString(result, buffer, length);
    });
    EXPECT_EQ(text, text_of([&](PRL_STR buffer, PRL_UINT32_PTR length) {
                return PrlEvtPrm_ToString(parameter, buffer, length);
              }));
    return sim::from_base64(text).value_or("");
  }

  const Session session{kScenario};
  const Handle vm;
};

TEST_F(ADesktop, IsOpenedOfARunningVmOnly) {
  PRL_IO_SCREEN_SIZE size{};
  EXPECT_EQ(PrlDevDisplay_GetScreenSize(vm, &size), PRL_ERR_IO_NO_CONNECTION);
  EXPECT_EQ(PrlVm_Disconnect(vm), PRL_ERR_IO_NO_CONNECTION);
  open();
  EXPECT_EQ(PrlDevDisplay_GetScreenSize(vm, &size), PRL_ERR_SUCCESS);
  EXPECT_EQ(size.width, 1024u);
  EXPECT_EQ(size.lineBytes, 4096);
  EXPECT_EQ(finish(PrlVm_Stop(vm, PRL_FALSE)), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlDevDisplay_GetScreenSize(vm, &size), PRL_ERR_DISP_VM_IS_NOT_STARTED);
  EXPECT_EQ(PrlDevDisplay_DisconnectFromVm(vm), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_Connect(vm, 0)), PRL_ERR_DISP_VM_IS_NOT_STARTED);
}

TEST_F(ADesktop, KeepsItsFrameWhileItIsLocked) {
  open();
  PRL_UINT32_PTR pixels = nullptr;
  PRL_INT32 line_bytes = 0;
  EXPECT_EQ(PrlDevDisplay_GetScreenBuffer(vm, &pixels, &line_bytes), PRL_ERR_UNINITIALIZED);
  ASSERT_EQ(PrlDevDisplay_LockForRead(vm), PRL_ERR_SUCCESS);
  const PRL_UINT32 before = pixel(10, 20);
  EXPECT_EQ(PrlSim_AdvanceTime(5000), PRL_ERR_SUCCESS);
  ASSERT_EQ(PrlDevDisplay_GetScreenBuffer(vm, &pixels, &line_bytes), PRL_ERR_SUCCESS);
  EXPECT_EQ(pixels[20 * (line_bytes / 4) + 10], before);
  EXPECT_NE(pixel(10, 20), before);
  EXPECT_EQ(PrlDevDisplay_Unlock(vm), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlDevDisplay_Unlock(vm), PRL_ERR_UNINITIALIZED);
}

TEST_F(ADesktop, TakesAnotherSize) {
  open();
  PRL_IO_SCREEN_SIZE size{.width = 640, .height = 480};
  PRL_UINT32 rgb = 0;
  EXPECT_EQ(PrlDevDisplay_SendScreenSizeEvent(vm, &size), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlSim_GetScreenPixel(vm, 640, 0, &rgb), PRL_ERR_INVALID_ARG);
  const Png png(picture_of(PrlVm_CaptureScreen(vm, 0, 0, 0)));
  EXPECT_EQ(png.width, 640u);
  size.width = 0;
  EXPECT_EQ(PrlDevDisplay_SendScreenSizeEvent(vm, &size), PRL_ERR_INVALID_ARG);
}

// -- Pictures.

TEST_F(ADesktop, IsCapturedAsItIs) {
  const Png png(picture_of(PrlVm_CaptureScreen(vm, 0, 0, 0)));
  EXPECT_TRUE(png.has_end);
  EXPECT_EQ(png.width, 1024u);
  EXPECT_EQ(png.height, 768u);
  EXPECT_EQ(png.pixel(0, 0), pixel(0, 0));
  EXPECT_EQ(png.pixel(1000, 700), pixel(1000, 700));
  const Png small(picture_of(PrlVm_CaptureScreen(vm, 64, 48, 0)));
  EXPECT_EQ(small.width, 64u);
  EXPECT_EQ(small.pixel(1, 1), pixel(16, 16));
}

TEST_F(ADesktop, IsKeptAsItWasWhenTheVmIsSuspended) {
  EXPECT_EQ(finish(PrlVm_GetSuspendedScreen(vm)), PRL_ERR_VM_IS_NOT_SUSPENDED);
  EXPECT_EQ(PrlSim_AdvanceTime(7500), PRL_ERR_SUCCESS);
  const PRL_UINT32 last = pixel(3, 4);
  EXPECT_EQ(finish(PrlVm_Suspend(vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlSim_AdvanceTime(90'000), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_CaptureScreen(vm, 0, 0, 0)), PRL_ERR_DISP_VM_IS_NOT_STARTED);
  EXPECT_EQ(Png(picture_of(PrlVm_GetSuspendedScreen(vm))).pixel(3, 4), last);
}

TEST_F(ADesktop, IsWrittenToAFile) {
  open();
  const TemporaryFolder folder;
  const std::string path = folder / "screen.bmp";
  EXPECT_EQ(PrlDevDisplay_SyncCaptureScreenRegionToFile(vm, path.c_str(), PIF_BMP, 0, 8, 4, 16, 2),
            PRL_ERR_SUCCESS);
  std::ifstream file(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  ASSERT_EQ(bytes.size(), 54u + 16 * 2 * 4);
  PRL_UINT32 first = 0;
  std::memcpy(&first, bytes.data() + 54, sizeof(first));
  EXPECT_EQ(bytes.substr(0, 2), "BM");
  EXPECT_EQ(first, pixel(8, 4));
  EXPECT_EQ(finish(PrlDevDisplay_AsyncCaptureScreenRegionToFile(vm, "/no/such/folder/x", PIF_PNG,
                                                                0, 0, 0, 1, 1)),
            PRL_ERR_FILE_WRITE_ERROR);
}

TEST_F(ADesktop, IsGivenInABuffer) {
  open();
  PRL_VOID_PTR buffer = nullptr;
  PRL_UINT32 bytes = 0, first = 0;
  ASSERT_EQ(PrlDevDisplay_SyncCaptureScaledScreenRegionToBuffer(vm, &buffer, &bytes, PIF_RAW, 0,
                                                                100, 50, 10, 10, 5, 5),
            PRL_ERR_SUCCESS);
  EXPECT_EQ(bytes, 5u * 5 * 4);
  std::memcpy(&first, buffer, sizeof(first));
  EXPECT_EQ(first, pixel(100, 50));
  EXPECT_EQ(PrlBuffer_Free(buffer), PRL_ERR_SUCCESS);
  const auto capture = [&](PRL_IMAGE_FORMAT format, PRL_UINT32 x, PRL_UINT32 width) {
    return PrlDevDisplay_SyncCaptureScaledScreenRegionToBuffer(vm, &buffer, &bytes, format, 0, x,
                                                               0, width, 1, 0, 0);
  };
  EXPECT_EQ(capture(PIF_PNG, 1000, 25), PRL_ERR_INVALID_ARG);
  EXPECT_EQ(capture(PIF_PNG, UINT32_MAX, 2), PRL_ERR_INVALID_ARG);
  EXPECT_EQ(capture(PIF_PNG, 0, 0), PRL_ERR_INVALID_ARG);
  EXPECT_EQ(capture(PIF_JPG, 0, 1), PRL_ERR_UNIMPLEMENTED);
}

// What a job answers in binary form: the one parameter of the event of its result.
std::string bytes_of(PRL_HANDLE event, PRL_UINT32 index = 0) {
  Handle parameter;
  PRL_PARAM_FIELD_DATA_TYPE type = PFD_UNKNOWN;
  PRL_UINT32 length = 0;
  EXPECT_EQ(PrlEvent_GetParam(event, index, parameter.out()), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlEvtPrm_GetType(parameter, &type), PRL_ERR_SUCCESS);
  EXPECT_EQ(type, PFD_BINARY);
  EXPECT_EQ(PrlEvtPrm_GetBuffer(parameter, nullptr, &length), PRL_ERR_SUCCESS);
  std::string bytes(length, '?');
  EXPECT_EQ(PrlEvtPrm_GetBuffer(parameter, bytes.data(), &length), PRL_ERR_SUCCESS);
  return bytes;
}

TEST_F(ADesktop, IsTheResultOfAJob) {
  const auto start = [&](PRL_IMAGE_FORMAT format, PRL_UINT32 width) {
    return PrlDevDisplay_AsyncCaptureScaledScreenRegionToBuffer(vm, format, 0, 100, 50, width, 10,
                                                                5, 2);
  };
  EXPECT_EQ(finish(start(PIF_RAW, 10)), PRL_ERR_IO_NO_CONNECTION);
  open();
  const std::string raw = bytes_of(answer_of(start(PIF_RAW, 10)));
  ASSERT_EQ(raw.size(), 5u * 2 * 4);
  PRL_UINT32 last = 0;
  std::memcpy(&last, raw.data() + raw.size() - 4, sizeof(last));
  EXPECT_EQ(last, pixel(108, 55));
  const Png png(bytes_of(answer_of(start(PIF_PNG, 10))));
  EXPECT_EQ(png.width, 5u);
  EXPECT_EQ(png.pixel(1, 1), pixel(102, 55));
  EXPECT_EQ(finish(start(PIF_RAW, 1000)), PRL_ERR_INVALID_ARG);
  EXPECT_EQ(finish(start(PIF_JPG, 10)), PRL_ERR_UNIMPLEMENTED);
  EXPECT_EQ(finish(start(static_cast<PRL_IMAGE_FORMAT>(7), 10)), PRL_ERR_INVALID_ARG);
}

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
  EXPECT_EQ(PrlDevDisplay_SetScreenSurface(vm, 0, 7, 8, -1, 2, 640, 480),
            PRL_ERR_IO_NO_CONNECTION);
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
  EXPECT_EQ(PrlDevDisplay_SetDisplayEncoding(vm, &wanted),
            PRL_ERR_DISPLAY_ENCODINGS_NOT_SUPPORTED);
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

// -- Viewers.

TEST_F(ADesktop, IsServedToViewersUntilTheVmStops) {
  const auto is_served = [&] {
    const Handle info = answer_of(PrlVm_GetState(vm));
    PRL_BOOL started = PRL_FALSE;
    EXPECT_EQ(PrlVmInfo_IsVncServerStarted(info, &started), PRL_ERR_SUCCESS);
    return started != PRL_FALSE;
  };
  EXPECT_FALSE(is_served());
  EXPECT_EQ(finish(PrlVm_StartVncServer(vm, 0)), PRL_ERR_SUCCESS);
  EXPECT_TRUE(is_served());
  EXPECT_EQ(finish(PrlVm_StopVncServer(vm, 0)), PRL_ERR_SUCCESS);
  EXPECT_FALSE(is_served());
  EXPECT_EQ(finish(PrlVm_StartVncServer(vm, 0)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_Stop(vm, PRL_FALSE)), PRL_ERR_SUCCESS);
  EXPECT_FALSE(is_served());
  EXPECT_EQ(finish(PrlVm_StartVncServer(vm, 0)), PRL_ERR_DISP_VM_IS_NOT_STARTED);
}

// -- Input.

TEST_F(ADesktop, TakesKeysAndTheMouseInOrder) {
  EXPECT_EQ(PrlDevKeyboard_SendKeyEvent(vm, 30, PKE_PRESS), PRL_ERR_IO_NO_CONNECTION);
  open();
  EXPECT_EQ(PrlDevKeyboard_SendKeyEvent(vm, 30, PKE_PRESS), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlDevKeyboard_SendKeyPressedAndReleased(vm, static_cast<PRL_KEY>(10)),
            PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlDevMouse_MoveEx(vm, -1, 2, 3, 4, 5), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlDevMouse_AsyncSetPos(vm, 100, 200, 0, 0, 1)), PRL_ERR_SUCCESS);
  PRL_IO_MOUSE_EVENT_EX4 event{.x = 7, .y = 8};
  EXPECT_EQ(PrlDevMouse_Event(vm, &event, sizeof(event), PRL_FALSE), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlDevMouse_Event(vm, &event, 16, PRL_FALSE), PRL_ERR_INVALID_ARG);
  PRL_UINT32 count = 0;
  ASSERT_EQ(PrlSim_GetInputCount(vm, &count), PRL_ERR_SUCCESS);
  ASSERT_EQ(count, 6u);
  const auto input = [&](PRL_UINT32 index) {
    PrlSim_Input found{};
    EXPECT_EQ(PrlSim_GetInput(vm, index, &found), PRL_ERR_SUCCESS);
    return found;
  };
  EXPECT_EQ(input(0).key, 30u);
  EXPECT_EQ(input(2).event, PRL_UINT32{PKE_RELEASE});
  EXPECT_EQ(input(3).kind, 1u);
  EXPECT_EQ(input(3).x, -1);
  EXPECT_EQ(input(3).side_wheel, 4);
  EXPECT_EQ(input(4).kind, 2u);
  EXPECT_EQ(input(4).buttons, 1u);
  EXPECT_EQ(input(5).y, 8);
  EXPECT_EQ(PrlDevKeyboard_SendOptimizationMode(vm, POD_OPTIMIZE_FOR_GAMES), PRL_ERR_SUCCESS);
  EXPECT_EQ(input(6).kind, 3u);
  EXPECT_EQ(input(6).key, PRL_UINT32{POD_OPTIMIZE_FOR_GAMES});
  EXPECT_EQ(PrlDevKeyboard_SendOptimizationMode(vm, static_cast<PRL_OPTIMIZE_MODIFIERS_MODE>(4)),
            PRL_ERR_INVALID_ARG);
  PrlSim_Input none{};
  EXPECT_EQ(PrlSim_GetInput(vm, 7, &none), PRL_ERR_INVALID_ARG);
}

}  // namespace
}  // namespace prl::tests
