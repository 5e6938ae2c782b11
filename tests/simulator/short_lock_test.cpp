// The lock for a few instructions: whoever holds it is alone, and who waits gets it in the end.
#include "simulator/short_lock.h"

#include <gtest/gtest.h>

#include <mutex>
#include <thread>
#include <vector>

namespace prl::sim {
namespace {

// Taken while the process has one thread only, and given back when it has more. First, since a
// process may never count as one of a single thread again.
TEST(AShortLock, HoldsOffThreadsThatStartMeanwhile) {
  if (!is_lone_thread()) GTEST_SKIP() << "there are threads already";
  ShortLock lock;
  int value = 0;
  std::vector<int> seen(3);
  std::vector<std::thread> threads;
  {
    std::lock_guard guard(lock);
    for (int& place : seen) {
      threads.emplace_back([&] {
        std::lock_guard waits(lock);
        place = value;
      });
    }
    value = 7;
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(seen, std::vector<int>(3, 7));
}

TEST(AShortLock, LetsOneThreadInAtATime) {
  constexpr int kThreads = 4;
  constexpr int kTimes = 20'000;
  ShortLock lock;
  int count = 0;  // plain: two threads at once would lose some
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int time = 0; time < kTimes; ++time) {
        std::lock_guard guard(lock);
        ++count;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(count, kThreads * kTimes);
}

}  // namespace
}  // namespace prl::sim
