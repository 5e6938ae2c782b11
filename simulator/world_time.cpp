// The time of a world: who waits for it, and who moves it.
#include <algorithm>
#include <chrono>
#include <string>
#include <thread>

#include "simulator/world.h"

namespace prl::sim {

namespace {

using namespace std::chrono_literals;

// Longer waits on the wall would overflow the clocks of some systems; 2^32 ms is the API's largest.
constexpr auto kWallWaitMax = std::chrono::hours(24 * 60);

// A step that is due so soon is not worth falling asleep for.
constexpr auto kSoon = 20us;

// Jobs of a session whose world ends are finished without the world locked, and who was about to
// wait may miss that: it looks again this often.
constexpr auto kLookAgain = 100ms;

}  // namespace

// The pauses of one call, until one of them has been in vain.
class World::Pauses {
 public:
  Pauses(const World& world, Lock& lock) : world_(world), lock_(lock) {}

  // True where the world was unlocked meanwhile.
  bool make(Pause pause) {
    if (is_in_vain_ || !world_.settle_) return false;
    lock_.unlock();
    is_in_vain_ = !world_.settle_(pause);
    lock_.lock();
    return true;
  }

 private:
  const World& world_;
  Lock& lock_;
  bool is_in_vain_ = false;
};

Pause World::next_pause() const {
  const auto due_ms = scheduler_.next_due_ms();
  return due_ms && *due_ms <= clock_.now_ms() ? Pause::kBeforeStep : Pause::kBeforeTime;
}

bool World::wait(LateCondition& changed, const std::function<bool()>& finished,
                 uint64_t timeout_ms) {
  Lock lock(mutex_);
  if (is_in_step()) return finished();
  Pauses pauses(*this, lock);
  bool is_finished = false;
  if (!clock_.spec().is_virtual()) {
    pauses.make(Pause::kBeforeTime);
    is_finished = wait_on_the_wall(lock, changed, finished, timeout_ms);
  } else if (clock_.spec().is_manual()) {
    pauses.make(Pause::kBeforeTime);
    is_finished = wait_for_others(lock, changed, finished, timeout_ms);
  } else {
    is_finished = wait_in_virtual_time(lock, finished, timeout_ms, pauses);
  }
  if (pauses.make(Pause::kBeforeReturn)) is_finished = finished();
  let_go_of_spent(lock);
  return is_finished;
}

bool World::wait_in_virtual_time(Lock& lock, const std::function<bool()>& finished,
                                 uint64_t timeout_ms, Pauses& pauses) {
  const uint64_t deadline_ms = clock_.now_ms() + timeout_ms;
  bool has_made = false;  // since the last step
  Pause made = Pause::kBeforeStep;
  while (!finished()) {
    if (turn_.is_taken()) {
      turn_.wait(lock);
      continue;
    }
    if (clock_.now_ms() > deadline_ms) return false;  // another waiter moved time past it
    if (settle_ && (!has_made || made < next_pause())) {
      made = next_pause();
      has_made = true;
      if (pauses.make(made)) continue;
    }
    const auto due_ms = scheduler_.next_due_ms();
    if (stopping_ || !due_ms || *due_ms > deadline_ms) {
      if (!scheduler_.has_more_than_background() && !stopping_) note_hang(deadline_ms);
      clock_.advance_to(deadline_ms);
      return false;
    }
    run_next_step(lock);
    has_made = false;
  }
  return true;
}

// Nothing that could happen is left, so that the wait ends by its deadline and by nothing else.
void World::note_hang(uint64_t deadline_ms) {
  if (!trace_.enabled()) return;
  const std::string unfinished = unfinished_.text([this](const Uuid& vm) {
    const auto found = vms_.find(vm);
    return found ? std::string(state_name(found->state())) : std::string();
  });
  trace_.line(now_ms(), "hang",
              "a wait until " + std::to_string(deadline_ms) + " ms, and nothing is left to happen" +
                  (unfinished.empty() ? "" : "; unfinished: " + unfinished));
}

bool World::is_in_step() const {
  return turn_.is_mine();
}

// REQUIRES: time passes by itself.
bool World::is_due() const {
  const auto due_ms = scheduler_.next_due_ms();
  return due_ms && clock_.wall_time_of(*due_ms) <= std::chrono::steady_clock::now();
}

// What is due already happens in the thread that waits: waking the worker takes longer than most
// steps do.
bool World::wait_on_the_wall(Lock& lock, LateCondition& changed,
                             const std::function<bool()>& finished, uint64_t timeout_ms) {
  const auto limit =
      std::min<std::chrono::milliseconds>(std::chrono::milliseconds(timeout_ms), kWallWaitMax);
  const auto deadline = std::chrono::steady_clock::now() + limit;
  std::condition_variable& rung = changed.get();
  while (!finished()) {
    const auto due_ms = scheduler_.next_due_ms();
    const bool may_run = !turn_.is_taken() && !stopping_ && worker_.joinable() && due_ms;
    const auto now = std::chrono::steady_clock::now();
    const auto due = may_run ? clock_.wall_time_of(*due_ms) : WallTime::max();
    if (due <= now) {
      run_next_step(lock);
    } else if (due <= now + kSoon) {
      lock.unlock();
      while (std::chrono::steady_clock::now() < due) std::this_thread::yield();
      lock.lock();
    } else {
      rung.wait_until(lock, std::min(deadline, now + kLookAgain));
      if (std::chrono::steady_clock::now() >= deadline) return finished();
    }
  }
  return true;
}

// With clock `manual`: until the test has moved time so far, or past the deadline. The last look is
// at what is finished, so that a job that ends with the deadline has ended.
bool World::wait_for_others(Lock& lock, LateCondition& changed,
                            const std::function<bool()>& finished, uint64_t timeout_ms) {
  // Moving time wakes nobody whose job has not ended: they look at the clock this often.
  constexpr auto kLook = std::chrono::milliseconds(2);
  const uint64_t now_ms = clock_.now_ms();
  const uint64_t deadline_ms = timeout_ms > UINT64_MAX - now_ms ? UINT64_MAX : now_ms + timeout_ms;
  std::condition_variable& rung = changed.get();
  while (!finished() && !stopping_) {
    if (!turn_.is_taken() && clock_.now_ms() >= deadline_ms) break;
    rung.wait_for(lock, kLook);
  }
  return finished();
}

bool World::step_once() {
  Lock lock(mutex_);
  if (!clock_.spec().is_virtual() || clock_.spec().is_manual() || is_in_step()) return false;
  Pauses pauses(*this, lock);
  pauses.make(next_pause());
  turn_.wait(lock);
  if (stopping_ || !scheduler_.next_due_ms()) return false;
  run_next_step(lock);
  pauses.make(Pause::kBeforeReturn);
  let_go_of_spent(lock);
  return true;
}

void World::advance(uint64_t delta_ms) {
  Lock lock(mutex_);
  if (!clock_.spec().is_virtual() || is_in_step()) return;
  Pauses pauses(*this, lock);
  const uint64_t target_ms = clock_.now_ms() + delta_ms;
  while (!stopping_) {
    pauses.make(next_pause());
    turn_.wait(lock);
    const auto due_ms = scheduler_.next_due_ms();
    if (!due_ms || *due_ms > target_ms) break;
    run_next_step(lock);
  }
  clock_.advance_to(target_ms);
  pauses.make(Pause::kBeforeReturn);
  let_go_of_spent(lock);
}

void World::settle() {
  if (!settle_) return;
  Lock lock(mutex_);
  if (!is_in_step()) Pauses(*this, lock).make(Pause::kBeforeReturn);
}

}  // namespace prl::sim
