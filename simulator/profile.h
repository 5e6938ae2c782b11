// The two server products that a world can be. Both follow one lifecycle; the profile decides
// which of its states clients are told of, and the code of a refusal (vm-lifecycle 0.2). Pure
// functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "simulator/outcome.h"
#include "simulator/session_observer.h"
#include "simulator/vm_config.h"
#include "simulator/vm_machine/vm_machine.h"

namespace prl::sim {

enum class Profile : uint8_t {
  kDesktop,    // D: every state is told, transitional ones included
  kVirtuozzo,  // V: only stable states are
};

std::string_view profile_name(Profile profile);  // "virtuozzo"
std::optional<Profile> parse_profile(std::string_view name);

// The state that clients are told of when a VM goes from one state of the machine to another;
// nothing where they hear of no change. `told` is what they were told last.
// `restores_live`: that the snapshot of a switch has the VM run, or paused.
std::optional<State> told_state(Profile profile, State told, State from, State to,
                                bool restores_live);

// What the VM process of profile desktop says when its VM goes from one state to another, before
// that is told: its raw event (vm-lifecycle 3.2); none where it has none, or takes back what it has
// begun. Not for a process that has died, which the states do not tell.
std::optional<VmNotice> raw_event(State from, State to);

// Refuses for the lock of the command that is under way on the VM in profile V (vm-lifecycle 5.1);
// kOk where it takes none.
Outcome virtuozzo_lock(State state, const VmConfig& config);

// Profile V: the refusal of a command, where it is not the one of profile D. Some commands that D
// accepts are refused too.
std::optional<Outcome> virtuozzo_refusal(Command command, State state, const VmConfig& config,
                                         bool is_refused_in_desktop);

}  // namespace prl::sim
