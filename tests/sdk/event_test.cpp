// Event handlers: registration, delivery, what events say (core-api 5, clients.md 3).
#include <algorithm>
#include <atomic>
#include <functional>
#include <future>

#include "tests/sdk/session.h"

namespace prl::tests {
namespace {

constexpr const char* kTwoVms =
    "clock = \"virtual\"\n[[vm]]\nname = \"one\"\nram_mib = 4\n[[vm]]\nname = \"two\"\nram_mib = "
    "4\n";

// A handler that runs a function of the test and frees what it is given.
struct Script {
  std::function<void(PRL_HANDLE)> run;

  static PRL_RESULT PRL_CALL handle(PRL_HANDLE notification, PRL_VOID_PTR data) {
    const Handle owned(notification);
    static_cast<Script*>(data)->run(notification);
    return PRL_ERR_SUCCESS;
  }
};

void expect_in_time(std::future<void> done) {
  EXPECT_EQ(done.wait_for(std::chrono::minutes(1)), std::future_status::ready);
}

size_t jobs_in(const std::vector<Seen>& seen) {
  return static_cast<size_t>(
      std::count_if(seen.begin(), seen.end(), [](const Seen& s) { return s.kind == PHT_JOB; }));
}

// core-api 12, invariants 39, 41 and 45
TEST(AServerHandler, SeesAllStatesThenTheFinishedJobOnAThreadOfTheLibrary) {
  const Session session(kTwoVms);
  const Handle vm = vm_by_name(session.server, "one");
  Recorder recorder(session.server);
  const auto seen = recorder.up_to_end_of(PrlVm_Start(vm));
  EXPECT_EQ(states_in(seen), (std::vector<PRL_INT32>{VMS_STARTING, VMS_RUNNING}));
  EXPECT_EQ(seen.back().kind, PHT_JOB);
  EXPECT_TRUE(seen.back().job_was_finished);
  EXPECT_EQ(seen.back().code, PRL_ERR_SUCCESS);
  for (const Seen& one : seen) {
    EXPECT_EQ(one.thread, seen.front().thread);
    EXPECT_NE(one.thread, std::this_thread::get_id());
  }
}

bool is_state_change(PRL_HANDLE notification) {
  PRL_EVENT_TYPE type = PET_DSP_EVT_ERROR_MESSAGE;  // as it stays for a job
  return PRL_SUCCEEDED(PrlEvent_GetType(notification, &type)) &&
         type == PET_DSP_EVT_VM_STATE_CHANGED;
}

// core-api 5.4, 5.5; clients.md 3.3
TEST(AStateChange, NamesTheVmAndTheState) {
  const Session session(kTwoVms);
  const Handle vm = vm_by_name(session.server, "one");
  Recorder recorder(session.server);
  for (const Seen& seen : recorder.up_to_end_of(PrlVm_Start(vm))) {
    if (!seen.is_state_change()) continue;
    EXPECT_EQ(seen.issuer, uuid_of(vm));
  }
}

TEST(AStateChange, HasOneParameterThatCanBeReadAsAnyNumber) {
  const Session session(kTwoVms);
  const Handle vm = vm_by_name(session.server, "one");
  std::promise<void> checked;
  Script script;
  script.run = [&, first = true](PRL_HANDLE event) mutable {
    if (!is_state_change(event) || !std::exchange(first, false)) return;
    Handle parameter, none;
    PRL_UINT32 count = 0, number = 0;
    PRL_PARAM_FIELD_DATA_TYPE type = PFD_UNKNOWN;
    PRL_BOOL flag = PRL_FALSE;
    EXPECT_EQ(PrlEvent_GetParamsCount(event, &count), PRL_ERR_SUCCESS);
    EXPECT_EQ(count, 1u);
    EXPECT_EQ(PrlEvent_GetParam(event, 1, none.out()), PRL_ERR_INVALID_ARG);
    EXPECT_EQ(PrlEvent_GetParamByName(event, "nothing", none.out()), PRL_ERR_NO_DATA);
    EXPECT_EQ(PrlEvent_GetParam(event, 0, parameter.out()), PRL_ERR_SUCCESS);
    EXPECT_EQ(PrlEvtPrm_GetType(parameter, &type), PRL_ERR_SUCCESS);
    EXPECT_EQ(type, PFD_INT32);
    EXPECT_EQ(PrlEvtPrm_ToUint32(parameter, &number), PRL_ERR_SUCCESS);
    EXPECT_EQ(number, static_cast<PRL_UINT32>(VMS_STARTING));
    EXPECT_EQ(PrlEvtPrm_ToBoolean(parameter, &flag), PRL_ERR_SUCCESS);
    EXPECT_EQ(flag, PRL_BOOL(PRL_TRUE));
    checked.set_value();
  };
  ASSERT_EQ(PrlVm_RegEventHandler(vm, Script::handle, &script), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_Start(vm)), PRL_ERR_SUCCESS);
  expect_in_time(checked.get_future());
  PrlVm_UnregEventHandler(vm, Script::handle, &script);
}

// core-api 12, invariant 44
TEST(AVmHandler, SeesItsOwnVmOnly) {
  const Session session(kTwoVms);
  const Handle one = vm_by_name(session.server, "one");
  const Handle two = vm_by_name(session.server, "two");
  Recorder of_one(one);
  ASSERT_EQ(finish(PrlVm_Start(two)), PRL_ERR_SUCCESS);
  ASSERT_EQ(finish(PrlSrv_GetVmList(session.server)), PRL_ERR_SUCCESS);
  const auto seen = of_one.up_to_end_of(PrlVm_Start(one));
  EXPECT_EQ(seen.size(), 5u) << "two raw events, two states and the job";
  for (const Seen& each : seen) {
    if (each.kind != PHT_EVENT) continue;
    EXPECT_EQ(each.issuer, uuid_of(one));
  }
}

// core-api 12, invariants 40 and 43
TEST(AHandlerRegisteredTwice, IsCalledTwiceUntilUnregisteredOnce) {
  const Session session(kTwoVms);
  std::atomic<int> calls{0};
  Script script{[&](PRL_HANDLE) { ++calls; }};
  Recorder last(session.server);
  ASSERT_EQ(PrlSrv_RegEventHandler(session.server, Script::handle, &script), PRL_ERR_SUCCESS);
  ASSERT_EQ(PrlSrv_RegEventHandler(session.server, Script::handle, &script), PRL_ERR_SUCCESS);
  last.up_to_end_of(PrlSrv_GetVmList(session.server));
  EXPECT_EQ(PrlSrv_UnregEventHandler(session.server, Script::handle, &script), PRL_ERR_SUCCESS);
  EXPECT_EQ(calls, 2);
  last.up_to_end_of(PrlSrv_GetVmList(session.server));
  EXPECT_EQ(PrlSrv_UnregEventHandler(session.server, Script::handle, &script), PRL_ERR_SUCCESS);
  EXPECT_EQ(calls, 3);
  EXPECT_EQ(PrlSrv_UnregEventHandler(session.server, Script::handle, &script), PRL_ERR_SUCCESS)
      << "an unknown pair is no error";
}

// core-api 12, invariant 40
TEST(AHandler, CanKeepItsHandleAndFreeItLater) {
  const Session session(kTwoVms);
  std::promise<PRL_HANDLE> kept;
  Script script{[&, first = true](PRL_HANDLE event) mutable {
    if (!is_state_change(event) || !std::exchange(first, false)) return;
    PrlHandle_AddRef(event);
    kept.set_value(event);
  }};
  const Handle vm = vm_by_name(session.server, "one");
  ASSERT_EQ(PrlVm_RegEventHandler(vm, Script::handle, &script), PRL_ERR_SUCCESS);
  ASSERT_EQ(finish(PrlVm_Start(vm)), PRL_ERR_SUCCESS);
  const PRL_HANDLE event = kept.get_future().get();
  PrlVm_UnregEventHandler(vm, Script::handle, &script);
  PRL_EVENT_TYPE type = PET_DSP_EVT_VM_ADDED;
  EXPECT_EQ(PrlEvent_GetType(event, &type), PRL_ERR_SUCCESS);
  EXPECT_EQ(type, PET_DSP_EVT_VM_STATE_CHANGED);
  EXPECT_EQ(PrlHandle_Free(event), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlHandle_Free(event), PRL_ERR_INVALID_ARG);
}

// core-api 12, invariant 27
TEST(ArgumentErrorJobs, AreNotDelivered) {
  const Session session(kTwoVms);
  Recorder recorder(session.server);
  EXPECT_EQ(finish(PrlSrv_GetVmConfig(session.server, nullptr, 0)), PRL_ERR_INVALID_ARG);
  EXPECT_EQ(recorder.up_to_end_of(PrlSrv_GetVmList(session.server)).size(), 1u);
}

// core-api 12, invariant 27
TEST(EveryOtherJob, IsDeliveredOncePerEntry) {
  const Library library;
  const Handle server = new_server();
  Recorder recorder(server);
  const PRL_HANDLE login = start_login(server);
  recorder.up_to_end_of(login);
  const Handle start(PrlSrv_GetVmList(server));
  recorder.up_to_end_of(PrlJob_Cancel(start));
  const auto seen = recorder.up_to_end_of(PrlSrv_Logoff(server));
  ASSERT_EQ(jobs_in(seen), 4u);
  EXPECT_EQ(seen[0].operation, PJOC_SRV_LOGIN_LOCAL);
  EXPECT_EQ(seen[0].handle, login);
  EXPECT_EQ(seen[3].operation, PJOC_SRV_LOGOFF);
}

// core-api 12, invariant 27
TEST(AfterLogoff, NothingIsDeliveredUntilTheNextLogin) {
  const Session session(kTwoVms);
  const Handle second = new_server();
  ASSERT_EQ(finish(start_login(second)), PRL_ERR_SUCCESS);
  const Handle vm = vm_by_name(session.server, "one");
  const Handle same_vm = vm_by_name(second, "one");
  Recorder recorder(session.server);
  ASSERT_EQ(finish(PrlSrv_Logoff(session.server)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_Start(vm)), PRL_ERR_NOT_CONNECTED_TO_DISPATCHER);
  EXPECT_EQ(finish(PrlVm_Start(same_vm)), PRL_ERR_SUCCESS);
  const auto seen = recorder.up_to_end_of(start_login(session.server));
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_EQ(seen[0].operation, PJOC_SRV_LOGOFF);
  EXPECT_EQ(seen[1].operation, PJOC_SRV_LOGIN_LOCAL);
}

// clients.md 3.3: at delivery time the VM can be found.
TEST(ANewVm, IsAnnouncedAndCanBeFoundInTheHandler) {
  const Session session;
  std::promise<PRL_RESULT> found;
  Script script{[&](PRL_HANDLE event) {
    PRL_EVENT_TYPE type = PET_DSP_EVT_VM_STATE_CHANGED;
    if (PrlEvent_GetType(event, &type) != PRL_ERR_SUCCESS || type != PET_DSP_EVT_VM_ADDED) return;
    found.set_value(finish(PrlSrv_GetVmConfig(session.server, "born", PGVC_SEARCH_BY_NAME)));
  }};
  ASSERT_EQ(PrlSrv_RegEventHandler(session.server, Script::handle, &script), PRL_ERR_SUCCESS);
  const Handle vm = new_vm(session.server, "born");
  EXPECT_EQ(found.get_future().get(), PRL_ERR_SUCCESS);
  PrlSrv_UnregEventHandler(session.server, Script::handle, &script);
}

// vm-lifecycle 8, invariant 8
TEST(AskingForTheStateInAHandler, NeverTellsAnOlderOneThanTheEvent) {
  const Session session(kTwoVms);
  const Handle vm = vm_by_name(session.server, "one");
  const std::vector<PRL_INT32> order = {VMS_STARTING, VMS_RUNNING, VMS_SUSPENDING,
                                        VMS_SUSPENDING_SYNC, VMS_SUSPENDED};
  const auto rank = [&](PRL_INT32 state) {
    return std::find(order.begin(), order.end(), state) - order.begin();
  };
  std::atomic<int> checked{0};
  Script script{[&](PRL_HANDLE event) {
    Handle parameter;
    PRL_INT32 announced = 0;
    if (PrlEvent_GetParamByName(event, "vminfo_vm_state", parameter.out())) return;
    PrlEvtPrm_ToInt32(parameter, &announced);
    EXPECT_GE(rank(state_of(vm)), rank(announced));
    ++checked;
  }};
  ASSERT_EQ(PrlSrv_RegEventHandler(session.server, Script::handle, &script), PRL_ERR_SUCCESS);
  Recorder recorder(session.server);
  EXPECT_EQ(finish(PrlVm_Start(vm)), PRL_ERR_SUCCESS);
  recorder.up_to_end_of(PrlVm_Suspend(vm));
  PrlSrv_UnregEventHandler(session.server, Script::handle, &script);
  EXPECT_EQ(checked, 5);
}

// core-api 5.3
TEST(UnregisteringFromInside, ReturnsAtOnceAndEndsTheCalls) {
  const Session session(kTwoVms);
  Recorder last(session.server);
  std::atomic<int> calls{0};
  Script script;
  script.run = [&](PRL_HANDLE) {
    ++calls;
    EXPECT_EQ(PrlSrv_UnregEventHandler(session.server, Script::handle, &script), PRL_ERR_SUCCESS);
  };
  ASSERT_EQ(PrlSrv_RegEventHandler(session.server, Script::handle, &script), PRL_ERR_SUCCESS);
  last.up_to_end_of(PrlSrv_GetVmList(session.server));
  last.up_to_end_of(PrlSrv_GetVmList(session.server));
  EXPECT_EQ(calls, 1);
}

// core-api 1.2 [F]
TEST(DeinitFromInsideAHandler, IsRefusedAndChangesNothing) {
  const Session session(kTwoVms);
  std::promise<PRL_RESULT> code;
  Script script{[&, first = true](PRL_HANDLE) mutable {
    if (std::exchange(first, false)) code.set_value(PrlApi_Deinit());
  }};
  ASSERT_EQ(PrlSrv_RegEventHandler(session.server, Script::handle, &script), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlSrv_GetVmList(session.server)), PRL_ERR_SUCCESS);
  EXPECT_EQ(code.get_future().get(), PRL_ERR_OPERATION_FAILED);
  EXPECT_EQ(finish(PrlSrv_GetVmList(session.server)), PRL_ERR_SUCCESS);
}

// core-api 12, invariant 39
TEST(HandlersOfOneServer, NeverOverlap) {
  const Session session("clock = \"scaled:1000\"\n");
  std::atomic<int> inside{0}, calls{0};
  std::atomic<bool> overlapped{false};
  Script script{[&](PRL_HANDLE) {
    if (++inside > 1) overlapped = true;
    ++calls;
    std::this_thread::yield();
    --inside;
  }};
  Recorder last(session.server);
  const Handle vm = new_vm(session.server, "busy");
  PrlSrv_RegEventHandler(session.server, Script::handle, &script);
  PrlVm_RegEventHandler(vm, Script::handle, &script);
  for (int i = 0; i < 20; ++i) {
    finish(PrlVm_Start(vm));
    finish(PrlVm_Stop(vm, PRL_FALSE));
  }
  last.up_to_end_of(PrlSrv_GetVmList(session.server));
  PrlSrv_UnregEventHandler(session.server, Script::handle, &script);
  PrlVm_UnregEventHandler(vm, Script::handle, &script);
  EXPECT_FALSE(overlapped);
  EXPECT_GT(calls, 100);
}

}  // namespace
}  // namespace prl::tests
