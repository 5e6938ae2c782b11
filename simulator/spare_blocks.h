// A few blocks of memory of one size, of objects that come and go with each job: the next one gets
// the block of the last, which is quicker than malloc and free. Most jobs of a client that listens
// are made by one thread and let go by another: malloc then makes each wait for the other. Here the
// blocks go back by the dozen. With a sanitizer, which is to see who uses what has gone, it is the
// heap.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <new>
#include <utility>

#include "simulator/lone_thread.h"

namespace prl::sim {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kKeepsSpareBlocks = false;
#else
inline constexpr bool kKeepsSpareBlocks = true;
#endif

// Thread-safe, without locks: where two threads meet one of them takes the heap.
template <size_t kBytes, bool kKeeps = kKeepsSpareBlocks>
class SpareBlocks {
 public:
  // Memory for one object of that size, owned by the caller until it gives it back. Throws
  // std::bad_alloc.
  static void* take() {
    if (const Use lane; lane.is_mine) {
      if (!lane->first && mailbox_.load(std::memory_order_relaxed)) {
        lane->first = mailbox_.exchange(nullptr, std::memory_order_acquire);
        lane->count = lane->first ? kMost : 0;  // another thread may have been quicker
      }
      if (Block* const block = lane->first) {
        lane->first = block->next;
        --lane->count;
        return block;
      }
    }
    return ::operator new(kBytes);
  }

  static void give_back(void* memory) noexcept {
    (void)&end_;  // what is never named is not there
    if (const Use lane; lane.is_mine) {
      // Looked at first: who writes there makes the others wait.
      if (lane->count == kMost && !mailbox_.load(std::memory_order_relaxed)) {
        Block* none = nullptr;
        if (mailbox_.compare_exchange_strong(none, lane->first, std::memory_order_release)) {
          lane->first = nullptr;
          lane->count = 0;
        }
      }
      if (lane->count < kMost) {
        lane->first = ::new (memory) Block{lane->first};
        ++lane->count;
        return;
      }
    }
    ::operator delete(memory);
  }

 private:
  struct Block {
    Block* next;
  };
  static_assert(kBytes >= sizeof(Block));
  static constexpr uint32_t kMost = 12;

  struct alignas(kLineBytes) Lane {
    std::atomic<bool> is_taken{false};
    uint32_t count = 0;
    Block* first = nullptr;
  };

  // Of the lane of this thread, from one brace to the other.
  struct Use {
    Use() : lane(lanes_[lane_of_this_thread()]), is_mine(take_lane()) {}
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;
    ~Use() {
      if (is_mine && !is_alone) lane.is_taken.store(false, std::memory_order_release);
    }
    Lane* operator->() const { return &lane; }

    const bool is_alone = is_lone_thread();
    Lane& lane;
    const bool is_mine;

   private:
    bool take_lane() {
      if (!kKeeps) return false;
      if (is_alone) return !lane.is_taken.load(std::memory_order_relaxed);
      return !lane.is_taken.exchange(true, std::memory_order_acquire);
    }
  };

  static void free_all(Block* first) {
    while (first) ::operator delete(std::exchange(first, first->next));
  }

  // When the library is unloaded, or the process ends: from then on it is the heap. A lane that is
  // in use stays as it is: its thread may be one that a fork has left behind.
  struct End {
    ~End() {
      for (Lane& lane : lanes_) {
        if (!lane.is_taken.exchange(true)) free_all(std::exchange(lane.first, nullptr));
      }
      free_all(mailbox_.exchange(nullptr));
    }
  };

  static inline constinit std::array<Lane, kLanes> lanes_{};
  static inline constinit std::atomic<Block*> mailbox_{nullptr};  // kMost of them; null: none
  static inline constinit End end_{};
};

// For std::allocate_shared, which asks for one object at a time.
template <class T>
struct SpareAllocator {
  using value_type = T;

  SpareAllocator() = default;
  template <class U>
  SpareAllocator(const SpareAllocator<U>&) {}
  bool operator==(const SpareAllocator&) const = default;

  T* allocate(size_t count) {
    return static_cast<T*>(count == 1 ? SpareBlocks<sizeof(T)>::take()
                                      : ::operator new(count * sizeof(T)));
  }
  void deallocate(T* block, size_t count) noexcept {
    if (count == 1) return SpareBlocks<sizeof(T)>::give_back(block);
    ::operator delete(block);
  }
};

}  // namespace prl::sim
