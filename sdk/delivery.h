// The notification thread of one server object and its queue (core-api 5.2). The thread starts with
// the first item and ends after close(); one item at a time, in the order in which they were put.
//
// Owned by its server, then by the library: the server may go while its thread is in a handler, and
// whoever frees it must not wait for that (clients 3.2).
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "simulator/lone_thread.h"
#include "simulator/move_only_function.h"

namespace prl::sdk {

// When handlers run, beside the threads of the client.
enum class DeliveryOrder : uint8_t {
  kFree,     // as the machine will have it
  kAwaited,  // before a wait returns, and before time goes on
  kLate,     // before time goes on, and after a wait that returns at the same moment
};
// "free", "awaited" or "late", in their order.
inline constexpr std::array<std::string_view, 3> kDeliveryWords = {"free", "awaited", "late"};
constexpr std::string_view word_of(DeliveryOrder order) {
  return kDeliveryWords[static_cast<size_t>(order)];
}

// How long threads wait for handlers on the wall, and late ones for the leave to begin: then one is
// blocked, as by a lock of the client.
inline constexpr std::chrono::milliseconds kHandlerPatience{200};

class Delivery {
 public:
  // A cache line: room for what a state or a notice says. An event has a block of its own.
  using Item = sim::MoveOnlyFunction<void(), 48>;

  // `place` tells the threads of a library apart; not 0. Each item begins with `begin`.
  Delivery(uint64_t place, std::function<void()> begin)
      : place_(place), begin_(std::move(begin)) {}
  Delivery(const Delivery&) = delete;
  Delivery& operator=(const Delivery&) = delete;
  // REQUIRES: not on the delivery thread.
  ~Delivery() { join(); }

  // Never waits for a running item. After close(): the item is dropped.
  void put(Item item);
  // As put(), but what is held back stays so, since this only comes on the way to what follows.
  void put_before_held(Item item);
  // As put(), but behind the item that is put next; one that is held back already goes first.
  void put_behind_next(Item item);
  // Lets an item that is held back go where it stands now.
  void release_held();
  // Of what is put from now on: with kLate it begins when catch_up() is called, or when it has
  // waited for kHandlerPatience.
  void set_order(DeliveryOrder order);
  // Waits until there is nothing left to do, but for an item that is held back. False where
  // one does not end within kHandlerPatience, or there is no end of them. REQUIRES: as await().
  bool catch_up();
  // Drops what has not begun. Never waits.
  void close();
  // Waits until what has been put so far is done, but for an item that is held back. False where
  // that is not so at this moment. REQUIRES: not on the delivery thread.
  bool await(std::chrono::steady_clock::time_point deadline);
  // True when join() would not have to wait. REQUIRES: close() was called.
  bool has_ended() const { return !running_.load(); }
  // Closes, and waits for the item that is running. REQUIRES: not on the delivery thread.
  void join();

  uint64_t place() const { return place_; }
  // True on the delivery thread of any server.
  static bool on_any() { return place_of_this_thread() != 0; }
  // Of the delivery thread that this is; 0: it is none.
  static uint64_t place_of_this_thread();

 private:
  void run();
  bool look_out() const;
  bool may_begin() const;
  void append(Item item);

  const uint64_t place_;
  const std::function<void()> begin_;
  std::atomic<bool> running_{false};
  std::atomic<bool> closed_{false};  // changed with mutex_ held

  // Written for each item that is told, and by nobody else.
  alignas(sim::kLineBytes) std::atomic<uint64_t> ended_{0};

  alignas(sim::kLineBytes) std::mutex mutex_;
  // Guarded by mutex_.
  std::condition_variable changed_;
  std::condition_variable caught_up_;
  std::vector<Item> items_;
  uint64_t appended_ = 0;
  uint64_t done_ = 0;  // of these, in the order of them
  DeliveryOrder order_ = DeliveryOrder::kFree;
  bool is_let_go_ = false;                           // late items may begin: all that there are
  std::chrono::steady_clock::time_point let_go_at_;  // the oldest late item begins by itself
  bool is_idle_ = false;                // the thread sleeps until there is an item
  std::atomic<bool> has_items_{false};  // changed with mutex_ held
  Item held_;                           // empty: none
  std::thread thread_;
};

}  // namespace prl::sdk
