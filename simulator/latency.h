// How long each thing takes in one world: the latencies and the streams that they are drawn from.
// Guarded by the world's mutex.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "simulator/latency_spec.h"
#include "simulator/random.h"

namespace prl::sim {

// What an operation has to do, as far as that takes time.
struct Load {
  uint64_t touched_mib = 0;
  uint64_t dirty_mib = 0;
  uint64_t disks = 0;
};

class LatencyModel {
 public:
  LatencyModel(Latencies latencies, uint64_t seed);

  bool has_terms(Timed what) const { return of(what).has_terms(); }
  uint64_t draw_us(Timed what, const Load& load);
  // Rounded to the nearest ms, as the clock of a world has them.
  uint64_t draw_ms(Timed what, const Load& load) { return to_ms(draw_us(what, load)); }
  // What is drawn whatever there is to do; none where that varies.
  std::optional<uint64_t> fixed_ms(Timed what) const {
    return fixed_ms_[static_cast<size_t>(what)];
  }
  // The middle of what is drawn, without load.
  uint64_t typical_us(Timed what) const;

 private:
  static uint64_t to_ms(uint64_t us) { return (us + 500) / 1000; }
  const Latency& of(Timed what) const { return latencies_[static_cast<size_t>(what)]; }

  Latencies latencies_;
  std::array<std::optional<uint64_t>, kTimedCount> fixed_ms_;  // by Timed
  std::vector<RandomStream> bases_;    // by Timed
  std::vector<RandomStream> jitters_;  // likewise
};

// "guide" (what a world has that says nothing), "instant", "desktop-ssd", "desktop-hdd" and
// "virtuozzo-server". None for any other name.
std::optional<Latencies> latency_preset(std::string_view name);
std::span<const std::string_view> latency_preset_names();
Latencies guide_latencies();

}  // namespace prl::sim
