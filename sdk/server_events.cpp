// What a server object tells its handlers: the ends of its jobs, and what its host says.
#include <mutex>
#include <utility>
#include <variant>

#include "names.h"
#include "sdk/library.h"
#include "sdk/server.h"
#include "sdk/vm_handle.h"
#include "sdk/vm_info.h"
#include "simulator/config_rules.h"

namespace prl::sdk {

namespace {

PRL_EVENT_TYPE event_type(sim::VmNotice notice) {
  using Notice = sim::VmNotice;
  switch (notice) {
    case Notice::kSnapshotTaken:
      return PET_DSP_EVT_VM_SNAPSHOTED;
    case Notice::kSnapshotRestored:
      return PET_DSP_EVT_VM_RESTORED;
    case Notice::kSnapshotDeleted:
      return PET_DSP_EVT_VM_STATE_DELETED;
    case Notice::kSnapshotsChanged:
      return PET_DSP_EVT_VM_SNAPSHOTS_TREE_CHANGED;
    case Notice::kCompactBegun:
      return PET_DSP_EVT_VM_COMPACT_PROCESSING;
    case Notice::kCompactFinished:
      return PET_DSP_EVT_VM_COMPACT_FINISHED;
    case Notice::kMemoryWritten:
      return PET_DSP_EVT_VM_MEMORY_SWAPPING_FINISHED;
    case Notice::kAborted:
      return PET_DSP_EVT_VM_ABORTED;
    case Notice::kFrozen:
      return PET_DSP_EVT_VM_FROZEN;
    case Notice::kUnfrozen:
      return PET_DSP_EVT_VM_UNFROZEN;
    case Notice::kPausedByHostSleep:
      return PET_DSP_EVT_VM_PAUSED_BY_HOST_SLEEP;
    case Notice::kContinuedByHostWakeup:
      return PET_DSP_EVT_VM_CONTINUED_BY_HOST_WAKEUP;
    case Notice::kProblemReportCreated:
      return PET_DSP_EVT_VM_PROBLEM_REPORT_CREATED;
    case Notice::kAboutToStartInit:
      return PET_DSP_EVT_VM_ABOUT_TO_START_INIT;
    case Notice::kAboutToStartDeinit:
      return PET_DSP_EVT_VM_ABOUT_TO_START_DEINIT;
    case Notice::kStarted:
      return PET_DSP_EVT_VM_STARTED;
    case Notice::kStopped:
      return PET_DSP_EVT_VM_STOPPED;
    case Notice::kAboutToReset:
      return PET_DSP_EVT_VM_ABOUT_TO_RESET;
    case Notice::kReset:
      return PET_DSP_EVT_VM_RESETED;
    case Notice::kSuspending:
      return PET_DSP_EVT_VM_SUSPENDING;
    case Notice::kSuspended:
      return PET_DSP_EVT_VM_SUSPENDED;
    case Notice::kResuming:
      return PET_DSP_EVT_VM_RESUMING;
    case Notice::kPaused:
      return PET_DSP_EVT_VM_PAUSED;
    case Notice::kContinued:
      return PET_DSP_EVT_VM_CONTINUED;
    case Notice::kSnapshoting:
      return PET_DSP_EVT_VM_SNAPSHOTING;
    case Notice::kRestoring:
      return PET_DSP_EVT_VM_RESTORING;
    case Notice::kDeletingState:
      return PET_DSP_EVT_VM_DELETING_STATE;
  }
  return PET_DSP_EVT_VM_SNAPSHOTS_TREE_CHANGED;
}

// Whether the product has an event for it: V has none of these (vm-lifecycle 3.1).
bool is_told(sim::Progress::Kind kind, sim::Profile profile) {
  using Kind = sim::Progress::Kind;
  const bool is_desktops = kind == Kind::kSuspend || kind == Kind::kResume;
  return !is_desktops || profile == sim::Profile::kDesktop;
}

}  // namespace

template <class Work>
void Server::put(Work work, sim::Telling telling) {
  switch (telling) {
    case sim::Telling::kOnce:
      return delivery_->put(std::move(work));
    case sim::Telling::kOnTheWay:
      return delivery_->put_before_held(std::move(work));
    case sim::Telling::kTwice:
      delivery_->put(work);
      return delivery_->put(std::move(work));
    case sim::Telling::kBehindNext:
      break;
  }
  delivery_->put_behind_next(std::move(work));
  // What is held back must not be lost where nothing follows it. REQUIRES the world locked, which
  // it is for everything that a fault strikes.
  constexpr uint64_t kHeldMaxMs = 1000;
  world().later(kHeldMaxMs, [&library = library_, server = value()] {
    const Ref<Object> object = library.handles().find(server);
    if (object) static_cast<Server&>(*object).delivery_->release_held();
  });
}

void Server::deliver_job(Job& finished, sim::Telling telling) {
  (void)count_received();
  {
    std::lock_guard lock(mutex_);
    take_out_job(finished.value());
    if (logged_off_) return;
  }
  if (subscribers_->load() == 0) return;
  put(
      [job = Ref<Job>::to(finished)] {
        const auto give = [&] {
          job->server->library().hand_out(job);
          return to_handle(job->value());
        };
        job->server->handlers.call_all(give);
        if (job->vm) job->vm->handlers.call_all(give);
      },
      telling);
}

// Queues the event whose content make() is, on the notification thread.
template <class Make>
void Server::put_event_of(Make make, sim::Telling telling) {
  // The item may outlive the server, so it names it by its handle.
  put(
      [&library = library_, server = value(), make = std::move(make),
       package = library_.next_package_id()]() mutable {
        const Ref<Object> object = library.handles().find(server);
        if (object) static_cast<Server&>(*object).dispatch_event(make(), package);
      },
      telling);
}

void Server::deliver_event(EventContent content, sim::Telling telling) {
  if (!count_received() || subscribers_->load() == 0) return;
  put_event_of([content = std::move(content)]() mutable { return std::move(content); }, telling);
}

void Server::put_event(EventContent content, sim::Telling telling) {
  if (!is_connected()) return;
  put_event_of([content = std::move(content)]() mutable { return std::move(content); }, telling);
}

// What the host tells, with the world locked. Faults strike whether or not somebody listens, so
// that the trace does not depend on it.
void Server::tell(EventContent content, sim::Telling telling) {
  if (world().trace().enabled()) {
    world().note_told(event_type_name(content.type), content.issuer, *this,
                      subscribers_->load() > 0 && is_connected());
  }
  if (!world().is_disturbed()) return deliver_event(std::move(content), telling);
  const auto fault = world().strike_event(event_type_name(content.type), content.issuer, *this);
  if (!fault) return deliver_event(std::move(content), telling);
  using Kind = sim::Fault::Kind;
  (void)count_received();
  if (subscribers_->load() == 0 || fault->kind == Kind::kLose) return;
  if (fault->kind == Kind::kDuplicate) return put_event(std::move(content), sim::Telling::kTwice);
  if (fault->kind == Kind::kReorder) {
    return put_event(std::move(content), sim::Telling::kBehindNext);
  }
  world().later(fault->delay_ms,
                [&library = library_, server = value(), content = std::move(content)] {
                  const Ref<Object> object = library.handles().find(server);
                  if (!object) return;
                  static_cast<Server&>(*object).put_event(content, sim::Telling::kOnce);
                });
}

Ref<Event> Server::make_event(EventContent content) {
  return library_.handles().insert(
      std::make_unique<Event>(std::move(content), Ref<Server>::to(*this)));
}

// On the notification thread, with the server pinned.
void Server::dispatch_event(EventContent&& content, uint64_t package_id) {
  const Ref<VmHandle> vm = find_vm_again(content.issuer);
  auto made = std::make_unique<Event>(std::move(content), Ref<Server>::to(*this));
  made->package_id = package_id;
  const Ref<Event> event = library_.handles().insert(std::move(made), reserved_);
  const auto give = [&] {
    library_.hand_out(event);
    return to_handle(event->value());
  };
  handlers.call_all(give);
  if (vm) vm->handlers.call_all(give);
}

// Tells what make() says. Most clients listen to nothing, and the content alone costs who asks for
// the change as much as a call: where it is wanted the notification thread makes it.
template <class Make>
void Server::tell_of(Make make, sim::Telling telling) {
  if (world().is_disturbed() || world().trace().enabled()) return tell(make(), telling);
  if (!count_received() || subscribers_->load() == 0) return;
  put_event_of(std::move(make), telling);
}

void Server::on_state_changed(const sim::Uuid& vm, sim::State state) {
  tell_of([vm, state] { return state_changed_event(vm, sim::vms_value(state)); },
          sim::Telling::kOnce);
}

void Server::on_tasks_changed(const sim::Uuid& vm, const sim::VmTasks& tasks) {
  tell(addition_state_changed_event(vm, tasks));
}

void Server::on_config_changed(const sim::Uuid& vm) {
  tell(vm_event(PET_DSP_EVT_VM_CONFIG_CHANGED, vm));
}

void Server::on_notice(const sim::Uuid& vm, sim::VmNotice notice) {
  const auto telling = is_raw(notice) ? sim::Telling::kOnTheWay : sim::Telling::kOnce;
  tell_of([vm, notice] { return vm_event(event_type(notice), vm); }, telling);
}

void Server::on_shutdown(const sim::Uuid& host) {
  tell(vm_event(PET_DSP_EVT_DISP_SHUTDOWN, host));
}

// The event before the jobs (core-api 3.6).
void Server::on_connection_lost() {
  EventContent closed = vm_event(PET_DSP_EVT_DISP_CONNECTION_CLOSED, sim::Uuid());
  closed.code = PRL_ERR_WS_DISP_CONNECTION_CLOSED;
  tell(std::move(closed));
  end_session(PRL_ERR_WS_DISP_CONNECTION_CLOSED, nullptr);
}

void Server::on_vm_added(const sim::Uuid& vm) {
  tell(vm_event(PET_DSP_EVT_VM_ADDED, vm));
}

void Server::on_vm_deleted(const sim::Uuid& vm) {
  tell(vm_event(PET_DSP_EVT_VM_DELETED, vm));
}

void Server::on_vm_unregistered(const sim::Uuid& vm) {
  tell(vm_event(PET_DSP_EVT_VM_UNREGISTERED, vm));
}

void Server::on_host_event(const sim::HostEvent& event) {
  tell_of_job(host_event(event), event.followed, event.percent);
}

// False for a job that has reported already, as one that timed out: it has no progress any more.
bool Server::note_progress(uint32_t job, uint32_t percent) {
  const Ref<Object> object = library_.handles().find(job);
  if (!object || object->type() != Job::kType) return false;
  auto& found = static_cast<Job&>(*object);
  if (found.is_finished()) return false;
  found.set_progress(percent);
  return true;
}

// Tells what all sessions are told; where it is of a job of this one, as long as that goes on.
void Server::tell_of_job(EventContent content, const sim::FollowedJob& followed, uint32_t percent) {
  if (followed.asker == this && followed.job != 0) {
    if (!note_progress(followed.job, percent)) return;
    content.job = followed.job;
  }
  tell(std::move(content));
}

void Server::on_progress(const sim::Uuid& vm, const sim::Progress& progress) {
  if (!note_progress(progress.job, progress.percent)) return;
  if (!is_told(progress.kind, world().profile())) return;
  tell_of([vm, progress] { return progress_event(vm, progress); }, sim::Telling::kOnce);
}

// What the rights of others to a VM have become, and what they are to the user of this session.
sim::SecurityChanged Server::rights_for_this(const sim::SecurityChanged& changed) const {
  sim::PropertyTree vm;
  vm.put_below(sim::kSecurity, changed.rights);
  sim::SecurityChanged told;
  put_rights(told.rights, "", vm, *this);
  return told;
}

// A migration shows as a state, in the order of vm-lifecycle 2.4.
void Server::on_notice(const sim::Uuid& vm, const sim::Notice& notice) {
  using Kind = sim::MigrationNotice::Kind;
  const auto* migration = std::get_if<sim::MigrationNotice>(&notice);
  if (migration && migration->kind == Kind::kStarted) {
    tell(state_changed_event(vm, VMS_MIGRATING_OBSOLETE));
  }
  if (const auto* changed = std::get_if<sim::SecurityChanged>(&notice)) {
    tell(notice_event(vm, rights_for_this(*changed)));
  } else if (const auto* backup = std::get_if<sim::BackupNotice>(&notice)) {
    tell_of_job(notice_event(vm, notice), backup->followed, backup->percent);
  } else if (migration) {
    tell_of_job(notice_event(vm, notice), migration->followed, migration->percent);
  } else {
    tell(notice_event(vm, notice));
  }
  if (migration && (migration->kind == Kind::kCancelled || migration->stays_here)) {
    tell(state_changed_event(vm, sim::vms_value(migration->state)));
  }
}

}  // namespace prl::sdk
