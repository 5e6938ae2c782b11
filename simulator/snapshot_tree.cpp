#include "simulator/snapshot_tree.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace prl::sim {

const Snapshot* SnapshotTree::find(const Uuid& uuid) const {
  const auto found = std::ranges::find(snapshots_, uuid, &Snapshot::uuid);
  return found == snapshots_.end() ? nullptr : &*found;
}

Snapshot* SnapshotTree::find_mutable(const Uuid& uuid) {
  const auto found = std::ranges::find(snapshots_, uuid, &Snapshot::uuid);
  assert(found != snapshots_.end());
  return &*found;
}

void SnapshotTree::add(Snapshot snapshot) {
  assert(!find(snapshot.uuid));
  snapshot.parent = current_;
  current_ = snapshot.uuid;
  snapshots_.push_back(std::move(snapshot));
}

void SnapshotTree::describe(const Uuid& uuid, std::string name, std::string description) {
  Snapshot* snapshot = find_mutable(uuid);
  snapshot->name = std::move(name);
  snapshot->description = std::move(description);
}

std::vector<Uuid> SnapshotTree::remove(const Uuid& uuid, bool with_children) {
  const Uuid parent = find_mutable(uuid)->parent;
  std::vector<Uuid> removed = {uuid};
  const auto goes = [&](const Uuid& one) {
    return std::ranges::find(removed, one) != removed.end();
  };
  for (Snapshot& snapshot : snapshots_) {  // parents come first
    if (!goes(snapshot.parent)) continue;
    if (with_children) {
      removed.push_back(snapshot.uuid);
    } else {
      snapshot.parent = parent;
    }
  }
  std::erase_if(snapshots_, [&](const Snapshot& snapshot) { return goes(snapshot.uuid); });
  if (goes(current_)) current_ = parent;
  return removed;
}

}  // namespace prl::sim
