// What a simulated guest does with its memory and registers. One step is one millisecond of virtual
// time in which the guest runs. Nothing happens between looks: whoever needs the guest's state
// calls run() for the steps that have passed, and the result depends on the seed and the total
// number of steps only, never on how the interval was cut.
//
// The guest owns two regions of memory: the boot record in page 0, and the working set, which lies
// in [kWorkloadStart, kWorkloadStart + working_set_bytes) as far as memory reaches. Other
// contents may be placed anywhere; inside the working set a busy guest overwrites them in time.
//
// A Workload is an immutable value; run() and boot() change only what is passed to them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "simulator/ram.h"
#include "simulator/vcpu.h"

namespace prl::sim {

enum class WorkloadKind : uint8_t {
  kIdle = 0,              // halts; only its clocks advance
  kSequentialWriter = 1,  // fills the working set page by page, over and over
  kRandomWriter = 2,      // fills the working set in an order that changes with every pass
  // Writes few pages of the working set often and most of them seldom, by Zipf's law in steps: of
  // N pages the coldest N / 2, then half of the rest, and so on down to the hottest one, all these
  // groups get the same share of the writes. Hot pages lie anywhere between cold ones.
  kZipfWriter = 3,
  kGrowing = 4,  // writes each page of the working set once, one after the other, and then none
  kPattern = 5,  // the same; every 8 bytes hold their own address, little-endian
};
inline constexpr std::array kWorkloadKinds = {
    WorkloadKind::kIdle,       WorkloadKind::kSequentialWriter, WorkloadKind::kRandomWriter,
    WorkloadKind::kZipfWriter, WorkloadKind::kGrowing,          WorkloadKind::kPattern};

// "idle", "writer", "random", "zipf", "growing", "pattern".
std::string_view format_workload_kind(WorkloadKind kind);
std::optional<WorkloadKind> parse_workload_kind(std::string_view text);

struct WorkloadSpec {
  WorkloadKind kind = WorkloadKind::kIdle;
  uint64_t working_set_bytes = uint64_t{16} << 20;  // rounded down to whole pages
  uint32_t pages_per_ms = 1;
  uint64_t seed = 1;

  friend bool operator==(const WorkloadSpec&, const WorkloadSpec&) = default;
};

// Low memory belongs to the boot record, as on a real machine it belongs to the firmware.
inline constexpr uint64_t kWorkloadStart = uint64_t{1} << 20;
inline constexpr uint64_t kBootRecordAddress = 0;
// The clock rate of every simulated processor.
inline constexpr uint64_t kTscTicksPerMs = 2'400'000;

// A cold boot: every vCPU as after reset, and a boot record that holds `boot_count`. The rest of
// the memory is left as it is; a cold boot wants a new Ram. Memory under one page gets no record.
void boot(Ram& ram, std::span<Vcpu> vcpus, uint64_t boot_count);
// The count in the boot record; none when the memory holds no record.
std::optional<uint64_t> read_boot_count(const Ram& ram);

class Workload {
 public:
  explicit Workload(const WorkloadSpec& spec) : spec_(spec) {}

  const WorkloadSpec& spec() const { return spec_; }

  // Takes the guest from `from_step` to `to_step`, both counted from boot(). The first steps after
  // boot enter 64-bit mode; later ones change general registers, rip and tsc only.
  // Cost: two passes over the working set at most, however long the interval.
  // REQUIRES: from_step <= to_step, and to_step * pages_per_ms below 2^64.
  void run(Ram& ram, std::span<Vcpu> vcpus, uint64_t from_step, uint64_t to_step) const;
  // The same in two parts: all but what later steps change of the vcpus, and that. The second part
  // depends on the last step only, and can wait until somebody looks.
  void run_memory(Ram& ram, std::span<Vcpu> vcpus, uint64_t from_step, uint64_t to_step) const;
  // REQUIRES: step > 0.
  void set_registers(std::span<Vcpu> vcpus, uint64_t step) const;

 private:
  // Writes are numbered from boot. What follows makes those in [from, to) that can still be seen.
  void write_pages(Ram& ram, uint64_t from, uint64_t to, uint64_t page_count) const;
  void write_by_zipf(Ram& ram, uint64_t from, uint64_t to, uint64_t page_count) const;
  void write_once(Ram& ram, uint64_t from, uint64_t to, uint64_t page_count) const;
  // The page of the working set that the given write goes to.
  uint64_t target_of(uint64_t write_index, uint64_t page_count) const;

  WorkloadSpec spec_;
};

}  // namespace prl::sim
