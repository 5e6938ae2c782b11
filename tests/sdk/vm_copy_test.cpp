// Clones, moves, mounts, archives and packs (vm-lifecycle 2.4 and 8).
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/sdk/session.h"

namespace prl::tests {
namespace {

constexpr const char* kVirtuozzo = "clock = \"virtual\"\nprofile = \"virtuozzo\"\n";

std::string home_of(PRL_HANDLE vm) {
  return text_of(
      [vm](PRL_STR text, PRL_UINT32_PTR length) { return PrlVmCfg_GetHomePath(vm, text, length); });
}

std::string tree_of(PRL_HANDLE vm) {
  const Handle job(PrlVm_GetSnapshotsTree(vm));
  Handle result;
  EXPECT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlJob_GetResult(job, result.out()), PRL_ERR_SUCCESS);
  return text_of([&](PRL_STR text, PRL_UINT32_PTR length) {
    return PrlResult_GetParamAsString(result, text, length);
  });
}

struct Host : Session {
  explicit Host(const std::string& scenario = kVirtualClock) : Session(scenario) {
    vm = unregistered_vm(server, "vm");
    Handle adapter;
    EXPECT_EQ(PrlVmCfg_CreateVmDev(vm, PDE_GENERIC_NETWORK_ADAPTER, adapter.out()),
              PRL_ERR_SUCCESS);
    PrlVmCfg_SetDescription(vm, "described");
    EXPECT_EQ(finish(PrlVm_Reg(vm, "", PRL_TRUE)), PRL_ERR_SUCCESS);
  }
  void reach(VIRTUAL_MACHINE_STATE state) const {
    EXPECT_EQ(finish(PrlVm_Start(vm)), PRL_ERR_SUCCESS);
    if (state == VMS_PAUSED) {
      EXPECT_EQ(finish(PrlVm_Pause(vm, PRL_FALSE)), PRL_ERR_SUCCESS);
    } else if (state == VMS_SUSPENDED) {
      EXPECT_EQ(finish(PrlVm_Suspend(vm)), PRL_ERR_SUCCESS);
    }
  }
  std::string snapshot() const {
    EXPECT_EQ(finish(PrlVm_CreateSnapshot(vm, "s", "")), PRL_ERR_SUCCESS);
    const std::string tree = tree_of(vm);
    return tree.substr(tree.rfind("guid=\"") + 6, 38);
  }

  Handle vm;
};

// vm-lifecycle 8, invariant 40
TEST(Clone, IsAStoppedVmWithAnIdentityOfItsOwn) {
  const Host host;
  ASSERT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_SUCCESS);
  PrlSim_AdvanceTime(5000);
  ASSERT_EQ(finish(PrlVm_Stop(host.vm, PRL_FALSE)), PRL_ERR_SUCCESS);
  host.snapshot();
  const std::string tree = tree_of(host.vm);
  const Handle clone = answer_of(PrlVm_Clone(host.vm, "copy", "", PRL_FALSE));
  EXPECT_EQ(name_of(clone), "copy");
  EXPECT_NE(uuid_of(clone), uuid_of(host.vm));
  EXPECT_NE(mac_of(clone), mac_of(host.vm));
  EXPECT_EQ(mac_of(clone).size(), 12u);
  EXPECT_EQ(state_of(clone), VMS_STOPPED);
  EXPECT_EQ(tree_of(clone), "");
  EXPECT_EQ(text_of([&](PRL_STR text, PRL_UINT32_PTR length) {
              return PrlVmCfg_GetDescription(clone, text, length);
            }),
            "described");
  PRL_UINT64 uptime = 1;
  PrlVmCfg_GetUptime(clone, &uptime);
  EXPECT_EQ(uptime, 0u);
  EXPECT_EQ(state_of(host.vm), VMS_STOPPED);
  EXPECT_EQ(tree_of(host.vm), tree);
  EXPECT_EQ(finish(PrlVm_Start(clone)), PRL_ERR_SUCCESS);
}

