#include "sdk/delivery.h"

#include <chrono>
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

void Delivery::put_before_held(Item item) {
  std::lock_guard lock(mutex_);
  if (!closed_) append(std::move(item));
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
  if (order_ == DeliveryOrder::kLate && items_.empty()) {
    is_let_go_ = false;
    let_go_at_ = std::chrono::steady_clock::now() + kHandlerPatience;
  }
  items_.push_back(std::move(item));
  ++appended_;
  has_items_.store(true, std::memory_order_relaxed);
  if (!thread_.joinable()) {
    running_.store(true);
    thread_ = std::thread([this] { run(); });
  }
  if (std::exchange(is_idle_, false)) changed_.notify_one();
}

void Delivery::set_order(DeliveryOrder order) {
  std::lock_guard lock(mutex_);
  order_ = order;
  is_let_go_ = true;
  changed_.notify_one();
}

bool Delivery::catch_up() {
  // Handlers that let each other be called again and again never catch up.
  const auto end = std::chrono::steady_clock::now() + 10 * kHandlerPatience;
  std::unique_lock lock(mutex_);
  while (done_ != appended_ && !closed_) {
    is_let_go_ = true;
    changed_.notify_one();
    const uint64_t ended = ended_.load();
    const bool is_late = caught_up_.wait_for(lock, kHandlerPatience) == std::cv_status::timeout;
    if (is_late && ended_.load() == ended) return false;
    if (std::chrono::steady_clock::now() >= end) return false;
  }
  return true;
}

void Delivery::close() {
  // These may own the last references to handles: they go with no lock held.
  std::vector<Item> dropped;
  Item dropped_held;
  std::lock_guard lock(mutex_);
  closed_ = true;
  std::swap(dropped, items_);
  std::swap(dropped_held, held_);
  changed_.notify_one();
  caught_up_.notify_all();
}

bool Delivery::await(std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  is_let_go_ = true;
  changed_.notify_one();
  return caught_up_.wait_until(lock, deadline, [this, all = appended_] {
    return done_ >= all || closed_;  // after close() there is nothing to come
  });
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

// Events come in bursts, and waking a thread takes whoever tells of them as long as the rest of a
// call: so the thread stays awake a moment longer. False where nothing has come.
bool Delivery::look_out() const {
  constexpr auto kMoment = std::chrono::microseconds(20);
  const auto end = std::chrono::steady_clock::now() + kMoment;
  while (!has_items_.load(std::memory_order_relaxed) && !closed_) {
    if (std::chrono::steady_clock::now() >= end) return false;
    std::this_thread::yield();
  }
  return true;
}

// REQUIRES: the lock is held.
bool Delivery::may_begin() const {
  return !items_.empty() && (order_ != DeliveryOrder::kLate || is_let_go_ ||
                             std::chrono::steady_clock::now() >= let_go_at_);
}

// Takes all that there is at once, and puts it in turn into two blocks of memory.
void Delivery::run() {
  place_here = place_;
  std::vector<Item> taken;
  std::unique_lock lock(mutex_);
  while (!closed_) {
    if (!items_.empty() && !may_begin()) {
      changed_.wait_until(lock, let_go_at_, [this] { return closed_ || may_begin(); });
      continue;
    }
    if (items_.empty()) {
      lock.unlock();
      const bool has_come = look_out();
      lock.lock();
      if (has_come || !items_.empty()) continue;
      is_idle_ = true;
      changed_.wait(lock, [this] { return closed_ || !items_.empty(); });
      is_idle_ = false;
      continue;
    }
    std::swap(taken, items_);
    const uint64_t taken_up_to = appended_;
    has_items_.store(false, std::memory_order_relaxed);
    lock.unlock();
    for (Item& item : taken) {
      if (closed_) break;
      begin_();
      item();
      item = nullptr;
      ended_.fetch_add(1, std::memory_order_relaxed);
    }
    taken.clear();
    lock.lock();
    done_ = taken_up_to;
    caught_up_.notify_all();
  }
  running_.store(false);
}

}  // namespace prl::sdk
