#include "simulator/ram.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>

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
  std::vector<uint64_t> dirty;
  ram.for_each_dirty_page([&](uint64_t page, PageBytes) { dirty.push_back(page); });
  EXPECT_EQ(dirty, std::vector<uint64_t>{0});
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