TEST(Clone, ShowsInTheAdditionalStateAndKeepsCommandsOut) {
  const Host host;
  EXPECT_EQ(additions_of(host.vm), PRL_UINT32(VMAS_NOSTATE));
  Recorder recorder(host.server);
  const PRL_HANDLE job = PrlVm_Clone(host.vm, "copy", "", PRL_FALSE);
  PrlSim_AdvanceTime(10);
  EXPECT_EQ(additions_of(host.vm), PRL_UINT32(VMAS_NOSTATE | VMAS_CLONING));
  EXPECT_EQ(state_of(host.vm), VMS_STOPPED);
  EXPECT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_VM_LOCKED_FOR_CLONE);
  EXPECT_EQ(finish(PrlVm_Delete(host.vm, kNoHandle)), PRL_ERR_VM_LOCKED_FOR_CLONE);
  EXPECT_EQ(finish(PrlVm_CreateSnapshot(host.vm, "", "")), PRL_ERR_VM_LOCKED_FOR_CLONE);
  ASSERT_EQ(finish(PrlVm_BeginEdit(host.vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_Commit(host.vm)), PRL_ERR_VM_LOCKED_FOR_CLONE);
  const auto seen = recorder.up_to_end_of(job);
  EXPECT_EQ(seen.back().code, PRL_ERR_SUCCESS);
  EXPECT_EQ(std::ranges::count(seen, PET_DSP_EVT_VM_ADDITION_STATE_CHANGED, &Seen::event), 2);
  EXPECT_EQ(std::ranges::count(seen, PET_DSP_EVT_VM_ADDED, &Seen::event), 1);
  EXPECT_TRUE(states_in(seen).empty());
  EXPECT_EQ(additions_of(host.vm), PRL_UINT32(VMAS_NOSTATE));
}

// vm-lifecycle 5.2
TEST(Clone, MayBeMadeTwiceAtATimeUnderDifferentNames) {
  const Host host;
  Recorder recorder(host.server);
  const Handle first(PrlVm_Clone(host.vm, "one", "", PRL_FALSE));
  const Handle second(PrlVm_Clone(host.vm, "two", "", PRL_FALSE));
  const Handle twin(PrlVm_Clone(host.vm, "two", "", PRL_FALSE));
  for (const Handle* job : {&first, &second, &twin}) PrlJob_Wait(*job, UINT32_MAX);
  EXPECT_EQ(code_of(first), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(second), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(twin), PRL_ERR_VM_ALREADY_REGISTERED_VM_NAME);
  EXPECT_EQ(additions_of(host.vm), PRL_UINT32(VMAS_NOSTATE));
  const auto seen = recorder.up_to_end_of(PrlVm_GetState(host.vm));
  EXPECT_EQ(std::ranges::count(seen, PET_DSP_EVT_VM_ADDITION_STATE_CHANGED, &Seen::event), 2)
      << "when the first begins and when the last ends";
}

// vm-lifecycle 8, invariant 22
TEST(Clone, OfALiveOrSuspendedVmIsRefusedWithoutATrace) {
  for (const auto state : {VMS_RUNNING, VMS_PAUSED, VMS_SUSPENDED}) {
    const Host host;
    host.reach(state);
    Recorder recorder(host.server);
    const auto seen = recorder.up_to_end_of(PrlVm_Clone(host.vm, "copy", "", PRL_FALSE));
    EXPECT_EQ(seen.back().code, state == VMS_SUSPENDED ? PRL_ERR_DISP_VM_COMMAND_CANT_BE_EXECUTED
                                                       : PRL_ERR_VM_LOCKED_FOR_EXECUTE);
    EXPECT_EQ(seen.size(), 1u);
    EXPECT_EQ(additions_of(host.vm), PRL_UINT32(VMAS_NOSTATE));
    EXPECT_EQ(state_of(host.vm), state);
  }
}

