// The power machine, profile desktop (vm-lifecycle 2.2, columns D, and 2.5): what it does is its
// table. A command without a row is refused (refusals.h), a completion without a row is ignored.
#include "simulator/vm_machine/msm_machine.h"

namespace prl::sim::machine {

// Choices that the notes leave open:
// - A suspend that fails after the image is complete rolls back like one that fails before: the
//   process still holds the memory, and a running VM has no image (invariant 3).
// - A stop that fails while it interrupts a boot or a resume lets that begin anew.
// - After ProcessDied there is no origin, so Failed has no row: nothing is left that could fail.
// - Whether a paused VM is one that thaws is for the site to know.
// clang-format off
struct PowerTable {
  static constexpr bool announces(State state) { return state != State::kUnknown; }

using Rows = mp_list<
    //    from            on              to               do                 if
    // -- Unknown -----------------------------------------------------------------------------
    Row<  Unknown,        FoundStopped,   Stopped,         none,              none           >,
    Row<  Unknown,        FoundSuspended, Suspended,       none,              none           >,
    Row<  Unknown,        FoundRunning,   Running,         none,              none           >,
    Row<  Unknown,        FoundPaused,    Paused,          none,              none           >,
    // -- Stopped -----------------------------------------------------------------------------
    Row<  Stopped,        Start,          Starting,        begin_boot,        none           >,
    // -- Starting ----------------------------------------------------------------------------
    Row<  Starting,       Done,           Running,         none,              none           >,
    Row<  Starting,       Failed,         Stopped,         end_process,       none           >,
    Row<  Starting,       StopKill,       Stopping,        begin_power_off,   none           >,
    Row<  Starting,       ProcessDied,    Stopping,        begin_clean_up,    none           >,
    // -- Running -----------------------------------------------------------------------------
    Row<  Running,        StopKill,       Stopping,        begin_power_off,   none           >,
    Row<  Running,        StopGraceful,   Stopping,        begin_shutdown,    none           >,
    Row<  Running,        Pause,          Pausing,         begin_freeze,      none           >,
    Row<  Running,        Suspend,        Suspending,      begin_image_write, none           >,
    Row<  Running,        Reset,          Resetting,       begin_reset,       none           >,
    Row<  Running,        Restart,        none,            reboot_guest,      none           >,
    Row<  Running,        ProcessDied,    Stopping,        begin_clean_up,    none           >,
    Row<  Running,        GuestLeft,      Stopping,        begin_clean_up,    none           >,
    Row<  Running,        GuestRebooted,  none,            reboot_guest,      none           >,
    Row<  Running,        Froze,          Paused,          none,              none           >,
    // -- Pausing -----------------------------------------------------------------------------
    Row<  Pausing,        Done,           Paused,          none,              none           >,
    Row<  Pausing,        Failed,         Running,         none,              none           >,
    Row<  Pausing,        ProcessDied,    Stopping,        begin_clean_up,    none           >,
    // -- Paused ------------------------------------------------------------------------------
    Row<  Paused,         Start,          Continuing,      begin_thaw,        none           >,
    Row<  Paused,         StopKill,       Stopping,        begin_power_off,   none           >,
    Row<  Paused,         Suspend,        Suspending,      begin_image_write, none           >,
    Row<  Paused,         Reset,          Resetting,       begin_reset,       none           >,
    Row<  Paused,         ProcessDied,    Stopping,        begin_clean_up,    none           >,
    Row<  Paused,         Thawed,         Running,         none,              none           >,
    // -- Continuing --------------------------------------------------------------------------
    Row<  Continuing,     Done,           Running,         none,              none           >,
    Row<  Continuing,     Failed,         Paused,          none,              none           >,
    Row<  Continuing,     ProcessDied,    Stopping,        begin_clean_up,    none           >,
    // -- Suspending --------------------------------------------------------------------------
    Row<  Suspending,     Done,           SuspendingSync,  begin_image_flush, image_exists   >,
    Row<  Suspending,     Failed,         Running,         abandon_image,     from_running   >,
    Row<  Suspending,     Failed,         Paused,          abandon_image,     from_paused    >,
    Row<  Suspending,     ProcessDied,    Stopping,        begin_clean_up,    none           >,
    // -- SuspendingSync ----------------------------------------------------------------------
    Row<  SuspendingSync, Done,           Suspended,       end_process,       none           >,
    Row<  SuspendingSync, Failed,         Running,         abandon_image,     from_running   >,
    Row<  SuspendingSync, Failed,         Paused,          abandon_image,     from_paused    >,
    Row<  SuspendingSync, ProcessDied,    Stopping,        begin_clean_up,    none           >,
    // -- Suspended ---------------------------------------------------------------------------
    Row<  Suspended,      Start,          Resuming,        begin_image_read,  none           >,
    Row<  Suspended,      Drop,           Stopped,         drop_image,        none           >,
    // -- Resuming ----------------------------------------------------------------------------
    Row<  Resuming,       Done,           Running,         drop_image,        none           >,
    Row<  Resuming,       Failed,         Suspended,       end_process,       none           >,
    Row<  Resuming,       StopKill,       Stopping,        begin_power_off,   none           >,
    Row<  Resuming,       ProcessDied,    Stopping,        begin_clean_up,    none           >,
    // -- Stopping ----------------------------------------------------------------------------
    Row<  Stopping,       Done,           Suspended,       end_process,       image_exists   >,
    Row<  Stopping,       Done,           Stopped,         end_process,       no_image       >,
    Row<  Stopping,       ProcessDied,    Suspended,       end_process,       image_exists   >,
    Row<  Stopping,       ProcessDied,    Stopped,         end_process,       no_image       >,
    Row<  Stopping,       Failed,         Running,         none,              from_running   >,
    Row<  Stopping,       Failed,         Paused,          none,              from_paused    >,
    Row<  Stopping,       Failed,         Starting,        begin_boot,        from_starting  >,
    Row<  Stopping,       Failed,         Resuming,        begin_image_read,  from_resuming  >,
    // -- Resetting ---------------------------------------------------------------------------
    Row<  Resetting,      Done,           Running,         none,              none           >,
    Row<  Resetting,      Failed,         Running,         none,              from_running   >,
    Row<  Resetting,      Failed,         Paused,          none,              from_paused    >,
    Row<  Resetting,      ProcessDied,    Stopping,        begin_clean_up,    none           >
>;
// The VM goes to the disk machine from here, and is found again when it comes back, or is dying.
using HandOver = mp_list<
    //    from            on              to               do                 if
    Row<  Stopped,        LetGo,          Unknown,         none,              none           >,
    Row<  Running,        LetGo,          Unknown,         none,              none           >,
    Row<  Paused,         LetGo,          Unknown,         none,              none           >,
    Row<  Suspended,      LetGo,          Unknown,         none,              none           >,
    Row<  Unknown,        TakeDying,      Stopping,        forget_origin,     none           >
>;
};
// clang-format on

template class Machine<PowerTable>;

}  // namespace prl::sim::machine
