// `prlsim shrink`: what is left of a scenario is what it takes for the client to fail.
#include "tool/shrink.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>
#include <signal.h>

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <set>
#include <string>

#include "tests/temporary_folder.h"
#include "tests/tool/tool_process.h"

namespace prl::tests {
namespace {

using faults::Node;
using tool::Failing;
using tool::Try;

// ---- The search --------------------------------------------------------------------------------

Node parsed(const std::string& toml) {
  const auto document = faults::parse_document(toml, "s.toml");
  EXPECT_TRUE(document);
  return document ? *document : Node();
}

// What is left where all of `words` must stay in the text.
std::string left_of(const std::string& toml, const std::vector<std::string>& words) {
  const tool::Minimised minimised =
      tool::minimise(parsed(toml), [&](const Node& smaller, const std::string& without) {
        EXPECT_FALSE(without.empty());
        const std::string text = faults::to_toml(smaller);
        for (const std::string& word : words) {
          if (!contains(text, word)) return Try::kLoses;
        }
        return Try::kKeeps;
      });
  EXPECT_TRUE(minimised.is_minimal);
  return faults::to_toml(minimised.document);
}

const std::string kMany = R"(version = 1
latency = { preset = "guide", boot = { ms = 1 } }
[[vm]]
name = "a"
cpus = 2
[[vm]]
name = "b"
workload = { kind = "writer" }
[[vm.user]]
name = "root"
[[fault]]
name = "x"
effect = { kind = "hang" }
)";

TEST(Minimise, LeavesOutWholeTablesAndSingleKeys) {
  EXPECT_EQ(left_of(kMany, {}), "");
  EXPECT_EQ(left_of(kMany, {"\"x\""}), "[[fault]]\nname = \"x\"\n");
  EXPECT_EQ(left_of(kMany, {"cpus"}), "[[vm]]\ncpus = 2\n");
  EXPECT_EQ(
      left_of(kMany, {"writer", "hang"}),
      "[[vm]]\nworkload = { kind = \"writer\" }\n\n[[fault]]\neffect = { kind = \"hang\" }\n");
  EXPECT_EQ(left_of(kMany, {"root"}), "[[vm]]\n\n[[vm.user]]\nname = \"root\"\n");
  EXPECT_EQ(left_of(kMany, {"boot"}), "[latency]\nboot = {}\n");
}

TEST(Minimise, SaysWhatItLeavesOut) {
  std::set<std::string> said;
  tool::minimise(parsed(kMany), [&](const Node&, const std::string& without) {
    said.insert(without);
    return Try::kLoses;
  });
  EXPECT_TRUE(said.contains("vm 'b'"));
  EXPECT_TRUE(said.contains("vm 'b' user 'root'"));
  EXPECT_TRUE(said.contains("fault 'x' effect kind"));
  EXPECT_TRUE(said.contains("version, latency, vm and 1 more"));
}

TEST(Minimise, StopsWhereItIsTold) {
  int tries = 0;
  const tool::Minimised minimised = tool::minimise(parsed(kMany), [&](const Node&, const auto&) {
    return ++tries == 3 ? Try::kStop : Try::kLoses;
  });
  EXPECT_EQ(tries, 3);
  EXPECT_FALSE(minimised.is_minimal);
  EXPECT_EQ(minimised.document, parsed(kMany));
}

// Whatever set of rules it takes, exactly that is left.
RC_GTEST_PROP(Minimise, LeavesAnySetOfRulesThatItTakes, ()) {
  const int count = *rc::gen::inRange(1, 30);
  const auto needed = *rc::gen::container<std::set<int>>(rc::gen::inRange(0, count));
  std::string toml;
  for (int i = 0; i < count; ++i) toml += "[[fault]]\nname = \"<" + std::to_string(i) + ">\"\n";
  std::vector<std::string> words;
  std::string expected;
  for (const int i : needed) {
    words.push_back("<" + std::to_string(i) + ">");
    expected += (expected.empty() ? "" : "\n") + ("[[fault]]\nname = \"" + words.back() + "\"\n");
  }
  RC_ASSERT(left_of(toml, words) == expected);
}

TEST(Sizes, CountWhatIsInAScenario) {
  EXPECT_EQ(tool::sizes_of(parsed(kMany)), (tool::Sizes{.vms = 2, .faults = 1, .values = 10}));
}

// ---- Failures ----------------------------------------------------------------------------------

using EndingKind = tool::Ending::Kind;

// How a run has failed that ended so and printed that.
std::optional<Failing> failing(const tool::Ending& ending, const std::string& output = "",
                               const tool::TracedRun& run = {}, const tool::Words& unmet = {}) {
  return tool::failing_of({ending, run, output, unmet}, 1000);
}

TEST(Failing, IsAnExitCodeACrashOrATimeout) {
  const auto after = [](uint64_t virtual_ms) {
    tool::TracedRun run;
    run.end_ms = virtual_ms;
    return run;
  };
  EXPECT_EQ(failing({EndingKind::kExited, 0}), std::nullopt);
  EXPECT_EQ(failing({EndingKind::kExited, 3}), (Failing{Failing::Kind::kExit, 3}));
  EXPECT_EQ(failing({EndingKind::kKilled, SIGSEGV}), (Failing{Failing::Kind::kCrash, SIGSEGV}));
  EXPECT_EQ(failing({EndingKind::kExited, 128 + SIGSEGV}), failing({EndingKind::kKilled, SIGSEGV}));
  EXPECT_EQ(failing({EndingKind::kTimedOut, SIGKILL}), (Failing{Failing::Kind::kTimeout, 0}));
  EXPECT_EQ(failing({EndingKind::kExited, 0}, "", after(1001)),
            (Failing{Failing::Kind::kTimeout, 0}));
  EXPECT_EQ(failing({EndingKind::kExited, 0}, "", after(1000)), std::nullopt);
}

TEST(Failing, OfAClientThatEndsWellIsWhatItHasLeft) {
  tool::TracedRun run;
  run.leaks = {"#3 JOB from PrlVm_Start (call 12) at 40 ms", "#7 JOB from PrlVm_Start (call 19)"};
  const auto leak = failing({EndingKind::kExited, 0}, "", run);
  EXPECT_EQ(leak, (Failing{Failing::Kind::kLeak, 0, {"JOB from PrlVm_Start"}}));
  run.misuses = {"PrlHandle_Free (call 14): frees a second time #3"};
  const auto misuse = failing({EndingKind::kExited, 0}, "", run);
  EXPECT_EQ(misuse, (Failing{Failing::Kind::kMisuse, 0, {"PrlHandle_Free"}}));
  const auto unmet = failing({EndingKind::kExited, 0}, "", run, {"VM web is RUNNING"});
  EXPECT_EQ(unmet, (Failing{Failing::Kind::kUnmet, 0, {"VM web is RUNNING"}}));
  EXPECT_EQ(failing({EndingKind::kExited, 1}, "", run, {"VM web is RUNNING"}),
            (Failing{Failing::Kind::kExit, 1}));
}

TEST(Failing, HasTheTestsThatFailedOrTheLastCode) {
  const auto said = [](const std::string& output, EndingKind kind = EndingKind::kExited) {
    return failing({kind, 1}, output)->said;
  };
  EXPECT_EQ(said("[  FAILED  ] Nightly.Retries (3 ms)\n[  FAILED  ] 2 tests, listed below:\n"
                 "[  FAILED  ] Nightly.Retries\n[  FAILED  ] All/Nightly.Copies/1, where x = 2\n"
                 "suspend: PRL_ERR_TIMEOUT\n"),
            (tool::Words{"All/Nightly.Copies/1", "Nightly.Retries"}));
  EXPECT_EQ(said("a: PRL_ERR_TIMEOUT\nb: PRL_ERR_VM_LOCKED (7)\nc: PRL_ERR_SUCCESS\n"),
            tool::Words{"b: PRL_ERR_VM_LOCKED ()"});
  // Who meets the same code elsewhere fails in another way.
  EXPECT_NE(said("login: PRL_ERR_TIMEOUT\n"), said("suspend: PRL_ERR_TIMEOUT\n"));
  EXPECT_EQ(said("suspend: PRL_ERR_TIMEOUT after 9 ms\nbye\n"),
            said("suspend: PRL_ERR_TIMEOUT after 128 ms\ngood bye\n"));
  EXPECT_EQ(said("12 PRL_ERR_TIMEOUT, or 0x80000015 at 0xf00d of "
                 "{01234567-89ab-cdef-0123-456789abcdef}"),
            tool::Words{" PRL_ERR_TIMEOUT, or 0x80000015 at x of {}"});
  EXPECT_EQ(said("ready\nweb 3: not awake after 200 ms\n \n"),
            tool::Words{"web : not awake after  ms"});
  EXPECT_EQ(said("at 0x8000 and 0x7fffffff80000015"), tool::Words{"at x and x"});
  EXPECT_EQ(said(" \n"), tool::Words());
  EXPECT_EQ(said("assert PRL_ERR_TIMEOUT", EndingKind::kKilled),
            tool::Words{"assert PRL_ERR_TIMEOUT"});
  // Cut off anywhere, it may have said anything.
  EXPECT_EQ(said("PRL_ERR_TIMEOUT", EndingKind::kTimedOut), tool::Words());
}

TEST(Failing, IsHeldAgainstWhatIsExpected) {
  const Failing exit{Failing::Kind::kExit, 3, {"PRL_ERR_TIMEOUT"}};
  const Failing crash{Failing::Kind::kCrash, SIGABRT};
  const Failing leak{Failing::Kind::kLeak, 0, {"JOB from PrlVm_Start"}};
  EXPECT_TRUE(tool::is_expected(exit, "any") && tool::is_expected(crash, "any"));
  EXPECT_TRUE(tool::is_expected(exit, "exit") && tool::is_expected(exit, "3"));
  EXPECT_FALSE(tool::is_expected(exit, "4") || tool::is_expected(crash, "exit"));
  EXPECT_TRUE(tool::is_expected(crash, "crash"));
  EXPECT_FALSE(tool::is_expected(crash, "timeout") || tool::is_expected(crash, "6"));
  EXPECT_TRUE(tool::is_expected(leak, "leak"));
  EXPECT_FALSE(tool::is_expected(leak, "misuse") || tool::is_expected(leak, "exit"));
  for (const char* word :
       {"any", "exit", "crash", "timeout", "unmet", "misuse", "leak", "1", "255"}) {
    EXPECT_TRUE(tool::is_expectation(word)) << word;
  }
  for (const char* word : {"", "0", "256", "-1", "hang"}) {
    EXPECT_FALSE(tool::is_expectation(word)) << word;
  }
}

// ---- The command -------------------------------------------------------------------------------

// Five VMs and ten rules; the seventh lets the first suspend of web fail.
std::string crowded() {
  std::string toml =
      "version = 1\nseed = 3\n[latency]\nsuspend = { ms = 100 }\nboot = { ms = 5 }\n";
  for (const char* name : {"web", "db", "mail", "spare", "old"}) {
    toml += "[[vm]]\nname = \"" + std::string(name) +
            "\"\nram_mib = 16\ncpus = 1\nstate = \"running\"\n"
            "workload = { kind = \"writer\", working_set_mib = 4 }\n";
  }
  for (int i = 0; i < 10; ++i) {
    const std::string number = std::to_string(i);
    toml += i == 6 ? "[[fault]]\nname = \"the one\"\n"
                     "match = { call = \"PrlVm_Suspend\", vm = \"web\" }\n"
                     "trigger = { skip = 0, count = 1 }\n"
                     "effect = { kind = \"fail\", code = \"PRL_ERR_VM_SUSPEND_FAILED\" }\n"
                   : "[[fault]]\nname = \"other " + number +
                         "\"\nmatch = { call = \"PrlVm_Pause\", vm = \"db\" }\n"
                         "effect = { kind = \"delay\", delay_ms = 7 }\n";
  }
  return toml;
}

class Shrink : public ::testing::Test {
 protected:
  Shrink() {
    ::unsetenv("PRLSIM_TRACE");  // what crashes leaves half a trace
    write(large_, crowded());
  }

