// The clocks of a world as a client meets them: who moves time, and what waiting means.
#include <prlsdk/prl_sim.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <future>
#include <mutex>
#include <string>
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
  const std::string endless =
      "[[fault]]\nname = \"endless\"\nmatch = { call = \"PrlVm_Start\" }\n"
      "effect = { kind = \"hang\" }\n";
  ASSERT_EQ(PrlSim_AddFaults(endless.c_str()), PRL_ERR_SUCCESS);
  const Handle job(PrlVm_Start(vm_));
  auto waiting = std::async(std::launch::async, [&] { return PrlJob_Wait(job, 200); });
  EXPECT_EQ(waiting.wait_for(std::chrono::milliseconds(30)), std::future_status::timeout);
  // On a busy machine it may begin to wait after the first of these.
  do {
    PrlSim_AdvanceTime(500);
  } while (waiting.wait_for(std::chrono::milliseconds(30)) == std::future_status::timeout);
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

// Counts the jobs whose end it is told of.
class Ends {
 public:
  explicit Ends(PRL_HANDLE server) : server_(server) {
    EXPECT_EQ(PrlSrv_RegEventHandler(server_, &Ends::hear, this), PRL_ERR_SUCCESS);
  }
  Ends(const Ends&) = delete;
  Ends& operator=(const Ends&) = delete;
  ~Ends() { PrlSrv_UnregEventHandler(server_, &Ends::hear, this); }

  // False where there are fewer after a while.
  bool come_to(int count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(20), [&] { return count_ >= count; });
  }

 private:
  static PRL_RESULT PRL_CALL hear(PRL_HANDLE notification, PRL_VOID_PTR data) {
    const Handle owned(notification);
    PRL_HANDLE_TYPE type = PHT_ERROR;
    PrlHandle_GetType(notification, &type);
    if (type != PHT_JOB) return PRL_ERR_SUCCESS;
    auto& self = *static_cast<Ends*>(data);
    std::lock_guard lock(self.mutex_);
    ++self.count_;
    self.changed_.notify_all();
    return PRL_ERR_SUCCESS;
  }

  const PRL_HANDLE server_;
  std::mutex mutex_;
  std::condition_variable changed_;
  int count_ = 0;  // guarded by mutex_
};

// Whether the worker of the world is awake, dozes, as it does for a moment after each job, or is
// fast asleep when it is asked for something.
TEST(ScaledClock, RunsWhatNobodyWaitsFor) {
  using namespace std::chrono_literals;
  const Session session(
      "clock = \"scaled:100000\"\n[[vm]]\nname = \"vm\"\nram_mib = 4\n"
      "state = \"running\"\n");
  const Handle vm = vm_by_name(session.server, "vm");
  Ends ends(session.server);
  int jobs = 0;
  for (const auto pause : {0us, 0us, 50us, 150us, 200us, 250us, 1000us, 20000us, 0us}) {
    for (int i = 0; i < 20; ++i) {
      const Handle job(i % 2 == 0 ? PrlVm_Pause(vm, PRL_FALSE) : PrlVm_Resume(vm));
      ASSERT_TRUE(ends.come_to(++jobs)) << "after a pause of " << pause.count() << " us";
      EXPECT_EQ(code_of(job), PRL_ERR_SUCCESS);
      std::this_thread::sleep_for(pause);
    }
  }
}

// Some of it is due much later than the rest, and the worker sleeps meanwhile. Time is counted in
// whole milliseconds, so that up to one of them has passed already when it begins.
TEST(ScaledClock, RunsInItsTimeWhatNobodyWaitsFor) {
  const Session session(
      "clock = \"real\"\n[latency]\npreset = \"instant\"\nboot = { ms = 300 }\n"
      "[[vm]]\nname = \"slow\"\nram_mib = 4\n[[vm]]\nname = \"quick\"\nram_mib = 4\n");
  const Handle slow = vm_by_name(session.server, "slow");
  const Handle quick = vm_by_name(session.server, "quick");
  Ends ends(session.server);
  const auto begun = std::chrono::steady_clock::now();
  const Handle start(PrlVm_Start(slow));
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  const Handle look(PrlVm_GetState(quick));
  ASSERT_TRUE(ends.come_to(2));
  EXPECT_GT(std::chrono::steady_clock::now() - begun, std::chrono::milliseconds(299));
  EXPECT_EQ(code_of(start), PRL_ERR_SUCCESS);
}

}  // namespace
}  // namespace prl::tests
