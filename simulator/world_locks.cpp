// The lock that a session takes on a VM and gives back (vm-lifecycle 5.3).
#include <utility>

#include "simulator/world.h"

namespace prl::sim {

// The one request about a VM that its lock does not keep out: who else holds it has a code of its
// own.
void World::lock_vm(std::string function, SessionObserver& session, const Uuid& vm,
                    OperationDone done) {
  with_vm(std::move(function), vm, std::move(done),
          [this, &session](const OperationPtr& operation, const std::shared_ptr<Vm>& found) {
            Outcome locked = locks_.lock(session, found->uuid());
            if (locked.ok()) tell_config_changed(*found);
            locked.parameters = {found->config().name};
            finish(operation, std::move(locked));
          });
}

void World::unlock_vm(std::string function, SessionObserver& session, const Uuid& vm,
                      OperationDone done) {
  with_vm(std::move(function), vm, std::move(done),
          [this, &session](const OperationPtr& operation, const std::shared_ptr<Vm>& found) {
            const bool is_busy = !found->check_removable().ok();
            Outcome unlocked = locks_.unlock(session, found->uuid(), is_busy);
            if (unlocked.ok()) tell_config_changed(*found);
            unlocked.parameters = {found->config().name};
            finish(operation, std::move(unlocked));
          });
}

}  // namespace prl::sim
