// The list of single faults is complete, and each of them is a rule that the library reads.
#include "tool/fault_list.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "sdk/scenario_names.h"

namespace prl::tool {
namespace {

const TracedRun kRecording = {
    .jobs = {{1, "PrlSrv_LoginLocal"}, {2, "PrlVm_Suspend", "web"}, {3, "PrlVm_Suspend", "web"}}};

TEST(SingleFaults, AreEveryJobWithEveryPhaseAndEffect) {
  std::set<std::string> ids;
  for (const SingleFault& fault : single_faults(kRecording, 5, {})) ids.insert(fault.id());
  EXPECT_EQ(ids.size(), 3u * 3 * 3);
  for (const char* job : {"PrlSrv_LoginLocal-1", "PrlVm_Suspend-1", "PrlVm_Suspend-2"}) {
    for (const char* phase : {"-start", "-middle", "-end"}) {
      for (const char* effect : {"-fail", "-hang", "-delay"}) {
        EXPECT_TRUE(ids.contains(std::string(job) + phase + effect)) << job << phase << effect;
      }
    }
  }
}

TEST(SingleFaults, AreReadBackAsTheyWereMeant) {
  for (const SingleFault& fault : single_faults(kRecording, 5, {})) {
    const auto scenario = faults::parse_scenario(fault.toml(), "made", sdk::scenario_names());
    ASSERT_TRUE(scenario) << scenario.error().text();
    ASSERT_EQ(scenario->faults.size(), 1u);
    const faults::Rule& rule = scenario->faults.front();
    EXPECT_EQ(rule.name, fault.id());
    EXPECT_EQ(rule.match.name, fault.function);
    EXPECT_EQ(rule.trigger.skip, fault.ordinal - 1);
    EXPECT_EQ(rule.trigger.count, 1u);
    EXPECT_EQ(rule.effect.kind, fault.kind);
    EXPECT_EQ(rule.effect.phase, fault.phase);
    EXPECT_EQ(rule.effect.delay_ms, fault.kind == sim::Fault::Kind::kDelay ? 5u : 0u);
  }
}

// The rules behind one that has taken a job do not see it, so it does not count for them.
TEST(SingleFaults, SpareJobsThatTheScenarioStrikesItself) {
  TracedRun recording = kRecording;
  recording.faults = {{2, "own", "middle"}};
  const auto faults = single_faults(recording, 5, {"PrlSrv_LoginLocal"});
  ASSERT_EQ(faults.size(), 9u);
  EXPECT_EQ(faults.front().id(), "PrlVm_Suspend-1-start-fail");
}

TEST(FittingCode, IsKnownToTheApi) {
  const faults::ApiNames names = sdk::scenario_names();
  const Words functions = functions_with_codes();
  EXPECT_GE(functions.size(), 10u);
  for (const std::string& function : functions) {
    EXPECT_TRUE(names.is_function(function)) << function;
    EXPECT_TRUE(names.code_by_name(fitting_code(function))) << function;
  }
  EXPECT_EQ(fitting_code("PrlVm_Suspend"), "PRL_ERR_VM_SUSPEND_FAILED");
  EXPECT_EQ(fitting_code("PrlSrv_Logoff"), "PRL_ERR_OPERATION_FAILED");
  EXPECT_TRUE(names.code_by_name("PRL_ERR_OPERATION_FAILED"));
}

}  // namespace
}  // namespace prl::tool
