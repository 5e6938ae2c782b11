// The message for fault rules, latencies and expectations that make no sense.
#include <gtest/gtest.h>

#include <string>

#include "tests/faults/scenario_text.h"

namespace prl::faults {
namespace {

TEST(ScenarioError, IsGivenForRulesThatMakeNoSense) {
  EXPECT_EQ(
      fault_refusal("match = { layer = \"call\", vm = \"web\" }\neffect.kind = \"no_memory\""),
      "s.toml:3:32: 'vm' in 'match' of [[fault]] has no meaning in layer 'call'");
  EXPECT_EQ(fault_refusal("match = { layer = \"memory\", object = \"PHT_JOP\" }\n"
                          "effect.kind = \"no_memory\""),
            "s.toml:3:38: unknown type of object 'PHT_JOP'; did you mean 'PHT_JOB'?");
  EXPECT_EQ(fault_refusal("match = { layer = \"memory\" }\neffect.kind = \"hang\""),
            "s.toml:4:15: kind 'hang' cannot strike in layer 'memory'");
  EXPECT_EQ(fault_refusal("effect.kind = \"no_memory\""),
            "s.toml:3:15: kind 'no_memory' cannot strike in layer 'job'");
  EXPECT_EQ(fault_refusal("match = { layer = \"storage\", step = \"read\" }\n"
                          "effect.kind = \"torn_write\""),
            "s.toml:4:15: kind 'torn_write' cannot strike the step 'read'");
  EXPECT_EQ(
      fault_refusal("match = { layer = \"transition\", to = \"RUNING\" }\neffect.kind = \"hang\""),
      "s.toml:3:38: unknown state 'RUNING'; did you mean 'RUNNING'?");
  EXPECT_EQ(fault_refusal("match = { call = \"PrlSrv_*\" }\neffect.kind = \"hang\""),
            "s.toml:3:18: unknown function 'PrlSrv_*'")
      << "no function fits the pattern";
  EXPECT_EQ(fault_refusal("match = { after_ms = 5, before_ms = 5 }\neffect.kind = \"hang\""),
            "s.toml:3:37: 'before_ms' in 'match' of [[fault]] is not later than 'after_ms'");
  EXPECT_EQ(fault_refusal("trigger = { probability = 1.5 }\neffect.kind = \"hang\""),
            "s.toml:3:27: 'probability' in 'trigger' of [[fault]] is not between 0 and 1");
  EXPECT_EQ(fault_refusal("trigger = { points = [1], live = 1 }\neffect.kind = \"hang\""),
            "s.toml:3:34: 'live' in 'trigger' of [[fault]] has no meaning beside 'points'");
  EXPECT_EQ(fault_refusal("trigger = { points = [2, 2] }\neffect.kind = \"hang\""),
            "s.toml:3:22: 'points' in 'trigger' of [[fault]] must rise from each to the next");
  EXPECT_EQ(fault_refusal("trigger = { points = [0] }\neffect.kind = \"hang\""),
            "s.toml:3:22: 'points' in 'trigger' of [[fault]] must be a list of integers from 1");
  EXPECT_EQ(fault_refusal("trigger = { points = [] }\neffect.kind = \"hang\""), "(accepted)");
  EXPECT_EQ(fault_refusal("trigger = { once = true, count = 2 }\neffect.kind = \"hang\""),
            "s.toml:3:20: 'once' says what 'count' says already");
  EXPECT_EQ(fault_refusal("effect = { kind = \"lose\", at = \"start\" }"),
            "s.toml:3:32: 'at' in 'effect' of [[fault]] has no meaning for kind 'lose'");
  EXPECT_EQ(fault_refusal("effect = { kind = \"jump_clock\" }"),
            "s.toml:3:10: missing key 'jump_s' in 'effect' of [[fault]]");
}

// What is said of an unknown key, behind the place.
std::string meant_by(const std::string& lines) {
  const std::string message = fault_refusal(lines + "\neffect.kind = \"hang\"");
  const size_t at = message.find("unknown key ");
  return at == std::string::npos ? message : message.substr(at + 12);
}

TEST(ScenarioError, SaysWhichKeyIsMeantByAnotherWordForIt) {
  const std::string in_match = " in 'match' of [[fault]]";
  EXPECT_EQ(meant_by("match = { function = \"PrlVm_Start\" }"),
            "'function'" + in_match + "; did you mean 'call'?");
  EXPECT_EQ(meant_by("match = { operation = \"PrlVm_Start\" }"),
            "'operation'" + in_match + "; did you mean 'call'?");
  // What has a meaning in the layer.
  EXPECT_EQ(meant_by("match = { layer = \"storage\", operation = \"read\" }"),
            "'operation'" + in_match + "; did you mean 'step'?");
  EXPECT_EQ(meant_by("match = { layer = \"event\", type = \"PET_DSP_EVT_VM_ADDED\" }"),
            "'type'" + in_match + "; did you mean 'event'?");
  EXPECT_EQ(meant_by("match = { layer = \"memory\", type = \"PHT_JOB\" }"),
            "'type'" + in_match + "; did you mean 'object'?");
  EXPECT_EQ(meant_by("match = { layer = \"storage\", function = \"read\" }"),
            "'function'" + in_match);
  EXPECT_EQ(meant_by("trigger = { times = 2 }"),
            "'times' in 'trigger' of [[fault]]; did you mean 'count'?");
  EXPECT_EQ(fault_refusal("effect = { type = \"hang\" }"),
            "s.toml:3:12: unknown key 'type' in 'effect' of [[fault]]; did you mean 'kind'?");
  EXPECT_EQ(fault_refusal("effect = { kind = \"delay\", delay = 3 }"),
            "s.toml:3:28: unknown key 'delay' in 'effect' of [[fault]]; did you mean 'delay_ms'?");
}

TEST(ScenarioError, IsGivenForNamesThatTheApiDoesNotHave) {
  EXPECT_EQ(fault_refusal("match = { call = \"PrlVm_Suspnd\" }\neffect.kind = \"hang\""),
            "s.toml:3:18: unknown function 'PrlVm_Suspnd'; did you mean 'PrlVm_Suspend'?");
}

TEST(ScenarioError, IsGivenForCodesThatMeanSuccessOrDoNotFit) {
  EXPECT_EQ(fault_refusal("effect = { kind = \"fail\", code = \"PRL_ERR_SUCCESS\" }"),
            "s.toml:3:34: 'code' must mean a failure, but 0 means success (failures are "
            "negative)");
  EXPECT_NE(fault_refusal("effect = { kind = \"fail\", code = 7 }"), "(accepted)");
  EXPECT_EQ(fault_refusal("effect = { kind = \"fail\", code = -7 }"), "(accepted)");
  EXPECT_EQ(fault_refusal("effect = { kind = \"fail\", code = 4294967296 }"),
            "s.toml:3:34: 'code' is 4294967296, which does not fit 32 bits");
}

TEST(ScenarioError, IsGivenForKeysWithoutMeaning) {
  EXPECT_EQ(fault_refusal("effect = { kind = \"hang\", delay_ms = 1 }"),
            "s.toml:3:38: 'delay_ms' in 'effect' of [[fault]] has no meaning for kind 'hang'");
  EXPECT_NE(fault_refusal("effect = { kind = \"hang\", code = 1 }"), "(accepted)");
  EXPECT_NE(vm_refusal("workload = { kind = \"idle\", pages_per_ms = 1 }"), "(accepted)");
}

TEST(ScenarioError, IsGivenForAPhaseInWhichNothingIsUnderWay) {
  const auto of_transition = [](const std::string& to) {
    return fault_refusal("match = { layer = \"transition\", to = \"" + to +
                         "\" }\neffect = { kind = \"hang\" }");
  };
  EXPECT_EQ(of_transition("RUNNING"),
            "s.toml:4:19: kind 'hang' cannot strike the state 'RUNNING', in which nothing is under "
            "way");
  EXPECT_EQ(of_transition("STARTING"), "(accepted)");
  EXPECT_EQ(of_transition("STA*"), "(accepted)");
}

TEST(ScenarioError, IsGivenForLatenciesThatMakeNoSense) {
  EXPECT_EQ(refusal("latency.preset = \"desktop-sdd\""),
            "s.toml:1:18: 'preset' in 'latency' of the scenario is 'desktop-sdd', not one of "
            "'guide', 'instant', 'desktop-ssd', 'desktop-hdd', 'virtuozzo-server'; did you mean "
            "'desktop-ssd'?");
  EXPECT_EQ(refusal("latency.bot = { ms = 1 }"),
            "s.toml:1:9: unknown key 'bot' in 'latency' of the scenario; did you mean 'boot'?");
  EXPECT_EQ(refusal("latency.boot = { ms = 1, max_ms = 2 }"),
            "s.toml:1:35: 'max_ms' in 'latency.boot' of the scenario has no meaning for "
            "distribution 'constant'");
  EXPECT_EQ(refusal("latency.boot = { distribution = \"uniform\", min_ms = 3, max_ms = 2 }"),
            "s.toml:1:65: 'max_ms' in 'latency.boot' of the scenario is less than 'min_ms'");
  EXPECT_NE(refusal("latency.boot = { distribution = \"normal\", mean_ms = 3 }"), "(accepted)");
  EXPECT_NE(refusal("latency.boot = { distribution = \"empirical\", values_ms = [] }"),
            "(accepted)");
  EXPECT_NE(refusal("latency.boot = { ms = -1 }"), "(accepted)");
  EXPECT_EQ(refusal("latency.boot = { median_ms = 3 }"),
            "s.toml:1:16: missing key 'spread' in 'latency.boot' of the scenario");
  EXPECT_EQ(refusal("latency.boot = { median_ms = 3, spread = 1, max_ms = 9 }"),
            "s.toml:1:30: 'median_ms' in 'latency.boot' of the scenario has no meaning for "
            "distribution 'uniform'");
  EXPECT_EQ(refusal("latency = {}"), "(accepted)");
  EXPECT_EQ(refusal("[latency]\nresume = { touched_ms_per_mib = 1000001 }\n").substr(0, 10),
            "s.toml:2:3");
}

TEST(ScenarioError, IsGivenForExpectationsThatMeanNothing) {
  EXPECT_EQ(refusal("[[expect]]\n"), "s.toml:1:1: missing key 'vm' in [[expect]]");
  EXPECT_EQ(refusal("[[expect]]\nvm = \"web\"\n"), "s.toml:1:1: missing key 'state' in [[expect]]");
  EXPECT_EQ(refusal("[[expect]]\nvm = \"web\"\nstate = \"stopped\"\nstruck = 1\n"),
            "s.toml:4:10: 'struck' in [[expect]] belongs to 'fault'");
  EXPECT_EQ(refusal("[[expect]]\nfault = \"x\"\nstruck = 1\n"),
            "s.toml:2:9: there is no fault named 'x'");
}

}  // namespace
}  // namespace prl::faults
