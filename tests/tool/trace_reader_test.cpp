// Jobs and faults come back from a trace, whatever VMs and rules are called.
#include "tool/trace_reader.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>

namespace prl::tool {
namespace {

TracedRun read(const std::string& text) {
  std::istringstream stream(text);
  return read_trace(stream);
}

TEST(TraceReader, FindsTheJobsInOrder) {
  const TracedRun run = read(
      "         0 call  PrlSrv_LoginLocal = job\n"
      "         1 job   1 PrlSrv_LoginLocal\n"
      "         1 job   1 PrlSrv_LoginLocal -> Ok\n"
      "         3 job   3 PrlVm_Suspend vm=web\n"
      "         4 job   2 PrlVm_Start vm=a b -> Ok\n"
      "         5 job   2 PrlVm_Start vm=a b -> Ok -> VmNotFound\n"
      "       273 job   3 PrlVm_Suspend vm=web -> Ok\n"
      "       280 call  PrlHandle_Free = PRL_ERR_SUCCESS\n");
  ASSERT_EQ(run.jobs.size(), 3u);
  EXPECT_EQ(run.jobs[0].function, "PrlSrv_LoginLocal");
  EXPECT_EQ(run.jobs[0].vm, "");
  EXPECT_TRUE(run.jobs[0].has_succeeded);
  EXPECT_EQ(run.jobs[1].number, 3u);
  EXPECT_EQ(run.jobs[1].vm, "web");
  EXPECT_TRUE(run.jobs[1].has_succeeded);
  EXPECT_EQ(run.jobs[2].vm, "a b -> Ok");
  EXPECT_FALSE(run.jobs[2].has_succeeded);
  EXPECT_EQ(run.end_ms, 280u);
}

TEST(TraceReader, FindsWhatStruck) {
  const TracedRun run = read(
      "         3 fault 3 PrlVm_Suspend vm=web rule=first at home fail at middle\n"
      "        11 fault 4 PrlVm_Start rule=slow delay at end 60000 ms\n");
  ASSERT_EQ(run.faults.size(), 2u);
  EXPECT_EQ(run.faults[0].job, 3u);
  EXPECT_EQ(run.faults[0].rule, "first at home");
  EXPECT_EQ(run.faults[0].phase, "middle");
  EXPECT_EQ(run.faults[1].rule, "slow");
  EXPECT_EQ(run.faults[1].phase, "end");
}

TEST(TraceReader, PassesOverWhatIsNeither) {
  const TracedRun run = read("\nwords\n  7 job\n  8 job x y\n  9 fault 3 PrlVm_Start\n");
  EXPECT_TRUE(run.jobs.empty());
  EXPECT_TRUE(run.faults.empty());
}

}  // namespace
}  // namespace prl::tool
