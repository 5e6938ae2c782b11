#include "simulator/backup_store.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <utility>

#include "simulator/property_tree.h"
#include "simulator/storage_files.h"

namespace prl::sim {

namespace {

constexpr std::string_view kDisk = "Disk";

Outcome write_failure(const StorageError& error) {
  const bool is_full = error.errno_value == ENOSPC;
  return {is_full ? OutcomeKind::kNoSpaceForBackup : OutcomeKind::kBackupNotWritten,
          {error.message()}};
}

Outcome read_failure(const StorageError& error) {
  return {OutcomeKind::kBackupsNotRead, {error.message()}};
}

std::optional<uint32_t> parse_number(std::string_view text) {
  uint32_t number = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || stop != text.data() + text.size()) return std::nullopt;
  // One number has one spelling.
  return std::to_string(number) == text ? std::optional(number) : std::nullopt;
}

std::string to_text(const Backup& backup) {
  PropertyTree tree;
  tree.set("Base", uint64_t{backup.base});
  tree.set("Sequence", backup.sequence);
  tree.set("VmName", backup.vm_name);
  tree.set("Host", backup.host);
  tree.set("Server", backup.server.format());
  tree.set("Created", backup.created);
  tree.set("Creator", backup.creator);
  tree.set("Description", backup.description);
  tree.set("Bytes", backup.bytes);
  tree.set("Folder", backup.folder);
  tree.set("Record", backup.record);
  for (const Backup::Disk& disk : backup.disks) {
    const std::string path = PropertyTree::child_path(kDisk, tree.add_child(kDisk));
    tree.set(path + ".Name", disk.name);
    tree.set(path + ".Bytes", disk.bytes);
  }
  return tree.serialise();
}

std::optional<Backup> parse_backup(std::string_view text) {
  const auto tree = PropertyTree::parse(text);
  if (!tree) return std::nullopt;
  const auto text_at = [&](const std::string& path) {
    const auto* found = std::get_if<std::string>(tree->find(path));
    return found ? *found : std::string();
  };
  const auto number_at = [&](const std::string& path) {
    const auto* found = std::get_if<uint64_t>(tree->find(path));
    return found ? *found : 0;
  };
  Backup backup;
  backup.base = static_cast<uint32_t>(number_at("Base"));
  backup.sequence = number_at("Sequence");
  backup.vm_name = text_at("VmName");
  backup.host = text_at("Host");
  backup.server = Uuid::parse(text_at("Server")).value_or(Uuid());
  backup.created = text_at("Created");
  backup.creator = text_at("Creator");
  backup.description = text_at("Description");
  backup.bytes = number_at("Bytes");
  backup.folder = text_at("Folder");
  backup.record = text_at("Record");
  for (const uint32_t child : tree->children(kDisk)) {
    const std::string path = PropertyTree::child_path(kDisk, child);
    backup.disks.push_back({text_at(path + ".Name"), number_at(path + ".Bytes")});
  }
  if (backup.record.empty()) return std::nullopt;
  return backup;
}

}  // namespace

std::string BackupId::format() const {
  return number == 0 ? chain.format() : chain.format() + "." + std::to_string(number);
}

std::optional<BackupId> BackupId::parse(std::string_view text) {
  const size_t dot = text.find('.');
  const auto chain = Uuid::parse(text.substr(0, dot));
  if (!chain) return std::nullopt;
  if (dot == std::string_view::npos) return BackupId{.chain = *chain};
  const auto number = parse_number(text.substr(dot + 1));
  if (!number || *number == 0) return std::nullopt;
  return BackupId{.chain = *chain, .number = *number};
}

std::string BackupStore::chain_folder(const Uuid& vm, const Uuid& chain) const {
  return folder_ + "/" + vm.format() + "/" + chain.format();
}

std::string BackupStore::path_of(const Uuid& vm, const BackupId& id) const {
  return chain_folder(vm, id.chain) + "/" + std::to_string(id.number);
}

