// PrlVm_CreateSnapshot and its kin: snapshots of virtual machines (vm-lifecycle 2.3).
#include <prlsdk/Parallels.h>

#include <optional>
#include <string>
#include <utility>

#include "calls.h"
#include "sdk/calls/vm_job.h"
#include "sdk/library.h"

namespace prl::sdk::calls {

namespace {

using SnapshotRequest = void (sim::SnapshotRequests::*)(sim::Caller, const sim::Uuid&,
                                                        sim::SnapshotOrder, sim::OperationDone);
using SnapshotQuery = void (sim::SnapshotRequests::*)(sim::Caller, const sim::Uuid&,
                                                      sim::OperationDone);

PRL_HANDLE ask(Call& call, PRL_HANDLE handle, SnapshotRequest request, sim::SnapshotOrder order) {
  const VmJob begun = begin_vm_job(call, handle);
  if (!begun.job) return begun.given;
  (call.world().snapshots().*request)(begun.caller(call), begun.vm->uuid(), std::move(order),
                                      finish_with_text(begun.job));
  return begun.given;
}

PRL_HANDLE query(Call& call, PRL_HANDLE handle, SnapshotQuery query) {
  const VmJob begun = begin_vm_job(call, handle);
  if (!begun.job) return begun.given;
  (call.world().snapshots().*query)(begun.caller(call), begun.vm->uuid(),
                                    finish_with_text(begun.job));
  return begun.given;
}

PRL_HANDLE create(Call& call, PRL_HANDLE vm, PRL_CONST_STR name, PRL_CONST_STR description,
                  PRL_UINT32 flags) {
  if (!name || !description) return call.bad_argument_job();
  return ask(
      call, vm, &sim::SnapshotRequests::create,
      {.name = name, .description = description, .is_disk_only = (flags & PCSF_DISK_ONLY) != 0});
}

// What is no uuid names no snapshot: the nil one stands for that.
sim::SnapshotOrder order_for(PRL_CONST_STR snapshot) {
  return {.uuid = sim::Uuid::parse(snapshot).value_or(sim::Uuid())};
}

PRL_HANDLE switch_to(Call& call, PRL_HANDLE vm, PRL_CONST_STR snapshot, PRL_UINT32 flags) {
  if (!snapshot) return call.bad_argument_job();
  sim::SnapshotOrder order = order_for(snapshot);
  order.skips_resume = (flags & PSSF_SKIP_RESUME) != 0;
  return ask(call, vm, &sim::SnapshotRequests::switch_to, std::move(order));
}

}  // namespace

PRL_HANDLE vm_create_snapshot(Call& call, PRL_HANDLE vm, PRL_CONST_STR name,
                              PRL_CONST_STR description) {
  return create(call, vm, name, description, 0);
}

PRL_HANDLE vm_create_snapshot_ex(Call& call, PRL_HANDLE vm, PRL_CONST_STR name,
                                 PRL_CONST_STR description, PRL_UINT32 flags) {
  return create(call, vm, name, description, flags);
}

PRL_HANDLE vm_switch_to_snapshot(Call& call, PRL_HANDLE vm, PRL_CONST_STR snapshot) {
  return switch_to(call, vm, snapshot, 0);
}

PRL_HANDLE vm_switch_to_snapshot_ex(Call& call, PRL_HANDLE vm, PRL_CONST_STR snapshot,
                                    PRL_UINT32 flags) {
  return switch_to(call, vm, snapshot, flags);
}

PRL_HANDLE vm_delete_snapshot(Call& call, PRL_HANDLE vm, PRL_CONST_STR snapshot,
                              PRL_BOOL with_children) {
  if (!snapshot) return call.bad_argument_job();
  sim::SnapshotOrder order = order_for(snapshot);
  order.with_children = with_children != PRL_FALSE;
  return ask(call, vm, &sim::SnapshotRequests::remove, std::move(order));
}

PRL_HANDLE vm_update_snapshot_data(Call& call, PRL_HANDLE vm, PRL_CONST_STR snapshot,
                                   PRL_CONST_STR name, PRL_CONST_STR description) {
  if (!snapshot || !name || !description) return call.bad_argument_job();
  sim::SnapshotOrder order = order_for(snapshot);
  order.name = name;
  order.description = description;
  return ask(call, vm, &sim::SnapshotRequests::describe, std::move(order));
}

PRL_HANDLE vm_get_snapshots_tree(Call& call, PRL_HANDLE vm) {
  return query(call, vm, &sim::SnapshotRequests::tree);
}

// The flags are about screenshots, of which there are none.
PRL_HANDLE vm_get_snapshots_tree_ex(Call& call, PRL_HANDLE vm, PRL_UINT32 /*flags*/) {
  return query(call, vm, &sim::SnapshotRequests::tree);
}

PRL_HANDLE vm_get_total_snapshots_size(Call& call, PRL_HANDLE vm, PRL_UINT32 /*flags*/) {
  return query(call, vm, &sim::SnapshotRequests::total_size);
}

}  // namespace prl::sdk::calls
