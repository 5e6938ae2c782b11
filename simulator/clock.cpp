#include "simulator/clock.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace prl::sim {

namespace {
constexpr double kFactorMax = 1'000'000;
constexpr double kNsPerMs = 1e6;
constexpr double kNsMax = 4e18;  // 126 years, which the clocks of systems can still count
constexpr std::string_view kScaledPrefix = "scaled:";
}  // namespace

std::optional<ClockSpec> parse_clock(std::string_view text) {
  if (text == "virtual") return ClockSpec{.mode = ClockSpec::Mode::kVirtual};
  if (text == "manual") return ClockSpec{.mode = ClockSpec::Mode::kManual};
  if (text == "real") return ClockSpec{.mode = ClockSpec::Mode::kScaled, .factor = 1};
  if (text == "scaled") return ClockSpec{};
  if (!text.starts_with(kScaledPrefix)) return std::nullopt;
  text.remove_prefix(kScaledPrefix.size());
  double factor = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), factor, std::chars_format::fixed);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if (!(factor > 0) || factor > kFactorMax) return std::nullopt;
  return ClockSpec{.mode = ClockSpec::Mode::kScaled, .factor = factor};
}

std::string clock_text(const ClockSpec& spec) {
  if (spec.is_manual()) return "manual";
  if (spec.is_virtual()) return "virtual";
  if (spec.factor == 1) return "real";
  std::array<char, 512> digits{};  // of any double without an exponent
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), spec.factor,
                                          std::chars_format::fixed);
  return std::string(kScaledPrefix) + std::string(digits.data(), end);
}

Clock::Clock(ClockSpec spec) : spec_(spec), start_(std::chrono::steady_clock::now()) {}

uint64_t Clock::now_on_the_wall_ms() const {
  const auto wall = std::chrono::steady_clock::now() - start_;
  const auto wall_ns = std::chrono::duration_cast<std::chrono::nanoseconds>(wall).count();
  const auto scaled_ms =
      static_cast<uint64_t>(static_cast<double>(wall_ns) * spec_.factor / kNsPerMs);
  return std::max(scaled_ms, reached_ms_);
}

std::chrono::steady_clock::time_point Clock::wall_time_of(uint64_t time_ms) const {
  // Rounded up, so that a step is due when its moment has come and not a little before.
  const double wall_ns = std::ceil(static_cast<double>(time_ms) * kNsPerMs / spec_.factor);
  return start_ + std::chrono::nanoseconds(static_cast<int64_t>(std::min(wall_ns, kNsMax)));
}

}  // namespace prl::sim
