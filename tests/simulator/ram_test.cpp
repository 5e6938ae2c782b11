#include "simulator/ram.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <thread>

#include "simulator/pinned_memory.h"

namespace prl::sim {
namespace {

constexpr uint64_t kGiB = uint64_t{1} << 30;

std::vector<std::byte> bytes_of(size_t count, int value) {
  return std::vector<std::byte>(count, static_cast<std::byte>(value));
}

std::vector<std::byte> read(const Ram& ram, uint64_t address, size_t count) {
  auto bytes = bytes_of(count, 0xEE);
  EXPECT_TRUE(ram.read(address, bytes));
  return bytes;
}

// Counts what it hands out.
class CountingAllocator final : public FrameAllocator {
 public:
  explicit CountingAllocator(size_t& count) : count_(count) {}
  std::byte* allocate() override {
    ++count_;
    return frames_->allocate();
  }

 private:
  size_t& count_;
  std::unique_ptr<FrameAllocator> frames_ = make_chunk_allocator();
};

TEST(Ram, ReadsZeroWhereNothingWasWritten) {
  const Ram ram(16 * kGiB);
  EXPECT_EQ(read(ram, 5 * kGiB - 10, 20), bytes_of(20, 0));
}

TEST(Ram, ReadsBackAcrossPagesAndLeaves) {
  Ram ram(4 * kLeafBytes);
  const auto content = bytes_of(3 * kPageBytes, 7);
  ASSERT_TRUE(ram.write(kLeafBytes - kPageBytes - 5, content));
  EXPECT_EQ(read(ram, kLeafBytes - kPageBytes - 5, content.size()), content);
  EXPECT_EQ(read(ram, kLeafBytes - kPageBytes - 6, 1), bytes_of(1, 0));
  EXPECT_EQ(ram.touched_pages(), 4u);
}

TEST(Ram, AllocatesAtTheFirstStoreOnly) {
  size_t allocated = 0;
  Ram ram(64 * kGiB, std::make_unique<CountingAllocator>(allocated));
  read(ram, 0, 2 * kLeafBytes);
  EXPECT_EQ(allocated, 0u);
  ASSERT_TRUE(ram.write(63 * kGiB, bytes_of(1, 1)));
  ASSERT_TRUE(ram.write(63 * kGiB + 1, bytes_of(1, 1)));
  EXPECT_EQ(allocated, 1u);
}

TEST(Ram, RefusesRangesThatLeaveTheMemory) {
  Ram ram(kLeafBytes);
  auto bytes = bytes_of(8, 1);
  for (const uint64_t address : {kLeafBytes - 7, kLeafBytes, UINT64_MAX - 3, UINT64_MAX}) {
    EXPECT_FALSE(ram.write(address, bytes)) << address;
    EXPECT_FALSE(ram.read(address, bytes)) << address;
  }
  EXPECT_EQ(ram.touched_pages(), 0u);
  EXPECT_EQ(bytes, bytes_of(8, 1));
  EXPECT_TRUE(ram.write(kLeafBytes - 8, bytes));
  EXPECT_TRUE(ram.read(kLeafBytes, std::span<std::byte>()));
}

TEST(Ram, CountsEachDirtyPageOnceUntilCleared) {
  Ram ram(kGiB);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(ram.write(kPageBytes * 9, bytes_of(4, i)));
  ASSERT_TRUE(ram.write(kGiB - 1, bytes_of(1, 1)));
  EXPECT_EQ(ram.dirty_pages(), 2u);
  ram.clear_dirty();
  EXPECT_EQ(ram.dirty_pages(), 0u);
  EXPECT_EQ(ram.touched_pages(), 2u);
  ASSERT_TRUE(ram.write(0, bytes_of(1, 1)));
  ASSERT_TRUE(ram.write(kPageBytes * 9, bytes_of(1, 1)));
  std::vector<uint64_t> dirty;
  ram.for_each_dirty_page([&](uint64_t page, PageBytes) { dirty.push_back(page); });
  EXPECT_EQ(dirty, (std::vector<uint64_t>{0, 9})) << "a new page, and one that was there before";
}

TEST(Ram, LoadsPagesWithoutDirtyingThem) {
  Ram ram(kGiB);
  const auto content = bytes_of(kPageBytes, 3);
  ram.load_page(77, PageBytes(content));
  EXPECT_EQ(read(ram, 77 * kPageBytes, kPageBytes), content);
  EXPECT_EQ(ram.touched_pages(), 1u);
  EXPECT_EQ(ram.dirty_pages(), 0u);
}

TEST(Ram, VisitsTouchedPagesInOrderAndStopsWhenTold) {
  Ram ram(2 * kGiB);
  for (const uint64_t page : {400'000, 3, 255, 256, 64}) {
    ASSERT_TRUE(ram.write(page * kPageBytes, bytes_of(1, static_cast<int>(page & 0x7F) + 1)));
  }
  std::vector<uint64_t> visited;
  ram.for_each_touched_page([&](uint64_t page, PageBytes bytes) {
    EXPECT_EQ(bytes[0], static_cast<std::byte>((page & 0x7F) + 1));
    visited.push_back(page);
    return visited.size() < 4;
  });
  EXPECT_EQ(visited, (std::vector<uint64_t>{3, 64, 255, 256}));
}

TEST(Ram, DigestsContentAndNotHowItCameAbout) {
  Ram written(kGiB);
  Ram untouched(kGiB);
  ASSERT_TRUE(written.write(kPageBytes, bytes_of(100, 0)));
  EXPECT_EQ(written.digest(), untouched.digest());
  ASSERT_TRUE(written.write(kPageBytes, bytes_of(1, 1)));
  EXPECT_NE(written.digest(), untouched.digest());
  ASSERT_TRUE(untouched.write(2 * kPageBytes, bytes_of(1, 1)));
  EXPECT_NE(written.digest(), untouched.digest());
  EXPECT_NE(Ram(kGiB).digest(), Ram(2 * kGiB).digest());
}

// Stores something to the beginning of each page.
void store_to(Ram& ram, std::initializer_list<uint64_t> pages) {
  for (const uint64_t page : pages) ASSERT_TRUE(ram.write(page * kPageBytes, bytes_of(8, 0x5A)));
}

TEST(Ram, StartsOverWhereLittleWasStored) {
  Ram ram(64 * kPageBytes);
  for (int i = 0; i < 3; ++i) {
    store_to(ram, {0, 7, 63});
    ASSERT_TRUE(ram.start_over());
    EXPECT_EQ(ram.touched_pages(), 0u);
    EXPECT_EQ(ram.dirty_pages(), 0u);
    EXPECT_EQ(ram.find_page(7), nullptr);
    EXPECT_EQ(ram.digest(), Ram(64 * kPageBytes).digest());
  }
  // A page that is stored to again has nothing of what it was.
  store_to(ram, {7});
  EXPECT_EQ(read(ram, 7 * kPageBytes, 8), bytes_of(8, 0x5A));
  EXPECT_EQ(read(ram, 7 * kPageBytes + 8, kPageBytes - 8), bytes_of(kPageBytes - 8, 0));
  EXPECT_EQ(ram.touched_pages(), 1u);
  EXPECT_EQ(ram.dirty_pages(), 1u);
}

TEST(Ram, DoesNotStartOverWhereMoreWasDoneWithIt) {
  const auto refuses = [](Ram& ram) {
    const uint64_t digest = ram.digest();
    const uint64_t dirty = ram.dirty_pages();
    EXPECT_FALSE(ram.start_over());
    EXPECT_EQ(ram.digest(), digest);
    EXPECT_EQ(ram.dirty_pages(), dirty);
  };
  constexpr uint64_t kPages = 20 * kPagesPerLeaf * 32;
  Ram untouched(kPages * kPageBytes);
  refuses(untouched);
  Ram many(kPages * kPageBytes);
  store_to(many, {0, 1, 2, 3, 4, 5, 6, 7, 8});
  refuses(many);
  Ram elsewhere(kPages * kPageBytes);
  store_to(elsewhere, {0, kPagesPerLeaf});
  refuses(elsewhere);
  Ram far(kPages * kPageBytes);
  store_to(far, {kPages - 1});
  refuses(far);
  Ram shared(kPages * kPageBytes);
  store_to(shared, {0});
  const auto share = shared.share();
  refuses(shared);
  EXPECT_EQ(share->digest(), shared.digest());
  Ram pinned(kPages * kPageBytes);
  store_to(pinned, {0});
  ASSERT_TRUE(pinned.pin(std::make_shared<PinnedMemory>(2, 1)));
  refuses(pinned);
}

TEST(SharedRam, StaysAsItWasWhenTheOtherGoesOn) {
  Ram ram(kGiB);
  ASSERT_TRUE(ram.write(kPageBytes, bytes_of(kPageBytes, 1)));
  ASSERT_TRUE(ram.write(9 * kPageBytes, bytes_of(10, 2)));
  const uint64_t before = ram.digest();
  const auto shared = ram.share();
  ASSERT_TRUE(ram.write(kPageBytes + 5, bytes_of(1, 3)));     // part of a page
  ASSERT_TRUE(ram.write(9 * kPageBytes, bytes_of(4096, 4)));  // all of one
  ASSERT_TRUE(ram.write(10 * kPageBytes, bytes_of(1, 5)));    // a new one in a leaf that exists
  ASSERT_TRUE(ram.write(500 * kPageBytes, bytes_of(1, 6)));   // and in one that does not
  EXPECT_EQ(shared->digest(), before);
  EXPECT_EQ(shared->touched_pages(), 2u);
  EXPECT_EQ(read(ram, kPageBytes + 4, 3),
            (std::vector<std::byte>{std::byte{1}, std::byte{3}, std::byte{1}}));
  EXPECT_EQ(ram.touched_pages(), 4u);
}

TEST(SharedRam, TakesAFrameForEachPageStoredToMeanwhile) {
  size_t allocated = 0;
  Ram ram(kGiB, std::make_unique<CountingAllocator>(allocated));
  for (uint64_t page = 0; page < 100; ++page) ram.page_for_store(page);
  {
    const auto shared = ram.share();
    EXPECT_EQ(allocated, 100u);
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(ram.write(7 * kPageBytes, bytes_of(1, i)));
    EXPECT_EQ(allocated, 101u);
  }
  // Nobody shares any more.
  for (uint64_t page = 0; page < 100; ++page) ram.page_for_store(page);
  EXPECT_EQ(allocated, 101u);
}

TEST(SharedRam, OutlivesTheMemoryThatItCameFrom) {
  auto ram = std::make_unique<Ram>(kGiB);
  ASSERT_TRUE(ram->write(0, bytes_of(10, 1)));
  const auto shared = ram->share();
  ASSERT_TRUE(ram->write(0, bytes_of(10, 2)));
  ram.reset();
  EXPECT_EQ(read(*shared, 0, 10), bytes_of(10, 1));
}

// One thread reads what is shared while this one stores.
TEST(SharedRam, IsReadWhileTheOtherIsWrittenTo) {
  Ram ram(kGiB);
  for (uint64_t page = 0; page < 600; ++page) ram.page_for_store(page)[0] = std::byte{1};
  for (int round = 2; round < 8; ++round) {
    const uint64_t before = ram.digest();
    auto shared = ram.share();
    std::thread reader([&] {
      EXPECT_EQ(shared->digest(), before);
      shared.reset();
    });
    for (uint64_t page = 0; page < 600; ++page) {
      ram.page_for_store(page)[0] = static_cast<std::byte>(round);
    }
    reader.join();
    EXPECT_NE(ram.digest(), before);
  }
}

RC_GTEST_PROP(SharedRam, KeepsEachMomentThatWasShared, ()) {
  Ram ram(3 * kLeafBytes);
  std::vector<std::pair<std::shared_ptr<const Ram>, uint64_t>> moments;
  const auto steps = *rc::gen::container<std::vector<std::pair<uint8_t, uint16_t>>>(
      rc::gen::pair(rc::gen::arbitrary<uint8_t>(), rc::gen::arbitrary<uint16_t>()));
  for (const auto& [action, value] : steps) {
    if (action % 8 == 0) {
      moments.emplace_back(ram.share(), ram.digest());
    } else if (action % 8 == 1 && !moments.empty()) {
      moments.erase(moments.begin() + value % moments.size());
    } else {
      const auto byte = bytes_of(1, action);
      RC_ASSERT(ram.write(value % 768 * kPageBytes + action, byte));
    }
    for (const auto& [shared, digest] : moments) RC_ASSERT(shared->digest() == digest);
  }
}

TEST(Ram, KnowsAPageOfZerosByItsLastByte) {
  auto page = bytes_of(kPageBytes, 0);
  EXPECT_TRUE(is_zero_page(PageBytes(page)));
  page.back() = std::byte{1};
  EXPECT_FALSE(is_zero_page(PageBytes(page)));
}

RC_GTEST_PROP(Ram, BehavesLikeAMapOfBytes, ()) {
  constexpr uint64_t kRamBytes = 3 * kLeafBytes;
  Ram ram(kRamBytes);
  std::map<uint64_t, std::byte> model;
  const auto writes = *rc::gen::container<std::vector<std::pair<uint64_t, uint8_t>>>(
      rc::gen::pair(rc::gen::inRange<uint64_t>(0, kRamBytes + 10), rc::gen::arbitrary<uint8_t>()));
  for (const auto& [address, value] : writes) {
    const auto bytes = bytes_of(value % 16, value);
    RC_ASSERT(ram.write(address, bytes) == (address + bytes.size() <= kRamBytes));
    if (address + bytes.size() > kRamBytes) continue;
    for (size_t i = 0; i < bytes.size(); ++i) model[address + i] = bytes[i];
  }
  for (const auto& [address, value] : model) {
    std::byte found{0xEE};
    RC_ASSERT(ram.read(address, std::span(&found, 1)));
    RC_ASSERT(found == value);
  }
  std::map<uint64_t, bool> pages;
  for (const auto& [address, value] : model) pages[address / kPageBytes] = true;
  RC_ASSERT(ram.touched_pages() == pages.size());
  RC_ASSERT(ram.dirty_pages() == pages.size());
}

}  // namespace
}  // namespace prl::sim
