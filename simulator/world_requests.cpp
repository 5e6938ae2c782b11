// What clients ask of a world: logins, the directory of VMs, commands.
#include <utility>

#include "simulator/disk_entries.h"
#include "simulator/world.h"

namespace prl::sim {

namespace {

bool has_phases(Command command) {
  switch (command) {
    case Command::kRestart:
    case Command::kMount:
    case Command::kUmount: return false;
    default: return true;
  }
}

}  // namespace

HostStep World::host_step() {
  return {.host = host_,
          .vms = vms_,
          .storage = *storage_,
          .now_ms = now_ms(),
          .host_uuid = host_uuid_,
          .sessions = sessions_,
          .access = access_};
}

ConfigSetting World::config_setting(const std::string& folder) {
  ConfigSetting setting = config_setting_ ? config_setting_(host_) : ConfigSetting();
  setting.profile = profile();
  if (!folder.empty()) {
    setting.file_exists = [this, folder](const std::string& name) {
      return storage_->exists(path_of_file(folder, name));
    };
  }
  return setting;
}

const ConfigSample* World::sample(std::string_view name) const {
  const auto found = samples_.find(name);
  return found == samples_.end() ? nullptr : &found->second;
}

void World::login(FunctionName function, SessionObserver& observer, OperationDone done,
                  Admission admit) {
  submit({function, &observer}, std::nullopt, std::move(done),
         [this, &observer, admit = std::move(admit)](const OperationPtr& operation) {
           Report report{.outcome = host_open_ ? Outcome() : open_host()};
           SessionUser user;
           if (report.outcome.ok() && admit) {
             HostStep step = host_step();
             report.outcome = admit(step, user);
           }
           if (report.outcome.ok()) {
             std::erase(sessions_, &observer);
             sessions_.push_back(&observer);
             access_.begin_session(observer, std::move(user));
             std::erase_if(session_numbers_, [&](auto& one) { return one.first == &observer; });
             session_numbers_.emplace_back(&observer, ++logins_);
             report.session = draw_uuid();
             report.host = host_uuid_;
             if (std::exchange(begins_with_login_, false)) {
               after(0, [this, service = services_] {
                 if (service == services_ && !shutting_down_) begin_service();
               });
             }
           }
           finish_with(operation, std::move(report));
         });
}

void World::logoff(FunctionName function, SessionObserver& observer, OperationDone done) {
  submit({function, &observer}, std::nullopt, std::move(done),
         [this, &observer](const OperationPtr& operation) {
           std::erase(sessions_, &observer);
           forget_session(observer);
           finish(operation, Outcome());
         });
}

void World::disconnect(SessionObserver& observer, const std::function<bool()>& may) {
  std::lock_guard lock(mutex_);
  if (may && !may()) return;
  std::erase(sessions_, &observer);
  forget_session(observer);
}

void World::forget_session(const SessionObserver& session) {
  std::erase_if(session_numbers_, [&](auto& one) { return one.first == &session; });
  edits_.forget_session(session);
  host_.forget_session(session);
  backups_.forget_session(session);
  lock_waits_.forget_session(session);
  end_with_session(session);
  unfinished_.forget_session(session, sessions_.empty());
}

namespace {

// Becomes the view of a VM in the place where that is to be.
struct ViewOf {
  const Vm& vm;
  operator VmView() const { return vm.view(); }
};

}  // namespace

void World::list(Caller caller, OperationDone done) {
  submit(std::move(caller), std::nullopt, std::move(done), [this](const OperationPtr& operation) {
    Report report;
    report.vms.reserve(vms_.size());
    const bool is_open = access_.is_open();
    vms_.for_each([&](const Vm& vm) {
      if (is_open || access_.may(operation->asker, kRead, vm.config())) {
        report.vms.emplace_back(ViewOf{vm});
      }
    });
    finish_with(operation, std::move(report));
  });
}

void World::find(Caller caller, const Uuid& vm, OperationDone done) {
  with_vm(std::move(caller), vm, std::move(done),
          [this](const OperationPtr& operation, const std::shared_ptr<Vm>& found) {
            finish_with(operation, {.outcome = {}, .vms = {found->view()}});
          });
}

void World::look(Caller caller, const Uuid& vm, OperationDone done) {
  const SessionObserver* session = std::exchange(caller.session, nullptr);
  with_vm(std::move(caller), vm, std::move(done),
          [this, session](const OperationPtr& operation, const std::shared_ptr<Vm>& found) {
            VmView view = found->view();
            view.is_locked_by_another = edits_.keeps_out(session, found->uuid());
            finish_with(operation, {.outcome = {}, .vms = {std::move(view)}});
          });
}

void World::find_by_name(Caller caller, std::string name, OperationDone done) {
  submit(std::move(caller), std::nullopt, std::move(done),
         [this, name = std::move(name)](const OperationPtr& operation) {
           const auto found = vms_.find_by_name(name);
           if (!found) return finish(operation, Outcome(OutcomeKind::kVmNotFound, {name}));
           if (Outcome denied = check_access(*operation, *found); !denied.ok()) {
             return finish(operation, std::move(denied));
           }
           finish_with(operation, {.outcome = {}, .vms = {found->view()}});
         });
}

void World::ask_host(FunctionName function, HostBody body, OperationDone done) {
  submit(function, std::nullopt, std::move(done),
         [this, body = std::move(body)](const OperationPtr& operation) {
           HostStep step = host_step();
           Report report = body(step);
           for (const Host::Due& due : host_.take_begun()) schedule_repeat(due);
           tell_of_host();
           finish_with(operation, std::move(report));
         });
}

void World::tell_host(HostEvent event) {
  host_.announce(std::move(event));
  tell_of_host();
}

void World::greet(FunctionName function, HostBody body, OperationDone done, uint64_t delay_ms) {
  submit(function, std::nullopt, std::move(done),
         [this, body = std::move(body), delay_ms](const OperationPtr& operation) {
           Report report{.outcome = host_open_ ? Outcome() : open_host()};
           if (report.outcome.ok()) {
             HostStep step = host_step();
             report = body(step);
           }
           if (delay_ms == 0) return finish_with(operation, std::move(report));
           after(delay_ms, [this, operation, report = std::move(report)]() mutable {
             finish_with(operation, std::move(report));
           });
         });
}

void World::tell_of_host() {
  for (const HostEvent& event : host_.take_events()) {
    for (SessionObserver* session : sessions_) {
      const bool is_meant = !event.only || event.only == session;
      if (is_meant && may_know(*session, event.vm)) session->on_host_event(event);
    }
  }
}

void World::schedule_repeat(const Host::Due& due) {
  after(due.period_ms, [this, number = due.number] {
    HostStep step = host_step();
    const auto next = host_.run_repeat(number, step);
    tell_of_host();
    if (next) schedule_repeat(*next);
  });
}

void World::ping(FunctionName function, OperationDone done) {
  submit(function, std::nullopt, std::move(done),
         [this](const OperationPtr& operation) { finish(operation, Outcome()); });
}

void World::cancel(FunctionName function, std::shared_ptr<Cancellation> cancellation,
                   OperationDone done) {
  submit(function, std::nullopt, std::move(done),
         [this, cancellation = std::move(cancellation)](const OperationPtr& operation) {
           if (!cancellation || !cancellation->is_open) {
             return finish(operation, OutcomeKind::kTaskNotFound);
           }
           cancellation->is_wanted = true;
           finish(operation, Outcome());
           cancellation->carry_out();
         });
}

void World::command(Caller&& caller, const Uuid& vm, CommandRequest request, OperationDone&& done) {
  with_vm(
      std::move(caller), vm, std::move(done),
      [this, request](const OperationPtr& operation, const std::shared_ptr<Vm>& found) {
        found->run(request, operation);
        // One beside a VM at work changes no state.
        if (request.command == Command::kUmount) lock_waits_.note_change(found->uuid());
      },
      has_phases(request.command));
}

void World::mount(Caller caller, const Uuid& vm, std::string path, bool reads_only,
                  OperationDone&& done) {
  with_vm(
      std::move(caller), vm, std::move(done),
      [path = std::move(path), reads_only](const OperationPtr& operation,
                                           const std::shared_ptr<Vm>& found) {
        found->run({.command = Command::kMount,
                    .mount_path = path.empty() ? nullptr : &path,
                    .reads_only = reads_only},
                   operation);
      },
      has_phases(Command::kMount));
}

// ---- Telling the sessions --------------------------------------------------------------------

// Of what is no VM here, as the host, every session may.
bool World::may_know(const SessionObserver& session, const Uuid& vm) const {
  if (access_.is_open()) return true;
  const auto found = vms_.find(vm);
  return !found || access_.may(&session, kRead, found->config());
}

void World::tell_added(const Vm& vm) {
  trace_.line(now_ms(), "event", "VM_ADDED vm=" + vm.config().name);
  trace_found(vm);
  tell_of(vm, [&](SessionObserver& session) { session.on_vm_added(vm.uuid()); });
}

void World::tell_removed(const Vm& vm, bool with_files) {
  edits_.forget_vm(vm.uuid());
  lock_waits_.note_change(vm.uuid());
  peripherals_.forget_vm(vm.uuid(), with_files);
  trace_.line(now_ms(), "event",
              (with_files ? "VM_DELETED vm=" : "VM_UNREGISTERED vm=") + vm.config().name);
  tell_of(vm, [&](SessionObserver& session) {
    if (with_files) {
      session.on_vm_deleted(vm.uuid());
    } else {
      session.on_vm_unregistered(vm.uuid());
    }
  });
}

void World::tell_config_changed(const Vm& vm) {
  trace_.line(now_ms(), "event", "VM_CONFIG_CHANGED vm=" + vm.config().name);
  lock_waits_.note_change(vm.uuid());
  tell_of(vm, [&](SessionObserver& session) { session.on_config_changed(vm.uuid()); });
}

void World::tell_tasks_changed(const Vm& vm) {
  trace_.line(now_ms(), "event", "VM_ADDITION_STATE_CHANGED vm=" + vm.config().name);
  lock_waits_.note_change(vm.uuid());
  tell_of(vm, [&](SessionObserver& session) { session.on_tasks_changed(vm.uuid(), vm.tasks()); });
}

}  // namespace prl::sim
