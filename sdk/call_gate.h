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

  // How many callers are inside by one of the ways in.
  using Count = std::atomic<uint32_t>;

  // The caller is inside until leave() with what this returns. Null: the library is closed.
  Count* enter() {
    Count& inside = lanes_[sim::lane_of_this_thread()].inside;
    sim::add_to(inside, 1u);
    if (open_.load()) return &inside;
    leave(inside);
    return nullptr;
  }

  void leave(Count& inside) {
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
  struct alignas(sim::kLineBytes) Lane {
    Count inside{0};
  };

  std::array<Lane, sim::kLanes> lanes_{};
  std::atomic<bool> open_{false};
};

// Inside, from one brace to the other, where that is possible.
class InsideGate {
 public:
  explicit InsideGate(CallGate& gate) : gate_(gate), count_(gate.enter()) {}
  InsideGate(const InsideGate&) = delete;
  InsideGate& operator=(const InsideGate&) = delete;
  ~InsideGate() {
    if (count_) gate_.leave(*count_);
  }
  explicit operator bool() const { return count_ != nullptr; }

 private:
  CallGate& gate_;
  CallGate::Count* const count_;
};

}  // namespace prl::sdk
