// The event handlers registered on one object (core-api 5.1-5.3).
//
// The list's lock is held while its handlers run, so add() and remove() from another thread wait
// for a running handler and, once remove() has returned, the entry is not called again. The lock is
// recursive: a handler may register and unregister. A list has cache lines of its own, since the
// thread that tells locks it for each event.
#pragma once

#include <prlsdk/Parallels.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

#include "simulator/lone_thread.h"

namespace prl::sdk {

class alignas(sim::kLineBytes) Handlers {
 public:
  // `subscribers` counts the entries of all lists of a server; it outlives the list.
  explicit Handlers(std::shared_ptr<std::atomic<uint32_t>> subscribers)
      : subscribers_(std::move(subscribers)) {}
  Handlers(const Handlers&) = delete;
  Handlers& operator=(const Handlers&) = delete;
  ~Handlers() { subscribers_->fetch_sub(static_cast<uint32_t>(entries_.size())); }

  void add(PRL_EVENT_HANDLER_PTR handler, PRL_VOID_PTR user_data) {
    std::lock_guard lock(mutex_);
    entries_.push_back({handler, user_data});
    is_empty_.store(false);
    subscribers_->fetch_add(1);
  }

  // Removes the oldest matching entry; an unknown pair changes nothing.
  void remove(PRL_EVENT_HANDLER_PTR handler, PRL_VOID_PTR user_data) {
    std::lock_guard lock(mutex_);
    const auto found = std::find(entries_.begin(), entries_.end(), Entry{handler, user_data});
    if (found == entries_.end()) return;
    entries_.erase(found);
    is_empty_.store(entries_.empty());
    subscribers_->fetch_sub(1);
  }

  // Calls give() before each handler for the handle that it passes. What a handler registers or
  // removes takes effect with the next event.
  template <class Give>
  void call_all(Give give) {
    if (is_empty_.load()) return;
    std::lock_guard lock(mutex_);
    if (entries_.size() == 1) {  // as nearly always
      const Entry only = entries_.front();
      only.handler(give(), only.user_data);
      return;
    }
    const std::vector<Entry> snapshot = entries_;
    for (const Entry& entry : snapshot) entry.handler(give(), entry.user_data);
  }

 private:
  struct Entry {
    PRL_EVENT_HANDLER_PTR handler;
    PRL_VOID_PTR user_data;
    friend bool operator==(const Entry&, const Entry&) = default;
  };

  const std::shared_ptr<std::atomic<uint32_t>> subscribers_;
  std::atomic<bool> is_empty_{true};  // changed with mutex_ held
  std::recursive_mutex mutex_;
  std::vector<Entry> entries_;  // guarded by mutex_
};

}  // namespace prl::sdk
