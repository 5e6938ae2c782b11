// Memory to which somebody has a pointer.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cstring>
#include <set>

#include "simulator/image_chain.h"
#include "tests/simulator/image_fixture.h"

namespace prl::sim {
namespace {

using Watch = PinnedMemory::Watch;

std::shared_ptr<PinnedMemory> pin(Ram& ram, uint64_t first_page, uint64_t page_count,
                                  Watch watch = Watch::kIfPossible) {
  auto memory = std::make_shared<PinnedMemory>(first_page, page_count, watch);
  EXPECT_TRUE(ram.pin(memory));
  return memory;
}

std::set<uint64_t> dirty_pages(const Ram& ram) {
  std::set<uint64_t> pages;
  ram.for_each_dirty_page([&](uint64_t page, PageBytes) { pages.insert(page); });
  return pages;
}

std::set<uint64_t> touched_pages(const Ram& ram) {
  std::set<uint64_t> pages;
  ram.for_each_touched_page([&](uint64_t page, PageBytes) { pages.insert(page); });
  return pages;
}

std::byte byte_at(const Ram& ram, uint64_t address) {
  std::byte byte{0xEE};
  EXPECT_TRUE(ram.read(address, std::span(&byte, 1)));
  return byte;
}

TEST(PinnedRam, IsOneMemoryForBothSides) {
  Ram ram(4 * kMiB);
  ASSERT_TRUE(ram.write(3 * kPageBytes, std::array{std::byte{1}}));
  const auto memory = pin(ram, 2, 3);
  EXPECT_EQ(*memory->page(3), std::byte{1}) << "what was there is there";
  memory->page(4)[7] = std::byte{2};
  EXPECT_EQ(byte_at(ram, 4 * kPageBytes + 7), std::byte{2});
  ASSERT_TRUE(ram.write(4 * kPageBytes + 7, std::array{std::byte{3}}));
  EXPECT_EQ(memory->page(4)[7], std::byte{3});
}

// With the kernel's help, where there is any, and without.
class WatchedRam : public testing::TestWithParam<Watch> {};
INSTANTIATE_TEST_SUITE_P(Watches, WatchedRam, testing::Values(Watch::kIfPossible, Watch::kNever));

TEST_P(WatchedRam, HasDirtyPagesWhereSomethingWasChangedAndNoOthers) {
  Ram ram(4 * kMiB);
  for (uint64_t page = 0; page < 20; ++page) ram.page_for_store(page)[5] = std::byte{9};
  ram.clear_dirty();
  const auto memory = pin(ram, 10, 20, GetParam());
  ram.note_pinned_stores();
  EXPECT_EQ(ram.dirty_pages(), 0u);
  EXPECT_EQ(ram.touched_pages(), 20u) << "pages that nobody has stored to are not touched";
  memory->page(12)[0] = std::byte{1};
  memory->page(25)[kPageBytes - 1] = std::byte{1};
  ram.note_pinned_stores();
  EXPECT_EQ(dirty_pages(ram), (std::set<uint64_t>{12, 25}));
  EXPECT_EQ(ram.dirty_pages(), 2u);
  EXPECT_EQ(ram.touched_pages(), 21u);
  ram.clear_dirty();
  ram.note_pinned_stores();
  EXPECT_EQ(ram.dirty_pages(), 0u) << "compared with what they were when they became clean";
  memory->page(13)[5] = std::byte{9};
  ram.note_pinned_stores();
  EXPECT_EQ(ram.dirty_pages(), 0u) << "storing what is there already changes nothing";
  memory->page(12)[0] = std::byte{0};
  ram.note_pinned_stores();
  EXPECT_EQ(dirty_pages(ram), (std::set<uint64_t>{12}));
}

TEST(PinnedRam, IsOrdinaryMemoryAgainAfterwards) {
  Ram ram(4 * kMiB);
  auto memory = pin(ram, 10, 2);
  memory->page(11)[0] = std::byte{1};
  ram.unpin(*memory);
  EXPECT_EQ(dirty_pages(ram), (std::set<uint64_t>{11}));
  memory->page(11)[0] = std::byte{2};
  EXPECT_EQ(byte_at(ram, 11 * kPageBytes), std::byte{1}) << "too late";
  memory.reset();
  EXPECT_EQ(byte_at(ram, 11 * kPageBytes), std::byte{1});
  EXPECT_EQ(byte_at(ram, 10 * kPageBytes), std::byte{0});
  const auto again = pin(ram, 11, 2);
  EXPECT_EQ(*again->page(11), std::byte{1});
}

TEST(PinnedRam, StaysUsableWhenTheMemoryIsGone) {
  auto ram = std::make_unique<Ram>(4 * kMiB);
  const auto memory = pin(*ram, 10, 2);
  memory->page(10)[0] = std::byte{1};
  ram.reset();
  memory->page(10)[1] = std::byte{2};
  EXPECT_EQ(memory->page(10)[0], std::byte{1});
}

TEST(PinnedRam, IsRefusedOutsideTheMemoryAndWhereItIsPinned) {
  Ram ram(4 * kMiB);
  const auto memory = pin(ram, 10, 2);
  for (const auto& [first, count] : {std::pair(11, 1), {9, 2}, {0, 1024}, {1024, 1}, {1000, 25}}) {
    EXPECT_FALSE(ram.pin(std::make_shared<PinnedMemory>(first, count))) << first;
  }
  EXPECT_TRUE(ram.pin(std::make_shared<PinnedMemory>(12, 1024 - 12)));
  EXPECT_EQ(ram.touched_pages(), 0u);
}

TEST(PinnedRam, IsNotInWhatWasSharedBefore) {
  Ram ram(4 * kMiB);
  for (uint64_t page = 0; page < 40; ++page) ram.page_for_store(page)[0] = std::byte{1};
  const auto memory = pin(ram, 10, 20);
  memory->page(20)[0] = std::byte{2};
  const auto shared = ram.share();
  const uint64_t digest = shared->digest();
  EXPECT_EQ(digest, ram.digest());
  memory->page(20)[0] = std::byte{3};
  memory->page(21)[0] = std::byte{3};
  ASSERT_TRUE(ram.write(22 * kPageBytes, std::array{std::byte{3}}));
  ASSERT_TRUE(ram.write(35 * kPageBytes, std::array{std::byte{3}}));
  EXPECT_EQ(shared->digest(), digest);
  EXPECT_EQ(memory->page(22)[0], std::byte{3}) << "and it is pinned still";
  EXPECT_EQ(byte_at(ram, 21 * kPageBytes), std::byte{3});
}

// An image of 400 pages, opened: memory that comes from it page by page.
struct LazyRam {
  explicit LazyRam(bool has_damaged_end = false) : storage(storage_with_folder()) {
    Ram ram(4 * kMiB);
    for (uint64_t page = 100; page < 500; ++page) fill_page(ram, page, page);
    EXPECT_TRUE(write_image(*storage, kImagePath, sample_machine(ram), ram));
    if (has_damaged_end) {
      auto bytes = get_bytes(*storage);
      bytes.back() ^= std::byte{1};
      put_bytes(*storage, bytes);
    }
    auto image = open_image(*storage, kImagePath, sample_vm());
    EXPECT_TRUE(image);
    opened.emplace(std::move(*image));
  }
  Ram& ram() { return opened->ram; }