TEST(Clone, NeedsANameThatNobodyHasAndAnAbsolutePath) {
  const Host host;
  EXPECT_EQ(finish(PrlVm_Clone(host.vm, "", "", PRL_FALSE)), PRL_ERR_VM_EMPTY_NAME_OF_CLONE);
  EXPECT_EQ(finish(PrlVm_Clone(host.vm, "vm", "", PRL_FALSE)),
            PRL_ERR_VM_ALREADY_REGISTERED_VM_NAME);
  EXPECT_EQ(finish(PrlVm_Clone(host.vm, "copy", "relative", PRL_FALSE)),
            PRL_ERR_VMDIR_PATH_IS_NOT_ABSOLUTE);
}

TEST(Clone, GoesBelowTheFolderThatIsNamed) {
  const Host host;
  const Handle clone = answer_of(PrlVm_Clone(host.vm, "copy", "/elsewhere", PRL_FALSE));
  EXPECT_EQ(home_of(clone), "/elsewhere/copy.pvm/config.pvs");
  ASSERT_EQ(finish(PrlVm_Unreg(clone)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_Clone(host.vm, "copy", "/elsewhere", PRL_FALSE)),
            PRL_ERR_FILE_OR_DIR_ALREADY_EXISTS);
}

TEST(CloneWithUuid, TakesTheUuidThatItIsGiven) {
  const Host host;
  const std::string uuid = "{12345678-1234-4234-8234-123456789abc}";
  const Handle clone = answer_of(PrlVm_CloneWithUuid(host.vm, "copy", uuid.c_str(), "", 0));
  EXPECT_EQ(uuid_of(clone), uuid);
  EXPECT_EQ(finish(PrlVm_CloneWithUuid(host.vm, "other", uuid.c_str(), "", 0)),
            PRL_ERR_VM_ALREADY_REGISTERED_VM_UUID);
  EXPECT_EQ(finish(PrlVm_CloneWithUuid(host.vm, "other", "no uuid", "", 0)), PRL_ERR_INVALID_ARG);
  EXPECT_EQ(finish(PrlVm_CloneWithUuid(host.vm, "other", "", "", 0)), PRL_ERR_SUCCESS);
}

TEST(Clone, MayBeATemplateAndBackAgain) {
  const Host host;
  const Handle made = answer_of(PrlVm_Clone(host.vm, "template", "", PRL_TRUE));
  PRL_BOOL is_template = PRL_FALSE;
  EXPECT_EQ(PrlVmCfg_IsTemplate(made, &is_template), PRL_ERR_SUCCESS);
  EXPECT_EQ(is_template, PRL_BOOL(PRL_TRUE));
  EXPECT_EQ(finish(PrlVm_Start(made)), PRL_ERR_CANT_TO_START_VM_TEMPLATE);
  const Handle deployed = answer_of(PrlVm_CloneEx(made, "deployed", "", 0));
  EXPECT_EQ(PrlVmCfg_IsTemplate(deployed, &is_template), PRL_ERR_SUCCESS);
  EXPECT_EQ(is_template, PRL_BOOL(PRL_FALSE));
  EXPECT_EQ(finish(PrlVm_Start(deployed)), PRL_ERR_SUCCESS);
}

TEST(LinkedClone, NamesItsOriginalAndTakesASnapshotWhereThereIsNone) {
  const Host host;
  const Handle clone = answer_of(PrlVm_CloneEx(host.vm, "linked", "", PCVF_LINKED_CLONE));
  EXPECT_EQ(text_of([&](PRL_STR text, PRL_UINT32_PTR length) {
              return PrlVmCfg_GetLinkedVmUuid(clone, text, length);
            }),
            uuid_of(host.vm));
  const std::string tree = tree_of(host.vm);
  EXPECT_NE(tree, "");
  EXPECT_EQ(finish(PrlVm_CloneEx(host.vm, "second", "", PCVF_LINKED_CLONE)), PRL_ERR_SUCCESS);
  EXPECT_EQ(tree_of(host.vm), tree) << "one snapshot serves both";
  EXPECT_EQ(state_of(host.vm), VMS_STOPPED);
}

