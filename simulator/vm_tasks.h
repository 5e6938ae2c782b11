// The long operations on a VM's folder that go on beside its lifecycle, and that show in its
// additional state (vm-lifecycle 1, 5). They keep one another and every command out, but for clones
// that are not linked, of which several may be made at a time, and for a backup, which lets
// whatever leaves the folder of the VM in its place go on. Value types.
#pragma once

#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <string>

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
  // REQUIRES: nothing of the kind is going on, clones that are not linked aside.
  void begin(VmTask task) {
    assert(task == VmTask::kClone || !has(task));
    clones_ += task == VmTask::kClone;
    running_ |= bit(task);
  }
  void end(VmTask task) {
    if (task == VmTask::kClone && --clones_ > 0) return;
    running_ &= static_cast<uint16_t>(~bit(task));
  }
  bool is_empty() const { return running_ == 0; }
  bool has(VmTask task) const { return (running_ & bit(task)) != 0; }
  bool has_clones() const { return has(VmTask::kClone) || has(VmTask::kLinkedClone); }
  // True when nothing but clones, none of them linked, and a backup is going on.
  bool allow_clone() const {
    return (running_ & ~(bit(VmTask::kClone) | bit(VmTask::kBackup))) == 0;
  }

  // Refuses with the code of the one that is going on (vm-lifecycle 5.1).
  Outcome check(const std::string& vm_name, Beside beside = Beside::kNothing) const {
    using Kind = OutcomeKind;
    if (is_empty()) return {};
    constexpr std::array kCodes = {
        Kind::kLockedForClone,          Kind::kLockedForMove,   Kind::kLockedForArchive,
        Kind::kLockedForUnarchive,      Kind::kLockedForPack,   Kind::kLockedForUnpack,
        Kind::kLockedForDiskConversion, Kind::kLockedForBackup, Kind::kLockedForRestore,
        Kind::kLockedForMigration,      Kind::kLockedForClone};
    static_assert(kCodes.size() == kVmTaskCount);
    for (size_t i = 0; i < kVmTaskCount; ++i) {
      const auto task = static_cast<VmTask>(i);
      if (beside == Beside::kBackup && task == VmTask::kBackup) continue;
      if (has(task)) return {kCodes[i], {vm_name}};
    }
    return {};
  }

 private:
  static constexpr uint16_t bit(VmTask task) {
    return static_cast<uint16_t>(1u << static_cast<unsigned>(task));
  }

  // Small, because a list of VMs has them for each.
  uint16_t running_ = 0;  // a bit for each task
  uint16_t clones_ = 0;   // how many of kClone there are
};

}  // namespace prl::sim
