// Names and texts of numbers (core-api 8).
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "sdk/codegen/catalogue.h"
#include "tests/sdk/session.h"

namespace prl::tests {
namespace {

std::string description(PRL_RESULT code, PRL_BOOL brief, PRL_BOOL formatted) {
  return text_of([=](PRL_STR text, PRL_UINT32_PTR length) {
    return PrlApi_GetResultDescription(code, brief, formatted, text, length);
  });
}

std::string error_text(PRL_HANDLE event, PRL_BOOL brief) {
  return text_of([=](PRL_STR text, PRL_UINT32_PTR length) {
    return PrlEvent_GetErrString(event, brief, PRL_FALSE, text, length);
  });
}

// core-api 12, invariant 52
RC_GTEST_PROP(DebugNames, ExistForEveryNumber, (uint32_t value)) {
  PRL_CONST_STR name = nullptr;
  RC_ASSERT(PrlDbg_PrlResultToString(static_cast<PRL_RESULT>(value), &name) == PRL_ERR_SUCCESS);
  RC_ASSERT(name != nullptr && *name != '\0');
  name = nullptr;
  RC_ASSERT(PrlDbg_HandleTypeToString(static_cast<PRL_HANDLE_TYPE>(value), &name) ==
            PRL_ERR_SUCCESS);
  RC_ASSERT(name != nullptr && *name != '\0');
  name = nullptr;
  RC_ASSERT(PrlDbg_EventTypeToString(static_cast<PRL_EVENT_TYPE>(value), &name) == PRL_ERR_SUCCESS);
  RC_ASSERT(name != nullptr && *name != '\0');
}

// core-api 12, invariant 52
TEST(DebugNames, AreSpelledAsTheEnumerators) {
  EXPECT_STREQ(prl_result_to_string(PRL_ERR_SUCCESS), "PRL_ERR_SUCCESS");
  EXPECT_STREQ(prl_result_to_string(PRL_ERR_TIMEOUT), "PRL_ERR_TIMEOUT");
  EXPECT_STREQ(prl_result_to_string(0x7FFFFFFF), "Unknown");
  EXPECT_STREQ(handle_type_to_string(PHT_JOB), "PHT_JOB");
  EXPECT_STREQ(handle_type_to_string(static_cast<PRL_HANDLE_TYPE>(3)), "Unknown");
  EXPECT_STREQ(event_type_to_string(PET_DSP_EVT_VM_ADDED), "PET_DSP_EVT_VM_ADDED");
  EXPECT_EQ(PrlDbg_PrlResultToString(PRL_ERR_SUCCESS, nullptr), PRL_ERR_INVALID_ARG);
}

// core-api 12, invariant 53
RC_GTEST_PROP(Descriptions, ExistForEveryCode, (bool brief, bool formatted)) {
  const auto code = static_cast<PRL_RESULT>(*rc::gen::oneOf(
      rc::gen::arbitrary<uint32_t>(), rc::gen::inRange<uint32_t>(0x80000000, 0x80001000)));
  const std::string text = description(code, brief, formatted);
  RC_ASSERT(!text.empty());
  if (!formatted) RC_ASSERT(text.find('<') == std::string::npos);
}

TEST(Descriptions, FallBackToTheNameOfTheCode) {
  EXPECT_EQ(description(0x7FFFFFFF, PRL_TRUE, PRL_FALSE), "Unknown");
  EXPECT_EQ(description(14000, PRL_TRUE, PRL_FALSE), "GUI_QUESTION_CANCEL_CLONE_OPERATION");
}

TEST(Descriptions, TellTheCauseAndThenTheRemedy) {
  EXPECT_EQ(description(PRL_ERR_DOUBLE_INIT, PRL_TRUE, PRL_FALSE),
            "The library is already initialised.");
  EXPECT_EQ(description(PRL_ERR_DOUBLE_INIT, PRL_FALSE, PRL_FALSE),
            "The library is already initialised. PrlApi_Init or PrlApi_InitEx was called twice "
            "without PrlApi_Deinit between. Call one of them once per process.");
}

TEST(Descriptions, ExplainEveryPublicCode) {
  codegen::Problems problems;
  for (const auto& row : codegen::Catalogue::load(PRLSIM_CATALOGUE_DIR, problems).result_codes) {
    if (!row.is_public) continue;
    const auto code = static_cast<PRL_RESULT>(row.value);
    const std::string brief = description(code, PRL_TRUE, PRL_FALSE);
    const std::string detailed = description(code, PRL_FALSE, PRL_FALSE);
    EXPECT_NE(brief.find(' '), std::string::npos) << row.name << ": " << brief;
    EXPECT_EQ(detailed.rfind(brief + " ", 0), 0u) << row.name << ": " << detailed;
  }
}

// Where the editions give one number two meanings, desktop's is told.
TEST(Descriptions, FollowTheNameOfTheNumber) {
  EXPECT_STREQ(prl_result_to_string(PRL_ERR_VCMMD_NO_CONNECTION),
               "PRL_ERR_PARENT_LINKED_VM_CONFIG_DOESNT_EXIST");
  EXPECT_EQ(description(PRL_ERR_VCMMD_NO_CONNECTION, PRL_TRUE, PRL_FALSE),
            "The original of the linked clone has no configuration file.");
}

// core-api 8
TEST(MessageTypes, FollowTheCode) {
  const auto type_of = [](PRL_RESULT code) {
    PRL_MESSAGE_TYPE_ENUM type = PMT_QUESTION;
    EXPECT_EQ(PrlApi_GetMessageType(code, &type), PRL_ERR_SUCCESS);
    return type;
  };
  EXPECT_EQ(type_of(PRL_ERR_SUCCESS), PMT_INFORMATION);
  EXPECT_EQ(type_of(PRL_ERR_OUT_OF_MEMORY), PMT_CRITICAL);
  EXPECT_EQ(type_of(PET_ANSWER_YES), PMT_ANSWER);
  EXPECT_EQ(type_of(PET_QUESTION_DO_YOU_WANT_TO_OVERWRITE_FILE), PMT_QUESTION);
  EXPECT_EQ(type_of(0x7FFFFFFF), PMT_WARNING);
  EXPECT_EQ(PrlApi_GetMessageType(PRL_ERR_SUCCESS, nullptr), PRL_ERR_INVALID_ARG);
}

TEST(MessagesThatCanBeIgnored, AreMarked) {
  const auto can_be_ignored = [](PRL_RESULT code) {
    PRL_BOOL value = 77;
    EXPECT_EQ(PrlApi_MsgCanBeIgnored(code, &value), PRL_ERR_SUCCESS);
    return value;
  };
  EXPECT_EQ(can_be_ignored(PRL_ERR_OUT_OF_MEMORY), PRL_BOOL(PRL_FALSE));
  EXPECT_EQ(can_be_ignored(PRL_ERR_OPERATION_WAS_CANCELED), PRL_BOOL(PRL_TRUE));
  EXPECT_EQ(can_be_ignored(0x7FFFFFFF), PRL_BOOL(PRL_FALSE));
}

// core-api 8: parameters replace the placeholders, escaped for HTML.
TEST(ErrorTexts, NameTheVm) {
  const Session session;
  const Handle vm = new_vm(session.server, "R&D <lab>");
  const Handle job(PrlVm_Suspend(vm));
  ASSERT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
  Handle error;
  ASSERT_EQ(PrlJob_GetError(job, error.out()), PRL_ERR_SUCCESS);
  for (const PRL_BOOL brief : {PRL_TRUE, PRL_FALSE}) {
    const std::string text = error_text(error, brief);
    EXPECT_NE(text.find("R&amp;D &lt;lab&gt;"), std::string::npos) << text;
    EXPECT_EQ(text.find("%1"), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace prl::tests
