// `prlsim replay`: what was drawn in a run strikes again without being drawn, and what goes another
// way is told.
#include "tool/replay.h"

#include <gtest/gtest.h>

#include <string>

#include "sdk/scenario_names.h"
#include "simulator/clock.h"
#include "tests/temporary_folder.h"
#include "tests/tool/tool_process.h"
#include "tool/exact_scenario.h"
#include "tool/trace_difference.h"

namespace prl::tests {
namespace {

using tool::first_difference;

class Replay : public ::testing::Test {
 protected:
  // The exit code. The trace is of_run().
  int run(const std::string& scenario, const std::string& name, const std::string& seed = "0") {
    return prlsim({"run", "--scenario", scenario, "--seed", seed, "--clock", "virtual", "--trace",
                   trace_, "--", client(name)})
        .exit_code;
  }
  Printed replay(const std::string& file, const std::string& name, tool::Words more = {}) {
    tool::Words words = {"replay", file, "--out", out_};
    words.insert(words.end(), more.begin(), more.end());
    words.insert(words.end(), {"--", client(name)});
    return prlsim(words);
  }

  TemporaryFolder folder_;
  const std::string trace_ = folder_ / "run.trace";
  const std::string out_ = folder_ / "out";
};

TEST_F(Replay, ComparesNoTimesOnAClockThatPassesByItself) {
  for (const std::string clock : {"scaled:3", "real"}) {
    prlsim({"run", "--scenario", "demo", "--clock", clock, "--trace", trace_, "--",
            client("careful")});
    EXPECT_TRUE(contains(text_of(trace_), "         0 world clock " + clock + "\n"));
    const Printed printed = replay(trace_, "careful", {"--scenario", "demo"});
    EXPECT_EQ(printed.exit_code, 0) << printed.out << printed.err;
    EXPECT_TRUE(contains(printed.out, "the trace is the same, "));
    EXPECT_TRUE(contains(printed.out, "  without times, and without the order of calls "));
    EXPECT_TRUE(contains(printed.out, " --clock " + clock + " ")) << "as the trace says";
    const Printed other = replay(trace_, "leaky", {"--scenario", "suspend_fails"});
    EXPECT_EQ(other.exit_code, 1) << other.out;
    EXPECT_FALSE(contains(other.out, "in times only"));
    const Printed elsewhere =
        replay(trace_, "careful", {"--scenario", "demo", "--clock", "virtual", "--json"});
    EXPECT_EQ(elsewhere.exit_code, 0) << elsewhere.out;
    EXPECT_TRUE(contains(elsewhere.out, "\"times_compared\": false"));
  }
}

TEST(ClockText, IsReadBack) {
  for (const std::string text : {"virtual", "manual", "real", "scaled:10", "scaled:0.0001",
                                 "scaled:2.5", "scaled:1000000"}) {
    const auto clock = sim::parse_clock(text);
    ASSERT_TRUE(clock) << text;
    EXPECT_EQ(sim::clock_text(*clock), text);
  }
}

TEST_F(Replay, SaysWhereOnlyTimesDiffer) {
  write(folder_ / "slow.toml", kVm + "[latency]\nrequest = { ms = 3 }\n");
  write(folder_ / "fast.toml", kVm + "[latency]\nrequest = { ms = 2 }\n");
  run(folder_ / "slow.toml", "careful");
  EXPECT_FALSE(contains(text_of(trace_), " clock "));
  const Printed printed = replay(trace_, "careful", {"--scenario", folder_ / "fast.toml"});
  EXPECT_EQ(printed.exit_code, 1);
  EXPECT_TRUE(printed.out.starts_with("the traces differ in times only, from line "))
      << printed.out;
}

// Another seed draws otherwise: what strikes now is what was written down.
TEST_F(Replay, StrikesWhatTheReadyScenariosDrewUnderAnySeed) {
  size_t drawn = 0;
  for (const char* name : {"host_is_flaky", "every_key"}) {
    for (const char* seed : {"4", "5", "6", "7", "8", "9"}) {
      run(scenario(name), "careful", seed);
      const Printed printed = replay(
          trace_, "careful", {"--scenario", scenario(name), "--clock", "virtual", "--seed", "77"});
      EXPECT_EQ(printed.exit_code, 0) << name << seed << printed.out << printed.err;
      EXPECT_TRUE(contains(printed.out, "the trace is the same, ")) << printed.out;
      drawn += contains(text_of(trace_), " drawn ") ? 1 : 0;
    }
  }
  EXPECT_GE(drawn, 3u);
}

TEST_F(Replay, StrikesWhatWasDrawnInEveryLayer) {
  std::string rules;
  const auto add = [&](const std::string& name, const std::string& match,
                       const std::string& effect) {
    rules += "[[fault]]\nname = \"" + name + "\"\nmatch = { " + match +
             " }\ntrigger = { skip = 1, every = 2, count = 0, probability = 0.5, live = 0.9 }\n" +
             "effect = { " + effect + " }\n";
  };
  add("a call", "layer = \"call\"", "kind = \"delay\", delay_ms = 3");
  add("a job at home", "layer = \"job\"", "kind = \"delay\", delay_ms = 50, at = \"end\"");
  add("a state", "layer = \"transition\"", "kind = \"jump_clock\", jump_s = -60, delay_ms = 4");
  add("told", "layer = \"event\"", "kind = \"duplicate\"");
  add("disk", "layer = \"storage\"", "kind = \"slow\", delay_ms = 2");
  write(folder_ / "all.toml", kVm + rules);
  size_t drawn = 0;
  for (int seed = 0; seed < 12; ++seed) {
    run(folder_ / "all.toml", "careful", std::to_string(seed));
    const Printed printed =
        replay(trace_, "careful", {"--scenario", folder_ / "all.toml", "--seed", "77"});
    EXPECT_EQ(printed.exit_code, 0) << seed << printed.out << printed.err;
    for (const char* name : {"a call", "a job at home", "a state", "told", "disk"}) {
      drawn += contains(text_of(trace_), std::string("rule=") + name) ? 1 : 0;
    }
  }
  EXPECT_GT(drawn, 30u);
  EXPECT_FALSE(contains(text_of(out_ + "/replay.toml"), "probability"));
  EXPECT_FALSE(contains(text_of(out_ + "/replay.trace"), " drawn "));
}

TEST_F(Replay, ShowsWhereTheRunsPart) {
  write(folder_ / "run.toml", kVm);  // beside the trace
  EXPECT_EQ(run(folder_ / "run.toml", "careful"), 0);
  EXPECT_EQ(replay(trace_, "careful").exit_code, 0);
  const Printed printed = replay(trace_, "stubborn");
  EXPECT_EQ(printed.exit_code, 1);
  EXPECT_TRUE(contains(printed.out, "the traces differ from line ")) << printed.out;
  EXPECT_TRUE(contains(printed.out, "recorded:        273 call  PrlVm_Start = job\n"))
      << printed.out;
  EXPECT_TRUE(contains(printed.out, "now:             273 call  PrlHandle_Free")) << printed.out;
}

// Their calls are in no trace, but beside it.
TEST_F(Replay, ShowsWhatIsSaidWhereTheRunDoesNotBegin) {
  write(folder_ / "run.toml", kVm);
  EXPECT_EQ(run(folder_ / "run.toml", "careful"), 0);
  const Printed printed =
      prlsim({"replay", trace_, "--out", out_, "--", client("careful")}, "PRLSIM_SEED=-3");
  EXPECT_EQ(printed.exit_code, 1);
  EXPECT_TRUE(contains(printed.out,
                       "  it printed: prlsim: PRLSIM_SEED '-3' is no number from 0 to 2^64 - 1\n"))
      << printed.out;
  EXPECT_FALSE(contains(replay(trace_, "stubborn").out, "it printed"));
}

TEST_F(Replay, ShowsWhereHandlersCallSomethingElse) {
  write(folder_ / "run.toml", "delivery = \"awaited\"\n[[vm]]\nname = \"web\"\nram_mib = 64\n");
  ASSERT_EQ(run(folder_ / "run.toml", "tidy"), 0);
  const Printed same = replay(trace_, "tidy");
  EXPECT_EQ(same.exit_code, 0) << same.out << same.err;
  EXPECT_FALSE(contains(same.out, "handlers")) << same.out;

  const Printed printed = replay(trace_, "inquisitive");
  EXPECT_EQ(printed.exit_code, 1) << printed.out;
  EXPECT_TRUE(contains(printed.out,
                       "the calls of handlers (handlers-1) differ from line 1 on\n"
                       "  recorded: PrlHandle_Free = PRL_ERR_SUCCESS\n"
                       "  now:      PrlHandle_GetType = PRL_ERR_SUCCESS\n"))
      << printed.out;
  const Printed as_json = replay(trace_, "inquisitive", {"--json"});
  EXPECT_TRUE(contains(as_json.out, "\"difference\": {\"file\": \"handlers-1\", \"line\": 1, "))
      << as_json.out;

  // A trace that was moved without them cannot say.
  std::filesystem::remove(trace_ + ".handlers-1");
  const Printed alone = replay(trace_, "inquisitive");
  EXPECT_EQ(alone.exit_code, 0) << alone.out;
  EXPECT_TRUE(contains(alone.out, "beside the trace none of them")) << alone.out;
}

// There chance says what they find.
TEST_F(Replay, DoesNotJudgeHandlersThatRunWheneverTheyMay) {
  write(folder_ / "run.toml", "delivery = \"free\"\n[[vm]]\nname = \"web\"\nram_mib = 64\n");
  ASSERT_EQ(run(folder_ / "run.toml", "tidy"), 0);
  const Printed printed = replay(trace_, "inquisitive");
  EXPECT_EQ(printed.exit_code, 0) << printed.out;
}

// With its clock and its delivery, whatever their defaults come to be.
TEST_F(Replay, NamesAllThatARunHangsOnInItsLine) {
  write(folder_ / "run.toml", kVm);
  ASSERT_EQ(run(folder_ / "run.toml", "careful"), 0);
  const Printed printed = replay(trace_, "careful");
  const std::string line = printed.out.substr(printed.out.rfind("\n  ") + 3);
  EXPECT_TRUE(contains(line, " --clock virtual --delivery free -- ")) << printed.out;
  EXPECT_EQ(shell(line).exit_code, 0) << line;
  // Also where the scenario says it.
  write(folder_ / "run.toml", "clock = \"scaled:1000\"\ndelivery = \"awaited\"\n" + kVm);
  ASSERT_EQ(prlsim({"run", "--scenario", folder_ / "run.toml", "--trace", trace_, "--",
                    client("careful")})
                .exit_code,
            0);
  const std::string said = replay(trace_, "careful").out;
  EXPECT_TRUE(contains(said, " --clock scaled:1000 --delivery awaited -- ")) << said;
}

TEST_F(Replay, RefusesTheTraceOfAnotherScenario) {
  ASSERT_EQ(run(scenario("host_is_flaky"), "careful", "4"), 1);
  const Printed other = replay(trace_, "careful", {"--scenario", "demo"});
  EXPECT_EQ(other.exit_code, 2);
  EXPECT_TRUE(contains(other.err, "draws of the rule 'flaky'")) << other.err;

  const Printed none = replay(folder_ / "none.trace", "careful");
  EXPECT_EQ(none.exit_code, 2);
  EXPECT_TRUE(contains(none.err, "is no trace that can be read")) << none.err;
}

TEST_F(Replay, SaysOfAFindingWhetherItsVerdictCameAgain) {
  write(folder_ / "world.toml", kVm);
  const std::string findings = folder_ / "findings";
  ASSERT_EQ(prlsim({"sweep", "--scenario", folder_ / "world.toml", "--effects", "fail", "--out",
                    findings, "--", client("fragile")})
                .exit_code,
            1);
  const std::string finding = findings + "/PrlVm_Suspend-1-middle-fail";
  for (const char* file : {".toml", ".trace"}) {
    const Printed again = replay(finding + file, "fragile");
    EXPECT_EQ(again.exit_code, 0) << again.out << again.err;
    EXPECT_TRUE(contains(again.out, "the verdict is the same: crash\n")) << again.out;
  }
  const Printed mended = replay(finding + ".toml", "careful", {"--json"});
  EXPECT_EQ(mended.exit_code, 1) << mended.out << mended.err;
  EXPECT_TRUE(contains(mended.out, "\"recorded_verdict\": \"crash\"")) << mended.out;
  EXPECT_TRUE(contains(mended.out, "\"verdict\": \"handled\"")) << mended.out;
  EXPECT_TRUE(contains(mended.out, "\"same\": false")) << mended.out;

  // Without the recording only the trace counts.
  std::filesystem::remove(findings + "/recording.trace");
  const Printed alone = replay(finding + ".toml", "fragile");
  EXPECT_EQ(alone.exit_code, 0) << alone.out;
  EXPECT_TRUE(contains(alone.out, "there is no verdict: ")) << alone.out;
}

TEST(Difference, IsTheFirstLineThatIsAnother) {
  EXPECT_FALSE(first_difference("1 call a\n2 call b\n", "1 call a\n2 call b\n", false));
  const auto found =
      first_difference("1 call a\n2 drawn 1 rule=x\n2 call b\n", "1 call a\n2 call c\n", false);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->line, 3u);
  EXPECT_EQ(found->recorded, "2 call b");
  EXPECT_EQ(found->now, "2 call c");
}

TEST(Difference, IsThatOneTraceEnds) {
  EXPECT_TRUE(first_difference("1 call a\n", "2 call a\n", false));
  EXPECT_FALSE(
      first_difference("1 call a\n2 leak #1 J from F (call 2) at 1 ms\n",
                       "0 world clock real\n5 call a\n6 leak #1 J from F (call 2) at 77 ms\n",
                       false, tool::Times::kIgnored));
  EXPECT_TRUE(first_difference("1 call a\n", "1 job a\n", false, tool::Times::kIgnored));
  EXPECT_FALSE(first_difference("1 call a\n2 job b\n3 call c\n", "1 job b\n2 call a\n3 call c\n",
                                false, tool::Times::kIgnored));
  const auto swapped =
      first_difference("1 call a\n2 job b\n3 call c\n", "1 job b\n2 call c\n3 call a\n", false,
                       tool::Times::kIgnored);
  ASSERT_TRUE(swapped);
  EXPECT_EQ(swapped->line, 1u);
  EXPECT_FALSE(first_difference("1 call a\n2 job b\n3 call c\n", "1 call a\n2 job b\n", true,
                                tool::Times::kIgnored));
  const auto shorter = first_difference("1 call a\n2 call b\n", "1 call a\n", false);
  ASSERT_TRUE(shorter);
  EXPECT_EQ(shorter->line, 2u);
  EXPECT_EQ(shorter->now, "");
  const auto longer = first_difference("1 call a\n", "1 call a\n2 call b\n", false);
  ASSERT_TRUE(longer);
  EXPECT_EQ(longer->line, 2u);
  EXPECT_EQ(longer->recorded, "");
}

// Where the tool ended both runs, chance says where.
TEST(Difference, IsNoneWhereTheRunWasCut) {
  EXPECT_FALSE(first_difference("1 call a\n2 call b\n", "1 call a\n", true));
  EXPECT_FALSE(first_difference("1 call a\n", "1 call a\n2 call b\n", true));
  EXPECT_TRUE(first_difference("1 call a\n2 world ends\n", "1 call a\n", true));
  EXPECT_TRUE(first_difference("1 call a\n", "", true)) << "nothing was compared";
  EXPECT_TRUE(first_difference("1 call a\n2 call b\n", "1 call c\n", true));
}

TEST(Difference, IsNotWhatIdentitiesAreButWhichIsWhich) {
  const std::string a = "{2873af35-af60-44cc-b88d-1019623ed151}";
  const std::string b = "{00000000-af60-44cc-b88d-1019623ed151}";
  EXPECT_FALSE(first_difference("1 world " + a + a + "\n", "1 world " + b + b + "\n", false));
  EXPECT_TRUE(first_difference("1 world " + a + a + "\n", "1 world " + a + b + "\n", false));
}

TEST(ExactScenario, LeavesRulesThatDrawNothingAsTheyAre) {
  const std::string text = "# Mine.\n[[fault]]\nname = 'a'\neffect.kind = \"hang\"\n";
  const auto scenario = faults::parse_scenario(text, "s.toml", sdk::scenario_names());
  ASSERT_TRUE(scenario);
  const auto exact = tool::exact_scenario({text, *scenario}, {});
  ASSERT_TRUE(exact);
  EXPECT_EQ(*exact, text);
}

TEST(ExactScenario, NeedsToKnowWhatWasDrawn) {
  const std::string text =
      "[[fault]]\nname = 'a'\ntrigger.probability = 0.5\neffect.kind = \"hang\"\n";
  const auto scenario = faults::parse_scenario(text, "s.toml", sdk::scenario_names());
  ASSERT_TRUE(scenario);
  tool::TracedRun run{.faults = {{1, "a", "middle"}}};
  const auto unknown = tool::exact_scenario({text, *scenario}, run);
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error(), "the trace does not say what was drawn for the rule 'a'");
  run.draws["a"] = {3};
  const auto exact = tool::exact_scenario({text, *scenario}, run);
  ASSERT_TRUE(exact) << exact.error();
  EXPECT_EQ(*exact,
            "[[fault]]\nname = \"a\"\ntrigger = { points = [3] }\neffect = { kind = \"hang\" }\n");
}

}  // namespace
}  // namespace prl::tests
