// The disk machine (vm-lifecycle 2.3 and 2.4): operations on snapshots and disks, which the VM lies
// still for. What it does is its table.
#include "simulator/vm_machine/msm_machine.h"

namespace prl::sim::machine {

// Choices that the notes leave open:
// - An operation on snapshots ends with what the VM is then, whether it succeeded or not.
// - A process that dies while a snapshot is taken or deleted ends that too: 2.5 ignores it for
//   RESTORING only. The power machine has what is left of the VM from then on.
// clang-format off
struct DiskTable {
  // The others are for the power machine to announce.
  static constexpr bool announces(State state) { return is_about_disks(state); }

using Rows = mp_list<
    //    from            on              to               do                 if
    // -- Stopped -----------------------------------------------------------------------------
    Row<  Stopped,        TakeSnapshot,   Snapshoting,     begin_snapshot,    none           >,
    Row<  Stopped,        Switch,         Restoring,       begin_restore,     none           >,
    Row<  Stopped,        DropSnapshot,   DeletingState,   begin_removal,     none           >,
    Row<  Stopped,        Compact,        Compacting,      begin_compact,     none           >,
    Row<  Stopped,        Mount,          Mounted,         none,              none           >,
    // -- Running -----------------------------------------------------------------------------
    Row<  Running,        Compact,        none,            compact_now,       none           >,
    Row<  Running,        TakeSnapshot,   Snapshoting,     begin_snapshot,    none           >,
    Row<  Running,        Switch,         Restoring,       begin_restore,     none           >,
    Row<  Running,        DropSnapshot,   DeletingState,   begin_removal,     none           >,
    // -- Paused ------------------------------------------------------------------------------
    Row<  Paused,         TakeSnapshot,   Snapshoting,     begin_snapshot,    none           >,
    Row<  Paused,         Switch,         Restoring,       begin_restore,     none           >,
    Row<  Paused,         DropSnapshot,   DeletingState,   begin_removal,     none           >,
    // -- Suspended ---------------------------------------------------------------------------
    Row<  Suspended,      TakeSnapshot,   Snapshoting,     begin_snapshot,    none           >,
    Row<  Suspended,      Switch,         Restoring,       begin_restore,     none           >,
    Row<  Suspended,      DropSnapshot,   DeletingState,   begin_removal,     none           >,
    // -- Snapshoting -------------------------------------------------------------------------
    Row<  Snapshoting,    FoundStopped,   Stopped,         none,              none           >,
    Row<  Snapshoting,    FoundSuspended, Suspended,       none,              none           >,
    Row<  Snapshoting,    FoundRunning,   Running,         none,              none           >,
    Row<  Snapshoting,    FoundPaused,    Paused,          none,              none           >,
    Row<  Snapshoting,    ProcessDied,    Stopping,        begin_clean_up,    none           >,
    // -- Restoring ---------------------------------------------------------------------------
    Row<  Restoring,      FoundStopped,   Stopped,         none,              none           >,
    Row<  Restoring,      FoundSuspended, Suspended,       none,              none           >,
    Row<  Restoring,      FoundRunning,   Running,         none,              none           >,
    Row<  Restoring,      FoundPaused,    Paused,          none,              none           >,
    // -- DeletingState -----------------------------------------------------------------------
    Row<  DeletingState,  FoundStopped,   Stopped,         none,              none           >,
    Row<  DeletingState,  FoundSuspended, Suspended,       none,              none           >,
    Row<  DeletingState,  FoundRunning,   Running,         none,              none           >,
    Row<  DeletingState,  FoundPaused,    Paused,          none,              none           >,
    Row<  DeletingState,  ProcessDied,    Stopping,        begin_clean_up,    none           >,
    // -- Compacting --------------------------------------------------------------------------
    Row<  Compacting,     Done,           Stopped,         none,              none           >,
    Row<  Compacting,     Failed,         Stopped,         none,              none           >,
    // -- Mounted -----------------------------------------------------------------------------
    Row<  Mounted,        Umount,         Stopped,         none,              none           >
>;
// The VM comes from the power machine, and goes back to it.
using HandOver = mp_list<
    //    from            on              to               do                 if
    Row<  Unknown,        FoundStopped,   Stopped,         none,              none           >,
    Row<  Unknown,        FoundRunning,   Running,         none,              none           >,
    Row<  Unknown,        FoundPaused,    Paused,          none,              none           >,
    Row<  Unknown,        FoundSuspended, Suspended,       none,              none           >,
    Row<  Stopped,        LetGo,          Unknown,         none,              none           >,
    Row<  Running,        LetGo,          Unknown,         none,              none           >,
    Row<  Paused,         LetGo,          Unknown,         none,              none           >,
    Row<  Suspended,      LetGo,          Unknown,         none,              none           >,
    Row<  Stopping,       LetGo,          Unknown,         none,              none           >
>;
};
// clang-format on

template class Machine<DiskTable>;

}  // namespace prl::sim::machine
