// Compiled without fused multiplications (CMakeLists.txt), so that additions, multiplications,
// divisions and square roots are the only operations, and those are exact to the bit everywhere.
#include "simulator/distribution.h"

#include <bit>
#include <cassert>
#include <cmath>

namespace prl::sim {

namespace {

constexpr double kLn2 = 0.69314718055994530942;
constexpr uint64_t kMantissaBits = 52;
constexpr int kBias = 1023;

// From the open interval (0, 1).
double draw_unit(RandomStream& stream) {
  constexpr double kStep = 1.0 / static_cast<double>(uint64_t{1} << 53);
  return (static_cast<double>(stream.next() >> 11) + 0.5) * kStep;
}

uint64_t rounded(double us) {
  constexpr double kMax = 9e18;
  if (!(us > 0)) return 0;
  return static_cast<uint64_t>(us < kMax ? us + 0.5 : kMax);
}

}  // namespace

// x = 2^exponent * m with m around 1, and ln m = 2 atanh((m - 1) / (m + 1)).
double own_log(double x) {
  assert(x > 0);
  const auto bits = std::bit_cast<uint64_t>(x);
  int exponent = static_cast<int>(bits >> kMantissaBits) - kBias;
  const uint64_t mantissa = bits & ((uint64_t{1} << kMantissaBits) - 1);
  double m = std::bit_cast<double>(mantissa | uint64_t{kBias} << kMantissaBits);
  constexpr double kSqrt2 = 1.41421356237309504880;
  if (m > kSqrt2) {
    m /= 2;
    ++exponent;
  }
  const double s = (m - 1) / (m + 1);
  const double s2 = s * s;
  double power = s;
  double sum = 0;
  for (int n = 1; n <= 21; n += 2) {
    sum += power / n;
    power *= s2;
  }
  return 2 * sum + exponent * kLn2;
}

// x = k ln 2 + r with |r| <= ln 2 / 2, and the series of e^r.
double own_exp(double x) {
  assert(x >= -700 && x <= 700);
  const int k = static_cast<int>(x / kLn2 + (x < 0 ? -0.5 : 0.5));
  const double r = x - k * kLn2;
  double term = 1;
  double sum = 1;
  for (int n = 1; n <= 16; ++n) {
    term *= r / n;
    sum += term;
  }
  return sum * std::bit_cast<double>(static_cast<uint64_t>(k + kBias) << kMantissaBits);
}

// Marsaglia's polar method.
double draw_normal(RandomStream& stream) {
  for (;;) {
    const double u = 2 * draw_unit(stream) - 1;
    const double v = 2 * draw_unit(stream) - 1;
    const double s = u * u + v * v;
    if (s >= 1 || s == 0) continue;
    return u * std::sqrt(-2 * own_log(s) / s);
  }
}

uint64_t draw_us(const Distribution& distribution, RandomStream& stream) {
  using Kind = Distribution::Kind;
  const auto low = static_cast<double>(distribution.low_us);
  switch (distribution.kind) {
    case Kind::kConstant:
      return distribution.low_us;
    case Kind::kUniform:
      return stream.between(distribution.low_us, distribution.high_us);
    case Kind::kNormal:
      return rounded(low + static_cast<double>(distribution.high_us) * draw_normal(stream));
    case Kind::kLogNormal: {
      constexpr double kMaxPower = 40;  // beyond it a draw is longer than the world lasts
      const double power = distribution.spread * draw_normal(stream);
      return rounded(
          low * own_exp(power < kMaxPower ? (power > -kMaxPower ? power : -kMaxPower) : kMaxPower));
    }
    case Kind::kEmpirical:
      return distribution.values_us[stream.below(distribution.values_us.size())];
  }
  return 0;
}

}  // namespace prl::sim
