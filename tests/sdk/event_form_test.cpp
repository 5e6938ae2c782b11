// The forms of an event beside its getters: text, bytes, objects, and events that clients make.
#include <gtest/gtest.h>
#include <prlsdk/prl_sim.h>

#include <string>
#include <vector>

#include "tests/sdk/session.h"

namespace prl::tests {
namespace {

// Whatever XML has a meaning of its own for.
constexpr const char* kName = "<a & b> \"c\" ]]> ü\x01\n";

std::string xml_of(PRL_HANDLE event) {
  PRL_VOID_PTR text = nullptr;
  EXPECT_EQ(PrlEvent_GetDataPtr(event, &text), PRL_ERR_SUCCESS);
  const std::string copy = text ? static_cast<const char*>(text) : "";
  EXPECT_EQ(PrlBuffer_Free(text), PRL_ERR_SUCCESS);
  return copy;
}

std::string value_of(PRL_HANDLE event, const char* name) {
  Handle parameter;
  EXPECT_EQ(PrlEvent_GetParamByName(event, name, parameter.out()), PRL_ERR_SUCCESS) << name;
  return text_of([&](PRL_STR text, PRL_UINT32_PTR length) {
    return PrlEvtPrm_ToString(parameter, text, length);
  });
}

// The error event of a command that is refused because the VM, of that name, is stopped.
struct AnEvent : testing::Test {
  AnEvent() : vm(new_vm(session.server, kName)) {
    const Handle job(PrlVm_Suspend(vm));
    PrlJob_Wait(job, UINT32_MAX);
    PrlJob_GetError(job, error.out());
    PrlJob_GetResult(job, result.out());
    PrlVm_CreateEvent(vm, made.out());
  }

