// Which rule of a plan takes which job, and what the injector remembers of it.
#include "faults/injector.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace prl::faults {
namespace {

constexpr sim::JobStart kSuspendWeb{"PrlVm_Suspend", "web"};
constexpr sim::JobStart kStartWeb{"PrlVm_Start", "web"};
constexpr sim::JobStart kSuspendDatabase{"PrlVm_Suspend", "database"};
constexpr sim::JobStart kLogin{"PrlSrv_LoginLocal", ""};

Rule failing(std::string name, Match match, Trigger trigger = {}) {
  Rule rule{std::move(name), std::move(match), trigger, {}};
  rule.effect.result_code = -1;
  return rule;
}

// The name of the rule that takes the job, or "".
std::string strike(Injector& injector, const sim::JobStart& job) {
  const std::optional<sim::JobFault> fault = injector.on_job_start(job);
  return fault ? fault->rule : "";
}

TEST(Match, IsByFunctionAndVmAndEmptyMeansAny) {
  Injector by_function(Plan({failing("rule", {"PrlVm_Suspend", ""}, {0, 0})}));
  EXPECT_EQ(strike(by_function, kSuspendWeb), "rule");
  EXPECT_EQ(strike(by_function, kSuspendDatabase), "rule");
  EXPECT_EQ(strike(by_function, kStartWeb), "");

  Injector by_vm(Plan({failing("rule", {"", "web"}, {0, 0})}));
  EXPECT_EQ(strike(by_vm, kStartWeb), "rule");
  EXPECT_EQ(strike(by_vm, kSuspendDatabase), "");
  EXPECT_EQ(strike(by_vm, kLogin), "");

  Injector any(Plan({failing("rule", {}, {0, 0})}));
  EXPECT_EQ(strike(any, kLogin), "rule");
}

TEST(Trigger, StrikesOnceByDefault) {
  Injector injector(Plan({failing("rule", {})}));
  EXPECT_EQ(strike(injector, kStartWeb), "rule");
  EXPECT_EQ(strike(injector, kStartWeb), "");
}

TEST(Plan, GivesAJobToTheFirstRuleThatFiresAndHidesItFromTheOthers) {
  Injector injector(Plan({failing("first", {}), failing("second", {"PrlVm_Suspend", ""})}));
  EXPECT_EQ(strike(injector, kSuspendWeb), "first");
  EXPECT_EQ(injector.plan().counters()[1].seen, 0u);
  EXPECT_EQ(strike(injector, kSuspendWeb), "second");
  EXPECT_EQ(strike(injector, kSuspendWeb), "");
  EXPECT_EQ(injector.plan().counters()[0].seen, 3u);
  EXPECT_EQ(injector.plan().counters()[1].seen, 2u);
  EXPECT_EQ(injector.plan().counters()[1].fired, 1u);
}

TEST(Plan, TakesRulesAtRunTimeAndForgetsThem) {
  Plan plan({}, 7);
  EXPECT_EQ(plan.seed(), 7u);
  plan.add(failing("added", {}));
  EXPECT_TRUE(plan.consult(kStartWeb));
  plan.clear();
  EXPECT_TRUE(plan.rules().empty());
  EXPECT_FALSE(plan.consult(kStartWeb));
}

TEST(Injector, PassesTheEffectOnUnderTheNameOfTheRule) {
  Rule rule = failing("slow", {});
  rule.effect = {sim::JobFault::Kind::kDelay, sim::JobPhase::kEnd, 0, 250, ""};
  Injector injector(Plan({rule}));
  const auto fault = injector.on_job_start(kStartWeb);
  ASSERT_TRUE(fault);
  EXPECT_EQ(fault->kind, sim::JobFault::Kind::kDelay);
  EXPECT_EQ(fault->phase, sim::JobPhase::kEnd);
  EXPECT_EQ(fault->delay_ms, 250u);
  EXPECT_EQ(fault->rule, "slow");
}

TEST(Injector, RecordsWhatItInjectedInOrder) {
  Injector injector(Plan({failing("late", {"", "web"}, {1, 1}), failing("login", {"", ""})}));
  injector.on_job_start(kLogin);
  injector.on_job_start(kSuspendWeb);
  injector.on_job_start(kStartWeb);
  const std::vector<Injection> expected = {{"login", "PrlSrv_LoginLocal", "", 1},
                                           {"late", "PrlVm_Start", "web", 2}};
  EXPECT_EQ(injector.injections(), expected);
}

RC_GTEST_PROP(Trigger, StrikesExactlyTheJobsAfterSkipUpToCount, ()) {
  const auto skip = *rc::gen::inRange<uint64_t>(0, 20);
  const auto count = *rc::gen::inRange<uint64_t>(0, 20);
  const auto jobs = *rc::gen::inRange<uint64_t>(0, 60);
  Injector injector(Plan({failing("rule", {"PrlVm_Start", ""}, {skip, count})}));
  for (uint64_t i = 0; i < jobs; ++i) {
    const bool expected = i >= skip && (count == 0 || i < skip + count);
    RC_ASSERT((strike(injector, kStartWeb) == "rule") == expected);
    RC_ASSERT(strike(injector, kSuspendWeb).empty());
  }
  RC_ASSERT(injector.plan().counters()[0].seen == jobs);
  RC_ASSERT(injector.plan().counters()[0].fired == injector.injections().size());
}

}  // namespace
}  // namespace prl::faults
