// How folders that hold a VM are found, and become VMs of the host.
#include <algorithm>
#include <filesystem>
#include <utility>

#include "simulator/config_rules.h"
#include "simulator/foreign_config.h"
#include "simulator/image_chain.h"
#include "simulator/image_reader.h"
#include "simulator/image_writer.h"
#include "simulator/record_text.h"
#include "simulator/registry_requests.h"
#include "simulator/storage_files.h"
#include "simulator/uptime.h"

namespace prl::sim {

namespace {

std::string config_path(const std::string& folder) {
  return folder + "/" + std::string(kConfigFile);
}

// The folder that a client means: its own path, or that of the configuration in it; written in one
// way only, so that it can be compared.
std::string folder_named(std::string path) {
  if (path.empty()) return path;
  path = std::filesystem::path(path).lexically_normal().string();
  const std::string file = config_path("");
  if (path.size() > file.size() && path.ends_with(file)) path.resize(path.size() - file.size());
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return path;
}

FoundVm found_vm(const VmRecord& record, const std::string& folder) {
  const PropertyTree& properties = record.config.properties;
  const PropertyValue* os = properties.find("Settings.General.OsNumber");
  const auto* version = os ? std::get_if<uint64_t>(os) : nullptr;
  return {.name = record.config.name,
          .config_path = config_path(folder),
          .os_version = version ? static_cast<uint32_t>(*version) : 0,
          .is_template = is_template(record.config)};
}

}  // namespace

// ---- Registering -----------------------------------------------------------------------------

Outcome RegistryRequests::copy_image(Storage& storage, const std::string& folder, const Uuid& from,
                                     const Uuid& to) {
  const std::string path = image_path(folder, from);
  if (from == to || !storage.exists(path)) return {};
  auto image = open_image(storage, path, from);
  if (!image) return {OutcomeKind::kImageNotRead, {image.error().message}};
  image->machine.vm_uuid = to;
  const auto written = write_image(storage, image_path(folder, to), image->machine, image->ram);
  if (!written) return {OutcomeKind::kImageNotWritten, {written.error().message}};
  return {};
}

Expected<VmRecord, Outcome> RegistryRequests::read_bundle(const std::string& folder) const {
  const auto refuse = [&](OutcomeKind kind) { return Unexpected{Outcome(kind, {folder})}; };
  if (folder.empty()) return refuse(OutcomeKind::kPathInvalid);
  if (!folder.starts_with('/')) return refuse(OutcomeKind::kPathNotAbsolute);
  bool is_taken = false;
  site_.vms().for_each([&](const Vm& vm) { is_taken = is_taken || vm.record().folder == folder; });
  if (is_taken) return refuse(OutcomeKind::kVmAlreadyRegistered);
  Storage& storage = site_.storage();
  if (!storage.exists(folder)) return refuse(OutcomeKind::kFolderNotFound);
  if (!storage.exists(config_path(folder))) return refuse(OutcomeKind::kConfigNotFound);
  const auto text = read_text_file(storage, config_path(folder));
  if (!text) return refuse(OutcomeKind::kConfigNotRead);
  auto record = parse_record(*text, site_.schema());
  if (!record) return refuse(OutcomeKind::kConfigNotRead);
  record->folder = folder;
  return std::move(*record);
}

void RegistryRequests::register_bundle(Caller caller, BundleOrder order, OperationDone done) {
  site_.submit(std::move(caller), std::nullopt, std::move(done),
               [this, order = std::move(order)](const OperationPtr& operation) {
                 auto record = read_bundle(folder_named(order.path));
                 if (!record) return site_.finish(operation, record.error());
                 VmConfig& config = record->config;
                 const Uuid before = config.uuid;
                 if (order.uuid) config.uuid = *order.uuid;
                 if (order.has_new_uuid) config.uuid = site_.draw_uuid();
                 if (!order.name.empty()) config.name = order.name;
                 reset_uptime(config, site_.date());
                 set_owner(config, site_.user_of(*operation));
                 if (Outcome taken = check_new_vm(config); !taken.ok()) {
                   return site_.finish(operation, std::move(taken));
                 }
                 site_.unlocked(
                     [this, folder = record->folder, before, after = config.uuid] {
                       return copy_image(site_.storage(), folder, before, after);
                     },
                     [this, operation, before, record = *record](Outcome copied) {
                       if (!copied.ok()) return site_.finish(operation, std::move(copied));
                       finish_bundle(operation, record, before);
                     });
               });
}

void RegistryRequests::finish_bundle(const OperationPtr& operation, const VmRecord& record,
                                     const Uuid& before) {
  if (Outcome kept = site_.store_record(record); !kept.ok()) {
    return site_.finish(operation, std::move(kept));
  }
  const auto entered = take_in(record);
  if (!entered) return site_.finish(operation, entered.error());
  if (before != record.config.uuid) {
    (void)remove_if_there(site_.storage(), image_path(record.folder, before)).has_value();
    remove_bases(site_.storage(), record.folder, before);
  }
  site_.finish_with(operation, {.outcome = {}, .vms = {(*entered)->view()}});
}

void RegistryRequests::register_foreign(Caller caller, std::string config_path,
                                        std::string root_path, OperationDone done) {
  site_.submit(std::move(caller), std::nullopt, std::move(done),
               [this, path = std::move(config_path),
                root = std::move(root_path)](const OperationPtr& operation) {
                 const auto refuse = [&](OutcomeKind kind) {
                   site_.finish(operation, {kind, {path}});
                 };
                 if (path.empty()) return refuse(OutcomeKind::kPathInvalid);
                 if (!path.starts_with('/')) return refuse(OutcomeKind::kPathNotAbsolute);
                 const auto text = read_text_file(site_.storage(), path);
                 if (!text) return refuse(OutcomeKind::kFileNotFound);
                 const std::string file = name_of(path);
                 auto config = parse_foreign_config(*text, file.substr(0, file.rfind('.')));
                 if (!config) return refuse(OutcomeKind::kForeignConfigNotRead);
                 config->uuid = site_.draw_uuid();
                 VmRecord record{.config = std::move(*config), .workload = {}, .folder = {}};
                 reset_uptime(record.config, site_.date());
                 set_owner(record.config, site_.user_of(*operation));
                 const auto entered = enter(std::move(record), root);
                 if (!entered) return site_.finish(operation, entered.error());
                 site_.finish_with(operation, {.outcome = {}, .vms = {(*entered)->view()}});
               });
}

// ---- Searching -------------------------------------------------------------------------------

void RegistryRequests::search(Caller caller, std::vector<std::string> folders, OperationDone done) {
  site_.submit(std::move(caller), std::nullopt, std::move(done),
               [this, folders = std::move(folders)](const OperationPtr& operation) {
                 std::vector<std::string> roots = folders;
                 if (roots.empty()) roots.push_back(site_.store().vms_folder());
                 std::vector<FoundVm> found;
                 std::vector<std::string> bundles;
                 for (const std::string& root : roots) add_bundles(folder_named(root), bundles);
                 for (const std::string& bundle : bundles) {
                   const auto record = read_bundle(bundle);
                   if (record) found.push_back(found_vm(*record, bundle));
                 }
                 site_.finish_with(operation, {.outcome = {}, .found = std::move(found)});
               });
}

// The folder itself, and those right below it; each once.
void RegistryRequests::add_bundles(const std::string& root, std::vector<std::string>& bundles) {
  Storage& storage = site_.storage();
  const auto add = [&](const std::string& folder) {
    if (!storage.exists(config_path(folder))) return;
    if (std::ranges::find(bundles, folder) == bundles.end()) bundles.push_back(folder);
  };
  add(root);
  const auto names = storage.list(root);
  if (!names) return;  // no such folder: nothing is in it
  for (const std::string& name : *names) add((root == "/" ? root : root + "/") + name);
}

}  // namespace prl::sim
