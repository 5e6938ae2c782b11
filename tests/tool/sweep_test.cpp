// The sweep finds what is wrong with clients, nothing in one that handles everything, and what it
// finds can be replayed.
#include "tool/sweep.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <map>
#include <set>
#include <sstream>
#include <string>

#include "tests/temporary_folder.h"
#include "tests/tool/tool_process.h"
#include "tool/progress.h"
#include "tool/sweep_html.h"
#include "tool/sweep_report.h"

namespace prl::tests {
namespace {

using tool::Verdict;

constexpr std::chrono::milliseconds kAmple{60'000};
const std::string kVm = "[[vm]]\nname = \"web\"\nstate = \"running\"\nram_mib = 64\n";

const std::string kStoppedVm = "[[vm]]\nname = \"web\"\nram_mib = 64\n";

class Sweep : public ::testing::Test {
 protected:
  Sweep() { write(folder_ / "world.toml", kVm); }

  tool::SweepOptions options(const std::string& name, std::chrono::milliseconds timeout = kAmple) {
    tool::SweepOptions options{.command = {client(name)}, .timeout = timeout};
    options.settings.scenario = folder_ / "world.toml";
    options.settings.library = PRLSIM_LIBRARY_DIR;
    options.out = folder_ / "findings";
    options.program = PRLSIM_TOOL;
    options.choice.effects = {"fail", "hang", "delay"};
    return options;
  }

  // Counts the runs for the report of scripts/test.
  tool::SweepResult sweep(const tool::SweepOptions& options) {
    auto result = tool::sweep(options);
    EXPECT_TRUE(result) << result.error();
    if (!result) return {};
    runs_ += result->runs.size();
    return *result;
  }

  static void TearDownTestSuite() { std::cout << "count sweep_runs " << runs_ << "\n"; }

  TemporaryFolder folder_;
  static inline size_t runs_ = 0;
};

using Findings = std::map<std::string, Verdict>;

Findings findings_of(const tool::SweepResult& result) {
  Findings findings;
  for (const tool::SweepRun& run : result.runs) {
    if (tool::is_finding(run.verdict)) findings[run.fault.id()] = run.verdict;
  }
  return findings;
}

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
    EXPECT_EQ(run.ending.kind == tool::Ending::Kind::kTimedOut, run.verdict == Verdict::kHang);
  }
}

TEST_F(Sweep, FindsACrashWhereAFailureIsNotExpected) {
  EXPECT_EQ(findings_of(sweep(options("fragile"))),
            (Findings{{"PrlVm_Suspend-1-start-fail", Verdict::kCrash},
                      {"PrlVm_Suspend-1-middle-fail", Verdict::kCrash},
                      {"PrlVm_Suspend-1-end-fail", Verdict::kCrash}}));
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

// ---- What is left -------------------------------------------------------------------------------

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

TEST_F(Sweep, PrintsLinesThatReplayWhatItFound) {
  ::unsetenv("PRLSIM_TRACE");  // what is found is a crash, which leaves half a trace
  const tool::SweepResult result = sweep(options("fragile"));
  int replayed = 0;
  for (const tool::SweepRun& run : result.runs) {
    EXPECT_EQ(run.replay.empty(), !tool::is_finding(run.verdict));
    if (run.replay.empty()) continue;
    EXPECT_EQ(shell(run.replay).exit_code, run.ending.exit_code()) << run.replay;
    ++replayed;
  }
  EXPECT_EQ(replayed, 3);
}

TEST_F(Sweep, KeepsTheFilesOfFindingsOnly) {
  sweep(options("fragile"));
  std::set<std::string> scenarios;
  for (const auto& entry : std::filesystem::directory_iterator(folder_ / "findings")) {
    if (entry.path().extension() == ".toml") scenarios.insert(entry.path().stem().string());
  }
  EXPECT_EQ(scenarios,
            (std::set<std::string>{"PrlVm_Suspend-1-start-fail", "PrlVm_Suspend-1-middle-fail",
                                   "PrlVm_Suspend-1-end-fail"}));
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

TEST_F(Sweep, TellsByItsExitCodeWhetherItFoundSomething) {
  const auto command = [this](const std::string& name, const tool::Words& more) {
    tool::Words words = {"sweep", "--out", folder_ / "out", "--scenario", folder_ / "world.toml"};
    words.insert(words.end(), {"--effects", "fail,hang,delay"});
    words.insert(words.end(), more.begin(), more.end());
    words.insert(words.end(), {"--", client(name)});
    return prlsim(words);
  };
  const Printed good = command("careful", {"--timeout", "60"});
  EXPECT_EQ(good.exit_code, 0) << good.out << good.err;
  EXPECT_NE(good.out.find("findings: 0\n"), std::string::npos) << good.out;

  const Printed bad = command("fragile", {"--json", "--junit", folder_ / "report.xml"});
  EXPECT_EQ(bad.exit_code, 1) << bad.out << bad.err;
  EXPECT_NE(bad.out.find("\"findings\": 3\n"), std::string::npos) << bad.out;
  EXPECT_NE(bad.out.find("\"verdict\": \"crash\", \"exit_code\": 134"), std::string::npos);
  const std::string report = text_of(folder_ / "report.xml");
  EXPECT_NE(report.find("tests=\"27\" failures=\"3\" skipped=\"0\""), std::string::npos) << report;
  EXPECT_NE(report.find("name=\"PrlVm_Suspend-1-end-fail\">\n    <failure message=\"crash: "),
            std::string::npos)
      << report;

  for (const char* shard : {"0/2", "3/2", "1", "1/2x", "a/b", "1/-1"}) {
    EXPECT_EQ(command("careful", {"--shard", shard}).exit_code, 2) << shard;
  }
  EXPECT_EQ(command("careful", {"--timeout", "0"}).exit_code, 2);
}

TEST_F(Sweep, TakesAlongWhatItsClientsHaveStartedWhenItIsEnded) {
  const std::string variables =
      "cd " + folder_.path() + "; tool=" + tool::shell_quoted(PRLSIM_TOOL) + "\n";
  // The command line of a process that is over is empty, whoever has yet to wait for it.
  const Printed printed = shell(variables + R"sh(
    $tool sweep --timeout 600 -- sh -c 'sleep 600 & echo $! >started; wait' & sweep=$!
    i=0; while [ ! -s started ] && [ $i -lt 500 ]; do sleep 0.02; i=$((i+1)); done
    kill -TERM $sweep; wait $sweep; echo $?
    i=0; while grep -q sleep /proc/$(cat started)/cmdline && [ $i -lt 100 ]; do
      sleep 0.02; i=$((i+1))
    done
    [ $i -lt 100 ] && echo gone)sh");
  EXPECT_EQ(printed.out, "2\ngone\n") << printed.err;
}

// The client of the example is the fragile one.
TEST_F(Sweep, PrintsWhatTheReadmeShows) {
  const std::string call = "prlsim sweep --scenario demo --effects fail,hang -- ./client";
  std::filesystem::copy_file(client("fragile"), folder_ / "client");
  const Printed printed = shell("cd " + folder_.path() + "; PATH=$(dirname " +
                                tool::shell_quoted(PRLSIM_TOOL) + "):$PATH " + call);
  std::string shown = "    $ " + call + "\n";
  std::istringstream lines(printed.out);
  for (std::string line; std::getline(lines, line);) shown += "    " + line + "\n";
  const std::string readme = text_of(std::string(PRLSIM_SOURCE_DIR) + "/tool/README.md");
  EXPECT_NE(readme.find(shown), std::string::npos) << shown << printed.err;
}

// A script reports the crash of what it started by its own exit code.
TEST(Judge, KnowsACrashBehindAShell) {
  const tool::TracedRun recording{.jobs = {{1, "PrlVm_Start"}}};
  const tool::SingleFault fault{.function = "PrlVm_Start"};
  tool::TracedRun run = recording;
  run.faults = {{1, fault.id(), "start"}};
  const auto verdict = [&](int exit_code) {
    return tool::judge(fault, recording, run, {tool::Ending::Kind::kExited, exit_code}, 1000)
        .verdict;
  };
  EXPECT_EQ(verdict(139), Verdict::kCrash);
  EXPECT_EQ(verdict(134), Verdict::kCrash);
  EXPECT_EQ(verdict(130), Verdict::kHandled);
  EXPECT_EQ(verdict(1), Verdict::kHandled);
  EXPECT_EQ(verdict(0), Verdict::kWrongSuccess);
  run.faults.clear();
  EXPECT_EQ(verdict(0), Verdict::kNotStruck);
}

TEST(Progress, ShowsCountFindingsAndRate) {
  using std::chrono::milliseconds;
  EXPECT_EQ(tool::progress_text({.done = 0, .all = 39}),
            "[>                   ] 0 of 39 runs, 0 findings");
  EXPECT_EQ(tool::progress_text({12, 39, 3, milliseconds(1500)}),
            "[======>             ] 12 of 39 runs, 3 findings, 8.0 runs/s, 3 s left");
  EXPECT_EQ(tool::progress_text({39, 39, 3, milliseconds(4000)}),
            "[====================] 39 of 39 runs, 3 findings, 9.8 runs/s, 0 s left");
}

TEST(Progress, TakesTheLineAndGivesItBack) {
  std::ostringstream shown, hidden;
  {
    tool::ProgressLine line(shown, true);
    line.show({.done = 1, .all = 10});
    line.show({.done = 1, .all = 9});
    tool::ProgressLine none(hidden, false);
    none.show({.done = 1, .all = 10});
  }
  EXPECT_EQ(hidden.str(), "");
  const std::string first = "[==>                 ] 1 of 10 runs, 0 findings";
  const std::string second = "[==>                 ] 1 of 9 runs, 0 findings";
  EXPECT_EQ(shown.str(),
            "\r" + first + "\r" + second + " " + "\r" + std::string(second.size(), ' ') + "\r");
}

TEST_F(Sweep, ShowsItsProgressOnATerminalOnly) {
  std::ostringstream out, terminal, file;
  EXPECT_EQ(tool::sweep_command(options("careful"), true, out, terminal), 0);
  EXPECT_NE(terminal.str().find("\r[>"), std::string::npos) << terminal.str();
  EXPECT_NE(terminal.str().find(" 45 of 45 runs, 0 findings, "), std::string::npos)
      << terminal.str();
  EXPECT_EQ(tool::sweep_command(options("careful"), false, out, file), 0);
  EXPECT_EQ(file.str(), "");
}

// The tags of a page, each closed in its turn; "" or the first that is not.
std::string trouble_with_tags(const std::string& page) {
  std::vector<std::string> open;
  for (size_t at = page.find('<'); at != page.npos; at = page.find('<', at + 1)) {
    const std::string tag = page.substr(at + 1, page.find('>', at) - at - 1);
    const std::string name = tag.substr(0, tag.find(' '));
    if (name == "!DOCTYPE" || name == "meta") continue;
    if (!name.starts_with('/')) {
      open.push_back(name);
    } else if (open.empty() || open.back() != name.substr(1)) {
      return tag;
    } else {
      open.pop_back();
    }
  }
  return open.empty() ? "" : open.back();
}

size_t count_of(const std::string& text, const std::string& part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST_F(Sweep, WritesAPageThatShowsEachFinding) {
  const std::string page_path = folder_ / "report.html";
  const Printed printed =
      prlsim({"sweep", "--out", folder_ / "out", "--scenario", folder_ / "world.toml", "--effects",
              "fail", "--html", page_path, "--", client("fragile")});
  EXPECT_EQ(printed.exit_code, 1) << printed.err;
  const std::string page = text_of(page_path);
  EXPECT_EQ(trouble_with_tags(page), "");
  EXPECT_TRUE(page.starts_with("<!DOCTYPE html>\n")) << page;
  EXPECT_EQ(count_of(page, "<td class=\"finding\">crash</td><td><a href=\"#PrlVm_Suspend-1-"), 3u);
  EXPECT_EQ(count_of(page, "<section id=\"PrlVm_Suspend-1-"), 3u);
  EXPECT_NE(page.find("<td class=\"finding\">crash</td><td>3</td>"), std::string::npos) << page;
  // The line to paste, and the fault in the trace.
  EXPECT_NE(page.find("PrlVm_Suspend-1-end-fail.toml --clock virtual -- "), std::string::npos);
  EXPECT_NE(page.find(" fault 3 PrlVm_Suspend vm=web rule=PrlVm_Suspend-1-end-fail fail at end\n"),
            std::string::npos);
  EXPECT_EQ(count_of(page, "<tr><td>Prl"), 9u);
  for (const char* foreign : {"<script", "http:", "https:", "url(", "src=", "@import"}) {
    EXPECT_EQ(page.find(foreign), std::string::npos) << foreign;
  }
  EXPECT_EQ(prlsim({"sweep", "--out", folder_ / "out", "--scenario", folder_ / "world.toml",
                    "--effects", "fail", "--html", "/there/is/none.html", "--", client("careful")})
                .exit_code,
            2);
}

TEST(Report, SaysInAPageThatThereIsNothing) {
  tool::SweepResult result;
  result.runs.push_back({.fault = {.function = "PrlVm_Start"}});
  std::ostringstream page;
  tool::print_html(result, {"./client"}, page);
  EXPECT_EQ(trouble_with_tags(page.str()), "");
  EXPECT_NE(page.str().find("<p>None under a fault.</p>"), std::string::npos) << page.str();
  EXPECT_EQ(page.str().find("id=\"findings\""), std::string::npos) << page.str();
  EXPECT_NE(page.str().find("<tr><td>PrlVm_Start-1-start-fail</td>"), std::string::npos);
}

TEST(Report, EscapesEverythingInAPage) {
  const std::string evil = "<script>\"&'\x01</pre>";
  const std::string meek = "&lt;script&gt;&quot;&amp;&#39;&lt;/pre&gt;";
  tool::SweepResult result;
  result.remarks = {evil};
  result.runs.push_back({.fault = {.function = evil, .vm = evil, .code = evil},
                         .verdict = Verdict::kLeak,
                         .replay = evil,
                         .details = {evil},
                         .last_lines = {evil, evil}});
  std::ostringstream page;
  tool::print_html(result, {"./client", evil}, page);
  EXPECT_EQ(trouble_with_tags(page.str()), "");
  EXPECT_EQ(page.str().find("<script"), std::string::npos) << page.str();
  EXPECT_EQ(page.str().find("'"), std::string::npos) << page.str();
  EXPECT_GE(count_of(page.str(), meek), 12u) << page.str();
}

TEST(Report, EscapesWhatItPrints) {
  tool::SweepResult result;
  result.runs.push_back({.fault = {.function = "PrlVm_Start", .vm = "a\"\\<&\x01\n"},
                         .verdict = Verdict::kCrash,
                         .replay = "prlsim run -- 'a' \"b\""});
  std::ostringstream json, junit;
  tool::print_json(result, json);
  tool::print_junit(result, junit);
  EXPECT_NE(json.str().find(R"("vm": "a\"\\<&\u0001\u000a")"), std::string::npos) << json.str();
  EXPECT_NE(junit.str().find("a&quot;\\&lt;&amp;\n)"), std::string::npos) << junit.str();
}

}  // namespace
}  // namespace prl::tests
