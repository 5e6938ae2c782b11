// What holds an object for the length of a call, in a process with threads.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <future>
#include <map>
#include <mutex>
#include <random>
#include <thread>
#include <vector>

#include "sdk/handle_table.h"
#include "simulator/lone_thread.h"
#include "tests/sdk/things.h"

namespace prl::sdk {
namespace {

template <class Work>
void in_a_thread(Work work) {
  std::thread(work).join();
}

// A process that has a second thread, so that what is found is pinned.
class APin : public testing::Test {
 protected:
  APin() : other_([end = end_.get_future()] { end.wait(); }) {}
  ~APin() override {
    end_.set_value();
    other_.join();
    EXPECT_EQ(alive, 0);
  }
  void SetUp() override { ASSERT_FALSE(sim::is_lone_thread()); }

  HandleTable table_{0xFACE, 0};

 private:
  std::promise<void> end_;
  std::thread other_;
};

TEST_F(APin, KeepsAnObjectThatAnotherThreadFrees) {
  const uint32_t value = insert_for_client(table_);
  Ref<Object> pinned = table_.find(value);
  in_a_thread([&] { EXPECT_TRUE(table_.release_client_reference(value)); });
  EXPECT_EQ(alive, 1);
  EXPECT_EQ(table_.count(0), 1u);
  EXPECT_TRUE(table_.find(value)) << "it lives";
  EXPECT_FALSE(table_.release_client_reference(value)) << "the pin is not the client's";
  EXPECT_EQ(alive, 1);
  pinned = {};
  EXPECT_EQ(alive, 0);
  EXPECT_FALSE(table_.find(value));
}

TEST_F(APin, KeepsAnObjectThatItsOwnThreadFrees) {
  const uint32_t value = insert_for_client(table_);
  Ref<Object> first = table_.find(value);
  Ref<Object> second = table_.find(value);
  EXPECT_TRUE(table_.release_client_reference(value));
  first = {};
  EXPECT_EQ(alive, 1);
  second = {};
  EXPECT_EQ(alive, 0);
}

TEST_F(APin, KeepsAnObjectThatTheLibraryLetsGo) {
  Ref<Thing> made = table_.insert(std::make_unique<Thing>());
  Ref<Object> pinned = table_.find(made->value());
  made = {};
  EXPECT_EQ(alive, 1);
  pinned = {};
  EXPECT_EQ(alive, 0);
}

TEST_F(APin, OutlivesItsThread) {
  const uint32_t value = insert_for_client(table_);
  Ref<Object> found;
  in_a_thread([&] { found = table_.find(value); });
  EXPECT_TRUE(table_.release_client_reference(value));
  EXPECT_EQ(alive, 1);
  in_a_thread([moved = std::move(found)] { EXPECT_TRUE(moved); });
  EXPECT_EQ(alive, 0);
}

TEST_F(APin, IsCopiedAsACount) {
  const uint32_t value = insert_for_client(table_);
  Ref<Object> pinned = table_.find(value);
  in_a_thread([&] { table_.release_client_reference(value); });
  Ref<Object> copy = pinned;
  pinned = {};
  EXPECT_EQ(alive, 1);
  EXPECT_TRUE(table_.add_client_reference(copy)) << "it may be given to the client again";
  copy = {};
  EXPECT_TRUE(table_.find(value));
  EXPECT_TRUE(table_.release_client_reference(value));
  EXPECT_EQ(alive, 0);
}

TEST_F(APin, IsCopiedBeforeTheObjectIsFreed) {
  const uint32_t value = insert_for_client(table_);
  Ref<Object> pinned = table_.find(value);
  Ref<Object> copy = pinned;
  in_a_thread([&] { table_.release_client_reference(value); });
  copy = {};
  EXPECT_EQ(alive, 1);
  pinned = {};
  EXPECT_EQ(alive, 0);
}

TEST_F(APin, GivesWayToACountWhereThereIsNoCellLeft) {
  constexpr size_t kObjects = 10;
  std::vector<Ref<Object>> held;
  std::vector<uint32_t> values;
  for (size_t i = 0; i < kObjects; ++i) values.push_back(insert_for_client(table_));
  for (size_t i = 0; i < 100 * kObjects; ++i) held.push_back(table_.find(values[i % kObjects]));
  for (const uint32_t value : values) EXPECT_TRUE(table_.release_client_reference(value));
  for (size_t left = held.size(); left > 0; --left) {
    EXPECT_EQ(alive, static_cast<int>(std::min(left, kObjects)));
    held.pop_back();
  }
}

// Once the first is counted its cell is free, and the second gets it.
TEST_F(APin, LeavesAloneWhatHasItsCellNow) {
  const uint32_t one = insert_for_client(table_);
  const uint32_t other = insert_for_client(table_);
  Ref<Object> first = table_.find(one);
  EXPECT_TRUE(table_.release_client_reference(one));
  Ref<Object> second = table_.find(other);
  first = {};
  EXPECT_EQ(alive, 1);
  EXPECT_TRUE(table_.release_client_reference(other));
  EXPECT_EQ(alive, 1) << "it is pinned still";
  second = {};
}

TEST_F(APin, HoldsNothingInAnotherTable) {
  HandleTable other(0xFACE, 0);
  const uint32_t value = insert_for_client(table_);
  ASSERT_EQ(insert_for_client(other), value);
  const Ref<Object> pinned = table_.find(value);
  EXPECT_TRUE(other.release_client_reference(value));
  EXPECT_EQ(alive, 1);
  EXPECT_TRUE(table_.release_client_reference(value));
  EXPECT_EQ(alive, 1);
}

TEST_F(APin, HandsOverAnObjectThatEndsElsewhere) {
  Ref<Thing> made = table_.insert(std::make_unique<LateThing>());
  Ref<Object> pinned = table_.find(made->value());
  made = {};
  EXPECT_FALSE(table_.has_dead());
  pinned = {};
  EXPECT_EQ(table_.take_dead().size(), 1u);
}

TEST_F(APin, MayBeLetGoWhenTheTableHasDestroyedAll) {
  const uint32_t freed = insert_for_client(table_);
  const uint32_t value = insert_for_client(table_);
  Ref<Object> counted = table_.find(freed);
  EXPECT_TRUE(table_.release_client_reference(freed));
  Ref<Object> pinned = table_.find(value);
  table_.destroy_all();
  EXPECT_EQ(alive, 0);
  counted = {};
  pinned = {};
}

// What a client and its calls hold of one table, beside a model that counts.
class Holders {
 public:
  void step(uint16_t choice) {
    const uint32_t which = choice / kSteps;
    switch (choice % kSteps) {
      case 0:
        model_[insert_for_client(table_)].client = 1;
        break;
      case 1:
        if (!model_.empty()) find(any(which));
        break;
      case 2:
        if (!model_.empty()) free(any(which));
        break;
      case 3:
        if (!held_.empty()) copy(which % held_.size());
        break;
      case 4:
        if (!held_.empty()) give(which % held_.size());
        break;
      case 5:
        if (!held_.empty()) let_go(which % held_.size());
        break;
    }
    std::erase_if(model_, [](const auto& entry) {
      return entry.second.client == 0 && entry.second.held == 0;
    });
    RC_ASSERT(static_cast<size_t>(alive.load()) == model_.size());
    RC_ASSERT(table_.count(0) == model_.size());
  }

