// Init and Deinit, and the library without them (core-api 1).
#include <dlfcn.h>

#include <optional>
#include <vector>

#include "api.h"
#include "tests/sdk/session.h"

namespace prl::tests {
namespace {

using sdk::Api;
using sdk::ApiInfo;
using sdk::Binding;
using sdk::Kind;

// Any function of the API, called with the arguments that fit in registers. A function that looks
// at none of them behaves the same whatever their true types are.
using Word = uint64_t;
template <class Returned>
Returned call_blindly(const ApiInfo& info, Word argument) {
  using Function = Returned (*)(Word, Word, Word, Word, Word, Word);
  const auto function = reinterpret_cast<Function>(dlsym(RTLD_DEFAULT, info.name.c_str()));
  EXPECT_NE(function, nullptr) << info.name;
  return function(argument, argument, argument, argument, argument, argument);
}

std::vector<const ApiInfo*> functions_that_need_init(Kind kind) {
  std::vector<const ApiInfo*> functions;
  for (uint16_t i = 0; i < static_cast<uint16_t>(Api::kCount); ++i) {
    const ApiInfo& info = sdk::api_info(static_cast<Api>(i));
    if (info.needs_init && info.kind == kind) functions.push_back(&info);
  }
  return functions;
}

// core-api 12, invariant 1
TEST(BeforeInit, SynchronousFunctionsSayThatTheLibraryIsNotInitialised) {
  for (const ApiInfo* info : functions_that_need_init(Kind::kSync)) {
    for (const Word argument : {Word{0}, ~Word{0}}) {
      EXPECT_EQ(call_blindly<PRL_RESULT>(*info, argument), PRL_ERR_API_WASNT_INITIALIZED)
          << info->name;
    }
  }
}

// core-api 12, invariant 2
TEST(BeforeInit, AsynchronousFunctionsReturnNoJob) {
  for (const ApiInfo* info : functions_that_need_init(Kind::kAsync)) {
    EXPECT_EQ(call_blindly<PRL_HANDLE>(*info, ~Word{0}), kNoHandle) << info->name;
  }
}

// core-api 1.4
TEST(BeforeInit, TextsAndDebugNamesWork) {
  PRL_CONST_STR name = nullptr;
  EXPECT_EQ(PrlDbg_PrlResultToString(PRL_ERR_TIMEOUT, &name), PRL_ERR_SUCCESS);
  EXPECT_STREQ(name, "PRL_ERR_TIMEOUT");
  PRL_UINT32 length = 0;
  EXPECT_EQ(PrlApi_GetResultDescription(PRL_ERR_TIMEOUT, PRL_TRUE, PRL_FALSE, nullptr, &length),
            PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlApi_GetCrashDumpsPath(nullptr, &length), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlApi_SwitchConsoleLogging(PRL_FALSE), 0);
  EXPECT_EQ(PrlApi_InitCrashHandler("suffix"), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlBuffer_Free(nullptr), PRL_ERR_INVALID_ARG);
}

// core-api 1.4, the odd ones
TEST(BeforeInit, RestrictionsAreAskedOfABadHandle) {
  PRL_BOOL restricted = PRL_TRUE;
  PRL_HANDLE limit = PRL_INVALID_HANDLE;
  const PRL_LICENSE_RESTRICTION_KEY key = PLRK_VM_MEMORY_LIMIT;
  EXPECT_EQ(PrlSrv_HasRestriction(kNoHandle, key, &restricted), PRL_ERR_INVALID_ARG);
  EXPECT_EQ(PrlSrv_GetRestrictionInfo(kNoHandle, key, &limit), PRL_ERR_INVALID_ARG);
  const Session session;
  EXPECT_EQ(PrlSrv_HasRestriction(session.server, key, &restricted), PRL_ERR_UNIMPLEMENTED);
}

TEST(BeforeInit, DeinitIsRefused) {
  EXPECT_EQ(PrlApi_Deinit(), PRL_ERR_API_WASNT_INITIALIZED);
  EXPECT_EQ(PrlApi_Deinit(), PRL_ERR_API_WASNT_INITIALIZED);
  const Library library;  // an extra Deinit leaves no debt
  EXPECT_EQ(live_handles(), 0u);
}

// The catalogue promises this answer for every function without a body.
TEST(FunctionsThatAreNotModelled, SaySoWhateverTheirArguments) {
  const Library library;
  for (const ApiInfo* info : functions_that_need_init(Kind::kSync)) {
    if (info->binding != Binding::kNone) continue;
    EXPECT_EQ(call_blindly<PRL_RESULT>(*info, ~Word{0}), PRL_ERR_UNIMPLEMENTED) << info->name;
  }
  for (const ApiInfo* info : functions_that_need_init(Kind::kAsync)) {
    if (info->binding != Binding::kNone) continue;
    const Handle job(call_blindly<PRL_HANDLE>(*info, ~Word{0}));
    EXPECT_EQ(operation_of(job), static_cast<int>(info->job_operation)) << info->name;
    EXPECT_EQ(code_of(job), PRL_ERR_UNIMPLEMENTED) << info->name;
  }
}

// core-api 12, invariant 3
TEST(Init, IsCounted) {
  const std::optional<Library> first(std::in_place);
  EXPECT_EQ(PrlApi_Init(PARALLELS_API_VER), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlApi_Init(UINT32_MAX), PRL_ERR_SUCCESS);  // arguments of a further Init are ignored
  Handle server;
  EXPECT_EQ(PrlApi_Deinit(), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlApi_Deinit(), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlSrv_Create(server.out()), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlApi_Deinit(), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlSrv_Create(server.out()), PRL_ERR_API_WASNT_INITIALIZED);
}

// core-api 12, invariant 4
TEST(Init, AcceptsItsOwnVersionAndLowerOnes) {
  for (const PRL_UINT32 version : {0u, 1u, 7u << 16, 0x00090000u, 0xE0090000u}) {
    EXPECT_EQ(PrlApi_Init(version), PRL_ERR_SUCCESS) << version;
    EXPECT_EQ(PrlApi_Deinit(), PRL_ERR_SUCCESS);
  }
}

// core-api 12, invariant 4
TEST(Init, RefusesAHigherVersionAndStaysUninitialised) {
  for (const PRL_UINT32 version : {0x00090001u, 0x000A0000u, 0x1FFFFFFFu, 0xFFFFFFFFu}) {
    EXPECT_EQ(PrlApi_Init(version), PRL_ERR_API_INCOMPATIBLE) << version;
    EXPECT_EQ(PrlApi_Deinit(), PRL_ERR_API_WASNT_INITIALIZED);
  }
}

// core-api 12, invariant 5
TEST(Init, IsReportedAsItWasCalled) {
  ASSERT_EQ(PrlApi_InitEx(0x20070000u, PAM_UNKNOWN, 0, 0), PRL_ERR_SUCCESS);
  PRL_UINT32 version = 0;
  PRL_APPLICATION_MODE mode = PAM_SERVER;
  EXPECT_EQ(PrlApi_GetVersion(&version), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlApi_GetAppMode(&mode), PRL_ERR_SUCCESS);
  EXPECT_EQ(version, 0x20070000u);
  EXPECT_EQ(mode, PAM_UNKNOWN);
  PrlApi_Deinit();
}

// core-api 1.1: the instance number is in every handle.
TEST(Init, PutsTheInstanceNumberIntoHandles) {
  ASSERT_EQ(PrlApi_Init(PARALLELS_API_VER | 5u << 29), PRL_ERR_SUCCESS);
  PRL_HANDLE list = PRL_INVALID_HANDLE;
  ASSERT_EQ(PrlApi_CreateStringsList(&list), PRL_ERR_SUCCESS);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(list) >> 29, 5u);
  EXPECT_EQ(PrlHandle_Free(list), PRL_ERR_SUCCESS);
  PrlApi_Deinit();
}

// core-api 12, invariant 6
TEST(Deinit, MakesOldHandlesUnknownForGood) {
  PRL_HANDLE list = PRL_INVALID_HANDLE;
  {
    const Library library;
    ASSERT_EQ(PrlApi_CreateStringsList(&list), PRL_ERR_SUCCESS);
  }
  EXPECT_EQ(PrlHandle_Free(list), PRL_ERR_API_WASNT_INITIALIZED);
  const Library library;
  PRL_UINT32 count = 0;
  Handle other;
  ASSERT_EQ(PrlApi_CreateStringsList(other.out()), PRL_ERR_SUCCESS);
  EXPECT_NE(other.get(), list);
  EXPECT_EQ(PrlStrList_GetItemsCount(list, &count), PRL_ERR_INVALID_ARG);
  EXPECT_EQ(PrlHandle_Free(list), PRL_ERR_INVALID_ARG);
}

PRL_RESULT PRL_CALL ignore(PRL_HANDLE handle, PRL_VOID_PTR) {
  return PrlHandle_Free(handle);
}

// core-api 1.2
TEST(Deinit, EndsLiveHandlesUnfinishedJobsAndHandlers) {
  PRL_HANDLE server = PRL_INVALID_HANDLE;
  PRL_HANDLE vm = PRL_INVALID_HANDLE;
  {
    const Library library;
    server = new_server().release();
    ASSERT_EQ(finish(start_login(server)), PRL_ERR_SUCCESS);
    vm = new_vm(server, "left behind").release();
    ASSERT_EQ(PrlSrv_RegEventHandler(server, ignore, nullptr), PRL_ERR_SUCCESS);
    EXPECT_NE(PrlVm_Start(vm), kNoHandle);
  }
  EXPECT_EQ(PrlHandle_Free(vm), PRL_ERR_API_WASNT_INITIALIZED);
  EXPECT_EQ(PrlHandle_Free(server), PRL_ERR_API_WASNT_INITIALIZED);
}

// core-api 1.3
TEST(Deinit, CanBeFollowedByInitAHundredTimes) {
  for (int round = 0; round < 100; ++round) {
    const Session session;
    EXPECT_EQ(PrlSim_SetScenario(kVirtualClock), PRL_ERR_SUCCESS);
  }
}

// A refused Init is this library's own choice: README, limits.
TEST(InitWithABadScenario, IsRefusedWithOneLineOnStandardError) {
  ASSERT_EQ(PrlSim_SetScenario("clock = \"sundial\"\n"), PRL_ERR_SUCCESS);
  testing::internal::CaptureStderr();
  EXPECT_EQ(PrlApi_Init(PARALLELS_API_VER), PRL_ERR_OPERATION_FAILED);
  const std::string printed = testing::internal::GetCapturedStderr();
  EXPECT_EQ(printed.rfind("prlsim: ", 0), 0u) << printed;
  EXPECT_EQ(printed.find('\n'), printed.size() - 1) << printed;
  EXPECT_NE(printed.find("sundial"), std::string::npos) << printed;
  EXPECT_EQ(PrlApi_Deinit(), PRL_ERR_API_WASNT_INITIALIZED);
  PrlSim_SetScenario(nullptr);
}

TEST(InitWithATraceThatCannotBeWritten, IsRefusedWithOneLineOnStandardError) {
  for (const std::string trace : {"/there/is/none", "/"}) {
    ::setenv("PRLSIM_TRACE", trace.c_str(), 1);
    testing::internal::CaptureStderr();
    EXPECT_EQ(PrlApi_Init(PARALLELS_API_VER), PRL_ERR_OPERATION_FAILED);
    const std::string printed = testing::internal::GetCapturedStderr();
    EXPECT_EQ(printed.rfind("prlsim: PRLSIM_TRACE '" + trace + "' cannot be written: ", 0), 0u)
        << printed;
    EXPECT_EQ(printed.find('\n'), printed.size() - 1) << printed;
  }
  ::unsetenv("PRLSIM_TRACE");
  EXPECT_EQ(PrlApi_Deinit(), PRL_ERR_API_WASNT_INITIALIZED);
}

}  // namespace
}  // namespace prl::tests
