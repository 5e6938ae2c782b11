// What a test does in a guest's place, called in virtual time. Shared by the VM and whoever takes
// it away again; from any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <utility>

namespace prl::sim {

class GuestDriver {
 public:
  // `body` is told how many ms the guest has run since it was booted. REQUIRES: period_ms > 0.
  GuestDriver(uint64_t period_ms, std::function<void(uint64_t ran_ms)> body)
      : period_ms_(period_ms), body_(std::move(body)) {}

  uint64_t period_ms() const { return period_ms_; }

  // With the world unlocked. Nothing once end() has been called.
  void call(uint64_t ran_ms) {
    std::lock_guard lock(mutex_);
    if (!has_ended_) body_(ran_ms);
  }
  // When it returns no call is under way, but for one that it was made in, and none will come.
  void end() {
    std::lock_guard lock(mutex_);
    has_ended_ = true;
  }

 private:
  const uint64_t period_ms_;
  const std::function<void(uint64_t)> body_;
  std::recursive_mutex mutex_;  // held during calls
  bool has_ended_ = false;      // guarded by mutex_
};

}  // namespace prl::sim
