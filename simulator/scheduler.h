// The queue of what is going to happen in a world, ordered by (due time, sequence number), so that
// steps due at the same time run in the order in which they were asked for.
// Not synchronised: guarded by the world's mutex.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "simulator/move_only_function.h"

namespace prl::sim {

// A few steps that have run and still own what they were made with, the first to run in front.
class SpentSteps {
 public:
  bool is_empty() const { return begin_ == end_; }
  // REQUIRES: not full.
  void put(Step& step) { steps_[end_++] = &step; }
  bool is_full() const { return end_ == steps_.size(); }
  // REQUIRES: not empty.
  Step& take() {
    Step& step = *steps_[begin_++];
    if (is_empty()) begin_ = end_ = 0;
    return step;
  }
  void clear() { begin_ = end_ = 0; }

 private:
  std::array<Step*, 16> steps_{};
  size_t begin_ = 0;
  size_t end_ = 0;
};

class Scheduler {
 public:
  void at(uint64_t due_ms, Step&& step) { add(due_ms, std::move(step), false); }
  // The same for a step that is no reason to wait for what may happen.
  void in_background_at(uint64_t due_ms, Step&& step) { add(due_ms, std::move(step), true); }

  std::optional<uint64_t> next_due_ms() const {
    if (entries_.empty()) return std::nullopt;
    return entries_.front().due_ms;
  }

  // Removes the next step from the queue; it stays where it is until let_go(). REQUIRES:
  // next_due_ms() has a value.
  Step& take_next() {
    if (entries_.size() > 1) std::ranges::pop_heap(entries_, is_later);
    const Entry entry = entries_.back();
    entries_.pop_back();
    if (entry.is_in_background) --in_background_;
    return *entry.step;
  }
  // REQUIRES: take_next() has returned it, and it is empty.
  void let_go(Step& step) { free_.push_back(&step); }

  // Whether there is any step but those in the background.
  bool has_more_than_background() const { return entries_.size() > in_background_; }

  // How many there have been.
  uint64_t steps_ever() const { return next_sequence_; }

  // Lets go of the steps in their order.
  void clear() {
    while (!entries_.empty()) take_next() = nullptr;
  }

 private:
  // Small, since the order is kept by moving them about. The steps stay where they are.
  struct Entry {
    uint64_t due_ms = 0;
    uint64_t sequence = 0;
    Step* step = nullptr;  // in steps_
    bool is_in_background = false;
  };
  static bool is_later(const Entry& one, const Entry& other) {
    return one.due_ms != other.due_ms ? one.due_ms > other.due_ms : one.sequence > other.sequence;
  }

  void add(uint64_t due_ms, Step&& step, bool is_in_background) {
    Step* place = nullptr;
    if (free_.empty()) {
      place = &steps_.emplace_back(std::move(step));
    } else {
      place = free_.back();
      free_.pop_back();
      *place = std::move(step);
    }
    in_background_ += is_in_background;
    entries_.push_back({due_ms, next_sequence_++, place, is_in_background});
    if (entries_.size() > 1) std::ranges::push_heap(entries_, is_later);
  }

  std::vector<Entry> entries_;  // a heap, the next one in front
  std::deque<Step> steps_;      // which moves none of them
  std::vector<Step*> free_;     // in steps_, empty
  size_t in_background_ = 0;
  uint64_t next_sequence_ = 0;
};

}  // namespace prl::sim
