// What is drawn has the distribution that is stated, and is the same everywhere.
#include "simulator/latency.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "simulator/distribution.h"

namespace prl::sim {
namespace {

constexpr uint64_t kSeeds = 20;
constexpr uint64_t kDraws = 100'000;

struct Percentile {
  double share;
  double normal;  // of the standard normal distribution
};
constexpr std::array kPercentiles = {Percentile{0.1, -1.2815515655446004}, Percentile{0.5, 0},
                                     Percentile{0.9, 1.2815515655446004},
                                     Percentile{0.99, 2.3263478740408408}};

// A percentile is right where as many draws lie below the stated value as should, give or take 4
// standard errors of that share.
template <class Value>
void expect_percentiles(const Distribution& distribution, Value value_at) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    RandomStream stream(seed, "test");
    std::array<uint64_t, kPercentiles.size()> below{};
    for (uint64_t i = 0; i < kDraws; ++i) {
      const auto us = static_cast<double>(draw_us(distribution, stream));
      for (size_t p = 0; p < below.size(); ++p) below[p] += us <= value_at(kPercentiles[p]) ? 1 : 0;
    }
    for (size_t p = 0; p < below.size(); ++p) {
      const double share = kPercentiles[p].share;
      const double error = std::sqrt(share * (1 - share) / kDraws);
      EXPECT_NEAR(static_cast<double>(below[p]) / kDraws, share, 4 * error)
          << "seed " << seed << " share " << share;
    }
  }
}

TEST(Distribution, UniformHasItsPercentiles) {
  expect_percentiles(
      {.kind = Distribution::Kind::kUniform, .low_us = 1'000'000, .high_us = 3'000'000},
      [](const Percentile& at) { return 1e6 + at.share * 2e6; });
}

