// The queue of what is going to happen in a world, ordered by (due time, sequence number), so that
// steps due at the same time run in the order in which they were asked for.
// Not synchronised: guarded by the world's mutex.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

namespace prl::sim {

class Scheduler {
 public:
  using Step = std::function<void()>;

  void at(uint64_t due_ms, Step step) { add(due_ms, std::move(step), false); }
  // The same for a step that is no reason to wait for what may happen.
  void in_background_at(uint64_t due_ms, Step step) { add(due_ms, std::move(step), true); }

  std::optional<uint64_t> next_due_ms() const {
    if (steps_.empty()) return std::nullopt;
    return steps_.front().due_ms;
  }

  // Removes the next step. REQUIRES: next_due_ms() has a value.
  std::pair<uint64_t, Step> take_next() {
    std::ranges::pop_heap(steps_, is_later);
    Entry entry = std::move(steps_.back());
    steps_.pop_back();
    if (entry.is_in_background) --in_background_;
    return {entry.due_ms, std::move(entry.step)};
  }

  // Whether there is any step but those in the background.
  bool has_more_than_background() const { return steps_.size() > in_background_; }

  // Lets go of the steps in their order.
  void clear() {
    while (!steps_.empty()) (void)take_next();
  }

 private:
  struct Entry {
    uint64_t due_ms = 0;
    uint64_t sequence = 0;
    bool is_in_background = false;
    Step step;
  };
  static bool is_later(const Entry& one, const Entry& other) {
    return std::pair(one.due_ms, one.sequence) > std::pair(other.due_ms, other.sequence);
  }

  void add(uint64_t due_ms, Step step, bool is_in_background) {
    in_background_ += is_in_background;
    steps_.push_back({due_ms, next_sequence_++, is_in_background, std::move(step)});
    std::ranges::push_heap(steps_, is_later);
  }

  std::vector<Entry> steps_;  // a heap, the next one in front
  size_t in_background_ = 0;
  uint64_t next_sequence_ = 0;
};

}  // namespace prl::sim
