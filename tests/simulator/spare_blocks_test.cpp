// Blocks of memory that go from one object to the next, whatever threads have the two.
#include "simulator/spare_blocks.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <new>
#include <set>
#include <thread>
#include <vector>

// What is asked of the heap: addresses do not tell, since that gives the last block again as well.
static std::atomic<size_t> heap_blocks{0};
void* operator new(size_t bytes) {
  ++heap_blocks;
  if (void* const block = std::malloc(bytes)) return block;
  throw std::bad_alloc();
}
void operator delete(void* block) noexcept {
  std::free(block);
}
void operator delete(void* block, size_t) noexcept {
  std::free(block);
}

namespace prl::sim {
namespace {

// Each test has a size of its own, and with it blocks of its own; sanitizers see them too.
template <size_t kBytes>
using Blocks = SpareBlocks<kBytes, true>;

TEST(SpareBlocks, GiveTheNextOneTheBlockOfTheLast) {
  using Own = Blocks<104>;
  void* const first = Own::take();
  Own::give_back(first);
  const size_t before = heap_blocks;
  void* const second = Own::take();
  EXPECT_EQ(heap_blocks, before);
  EXPECT_EQ(second, first);
  Own::give_back(second);
}

TEST(SpareBlocks, AreNeverGivenTwice) {
  using Own = Blocks<112>;
  for (int round = 0; round < 3; ++round) {
    std::set<void*> taken;
    for (int i = 0; i < 100; ++i) EXPECT_TRUE(taken.insert(Own::take()).second);
    for (void* const block : taken) Own::give_back(block);
  }
}

TEST(SpareBlocks, ComeBackFromTheThreadThatLetsGo) {
  using Own = Blocks<120>;
  std::set<void*> taken;
  for (int i = 0; i < 48; ++i) taken.insert(Own::take());
  std::thread([&] {
    for (void* const block : taken) Own::give_back(block);
  }).join();
  // The other thread has a lane of its own, unless it shares this one's: either way some come back.
  std::vector<void*> again;
  again.reserve(48);
  const size_t before = heap_blocks;
  size_t known = 0;
  for (int i = 0; i < 48; ++i) {
    again.push_back(Own::take());
    known += taken.count(again.back());
  }
  EXPECT_LE(heap_blocks - before, 48u - 12u);
  EXPECT_GE(known, 12u);
  for (void* const block : again) Own::give_back(block);
}

// Whoever has a block is the only one to write to it.
TEST(SpareBlocks, BelongToOneThreadAtATime) {
  using Own = Blocks<128>;
  constexpr int kThreads = 4;
  constexpr int kBlocks = 64;
  constexpr int kRounds = 20'000;
  std::atomic<void*> passed_on[kBlocks] = {};
  std::atomic<int> spoilt{0};
  std::vector<std::thread> threads;
  for (int number = 0; number < kThreads; ++number) {
    threads.emplace_back([&, number] {
      for (int i = 0; i < kRounds; ++i) {
        void* const mine = Own::take();
        const int mark = number * kRounds + i;
        std::memcpy(mine, &mark, sizeof mark);
        int found = 0;
        std::memcpy(&found, mine, sizeof found);
        if (found != mark) ++spoilt;
        // Another thread lets it go, in its time.
        if (void* const other = passed_on[i % kBlocks].exchange(mine)) Own::give_back(other);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (auto& block : passed_on) Own::give_back(block);
  EXPECT_EQ(spoilt, 0);
}

}  // namespace
}  // namespace prl::sim
