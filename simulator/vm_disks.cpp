// What a VM does with its disks: its guest neither reads nor writes them, clients do
// (vm-lifecycle 2.4, 4.1).
#include <utility>

#include "simulator/disk_entries.h"
#include "simulator/vm.h"

namespace prl::sim {

Outcome Vm::check_compaction(uint32_t mask) const {
  if (mask == 0) return OutcomeKind::kDiskMaskEmpty;
  if (expanding_disks_in(config().properties, mask).empty()) {
    return {OutcomeKind::kNoDiskToCompact, {config().name}};
  }
  return {};
}

void Vm::begin_compact() {
  surroundings_.notice(*this, VmNotice::kCompactBegun);
  begin_phase({.duration_ms = surroundings_.duration_ms(Timed::kCompact, this),
               .on_done = [this] { compact_now(); }});
}

// The guests do not write to disks, so nothing is left on one that has been compacted.
void Vm::compact_now() {
  VmConfig config = record_.config;
  for (const std::string& disk : expanding_disks_in(config.properties, disk_mask_)) {
    config.properties.set(disk + ".SizeOnDisk", uint64_t{0});
  }
  surroundings_.configure(*this, std::move(config));
  surroundings_.record_changed(record_);
  surroundings_.notice(*this, VmNotice::kCompactFinished);
}

// ---- Changes that may be taken back -----------------------------------------------------------

// Profile V has no such disks (vm-lifecycle 4.1).
UndoMode Vm::undo_mode() const {
  if (surroundings_.profile() == Profile::kVirtuozzo) return UndoMode::kOff;
  return sim::undo_mode(config().properties);
}

std::vector<std::string> Vm::disk_images() const {
  std::vector<std::string> paths;
  for (const DiskEntry& disk : all_disks(config().properties)) {
    if (disk.is_image) paths.push_back(path_of_file(record_.folder, disk.path));
  }
  return paths;
}

// What this and the next two return is to be called with the world unlocked; empty where there is
// nothing to do.
std::function<Outcome()> Vm::changes_begin() {
  if (undo_mode() == UndoMode::kOff) return nullptr;
  return [this, images = disk_images()] {
    Outcome held = hold_changes(surroundings_.disks(), images);
    if (held.ok()) changes_apart_ = true;
    return held;
  };
}

std::function<Outcome()> Vm::settling(bool keeps) {
  if (!changes_apart_ || state_ != State::kStopped) return nullptr;
  return [this, keeps, images = disk_images()] { return settle(images, keeps); };
}

Outcome Vm::settle(const std::vector<std::string>& images, bool keeps) {
  Outcome settled = settle_changes(surroundings_.disks(), images, keeps);
  changes_apart_ = !settled.ok();
  return settled;
}

// The operation under way ends with what goes wrong, unless it has failed already.
std::function<void()> Vm::changes_end() {
  const UndoMode mode = undo_mode();
  if (!changes_apart_ || mode == UndoMode::kAsk) return nullptr;
  return [this, keeps = mode != UndoMode::kDiscard, images = disk_images()] {
    Outcome settled = settle(images, keeps);
    if (!settled.ok() && !failure_) failure_ = std::move(settled);
  };
}

// Of a VM that has just been stopped: the client has a say, or the process has died before it
// could settle them.
void Vm::leave_changes() {
  if (!changes_apart_) return;
  if (undo_mode() == UndoMode::kAsk) return surroundings_.ask_about_changes(*this);
  tidy_up([this, keeps = undo_mode() != UndoMode::kDiscard] {
    if (const auto settle = settling(keeps)) (void)settle().ok();
  });
}

// Snapshots hold changes apart too, and both do not go together, as the name of the code says.
Outcome Vm::check_undo(Command command) const {
  if (command == Command::kDeleteSnapshot || undo_mode() == UndoMode::kOff) return {};
  return {OutcomeKind::kSnapshotInUndoMode, {config().name}};
}

void Vm::count_boot() {
  ++record_.boot_count;
  surroundings_.record_changed(record_);
}

}  // namespace prl::sim
