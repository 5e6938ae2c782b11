#include "simulator/random.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>

namespace prl::sim {
namespace {

TEST(RandomStream, RepeatsItselfForEqualSeedAndName) {
  RandomStream first(42, "uuid");
  RandomStream second(42, "uuid");
  for (int i = 0; i < 100; ++i) EXPECT_EQ(first.next(), second.next());
}

// A change of these numbers changes every scenario that names a seed.
TEST(RandomStream, DrawsTheSameNumbersInEveryRelease) {
  RandomStream stream(1, "uuid");
  EXPECT_EQ(stream.next(), 0xf4ec7394d32b0e32u);
  EXPECT_EQ(stream.next(), 0x2fb6aa7d48e3d103u);
}

TEST(RandomStream, DiffersByNameAndBySeed) {
  EXPECT_NE(RandomStream(1, "uuid").next(), RandomStream(1, "faults").next());
  EXPECT_NE(RandomStream(1, "uuid").next(), RandomStream(2, "uuid").next());
  EXPECT_NE(RandomStream(1, "ab").next(), RandomStream(1, "ba").next());
}

TEST(RandomStream, DrawsEveryValueBelowTheBoundAboutEquallyOften) {
  RandomStream stream(3, "dice");
  std::array<int, 6> counts{};
  for (int i = 0; i < 60'000; ++i) ++counts[stream.below(6)];
  for (const int count : counts) EXPECT_NEAR(count, 10'000, 500);
}

// With a bound of 3/4 of the range, plain remainders would fall into the lower third of the bound
// half of the time.
TEST(RandomStream, DoesNotFavourSmallRemainders) {
  RandomStream stream(3, "bias");
  const uint64_t bound = (UINT64_MAX / 4) * 3;
  int low = 0;
  for (int i = 0; i < 30'000; ++i) low += stream.below(bound) < bound / 3;
  EXPECT_NEAR(low, 10'000, 500);
}

RC_GTEST_PROP(RandomStream, StaysBetweenItsLimits, (uint64_t seed, uint64_t one, uint64_t other)) {
  const uint64_t low = std::min(one, other);
  const uint64_t high = std::max(one, other);
  const uint64_t draw = RandomStream(seed, "limits").between(low, high);
  RC_ASSERT(draw >= low);
  RC_ASSERT(draw <= high);
}

TEST(RandomStream, DrawsFromTheFullRange) {
  RandomStream stream(5, "full");
  uint64_t seen = 0;
  for (int i = 0; i < 64; ++i) seen |= stream.between(0, UINT64_MAX);
  EXPECT_EQ(seen, UINT64_MAX);
}

}  // namespace
}  // namespace prl::sim
