// Random scripts, with time that passes between the orders so that many strike in the middle of
// others: the world must do what the reference model says, event by event. A failure prints the
// shortest script that shows the difference.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <iostream>

#include "tests/model/walk.h"

namespace prl::model {
namespace {

constexpr double kLength = 20.0;  // times the size that RapidCheck asks for
uint64_t steps = 0;

rc::Gen<Fault> any_fault() {
  return rc::gen::weightedElement<Fault>(
      {{12, Fault::kNone}, {1, Fault::kStart}, {2, Fault::kMiddle}, {1, Fault::kEnd}});
}

rc::Gen<Order> any_order() {
  return rc::gen::build<Order>(
      rc::gen::set(&Order::act, rc::gen::map(rc::gen::inRange<int>(0, kActCount),
                                             [](int act) { return static_cast<Act>(act); })),
      rc::gen::set(&Order::vm, rc::gen::inRange<uint8_t>(0, 4)),
      rc::gen::set(&Order::session, rc::gen::inRange<uint8_t>(0, 2)),
      rc::gen::set(&Order::snapshot, rc::gen::inRange<uint8_t>(0, 3)),
      rc::gen::set(&Order::fault, any_fault()));
}

rc::Gen<Move> any_move() {
  const auto order = rc::gen::map(any_order(), [](const Order& chosen) {
    return Move{.kind = Move::Kind::kOrder, .order = chosen};
  });
  const auto wait = rc::gen::map(rc::gen::inRange<uint64_t>(0, 400), [](uint64_t wait_ms) {
    return Move{.kind = Move::Kind::kWait, .wait_ms = wait_ms};
  });
  return rc::gen::weightedOneOf<Move>({{5, order}, {1, wait}, {4, rc::gen::just(Move{})}});
}

void check_any_walk(const WalkSetting& setting) {
  const auto script = *rc::gen::scale(kLength, rc::gen::container<std::vector<Move>>(any_move()));
  Walk walk(setting);
  for (size_t i = 0; i < script.size(); ++i) {
    ++steps;
    const std::string difference = walk.take(script[i]);
    if (!difference.empty()) RC_FAIL("at move " + std::to_string(i + 1) + ": " + difference);
  }
}

RC_GTEST_PROP(RandomWalk, OfOneVmEndsWhereTheNotesSay, ()) { check_any_walk({}); }

RC_GTEST_PROP(RandomWalk, OfTwoSessionsAndTwoVmsEndsWhereTheNotesSay, ()) {
  check_any_walk({.vms = 2, .sessions = 2});
}

RC_GTEST_PROP(RandomWalk, OnAVirtuozzoHostEndsWhereTheNotesSay, ()) {
  check_any_walk({.profile = Profile::kVirtuozzo, .vms = 1, .sessions = 2});
}

TEST(RandomWalks, HaveGoneFar) {
  EXPECT_GT(steps, 10'000u);
  std::cout << "count random_walk_steps " << steps << "\n";
}

}  // namespace
}  // namespace prl::model
