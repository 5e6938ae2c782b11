#include "simulator/store_watch.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <set>

#include "simulator/pinned_memory.h"

namespace prl::sim {
namespace {

constexpr uint64_t kPages = 2000;

class StoreWatchTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!memory_.watch()) GTEST_SKIP() << "this system does not tell what is stored to";
  }

  // The pages of what has been stored to since the last time.
  std::set<uint64_t> taken() {
    std::set<uint64_t> pages;
    const auto ranges = memory_.watch()->take();
    EXPECT_TRUE(ranges);
    if (!ranges) return pages;
    for (const auto& [first, end] : *ranges) {
      for (uint64_t page = first; page < end; ++page) EXPECT_TRUE(pages.insert(page).second);
    }
    return pages;
  }
  void store(uint64_t page) { memory_.page(page)[page % kPageBytes] = std::byte{1}; }

  PinnedMemory memory_{0, kPages};
};

TEST_F(StoreWatchTest, TellsWhatHasBeenStoredToSinceTheLastTime) {
  EXPECT_EQ(taken(), (std::set<uint64_t>{}));
  for (const uint64_t page : {0, 1, 7, 1999}) store(page);
  EXPECT_EQ(taken(), (std::set<uint64_t>{0, 1, 7, 1999}));
  EXPECT_EQ(taken(), (std::set<uint64_t>{}));
  for (const uint64_t page : {7, 8}) store(page);
  const volatile std::byte read = *memory_.page(900);
  (void)read;
  EXPECT_EQ(taken(), (std::set<uint64_t>{7, 8}));
}

TEST_F(StoreWatchTest, TellsOfMoreRangesThanItIsToldAtOnce) {
  std::set<uint64_t> odd;
  for (uint64_t page = 1; page < kPages; page += 2) odd.insert(page);
  for (const uint64_t page : odd) store(page);
  EXPECT_EQ(taken(), odd);
  EXPECT_EQ(taken(), (std::set<uint64_t>{}));
}

TEST_F(StoreWatchTest, SeesStoresOfTheSystem) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  ASSERT_EQ(::write(ends[1], "x", 1), 1);
  EXPECT_EQ(::read(ends[0], memory_.page(5), 1), 1);
  EXPECT_EQ(taken(), (std::set<uint64_t>{5}));
  for (const int end : ends) ::close(end);
}

// What it has open speaks of the memory of the process that began it.
TEST_F(StoreWatchTest, CannotTellInAProcessThatWasForkedOff) {
  const pid_t child = ::fork();
  if (child == 0) {
    store(3);
    ::_exit(memory_.watch()->take() ? 1 : 0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  store(4);
  EXPECT_EQ(taken(), (std::set<uint64_t>{4}));
}

TEST(PinnedMemory, HasNoWatchWhereNoneIsWanted) {
  EXPECT_EQ(PinnedMemory(0, 1, PinnedMemory::Watch::kNever).watch(), nullptr);
}

}  // namespace
}  // namespace prl::sim
