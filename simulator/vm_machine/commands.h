// What can arrive at the machines, one type per line: the commands of clients and the
// completions that the site reports. Used by the tables only; stateless.
#pragma once

#include "simulator/vm_machine/vm_machine.h"

namespace prl::sim::machine {

template <Command command>
struct OfClient {
  static constexpr auto kTrigger = command;
};
template <Completion completion>
struct OfSite {
  static constexpr auto kTrigger = completion;
};

// clang-format off
struct Start        : OfClient<Command::kStart>              {};  // and Resume
struct StopKill     : OfClient<Command::kStopKill>           {};
struct StopGraceful : OfClient<Command::kStopGraceful>       {};
struct Pause        : OfClient<Command::kPause>              {};
struct Suspend      : OfClient<Command::kSuspend>            {};
struct Drop         : OfClient<Command::kDropSuspendedState> {};
struct Reset        : OfClient<Command::kReset>              {};
struct Restart      : OfClient<Command::kRestart>            {};
struct TakeSnapshot : OfClient<Command::kCreateSnapshot>     {};
struct Switch       : OfClient<Command::kSwitchToSnapshot>   {};
struct DropSnapshot : OfClient<Command::kDeleteSnapshot>     {};
struct Compact      : OfClient<Command::kCompact>            {};
struct Mount        : OfClient<Command::kMount>              {};
struct Umount       : OfClient<Command::kUmount>             {};

struct Done           : OfSite<Completion::kDone>           {};
struct Failed         : OfSite<Completion::kFailed>         {};
struct FoundStopped   : OfSite<Completion::kFoundStopped>   {};
struct FoundSuspended : OfSite<Completion::kFoundSuspended> {};
struct FoundRunning   : OfSite<Completion::kFoundRunning>   {};
struct FoundPaused    : OfSite<Completion::kFoundPaused>    {};
struct ProcessDied    : OfSite<Completion::kProcessDied>    {};
struct GuestLeft      : OfSite<Completion::kGuestLeft>      {};
struct GuestRebooted  : OfSite<Completion::kGuestRebooted>  {};
struct Froze          : OfSite<Completion::kFroze>          {};
struct Thawed         : OfSite<Completion::kThawed>         {};
// clang-format on

// The VM goes over to the other machine, and comes from there with a process that has died. Nobody
// outside this folder sends them.
struct LetGo {};
struct TakeDying {};

}  // namespace prl::sim::machine
