// Jobs and faults come back from a trace, whatever VMs and rules are called.
#include "tool/trace_reader.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>

#include "tests/tool/traced_text.h"
#include "tool/trace_convert.h"

namespace prl::tool {
namespace {

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

TEST(TraceReader, FindsWhatBecameOfVmsAndHandles) {
  const TracedRun run = read(
      "         0 begin RUNNING snapshots=1 locked=no vm=a b\n"
      "         0 world host {1} is open\n"
      "         3 job   3 PrlVm_Stop vm=a b\n"
      "         3 told  PET_DSP_EVT_VM_STATE_CHANGED session=1 unheard vm=a b\n"
      "         3 state vm=a b RUNNING -> STOPPED\n"
      "         3 told  PET_DSP_EVT_VM_STATE_CHANGED session=1 vm=a b\n"
      "         3 fault event PET_DSP_EVT_VM_STATE_CHANGED vm=a b rule=own delay 250 ms\n"
      "         3 job   3 PrlVm_Stop vm=a b -> Ok\n"
      "         4 call  PrlVmCfg_GetName = PRL_ERR_SUCCESS\n"
      "         4 misuse PrlHandle_Free (call 9): frees a second time\n"
      "         4 end   STOPPED snapshots=2 locked=yes vm=a b\n"
      "         4 world host is closed\n"
      "         4 leak  #3 PHT_JOB\n");
  ASSERT_TRUE(run.begin && run.end);
  EXPECT_EQ(*run.begin, (TracedVms{{"a b", {"RUNNING", "1", false}}}));
  EXPECT_EQ(*run.end, (TracedVms{{"a b", {"STOPPED", "2", true}}}));
  ASSERT_EQ(run.jobs.size(), 1u);
  EXPECT_EQ(run.jobs[0].state_before, "RUNNING");
  EXPECT_EQ(run.jobs[0].state_after, "STOPPED");
  EXPECT_TRUE(run.jobs[0].has_middle);  // no time has passed, but the state is another
  ASSERT_EQ(run.events.size(), 2u);
  EXPECT_FALSE(run.events[0].is_heard || run.events[0].is_struck);
  EXPECT_TRUE(run.events[1].is_heard && run.events[1].is_struck);
  EXPECT_EQ(run.events[1].vm, "a b");
  ASSERT_EQ(run.faults.size(), 1u);
  EXPECT_EQ(run.faults[0].rule, "own");
  ASSERT_EQ(run.calls.size(), 1u);
  EXPECT_TRUE(run.calls[0].has_succeeded);
  EXPECT_EQ(run.misuses.size(), 1u);
  EXPECT_EQ(run.leaks, std::vector<std::string>{"#3 PHT_JOB"});
}

TEST(TraceReader, FindsRulesBehindWhateverTheirEffectSays) {
  const TracedRun run = read(
      "         3 fault transition RUNNING vm=web rule=back in time jump_clock 250 ms -3600 s\n"
      "         3 fault storage write /a b rule=my disk slow\n");
  ASSERT_EQ(run.faults.size(), 2u);
  EXPECT_EQ(run.faults[0].rule, "back in time");
  EXPECT_EQ(run.faults[1].rule, "my disk");
}

TEST(TraceReader, FindsWhatWasDrawn) {
  const TracedRun run = read(
      "         3 drawn 7 rule=first at home\n"
      "         3 drawn 2 rule=first at home\n"
      "         3 drawn x rule=none\n");
  EXPECT_EQ(run.draws, (std::map<std::string, std::vector<uint64_t>>{{"first at home", {2, 7}}}));
}

TEST(TraceConvert, PrintsLinesOfJson) {
  std::istringstream trace("         3 state vm=\"a\" RUNNING -> STOPPED\nno line\n");
  std::ostringstream out;
  print_trace_json(trace, out);
  EXPECT_EQ(out.str(),
            "{\"time_ms\": 3, \"kind\": \"state\", \"text\": \"vm=\\\"a\\\" RUNNING -> "
            "STOPPED\"}\n");
}

TEST(TraceConvert, PrintsRowsOfVmsAndJobs) {
  std::istringstream trace(
      "         0 begin STOPPED snapshots=0 locked=no vm=web\n"
      "         2 job   1 PrlVm_Start vm=web\n"
      "         2 state vm=web STOPPED -> STARTING\n"
      "         2 fault 1 PrlVm_Start vm=web rule=x hang at middle\n"
      "         9 call  PrlApi_Deinit = PRL_ERR_SUCCESS\n");
  std::ostringstream out;
  print_trace_chrome(trace, out);
  for (const char* part :
       {R"("name": "STOPPED", "pid": 1, "tid": 1, "ts": 0, "dur": 2000)",
        R"("name": "STARTING", "pid": 1, "tid": 1, "ts": 2000, "dur": 7000)",
        R"x("name": "PrlVm_Start web (unfinished)", "pid": 2, "tid": 1, "ts": 2000, "dur": 7000)x",
        R"("ph": "i", "s": "g", "name": "fault 1 PrlVm_Start vm=web rule=x hang at middle")"}) {
    EXPECT_NE(out.str().find(part), std::string::npos) << part << "\n" << out.str();
  }
}

// The ledger writes at the time at which the call began, which may have been long ago.
TEST(TraceConvert, LastsUntilTheLatestLine) {
  std::istringstream stream(
      "         0 job   1 PrlVm_Suspend vm=web\n"
      "       900 call  PrlHandle_Free = PRL_ERR_SUCCESS\n"
      "         3 misuse PrlVm_Start: a handle that is none\n");
  std::ostringstream printed;
  print_trace_chrome(stream, printed);
  EXPECT_NE(printed.str().find("\"dur\": 900000"), std::string::npos) << printed.str();
}

TEST(TraceConvert, GivesAVmThatIsCalledOtherwiseAnotherRow) {
  std::istringstream stream(
      "         0 begin RUNNING snapshots=0 locked=no vm=web\n"
      "       100 world vm=web is now mail\n"
      "       300 world ends\n");
  std::ostringstream printed;
  print_trace_chrome(stream, printed);
  const std::string text = printed.str();
  EXPECT_NE(text.find("\"ts\": 0, \"dur\": 100000"), std::string::npos) << text;
  EXPECT_NE(text.find("\"ts\": 100000, \"dur\": 200000"), std::string::npos) << text;
}

TEST(TraceReader, KnowsAVmByItsNewName) {
  const TracedRun run = read(
      "         0 begin RUNNING snapshots=0 locked=no vm=a is now b\n"
      "       100 world vm=a is now b is now c\n"
      "       100 job   1 PrlVm_Suspend vm=c\n");
  ASSERT_EQ(run.jobs.size(), 1u);
  EXPECT_EQ(run.jobs[0].state_before, "RUNNING");
}

TEST(TraceReader, KnowsAStruckCallAmongThoseOfOtherThreads) {
  const TracedRun run = read(
      "         0 fault call PrlVm_Start rule=x fail\n"
      "         0 call  PrlVm_Pause = job\n"
      "         0 call  PrlVm_Start = PRL_ERR_FAILURE\n"
      "         0 call  PrlVm_Start = job\n");
  ASSERT_EQ(run.calls.size(), 3u);
  EXPECT_FALSE(run.calls[0].is_struck);
  EXPECT_TRUE(run.calls[1].is_struck);
  EXPECT_FALSE(run.calls[2].is_struck);
}

TEST(TraceReader, TakesNoTimeBelowZero) {
  EXPECT_FALSE(split_line("-5 call x"));
  EXPECT_EQ(split_line("5 call x")->time_ms, 5u);
}

TEST(TraceReader, PassesOverWhatIsNeither) {
  const TracedRun run = read("\nwords\n  7 job\n  8 job x y\n  9 fault 3 PrlVm_Start\n");
  EXPECT_TRUE(run.jobs.empty());
  EXPECT_TRUE(run.faults.empty());
}

}  // namespace
}  // namespace prl::tool