TEST(LinkedClone, HasTheConfigurationOfItsSnapshot) {
  const Host host;
  const std::string uuid = host.snapshot();
  ASSERT_EQ(finish(PrlVm_BeginEdit(host.vm)), PRL_ERR_SUCCESS);
  PrlVmCfg_SetDescription(host.vm, "later");
  ASSERT_EQ(finish(PrlVm_Commit(host.vm)), PRL_ERR_SUCCESS);
  const Handle clone = answer_of(PrlVm_LinkedClone(host.vm, "linked", "", uuid.c_str(), 0));
  EXPECT_EQ(text_of([&](PRL_STR text, PRL_UINT32_PTR length) {
              return PrlVmCfg_GetDescription(clone, text, length);
            }),
            "described");
}

TEST(LinkedClone, NeedsASnapshotWithoutMemory) {
  const Host host;
  EXPECT_EQ(finish(PrlVm_LinkedClone(host.vm, "linked", "", "no uuid", 0)),
            PRL_ERR_VM_SNAPSHOT_NOT_FOUND);
  ASSERT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_SUCCESS);
  const std::string uuid = host.snapshot();
  ASSERT_EQ(finish(PrlVm_Stop(host.vm, PRL_FALSE)), PRL_ERR_SUCCESS);
  for (const std::string& named : {uuid, std::string()}) {
    EXPECT_EQ(finish(PrlVm_LinkedClone(host.vm, "linked", "", named.c_str(), 0)),
              PRL_ERR_LINKED_CLONE_WRONG_SNAPSHOT_STATE)
        << "the current one: " << named;
  }
}

// vm-lifecycle 5.2, rules 1, 5 and 15
TEST(LinkedClone, IsMadeByItself) {
  const Host host;
  host.snapshot();
  const auto clone_beside = [&host](PRL_UINT32 first, PRL_UINT32 second) {
    const Handle under_way(PrlVm_CloneEx(host.vm, "first", "", first));
    const PRL_RESULT code = finish(PrlVm_CloneEx(host.vm, "second", "", second));
    finish(PrlJob_Cancel(under_way));
    return code;
  };
  EXPECT_EQ(clone_beside(PCVF_LINKED_CLONE, 0), PRL_ERR_VM_LOCKED_FOR_CLONE);
  EXPECT_EQ(clone_beside(0, PCVF_LINKED_CLONE), PRL_ERR_VM_LOCKED_FOR_CLONE);
  EXPECT_EQ(clone_beside(PCVF_LINKED_CLONE, PCVF_LINKED_CLONE), PRL_ERR_VM_LOCKED_FOR_CLONE);
  EXPECT_EQ(clone_beside(0, 0), PRL_ERR_SUCCESS);
}

