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
// What became of edits, of cancels, of migrations, of snapshots and of jobs that were to fail.
std::map<std::string, uint64_t> kinds = {{"commits", 0},
                                         {"clashes", 0},
                                         {"cancelled_suspends", 0},
                                         {"cancelled_clones", 0},
                                         {"cancelled_compactions", 0},
                                         {"cancelled_migrations", 0},
                                         {"migrations", 0},
                                         {"switches", 0},
                                         {"faults", 0},
                                         {"deleted_snapshots", 0},
                                         {"unknown_snapshots", 0},
                                         {"cancels_in_vain", 0}};

// ---- The checker, on histories that were made up ----------------------------------------------

// Of one VM. The thread is that of the login.
Request request(Act act, uint8_t login, uint64_t begun, uint64_t ended, Code code) {
  return {.order = {.act = act, .session = login},
          .thread = login,
          .begun = begun,
          .sent = begun + 1,
          .ended = ended,
          .code = code};
}

History history_of(State before, std::vector<Request> requests, Ending after) {
  return {.beginnings = {before},
          .requests = std::move(requests),
          .endings = {after},
          .vms = size_t{1} - (after.is_registered ? 0 : 1)};
}

Ending ending(State state) {
  return {.is_registered = true, .state = state, .has_image = state == State::kSuspended};
}

TEST(Histories, OfOneThreadAreThoseOfTheModel) {
  const Request start = request(Act::kStart, 0, 0, 2, 0);
  const Request pause = request(Act::kPause, 0, 3, 5, 0);
  EXPECT_EQ(unexplained(history_of(State::kStopped, {start, pause}, ending(State::kPaused))), "");
  EXPECT_EQ(unexplained(history_of(State::kStopped, {start, pause}, ending(State::kRunning))),
            "all answers fit some order, but none of the ends");
  EXPECT_EQ(unexplained(history_of(State::kRunning, {start, pause}, ending(State::kPaused))),
            "at most 0 of 2 answers fit any order");
}

TEST(Histories, HaveAnyOrderOfWhatOverlaps) {
  const Request pause = request(Act::kPause, 0, 0, 5, 0);
  const Request suspend = request(Act::kSuspend, 1, 0, 6, 0);
  EXPECT_EQ(unexplained(history_of(State::kRunning, {suspend, pause}, ending(State::kSuspended))),
            "")
      << "the pause came first, although it stands behind";
  // In the middle of the pause, as the code says.
  const Request too_early = request(Act::kSuspend, 1, 0, 6, 0x416);
  EXPECT_EQ(unexplained(history_of(State::kRunning, {pause, too_early}, ending(State::kPaused))),
            "");
}

TEST(Histories, KeepTheOrderOfWhatCameAfterTheOther) {
  const Request pause = request(Act::kPause, 0, 0, 2, 0);
  const Request late = request(Act::kSuspend, 1, 3, 6, 0x416);
  EXPECT_EQ(unexplained(history_of(State::kRunning, {pause, late}, ending(State::kPaused))),
            "at most 1 of 2 answers fit any order");
  // Neither has ended when the other one begins, but the lock was sent first.
  const Request lock = request(Act::kLock, 0, 0, 9, 0);
  const Request start = request(Act::kStart, 1, 2, 8, 0);
  Ending after = ending(State::kRunning);
  after.is_locked = true;
  EXPECT_EQ(unexplained(history_of(State::kStopped, {lock, start}, after)),
            "at most 1 of 2 answers fit any order");
}

// Two sessions edit the VM at the same time; each of the codes is that of a Commit.
History history_of_edits(Code first, Code second, size_t edited_by) {
  Ending after = ending(State::kRunning);
  after.edited_by = edited_by;
  return history_of(State::kRunning,
                    {request(Act::kBeginEdit, 0, 0, 2, 0), request(Act::kCommit, 0, 7, 12, first),
                     request(Act::kBeginEdit, 1, 3, 5, 0), request(Act::kCommit, 1, 8, 11, second)},
                    after);
}

TEST(Histories, HaveOneOfTwoCommitsThatCollide) {
  EXPECT_EQ(unexplained(history_of_edits(0, kClash, 2)), "");
  EXPECT_EQ(unexplained(history_of_edits(kClash, 0, 4)), "");
  for (const size_t last : {2, 4}) {
    EXPECT_EQ(unexplained(history_of_edits(0, 0, last)), "at most 3 of 4 answers fit any order")
        << "one of them would be lost";
  }
  EXPECT_EQ(unexplained(history_of_edits(kClash, kClash, 0)),
            "at most 2 of 4 answers fit any order");
  EXPECT_EQ(unexplained(history_of_edits(0, kClash, 4)),
            "all answers fit some order, but none of the ends");
}

