#include "simulator/registry_requests.h"

#include <algorithm>
#include <utility>

#include "simulator/config_rules.h"
#include "simulator/disk_entries.h"
#include "simulator/record_text.h"
#include "simulator/storage_files.h"
#include "simulator/uptime.h"

namespace prl::sim {

namespace {

constexpr std::string_view kDeletedSuffix = ".pvm.deleted";

std::string deleted_folder(const std::string& folder) {
  return folder + ".deleted";
}

Outcome registry_failure(const StorageError& error) {
  return {OutcomeKind::kRegistryFailed, {error.message()}};
}

}  // namespace

// ---- Names and folders -----------------------------------------------------------------------

Outcome RegistryRequests::check_new_vm(const VmConfig& config) const {
  if (config.name.empty()) return OutcomeKind::kVmNameEmpty;
  if (Outcome refused = check_sizes(config); !refused.ok()) return refused;
  if (const auto twin = site_.vms().find(config.uuid)) {
    const bool is_same = twin->config().name == config.name;
    return {is_same ? OutcomeKind::kVmAlreadyRegistered : OutcomeKind::kVmUuidTaken, {config.name}};
  }
  if (site_.vms().find_by_name(config.name)) return {OutcomeKind::kVmNameTaken, {config.name}};
  return {};
}

// An empty folder that no VM has was left by a process that died while it registered one.
bool RegistryRequests::is_free(const std::string& folder) const {
  if (!site_.storage().exists(folder)) return true;
  const auto content = site_.storage().list(folder);
  bool is_taken = !content || !content->empty();
  site_.vms().for_each([&](const Vm& vm) { is_taken = is_taken || vm.record().folder == folder; });
  return !is_taken;
}

// Named after the VM, as the product does, so that a person finds it.
std::string RegistryRequests::bundle_name(const VmConfig& config) {
  std::string name = config.name.substr(0, 200);
  for (char& letter : name) {
    if (letter == '/' || static_cast<unsigned char>(letter) < ' ') letter = '_';
  }
  // Two names that become the same one need different folders.
  if (name != config.name) name += "-" + config.uuid.format();
  return name + ".pvm";
}

// The uuid is added where another VM's folder has the name, and a number where it has been added
// already: an unregistered VM of the same identity may be there.
std::string RegistryRequests::folder_for(const VmConfig& config) const {
  const std::string prefix = site_.store().vms_folder() + "/";
  const std::string name = bundle_name(config);
  if (is_free(prefix + name)) return prefix + name;
  const std::string stem = prefix + name.substr(0, name.size() - 4) + "-" + config.uuid.format();
  std::string folder = stem + ".pvm";
  for (int number = 2; !is_free(folder); ++number) {
    folder = stem + "-" + std::to_string(number) + ".pvm";
  }
  return folder;
}

Outcome RegistryRequests::check_bundle_path(const std::string& root_path,
                                            const std::string& bundle) const {
  if (root_path.empty()) return {};
  if (!root_path.starts_with('/')) return {OutcomeKind::kPathNotAbsolute, {root_path}};
  const std::string path = (root_path.ends_with('/') ? root_path : root_path + "/") + bundle;
  if (site_.storage().exists(path)) return {OutcomeKind::kBundleExists, {path}};
  return {};
}

// ---- Coming ----------------------------------------------------------------------------------

// A record never names a folder that is not there.
Outcome RegistryRequests::keep(VmRecord& record) {
  if (record.folder.empty()) record.folder = folder_for(record.config);
  if (const auto made = site_.storage().create_folder(record.folder); !made) {
    return registry_failure(made.error());
  }
  return site_.store_record(record);
}

Expected<std::shared_ptr<Vm>, Outcome> RegistryRequests::enter(VmRecord record,
                                                               const std::string& root_path) {
  Outcome refused = check_new_vm(record.config);
  const std::string bundle = bundle_name(record.config);
  if (refused.ok()) refused = check_bundle_path(root_path, bundle);
  if (!refused.ok()) return Unexpected{std::move(refused)};
  if (!root_path.empty()) {
    record.folder = (root_path.ends_with('/') ? root_path : root_path + "/") + bundle;
  }
  number_boot_entries(record.config);
  if (Outcome kept = keep(record); !kept.ok()) return Unexpected{std::move(kept)};
  return take_in(std::move(record));
}

// REQUIRES: the directory has the record.
Expected<std::shared_ptr<Vm>, Outcome> RegistryRequests::take_in(VmRecord record) {
  const auto vm = std::make_shared<Vm>(site_, std::move(record));
  if (Outcome found = vm->discover(); !found.ok()) {
    (void)site_.store().erase(vm->uuid()).has_value();
    return Unexpected{std::move(found)};
  }
  site_.vms().add(vm);
  site_.tell_added(*vm);
  return vm;
}

// The directory changes over at once, to a record that also says what is left to do (find_moved()).
Expected<std::shared_ptr<Vm>, Outcome> RegistryRequests::enter_restored(
    const std::shared_ptr<Vm>& old, VmRecord record, const std::string& path) {
  number_boot_entries(record.config);
  VmRecord changing = record;
  changing.config.properties.set(kMovingTo, portable(path));
  if (old) changing.config.properties.set(kReplacing, portable(old->record().folder));
  const auto vm = std::make_shared<Vm>(site_, std::move(record));
  if (Outcome found = vm->discover(); !found.ok()) return Unexpected{std::move(found)};
  if (Outcome kept = site_.store_record(changing); !kept.ok()) return Unexpected{std::move(kept)};
  settle(*vm, old, path);
  if (!old) {
    site_.vms().add(vm);
    site_.tell_added(*vm);
    return vm;
  }
  const State before = old->state();
  site_.vms().replace(vm);
  (void)vm->drive(old->drive(nullptr));
  if (before != vm->state()) site_.state_changed(*vm, before, vm->state(), vm->state());
  return vm;
}

// What fails here is left to the next opening; the VM is where its record says meanwhile.
void RegistryRequests::settle(Vm& vm, const std::shared_ptr<Vm>& old, const std::string& path) {
  Storage& storage = site_.storage();
  if (old && !storage.remove_folder(old->record().folder)) return;
  if (storage.exists(path) || !storage.rename(vm.record().folder, path)) return;
  (void)storage.sync_folder(folder_of(path)).has_value();
  vm.move_to(path);
  (void)site_.store_record(vm.record()).ok();
}

// A home may be moved: what is in it is named without it.
std::string RegistryRequests::portable(const std::string& path) const {
  const std::string prefix = site_.store().vms_folder() + "/";
  return path.starts_with(prefix) ? path.substr(prefix.size()) : path;
}

std::optional<std::string> RegistryRequests::path_at(const VmRecord& record,
                                                     std::string_view mark) const {
  const auto* text = std::get_if<std::string>(record.config.properties.find(mark));
  if (!text) return std::nullopt;
  return text->starts_with('/') ? *text : site_.store().vms_folder() + "/" + *text;
}

void RegistryRequests::register_vm(Caller caller, VmConfig config, OperationDone done) {
  site_.submit(std::move(caller), std::nullopt, std::move(done),
               [this, config = std::move(config)](const OperationPtr& operation) {
                 VmRecord record{.config = config, .workload = {}, .folder = {}};
                 if (Outcome refused = site_.apply_sample(record.config); !refused.ok()) {
                   return site_.finish(operation, std::move(refused));
                 }
                 reset_uptime(record.config, site_.date());
                 set_owner(record.config, site_.user_of(*operation));
                 const auto entered = enter(std::move(record));
                 if (!entered) return site_.finish(operation, entered.error());
                 site_.finish_with(operation, {.outcome = {}, .vms = {(*entered)->view()}});
               });
}

// ---- Going -----------------------------------------------------------------------------------

Outcome RegistryRequests::check_leaving(const Vm& vm, bool is_deleted) const {
  if (Outcome refused = vm.check_removable(); !refused.ok()) return refused;
  if (is_deleted && has_mark(vm.config(), kIsPacked)) {
    return {OutcomeKind::kPackedVmNotRemovable, {vm.config().name}};
  }
  return {};
}

void RegistryRequests::remove_vm(const OperationPtr& operation, const std::shared_ptr<Vm>& vm,
                                 const Removal& removal) {
  if (Outcome refused = check_leaving(*vm, removal.is_deleted); !refused.ok()) {
    return site_.finish(operation, std::move(refused));
  }
  take_out(operation, vm, removal);
}

void RegistryRequests::take_out(const OperationPtr& operation, const std::shared_ptr<Vm>& vm,
                                const Removal& removal) {
  const std::string folder = vm->record().folder;
  const bool keeps_folder = removal.keeps_folder();
  if (keeps_folder) {
    // The folder must say all about the VM before the directory forgets it.
    vm->note_uptime();
    if (Outcome written = site_.write_config_file(vm->record()); !written.ok()) {
      return site_.finish(operation, std::move(written));
    }
  } else {
    if (Outcome renamed = mark_deleted(folder); !renamed.ok()) {
      return site_.finish(operation, std::move(renamed));
    }
  }
  if (const auto erased = site_.store().erase(vm->uuid()); !erased) {
    if (!keeps_folder) (void)site_.storage().rename(deleted_folder(folder), folder).has_value();
    return site_.finish(operation, erased.error());
  }
  const auto announce = [this, operation, vm, is_deleted = removal.is_deleted](Outcome) {
    site_.vms().remove(vm->uuid());
    site_.tell_removed(*vm, is_deleted);
    site_.finish(operation, Outcome());
  };
  if (!removal.is_deleted) return announce(Outcome());
  // What cannot be removed stays on the disk: the VM is gone from the directory all the same.
  site_.unlocked(
      [this, folder, keeps_folder, files = removal.files] {
        if (keeps_folder) {
          remove_files(folder, files);
        } else {
          (void)site_.storage().remove_folder(deleted_folder(folder)).has_value();
        }
        return Outcome();
      },
      announce);
}

// By its text alone, so that no part of the path may be empty or a dot.
bool RegistryRequests::is_below(const std::string& folder, std::string_view path) {
  if (!path.starts_with(folder + "/")) return false;
  for (size_t begin = folder.size() + 1;;) {
    const size_t end = std::min(path.find('/', begin), path.size());
    const std::string_view part = path.substr(begin, end - begin);
    if (part.empty() || part == "." || part == "..") return false;
    if (end == path.size()) return true;
    begin = end + 1;
  }
}

// Nothing outside the folder, whatever the client names. What is a folder itself goes with all that
// is in it, as the bundle of a disk.
void RegistryRequests::remove_files(const std::string& folder,
                                    const std::vector<std::string>& files) {
  Storage& storage = site_.storage();
  for (const std::string& file : files) {
    const std::string path = path_of_file(folder, file);
    if (!is_below(folder, path) || !storage.exists(path)) continue;
    if (!storage.remove(path)) (void)storage.remove_folder(path).has_value();
  }
  (void)storage.sync_folder(folder).has_value();
}

void RegistryRequests::unregister_vm(Caller caller, const Uuid& vm, OperationDone done) {
  site_.with_vm(std::move(caller), vm, std::move(done),
                [this](const OperationPtr& operation, const std::shared_ptr<Vm>& found) {
                  remove_vm(operation, found, {});
                });
}

void RegistryRequests::delete_vm(Caller caller, const Uuid& vm, std::vector<std::string> files,
                                 OperationDone done) {
  site_.with_vm(std::move(caller), vm, std::move(done),
                [this, files = std::move(files)](const OperationPtr& operation,
                                                 const std::shared_ptr<Vm>& found) {
                  remove_vm(operation, found, {.is_deleted = true, .files = files});
                });
}

// Once the folder has this name the VM is deleted, whatever happens to the process.
Outcome RegistryRequests::mark_deleted(const std::string& folder) {
  Storage& storage = site_.storage();
  if (!storage.exists(folder)) return {};  // a user took it away
  if (const auto cleared = storage.remove_folder(deleted_folder(folder)); !cleared) {
    return registry_failure(cleared.error());
  }
  if (const auto renamed = storage.rename(folder, deleted_folder(folder)); !renamed) {
    return registry_failure(renamed.error());
  }
  if (const auto synced = storage.sync_folder(folder_of(folder)); !synced) {
    (void)storage.rename(deleted_folder(folder), folder).has_value();
    return registry_failure(synced.error());
  }
  return {};
}

// ---- After a kill ----------------------------------------------------------------------------

// Folders that no record names and that are not marked are never touched: they may hold the images
// of unregistered VMs.
Outcome RegistryRequests::finish_deletions(std::vector<VmRecord>& records) {
  Storage& storage = site_.storage();
  for (auto record = records.begin(); record != records.end();) {
    const std::string deleted = deleted_folder(record->folder);
    if (storage.exists(record->folder) || !storage.exists(deleted)) {
      ++record;
      continue;
    }
    if (const auto erased = site_.store().erase(record->config.uuid); !erased) {
      return erased.error();
    }
    (void)storage.remove_folder(deleted).has_value();
    record = records.erase(record);
  }
  const auto names = storage.list(site_.store().vms_folder());
  if (!names) return {OutcomeKind::kHomeUnusable, {names.error().message() + "."}};
  for (const std::string& name : *names) {
    const std::string path = site_.store().vms_folder() + "/" + name;
    const bool is_named =
        std::ranges::find(records, path, &VmRecord::folder) != records.end();
    const bool is_unfinished = name.ends_with(kRestoredSuffix) && !is_named;
    if (!name.ends_with(kDeletedSuffix) && !is_unfinished) continue;
    // What cannot be removed now waits for the next opening; no VM is in it.
    (void)storage.remove_folder(site_.store().vms_folder() + "/" + name).has_value();
  }
  return {};
}

// While a restored VM is where it was put together, what it replaces is still in its way.
Outcome RegistryRequests::find_moved(VmRecord& record) {
  const auto target = path_at(record, kMovingTo);
  if (!target) return {};
  Storage& storage = site_.storage();
  if (storage.exists(record.folder) && record.folder.ends_with(kRestoredSuffix)) {
    const auto left = path_at(record, kReplacing);
    if (left) (void)storage.remove_folder(*left).has_value();
    if (!storage.exists(*target)) (void)storage.rename(record.folder, *target).has_value();
  }
  const bool has_moved = !storage.exists(record.folder) && storage.exists(*target);
  if (has_moved) record.folder = *target;
  record.config.properties.erase(kMovingTo);
  record.config.properties.erase(kReplacing);
  return site_.store_record(record);
}

}  // namespace prl::sim
