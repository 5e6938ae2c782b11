#include "faults/latency_rules.h"

#include <algorithm>
#include <array>
#include <utility>

#include "faults/nearest.h"

namespace prl::faults {
namespace {

using DistributionKind = sim::Distribution::Kind;

constexpr double kMaxMs = kMaxDelayMs;
constexpr double kMaxTermMs = 1e6;  // of a MiB or a disk: a TiB of them still fits
constexpr double kMaxSpread = 5;
constexpr uint64_t kMaxJitterPercent = 100;

// Files have ms, with fractions.
uint64_t to_us(double ms) {
  return static_cast<uint64_t>(ms * 1000 + 0.5);
}

struct KeyOfKind {
  DistributionKind kind;
  std::string_view key;
};
constexpr std::array kKeys = {
    KeyOfKind{DistributionKind::kConstant, "ms"},
    KeyOfKind{DistributionKind::kUniform, "min_ms"},
    KeyOfKind{DistributionKind::kUniform, "max_ms"},
    KeyOfKind{DistributionKind::kNormal, "mean_ms"},
    KeyOfKind{DistributionKind::kNormal, "deviation_ms"},
    KeyOfKind{DistributionKind::kLogNormal, "median_ms"},
    KeyOfKind{DistributionKind::kLogNormal, "spread"},
    KeyOfKind{DistributionKind::kEmpirical, "values_ms"},
};

// Each distribution needs its own keys and has no use for those of others.
void check_keys(TableReader& reader, DistributionKind kind) {
  const std::string reason = "has no meaning for distribution " +
                             quoted(sim::kDistributionWords[static_cast<size_t>(kind)]);
  for (const KeyOfKind& one : kKeys) {
    if (one.kind != kind) reader.forbid(one.key, reason);
  }
  for (const KeyOfKind& one : kKeys) {
    if (one.kind == kind) reader.require(one.key);
  }
}

sim::Distribution read_distribution(TableReader& reader, DistributionKind kind) {
  check_keys(reader, kind);
  sim::Distribution read{.kind = kind, .values_us = {}};
  const auto us = [&reader](std::string_view key) {
    return to_us(reader.number(key, 0, kMaxMs).value_or(0));
  };
  switch (kind) {
    case DistributionKind::kConstant:
      read.low_us = us("ms");
      break;
    case DistributionKind::kUniform:
      read.low_us = us("min_ms");
      read.high_us = us("max_ms");
      if (read.high_us < read.low_us && reader.has("max_ms")) {
        reader.fail("max_ms", "'max_ms' in " + reader.where() + " is less than 'min_ms'");
      }
      break;
    case DistributionKind::kNormal:
      read.low_us = us("mean_ms");
      read.high_us = us("deviation_ms");
      break;
    case DistributionKind::kLogNormal:
      read.low_us = us("median_ms");
      read.spread = reader.number("spread", 0, kMaxSpread).value_or(0);
      break;
    case DistributionKind::kEmpirical:
      for (const double ms :
           reader.numbers("values_ms", 0, kMaxMs).value_or(std::vector<double>{0})) {
        read.values_us.push_back(to_us(ms));
      }
      break;
  }
  return read;
}

// Without a distribution, the first key that belongs to one says which, and the terms change what
// the preset has.
void read_latency(TableReader reader, sim::Latency& latency) {
  reader.allow_only({"distribution", "ms", "min_ms", "max_ms", "mean_ms", "deviation_ms",
                     "median_ms", "spread", "values_ms", "touched_ms_per_mib", "dirty_ms_per_mib",
                     "per_disk_ms", "jitter_percent"});
  const auto kind = reader.choice("distribution", sim::kDistributionWords);
  const auto named = std::ranges::find_if(kKeys, [&](auto& one) { return reader.has(one.key); });
  if (kind) {
    latency.base = read_distribution(reader, static_cast<DistributionKind>(*kind));
  } else if (named != kKeys.end()) {
    latency.base = read_distribution(reader, named->kind);
  }
  const auto term = [&reader](std::string_view key, uint64_t& us) {
    if (const auto ms = reader.number(key, 0, kMaxTermMs)) us = to_us(*ms);
  };
  term("touched_ms_per_mib", latency.touched_us_per_mib);
  term("dirty_ms_per_mib", latency.dirty_us_per_mib);
  term("per_disk_ms", latency.per_disk_us);
  latency.jitter_percent = static_cast<uint32_t>(
      reader.integer("jitter_percent", 0, kMaxJitterPercent).value_or(latency.jitter_percent));
}

}  // namespace

std::optional<sim::Latencies> read_latencies(TableReader& top, const ApiNames& names) {
  auto reader = top.table("latency");
  if (!reader) return std::nullopt;
  sim::Latencies latencies = names.preset("guide").value_or(sim::Latencies());
  std::vector<std::string_view> keys = {"preset"};
  keys.insert(keys.end(), sim::kTimedWords.begin(), sim::kTimedWords.end());
  reader->allow_only(keys);
  if (const auto preset = reader->choice("preset", names.presets)) {
    latencies = *names.preset(names.presets[*preset]);
  }
  for (size_t i = 0; i < sim::kTimedCount; ++i) {
    if (auto table = reader->table(sim::kTimedWords[i])) read_latency(*table, latencies[i]);
  }
  return latencies;
}

}  // namespace prl::faults
