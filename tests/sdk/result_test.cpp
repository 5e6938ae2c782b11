// Results of jobs (core-api 4).
#include "tests/sdk/session.h"

namespace prl::tests {
namespace {

Handle result_of(PRL_HANDLE started) {
  const Handle job(started);
  Handle result;
  EXPECT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlJob_GetResult(job, result.out()), PRL_ERR_SUCCESS);
  return result;
}

PRL_UINT32 count_in(PRL_HANDLE result) {
  PRL_UINT32 count = UINT32_MAX;
  EXPECT_EQ(PrlResult_GetParamsCount(result, &count), PRL_ERR_SUCCESS);
  return count;
}

// core-api 12, invariants 30 and 31
TEST(AnEmptyResult, HasNoParameterAndNoText) {
  const Session session;
  const Handle vm = new_vm(session.server, "quiet");
  const Handle result = result_of(PrlVm_Start(vm));
  PRL_HANDLE parameter = PRL_INVALID_HANDLE;
  PRL_UINT32 length = 0;
  EXPECT_EQ(count_in(result), 0u);
  EXPECT_EQ(PrlResult_GetParam(result, &parameter), PRL_ERR_INVALID_ARG);
  EXPECT_EQ(PrlResult_GetParamByIndex(result, 0, &parameter), PRL_ERR_INVALID_ARG);
  EXPECT_EQ(PrlResult_GetParamAsString(result, nullptr, &length), PRL_ERR_INVALID_ARG);
}

// core-api 12, invariants 30 and 31
TEST(AResult, HandsOutEachParameterByItsIndexAndNoOther) {
  const Session session("clock = \"virtual\"\n[[vm]]\nname = \"a\"\n[[vm]]\nname = \"b\"\n");
  const Handle result = result_of(PrlSrv_GetVmList(session.server));
  ASSERT_EQ(count_in(result), 2u);
  Handle first, same, second, none;
  EXPECT_EQ(PrlResult_GetParam(result, first.out()), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlResult_GetParamByIndex(result, 0, same.out()), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlResult_GetParamByIndex(result, 1, second.out()), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlResult_GetParamByIndex(result, 2, none.out()), PRL_ERR_INVALID_ARG);
  EXPECT_EQ(first.get(), same.get());
  EXPECT_EQ(name_of(first), "a");
  EXPECT_EQ(name_of(second), "b");
}

// The list looks ahead: what it has seen there may have changed when it gets there (core-api 4).
TEST(AResult, NamesTheRightVmsWhereTheirHandlesChangeWhileItIsRead) {
  constexpr PRL_UINT32 kVms = 24;
  std::string scenario = "clock = \"virtual\"\n";
  for (PRL_UINT32 i = 0; i < kVms; ++i) {
    scenario += "[[vm]]\nname = \"vm" + std::to_string(i) + "\"\n";
  }
  const Session session(scenario);
  const Handle result = result_of(PrlSrv_GetVmList(session.server));
  const auto vm_at = [&result](PRL_UINT32 index) {
    Handle vm;
    EXPECT_EQ(PrlResult_GetParamByIndex(result, index, vm.out()), PRL_ERR_SUCCESS);
    return vm;
  };
  std::vector<Handle> held;
  for (PRL_UINT32 i = 0; i < kVms; ++i) held.push_back(vm_at(i));
  for (const PRL_UINT32 start : {0u, 8u}) {
    vm_at(start);
    const PRL_UINT32 renamed = start + 9;
    const PRL_UINT32 freed = start + 10;
    const PRL_UINT32 kept = start + 11;
    const PRL_HANDLE other = held[renamed];
    const std::string its_uuid = uuid_of(other);
    EXPECT_EQ(PrlVmCfg_SetUuid(other, "{11111111-2222-4333-8444-555555555555}"), PRL_ERR_SUCCESS);
    EXPECT_EQ(PrlHandle_Free(held[freed].release()), PRL_ERR_SUCCESS);
    const Handle in_its_place = vm_at(renamed);
    EXPECT_NE(in_its_place.get(), other);
    EXPECT_EQ(uuid_of(in_its_place), its_uuid);
    EXPECT_EQ(uuid_of(other), "{11111111-2222-4333-8444-555555555555}");
    EXPECT_EQ(name_of(vm_at(freed)), "vm" + std::to_string(freed));
    EXPECT_EQ(vm_at(kept).get(), held[kept].get());
    held[renamed] = Handle();
  }
}

// core-api 12, invariant 32
TEST(AResult, NamesAVmByTheOneHandleThatLives) {
  const Session session;
  const Handle vm = new_vm(session.server, "one");
  Handle again = vm_by_name(session.server, "one");
  EXPECT_EQ(again.get(), vm.get());
  EXPECT_EQ(live_handles(PHT_VIRTUAL_MACHINE), 1u);
  EXPECT_EQ(PrlHandle_Free(again.release()), PRL_ERR_SUCCESS);
  EXPECT_EQ(live_handles(PHT_VIRTUAL_MACHINE), 1u);
  EXPECT_EQ(name_of(vm), "one");
}

// core-api 12, invariant 32
TEST(AResult, MakesANewVmHandleOnceTheOldOneIsGone) {
  const Session session;
  const PRL_HANDLE old = new_vm(session.server, "one").get();
  EXPECT_EQ(live_handles(PHT_VIRTUAL_MACHINE), 0u);
  EXPECT_NE(vm_by_name(session.server, "one").get(), old);
  EXPECT_EQ(live_handles(PHT_VIRTUAL_MACHINE), 0u);
}

TEST(AResult, ReplacesLocalEditsOfTheVmItNames) {
  const Session session;
  const Handle vm = new_vm(session.server, "stored");
  ASSERT_EQ(PrlVmCfg_SetName(vm, "edited"), PRL_ERR_SUCCESS);
  const Handle same = vm_by_name(session.server, "stored");
  EXPECT_EQ(name_of(vm), "stored");
}

TEST(AResult, OutlivesItsJobAndTheSession) {
  const Session session("clock = \"virtual\"\n[[vm]]\nname = \"kept\"\n");
  const Handle result = result_of(PrlSrv_GetVmList(session.server));
  ASSERT_EQ(finish(PrlSrv_Logoff(session.server)), PRL_ERR_SUCCESS);
  Handle vm;
  ASSERT_EQ(PrlResult_GetParam(result, vm.out()), PRL_ERR_SUCCESS);
  EXPECT_EQ(name_of(vm), "kept");
}

TEST(AResult, OfALoginHasNoText) {
  const Library library;
  const Handle server = new_server();
  const Handle result = result_of(start_login(server));
  PRL_UINT32 length = 7;
  EXPECT_EQ(PrlResult_GetParamAsString(result, nullptr, &length), PRL_ERR_INVALID_ARG);
  EXPECT_EQ(length, 7u);
}

// core-api 12, invariant 10
TEST(AResult, HasTheTypeThatItsOperationPromises) {
  const Session session;
  const Handle vm = new_vm(session.server, "typed");
  const std::vector<std::pair<PRL_HANDLE, PRL_HANDLE_TYPE>> started = {
      {PrlSrv_GetVmList(session.server), PHT_VIRTUAL_MACHINE},
      {PrlSrv_GetVmConfig(session.server, "typed", PGVC_SEARCH_BY_NAME), PHT_VIRTUAL_MACHINE},
      {PrlVm_RefreshConfig(vm), PHT_VIRTUAL_MACHINE},
      {PrlVm_GetState(vm), PHT_VM_INFO}};
  for (const auto& [job, expected] : started) {
    Handle result(result_of(job)), answer;
    PRL_HANDLE_TYPE type = PHT_ERROR;
    EXPECT_EQ(PrlHandle_GetType(result, &type), PRL_ERR_SUCCESS);
    EXPECT_EQ(type, PHT_RESULT);
    ASSERT_EQ(PrlResult_GetParam(result, answer.out()), PRL_ERR_SUCCESS) << expected;
    EXPECT_EQ(PrlHandle_GetType(answer, &type), PRL_ERR_SUCCESS);
    EXPECT_EQ(type, expected);
  }
}

// core-api 12, invariant 50
TEST(TheVmList, HoldsVmsUnlessOnlyContainersAreAskedFor) {
  const Session session("clock = \"virtual\"\n[[vm]]\nname = \"only\"\n");
  EXPECT_EQ(count_in(result_of(PrlSrv_GetVmListEx(session.server, 0))), 1u);
  EXPECT_EQ(count_in(result_of(PrlSrv_GetVmListEx(session.server, PVTF_VM))), 1u);
  EXPECT_EQ(count_in(result_of(PrlSrv_GetVmListEx(session.server, PVTF_VM | PVTF_CT))), 1u);
  EXPECT_EQ(count_in(result_of(PrlSrv_GetVmListEx(session.server, PVTF_CT))), 0u);
}

}  // namespace
}  // namespace prl::tests
