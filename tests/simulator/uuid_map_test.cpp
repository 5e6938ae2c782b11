// Maps from uuids: what is set is found until it is erased, whatever else has come and gone.
#include "simulator/uuid_map.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>

namespace prl::sim {
namespace {

Uuid numbered(uint64_t number) {
  return Uuid::from_random(0, number);
}

RC_GTEST_PROP(AUuidMap, IsAMap, ()) {
  UuidMap<uint32_t> map;
  std::map<Uuid, uint32_t> model;
  // Few keys: each comes and goes often. They share homes, since there are few of those too.
  const auto any_key = [] { return numbered(*rc::gen::inRange<uint64_t>(0, 24)); };
  for (int i = *rc::gen::inRange(0, 200); i > 0; --i) {
    const Uuid key = any_key();
    const auto value = static_cast<uint32_t>(i);
    switch (*rc::gen::inRange(0, 8)) {
      case 0:
      case 1:
      case 2:
        map.erase(key);
        model.erase(key);
        break;
      case 3:
        if (*rc::gen::inRange(0, 10) == 0) map.clear(), model.clear();
        break;
      default: {
        const auto [found, is_new] = map.try_emplace(key, value);
        RC_ASSERT(is_new == model.try_emplace(key, value).second);
        RC_ASSERT(*found == model.at(key));
      }
    }
    RC_ASSERT(map.size() == model.size());
    for (uint64_t number = 0; number < 24; ++number) {
      const uint32_t* found = map.find(numbered(number));
      const auto expected = model.find(numbered(number));
      RC_ASSERT((found != nullptr) == (expected != model.end()));
      if (found) RC_ASSERT(*found == expected->second);
    }
  }
}

TEST(AUuidMap, TakesTheNilUuidForAKeyLikeAnyOther) {
  UuidMap<int> map;
  EXPECT_EQ(map.find(Uuid()), nullptr);
  map.try_emplace(numbered(1), 1);
  EXPECT_EQ(map.find(Uuid()), nullptr);
  map.try_emplace(Uuid(), 2);
  ASSERT_NE(map.find(Uuid()), nullptr);
  EXPECT_EQ(*map.find(Uuid()), 2);
}

TEST(AUuidMap, GrowsWithWhatIsInIt) {
  UuidMap<uint64_t> map;
  for (uint64_t number = 0; number < 5000; ++number) map.try_emplace(numbered(number), number);
  for (uint64_t number = 0; number < 5000; number += 2) map.erase(numbered(number));
  EXPECT_EQ(map.size(), 2500u);
  for (uint64_t number = 0; number < 5000; ++number) {
    const uint64_t* found = map.find(numbered(number));
    ASSERT_EQ(found != nullptr, number % 2 == 1) << number;
    if (!found) continue;
    ASSERT_EQ(*found, number);
  }
}

}  // namespace
}  // namespace prl::sim
