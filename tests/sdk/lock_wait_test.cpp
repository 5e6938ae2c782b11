// Requests that wait for what is being done to their VM (vm-lifecycle 5.1): scenario key
// `lock_wait_ms`.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "tests/sdk/session.h"

namespace prl::tests {
namespace {

constexpr PRL_UINT64 kLimitMs = 60'000;

std::string site(const std::string& profile, PRL_UINT64 wait_ms, const std::string& more = "") {
  return "profile = \"" + profile +
         "\"\nclock = \"virtual\"\nlock_wait_ms = " + std::to_string(wait_ms) +
         "\n[[vm]]\nname = \"vm\"\nram_mib = 4\n" + "[[vm.disk]]\nsize_mib = 64\n" + more;
}

struct Host : Session {
  explicit Host(const std::string& scenario) : Session(scenario), vm(vm_by_name(server, "vm")) {}
  const Handle vm;
};

using Request = std::function<PRL_HANDLE(PRL_HANDLE vm)>;

// What takes a while and keeps others out meanwhile.
const std::map<std::string, Request>& holders() {
  static const std::map<std::string, Request> all = {
      {"PrlVm_Clone", [](PRL_HANDLE vm) { return PrlVm_Clone(vm, "copy", "", PRL_FALSE); }},
      {"PrlVm_Move", [](PRL_HANDLE vm) { return PrlVm_Move(vm, "/elsewhere", 0); }},
      {"PrlVm_ConvertDisks",
       [](PRL_HANDLE vm) { return PrlVm_ConvertDisks(vm, PIM_ALL_DISKS, PCVD_TO_SPLIT_DISK); }},
      {"PrlVm_CreateSnapshot", [](PRL_HANDLE vm) { return PrlVm_CreateSnapshot(vm, "s", ""); }},
      {"PrlVm_Compact", [](PRL_HANDLE vm) { return PrlVm_Compact(vm, PIM_ALL_DISKS, 0); }},
      {"PrlVm_Mount", [](PRL_HANDLE vm) { return PrlVm_Mount(vm, "", 0); }},
  };
  return all;
}

const std::map<std::string, Request>& newcomers() {
  static const std::map<std::string, Request> all = {
      {"PrlVm_Start", [](PRL_HANDLE vm) { return PrlVm_Start(vm); }},
      {"PrlVm_StartEx", [](PRL_HANDLE vm) { return PrlVm_StartEx(vm, PSM_VM_START, 0); }},
      {"PrlVm_Unreg", [](PRL_HANDLE vm) { return PrlVm_Unreg(vm); }},
      {"PrlVm_Delete", [](PRL_HANDLE vm) { return PrlVm_Delete(vm, kNoHandle); }},
      {"PrlVm_Clone", [](PRL_HANDLE vm) { return PrlVm_Clone(vm, "second", "", PRL_FALSE); }},
      {"PrlVm_Move", [](PRL_HANDLE vm) { return PrlVm_Move(vm, "/further", 0); }},
      {"PrlVm_ConvertDisks",
       [](PRL_HANDLE vm) { return PrlVm_ConvertDisks(vm, PIM_ALL_DISKS, PCVD_TO_EXPANDING_DISK); }},
      {"PrlVm_CreateSnapshot", [](PRL_HANDLE vm) { return PrlVm_CreateSnapshot(vm, "t", ""); }},
      {"PrlVm_Compact", [](PRL_HANDLE vm) { return PrlVm_Compact(vm, PIM_ALL_DISKS, 0); }},
      {"PrlVm_Mount", [](PRL_HANDLE vm) { return PrlVm_Mount(vm, "", 0); }},
      {"PrlVm_Commit",
       [](PRL_HANDLE vm) {
         EXPECT_EQ(finish(PrlVm_BeginEdit(vm)), PRL_ERR_SUCCESS);
         PrlVmCfg_SetDescription(vm, "edited");
         return PrlVm_Commit(vm);
       }},
  };
  return all;
}

// Without moving time, as a look at its status would.
bool is_under_way(PRL_HANDLE job) {
  return code_of(job) == PRL_ERR_UNINITIALIZED;
}

bool is_lock(PRL_RESULT code) {
  return code >= PRL_ERR_VM_LOCKED_FOR_CLONE && code <= PRL_ERR_VM_LOCKED_FOR_MOVE;
}

// Begins the holder and lets it come so far that it holds the VM.
Handle begin(const Host& host, const std::string& holder) {
  Handle job(holders().at(holder)(host.vm));
  PrlSim_AdvanceTime(2);
  return job;
}

struct Clash {
  std::string profile;
  std::string holder;
  std::string newcomer;
  PRL_RESULT code;
};

// All pairs of which the first keeps the second out with a lock.
const std::vector<Clash>& clashes() {
  static const std::vector<Clash> all = [] {
    std::vector<Clash> found;
    for (const std::string profile : {"desktop", "virtuozzo"}) {
      for (const auto& [holder, take] : holders()) {
        for (const auto& [newcomer, ask] : newcomers()) {
          const Host host(site(profile, 0));
          const Handle held = begin(host, holder);
          const PRL_UINT64 begun_ms = time_ms();
          const PRL_RESULT code = finish(ask(host.vm));
          if (!is_lock(code)) continue;
          EXPECT_LT(time_ms() - begun_ms, 10u) << holder << " " << newcomer << ": at once";
          found.push_back({profile, holder, newcomer, code});
        }
      }
    }
    return found;
  }();
  return all;
}

TEST(LockWait, IsThereForEveryHolder) {
  std::set<std::string> seen;
  for (const Clash& clash : clashes()) seen.insert(clash.holder);
  for (const auto& [holder, take] : holders()) EXPECT_TRUE(seen.contains(holder)) << holder;
  EXPECT_GE(clashes().size(), 90u);
  std::printf("count lock_waits %zu\n", clashes().size());
}

// That one changes no state of the VM.
TEST(LockWait, EndsWithAMountBesideAVmAtWork) {
  const Host host(site("virtuozzo", kLimitMs));
  const auto mount = [&host] { return PrlVm_Mount(host.vm, "", PMVD_READ_ONLY); };
  ASSERT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_SUCCESS);
  ASSERT_EQ(finish(mount()), PRL_ERR_SUCCESS);
  const Handle job(mount());
  PrlSim_AdvanceTime(1000);
  ASSERT_TRUE(is_under_way(job)) << "it waits";
  ASSERT_EQ(finish(PrlVm_Umount(host.vm, 0)), PRL_ERR_SUCCESS);
  const PRL_UINT64 free_ms = time_ms();
  ASSERT_EQ(PrlJob_Wait(job, kLimitMs), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(job), PRL_ERR_SUCCESS);
  EXPECT_LT(time_ms(), free_ms + 1000) << "as soon as it may";
}

TEST(LockWait, LetsTheRequestGoOnWhenTheHolderIsDone) {
  for (const Clash& clash : clashes()) {
    SCOPED_TRACE(clash.profile + ": " + clash.newcomer + " during " + clash.holder);
    const Host host(site(clash.profile, kLimitMs));
    const Handle held = begin(host, clash.holder);
    const Handle job(newcomers().at(clash.newcomer)(host.vm));
    PrlSim_AdvanceTime(2);
    ASSERT_TRUE(is_under_way(job)) << "it waits";
    if (clash.holder == "PrlVm_Mount") {
      PrlSim_AdvanceTime(1000);
      ASSERT_TRUE(is_under_way(job));
      ASSERT_EQ(finish(PrlVm_Umount(host.vm, 0)), PRL_ERR_SUCCESS);
    }
    ASSERT_EQ(PrlJob_Wait(job, kLimitMs), PRL_ERR_SUCCESS);
    EXPECT_EQ(code_of(job), PRL_ERR_SUCCESS);
    EXPECT_FALSE(is_under_way(held));
    EXPECT_EQ(code_of(held), PRL_ERR_SUCCESS);
    EXPECT_LT(time_ms(), 5000u) << "as soon as it may";
  }
}

// It has changed nothing about the VM that anybody would be told of.
TEST(LockWait, EndsWithAConversionThatIsCancelled) {
  const Host host(site("virtuozzo", kLimitMs));
  const Handle held = begin(host, "PrlVm_ConvertDisks");
  const Handle job(PrlVm_Start(host.vm));
  PrlSim_AdvanceTime(2);
  ASSERT_TRUE(is_under_way(job)) << "it waits";
  EXPECT_EQ(finish(PrlJob_Cancel(held)), PRL_ERR_SUCCESS);
  ASSERT_EQ(PrlJob_Wait(job, kLimitMs), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(job), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(held), PRL_ERR_OPERATION_WAS_CANCELED);
  EXPECT_LT(time_ms(), 5000u) << "as soon as it may";
}

// So that holders hold for longer than anybody waits.
constexpr const char* kSlow =
    "[latency]\nclone = { ms = 200000 }\nmove = { ms = 200000 }\nconvert = { ms = 200000 }\n"
    "snapshot = { ms = 200000 }\ncompact = { ms = 200000 }\n";

TEST(LockWait, EndsWithTheCodeOfTheHolderWhenItsTimeIsOver) {
  for (const Clash& clash : clashes()) {
    SCOPED_TRACE(clash.profile + ": " + clash.newcomer + " during " + clash.holder);
    const Host host(site(clash.profile, kLimitMs, kSlow));
    const Handle held = begin(host, clash.holder);
    const PRL_UINT64 begun_ms = time_ms();
    const Handle job(newcomers().at(clash.newcomer)(host.vm));
    ASSERT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
    EXPECT_EQ(code_of(job), clash.code);
    EXPECT_GE(time_ms() - begun_ms, kLimitMs);
    EXPECT_LT(time_ms() - begun_ms, kLimitMs + 10);
  }
}

// vm-lifecycle 5.2: the second of two starts finds the VM running, and is answered well.
TEST(LockWait, AnswersTheSecondOfTwoStartsWell) {
  for (const char* state : {"stopped", "suspended"}) {
    const Host host(site("virtuozzo", kLimitMs,
                         "[[vm]]\nname = \"twice\"\nstate = \"" + std::string(state) + "\"\n"));
    const Handle vm = vm_by_name(host.server, "twice");
    Recorder recorder(host.server);
    const Handle first(PrlVm_Start(vm));
    const Handle second(PrlVm_Start(vm));
    EXPECT_EQ(PrlJob_Wait(second, kLimitMs), PRL_ERR_SUCCESS);
    EXPECT_EQ(code_of(first), PRL_ERR_SUCCESS);
    EXPECT_EQ(code_of(second), PRL_ERR_SUCCESS);
    EXPECT_EQ(states_in(recorder.up_to(second)), std::vector<PRL_INT32>{VMS_RUNNING});
    EXPECT_EQ(finish(PrlVm_Start(vm)), PRL_ERR_FAILURE) << "one that has not waited";
  }
}

TEST(LockWait, LetsThemInInTheOrderInWhichTheyCame) {
  const Host host(site("desktop", kLimitMs));
  const Handle held = begin(host, "PrlVm_Clone");
  const Handle deleting(PrlVm_Delete(host.vm, kNoHandle));
  const Handle starting(PrlVm_Start(host.vm));
  EXPECT_EQ(PrlJob_Wait(starting, kLimitMs), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(deleting), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(starting), PRL_ERR_VM_UUID_NOT_FOUND);
  EXPECT_EQ(code_of(held), PRL_ERR_SUCCESS);
}

// The lock of a session is none to be waited for (vm-lifecycle 2.1).
TEST(LockWait, DoesNotWaitForTheLockOfASession) {
  const Host host(site("virtuozzo", kLimitMs));
  const Handle other = new_server();
  ASSERT_EQ(finish(start_login(other)), PRL_ERR_SUCCESS);
  ASSERT_EQ(finish(PrlVm_Lock(vm_by_name(other, "vm"), 0)), PRL_ERR_SUCCESS);
  const PRL_UINT64 begun_ms = time_ms();
  EXPECT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_VM_IS_EXCLUSIVELY_LOCKED);
  EXPECT_LT(time_ms() - begun_ms, 10u);
}

