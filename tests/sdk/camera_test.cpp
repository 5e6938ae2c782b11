// Cameras of VMs, which show what clients send.
#include <condition_variable>
#include <mutex>

#include "tests/sdk/session.h"

namespace prl::tests {
namespace {

constexpr const char* kScenario = R"(clock = "virtual"
[[vm]]
name = "box"
ram_mib = 4
state = "running"
)";

struct ACamera : testing::Test {
  ACamera() : vm(vm_by_name(session.server, "box")) {
    EXPECT_EQ(PrlVm_CreateCVSrc(vm, camera.out()), PRL_ERR_SUCCESS);
  }
  PRL_UINT64 frames() const {
    PRL_UINT64 count = UINT64_MAX;
    EXPECT_EQ(PrlSim_GetCameraFrameCount(vm, &count), PRL_ERR_SUCCESS);
    return count;
  }

  const Session session{kScenario};
  const Handle vm;
  Handle camera;
};

TEST_F(ACamera, ShowsThePicturesOfItsClient) {
  PRL_CVSRC_OPEN_MODE mode{};
  PRL_VOID_PTR memory = nullptr;
  PRL_UINT32 bytes = 0, rgb = 0;
  EXPECT_EQ(PrlCVSrc_GetOpenMode(camera, &mode), PRL_ERR_CVSRC_NO_OPEN_REQUEST);
  EXPECT_EQ(PrlCVSrc_Open(camera), PRL_ERR_CVSRC_NO_OPEN_REQUEST);
  ASSERT_EQ(PrlCVSrc_Connect(camera), PRL_ERR_SUCCESS);
  ASSERT_EQ(PrlCVSrc_GetOpenMode(camera, &mode), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlCVSrc_LockBuffer(camera), PRL_ERR_CVSRC_NO_CHANNEL);
  ASSERT_EQ(PrlCVSrc_Open(camera), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlCVSrc_GetBuffer(camera, &memory, &bytes), PRL_ERR_UNINITIALIZED);
  EXPECT_EQ(PrlCVSrc_UnlockBuffer(camera), PRL_ERR_UNINITIALIZED);
  ASSERT_EQ(PrlCVSrc_LockBuffer(camera), PRL_ERR_SUCCESS);
  ASSERT_EQ(PrlCVSrc_GetBuffer(camera, &memory, &bytes), PRL_ERR_SUCCESS);
  ASSERT_EQ(bytes, mode.frameBytesPerRow * mode.frameHeight);
  static_cast<PRL_UINT32*>(memory)[mode.frameBytesPerRow / 4 * 2 + 3] = 0x123456;
  EXPECT_EQ(frames(), 0u);
  EXPECT_EQ(PrlSim_GetCameraPixel(vm, 3, 2, &rgb), PRL_ERR_NO_DATA);
  ASSERT_EQ(PrlCVSrc_UnlockBuffer(camera), PRL_ERR_SUCCESS);
  EXPECT_EQ(frames(), 1u);
  ASSERT_EQ(PrlSim_GetCameraPixel(vm, 3, 2, &rgb), PRL_ERR_SUCCESS);
  EXPECT_EQ(rgb, 0x123456u);
  EXPECT_EQ(PrlSim_GetCameraPixel(vm, mode.frameWidth, 0, &rgb), PRL_ERR_INVALID_ARG);
}

TEST_F(ACamera, CanBeOpenedAgainUntilItIsDisconnected) {
  ASSERT_EQ(PrlCVSrc_Connect(camera), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlCVSrc_Close(camera), PRL_ERR_CVSRC_NO_CHANNEL);
  EXPECT_EQ(PrlCVSrc_Open(camera), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlCVSrc_LockBuffer(camera), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlCVSrc_Close(camera), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlCVSrc_UnlockBuffer(camera), PRL_ERR_CVSRC_NO_CHANNEL);
  EXPECT_EQ(frames(), 0u) << "it was closed over it";
  EXPECT_EQ(PrlCVSrc_Open(camera), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlCVSrc_Disconnect(camera), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlCVSrc_Disconnect(camera), PRL_ERR_IO_NO_CONNECTION);
  EXPECT_EQ(PrlCVSrc_Open(camera), PRL_ERR_CVSRC_NO_OPEN_REQUEST);
}

TEST_F(ACamera, NeedsAGuestThatRuns) {
  ASSERT_EQ(PrlCVSrc_Connect(camera), PRL_ERR_SUCCESS);
  ASSERT_EQ(PrlCVSrc_Open(camera), PRL_ERR_SUCCESS);
  ASSERT_EQ(PrlCVSrc_LockBuffer(camera), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_Stop(vm, PRL_FALSE)), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlCVSrc_UnlockBuffer(camera), PRL_ERR_DISP_VM_IS_NOT_STARTED);
  EXPECT_EQ(frames(), 0u);
  Handle other;
  EXPECT_EQ(PrlVm_CreateCVSrc(vm, other.out()), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlCVSrc_Connect(other), PRL_ERR_DISP_VM_IS_NOT_STARTED);
}

// Waits for the event in which the guest asks for pictures.
struct Request {
  static PRL_RESULT PRL_CALL see(PRL_HANDLE notification, PRL_VOID_PTR data) {
    const Handle event(notification);
    PRL_EVENT_TYPE type = PET_DSP_EVT_VM_STATE_CHANGED;
    if (PRL_FAILED(PrlEvent_GetType(event, &type))) return PRL_ERR_SUCCESS;
    if (type != PET_IO_CVSRC_OPEN && type != PET_IO_CVSRC_CLOSE) return PRL_ERR_SUCCESS;
    auto& request = *static_cast<Request*>(data);
    std::lock_guard lock(request.mutex);
    request.types.push_back(type);
    Handle id;
    if (PRL_SUCCEEDED(PrlEvent_GetParamByName(event, "unique_id", id.out()))) {
      request.id = text_of([&](PRL_STR text, PRL_UINT32_PTR length) {
        return PrlEvtPrm_ToString(id, text, length);
      });
    }
    request.changed.notify_all();
    return PRL_ERR_SUCCESS;
  }

  std::mutex mutex;
  std::condition_variable changed;
  std::vector<PRL_EVENT_TYPE> types;  // this and the next are guarded by mutex
  std::string id;
};

TEST_F(ACamera, IsAskedForPicturesUnderItsName) {
  Request request;
  ASSERT_EQ(PrlVm_RegEventHandler(vm, &Request::see, &request), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlCVSrc_SetUniqueId(camera, "screen-1"), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlCVSrc_SetLocalizedName(camera, "Bildschirm"), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlCVSrc_Connect(camera), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlCVSrc_Connect(camera), PRL_ERR_SUCCESS) << "and nothing new";
  EXPECT_EQ(PrlCVSrc_Disconnect(camera), PRL_ERR_SUCCESS);
  {
    std::unique_lock lock(request.mutex);
    EXPECT_TRUE(request.changed.wait_for(lock, std::chrono::minutes(1),
                                         [&] { return request.types.size() == 2; }));
  }
  EXPECT_EQ(PrlVm_UnregEventHandler(vm, &Request::see, &request), PRL_ERR_SUCCESS);
  EXPECT_EQ(request.types, (std::vector{PET_IO_CVSRC_OPEN, PET_IO_CVSRC_CLOSE}));
  EXPECT_EQ(request.id, "screen-1");
}

}  // namespace
}  // namespace prl::tests
