#include "simulator/uuid.h"

#include <gtest/gtest.h>

#include <unordered_set>

#include "simulator/random.h"

namespace prl::sim {
namespace {

constexpr char kText[] = "{12345678-9abc-4def-8123-456789abcdef}";

TEST(Uuid, FormatsWhatItParsed) {
  EXPECT_EQ(Uuid::parse(kText)->format(), kText);
}

TEST(Uuid, AcceptsTheFormWithoutBracesAndUpperCase) {
  EXPECT_EQ(Uuid::parse("12345678-9ABC-4DEF-8123-456789ABCDEF"), Uuid::parse(kText));
}

TEST(Uuid, RefusesWhatIsNotAUuid) {
  for (const char* text :
       {"", "{}", "12345678", "{12345678-9abc-4def-8123-456789abcdef",
        "12345678-9abc-4def-8123-456789abcdef}", "123456789-abc-4def-8123-456789abcdef",
        "g2345678-9abc-4def-8123-456789abcdef", " 2345678-9abc-4def-8123-456789abcdef",
        "{12345678-9abc-4def-8123-456789abcdef}}"}) {
    EXPECT_EQ(Uuid::parse(text), std::nullopt) << text;
  }
}

TEST(Uuid, IsNilOnlyWithoutContent) {
  EXPECT_TRUE(Uuid().is_nil());
  EXPECT_EQ(Uuid().format(), "{00000000-0000-0000-0000-000000000000}");
  EXPECT_FALSE(Uuid::from_random(0, 0).is_nil());
}

TEST(Uuid, MarksRandomBitsAsVersionFour) {
  EXPECT_EQ(Uuid::from_random(0, 0).format(), "{00000000-0000-4000-8000-000000000000}");
  EXPECT_EQ(Uuid::from_random(~0ull, ~0ull).format(), "{ffffffff-ffff-4fff-bfff-ffffffffffff}");
}

TEST(Uuid, OrdersAsTheTextDoes) {
  const Uuid low = *Uuid::parse("00000000-0000-4000-8000-0000000000ff");
  const Uuid high = *Uuid::parse("01000000-0000-4000-8000-000000000000");
  EXPECT_LT(low, high);
  EXPECT_LT(low.format(), high.format());
}

TEST(Uuid, HashesApart) {
  RandomStream stream(7, "uuid");
  std::unordered_set<size_t> hashes;
  for (int i = 0; i < 1000; ++i) {
    const uint64_t high = stream.next();
    hashes.insert(std::hash<Uuid>()(Uuid::from_random(high, stream.next())));
  }
  EXPECT_EQ(hashes.size(), 1000u);
}

}  // namespace
}  // namespace prl::sim