TEST(Move, TakesImageAndSnapshotsAlong) {
  const Host host;
  host.reach(VMS_SUSPENDED);
  const std::string uuid = host.snapshot();
  Recorder recorder(host.server);
  const auto seen = recorder.up_to_end_of(PrlVm_Move(host.vm, "/new/place", 0));
  EXPECT_EQ(seen.back().code, PRL_ERR_SUCCESS);
  EXPECT_EQ(std::ranges::count(seen, PET_DSP_EVT_VM_CONFIG_CHANGED, &Seen::event), 1);
  EXPECT_EQ(home_of(host.vm), "/new/place/vm.pvm/config.pvs");
  EXPECT_EQ(state_of(host.vm), VMS_SUSPENDED);
  EXPECT_EQ(finish(PrlVm_Resume(host.vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_SwitchToSnapshot(host.vm, uuid.c_str())), PRL_ERR_SUCCESS);
}

TEST(Move, NeedsAVmAtRestAndAFreePlace) {
  const Host host;
  EXPECT_EQ(finish(PrlVm_Move(host.vm, nullptr, 0)), PRL_ERR_INVALID_ARG);
  EXPECT_EQ(finish(PrlVm_Move(host.vm, "", 0)), PRL_ERR_INVALID_ARG);
  EXPECT_EQ(finish(PrlVm_Move(host.vm, "relative", 0)), PRL_ERR_VMDIR_PATH_IS_NOT_ABSOLUTE);
  const std::string home = home_of(host.vm);
  EXPECT_EQ(finish(PrlVm_Move(host.vm, home.substr(0, home.rfind('/')).c_str(), 0)),
            PRL_ERR_VMDIR_INVALID_PATH);
  const std::string parent = home.substr(0, home.rfind("/vm.pvm"));
  EXPECT_EQ(finish(PrlVm_Move(host.vm, parent.c_str(), 0)), PRL_ERR_FILE_OR_DIR_ALREADY_EXISTS);
  ASSERT_EQ(finish(PrlVm_StartEx(host.vm, PSM_VM_START, 0)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_Move(host.vm, "/new", 0)), PRL_ERR_VM_LOCKED_FOR_EXECUTE_EX);
  EXPECT_EQ(home_of(host.vm), home);
}

// vm-lifecycle 2.4
TEST(Move, TakesALiveVmOfVirtuozzoAlongThatGoesOn) {
  for (const auto state : {VMS_RUNNING, VMS_PAUSED}) {
    const Host host(kVirtuozzo);
    host.reach(state);
    const PRL_UINT32 written = 4711;
    ASSERT_EQ(PrlSim_WriteGuestMemory(host.vm, 4096, &written, sizeof written), PRL_ERR_SUCCESS);
    Recorder recorder(host.server);
    const Handle job(PrlVm_Move(host.vm, "/new", 0));
    PrlSim_AdvanceTime(10);
    EXPECT_EQ(additions_of(host.vm), PRL_UINT32(VMAS_NOSTATE | VMAS_MOVING));
    EXPECT_EQ(state_of(host.vm), state);
    EXPECT_EQ(finish(PrlVm_Suspend(host.vm)), PRL_ERR_VM_LOCKED_FOR_MOVE);
    ASSERT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
    EXPECT_EQ(code_of(job), PRL_ERR_SUCCESS);
    const auto seen = recorder.up_to_end_of(PrlVm_GetState(host.vm));
    EXPECT_EQ(states_in(seen), std::vector<PRL_INT32>()) << "its state has not changed";
    EXPECT_EQ(std::ranges::count(seen, PET_DSP_EVT_VM_CONFIG_CHANGED, &Seen::event), 1);
    EXPECT_EQ(home_of(host.vm), "/new/vm.pvm/config.pvs");
    EXPECT_EQ(state_of(host.vm), state);
    ASSERT_EQ(finish(PrlVm_Suspend(host.vm)), PRL_ERR_SUCCESS);
    EXPECT_EQ(text_of([&](PRL_STR text, PRL_UINT32_PTR length) {
                return PrlSim_GetImagePath(host.vm, text, length);
              }).find("/new/vm.pvm/"),
              0u);
    ASSERT_EQ(finish(PrlVm_Resume(host.vm)), PRL_ERR_SUCCESS);
    PRL_UINT32 read = 0;
    EXPECT_EQ(PrlSim_ReadGuestMemory(host.vm, 4096, &read, sizeof read), PRL_ERR_SUCCESS);
    EXPECT_EQ(read, written);
  }
}

constexpr const char* kMovesBeforeItSuspends =
    "[latency]\nmove = { ms = 100 }\nsuspend = { ms = 1000 }\n";

TEST(Move, WaitsForAGuestThatSavesItselfMeanwhile) {
  const Host host(std::string(kVirtuozzo) + kMovesBeforeItSuspends);
  host.reach(VMS_RUNNING);
  Recorder recorder(host.server);
  const Handle job(PrlVm_Move(host.vm, "/new", 0));
  ASSERT_EQ(PrlSim_Strike("guest_hibernate", "vm", 50), PRL_ERR_SUCCESS);
  ASSERT_EQ(PrlJob_Wait(job, 500), PRL_ERR_TIMEOUT);
  EXPECT_EQ(additions_of(host.vm) & VMAS_MOVING, PRL_UINT32(VMAS_MOVING));
  ASSERT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(job), PRL_ERR_SUCCESS);
  EXPECT_EQ(state_of(host.vm), VMS_SUSPENDED);
  EXPECT_EQ(home_of(host.vm), "/new/vm.pvm/config.pvs");
  const auto seen = recorder.up_to_end_of(PrlVm_GetState(host.vm));
  EXPECT_EQ(std::ranges::count(seen, PET_DSP_EVT_VM_ADDITION_STATE_CHANGED, &Seen::event), 2)
      << "when it begins and when it ends";
  EXPECT_EQ(finish(PrlVm_Resume(host.vm)), PRL_ERR_SUCCESS);
}

