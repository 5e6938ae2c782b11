// What clients ask of the lifecycle of a VM, with what each command needs to know. Value types.
#pragma once

#include <cstdint>
#include <string>

#include "simulator/uuid.h"
#include "simulator/vm_machine/vm_machine.h"

namespace prl::sim {

// What a command about a snapshot needs to know.
struct SnapshotOrder {
  Uuid uuid;  // of the new snapshot, or of the one meant
  std::string name;
  std::string description;
  bool is_disk_only = false;  // leaves the memory of a live VM out
  bool skips_resume = false;  // ends suspended where the snapshot is of a live VM
  bool with_children = false;
};

// A command of a client on its way to the machine.
struct CommandRequest {
  Command command = Command::kStart;
  bool extended_start = false;  // StartEx: later refusals name this lock (vm-lifecycle 2.4)
  bool starts_to_compact = false;  // of kStart: only for that
  const SnapshotOrder* snapshot = nullptr;  // of one about a snapshot, as long as it is begun
  // Of kMount, as long as it is begun; null: below the VM's folder.
  const std::string* mount_path = nullptr;
  bool reads_only = false;  // of kMount
  uint32_t disk_mask = 0;  // of kCompact; see disk_entries.h
  bool spares_guest = false;  // of kStopGraceful: a guest that does not comply in time runs on
  bool asks_guest = false;  // of kPause: the guest is to sleep by its own means
};

}  // namespace prl::sim
