// Spellings of codes and types.
#include "names.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "Parallels.h"
#include "sdk/codegen/catalogue.h"

namespace prl::sdk {
namespace {

TEST(Names, SpellAResultCodeAsTheHeadersDo) {
  EXPECT_STREQ(result_name(PRL_ERR_TIMEOUT), "PRL_ERR_TIMEOUT");
  EXPECT_STREQ(result_name(PRL_ERR_INVALID_ARG), "PRL_ERR_INVALID_ARG");
  EXPECT_STREQ(result_name(123456789), "Unknown");
}

TEST(Names, PreferThePlainSpellingWhereSeveralShareAValue) {
  EXPECT_STREQ(result_name(0), "PRL_ERR_SUCCESS");
  EXPECT_STREQ(result_name(PRL_ERR_COMPACT_WRONG_VM_STATE), "PRL_ERR_WRONG_VM_STATE");
  EXPECT_STREQ(result_name(PRL_ERR_CT_NOT_FOUND_OBSOLETE), "PRL_ERR_CT_NOT_FOUND");
}

TEST(Names, SpellHandleTypes) {
  EXPECT_STREQ(handle_type_name(PHT_JOB), "PHT_JOB");
  EXPECT_STREQ(handle_type_name(PHT_VIRTUAL_MACHINE), "PHT_VIRTUAL_MACHINE");
  EXPECT_STREQ(handle_type_name(PHT_LAST + 1000u), "Unknown");
}

TEST(Names, SpellEventTypes) {
  EXPECT_STREQ(event_type_name(PET_DSP_EVT_VM_ADDED), "PET_DSP_EVT_VM_ADDED");
  EXPECT_STREQ(event_type_name(1), "Unknown");
}

TEST(Names, FindEveryCodeByEachOfItsSpellings) {
  EXPECT_EQ(result_code_by_name("PRL_ERR_LICENSE_VALID"), 0);
  EXPECT_EQ(result_code_by_name("PRL_ERR_SUCCESS"), 0);
  EXPECT_EQ(result_code_by_name("PRL_ERR_TIMEOUT"), PRL_ERR_TIMEOUT);
  EXPECT_EQ(result_code_by_name("PRL_ERR_NO_SUCH_THING"), std::nullopt);
  for (const NamedCode& code : all_result_codes()) {
    EXPECT_EQ(result_code_by_name(code.name), code.value) << code.name;
  }
}

TEST(Names, SpellEveryCodeByANameThatHasItsValue) {
  for (const NamedCode& code : all_result_codes()) {
    EXPECT_EQ(result_code_by_name(result_name(code.value)), code.value) << code.name;
  }
}

TEST(Names, ExistForEveryEnumeratorOfBothEditions) {
  codegen::Problems problems;
  const auto catalogue = codegen::Catalogue::load(PRLSIM_CATALOGUE_DIR, problems);
  const auto expect_names = [&](const char* enum_name, const char* (*name_of)(uint32_t)) {
    for (const auto& enumerator : catalogue.find_enum(enum_name)->enumerators) {
      if (enumerator.name == "PHT_LAST" || enumerator.name == "PET_LAST") continue;
      for (const int64_t value : {enumerator.value, enumerator.value_virtuozzo}) {
        EXPECT_STRNE(name_of(static_cast<uint32_t>(value)), "Unknown") << enumerator.name;
      }
    }
  };
  expect_names("PRL_HANDLE_TYPE", handle_type_name);
  expect_names("PRL_EVENT_TYPE", event_type_name);
  expect_names("PRL_PRIVATE_EVENT_TYPE", event_type_name);
  for (const auto& code : catalogue.result_codes) {
    for (const int64_t value : {code.value, code.value_virtuozzo}) {
      EXPECT_STRNE(result_name(static_cast<int32_t>(value)), "Unknown") << code.name;
    }
  }
}

}  // namespace
}  // namespace prl::sdk
