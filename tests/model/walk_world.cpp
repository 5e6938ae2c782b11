#include "tests/model/walk_world.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <system_error>
#include <variant>
#include <vector>

namespace prl::model {

namespace {

constexpr std::string_view kJobPrefix = "job ";

}  // namespace

// Names of functions last as long as the program.
std::string_view job_name(uint32_t job) {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> made(kJobNames);
    for (size_t i = 0; i < kJobNames; ++i) made[i] = std::string(kJobPrefix) + std::to_string(i);
    return made;
  }();
  return names[job % kJobNames];
}

std::optional<size_t> place_of_job(std::string_view name) {
  if (!name.starts_with(kJobPrefix)) return std::nullopt;
  size_t place = 0;
  const auto read =
      std::from_chars(name.data() + kJobPrefix.size(), name.data() + name.size(), place);
  const bool is_one = read.ec == std::errc() && read.ptr == name.data() + name.size();
  return is_one && place < kJobNames ? std::optional(place) : std::nullopt;
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
  const auto place = place_of_job(job.name);
  const Fault planned = place ? planned_[*place] : Fault::kNone;
  if (planned == Fault::kNone) return std::nullopt;
  sim::Fault fault;
  fault.result_code = static_cast<int32_t>(0x80000000 | kInjected);
  fault.phase = planned == Fault::kStart    ? sim::JobPhase::kStart
                : planned == Fault::kMiddle ? sim::JobPhase::kMiddle
                                            : sim::JobPhase::kEnd;
  return fault;
}

}  // namespace prl::model
