// What becomes of the report of a job: it comes with another code, twice, late or never, or it is a
// question first.
#include <algorithm>

#include "tests/sdk/fault_host.h"

namespace prl::tests {
namespace {

// "It timed out, but it happened."
TEST(ATimeOut, ReportsAFailureWhileTheOperationSucceedsLater) {
  for (const char* at : {"start", "middle", "end"}) {
    const Host host(tests::host("running", rule(kSuspend, std::string("{ kind = \"time_out\", "
                                                                      "at = \"") +
                                                              at + "\" }")));
    EXPECT_EQ(finish(PrlVm_Suspend(host.vm)), PRL_ERR_TIMEOUT) << at;
    let_time_pass();
    EXPECT_EQ(state_of(host.vm), VMS_SUSPENDED) << at;
  }
}

TEST(ATimeOut, LeavesNothingThatCouldBeCancelled) {
  const Host host(
      tests::host("running", rule(kSuspend, "{ kind = \"time_out\", at = \"start\" }")));
  const Handle job(PrlVm_Suspend(host.vm));
  EXPECT_EQ(PrlJob_Wait(job, 10), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlJob_Cancel(job)), PRL_ERR_TASK_NOT_FOUND);
  let_time_pass();
  EXPECT_EQ(state_of(host.vm), VMS_SUSPENDED);
}

TEST(ATimeOut, CanLeaveTheOperationForMuchLater) {
  const Host host(
      tests::host("running", rule(kSuspend,
                                  "{ kind = \"time_out\", code = \"PRL_ERR_OPERATION_FAILED\", "
                                  "delay_ms = 60000 }")));
  EXPECT_EQ(finish(PrlVm_Suspend(host.vm)), PRL_ERR_OPERATION_FAILED);
  EXPECT_EQ(state_of(host.vm), VMS_SUSPENDING);
  let_time_pass(50'000);
  EXPECT_EQ(state_of(host.vm), VMS_SUSPENDING);
  let_time_pass(20'000);
  EXPECT_EQ(state_of(host.vm), VMS_SUSPENDED);
}

// The snapshots whose reports have more to say than their code.
TEST(ATimeOut, AtTheStartLetsSnapshotsHappenToo) {
  const Host host(tests::host(
      "running",
      rule("{ call = \"PrlVm_CreateSnapshot\" }", "{ kind = \"time_out\", at = \"start\" }") +
          "[[fault]]\nname = \"second\"\nmatch = { call = \"PrlVm_SwitchToSnapshot\" }\n"
          "effect = { kind = \"time_out\", at = \"start\" }\n"));
  EXPECT_EQ(finish(PrlVm_CreateSnapshot(host.vm, "one", "")), PRL_ERR_TIMEOUT);
  let_time_pass();
  std::string tree = text_result_of(PrlVm_GetSnapshotsTree(host.vm));
  const size_t begin = tree.find('{', tree.find("guid="));
  ASSERT_NE(begin, std::string::npos) << tree;
  const std::string uuid = tree.substr(begin, tree.find('}', begin) - begin + 1);
  ASSERT_EQ(finish(PrlVm_StopEx(host.vm, PSM_KILL, 0)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_SwitchToSnapshot(host.vm, uuid.c_str())), PRL_ERR_TIMEOUT);
  let_time_pass(60'000);
  EXPECT_EQ(state_of(host.vm), VMS_RUNNING);
}

TEST(ALostReport, LeavesTheEffectWithoutTheAnswer) {
  const Host host(tests::host("stopped", rule(kStart, "{ kind = \"lose\" }")));
  const Handle job(PrlVm_Start(host.vm));
  EXPECT_EQ(PrlJob_Wait(job, 3'600'000), PRL_ERR_TIMEOUT);
  EXPECT_EQ(state_of(host.vm), VMS_RUNNING);
}

TEST(ADuplicateReport, IsToldToHandlersTwice) {
  const Host host(tests::host("stopped", rule(kStart, "{ kind = \"duplicate\" }")));
  Recorder recorder(host.server);
  const Handle job(PrlVm_Start(host.vm));
  EXPECT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
  const auto seen = recorder.up_to_end_of(PrlVm_GetState(host.vm));
  EXPECT_EQ(std::ranges::count(seen, job.get(), &Seen::handle), 2);
}

TEST(AReorderedReport, ComesBehindTheNextNotification) {
  const Host host(
      tests::host("stopped", rule("{ call = \"PrlVm_GetState\" }", "{ kind = \"reorder\" }")));
  Recorder recorder(host.server);
  const Handle first(PrlVm_GetState(host.vm));
  EXPECT_EQ(PrlJob_Wait(first, UINT32_MAX), PRL_ERR_SUCCESS);
  const Handle second(PrlVm_GetState(host.vm));
  EXPECT_EQ(PrlJob_Wait(second, UINT32_MAX), PRL_ERR_SUCCESS);
  const auto seen = recorder.up_to(first);
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_EQ(seen[0].handle, second.get());
  EXPECT_EQ(seen[1].handle, first.get());
}

TEST(AReorderedReport, ComesLateWhereNothingFollows) {
  const Host host(
      tests::host("stopped", rule("{ call = \"PrlVm_GetState\" }", "{ kind = \"reorder\" }")));
  Recorder recorder(host.server);
  const Handle job(PrlVm_GetState(host.vm));
  EXPECT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
  let_time_pass(1000);
  EXPECT_EQ(recorder.up_to(job).size(), 1u);
}

TEST(AQuestion, WaitsForAnAnswer) {
  const Host host(
      tests::host("stopped", rule(kStart,
                                  "{ kind = \"ask\", at = \"end\", code = "
                                  "\"PET_QUESTION_SUSPEND_STATE_INCOMPATIBLE_CPU\", choices = "
                                  "[\"PET_ANSWER_YES\", \"PET_ANSWER_NO\"] }")));
  EXPECT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_SUCCESS);
  Handle questions;
  ASSERT_EQ(PrlVm_GetQuestions(host.vm, questions.out()), PRL_ERR_SUCCESS);
  PRL_UINT32 count = 0;
  EXPECT_EQ(PrlHndlList_GetItemsCount(questions, &count), PRL_ERR_SUCCESS);
  EXPECT_EQ(count, 1u);
}

TEST(AFailure, HasTheParametersOfItsMessage) {
  const Host host(
      tests::host("stopped", rule(kStart,
                                  "{ kind = \"fail\", code = \"PRL_ERR_DISP_VM_IS_NOT_STARTED\", "
                                  "parameters = [\"first\"] }")));
  const Handle job(PrlVm_Start(host.vm));
  ASSERT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
  Handle error;
  Handle parameter;
  ASSERT_EQ(PrlJob_GetError(job, error.out()), PRL_ERR_SUCCESS);
  ASSERT_EQ(PrlEvent_GetParamByName(error, "vm_message_param_0", parameter.out()), PRL_ERR_SUCCESS);
  EXPECT_EQ(text_of([&](PRL_STR text, PRL_UINT32_PTR length) {
              return PrlEvtPrm_ToString(parameter, text, length);
            }),
            "first");
}

}  // namespace
}  // namespace prl::tests
