// Counts the API calls in progress, so that Deinit can close the library and wait for them while a
// call costs two uncontended atomic operations. Usable before any constructor has run.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <thread>

namespace prl::sdk {

class CallGate {
 public:
  constexpr CallGate() = default;

  // True: the caller is inside until leave() with the same lane. False: the library is closed.
  bool enter(size_t& lane) {
    lane = lane_of_this_thread();
    lanes_[lane].inside.fetch_add(1);
    if (open_.load()) return true;
    leave(lane);
    return false;
  }

  void leave(size_t lane) {
    if (lanes_[lane].inside.fetch_sub(1) == 1 && !open_.load()) lanes_[lane].inside.notify_all();
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

  static size_t lane_of_this_thread() {
    thread_local const size_t lane =
        std::hash<std::thread::id>{}(std::this_thread::get_id()) % kLanes;
    return lane;
  }

  std::array<Lane, kLanes> lanes_{};
  std::atomic<bool> open_{false};
};

}  // namespace prl::sdk
