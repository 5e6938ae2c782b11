// The snapshots of one VM: which there are, which grew out of which, and which the VM stands on now
// (config-model 10). A value type; the files that belong to it are in snapshot_files.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/uuid.h"

namespace prl::sim {

// What the VM was when the snapshot was taken.
enum class SnapshotPower : uint8_t { kOff, kRunning, kPaused, kSuspended };

struct Snapshot {
  Uuid uuid;
  Uuid parent;  // nil where it grew out of none
  std::string name;
  std::string description;
  std::string created;  // as date_text() writes it
  SnapshotPower power = SnapshotPower::kOff;

  bool has_image() const { return power != SnapshotPower::kOff; }
  friend bool operator==(const Snapshot&, const Snapshot&) = default;
};

class SnapshotTree {
 public:
  // A parent comes before its children.
  const std::vector<Snapshot>& all() const { return snapshots_; }
  // Nil before the first snapshot, and where the VM stands on none of them.
  const Uuid& current() const { return current_; }
  // Null where there is none. Valid until the next change.
  const Snapshot* find(const Uuid& uuid) const;

  // Below the current one; becomes the current one. `parent` is set here.
  void add(Snapshot snapshot);
  // REQUIRES, as of all that follow: the snapshot is in the tree; here it may also be nil.
  void make_current(const Uuid& uuid) { current_ = uuid; }
  void describe(const Uuid& uuid, std::string name, std::string description);
  // Alone, its children growing out of its parent from now on, or with all that grew out of it.
  // Returns what was removed. The place of a current one that goes is taken by the nearest
  // ancestor that stays.
  std::vector<Uuid> remove(const Uuid& uuid, bool with_children);

  // The tree as clients get it; the empty text where there is no snapshot.
  std::string to_xml() const;
  // Refuses what is not a tree of snapshots with different identities, one of them current.
  static std::optional<SnapshotTree> parse(std::string_view xml);

  friend bool operator==(const SnapshotTree&, const SnapshotTree&) = default;

 private:
  Snapshot* find_mutable(const Uuid& uuid);

  std::vector<Snapshot> snapshots_;
  Uuid current_;
};

}  // namespace prl::sim
