// Handles: references, wild bits, wrong types (core-api 2).
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <cstring>
#include <functional>

#include "tests/sdk/session.h"

namespace prl::tests {
namespace {

PRL_HANDLE new_list() {
  PRL_HANDLE list = PRL_INVALID_HANDLE;
  EXPECT_EQ(PrlApi_CreateStringsList(&list), PRL_ERR_SUCCESS);
  return list;
}

// core-api 12, invariant 7
RC_GTEST_PROP(References, AreFreedExactlyAsOftenAsTheyWereTaken, ()) {
  const Library library;
  const auto extra = *rc::gen::inRange(0, 50);
  const PRL_HANDLE list = new_list();
  for (int i = 0; i < extra; ++i) RC_ASSERT(PrlHandle_AddRef(list) == PRL_ERR_SUCCESS);
  for (int i = 0; i < extra + 1; ++i) RC_ASSERT(PrlHandle_Free(list) == PRL_ERR_SUCCESS);
  RC_ASSERT(PrlHandle_Free(list) == PRL_ERR_INVALID_ARG);
  RC_ASSERT(PrlHandle_AddRef(list) == PRL_ERR_INVALID_ARG);
  RC_ASSERT(live_handles() == 0u);
}

// core-api 12, invariant 9
RC_GTEST_PROP(References, NeverNameTwoObjects, ()) {
  const Library library;
  std::set<PRL_HANDLE> ever;
  std::vector<PRL_HANDLE> live;
  for (const bool make : *rc::gen::arbitrary<std::vector<bool>>()) {
    if (make || live.empty()) {
      live.push_back(new_list());
      RC_ASSERT(ever.insert(live.back()).second);
    } else {
      RC_ASSERT(PrlHandle_Free(live.back()) == PRL_ERR_SUCCESS);
      live.pop_back();
    }
    RC_ASSERT(live_handles(PHT_STRINGS_LIST) == live.size());
  }
}

// core-api 2.1: a counter that starts at 0xFACE, not an address.
TEST(References, CountUpwards) {
  const Library library;
  const Handle first(new_list());
  const Handle second(new_list());
  EXPECT_GE(reinterpret_cast<uintptr_t>(first.get()), 0xFACEu);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(first.get()) + 1,
            reinterpret_cast<uintptr_t>(second.get()));
}

// core-api 2.3: a child keeps its parent alive.
TEST(References, OfAVmKeepItsServer) {
  Session session;
  const Handle vm = new_vm(session.server, "child");
  PrlHandle_Free(session.server.release());
  EXPECT_EQ(finish(PrlVm_Start(vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(state_of(vm), VMS_RUNNING);
}

TEST(References, OfAnErrorEventKeepItsText) {
  const Session session;
  Handle job(PrlVm_Start(PRL_INVALID_HANDLE));
  Handle error;
  ASSERT_EQ(PrlJob_GetError(job, error.out()), PRL_ERR_SUCCESS);
  PrlHandle_Free(job.release());
  PRL_RESULT code = PRL_ERR_SUCCESS;
  EXPECT_EQ(PrlEvent_GetErrCode(error, &code), PRL_ERR_SUCCESS);
  EXPECT_EQ(code, PRL_ERR_INVALID_ARG);
}

// core-api 12, invariant 11
TEST(References, DoNotLeakFromAWholeLifeOfAVm) {
  const Session session;
  Recorder recorder(session.server);
  const Handle vm = new_vm(session.server, "cyclic");
  recorder.up_to_end_of(PrlSrv_GetVmList(session.server));
  const PRL_UINT32 before = live_handles(PHT_VIRTUAL_MACHINE);
  for (int round = 0; round < 20; ++round) {
    ASSERT_EQ(finish(PrlVm_Start(vm)), PRL_ERR_SUCCESS);
    ASSERT_EQ(finish(PrlVm_Suspend(vm)), PRL_ERR_SUCCESS);
    ASSERT_EQ(finish(PrlVm_DropSuspendedState(vm)), PRL_ERR_SUCCESS);
    EXPECT_EQ(vm_by_name(session.server, "cyclic").get(), vm.get());
  }
  recorder.up_to_end_of(PrlSrv_GetVmList(session.server));
  EXPECT_EQ(live_handles(PHT_VIRTUAL_MACHINE), before);
  EXPECT_EQ(live_handles(PHT_EVENT), 0u);
  EXPECT_EQ(live_handles(PHT_EVENT_PARAMETER), 0u);
  EXPECT_EQ(live_handles(PHT_RESULT), 0u);
}

// core-api 2.6
TEST(CountingHandles, KnowsNoTypesButThoseOfTheApi) {
  const Library library;
  const Handle list(new_list());
  EXPECT_EQ(live_handles(PHT_STRINGS_LIST), 1u);
  EXPECT_EQ(live_handles(PHT_HANDLES_LIST), 0u);
  EXPECT_EQ(live_handles(static_cast<PRL_HANDLE_TYPE>(PHT_STRINGS_LIST & 0xFF)), 0u);
  EXPECT_EQ(PrlDbg_GetHandlesNum(nullptr, PHT_ERROR), PRL_ERR_INVALID_ARG);
}

// Where the functions below would store what they hand out.
struct Outs {
  PRL_HANDLE handle;
  PRL_UINT32 number;
  PRL_UINT32 length;
  PRL_UINT64 wide;
  PRL_INT64 wide_signed;
  PRL_INT32 number_signed;
  PRL_BOOL flag;
  PRL_BOOL other_flag;
  PRL_SIZE size;
  PRL_HANDLE_TYPE type;
  PRL_EVENT_TYPE event;
  PRL_EVENT_ISSUER_TYPE issuer;
  PRL_PARAM_FIELD_DATA_TYPE field;
  PRL_JOB_STATUS status;
  PRL_JOB_OPERATION_CODE operation;
  VIRTUAL_MACHINE_STATE state;
  VIRTUAL_MACHINE_ADDITION_STATE addition;
  PRL_RESULT code;
  char text[64];
};

struct SyncFunction {
  const char* name;
  PRL_RESULT (*call)(PRL_HANDLE handle, Outs& out);
};
struct AsyncFunction {
  const char* name;
  PRL_HANDLE (*call)(PRL_HANDLE handle);
};

PRL_RESULT PRL_CALL never_called(PRL_HANDLE, PRL_VOID_PTR) {
  ADD_FAILURE() << "a handler was registered on a handle that does not exist";
  return PRL_ERR_SUCCESS;
}

// clang-format off
#define SYNC(function, ...)                                            \
  SyncFunction{#function, [](PRL_HANDLE h, [[maybe_unused]] Outs& o) { \
    return function(h __VA_OPT__(,) __VA_ARGS__);                      \
  }}
#define ASYNC(function, ...)                                           \
  AsyncFunction{#function, [](PRL_HANDLE h) {                          \
    return function(h __VA_OPT__(,) __VA_ARGS__);                      \
  }}

// Every function with a body whose first argument is a handle; all other arguments are good.
const std::vector<SyncFunction>& sync_functions() {
  static const std::vector<SyncFunction> functions = {
      SYNC(PrlHandle_AddRef),
      SYNC(PrlHandle_Free),
      SYNC(PrlHandle_GetType, &o.type),
      SYNC(PrlHandle_GetPackageId, &o.wide),
      SYNC(PrlHandle_RegEventHandler, never_called, &o),
      SYNC(PrlHandle_UnregEventHandler, never_called, &o),
      SYNC(PrlSrv_RegEventHandler, never_called, &o),
      SYNC(PrlSrv_UnregEventHandler, never_called, &o),
      SYNC(PrlVm_RegEventHandler, never_called, &o),
      SYNC(PrlVm_UnregEventHandler, never_called, &o),
      SYNC(PrlEvent_CanBeIgnored, &o.flag),
      SYNC(PrlEvent_GetErrCode, &o.code),
      SYNC(PrlEvent_GetErrString, PRL_TRUE, PRL_TRUE, o.text, &o.length),
      SYNC(PrlEvent_GetIssuerId, o.text, &o.length),
      SYNC(PrlEvent_GetIssuerType, &o.issuer),
      SYNC(PrlEvent_GetJob, &o.handle),
      SYNC(PrlEvent_GetParam, 0, &o.handle),
      SYNC(PrlEvent_GetParamByName, "vminfo_vm_state", &o.handle),
      SYNC(PrlEvent_GetParamsCount, &o.number),
      SYNC(PrlEvent_GetServer, &o.handle),
      SYNC(PrlEvent_GetType, &o.event),
      SYNC(PrlEvent_GetVm, &o.handle),
      SYNC(PrlEvent_IsAnswerRequired, &o.flag),
      SYNC(PrlEvtPrm_GetName, o.text, &o.length),
      SYNC(PrlEvtPrm_GetType, &o.field),
      SYNC(PrlEvtPrm_ToBoolean, &o.flag),
      SYNC(PrlEvtPrm_ToInt32, &o.number_signed),
      SYNC(PrlEvtPrm_ToInt64, &o.wide_signed),
      SYNC(PrlEvtPrm_ToString, o.text, &o.length),
      SYNC(PrlEvtPrm_ToUint32, &o.number),
      SYNC(PrlEvtPrm_ToUint64, &o.wide),
      SYNC(PrlHndlList_AddItem, h),
      SYNC(PrlHndlList_GetItem, 0, &o.handle),
      SYNC(PrlHndlList_GetItemsCount, &o.number),
      SYNC(PrlHndlList_RemoveItem, 0),
      SYNC(PrlJob_GetDataPtr, nullptr, nullptr),
      SYNC(PrlJob_GetError, &o.handle),
      SYNC(PrlJob_GetOpCode, &o.operation),
      SYNC(PrlJob_GetProgress, &o.number),
      SYNC(PrlJob_GetResult, &o.handle),
      SYNC(PrlJob_GetRetCode, &o.code),
      SYNC(PrlJob_GetStatus, &o.status),
      SYNC(PrlJob_IsRequestWasSent, &o.flag),
      SYNC(PrlJob_Wait, 0),
      SYNC(PrlJob_Wait, UINT32_MAX),
      SYNC(PrlLoginResponse_GetHostOsVersion, o.text, &o.length),
      SYNC(PrlLoginResponse_GetProductVersion, o.text, &o.length),
      SYNC(PrlLoginResponse_GetRunningTaskByIndex, 0, &o.handle),
      SYNC(PrlLoginResponse_GetRunningTaskCount, &o.number),
      SYNC(PrlLoginResponse_GetServerUuid, o.text, &o.length),
      SYNC(PrlLoginResponse_GetSessionUuid, o.text, &o.length),
      SYNC(PrlOpTypeList_AddItem, &o),
      SYNC(PrlOpTypeList_GetItem, 0, &o),
      SYNC(PrlOpTypeList_GetItemsCount, &o.number),
      SYNC(PrlOpTypeList_GetTypeSize, &o.size),
      SYNC(PrlOpTypeList_RemoveItem, 0),
      SYNC(PrlResult_GetParam, &o.handle),
      SYNC(PrlResult_GetParamAsString, o.text, &o.length),
      SYNC(PrlResult_GetParamByIndex, 0, &o.handle),
      SYNC(PrlResult_GetParamByIndexAsString, 0, o.text, &o.length),
      SYNC(PrlResult_GetParamsCount, &o.number),
      SYNC(PrlSrv_CreateVm, &o.handle),
      SYNC(PrlSrv_IsConnected, &o.flag, &o.other_flag),
      SYNC(PrlSrv_IsNonInteractiveSession, &o.flag),
      SYNC(PrlStrList_AddItem, "item"),
      SYNC(PrlStrList_GetItem, 0, o.text, &o.length),
      SYNC(PrlStrList_GetItemsCount, &o.number),
      SYNC(PrlStrList_RemoveItem, 0),
      SYNC(PrlVm_GetConfig, &o.handle),
      SYNC(PrlVmCfg_GetCpuCount, &o.number),
      SYNC(PrlVmCfg_GetName, o.text, &o.length),
      SYNC(PrlVmCfg_GetRamSize, &o.number),
      SYNC(PrlVmCfg_GetUuid, o.text, &o.length),
      SYNC(PrlVmCfg_GetVmInfo, &o.handle),
      SYNC(PrlVmCfg_SetCpuCount, 1),
      SYNC(PrlVmCfg_SetName, "name"),
      SYNC(PrlVmCfg_SetRamSize, 64),
      SYNC(PrlVmCfg_SetUuid, "{01234567-89ab-cdef-0123-456789abcdef}"),
      SYNC(PrlVmInfo_GetAdditionState, &o.addition),
      SYNC(PrlVmInfo_GetState, &o.state),
      SYNC(PrlVmInfo_IsInvalid, &o.flag),
      SYNC(PrlVmInfo_IsInvalidEx, &o.flag, &o.code),
      SYNC(PrlVmInfo_IsVmWaitingForAnswer, &o.flag),
      SYNC(PrlVmInfo_IsVncServerStarted, &o.flag),
      SYNC(PrlSim_GetBootCount, &o.wide),
      SYNC(PrlSim_GetImageSize, &o.wide),
      SYNC(PrlSim_GetImagePath, o.text, &o.length),
      SYNC(PrlSim_ReadGuestMemory, 0, o.text, sizeof(o.text)),
      SYNC(PrlSim_WriteGuestMemory, 0, o.text, sizeof(o.text)),
  };
  return functions;
}

const std::vector<AsyncFunction>& async_functions() {
  static const std::vector<AsyncFunction> functions = {
      ASYNC(PrlJob_Cancel),
      ASYNC(PrlSrv_GetVmConfig, "name", 0),
      ASYNC(PrlSrv_GetVmList),
      ASYNC(PrlSrv_GetVmListEx, 0),
      ASYNC(PrlSrv_LoginLocal, "", 0, PSL_HIGH_SECURITY),
      ASYNC(PrlSrv_LoginLocalEx, "", 0, PSL_HIGH_SECURITY, 0),
      ASYNC(PrlSrv_Logoff),
      ASYNC(PrlSrv_SetNonInteractiveSession, PRL_TRUE, 0),
      ASYNC(PrlVm_Delete, PRL_INVALID_HANDLE),
      ASYNC(PrlVm_DropSuspendedState),
      ASYNC(PrlVm_GetState),
      ASYNC(PrlVm_Pause, PRL_FALSE),
      ASYNC(PrlVm_RefreshConfig),
      ASYNC(PrlVm_Reg, "", PRL_TRUE),
      ASYNC(PrlVm_RegEx, "", 0),
      ASYNC(PrlVm_Reset),
      ASYNC(PrlVm_Resume),
      ASYNC(PrlVm_Start),
      ASYNC(PrlVm_StartEx, 0, 0),
      ASYNC(PrlVm_Stop, PRL_TRUE),
      ASYNC(PrlVm_StopEx, PSM_KILL, 0),
      ASYNC(PrlVm_Suspend),
      ASYNC(PrlVm_Unreg),
  };
  return functions;
}
// clang-format on
#undef SYNC
#undef ASYNC

// core-api 12, invariants 8, 12 and 13
void expect_refused_by_all(PRL_HANDLE handle) {
  for (const SyncFunction& function : sync_functions()) {
    Outs out;
    std::memset(&out, 0xA5, sizeof(out));
    const Outs before = out;
    EXPECT_EQ(function.call(handle, out), PRL_ERR_INVALID_ARG) << function.name << " " << handle;
    EXPECT_EQ(std::memcmp(&out, &before, sizeof(out)), 0) << function.name;
  }
  for (const AsyncFunction& function : async_functions()) {
    const Handle job(function.call(handle));
    EXPECT_EQ(PrlJob_Wait(job, 0), PRL_ERR_SUCCESS) << function.name;
    EXPECT_EQ(code_of(job), PRL_ERR_INVALID_ARG) << function.name;
  }
}

RC_GTEST_PROP(WildHandles, AreRefusedByEveryFunction, ()) {
  const Library library;
  expect_refused_by_all(reinterpret_cast<PRL_HANDLE>(*rc::gen::arbitrary<uintptr_t>()));
  expect_refused_by_all(reinterpret_cast<PRL_HANDLE>(*rc::gen::inRange<uintptr_t>(1, 1 << 20)));
}

TEST(WildHandles, AtTheEdgesOfTheTableAreRefused) {
  const Library library;
  const Handle list(new_list());
  const auto live = reinterpret_cast<uintptr_t>(list.get());
  for (const uintptr_t bits :
       {uintptr_t{0}, uintptr_t{1}, live - 1, live + 100, live + 256, live | uintptr_t{1} << 29,
        live | uintptr_t{1} << 32, uintptr_t{0x1FFFFFFF}, uintptr_t{UINT32_MAX}, UINTPTR_MAX}) {
    expect_refused_by_all(reinterpret_cast<PRL_HANDLE>(bits));
  }
}

TEST(WildHandles, ThatWereAliveOnceAreRefused) {
  const Session session;
  const PRL_HANDLE vm = new_vm(session.server, "gone").get();
  expect_refused_by_all(vm);
}

// core-api 12, invariant 12
TEST(HandlesOfAnotherType, AreRefusedWithTheSameCode) {
  const Library library;
  Handle list;
  ASSERT_EQ(PrlApi_CreateOpTypeList(list.out(), 4), PRL_ERR_SUCCESS);
  for (const SyncFunction& function : sync_functions()) {
    const std::string name = function.name;
    if (name.starts_with("PrlOpTypeList") || name == "PrlHandle_AddRef" ||
        name == "PrlHandle_Free" || name == "PrlHandle_GetType") {
      continue;
    }
    Outs out{};
    EXPECT_EQ(function.call(list, out), PRL_ERR_INVALID_ARG) << name;
  }
  for (const AsyncFunction& function : async_functions()) {
    EXPECT_EQ(finish(function.call(list)), PRL_ERR_INVALID_ARG) << function.name;
  }
}

// core-api 12, invariants 23 and 29; vm-lifecycle 8, invariant 48
TEST(WildHandles, GiveAFinishedJobWithTheRightOperation) {
  const Library library;
  for (const AsyncFunction& function : async_functions()) {
    const Handle job(function.call(PRL_INVALID_HANDLE));
    Handle result;
    PRL_BOOL sent = PRL_TRUE;
    PRL_UINT64 package = 1;
    PRL_UINT32 count = 1;
    EXPECT_EQ(status_of(job), PJS_FINISHED) << function.name;
    EXPECT_EQ(PrlJob_IsRequestWasSent(job, &sent), PRL_ERR_SUCCESS);
    EXPECT_EQ(sent, PRL_BOOL(PRL_FALSE)) << function.name;
    EXPECT_EQ(PrlHandle_GetPackageId(job, &package), PRL_ERR_SUCCESS);
    EXPECT_EQ(package, 0u) << function.name;
    EXPECT_EQ(PrlJob_GetResult(job, result.out()), PRL_ERR_SUCCESS) << function.name;
    EXPECT_EQ(PrlResult_GetParamsCount(result, &count), PRL_ERR_SUCCESS);
    EXPECT_EQ(count, 0u) << function.name;
  }
}

// core-api 12, invariant 29
TEST(OperationCodes, DoNotDependOnTheHandle) {
  const Session session;
  const Handle vm = new_vm(session.server, "operated");
  const Handle job(PrlVm_Start(vm));
  for (const AsyncFunction& function : async_functions()) {
    const std::string name = function.name;
    if (name == "PrlSrv_Logoff" || name == "PrlVm_Delete" || name == "PrlVm_Unreg") continue;
    const PRL_HANDLE good = name.starts_with("PrlSrv") ? session.server.get()
                            : name == "PrlJob_Cancel"  ? job.get()
                                                       : vm.get();
    const Handle with_good(function.call(good));
    const Handle with_bad(function.call(PRL_INVALID_HANDLE));
    EXPECT_EQ(operation_of(with_good), operation_of(with_bad)) << name;
    PrlJob_Wait(with_good, UINT32_MAX);
  }
}

TEST(WildHandles, AsSecondArgumentsAreRefused) {
  const Session session;
  const Handle vm = new_vm(session.server, "kept");
  Handle handles;
  ASSERT_EQ(PrlApi_CreateHandlesList(handles.out()), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_Delete(vm, handles)), PRL_ERR_INVALID_ARG);
  EXPECT_EQ(PrlHndlList_AddItem(handles, kNoHandle), PRL_ERR_INVALID_ARG);
  EXPECT_EQ(state_of(vm), VMS_STOPPED);
}

}  // namespace
}  // namespace prl::tests
