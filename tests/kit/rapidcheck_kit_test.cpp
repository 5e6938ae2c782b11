// The RapidCheck kit against a client that is right, and against twins of it that are not: each
// mistake must be found, and shrink to a few operations and faults.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <prlsdk/prl_rapidcheck.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>

#include "tests/kit/sample_client.h"

namespace prl::kit {
namespace {

using tests::Mistake;
using tests::SampleClient;

Client client_of(Mistake mistake) {
  return {.start = [=](const std::string& vm) { return SampleClient(mistake).start(vm); },
          .stop = [=](const std::string& vm) { return SampleClient(mistake).stop(vm); },
          .pause = {},
          .resume = [=](const std::string& vm) { return SampleClient(mistake).resume(vm); },
          .suspend = [=](const std::string& vm) { return SampleClient(mistake).suspend(vm); },
          .drop = {}};
}

RC_GTEST_PROP(AGoodClient, IsTruthfulWhateverFails, ()) {
  check_truthful(client_of(Mistake::kNone));
}

// Looking at the state afterwards, as the good one does, is a second moment: another thread may
// have come in between.
RC_GTEST_PROP(AClientThatTrustsTheCode, IsLinearizable, ()) {
  Client client = client_of(Mistake::kTrustsTheCode);
  client.stop = nullptr;
  check_linearizable(client);
}

// Of a property that does not hold, what RapidCheck says; empty where it holds.
std::string counterexample(Mistake mistake) {
  rc::detail::TestParams params = rc::detail::configuration().testParams;
  params.maxSuccess = 3000;  // the rarest takes three operations and two faults that fit
  const auto result = rc::detail::checkTestable([=] { check_truthful(client_of(mistake)); },
                                                rc::detail::TestMetadata(), params);
  rc::detail::FailureResult failure;
  if (!result.match(failure)) return "";
  return failure.description;
}

size_t count_of(const std::string& text, const std::string& part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

// Whatever is drawn is a scenario, and what clients find of the VM is what was drawn.
RC_GTEST_PROP(AnEquippedVm, HasWhatWasDrawnAndWorks, ()) {
  const Vm drawn = *any_equipped_vm("web");
  const std::string toml = drawn.toml();
  World world(Scenario().add(drawn));
  const Handle vm = world.vm("web");
  PRL_UINT32 count = 99;
  PrlVmCfg_GetHardDisksCount(vm.get(), &count);
  RC_ASSERT(count == count_of(toml, "[[vm.disk]]"));
  PrlVmCfg_GetNetAdaptersCount(vm.get(), &count);
  RC_ASSERT(count == count_of(toml, "[[vm.network_adapter]]"));
  const JobEnd end = finish(PrlVm_GetSnapshotsTree(vm.get()));
  const std::string tree = text_from([&](PRL_STR text, PRL_UINT32* length) {
    return PrlResult_GetParamAsString(end.result.get(), text, length);
  });
  RC_ASSERT(count_of(tree, "guid=\"{") == count_of(toml, "[[vm.snapshot]]"));
  for (size_t at = tree.find("guid=\"{"); at != std::string::npos;
       at = tree.find("guid=\"{", at + 1)) {
    const std::string uuid = tree.substr(at + 6, 38);
    RC_ASSERT(finish(PrlVm_SwitchToSnapshot(vm.get(), uuid.c_str())).code == PRL_ERR_SUCCESS);
  }
  if (world.state("web") != VMS_RUNNING) RC_ASSERT(SampleClient().start("web"));
  RC_ASSERT(SampleClient().suspend("web"));
}

TEST(Mistakes, AreAllFoundAndShrinkToAFewOperations) {
  for (const Mistake mistake : {Mistake::kIgnoresTheCode, Mistake::kForgetsTheResult,
                                Mistake::kFreesTwice, Mistake::kBelievesTheTimeout}) {
    SCOPED_TRACE(static_cast<int>(mistake));
    const std::string text = counterexample(mistake);
    EXPECT_NE(text, "");
    EXPECT_LE(count_of(text, "says that it did"), 4u) << text;
    EXPECT_LE(count_of(text, "[[fault]]"), 2u) << text;
    if (mistake == Mistake::kForgetsTheResult) {
      EXPECT_NE(text.find("leaked handles"), std::string::npos) << text;
    }
    if (mistake == Mistake::kFreesTwice) {
      EXPECT_NE(text.find("misused handles"), std::string::npos) << text;
    }
  }
}

// The smallest plan that shrinking comes to from one with which `fails` holds.
using Case = Plan<Operation>;
template <class Fails>
Case shrunk(rc::Shrinkable<Case> found, const Fails& fails) {
  auto smaller = found.shrinks();
  while (auto next = smaller.next()) {
    if (!fails(next->value())) continue;
    found = *next;
    smaller = found.shrinks();
  }
  return found.value();
}

// How often a client with the mistake was found out, each time with no fault that could be left
// out, be it that operations go with it.
size_t needless_faults_looked_for(const Client& client) {
  const auto fails = [&](const Case& plan) {
    return !untruth(client, plan.scenario(), plan.steps).empty();
  };
  const auto any_case = any_plan("web", functions_of(client), 3, any_operation(client));
  size_t found = 0;
  for (uint64_t seed = 0; found < 6 && seed < 500; ++seed) {
    const auto drawn = any_case(rc::Random(seed), rc::kNominalSize);
    if (!fails(drawn.value())) continue;
    const Case least = shrunk(drawn, fails);
    ++found;
    for (size_t fault = 0; fault < least.faults.size(); ++fault) {
      for (size_t begin = 0; begin <= least.steps.size(); ++begin) {
        for (size_t end = begin; end <= least.steps.size(); ++end) {
          Case less = least;
          less.faults.erase(less.faults.begin() + static_cast<std::ptrdiff_t>(fault));
          less.steps.erase(less.steps.begin() + static_cast<std::ptrdiff_t>(begin),
                           less.steps.begin() + static_cast<std::ptrdiff_t>(end));
          EXPECT_FALSE(fails(less)) << "needs no " << least.faults[fault].toml() << " in\n"
                                    << rc::toString(least);
        }
      }
    }
  }
  return found;
}

TEST(Counterexamples, HaveNoFaultThatIsNotNeeded) {
  for (const Mistake mistake : {Mistake::kIgnoresTheCode, Mistake::kForgetsTheResult,
                                Mistake::kFreesTwice, Mistake::kBelievesTheTimeout}) {
    SCOPED_TRACE(static_cast<int>(mistake));
    EXPECT_EQ(needless_faults_looked_for(client_of(mistake)), 6u);
  }
}

// One job that hangs, and one operation whose job that is.
TEST(Counterexamples, HaveAsFewFaultsAndOperationsAsItTakes) {
  for (const Mistake mistake :
       {Mistake::kFreesTwice, Mistake::kBelievesTheTimeout, Mistake::kStartsAgain}) {
    SCOPED_TRACE(static_cast<int>(mistake));
    Client client = client_of(mistake);
    if (mistake == Mistake::kStartsAgain) {  // a stop that cuts into a resume needs no fault
      client.start = nullptr;
      client.stop = nullptr;
    }
    const auto fails = [&](const Case& plan) {
      return !untruth(client, plan.scenario(), plan.steps).empty();
    };
    const auto any_case = any_plan("web", functions_of(client), 3, any_operation(client));
    size_t found = 0;
    for (uint64_t seed = 0; found < 20 && seed < 2000; ++seed) {
      const auto drawn = any_case(rc::Random(seed), rc::kNominalSize);
      if (!fails(drawn.value())) continue;
      ++found;
      const Case least = shrunk(drawn, fails);
      const std::string text = rc::toString(least);
      EXPECT_EQ(least.faults.size(), 1u) << "seed " << seed << "\n" << text;
      EXPECT_EQ(least.steps.size(), 1u) << "seed " << seed << "\n" << text;
      for (const char* needless : {"skip", "ram_mib", "cpus", "\"stopped\""}) {
        EXPECT_EQ(text.find(needless), std::string::npos) << "seed " << seed << "\n" << text;
      }
    }
    EXPECT_EQ(found, 20u);
  }
}

// A suspend takes a VM that runs. One that is not has to be resumed first.
bool suspends_a_vm_that_runs(const Case& plan) {
  bool runs = plan.vm.toml().find("\"running\"") != std::string::npos;
  for (const Operation operation : plan.steps) {
    if (operation == Operation::kSuspend && runs) return true;
    if (operation == Operation::kResume) runs = true;
  }
  return false;
}

TEST(Counterexamples, BeginInTheStateThatSavesOperations) {
  Client client = client_of(Mistake::kNone);
  client.start = nullptr;
  client.stop = nullptr;
  const auto any_case = any_plan("web", {"PrlVm_Suspend"}, 2, any_operation(client));
  size_t resumed = 0;
  for (uint64_t seed = 0; seed < 100; ++seed) {
    const auto drawn = any_case(rc::Random(seed), rc::kNominalSize);
    if (!suspends_a_vm_that_runs(drawn.value())) continue;
    if (drawn.value().vm.toml().find("\"running\"") == std::string::npos) ++resumed;
    const Case least = shrunk(drawn, suspends_a_vm_that_runs);
    EXPECT_EQ(least.steps, std::vector<Operation>{Operation::kSuspend})
        << "seed " << seed << "\n" << rc::toString(least);
  }
  EXPECT_GE(resumed, 20u);
}

// Where each fault makes one operation fail neither of the two can be left out alone.
TEST(Counterexamples, LoseAFaultTogetherWithTheOperationsThatItStrikes) {
  const auto any_case =
      any_plan("web", {"PrlVm_Start"}, 4, any_operation(client_of(Mistake::kNone)));
  for (const size_t operations_per_fault : {1, 2}) {
    const auto fails = [&](const Case& plan) {
      return plan.steps.size() == operations_per_fault * plan.faults.size() + 1;
    };
    size_t found = 0;
    for (uint64_t seed = 0; seed < 2000; ++seed) {
      const auto drawn = any_case(rc::Random(seed), rc::kNominalSize);
      if (!fails(drawn.value()) || drawn.value().faults.empty()) continue;
      const Case least = shrunk(drawn, fails);
      EXPECT_EQ(least.faults.size(), 0u) << rc::toString(least);
      EXPECT_EQ(least.steps.size(), 1u) << rc::toString(least);
      ++found;
    }
    EXPECT_GE(found, 10u);
  }
}

TEST(AnyScenario, ShrinksToOneWithoutAnyFaultThatIsNotNeeded) {
  const auto any = any_scenario("web", {"PrlVm_Start", "PrlVm_Stop"}, 3);
  size_t found = 0;
  for (uint64_t seed = 0; seed < 100; ++seed) {
    auto drawn = any(rc::Random(seed), rc::kNominalSize);
    const auto fails = [](const Scenario& scenario) {
      return scenario.toml().find("name = \"f1\"") != std::string::npos;
    };
    if (!fails(drawn.value())) continue;
    ++found;
    auto smaller = drawn.shrinks();
    while (auto next = smaller.next()) {
      if (!fails(next->value())) continue;
      drawn = *next;
      smaller = drawn.shrinks();
    }
    EXPECT_EQ(count_of(drawn.value().toml(), "[[fault]]"), 1u) << drawn.value().toml();
  }
  EXPECT_GE(found, 20u);
}

// Found by this kit in a client that was thought to be right: a stop that cuts into a resume
// succeeds, and leaves the VM suspended.
TEST(Mistakes, AreFoundWhereTheyTakeAStateAndTwoOperations) {
  EXPECT_NE(counterexample(Mistake::kTrustsTheCode).find("says that it did stop"),
            std::string::npos);
}

TEST(Counterexamples, SayWithWhichSeedsTheyWereDrawn) {
  ::setenv("PRLSIM_SEED", "11", 1);
  const std::string text =
      counterexample(Mistake::kForgetsTheResult);  // shown when the world ended
  ::unsetenv("PRLSIM_SEED");
  const uint64_t drawn = rc::detail::configuration().testParams.seed;
  EXPECT_NE(text.find("drawn with RC_PARAMS=seed=" + std::to_string(drawn) + " PRLSIM_SEED=11\n"),
            std::string::npos)
      << text;
  const size_t again = text.find("\nAgain: (cd ");
  ASSERT_NE(again, std::string::npos) << text;
  const std::string command = text.substr(again + 1, text.find('\n', again + 1) - again - 1);
  EXPECT_NE(command.find(" PRLSIM_SEED=11 "), std::string::npos) << command;
  EXPECT_NE(command.find("seed=" + std::to_string(drawn)), std::string::npos) << command;
}

TEST(Counterexamples, AreDrawnAgainWithWhatElseRapidCheckWasTold) {
  const char* said = std::getenv("RC_PARAMS");
  const std::string before = said ? said : "";
  const std::string seed = "seed=" + std::to_string(rc::detail::configuration().testParams.seed);
  ::unsetenv("RC_PARAMS");
  EXPECT_EQ(rapidcheck_parameters(), seed);
  ::setenv("RC_PARAMS", "max_size=7", 1);
  EXPECT_EQ(rapidcheck_parameters(), "max_size=7 " + seed);
  ::setenv("RC_PARAMS", "seed=12 max_size=7", 1);
  EXPECT_EQ(rapidcheck_parameters(), "seed=12 max_size=7");
  if (said) {
    ::setenv("RC_PARAMS", before.c_str(), 1);
  } else {
    ::unsetenv("RC_PARAMS");
  }
}

TEST(Counterexamples, NameStates) {
  const auto result = rc::detail::checkTestable(
      [] {
        World world(Scenario().add(Vm("web").suspended()));
        RC_ASSERT(world.state("web") == VMS_RUNNING);
      },
      rc::detail::TestMetadata(), rc::detail::configuration().testParams);
  rc::detail::FailureResult failure;
  ASSERT_TRUE(result.match(failure));
  EXPECT_NE(failure.description.find("VMS_SUSPENDED == VMS_RUNNING"), std::string::npos)
      << failure.description;
}

TEST(Linearization, IsFoundWhereThereIsOne) {
  using enum Operation;
  // One after the other.
  const Done suspended{kSuspend, true, 0, 1};
  EXPECT_TRUE(Linearization({suspended, {kResume, true, 2, 3}}).exists(VMS_RUNNING, VMS_RUNNING));
  EXPECT_FALSE(
      Linearization({suspended, {kSuspend, true, 2, 3}}).exists(VMS_RUNNING, VMS_SUSPENDED));
  EXPECT_FALSE(
      Linearization({suspended, {kResume, false, 2, 3}}).exists(VMS_RUNNING, VMS_SUSPENDED))
      << "nothing kept the second one out";
  // Beside each other.
  EXPECT_TRUE(Linearization({{kResume, true, 0, 3}, {kSuspend, true, 1, 2}})
                  .exists(VMS_RUNNING, VMS_RUNNING));
  EXPECT_TRUE(Linearization({{kSuspend, true, 0, 3}, {kSuspend, false, 1, 2}})
                  .exists(VMS_RUNNING, VMS_SUSPENDED));
  EXPECT_FALSE(Linearization({{kSuspend, true, 0, 3}, {kSuspend, true, 1, 2}})
                   .exists(VMS_RUNNING, VMS_SUSPENDED));
  EXPECT_FALSE(Linearization({suspended}).exists(VMS_RUNNING, VMS_STOPPED));
}

}  // namespace
}  // namespace prl::kit
