// What the states, commands, completions and refusals of a VM are called, and how the
// transitions are drawn.
#include <array>
#include <cassert>

#include "simulator/vm_machine/vm_machine.h"

namespace prl::sim {
namespace {

struct StateFacts {
  std::string_view name;
  std::string_view word;  // as the command-line client of the product prints it
  uint32_t vms_value;
};

// In the order of State. Numbers and words: vm-lifecycle 1.
constexpr std::array<StateFacts, kStateCount> kStates = {{
    {"UNKNOWN", "invalid", 0},
    {"STOPPED", "stopped", 0x30000001},
    {"STARTING", "starting", 0x30000002},
    {"RUNNING", "running", 0x30000004},
    {"PAUSING", "pausing", 0x3000000C},
    {"PAUSED", "paused", 0x30000005},
    {"CONTINUING", "continuing", 0x3000000D},
    {"SUSPENDING", "suspending", 0x30000006},
    {"SUSPENDING_SYNC", "syncing", 0x30000011},
    {"SUSPENDED", "suspended", 0x30000009},
    {"RESUMING", "resuming", 0x30000010},
    {"STOPPING", "stopping", 0x30000007},
    {"RESETTING", "resetting", 0x3000000B},
    {"SNAPSHOTING", "snapshoting", 0x3000000A},
    {"RESTORING", "restoring", 0x30000003},
    {"DELETING_STATE", "del_snapshot", 0x3000000F},
    {"COMPACTING", "compacting", 0x30000008},
    {"MOUNTED", "mounted", 0x30000013},
}};

constexpr std::array<std::string_view, kCommandCount> kCommandNames = {
    "Start",           "StopKill",         "StopGraceful",
    "Pause",           "Suspend",          "Resume",
    "DropSuspendedState", "Reset",         "Restart",
    "CreateSnapshot",  "SwitchToSnapshot", "DeleteSnapshot",
    "Compact",         "Mount",            "Umount",
};

constexpr std::array<std::string_view, kCompletionCount> kCompletionNames = {
    "Done",         "Failed",      "FoundStopped", "FoundSuspended",
    "FoundRunning", "FoundPaused", "ProcessDied",
    "GuestLeft", "GuestRebooted", "Froze", "Thawed",
};

const StateFacts& facts(State state) {
  assert(static_cast<size_t>(state) < kStates.size());
  return kStates[static_cast<size_t>(state)];
}

}  // namespace

std::string_view state_name(State state) {
  return facts(state).name;
}
std::string_view state_word(State state) {
  return facts(state).word;
}
uint32_t vms_value(State state) {
  return facts(state).vms_value;
}

bool is_about_snapshots(State state) {
  return state == State::kSnapshoting || state == State::kRestoring ||
         state == State::kDeletingState;
}

std::string_view command_name(Command command) {
  assert(static_cast<size_t>(command) < kCommandNames.size());
  return kCommandNames[static_cast<size_t>(command)];
}

std::string_view completion_name(Completion completion) {
  assert(static_cast<size_t>(completion) < kCompletionNames.size());
  return kCompletionNames[static_cast<size_t>(completion)];
}

std::string_view refusal_name(Refusal refusal) {
  switch (refusal) {
    case Refusal::kNone:
      return "";
    case Refusal::kUnableToDropSuspendedState:
      return "UNABLE_TO_DROP";
    case Refusal::kVmNotStarted:
      return "NOT_STARTED";
    case Refusal::kCommandCantBeExecuted:
      return "CANT_EXEC";
    case Refusal::kVmNotStopped:
      return "NOT_STOPPED";
    case Refusal::kWrongStateToCompact:
      return "COMPACT_WRONG_STATE";
    case Refusal::kSuspendedVmNotEditable:
      return "CANT_EDIT_SUSPENDED";
    case Refusal::kLockedForInternalReason:
      return "LOCKED_INTERNAL";
    case Refusal::kAlreadyMounted:
      return "VM_MOUNT";
    case Refusal::kNotMounted:
      return "VM_UNMOUNT";
  }
  return "?";
}

std::string to_dot() {
  std::string dot = "digraph vm_machine {\n  rankdir=LR;\n  node [shape=box];\n";
  for (size_t i = 0; i < kStateCount; ++i) {
    dot.append("  ").append(kStates[i].name);
    dot.append(is_transitional(static_cast<State>(i)) ? " [style=rounded];\n" : " [style=bold];\n");
  }
  for (const Transition& row : transitions()) {
    dot.append("  ").append(state_name(row.from)).append(" -> ").append(state_name(row.to));
    dot.append(" [label=\"").append(row.trigger);
    if (!row.guard.empty()) dot.append(" [").append(row.guard).append("]");
    if (!row.action.empty()) dot.append("\\n/ ").append(row.action);
    dot.append("\"];\n");
  }
  return dot.append("}\n");
}

}  // namespace prl::sim
