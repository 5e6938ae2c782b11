// PrlSrv_* and PrlVm_*: statistics and performance counters, asked for or told again and again
// (config-model 10, clients 4.5).
#include <prlsdk/Parallels.h>

#include <string>
#include <utility>

#include "calls.h"
#include "sdk/calls/host_job.h"
#include "sdk/calls/vm_job.h"
#include "sdk/statistics.h"
#include "simulator/vm.h"

namespace prl::sdk::calls {

namespace {

using sim::HostEvent;
using sim::HostStep;
using sim::Outcome;
using sim::OutcomeKind;
using sim::Report;

constexpr uint64_t kPeriodMs = 10'000;

// What there is to tell at one moment: of the host, or of a VM that is still there.
struct Subject {
  HostEvent::Kind kind;
  sim::Uuid vm;  // nil: the host
  std::string filter;
};

HostEvent event_of(const HostStep& step, const Subject& subject) {
  HostEvent event{.kind = subject.kind, .vm = subject.vm};
  const auto vm = step.vms.find(subject.vm);
  if (subject.kind == HostEvent::Kind::kCounters) {
    event.parameters =
        vm ? vm_counters(*vm, subject.filter) : host_counters(step, subject.filter);
  } else {
    const sim::PropertyTree content = vm ? vm_statistics(step, *vm) : host_statistics(step);
    event.parameters = {{"statistics", content.serialise()}};
  }
  return event;
}

bool is_there(const HostStep& step, const Subject& subject) {
  return subject.vm == sim::Uuid() || step.vms.find(subject.vm);
}

// Of the VM, where the subject is one.
Outcome check_access(const HostStep& step, const Subject& subject,
                     const sim::SessionObserver* session) {
  const auto vm = step.vms.find(subject.vm);
  const bool is_counters = subject.kind == HostEvent::Kind::kCounters;
  if (!vm) return {};
  return step.access.check(is_counters ? "PrlVm_GetPerfStats" : "PrlVm_GetStatistics", session,
                           vm->config());
}

std::string name_of(const Subject& subject) {
  return (subject.kind == HostEvent::Kind::kCounters ? "counters " : "statistics ") +
         subject.vm.format();
}

void tell(HostStep& step, const sim::SessionObserver& session, const Subject& subject) {
  if (!is_there(step, subject)) {
    step.host.end_repeat(session, name_of(subject));
    return;
  }
  HostEvent event = event_of(step, subject);
  event.only = &session;
  step.host.announce(std::move(event));
}

// The first event comes with the end of the job, also for a VM that does not run (clients 4.5).
sim::World::HostBody subscribe(const Ref<Server>& server, const Subject& subject) {
  return [session = server.get(), subject](HostStep& step) {
    if (!is_there(step, subject)) {
      return answer(Outcome(OutcomeKind::kVmNotFound, {subject.vm.format()}));
    }
    if (Outcome denied = check_access(step, subject, session); !denied.ok()) return answer(denied);
    step.host.repeat(*session, name_of(subject), kPeriodMs, [session, subject](HostStep& later) {
      tell(later, *session, subject);
    });
    tell(step, *session, subject);
    return Report();
  };
}

// Ending what never began is no error.
sim::World::HostBody unsubscribe(const Ref<Server>& server, const Subject& subject) {
  return [session = server.get(), subject](HostStep& step) {
    step.host.end_repeat(*session, name_of(subject));
    return Report();
  };
}

std::string text_of(PRL_CONST_STR text) { return text ? text : ""; }

PRL_HANDLE ask_about_host(Call& call, PRL_HANDLE handle, const Subject& subject,
                          sim::World::HostBody (*body)(const Ref<Server>&, const Subject&)) {
  const auto server = call.pin<Server>(handle);
  if (!server) return call.bad_argument_job();
  return tell_host(call, handle, body(server, subject));
}

PRL_HANDLE ask_about_vm(Call& call, PRL_HANDLE handle, Subject subject,
                        sim::World::HostBody (*body)(const Ref<Server>&, const Subject&)) {
  const VmJob begun = begin_vm_job(call, handle);
  if (!begun.job) return begun.given;
  subject.vm = begun.vm->uuid();
  call.world().ask_host(call.function(), body(begun.vm->server, subject),
                        finish_with_documents(begun.job, PHT_ERROR));
  return begun.given;
}

// One event with the counters, as the result of the job.
sim::OperationDone finish_with_counters(const Ref<Job>& job,
                                        const std::shared_ptr<HostEvent>& event) {
  return [job, event](const Report& report) {
    Job::Outcome outcome = to_job_outcome(report);
    if (report.outcome.ok()) {
      outcome.answers.emplace_back(EventAnswer{host_event(*event), ""});
    }
    job->server->library().finish_job(*job, std::move(outcome));
  };
}

void get_counters(Call& call, const Ref<Job>& job, const Subject& subject) {
  const auto event = std::make_shared<HostEvent>();
  call.world().ask_host(
      call.function(),
      [event, subject, session = job->server.get()](HostStep& step) {
        if (!is_there(step, subject)) {
          return answer(Outcome(OutcomeKind::kVmNotFound, {subject.vm.format()}));
        }
        if (Outcome denied = check_access(step, subject, session); !denied.ok()) {
          return answer(denied);
        }
        *event = event_of(step, subject);
        return Report();
      },
      finish_with_counters(job, event));
}

PRL_HANDLE get_vm_statistics(Call& call, PRL_HANDLE handle) {
  const VmJob begun = begin_vm_job(call, handle);
  if (!begun.job) return begun.given;
  call.world().ask_host(
      call.function(),
      [uuid = begun.vm->uuid(), session = begun.vm->server.get()](HostStep& step) {
        const auto vm = step.vms.find(uuid);
        if (!vm) return answer(Outcome(OutcomeKind::kVmNotFound, {uuid.format()}));
        Outcome denied = step.access.check("PrlVm_GetStatistics", session, vm->config());
        if (!denied.ok()) return answer(std::move(denied));
        return answer(vm_statistics(step, *vm));
      },
      finish_with_documents(begun.job, PHT_SYSTEM_STATISTICS));
  return begun.given;
}

}  // namespace

PRL_HANDLE srv_get_statistics(Call& call, PRL_HANDLE server) {
  return ask_host(call, server, PHT_SYSTEM_STATISTICS,
                  [](HostStep& step) { return answer(host_statistics(step)); });
}

PRL_HANDLE vm_get_statistics(Call& call, PRL_HANDLE vm) { return get_vm_statistics(call, vm); }

PRL_HANDLE vm_get_statistics_ex(Call& call, PRL_HANDLE vm, PRL_UINT32 /*flags*/) {
  return get_vm_statistics(call, vm);
}

PRL_HANDLE srv_subscribe_to_host_statistics(Call& call, PRL_HANDLE server) {
  return ask_about_host(call, server, {HostEvent::Kind::kStatistics, {}, ""}, subscribe);
}

PRL_HANDLE srv_unsubscribe_from_host_statistics(Call& call, PRL_HANDLE server) {
  return ask_about_host(call, server, {HostEvent::Kind::kStatistics, {}, ""}, unsubscribe);
}

PRL_HANDLE vm_subscribe_to_guest_statistics(Call& call, PRL_HANDLE vm) {
  return ask_about_vm(call, vm, {HostEvent::Kind::kStatistics, {}, ""}, subscribe);
}

PRL_HANDLE vm_unsubscribe_from_guest_statistics(Call& call, PRL_HANDLE vm) {
  return ask_about_vm(call, vm, {HostEvent::Kind::kStatistics, {}, ""}, unsubscribe);
}

PRL_HANDLE srv_get_perf_stats(Call& call, PRL_HANDLE handle, PRL_CONST_STR filter) {
  const ServerJob begun = begin_server_job(call, handle);
  if (begun.job) {
    get_counters(call, begun.job, {HostEvent::Kind::kCounters, {}, text_of(filter)});
  }
  return begun.given;
}

PRL_HANDLE srv_subscribe_to_perf_stats(Call& call, PRL_HANDLE server, PRL_CONST_STR filter) {
  return ask_about_host(call, server, {HostEvent::Kind::kCounters, {}, text_of(filter)},
                        subscribe);
}

PRL_HANDLE srv_unsubscribe_from_perf_stats(Call& call, PRL_HANDLE server) {
  return ask_about_host(call, server, {HostEvent::Kind::kCounters, {}, ""}, unsubscribe);
}

PRL_HANDLE vm_get_perf_stats(Call& call, PRL_HANDLE handle, PRL_CONST_STR filter) {
  const VmJob begun = begin_vm_job(call, handle);
  if (begun.job) {
    get_counters(call, begun.job,
                 {HostEvent::Kind::kCounters, begun.vm->uuid(), text_of(filter)});
  }
  return begun.given;
}

PRL_HANDLE vm_subscribe_to_perf_stats(Call& call, PRL_HANDLE vm, PRL_CONST_STR filter) {
  return ask_about_vm(call, vm, {HostEvent::Kind::kCounters, {}, text_of(filter)}, subscribe);
}

PRL_HANDLE vm_unsubscribe_from_perf_stats(Call& call, PRL_HANDLE vm) {
  return ask_about_vm(call, vm, {HostEvent::Kind::kCounters, {}, ""}, unsubscribe);
}

}  // namespace prl::sdk::calls
