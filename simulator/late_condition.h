// A condition variable that is there from the first time that somebody waits for it: of most jobs
// that is never, since who waits for one runs it.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>

#include "simulator/lone_thread.h"

namespace prl::sim {

// Thread-safe.
class LateCondition {
 public:
  LateCondition() = default;
  LateCondition(const LateCondition&) = delete;
  LateCondition& operator=(const LateCondition&) = delete;
  ~LateCondition() { delete made_.load(std::memory_order_relaxed); }

  // For who is about to look whether what it waits for is there already. Good as long as this is.
  std::condition_variable& get() {
    if (std::condition_variable* there = made_.load()) return *there;
    auto made = std::make_unique<std::condition_variable>();
    std::condition_variable* expected = nullptr;
    if (!made_.compare_exchange_strong(expected, made.get())) return *expected;
    return *made.release();
  }

  // After what is waited for has come.
  void notify_all() {
    // Either who waits sees that it has come, or this sees who waits.
    if (!is_lone_thread()) std::atomic_thread_fence(std::memory_order_seq_cst);
    if (std::condition_variable* there = made_.load()) there->notify_all();
  }

 private:
  std::atomic<std::condition_variable*> made_{nullptr};
};

}  // namespace prl::sim