  Printed shrink(const std::string& program, tool::Words more = {}) {
    tool::Words words = {"shrink", "--scenario", large_, "--out", small_};
    words.insert(words.end(), more.begin(), more.end());
    words.insert(words.end(), {"--", program});
    return prlsim(words);
  }
  bool has_written() const { return std::filesystem::exists(small_); }

  TemporaryFolder folder_;
  const std::string large_ = folder_ / "large.toml";
  const std::string small_ = folder_ / "small.toml";
};

TEST_F(Shrink, LeavesTheOneRuleThatMatters) {
  const Printed printed = shrink(client("fragile"));
  EXPECT_EQ(printed.exit_code, 0) << printed.out << printed.err;
  EXPECT_EQ(text_of(small_),
            "[[vm]]\nname = \"web\"\nstate = \"running\"\n\n[[fault]]\nname = \"the one\"\n"
            "match = { vm = \"web\" }\n"
            "effect = { kind = \"fail\", code = \"PRL_ERR_VM_SUSPEND_FAILED\" }\n");
  EXPECT_TRUE(contains(printed.out, " runs; VMs: 5 -> 1, faults: 10 -> 1, values: 86 -> 6\n"))
      << printed.out;
  EXPECT_TRUE(contains(printed.err, "without fault 'the one': kept\n")) << printed.err;

  // The last line repeats the failure.
  const std::string line = printed.out.substr(printed.out.rfind("\n  ") + 3);
  EXPECT_EQ(shell(line).exit_code, 128 + SIGABRT) << line;
  const Printed again = shrink(client("fragile"));
  EXPECT_EQ(again.out, printed.out);
  EXPECT_EQ(again.err, printed.err);
}

TEST_F(Shrink, LeavesNothingWhereTheClientFailsAnyway) {
  const Printed printed = shrink("false");
  EXPECT_EQ(printed.exit_code, 0) << printed.out << printed.err;
  EXPECT_EQ(text_of(small_), "version = 1\n");
  EXPECT_TRUE(contains(printed.out, ": 3 runs; VMs: 5 -> 0, faults: 10 -> 0")) << printed.out;
  EXPECT_EQ(prlsim({"scenario", "check", small_}).exit_code, 0);
}

TEST_F(Shrink, TakesATimeoutForAFailure) {
  write(large_,
        "[[vm]]\nname = \"web\"\nstate = \"running\"\nram_mib = 16\n"
        "[[vm]]\nname = \"db\"\n"
        "[[fault]]\nname = \"stuck\"\nmatch = { call = \"PrlVm_Suspend\" }\n"
        "effect = { kind = \"hang\" }\n");
  const Printed printed = shrink(client("patient"), {"--expect", "timeout", "--json"});
  EXPECT_EQ(printed.exit_code, 0) << printed.out << printed.err;
  const std::string small = text_of(small_);
  EXPECT_TRUE(contains(small, "name = \"stuck\"")) << small;
  EXPECT_FALSE(contains(small, "name = \"db\"")) << small;
  EXPECT_TRUE(contains(printed.out, "\"after\": {\"vms\": 1, \"faults\": 1, ")) << printed.out;
  EXPECT_TRUE(contains(printed.out, "\"is_minimal\": true")) << printed.out;
}

TEST_F(Shrink, NeedsAScenarioWithWhichTheClientFails) {
  const Printed good = shrink("true");
  EXPECT_EQ(good.exit_code, 2);
  EXPECT_EQ(good.err, "prlsim: with this scenario the client does not fail: it ended with 0\n");
  const Printed other = shrink("false", {"--expect", "crash"});
  EXPECT_EQ(other.exit_code, 2);
  EXPECT_TRUE(contains(other.err, "does not fail as expected (crash): it ended with 1"))
      << other.err;
  EXPECT_EQ(shrink("/there/is/none").exit_code, 2);
  EXPECT_EQ(shrink("false", {"--expect", "hang"}).exit_code, 2);
  EXPECT_EQ(prlsim({"shrink", "--", "false"}, "PRLSIM_SCENARIO=").exit_code, 2);
  EXPECT_FALSE(has_written());
}

// Two rules let it end with 1; each alone would do, if only the code counted.
TEST_F(Shrink, KeepsTheFailureThatItBeganWith) {
  write(large_,
        "[[vm]]\nname = \"web\"\nstate = \"running\"\nram_mib = 16\n"
        "[[fault]]\nname = \"early\"\nmatch = { call = \"PrlSrv_GetVmList\" }\n"
        "effect = { kind = \"delay\", delay_ms = 1 }\n"
        "[[fault]]\nname = \"late\"\nmatch = { call = \"PrlVm_Suspend\" }\n"
        "effect = { kind = \"fail\", code = \"PRL_ERR_VM_SUSPEND_FAILED\" }\n");
  const Printed printed = shrink(client("spokesman"));
  EXPECT_EQ(printed.exit_code, 0) << printed.out << printed.err;
  EXPECT_TRUE(contains(printed.out, "ended with 1\n  suspend: PRL_ERR_VM_SUSPEND_FAILED\n"))
      << printed.out;
  const std::string small = text_of(small_);
  EXPECT_TRUE(contains(small, "\"late\"") && contains(small, "[[vm]]")) << small;
  EXPECT_FALSE(contains(small, "\"early\"")) << small;
  // Any exit code: then it takes no VM, and no rule either.
  EXPECT_EQ(shrink(client("spokesman"), {"--expect", "exit"}).exit_code, 0);
  EXPECT_EQ(text_of(small_), "version = 1\n");
}

// Without a VM it dies as well, but not of the fault.
TEST_F(Shrink, NeverTakesAnotherReasonForTheFault) {
  const Printed printed = shrink(client("abrupt"));
  EXPECT_EQ(printed.exit_code, 0) << printed.out << printed.err;
  const std::string small = text_of(small_);
  EXPECT_TRUE(contains(small, "\"the one\"") && contains(small, "\"web\"")) << small;
  EXPECT_TRUE(contains(printed.out, "VMs: 5 -> 1, faults: 10 -> 1, ")) << printed.out;

  // Nor whatever is said to count, where a sweep has found it.
  write(large_, crowded() + "# found: crash\n");
  const Printed found = shrink(client("abrupt"), {"--expect", "crash"});
  EXPECT_TRUE(contains(found.out, "VMs: 5 -> 1, faults: 10 -> 1, ")) << found.out << found.err;
}

// Each failure of the client looks like the others: it says nothing.
TEST_F(Shrink, LetsARuleStrikeTheSameFunctionInTheSameLayer) {
  const std::string vm = "[[vm]]\nname = \"web\"\nstate = \"running\"\n\n";
  const std::string rule =
      "[[fault]]\nname = \"PrlJob_Wait-3-call-fail\"\n"
      "match = { layer = \"call\", call = \"PrlJob_Wait\" }\n"
      "trigger = { skip = 2, count = 1 }\neffect = { kind = \"fail\", code = \"PRL_ERR_TIMEOUT\" "
      "}\n";
  write(large_, vm + rule);
  const Printed printed = shrink(client("careful"));
  EXPECT_EQ(printed.exit_code, 0) << printed.out << printed.err;
  EXPECT_TRUE(contains(text_of(small_), "layer = \"call\"")) << text_of(small_);
  const std::string trace = folder_ / "trace";
  prlsim({"run", "--scenario", small_, "--clock", "virtual", "--trace", trace, "--",
          client("careful")});
  EXPECT_TRUE(contains(text_of(trace), "call PrlJob_Wait rule=")) << text_of(trace);

  write(large_, vm + "[[fault]]\nname = \"slow\"\nmatch = { call = \"PrlVm_Suspend\" }\n"
                     "effect = { kind = \"time_out\" }\n");
  EXPECT_EQ(shrink(client("careful")).exit_code, 0);
  EXPECT_EQ(text_of(small_), vm + "[[fault]]\nname = \"slow\"\n"
                                  "match = { call = \"PrlVm_Suspend\" }\n"
                                  "effect = { kind = \"time_out\" }\n");
}

TEST_F(Shrink, TakesALeakForAFailure) {
  const Printed printed = shrink(client("leaky"), {"--expect", "leak", "--json"});
  EXPECT_EQ(printed.exit_code, 2) << "it ends with 1 where it leaks";
  const Printed forgetful = shrink(client("forgetful"));
  EXPECT_EQ(forgetful.exit_code, 0) << forgetful.out << forgetful.err;
  EXPECT_TRUE(contains(forgetful.out, "ended with 0\n  PHT_JOB from PrlVm_Suspend\n"))
      << forgetful.out;
  const std::string small = text_of(small_);
  EXPECT_TRUE(contains(small, "\"the one\"") && contains(small, "\"web\"")) << small;
  EXPECT_FALSE(contains(small, "\"db\"")) << small;
}

TEST_F(Shrink, TakesWhatTheScenarioExpectsForSuccess) {
  write(large_, crowded() +
                    "[[expect]]\nvm = \"web\"\nstate = \"suspended\"\n"
                    "[[expect]]\nvm = \"db\"\nstate = \"running\"\n");
  const Printed printed = shrink(client("forgetful"));
  EXPECT_EQ(printed.exit_code, 0) << printed.out << printed.err;
  EXPECT_TRUE(contains(printed.out, "ended with 0\n  VM web is RUNNING, not SUSPENDED\n"))
      << printed.out;
  // What it expects is left, and so is the VM without which another expectation would fail.
  const std::string small = text_of(small_);
  EXPECT_TRUE(contains(small, "\"the one\"") && contains(small, "state = \"suspended\"")) << small;
  EXPECT_TRUE(contains(small, "\"db\"")) << small;
  EXPECT_FALSE(contains(small, "\"mail\"")) << small;
  EXPECT_EQ(prlsim({"run", "--scenario", small_, "--clock", "virtual", "--", client("forgetful")})
                .exit_code,
            3);
}

// Held against the run without the fault, as the sweep has done.
TEST_F(Shrink, TakesAWrongSuccessThatASweepHasFound) {
  const std::string scenario = crowded();
  const size_t the_one = scenario.find("[[fault]]\nname = \"the one\"");
  write(large_,
        scenario.substr(0, the_one) + scenario.substr(scenario.find("[[fault]]", the_one + 1)));
  const std::string out = folder_ / "sweep";
  const Printed swept = prlsim({"sweep", "--scenario", large_, "--out", out, "--effects", "fail",
                                "--", client("forgetful")});
  EXPECT_EQ(swept.exit_code, 1) << swept.out << swept.err;
  const std::string found = out + "/PrlVm_Suspend-1-middle-fail.toml";
  ASSERT_TRUE(contains(text_of(found), "# found: wrong success")) << swept.out;
  const Printed printed =
      prlsim({"shrink", "--scenario", found, "--out", small_, "--", client("forgetful")});
  EXPECT_EQ(printed.exit_code, 0) << printed.out << printed.err;
  EXPECT_TRUE(contains(printed.out, "VMs: 5 -> 1, faults: 10 -> 1, ")) << printed.out;
  EXPECT_TRUE(contains(printed.out,
                       "ended with 0\n  job 1 of PrlVm_Suspend (VM web) fails at its "
                       "middle with "))
      << printed.out;
  const std::string small = text_of(small_);
  EXPECT_TRUE(contains(small, "\"PrlVm_Suspend-1-middle-fail\"") && contains(small, "\"web\""))
      << small;
  EXPECT_FALSE(contains(small, "other")) << small;
}

TEST_F(Shrink, TakesWhatAClientHasLeftBehind) {
  write(large_, "[[vm]]\nname = \"web\"\nram_mib = 16\n[[vm]]\nname = \"db\"\n");
  const std::string out = folder_ / "sweep";
  const Printed swept = prlsim(
      {"sweep", "--scenario", large_, "--out", out, "--effects", "fail", "--", client("untidy")});
  const std::string found = out + "/PrlVm_RefreshConfig-1-start-fail.toml";
  ASSERT_TRUE(contains(text_of(found), "# found: left behind")) << swept.out << swept.err;
  const Printed printed =
      prlsim({"shrink", "--scenario", found, "--out", small_, "--", client("untidy")});
  EXPECT_EQ(printed.exit_code, 0) << printed.out << printed.err;
  EXPECT_TRUE(contains(printed.out, "VM web is still RUNNING at the end\n")) << printed.out;
  EXPECT_TRUE(contains(printed.out, "VMs: 2 -> 1, faults: 1 -> 1, ")) << printed.out;
  // Not another fault that lets it end with the same code.
  EXPECT_TRUE(contains(text_of(small_), "PrlVm_RefreshConfig-1-start-fail")) << text_of(small_);
}

TEST_F(Shrink, SaysWhatAWrongSuccessOfASweepNeeds) {
  write(large_, crowded() + "# found: wrong success\n");
  const Printed printed = shrink("true");
  EXPECT_EQ(printed.exit_code, 2);
  EXPECT_EQ(printed.err,
            "prlsim: with this scenario the client does not fail: it ended with 0; that it should "
            "not, an [[expect]] table has to say\n");
}

TEST_F(Shrink, RunsNoMoreOftenThanItMay) {
  const Printed printed = shrink(client("fragile"), {"--max-runs", "9"});
  EXPECT_EQ(printed.exit_code, 1) << printed.out;
  EXPECT_TRUE(contains(printed.out, ": 9 runs; ")) << printed.out;
  EXPECT_TRUE(has_written());
  EXPECT_EQ(prlsim({"run", "--scenario", small_, "--clock", "virtual", "--", client("fragile")})
                .exit_code,
            128 + SIGABRT);
}

}  // namespace
}  // namespace prl::tests
