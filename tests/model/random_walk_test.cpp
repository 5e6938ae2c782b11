// Random scripts, with time that passes between the orders so that many strike in the middle of
// others: the world must do what the reference model says, event by event. So must two of them
// between which VMs migrate. A failure prints a script of which no move can be left out.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "tests/model/walk.h"

namespace prl::model {
namespace {

constexpr double kLength = 20.0;  // times the size that RapidCheck asks for
constexpr int kWalks = 5;         // to each test that it makes
uint64_t steps = 0;
uint64_t migrations = 0;  // that came to an end
uint64_t waits_over = 0;  // for locks
uint64_t waits_in_vain = 0;
std::map<std::pair<Act, Code>, uint64_t> answers;  // and how often each was given

rc::Gen<Fault> any_fault() {
  return rc::gen::weightedElement<Fault>(
      {{12, Fault::kNone}, {1, Fault::kStart}, {2, Fault::kMiddle}, {1, Fault::kEnd}});
}

// What the orders of a script choose from: all acts, or some, so that these meet more often.
// Commits come with the edits that they end. That a VM goes is rare, as nothing more can be done
// with it then.
// A service that goes takes those that wait with it, which is not for the model.
bool is_for(const WalkSetting& setting, Act act) {
  static const std::set<Act> kNotWithWaits = {Act::kShutDown, Act::kShutDownGently,
                                              Act::kRestartService, Act::kPowerCut};
  return setting.lock_wait_ms == 0 || !kNotWithWaits.contains(act);
}

std::vector<Act> any_acts(const WalkSetting& setting) {
  const bool all = *rc::gen::weightedElement<bool>({{1, true}, {3, false}});
  std::vector<Act> acts;
  for (uint8_t i = 0; i < kActCount; ++i) {
    const auto act = static_cast<Act>(i);
    const bool is_end = act == Act::kUnregister || act == Act::kDelete;
    const bool is_chosen = act == Act::kCommit ? !acts.empty() && acts.back() == Act::kBeginEdit
                                               : *rc::gen::inRange(0, 4) == 0;
    if ((all || is_chosen) && is_for(setting, act)) acts.insert(acts.end(), is_end ? 1 : 8, act);
  }
  // Who begins another edit while a commit waits takes back what became of the disk's size before:
  // the model knows no sizes that clients have.
  const bool may_edit = std::ranges::find(acts, Act::kBeginEdit) != acts.end();
  if (setting.lock_wait_ms > 0 && may_edit) {
    std::erase_if(acts, [](Act act) { return act == Act::kGrowDisk || act == Act::kShrinkDisk; });
  }
  if (acts.empty()) acts.push_back(Act::kStart);
  return acts;
}

rc::Gen<Order> any_order(const std::vector<Act>& acts) {
  return rc::gen::build<Order>(rc::gen::set(&Order::act, rc::gen::elementOf(acts)),
                               rc::gen::set(&Order::vm, rc::gen::inRange<uint8_t>(0, 4)),
                               rc::gen::set(&Order::session, rc::gen::inRange<uint8_t>(0, 2)),
                               rc::gen::set(&Order::snapshot, rc::gen::inRange<uint8_t>(0, 5)),
                               rc::gen::set(&Order::fault, any_fault()));
}

Move order_of(const Order& chosen) {
  return {.kind = Move::Kind::kOrder, .order = chosen};
}

rc::Gen<Move> any_move_of_one(const std::vector<Act>& acts) {
  const auto order = rc::gen::map(any_order(acts), order_of);
  const auto wait = rc::gen::map(rc::gen::inRange<uint64_t>(0, 400), [](uint64_t wait_ms) {
    return Move{.kind = Move::Kind::kWait, .wait_ms = wait_ms};
  });
  return rc::gen::weightedOneOf<Move>({{5, order}, {1, wait}, {4, rc::gen::just(Move{})}});
}

// Of two hosts, where more orders than others are about migrations.
rc::Gen<Move> any_move_of_two(const std::vector<Act>& acts) {
  const auto migration = rc::gen::map(any_order({Act::kMigrate, Act::kMigrateAsleep}), order_of);
  const auto move = rc::gen::weightedOneOf<Move>({{9, any_move_of_one(acts)}, {1, migration}});
  return rc::gen::map(rc::gen::pair(rc::gen::inRange<uint8_t>(0, 2), move), [](const auto& chosen) {
    Move made = chosen.second;
    made.host = chosen.first;
    return made;
  });
}

using Script = std::vector<Move>;

// Where a script shows a difference, and which.
struct Failure {
  Script script;  // up to the move that shows it
  std::string difference;
};

// The hosts of a walk, each the neighbour of the one before it.
class Hosts {
 public:
  explicit Hosts(WalkSetting setting) {
    for (; setting.host < setting.hosts; ++setting.host) {
      walks_.push_back(std::make_unique<Walk>(setting));
    }
    if (walks_.size() == 1) return;
    for (size_t i = 0; i < walks_.size(); ++i) walks_[i]->meet(*walks_[(i + 1) % walks_.size()]);
  }
  ~Hosts() {
    for (const auto& walk : walks_) {
      waits_over += walk->model().waits_over;
      waits_in_vain += walk->model().waits_in_vain;
      for (const Event& event : walk->world_events()) {
        migrations += event.kind == Event::Kind::kMigrateFinished ? 1 : 0;
        if (event.kind != Event::Kind::kJobDone || event.job >= walk->asked().size()) continue;
        ++answers[{walk->asked()[event.job].order.act, event.code}];
      }
    }
  }
  Hosts(const Hosts&) = delete;
  Hosts& operator=(const Hosts&) = delete;

