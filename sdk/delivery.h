// The notification thread of one server object and its queue (core-api 5.2). The thread starts with
// the first item and ends with stop(); one item at a time, in the order in which they were put.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace prl::sdk {

class Delivery {
 public:
  using Item = std::function<void()>;

  Delivery() = default;
  Delivery(const Delivery&) = delete;
  Delivery& operator=(const Delivery&) = delete;
  // REQUIRES: not on the delivery thread.
  ~Delivery() { stop(); }

  // Never waits for a running item. After stop(): the item is dropped.
  void put(Item item);
  // Drops what has not begun and waits for what has. REQUIRES: not on the delivery thread.
  void stop();
  bool on_this_thread() const;

  // True on the delivery thread of any server.
  static bool on_any();

 private:
  void run();

  mutable std::mutex mutex_;
  // Guarded by mutex_.
  std::condition_variable changed_;
  std::deque<Item> items_;
  bool stopped_ = false;
  std::thread thread_;
};

}  // namespace prl::sdk
