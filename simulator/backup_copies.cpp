// Backups that clients make of the files themselves: the host holds the files still, says what has
// changed since the copy before, and lets go when the client says how it ended.
#include <algorithm>

#include "simulator/backup_requests.h"
#include "simulator/config_rules.h"
#include "simulator/disk_entries.h"
#include "simulator/record_text.h"

namespace prl::sim {

namespace {

// What a client has to copy. A file that the copy before did not have is whole.
ClientCopy::File to_copy(const std::string& folder, const BackupFile& file,
                         const BackupFiles* before) {
  ClientCopy::File made{
      .path = folder + "/" + file.path, .restore_path = file.path, .bytes = file.bytes};
  const BackupFile* known = before ? find_file(*before, file.path) : nullptr;
  if (known) {
    made.is_whole = false;
    made.stretches = changed_stretches(*known, file);
  }
  return made;
}

}  // namespace

ClientCopy BackupRequests::describe(const Vm& vm) const {
  const VmRecord& record = vm.record();
  ClientCopy copy{.vm = vm.uuid(), .folder = record.folder, .state = vm.view().state};
  for (const DiskEntry& disk : all_disks(record.config.properties)) {
    if (disk.is_image) copy.disks.push_back(path_of_file(record.folder, disk.path));
  }
  return copy;
}

void BackupRequests::list_copies(Caller caller, OperationDone done) {
  site_.submit(std::move(caller), std::nullopt, std::move(done),
               [this](const OperationPtr& operation) {
                 Report report;
                 site_.vms().for_each([&](const Vm& vm) {
                   if (!site_.check_access(*operation, vm).ok()) return;
                   report.copies.push_back(describe(vm));
                 });
                 site_.finish_with(operation, std::move(report));
               });
}

void BackupRequests::find_copy(Caller caller, std::string path, OperationDone done) {
  site_.submit(std::move(caller), std::nullopt, std::move(done),
               [this, path = std::move(path)](const OperationPtr& operation) {
                 Report report;
                 site_.vms().for_each([&](const Vm& vm) {
                   const std::string& folder = vm.record().folder;
                   const bool is_meant = path == folder || path == folder + "/" ||
                                         path == folder + "/" + std::string(kConfigFile);
                   if (is_meant) report.copies.push_back(describe(vm));
                 });
                 if (report.copies.empty()) {
                   report.outcome = {OutcomeKind::kCopyOfUnknownVm, {path}};
                 }
                 site_.finish_with(operation, std::move(report));
               });
}

// ---- Beginning -------------------------------------------------------------------------------

Outcome BackupRequests::check_copy(const Vm& vm, const CopyOrder& order) const {
  const std::string& name = vm.config().name;
  if (!order.has_states) {
    if (copying_.contains(vm.uuid())) return {OutcomeKind::kCopyInProgress, {name}};
    if (has_mark(vm.config(), kIsArchived)) return {OutcomeKind::kCopyOfArchivedVm, {name}};
    if (has_mark(vm.config(), kIsPacked)) return {OutcomeKind::kCopyOfPackedVm, {name}};
  }
  return check_source(vm);
}

void BackupRequests::begin_copy(Caller caller, const Uuid& vm, CopyOrder order,
                                OperationDone done) {
  const SessionObserver* session = caller.session;
  site_.with_vm(
      std::move(caller), vm, std::move(done),
      [this, session, order = std::move(order)](const OperationPtr& operation, const VmPtr& found) {
        Outcome refused = check_copy(*found, order);
        found->note_uptime();
        // A copy of the folder alone must say all about the VM.
        if (refused.ok()) refused = site_.write_config_file(found->record());
        if (!refused.ok()) return site_.finish(operation, std::move(refused));
        begin_holding(
            operation,
            {.session = site_.draw_uuid(), .owner = session, .vm = found, .order = order});
      });
}

void BackupRequests::begin_holding(const OperationPtr& operation, Copying copying) {
  const Uuid vm = copying.vm->uuid();
  const Uuid session = copying.session;
  const auto files = std::make_shared<BackupFiles>();
  const auto held = std::make_shared<std::vector<std::string>>();
  auto hold = [this, session, has_states = copying.order.has_states, copy = describe(*copying.vm),
               files, held]() -> Outcome {
    if (has_states) return hold_disks(session, copy.disks, *held);
    auto scanned = scan_folder(site_.storage(), copy.folder);
    if (!scanned) return {OutcomeKind::kBackupNotWritten, {scanned.error().message()}};
    *files = std::move(*scanned);
    return {};
  };
  copying.vm->tasks().begin(VmTask::kBackup);
  copying_.insert_or_assign(vm, std::move(copying));
  site_.unlocked(std::move(hold), [this, operation, session, vm, files, held](Outcome outcome) {
    // The client's session may have ended meanwhile.
    const Outcome gone = check_copying(vm, session);
    if (outcome.ok()) outcome = gone;
    if (!outcome.ok()) {
      if (gone.ok()) drop(vm);
      return site_.unlocked(
          [this, session, held] { return let_go(session, *held); },
          [this, operation, outcome](Outcome /*released*/) { site_.finish(operation, outcome); });
    }
    copying_.at(vm).files = std::move(*files);
    copying_.at(vm).held = std::move(*held);
    finish_begin_copy(operation, vm);
  });
}

// With the world unlocked, as the next one. A disk without an image has nothing to hold.
Outcome BackupRequests::hold_disks(const Uuid& state, const std::vector<std::string>& disks,
                                   std::vector<std::string>& held) {
  for (const std::string& path : disks) {
    if (!disks_.exists(path)) continue;
    auto opening = disks_.open(path, /*is_writable=*/false);
    if (!opening) return opening.error();
    const auto created =
        (*opening)->with([&](VirtualDisk& disk) { return disk.create_state(state); });
    if (!created) return created.error();
    held.push_back(path);
  }
  return {};
}

Outcome BackupRequests::let_go(const Uuid& state, const std::vector<std::string>& held) {
  Outcome outcome;
  for (const std::string& path : held) {
    auto opening = disks_.open(path, /*is_writable=*/false);
    if (!opening) {
      outcome = opening.error();
      continue;
    }
    const auto deleted = (*opening)->with(
        [&](VirtualDisk& disk) { return disk.delete_state(state, /*is_merged=*/true); });
    if (!deleted) outcome = deleted.error();
  }
  return outcome;
}

void BackupRequests::finish_begin_copy(const OperationPtr& operation, const Uuid& vm) {
  const Copying& copying = copying_.at(vm);
  const auto before = copied_.find({vm, copying.order.location});
  ClientCopy copy = describe(*copying.vm);
  copy.session = copying.session;
  copy.is_incremental = copying.order.is_incremental && before != copied_.end();
  if (copying.order.has_states) {
    copy.has_states = true;
    copy.disks = copying.held;
  }
  for (const BackupFile& file : copying.files) {
    copy.files.push_back(
        to_copy(copy.folder, file, copy.is_incremental ? &before->second : nullptr));
  }
  site_.announce(vm, BackupNotice{.kind = BackupNotice::Kind::kStarted,
                                  .is_copied_by_client = !copying.order.has_states});
  Report report;
  report.copies.push_back(std::move(copy));
  site_.finish_with(operation, std::move(report));
}

// ---- Going on and ending ---------------------------------------------------------------------

Outcome BackupRequests::check_copying(const Uuid& vm, const Uuid& session) const {
  const auto found = copying_.find(vm);
  const bool is_there = found != copying_.end() && found->second.session == session;
  return is_there ? Outcome() : Outcome(OutcomeKind::kCopySessionNotFound, {session.format()});
}

void BackupRequests::end_copy(Caller caller, const Uuid& vm, const Uuid& session,
                              bool is_successful, OperationDone done) {
  site_.submit(std::move(caller), vm, std::move(done),
               [this, vm, session, is_successful](const OperationPtr& operation) {
                 const auto finish = [this, operation](Outcome outcome) {
                   site_.finish(operation, std::move(outcome));
                 };
                 if (Outcome refused = check_copying(vm, session); !refused.ok()) {
                   return finish(std::move(refused));
                 }
                 release(vm, is_successful, finish);
               });
}

void BackupRequests::tell_progress(Caller caller, const Uuid& vm, const Uuid& session,
                                   uint32_t percent, int32_t client_code, OperationDone done) {
  site_.submit(std::move(caller), vm, std::move(done),
               [this, vm, session, percent, client_code](const OperationPtr& operation) {
                 Outcome refused = check_copying(vm, session);
                 if (refused.ok()) {
                   site_.announce(vm, BackupNotice{.kind = BackupNotice::Kind::kProgress,
                                                   .percent = percent,
                                                   .is_copied_by_client = true,
                                                   .client_code = client_code});
                 }
                 site_.finish(operation, std::move(refused));
               });
}

// REQUIRES: the VM is being copied, as of the next.
BackupRequests::Copying BackupRequests::drop(const Uuid& vm) {
  const auto found = copying_.find(vm);
  Copying copying = std::move(found->second);
  copying_.erase(found);
  copying.vm->tasks().end(VmTask::kBackup);
  return copying;
}

// The states of the disks go in a step to come: a session may end outside of every step.
void BackupRequests::release(const Uuid& vm, bool is_successful,
                             std::function<void(Outcome)> then) {
  Copying copying = drop(vm);
  const auto key = std::pair(vm, copying.order.location);
  if (is_successful && copying.order.is_remembered) {
    copied_.insert_or_assign(key, std::move(copying.files));
  } else if (is_successful) {
    copied_.erase(key);  // the next one has to be a full one
  }
  using Kind = BackupNotice::Kind;
  site_.announce(vm, BackupNotice{.kind = is_successful ? Kind::kFinished : Kind::kCancelled,
                                  .is_copied_by_client = !copying.order.has_states});
  if (copying.held.empty()) return then(Outcome());
  site_.after(0, [this, session = copying.session, held = std::move(copying.held), then] {
    site_.unlocked([this, session, held] { return let_go(session, held); }, then);
  });
}

// Nobody is left who could say how it ended.
void BackupRequests::forget_session(const SessionObserver& session) {
  std::vector<Uuid> left;
  for (const auto& [vm, copying] : copying_) {
    if (copying.owner == &session) left.push_back(vm);
  }
  for (const Uuid& vm : left) release(vm, /*is_successful=*/false, [](Outcome) {});
}

}  // namespace prl::sim