TEST(Distribution, NormalHasItsPercentiles) {
  expect_percentiles({.kind = Distribution::Kind::kNormal, .low_us = 5'000'000, .high_us = 700'000},
                     [](const Percentile& at) { return 5e6 + at.normal * 7e5; });
}

TEST(Distribution, LogNormalHasItsPercentiles) {
  expect_percentiles({.kind = Distribution::Kind::kLogNormal, .low_us = 2'000'000, .spread = 0.6},
                     [](const Percentile& at) { return 2e6 * std::exp(at.normal * 0.6); });
}

// Ten values, so that the 10th percentile is the first of them, and the 90th the ninth.
TEST(Distribution, EmpiricalHasItsPercentiles) {
  Distribution distribution{.kind = Distribution::Kind::kEmpirical};
  for (uint64_t i = 1; i <= 100; ++i) distribution.values_us.push_back(i * 1000);
  expect_percentiles(distribution,
                     [](const Percentile& at) { return std::round(at.share * 100) * 1000; });
}

TEST(Distribution, ConstantDrawsNothing) {
  RandomStream stream(1, "test");
  EXPECT_EQ(draw_us({.low_us = 7}, stream), 7u);
  EXPECT_EQ(stream.next(), RandomStream(1, "test").next());
}

// By any compiler, with any optimisation.
TEST(Distribution, DrawsTheSameEverywhere) {
  RandomStream stream(42, "golden");
  uint64_t sum = 0;
  for (int i = 0; i < 1000; ++i) {
    sum = sum * 31 + draw_us({.kind = Distribution::Kind::kNormal,
                              .low_us = 5'000'000'000,
                              .high_us = 700'000'000},
                             stream);
    sum = sum * 31 +
          draw_us({.kind = Distribution::Kind::kLogNormal, .low_us = 2'000'000'000, .spread = 0.6},
                  stream);
  }
  EXPECT_EQ(sum, 10083542487190906552u);
}

TEST(Distribution, NeverDrawsLessThanNothing) {
  RandomStream stream(1, "test");
  for (int i = 0; i < 10'000; ++i) {
    const uint64_t us =
        draw_us({.kind = Distribution::Kind::kNormal, .low_us = 10, .high_us = 1000}, stream);
    EXPECT_LT(us, 10'000u);
  }
}

TEST(OwnMathematics, AgreesWithThatOfTheSystem) {
  for (double x = 1e-9; x < 1e9; x *= 1.37) EXPECT_NEAR(own_log(x), std::log(x), 1e-13) << x;
  for (double x = -20; x < 20; x += 0.0371) {
    EXPECT_NEAR(own_exp(x) / std::exp(x), 1, 1e-13) << x;
  }
}

TEST(LatencyModel, AddsATermForEachThingThatThereIsToDo) {
  Latencies latencies;
  latencies[static_cast<size_t>(Timed::kSuspend)] = {.base = {.low_us = 100},
                                                     .touched_us_per_mib = 10,
                                                     .dirty_us_per_mib = 3,
                                                     .per_disk_us = 1000};
  LatencyModel model(latencies, 1);
  EXPECT_EQ(model.draw_us(Timed::kSuspend, {}), 100u);
  EXPECT_EQ(model.draw_us(Timed::kSuspend, {.touched_mib = 5, .dirty_mib = 2, .disks = 3}), 3156u);
  EXPECT_TRUE(model.has_terms(Timed::kSuspend));
  EXPECT_FALSE(model.has_terms(Timed::kBoot));
  EXPECT_EQ(model.draw_us(Timed::kBoot, {.touched_mib = 5}), 0u);
}

TEST(LatencyModel, JittersBySoManyPercentAtMost) {
  Latencies latencies;
  latencies[0] = {.base = {.low_us = 1'000'000}, .jitter_percent = 20};
  LatencyModel model(latencies, 1);
  uint64_t least = std::numeric_limits<uint64_t>::max();
  uint64_t most = 0;
  for (int i = 0; i < 10'000; ++i) {
    const uint64_t us = model.draw_us(Timed::kRequest, {});
    least = std::min(least, us);
    most = std::max(most, us);
  }
  EXPECT_GE(least, 800'000u);
  EXPECT_LT(least, 801'000u);
  EXPECT_LE(most, 1'200'000u);
  EXPECT_GT(most, 1'199'000u);
}

// What one operation draws does not depend on how often others are asked for.
TEST(LatencyModel, DrawsEachOperationFromAStreamOfItsOwn) {
  const Latencies ssd = *latency_preset("desktop-ssd");
  LatencyModel alone(ssd, 9);
  LatencyModel among(ssd, 9);
  for (int i = 0; i < 100; ++i) {
    among.draw_us(Timed::kRequest, {});
    EXPECT_EQ(alone.draw_us(Timed::kBoot, {}), among.draw_us(Timed::kBoot, {}));
  }
}

// vm-lifecycle 7, for guests of up to 4 GiB that have touched all of it.
TEST(Presets, ResumeQuickerThanTheyStart) {
  const Load full{.touched_mib = 4096, .dirty_mib = 4096};
  for (const std::string_view name : latency_preset_names()) {
    LatencyModel model(*latency_preset(name), 1);
    uint64_t slowest_resume = 0;
    uint64_t quickest_start = std::numeric_limits<uint64_t>::max();
    for (int i = 0; i < 10'000; ++i) {
      slowest_resume = std::max(slowest_resume, model.draw_us(Timed::kResume, full));
      quickest_start = std::min(quickest_start, model.draw_us(Timed::kBoot, {}));
    }
    EXPECT_LT(slowest_resume, quickest_start) << name;
  }
}

// core-api 11: the guide's sample waits 1000 ms.
TEST(Presets, FitIntoTheWaitOfTheGuideWhereNothingElseIsSaid) {
  LatencyModel model(guide_latencies(), 1);
  for (size_t i = 0; i < kTimedCount; ++i) {
    const auto what = static_cast<Timed>(i);
    EXPECT_LT(model.draw_us(what, {.touched_mib = 4096, .disks = 4}), 1'000'000u);
    EXPECT_GT(model.draw_us(what, {}), 0u);
  }
}

TEST(Presets, AreKnownByName) {
  EXPECT_EQ(latency_preset_names().size(), 5u);
  EXPECT_FALSE(latency_preset("desktop"));
}

}  // namespace
}  // namespace prl::sim
