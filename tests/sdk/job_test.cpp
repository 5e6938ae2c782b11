// Jobs: waiting, reading, cancelling, freeing (core-api 3).
#include "tests/sdk/session.h"

namespace prl::tests {
namespace {

// core-api 12, invariants 14, 15, 20 and 24
TEST(AnUnfinishedJob, HasNoCodeNoResultAndNoError) {
  const Session session;
  const Handle vm = new_vm(session.server, "slow");
  const Handle job(PrlVm_Start(vm));
  PRL_HANDLE untouched = PRL_INVALID_HANDLE;
  PRL_UINT32 percent = 101;
  PRL_BOOL sent = PRL_FALSE;
  EXPECT_EQ(code_of(job), PRL_ERR_UNINITIALIZED);
  EXPECT_EQ(PrlJob_GetResult(job, &untouched), PRL_ERR_OPERATION_PENDING);
  EXPECT_EQ(PrlJob_GetError(job, &untouched), PRL_ERR_NO_DATA);
  EXPECT_EQ(untouched, kNoHandle);
  EXPECT_EQ(PrlJob_GetProgress(job, &percent), PRL_ERR_SUCCESS);
  EXPECT_LE(percent, 100u);
  EXPECT_EQ(PrlJob_IsRequestWasSent(job, &sent), PRL_ERR_SUCCESS);
  EXPECT_EQ(sent, PRL_BOOL(PRL_TRUE));
  EXPECT_EQ(PrlJob_GetDataPtr(job, nullptr, nullptr), PRL_ERR_UNIMPLEMENTED);
}

// core-api 12, invariants 14, 20, 22 and 24
TEST(AFinishedJob, DoesNotChangeAnyMore) {
  const Session session;
  const Handle vm = new_vm(session.server, "done");
  const Handle job(PrlVm_Start(vm));
  ASSERT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
  for (int look = 0; look < 3; ++look) {
    Handle result, error;
    PRL_UINT32 percent = 0;
    EXPECT_EQ(PrlJob_Wait(job, look == 0 ? 0 : 1000), PRL_ERR_SUCCESS);
    EXPECT_EQ(status_of(job), PJS_FINISHED);
    EXPECT_EQ(code_of(job), PRL_ERR_SUCCESS);
    EXPECT_EQ(operation_of(job), PJOC_VM_START);
    EXPECT_EQ(PrlJob_GetResult(job, result.out()), PRL_ERR_SUCCESS);
    EXPECT_EQ(PrlJob_GetError(job, error.out()), PRL_ERR_NO_DATA);
    EXPECT_EQ(PrlJob_GetProgress(job, &percent), PRL_ERR_SUCCESS);
    EXPECT_EQ(percent, 100u);
    EXPECT_EQ(finish(PrlVm_Stop(vm, PRL_FALSE)),
              look == 0 ? PRL_ERR_SUCCESS : PRL_ERR_DISP_VM_IS_NOT_STARTED);
  }
}

// core-api 12, invariant 16
TEST(PollingAJob, EndsWithItsStatus) {
  const Session session;
  const Handle vm = new_vm(session.server, "polled");
  const Handle job(PrlVm_Start(vm));
  int polls = 0;
  while (PrlJob_Wait(job, 0) == PRL_ERR_TIMEOUT && ++polls < 1000) {
  }
  EXPECT_GT(polls, 0);
  EXPECT_EQ(status_of(job), PJS_FINISHED);
  EXPECT_EQ(PrlJob_Wait(job, 0), PRL_ERR_SUCCESS);
}

TEST(PollingAJob, ByItsStatusMovesVirtualTime) {
  const Session session;
  const Handle vm = new_vm(session.server, "polled");
  const Handle job(PrlVm_Start(vm));
  int polls = 0;
  while (status_of(job) == PJS_RUNNING && ++polls < 1000) {
  }
  EXPECT_EQ(code_of(job), PRL_ERR_SUCCESS);
}

// core-api 12, invariant 17; vm-lifecycle 8, invariant 46
TEST(WaitingForAJob, TimesOutWhenTheTimeHasPassedAndNotBefore) {
  const Session session;
  const Handle vm = new_vm(session.server, "slow");
  const Handle job(PrlVm_Start(vm));
  const PRL_UINT64 before_ms = time_ms();
  EXPECT_EQ(PrlJob_Wait(job, 100), PRL_ERR_TIMEOUT);
  EXPECT_EQ(time_ms(), before_ms + 100);
  EXPECT_EQ(PrlJob_Wait(job, 5000), PRL_ERR_SUCCESS);
  EXPECT_LT(time_ms(), before_ms + 5000);
  EXPECT_EQ(state_of(vm), VMS_RUNNING);
}

// core-api 12, invariant 19
TEST(WaitingForAJob, SaysNothingAboutItsOutcome) {
  const Session session;
  const Handle vm = new_vm(session.server, "refused");
  const Handle job(PrlVm_Suspend(vm));
  EXPECT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(job), PRL_ERR_DISP_VM_IS_NOT_STARTED);
}

// core-api 12, invariant 18
TEST(WaitingForAJob, WakesEveryWaiter) {
  for (const char* clock : {"clock = \"virtual\"\n", "clock = \"scaled:1000\"\n"}) {
    const Session session(clock);
    const Handle vm = new_vm(session.server, "awaited");
    const Handle job(PrlVm_Start(vm));
    std::vector<std::thread> waiters;
    for (int i = 0; i < 8; ++i) {
      waiters.emplace_back([&] { EXPECT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS); });
    }
    for (std::thread& waiter : waiters) waiter.join();
    EXPECT_EQ(code_of(job), PRL_ERR_SUCCESS);
  }
}

