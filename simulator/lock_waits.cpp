#include "simulator/lock_waits.h"

#include <algorithm>
#include <string>
#include <utility>

namespace prl::sim {

namespace {

// After so long the product looks again whether anything has changed or not.
constexpr uint64_t kLookMs = 30'000;

// What ends by itself or by what somebody does with the VM. The lock of a session refuses at once
// (vm-lifecycle 2.1), but not whoever waits already: it is a lock like the others then (5.2).
bool is_worth_waiting(OutcomeKind kind, bool has_waited) {
  const bool is_lock =
      kind >= OutcomeKind::kLockedForExecute && kind <= OutcomeKind::kLockedForMigration;
  if (kind == OutcomeKind::kExclusivelyLocked) return has_waited;
  return is_lock || kind == OutcomeKind::kAlreadyMounted;
}

}  // namespace

bool LockWaits::hold_here(const OperationPtr& operation, const Outcome& refused) {
  // One that is further than its beginning has nothing left that could be tried again.
  if (!operation->body || !is_worth_waiting(refused.kind, operation->has_waited)) return false;
  auto wait = find(*operation);
  const uint64_t now_ms = site_.now_ms();
  if (wait == waits_.end()) {
    waits_.push_back({.operation = operation, .until_ms = now_ms + limit_ms_});
    wait = std::prev(waits_.end());
    operation->has_waited = true;
    look_again(operation);
  } else if (now_ms >= wait->until_ms) {
    waits_.erase(wait);
    return false;
  }
  wait->is_trying = false;
  allow_cancelling(*wait);
  note(*operation, " for " + std::string(outcome_name(refused.kind)));
  return true;
}

bool LockWaits::is_waiting(const Operation& operation) const {
  return std::ranges::any_of(waits_, [&](const Wait& wait) {
    return wait.operation.get() == &operation && !wait.is_trying;
  });
}

LockWaits::Waits::iterator LockWaits::find(const Operation& operation) {
  return std::ranges::find_if(waits_,
                              [&](const Wait& wait) { return wait.operation.get() == &operation; });
}

// In a step of its own: what has changed may not be all that the present one changes.
void LockWaits::rouse(const Uuid& vm) {
  for (Wait& wait : waits_) {
    if (wait.is_due || wait.is_trying || wait.operation->vm != vm) continue;
    wait.is_due = true;
    site_.after(0, [this, weak = std::weak_ptr(wait.operation)] {
      if (const auto operation = weak.lock()) try_again(operation);
    });
  }
}

void LockWaits::look_again(const OperationPtr& operation) {
  const auto wait = find(*operation);
  if (wait == waits_.end()) return;
  const uint64_t left_ms = wait->until_ms - std::min(wait->until_ms, site_.now_ms());
  if (left_ms == 0) return;
  site_.after(std::min(left_ms, kLookMs), [this, weak = std::weak_ptr(operation)] {
    const auto waiting = weak.lock();
    if (!waiting) return;
    try_again(waiting);
    look_again(waiting);
  });
}

void LockWaits::try_again(const OperationPtr& operation) {
  const auto wait = find(*operation);
  if (wait == waits_.end()) return;
  wait->is_due = false;
  wait->is_trying = true;
  if (operation->cancellation) *operation->cancellation = std::move(wait->otherwise);
  note(*operation, " no longer");
  retry_(operation);
  const auto left = find(*operation);
  if (left != waits_.end() && left->is_trying) waits_.erase(left);
}

void LockWaits::allow_cancelling(Wait& wait) {
  const auto& cancellation = wait.operation->cancellation;
  if (!cancellation) return;
  wait.otherwise = *cancellation;
  cancellation->allow([this, weak = std::weak_ptr(wait.operation)] {
    if (const auto operation = weak.lock()) give_up(operation);
  });
}

void LockWaits::give_up(const OperationPtr& operation) {
  const auto wait = find(*operation);
  if (wait == waits_.end()) return;
  waits_.erase(wait);
  const auto vm = site_.vms().find(operation->vm.value_or(Uuid()));
  site_.finish(operation, {OutcomeKind::kCancelled, {vm ? vm->config().name : operation->vm_name}});
}

// Others may have waited for what it had locked.
void LockWaits::forget_session(const SessionObserver& session) {
  for (const Wait& wait : waits_) {
    if (wait.operation->asker != &session) {
      rouse(wait.operation->vm.value_or(Uuid()));
    } else {
      site_.after(0, [this, operation = wait.operation] { give_up(operation); });
    }
  }
}

std::vector<OperationPtr> LockWaits::take_all() {
  std::vector<OperationPtr> left;
  for (Wait& wait : std::exchange(waits_, {})) left.push_back(std::move(wait.operation));
  return left;
}

void LockWaits::note(const Operation& operation, const std::string& text) {
  if (trace_.enabled()) trace_.line(site_.now_ms(), "wait", describe(operation) + text);
}

}  // namespace prl::sim
