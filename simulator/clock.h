// The time of a world, in virtual milliseconds since the world was made.
//
// `virtual`: time stands still until somebody waits, which moves it. `manual`: it stands still
// until it is told to move; whoever waits blocks until then. `scaled`: time passes by itself,
// `factor` times as fast as on the wall; `real` is the same with factor 1. All wall-clock reading
// of the simulator is in clock.cpp.
//
// Not synchronised: guarded by the world's mutex.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace prl::sim {

struct ClockSpec {
  enum class Mode : uint8_t { kVirtual, kManual, kScaled };
  Mode mode = Mode::kScaled;
  // Virtual milliseconds per millisecond on the wall. With 10 a start of 800 simulated ms takes 80.
  double factor = 10;

  // Time does not pass by itself.
  bool is_virtual() const { return mode != Mode::kScaled; }
  bool is_manual() const { return mode == Mode::kManual; }
};

// "virtual", "manual", "real", "scaled" or "scaled:<factor>" with a decimal factor above 0, up to
// 1,000,000.
std::optional<ClockSpec> parse_clock(std::string_view text);
// "scaled:2.5": what parse_clock() takes.
std::string clock_text(const ClockSpec& spec);

class Clock {
 public:
  explicit Clock(ClockSpec spec);

  const ClockSpec& spec() const { return spec_; }
  uint64_t now_ms() const { return spec_.is_virtual() ? reached_ms_ : now_on_the_wall_ms(); }
  // Moves time forward; never back. In `scaled` this only marks that a step due then is being run.
  void advance_to(uint64_t time_ms) { reached_ms_ = std::max(reached_ms_, time_ms); }
  // REQUIRES: scaled. The moment on the wall at which virtual time reaches time_ms.
  std::chrono::steady_clock::time_point wall_time_of(uint64_t time_ms) const;

 private:
  uint64_t now_on_the_wall_ms() const;

  const ClockSpec spec_;
  const std::chrono::steady_clock::time_point start_;
  uint64_t reached_ms_ = 0;
};

}  // namespace prl::sim