// But whoever waits already waits for it as well (vm-lifecycle 5.2), until it is unlocked or its
// session ends (8, invariant 34).
TEST(LockWait, GoesOnWhenASessionTakesTheLockMeanwhile) {
  for (const bool unlocks : {true, false}) {
    const Host host(site("desktop", kLimitMs));
    const Handle other = new_server();
    ASSERT_EQ(finish(start_login(other)), PRL_ERR_SUCCESS);
    const Handle same_vm = vm_by_name(other, "vm");
    const Handle held = begin(host, "PrlVm_Move");
    const Handle job(PrlVm_Start(host.vm));
    PrlSim_AdvanceTime(2);
    ASSERT_EQ(finish(PrlVm_Lock(same_vm, 0)), PRL_ERR_SUCCESS);
    EXPECT_EQ(PrlJob_Wait(held, UINT32_MAX), PRL_ERR_SUCCESS);
    PrlSim_AdvanceTime(100);
    ASSERT_TRUE(is_under_way(job));
    EXPECT_EQ(finish(unlocks ? PrlVm_Unlock(same_vm, 0) : PrlSrv_Logoff(other)), PRL_ERR_SUCCESS);
    EXPECT_EQ(PrlJob_Wait(job, 2000), PRL_ERR_SUCCESS) << "it does not look by the clock only";
    EXPECT_EQ(code_of(job), PRL_ERR_SUCCESS);
    EXPECT_EQ(state_of(host.vm), VMS_RUNNING);
  }
}

