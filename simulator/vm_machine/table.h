// The transitions of the power machine, profile desktop (vm-lifecycle 2.2, columns D, and 2.5).
// Included by vm_machine.cpp only: whoever includes it pays for Boost.MSM. A command without a row
// is refused (refusals.h), a completion without a row is ignored.
#pragma once

#include <boost/mp11/list.hpp>
#include <boost/msm/front/functor_row.hpp>

#include "simulator/vm_machine/actions.h"
#include "simulator/vm_machine/commands.h"
#include "simulator/vm_machine/guards.h"
#include "simulator/vm_machine/states.h"

namespace prl::sim::power {

template <class From, class On, class To, class Do, class If>
using Row = boost::msm::front::Row<From, On, To, Do, If>;
using none = boost::msm::front::none;

// Choices that the notes leave open:
// - A suspend that fails after the image is complete rolls back like one that fails before: the
//   process still holds the memory, and a running VM has no image (invariant 3).
// - A stop that fails while it interrupts a boot or a resume lets that begin anew.
// - After ProcessDied there is no origin, so Failed has no row: nothing is left that could fail.
// - An operation on snapshots ends with what the VM is then, whether it succeeded or not. A process
//   that dies under one is not heard of: the notes ignore it for RESTORING.
// - Whether a paused VM is one that thaws is for the site to know.
// clang-format off
using Table = boost::mp11::mp_list<
    //    from            on              to               do                 if
    // -- Unknown ------------------------------------------------------------------------------
    Row<  Unknown,        FoundStopped,   Stopped,         none,              none           >,
    Row<  Unknown,        FoundSuspended, Suspended,       none,              none           >,
    Row<  Unknown,        FoundRunning,   Running,         none,              none           >,
    Row<  Unknown,        FoundPaused,    Paused,          none,              none           >,
    // -- Stopped ------------------------------------------------------------------------------
    Row<  Stopped,        Start,          Starting,        begin_boot,        none           >,
    Row<  Stopped,        TakeSnapshot,   Snapshoting,     begin_snapshot,    none           >,
    Row<  Stopped,        Switch,         Restoring,       begin_restore,     none           >,
    Row<  Stopped,        DropSnapshot,   DeletingState,   begin_removal,     none           >,
    Row<  Stopped,        Compact,        Compacting,      begin_compact,     none           >,
    Row<  Stopped,        Mount,          Mounted,         none,              none           >,
    // -- Starting -----------------------------------------------------------------------------
    Row<  Starting,       Done,           Running,         none,              none           >,
    Row<  Starting,       Failed,         Stopped,         end_process,       none           >,
    Row<  Starting,       StopKill,       Stopping,        begin_power_off,   none           >,
    Row<  Starting,       ProcessDied,    Stopping,        begin_clean_up,    none           >,
    // -- Running ------------------------------------------------------------------------------
    Row<  Running,        StopKill,       Stopping,        begin_power_off,   none           >,
    Row<  Running,        StopGraceful,   Stopping,        begin_shutdown,    none           >,
    Row<  Running,        Pause,          Pausing,         begin_freeze,      none           >,
    Row<  Running,        Suspend,        Suspending,      begin_image_write, none           >,
    Row<  Running,        Reset,          Resetting,       begin_reset,       none           >,
    Row<  Running,        Restart,        none,            reboot_guest,      none           >,
    Row<  Running,        Compact,        none,            compact_now,       none           >,
    Row<  Running,        TakeSnapshot,   Snapshoting,     begin_snapshot,    none           >,
    Row<  Running,        Switch,         Restoring,       begin_restore,     none           >,
    Row<  Running,        DropSnapshot,   DeletingState,   begin_removal,     none           >,
    Row<  Running,        ProcessDied,    Stopping,        begin_clean_up,    none           >,
    Row<  Running,        GuestLeft,      Stopping,        begin_clean_up,    none           >,
    Row<  Running,        GuestRebooted,  none,            reboot_guest,      none           >,
    Row<  Running,        Froze,          Paused,          none,              none           >,
    // -- Pausing ------------------------------------------------------------------------------
    Row<  Pausing,        Done,           Paused,          none,              none           >,
    Row<  Pausing,        Failed,         Running,         none,              none           >,
    Row<  Pausing,        ProcessDied,    Stopping,        begin_clean_up,    none           >,
    // -- Paused -------------------------------------------------------------------------------
    Row<  Paused,         Start,          Continuing,      begin_thaw,        none           >,
    Row<  Paused,         StopKill,       Stopping,        begin_power_off,   none           >,
    Row<  Paused,         Suspend,        Suspending,      begin_image_write, none           >,
    Row<  Paused,         Reset,          Resetting,       begin_reset,       none           >,
    Row<  Paused,         TakeSnapshot,   Snapshoting,     begin_snapshot,    none           >,
    Row<  Paused,         Switch,         Restoring,       begin_restore,     none           >,
    Row<  Paused,         DropSnapshot,   DeletingState,   begin_removal,     none           >,
    Row<  Paused,         ProcessDied,    Stopping,        begin_clean_up,    none           >,
    Row<  Paused,         Thawed,         Running,         none,              none           >,
    // -- Continuing ---------------------------------------------------------------------------
    Row<  Continuing,     Done,           Running,         none,              none           >,
    Row<  Continuing,     Failed,         Paused,          none,              none           >,
    Row<  Continuing,     ProcessDied,    Stopping,        begin_clean_up,    none           >,
    // -- Suspending ---------------------------------------------------------------------------
    Row<  Suspending,     Done,           SuspendingSync,  begin_image_flush, image_exists   >,
    Row<  Suspending,     Failed,         Running,         abandon_image,     from_running   >,
    Row<  Suspending,     Failed,         Paused,          abandon_image,     from_paused    >,
    Row<  Suspending,     ProcessDied,    Stopping,        begin_clean_up,    none           >,
    // -- SuspendingSync -----------------------------------------------------------------------
    Row<  SuspendingSync, Done,           Suspended,       end_process,       none           >,
    Row<  SuspendingSync, Failed,         Running,         abandon_image,     from_running   >,
    Row<  SuspendingSync, Failed,         Paused,          abandon_image,     from_paused    >,
    Row<  SuspendingSync, ProcessDied,    Stopping,        begin_clean_up,    none           >,
    // -- Suspended ----------------------------------------------------------------------------
    Row<  Suspended,      Start,          Resuming,        begin_image_read,  none           >,
    Row<  Suspended,      Drop,           Stopped,         drop_image,        none           >,
    Row<  Suspended,      TakeSnapshot,   Snapshoting,     begin_snapshot,    none           >,
    Row<  Suspended,      Switch,         Restoring,       begin_restore,     none           >,
    Row<  Suspended,      DropSnapshot,   DeletingState,   begin_removal,     none           >,
    // -- Resuming -----------------------------------------------------------------------------
    Row<  Resuming,       Done,           Running,         drop_image,        none           >,
    Row<  Resuming,       Failed,         Suspended,       end_process,       none           >,
    Row<  Resuming,       StopKill,       Stopping,        begin_power_off,   none           >,
    Row<  Resuming,       ProcessDied,    Stopping,        begin_clean_up,    none           >,
    // -- Stopping -----------------------------------------------------------------------------
    Row<  Stopping,       Done,           Suspended,       end_process,       image_exists   >,
    Row<  Stopping,       Done,           Stopped,         end_process,       no_image       >,
    Row<  Stopping,       ProcessDied,    Suspended,       end_process,       image_exists   >,
    Row<  Stopping,       ProcessDied,    Stopped,         end_process,       no_image       >,
    Row<  Stopping,       Failed,         Running,         none,              from_running   >,
    Row<  Stopping,       Failed,         Paused,          none,              from_paused    >,
    Row<  Stopping,       Failed,         Starting,        begin_boot,        from_starting  >,
    Row<  Stopping,       Failed,         Resuming,        begin_image_read,  from_resuming  >,
    // -- Resetting ----------------------------------------------------------------------------
    Row<  Resetting,      Done,           Running,         none,              none           >,
    Row<  Resetting,      Failed,         Running,         none,              from_running   >,
    Row<  Resetting,      Failed,         Paused,          none,              from_paused    >,
    Row<  Resetting,      ProcessDied,    Stopping,        begin_clean_up,    none           >,
    // -- Snapshoting --------------------------------------------------------------------------
    Row<  Snapshoting,    FoundStopped,   Stopped,         none,              none           >,
    Row<  Snapshoting,    FoundSuspended, Suspended,       none,              none           >,
    Row<  Snapshoting,    FoundRunning,   Running,         none,              none           >,
    Row<  Snapshoting,    FoundPaused,    Paused,          none,              none           >,
    // -- Restoring ----------------------------------------------------------------------------
    Row<  Restoring,      FoundStopped,   Stopped,         none,              none           >,
    Row<  Restoring,      FoundSuspended, Suspended,       none,              none           >,
    Row<  Restoring,      FoundRunning,   Running,         none,              none           >,
    Row<  Restoring,      FoundPaused,    Paused,          none,              none           >,
    // -- DeletingState ------------------------------------------------------------------------
    Row<  DeletingState,  FoundStopped,   Stopped,         none,              none           >,
    Row<  DeletingState,  FoundSuspended, Suspended,       none,              none           >,
    Row<  DeletingState,  FoundRunning,   Running,         none,              none           >,
    Row<  DeletingState,  FoundPaused,    Paused,          none,              none           >,
    // -- Compacting ---------------------------------------------------------------------------
    Row<  Compacting,     Done,           Stopped,         none,              none           >,
    Row<  Compacting,     Failed,         Stopped,         none,              none           >,
    // -- Mounted ------------------------------------------------------------------------------
    Row<  Mounted,        Umount,         Stopped,         none,              none           >
>;
// clang-format on

}  // namespace prl::sim::power
