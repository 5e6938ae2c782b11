// Requests that wait for what keeps them from their VM, where the host lets them wait
// (vm-lifecycle 5.1): each tries again whenever something about the VM has changed, and is refused
// when its time is over. Guarded by the world's mutex.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "simulator/cancellation.h"
#include "simulator/operation.h"
#include "simulator/site.h"
#include "simulator/trace.h"

namespace prl::sim {

class LockWaits {
 public:
  using Retry = std::function<void(const OperationPtr&)>;
  // `retry` carries an operation out from its beginning. limit_ms 0: nobody waits.
  LockWaits(Site& site, Trace& trace, uint64_t limit_ms, Retry retry)
      : site_(site), trace_(trace), limit_ms_(limit_ms), retry_(std::move(retry)) {}

  // Lets an operation wait that is being refused so; false where it does not wait, or no longer.
  bool hold(const OperationPtr& operation, const Outcome& refused) {
    return limit_ms_ != 0 && hold_here(operation, refused);
  }
  bool is_waiting(const Operation& operation) const;
  // Something about the VM has changed, so that those that wait for it try again.
  void note_change(const Uuid& vm) {
    if (!waits_.empty()) rouse(vm);
  }
  // Those of the session do not wait any longer (vm-lifecycle 8, invariant 34).
  void forget_session(const SessionObserver& session);
  // Those that are left, to be let go with no lock held.
  std::vector<OperationPtr> take_all();

 private:
  struct Wait {
    OperationPtr operation;
    uint64_t until_ms = 0;
    bool is_due = false;  // it is about to try again
    bool is_trying = false;
    Cancellation otherwise;  // how it can be cancelled when it does not wait
  };
  using Waits = std::vector<Wait>;

  bool hold_here(const OperationPtr& operation, const Outcome& refused);
  void rouse(const Uuid& vm);
  Waits::iterator find(const Operation& operation);
  void look_again(const OperationPtr& operation);
  void try_again(const OperationPtr& operation);
  void allow_cancelling(Wait& wait);
  void give_up(const OperationPtr& operation);
  void note(const Operation& operation, const std::string& text);

  Site& site_;
  Trace& trace_;
  const uint64_t limit_ms_;
  const Retry retry_;
  Waits waits_;  // the first to ask first
};

}  // namespace prl::sim
