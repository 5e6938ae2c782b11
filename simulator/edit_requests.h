// What sessions do with the configurations of VMs: editing them and keeping others out meanwhile
// (config-model 3, vm-lifecycle 5.3, 6.3). Part of a world, whose site it uses. The requests may
// come from any thread; everything else is called with the world locked.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "simulator/config_problems.h"
#include "simulator/edit_stamps.h"
#include "simulator/operation.h"
#include "simulator/session_locks.h"
#include "simulator/site.h"

namespace prl::sim {

// What a commit does with the images of disks that it takes out of the configuration
// (config-model 3.4). All but the last two refuse to take out a disk that a snapshot has.
enum class RemovedDisks : uint8_t {
  kKeep,
  kDestroy,
  kDestroyEvenIfInSnapshots,
  kDetach,  // they stay, whoever has them
};

class EditRequests {
 public:
  // `site` outlives this object.
  explicit EditRequests(Site& site) : site_(site) {}

  // Begins an edit of this session, and reports the configuration that it begins with.
  void begin(FunctionName function, SessionObserver& session, const Uuid& vm, OperationDone done);
  // Merges what the session changed since then into the VM's configuration.
  void commit(FunctionName function, SessionObserver& session, VmConfig config,
              RemovedDisks removed_disks, OperationDone done);
  // Reports what is wrong with a section of a configuration, which may be that of no VM yet.
  void validate(Caller caller, VmConfig config, ConfigSection section, OperationDone done);
  // The lock of a session, which keeps the others out until it is given back or the session ends.
  void lock(FunctionName function, SessionObserver& session, const Uuid& vm, OperationDone done);
  void unlock(FunctionName function, SessionObserver& session, const Uuid& vm, OperationDone done);
  void reset_uptime(Caller caller, const Uuid& vm, OperationDone done);

  // Whether the lock of another session stands in this one's way.
  bool keeps_out(const SessionObserver* session, const Uuid& vm) const {
    return locks_.keeps_out(session, vm);
  }
  bool is_locked(const Uuid& vm) const { return locks_.is_locked(vm); }
  void forget_session(const SessionObserver& session) {
    edits_.forget_session(session);
    locks_.forget_session(session);
  }
  void forget_vm(const Uuid& vm) {
    edits_.forget_vm(vm);
    locks_.forget_vm(vm);
  }

 private:
  Outcome check_removed_disks(const Vm& vm, const VmConfig& merged, RemovedDisks removed) const;
  Outcome check_undo_disks(const Vm& vm, const VmConfig& merged) const;
  void destroy_disks(const std::vector<std::string>& paths, Step then);
  Report merge_and_store(const SessionObserver& session, const std::shared_ptr<Vm>& vm,
                         const VmConfig& wanted, RemovedDisks removed_disks);

  Site& site_;
  // Guarded by the world's mutex.
  EditStamps edits_;
  SessionLocks locks_;
};

}  // namespace prl::sim
