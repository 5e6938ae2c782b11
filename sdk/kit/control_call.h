// What the control calls of prl_sim.h have in common. For sdk/kit only.
#pragma once

#include <prlsdk/Parallels.h>

#include <cstddef>
#include <new>
#include <string>
#include <utility>

#include "faults/injector.h"
#include "sdk/environment.h"
#include "sdk/library.h"
#include "sdk/server.h"
#include "sdk/vm_handle.h"

namespace prl::sdk {

// A control call in progress: the gate of the boundary without its trace, because a test that looks
// at the world must not change the record of it.
class ControlCall {
 public:
  bool admitted() const { return static_cast<bool>(inside_); }
  sim::World& world() const { return Library::instance().worlds().here().world; }

 private:
  const InsideGate inside_{Library::gate};
};

// world_options() gives every world one.
inline faults::Injector& injector_of(const Place& place) {
  return static_cast<faults::Injector&>(*place.world.interventions());
}

// Null where the handle is none of a VM. REQUIRES: within a control call.
inline Ref<VmHandle> vm_behind(PRL_HANDLE handle) {
  Ref<Object> object = Library::instance().handles().find(from_handle(handle));
  if (!object || object->type() != VmHandle::kType) return {};
  return Ref<VmHandle>::cast(std::move(object));
}

inline PRL_RESULT bad_scenario(const std::string& why) {
  complain(why);
  return PRL_ERR_OPERATION_FAILED;
}

inline PRL_RESULT to_result(sim::GuestAccess access) {
  switch (access) {
    case sim::GuestAccess::kOk:
      return PRL_ERR_SUCCESS;
    case sim::GuestAccess::kNotLive:
      return PRL_ERR_DISP_VM_IS_NOT_STARTED;
    case sim::GuestAccess::kOutOfRange:
    case sim::GuestAccess::kNoSuchVcpu:
      return PRL_ERR_INVALID_ARG;
    case sim::GuestAccess::kMemoryDamaged:
      return PRL_ERR_CORE_STATE_CORRUPT_MEM_FILE;
    case sim::GuestAccess::kMemoryTruncated:
      return PRL_ERR_STATE_INT_CORRUPTED;
    case sim::GuestAccess::kMemoryNotRead:
      return PRL_ERR_VM_RESUME_FAILED;
  }
  return PRL_ERR_UNEXPECTED;
}

// Runs body(call) between the checks that every control call makes.
template <class Body>
PRL_RESULT with_world(Body body) {
  const ControlCall call;
  if (!call.admitted()) return PRL_ERR_API_WASNT_INITIALIZED;
  try {
    return body(call.world());
  } catch (const std::bad_alloc&) {
    return PRL_ERR_OUT_OF_MEMORY;
  } catch (...) {
    return PRL_ERR_UNEXPECTED;
  }
}

// Runs body(world, vm) in the world that the VM's server is in, whatever world the thread has
// chosen.
template <class Body>
PRL_RESULT with_vm_handle(PRL_HANDLE handle, const void* required, Body body) {
  return with_world([&](sim::World&) -> PRL_RESULT {
    const Ref<VmHandle> vm = vm_behind(handle);
    if (!vm || !required) return PRL_ERR_INVALID_ARG;
    return body(vm->server->world(), *vm);
  });
}

// The same with the VM's identity.
template <class Body>
PRL_RESULT with_vm(PRL_HANDLE handle, const void* required, Body body) {
  return with_vm_handle(handle, required, [&](sim::World& world, const VmHandle& vm) -> PRL_RESULT {
    return body(world, vm.uuid());
  });
}

}  // namespace prl::sdk
