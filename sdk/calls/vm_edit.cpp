// PrlVm_BeginEdit, Commit and their kin: how local changes of a configuration reach the server
// (config-model 3).
#include <prlsdk/Parallels.h>

#include <string>
#include <utility>

#include "calls.h"
#include "sdk/calls/vm_job.h"
#include "sdk/library.h"

namespace prl::sdk::calls {

namespace {

// The result is an object of its own; the local copy is not reloaded (core-api 4).
PRL_HANDLE commit(Call& call, PRL_HANDLE handle, sim::RemovedDisks removed) {
  const VmJob begun = begin_vm_job(call, handle);
  if (!begun.job) return begun.given;
  const auto finish = [job = begun.job](const sim::Report& report) {
    Job::Outcome outcome = to_job_outcome(report);
    for (const sim::VmView& vm : report.vms) outcome.answers.emplace_back(OwnVmAnswer{vm.config});
    job->server->library().finish_job(*job, std::move(outcome));
  };
  call.world().edits().commit(call.function(), *begun.vm->server, begun.vm->config(), removed,
                              finish);
  return begun.given;
}

PRL_HANDLE refresh(Call& call, PRL_HANDLE handle) {
  const VmJob begun = begin_vm_job(call, handle);
  if (!begun.job) return begun.given;
  call.world().find(begun.caller(call), begun.vm->uuid(), load_and_finish(begun.job));
  return begun.given;
}

}  // namespace

PRL_HANDLE vm_begin_edit(Call& call, PRL_HANDLE handle) {
  const VmJob begun = begin_vm_job(call, handle);
  if (!begun.job) return begun.given;
  call.world().edits().begin(call.function(), *begun.vm->server, begun.vm->uuid(),
                             load_and_finish(begun.job));
  return begun.given;
}

PRL_HANDLE vm_commit(Call& call, PRL_HANDLE handle) {
  return commit(call, handle, sim::RemovedDisks::kKeep);
}

// Nothing waits for PVCF_WAIT_FOR_APPLY: what is committed is in force (config-model 3.4).
PRL_HANDLE vm_commit_ex(Call& call, PRL_HANDLE handle, PRL_UINT32 flags) {
  sim::RemovedDisks removed = sim::RemovedDisks::kKeep;
  if (flags & PVCF_DETACH_HDD_BUNDLE) removed = sim::RemovedDisks::kDetach;
  if (flags & PVCF_DESTROY_HDD_BUNDLE) removed = sim::RemovedDisks::kDestroy;
  if (flags & PVCF_DESTROY_HDD_BUNDLE_FORCE) {
    removed = sim::RemovedDisks::kDestroyEvenIfInSnapshots;
  }
  return commit(call, handle, removed);
}

// The whole local configuration goes to the server, which need not know the VM (config-model 6).
PRL_HANDLE vm_validate_config(Call& call, PRL_HANDLE handle, PRL_VM_CONFIG_SECTIONS section) {
  const auto number = static_cast<uint32_t>(section);
  if (number > sim::kConfigSectionMax) return call.bad_argument_job();
  const VmJob begun = begin_vm_job(call, handle);
  if (!begun.job) return begun.given;
  call.world().edits().validate(begun.caller(call), begun.vm->config(),
                                static_cast<sim::ConfigSection>(number),
                                finish_plainly(begun.job));
  return begun.given;
}

PRL_HANDLE vm_refresh_config(Call& call, PRL_HANDLE handle) {
  return refresh(call, handle);
}

// The flags are hints about parts that may be left out.
PRL_HANDLE vm_refresh_config_ex(Call& call, PRL_HANDLE handle, PRL_UINT32 /*flags*/) {
  return refresh(call, handle);
}

// The configuration is part of the VM object, so there is nothing to set (config-model 3.1).
PRL_RESULT vm_set_config(Call& call, PRL_HANDLE handle, PRL_HANDLE config) {
  if (!call.pin<VmHandle>(handle) || !call.pin<VmHandle>(config)) return PRL_ERR_INVALID_ARG;
  return PRL_ERR_SUCCESS;
}

PRL_HANDLE vm_lock(Call& call, PRL_HANDLE handle, PRL_UINT32 /*reserved*/) {
  const VmJob begun = begin_vm_job(call, handle);
  if (!begun.job) return begun.given;
  call.world().edits().lock(call.function(), *begun.vm->server, begun.vm->uuid(),
                            finish_plainly(begun.job));
  return begun.given;
}

PRL_HANDLE vm_unlock(Call& call, PRL_HANDLE handle, PRL_UINT32 /*reserved*/) {
  const VmJob begun = begin_vm_job(call, handle);
  if (!begun.job) return begun.given;
  call.world().edits().unlock(call.function(), *begun.vm->server, begun.vm->uuid(),
                              finish_plainly(begun.job));
  return begun.given;
}

PRL_HANDLE vm_reset_uptime(Call& call, PRL_HANDLE handle, PRL_UINT32 /*flags*/) {
  const VmJob begun = begin_vm_job(call, handle);
  if (!begun.job) return begun.given;
  call.world().edits().reset_uptime(begun.caller(call), begun.vm->uuid(),
                                    finish_plainly(begun.job));
  return begun.given;
}

}  // namespace prl::sdk::calls
