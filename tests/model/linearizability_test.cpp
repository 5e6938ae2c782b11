// Several threads use the same VMs of one host through the API: what they are told, and what comes
// of it, must be what the reference model says of some order of their requests. A failure prints
// what the threads asked for side by side; RapidCheck leaves out of it what it can.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/detail/Configuration.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "tests/model/shared_host.h"

namespace prl::model {
namespace {

// Of each plan, since the system decides which thread comes first.
constexpr int kRuns = PRLSIM_RUNS;
constexpr int kTasksMax = 5;  // of a thread, beside its opening
uint64_t histories = 0;
uint64_t overlapping = 0;
constexpr Code kNotFound = 0x92;
constexpr Code kNoSuchSnapshot = 0x472;
constexpr Code kClash = 0x112;
constexpr Code kCancelled = 0x275;
// What became of edits, of cancels, of copies, of migrations, of snapshots and of jobs that were to
// fail.
std::map<std::string, uint64_t> kinds = {{"commits", 0},
                                         {"clashes", 0},
                                         {"cancelled_suspends", 0},
                                         {"cancelled_clones", 0},
                                         {"cancelled_compactions", 0},
                                         {"cancelled_migrations", 0},
                                         {"migrations", 0},
                                         {"linked_clones", 0},
                                         {"templates", 0},
                                         {"moves", 0},
                                         {"conversions", 0},
                                         {"cancelled_linked_clones", 0},
                                         {"cancelled_moves", 0},
                                         {"cancelled_conversions", 0},
                                         {"switches", 0},
                                         {"faults", 0},
                                         {"deleted_snapshots", 0},
                                         {"unknown_snapshots", 0},
                                         {"cancels_in_vain", 0}};

// What threads choose their tasks from, after those with which each of them begins.
struct Circle {
  std::vector<Act> acts;
  std::vector<Task> opening = {};
};

// What seldom meets among all acts, with what stands in its way.
Circle edits() {
  return {.acts = {Act::kBeginEdit, Act::kBeginEdit, Act::kCommit, Act::kCommit, Act::kCommit,
                   Act::kLock, Act::kUnlock, Act::kStart, Act::kSuspend},
          .opening = {{.act = Act::kBeginEdit}}};
}
Circle cancels(Act of) {
  return {.acts = {Act::kCancel, Act::kCancel, Act::kCancel, Act::kSuspend, Act::kClone,
                   Act::kCompact, Act::kStart},
          .opening = {{.act = of, .waits = false}, {.act = Act::kCancel}}};
}

Circle migrations(Act first) {
  return {.acts = {Act::kMigrate, Act::kMigrateAsleep, Act::kCancel, Act::kStart, Act::kSuspend,
                   Act::kPause, Act::kClone, Act::kCreateSnapshot, Act::kLock, Act::kUnlock},
          .opening = {{.act = first, .waits = false}}};
}

Circle snapshots() {
  return {.acts = {Act::kCreateSnapshot, Act::kCreateSnapshot, Act::kSwitch, Act::kSwitch,
                   Act::kSwitchToImage, Act::kDeleteSnapshot, Act::kDeleteSnapshot,
                   Act::kDeleteSubtree, Act::kStart, Act::kKill, Act::kSuspend},
          .opening = {{.act = Act::kCreateSnapshot}}};
}

// A linked clone takes a snapshot first, which nobody cancels, unless there is one.
Circle copies(Act first) {
  return {
      .acts = {Act::kCloneLinked, Act::kCloneLinked, Act::kCloneToTemplate, Act::kMove,
               Act::kConvert, Act::kClone, Act::kCancel, Act::kCancel, Act::kStart, Act::kSuspend,
               Act::kCreateSnapshot, Act::kUnlock},
      .opening = {
          {.act = Act::kCreateSnapshot}, {.act = first, .waits = false}, {.act = Act::kCancel}}};
}

Circle any_circle(bool may_edit, bool has_neighbour) {
  Circle all{.acts = shared_acts()};
  const Act act = *rc::gen::element(Act::kSuspend, Act::kClone, Act::kCompact,
                                    has_neighbour ? Act::kMigrate : Act::kCompact);
  const Act way = *rc::gen::element(Act::kMigrate, Act::kMigrateAsleep);
  const Circle some = has_neighbour && *rc::gen::arbitrary<bool>() ? migrations(way) : cancels(act);
  const Act copy =
      *rc::gen::element(Act::kCloneLinked, Act::kCloneToTemplate, Act::kMove, Act::kConvert);
  if (may_edit)
    return *rc::gen::elementOf(
        std::vector<Circle>{all, all, edits(), snapshots(), copies(copy), some});
  std::erase_if(all.acts, [](Act act) { return act == Act::kBeginEdit || act == Act::kCommit; });
  return *rc::gen::elementOf(std::vector<Circle>{all, snapshots(), copies(copy), some});
}

std::vector<Task> any_tasks(const Circle& circle, uint8_t vms) {
  const auto task = rc::gen::build<Task>(
      rc::gen::set(&Task::act, rc::gen::elementOf(circle.acts)),
      rc::gen::set(&Task::vm, rc::gen::inRange<uint8_t>(0, vms)), rc::gen::set(&Task::waits),
      rc::gen::set(&Task::snapshot, rc::gen::inRange<uint8_t>(0, 3)));
  const auto drawn =
      *rc::gen::resize(kTasksMax, rc::gen::nonEmpty(rc::gen::container<std::vector<Task>>(task)));
  std::vector<Task> tasks = circle.opening;
  tasks.insert(tasks.end(), drawn.begin(), drawn.end());
  return tasks;
}

// Of all jobs that some functions begin, so that it does not matter which thread comes first.
std::map<Act, Fault> any_faults() {
  std::map<Act, Fault> faults;
  if (*rc::gen::arbitrary<bool>()) return faults;
  for (const Act drawn :
       *rc::gen::container<std::vector<Act>>(2, rc::gen::elementOf(shared_acts()))) {
    const Fault fault = *rc::gen::element(Fault::kStart, Fault::kMiddle, Fault::kEnd);
    for (const Act act : shared_acts()) {
      if (!function_of(act).empty() && function_of(act) == function_of(drawn)) faults[act] = fault;
    }
  }
  return faults;
}

// `shared_logins`: some threads may use the login of an earlier one.
Plan any_plan(Profile profile, size_t threads, uint8_t vms, bool shared_logins) {
  Plan plan{.profile = profile, .has_neighbour = *rc::gen::arbitrary<bool>()};
  plan.faults = any_faults();
  for (uint8_t i = 0; i < vms; ++i) {
    plan.beginnings.push_back(
        *rc::gen::element(State::kStopped, State::kRunning, State::kPaused, State::kSuspended));
  }
  const bool are_shared = shared_logins && *rc::gen::arbitrary<bool>();
  const Circle circle = any_circle(!are_shared, plan.has_neighbour);
  for (uint8_t i = 0; i < threads; ++i) {
    plan.logins.push_back(are_shared ? *rc::gen::inRange<uint8_t>(0, i + 1) : i);
    plan.tasks.push_back(any_tasks(circle, vms));
  }
  return plan;
}

bool is_migration(Act act) {
  return act == Act::kMigrate || act == Act::kMigrateAsleep;
}

void count_cancel(const Request& cancel, const Request& target) {
  if (cancel.code == kNotFound) ++kinds["cancels_in_vain"];
  if (cancel.code != 0 || target.code != kCancelled) return;
  if (target.order.act == Act::kSuspend) ++kinds["cancelled_suspends"];
  if (target.order.act == Act::kClone) ++kinds["cancelled_clones"];
  if (target.order.act == Act::kCompact) ++kinds["cancelled_compactions"];
  if (target.order.act == Act::kCloneLinked) ++kinds["cancelled_linked_clones"];
  if (target.order.act == Act::kMove) ++kinds["cancelled_moves"];
  if (target.order.act == Act::kConvert) ++kinds["cancelled_conversions"];
  if (is_migration(target.order.act)) ++kinds["cancelled_migrations"];
}

void count_copy(Act act) {
  if (is_migration(act)) ++kinds["migrations"];
  if (act == Act::kCloneLinked) ++kinds["linked_clones"];
  if (act == Act::kCloneToTemplate) ++kinds["templates"];
  if (act == Act::kMove) ++kinds["moves"];
  if (act == Act::kConvert) ++kinds["conversions"];
}

// Of those that are not known only such that have been.
void count_snapshot(const Request& request) {
  const Act act = request.order.act;
  const bool is_switch = act == Act::kSwitch || act == Act::kSwitchToImage;
  if (request.code == 0) ++kinds[is_switch ? "switches" : "deleted_snapshots"];
  if (request.order.about && request.code == kNoSuchSnapshot) ++kinds["unknown_snapshots"];
}

void count_kinds(const History& history) {
  for (const Request& request : history.requests) {
    const Order& order = request.order;
    if (request.code == kInjected) ++kinds["faults"];
    if (order.act == Act::kCancel) count_cancel(request, history.requests[*order.about]);
    if (request.code == 0) count_copy(order.act);
    if (names_snapshot(order.act)) count_snapshot(request);
    if (order.act != Act::kCommit) continue;
    if (request.code == 0) ++kinds["commits"];
    if (request.code == kClash) ++kinds["clashes"];
  }
}

void expect_explained(const Plan& plan) {
  for (int i = 0; i < kRuns; ++i) {
    const History history = run_together(plan);
    ++histories;
    overlapping += has_overlaps(history);
    count_kinds(history);
    const std::string wrong = unexplained(history);
    if (wrong.empty()) continue;
    const auto seed = rc::detail::configuration().testParams.seed;
    RC_FAIL(wrong + ", drawn with RC_PARAMS=seed=" + std::to_string(seed) + "\n" + plan_text(plan) +
            history_text(history));
  }
}

RC_GTEST_PROP(SharedHost, AnswersTwoThreadsInSomeOrder, ()) {
  expect_explained(any_plan(Profile::kDesktop, 2, 1, false));
}

RC_GTEST_PROP(SharedHost, AnswersMoreThreadsThatShareLoginsInSomeOrder, ()) {
  expect_explained(any_plan(Profile::kDesktop, *rc::gen::inRange<size_t>(3, 5), 2, true));
}

RC_GTEST_PROP(SharedHost, AnswersThreadsOfProfileVirtuozzoInSomeOrder, ()) {
  expect_explained(any_plan(Profile::kVirtuozzo, *rc::gen::inRange<size_t>(2, 4), 1, true));
}

TEST(SharedHosts, WereUsedByThreadsAtTheSameTime) {
  EXPECT_GT(histories, 1000u);
  EXPECT_GT(overlapping, histories / 10);
  std::cout << "count linearizability_histories " << histories << "\n"
            << "count linearizability_overlapping " << overlapping << "\n";
  for (const auto& [kind, times] : kinds) {
    EXPECT_GT(times, 0u) << kind;
    std::cout << "count linear_" << kind << " " << times << "\n";
  }
}

}  // namespace
}  // namespace prl::model
