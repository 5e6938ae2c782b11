// What a world offers to the groups of requests that it is put together from: snapshot_requests.h
// and its like. All calls with the world locked, but submit() and with_vm(), which take the lock.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "simulator/host_registry.h"
#include "simulator/host_store.h"
#include "simulator/operation.h"
#include "simulator/vm.h"
#include "simulator/vm_surroundings.h"

namespace prl::sim {

class Site : public VmSurroundings {
 public:
  using Body = std::function<void(const OperationPtr&)>;
  using VmBody = std::function<void(const OperationPtr&, const std::shared_ptr<Vm>&)>;

  // Runs `body` in a step to come. `vm` is whom the operation is about, for the trace and for
  // faults; has_phases: it is under way for a while.
  virtual void submit(Caller caller, std::optional<Uuid> vm, OperationDone done, Body body,
                      bool has_phases = false) = 0;
  // Runs `body` with the VM, unless there is none or another session has locked it.
  virtual void with_vm(Caller caller, const Uuid& vm, OperationDone done, VmBody body,
                       bool has_phases = false) = 0;
  virtual void finish_with(const OperationPtr& operation, Report report) = 0;

  virtual HostRegistry& vms() = 0;
  virtual HostStore& store() = 0;
  virtual Uuid draw_uuid() = 0;
};

}  // namespace prl::sim
