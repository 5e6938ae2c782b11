// What clients ask about the snapshots of VMs (vm-lifecycle 2.3). Part of a world, whose site it
// uses; any thread may call.
#pragma once

#include "simulator/operation.h"
#include "simulator/site.h"
#include "simulator/vm.h"

namespace prl::sim {

class SnapshotRequests {
 public:
  // `site` outlives this object.
  explicit SnapshotRequests(Site& site) : site_(site) {}

  // Draws the identity of the new snapshot; it is the text of the report.
  void create(Caller caller, const Uuid& vm, SnapshotOrder order, OperationDone done);
  void switch_to(Caller caller, const Uuid& vm, SnapshotOrder order, OperationDone done);
  void remove(Caller caller, const Uuid& vm, SnapshotOrder order, OperationDone done);
  // Gives the snapshot another name and description.
  void describe(Caller caller, const Uuid& vm, SnapshotOrder order, OperationDone done);
  // The text of the report is the tree as XML.
  void tree(Caller caller, const Uuid& vm, OperationDone done);
  // The text of the report is the number of bytes of all snapshots.
  void total_size(Caller caller, const Uuid& vm, OperationDone done);

 private:
  Site& site_;
};

}  // namespace prl::sim
