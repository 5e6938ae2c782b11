// The check of histories, on some that were made up: it takes those that the reference model could
// have brought about, and no others.
#include "tests/model/history.h"

#include <gtest/gtest.h>

#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace prl::model {
namespace {

constexpr Code kNotFound = 0x92;
constexpr Code kNoSuchSnapshot = 0x472;
constexpr Code kClash = 0x112;
constexpr Code kCancelled = 0x275;
constexpr const char* kNoEnds = "all answers fit some order, but none of the ends";

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

TEST(Histories, HaveALinkedCloneWithTheSnapshotThatItShares) {
  Ending after = ending(State::kStopped);
  after.snapshots = 1;
  History history = history_of(State::kStopped, {request(Act::kCloneLinked, 0, 0, 2, 0)}, after);
  EXPECT_EQ(unexplained(history), kNoEnds) << "there is no clone";
  history.vms = 2;
  EXPECT_EQ(unexplained(history), "");
  history.endings[0].snapshots = 0;
  EXPECT_EQ(unexplained(history), kNoEnds);
}

// One is cancelled in the end, so that it was under way when another one was asked for.
TEST(Histories, HaveOneLinkedCloneAtATime) {
  const auto history = [](Code second) {
    Request cancel = request(Act::kCancel, 0, 6, 8, 0);
    cancel.order.about = 0;
    Ending after = ending(State::kStopped);
    after.snapshots = 1;
    return history_of(State::kStopped,
                      {request(Act::kCloneLinked, 0, 0, 9, kCancelled), cancel,
                       request(Act::kCloneLinked, 1, 3, 5, second)},
                      after);
  };
  constexpr Code kHeldByClone = 0x38100;
  constexpr Code kHeldByCreateSnapshot = 0x38110;
  EXPECT_EQ(unexplained(history(kHeldByClone)), "");
  EXPECT_EQ(unexplained(history(kHeldByCreateSnapshot)), "");
  EXPECT_NE(unexplained(history(0)), "");
}

TEST(Histories, HaveATemplateForACloneThatBecomesOne) {
  History history = history_of(State::kStopped, {request(Act::kCloneToTemplate, 0, 0, 2, 0)},
                               ending(State::kStopped));
  history.vms = 2;
  EXPECT_EQ(unexplained(history), kNoEnds);
  history.templates = 1;
  EXPECT_EQ(unexplained(history), "");
  history.requests[0].order.act = Act::kClone;
  EXPECT_EQ(unexplained(history), kNoEnds);
}

// Another thread starts the VM meanwhile, which is told what is done to it.
TEST(Histories, NameWhatRewritesTheFilesOfAVm) {
  const auto history = [](Act act, Code start, State after) {
    return history_of(State::kStopped,
                      {request(act, 0, 0, 9, 0), request(Act::kStart, 1, 3, 6, start)},
                      ending(after));
  };
  constexpr Code kHeldByConversion = 0x38118;
  constexpr Code kHeldByMove = 0x38124;
  for (const auto& [act, held, other] :
       {std::tuple(Act::kMove, kHeldByMove, kHeldByConversion),
        std::tuple(Act::kConvert, kHeldByConversion, kHeldByMove)}) {
    EXPECT_EQ(unexplained(history(act, held, State::kStopped)), "");
    EXPECT_EQ(unexplained(history(act, 0, State::kRunning)), "") << "it came later";
    EXPECT_EQ(unexplained(history(act, other, State::kStopped)),
              "at most 1 of 2 answers fit any order");
    EXPECT_EQ(unexplained(history(act, held, State::kRunning)), kNoEnds);
  }
}

// A VM that lives goes elsewhere in V only, and its disk is converted nowhere.
TEST(Histories, RewriteNoFilesThatAreInUse) {
  const auto answer = [](Profile profile, Act act, Code code) {
    History history =
        history_of(State::kRunning, {request(act, 0, 0, 2, code)}, ending(State::kRunning));
    history.profile = profile;
    return unexplained(history);
  };
  EXPECT_EQ(answer(Profile::kVirtuozzo, Act::kMove, 0), "");
  EXPECT_NE(answer(Profile::kDesktop, Act::kMove, 0), "");
  for (const Profile profile : {Profile::kDesktop, Profile::kVirtuozzo}) {
    EXPECT_EQ(answer(profile, Act::kConvert, 0x41600), "");
    EXPECT_NE(answer(profile, Act::kConvert, 0), "");
  }
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

}  // namespace
}  // namespace prl::model