TEST(Histories, KeepACommitOnWhichAnotherWasBuilt) {
  Ending after = ending(State::kStopped);
  const std::vector<Request> one_by_one = {
      request(Act::kBeginEdit, 0, 0, 2, 0), request(Act::kCommit, 0, 3, 5, 0),
      request(Act::kBeginEdit, 1, 6, 8, 0), request(Act::kCommit, 1, 9, 11, 0)};
  after.edited_by = 4;
  EXPECT_EQ(unexplained(history_of(State::kStopped, one_by_one, after)), "");
  after.edited_by = 2;
  EXPECT_EQ(unexplained(history_of(State::kStopped, one_by_one, after)),
            "all answers fit some order, but none of the ends");
}

// The Cancel overlaps with the job that it is about.
History history_of_cancel(Act act, Code of_job, Code of_cancel, Ending after) {
  Request cancel = request(Act::kCancel, 0, 3, 6, of_cancel);
  cancel.order.about = 0;
  const State before = act == Act::kSuspend ? State::kRunning : State::kStopped;
  return history_of(before, {request(act, 0, 0, 7, of_job), cancel}, after);
}

TEST(Histories, HaveACancelOrTheJobSucceed) {
  const Ending suspended = ending(State::kSuspended);
  const Ending running = ending(State::kRunning);
  constexpr auto history = history_of_cancel;
  EXPECT_EQ(unexplained(history(Act::kSuspend, kCancelled, 0, running)), "");
  EXPECT_EQ(unexplained(history(Act::kSuspend, 0, kNotFound, suspended)), "");
  EXPECT_EQ(unexplained(history(Act::kSuspend, 0, 0, suspended)),
            "at most 1 of 2 answers fit any order");
  EXPECT_EQ(unexplained(history(Act::kSuspend, kCancelled, kNotFound, running)),
            "at most 1 of 2 answers fit any order");
  EXPECT_EQ(unexplained(history(Act::kSuspend, kCancelled, 0, suspended)),
            "all answers fit some order, but none of the ends");
}

TEST(Histories, HaveNoCloneThatWasCancelled) {
  History history = history_of_cancel(Act::kClone, kCancelled, 0, ending(State::kStopped));
  EXPECT_EQ(unexplained(history), "");
  history.vms = 2;
  EXPECT_EQ(unexplained(history), "all answers fit some order, but none of the ends");
}

TEST(Histories, HaveACancelOfNothingButItsJob) {
  Request cancel = request(Act::kCancel, 0, 6, 9, 0);
  cancel.order.about = 0;
  EXPECT_EQ(unexplained(history_of(State::kStopped,
                                   {request(Act::kLock, 0, 0, 2, 0),
                                    request(Act::kCompact, 0, 3, 10, kCancelled), cancel},
                                   ending(State::kStopped))),
            "at most 1 of 3 answers fit any order");
}

// A snapshot of a running VM, and what another thread does with it when it has heard of it.
History history_of_snapshot(Act act, Code code, Ending after) {
  Request about = request(act, 1, 3, 6, code);
  about.order.about = 0;
  return history_of(State::kRunning, {request(Act::kCreateSnapshot, 0, 0, 2, 0), about}, after);
}

TEST(Histories, HaveTheSnapshotThatAnotherThreadHasTaken) {
  constexpr auto history = history_of_snapshot;
  Ending one = ending(State::kRunning);
  one.snapshots = 1;
  EXPECT_EQ(unexplained(history(Act::kSwitch, 0, one)), "");
  EXPECT_EQ(unexplained(history(Act::kSwitch, kNoSuchSnapshot, one)),
            "at most 1 of 2 answers fit any order");
  EXPECT_EQ(unexplained(history(Act::kDeleteSnapshot, 0, ending(State::kRunning))), "");
  EXPECT_EQ(unexplained(history(Act::kDeleteSnapshot, 0, one)),
            "all answers fit some order, but none of the ends");
  History twice = history(Act::kDeleteSnapshot, 0, ending(State::kRunning));
  twice.requests.push_back(request(Act::kSwitch, 0, 7, 9, kNoSuchSnapshot));
  twice.requests.back().order.about = 0;
  EXPECT_EQ(unexplained(twice), "");
  twice.requests.back().code = 0;
  EXPECT_EQ(unexplained(twice), "at most 2 of 3 answers fit any order");
  EXPECT_NE(
      history_text(twice).find("#1 DeleteSnapshot snapshot=0 vm=0 session=1 of #1 of thread 0"),
      std::string::npos)
      << history_text(twice);
}