// core-api 12, invariant 20
TEST(AFinishedJob, GivesANewResultWithTheSameContentEachTime) {
  const Session session("clock = \"virtual\"\n[[vm]]\nname = \"only\"\n");
  const Handle job(PrlSrv_GetVmList(session.server));
  ASSERT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
  Handle first, second, from_first, from_second;
  ASSERT_EQ(PrlJob_GetResult(job, first.out()), PRL_ERR_SUCCESS);
  ASSERT_EQ(PrlJob_GetResult(job, second.out()), PRL_ERR_SUCCESS);
  EXPECT_NE(first.get(), second.get());
  ASSERT_EQ(PrlResult_GetParam(first, from_first.out()), PRL_ERR_SUCCESS);
  ASSERT_EQ(PrlResult_GetParam(second, from_second.out()), PRL_ERR_SUCCESS);
  EXPECT_EQ(from_first.get(), from_second.get());
}

// core-api 12, invariant 21
TEST(AFailedJob, HasAnErrorEvent) {
  const Session session;
  const Handle vm = new_vm(session.server, "refused");
  const Handle job(PrlVm_Pause(vm, PRL_FALSE));
  ASSERT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
  Handle error, result;
  ASSERT_EQ(PrlJob_GetError(job, error.out()), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlJob_GetResult(job, result.out()), PRL_ERR_SUCCESS);
  PRL_RESULT code = PRL_ERR_SUCCESS;
  PRL_EVENT_TYPE type = PET_DSP_EVT_VM_STATE_CHANGED;
  EXPECT_EQ(PrlEvent_GetErrCode(error, &code), PRL_ERR_SUCCESS);
  EXPECT_EQ(code, PRL_ERR_DISP_VM_IS_NOT_STARTED);
  EXPECT_EQ(PrlEvent_GetType(error, &type), PRL_ERR_SUCCESS);
  EXPECT_EQ(type, PET_VM_INF_UNINITIALIZED_EVENT_CODE);
}

// core-api 3.3
TEST(AnArgumentErrorJob, HasAnErrorEventOfLocalOrigin) {
  const Library library;
  const Handle job(PrlVm_Suspend(PRL_INVALID_HANDLE));
  Handle error;
  PRL_HANDLE server = reinterpret_cast<PRL_HANDLE>(1);
  PRL_EVENT_ISSUER_TYPE issuer = PIE_UNKNOWN;
  ASSERT_EQ(PrlJob_GetError(job, error.out()), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlEvent_GetIssuerType(error, &issuer), PRL_ERR_SUCCESS);
  EXPECT_EQ(issuer, PIE_WEB_SERVICE);
  EXPECT_EQ(PrlEvent_GetServer(error, &server), PRL_ERR_INVALID_HANDLE);
  EXPECT_EQ(server, kNoHandle);
  EXPECT_EQ(text_of([&](PRL_STR text, PRL_UINT32_PTR length) {
              return PrlEvent_GetIssuerId(error, text, length);
            }),
            "{00000000-0000-0000-0000-000000000000}");
}

// core-api 12, invariants 23 and 25; vm-lifecycle 8, invariant 47
TEST(CancellingAFinishedJob, FindsNoTaskAndChangesNothing) {
  const Session session;
  const Handle vm = new_vm(session.server, "finished");
  const Handle job(PrlVm_Start(vm));
  ASSERT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
  const Handle cancel(PrlJob_Cancel(job));
  PRL_BOOL sent = PRL_FALSE;
  EXPECT_NE(cancel.get(), job.get());
  EXPECT_EQ(operation_of(cancel), PJOC_JOB_CANCEL);
  EXPECT_EQ(PrlJob_IsRequestWasSent(cancel, &sent), PRL_ERR_SUCCESS);
  EXPECT_EQ(sent, PRL_BOOL(PRL_TRUE));
  EXPECT_EQ(PrlJob_Wait(cancel, UINT32_MAX), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(cancel), PRL_ERR_TASK_NOT_FOUND);
  EXPECT_EQ(code_of(job), PRL_ERR_SUCCESS);
}

// vm-lifecycle 5.4. Returns how the cancelled job ends.
PRL_RESULT cancelled(PRL_HANDLE given) {
  const Handle job(given);
  EXPECT_EQ(finish(PrlJob_Cancel(job)), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlJob_Cancel(job)), PRL_ERR_TASK_NOT_FOUND);
  return code_of(job);
}

