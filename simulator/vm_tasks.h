// The long operations on a VM's folder that go on beside its power machine, and that show in its
// additional state (vm-lifecycle 1, 5). They keep one another and every command out, but for
// clones, of which several may be made at a time. Value types.
#pragma once

#include <algorithm>
#include <array>
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
};
inline constexpr size_t kVmTaskCount = 7;

class VmTasks {
 public:
  void begin(VmTask task) { ++running_[index(task)]; }
  void end(VmTask task) { --running_[index(task)]; }
  bool has(VmTask task) const { return running_[index(task)] > 0; }
  // True when nothing but clones is going on.
  bool allow_clone() const {
    return std::all_of(running_.begin() + 1, running_.end(), [](uint32_t n) { return n == 0; });
  }

  // Refuses with the code of the one that is going on (vm-lifecycle 5.1).
  Outcome check(const std::string& vm_name) const {
    using Kind = OutcomeKind;
    constexpr std::array kCodes = {Kind::kLockedForClone,         Kind::kLockedForMove,
                                   Kind::kLockedForArchive,       Kind::kLockedForUnarchive,
                                   Kind::kLockedForPack,          Kind::kLockedForUnpack,
                                   Kind::kLockedForDiskConversion};
    static_assert(kCodes.size() == kVmTaskCount);
    for (size_t i = 0; i < kVmTaskCount; ++i) {
      if (running_[i] > 0) return {kCodes[i], {vm_name}};
    }
    return {};
  }

 private:
  static size_t index(VmTask task) { return static_cast<size_t>(task); }

  std::array<uint32_t, kVmTaskCount> running_{};
};

}  // namespace prl::sim
