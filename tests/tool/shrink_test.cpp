// `prlsim shrink`: what is left of a scenario is what it takes for the client to fail.
#include "tool/shrink.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>
#include <signal.h>

#include <cstdlib>
#include <filesystem>
#include <set>
#include <string>

#include "tests/temporary_folder.h"
#include "tests/tool/tool_process.h"

namespace prl::tests {
namespace {

using faults::Node;
using tool::Failing;
using tool::Try;

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

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

TEST(Failing, IsAnExitCodeACrashOrATimeout) {
  using Kind = tool::Ending::Kind;
  const auto of = [](Kind kind, int value, uint64_t virtual_ms = 0) {
    return tool::failing_of({kind, value}, virtual_ms, 1000);
  };
  EXPECT_EQ(of(Kind::kExited, 0), std::nullopt);
  EXPECT_EQ(of(Kind::kExited, 3), (Failing{Failing::Kind::kExit, 3}));
  EXPECT_EQ(of(Kind::kKilled, SIGSEGV), (Failing{Failing::Kind::kCrash, SIGSEGV}));
  EXPECT_EQ(of(Kind::kExited, 128 + SIGSEGV), of(Kind::kKilled, SIGSEGV));
  EXPECT_EQ(of(Kind::kTimedOut, SIGKILL), (Failing{Failing::Kind::kTimeout, 0}));
  EXPECT_EQ(of(Kind::kExited, 0, 1001), (Failing{Failing::Kind::kTimeout, 0}));
  EXPECT_EQ(of(Kind::kExited, 0, 1000), std::nullopt);
}

TEST(Failing, IsHeldAgainstWhatIsExpected) {
  const Failing exit{Failing::Kind::kExit, 3};
  const Failing crash{Failing::Kind::kCrash, SIGABRT};
  EXPECT_TRUE(tool::is_expected(exit, "any") && tool::is_expected(crash, "any"));
  EXPECT_TRUE(tool::is_expected(exit, "exit") && tool::is_expected(exit, "3"));
  EXPECT_FALSE(tool::is_expected(exit, "4") || tool::is_expected(crash, "exit"));
  EXPECT_TRUE(tool::is_expected(crash, "crash"));
  EXPECT_FALSE(tool::is_expected(crash, "timeout") || tool::is_expected(crash, "6"));
  for (const char* word : {"any", "exit", "crash", "timeout", "1", "255"}) {
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
  EXPECT_TRUE(contains(printed.out, ": 2 runs; VMs: 5 -> 0, faults: 10 -> 0")) << printed.out;
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
