#include "simulator/backup_requests.h"

#include <algorithm>

#include "simulator/config_rules.h"
#include "simulator/disk_entries.h"
#include "simulator/record_text.h"
#include "simulator/storage_files.h"

namespace prl::sim {

namespace {

constexpr std::string_view kCreator = "prlsim";

bool is_meant(const Backup& backup, const BackupChoice& choice) {
  if (choice.is_of_containers || (choice.vm && backup.vm != *choice.vm)) return false;
  return choice.id.empty() || BackupId::parse(choice.id) == backup.id;
}

Outcome not_found(const BackupChoice& choice) {
  return {OutcomeKind::kBackupNotFound,
          {choice.id.empty() && choice.vm ? choice.vm->format() : choice.id}};
}

// The disks of the VM that are images; false where one lies elsewhere than in its folder.
bool find_images(const VmRecord& record, std::vector<Backup::Disk>& images) {
  for (const DiskEntry& disk : all_disks(record.config.properties)) {
    if (!disk.is_image) continue;
    if (disk.path.starts_with('/') && !disk.path.starts_with(record.folder + "/")) return false;
    images.push_back({name_of(disk.path), disk.bytes});
  }
  return true;
}

}  // namespace

// A backup on its way; complete() makes one of it.
struct BackupRequests::Making {
  OperationPtr operation;
  VmPtr vm;
  BackupStore store;
  Backup backup;
  BackupFiles base;
  bool is_full_for_want_of_a_base = false;
};

BackupStore BackupRequests::store_at(const BackupPlace& place) {
  return {site_.storage(), place.folder.empty() ? site_.store().backups_folder() : place.folder};
}

void BackupRequests::run(const Course& course, uint64_t step) {
  site_.announce(course.vm, BackupNotice{.kind = course.kind,
                                         .percent = course.steps.percent(step),
                                         .followed = course.followed});
  if (step == course.steps.count()) return course.end(Outcome());
  site_.after(course.steps.wait_ms(step), [this, course, step] {
    if (course.cancellation && course.cancellation->is_wanted) {
      return course.end(OutcomeKind::kCancelled);
    }
    run(course, step + 1);
  });
}

// ---- Making ----------------------------------------------------------------------------------

// A VM that runs is no obstacle, one on its way from state to state is (vm-lifecycle 5.2).
Outcome BackupRequests::check_source(const Vm& vm) const {
  const std::string& name = vm.config().name;
  if (Outcome held = vm.check_free(); !held.ok()) return held;
  if (Outcome marked = check_marks(vm.config()); !marked.ok()) return marked;
  if (vm.has_changes_apart()) return {OutcomeKind::kBackupInUndoMode, {name}};
  switch (vm.state()) {
    case State::kStopped:
    case State::kSuspended:
    case State::kRunning:
      return {};
    case State::kPaused:
      return {OutcomeKind::kBackupOfPausedVm, {name}};
    case State::kStarting:
    case State::kResuming:
      return {OutcomeKind::kLockedForExecute, {name}};
    default:
      return {OutcomeKind::kLockedForInternalReason, {name}};
  }
}

void BackupRequests::create(Caller caller, const Uuid& vm, BackupOrder order, OperationDone done) {
  site_.with_vm(
      std::move(caller), vm, std::move(done),
      [this, order = std::move(order)](const OperationPtr& operation, const VmPtr& found) {
        const auto place = order.place(site_.host_step());
        Outcome refused = place ? check_source(*found) : place.error();
        if (!refused.ok()) return site_.finish(operation, std::move(refused));
        begin_create(operation, found, order, *place);
      });
}

// The files are copied at once, so that all of them are of one moment; the time that it takes goes
// by afterwards.
void BackupRequests::begin_create(const OperationPtr& operation, const VmPtr& vm,
                                  const BackupOrder& order, const BackupPlace& place) {
  vm->note_uptime();
  const VmRecord& record = vm->record();
  const auto making =
      std::make_shared<Making>(Making{.operation = operation, .vm = vm, .store = store_at(place)});
  Backup& backup = making->backup;
  backup.vm = vm->uuid();
  backup.vm_name = record.config.name;
  backup.host = place.host;
  backup.server = site_.host_step().host_uuid;
  backup.created = site_.date();
  backup.creator = kCreator;
  backup.description = order.description;
  backup.folder = record.folder;
  backup.record = to_text(record, site_.schema());
  Outcome refused;
  if (!find_images(record, backup.disks)) {
    refused = {OutcomeKind::kBackupImageElsewhere, {record.config.name}};
  }
  if (refused.ok()) refused = choose_base(*making, order.level);
  if (refused.ok()) refused = making->store.begin(backup.vm, backup.id);
  if (!refused.ok()) return site_.finish(operation, std::move(refused));
  vm->tasks().begin(VmTask::kBackup);
  written_.insert(backup.id.chain);
  site_.announce(backup.vm, BackupNotice{.kind = BackupNotice::Kind::kStarted});
  if (making->is_full_for_want_of_a_base) {
    site_.announce(backup.vm, BackupNotice{.kind = BackupNotice::Kind::kNoFullBackup});
  }
  for (const DiskEntry& disk : all_disks(record.config.properties)) {
    if (disk.is_image) continue;
    site_.announce(backup.vm, BackupNotice{.kind = BackupNotice::Kind::kDiskLeftOut});
  }
  const Course course{
      .vm = backup.vm,
      .kind = BackupNotice::Kind::kProgress,
      .steps = {.duration_ms = site_.duration_ms(Timed::kBackup), .parts = kProgressParts},
      .followed = followed_job(*operation),
      .cancellation = operation->cancellation,
      .end = [this, making](Outcome outcome) { finish_create(making, std::move(outcome)); }};
  site_.unlocked(
      [making] {
        const Backup& made = making->backup;
        return making->store.write(made.vm, made.id, made.folder, making->base,
                                   making->backup.bytes);
      },
      [this, course](Outcome outcome) {
        if (!outcome.ok()) return course.end(std::move(outcome));
        run(course, 0);
      });
}

// An incremental backup builds on the newest one, a differential one on the newest full one.
Outcome BackupRequests::choose_base(Making& making, BackupLevel level) {
  const auto all = making.store.list();
  if (!all) return all.error();
  const Backup* full = nullptr;
  const Backup* last = nullptr;
  uint32_t number = 0;
  for (const Backup& backup : *all) {
    making.backup.sequence = backup.sequence + 1;
    if (backup.vm != making.backup.vm) continue;
    if (backup.is_full()) full = last = &backup;
  }
  for (const Backup& backup : *all) {
    if (!full || backup.vm != full->vm || backup.id.chain != full->id.chain) continue;
    last = &backup;
    number = std::max(number, backup.id.number);
  }
  if (level == BackupLevel::kFull || !full) {
    making.backup.id = {.chain = site_.draw_uuid(), .number = 0};
    making.is_full_for_want_of_a_base =
        level == BackupLevel::kIncremental || level == BackupLevel::kDifferential;
    return {};
  }
  const Backup& base = level == BackupLevel::kDifferential ? *full : *last;
  auto files = making.store.files(base);
  if (!files) return files.error();
  making.base = std::move(*files);
  making.backup.base = base.id.number;
  making.backup.id = {.chain = full->id.chain, .number = number + 1};
  return {};
}

void BackupRequests::finish_create(const std::shared_ptr<Making>& making, Outcome outcome) {
  const Backup& backup = making->backup;
  making->vm->tasks().end(VmTask::kBackup);
  written_.erase(written_.find(backup.id.chain));
  if (outcome.ok()) outcome = making->store.complete(backup);
  using Kind = BackupNotice::Kind;
  if (!outcome.ok()) {
    (void)making->store.remove(backup.vm, backup.id).ok();
    site_.announce(backup.vm, BackupNotice{.kind = Kind::kCancelled});
    return site_.finish(making->operation, std::move(outcome));
  }
  site_.announce(backup.vm, BackupNotice{.kind = Kind::kFinished});
  site_.finish_with(making->operation, {.outcome = {}, .text = backup.id.format()});
}

// ---- Listing and removing --------------------------------------------------------------------

void BackupRequests::tree(Caller caller, BackupChoice choice, bool is_whole_chain,
                          OperationDone done) {
  site_.submit(std::move(caller), choice.vm, std::move(done),
               [this, choice = std::move(choice), is_whole_chain](const OperationPtr& operation) {
                 const auto place = choice.place(site_.host_step());
                 if (!place) return site_.finish(operation, place.error());
                 auto all = store_at(*place).list();
                 if (!all) return site_.finish(operation, all.error());
                 if (choice.id.empty()) {
                   std::erase_if(*all,
                                 [&](const Backup& backup) { return !is_meant(backup, choice); });
                 } else {
                   const auto found = std::ranges::find_if(
                       *all, [&](const Backup& backup) { return is_meant(backup, choice); });
                   if (found == all->end()) return site_.finish(operation, not_found(choice));
                   const BackupId id = found->id;
                   std::erase_if(*all, [&](const Backup& backup) {
                     const bool is_shown = is_whole_chain || backup.is_full() || backup.id == id;
                     return backup.id.chain != id.chain || !is_shown;
                   });
                 }
                 site_.finish_with(operation, {.outcome = {}, .text = BackupStore::to_xml(*all)});
               });
}

// What builds on another comes first.
Expected<std::vector<Backup>, Outcome> BackupRequests::to_remove(
    const std::vector<Backup>& all, const BackupRemoval& removal) const {
  std::vector<Backup> chosen;
  size_t asked_for = 0;
  for (const Backup& backup : all) {  // the base of each is before it
    const bool is_meant_itself = is_meant(backup, removal.choice);
    const bool builds_on_one = std::ranges::any_of(chosen, [&](const Backup& other) {
      return !backup.is_full() && other.vm == backup.vm &&
             other.id == BackupId{backup.id.chain, backup.base};
    });
    asked_for += is_meant_itself ? 1 : 0;
    if (is_meant_itself || builds_on_one) chosen.push_back(backup);
  }
  if (removal.keeps_others && chosen.size() > asked_for) {
    return Unexpected{Outcome(OutcomeKind::kBackupHasSuccessors, {removal.choice.id})};
  }
  for (const Backup& backup : chosen) {
    const std::string id = backup.id.format();
    if (read_.contains(backup.id.chain)) {
      return Unexpected{Outcome(OutcomeKind::kBackupBeingRead, {id})};
    }
    if (written_.contains(backup.id.chain)) {
      return Unexpected{Outcome(OutcomeKind::kBackupBeingWritten, {id})};
    }
  }
  std::ranges::reverse(chosen);
  return chosen;
}

void BackupRequests::remove(Caller caller, BackupRemoval removal, OperationDone done) {
  const std::optional<Uuid> vm = removal.choice.vm;
  site_.submit(std::move(caller), vm, std::move(done),
               [this, removal = std::move(removal)](const OperationPtr& operation) {
                 const auto place = removal.choice.place(site_.host_step());
                 if (!place) return site_.finish(operation, place.error());
                 BackupStore store = store_at(*place);
                 const auto all = store.list();
                 if (!all) return site_.finish(operation, all.error());
                 const auto chosen = to_remove(*all, removal);
                 if (!chosen) return site_.finish(operation, chosen.error());
                 if (chosen->empty()) {
                   return site_.finish(
                       operation, removal.may_be_absent ? Outcome() : not_found(removal.choice));
                 }
                 for (const Backup& backup : *chosen) written_.insert(backup.id.chain);
                 const uint64_t duration_ms = site_.duration_ms(Timed::kBackupRemoval);
                 const auto is_over = std::make_shared<bool>(false);
                 site_.follow_task(operation, Progress::Kind::kOther, duration_ms, 0, is_over);
                 site_.after(duration_ms, [this, operation, store, backups = *chosen, is_over] {
                   *is_over = true;
                   Outcome outcome;
                   BackupStore here = store;
                   for (const Backup& backup : backups) {
                     written_.erase(written_.find(backup.id.chain));
                     if (outcome.ok()) outcome = here.remove(backup.vm, backup.id);
                   }
                   if (outcome.ok()) {
                     site_.announce(backups.front().vm,
                                    BackupNotice{.kind = BackupNotice::Kind::kRemoved});
                   }
                   site_.finish(operation, std::move(outcome));
                 });
               });
}

}  // namespace prl::sim