TEST(LockWait, NamesTheLockOfASessionInTheEnd) {
  const Host host(site("virtuozzo", kLimitMs));
  const Handle other = new_server();
  ASSERT_EQ(finish(start_login(other)), PRL_ERR_SUCCESS);
  const Handle held = begin(host, "PrlVm_Move");
  const PRL_UINT64 begun_ms = time_ms();
  const Handle job(PrlVm_Start(host.vm));
  ASSERT_EQ(finish(PrlVm_Lock(vm_by_name(other, "vm"), 0)), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(job), PRL_ERR_VM_IS_EXCLUSIVELY_LOCKED);
  EXPECT_GE(time_ms() - begun_ms, kLimitMs);
}

// Trying again begins nothing anew: the snapshot is the one that the job names, and its end is told
// once.
TEST(LockWait, TakesTheSnapshotThatTheJobNames) {
  const Host host(site("desktop", kLimitMs));
  Recorder recorder(host.server);
  const Handle held = begin(host, "PrlVm_Clone");
  const std::string uuid = text_result_of(PrlVm_CreateSnapshot(host.vm, "taken", ""));
  const auto rename = [&] {
    return PrlVm_UpdateSnapshotData(host.vm, uuid.c_str(), "renamed", "");
  };
  EXPECT_EQ(finish(rename()), PRL_ERR_SUCCESS);
  const std::vector<Seen> seen = recorder.up_to_end_of(rename());
  EXPECT_EQ(std::ranges::count(seen, PET_DSP_EVT_VM_MEMORY_SWAPPING_FINISHED, &Seen::event), 1);
}