  std::string take(const Move& move) {
    Walk& moved = *walks_[move.host % walks_.size()];
    std::string difference = moved.take(move);
    for (size_t i = 0; i < walks_.size() && difference.empty(); ++i) {
      if (walks_[i].get() == &moved) continue;
      difference = walks_[i]->look_again();
      if (!difference.empty()) difference += ", on the other host";
    }
    return difference;
  }

 private:
  std::vector<std::unique_ptr<Walk>> walks_;
};

std::optional<Failure> run(const WalkSetting& setting, const Script& script) {
  Hosts hosts(setting);
  for (size_t i = 0; i < script.size(); ++i) {
    ++steps;
    std::string difference = hosts.take(script[i]);
    if (difference.empty()) continue;
    const auto end = script.begin() + static_cast<std::ptrdiff_t>(i) + 1;
    return Failure{Script(script.begin(), end), std::move(difference)};
  }
  return std::nullopt;
}

// True where the script fails as well; then it is taken in place of the other one.
bool take_if_it_fails(const WalkSetting& setting, const Script& script, Failure& failure) {
  auto found = run(setting, script);
  if (found) failure = std::move(*found);
  return found.has_value();
}

// Leaves out as many moves as possible, large pieces first. RapidCheck's own shrinking knows
// nothing of the place that failed and takes minutes for scripts of this length.
void leave_out(const WalkSetting& setting, Failure& failure) {
  for (size_t piece = failure.script.size(); piece > 0; piece /= 2) {
    for (size_t begin = 0; begin + piece <= failure.script.size();) {
      Script shorter = failure.script;
      const auto from = shorter.begin() + static_cast<std::ptrdiff_t>(begin);
      shorter.erase(from, from + static_cast<std::ptrdiff_t>(piece));
      if (!take_if_it_fails(setting, shorter, failure)) begin += piece;
    }
  }
}

// Makes the moves that are left as plain as possible.
void make_plain(const WalkSetting& setting, Failure& failure) {
  const auto try_all = [&](auto change) {
    for (size_t i = 0; i < failure.script.size(); ++i) {
      Script plainer = failure.script;
      change(plainer[i]);
      take_if_it_fails(setting, plainer, failure);
    }
  };
  try_all([](Move& move) { move.order.fault = Fault::kNone; });
  try_all([](Move& move) { move.order.snapshot = 0; });
  try_all([](Move& move) { move.order.session = 0; });
  try_all([](Move& move) { move.order.vm = 0; });
  try_all([](Move& move) {
    if (move.kind == Move::Kind::kWait) move.kind = Move::Kind::kWaitForNext;
  });
}

Failure shorten(const WalkSetting& setting, Failure failure) {
  leave_out(setting, failure);
  make_plain(setting, failure);
  leave_out(setting, failure);
  return failure;
}

// What is configured for the time when the service goes, and when it is back.
WalkSetting with_any_service(WalkSetting setting) {
  setting.auto_start = *rc::gen::element(AutoStart::kNo, AutoStart::kOnLoad, AutoStart::kOnReload);
  setting.is_killed_at_shutdown = *rc::gen::arbitrary<bool>();
  return setting;
}

void check_any_walks(const WalkSetting& setting) {
  for (int i = 0; i < kWalks; ++i) {
    const auto acts = any_acts(setting);
    const auto move = setting.hosts > 1 ? any_move_of_two(acts) : any_move_of_one(acts);
    const auto script =
        *rc::gen::noShrink(rc::gen::scale(kLength, rc::gen::container<Script>(move)));
    auto failure = run(setting, script);
    if (!failure) continue;
    const Failure shortest = shorten(setting, std::move(*failure));
    RC_FAIL(shortest.difference + ", after\n" + script_text(shortest.script));
  }
}

// What is walked, each by a test of its own.
enum class Walked : uint8_t {
  kOneVm,
  kTwoVms,
  kVirtuozzo,
  kTwoHosts,
  kTwoHostsOfVirtuozzo,
  kWaits,
  kWaitsOfVirtuozzo
};
constexpr uint64_t kWaitMs = 700;  // longer than most of what is waited for
const std::map<Walked, WalkSetting> kSettings = {
    {Walked::kOneVm, {}},
    {Walked::kTwoVms, {.vms = 2, .sessions = 2}},
    {Walked::kVirtuozzo, {.profile = Profile::kVirtuozzo, .vms = 1, .sessions = 2}},
    {Walked::kTwoHosts, {.hosts = 2, .sessions = 2}},
    {Walked::kTwoHostsOfVirtuozzo, {.profile = Profile::kVirtuozzo, .hosts = 2}},
    {Walked::kWaits, {.vms = 2, .sessions = 2, .lock_wait_ms = kWaitMs}},
    {Walked::kWaitsOfVirtuozzo,
     {.profile = Profile::kVirtuozzo, .sessions = 2, .lock_wait_ms = kWaitMs}}};
std::set<Walked> walked;

void walk(Walked which) {
  walked.insert(which);
  check_any_walks(with_any_service(kSettings.at(which)));
}

RC_GTEST_PROP(RandomWalk, OfOneVmEndsWhereTheNotesSay, ()) {
  walk(Walked::kOneVm);
}

RC_GTEST_PROP(RandomWalk, OfTwoSessionsAndTwoVmsEndsWhereTheNotesSay, ()) {
  walk(Walked::kTwoVms);
}

RC_GTEST_PROP(RandomWalk, OnAVirtuozzoHostEndsWhereTheNotesSay, ()) {
  walk(Walked::kVirtuozzo);
}

RC_GTEST_PROP(RandomWalk, OfVmsThatMigrateEndsWhereTheNotesSay, ()) {
  walk(Walked::kTwoHosts);
}

RC_GTEST_PROP(RandomWalk, OfVmsThatMigrateInVirtuozzoEndsWhereTheNotesSay, ()) {
  walk(Walked::kTwoHostsOfVirtuozzo);
}

// With waits for locks.
RC_GTEST_PROP(RandomWalk, OfRequestsThatWaitEndsWhereTheNotesSay, ()) {
  walk(Walked::kWaits);
}

RC_GTEST_PROP(RandomWalk, OfRequestsThatWaitInVirtuozzoEndsWhereTheNotesSay, ()) {
  walk(Walked::kWaitsOfVirtuozzo);
}

// What they have come to, which takes all of them, also where one of these tests is run alone.
class RandomWalks : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    for (const auto& [which, setting] : kSettings) {
      if (walked.contains(which)) continue;
      EXPECT_TRUE(rc::check([which = which] { walk(which); }));
    }
  }
};

TEST_F(RandomWalks, HaveGoneFar) {
  EXPECT_GT(steps, 10'000u);
  EXPECT_GT(migrations, 500u);
  EXPECT_GT(waits_over, 1000u);
  EXPECT_GT(waits_in_vain, 500u);
  std::cout << "count random_walk_migrations " << migrations << "\n";
  std::cout << "count random_walk_waits_over " << waits_over << "\n";
  std::cout << "count random_walk_waits_in_vain " << waits_in_vain << "\n";
  std::cout << "count random_walk_steps " << steps << "\n";
}

// Where nothing runs into a refusal, nothing shows that it is right.
TEST_F(RandomWalks, RunIntoEveryRefusal) {
  std::map<Code, uint64_t> met;
  for (const auto& [answer, times] : answers) met[answer.second] += times;
  for (const Code code : refusal_codes()) EXPECT_GE(met[code], 5u) << std::hex << code;
  std::cout << "count random_walk_refusals " << refusal_codes().size() << "\n";
  std::cout << "count random_walk_answers " << answers.size() << "\n";
}

}  // namespace
}  // namespace prl::model
