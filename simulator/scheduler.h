// The queue of what is going to happen in a world, ordered by (due time, sequence number), so that
// steps due at the same time run in the order in which they were asked for.
// Not synchronised: guarded by the world's mutex.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <utility>

namespace prl::sim {

class Scheduler {
 public:
  using Step = std::function<void()>;

  void at(uint64_t due_ms, Step step) {
    steps_.emplace(std::pair(due_ms, next_sequence_++), std::move(step));
  }

  std::optional<uint64_t> next_due_ms() const {
    if (steps_.empty()) return std::nullopt;
    return steps_.begin()->first.first;
  }

  // Removes the next step. REQUIRES: next_due_ms() has a value.
  std::pair<uint64_t, Step> take_next() {
    auto node = steps_.extract(steps_.begin());
    return {node.key().first, std::move(node.mapped())};
  }

  void clear() { steps_.clear(); }

 private:
  std::map<std::pair<uint64_t, uint64_t>, Step> steps_;
  uint64_t next_sequence_ = 0;
};

}  // namespace prl::sim
