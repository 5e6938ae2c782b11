// PrlVm_* and PrlVmInfo_*: what a client asks of a VM (vm-lifecycle 2).
#include <prlsdk/Parallels.h>

#include <string>
#include <utility>

#include "calls.h"
#include "sdk/calls/vm_request_job.h"
#include "sdk/objects.h"
#include "sdk/records.h"
#include "sdk/vm_info.h"

namespace prl::sdk::calls {

namespace {

PRL_HANDLE register_vm(Call& call, PRL_HANDLE handle, PRL_CONST_STR folder) {
  if (!folder) return call.bad_argument_job();
  const VmJob begun = begin_vm_job(call, handle);
  if (!begun.job) return begun.given;
  call.world().registry().register_vm(begun.caller(call), begun.vm->config(),
                                      [job = begun.job](const sim::Report& report) {
                                        // What the server stored: config-model 3.1.
                                        for (const sim::VmView& vm : report.vms) {
                                          job->vm->load(vm.config);
                                        }
                                        job->server->library().finish_job(*job,
                                                                          to_job_outcome(report));
                                      });
  return begun.given;
}

}  // namespace

PRL_HANDLE vm_start(Call& call, PRL_HANDLE vm) {
  return run_command(call, vm, {.command = sim::Command::kStart});
}

// The products test no more than that the mode is not above their last one (vm-lifecycle 4.1).
PRL_HANDLE vm_start_ex(Call& call, PRL_HANDLE vm, PRL_UINT32 mode, PRL_UINT32 /*reserved*/) {
  const bool is_desktop = call.world().profile() == sim::Profile::kDesktop;
  const PRL_UINT32 last = is_desktop ? PSM_VM_START_FOR_COMPACT : PSM_VM_START_FOR_REPAIR;
  if (mode > last) return call.bad_argument_job();
  return run_command(call, vm,
                     {.command = sim::Command::kStart,
                      .extended_start = true,
                      .starts_to_compact = (mode & PSM_VM_START_FOR_COMPACT) != 0});
}

// The product's Resume is nothing but a call of its Start.
PRL_HANDLE vm_resume(Call& call, PRL_HANDLE vm) {
  return run_command(call, vm, {.command = sim::Command::kResume});
}

PRL_HANDLE vm_stop(Call& call, PRL_HANDLE vm, PRL_BOOL graceful) {
  return run_command(
      call, vm,
      {.command = graceful ? sim::Command::kStopGraceful : sim::Command::kStopKill});
}

PRL_HANDLE vm_stop_ex(Call& call, PRL_HANDLE vm, PRL_UINT32 mode, PRL_UINT32 flags) {
  if (mode > PSM_LAST) return call.bad_argument_job();
  return run_command(
      call, vm,
      {.command = mode == PSM_KILL ? sim::Command::kStopKill : sim::Command::kStopGraceful,
       .spares_guest = (flags & PSF_NOFORCE) != 0 && (flags & PSF_FORCE) == 0});
}

PRL_HANDLE vm_pause(Call& call, PRL_HANDLE vm, PRL_BOOL acpi) {
  return run_command(call, vm,
                     {.command = sim::Command::kPause, .asks_guest = acpi != PRL_FALSE});
}

PRL_HANDLE vm_suspend(Call& call, PRL_HANDLE vm) {
  return run_command(call, vm, {.command = sim::Command::kSuspend});
}

PRL_HANDLE vm_drop_suspended_state(Call& call, PRL_HANDLE vm) {
  return run_command(call, vm, {.command = sim::Command::kDropSuspendedState});
}

PRL_HANDLE vm_restart(Call& call, PRL_HANDLE vm) {
  return run_command(call, vm, {.command = sim::Command::kRestart});
}

PRL_HANDLE vm_reset(Call& call, PRL_HANDLE vm) {
  return run_command(call, vm, {.command = sim::Command::kReset});
}

// VMs live in the host's own folder, whatever folder is asked for.
PRL_HANDLE vm_reg(Call& call, PRL_HANDLE vm, PRL_CONST_STR folder, PRL_BOOL /*non_interactive*/) {
  return register_vm(call, vm, folder);
}

PRL_HANDLE vm_reg_ex(Call& call, PRL_HANDLE vm, PRL_CONST_STR folder, PRL_UINT32 /*flags*/) {
  return register_vm(call, vm, folder);
}

PRL_HANDLE vm_unreg(Call& call, PRL_HANDLE handle) {
  const VmJob begun = begin_vm_job(call, handle);
  if (!begun.job) return begun.given;
  call.world().registry().unregister_vm(begun.caller(call), begun.vm->uuid(),
                                        finish_plainly(begun.job));
  return begun.given;
}

// A list of single files to delete is not modelled; no list and an empty one delete the bundle.
PRL_HANDLE vm_delete(Call& call, PRL_HANDLE handle, PRL_HANDLE files) {
  std::vector<std::string> paths;
  if (files != PRL_INVALID_HANDLE) {
    const auto list = call.pin<StringsList>(files);
    if (!list) return call.bad_argument_job();
    std::lock_guard lock(list->mutex);
    paths = list->items;
  }
  const VmJob begun = begin_vm_job(call, handle);
  if (!begun.job) return begun.given;
  call.world().registry().delete_vm(begun.caller(call), begun.vm->uuid(), std::move(paths),
                                    finish_plainly(begun.job));
  return begun.given;
}

PRL_HANDLE vm_get_state(Call& call, PRL_HANDLE handle) {
  const VmJob begun = begin_vm_job(call, handle);
  if (!begun.job) return begun.given;
  call.world().look(begun.caller(call), begun.vm->uuid(),
                    [job = begun.job, &world = call.world()](const sim::Report& report) {
                      Job::Outcome outcome = to_job_outcome(report);
                      for (const sim::VmView& vm : report.vms) {
                        outcome.answers.emplace_back(
                            DocumentAnswer{PHT_VM_INFO, vm_info(world, vm, *job->server)});
                      }
                      job->server->library().finish_job(*job, std::move(outcome));
                    });
  return begun.given;
}

// The commands are private to the product, so that the VM knows none of them (behaviours.csv).
PRL_HANDLE vm_internal_command(Call& call, PRL_HANDLE handle, PRL_CONST_STR command,
                               PRL_HANDLE arguments) {
  const bool is_list = arguments == PRL_INVALID_HANDLE || call.pin<StringsList>(arguments);
  if (!command || !is_list) return call.bad_argument_job();
  return send_request(call, begin_vm_job(call, handle), [](const sim::VmView&) {
    return sim::RequestEnd(sim::OutcomeKind::kNotModelled);
  });
}

// The configuration is part of the VM object: the same handle with one reference more.
PRL_RESULT vm_get_config(Call& call, PRL_HANDLE handle, PRL_HANDLE_PTR config) {
  const auto vm = call.pin<VmHandle>(handle);
  if (!vm || !config) return PRL_ERR_INVALID_ARG;
  *config = call.give(vm);
  return PRL_ERR_SUCCESS;
}

PRL_RESULT vm_info_is_invalid_ex(Call& call, PRL_HANDLE handle, PRL_BOOL_PTR is_invalid,
                                 PRL_RESULT_PTR reason) {
  const auto content = content_of(call.pin_any(handle), PHT_VM_INFO);
  if (!content || !is_invalid || !reason) return PRL_ERR_INVALID_ARG;
  const auto* found = std::get_if<int64_t>(content->find(kInvalidReason));
  *is_invalid = found ? PRL_TRUE : PRL_FALSE;
  *reason = found ? static_cast<PRL_RESULT>(*found) : PRL_ERR_SUCCESS;
  return PRL_ERR_SUCCESS;
}

}  // namespace prl::sdk::calls