 private:
  static constexpr uint16_t kSteps = 6;
  struct References {
    int client = 0;
    int held = 0;
  };

  uint32_t any(uint32_t which) const {
    return std::next(model_.begin(), which % model_.size())->first;
  }
  void find(uint32_t value) {
    held_.push_back(table_.find(value));
    RC_ASSERT(held_.back() && held_.back()->value() == value);
    ++model_[value].held;
  }
  void free(uint32_t value) {
    int& client = model_[value].client;
    RC_ASSERT(table_.release_client_reference(value) == (client > 0));
    if (client > 0) --client;
  }
  void copy(size_t index) {
    held_.push_back(Ref<Object>(held_[index]));
    ++model_[held_.back()->value()].held;
  }
  void give(size_t index) {
    RC_ASSERT(table_.add_client_reference(held_[index]));
    ++model_[held_[index]->value()].client;
  }
  void let_go(size_t index) {
    --model_[held_[index]->value()].held;
    held_.erase(held_.begin() + static_cast<ptrdiff_t>(index));
  }

  HandleTable table_{0xFACE, 0};
  std::vector<Ref<Object>> held_;
  std::map<uint32_t, References> model_;
};

RC_GTEST_FIXTURE_PROP(APin, HoldsAsACountDoes, (const std::vector<uint16_t>& choices)) {
  Holders holders;
  for (const uint16_t choice : choices) holders.step(choice);
}

// Threads that make, find, copy, free and hand to each other a few objects.
class Crowd {
 public:
  explicit Crowd(HandleTable& table) : table_(table) {
    for (auto& value : values_) value = insert_for_client(table);
  }
  ~Crowd() {
    for (auto& value : values_) table_.release_client_reference(value);
  }

  void begin() {
    has_begun_ = true;
    has_begun_.notify_all();
  }
  void work(uint32_t seed, int steps) {
    has_begun_.wait(false);
    std::minstd_rand random(seed);
    std::array<Ref<Object>, 12> held;  // more than a thread has cells
    for (int step = 0; step < steps; ++step) {
      const auto choice = static_cast<uint32_t>(random());
      Ref<Object>& mine = held[choice / kWays % held.size()];
      std::atomic<uint32_t>& value = values_[choice / 128 % values_.size()];
      switch (choice % kWays) {
        case 0:
          table_.release_client_reference(value.exchange(insert_for_client(table_)));
          break;
        case 1:
          swap(mine);
          break;
        case 2:
          mine = Ref<Object>(held[choice / 1024 % held.size()]);
          break;
        default:
          find(value, mine);
          break;
      }
    }
  }

 private:
  static constexpr uint32_t kWays = 6;

  void find(uint32_t value, Ref<Object>& mine) {
    mine = table_.find(value);
    EXPECT_TRUE(!mine || mine->value() == value);
  }
  void swap(Ref<Object>& mine) {
    std::lock_guard lock(mutex_);
    std::swap(shared_, mine);
  }

  HandleTable& table_;
  std::atomic<bool> has_begun_{false};
  std::array<std::atomic<uint32_t>, 4> values_{};
  std::mutex mutex_;
  Ref<Object> shared_;  // guarded by mutex_
};

void run_crowd(HandleTable& table, uint32_t threads, int steps) {
  Crowd crowd(table);
  std::vector<std::thread> running;
  for (uint32_t seed = 1; seed <= threads; ++seed) {
    running.emplace_back([&, seed] { crowd.work(seed, steps); });
  }
  crowd.begin();
  for (std::thread& thread : running) thread.join();
}

TEST_F(APin, IsSafeInACrowd) {
  run_crowd(table_, 4, 200'000);
  EXPECT_EQ(alive, 0);
  EXPECT_EQ(table_.count(0), 0u);
}

TEST_F(APin, IsSafeWhereThreadsShareTheirCells) {
  run_crowd(table_, 100, 5'000);
  EXPECT_EQ(alive, 0);
  EXPECT_EQ(table_.count(0), 0u);
}

}  // namespace
}  // namespace prl::sdk
