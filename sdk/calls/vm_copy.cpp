// PrlVm_Clone and its kin, and what else is done to the folder of a virtual machine (vm-lifecycle
// 2.4).
#include <prlsdk/Parallels.h>

#include <optional>
#include <string>
#include <utility>

#include "calls.h"
#include "sdk/calls/vm_job.h"
#include "sdk/library.h"
#include "sdk/mac_address.h"
#include "sdk/strings.h"
#include "simulator/record_text.h"

namespace prl::sdk::calls {

namespace {

PRL_HANDLE clone(Call& call, PRL_HANDLE handle, sim::CloneOrder order, PRL_UINT32 flags) {
  const VmJob begun = begin_vm_job(call, handle);
  if (!begun.job) return begun.given;
  order.make_mac = mac_from;
  call.world().clones().clone(begun.cancellable_caller(call, flags), begun.vm->uuid(),
                              std::move(order), finish_with_vm(begun.job));
  return begun.given;
}

PRL_HANDLE clone_with_flags(Call& call, PRL_HANDLE vm, sim::CloneOrder order, PRL_UINT32 flags) {
  // There are no disks whose space could be estimated.
  if (flags & PCVF_ESTIMATE_DISK_SPACE) {
    if (!call.pin<VmHandle>(vm)) return call.bad_argument_job();
    return call.local_job(PRL_ERR_UNIMPLEMENTED);
  }
  order.is_template = (flags & PCVF_CLONE_TO_TEMPLATE) != 0;
  order.is_linked = order.is_linked || (flags & PCVF_LINKED_CLONE) != 0;
  order.takes_lock = order.is_linked || (flags & PCVF_CHANGE_SID) != 0;
  return clone(call, vm, std::move(order), flags);
}

PRL_HANDLE ask(Call& call, PRL_HANDLE handle, PRL_UINT32 flags, BundleRequest request) {
  const VmJob begun = begin_vm_job(call, handle);
  if (!begun.job) return begun.given;
  (call.world().bundles().*request)(begun.cancellable_caller(call, flags), begun.vm->uuid(),
                                    finish_with_vm(begun.job));
  return begun.given;
}

}  // namespace

PRL_HANDLE vm_clone(Call& call, PRL_HANDLE vm, PRL_CONST_STR name, PRL_CONST_STR root_path,
                    PRL_BOOL to_template) {
  if (!name || !root_path) return call.bad_argument_job();
  return clone(call, vm,
               {.name = name, .root_path = root_path, .is_template = to_template != PRL_FALSE}, 0);
}

PRL_HANDLE vm_clone_ex(Call& call, PRL_HANDLE vm, PRL_CONST_STR name, PRL_CONST_STR root_path,
                       PRL_UINT32 flags) {
  if (!name || !root_path) return call.bad_argument_job();
  return clone_with_flags(call, vm, {.name = name, .root_path = root_path}, flags);
}

// An empty uuid leaves the choice to the server.
PRL_HANDLE vm_clone_with_uuid(Call& call, PRL_HANDLE vm, PRL_CONST_STR name, PRL_CONST_STR uuid,
                              PRL_CONST_STR root_path, PRL_UINT32 flags) {
  if (!name || !uuid || !root_path) return call.bad_argument_job();
  const auto wanted = sim::Uuid::parse(uuid);
  if (!wanted && *uuid) return call.bad_argument_job();
  return clone_with_flags(call, vm, {.name = name, .root_path = root_path, .uuid = wanted}, flags);
}

// An empty snapshot stands for the current one.
PRL_HANDLE vm_linked_clone(Call& call, PRL_HANDLE vm, PRL_CONST_STR name, PRL_CONST_STR root_path,
                           PRL_CONST_STR snapshot, PRL_UINT32 flags) {
  if (!name || !root_path || !snapshot) return call.bad_argument_job();
  sim::CloneOrder order{.name = name, .root_path = root_path, .is_linked = true};
  if (*snapshot) order.snapshot = sim::Uuid::parse(snapshot).value_or(sim::Uuid());
  return clone_with_flags(call, vm, std::move(order), flags);
}

PRL_HANDLE vm_move(Call& call, PRL_HANDLE handle, PRL_CONST_STR root_path, PRL_UINT32 flags) {
  if (!root_path || !*root_path) return call.bad_argument_job();
  const VmJob begun = begin_vm_job(call, handle);
  if (!begun.job) return begun.given;
  call.world().bundles().move(begun.cancellable_caller(call, flags), begun.vm->uuid(), root_path,
                              finish_plainly(begun.job));
  return begun.given;
}

// Without a path the disks are mounted below the folder of the VM. What does not ask for reading
// only asks for reading and writing (vm-lifecycle 4.1).
PRL_HANDLE vm_mount(Call& call, PRL_HANDLE vm, PRL_CONST_STR path, PRL_UINT32 flags) {
  if (flags & PMVD_INFO) return ask(call, vm, flags, &sim::BundleRequests::mount_info);
  const VmJob begun = begin_vm_job(call, vm);
  if (!begun.job) return begun.given;
  call.world().mount(begun.caller(call), begun.vm->uuid(), path ? path : "",
                     (flags & PMVD_READ_ONLY) != 0, finish_plainly(begun.job));
  return begun.given;
}

PRL_HANDLE vm_umount(Call& call, PRL_HANDLE vm, PRL_UINT32 /*flags*/) {
  return run_command(call, vm, {.command = sim::Command::kUmount});
}

PRL_HANDLE vm_restore(Call& call, PRL_HANDLE vm) {
  return ask(call, vm, 0, &sim::BundleRequests::restore);
}

PRL_HANDLE vm_archive(Call& call, PRL_HANDLE vm, PRL_UINT32 flags) {
  return ask(call, vm, flags, &sim::BundleRequests::archive);
}

PRL_HANDLE vm_unarchive(Call& call, PRL_HANDLE vm, PRL_UINT32 flags) {
  return ask(call, vm, flags, &sim::BundleRequests::unarchive);
}

PRL_HANDLE vm_pack(Call& call, PRL_HANDLE vm, PRL_UINT32 flags) {
  return ask(call, vm, flags, &sim::BundleRequests::pack);
}

PRL_HANDLE vm_unpack(Call& call, PRL_HANDLE vm, PRL_UINT32 flags) {
  return ask(call, vm, flags, &sim::BundleRequests::unpack);
}

// Where the host keeps the configuration; empty before the VM is registered.
PRL_RESULT vm_cfg_get_home_path(Call& call, PRL_HANDLE handle, PRL_STR buffer,
                                PRL_UINT32_PTR length) {
  const auto vm = call.pin<VmHandle>(handle);
  if (!vm || !length) return PRL_ERR_INVALID_ARG;
  const auto record = call.world().record(vm->uuid());
  const std::string path = record ? record->folder + "/" + std::string(sim::kConfigFile) : "";
  return copy_string(path, buffer, length);
}

}  // namespace prl::sdk::calls
