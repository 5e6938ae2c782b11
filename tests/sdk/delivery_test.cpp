// When handlers run, beside the threads of the client: `delivery` of a scenario.
#include <atomic>
#include <functional>
#include <future>
#include <string>
#include <vector>

#include "tests/sdk/session.h"
#include "tests/sdk/watch.h"

namespace prl::tests {
namespace {

constexpr int kRounds = 20;
constexpr auto kAMoment = std::chrono::milliseconds(2);

std::string host(const std::string& delivery, const std::string& clock = "virtual") {
  return "clock = \"" + clock + "\"\ndelivery = \"" + delivery +
         "\"\n[[vm]]\nname = \"web\"\nram_mib = 4\n";
}

std::vector<std::string> lines_of_kind(const std::string& kind) {
  PRL_UINT32 length = 0;
  EXPECT_EQ(PrlSim_GetTrace(nullptr, &length), PRL_ERR_SUCCESS);
  std::string text(length, '\0');
  EXPECT_EQ(PrlSim_GetTrace(text.data(), &length), PRL_ERR_SUCCESS);
  std::vector<std::string> lines;
  for (size_t begin = 0, end = 0; (end = text.find('\n', begin)) != text.npos; begin = end + 1) {
    const std::string line = text.substr(begin, end - begin);
    if (line.find(kind) != line.npos) lines.push_back(line);
  }
  return lines;
}

// Keeps the trace of the libraries to come in memory.
struct KeptTrace {
  KeptTrace() { PrlSim_KeepTrace(10'000); }
  ~KeptTrace() { PrlSim_KeepTrace(0); }
};

TEST(AwaitedDelivery, HasRunTheHandlersWhenAWaitReturns) {
  for (const char* clock : {"virtual", "scaled:1000"}) {
    const Session session(host("awaited", clock));
    const Handle vm = vm_by_name(session.server, "web");
    std::atomic<int> seen{0};
    const Watch watch(session.server, [&seen](PRL_HANDLE) {
      std::this_thread::sleep_for(kAMoment);
      ++seen;
    });
    for (int round = 1; round <= kRounds; ++round) {
      EXPECT_EQ(finish(PrlVm_Start(vm)), PRL_ERR_SUCCESS);
      EXPECT_EQ(seen, 10 * round - 5) << clock;  // two raw events, two states, the job
      EXPECT_EQ(finish(PrlVm_Stop(vm, PRL_FALSE)), PRL_ERR_SUCCESS);
      EXPECT_EQ(seen, 10 * round) << clock;
    }
  }
}

TEST(AwaitedDelivery, HasRunThemWhenTimeWasMovedOrAJobPolled) {
  const Session session(host("awaited"));
  const Handle vm = vm_by_name(session.server, "web");
  std::atomic<int> seen{0};
  const Watch watch(session.server, [&seen](PRL_HANDLE) {
    std::this_thread::sleep_for(kAMoment);
    ++seen;
  });
  const Handle start(PrlVm_Start(vm));
  ASSERT_EQ(PrlSim_AdvanceTime(10'000), PRL_ERR_SUCCESS);
  EXPECT_EQ(seen, 5);
  const Handle stop(PrlVm_Stop(vm, PRL_FALSE));
  while (status_of(stop) == PJS_RUNNING) {
  }
  EXPECT_EQ(seen, 10);
}

// What handlers do takes place at the moment of what they were told, so that equal runs are equal.
TEST(AwaitedDelivery, GivesTheSameTraceEachTime) {
  const KeptTrace kept;
  std::vector<std::string> first;
  for (int round = 0; round < kRounds; ++round) {
    const Session session(host("awaited"));
    const Handle vm = vm_by_name(session.server, "web");
    const Watch watch(session.server, [&](PRL_HANDLE notification) {
      PRL_HANDLE_TYPE type = PHT_ERROR;
      PrlHandle_GetType(notification, &type);
      if (type == PHT_EVENT) finish(PrlVm_GetState(vm));
    });
    for (int i = 0; i < 3; ++i) {
      EXPECT_EQ(finish(PrlVm_Start(vm)), PRL_ERR_SUCCESS);
      EXPECT_EQ(finish(PrlVm_Suspend(vm)), PRL_ERR_SUCCESS);
    }
    EXPECT_EQ(finish(PrlSrv_GetVmList(session.server)), PRL_ERR_SUCCESS);
    const std::vector<std::string> lines = lines_of_kind(" ");
    if (round == 0) first = lines;
    EXPECT_EQ(lines, first) << round;
  }
  EXPECT_GT(first.size(), 100u);
}

TEST(AwaitedDelivery, GivesUpAHandlerThatIsBlockedAndSaysSo) {
  const KeptTrace kept;
  const Session session(host("awaited"));
  const Handle vm = vm_by_name(session.server, "web");
  EXPECT_EQ(lines_of_kind("delivery awaited").size(), 1u);
  std::promise<void> leave;
  const Watch watch(session.server,
                    [left = leave.get_future().share()](PRL_HANDLE) { left.wait(); });
  EXPECT_EQ(finish(PrlVm_Start(vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(lines_of_kind(" busy ").size(), 1u) << "once in a call";
  leave.set_value();
  EXPECT_EQ(finish(PrlVm_Stop(vm, PRL_FALSE)), PRL_ERR_SUCCESS);
  EXPECT_EQ(lines_of_kind(" busy ").size(), 1u);
}

// A handler that lets itself be called again for ever must not hold the client up for ever.
TEST(AwaitedDelivery, GivesUpHandlersThatHaveNoEnd) {
  const KeptTrace kept;
  const Session session(host("awaited"));
  std::atomic<bool> is_over{false};
  const Watch watch(session.server, [&](PRL_HANDLE) {
    if (!is_over) finish(PrlSrv_GetVmList(session.server));
  });
  EXPECT_EQ(finish(PrlSrv_GetVmList(session.server)), PRL_ERR_SUCCESS);
  is_over = true;
  ASSERT_EQ(PrlSim_AwaitHandlers(60'000), PRL_ERR_SUCCESS);
  EXPECT_EQ(lines_of_kind(" busy ").size(), 1u);
}

TEST(AwaitedDelivery, LetsHandlersRunBeforeTheEnd) {
  std::atomic<int> seen{0};
  const auto count = [](PRL_HANDLE notification, PRL_VOID_PTR data) -> PRL_RESULT {
    std::this_thread::sleep_for(kAMoment);
    ++*static_cast<std::atomic<int>*>(data);
    return PrlHandle_Free(notification);
  };
  for (const char* delivery : {"awaited", "late"}) {
    seen = 0;
    {
      const Library library(host(delivery));
      const PRL_HANDLE server = new_server().release();
      ASSERT_EQ(PrlSrv_RegEventHandler(server, count, &seen), PRL_ERR_SUCCESS);
      // Nobody waits for these jobs, which end at once.
      for (int i = 0; i < kRounds; ++i) PrlHandle_Free(PrlSrv_GetVmList(server));
    }
    EXPECT_EQ(seen, kRounds) << delivery;
  }
}

TEST(LateDelivery, HasNotRunTheHandlersOfTheLastMomentWhenAWaitReturns) {
  const Session session(host("late"));
  const Handle vm = vm_by_name(session.server, "web");
  ASSERT_EQ(PrlSim_AwaitHandlers(60'000), PRL_ERR_SUCCESS);
  std::atomic<int> seen{0};
  const Watch watch(session.server, [&seen](PRL_HANDLE) { ++seen; });
  for (int round = 0; round < 5; ++round) {
    EXPECT_EQ(finish(PrlVm_Start(vm)), PRL_ERR_SUCCESS);
    std::this_thread::sleep_for(5 * kAMoment);  // so long no thread needs to begin
    EXPECT_EQ(seen, 10 * round + 2) << "STARTING and its raw event only";
    EXPECT_EQ(finish(PrlVm_Stop(vm, PRL_FALSE)), PRL_ERR_SUCCESS);
    std::this_thread::sleep_for(5 * kAMoment);
    EXPECT_EQ(seen, 10 * round + 7) << "RUNNING, STOPPING, their raw events, the start's job";
    EXPECT_EQ(PrlSim_AwaitHandlers(60'000), PRL_ERR_SUCCESS);
  }
}

TEST(LateDelivery, ComesByItselfToAClientThatWaitsForItsHandler) {
  for (const char* clock : {"virtual", "scaled:1000"}) {
    const Session session(host("late", clock));
    const Handle vm = vm_by_name(session.server, "web");
    Recorder recorder(session.server);
    const auto seen = recorder.up_to_end_of(PrlVm_Start(vm));
    EXPECT_EQ(states_in(seen), (std::vector<PRL_INT32>{VMS_STARTING, VMS_RUNNING})) << clock;
  }
}

// Two worlds of one process may differ.
TEST(Delivery, IsThatOfTheWorldOfTheServer) {
  const Library library(host("free"));
  PRL_UINT32 other = 0;
  ASSERT_EQ(PrlSim_CreateWorld(host("awaited").c_str(), &other), PRL_ERR_SUCCESS);
  ASSERT_EQ(PrlSim_UseWorld(other), PRL_ERR_SUCCESS);
  const Handle server = new_server();
  ASSERT_EQ(finish(start_login(server)), PRL_ERR_SUCCESS);
  std::atomic<int> seen{0};
  const Watch watch(server, [&seen](PRL_HANDLE) {
    std::this_thread::sleep_for(kAMoment);
    ++seen;
  });
  for (int round = 1; round <= kRounds; ++round) {
    EXPECT_EQ(finish(PrlSrv_GetVmList(server)), PRL_ERR_SUCCESS);
    EXPECT_EQ(seen, round);
  }
  ASSERT_EQ(PrlSim_ResetWorld(host("late").c_str()), PRL_ERR_SUCCESS);
  ASSERT_EQ(finish(start_login(server)), PRL_ERR_SUCCESS);
  ASSERT_EQ(PrlSim_AwaitHandlers(60'000), PRL_ERR_SUCCESS);
  const int before = seen;
  EXPECT_EQ(finish(PrlSrv_GetVmList(server)), PRL_ERR_SUCCESS);
  EXPECT_EQ(seen, before);
  EXPECT_EQ(PrlSim_UseWorld(0), PRL_ERR_SUCCESS);
}

TEST(Delivery, OfTheEnvironmentCountsMoreThanThatOfTheScenario) {
  const KeptTrace kept;
  ::setenv("PRLSIM_DELIVERY", "late", 1);
  {
    const Library library(host("awaited"));
    EXPECT_EQ(lines_of_kind("delivery late").size(), 1u);
  }
  ::setenv("PRLSIM_DELIVERY", "soon", 1);
  testing::internal::CaptureStderr();
  EXPECT_EQ(PrlApi_InitEx(PARALLELS_API_VER, PAM_SERVER, 0, 0), PRL_ERR_OPERATION_FAILED);
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "prlsim: delivery 'soon' is none of 'free', 'awaited' and 'late'\n");
  ::unsetenv("PRLSIM_DELIVERY");
}

}  // namespace
}  // namespace prl::tests