// From a running VM. The endings are those on either host; the request that comes second is made
// while the VM migrates.
History history_of_migration(Code of_migration, Request second, Ending here, Ending there) {
  second.begun = 3;
  second.sent = 4;
  second.ended = 6;
  History history =
      history_of(State::kRunning, {request(Act::kMigrate, 0, 0, 9, of_migration), second}, here);
  history.has_neighbour = true;
  history.arrived = {there};
  return history;
}

TEST(Histories, HaveAMigratedVmOnOneHost) {
  const Request reset = request(Act::kReset, 1, 0, 0, 0x38109);
  const auto history = [&](Code code, Ending here, Ending there) {
    return unexplained(history_of_migration(code, reset, here, there));
  };
  const Ending running = ending(State::kRunning);
  EXPECT_EQ(history(0, {}, running), "");
  for (const auto& [here, there] :
       {std::pair(running, running), std::pair(Ending(), Ending()),
        std::pair(Ending(), ending(State::kStopped)), std::pair(running, Ending())}) {
    EXPECT_EQ(history(0, here, there), "all answers fit some order, but none of the ends");
  }
}

TEST(Histories, HaveNoMigrationThatWasCancelled) {
  Request cancel = request(Act::kCancel, 0, 0, 0, 0);
  cancel.order.about = 0;
  const Ending running = ending(State::kRunning);
  EXPECT_EQ(unexplained(history_of_migration(kCancelled, cancel, running, {})), "");
  EXPECT_EQ(unexplained(history_of_migration(kCancelled, cancel, {}, running)),
            "all answers fit some order, but none of the ends");
  EXPECT_EQ(unexplained(history_of_migration(0, cancel, {}, running)),
            "at most 1 of 2 answers fit any order");
}

TEST(Histories, AreShownSideBySide) {
  const std::string text = history_text(history_of(
      State::kRunning, {request(Act::kPause, 0, 0, 3, 0), request(Act::kStart, 1, 2, 6, 0x416)},
      ending(State::kPaused)));
  EXPECT_EQ(text,
            "      thread 0                             thread 1                             \n"
            "0     #1 Pause vm=0 session=0 (sent by 1)\n"
            "2                                          #1 Start vm=0 session=1 (sent by 3)\n"
            "3     #1 ends with 0\n"
            "6                                          #1 ends with 416\n"
            "vm=0 from RUNNING to PAUSED, snapshots 0\n"
            "VMs in the end: 1\n");
}

TEST(Histories, NameTheJobsThatAreCancelled) {
  const std::string text =
      history_text(history_of_cancel(Act::kSuspend, kCancelled, 0, ending(State::kRunning)));
  EXPECT_NE(text.find("#2 Cancel vm=0 session=0 of #1 (sent by 4)"), std::string::npos) << text;
}

// ---- The host ---------------------------------------------------------------------------------

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

Circle any_circle(bool may_edit, bool has_neighbour) {
  Circle all{.acts = shared_acts()};
  const Act act = *rc::gen::element(Act::kSuspend, Act::kClone, Act::kCompact,
                                    has_neighbour ? Act::kMigrate : Act::kCompact);
  const Act way = *rc::gen::element(Act::kMigrate, Act::kMigrateAsleep);
  const Circle some = has_neighbour && *rc::gen::arbitrary<bool>() ? migrations(way) : cancels(act);
  if (may_edit)
    return *rc::gen::elementOf(std::vector<Circle>{all, all, edits(), snapshots(), some});
  std::erase_if(all.acts, [](Act act) { return act == Act::kBeginEdit || act == Act::kCommit; });
  return *rc::gen::elementOf(std::vector<Circle>{all, snapshots(), some});
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
  if (is_migration(target.order.act)) ++kinds["cancelled_migrations"];
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
    if (is_migration(order.act) && request.code == 0) ++kinds["migrations"];
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
