// Counts the API calls in progress, so that Deinit can close the library and wait for them while a
// call costs two uncontended atomic operations. Usable before any constructor has run.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "simulator/lone_thread.h"

namespace prl::sdk {

class CallGate {
 public:
  constexpr CallGate() = default;

  // True: the caller is inside until leave() with the same lane. False: the library is closed.
  bool enter(size_t& lane) {
    lane = lane_of_this_thread();
    sim::add_to(lanes_[lane].inside, 1u);
    if (open_.load()) return true;
    leave(lane);
    return false;
  }

  void leave(size_t lane) {
    std::atomic<uint32_t>& inside = lanes_[lane].inside;
    if (sim::subtract_from(inside, 1u) == 1 && !open_.load()) inside.notify_all();
  }

  bool is_open() const { return open_.load(); }
  void open() { open_.store(true); }

  // Lets nobody in any more and waits until everybody has left. Not from within a call.
  void close() {
    open_.store(false);
    for (Lane& lane : lanes_) {
      while (const uint32_t inside = lane.inside.load()) lane.inside.wait(inside);
    }
  }

 private:
  // Threads are spread over lanes, so that two of them seldom write to the same cache line.
  struct alignas(64) Lane {
    std::atomic<uint32_t> inside{0};
  };
  static constexpr size_t kLanes = 16;

  // Any lane will do. Stacks lie apart, so that their places tell threads apart; that costs less
  // than a variable of the thread, which in a library that was loaded is behind a call.
  static size_t lane_of_this_thread() {
    const int here = 0;
    const auto place = reinterpret_cast<uintptr_t>(&here);
    return (place >> 16 ^ place >> 21) % kLanes;
  }

  std::array<Lane, kLanes> lanes_{};
  std::atomic<bool> open_{false};
};

}  // namespace prl::sdk
