// How the reference model calls things.
#include <array>
#include <string>
#include <string_view>

#include "tests/model/reference_model.h"

namespace prl::model {

std::string_view state_name(State state) {
  static constexpr std::array<std::string_view, kStateCount> kNames = {
      "UNKNOWN",    "STOPPED",     "STARTING",        "RUNNING",        "PAUSING",    "PAUSED",
      "CONTINUING", "SUSPENDING",  "SUSPENDING_SYNC", "SUSPENDED",      "RESUMING",   "STOPPING",
      "RESETTING",  "SNAPSHOTING", "RESTORING",       "DELETING_STATE", "COMPACTING", "MOUNTED"};
  return kNames[static_cast<size_t>(state)];
}

std::string_view act_name(Act act) {
  static constexpr std::array<std::string_view, kActCount> kNames = {
      "Start",          "StartEx",         "Resume",
      "Kill",           "Shutdown",        "Pause",
      "AskToPause",     "AskToSuspend",    "AskToStop",
      "AskInVain",      "Suspend",         "Drop",
      "Reset",          "Restart",         "CreateSnapshot",
      "Switch",         "SwitchToImage",   "DeleteSnapshot",
      "DeleteSubtree",  "Clone",           "Unregister",
      "Delete",         "BeginEdit",       "Commit",
      "Lock",           "Unlock",          "Compact",
      "Mount",          "Umount",          "Migrate",
      "MigrateAsleep",  "CloneToTemplate", "Move",
      "Convert",        "CloneLinked",     "CopyImage",
      "GrowDisk",       "ShrinkDisk",      "Cancel",
      "ShutDown",       "ShutDownGently",  "Die",
      "GuestLeave",     "GuestReboot",     "GuestSleep",
      "GuestHibernate", "GuestWake",       "Freeze",
      "Unfreeze",       "HostSleep",       "HostWake",
      "RestartService", "PowerCut"};
  return kNames[static_cast<size_t>(act)];
}

std::string order_text(const Order& order) {
  std::string text(act_name(order.act));
  if (names_snapshot(order.act)) text += " snapshot=" + std::to_string(order.snapshot);
  text += " vm=" + std::to_string(order.vm) + " session=" + std::to_string(order.session);
  constexpr std::array<std::string_view, 4> kFaults = {"", " fails at its start",
                                                       " fails in its middle", " fails at its end"};
  return text.append(kFaults[static_cast<size_t>(order.fault)]);
}

std::string event_text(const Event& event) {
  constexpr std::array<std::string_view, 23> kNames = {"STATE_CHANGED",
                                                       "CONFIG_CHANGED",
                                                       "SNAPSHOTED",
                                                       "RESTORED",
                                                       "STATE_DELETED",
                                                       "TREE_CHANGED",
                                                       "MEMORY_SWAPPING_FINISHED",
                                                       "COMPACT_PROCESSING",
                                                       "COMPACT_FINISHED",
                                                       "ABORTED",
                                                       "FROZEN",
                                                       "UNFROZEN",
                                                       "PAUSED_BY_HOST_SLEEP",
                                                       "CONTINUED_BY_HOST_WAKEUP",
                                                       "ADDED",
                                                       "DELETED",
                                                       "UNREGISTERED",
                                                       "MIGRATE_STARTED",
                                                       "MIGRATE_PROGRESS",
                                                       "MIGRATE_FINISHED",
                                                       "MIGRATE_CANCELLED",
                                                       "cut off",
                                                       "job"};
  std::string text(kNames[static_cast<size_t>(event.kind)]);
  if (event.kind == Event::Kind::kJobDone) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    std::string number;
    for (Code rest = event.code; rest > 0; rest /= 16) number.insert(0, 1, kDigits[rest % 16]);
    if (event.code == kSomeRefusal) number = "some refusal";
    if (event.code == kSomeLock) number = "some lock";
    return text + " " + std::to_string(event.job) + " ends with " + (number.empty() ? "0" : number);
  }
  if (event.kind == Event::Kind::kCutOff) return text;
  if (event.kind == Event::Kind::kState) text.append(" ").append(state_name(event.state));
  if (event.kind == Event::Kind::kMigrateProgress) text += " " + std::to_string(event.percent);
  return text + " vm=" + std::to_string(event.vm);
}

}  // namespace prl::model
