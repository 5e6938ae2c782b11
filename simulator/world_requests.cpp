// What clients ask of a world: logins, the directory of VMs, commands.
#include <utility>

#include "simulator/config_rules.h"
#include "simulator/uptime.h"
#include "simulator/world.h"

namespace prl::sim {

HostStep World::host_step() {
  return {.host = host_,
          .vms = vms_,
          .storage = *storage_,
          .now_ms = now_ms(),
          .host_uuid = host_uuid_,
          .sessions = sessions_};
}

void World::login(std::string function, SessionObserver& observer, OperationDone done,
                  Admission admit) {
  submit(std::move(function), std::nullopt, std::move(done),
         [this, &observer, admit = std::move(admit)](const OperationPtr& operation) {
           Report report{.outcome = host_open_ ? Outcome() : open_host()};
           if (report.outcome.ok() && admit) {
             HostStep step = host_step();
             report.outcome = admit(step);
           }
           if (report.outcome.ok()) {
             std::erase(sessions_, &observer);
             sessions_.push_back(&observer);
             report.session = draw_uuid();
             report.host = host_uuid_;
           }
           finish_with(operation, std::move(report));
         });
}

void World::logoff(std::string function, SessionObserver& observer, OperationDone done) {
  submit(std::move(function), std::nullopt, std::move(done),
         [this, &observer](const OperationPtr& operation) {
           std::erase(sessions_, &observer);
           edits_.forget_session(observer);
           host_.forget_session(observer);
           locks_.forget_session(observer);
           finish(operation, Outcome());
         });
}

void World::disconnect(SessionObserver& observer) {
  std::lock_guard lock(mutex_);
  std::erase(sessions_, &observer);
  edits_.forget_session(observer);
  host_.forget_session(observer);
  locks_.forget_session(observer);
}

void World::list(std::string function, OperationDone done) {
  submit(std::move(function), std::nullopt, std::move(done),
         [this](const OperationPtr& operation) {
           Report report;
           vms_.for_each([&](const Vm& vm) { report.vms.push_back(vm.view()); });
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
            view.is_locked_by_another = locks_.keeps_out(session, found->uuid());
            finish_with(operation, {.outcome = {}, .vms = {std::move(view)}});
          });
}

void World::find_by_name(std::string function, std::string name, OperationDone done) {
  submit(std::move(function), std::nullopt, std::move(done),
         [this, name = std::move(name)](const OperationPtr& operation) {
           const auto found = vms_.find_by_name(name);
           if (!found) return finish(operation, Outcome(OutcomeKind::kVmNotFound, {name}));
           finish_with(operation, {.outcome = {}, .vms = {found->view()}});
         });
}

void World::ask_host(std::string function, HostBody body, OperationDone done) {
  submit(std::move(function), std::nullopt, std::move(done),
         [this, body = std::move(body)](const OperationPtr& operation) {
           HostStep step = host_step();
           Report report = body(step);
           for (const Host::Due& due : host_.take_begun()) schedule_repeat(due);
           tell_of_host();
           finish_with(operation, std::move(report));
         });
}

void World::tell_of_host() {
  for (const HostEvent& event : host_.take_events()) {
    for (SessionObserver* session : sessions_) {
      if (!event.only || event.only == session) session->on_host_event(event);
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

void World::ping(std::string function, OperationDone done) {
  submit(std::move(function), std::nullopt, std::move(done),
         [this](const OperationPtr& operation) { finish(operation, Outcome()); });
}

void World::command(Caller caller, const Uuid& vm, CommandRequest request, OperationDone done) {
  with_vm(std::move(caller), vm, std::move(done),
          [request](const OperationPtr& operation, const std::shared_ptr<Vm>& found) {
            found->run(request, operation);
          },
          /*has_phases=*/request.command != Command::kRestart);
}

Outcome World::check_new_vm(const VmConfig& config) const {
  if (config.name.empty()) return OutcomeKind::kVmNameEmpty;
  if (Outcome refused = check_sizes(config); !refused.ok()) return refused;
  if (const auto twin = vms_.find(config.uuid)) {
    const bool is_same = twin->config().name == config.name;
    return {is_same ? OutcomeKind::kVmAlreadyRegistered : OutcomeKind::kVmUuidTaken,
            {config.name}};
  }
  if (vms_.find_by_name(config.name)) return {OutcomeKind::kVmNameTaken, {config.name}};
  return {};
}

// A record never names a folder that is not there.
Outcome World::keep(const VmRecord& record) {
  if (const auto made = storage_->create_folder(record.folder); !made) {
    return {OutcomeKind::kRegistryFailed, {made.error().message()}};
  }
  if (const auto kept = store_->put(record); !kept) return kept.error();
  return {};
}

// An empty folder that no VM has was left by a process that died while it registered one.
bool World::is_free(const std::string& folder) {
  if (!storage_->exists(folder)) return true;
  const auto content = storage_->list(folder);
  bool is_taken = !content || !content->empty();
  vms_.for_each([&](const Vm& vm) { is_taken = is_taken || vm.record().folder == folder; });
  return !is_taken;
}

// A folder named after the VM, as the product does, so that a person finds it; the uuid is added
// where the name cannot be a file name or another VM's folder has it.
std::string World::folder_for(const VmConfig& config) {
  std::string name = config.name;
  bool plain = name.size() <= 200;
  for (char& letter : name) {
    if (letter == '/' || static_cast<unsigned char>(letter) < ' ') {
      letter = '_';
      plain = false;
    }
  }
  const std::string prefix = store_->vms_folder() + "/";
  std::string folder = prefix + name + ".pvm";
  if (plain && is_free(folder)) return folder;
  return prefix + name.substr(0, 200) + "-" + config.uuid.format() + ".pvm";
}

void World::register_vm(std::string function, VmConfig config, OperationDone done) {
  submit(std::move(function), std::nullopt, std::move(done),
         [this, config = std::move(config)](const OperationPtr& operation) {
           if (Outcome refused = check_new_vm(config); !refused.ok()) {
             return finish(operation, std::move(refused));
           }
           VmRecord record{.config = config, .workload = {}, .folder = folder_for(config)};
           number_boot_entries(record.config);
           sim::reset_uptime(record.config, date());
           if (Outcome kept = keep(record); !kept.ok()) return finish(operation, std::move(kept));
           const auto vm =
               std::make_shared<Vm>(static_cast<VmSurroundings&>(*this), std::move(record));
           if (Outcome found = vm->discover(); !found.ok()) {
             (void)store_->erase(config.uuid).has_value();
             return finish(operation, std::move(found));
           }
           vms_.add(vm);
           trace_.line(now_ms(), "event", "VM_ADDED vm=" + config.name);
           for (SessionObserver* session : sessions_) session->on_vm_added(config.uuid);
           finish_with(operation, {.outcome = {}, .vms = {vm->view()}});
         });
}

void World::remove_vm(const OperationPtr& operation, const std::shared_ptr<Vm>& vm,
                      bool with_files) {
  if (Outcome refused = vm->check_removable(); !refused.ok()) {
    return finish(operation, std::move(refused));
  }
  const std::string folder = vm->record().folder;
  if (with_files) {
    if (Outcome renamed = mark_deleted(folder); !renamed.ok()) {
      return finish(operation, std::move(renamed));
    }
  }
  if (const auto erased = store_->erase(vm->uuid()); !erased) {
    if (with_files) (void)storage_->rename(deleted_folder(folder), folder).has_value();
    return finish(operation, erased.error());
  }
  const auto announce = [this, operation, vm, with_files](Outcome) {
    vms_.remove(vm->uuid());
    edits_.forget_vm(vm->uuid());
    locks_.forget_vm(vm->uuid());
    questions_.forget_vm(vm->uuid());
    trace_.line(now_ms(), "event",
                (with_files ? "VM_DELETED vm=" : "VM_UNREGISTERED vm=") + vm->config().name);
    for (SessionObserver* session : sessions_) {
      if (with_files) {
        session->on_vm_deleted(vm->uuid());
      } else {
        session->on_vm_unregistered(vm->uuid());
      }
    }
    finish(operation, Outcome());
  };
  if (!with_files) return announce(Outcome());
  // What cannot be removed stays on the disk: the VM is gone from the directory all the same.
  unlocked(
      [this, folder] {
        (void)storage_->remove_folder(deleted_folder(folder)).has_value();
        return Outcome();
      },
      announce);
}

void World::unregister_vm(Caller caller, const Uuid& vm, OperationDone done) {
  with_vm(std::move(caller), vm, std::move(done),
          [this](const OperationPtr& operation, const std::shared_ptr<Vm>& found) {
            remove_vm(operation, found, /*with_files=*/false);
          });
}

void World::delete_vm(Caller caller, const Uuid& vm, OperationDone done) {
  with_vm(std::move(caller), vm, std::move(done),
          [this](const OperationPtr& operation, const std::shared_ptr<Vm>& found) {
            remove_vm(operation, found, /*with_files=*/true);
          });
}

}  // namespace prl::sim
