// The clocks of a world as a client meets them: who moves time, and what waiting means.
#include <prlsdk/prl_sim.h>

#include <atomic>
#include <chrono>
#include <future>
#include <thread>

#include "tests/sdk/session.h"

namespace prl::tests {
namespace {

std::string host(const std::string& clock) {
  return "clock = \"" + clock + "\"\n[[vm]]\nname = \"vm\"\nram_mib = 4\n";
}

PRL_UINT64 now_ms() {
  PRL_UINT64 time = 0;
  EXPECT_EQ(PrlSim_GetTime(&time), PRL_ERR_SUCCESS);
  return time;
}

// A client of a host whose time the test moves; logging in takes time too.
class ManualClock : public testing::Test {
 protected:
  ManualClock() : library_(host("manual")) {
    EXPECT_EQ(PrlSrv_Create(server_.out()), PRL_ERR_SUCCESS);
    const Handle login(PrlSrv_LoginLocal(server_, "", 0, PSL_NORMAL_SECURITY));
    PrlSim_AdvanceTime(10);
    EXPECT_EQ(code_of(login), PRL_ERR_SUCCESS);
    const Handle found(PrlSrv_GetVmConfig(server_, "vm", PGVC_SEARCH_BY_NAME));
    PrlSim_AdvanceTime(10);
    Handle result;
    EXPECT_EQ(PrlJob_GetResult(found, result.out()), PRL_ERR_SUCCESS);
    EXPECT_EQ(PrlResult_GetParam(result, vm_.out()), PRL_ERR_SUCCESS);
  }

  static bool is_finished(PRL_HANDLE job) { return status_of(job) == PJS_FINISHED; }

  const Library library_;
  Handle server_;
  Handle vm_;
};

TEST_F(ManualClock, StandsStillWhileAJobIsPolled) {
  const PRL_UINT64 before = now_ms();
  const Handle job(PrlVm_Start(vm_));
  for (int i = 0; i < 1000; ++i) EXPECT_FALSE(is_finished(job));
  EXPECT_EQ(now_ms(), before);
}

TEST_F(ManualClock, RunsWhatIsDueWhenItIsMoved) {
  const Handle job(PrlVm_Start(vm_));
  EXPECT_EQ(PrlSim_AdvanceTime(700), PRL_ERR_SUCCESS);
  EXPECT_FALSE(is_finished(job));
  EXPECT_EQ(PrlSim_AdvanceTime(300), PRL_ERR_SUCCESS);
  EXPECT_TRUE(is_finished(job));
  EXPECT_EQ(code_of(job), PRL_ERR_SUCCESS);
}

TEST_F(ManualClock, LetsWhoWaitsGoWhenTheJobHasEnded) {
  const Handle job(PrlVm_Start(vm_));
  auto first = std::async(std::launch::async, [&] { return PrlJob_Wait(job, 60'000); });
  auto second = std::async(std::launch::async, [&] { return PrlJob_Wait(job, 60'000); });
  EXPECT_EQ(first.wait_for(std::chrono::milliseconds(30)), std::future_status::timeout);
  PrlSim_AdvanceTime(1000);
  EXPECT_EQ(first.get(), PRL_ERR_SUCCESS);
  EXPECT_EQ(second.get(), PRL_ERR_SUCCESS);
}

TEST_F(ManualClock, LetsWhoWaitsGoWhenTheDeadlineHasPassed) {
  const Handle job(PrlVm_Start(vm_));
  auto waiting = std::async(std::launch::async, [&] { return PrlJob_Wait(job, 200); });
  EXPECT_EQ(waiting.wait_for(std::chrono::milliseconds(30)), std::future_status::timeout);
  PrlSim_AdvanceTime(500);
  EXPECT_EQ(waiting.get(), PRL_ERR_TIMEOUT);
  EXPECT_FALSE(is_finished(job));
}

TEST_F(ManualClock, DoesNotKeepTheEndOfTheLibraryWaiting) {
  const Handle job(PrlVm_Start(vm_));
  auto waiting = std::async(std::launch::async, [&] { return PrlJob_Wait(job, 60'000); });
  EXPECT_EQ(waiting.wait_for(std::chrono::milliseconds(30)), std::future_status::timeout);
  const Handle logoff(PrlSrv_Logoff(server_));
  PrlSim_AdvanceTime(10);
  EXPECT_EQ(waiting.get(), PRL_ERR_SUCCESS);  // the job has ended: core-api 7.4
  EXPECT_EQ(code_of(job), PRL_ERR_WS_DISP_CONNECTION_CLOSED);
}

TEST(RealClock, PassesAsOnTheWall) {
  const Library library(host("real"));
  const auto wall = std::chrono::steady_clock::now();
  const PRL_UINT64 before = now_ms();
  std::this_thread::sleep_for(std::chrono::milliseconds(120));
  const PRL_UINT64 passed = now_ms() - before;
  const auto most = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - wall);
  EXPECT_GE(passed, 119u);
  EXPECT_LE(passed, static_cast<PRL_UINT64>(most.count()) + 1);
  EXPECT_EQ(PrlSim_AdvanceTime(1000), PRL_ERR_INVALID_ACTION_REQUESTED);
}

}  // namespace
}  // namespace prl::tests
