#include "simulator/disk_requests.h"

#include "simulator/disk_descriptor.h"
#include "simulator/disk_entries.h"
#include "simulator/profile.h"

namespace prl::sim {

namespace {

// The disk of a guest that lives can only grow. In V clients do not see that the VM is being
// stopped, suspended or continued, and the lock of that is in the way (vm-lifecycle 5.1); of one
// that lives for itself there is none (5.2, rule 12).
Outcome check_resize(const VmView& vm, bool moves_partition) {
  const bool lives = vm.state == State::kRunning || vm.state == State::kPaused;
  if (vm.state != State::kStopped && !lives) {
    return {OutcomeKind::kVmNotStopped, {vm.config.name}};
  }
  if (lives && moves_partition) return OutcomeKind::kRequestNotSupported;
  if (Outcome held = virtuozzo_lock(vm.machine_state, vm.config); !held.ok()) return held;
  return vm.tasks.check(vm.config.name);
}

Outcome change_size(Disks& disks, const std::string& path, uint64_t size_mib, bool may_shrink) {
  auto opening = disks.open(path, /*is_writable=*/true);
  if (!opening) return opening.error();
  return (*opening)->with([&](VirtualDisk& disk) -> Outcome {
    const uint64_t sectors = size_mib * kSectorsPerMib;
    const bool shrinks = sectors < disk.descriptor().sectors;
    if (shrinks && !may_shrink) return OutcomeKind::kRequestNotSupported;
    const auto resized = disk.resize(sectors);
    return resized ? Outcome() : Outcome(resized.error());
  });
}

}  // namespace

// A guest that runs would write to what is being copied. In V a VM that is killed before it has
// come up is told to be off all the time.
Outcome check_disk_copy(const VmView& vm) {
  if (vm.state != State::kStopped && vm.state != State::kSuspended) {
    return {OutcomeKind::kVmNotStopped, {vm.config.name}};
  }
  if (Outcome held = virtuozzo_lock(vm.machine_state, vm.config); !held.ok()) return held;
  return vm.tasks.check(vm.config.name, Beside::kBackup);
}

RequestEnd resize_disk(Disks& disks, const RequestedVm& vm, const DiskResize& resize) {
  RequestEnd end = check_resize(vm, resize.moves_partition);
  if (!end.outcome.ok()) return end;
  end.work = [&disks, path = path_of_file(vm.folder, resize.image), size_mib = resize.size_mib,
              may_shrink = vm.state == State::kStopped] {
    return change_size(disks, path, size_mib, may_shrink);
  };
  // A device that was never committed has nothing to keep its new size in.
  end.then = [resize](const VmView& now) {
    RequestEnd kept;
    const auto& [element, child, image, size_mib, moves_partition] = resize;
    if (!now.config.properties.has_child(element, child)) return kept;
    kept.config = now.config;
    kept.config->properties.set(PropertyTree::child_path(element, child) + ".Size", size_mib);
    return kept;
  };
  return end;
}

}  // namespace prl::sim
