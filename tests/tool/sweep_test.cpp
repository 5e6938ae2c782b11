// The sweep finds what is wrong with clients, and nothing in one that handles everything.
#include <gtest/gtest.h>

#include <filesystem>
#include <set>
#include <sstream>
#include <string>

#include "tests/tool/sweep_fixture.h"
#include "tool/sweep_report.h"

namespace prl::tests {
namespace {

const std::string kStoppedVm = "[[vm]]\nname = \"web\"\nram_mib = 64\n";

TEST_F(Sweep, FindsNothingInAClientThatHandlesEverything) {
  const tool::SweepResult result = sweep(options("careful"));
  EXPECT_EQ(findings_of(result), Findings());
  EXPECT_EQ(result.jobs.size(), 6u);  // login, list, suspend, start, suspend, logoff
  // Login, list and logoff have no middle.
  EXPECT_EQ(result.runs.size(), 6u * 9 - 3 * 3);
  EXPECT_EQ(result.count(Verdict::kHandled), result.runs.size());
}

TEST_F(Sweep, FindsWrongSuccessWhereReturnCodesAreIgnored) {
  const Verdict wrong = Verdict::kWrongSuccess;
  const Findings found = findings_of(sweep(options("careless")));
  for (const auto& [id, verdict] : found) EXPECT_EQ(verdict, wrong) << id;
  std::set<std::string> expected;
  for (const char* job : {"PrlSrv_LoginLocal-1", "PrlSrv_GetVmList-1", "PrlVm_Suspend-1"}) {
    for (const char* phase : {"-start", "-end"}) {
      for (const char* effect : {"-fail", "-hang", "-delay"}) {
        expected.insert(std::string(job) + phase + effect);
      }
    }
  }
  for (const char* effect : {"fail", "hang", "delay"}) {
    expected.insert(std::string("PrlVm_Suspend-1-middle-") + effect);
  }
  // Its VM sleeps in the end, and nothing but the report was late.
  expected.erase("PrlVm_Suspend-1-end-delay");
  std::set<std::string> ids;
  for (const auto& [id, verdict] : found) ids.insert(id);
  EXPECT_EQ(ids, expected);
}

const Findings kHangs = {{"PrlVm_Suspend-1-start-hang", Verdict::kHang},
                         {"PrlVm_Suspend-1-middle-hang", Verdict::kHang},
                         {"PrlVm_Suspend-1-end-hang", Verdict::kHang}};

TEST_F(Sweep, FindsAHangInAClientThatWaitsForWeeks) {
  EXPECT_EQ(findings_of(sweep(options("patient"))), kHangs);
}

TEST_F(Sweep, FindsAHangInAClientThatWaitsForEver) {
  tool::SweepOptions hurried = options("endless", std::chrono::seconds(10));
  // Its virtual time runs on as well; here it is the wall that ends it.
  hurried.patience_ms = ~uint64_t{0} / 2;
  const tool::SweepResult result = sweep(hurried);
  EXPECT_EQ(findings_of(result), kHangs);
  for (const tool::SweepRun& run : result.runs) {
    const bool is_hang = run.verdict == Verdict::kHang;
    EXPECT_EQ(run.ending.is_endless(), is_hang);
    EXPECT_EQ(contains(run.replay, " --timeout 10 -- "), is_hang) << run.replay;
  }
}

// It would write until its time is over.
TEST_F(Sweep, EndsAClientThatFillsItsTrace) {
  const tool::SweepResult result = sweep(options("poller"));
  EXPECT_EQ(findings_of(result), kHangs);
  for (const tool::SweepRun& run : result.runs) {
    const bool is_hang = run.verdict == Verdict::kHang;
    EXPECT_EQ(run.ending.kind == tool::Ending::Kind::kTooMuch, is_hang) << run.id();
    if (!is_hang) continue;
    const std::string trace = folder_ / ("findings/" + run.id() + ".trace");
    EXPECT_LT(std::filesystem::file_size(trace), uint64_t{64} << 20);
  }
}

TEST_F(Sweep, FindsACrashWhereAFailureIsNotExpected) {
  EXPECT_EQ(findings_of(sweep(options("fragile"))),
            (Findings{{"PrlVm_Suspend-1-start-fail", Verdict::kCrash},
                      {"PrlVm_Suspend-1-middle-fail", Verdict::kCrash},
                      {"PrlVm_Suspend-1-end-fail", Verdict::kCrash}}));
}

TEST_F(Sweep, KeepsNoFindingsOfAnEarlierOne) {
  const auto has_findings = [this] {
    for (const auto& entry : std::filesystem::directory_iterator(folder_ / "findings")) {
      const bool is_scenario = entry.path().extension() == ".toml";
      if (is_scenario && contains(text_of(entry.path().string()), "# found: ")) return true;
    }
    return false;
  };
  sweep(options("fragile"));
  EXPECT_TRUE(has_findings());
  tool::SweepOptions part = options("careful");
  part.shard = {.index = 1, .count = 2};
  sweep(part);
  EXPECT_TRUE(has_findings()) << "they may be those of another part";
  sweep(options("careful"));
  EXPECT_FALSE(has_findings());
}

// A second try that works is no wrong success. After a failure at the end it cannot work, because
// the VM is suspended already; the client says so.
TEST_F(Sweep, AcceptsAClientThatTriesAgain) {
  const tool::SweepResult result = sweep(options("stubborn"));
  EXPECT_EQ(findings_of(result), Findings());
  std::set<std::string> recovered;
  for (const tool::SweepRun& run : result.runs) {
    if (run.verdict == Verdict::kRecovered) recovered.insert(run.fault.id());
  }
  EXPECT_TRUE(recovered.contains("PrlVm_Suspend-1-start-fail"));
  EXPECT_TRUE(recovered.contains("PrlVm_Suspend-1-middle-fail"));
}

// What is said of the run with that fault.
std::string details_of(const tool::SweepResult& result, const std::string& id) {
  std::string text;
  for (const tool::SweepRun& run : result.runs) {
    for (const std::string& detail : run.details) text += run.fault.id() == id ? detail + "\n" : "";
  }
  return text;
}

TEST_F(Sweep, FindsAHandleThatIsKeptWhereSomethingFails) {
  const tool::SweepResult result = sweep(options("leaky"));
  EXPECT_EQ(result.count(Verdict::kLeak), 9u);  // each fault of its suspend
  EXPECT_EQ(result.findings(), 9u);
  const std::string details = details_of(result, "PrlVm_Suspend-1-end-fail");
  EXPECT_TRUE(details.starts_with("leak: #")) << details;
  EXPECT_NE(details.find("JOB from PrlVm_Suspend (call "), std::string::npos) << details;
}

TEST_F(Sweep, FindsAHandleThatIsFreedTwiceWhereSomethingFails) {
  const tool::SweepResult result = sweep(options("hasty"));
  EXPECT_EQ(result.count(Verdict::kMisuse), 9u);
  EXPECT_EQ(result.findings(), 9u);
  const std::string details = details_of(result, "PrlVm_Suspend-1-middle-hang");
  EXPECT_NE(details.find("frees a second time #"), std::string::npos) << details;
}

// What it keeps without any fault is said once, not of each run.
TEST_F(Sweep, FindsALeakOfTheRecordingOnce) {
  tool::SweepOptions forgetful = options("careful");
  write(folder_ / "trace", "         0 leak  #2 JOB from PrlVm_Suspend (call 9) at 3 ms\n");
  forgetful.command = {"sh", "-c",
                       client("careful") + "; code=$?; cat " + (folder_ / "trace") +
                           " >> $PRLSIM_TRACE; exit $code"};
  const tool::SweepResult result = sweep(forgetful);
  EXPECT_EQ(findings_of(result), Findings());
  EXPECT_EQ(result.findings(), 1u);
  EXPECT_EQ(result.remarks, tool::Words{"leak: #2 JOB from PrlVm_Suspend (call 9) at 3 ms"});
  std::ostringstream text;
  tool::print_text(result, text);
  EXPECT_TRUE(text.str().starts_with("without any fault:\n  leak: #2 JOB")) << text.str();
}

TEST_F(Sweep, FindsAVmThatIsLeftRunning) {
  write(folder_ / "world.toml", kStoppedVm);
  const Verdict left = Verdict::kLeftBehind;
  const tool::SweepResult result = sweep(options("untidy"));
  // Where a job fails at its end the VM of that job is in doubt, and so is that of a failing stop.
  // A job that is late comes back.
  EXPECT_EQ(findings_of(result), (Findings{{"PrlVm_RefreshConfig-1-start-fail", left},
                                           {"PrlVm_RefreshConfig-1-start-delay", left},
                                           {"PrlVm_RefreshConfig-1-end-delay", left},
                                           {"PrlVm_Start-1-middle-delay", left},
                                           {"PrlVm_Start-1-end-delay", left}}));
  EXPECT_EQ(details_of(result, "PrlVm_RefreshConfig-1-start-fail"),
            "VM web is still RUNNING at the end\n");
}

TEST_F(Sweep, FindsNothingOfAnyEffectInClientsThatClearAway) {
  for (const char* name : {"careful", "tidy"}) {
    write(folder_ / "world.toml", name == std::string("tidy") ? kStoppedVm : kVm);
    tool::SweepOptions all = options(name);
    all.choice.effects = {};
    const tool::SweepResult result = sweep(all);
    EXPECT_EQ(findings_of(result), Findings()) << name;
    EXPECT_EQ(result.count(Verdict::kNotStruck), 0u) << name;
    EXPECT_EQ(result.count(Verdict::kSameAsStart), 0u) << name;
  }
}

TEST_F(Sweep, FindsAClientThatBelievesALostEvent) {
  write(folder_ / "world.toml", kStoppedVm);
  tool::SweepOptions events = options("believer");
  events.choice.effects = {"lose", "duplicate"};
  events.choice.except = {"PrlVm_Start", "PrlVm_Stop"};
  const tool::SweepResult result = sweep(events);
  // STARTING, then RUNNING.
  EXPECT_EQ(findings_of(result),
            (Findings{{"PET_DSP_EVT_VM_STATE_CHANGED-2-lose", Verdict::kWrongSuccess}}));
  EXPECT_EQ(details_of(result, "PET_DSP_EVT_VM_STATE_CHANGED-2-lose"),
            "VM web is RUNNING at the end, and without the fault STOPPED\n");
}

TEST_F(Sweep, LetsCallsFailWhereThatIsAskedFor) {
  tool::SweepOptions calls = options("careless");
  calls.choice.effects = {"fail"};
  calls.choice.with_calls = true;
  const Findings found = findings_of(sweep(calls));
  EXPECT_TRUE(found.contains("PrlJob_GetResult-1-call-fail"));
  EXPECT_TRUE(found.contains("PrlSrv_Create-1-call-fail"));
  calls.command = {client("careful")};
  EXPECT_EQ(findings_of(sweep(calls)), Findings());
}

TEST_F(Sweep, DividesTheRunsAmongItsParts) {
  const auto ids_of = [](const tool::SweepResult& result) {
    std::multiset<std::string> ids;
    for (const tool::SweepRun& run : result.runs) ids.insert(run.fault.id());
    return ids;
  };
  const std::multiset<std::string> all = ids_of(sweep(options("careless")));
  std::multiset<std::string> parts;
  for (uint64_t part = 1; part <= 4; ++part) {
    tool::SweepOptions sharded = options("careless");
    sharded.shard = {part, 4};
    const auto ids = ids_of(sweep(sharded));
    EXPECT_GE(ids.size(), all.size() / 4);
    parts.insert(ids.begin(), ids.end());
  }
  EXPECT_EQ(parts, all);
  // Parts that run at the same time do not take each other's recording away.
  EXPECT_TRUE(std::filesystem::exists(folder_ / "findings/recording-1-of-4.trace"));
  EXPECT_TRUE(std::filesystem::exists(folder_ / "findings/recording-4-of-4.trace"));
}

// The first suspend is the scenario's; what is left to strike is the second.
TEST_F(Sweep, AddsItsFaultsToThoseOfTheScenario) {
  write(folder_ / "world.toml",
        kVm +
            "[[fault]]\nname = \"own\"\nmatch = { call = \"PrlVm_Suspend\" }\n"
            "effect = { kind = \"delay\", delay_ms = 5 }\n");
  const tool::SweepResult result = sweep(options("careful"));
  EXPECT_EQ(findings_of(result), Findings());
  EXPECT_EQ(result.runs.size(), 5u * 9 - 3 * 3);
  EXPECT_EQ(result.count(Verdict::kNotStruck), 0u);
}

// It is named by the number that the trace gives it, and struck all the same.
TEST_F(Sweep, CountsWhatTheScenarioStrikes) {
  write(folder_ / "world.toml",
        kVm +
            "[[fault]]\nname = \"own\"\nmatch = { call = \"PrlVm_Suspend\" }\n"
            "trigger = { count = 1 }\neffect = { kind = \"fail\", code = \"PRL_ERR_TIMEOUT\" }\n");
  const tool::SweepResult result = sweep(options("stubborn"));
  EXPECT_EQ(result.count(Verdict::kNotStruck), 0u);
  size_t suspends = 0;
  for (const tool::SweepRun& run : result.runs) {
    if (run.fault.function != "PrlVm_Suspend") continue;
    EXPECT_TRUE(run.fault.id().starts_with("PrlVm_Suspend-2-")) << run.fault.id();
    ++suspends;
  }
  EXPECT_EQ(suspends, 9u);
}

TEST_F(Sweep, SparesFunctions) {
  tool::SweepOptions sparing = options("careless");
  sparing.choice.except = {"PrlSrv_LoginLocal", "PrlSrv_GetVmList"};
  EXPECT_EQ(sweep(sparing).runs.size(), 9u);
  const Printed all =
      prlsim({"sweep", "--scenario", folder_ / "world.toml", "--out", folder_ / "out", "--except",
              "PrlSrv_LoginLocal", "--except", "PrlSrv_GetVmList", "--except", "PrlVm_Suspend",
              "--", client("careless")});
  EXPECT_EQ(all.out, "3 jobs recorded, 0 runs:\nfindings: 0\n") << all.err;
}

TEST_F(Sweep, WantsARecordingThatEndsWell) {
  write(folder_ / "world.toml", "version = 1\n");  // no VM for the client
  const auto failed = tool::sweep(options("careful"));
  ASSERT_FALSE(failed);
  EXPECT_NE(failed.error().find("ended with 1"), std::string::npos) << failed.error();

  tool::SweepOptions jobless = options("careful");
  jobless.command = {"true"};
  const auto empty = tool::sweep(jobless);
  ASSERT_FALSE(empty);
  EXPECT_NE(empty.error().find("no job"), std::string::npos) << empty.error();

  jobless.command = {"/there/is/none"};
  EXPECT_FALSE(tool::sweep(jobless));
}

}  // namespace
}  // namespace prl::tests
