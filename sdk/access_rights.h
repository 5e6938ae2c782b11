// Which rights the commands of the API need, and what a session's user may do with a VM
// (vm-lifecycle 6.2).
#pragma once

#include <prlsdk/Parallels.h>

#include <optional>
#include <span>
#include <string_view>

#include "simulator/access.h"
#include "simulator/profile.h"

namespace prl::sdk {

// Of a number that names no command: what owners keep to themselves.
sim::Rights rights_for(PRL_ALLOWED_VM_COMMAND command, sim::Profile profile);

// A function of the API that asks something of a VM.
struct GuardedFunction {
  std::string_view name;
  PRL_ALLOWED_VM_COMMAND command = PAR_MAX;  // PAR_MAX: the API has none for it
  sim::Rights rights = sim::kNoRights;       // where there is no command
  bool is_free_in_virtuozzo = false;         // there nobody looks (vm-lifecycle 2.1)
};
std::span<const GuardedFunction> guarded_functions();
sim::NeededRights needed_rights(sim::Profile profile);

}  // namespace prl::sdk
