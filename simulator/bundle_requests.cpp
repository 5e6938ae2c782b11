#include "simulator/bundle_requests.h"

#include <string_view>
#include <utility>

#include "simulator/config_rules.h"
#include "simulator/record_text.h"
#include "simulator/storage_files.h"

namespace prl::sim {

// ---- Move ------------------------------------------------------------------------------------

void BundleRequests::move(Caller caller, const Uuid& vm, std::string root_path,
                          OperationDone done) {
  site_.with_vm(
      std::move(caller), vm, std::move(done),
      [this, root = std::move(root_path)](const OperationPtr& operation, const VmPtr& found) {
        Outcome refused = found->check_movable();
        if (refused.ok()) refused = check_marks(found->config());
        const std::string bundle = name_of(found->record().folder);
        if (refused.ok()) refused = registry_.check_bundle_path(root, bundle);
        if (!refused.ok()) return site_.finish(operation, std::move(refused));
        const std::string target = (root.ends_with('/') ? root : root + "/") + bundle;
        // A folder does not go into itself.
        if (target.starts_with(found->record().folder + "/")) {
          return site_.finish(operation, {OutcomeKind::kPathInvalid, {root}});
        }
        site_.run_task(
            operation, found, VmTask::kMove, site_.duration_ms(Timed::kMove, found.get()),
            [this, operation, found, target] { carry(operation, found, target); },
            Site::TaskEnd::kAtRest);
      });
}

// The record names the new place before the folder goes there: a process that dies in between
// leaves a VM that is found where it is (see RegistryRequests::find_moved). REQUIRES: the VM is at
// rest: on its way to another state files of its folder are too.
void BundleRequests::carry(const OperationPtr& operation, const VmPtr& vm,
                           const std::string& target) {
  const VmRecord before = vm->record();
  VmRecord moving = before;
  moving.config.properties.set(kMovingTo, target);
  if (Outcome kept = site_.store_record(moving); !kept.ok()) {
    return site_.finish(operation, std::move(kept));
  }
  site_.unlocked(
      [this, from = before.folder, target] {
        Storage& storage = site_.storage();
        StorageResult<void> done = storage.create_folder(folder_of(target));
        if (done) done = storage.rename(from, target);
        if (!done) return Outcome(OutcomeKind::kVmNotMoved, {done.error().message()});
        (void)storage.sync_folder(folder_of(target)).has_value();
        (void)storage.sync_folder(folder_of(from)).has_value();
        return Outcome();
      },
      [this, operation, vm, before, target](Outcome outcome) {
        VmRecord after = before;
        if (outcome.ok()) {
          after.folder = target;
          vm->move_to(target);
        }
        // Where this fails the next opening looks at both places.
        (void)site_.store_record(after).ok();
        if (outcome.ok()) site_.tell_config_changed(*vm);
        site_.finish(operation, std::move(outcome));
      });
}

// ---- Mount and restore -----------------------------------------------------------------------

void BundleRequests::mount_info(Caller caller, const Uuid& vm, OperationDone done) {
  site_.with_vm(std::move(caller), vm, std::move(done),
                [this](const OperationPtr& operation, const VmPtr& found) {
                  site_.finish_with(operation, {.outcome = {}, .text = found->mount_path()});
                });
}

void BundleRequests::restore(Caller caller, const Uuid& vm, OperationDone done) {
  site_.with_vm(std::move(caller), vm, std::move(done),
                [this](const OperationPtr& operation, const VmPtr& found) {
                  Outcome written = site_.write_config_file(found->record());
                  if (!written.ok()) return site_.finish(operation, std::move(written));
                  site_.finish_with(operation, {.outcome = {}, .vms = {found->view()}});
                });
}

void BundleRequests::write_floppy(Caller caller, const Uuid& vm, std::string name,
                                  std::string image, OperationDone done) {
  site_.with_vm(std::move(caller), vm, std::move(done),
                [this, name = std::move(name), image = std::move(image)](
                    const OperationPtr& operation, const VmPtr& found) {
                  site_.unlocked(
                      [this, path = found->record().folder + "/" + name, image] {
                        const auto written = write_text_file(site_.storage(), path, image);
                        return written ? Outcome()
                                       : Outcome(OutcomeKind::kFloppyNotWritten,
                                                 {written.error().message()});
                      },
                      [this, operation](Outcome outcome) {
                        site_.finish(operation, std::move(outcome));
                      });
                });
}

// ---- Archive and pack ------------------------------------------------------------------------

// What sets or clears a mark in the configuration.
struct BundleRequests::Mark {
  VmTask task;
  std::string_view path;
  bool value;
  OutcomeKind when_so_already;
};

void BundleRequests::archive(Caller caller, const Uuid& vm, OperationDone done) {
  mark(std::move(caller), vm, {VmTask::kArchive, kIsArchived, true, OutcomeKind::kLockedForArchive},
       std::move(done));
}
void BundleRequests::unarchive(Caller caller, const Uuid& vm, OperationDone done) {
  mark(std::move(caller), vm, {VmTask::kUnarchive, kIsArchived, false, OutcomeKind::kInvalidAction},
       std::move(done));
}
void BundleRequests::pack(Caller caller, const Uuid& vm, OperationDone done) {
  mark(std::move(caller), vm, {VmTask::kPack, kIsPacked, true, OutcomeKind::kVmIsPacked},
       std::move(done));
}
void BundleRequests::unpack(Caller caller, const Uuid& vm, OperationDone done) {
  mark(std::move(caller), vm, {VmTask::kUnpack, kIsPacked, false, OutcomeKind::kNoPackedVm},
       std::move(done));
}

void BundleRequests::mark(Caller caller, const Uuid& vm, const Mark& mark, OperationDone done) {
  site_.with_vm(std::move(caller), vm, std::move(done),
                [this, mark](const OperationPtr& operation, const VmPtr& found) {
                  const VmConfig& config = found->config();
                  Outcome refused = found->check_removable();
                  if (refused.ok() && found->state() == State::kSuspended) {
                    refused = {OutcomeKind::kCommandCantBeExecuted,
                               {config.name, std::string(state_word(State::kSuspended))}};
                  }
                  if (refused.ok() && has_mark(config, mark.path) == mark.value) {
                    refused = {mark.when_so_already, {config.name}};
                  }
                  // Only one's own mark may be there, and only to be taken away.
                  const std::string_view other = mark.path == kIsPacked ? kIsArchived : kIsPacked;
                  if (refused.ok() && has_mark(config, other)) {
                    refused = mark.task == VmTask::kPack
                                  ? Outcome(OutcomeKind::kArchivedVmNotPackable, {config.name})
                                  : check_marks(config);
                  }
                  if (!refused.ok()) return site_.finish(operation, std::move(refused));
                  site_.run_task(
                      operation, found, mark.task, site_.duration_ms(Timed::kArchive, found.get()),
                      [this, operation, found, mark] { finish_mark(operation, found, mark); });
                });
}

void BundleRequests::finish_mark(const OperationPtr& operation, const VmPtr& vm, const Mark& mark) {
  VmRecord record = vm->record();
  record.config.properties.set(mark.path, mark.value);
  if (Outcome kept = site_.store_record(record); !kept.ok()) {
    return site_.finish(operation, std::move(kept));
  }
  site_.configure(*vm, record.config);
  site_.tell_config_changed(*vm);
  site_.finish_with(operation, {.outcome = {}, .vms = {vm->view()}});
}

}  // namespace prl::sim
