// The list of single faults is complete, and each of them is a rule that the library reads.
#include "tool/fault_list.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "sdk/scenario_names.h"

namespace prl::tool {
namespace {

const TracedRun kRecording = {
    .jobs = {{1, "PrlSrv_LoginLocal"}, {2, "PrlVm_Suspend", "web"}, {3, "PrlVm_Suspend", "web"}}};

const FaultChoice kThree = {.delay_ms = 5, .except = {}, .effects = {"fail", "hang", "delay"}};

TEST(SingleFaults, AreEveryJobWithEveryPhaseAndEffect) {
  std::set<std::string> ids;
  for (const SingleFault& fault : single_faults(kRecording, kThree)) ids.insert(fault.id());
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
  TracedRun recording = kRecording;
  recording.events = {{"PET_DSP_EVT_VM_STATE_CHANGED", "web", true}};
  recording.calls = {{.function = "PrlVm_GetConfig", .has_succeeded = true},
                     {.function = "PrlVm_Suspend", .gives_job = true}};
  recording.jobs[1].state_before = recording.jobs[1].state_after = "RUNNING";
  std::set<std::string> effects;
  for (const SingleFault& fault : single_faults(recording, {.delay_ms = 5, .with_calls = true})) {
    effects.emplace(sim::fault_word(fault.kind));
    const auto scenario = faults::parse_scenario(fault.toml(), "made", sdk::scenario_names());
    ASSERT_TRUE(scenario) << scenario.error().text();
    ASSERT_EQ(scenario->faults.size(), 1u);
    const faults::Rule& rule = scenario->faults.front();
    EXPECT_EQ(rule.name, fault.id());
    EXPECT_EQ(rule.match.name, fault.function);
    EXPECT_EQ(rule.trigger.skip, fault.ordinal - 1);
    EXPECT_EQ(rule.trigger.count, 1u);
    EXPECT_EQ(rule.effect.kind, fault.kind);
    EXPECT_EQ(rule.match.layer, fault.layer);
    if (fault.layer == sim::Layer::kJob) {
      EXPECT_EQ(rule.effect.phase, fault.phase);
    }
    EXPECT_EQ(rule.match.state, fault.layer == sim::Layer::kMemory ? "PHT_JOB" : "");
    EXPECT_EQ(rule.effect.delay_ms, fault.kind == sim::Fault::Kind::kDelay ? 5u : 0u);
  }
  const Words all = sweep_effects();
  EXPECT_EQ(effects, std::set<std::string>(all.begin(), all.end()));
}

// The rules behind one that has taken a job do not see it, so it does not count for them. For
// people it does: the number is that of the trace.
TEST(SingleFaults, SpareJobsThatTheScenarioStrikesItself) {
  TracedRun recording = kRecording;
  recording.faults = {{2, "own", "middle"}};
  FaultChoice sparing = kThree;
  sparing.except = {"PrlSrv_LoginLocal"};
  const auto faults = single_faults(recording, sparing);
  ASSERT_EQ(faults.size(), 9u);
  EXPECT_EQ(faults.front().id(), "PrlVm_Suspend-2-start-fail");
  EXPECT_TRUE(faults.front().text().starts_with("job 2 of PrlVm_Suspend (VM web) fails"));
  EXPECT_NE(faults.front().toml().find("skip = 0, count = 1"), std::string::npos);
}

TEST(SingleFaults, CountEventsAndCallsThatTheScenarioStrikesItself) {
  TracedRun recording;
  recording.events = {{.type = "PET_DSP_EVT_VM_STARTED", .is_struck = true},
                      {.type = "PET_DSP_EVT_VM_STARTED", .is_heard = true}};
  recording.calls = {{.function = "PrlVm_Stop", .is_struck = true},
                     {.function = "PrlVm_Stop", .gives_job = true},
                     {.function = "PrlJob_Wait", .has_succeeded = true},
                     {.function = "PrlJob_Wait", .is_struck = true},
                     {.function = "PrlJob_Wait", .has_succeeded = true}};
  std::map<std::string, bool> skip_none;
  for (const SingleFault& fault : single_faults(recording, {.with_calls = true})) {
    skip_none[fault.id()] = fault.toml().find("skip = 0, ") != std::string::npos;
  }
  EXPECT_EQ(skip_none, (std::map<std::string, bool>{{"PET_DSP_EVT_VM_STARTED-2-lose", true},
                                                    {"PET_DSP_EVT_VM_STARTED-2-delay", true},
                                                    {"PET_DSP_EVT_VM_STARTED-2-duplicate", true},
                                                    {"PrlJob_Wait-1-call-fail", true},
                                                    {"PrlJob_Wait-3-call-fail", false},
                                                    {"PrlVm_Stop-2-call-no_memory", true}}));
}

TEST(SingleFaults, LeaveOutWhatMakesNoDifference) {
  TracedRun recording;
  recording.jobs = {{1, "PrlSrv_LoginLocal"}, {2, "PrlVm_Start", "web"}, {3, "PrlSrv_Logoff"}};
  recording.jobs[0].has_middle = recording.jobs[2].has_middle = false;
  recording.jobs[1].state_before = "STOPPED";
  recording.jobs[1].state_after = "RUNNING";
  recording.events = {{"PET_DSP_EVT_VM_CONFIG_CHANGED", "web", false}};
  recording.calls = {{"PrlHandle_Free", true}, {"PrlVmCfg_GetName", false}};
  std::set<std::string> ids;
  for (const SingleFault& fault : single_faults(recording, {.with_calls = true})) {
    ids.insert(fault.id());
  }
  EXPECT_FALSE(ids.contains("PrlSrv_LoginLocal-1-middle-fail"));
  EXPECT_FALSE(ids.contains("PrlSrv_LoginLocal-1-start-disconnect"));
  EXPECT_FALSE(ids.contains("PrlSrv_LoginLocal-1-start-lose"));
  EXPECT_TRUE(ids.contains("PrlSrv_LoginLocal-1-end-lose"));
  EXPECT_FALSE(ids.contains("PrlVm_Start-1-start-kill_vm"));
  EXPECT_TRUE(ids.contains("PrlVm_Start-1-end-kill_vm"));
  EXPECT_FALSE(ids.contains("PrlSrv_Logoff-1-end-disconnect"));
  // Nobody listened, and no call succeeded that one could do without.
  for (const std::string& id : ids) EXPECT_TRUE(id.find("-call-") == std::string::npos) << id;
  for (const std::string& id : ids) EXPECT_FALSE(id.starts_with("PET_")) << id;
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
