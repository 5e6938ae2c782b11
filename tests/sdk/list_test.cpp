// The containers (core-api 4.1).
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <cstring>
#include <limits>

#include "tests/sdk/session.h"

namespace prl::tests {
namespace {

Handle strings_list() {
  Handle list;
  EXPECT_EQ(PrlApi_CreateStringsList(list.out()), PRL_ERR_SUCCESS);
  return list;
}

Handle handles_list() {
  Handle list;
  EXPECT_EQ(PrlApi_CreateHandlesList(list.out()), PRL_ERR_SUCCESS);
  return list;
}

std::string item_of(PRL_HANDLE list, PRL_UINT32 index) {
  return text_of([=](PRL_STR text, PRL_UINT32_PTR length) {
    return PrlStrList_GetItem(list, index, text, length);
  });
}

// Text as a C string can hold it.
rc::Gen<std::string> texts() {
  return rc::gen::container<std::string>(rc::gen::distinctFrom(rc::gen::arbitrary<char>(), '\0'));
}

void expect_equal(PRL_HANDLE list, const std::vector<std::string>& model) {
  PRL_UINT32 count = UINT32_MAX;
  RC_ASSERT(PrlStrList_GetItemsCount(list, &count) == PRL_ERR_SUCCESS);
  RC_ASSERT(count == model.size());
  for (PRL_UINT32 i = 0; i < count; ++i) RC_ASSERT(item_of(list, i) == model[i]);
}

// core-api 12, invariant 33
RC_GTEST_PROP(AStringsList, BehavesAsAVectorOfStrings, ()) {
  const Library library;
  const Handle list = strings_list();
  std::vector<std::string> model;
  const auto steps = *rc::gen::inRange(0, 40);
  for (int step = 0; step < steps; ++step) {
    if (*rc::gen::inRange(0, 3) != 0) {
      model.push_back(*texts());
      RC_ASSERT(PrlStrList_AddItem(list, model.back().c_str()) == PRL_ERR_SUCCESS);
    } else {
      const auto index = *rc::gen::inRange<PRL_UINT32>(0, 10);
      const bool exists = index < model.size();
      RC_ASSERT(PrlStrList_RemoveItem(list, index) ==
                (exists ? PRL_ERR_SUCCESS : PRL_ERR_INVALID_ARG));
      if (exists) model.erase(model.begin() + index);
    }
    expect_equal(list, model);
  }
}

TEST(AStringsList, RefusesMissingTextsAndBadIndices) {
  const Library library;
  const Handle list = strings_list();
  PRL_UINT32 length = 5;
  EXPECT_EQ(PrlStrList_AddItem(list, nullptr), PRL_ERR_INVALID_ARG);
  EXPECT_EQ(PrlStrList_GetItem(list, 0, nullptr, &length), PRL_ERR_INVALID_ARG);
  EXPECT_EQ(length, 5u);
  EXPECT_EQ(PrlStrList_RemoveItem(list, UINT32_MAX), PRL_ERR_INVALID_ARG);
  EXPECT_EQ(PrlStrList_GetItemsCount(list, nullptr), PRL_ERR_INVALID_ARG);
}

// core-api 12, invariant 34
TEST(AHandlesList, KeepsItsItemsAlive) {
  const Library library;
  Handle list = handles_list();
  Handle item = strings_list();
  const PRL_HANDLE value = item.get();
  ASSERT_EQ(PrlHndlList_AddItem(list, item), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlHandle_Free(item.release()), PRL_ERR_SUCCESS);
  Handle got;
  EXPECT_EQ(PrlHndlList_GetItem(list, 0, got.out()), PRL_ERR_SUCCESS);
  EXPECT_EQ(got.get(), value);
  EXPECT_EQ(PrlHandle_Free(list.release()), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlStrList_AddItem(got, "alive"), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlHandle_Free(got.release()), PRL_ERR_SUCCESS);
  EXPECT_EQ(live_handles(), 0u);
}

// core-api 2.3 [F]: freeing too often takes no reference of the library's own.
TEST(AHandlesList, DoesNotLoseAnItemThatIsFreedTooOften) {
  const Library library;
  const Handle list = handles_list();
  const PRL_HANDLE item = strings_list().release();
  ASSERT_EQ(PrlHndlList_AddItem(list, item), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlHandle_Free(item), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlHandle_Free(item), PRL_ERR_INVALID_ARG);
  EXPECT_EQ(PrlStrList_AddItem(item, "alive"), PRL_ERR_SUCCESS);
}

TEST(AHandlesList, ReleasesAnItemThatIsRemoved) {
  const Library library;
  const Handle list = handles_list();
  ASSERT_EQ(PrlHndlList_AddItem(list, strings_list()), PRL_ERR_SUCCESS);
  ASSERT_EQ(PrlHndlList_AddItem(list, handles_list()), PRL_ERR_SUCCESS);
  EXPECT_EQ(live_handles(), 3u);
  EXPECT_EQ(PrlHndlList_RemoveItem(list, 0), PRL_ERR_SUCCESS);
  EXPECT_EQ(live_handles(PHT_STRINGS_LIST), 0u);
  EXPECT_EQ(PrlHndlList_RemoveItem(list, 1), PRL_ERR_INVALID_ARG);
  EXPECT_EQ(live_handles(), 2u);
}

TEST(AHandlesList, ThatHoldsItselfEndsWithTheLibrary) {
  const Library library;
  const Handle list = handles_list();
  EXPECT_EQ(PrlHndlList_AddItem(list, list), PRL_ERR_SUCCESS);
}

// core-api 12, invariant 35
RC_GTEST_PROP(AnOpaqueList, HasElementsOfFourSizesOnly, ()) {
  const Library library;
  const auto size = *rc::gen::weightedOneOf<PRL_SIZE>(
      {{3, rc::gen::inRange<PRL_SIZE>(0, 17)}, {1, rc::gen::arbitrary<PRL_SIZE>()}});
  Handle list;
  const bool is_good = size == 1 || size == 2 || size == 4 || size == 8;
  RC_ASSERT(PrlApi_CreateOpTypeList(list.out(), size) ==
            (is_good ? PRL_ERR_SUCCESS : PRL_ERR_INVALID_ARG));
  RC_ASSERT((list.get() != kNoHandle) == is_good);
  if (!is_good) return;
  PRL_SIZE told = 0;
  RC_ASSERT(PrlOpTypeList_GetTypeSize(list, &told) == PRL_ERR_SUCCESS);
  RC_ASSERT(told == size);
}

template <class Element>
void expect_round_trip(const std::vector<Element>& items) {
  Handle list;
  ASSERT_EQ(PrlApi_CreateOpTypeList(list.out(), sizeof(Element)), PRL_ERR_SUCCESS);
  for (const Element& item : items) {
    ASSERT_EQ(PrlOpTypeList_AddItem(list, &item), PRL_ERR_SUCCESS);
  }
  for (size_t i = 0; i < items.size(); ++i) {
    Element got{};
    EXPECT_EQ(PrlOpTypeList_GetItem(list, static_cast<PRL_UINT32>(i), &got), PRL_ERR_SUCCESS);
    EXPECT_EQ(std::memcmp(&got, &items[i], sizeof(Element)), 0);
  }
}

// core-api 12, invariant 35
TEST(AnOpaqueList, KeepsTheLimitsOfEveryType) {
  const Library library;
  expect_round_trip<int8_t>({INT8_MIN, -1, 0, INT8_MAX});
  expect_round_trip<uint16_t>({0, 1, UINT16_MAX});
  expect_round_trip<int32_t>({INT32_MIN, 0, INT32_MAX});
  expect_round_trip<uint64_t>({0, UINT64_MAX});
  expect_round_trip<double>(
      {-0.0, std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()});
}

// core-api 12, invariant 35
RC_GTEST_PROP(AnOpaqueList, BehavesAsAVector, (std::vector<uint32_t> model)) {
  const Library library;
  Handle list;
  RC_ASSERT(PrlApi_CreateOpTypeList(list.out(), 4) == PRL_ERR_SUCCESS);
  for (uint32_t item : model) RC_ASSERT(PrlOpTypeList_AddItem(list, &item) == PRL_ERR_SUCCESS);
  const auto removals = *rc::gen::container<std::vector<PRL_UINT32>>(rc::gen::inRange(0u, 8u));
  for (const PRL_UINT32 index : removals) {
    const bool exists = index < model.size();
    RC_ASSERT(PrlOpTypeList_RemoveItem(list, index) ==
              (exists ? PRL_ERR_SUCCESS : PRL_ERR_INVALID_ARG));
    if (exists) model.erase(model.begin() + index);
  }
  PRL_UINT32 count = 0;
  RC_ASSERT(PrlOpTypeList_GetItemsCount(list, &count) == PRL_ERR_SUCCESS);
  RC_ASSERT(count == model.size());
  for (PRL_UINT32 i = 0; i < count; ++i) {
    uint32_t got = 0;
    RC_ASSERT(PrlOpTypeList_GetItem(list, i, &got) == PRL_ERR_SUCCESS);
    RC_ASSERT(got == model[i]);
  }
}

}  // namespace
}  // namespace prl::tests