std::string folder_of(PRL_HANDLE vm) {
  const std::string path = text_of(
      [&](PRL_STR text, PRL_UINT32_PTR length) { return PrlVmCfg_GetHomePath(vm, text, length); });
  return path.substr(0, path.rfind('/'));
}

PRL_UINT64 mib_of_image(const std::string& path) {
  Handle disk, parameters;
  PRL_UINT64 sectors = 0;
  EXPECT_EQ(PrlDisk_OpenDisk(disk.out(), path.c_str(), PRL_DISK_READ, nullptr), PRL_ERR_SUCCESS)
      << path;
  EXPECT_EQ(PrlDisk_GetParams(disk, parameters.out()), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlDiskParams_GetSize(parameters, &sectors), PRL_ERR_SUCCESS);
  return sectors / 2048;
}

// An image in the folder of the VM goes where the folder goes, however the client names it.
TEST(LockWait, FindsTheImageWhereAMoveHasTakenIt) {
  for (const std::string profile : {"desktop", "virtuozzo"}) {
    for (const bool is_absolute : {false, true}) {
      const Host host(site(profile, kLimitMs));
      Handle disk;
      ASSERT_EQ(PrlVmCfg_GetHardDisk(host.vm, 0, disk.out()), PRL_ERR_SUCCESS);
      const std::string before = folder_of(host.vm);
      const std::string name = text_of([&](PRL_STR text, PRL_UINT32_PTR length) {
        return PrlVmDev_GetSysName(disk, text, length);
      });
      ASSERT_EQ(name.find('/'), std::string::npos);
      if (is_absolute) PrlVmDev_SetSysName(disk, (before + "/" + name).c_str());
      const Handle held = begin(host, "PrlVm_Move");
      const Handle resize(PrlVmDev_ResizeImage(disk, 128, 0));
      const Handle copy(PrlVmDev_CopyImage(disk, "a.hdd", is_absolute ? before.c_str() : "", 0));
      const Handle elsewhere(PrlVmDev_CopyImage(disk, "b.hdd", "/copies", 0));
      PrlSim_AdvanceTime(2);
      const std::array jobs = {&resize, &copy, &elsewhere};
      for (const Handle* job : jobs) EXPECT_TRUE(is_under_way(*job));
      for (const Handle* job : jobs) {
        PrlJob_Wait(*job, UINT32_MAX);
        EXPECT_EQ(code_of(*job), PRL_ERR_SUCCESS);
      }
      EXPECT_EQ(code_of(held), PRL_ERR_SUCCESS);
      const std::string now = folder_of(host.vm);
      EXPECT_NE(now, before);
      EXPECT_EQ(mib_of_image(now + "/" + name), 128u);
      EXPECT_EQ(mib_of_image(now + "/a.hdd"), 128u);
      EXPECT_EQ(mib_of_image("/copies/b.hdd"), 128u);
    }
  }
}