TEST(CancellingASuspend, LeavesTheVmRunningWithoutAnImage) {
  const Session session;
  const Handle vm = new_vm(session.server, "awake");
  EXPECT_EQ(finish(PrlVm_Start(vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(cancelled(PrlVm_Suspend(vm)), PRL_ERR_OPERATION_WAS_CANCELED);
  EXPECT_EQ(state_of(vm), VMS_RUNNING);
  PRL_UINT64 bytes = 1;
  EXPECT_EQ(PrlSim_GetImageSize(vm, &bytes), PRL_ERR_SUCCESS);
  EXPECT_EQ(bytes, 0u);
  EXPECT_EQ(finish(PrlVm_Suspend(vm)), PRL_ERR_SUCCESS);
}

TEST(CancellingASuspend, ComesTooLateWhenTheImageIsComplete) {
  const Session session;
  const Handle vm = new_vm(session.server, "late");
  EXPECT_EQ(finish(PrlVm_Start(vm)), PRL_ERR_SUCCESS);
  Recorder recorder(vm);
  const Handle job(PrlVm_Suspend(vm));
  for (int ms = 0; ms < 1000 && state_of(vm) != VMS_SUSPENDING_SYNC; ++ms) {
    EXPECT_EQ(PrlSim_AdvanceTime(1), PRL_ERR_SUCCESS);
  }
  EXPECT_EQ(finish(PrlJob_Cancel(job)), PRL_ERR_TASK_NOT_FOUND);
  EXPECT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(job), PRL_ERR_SUCCESS);
}

TEST(CancellingAClone, LeavesNoOtherVm) {
  const Session session;
  const Handle vm = new_vm(session.server, "single");
  EXPECT_EQ(cancelled(PrlVm_Clone(vm, "double", "", PRL_FALSE)), PRL_ERR_OPERATION_WAS_CANCELED);
  EXPECT_EQ(finish(PrlSrv_GetVmConfig(session.server, "double", PGVC_SEARCH_BY_NAME)),
            PRL_ERR_VM_UUID_NOT_FOUND);
  EXPECT_EQ(finish(PrlVm_Start(vm)), PRL_ERR_SUCCESS) << "nothing holds it any more";
}

// No power command but a suspend, and in V none at all.
TEST(CancellingAPowerCommand, LetsItGoOn) {
  const Session session;
  const Handle vm = new_vm(session.server, "unstoppable");
  const Handle job(PrlVm_Start(vm));
  EXPECT_EQ(finish(PrlJob_Cancel(job)), PRL_ERR_TASK_NOT_FOUND);
  EXPECT_EQ(finish(PrlVm_GetState(vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(job), PRL_ERR_SUCCESS);
}

TEST(CancellingAnArgumentErrorJob, FindsNoServer) {
  const Library library;
  const Handle job(PrlVm_Start(PRL_INVALID_HANDLE));
  EXPECT_EQ(finish(PrlJob_Cancel(job)), PRL_ERR_UNINITIALIZED);
  EXPECT_EQ(code_of(job), PRL_ERR_INVALID_ARG);
}

// core-api 12, invariant 26
TEST(FreeingAJob, DoesNotStopItsOperation) {
  const Session session;
  const Handle vm = new_vm(session.server, "freed");
  EXPECT_EQ(PrlHandle_Free(PrlVm_Start(vm)), PRL_ERR_SUCCESS);
  PrlSim_AdvanceTime(10'000);
  EXPECT_EQ(state_of(vm), VMS_RUNNING);
}

// core-api 2.3: the value of a job that was freed early is the one that the handler gets.
TEST(FreeingAJob, LeavesItsHandleToTheHandlers) {
  const Session session;
  Recorder recorder(session.server);
  const PRL_HANDLE job = PrlSrv_GetVmList(session.server);
  EXPECT_EQ(PrlHandle_Free(job), PRL_ERR_SUCCESS);
  PrlSim_AdvanceTime(1000);
  EXPECT_EQ(recorder.up_to(job).back().operation, PJOC_SRV_GET_VM_LIST);
}

// core-api 2.6
TEST(PackageIds, GrowFromAnswerToAnswer) {
  const Session session;
  PRL_UINT64 last = 0;
  for (int i = 0; i < 3; ++i) {
    const Handle job(PrlSrv_GetVmList(session.server));
    PRL_UINT64 id = 1;
    EXPECT_EQ(PrlHandle_GetPackageId(job, &id), PRL_ERR_SUCCESS);
    EXPECT_EQ(id, 0u);
    PrlJob_Wait(job, UINT32_MAX);
    EXPECT_EQ(PrlHandle_GetPackageId(job, &id), PRL_ERR_SUCCESS);
    EXPECT_GT(id, last);
    last = id;
  }
}

}  // namespace
}  // namespace prl::tests
