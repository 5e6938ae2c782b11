// What a sweep thinks of runs that it has the traces of.
#include "tool/judge.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/tool/traced_text.h"

namespace prl::tool {
namespace {

const std::string kBegin = "         0 begin RUNNING snapshots=0 locked=no vm=web\n";
const std::string kStart = "         1 job   1 PrlVm_Suspend vm=web\n";
const std::string kHang =
    "         2 fault 1 PrlVm_Suspend vm=web rule=PrlVm_Suspend-1-end-hang hang at end\n";
const std::string kLook =
    "         3 job   2 PrlVm_GetState vm=web\n"
    "         3 job   2 PrlVm_GetState vm=web -> Ok\n";

std::string end_with(const std::string& snapshots) {
  return "         9 end SUSPENDED snapshots=" + snapshots + " locked=no vm=web\n";
}

const TracedRun kJudgedBeside = read(
    kBegin + kStart + "         2 job   1 PrlVm_Suspend vm=web -> Ok\n" + kLook + end_with("0"));

Verdict verdict_on(const std::string& run, int exit_code) {
  const SingleFault fault{.function = "PrlVm_Suspend",
                          .vm = "web",
                          .kind = sim::Fault::Kind::kHang,
                          .phase = sim::JobPhase::kEnd};
  const Ending ending{.kind = Ending::Kind::kExited, .value = exit_code};
  return judge(fault, kJudgedBeside, read(run), ending, 1000).verdict;
}

// It looks without the fault, too; what it sees is that all is done.
TEST(Judge, BelievesAClientThatLooksAfterAJobThatIsDoneHangs) {
  EXPECT_EQ(verdict_on(kBegin + kStart + kHang + kLook + end_with("0"), 0), Verdict::kRecovered);
  EXPECT_EQ(verdict_on(kBegin + kStart + kHang + end_with("0"), 0), Verdict::kWrongSuccess);
  EXPECT_EQ(verdict_on(kBegin + kLook + kStart + kHang + end_with("0"), 0), Verdict::kWrongSuccess);
}

// Without a job nothing has happened: a success has to come from another call.
TEST(Judge, WantsACallRepeatedThatGotNoJob) {
  const std::string call = "         1 call  PrlVm_Suspend = job\n";
  const std::string job =
      "         1 job   1 PrlVm_Suspend vm=web\n         2 job   1 PrlVm_Suspend vm=web -> Ok\n";
  const std::string struck =
      "         1 fault call PrlVm_Suspend object=PHT_JOB rule=PrlVm_Suspend-1-call-no_memory "
      "no_memory\n"
      "         1 call  PrlVm_Suspend = PRL_ERR_OUT_OF_MEMORY\n";
  const SingleFault fault{.layer = sim::Layer::kMemory,
                          .function = "PrlVm_Suspend",
                          .kind = sim::Fault::Kind::kNoMemory};
  const TracedRun recording = read(kBegin + call + job + end_with("0"));
  EXPECT_TRUE(recording.calls.at(0).gives_job);
  const auto verdict_of = [&](const std::string& run, int exit_code) {
    const Ending ending{.kind = Ending::Kind::kExited, .value = exit_code};
    return judge(fault, recording, read(run), ending, 1000).verdict;
  };
  EXPECT_EQ(verdict_of(kBegin + struck + call + job + end_with("0"), 0), Verdict::kRecovered);
  EXPECT_EQ(verdict_of(kBegin + struck + end_with("0"), 0), Verdict::kWrongSuccess);
  EXPECT_EQ(verdict_of(kBegin + call + job + struck + end_with("0"), 0), Verdict::kWrongSuccess);
}

// A client that gives up a job which only takes longer leaves behind what comes of it.
TEST(Judge, HoldsALateEndAgainstTheClientButNoLostOne) {
  const std::string late =
      "         2 fault 1 PrlVm_Start vm=web rule=PrlVm_Start-1-end-delay delay at end\n";
  const std::string lost =
      "         2 fault 1 PrlVm_Start vm=web rule=PrlVm_Start-1-end-hang hang at end\n";
  const std::string stopped = "STOPPED snapshots=0 locked=no vm=web\n";
  const std::string begin = "         0 begin " + stopped;
  const std::string start = "         1 job   1 PrlVm_Start vm=web\n";
  const std::string running = "         9 end RUNNING snapshots=0 locked=no vm=web\n";
  const TracedRun recording = read(begin + start + "         9 end " + stopped);
  const Ending ending{.kind = Ending::Kind::kExited, .value = 1};
  SingleFault fault{.function = "PrlVm_Start",
                    .vm = "web",
                    .kind = sim::Fault::Kind::kDelay,
                    .phase = sim::JobPhase::kEnd};
  EXPECT_EQ(judge(fault, recording, read(begin + start + late + running), ending, 1000).verdict,
            Verdict::kLeftBehind);
  fault.kind = sim::Fault::Kind::kHang;
  EXPECT_EQ(judge(fault, recording, read(begin + start + lost + running), ending, 1000).verdict,
            Verdict::kHandled);
}

TEST(Judge, TakesACountOfSnapshotsThatIsNoneForNone) {
  EXPECT_EQ(verdict_on(kBegin + kStart + kHang + end_with("x"), 1), Verdict::kHandled);
}

// A script reports the crash of what it started by its own exit code.
TEST(Judge, KnowsACrashBehindAShell) {
  const TracedRun recording{.jobs = {{1, "PrlVm_Start"}}};
  const SingleFault fault{.function = "PrlVm_Start"};
  TracedRun run = recording;
  run.faults = {{1, fault.id(), "start"}};
  const auto verdict = [&](int exit_code) {
    return judge(fault, recording, run, {Ending::Kind::kExited, exit_code}, 1000).verdict;
  };
  EXPECT_EQ(verdict(139), Verdict::kCrash);
  EXPECT_EQ(verdict(134), Verdict::kCrash);
  EXPECT_EQ(verdict(130), Verdict::kHandled);
  EXPECT_EQ(verdict(1), Verdict::kHandled);
  EXPECT_EQ(verdict(0), Verdict::kWrongSuccess);
  run.faults.clear();
  EXPECT_EQ(verdict(0), Verdict::kNotStruck);
}

}  // namespace
}  // namespace prl::tool