TEST(LockWait, CanBeCancelled) {
  const Host host(site("desktop", kLimitMs));
  const Handle held = begin(host, "PrlVm_Compact");
  const Handle job(PrlVm_Clone(host.vm, "second", "", PRL_FALSE));
  PrlSim_AdvanceTime(2);
  ASSERT_TRUE(is_under_way(job));
  EXPECT_EQ(finish(PrlJob_Cancel(job)), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlJob_Wait(job, 1000), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(job), PRL_ERR_OPERATION_WAS_CANCELED);
  EXPECT_EQ(PrlJob_Wait(held, UINT32_MAX), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(held), PRL_ERR_SUCCESS);
  PrlSim_AdvanceTime(kLimitMs);
  const Handle found(PrlSrv_GetVmConfig(host.server, "second", PGVC_SEARCH_BY_NAME));
  PrlJob_Wait(found, UINT32_MAX);
  EXPECT_EQ(code_of(found), PRL_ERR_VM_UUID_NOT_FOUND);
}

// What is being cancelled is what the job does then.
TEST(LockWait, LeavesTheRequestAsCancellableAsItIsElse) {
  const Host host(site("desktop", kLimitMs));
  const Handle held = begin(host, "PrlVm_Compact");
  const Handle job(PrlVm_Clone(host.vm, "second", "", PRL_FALSE));
  EXPECT_EQ(PrlJob_Wait(held, UINT32_MAX), PRL_ERR_SUCCESS);
  PrlSim_AdvanceTime(1);
  ASSERT_TRUE(is_under_way(job));
  EXPECT_EQ(additions_of(host.vm) & VMAS_CLONING, PRL_UINT32(VMAS_CLONING));
  EXPECT_EQ(finish(PrlJob_Cancel(job)), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlJob_Wait(job, 1000), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(job), PRL_ERR_OPERATION_WAS_CANCELED);
  EXPECT_EQ(additions_of(host.vm), PRL_UINT32(VMAS_NOSTATE));
}

// vm-lifecycle 8, invariant 34
TEST(LockWait, EndsWithTheSession) {
  const Host host(site("desktop", kLimitMs));
  const Handle other = new_server();
  ASSERT_EQ(finish(start_login(other)), PRL_ERR_SUCCESS);
  const Handle same_vm = vm_by_name(other, "vm");
  const Handle held = begin(host, "PrlVm_Compact");
  const Handle job(PrlVm_Delete(same_vm, kNoHandle));
  PrlSim_AdvanceTime(2);
  ASSERT_TRUE(is_under_way(job));
  ASSERT_EQ(finish(PrlSrv_Logoff(other)), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(job), PRL_ERR_WS_DISP_CONNECTION_CLOSED);
  EXPECT_EQ(PrlJob_Wait(held, UINT32_MAX), PRL_ERR_SUCCESS);
  PrlSim_AdvanceTime(kLimitMs);
  EXPECT_EQ(state_of(host.vm), VMS_STOPPED) << "it has not been deleted";
}

TEST(LockWait, IsOverWhenTheServiceShutsDown) {
  const Host host(site("desktop", kLimitMs));
  const Handle held = begin(host, "PrlVm_Move");
  const Handle job(PrlVm_Start(host.vm));
  PrlSim_AdvanceTime(2);
  ASSERT_TRUE(is_under_way(job));
  EXPECT_EQ(finish(PrlSrv_Shutdown(host.server, PRL_TRUE)), PRL_ERR_SUCCESS);
  PrlSim_AdvanceTime(kLimitMs);
  EXPECT_EQ(code_of(job), PRL_ERR_WS_DISP_CONNECTION_CLOSED);
  const Handle later = new_server();
  ASSERT_EQ(finish(start_login(later)), PRL_ERR_SUCCESS);
  EXPECT_EQ(state_of(vm_by_name(later, "vm")), VMS_STOPPED);
}

}  // namespace
}  // namespace prl::tests