  const Session session;
  const Handle vm;
  Handle error, result, made;
};

// core-api 5.4
TEST_F(AnEvent, IsTheSameAfterTheWayThroughText) {
  PRL_EVENT_TYPE type = PET_DSP_EVT_VM_ADDED;
  PRL_RESULT code = PRL_ERR_SUCCESS;
  ASSERT_EQ(PrlEvent_FromString(made, xml_of(error).c_str()), PRL_ERR_SUCCESS);
  EXPECT_EQ(xml_of(made), xml_of(error));
  EXPECT_EQ(PrlEvent_GetType(made, &type), PRL_ERR_SUCCESS);
  EXPECT_EQ(type, PET_VM_INF_UNINITIALIZED_EVENT_CODE);
  EXPECT_EQ(PrlEvent_GetErrCode(made, &code), PRL_ERR_SUCCESS);
  EXPECT_EQ(code, PRL_ERR_DISP_VM_IS_NOT_STARTED);
  EXPECT_EQ(value_of(made, "vm_message_param_0"), kName);
}

TEST_F(AnEvent, StaysAsItIsWhenItsNewTextIsNone) {
  const std::string before = xml_of(error);
  const std::string cut = before.substr(0, before.size() / 2);
  for (const char* text :
       {"", "text", "<other/>", cut.c_str(),
        "<ParallelsEvent><EventType>many</EventType></ParallelsEvent>",
        "<ParallelsEvent><EventType>4294967295</EventType></ParallelsEvent>",
        "<ParallelsEvent><IssuerId>nobody</IssuerId></ParallelsEvent>",
        "<ParallelsEvent><Parameter><Value>no name</Value></Parameter></ParallelsEvent>"}) {
    EXPECT_EQ(PrlEvent_FromString(error, text), PRL_ERR_INVALID_ARG) << text;
    EXPECT_EQ(xml_of(error), before) << text;
  }
}

TEST_F(AnEvent, LosesParametersThatItsNewTextLacks) {
  Handle parameter;
  PRL_UINT32 number = 7;
  ASSERT_EQ(PrlEvent_GetParam(error, 0, parameter.out()), PRL_ERR_SUCCESS);
  ASSERT_EQ(PrlEvent_FromString(error, "<ParallelsEvent/>"), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlEvtPrm_ToUint32(parameter, &number), PRL_ERR_OBJECT_WAS_REMOVED);
  EXPECT_EQ(number, 7u);
  ASSERT_EQ(PrlEvent_FromString(error,
                                "<ParallelsEvent><Parameter><Name>first</Name></Parameter>"
                                "<Parameter><Name>vm_message_param_0</Name><Value>42</Value>"
                                "</Parameter></ParallelsEvent>"),
            PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlEvtPrm_ToUint32(parameter, &number), PRL_ERR_SUCCESS);
  EXPECT_EQ(number, 42u);
}

TEST_F(AnEvent, GivesTheBytesOfAParameter) {
  Handle parameter;
  char bytes[64] = {};
  PRL_UINT32 length = 0;
  ASSERT_EQ(PrlEvent_GetParam(error, 0, parameter.out()), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlEvtPrm_GetBuffer(parameter, nullptr, &length), PRL_ERR_SUCCESS);
  EXPECT_EQ(length, std::string(kName).size());
  EXPECT_EQ(PrlEvtPrm_GetBuffer(parameter, bytes, &length), PRL_ERR_SUCCESS);
  EXPECT_STREQ(bytes, kName);
}

TEST_F(AnEvent, CanBeAParameterOfAnother) {
  const std::string outer =
      "<ParallelsEvent><Parameter><Name>internal_event</Name><Type>5</Type><Value>"
      "&lt;ParallelsEvent&gt;&lt;Code&gt;5&lt;/Code&gt;&lt;/ParallelsEvent&gt;"
      "</Value></Parameter></ParallelsEvent>";
  Handle parameter, inner;
  PRL_RESULT code = PRL_ERR_SUCCESS;
  ASSERT_EQ(PrlEvent_FromString(made, outer.c_str()), PRL_ERR_SUCCESS);
  ASSERT_EQ(PrlEvent_GetParam(made, 0, parameter.out()), PRL_ERR_SUCCESS);
  ASSERT_EQ(PrlEvtPrm_ToHandle(parameter, inner.out()), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlEvent_GetErrCode(inner, &code), PRL_ERR_SUCCESS);
  EXPECT_EQ(code, 5);
}

TEST_F(AnEvent, HasNoObjectInAParameterOfText) {
  Handle parameter, object;
  ASSERT_EQ(PrlEvent_GetParam(error, 0, parameter.out()), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlEvtPrm_ToHandle(parameter, object.out()), PRL_ERR_INVALID_ARG);
}

TEST_F(AnEvent, IsAlsoInTheResultOfTheJobThatFailed) {
  PRL_VOID_PTR text = nullptr;
  ASSERT_EQ(PrlResult_GetError(result, &text), PRL_ERR_SUCCESS);
  EXPECT_EQ(static_cast<const char*>(text), xml_of(error));
  PrlBuffer_Free(text);
}

TEST(AResultWithoutError, SaysSoAndHandsOutItsParametersAsTokens) {
  const Session session;
  const Handle vm = new_vm(session.server, "box");
  const Handle job(PrlVm_GetState(vm));
  Handle result;
  PRL_VOID_PTR text = nullptr;
  PRL_HANDLE_TYPE type = PHT_ERROR;
  PrlJob_Wait(job, UINT32_MAX);
  ASSERT_EQ(PrlJob_GetResult(job, result.out()), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlResult_GetError(result, &text), PRL_ERR_NO_DATA);
  ASSERT_EQ(PrlResult_GetParamToken(result, 0, &text), PRL_ERR_SUCCESS);
  const Handle info(static_cast<PRL_HANDLE>(text));
  EXPECT_EQ(PrlHandle_GetType(info, &type), PRL_ERR_SUCCESS);
  EXPECT_EQ(type, PHT_VM_INFO);
  EXPECT_EQ(PrlResult_GetParamToken(result, 1, &text), PRL_ERR_INVALID_ARG);
}

// -- Questions.

struct AQuestion : testing::Test {
  AQuestion() : vm(new_vm(session.server, "box")), other(new_vm(session.server, "other")) {
    const PRL_RESULT choices[] = {PET_ANSWER_YES, PET_ANSWER_NO};
    EXPECT_EQ(PrlSim_AskQuestion(vm, PET_QUESTION_DO_YOU_WANT_TO_OVERWRITE_FILE, choices, 2),
              PRL_ERR_SUCCESS);
  }

