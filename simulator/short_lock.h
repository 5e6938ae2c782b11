// A mutex for what is soon over and calls nobody who might want it too: four bytes, and no atomic
// change as long as the process has one thread (lone_thread.h). Who has to wait sleeps. Not
// recursive.
#pragma once

#include <atomic>
#include <cassert>
#include <cstdint>

#include "simulator/lone_thread.h"

namespace prl::sim {

// Has what std::lock_guard asks of a mutex.
class ShortLock {
 public:
  void lock() {
    if (is_lone_thread()) {
      assert(state_.load(std::memory_order_relaxed) == kFree);
      state_.store(kHeld, std::memory_order_relaxed);
      return;
    }
    uint32_t found = kFree;
    if (state_.compare_exchange_strong(found, kHeld, std::memory_order_acquire)) return;
    // Whoever takes it from here on cannot know whether others still wait.
    while (state_.exchange(kAwaited, std::memory_order_acquire) != kFree) state_.wait(kAwaited);
  }

  void unlock() {
    if (is_lone_thread()) {
      state_.store(kFree, std::memory_order_relaxed);
    } else if (state_.exchange(kFree, std::memory_order_release) == kAwaited) {
      state_.notify_one();
    }
  }

 private:
  static constexpr uint32_t kFree = 0;
  static constexpr uint32_t kHeld = 1;
  static constexpr uint32_t kAwaited = 2;  // held, and others may wait

  std::atomic<uint32_t> state_{kFree};
};

}  // namespace prl::sim
