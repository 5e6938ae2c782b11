#include "simulator/snapshot_files.h"

#include <cerrno>
#include <set>
#include <utility>

#include "simulator/record_text.h"
#include "simulator/storage_files.h"

namespace prl::sim {

namespace {

constexpr const char* kSuffixes[] = {".pvc", ".sav"};

Outcome snapshot_failure(const StorageError& error) {
  if (error.errno_value == ENOSPC) {
    return {OutcomeKind::kNoSpaceForSnapshot, {error.message()}};
  }
  return {OutcomeKind::kSnapshotNotWritten, {error.message()}};
}

Unexpected<Outcome> unreadable(const std::string& why) {
  return Unexpected{Outcome(OutcomeKind::kSnapshotsNotRead, {why})};
}

}  // namespace

Expected<SnapshotTree, Outcome> SnapshotFiles::load() {
  if (!storage_->exists(tree_path())) return SnapshotTree();
  const auto text = read_text_file(*storage_, tree_path());
  if (!text) return unreadable(text.error().message());
  auto tree = SnapshotTree::parse(*text);
  if (!tree) return unreadable(tree_path() + " is damaged");
  return std::move(*tree);
}

Outcome SnapshotFiles::save(const SnapshotTree& tree) {
  if (!tree.all().empty()) {
    const auto written = write_text_file(*storage_, tree_path(), tree.to_xml());
    return written ? Outcome() : snapshot_failure(written.error());
  }
  StorageResult<void> removed = remove_if_there(*storage_, tree_path());
  if (removed) removed = storage_->sync_folder(folder_);
  return removed ? Outcome() : snapshot_failure(removed.error());
}

Outcome SnapshotFiles::begin(const Uuid& snapshot, const VmRecord& record) {
  StorageResult<void> done = storage_->create_folder(files_folder());
  if (done) done = storage_->sync_folder(folder_);
  if (done) done = write_text_file(*storage_, file(snapshot, ".pvc"), to_text(record));
  return done ? Outcome() : snapshot_failure(done.error());
}

Expected<VmRecord, Outcome> SnapshotFiles::load_record(const Uuid& snapshot) {
  const auto text = read_text_file(*storage_, file(snapshot, ".pvc"));
  if (!text) return unreadable(text.error().message());
  auto record = parse_record(*text);
  if (!record) return unreadable(file(snapshot, ".pvc") + " is damaged");
  return std::move(*record);
}

void SnapshotFiles::remove(const std::vector<Uuid>& snapshots) {
  for (const Uuid& snapshot : snapshots) {
    for (const char* suffix : kSuffixes) {
      (void)remove_if_there(*storage_, file(snapshot, suffix)).has_value();
      (void)remove_if_there(*storage_, temporary_path(file(snapshot, suffix))).has_value();
    }
  }
  const auto left = storage_->list(files_folder());
  if (left && left->empty()) (void)storage_->remove_folder(files_folder()).has_value();
}

void SnapshotFiles::sweep(const SnapshotTree& tree) {
  (void)remove_if_there(*storage_, temporary_path(tree_path())).has_value();
  if (!storage_->exists(files_folder())) return;
  const auto names = storage_->list(files_folder());
  if (!names) return;
  std::set<std::string> known;
  for (const Snapshot& snapshot : tree.all()) {
    for (const char* suffix : kSuffixes) known.insert(snapshot.uuid.format() + suffix);
  }
  for (const std::string& name : *names) {
    if (!known.contains(name)) (void)storage_->remove(files_folder() + "/" + name).has_value();
  }
  remove({});
}

uint64_t SnapshotFiles::total_bytes() {
  uint64_t total = 0;
  const auto names = storage_->list(files_folder());
  if (!names) return total;
  for (const std::string& name : *names) {
    const auto bytes = storage_->file_size(files_folder() + "/" + name);
    if (bytes) total += *bytes;
  }
  return total;
}

}  // namespace prl::sim
