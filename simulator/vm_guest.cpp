// The guest of a VM: its boot, its progress, and what tests do to its memory and registers.
#include <utility>

#include "simulator/disk_entries.h"
#include "simulator/vm.h"

namespace prl::sim {

void Vm::boot_guest() {
  const uint64_t ram_bytes = config().ram_mib * kBytesPerMib;
  const bool is_own = ram_.use_count() == 1 && ram_->size_bytes() == ram_bytes;
  if (!is_own || !ram_->start_over()) ram_ = std::make_shared<Ram>(ram_bytes);
  layers_.clear();
  set_vcpus(std::vector<Vcpu>(config().cpu_count));
  guest_steps_ = 0;
  run_start_ms_ = surroundings_.now_ms();
  ++record_.boot_count;
  boot(*ram_, vcpus_, record_.boot_count);
  schedule_drive();
  surroundings_.record_changed(record_);
}

// The guest executes one step per virtual ms in which the VM is RUNNING, worked out when somebody
// looks: a guest that nobody looks at costs nothing.
void Vm::catch_guest_up() {
  if (!ram_) return;
  const uint64_t now_ms = surroundings_.now_ms();
  const uint64_t steps = guest_steps_ + (now_ms - run_start_ms_);
  Workload(record_.workload).run_memory(*ram_, vcpus_, guest_steps_, steps);
  registers_pending_ = registers_pending_ || guest_steps_ < steps;
  guest_steps_ = steps;
  run_start_ms_ = now_ms;
}

std::vector<Vcpu> Vm::vcpus() const {
  std::vector<Vcpu> vcpus = vcpus_;
  if (registers_pending_) Workload(record_.workload).set_registers(vcpus, guest_steps_);
  return vcpus;
}

void Vm::set_vcpus(std::vector<Vcpu> vcpus) {
  vcpus_ = std::move(vcpus);
  registers_pending_ = false;
}

// A snapshot is written from a memory of its own, so that the guest goes on meanwhile. So does one
// that does not care that it is to sleep.
bool Vm::runs_guest(State state) const {
  return state == State::kRunning || (state == State::kSnapshoting && runs_in_snapshot_) ||
         (state == State::kPausing && sleep_answer_ == SleepAnswer::kIgnore);
}

// Memory and registers exist, and nobody but the guest uses them, in these states only.
bool Vm::guest_is_accessible() const {
  return ram_ && (runs_guest(state_) || state_ == State::kPaused || state_ == State::kSnapshoting);
}

// Of a VM that is resumed the memory is in its image.
Load Vm::load(Timed what) const {
  constexpr uint64_t kPagesPerMib = kBytesPerMib / kPageBytes;
  Load load{.disks = all_disks(config().properties).size()};
  if (ram_) {
    ram_->note_pinned_stores();
    load.touched_mib = ram_->touched_pages() / kPagesPerMib;
    load.dirty_mib = ram_->dirty_pages() / kPagesPerMib;
  } else if (what == Timed::kResume) {
    const auto bytes = surroundings_.storage().file_size(image_path());
    if (bytes) load.touched_mib = *bytes / kBytesPerMib;
  }
  return load;
}

GuestUse Vm::use() {
  if (!ram_) return {};
  if (runs_guest(state_)) catch_guest_up();
  ram_->note_pinned_stores();
  constexpr uint32_t kIdlePercent = 1;
  constexpr uint32_t kBusyPercent = 60;
  const bool is_busy = record_.workload.kind != WorkloadKind::kIdle;
  return {.is_live = true,
          .steps_ms = guest_steps_,
          .memory_bytes = ram_->touched_pages() * kPageBytes,
          .cpu_percent = !runs_guest(state_) ? 0
                         : is_busy           ? kBusyPercent
                                             : kIdlePercent};
}

// An access that the image refuses is the end of the VM process: nothing can go on with memory of
// which a part is lost.
GuestAccess Vm::result_of(bool was_served) {
  if (was_served) return GuestAccess::kOk;
  if (!ram_->failure()) return GuestAccess::kOutOfRange;
  const ImageError::Kind kind = ram_->failure()->kind;
  if (!is_about_snapshots(state_)) abort_guest();  // otherwise when the snapshot is there
  switch (kind) {
    case ImageError::Kind::kStorage:
      return GuestAccess::kMemoryNotRead;
    case ImageError::Kind::kTruncated:
      return GuestAccess::kMemoryTruncated;
    default:
      return GuestAccess::kMemoryDamaged;
  }
}

void Vm::abort_guest() {
  surroundings_.note_guest(*this, "died: " + ram_->failure()->message);
  (void)die(true);
}

GuestAccess Vm::read_memory(uint64_t address, std::span<std::byte> bytes) {
  if (!guest_is_accessible()) return GuestAccess::kNotLive;
  if (runs_guest(state_)) catch_guest_up();
  return result_of(ram_->read(address, bytes));
}

GuestAccess Vm::write_memory(uint64_t address, std::span<const std::byte> bytes) {
  if (!guest_is_accessible()) return GuestAccess::kNotLive;
  if (runs_guest(state_)) catch_guest_up();
  return result_of(ram_->write(address, bytes));
}

GuestAccess Vm::pin_memory(uint64_t address, uint64_t bytes,
                           std::shared_ptr<PinnedMemory>& pinned) {
  if (!guest_is_accessible()) return GuestAccess::kNotLive;
  const uint64_t size_bytes = ram_->size_bytes();
  if (bytes == 0 || address > size_bytes || bytes > size_bytes - address) {
    return GuestAccess::kOutOfRange;
  }
  if (runs_guest(state_)) catch_guest_up();
  const uint64_t first_page = address / kPageBytes;
  const uint64_t last_page = (address + bytes - 1) / kPageBytes;
  auto made = std::make_shared<PinnedMemory>(first_page, last_page - first_page + 1);
  const GuestAccess access = result_of(ram_->pin(made));
  if (access == GuestAccess::kOk) pinned = std::move(made);
  return access;
}

void Vm::unpin_memory(const PinnedMemory& pinned) {
  if (ram_) ram_->unpin(pinned);
}

GuestAccess Vm::get_vcpu(uint32_t index, Vcpu& vcpu) {
  if (!guest_is_accessible()) return GuestAccess::kNotLive;
  if (runs_guest(state_)) catch_guest_up();
  if (index >= vcpus_.size()) return GuestAccess::kNoSuchVcpu;
  vcpu = vcpus()[index];
  return GuestAccess::kOk;
}

GuestAccess Vm::set_vcpu(uint32_t index, const Vcpu& vcpu) {
  if (!guest_is_accessible()) return GuestAccess::kNotLive;
  if (runs_guest(state_)) catch_guest_up();
  if (index >= vcpus_.size()) return GuestAccess::kNoSuchVcpu;
  set_vcpus(vcpus());
  vcpus_[index] = vcpu;
  return GuestAccess::kOk;
}

}  // namespace prl::sim
