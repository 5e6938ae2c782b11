// All that a host can do with one VM and one client within bounds, and what two of each can do in
// a few moves. Edits and locks, which multiply the states without touching the machine, have
// explorations of their own, and so has what copies or rewrites the files of VMs.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "tests/model/covering_rules.h"
#include "tests/model/explorer.h"
#include "tests/simulator/silent_session.h"

namespace prl::model {
namespace {

const std::vector<Act> kOfDisks = {Act::kCopyImage, Act::kGrowDisk, Act::kShrinkDisk};

// Sizes of disks multiply the states too: they have an exploration of their own.
std::vector<Act> acts_without(const std::vector<Act>& excluded) {
  std::vector<Act> acts = all_acts();
  std::erase_if(acts, [&](Act act) {
    return std::ranges::find(excluded, act) != excluded.end() ||
           std::ranges::find(kOfDisks, act) != kOfDisks.end();
  });
  return acts;
}

const std::vector<Act> kEditsAndLocks = {Act::kBeginEdit, Act::kCommit, Act::kLock, Act::kUnlock};
// Power, snapshots, disks, plain clones, and what happens by itself.
std::vector<Act> plain_acts() {
  std::vector<Act> excluded = {Act::kCloneToTemplate, Act::kCloneLinked, Act::kMove, Act::kConvert};
  excluded.insert(excluded.end(), kEditsAndLocks.begin(), kEditsAndLocks.end());
  return acts_without(excluded);
}
const std::vector<Act> kBesideEdits = {
    Act::kStartEx,     Act::kClone,          Act::kCloneToTemplate,
    Act::kCloneLinked, Act::kMove,           Act::kConvert,
    Act::kDie,         Act::kGuestLeave,     Act::kGuestReboot,
    Act::kGuestSleep,  Act::kGuestHibernate, Act::kGuestWake,
    Act::kFreeze,      Act::kUnfreeze,       Act::kHostSleep,
    Act::kHostWake,    Act::kAskToPause,     Act::kAskToSuspend,
    Act::kAskToStop,   Act::kAskInVain};

// `what` tells the counts of several explorations apart.
void expect_lawful(const Exploration& exploration, const std::string& what) {
  const Explored explored = explore(exploration);
  EXPECT_EQ(explored.violation, "");
  EXPECT_GT(explored.transitions, explored.states);
  std::cout << "count explored_states" << what << " " << explored.states << "\n"
            << "count explored_transitions" << what << " " << explored.transitions << "\n"
            << "count explored_depth" << what << " " << explored.depth << "\n";
}

// One VM with so many snapshots and a clone, for one client, with jobs that fail.
Exploration of_one(const WalkSetting& setting, const std::vector<Act>& acts,
                   size_t snapshots_max = 1) {
  return {.setting = setting,
          .acts = acts,
          .faults = {Fault::kNone, Fault::kStart, Fault::kMiddle, Fault::kEnd},
          .snapshots_max = snapshots_max};
}

const WalkSetting kDesktop;
const WalkSetting kVirtuozzo = {.profile = Profile::kVirtuozzo};

Exploration of_two(uint32_t depth_max) {
  return {.setting = {.vms = 2, .sessions = 2},
          .acts = acts_without({}),
          .depth_max = depth_max,
          .is_symmetric = true,
          .threads = std::max(1u, std::thread::hardware_concurrency()),
          .tells_time = false};
}

// How far two VMs are explored: farther where somebody has the time, see tests/README.md.
uint32_t depth_of_two() {
  constexpr uint32_t kDepth = 6;
  const char* const wanted = std::getenv("PRLSIM_EXPLORE_DEPTH");
  return wanted ? static_cast<uint32_t>(std::stoul(wanted)) : kDepth;
}

// Of two snapshots one can grow out of the other, so that deleting and switching differ.
TEST(Exploration, OfOneVmAndOneClientFindsNothingUnlawful) {
  expect_lawful({.acts = plain_acts()}, "");
}

TEST(Exploration, OfAVirtuozzoHostFindsNothingUnlawful) {
  expect_lawful({.setting = kVirtuozzo, .acts = plain_acts()}, "_virtuozzo");
}

Exploration of_failing_snapshots(const WalkSetting& setting) {
  Exploration exploration = of_one(setting, plain_acts(), 2);
  exploration.clones_max = 0;
  return exploration;
}

TEST(Exploration, OfJobsThatFailOnTwoSnapshotsFindsNothingUnlawful) {
  expect_lawful(of_failing_snapshots(kDesktop), "_snapshots");
}

TEST(Exploration, OfJobsThatFailOnTwoSnapshotsOfAVirtuozzoHostFindsNothingUnlawful) {
  expect_lawful(of_failing_snapshots(kVirtuozzo), "_virtuozzo_snapshots");
}

TEST(Exploration, OfCopiesFindsNothingUnlawful) {
  expect_lawful(of_one(kDesktop, acts_without(kEditsAndLocks)), "_copies");
}

TEST(Exploration, OfCopiesOnAVirtuozzoHostFindsNothingUnlawful) {
  expect_lawful(of_one(kVirtuozzo, acts_without(kEditsAndLocks)), "_virtuozzo_copies");
}

TEST(Exploration, OfDisksFindsNothingUnlawful) {
  std::vector<Act> acts = {Act::kStart,       Act::kKill,           Act::kPause,  Act::kSuspend,
                           Act::kCompact,     Act::kCreateSnapshot, Act::kSwitch, Act::kClone,
                           Act::kCloneLinked, Act::kDelete,         Act::kMove,   Act::kConvert,
                           Act::kMount,       Act::kUmount};
  acts.insert(acts.end(), kOfDisks.begin(), kOfDisks.end());
  expect_lawful(of_one(kDesktop, acts), "_disks");
  expect_lawful(of_one(kVirtuozzo, acts), "_virtuozzo_disks");
}

TEST(Exploration, OfEditsAndLocksFindsNothingUnlawful) {
  expect_lawful(of_one(kDesktop, acts_without(kBesideEdits)), "_edits");
}

TEST(Exploration, OfEditsAndLocksOfAVirtuozzoHostFindsNothingUnlawful) {
  expect_lawful(of_one(kVirtuozzo, acts_without(kBesideEdits)), "_virtuozzo_edits");
}

// A snapshot keeps the configuration of its time. Which of them are the same multiplies the states
// by fifty, so that the VM is only stopped and started here.
TEST(Exploration, OfEditsOnTwoSnapshotsFindsNothingUnlawful) {
  const std::vector<Act> acts = {Act::kStart,     Act::kKill,           Act::kCreateSnapshot,
                                 Act::kSwitch,    Act::kDeleteSnapshot, Act::kDeleteSubtree,
                                 Act::kBeginEdit, Act::kCommit};
  expect_lawful(of_one(kDesktop, acts, 2), "_edits_on_snapshots");
  expect_lawful(of_one(kVirtuozzo, acts, 2), "_virtuozzo_edits_on_snapshots");
}

TEST(Exploration, OfLocksOnTwoSnapshotsFindsNothingUnlawful) {
  std::vector<Act> excluded = kBesideEdits;
  excluded.insert(excluded.end(), {Act::kBeginEdit, Act::kCommit});
  expect_lawful(of_one(kDesktop, acts_without(excluded), 2), "_locks");
  expect_lawful(of_one(kVirtuozzo, acts_without(excluded), 2), "_virtuozzo_locks");
}

// Takes minutes: where somebody has them, see tests/README.md.
TEST(Exploration, OfAllCommandsTogetherFindsNothingUnlawful) {
  if (!std::getenv("PRLSIM_EXPLORE_ALL")) GTEST_SKIP() << "PRLSIM_EXPLORE_ALL is not set";
  for (const auto& [setting, what] :
       {std::pair(kDesktop, "_all"), std::pair(kVirtuozzo, "_virtuozzo_all")}) {
    expect_lawful({.setting = setting, .acts = all_acts(), .snapshots_max = 1, .clones_max = 0},
                  what);
  }
}

TEST(Exploration, OfTwoVmsAndTwoClientsFindsNothingUnlawfulNearby) {
  expect_lawful(of_two(depth_of_two()), "_two");
}

// The VMs come up with it, or go on as before. A clone that comes up by itself beside its original
// is a second VM, whose moments multiply the states as those of two VMs do.
TEST(Exploration, OfAServiceThatComesBackFindsNothingUnlawful) {
  const std::vector<Act> acts = acts_without(
      {Act::kSwitch,          Act::kSwitchToImage, Act::kDeleteSnapshot, Act::kDeleteSubtree,
       Act::kFreeze,          Act::kUnfreeze,      Act::kGuestSleep,     Act::kGuestWake,
       Act::kHostSleep,       Act::kHostWake,      Act::kAskToPause,     Act::kAskToSuspend,
       Act::kAskToStop,       Act::kBeginEdit,     Act::kCommit,         Act::kStartEx,
       Act::kCloneToTemplate, Act::kCloneLinked,   Act::kMove,           Act::kConvert});
  const WalkSetting on_load = {.auto_start = AutoStart::kOnLoad};
  const WalkSetting on_reload = {.auto_start = AutoStart::kOnReload, .is_killed_at_shutdown = true};
  for (const auto& [setting, what] :
       {std::pair(on_load, "_on_load"), std::pair(on_reload, "_on_reload")}) {
    Exploration exploration = of_one(setting, acts);
    exploration.clones_max = 0;
    expect_lawful(exploration, what);
    exploration.clones_max = 1;
    exploration.tells_time = false;
    expect_lawful(exploration, std::string("_clones") + what);
  }
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

void expect_silent_pause_found(Exploration exploration) {
  exploration.setting.rules = std::make_shared<SilentPause>();
  const Explored explored = explore(exploration);
  const size_t script = explored.violation.find("\n");
  ASSERT_NE(script, std::string::npos);
  EXPECT_EQ(explored.violation.substr(script + 1),
            "  Start vm=0 session=0\n  wait for what happens next\n"
            "  GuestSleep vm=0 session=0\n");
}

TEST(Explorations, TellTheShortestScriptToWhatIsUnlawful) {
  for (const uint32_t depth_max : {uint32_t{6}, UINT32_MAX}) {
    SCOPED_TRACE(depth_max);
    expect_silent_pause_found(
        {.acts = acts_without(kEditsAndLocks), .snapshots_max = 1, .depth_max = depth_max});
  }
  expect_silent_pause_found(of_two(4));
}

TEST(Explorations, FindTheSameWithOneThreadAndWithMore) {
  Exploration exploration = of_two(3);
  exploration.threads = 1;
  const Explored alone = explore(exploration);
  exploration.threads = 3;
  const Explored together = explore(exploration);
  EXPECT_EQ(alone.states, together.states);
  EXPECT_EQ(alone.transitions, together.transitions);
  exploration.is_symmetric = false;
  EXPECT_GT(explore(exploration).states, 3 * alone.states) << "of four namings few are the same";
}

// A state says all that what can still happen depends on, so that the way to it makes no
// difference.
TEST(Explorations, FindTheSameInAnotherOrder) {
  Exploration exploration = of_one(kVirtuozzo, acts_without(kEditsAndLocks));
  exploration.faults = {Fault::kNone};
  const Explored forwards = explore(exploration);
  exploration.is_backwards = true;
  const Explored backwards = explore(exploration);
  EXPECT_EQ(forwards.states, backwards.states);
  EXPECT_EQ(forwards.transitions, backwards.transitions);
  EXPECT_EQ(forwards.depth, backwards.depth);
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
  for (Exploration exploration : {of_one(kDesktop, acts_without(kEditsAndLocks)), of_two(4)}) {
    exploration.setting.rules = rules;
    exploration.threads = 1;  // which the rules are for
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
