#include "sdk/delivery.h"

#include <utility>

namespace prl::sdk {

namespace {
thread_local const Delivery* delivery_of_this_thread = nullptr;
}

void Delivery::put(Item item) {
  std::lock_guard lock(mutex_);
  if (stopped_) return;
  items_.push_back(std::move(item));
  if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
  changed_.notify_one();
}

void Delivery::stop() {
  std::thread thread;
  std::deque<Item> dropped;  // may own the last references to handles: goes with no lock held
  {
    std::lock_guard lock(mutex_);
    stopped_ = true;
    std::swap(dropped, items_);
    std::swap(thread, thread_);
    changed_.notify_one();
  }
  if (thread.joinable()) thread.join();
}

bool Delivery::on_this_thread() const { return delivery_of_this_thread == this; }

bool Delivery::on_any() { return delivery_of_this_thread != nullptr; }

void Delivery::run() {
  delivery_of_this_thread = this;
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopped_ || !items_.empty(); });
    if (stopped_) return;
    {
      const Item item = std::move(items_.front());
      items_.pop_front();
      lock.unlock();
      item();
    }
    lock.lock();
  }
}

}  // namespace prl::sdk