  std::unique_ptr<MemoryStorage> storage;
  std::optional<OpenedImage> opened;
};

TEST(PinnedRam, OfAnImageIsReadWhenItIsPinned) {
  LazyRam lazy;
  const uint64_t digest = lazy.ram().digest();
  const auto memory = pin(lazy.ram(), 400, 200);
  std::array<std::byte, kPageBytes> page;
  ASSERT_TRUE(lazy.ram().read(450 * kPageBytes, page));
  EXPECT_NE(page[0], std::byte{0});
  EXPECT_EQ(std::memcmp(memory->page(450), page.data(), kPageBytes), 0);
  EXPECT_EQ(memory->page(550)[0], std::byte{0});
  EXPECT_EQ(lazy.ram().touched_pages(), 0u);
  EXPECT_EQ(lazy.ram().digest(), digest);
  lazy.ram().unpin(*memory);
  EXPECT_EQ(lazy.ram().digest(), digest);
}

TEST(PinnedRam, PutsOnlyWhatWasStoredIntoADelta) {
  LazyRam lazy;
  const auto memory = pin(lazy.ram(), 0, 1024);
  memory->page(100)[0] = std::byte{1};
  std::memset(memory->page(450), 0, kPageBytes);  // a page of zeros is named and not stored
  memory->page(700)[0] = std::byte{1};
  lazy.ram().unpin_all();
  EXPECT_EQ(dirty_pages(lazy.ram()), (std::set<uint64_t>{100, 450, 700}));
  ASSERT_TRUE(retire_image(*lazy.storage, *lazy.opened));
  const ImagePlan plan = plan_image(lazy.opened->layers, lazy.ram().dirty_pages());
  ASSERT_TRUE(plan.parent);
  const auto stats = write_image(*lazy.storage, kImagePath, sample_machine(lazy.ram(), 4),
                                 lazy.ram(), plan.parent);
  ASSERT_TRUE(stats) << stats.error().message;
  EXPECT_EQ(stats->stored_pages, 2u);
  const auto again = open_image(*lazy.storage, kImagePath, sample_vm());
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->ram.digest(), lazy.ram().digest());
  EXPECT_EQ(byte_at(again->ram, 700 * kPageBytes), std::byte{1});
  EXPECT_EQ(byte_at(again->ram, 450 * kPageBytes), std::byte{0});
}

TEST(PinnedRam, FailsWithTheImageThatItComesFrom) {
  LazyRam lazy(true);
  EXPECT_TRUE(lazy.ram().pin(std::make_shared<PinnedMemory>(100, 399)));
  EXPECT_FALSE(lazy.ram().pin(std::make_shared<PinnedMemory>(499, 1)));
  ASSERT_TRUE(lazy.ram().failure());
  EXPECT_EQ(lazy.ram().failure()->kind, ImageError::Kind::kPageDamaged);
}

// Beside a memory that is never pinned and gets the same stores.
RC_GTEST_PROP(PinnedRam, IsAsIfNobodyHadAPointer, ()) {
  const bool is_lazy = *rc::gen::arbitrary<bool>();
  std::optional<LazyRam> images[2];
  Ram plain[2] = {Ram(4 * kMiB), Ram(4 * kMiB)};
  if (is_lazy) std::ranges::for_each(images, [](auto& image) { image.emplace(); });
  Ram& ram = is_lazy ? images[0]->ram() : plain[0];
  Ram& reference = is_lazy ? images[1]->ram() : plain[1];
  std::vector<std::shared_ptr<PinnedMemory>> pins;
  std::vector<std::pair<std::shared_ptr<const Ram>, uint64_t>> moments;
  const auto steps = *rc::gen::container<std::vector<std::tuple<uint8_t, uint16_t, uint8_t>>>(
      rc::gen::tuple(rc::gen::inRange<uint8_t>(0, 14), rc::gen::inRange<uint16_t>(0, 1024),
                     rc::gen::inRange<uint8_t>(1, 60)));
  uint8_t mark = 0;
  for (const auto& [action, place, count] : steps) {
    const std::array bytes{static_cast<std::byte>(++mark), std::byte{0xAA}};
    const uint64_t address = place * kPageBytes + count;
    if (action < 2) {
      const uint64_t pages = std::min<uint64_t>(count, 1024 - place);
      auto memory = std::make_shared<PinnedMemory>(
          place, pages, mark % 2 == 0 ? Watch::kIfPossible : Watch::kNever);
      const bool is_free = std::ranges::none_of(pins, [&](const auto& other) {
        return memory->first_page() < other->end_page() && other->first_page() < memory->end_page();
      });
      RC_ASSERT(ram.pin(memory) == is_free);
      if (is_free) pins.push_back(std::move(memory));
    } else if (action == 2 && !pins.empty()) {
      ram.unpin(*pins[place % pins.size()]);
      pins.erase(pins.begin() + static_cast<ptrdiff_t>(place % pins.size()));
    } else if (action == 3) {
      moments.emplace_back(ram.share(), reference.digest());
    } else if (action == 4 && !moments.empty()) {
      moments.erase(moments.begin() + static_cast<ptrdiff_t>(place % moments.size()));
    } else if (action == 5) {
      ram.clear_dirty();
      reference.clear_dirty();
    } else if (action < 10 && !pins.empty()) {
      const PinnedMemory& memory = *pins[place % pins.size()];
      const uint64_t pages = memory.end_page() - memory.first_page();
      const uint64_t page = memory.first_page() + count % pages;
      std::memcpy(memory.page(page) + place, bytes.data(), bytes.size());
      RC_ASSERT(reference.write(page * kPageBytes + place, bytes));
    } else {
      RC_ASSERT(ram.write(address, bytes));
      RC_ASSERT(reference.write(address, bytes));
    }
    for (const auto& [shared, digest] : moments) RC_ASSERT(shared->digest() == digest);
  }
  ram.note_pinned_stores();
  RC_ASSERT(ram.digest() == reference.digest());
  RC_ASSERT(dirty_pages(ram) == dirty_pages(reference));
  RC_ASSERT(touched_pages(ram) == touched_pages(reference));
  RC_ASSERT(ram.dirty_pages() == reference.dirty_pages());
  ram.unpin_all();
  RC_ASSERT(ram.digest() == reference.digest());
  RC_ASSERT(touched_pages(ram) == touched_pages(reference));
}

}  // namespace
}  // namespace prl::sim
