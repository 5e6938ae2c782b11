// What a VM does with its disks, which exist as entries of its configuration (vm-lifecycle 2.4).
#include <utility>

#include "simulator/disk_entries.h"
#include "simulator/vm.h"

namespace prl::sim {

Outcome Vm::check_compaction(uint32_t mask) const {
  if (mask == 0) return OutcomeKind::kDiskMaskEmpty;
  if (expanding_disks_in(config().properties, mask).empty()) {
    return {OutcomeKind::kNoDiskToCompact, {config().name}};
  }
  return {};
}

void Vm::begin_compact() {
  surroundings_.notice(*this, VmNotice::kCompactBegun);
  begin_phase({.duration_ms = surroundings_.duration_ms(Timed::kCompact, this),
               .on_done = [this] { compact_now(); }});
}

// The guests do not write to disks, so nothing is left on one that has been compacted.
void Vm::compact_now() {
  VmConfig config = record_.config;
  for (const std::string& disk : expanding_disks_in(config.properties, disk_mask_)) {
    config.properties.set(disk + ".SizeOnDisk", uint64_t{0});
  }
  surroundings_.configure(*this, std::move(config));
  surroundings_.record_changed(record_);
  surroundings_.notice(*this, VmNotice::kCompactFinished);
}

void Vm::count_boot() {
  ++record_.boot_count;
  surroundings_.record_changed(record_);
}

}  // namespace prl::sim
