// Screens, keyboards and mice of VMs, as clients that have a desktop open see and use them.
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/sdk/display_fixture.h"
#include "tests/temporary_folder.h"

namespace prl::tests {
namespace {

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

TEST_F(ADesktop, IsKeptWhileTheServiceIsAway) {
  EXPECT_EQ(PrlSim_AdvanceTime(7500), PRL_ERR_SUCCESS);
  const PRL_UINT32 last = pixel(3, 4);
  EXPECT_EQ(finish(PrlVm_Suspend(vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlSim_Strike("restart_service", nullptr, 90'000), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlSim_AdvanceTime(100'000), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(start_login(session.server)), PRL_ERR_SUCCESS);
  EXPECT_EQ(Png(picture_of(PrlVm_GetSuspendedScreen(vm))).pixel(3, 4), last);
  EXPECT_EQ(finish(PrlVm_Resume(vm)), PRL_ERR_SUCCESS);
  EXPECT_NE(pixel(3, 4), last) << "it goes on";
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
