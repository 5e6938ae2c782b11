// The long operations on a VM's folder that go on beside its lifecycle, and that show in its
// additional state (vm-lifecycle 1, 5). They keep one another and every command out, but for clones
// that are not linked, of which several may be made at a time, and for a backup, which lets
// whatever leaves the folder of the VM in its place go on. Value types.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "simulator/outcome.h"

namespace prl::sim {

enum class VmTask : uint8_t {
  kClone,
  kMove,
  kArchive,
  kUnarchive,
  kPack,
  kUnpack,
  kConvertDisks,
  kBackup,
  kRestore,  // from a backup
  kMigrate,
  kLinkedClone,
};
inline constexpr size_t kVmTaskCount = 11;

// What an operation can go on beside.
enum class Beside : uint8_t { kNothing, kBackup };

class VmTasks {
 public:
  void begin(VmTask task) {
    ++running_[index(task)];
    ++all_;
  }
  void end(VmTask task) {
    --running_[index(task)];
    --all_;
  }
  bool has(VmTask task) const { return running_[index(task)] > 0; }
  bool has_clones() const { return has(VmTask::kClone) || has(VmTask::kLinkedClone); }
  // True when nothing but clones, none of them linked, and a backup is going on.
  bool allow_clone() const {
    VmTasks others = *this;
    others.all_ -= std::exchange(others.running_[index(VmTask::kClone)], uint16_t{0});
    return others.check("", Beside::kBackup).ok();
  }

  // Refuses with the code of the one that is going on (vm-lifecycle 5.1).
  Outcome check(const std::string& vm_name, Beside beside = Beside::kNothing) const {
    using Kind = OutcomeKind;
    if (all_ == 0) return {};
    constexpr std::array kCodes = {
        Kind::kLockedForClone,          Kind::kLockedForMove,   Kind::kLockedForArchive,
        Kind::kLockedForUnarchive,      Kind::kLockedForPack,   Kind::kLockedForUnpack,
        Kind::kLockedForDiskConversion, Kind::kLockedForBackup, Kind::kLockedForRestore,
        Kind::kLockedForMigration,      Kind::kLockedForClone};
    static_assert(kCodes.size() == kVmTaskCount);
    for (size_t i = 0; i < kVmTaskCount; ++i) {
      if (beside == Beside::kBackup && i == index(VmTask::kBackup)) continue;
      if (running_[i] > 0) return {kCodes[i], {vm_name}};
    }
    return {};
  }

 private:
  static size_t index(VmTask task) { return static_cast<size_t>(task); }

  // Narrow, because a list of VMs has them for each.
  std::array<uint16_t, kVmTaskCount> running_{};
  uint16_t all_ = 0;  // their sum
};

}  // namespace prl::sim
