// How a call begins a job on a VM, for the files of sdk/calls that are about VMs.
#pragma once

#include <prlsdk/Parallels.h>

#include <memory>
#include <string>

#include "sdk/answers.h"
#include "sdk/boundary.h"
#include "sdk/server.h"
#include "sdk/vm_handle.h"

namespace prl::sdk::calls {

// A job on the server of a VM handle; `job` is empty when the call is over already, and `given` is
// then what it returns.
struct VmJob {
  Ref<VmHandle> vm;
  Ref<Job> job;
  PRL_HANDLE given = PRL_INVALID_HANDLE;

  sim::Caller caller(const Call& call) const {
    sim::Caller asking(call.function(), vm->server.get());
    asking.job = job->value();
    return asking;
  }
  // For what a client may cancel (vm-lifecycle 5.4), and the end of its session where the flags of
  // the call say so.
  sim::Caller cancellable_caller(const Call& call, PRL_UINT32 flags) const {
    job->cancellation = std::make_shared<sim::Cancellation>(sim::Cancellation{
        .is_open = false, .ends_with_session = (flags & PACF_CANCEL_TASK_ON_END_SESSION) != 0});
    sim::Caller with_cancellation = caller(call);
    with_cancellation.cancellation = job->cancellation;
    return with_cancellation;
  }
};

using BundleRequest = void (sim::BundleRequests::*)(sim::Caller, const sim::Uuid&,
                                                    sim::OperationDone);

inline VmJob begin_vm_job(Call& call, PRL_HANDLE handle) {
  VmJob begun{.vm = call.pin<VmHandle>(handle), .job = {}};
  if (!begun.vm) {
    begun.given = call.bad_argument_job();
  } else if (!begun.vm->server->is_connected()) {
    begun.given = call.not_connected_job(begun.vm->server, begun.vm);
  } else {
    begun.job = call.start_job(begun.vm->server, begun.vm);
    begun.given = call.give(begun.job);
  }
  return begun;
}

inline sim::OperationDone finish_plainly(Ref<Job> job) {
  return [job = std::move(job)](const sim::Report& report) {
    Library& library = job->server->library();
    const bool is_plain = report.outcome.ok() && report.problems.empty();
    if (is_plain) return library.finish_job_well(*job, report.telling);
    library.finish_job(*job, to_job_outcome(report));
  };
}

// Finishes the job with the text of the report, if there is one.
inline sim::OperationDone finish_with_text(const Ref<Job>& job) {
  return [job](const sim::Report& report) {
    Job::Outcome outcome = to_job_outcome(report);
    if (report.text) outcome.answers.emplace_back(*report.text);
    job->server->library().finish_job(*job, std::move(outcome));
  };
}

// Names the VM of the report as the result, and touches no local copy but that one's.
inline sim::OperationDone finish_with_vm(const Ref<Job>& job) {
  return [job](const sim::Report& report) {
    Job::Outcome outcome = to_job_outcome(report);
    outcome.answers = vm_answers(report);
    if (report.text) outcome.answers.emplace_back(*report.text);
    job->server->library().finish_job(*job, std::move(outcome));
  };
}

// Gives the VM the command. Suspends and compactions may be cancelled; the world knows until when.
inline PRL_HANDLE run_command(Call& call, PRL_HANDLE handle, const sim::CommandRequest& request,
                              PRL_UINT32 flags = 0) {
  VmJob begun = begin_vm_job(call, handle);
  if (!begun.job) return begun.given;
  const bool is_cancellable =
      request.command == sim::Command::kSuspend || request.command == sim::Command::kCompact;
  sim::Caller caller = is_cancellable ? begun.cancellable_caller(call, flags) : begun.caller(call);
  call.world().command(std::move(caller), begun.vm->uuid(), request,
                       finish_plainly(std::move(begun.job)));
  return begun.given;
}

// Loads the VM of the report into the job's VM object and names that as the result.
inline sim::OperationDone load_and_finish(const Ref<Job>& job) {
  return [job](const sim::Report& report) {
    Job::Outcome outcome = to_job_outcome(report);
    for (const sim::VmView& vm : report.vms) job->vm->load(vm.config);
    outcome.answers = vm_answers(report);
    job->server->library().finish_job(*job, std::move(outcome));
  };
}

}  // namespace prl::sdk::calls
