// Which session has locked which VM for itself (vm-lifecycle 5.3). A lock lives as long as its
// session. Guarded by the world's mutex.
#pragma once

#include <unordered_map>

#include "simulator/outcome.h"
#include "simulator/session_observer.h"

namespace prl::sim {

class SessionLocks {
 public:
  bool is_locked(const Uuid& vm) const { return holders_.contains(vm); }
  // True for everybody but the holder; false for the server itself, which has no session.
  bool keeps_out(const SessionObserver* session, const Uuid& vm) const {
    const auto found = holders_.find(vm);
    return session && found != holders_.end() && found->second != session;
  }

  // Refuses a second lock, the holder's own included.
  Outcome lock(const SessionObserver& session, const Uuid& vm) {
    if (!holders_.emplace(vm, &session).second) return OutcomeKind::kExclusivelyLocked;
    return {};
  }
  // `is_busy`: the VM has an operation of its own, such as being run, which counts as a lock of
  // somebody else's.
  Outcome unlock(const SessionObserver& session, const Uuid& vm, bool is_busy) {
    const auto found = holders_.find(vm);
    if (found == holders_.end()) {
      return is_busy ? OutcomeKind::kNotTheLockOwner : OutcomeKind::kNotLocked;
    }
    if (found->second != &session) return OutcomeKind::kNotTheLockOwner;
    holders_.erase(found);
    return {};
  }

  void forget_vm(const Uuid& vm) { holders_.erase(vm); }
  void forget_session(const SessionObserver& session) {
    std::erase_if(holders_, [&](const auto& lock) { return lock.second == &session; });
  }

 private:
  std::unordered_map<Uuid, const SessionObserver*> holders_;
};

}  // namespace prl::sim
