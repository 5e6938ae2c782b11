#include "tests/model/walk_world.h"

#include <algorithm>
#include <variant>

namespace prl::model {

// Names of functions last as long as the program. There are never as many jobs that have not begun.
std::string_view job_name(uint32_t job) {
  constexpr size_t kNames = 256;
  static const std::vector<std::string> names = [] {
    std::vector<std::string> made(kNames);
    for (size_t i = 0; i < kNames; ++i) made[i] = "job " + std::to_string(i);
    return made;
  }();
  return names[job % kNames];
}

void Walk::Session::on_vm_added(const sim::Uuid& vm) {
  const bool comes_back = std::ranges::find(uuids_, vm) != uuids_.end();
  if (is_first_ && !comes_back) uuids_.push_back(vm);
  note(Event::Kind::kAdded, vm);
}

void Walk::Session::on_notice(const sim::Uuid& vm, sim::VmNotice notice) {
  using Kind = Event::Kind;
  switch (notice) {
    case sim::VmNotice::kSnapshotTaken:
      return note(Kind::kSnapshotTaken, vm);
    case sim::VmNotice::kSnapshotRestored:
      return note(Kind::kSnapshotRestored, vm);
    case sim::VmNotice::kSnapshotDeleted:
      return note(Kind::kSnapshotDeleted, vm);
    case sim::VmNotice::kSnapshotsChanged:
      return note(Kind::kTreeChanged, vm);
    case sim::VmNotice::kMemoryWritten:
      return note(Kind::kMemoryWritten, vm);
    case sim::VmNotice::kAborted:
      return note(Kind::kAborted, vm);
    case sim::VmNotice::kFrozen:
      return note(Kind::kFrozen, vm);
    case sim::VmNotice::kUnfrozen:
      return note(Kind::kUnfrozen, vm);
    case sim::VmNotice::kPausedByHostSleep:
      return note(Kind::kAsleepWithHost, vm);
    case sim::VmNotice::kContinuedByHostWakeup:
      return note(Kind::kAwakeWithHost, vm);
    case sim::VmNotice::kCompactBegun:
      return note(Kind::kCompactBegun, vm);
    case sim::VmNotice::kCompactFinished:
      return note(Kind::kCompactFinished, vm);
    default:  // raw events: these worlds send none
      return;
  }
}

void Walk::Session::on_notice(const sim::Uuid& vm, const sim::Notice& notice) {
  const auto* migration = std::get_if<sim::MigrationNotice>(&notice);
  if (!migration) return;
  switch (migration->kind) {
    case sim::MigrationNotice::Kind::kStarted:
      return note(Event::Kind::kMigrateStarted, vm);
    case sim::MigrationNotice::Kind::kProgress:
      return note({.kind = Event::Kind::kMigrateProgress,
                   .vm = place_of(vm),
                   .percent = migration->percent});
    case sim::MigrationNotice::Kind::kFinished:
      return note(Event::Kind::kMigrateFinished, vm);
    case sim::MigrationNotice::Kind::kCancelled:
      return note(Event::Kind::kMigrateCancelled, vm);
  }
}

std::optional<sim::Fault> Walk::FaultPlan::consult(const sim::FaultPoint& job) {
  const auto found = planned_.find(job.name);
  if (found == planned_.end() || found->second == Fault::kNone) return std::nullopt;
  sim::Fault fault;
  fault.result_code = static_cast<int32_t>(0x80000000 | kInjected);
  fault.phase = found->second == Fault::kStart    ? sim::JobPhase::kStart
                : found->second == Fault::kMiddle ? sim::JobPhase::kMiddle
                                                  : sim::JobPhase::kEnd;
  return fault;
}

}  // namespace prl::model
