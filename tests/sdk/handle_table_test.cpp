// The table of handles without the API around it.
#include "sdk/handle_table.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <atomic>
#include <map>
#include <thread>
#include <vector>

#include "tests/sdk/things.h"

namespace prl::sdk {
namespace {

TEST(AHandleTable, FindsAnObjectUntilItsLastReferenceGoes) {
  HandleTable table(100, 0);
  const uint32_t value = insert_for_client(table);
  EXPECT_EQ(value, 100u);
  EXPECT_TRUE(table.find(value));
  EXPECT_TRUE(table.release_client_reference(value));
  EXPECT_FALSE(table.find(value));
  EXPECT_FALSE(table.release_client_reference(value));
  EXPECT_EQ(alive, 0);
}

TEST(AHandleTable, KeepsAnObjectThatIsPinnedWhenTheClientLetsGo) {
  HandleTable table(1, 0);
  const uint32_t value = insert_for_client(table);
  Ref<Object> pinned = table.find(value);
  EXPECT_TRUE(table.release_client_reference(value));
  EXPECT_FALSE(table.release_client_reference(value)) << "the pin is not the client's";
  EXPECT_EQ(alive, 1);
  pinned = {};
  EXPECT_EQ(alive, 0);
}

TEST(AHandleTable, SkipsZeroAndLiveValuesWhenTheCounterComesRound) {
  constexpr uint32_t kLast = (1u << 29) - 1;
  HandleTable table(kLast, 0);
  const uint32_t last = insert_for_client(table);
  const uint32_t first = insert_for_client(table);
  EXPECT_EQ(last, kLast);
  EXPECT_EQ(first, 1u);
  EXPECT_TRUE(table.find(last));
  EXPECT_TRUE(table.find(first));
  EXPECT_FALSE(table.find(0));
}

// A soak test of a client makes 2^29 handles in minutes, and its server has one of the first.
TEST(AHandleTable, KeepsWhatLivesWhenTheCounterComesRoundToItAgain) {
  constexpr uint32_t kFirst = 0xFACE;
  constexpr uint32_t kLeafSlots = 512;
  HandleTable table(kFirst, 0);
  const uint32_t server = insert_for_client(table);
  for (int i = 0; i < 100; ++i) table.release_client_reference(insert_for_client(table));
  for (int round = 0; round < 3; ++round) {
    table.go_on_at(kFirst / kLeafSlots * kLeafSlots);
    for (uint32_t i = 0; i < 3 * kLeafSlots; ++i) {
      const uint32_t value = insert_for_client(table);
      EXPECT_NE(value, server);
      EXPECT_TRUE(table.find(value));
      EXPECT_TRUE(table.release_client_reference(value));
      ASSERT_TRUE(table.find(server)) << "after " << i << " in round " << round;
    }
  }
  EXPECT_TRUE(table.release_client_reference(server));
  EXPECT_EQ(alive, 0);
}

TEST(AHandleTable, KnowsOnlyValuesWithItsInstanceBits) {
  HandleTable table(7, 3u << 29);
  const uint32_t value = insert_for_client(table);
  EXPECT_EQ(value, 3u << 29 | 7u);
  EXPECT_TRUE(table.find(value));
  EXPECT_FALSE(table.find(7));
  EXPECT_FALSE(table.find(5u << 29 | 7u));
  EXPECT_FALSE(table.find(uint64_t{1} << 32 | value));
}

TEST(AHandleTable, HandsOverObjectsThatEndElsewhere) {
  HandleTable table(1, 0);
  { const Ref<LateThing> late = table.insert(std::make_unique<LateThing>()); }
  EXPECT_EQ(alive, 1);
  EXPECT_EQ(table.count(0), 0u);
  EXPECT_EQ(table.take_dead().size(), 1u);
  EXPECT_EQ(alive, 0);
  EXPECT_TRUE(table.take_dead().empty());
}

TEST(AHandleTable, DestroysWhatIsLeftWhoeverRefersToIt) {
  Ref<Thing> kept;
  HandleTable table(1, 0);
  insert_for_client(table);
  kept = table.insert(std::make_unique<Thing>());
  table.destroy_all();
  EXPECT_EQ(alive, 0);
  kept = {};  // counts down in the slot, which is still there
}

TEST(AHandleTable, CountsLiveObjectsByType) {
  HandleTable table(1, 0);
  const Ref<Thing> one = table.insert(std::make_unique<Thing>(0x10000001));
  const Ref<Thing> other = table.insert(std::make_unique<Thing>(0x10000002));
  EXPECT_EQ(table.count(0x10000001), 1u);
  EXPECT_EQ(table.count(0x10000003), 0u);
  EXPECT_EQ(table.count(0), 2u);
}

// Leaves of 512 values are used again; a value of the past must not find its successor.
TEST(AHandleTable, NeverTakesANewObjectForAnOldOne) {
  HandleTable table(1, 0);
  for (int i = 0; i < 3000; ++i) {
    const uint32_t value = insert_for_client(table);
    ASSERT_TRUE(table.release_client_reference(value));
    ASSERT_FALSE(table.find(value));
    ASSERT_FALSE(value > 512 && table.find(value - 512));
  }
  EXPECT_EQ(alive, 0);
}

// Against a map from values to counts of references.
RC_GTEST_PROP(AHandleTable, BehavesAsAMapOfCounts, (const std::vector<uint16_t>& choices)) {
  HandleTable table(0xFACE, 0);
  std::map<uint32_t, uint32_t> model;
  std::vector<uint32_t> ever;
  for (const uint16_t choice : choices) {
    if (choice % 3 == 0 || ever.empty()) {
      ever.push_back(insert_for_client(table));
      RC_ASSERT(model.emplace(ever.back(), 1).second);
      continue;
    }
    const uint32_t value = ever[choice % ever.size()];
    const auto found = model.find(value);
    const Ref<Object> pinned = table.find(value);
    RC_ASSERT(static_cast<bool>(pinned) == (found != model.end()));
    if (choice % 3 == 1) {
      if (pinned) ++found->second, table.add_client_reference(pinned);
    } else {
      RC_ASSERT(table.release_client_reference(value) == (found != model.end()));
      if (found != model.end() && --found->second == 0) model.erase(found);
    }
  }
  RC_ASSERT(table.count(0) == model.size());
}

// One thread makes and frees; others look every value up and take references for a moment.
TEST(AHandleTable, IsSafeToSearchWhileObjectsComeAndGo) {
  HandleTable table(1, 0);
  std::atomic<uint32_t> newest{1};
  std::atomic<bool> done{false};
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      while (!done) {
        const uint32_t value = newest;
        const Ref<Object> found = table.find(value);
        EXPECT_TRUE(!found || found->value() == value);
      }
    });
  }
  for (int i = 0; i < 20'000; ++i) {
    newest = insert_for_client(table);
    ASSERT_TRUE(table.release_client_reference(newest));
  }
  done = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(alive, 0);
}

// Of many threads that free the same handle, as many succeed as there are references.
TEST(AHandleTable, GivesEachReferenceBackOnce) {
  HandleTable table(1, 0);
  for (int round = 0; round < 200; ++round) {
    const uint32_t value = insert_for_client(table);
    table.add_client_reference(table.find(value));
    std::atomic<int> freed{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] { freed += table.release_client_reference(value); });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(freed, 2);
    EXPECT_FALSE(table.find(value));
  }
  EXPECT_EQ(alive, 0);
}

}  // namespace
}  // namespace prl::sdk
