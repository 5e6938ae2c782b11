#include "simulator/scheduler.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "simulator/random.h"

namespace prl::sim {
namespace {

TEST(AScheduler, RunsStepsInTheOrderOfTheirTimesAndThenInThatInWhichTheyWereAskedFor) {
  RandomStream random(1, "steps");
  Scheduler scheduler;
  std::multimap<uint64_t, int> expected;
  std::vector<int> run;
  int steps = 0;
  for (int i = 0; i < 2000; ++i) {
    if (random.below(5) < 3) {
      const uint64_t due_ms = random.below(20);
      expected.emplace(due_ms, steps);  // behind those that are due at the same time
      scheduler.at(due_ms, [&run, step = steps] { run.push_back(step); });
      ++steps;
    } else if (!expected.empty()) {
      ASSERT_EQ(scheduler.next_due_ms(), expected.begin()->first);
      Step& step = scheduler.take_next();
      step();
      step = nullptr;
      scheduler.let_go(step);
      ASSERT_EQ(run.back(), expected.begin()->second);
      expected.erase(expected.begin());
    }
    ASSERT_EQ(scheduler.next_due_ms().has_value(), !expected.empty());
  }
  EXPECT_EQ(scheduler.steps_ever(), static_cast<uint64_t>(steps));
}

TEST(AScheduler, TellsStepsInTheBackgroundApart) {
  Scheduler scheduler;
  scheduler.in_background_at(5, [] {});
  EXPECT_FALSE(scheduler.has_more_than_background());
  scheduler.at(7, [] {});
  EXPECT_TRUE(scheduler.has_more_than_background());
  scheduler.take_next();
  EXPECT_TRUE(scheduler.has_more_than_background());
  scheduler.take_next();
  EXPECT_FALSE(scheduler.has_more_than_background());
}

TEST(AScheduler, LetsGoOfStepsInTheirOrder) {
  struct Held {
    ~Held() { order.push_back(number); }
    std::vector<int>& order;
    int number;
  };
  std::vector<int> order;
  Scheduler scheduler;
  for (const int due : {30, 10, 20}) {
    scheduler.at(static_cast<uint64_t>(due),
                 [held = std::unique_ptr<Held>(new Held{order, due})] {});
  }
  scheduler.clear();
  EXPECT_EQ(order, (std::vector<int>{10, 20, 30}));
  EXPECT_EQ(scheduler.next_due_ms(), std::nullopt);
}

}  // namespace
}  // namespace prl::sim
