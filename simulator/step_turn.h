// Whose turn it is to run the steps of a world: one thread's at a time, perhaps with the world
// unlocked for the I/O of its step. Guarded by the world's mutex.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <thread>

namespace prl::sim {

class StepTurn {
 public:
  bool is_taken() const { return is_taken_; }
  bool is_mine() const { return is_taken_ && taker_ == std::this_thread::get_id(); }

  // REQUIRES: nobody has it.
  void take() {
    is_taken_ = true;
    taker_ = std::this_thread::get_id();
  }
  // Waking costs something even where nobody sleeps.
  void give_back() {
    is_taken_ = false;
    if (waiting_ > 0) given_back_.notify_all();
  }
  // Until nobody has it. REQUIRES: not the thread that has it.
  void wait(std::unique_lock<std::mutex>& lock) {
    ++waiting_;
    given_back_.wait(lock, [this] { return !is_taken_; });
    --waiting_;
  }

 private:
  bool is_taken_ = false;
  std::thread::id taker_;
  size_t waiting_ = 0;
  std::condition_variable given_back_;
};

}  // namespace prl::sim
