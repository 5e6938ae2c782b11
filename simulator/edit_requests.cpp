// Editing of configurations: begin, change at leisure, commit (config-model 3).
#include "simulator/edit_requests.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "simulator/config_rules.h"
#include "simulator/disk_entries.h"
#include "simulator/undo_disks.h"
#include "simulator/uptime.h"

namespace prl::sim {

namespace {

bool destroys(RemovedDisks removed) {
  return removed == RemovedDisks::kDestroy || removed == RemovedDisks::kDestroyEvenIfInSnapshots;
}

// Where the images of a VM's hard disks are.
std::set<std::string> disk_images(const VmConfig& config, const std::string& folder) {
  std::set<std::string> paths;
  for (const DiskEntry& disk : all_disks(config.properties)) {
    if (!disk.path.empty()) paths.insert(path_of_file(folder, disk.path));
  }
  return paths;
}

// Those that the one configuration names and the other does not.
std::vector<std::string> images_left_out(const VmConfig& before, const VmConfig& after,
                                         const std::string& folder) {
  std::vector<std::string> gone;
  std::ranges::set_difference(disk_images(before, folder), disk_images(after, folder),
                              std::back_inserter(gone));
  return gone;
}

// In profile V a VM counts as suspended until it runs again (vm-lifecycle 1.1, 4.3).
Outcome check_editable(const Vm& vm) {
  Outcome refused = check_editable(vm.state());
  return refused.ok() ? check_editable(vm.view().state) : refused;
}

}  // namespace

void EditRequests::begin(FunctionName function, SessionObserver& session, const Uuid& vm,
                         OperationDone done) {
  site_.with_vm({function, &session}, vm, std::move(done),
                [this, &session](const OperationPtr& operation, const std::shared_ptr<Vm>& found) {
                  if (Outcome refused = check_editable(*found); !refused.ok()) {
                    return site_.finish(operation, std::move(refused));
                  }
                  edits_.begin(session, found->config());
                  site_.finish_with(operation, {.outcome = {}, .vms = {found->view()}});
                });
}

void EditRequests::commit(FunctionName function, SessionObserver& session, VmConfig config,
                          RemovedDisks removed_disks, OperationDone done) {
  const Uuid uuid = config.uuid;
  site_.with_vm({function, &session}, uuid, std::move(done),
                [this, &session, config = std::move(config), removed_disks](
                    const OperationPtr& operation, const std::shared_ptr<Vm>& found) {
                  const VmConfig before = found->config();
                  Report report = merge_and_store(session, found, config, removed_disks);
                  if (!report.outcome.ok()) {
                    return site_.finish_with(operation, std::move(report));
                  }
                  report.vms = {found->view()};
                  if (!destroys(removed_disks)) {
                    return site_.finish_with(operation, std::move(report));
                  }
                  destroy_disks(images_left_out(before, found->config(), found->record().folder),
                                [this, operation, report = std::move(report)]() mutable {
                                  site_.finish_with(operation, std::move(report));
                                });
                });
}

Outcome EditRequests::check_removed_disks(const Vm& vm, const VmConfig& merged,
                                          RemovedDisks removed) const {
  const bool may_go = removed == RemovedDisks::kDetach ||
                      removed == RemovedDisks::kDestroyEvenIfInSnapshots;
  const std::string& folder = vm.record().folder;
  if (may_go) return {};
  const auto gone = images_left_out(vm.config(), merged, folder);
  if (gone.empty()) return {};
  SnapshotFiles files = vm.snapshot_files();
  const auto tree = files.load();
  if (!tree) return {};  // the snapshot commands will say so
  for (const Snapshot& snapshot : tree->all()) {
    const auto record = files.load_record(snapshot.uuid);
    if (!record) continue;
    const auto held = disk_images(record->config, folder);
    for (const std::string& path : gone) {
      if (held.contains(path)) return {OutcomeKind::kDiskInSnapshot, {path}};
    }
  }
  return {};
}

// By the names of the codes: nothing is held apart beside snapshots, and what is held apart has to
// be decided on first. Profile V has no such disks but lets them be switched off
// (vm-lifecycle 4.1).
Outcome EditRequests::check_undo_disks(const Vm& vm, const VmConfig& merged) const {
  const UndoMode before = undo_mode(vm.config().properties);
  const UndoMode after = undo_mode(merged.properties);
  if (site_.profile() == Profile::kVirtuozzo) {
    const bool is_switched_on = after != before && after != UndoMode::kOff;
    return is_switched_on ? OutcomeKind::kNotModelled : OutcomeKind::kOk;
  }
  if ((before == UndoMode::kOff) == (after == UndoMode::kOff)) return {};
  const std::string& name = vm.config().name;
  if (after == UndoMode::kOff) {
    if (!vm.has_changes_apart()) return {};
    return {OutcomeKind::kUndoDisksNotSwitchedOff, {name}};
  }
  const bool has_none = vm.snapshots() && vm.snapshots()->all().empty();
  if (vm.state() == State::kStopped && has_none) return {};
  return {OutcomeKind::kUndoDisksNotSwitchedOn, {name}};
}

// A disk that cannot be removed, because a client has it open, stays where it is: no configuration
// names it any more.
void EditRequests::destroy_disks(const std::vector<std::string>& paths, Step then) {
  if (paths.empty()) return then();
  site_.unlocked(
      [this, paths] {
        for (const std::string& path : paths) (void)site_.disks().remove(path).has_value();
        return Outcome();
      },
      [then = std::move(then)](const Outcome&) mutable { then(); });
}

// In the order of config-model 3.3. The stamp stays where a commit is refused.
Report EditRequests::merge_and_store(const SessionObserver& session, const std::shared_ptr<Vm>& vm,
                                     const VmConfig& wanted, RemovedDisks removed_disks) {
  const VmConfig& current = vm->config();
  const auto refusal = [](Outcome outcome) { return Report{.outcome = std::move(outcome)}; };
  if (Outcome refused = check_editable(*vm); !refused.ok()) {
    return refusal(std::move(refused));
  }
  // Of what holds a VM a start and a compaction let commits in and, but for a new name, a backup
  // (vm-lifecycle 5.2).
  const Beside beside = wanted.name == current.name ? Beside::kBackup : Beside::kNothing;
  if (Outcome held = vm->check_free(beside); !held.ok() && vm->state() != State::kCompacting) {
    return refusal(std::move(held));
  }
  if (vm->state() == State::kStopping) {
    return refusal({OutcomeKind::kLockedForInternalReason, {current.name}});
  }
  VmConfig mine = wanted;
  if (Outcome refused = site_.apply_sample(mine); !refused.ok()) {
    return refusal(std::move(refused));
  }
  if (is_template(mine) && !is_template(current) && vm->state() != State::kStopped) {
    return refusal({OutcomeKind::kMustBeStoppedForTemplate, {current.name}});
  }
  const VmConfig* base = edits_.find(session, vm->uuid());
  if (!base) {
    const bool is_edited = edits_.is_edited(vm->uuid());
    return refusal({is_edited ? OutcomeKind::kEditBegunByOthers : OutcomeKind::kEditNotBegun,
                    {current.name}});
  }
  keep_uptime(mine, *base);
  auto merged = merge(*base, mine, current);
  if (!merged) return refusal({OutcomeKind::kConfigWasChanged, {current.name}});
  // The rights of others are not edited: UpdateSecurity changes them (config-model 3.1).
  merged->properties.put_below(kSecurity, current.properties.below(kSecurity));
  number_boot_entries(*merged);
  if (Outcome refused = check_change(current, *merged, vm->state()); !refused.ok()) {
    return refusal(std::move(refused));
  }
  if (Outcome refused = check_undo_disks(*vm, *merged); !refused.ok()) {
    return refusal(std::move(refused));
  }
  if (merged->name != current.name && site_.vms().find_by_name(merged->name)) {
    return refusal({OutcomeKind::kVmNameTaken, {merged->name}});
  }
  auto problems = find_problems(*merged, &current, ConfigSection::kAll,
                                site_.config_setting(vm->record().folder));
  if (const auto first = std::ranges::find_if(problems, &ConfigProblem::is_critical);
      first != problems.end()) {
    return {.outcome = {OutcomeKind::kConfigInconsistent, {current.name}}, .problems = {*first}};
  }
  if (Outcome refused = check_removed_disks(*vm, *merged, removed_disks); !refused.ok()) {
    return refusal(std::move(refused));
  }
  VmRecord record = vm->record();
  record.config = *merged;
  if (Outcome kept = site_.store_record(record); !kept.ok()) return refusal(std::move(kept));
  const bool is_restart_needed = needs_restart(current, *merged);
  site_.configure(*vm, *merged);
  edits_.end(session, vm->uuid());
  site_.tell_config_changed(*vm);
  if (vm->state() == State::kRunning) {
    site_.announce(vm->uuid(), ConfigApplied{.needs_restart = is_restart_needed});
  }
  return {};
}

void EditRequests::validate(Caller caller, VmConfig config, ConfigSection section,
                            OperationDone done) {
  site_.submit(std::move(caller), std::nullopt, std::move(done),
               [this, config = std::move(config), section](const OperationPtr& operation) {
                 const auto vm = site_.vms().find(config.uuid);
                 const auto setting = site_.config_setting(vm ? vm->record().folder : "");
                 Report report;
                 report.problems =
                     find_problems(config, vm ? &vm->config() : nullptr, section, setting);
                 if (!report.problems.empty()) report.outcome = OutcomeKind::kConfigInvalid;
                 site_.finish_with(operation, std::move(report));
               });
}

void EditRequests::reset_uptime(Caller caller, const Uuid& vm, OperationDone done) {
  site_.with_vm(std::move(caller), vm, std::move(done),
                [this](const OperationPtr& operation, const std::shared_ptr<Vm>& found) {
                  VmRecord record = found->record();
                  sim::reset_uptime(record.config, site_.date());
                  if (Outcome kept = site_.store_record(record); !kept.ok()) {
                    return site_.finish(operation, std::move(kept));
                  }
                  found->reset_uptime();
                  site_.finish_with(operation, {.outcome = {}, .vms = {found->view()}});
                });
}

// ---- Locks -----------------------------------------------------------------------------------

// The one request about a VM that its lock does not keep out: who else holds it has a code of its
// own.
void EditRequests::lock(FunctionName function, SessionObserver& session, const Uuid& vm,
                        OperationDone done) {
  site_.with_vm(Caller(function, &session).beside_locks(), vm, std::move(done),
                [this, &session](const OperationPtr& operation, const std::shared_ptr<Vm>& found) {
                  Outcome locked = locks_.lock(session, found->uuid());
                  if (locked.ok()) site_.tell_config_changed(*found);
                  locked.parameters = {found->config().name};
                  site_.finish(operation, std::move(locked));
                });
}

void EditRequests::unlock(FunctionName function, SessionObserver& session, const Uuid& vm,
                          OperationDone done) {
  site_.with_vm(Caller(function, &session).beside_locks(), vm, std::move(done),
                [this, &session](const OperationPtr& operation, const std::shared_ptr<Vm>& found) {
                  const bool is_busy = !found->check_idle().ok();
                  Outcome unlocked = locks_.unlock(session, found->uuid(), is_busy);
                  if (unlocked.ok()) site_.tell_config_changed(*found);
                  unlocked.parameters = {found->config().name};
                  site_.finish(operation, std::move(unlocked));
                });
}

}  // namespace prl::sim
