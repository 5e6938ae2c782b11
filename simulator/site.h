// What a world offers to the groups of requests that it is put together from: snapshot_requests.h
// and its like. All calls with the world locked, but submit() and with_vm(), which take the lock.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "simulator/access.h"
#include "simulator/config_problems.h"
#include "simulator/host.h"
#include "simulator/host_registry.h"
#include "simulator/host_store.h"
#include "simulator/operation.h"
#include "simulator/property_schema.h"
#include "simulator/vm.h"
#include "simulator/vm_surroundings.h"

namespace prl::sim {

// In a record: the folder to which a VM is being moved. Never part of a configuration in memory.
inline constexpr std::string_view kMovingTo = "Record.MovingTo";

// Of a VM that has been restored: the folder whose place its own has taken.
inline constexpr std::string_view kReplacing = "Record.Replacing";

class Site : public VmSurroundings {
 public:
  using Body = MoveOnlyFunction<void(const OperationPtr&)>;
  using VmBody = decltype(Operation::body);

  // Runs `body` in a step to come. `vm` is whom the operation is about, for the trace and for
  // faults; has_phases: it is under way for a while.
  virtual void submit(Caller caller, std::optional<Uuid> vm, OperationDone done, Body body,
                      bool has_phases = false) = 0;
  // Runs `body` with the VM, unless there is none, another session has locked it or the user lacks
  // a right.
  virtual void with_vm(Caller&& caller, const Uuid& vm, OperationDone&& done, VmBody&& body,
                       bool has_phases = false) = 0;
  virtual void finish_with(const OperationPtr& operation, Report&& report) = 0;

  // What a request to the host itself has at hand; for the present step.
  virtual HostStep host_step() = 0;
  // Whether the lock of another session keeps this one from the VM.
  virtual bool keeps_out(const SessionObserver* session, const Uuid& vm) const = 0;
  // Whether any session has locked the VM.
  virtual bool is_locked(const Uuid& vm) const = 0;
  // Refuses what the user of the operation may not do with the VM.
  virtual Outcome check_access(const Operation& operation, const Vm& vm) const = 0;
  // Who has begun the operation.
  virtual SessionUser user_of(const Operation& operation) const = 0;
  virtual HostRegistry& vms() = 0;
  virtual HostStore& store() = 0;
  virtual Uuid draw_uuid() = 0;
  // Of the configurations of VMs.
  virtual const PropertySchema& schema() const = 0;
  // What configurations are held against whose files are in the folder; empty: they have none.
  virtual ConfigSetting config_setting(const std::string& folder) = 0;
  // Null for an unknown name.
  virtual const ConfigSample* sample(std::string_view name) const = 0;

  virtual void tell_host(HostEvent event) = 0;
  // Tells the sessions.
  virtual void tell_added(const Vm& vm) = 0;
  // Also forgets what sessions had to do with the VM.
  virtual void tell_removed(const Vm& vm, bool with_files) = 0;
  virtual void tell_config_changed(const Vm& vm) = 0;
  virtual void tell_tasks_changed(const Vm& vm) = 0;
  virtual void announce(const Uuid& vm, const Notice& notice) = 0;

  // Runs the step when the VM is in no state that it leaves by itself: at once where it is in none.
  virtual void when_at_rest(const std::shared_ptr<Vm>& vm, Step&& step) = 0;
  // Lets the task go on for a while, or until its VM is at rest where that is later, and `then` end
  // the operation that it belongs to. Whoever may cancel the operation can do so until then.
  enum class TaskEnd : uint8_t { kInTime, kAtRest };
  void run_task(const OperationPtr& operation, const std::shared_ptr<Vm>& vm, VmTask task,
                uint64_t duration_ms, std::function<void()> then,
                TaskEnd task_end = TaskEnd::kInTime);
  // Tells whoever has begun it of the progress of an operation that takes so long, until it is
  // over.
  void follow_task(const OperationPtr& operation, Progress::Kind kind, uint64_t duration_ms,
                   uint64_t passed_ms, const std::shared_ptr<bool>& is_over);
  // Puts the settings of the sample that the configuration names in place of its own.
  Outcome apply_sample(VmConfig& config) const;
  // Writes what the folder of a VM says about it.
  Outcome write_config_file(const VmRecord& record);

 protected:
  using VmSurroundings::VmSurroundings;
};

}  // namespace prl::sim
