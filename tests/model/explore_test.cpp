// All that a host can do with one VM and one client within bounds, and what two of each can do in
// a few moves. Edits and locks, which multiply the states without touching the machine, have an
// exploration of their own with one snapshot.
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>

#include "tests/model/explorer.h"

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

TEST(Exploration, OfOneVmAndOneClientFindsNothingUnlawful) {
  expect_lawful({.acts = acts_without(kEditsAndLocks)}, "");
}

TEST(Exploration, OfEditsAndLocksFindsNothingUnlawful) {
  expect_lawful({.acts = acts_without({Act::kStartEx, Act::kClone, Act::kDie}), .snapshots_max = 1},
                "_edits");
}

TEST(Exploration, OfJobsThatFailFindsNothingUnlawful) {
  expect_lawful({.acts = acts_without(kEditsAndLocks),
                 .faults = {Fault::kNone, Fault::kStart, Fault::kMiddle, Fault::kEnd},
                 .snapshots_max = 1},
                "_faults");
}

TEST(Exploration, OfAVirtuozzoHostFindsNothingUnlawful) {
  expect_lawful({.setting = {.profile = Profile::kVirtuozzo}, .acts = acts_without(kEditsAndLocks)},
                "_virtuozzo");
}

TEST(Exploration, OfTwoVmsAndTwoClientsFindsNothingUnlawfulNearby) {
  expect_lawful({.setting = {.vms = 2, .sessions = 2}, .acts = all_acts(), .depth_max = 4}, "_two");
}

}  // namespace
}  // namespace prl::model
