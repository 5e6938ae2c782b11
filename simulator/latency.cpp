#include "simulator/latency.h"

#include <algorithm>
#include <string>
#include <utility>

#include "simulator/distribution.h"

namespace prl::sim {

namespace {

constexpr uint64_t kUsPerMs = 1000;

Distribution constant(uint64_t ms) {
  return {.low_us = ms * kUsPerMs};
}

Distribution uniform(uint64_t low_ms, uint64_t high_ms) {
  return {.kind = Distribution::Kind::kUniform,
          .low_us = low_ms * kUsPerMs,
          .high_us = high_ms * kUsPerMs};
}

Distribution normal(uint64_t mean_ms, uint64_t deviation_ms) {
  return {.kind = Distribution::Kind::kNormal,
          .low_us = mean_ms * kUsPerMs,
          .high_us = deviation_ms * kUsPerMs};
}

Distribution log_normal(uint64_t median_us, double spread) {
  return {.kind = Distribution::Kind::kLogNormal, .low_us = median_us, .spread = spread};
}

struct Row {
  Timed what;
  Latency latency;
};

Latencies rows(std::initializer_list<Row> rows) {
  Latencies latencies;
  for (const Row& row : rows) latencies[static_cast<size_t>(row.what)] = row.latency;
  return latencies;
}

// Resuming is quicker than starting here too.
Latencies instant() {
  return rows({{Timed::kBoot, {.base = constant(1)}}});
}

// The figures of the three machines are ours: orders of magnitude of a machine of its kind,
// measured nowhere. Terms are what their disks write and read per MiB.
Latencies desktop_ssd() {
  return rows({
      {Timed::kRequest, {.base = log_normal(400, 0.3)}},
      {Timed::kBoot, {.base = normal(18'000, 1500), .per_disk_us = 200'000}},
      {Timed::kResume, {.base = normal(1200, 100), .touched_us_per_mib = 400, .jitter_percent = 5}},
      {Timed::kSuspend,
       {.base = normal(900, 100),
        .touched_us_per_mib = 150,
        .dirty_us_per_mib = 450,
        .jitter_percent = 5}},
      {Timed::kFlush, {.base = log_normal(60'000, 0.4)}},
      {Timed::kPause, {.base = log_normal(15'000, 0.3)}},
      {Timed::kContinue, {.base = log_normal(20'000, 0.3)}},
      {Timed::kKill, {.base = log_normal(250'000, 0.2)}},
      {Timed::kShutdown, {.base = normal(6000, 800)}},
      {Timed::kReset, {.base = normal(16'000, 1500), .per_disk_us = 200'000}},
      {Timed::kSnapshot,
       {.base = normal(1100, 120),
        .touched_us_per_mib = 600,
        .per_disk_us = 150'000,
        .jitter_percent = 5}},
      {Timed::kRestore,
       {.base = normal(1500, 150), .touched_us_per_mib = 400, .per_disk_us = 150'000}},
      {Timed::kSnapshotRemoval, {.base = log_normal(900'000, 0.3), .per_disk_us = 400'000}},
      {Timed::kClone, {.base = log_normal(20'000'000, 0.3), .per_disk_us = 10'000'000}},
      {Timed::kMove, {.base = log_normal(500'000, 0.3)}},
      {Timed::kCompact, {.base = log_normal(12'000'000, 0.4), .per_disk_us = 6'000'000}},
      {Timed::kConvert, {.base = log_normal(15'000'000, 0.4)}},
      {Timed::kArchive, {.base = log_normal(30'000'000, 0.3), .per_disk_us = 15'000'000}},
      {Timed::kFetch, {.base = log_normal(90'000'000, 0.5)}},
      {Timed::kBackup, {.base = log_normal(40'000'000, 0.3), .per_disk_us = 20'000'000}},
      {Timed::kBackupRestore, {.base = log_normal(45'000'000, 0.3), .per_disk_us = 20'000'000}},
      {Timed::kBackupRemoval, {.base = log_normal(700'000, 0.3)}},
  });
}

Latencies desktop_hdd() {
  return rows({
      {Timed::kRequest, {.base = log_normal(600, 0.4)}},
      {Timed::kBoot, {.base = normal(70'000, 4000), .per_disk_us = 900'000}},
      {Timed::kResume,
       {.base = normal(3500, 400), .touched_us_per_mib = 8300, .jitter_percent = 10}},
      {Timed::kSuspend,
       {.base = normal(2500, 300),
        .touched_us_per_mib = 1500,
        .dirty_us_per_mib = 8000,
        .jitter_percent = 10}},
      {Timed::kFlush, {.base = log_normal(400'000, 0.5)}},
      {Timed::kPause, {.base = log_normal(25'000, 0.4)}},
      {Timed::kContinue, {.base = log_normal(30'000, 0.4)}},
      {Timed::kKill, {.base = log_normal(500'000, 0.3)}},
      {Timed::kShutdown, {.base = normal(20'000, 2500)}},
      {Timed::kReset, {.base = normal(65'000, 4000), .per_disk_us = 900'000}},
      {Timed::kSnapshot,
       {.base = normal(3000, 350),
        .touched_us_per_mib = 9000,
        .per_disk_us = 700'000,
        .jitter_percent = 10}},
      {Timed::kRestore,
       {.base = normal(4000, 400), .touched_us_per_mib = 8300, .per_disk_us = 700'000}},
      {Timed::kSnapshotRemoval, {.base = log_normal(4'000'000, 0.4), .per_disk_us = 2'500'000}},
      {Timed::kClone, {.base = log_normal(150'000'000, 0.3), .per_disk_us = 90'000'000}},
      {Timed::kMove, {.base = log_normal(1'500'000, 0.4)}},
      {Timed::kCompact, {.base = log_normal(90'000'000, 0.4), .per_disk_us = 50'000'000}},
      {Timed::kConvert, {.base = log_normal(120'000'000, 0.4)}},
      {Timed::kArchive, {.base = log_normal(180'000'000, 0.3), .per_disk_us = 100'000'000}},
      {Timed::kFetch, {.base = log_normal(120'000'000, 0.5)}},
      {Timed::kBackup, {.base = log_normal(240'000'000, 0.3), .per_disk_us = 140'000'000}},
      {Timed::kBackupRestore, {.base = log_normal(260'000'000, 0.3), .per_disk_us = 140'000'000}},
      {Timed::kBackupRemoval, {.base = log_normal(3'000'000, 0.4)}},
  });
}

Latencies virtuozzo_server() {
  return rows({
      {Timed::kRequest, {.base = log_normal(1200, 0.5)}},
      {Timed::kBoot, {.base = uniform(9000, 15'000), .per_disk_us = 150'000}},
      {Timed::kResume, {.base = normal(800, 80), .touched_us_per_mib = 250, .jitter_percent = 8}},
      {Timed::kSuspend,
       {.base = normal(700, 80),
        .touched_us_per_mib = 100,
        .dirty_us_per_mib = 300,
        .jitter_percent = 8}},
      {Timed::kFlush, {.base = log_normal(40'000, 0.5)}},
      {Timed::kPause, {.base = log_normal(10'000, 0.3)}},
      {Timed::kContinue, {.base = log_normal(12'000, 0.3)}},
      {Timed::kKill, {.base = log_normal(180'000, 0.2)}},
      {Timed::kShutdown, {.base = normal(4000, 600)}},
      {Timed::kReset, {.base = uniform(8000, 14'000), .per_disk_us = 150'000}},
      {Timed::kSnapshot,
       {.base = normal(900, 100),
        .touched_us_per_mib = 400,
        .per_disk_us = 120'000,
        .jitter_percent = 8}},
      {Timed::kRestore,
       {.base = normal(1200, 120), .touched_us_per_mib = 250, .per_disk_us = 120'000}},
      {Timed::kSnapshotRemoval, {.base = log_normal(700'000, 0.3), .per_disk_us = 300'000}},
      {Timed::kClone, {.base = log_normal(15'000'000, 0.4), .per_disk_us = 8'000'000}},
      {Timed::kMove, {.base = log_normal(800'000, 0.4)}},
      {Timed::kCompact, {.base = log_normal(10'000'000, 0.4), .per_disk_us = 5'000'000}},
      {Timed::kConvert, {.base = log_normal(12'000'000, 0.4)}},
      {Timed::kArchive, {.base = log_normal(20'000'000, 0.3), .per_disk_us = 10'000'000}},
      {Timed::kFetch, {.base = log_normal(45'000'000, 0.5)}},
      {Timed::kBackup, {.base = log_normal(30'000'000, 0.4), .per_disk_us = 15'000'000}},
      {Timed::kBackupRestore, {.base = log_normal(35'000'000, 0.4), .per_disk_us = 15'000'000}},
      {Timed::kBackupRemoval, {.base = log_normal(600'000, 0.4)}},
  });
}

struct Preset {
  std::string_view name;
  Latencies (*make)();
};
constexpr std::array kPresets = {Preset{"guide", guide_latencies}, Preset{"instant", instant},
                                 Preset{"desktop-ssd", desktop_ssd},
                                 Preset{"desktop-hdd", desktop_hdd},
                                 Preset{"virtuozzo-server", virtuozzo_server}};
constexpr std::array kPresetNames = {kPresets[0].name, kPresets[1].name, kPresets[2].name,
                                     kPresets[3].name, kPresets[4].name};
static_assert(kPresetNames.size() == kPresets.size());

}  // namespace

// Each operation fits into the 1000 ms that the guide's sample waits, whatever the clock
// (core-api 11), and resume is quicker than a cold start, as the guide promises (vm-lifecycle 7).
Latencies guide_latencies() {
  return rows({
      {Timed::kRequest, {.base = constant(1)}},
      {Timed::kBoot, {.base = constant(800)}},
      {Timed::kResume, {.base = constant(150)}},
      {Timed::kSuspend, {.base = constant(250)}},
      {Timed::kFlush, {.base = constant(20)}},
      {Timed::kPause, {.base = constant(5)}},
      {Timed::kContinue, {.base = constant(5)}},
      {Timed::kKill, {.base = constant(30)}},
      {Timed::kShutdown, {.base = constant(400)}},
      {Timed::kReset, {.base = constant(600)}},
      {Timed::kSnapshot, {.base = constant(300)}},
      {Timed::kRestore, {.base = constant(350)}},
      {Timed::kSnapshotRemoval, {.base = constant(100)}},
      {Timed::kClone, {.base = constant(500)}},
      {Timed::kMove, {.base = constant(200)}},
      {Timed::kCompact, {.base = constant(400)}},
      {Timed::kConvert, {.base = constant(400)}},
      {Timed::kArchive, {.base = constant(300)}},
      {Timed::kFetch, {.base = constant(500)}},
      {Timed::kBackup, {.base = constant(400)}},
      {Timed::kBackupRestore, {.base = constant(500)}},
      {Timed::kBackupRemoval, {.base = constant(100)}},
  });
}

std::optional<Latencies> latency_preset(std::string_view name) {
  const auto found = std::ranges::find(kPresets, name, &Preset::name);
  if (found == kPresets.end()) return std::nullopt;
  return found->make();
}

std::span<const std::string_view> latency_preset_names() {
  return kPresetNames;
}

LatencyModel::LatencyModel(Latencies latencies, uint64_t seed) : latencies_(std::move(latencies)) {
  bases_.reserve(kTimedCount);
  jitters_.reserve(kTimedCount);
  for (const std::string_view word : kTimedWords) {
    bases_.emplace_back(seed, "latency/" + std::string(word));
    jitters_.emplace_back(seed, "jitter/" + std::string(word));
  }
  for (size_t i = 0; i < kTimedCount; ++i) {
    const Latency& latency = latencies_[i];
    const bool is_fixed = latency.base.kind == Distribution::Kind::kConstant &&
                          !latency.has_terms() && latency.jitter_percent == 0;
    if (is_fixed) fixed_ms_[i] = to_ms(latency.base.low_us);
  }
}

uint64_t LatencyModel::draw_us(Timed what, const Load& load) {
  const Latency& latency = of(what);
  const auto index = static_cast<size_t>(what);
  uint64_t us = sim::draw_us(latency.base, bases_[index]);
  us += latency.touched_us_per_mib * load.touched_mib + latency.dirty_us_per_mib * load.dirty_mib +
        latency.per_disk_us * load.disks;
  if (latency.jitter_percent == 0) return us;
  // In millionths, so that the product of a duration of years still fits.
  constexpr uint64_t kWhole = 1'000'000;
  const uint64_t most = uint64_t{latency.jitter_percent} * (kWhole / 100);
  const uint64_t part = jitters_[index].between(kWhole - most, kWhole + most);
  return us / kWhole * part + us % kWhole * part / kWhole;
}

uint64_t LatencyModel::typical_us(Timed what) const {
  const Distribution& base = of(what).base;
  switch (base.kind) {
    case Distribution::Kind::kUniform:
      return base.low_us + (base.high_us - base.low_us) / 2;
    case Distribution::Kind::kEmpirical: {
      std::vector<uint64_t> sorted = base.values_us;
      std::ranges::sort(sorted);
      return sorted[sorted.size() / 2];
    }
    default:
      return base.low_us;
  }
}

}  // namespace prl::sim
