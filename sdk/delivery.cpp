#include "sdk/delivery.h"

#include <utility>

namespace prl::sdk {

namespace {
thread_local uint64_t place_here = 0;
}

void Delivery::put(Item item) {
  std::lock_guard lock(mutex_);
  if (closed_) return;
  append(std::move(item));
  if (held_) append(std::exchange(held_, nullptr));
}

void Delivery::put_behind_next(Item item) {
  std::lock_guard lock(mutex_);
  if (closed_) return;
  if (held_) append(std::exchange(held_, nullptr));
  held_ = std::move(item);
}

void Delivery::release_held() {
  std::lock_guard lock(mutex_);
  if (held_ && !closed_) append(std::exchange(held_, nullptr));
}

// REQUIRES: the lock is held, not closed.
void Delivery::append(Item item) {
  items_.push_back(std::move(item));
  if (!thread_.joinable()) {
    running_.store(true);
    thread_ = std::thread([this] { run(); });
  }
  changed_.notify_one();
}

void Delivery::close() {
  // These may own the last references to handles: they go with no lock held.
  std::deque<Item> dropped;
  Item dropped_held;
  std::lock_guard lock(mutex_);
  closed_ = true;
  std::swap(dropped, items_);
  std::swap(dropped_held, held_);
  changed_.notify_one();
}

void Delivery::join() {
  close();
  std::thread thread;
  {
    std::lock_guard lock(mutex_);
    std::swap(thread, thread_);
  }
  if (thread.joinable()) thread.join();
}

uint64_t Delivery::place_of_this_thread() { return place_here; }

void Delivery::run() {
  place_here = place_;
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return closed_ || !items_.empty(); });
    if (closed_) break;
    {
      const Item item = std::move(items_.front());
      items_.pop_front();
      lock.unlock();
      begin_();
      item();
    }
    lock.lock();
  }
  running_.store(false);
}

}  // namespace prl::sdk
