// A lack of memory for what a call hands out.
#include <cstdio>

#include "tests/sdk/fault_host.h"

namespace prl::tests {
namespace {

std::string without_memory(const std::string& match, const std::string& trigger) {
  return rule("{ layer = \"memory\"" + match + " }", "{ kind = \"no_memory\" }", trigger);
}

struct Counts {
  PRL_UINT64 seen = 0;
  PRL_UINT64 struck = 0;
};
Counts counts_of_rule() {
  Counts counts;
  EXPECT_EQ(PrlSim_GetFaultCounts("rule", &counts.seen, &counts.struck), PRL_ERR_SUCCESS);
  return counts;
}

TEST(ALackOfMemory, LeavesAnAsynchronousCallWithoutAJob) {
  const Host host(tests::host(
      "stopped", without_memory(", object = \"PHT_JOB\", call = \"PrlVm_Start\"", "{ skip = 1 }")));
  EXPECT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_Stop(host.vm, PRL_FALSE)), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlVm_Start(host.vm), kNoHandle);
  EXPECT_EQ(state_of(host.vm), VMS_STOPPED) << "the host was not asked";
  EXPECT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(counts_of_rule().seen, 3u);
}

TEST(ALackOfMemory, LeavesOutParametersUntouched) {
  const Host host(
      tests::host("stopped", without_memory(", object = \"PHT_VIRTUAL_DEV_*\"", "{ skip = 1 }")));
  PRL_HANDLE disk = PRL_INVALID_HANDLE;
  EXPECT_EQ(PrlVmCfg_CreateVmDev(host.vm, PDE_HARD_DISK, &disk), PRL_ERR_SUCCESS);
  PRL_HANDLE drive = disk;
  EXPECT_EQ(PrlVmCfg_CreateVmDev(host.vm, PDE_OPTICAL_DISK, &drive), PRL_ERR_OUT_OF_MEMORY);
  EXPECT_EQ(drive, disk);
  EXPECT_EQ(PrlVmCfg_GetOpticalDisk(host.vm, 0, &drive), PRL_ERR_SUCCESS)
      << "what the call has changed stays so";
  PrlHandle_Free(drive);
  PrlHandle_Free(disk);
}

TEST(ALackOfMemory, TakesBackWhatTheSameCallHasHandedOut) {
  const Host host(tests::host("stopped",
                              without_memory(", call = \"PrlVmCfg_GetDevsList\"", "{ skip = 2 }"),
                              "clock = \"virtual\"\n") +
                  "[[vm.disk]]\n[[vm.optical_drive]]\n[[vm.usb_controller]]\n");
  const PRL_UINT32 before = live_handles();
  PRL_HANDLE devices[3] = {};
  PRL_UINT32 count = 3;
  EXPECT_EQ(PrlVmCfg_GetDevsList(host.vm, devices, &count), PRL_ERR_OUT_OF_MEMORY);
  EXPECT_EQ(live_handles(), before);
  count = 3;
  EXPECT_EQ(PrlVmCfg_GetDevsList(host.vm, devices, &count), PRL_ERR_SUCCESS);
  for (const PRL_HANDLE device : devices) EXPECT_EQ(PrlHandle_Free(device), PRL_ERR_SUCCESS);
}

TEST(ALackOfMemory, CanBeginAtRunTime) {
  const Host host(tests::host("stopped", ""));
  EXPECT_EQ(PrlSim_AddFaults(without_memory(", object = \"PHT_JOB\"", "{ count = 0 }").c_str()),
            PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlVm_Start(host.vm), kNoHandle);
  EXPECT_EQ(PrlSrv_GetVmList(host.server), kNoHandle);
  EXPECT_EQ(PrlSim_ClearFaults(), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_SUCCESS);
}

// A client that needs many objects, and frees whatever it gets. How many calls it was refused.
int demanding_client() {
  int refused = 0;
  const auto check = [&](PRL_RESULT code) {
    if (code == PRL_ERR_OUT_OF_MEMORY) ++refused;
    return PRL_SUCCEEDED(code);
  };
  const auto object_of = [&](PRL_HANDLE started, Handle& object) {
    const Handle job(started);
    Handle result;
    if (!job.get()) return static_cast<void>(++refused);
    if (!check(PrlJob_Wait(job, UINT32_MAX))) return;
    if (!check(PrlJob_GetResult(job, result.out()))) return;
    check(PrlResult_GetParam(result, object.out()));
  };
  Handle server;
  if (!check(PrlSrv_Create(server.out()))) return refused;
  Handle answer;
  object_of(start_login(server), answer);
  Handle vm;
  object_of(PrlSrv_GetVmList(server), vm);
  if (!vm.get()) return refused;
  Handle disk;
  check(PrlVmCfg_CreateVmDev(vm, PDE_HARD_DISK, disk.out()));
  Handle list;
  check(PrlVmCfg_GetAllDevices(vm, list.out()));
  const Handle job(PrlVm_Pause(vm, PRL_FALSE));
  if (!job.get()) return ++refused;
  check(PrlJob_Wait(job, UINT32_MAX));
  Handle error;
  check(PrlJob_GetError(job, error.out()));
  Handle parameter;
  if (error.get()) check(PrlEvent_GetParam(error, 0, parameter.out()));
  return refused;
}

// The first handle, the second, and so on until there is memory for all: each once as a lapse and
// once for good.
TEST(ALackOfMemory, OfEachHandleInTurnIsSaidAndLeavesNothingBehind) {
  int checked = 0;
  for (const char* count : {"1", "0"}) {
    for (int handle = 0; handle < 100; ++handle) {
      PrlSim_KeepLedger(1);
      int refused = 0;
      Counts counts;
      {
        const Library library(
            tests::host("stopped", without_memory("", "{ skip = " + std::to_string(handle) +
                                                          ", count = " + count + " }")));
        refused = demanding_client();
        counts = counts_of_rule();
      }
      PRL_UINT32 live = 99;
      PRL_UINT32 misuses = 99;
      EXPECT_EQ(PrlSim_GetLedgerCounts(&live, &misuses), PRL_ERR_SUCCESS);
      EXPECT_EQ(live, 0u) << handle;
      EXPECT_EQ(static_cast<PRL_UINT64>(refused), counts.struck) << handle;
      ++checked;
      if (counts.struck == 0) break;
    }
  }
  PrlSim_KeepLedger(0);
  std::printf("count memory_lacks %d\n", checked - 2);
  EXPECT_GT(checked, 20);
  EXPECT_LT(checked, 100) << "it ends";
}

}  // namespace
}  // namespace prl::tests
