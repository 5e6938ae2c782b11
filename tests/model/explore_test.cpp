// All that a host can do with one VM and one client within bounds, and what two of each can do in
// a few moves. Edits and locks, which multiply the states without touching the machine, have an
// exploration of their own with one snapshot.
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <optional>
#include <string>
#include <utility>

#include "tests/model/covering_rules.h"
#include "tests/model/explorer.h"
#include "tests/simulator/silent_session.h"

namespace prl::model {
namespace {

std::vector<Act> acts_without(const std::vector<Act>& excluded) {
  std::vector<Act> acts = all_acts();
  std::erase_if(acts, [&](Act act) { return std::ranges::find(excluded, act) != excluded.end(); });
  return acts;
}

const std::vector<Act> kEditsAndLocks = {Act::kBeginEdit, Act::kCommit, Act::kLock, Act::kUnlock};

// `what` tells the counts of several explorations apart.
void expect_lawful(const Exploration& exploration, const std::string& what) {
  const Explored explored = explore(exploration);
  EXPECT_EQ(explored.violation, "");
  EXPECT_GT(explored.transitions, explored.states);
  std::cout << "count explored_states" << what << " " << explored.states << "\n"
            << "count explored_transitions" << what << " " << explored.transitions << "\n"
            << "count explored_depth" << what << " " << explored.depth << "\n";
}

Exploration with_faults() {
  return {.acts = acts_without(kEditsAndLocks),
          .faults = {Fault::kNone, Fault::kStart, Fault::kMiddle, Fault::kEnd},
          .snapshots_max = 1};
}

Exploration of_two_nearby() {
  return {.setting = {.vms = 2, .sessions = 2}, .acts = all_acts(), .depth_max = 4};
}

TEST(Exploration, OfOneVmAndOneClientFindsNothingUnlawful) {
  expect_lawful({.acts = acts_without(kEditsAndLocks)}, "");
}

TEST(Exploration, OfEditsAndLocksFindsNothingUnlawful) {
  expect_lawful(
      {.acts = acts_without({Act::kStartEx, Act::kClone, Act::kCloneToTemplate, Act::kDie,
                             Act::kGuestLeave, Act::kGuestReboot, Act::kGuestSleep,
                             Act::kGuestHibernate, Act::kGuestWake, Act::kFreeze, Act::kUnfreeze,
                             Act::kHostSleep, Act::kHostWake, Act::kAskToPause, Act::kAskToSuspend,
                             Act::kAskToStop, Act::kAskInVain}),
       .snapshots_max = 1},
      "_edits");
}

TEST(Exploration, OfJobsThatFailFindsNothingUnlawful) {
  expect_lawful(with_faults(), "_faults");
}

TEST(Exploration, OfAVirtuozzoHostFindsNothingUnlawful) {
  expect_lawful({.setting = {.profile = Profile::kVirtuozzo}, .acts = acts_without(kEditsAndLocks)},
                "_virtuozzo");
}

TEST(Exploration, OfTwoVmsAndTwoClientsFindsNothingUnlawfulNearby) {
  expect_lawful(of_two_nearby(), "_two");
}

// The VMs come up with it, or go on as before.
TEST(Exploration, OfAServiceThatComesBackFindsNothingUnlawful) {
  const std::vector<Act> acts =
      acts_without({Act::kSwitch, Act::kSwitchToImage, Act::kDeleteSnapshot, Act::kDeleteSubtree,
                    Act::kFreeze, Act::kUnfreeze, Act::kGuestSleep, Act::kGuestWake,
                    Act::kHostSleep, Act::kHostWake, Act::kAskToPause, Act::kAskToSuspend,
                    Act::kAskToStop, Act::kBeginEdit, Act::kCommit, Act::kStartEx});
  expect_lawful({.setting = {.auto_start = AutoStart::kOnLoad}, .acts = acts, .snapshots_max = 1},
                "_on_load");
  expect_lawful({.setting = {.auto_start = AutoStart::kOnReload, .is_killed_at_shutdown = true},
                 .acts = acts,
                 .snapshots_max = 1},
                "_on_reload");
}

// Clients do not hear that a VM is paused.
class SilentPause final : public sim::PowerRules {
 public:
  std::optional<sim::State> told(sim::Profile profile, sim::State told, sim::State from,
                                 sim::State to, bool restores_live) const override {
    if (to == sim::State::kPaused) return std::nullopt;
    return PowerRules::told(profile, told, from, to, restores_live);
  }
};

TEST(Explorations, TellTheShortestScriptToWhatIsUnlawful) {
  for (const uint32_t depth_max : {uint32_t{6}, UINT32_MAX}) {
    const Explored explored = explore({.setting = {.rules = std::make_shared<SilentPause>()},
                                       .acts = acts_without(kEditsAndLocks),
                                       .snapshots_max = 1,
                                       .depth_max = depth_max});
    const size_t script = explored.violation.find("\n");
    ASSERT_NE(script, std::string::npos) << depth_max;
    EXPECT_EQ(explored.violation.substr(script + 1),
              "  Start vm=0 session=0\n  wait for what happens next\n"
              "  GuestSleep vm=0 session=0\n");
  }
}

// Faults of jobs strike the first phase of a suspend; this one strikes the second.
class FailingFlush final : public sim::Interventions {
 public:
  bool watches(sim::Layer layer, std::string_view) override {
    return layer == sim::Layer::kTransition;
  }
  std::optional<sim::Fault> consult(const sim::FaultPoint& point) override {
    if (point.layer != sim::Layer::kTransition || point.name != "SUSPENDING_SYNC") return {};
    return sim::Fault{.kind = sim::Fault::Kind::kFail};
  }
};

// A world whose VM is found in that state and is then suspended, in vain.
void find_a_vm(sim::State state, std::shared_ptr<const sim::PowerRules> rules) {
  sim::WorldOptions options;
  options.clock = {.mode = sim::ClockSpec::Mode::kVirtual};
  options.rules = std::move(rules);
  options.interventions = std::make_unique<FailingFlush>();
  const sim::Uuid vm = sim::Uuid::from_random(1, 1);
  options.vms.push_back({.uuid = vm, .name = "vm", .ram_mib = 4, .cpu_count = 1, .state = state});
  sim::SilentSession session;
  sim::World world(std::move(options));
  world.login("login", session, [](const sim::Report&) {});
  world.advance(10);
  world.command("suspend", vm, {.command = sim::Command::kSuspend}, [](const sim::Report&) {});
  world.advance(1000);
  EXPECT_EQ(world.view(vm)->state, state);
}

// What two of the explorations leave are VMs that are found, and flushes that fail.
TEST(Explorations, UseEveryRowOfTheTable) {
  const auto rules = std::make_shared<CoveringRules>();
  for (Exploration exploration : {with_faults(), of_two_nearby()}) {
    exploration.setting.rules = rules;
    EXPECT_EQ(explore(exploration).violation, "");
  }
  for (const auto state :
       {sim::State::kStopped, sim::State::kRunning, sim::State::kPaused, sim::State::kSuspended}) {
    find_a_vm(state, rules);
  }
  for (const std::string& row : rules->rows_left()) ADD_FAILURE() << row;
  std::cout << "count transitions_covered " << rules->rows_used() << "\n"
            << "count transitions " << sim::transitions().size() << "\n";
}

}  // namespace
}  // namespace prl::model
