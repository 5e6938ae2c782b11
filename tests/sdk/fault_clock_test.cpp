// Jumps of the clock, and how long things take.
#include "tests/sdk/fault_host.h"

namespace prl::tests {
namespace {

std::string host_date(PRL_HANDLE vm) {
  return text_of([&](PRL_STR text, PRL_UINT32_PTR length) {
    return PrlVmCfg_GetUptimeStartDate(vm, text, length);
  });
}

TEST(AJumpOfTheClock, MovesTheDateOfTheHost) {
  const Host host(tests::host("stopped", rule("{ call = \"PrlVm_GetState\" }",
                                              "{ kind = \"jump_clock\", jump_s = -86400 }")));
  const std::string before = host_date(host.vm);
  EXPECT_EQ(finish(PrlVm_GetState(host.vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_ResetUptime(host.vm, 0)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_RefreshConfig(host.vm)), PRL_ERR_SUCCESS);
  EXPECT_LT(host_date(host.vm), before);
}

PRL_UINT64 time_of(PRL_HANDLE job) {
  const PRL_UINT64 before_ms = time_ms();
  EXPECT_EQ(finish(job), PRL_ERR_SUCCESS);
  return time_ms() - before_ms;
}

TEST(ALatency, IsWhatTheScenarioSays) {
  const Host host(
      tests::host("stopped", "",
                  "clock = \"virtual\"\n[latency]\nrequest = { ms = 3 }\n"
                  "boot = { ms = 5000 }\nsuspend = { ms = 700 }\nflush = { ms = 0 }\n"));
  EXPECT_EQ(time_of(PrlVm_Start(host.vm)), 5003u);
  EXPECT_EQ(time_of(PrlVm_Suspend(host.vm)), 703u);
  EXPECT_EQ(time_of(PrlVm_Resume(host.vm)), 153u) << "the rest is that of the preset";
}

// The writer touches all of its 16 MiB before it is suspended, and the image has that much.
TEST(ALatency, GrowsWithTheMemoryThatThereIsToWrite) {
  const Library library(
      "clock = \"virtual\"\n[latency]\npreset = \"instant\"\n"
      "suspend = { touched_ms_per_mib = 10 }\nresume = { touched_ms_per_mib = 2 }\n"
      "[[vm]]\nname = \"target\"\nram_mib = 32\nstate = \"running\"\n"
      "workload = { kind = \"writer\", working_set_mib = 16, pages_per_ms = 4096 }\n");
  const Handle server = new_server();
  ASSERT_EQ(finish(start_login(server)), PRL_ERR_SUCCESS);
  const Handle vm = vm_by_name(server, "target");
  let_time_pass(1000);
  const PRL_UINT64 suspend_ms = time_of(PrlVm_Suspend(vm));
  EXPECT_GE(suspend_ms, 160u);
  EXPECT_LE(suspend_ms, 180u);
  const PRL_UINT64 resume_ms = time_of(PrlVm_Resume(vm));
  EXPECT_GE(resume_ms, 30u);
  EXPECT_LE(resume_ms, 40u);
}

TEST(ALatency, IsDrawnFromTheSeed) {
  const auto times = [](const char* seed) {
    const Host host(tests::host("stopped", "",
                                std::string("clock = \"virtual\"\nseed = ") + seed +
                                    "\nlatency = { preset = \"desktop-ssd\" }\n"));
    const PRL_UINT64 start_ms = time_of(PrlVm_Start(host.vm));
    return std::pair(start_ms, time_of(PrlVm_Suspend(host.vm)));
  };
  EXPECT_EQ(times("1"), times("1"));
  EXPECT_NE(times("1"), times("2"));
}

}  // namespace
}  // namespace prl::tests
