#include "simulator/workload.h"

#include <algorithm>
#include <bit>
#include <cassert>

#include "simulator/little_endian.h"
#include "simulator/random.h"

namespace prl::sim {
namespace {

// "PRLBOOT1" as it stands in memory.
constexpr uint64_t kBootRecordMagic = 0x31544F4F424C5250;
constexpr size_t kBootRecordBytes = 32;

// Where 64-bit kernels put their text, their stacks and the instruction that halts.
constexpr uint64_t kKernelText = 0xFFFFFFFF81000000;
constexpr uint64_t kKernelStacks = 0xFFFFC90000000000;
constexpr uint64_t kHaltAddress = kKernelText + 0x1000;

// A bijection on [0, 2^bits): every operation in it can be undone.
uint64_t permute_bits(uint64_t value, unsigned bits, uint64_t key) {
  const uint64_t mask = bits == 64 ? UINT64_MAX : (uint64_t{1} << bits) - 1;
  const unsigned shift = std::max(1u, bits / 2);
  for (unsigned round = 0; round < 3; ++round) {
    key = mix_bits(key + round);
    value = (value * ((key << 1) | 1) + (key >> 7)) & mask;
    value ^= value >> shift;
  }
  return value;
}

// A bijection on [0, count). A result outside is permuted again, which leads back inside: fewer
// than two rounds on average, because the next power of two is less than twice the count.
uint64_t permute(uint64_t value, uint64_t count, uint64_t key) {
  const unsigned bits = static_cast<unsigned>(std::bit_width(count - 1));
  if (bits == 0) return 0;
  do {
    value = permute_bits(value, bits, key);
  } while (value >= count);
  return value;
}

void fill_page(std::span<std::byte, kPageBytes> page, uint64_t seed, uint64_t write_index) {
  uint64_t word = mix_bits(seed ^ mix_bits(write_index + 1)) | 1;
  for (size_t offset = 0; offset < kPageBytes; offset += sizeof(word)) {
    store_u64(page, offset, word);
    word ^= word << 13;
    word ^= word >> 7;
    word ^= word << 17;
  }
}

void fill_with_addresses(std::span<std::byte, kPageBytes> page, uint64_t address) {
  for (size_t offset = 0; offset < kPageBytes; offset += sizeof(address)) {
    store_u64(page, offset, address + offset);
  }
}

// A page of the working set, for a store of all of it.
std::span<std::byte, kPageBytes> page_at(Ram& ram, uint64_t index) {
  return ram.page_for_overwrite(kWorkloadStart / kPageBytes + index);
}

// Writes come in passes: each pass writes every page once. What writes up to `end` leave behind is
// therefore the current pass so far and, where that has not come yet, the pass before it. Older
// writes cannot be seen any more and are skipped.
uint64_t oldest_visible(uint64_t end, uint64_t page_count) {
  const uint64_t pass_start = end - end % page_count;
  return pass_start >= page_count ? pass_start - page_count : 0;
}

// Where in the round the tier has its turn: the tiers go round from one that is drawn.
uint64_t place_of(unsigned tier, unsigned tier_count, uint64_t key, uint64_t round) {
  return (tier + mix_bits(key ^ mix_bits(round + 1)) % tier_count) % tier_count;
}

// In how many rounds the tier has had its turn before that write.
uint64_t rounds_with(unsigned tier, unsigned tier_count, uint64_t key, uint64_t write_index) {
  const uint64_t round = write_index / tier_count;
  const bool had_turn = place_of(tier, tier_count, key, round) < write_index % tier_count;
  return round + (had_turn ? 1 : 0);
}

uint64_t working_pages(const WorkloadSpec& spec, const Ram& ram) {
  if (spec.kind == WorkloadKind::kIdle || ram.size_bytes() <= kWorkloadStart) return 0;
  return std::min(spec.working_set_bytes, ram.size_bytes() - kWorkloadStart) / kPageBytes;
}

void enter_long_mode(Vcpu& vcpu) {
  constexpr uint16_t kCode64 = 0xA9B;
  constexpr uint16_t kData64 = 0xC93;
  constexpr uint32_t kFlatLimit = 0xFFFFFFFF;
  vcpu.segments.fill({0x18, kData64, kFlatLimit, 0});
  vcpu.segments[kCs] = {0x10, kCode64, kFlatLimit, 0};
  vcpu.tr = {0x40, 0x8B, 0x67, 0xFFFFFE0000003000};
  vcpu.gdtr = {0xFFFFFE0000001000, 0x7F};
  vcpu.idtr = {0xFFFFFE0000000000, 0xFFF};
  vcpu.cr0 = 0x80050033;
  vcpu.cr3 = 0x1000;
  vcpu.cr4 = 0x6F0;
  vcpu.efer = 0xD01;
}

}  // namespace

std::string_view format_workload_kind(WorkloadKind kind) {
  switch (kind) {
    case WorkloadKind::kIdle:
      return "idle";
    case WorkloadKind::kSequentialWriter:
      return "writer";
    case WorkloadKind::kRandomWriter:
      return "random";
    case WorkloadKind::kZipfWriter:
      return "zipf";
    case WorkloadKind::kGrowing:
      return "growing";
    case WorkloadKind::kPattern:
      return "pattern";
  }
  return "unknown";
}

std::optional<WorkloadKind> parse_workload_kind(std::string_view text) {
  for (const WorkloadKind kind : kWorkloadKinds) {
    if (text == format_workload_kind(kind)) return kind;
  }
  return std::nullopt;
}

void boot(Ram& ram, std::span<Vcpu> vcpus, uint64_t boot_count) {
  for (Vcpu& vcpu : vcpus) vcpu.reset();
  if (ram.page_count() == 0) return;
  auto page = ram.page_for_store(kBootRecordAddress / kPageBytes);
  store_u64(page, 0, kBootRecordMagic);
  store_u64(page, 8, boot_count);
  store_u64(page, 16, ram.size_bytes());
  store_u64(page, 24, vcpus.size());
}

std::optional<uint64_t> read_boot_count(const Ram& ram) {
  std::array<std::byte, kBootRecordBytes> record;
  if (!ram.read(kBootRecordAddress, record)) return std::nullopt;
  if (load_u64(record, 0) != kBootRecordMagic) return std::nullopt;
  return load_u64(record, 8);
}

void Workload::run(Ram& ram, std::span<Vcpu> vcpus, uint64_t from_step, uint64_t to_step) const {
  run_memory(ram, vcpus, from_step, to_step);
  if (from_step < to_step) set_registers(vcpus, to_step);
}

void Workload::run_memory(Ram& ram, std::span<Vcpu> vcpus, uint64_t from_step,
                          uint64_t to_step) const {
  assert(from_step <= to_step);
  assert(spec_.pages_per_ms == 0 || to_step <= UINT64_MAX / spec_.pages_per_ms);
  if (from_step == to_step) return;
  if (from_step == 0) std::for_each(vcpus.begin(), vcpus.end(), enter_long_mode);
  if (const uint64_t page_count = working_pages(spec_, ram)) {
    write_pages(ram, from_step * spec_.pages_per_ms, to_step * spec_.pages_per_ms, page_count);
  }
}

void Workload::write_pages(Ram& ram, uint64_t from, uint64_t to, uint64_t page_count) const {
  switch (spec_.kind) {
    case WorkloadKind::kZipfWriter:
      return write_by_zipf(ram, from, to, page_count);
    case WorkloadKind::kGrowing:
    case WorkloadKind::kPattern:
      return write_once(ram, from, to, page_count);
    default:
      break;
  }
  uint64_t index = std::max(from, oldest_visible(to, page_count));
  // In the sequential order the current pass hides exactly the first part of the one before.
  if (spec_.kind == WorkloadKind::kSequentialWriter && to > page_count) {
    index = std::max(index, to - page_count);
  }
  for (; index < to; ++index) {
    fill_page(page_at(ram, target_of(index, page_count)), spec_.seed, index);
  }
}

// In each round every tier of pages gets one write, in passes of its own. The tiers have no page in
// common, so that one may be dealt with after the other.
void Workload::write_by_zipf(Ram& ram, uint64_t from, uint64_t to, uint64_t page_count) const {
  const uint64_t key = mix_bits(spec_.seed);
  const auto tier_count = static_cast<unsigned>(std::bit_width(page_count));
  for (unsigned tier = 0; tier < tier_count; ++tier) {
    const uint64_t first_rank = page_count >> (tier + 1);  // 0 is the hottest page
    const uint64_t tier_pages = (page_count >> tier) - first_rank;
    const uint64_t end = rounds_with(tier, tier_count, key, to);
    uint64_t round =
        std::max(rounds_with(tier, tier_count, key, from), oldest_visible(end, tier_pages));
    for (; round < end; ++round) {
      const uint64_t pass = round / tier_pages;
      const uint64_t rank =
          first_rank + permute(round % tier_pages, tier_pages, mix_bits(key + tier) ^ pass);
      fill_page(page_at(ram, permute(rank, page_count, key)), spec_.seed,
                round * tier_count + place_of(tier, tier_count, key, round));
    }
  }
}

void Workload::write_once(Ram& ram, uint64_t from, uint64_t to, uint64_t page_count) const {
  for (uint64_t index = from; index < std::min(to, page_count); ++index) {
    if (spec_.kind == WorkloadKind::kPattern) {
      fill_with_addresses(page_at(ram, index), kWorkloadStart + index * kPageBytes);
    } else {
      fill_page(page_at(ram, index), spec_.seed, index);
    }
  }
}

uint64_t Workload::target_of(uint64_t write_index, uint64_t page_count) const {
  const uint64_t position = write_index % page_count;
  if (spec_.kind == WorkloadKind::kSequentialWriter) return position;
  return permute(position, page_count, mix_bits(spec_.seed) ^ (write_index / page_count));
}

void Workload::set_registers(std::span<Vcpu> vcpus, uint64_t step) const {
  constexpr uint64_t kInterruptsOn = 0x202;
  for (size_t i = 0; i < vcpus.size(); ++i) {
    Vcpu& vcpu = vcpus[i];
    RandomStream stream(spec_.seed ^ mix_bits(step * 1024 + i), "registers");
    for (uint64_t& value : vcpu.general) value = stream.next();
    vcpu.general[kRax] = step;
    vcpu.general[kRsp] = kKernelStacks + (i << 14) + stream.below(0x3000 / 16) * 16;
    const bool halted = spec_.kind == WorkloadKind::kIdle;
    vcpu.rip = halted ? kHaltAddress : kKernelText + stream.below(uint64_t{8} << 20);
    vcpu.rflags = kInterruptsOn;
    vcpu.tsc = step * kTscTicksPerMs;
  }
}

}  // namespace prl::sim
