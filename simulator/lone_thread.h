// Counters that several threads may change, and that cost no atomic change, some 5 ns, as long as
// the process has one thread: a client that is told of no events, with clock `virtual`.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#if defined(__has_include)
#if __has_include(<sys/single_threaded.h>)
#include <sys/single_threaded.h>
#define PRLSIM_KNOWS_LONE_THREAD 1
#endif
#endif

namespace prl::sim {

// Threads that write to one cache line wait for each other, and so does who reads what lies there.
inline constexpr size_t kLineBytes = 64;

// True only while no other thread of the process runs. Linux with glibc tells; elsewhere the answer
// is always false, which is slower and just as right.
inline bool is_lone_thread() {
#ifdef PRLSIM_KNOWS_LONE_THREAD
  return __libc_single_threaded != 0;
#else
  return false;
#endif
}

// Of what threads are spread over, so that two of them seldom write to the same cache line. Any
// lane will do. Stacks lie apart, so that their places tell threads apart; that costs less than a
// variable of the thread, which in a library that was loaded is behind a call. A thread that is
// alone has one that is always the same.
inline constexpr size_t kLanes = 16;
inline size_t lane_of_this_thread() {
  if (is_lone_thread()) return 0;
  const int here = 0;
  const auto place = reinterpret_cast<uintptr_t>(&here);
  return (place >> 16 ^ place >> 21) % kLanes;
}

// Adds and returns what was there before.
template <class T>
T add_to(std::atomic<T>& counter, T amount, std::memory_order order = std::memory_order_seq_cst) {
  if (!is_lone_thread()) return counter.fetch_add(amount, order);
  const T old = counter.load(std::memory_order_relaxed);
  counter.store(static_cast<T>(old + amount), std::memory_order_relaxed);
  return old;
}

template <class T>
T subtract_from(std::atomic<T>& counter, T amount,
                std::memory_order order = std::memory_order_seq_cst) {
  return add_to(counter, static_cast<T>(T{} - amount), order);
}

// Puts the value in and returns what was there before.
template <class T>
T swap_in(std::atomic<T>& place, T value, std::memory_order order = std::memory_order_seq_cst) {
  if (!is_lone_thread()) return place.exchange(value, order);
  const T old = place.load(std::memory_order_relaxed);
  place.store(value, std::memory_order_relaxed);
  return old;
}

// Replaces `expected` by `wanted`; false, with `expected` brought up to date, when another value is
// there, or, now and then, for no reason.
template <class T>
bool replace(std::atomic<T>& word, T& expected, T wanted) {
  if (!is_lone_thread()) return word.compare_exchange_weak(expected, wanted);
  word.store(wanted, std::memory_order_relaxed);
  return true;
}

}  // namespace prl::sim