TEST(Move, CanBeCancelledWhileItWaitsForTheGuest) {
  const Host host(std::string(kVirtuozzo) + kMovesBeforeItSuspends);
  host.reach(VMS_RUNNING);
  const std::string home = home_of(host.vm);
  const Handle job(PrlVm_Move(host.vm, "/new", 0));
  ASSERT_EQ(PrlSim_Strike("guest_hibernate", "vm", 50), PRL_ERR_SUCCESS);
  ASSERT_EQ(PrlJob_Wait(job, 500), PRL_ERR_TIMEOUT);
  EXPECT_EQ(finish(PrlJob_Cancel(job)), PRL_ERR_SUCCESS);
  ASSERT_EQ(PrlJob_Wait(job, 0), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(job), PRL_ERR_OPERATION_WAS_CANCELED);
  PrlSim_AdvanceTime(2000);
  EXPECT_EQ(state_of(host.vm), VMS_SUSPENDED);
  EXPECT_EQ(home_of(host.vm), home);
  EXPECT_EQ(finish(PrlVm_Resume(host.vm)), PRL_ERR_SUCCESS);
}

// The folder goes on without it.
TEST(Move, EndsWellWhereTheProcessOfTheVmDiesMeanwhile) {
  const Host host(std::string(kVirtuozzo) + "[latency]\nmove = { ms = 100 }\n");
  host.reach(VMS_RUNNING);
  Recorder recorder(host.server);
  const Handle job(PrlVm_Move(host.vm, "/new", 0));
  ASSERT_EQ(PrlSim_Strike("kill_vm", "vm", 50), PRL_ERR_SUCCESS);
  ASSERT_EQ(PrlJob_Wait(job, 60), PRL_ERR_TIMEOUT);
  EXPECT_EQ(additions_of(host.vm) & VMAS_MOVING, PRL_UINT32(VMAS_MOVING));
  ASSERT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(job), PRL_ERR_SUCCESS);
  const auto seen = recorder.up_to_end_of(PrlVm_GetState(host.vm));
  EXPECT_EQ(states_in(seen), std::vector<PRL_INT32>{VMS_STOPPED});
  EXPECT_EQ(state_of(host.vm), VMS_STOPPED);
  EXPECT_EQ(home_of(host.vm), "/new/vm.pvm/config.pvs");
  EXPECT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_SUCCESS);
}

TEST(Move, OfVirtuozzoLeavesAVmAloneThatIsOnItsWay) {
  const Host host(kVirtuozzo);
  const Handle start(PrlVm_Start(host.vm));
  EXPECT_EQ(finish(PrlVm_Move(host.vm, "/new", 0)), PRL_ERR_VM_LOCKED_FOR_EXECUTE);
  EXPECT_EQ(PrlJob_Wait(start, UINT32_MAX), PRL_ERR_SUCCESS);
  const Handle suspend(PrlVm_Suspend(host.vm));
  EXPECT_EQ(finish(PrlVm_Move(host.vm, "/new", 0)), PRL_ERR_VM_LOCKED_FOR_INTERNAL_REASON);
  EXPECT_EQ(PrlJob_Wait(suspend, UINT32_MAX), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(suspend), PRL_ERR_SUCCESS);
}