Expected<std::vector<Backup>, Outcome> BackupStore::list() {
  std::vector<Backup> backups;
  if (!storage_->exists(folder_)) return backups;
  const auto vms = storage_->list(folder_);
  if (!vms) return Unexpected{read_failure(vms.error())};
  for (const std::string& name : *vms) {
    const auto vm = Uuid::parse(name);
    if (!vm) continue;  // somebody else's
    const auto chains = storage_->list(folder_ + "/" + name);
    if (!chains) return Unexpected{read_failure(chains.error())};
    for (const std::string& chain : *chains) {
      const auto uuid = Uuid::parse(chain);
      if (!uuid) continue;
      if (Outcome added = add_chain(*vm, *uuid, backups); !added.ok()) return Unexpected{added};
    }
  }
  std::ranges::sort(backups, {}, &Backup::sequence);
  return backups;
}

Outcome BackupStore::add_chain(const Uuid& vm, const Uuid& chain, std::vector<Backup>& backups) {
  const auto numbers = storage_->list(chain_folder(vm, chain));
  if (!numbers) return read_failure(numbers.error());
  for (const std::string& name : *numbers) {
    const auto number = parse_number(name);
    if (!number) continue;
    const BackupId id{chain, *number};
    const std::string path = path_of(vm, id) + "/backup";
    if (!storage_->exists(path)) continue;
    const auto text = read_text_file(*storage_, path);
    if (!text) return read_failure(text.error());
    auto backup = parse_backup(*text);
    if (!backup) continue;
    backup->id = id;
    backup->vm = vm;
    backups.push_back(std::move(*backup));
  }
  return {};
}

Expected<BackupFiles, Outcome> BackupStore::files(const Backup& backup) {
  const std::string path = path_of(backup.vm, backup.id) + "/files";
  const auto text = read_text_file(*storage_, path);
  if (!text) return Unexpected{read_failure(text.error())};
  auto files = parse_backup_files(*text);
  if (!files) return Unexpected{Outcome(OutcomeKind::kBackupDamaged, {path + " is damaged"})};
  return std::move(*files);
}

Outcome BackupStore::begin(const Uuid& vm, const BackupId& id) {
  const std::string path = path_of(vm, id);
  StorageResult<void> done = storage_->remove_folder(path);
  if (done) done = storage_->create_folder(path);
  return done ? Outcome() : write_failure(done.error());
}

Outcome BackupStore::write(const Uuid& vm, const BackupId& id, const std::string& vm_folder,
                           const BackupFiles& base, uint64_t& bytes) {
  const auto stored =
      store_files(*storage_, vm_folder, chain_folder(vm, id.chain), id.number, base);
  if (!stored) return write_failure(stored.error());
  const auto kept =
      write_text_file(*storage_, path_of(vm, id) + "/files", serialise(stored->files));
  if (!kept) return write_failure(kept.error());
  bytes = stored->bytes;
  return {};
}

Outcome BackupStore::complete(const Backup& backup) {
  const std::string path = path_of(backup.vm, backup.id) + "/backup";
  const auto written = write_text_file(*storage_, path, to_text(backup));
  return written ? Outcome() : write_failure(written.error());
}

Outcome BackupStore::remove(const Uuid& vm, const BackupId& id) {
  const std::string path = path_of(vm, id);
  // From here on there is no backup, whatever becomes of its files.
  StorageResult<void> done = remove_if_there(*storage_, path + "/backup");
  if (done) done = storage_->remove_folder(path);
  if (!done) return {OutcomeKind::kBackupNotRemoved, {done.error().message()}};
  for (std::string folder : {chain_folder(vm, id.chain), folder_ + "/" + vm.format()}) {
    const auto names = storage_->list(folder);
    if (!names || !names->empty()) break;
    (void)storage_->remove_folder(folder).has_value();
  }
  return {};
}

}  // namespace prl::sim
