#include "simulator/undo_disks.h"

#include <optional>

namespace prl::sim {

namespace {

// The state below the changes, the same on every disk: whoever finds the files finds it by that.
Uuid state_before() {
  static const Uuid kState = *Uuid::parse("{756e646f-0000-4000-8000-64697363616e}");
  return kState;
}

// What is merged leaves a disk that grows; one that was plain before is so again.
DiskResult<void> keep_changes(VirtualDisk& disk) {
  const DiskImageType type = disk.descriptor().find(state_before())->type;
  if (auto merged = disk.delete_state(state_before(), /*is_merged=*/true); !merged) return merged;
  if (type == disk.type() || disk.descriptor().states.size() > 1) return {};
  return disk.convert(type);
}

}  // namespace

// The numbers are those that configurations have for the modes (vm-lifecycle 4.1).
UndoMode undo_mode(const PropertyTree& config) {
  const PropertyValue* value = config.find("Settings.Runtime.UndoDisks");
  const auto* number = value ? std::get_if<uint64_t>(value) : nullptr;
  switch (number ? *number : 0) {
    case 1:
      return UndoMode::kDiscard;
    case 2:
      return UndoMode::kKeep;
    case 3:
      return UndoMode::kAsk;
    default:
      return UndoMode::kOff;
  }
}

Outcome hold_changes(Disks& disks, const std::vector<std::string>& paths) {
  std::vector<std::string> held;
  for (const std::string& path : paths) {
    auto opening = disks.open(path, /*is_writable=*/false);
    if (!opening) continue;
    const auto created =
        (*opening)->with([&](VirtualDisk& disk) { return disk.create_state(state_before()); });
    if (created) {
      held.push_back(path);
    } else if (created.error() != DiskError::kStateExists) {
      (void)settle_changes(disks, held, /*keeps=*/true).ok();
      return created.error();
    }
  }
  return {};
}

Outcome settle_changes(Disks& disks, const std::vector<std::string>& paths, bool keeps) {
  Outcome outcome;
  for (const std::string& path : paths) {
    auto opening = disks.open(path, /*is_writable=*/false);
    if (!opening) continue;
    const auto settled = (*opening)->with([&](VirtualDisk& disk) -> DiskResult<void> {
      if (!disk.descriptor().find(state_before())) return {};
      return keeps ? keep_changes(disk) : disk.take_back(state_before());
    });
    if (!settled) outcome = settled.error();
  }
  return outcome;
}

bool has_changes(Storage& storage, const std::vector<std::string>& paths) {
  for (const std::string& path : paths) {
    // Only looked at: no identity is drawn.
    const auto disk = VirtualDisk::open({.storage = storage, .new_uuid = {}}, path);
    if (disk && (*disk)->descriptor().find(state_before())) return true;
  }
  return false;
}

}  // namespace prl::sim
