// Several threads use the same VMs of one host through the API: what they are told, and what comes
// of it, must be what the reference model says of some order of their requests. A failure prints
// what the threads asked for side by side; RapidCheck leaves out of it what it can.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/detail/Configuration.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <iostream>
#include <string>

#include "tests/model/shared_host.h"

namespace prl::model {
namespace {

// Of each plan, since the system decides which thread comes first.
constexpr int kRuns = PRLSIM_RUNS;
constexpr int kTasksMax = 5;  // of a thread
uint64_t histories = 0;
uint64_t overlapping = 0;

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

// ---- The host ---------------------------------------------------------------------------------

rc::Gen<std::vector<Task>> any_tasks(uint8_t vms) {
  const auto task = rc::gen::build<Task>(
      rc::gen::set(&Task::act, rc::gen::elementOf(shared_acts())),
      rc::gen::set(&Task::vm, rc::gen::inRange<uint8_t>(0, vms)), rc::gen::set(&Task::waits));
  return rc::gen::resize(kTasksMax, rc::gen::nonEmpty(rc::gen::container<std::vector<Task>>(task)));
}

// `shared_logins`: some threads may use the login of an earlier one.
Plan any_plan(Profile profile, size_t threads, uint8_t vms, bool shared_logins) {
  Plan plan{.profile = profile};
  for (uint8_t i = 0; i < vms; ++i) {
    plan.beginnings.push_back(
        *rc::gen::element(State::kStopped, State::kRunning, State::kPaused, State::kSuspended));
  }
  for (uint8_t i = 0; i < threads; ++i) {
    plan.logins.push_back(shared_logins ? *rc::gen::inRange<uint8_t>(0, i + 1) : i);
    plan.tasks.push_back(*any_tasks(vms));
  }
  return plan;
}

void expect_explained(const Plan& plan) {
  for (int i = 0; i < kRuns; ++i) {
    const History history = run_together(plan);
    ++histories;
    overlapping += has_overlaps(history);
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
}

}  // namespace
}  // namespace prl::model