std::string mount_info_of(PRL_HANDLE vm) {
  const Handle job(PrlVm_Mount(vm, nullptr, PMVD_INFO));
  Handle result;
  EXPECT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlJob_GetResult(job, result.out()), PRL_ERR_SUCCESS);
  return text_of([&](PRL_STR text, PRL_UINT32_PTR length) {
    return PrlResult_GetParamAsString(result, text, length);
  });
}

// vm-lifecycle 8, invariant 52
TEST(Mount, GoesFromStoppedToMountedAndBackOnly) {
  const Host host;
  EXPECT_EQ(finish(PrlVm_Umount(host.vm, 0)), PRL_ERR_VM_UNMOUNT_OBSOLETE);
  EXPECT_EQ(mount_info_of(host.vm), "");
  Recorder recorder(host.server);
  auto seen = recorder.up_to_end_of(PrlVm_Mount(host.vm, "/mnt/vm", PMVD_READ_WRITE));
  EXPECT_EQ(states_in(seen), std::vector<PRL_INT32>{VMS_MOUNTED_OBSOLETE});
  EXPECT_EQ(mount_info_of(host.vm), "/mnt/vm");
  EXPECT_EQ(finish(PrlVm_Mount(host.vm, nullptr, 0)), PRL_ERR_VM_MOUNT_OBSOLETE);
  EXPECT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_VM_LOCKED_FOR_INTERNAL_REASON);
  EXPECT_EQ(finish(PrlVm_Delete(host.vm, kNoHandle)), PRL_ERR_VM_LOCKED_FOR_INTERNAL_REASON);
  EXPECT_EQ(finish(PrlVm_Umount(host.vm, 0)), PRL_ERR_SUCCESS);
  EXPECT_EQ(state_of(host.vm), VMS_STOPPED);
  host.reach(VMS_RUNNING);
  EXPECT_EQ(finish(PrlVm_Mount(host.vm, nullptr, 0)), PRL_ERR_DISP_VM_IS_NOT_STOPPED);
  EXPECT_EQ(finish(PrlVm_Suspend(host.vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_Mount(host.vm, nullptr, 0)), PRL_ERR_CANT_EDIT_SUSPENDED_VM);
}

// vm-lifecycle 2.4: beside what the VM is, which goes on.
TEST(Mount, ForReadingOnlyGoesBesideAVmThatIsAtWorkOrSuspended) {
  for (const auto state : {VMS_RUNNING, VMS_PAUSED, VMS_SUSPENDED}) {
    const Host host;
    host.reach(state);
    EXPECT_EQ(finish(PrlVm_Umount(host.vm, 0)), PRL_ERR_VM_UNMOUNT_OBSOLETE);
    Recorder recorder(host.server);
    EXPECT_EQ(finish(PrlVm_Mount(host.vm, "/mnt/vm", PMVD_READ_ONLY)), PRL_ERR_SUCCESS);
    EXPECT_EQ(mount_info_of(host.vm), "/mnt/vm");
    EXPECT_EQ(finish(PrlVm_Mount(host.vm, "", PMVD_READ_ONLY)), PRL_ERR_VM_MOUNT_OBSOLETE);
    EXPECT_EQ(finish(PrlVm_Umount(host.vm, 0)), PRL_ERR_SUCCESS);
    EXPECT_EQ(mount_info_of(host.vm), "");
    EXPECT_EQ(finish(PrlVm_Umount(host.vm, 0)), PRL_ERR_VM_UNMOUNT_OBSOLETE);
    EXPECT_TRUE(states_in(recorder.up_to_end_of(PrlVm_GetState(host.vm))).empty());
    EXPECT_EQ(state_of(host.vm), state);
    EXPECT_EQ(finish(PrlVm_Mount(host.vm, "", PMVD_READ_ONLY)), PRL_ERR_SUCCESS);
    EXPECT_EQ(finish(PrlVm_Start(host.vm)),
              state == VMS_RUNNING ? PRL_ERR_DISP_VM_IS_NOT_STOPPED : PRL_ERR_SUCCESS);
    ASSERT_EQ(finish(PrlVm_Stop(host.vm, PRL_FALSE)), PRL_ERR_SUCCESS);
    EXPECT_EQ(finish(PrlVm_Mount(host.vm, "", 0)), PRL_ERR_VM_MOUNT_OBSOLETE) << "still";
    EXPECT_EQ(finish(PrlVm_Umount(host.vm, 0)), PRL_ERR_SUCCESS);
    EXPECT_EQ(state_of(host.vm), VMS_STOPPED);
  }
}