  static std::vector<Handle> questions_in(PRL_HANDLE list) {
    std::vector<Handle> questions;
    PRL_UINT32 count = 0;
    EXPECT_EQ(PrlHndlList_GetItemsCount(list, &count), PRL_ERR_SUCCESS);
    for (PRL_UINT32 i = 0; i < count; ++i) {
      PrlHndlList_GetItem(list, i, questions.emplace_back().out());
    }
    return questions;
  }
  std::vector<Handle> pending() const {
    Handle list;
    EXPECT_EQ(PrlVm_GetQuestions(vm, list.out()), PRL_ERR_SUCCESS);
    return questions_in(list);
  }
  bool is_waiting() const {
    const Handle info = answer_of(PrlVm_GetState(vm));
    PRL_BOOL waits = PRL_FALSE;
    EXPECT_EQ(PrlVmInfo_IsVmWaitingForAnswer(info, &waits), PRL_ERR_SUCCESS);
    return waits;
  }
  PRL_RESULT answer(PRL_HANDLE question, PRL_RESULT choice) const {
    Handle event;
    EXPECT_EQ(PrlEvent_CreateAnswerEvent(question, event.out(), choice), PRL_ERR_SUCCESS);
    return finish(PrlSrv_SendAnswer(session.server, event));
  }

  const Session session;
  const Handle vm, other;
};

TEST_F(AQuestion, WaitsUntilItIsAnswered) {
  const auto questions = pending();
  PRL_BOOL required = PRL_FALSE;
  PRL_RESULT given = PRL_ERR_UNEXPECTED;
  ASSERT_EQ(questions.size(), 1u);
  EXPECT_TRUE(is_waiting());
  EXPECT_EQ(PrlEvent_IsAnswerRequired(questions[0], &required), PRL_ERR_SUCCESS);
  EXPECT_TRUE(required);
  EXPECT_EQ(value_of(questions[0], "vm_message_choice_1"), std::to_string(PET_ANSWER_NO));
  EXPECT_EQ(PrlSim_GetAnswer(vm, &given), PRL_ERR_NO_DATA);
  EXPECT_EQ(answer(questions[0], PET_ANSWER_NO), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlSim_GetAnswer(vm, &given), PRL_ERR_SUCCESS);
  EXPECT_EQ(given, PET_ANSWER_NO);
  EXPECT_FALSE(is_waiting());
  EXPECT_TRUE(pending().empty());
  EXPECT_EQ(answer(questions[0], PET_ANSWER_NO), PRL_ERR_INVALID_ARG);
}

TEST_F(AQuestion, TakesOnlyTheAnswersThatItOffers) {
  EXPECT_EQ(answer(pending()[0], PET_ANSWER_CANCEL), PRL_ERR_INVALID_ARG);
  EXPECT_TRUE(is_waiting());
}

TEST_F(AQuestion, IsToldToHandlersAndSoIsItsAnswer) {
  Recorder recorder(vm);
  EXPECT_EQ(PrlSim_AskQuestion(vm, PET_QUESTION_COMPACT_VM_DISKS, nullptr, 0), PRL_ERR_SUCCESS);
  Handle event;
  EXPECT_EQ(PrlVm_CreateAnswerEvent(vm, event.out(), PET_ANSWER_YES), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlSrv_SendAnswer(session.server, event)), PRL_ERR_SUCCESS);
  const auto seen = recorder.up_to_end_of(PrlVm_GetState(vm));
  ASSERT_EQ(seen.size(), 3u);
  EXPECT_EQ(seen[0].event, PET_DSP_EVT_VM_QUESTION);
  EXPECT_EQ(seen[1].event, PET_DSP_EVT_ANSWER_TO_VM_WAS_DONE);
  EXPECT_EQ(seen[0].issuer, uuid_of(vm));
  EXPECT_EQ(pending().size(), 1u);
}

TEST_F(AQuestion, IsSeenByTheServerAndByNoOtherVm) {
  Handle all, none;
  EXPECT_EQ(PrlSrv_GetQuestions(session.server, all.out()), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlVm_GetQuestions(other, none.out()), PRL_ERR_SUCCESS);
  EXPECT_EQ(questions_in(all).size(), 1u);
  EXPECT_EQ(questions_in(none).size(), 0u);
}

TEST_F(AQuestion, EndsWithItsVm) {
  EXPECT_EQ(finish(PrlVm_Delete(vm, PRL_INVALID_HANDLE)), PRL_ERR_SUCCESS);
  EXPECT_TRUE(pending().empty());
  EXPECT_EQ(PrlSim_AskQuestion(vm, 1, nullptr, 0), PRL_ERR_VM_UUID_NOT_FOUND);
}

}  // namespace
}  // namespace prl::tests
