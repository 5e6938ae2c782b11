// The queue of what is going to happen in a world, ordered by (due time, sequence number), so that
// steps due at the same time run in the order in which they were asked for.
// Not synchronised: guarded by the world's mutex.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <utility>

namespace prl::sim {

class Scheduler {
 public:
  using Step = std::function<void()>;

  void at(uint64_t due_ms, Step step) { add(due_ms, {std::move(step), false}); }
  // The same for a step that is no reason to wait for what may happen.
  void in_background_at(uint64_t due_ms, Step step) { add(due_ms, {std::move(step), true}); }

  std::optional<uint64_t> next_due_ms() const {
    if (steps_.empty()) return std::nullopt;
    return steps_.begin()->first.first;
  }

  // Removes the next step. REQUIRES: next_due_ms() has a value.
  std::pair<uint64_t, Step> take_next() {
    auto node = steps_.extract(steps_.begin());
    if (node.mapped().is_in_background) --in_background_;
    return {node.key().first, std::move(node.mapped().step)};
  }

  // Whether there is any step but those in the background.
  bool has_more_than_background() const { return steps_.size() > in_background_; }

  void clear() {
    steps_.clear();
    in_background_ = 0;
  }

 private:
  struct Entry {
    Step step;
    bool is_in_background;
  };
  void add(uint64_t due_ms, Entry entry) {
    in_background_ += entry.is_in_background;
    steps_.emplace(std::pair(due_ms, next_sequence_++), std::move(entry));
  }

  std::map<std::pair<uint64_t, uint64_t>, Entry> steps_;
  size_t in_background_ = 0;
  uint64_t next_sequence_ = 0;
};

}  // namespace prl::sim