TEST(Archive, PutsAVmAwayUntilItIsTakenBack) {
  const Host host;
  EXPECT_EQ(finish(PrlVm_Unarchive(host.vm, 0)), PRL_ERR_INVALID_ACTION_REQUESTED);
  const Handle job(PrlVm_Archive(host.vm, 0));
  PrlSim_AdvanceTime(10);
  EXPECT_EQ(additions_of(host.vm), PRL_UINT32(VMAS_NOSTATE | VMAS_ARCHIVING));
  ASSERT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(job), PRL_ERR_SUCCESS);
  ASSERT_EQ(finish(PrlVm_RefreshConfig(host.vm)), PRL_ERR_SUCCESS);
  PRL_BOOL is_archived = PRL_FALSE;
  EXPECT_EQ(PrlVmCfg_IsArchived(host.vm, &is_archived), PRL_ERR_SUCCESS);
  EXPECT_EQ(is_archived, PRL_BOOL(PRL_TRUE));
  EXPECT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_VM_LOCKED_FOR_ARCHIVE);
  EXPECT_EQ(finish(PrlVm_Clone(host.vm, "copy", "", PRL_FALSE)), PRL_ERR_VM_LOCKED_FOR_ARCHIVE);
  EXPECT_EQ(finish(PrlVm_Pack(host.vm, 0)), PRL_ERR_CANT_PACK_ARCHIVE_VM);
  EXPECT_EQ(finish(PrlVm_Archive(host.vm, 0)), PRL_ERR_VM_LOCKED_FOR_ARCHIVE);
  EXPECT_EQ(finish(PrlVm_Unarchive(host.vm, 0)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_Archive(host.vm, 0)), PRL_ERR_VM_LOCKED_FOR_EXECUTE);
}

TEST(Pack, PutsAVmAwayUntilItIsUnpacked) {
  const Host host;
  EXPECT_EQ(finish(PrlVm_Unpack(host.vm, 0)), PRL_ERR_PACKED_VM_DOESNT_EXIST);
  ASSERT_EQ(finish(PrlVm_Pack(host.vm, 0)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_DISP_PACKED_VM_COMMAND_CANT_BE_EXECUTED);
  EXPECT_EQ(finish(PrlVm_Archive(host.vm, 0)), PRL_ERR_DISP_PACKED_VM_COMMAND_CANT_BE_EXECUTED);
  EXPECT_EQ(finish(PrlVm_Delete(host.vm, kNoHandle)), PRL_ERR_CANT_REMOVE_PACKED_VM);
  EXPECT_EQ(finish(PrlVm_Unpack(host.vm, 0)), PRL_ERR_SUCCESS);
  host.reach(VMS_SUSPENDED);
  EXPECT_EQ(finish(PrlVm_Pack(host.vm, 0)), PRL_ERR_DISP_VM_COMMAND_CANT_BE_EXECUTED);
}

TEST(Restore, AnswersTheRegisteredVmInAnyState) {
  const Host host;
  host.reach(VMS_RUNNING);
  EXPECT_EQ(uuid_of(answer_of(PrlVm_Restore(host.vm))), uuid_of(host.vm));
  const Handle unknown = unregistered_vm(host.server, "unknown");
  EXPECT_EQ(finish(PrlVm_Restore(unknown)), PRL_ERR_VM_UUID_NOT_FOUND);
}

}  // namespace
}  // namespace prl::tests
