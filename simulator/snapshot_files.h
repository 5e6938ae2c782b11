// The files of a VM's snapshots, below the folder of the VM:
//   Snapshots.xml          the tree: a snapshot exists exactly when it is in there
//   Snapshots/{uuid}.pvc   the configuration of a snapshot
//   Snapshots/{uuid}.sav   its memory image, where the VM was not off
// What belongs to a snapshot is durable before the tree names it, and goes after the tree has
// forgotten it; so whatever a killed process leaves, no snapshot lacks its files. Used by one
// thread at a time.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "simulator/expected.h"
#include "simulator/outcome.h"
#include "simulator/seams.h"
#include "simulator/snapshot_tree.h"
#include "simulator/vm_config.h"

namespace prl::sim {

class SnapshotFiles {
 public:
  SnapshotFiles(Storage& storage, std::string vm_folder)
      : storage_(&storage), folder_(std::move(vm_folder)) {}

  std::string image_path(const Uuid& snapshot) const { return file(snapshot, ".sav"); }

  // The tree; one without snapshots where there is no file. Where the file makes no sense it stays
  // as it is, as do all others.
  Expected<SnapshotTree, Outcome> load();
  // Durable when it returns. Without snapshots nothing is left of the files.
  Outcome save(const SnapshotTree& tree);

  // Makes room for the files of a snapshot to come, and writes its configuration.
  Outcome begin(const Uuid& snapshot, const VmRecord& record);
  Expected<VmRecord, Outcome> load_record(const Uuid& snapshot);
  // What cannot be removed waits for the next sweep().
  void remove(const std::vector<Uuid>& snapshots);
  // Removes the files that no snapshot of the tree has.
  void sweep(const SnapshotTree& tree);

  // Bytes of the files of all snapshots.
  uint64_t total_bytes();

 private:
  std::string tree_path() const { return folder_ + "/Snapshots.xml"; }
  std::string files_folder() const { return folder_ + "/Snapshots"; }
  std::string file(const Uuid& snapshot, const char* suffix) const {
    return files_folder() + "/" + snapshot.format() + suffix;
  }

  Storage* storage_;
  std::string folder_;
};

}  // namespace prl::sim
