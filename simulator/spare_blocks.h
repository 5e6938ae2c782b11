// A few blocks of memory of one size, of objects that come and go with each job: in a process with
// one thread (lone_thread.h) the next one gets the block of the last, which is quicker than malloc
// and free. With several threads, and with a sanitizer, which is to see who uses what has gone, it
// is the heap.
#pragma once

#include <array>
#include <cstddef>
#include <new>

#include "simulator/lone_thread.h"

namespace prl::sim {

template <size_t kBytes>
class SpareBlocks {
 public:
  // Memory for one object of that size, owned by the caller until it gives it back. Throws
  // std::bad_alloc.
  static void* take() {
    if (count_ > 0 && is_used()) return blocks_[--count_];
    return ::operator new(kBytes);
  }
  static void give_back(void* block) noexcept {
    if (count_ < kMost && is_used()) {
      blocks_[count_++] = block;
    } else {
      ::operator delete(block);
    }
  }

 private:
  static constexpr size_t kMost = 8;

  static bool is_used() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return false;
#else
    return is_lone_thread() && !end_.has_come;
#endif
  }

  // When the library is unloaded, or the process ends.
  struct End {
    ~End() {
      while (count_ > 0) ::operator delete(blocks_[--count_]);
      has_come = true;
    }
    bool has_come = false;
  };

  // While there is one thread nobody else looks at them, and otherwise nobody does.
  static inline constinit std::array<void*, kMost> blocks_{};
  static inline constinit size_t count_ = 0;
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
