// How a VM comes back from a backup: in the place of the one that is registered, or as a new one.
#include <algorithm>
#include <cerrno>

#include "simulator/backup_requests.h"
#include "simulator/config_rules.h"
#include "simulator/image_chain.h"
#include "simulator/record_text.h"
#include "simulator/storage_files.h"
#include "simulator/uptime.h"

namespace prl::sim {

namespace {

Outcome copy_failure(const StorageError& error) {
  const std::string why = error.message();
  if (error.errno_value == ENOSPC) return {OutcomeKind::kNoSpaceForRestore, {why}};
  if (error.errno_value == EILSEQ) return {OutcomeKind::kBackupDamaged, {why}};
  return {OutcomeKind::kBackupNotRestored, {why}};
}

}  // namespace

// A VM on its way back.
struct BackupRequests::Restoring {
  OperationPtr operation;
  BackupStore store;
  Backup backup;
  VmRecord record;   // of the VM that it becomes; its folder is where it is put together
  VmPtr old;         // null: there is none whose place it takes
  std::string own;   // the folder of that one
  std::string path;  // where its folder is to be in the end
};

void BackupRequests::restore(Caller caller, RestoreOrder order, OperationDone done) {
  const SessionObserver* session = caller.session;
  const std::optional<Uuid> vm = order.choice.vm;
  site_.submit(
      std::move(caller), vm, std::move(done),
      [this, session, order = std::move(order)](const OperationPtr& operation) {
        const auto place = order.choice.place(site_.host_step());
        if (!place) return site_.finish(operation, place.error());
        BackupStore store = store_at(*place);
        auto all = store.list();
        if (!all) return site_.finish(operation, all.error());
        const auto wanted = BackupId::parse(order.choice.id);
        const auto found = std::find_if(all->rbegin(), all->rend(), [&](const Backup& backup) {
          if (order.choice.vm && backup.vm != *order.choice.vm) return false;
          return order.choice.id.empty() || wanted == backup.id;
        });
        if (found == all->rend()) {
          const std::string& id = order.choice.id;
          const std::string name = id.empty() && order.choice.vm ? order.choice.vm->format() : id;
          return site_.finish(operation, {OutcomeKind::kBackupNotFound, {name}});
        }
        const auto restoring = std::make_shared<Restoring>(
            Restoring{.operation = operation, .store = store, .backup = *found});
        if (Outcome refused = plan(*restoring, order, session); !refused.ok()) {
          return site_.finish(operation, std::move(refused));
        }
        begin_restore(restoring);
      });
}

// Refuses what cannot become a VM here.
Outcome BackupRequests::plan(Restoring& restoring, const RestoreOrder& order,
                             const SessionObserver* session) {
  const Backup& backup = restoring.backup;
  const std::string id = backup.id.format();
  if (written_.contains(backup.id.chain)) return {OutcomeKind::kBackupBeingWritten, {id}};
  auto record = parse_record(backup.record, site_.schema());
  if (!record) return {OutcomeKind::kBackupDamaged, {id}};
  restoring.record = std::move(*record);
  VmConfig& config = restoring.record.config;
  if (order.is_copy) {
    config.uuid = site_.draw_uuid();
    renew_addresses(config.properties, order.make_mac, site_);
  }
  if (!order.name.empty()) config.name = order.name;
  reset_uptime(config, site_.date());
  restoring.old = site_.vms().find(config.uuid);
  if (!restoring.old) {
    if (Outcome taken = registry_.check_new_vm(config); !taken.ok()) return taken;
    return plan_folder(restoring, order.root_path);
  }
  const Vm& old = *restoring.old;
  const std::string& name = old.config().name;
  if (site_.keeps_out(session, old.uuid())) return {OutcomeKind::kExclusivelyLocked, {name}};
  if (Outcome denied = site_.check_access(*restoring.operation, old); !denied.ok()) return denied;
  if (Outcome held = old.check_free(); !held.ok()) return held;
  if (old.state() != State::kStopped && old.state() != State::kSuspended) {
    return {OutcomeKind::kRestoreOfLiveVm, {name}};
  }
  if (Outcome marked = check_marks(old.config()); !marked.ok()) return marked;
  if (name != config.name && site_.vms().find_by_name(config.name)) {
    return {OutcomeKind::kVmNameTaken, {config.name}};
  }
  return plan_folder(restoring, order.root_path);
}

Outcome BackupRequests::plan_folder(Restoring& restoring, const std::string& root_path) {
  const VmConfig& config = restoring.record.config;
  std::string& path = restoring.path;
  if (restoring.old) restoring.own = restoring.old->record().folder;
  const std::string& own = restoring.own;
  if (root_path.empty()) {
    path = restoring.old ? own : registry_.folder_for(config);
  } else {
    const std::string bundle = RegistryRequests::bundle_name(config);
    path = (root_path.ends_with('/') ? root_path : root_path + "/") + bundle;
    Outcome taken = registry_.check_bundle_path(root_path, bundle);
    if (taken.kind == OutcomeKind::kBundleExists) taken.kind = OutcomeKind::kRestoreFolderExists;
    if (!taken.ok() && path != own) return taken;
  }
  // Put together beside where it is to be.
  restoring.record.folder = path.substr(0, path.rfind('.')) + "-" + site_.draw_uuid().format() +
                            std::string(kRestoredSuffix);
  rename_folder(restoring.record.config.properties, restoring.backup.folder, path);
  return {};
}

void BackupRequests::begin_restore(const std::shared_ptr<Restoring>& restoring) {
  if (restoring->old) {
    restoring->old->tasks().begin(VmTask::kRestore);
    site_.tell_tasks_changed(*restoring->old);
  }
  read_.insert(restoring->backup.id.chain);
  const Course course{
      .vm = restoring->record.config.uuid,
      .kind = BackupNotice::Kind::kRestoreProgress,
      .steps = {.duration_ms = site_.duration_ms(Timed::kBackupRestore), .parts = kProgressParts},
      .followed = followed_job(*restoring->operation),
      .cancellation = restoring->operation->cancellation,
      .end = [this, restoring](Outcome outcome) { finish_restore(restoring, std::move(outcome)); }};
  site_.unlocked([this, restoring] { return copy_back(*restoring); },
                 [this, course](Outcome outcome) {
                   if (!outcome.ok()) return course.end(std::move(outcome));
                   run(course, 0);
                 });
}

// With the world unlocked.
Outcome BackupRequests::copy_back(Restoring& restoring) {
  Storage& storage = site_.storage();
  const Backup& backup = restoring.backup;
  const std::string chain = restoring.store.chain_folder(backup.vm, backup.id.chain);
  // Whoever has a disk open would go on with files that are gone.
  if (!restoring.own.empty() && disks_.is_open_below(restoring.own)) return DiskError::kShared;
  const auto files = restoring.store.files(backup);
  if (!files) return files.error();
  StorageResult<void> done = storage.remove_folder(restoring.record.folder);
  if (done) done = restore_files(storage, chain, *files, restoring.record.folder);
  if (!done) return copy_failure(done.error());
  const Uuid uuid = restoring.record.config.uuid;
  if (Outcome copied =
          RegistryRequests::copy_image(storage, restoring.record.folder, backup.vm, uuid);
      !copied.ok()) {
    return copied;
  }
  if (uuid == backup.vm) return {};
  remove_bases(storage, restoring.record.folder, backup.vm);
  done = remove_if_there(storage, image_path(restoring.record.folder, backup.vm));
  return done ? Outcome() : copy_failure(done.error());
}

void BackupRequests::finish_restore(const std::shared_ptr<Restoring>& restoring, Outcome outcome) {
  read_.erase(read_.find(restoring->backup.id.chain));
  const Uuid uuid = restoring->record.config.uuid;
  if (restoring->old) restoring->old->tasks().end(VmTask::kRestore);
  VmPtr restored;
  if (outcome.ok()) {
    auto placed = put_in_place(*restoring);
    if (placed) {
      restored = *placed;
    } else {
      outcome = placed.error();
    }
  }
  if (restoring->old) site_.tell_tasks_changed(restored ? *restored : *restoring->old);
  using Kind = BackupNotice::Kind;
  if (!restored) {
    (void)site_.storage().remove_folder(restoring->record.folder).has_value();
    site_.announce(uuid, BackupNotice{.kind = Kind::kCancelled});
    return site_.finish(restoring->operation, std::move(outcome));
  }
  site_.announce(uuid, BackupNotice{.kind = Kind::kRestored});
  site_.finish_with(restoring->operation, {.outcome = {}, .vms = {restored->view()}});
}

// Somebody may have taken the name or the folder meanwhile.
Expected<BackupRequests::VmPtr, Outcome> BackupRequests::put_in_place(Restoring& restoring) {
  Storage& storage = site_.storage();
  const VmRecord& record = restoring.record;
  if (restoring.old) {
    const auto twin = site_.vms().find_by_name(record.config.name);
    if (twin && twin != restoring.old) {
      return Unexpected{Outcome(OutcomeKind::kVmNameTaken, {record.config.name})};
    }
  } else if (Outcome taken = registry_.check_new_vm(record.config); !taken.ok()) {
    return Unexpected{std::move(taken)};
  }
  if (restoring.path != restoring.own && storage.exists(restoring.path)) {
    return Unexpected{Outcome(OutcomeKind::kRestoreFolderExists, {restoring.path})};
  }
  auto placed = registry_.enter_restored(restoring.old, record, restoring.path);
  if (placed && restoring.old) site_.tell_config_changed(**placed);
  return placed;
}

}  // namespace prl::sim
