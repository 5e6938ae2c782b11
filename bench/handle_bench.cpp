// The table of handles by itself: finding what 10,000 live handles name, one reference up and down
// again, beside a std::map under a mutex that does the same. Random order; one thread, two that use
// the same handles, and two of which each has its own, as threads of clients mostly have.
#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include "bench/rounds.h"
#include "sdk/handle_table.h"
#include "simulator/random.h"

namespace prl::bench {

namespace {

constexpr std::array kGoals = {
    Goal{"find_one_thread_over_map", 0.10},
    Goal{"find_two_threads_over_map", 0.04},
    // Two threads do at least 1.2 times as much as one in the same time.
    Goal{"find_two_threads_per_operation_over_one_thread", 1 / 1.2},
    Goal{"find_two_threads_own_over_map", 0.04},
    Goal{"find_two_threads_own_per_operation_over_one_thread", 1 / 1.2},
};
constexpr size_t kHandles = 10'000;
constexpr size_t kOperations = 100'000;  // of each thread, per slice
constexpr int kRounds = 21;
constexpr int kSlices = 4;
constexpr uint32_t kFirstValue = 0xFACE;  // core-api 2.1

// Of the handles that a thread goes through again and again, and where it begins.
struct Share {
  size_t begin = 0;
  size_t count = kHandles;
  size_t first = 0;
};
using Shares = std::array<Share, 2>;
constexpr Shares kSame = {Share{}, Share{.first = kHandles / 2}};
constexpr Shares kOwn = {Share{.count = kHandles / 2},
                         Share{.begin = kHandles / 2, .count = kHandles / 2}};

class Table {
 public:
  explicit Table(const Shares& shares) : table_(kFirstValue, 0) {
    for (size_t i = 0; i < kHandles; ++i) {
      const auto object = table_.insert(std::make_unique<sdk::Object>(1));
      table_.add_client_reference(object);
      values_.push_back(object->value());
      map_.emplace(object->value(), 1);
    }
    sim::RandomStream stream(1, "order");
    for (const Share& share : shares) {
      for (size_t i = share.count; i > 1; --i) {
        std::swap(values_[share.begin + i - 1], values_[share.begin + stream.below(i)]);
      }
    }
  }

  void find(Share share) {
    size_t found = 0;
    walk(share, [&](uint64_t value) { found += table_.find(value) ? 1 : 0; });
    if (found != kOperations) throw std::runtime_error("a live handle was not found");
  }
  void find_in_map(Share share) {
    walk(share, [&](uint64_t value) {
      int* references = nullptr;
      {
        std::lock_guard lock(mutex_);
        references = &map_.find(value)->second;
        ++*references;
      }
      std::lock_guard lock(mutex_);
      --*references;
    });
  }

 private:
  // Round and round, without a division: that takes as long as a part of the search.
  template <class Use>
  void walk(Share share, Use use) const {
    size_t at = share.first;
    for (size_t i = 0; i < kOperations; ++i) {
      use(values_[share.begin + at]);
      if (++at == share.count) at = 0;
    }
  }

  sdk::HandleTable table_;
  std::vector<uint64_t> values_;
  std::mutex mutex_;
  std::map<uint64_t, int> map_;  // guarded by mutex_
};

// Seconds until both threads are done.
template <class Work>
double seconds_of_two(const Shares& shares, Work work) {
  return seconds_of([&] {
    std::thread other([&] { work(shares[1]); });
    work(shares[0]);
    other.join();
  });
}

Program::Round one_thread() {
  const auto table = std::make_shared<Table>(kSame);
  const auto contest = std::make_shared<Contest>(
      std::vector<Contest::Part>{[table] { return seconds_of([&] { table->find({}); }); },
                                 [table] { return seconds_of([&] { table->find_in_map({}); }); }});
  return [contest] {
    const auto seconds = contest->run(kSlices);
    constexpr double kNs = 1e9 / (kOperations * kSlices);
    return RoundResult{seconds[0],
                       {{"ns", seconds[0] * kNs},
                        {"map_ns", seconds[1] * kNs},
                        {"over_map", seconds[0] / seconds[1]}}};
  };
}

Program::Round two_threads(const Shares& shares) {
  const auto table = std::make_shared<Table>(shares);
  const auto contest = std::make_shared<Contest>(std::vector<Contest::Part>{
      [table, shares] { return seconds_of_two(shares, [&](Share share) { table->find(share); }); },
      [table, shares] {
        return seconds_of_two(shares, [&](Share share) { table->find_in_map(share); });
      },
      [table, shares] { return seconds_of([&] { table->find(shares[0]); }); }});
  return [contest] {
    const auto seconds = contest->run(kSlices);
    constexpr double kNs = 1e9 / (2 * kOperations * kSlices);
    return RoundResult{seconds[0],
                       {{"ns", seconds[0] * kNs},
                        {"map_ns", seconds[1] * kNs},
                        {"over_map", seconds[0] / seconds[1]},
                        {"per_operation_over_one_thread", seconds[0] / 2 / seconds[2]}}};
  };
}

}  // namespace

}  // namespace prl::bench

int main(int argc, char** argv) {
  using namespace prl::bench;
  Program program;
  program.add("find_one_thread", kRounds, one_thread);
  program.add("find_two_threads", kRounds, [] { return two_threads(kSame); });
  program.add("find_two_threads_own", kRounds, [] { return two_threads(kOwn); });
  return program.run(argc, argv, kGoals);
}
