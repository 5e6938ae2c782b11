// Who holds an object for the length of a call does not count itself in the object's slot, which
// all threads share, but names the object in a cell near to its thread ("pins it"). So searching
// writes to no line that another thread uses.
//
// What orders pins and the end of an object: who pins names the object first and looks at the word
// of its slot after that; who is about to let the last counted reference go marks the word first
// and looks through the cells after that. All four are sequentially consistent, so one of the two
// sees the other: who pins finds the mark and has itself counted, or who ends finds the pin, counts
// it in its holder's place and takes it away. The holder finds that out when it wants to take its
// pin away itself: the cell does not name the object any more, and it gives a count back instead.
// Which of several holders finds it out does not matter: there are always as many of them as cells
// that name the object and references that are counted. Once marked, an object is only counted.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace prl::sdk {

// The cells of one table of handles. Thread-safe, without locks. A pin may be taken away by any
// thread.
class Pins {
 public:
  static constexpr uint32_t kNone = UINT32_MAX;

  // Names the handle in a free cell of the thread of that number, which may share them with others,
  // and returns the cell's number, below 256; kNone where all of them are taken.
  uint32_t put(uint32_t handle, uint32_t thread) {
    const uint32_t lane = thread % kLanes;
    const uint32_t bit = uint32_t{1} << lane;
    if (!(used_.load() & bit)) used_.fetch_or(bit);
    for (uint32_t i = 0; i < kCells; ++i) {
      Cell& cell = lanes_[lane].cells[i];
      uint32_t free = 0;
      if (cell.load(std::memory_order_relaxed) != 0) continue;
      if (cell.compare_exchange_strong(free, handle)) return lane * kCells + i;
    }
    return kNone;
  }

  // True where there has never been a pin.
  bool are_unused() const { return used_.load(std::memory_order_relaxed) == 0; }

  // False when the cell does not name the handle any more: the reference has been counted.
  bool take_away(uint32_t pin, uint32_t handle) {
    return take_away(lanes_[pin / kCells].cells[pin % kCells], handle);
  }

  // Takes every pin of the handle away. Calls count() before each, and uncount() after one that its
  // holder has taken away in the meantime.
  template <class Count, class Uncount>
  void take_all_away(uint32_t handle, Count count, Uncount uncount) {
    for (uint32_t used = used_.load(); used; used &= used - 1) {
      for (Cell& cell : lanes_[std::countr_zero(used)].cells) {
        if (cell.load() != handle) continue;
        count();
        if (!take_away(cell, handle)) uncount();
      }
    }
  }

 private:
  static constexpr uint32_t kLanes = 32;
  static constexpr uint32_t kCells = 8;
  using Cell = std::atomic<uint32_t>;  // no handle is 0

  struct alignas(64) Lane {
    std::array<Cell, kCells> cells{};
  };

  static bool take_away(Cell& cell, uint32_t handle) {
    return cell.compare_exchange_strong(handle, 0, std::memory_order_acq_rel);
  }

  std::array<Lane, kLanes> lanes_{};
  std::atomic<uint32_t> used_{0};  // lanes, as bits, in which there has been a pin
};

}  // namespace prl::sdk
