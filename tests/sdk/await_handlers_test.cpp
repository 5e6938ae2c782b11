// PrlSim_AwaitHandlers: a test that looks at what handlers saw need not guess how long they take.
#include <atomic>
#include <functional>
#include <future>

#include "tests/sdk/session.h"
#include "tests/sdk/watch.h"

namespace prl::tests {
namespace {

constexpr const char* kOneVm = "clock = \"virtual\"\n[[vm]]\nname = \"web\"\nram_mib = 4\n";
constexpr PRL_UINT32 kLongMs = 60'000;
constexpr PRL_UINT32 kShortMs = 20;

TEST(AwaitHandlers, AfterItTheyHaveReturnedFromAllThatTheyWereTold) {
  const Session session(kOneVm);
  const Handle vm = vm_by_name(session.server, "web");
  ASSERT_EQ(PrlSim_AwaitHandlers(kLongMs), PRL_ERR_SUCCESS);  // of the job that has found the VM
  std::atomic<int> seen{0};
  const Watch watch(session.server, [&seen](PRL_HANDLE) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    ++seen;
  });
  ASSERT_EQ(finish(PrlVm_Start(vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlSim_AwaitHandlers(kLongMs), PRL_ERR_SUCCESS);
  EXPECT_EQ(seen, 5);  // two raw events, two states and the job
}

TEST(AwaitHandlers, GivesUpWhereAHandlerWaitsForItsCaller) {
  const Session session(kOneVm);
  ASSERT_EQ(PrlSim_AwaitHandlers(kLongMs), PRL_ERR_SUCCESS);
  std::promise<void> leave;
  const Watch watch(session.server,
                    [left = leave.get_future().share()](PRL_HANDLE) { left.wait(); });
  ASSERT_EQ(finish(PrlSrv_GetVmList(session.server)), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlSim_AwaitHandlers(kShortMs), PRL_ERR_TIMEOUT);
  leave.set_value();
  EXPECT_EQ(PrlSim_AwaitHandlers(kLongMs), PRL_ERR_SUCCESS);
}

TEST(AwaitHandlers, LooksAtTheWorldOfTheThreadAlone) {
  const Session session(kOneVm);
  ASSERT_EQ(PrlSim_AwaitHandlers(kLongMs), PRL_ERR_SUCCESS);
  std::promise<void> leave;
  const Watch watch(session.server,
                    [left = leave.get_future().share()](PRL_HANDLE) { left.wait(); });
  ASSERT_EQ(finish(PrlSrv_GetVmList(session.server)), PRL_ERR_SUCCESS);
  PRL_UINT32 other = 0;
  ASSERT_EQ(PrlSim_CreateWorld(kVirtualClock, &other), PRL_ERR_SUCCESS);
  ASSERT_EQ(PrlSim_UseWorld(other), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlSim_AwaitHandlers(kLongMs), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlSim_UseWorld(0), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlSim_AwaitHandlers(kShortMs), PRL_ERR_TIMEOUT);
  leave.set_value();
}

TEST(AwaitHandlers, IsRefusedInAHandler) {
  const Session session(kOneVm);
  std::atomic<PRL_RESULT> answer{PRL_ERR_SUCCESS};
  const Watch watch(session.server,
                    [&answer](PRL_HANDLE) { answer = PrlSim_AwaitHandlers(kShortMs); });
  ASSERT_EQ(finish(PrlSrv_GetVmList(session.server)), PRL_ERR_SUCCESS);
  ASSERT_EQ(PrlSim_AwaitHandlers(kLongMs), PRL_ERR_SUCCESS);
  EXPECT_EQ(answer, PRL_ERR_OPERATION_FAILED);
}

TEST(AwaitHandlers, IsRefusedInAGuestWorkload) {
  const Session session(kOneVm);
  const Handle vm = vm_by_name(session.server, "web");
  ASSERT_EQ(finish(PrlVm_Start(vm)), PRL_ERR_SUCCESS);
  PRL_RESULT answer = PRL_ERR_SUCCESS;
  const auto ask = [](PRL_HANDLE, PRL_UINT64, void* to) {
    *static_cast<PRL_RESULT*>(to) = PrlSim_AwaitHandlers(kShortMs);
  };
  ASSERT_EQ(PrlSim_SetGuestWorkload(vm, 10, ask, &answer), PRL_ERR_SUCCESS);
  ASSERT_EQ(PrlSim_AdvanceTime(10), PRL_ERR_SUCCESS);
  EXPECT_EQ(answer, PRL_ERR_OPERATION_FAILED);
}

TEST(AwaitHandlers, NeedsTheLibrary) {
  EXPECT_EQ(PrlSim_AwaitHandlers(kShortMs), PRL_ERR_API_WASNT_INITIALIZED);
}

}  // namespace
}  // namespace prl::tests
