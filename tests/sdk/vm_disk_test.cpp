// Disks and other files in the folder of a VM, and migrations that lead nowhere (vm-lifecycle 2.4).
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/sdk/session.h"

namespace prl::tests {
namespace {

// A VM with an expanding disk at the first place of IDE and one at the second of SATA.
struct Host : Session {
  Host() {
    vm = unregistered_vm(server, "vm");
    add_disk(PMS_IDE_DEVICE, 0);
    add_disk(PMS_SATA_DEVICE, 1);
    EXPECT_EQ(finish(PrlVm_Reg(vm, "", PRL_TRUE)), PRL_ERR_SUCCESS);
  }
  void add_disk(PRL_MASS_STORAGE_INTERFACE_TYPE interface, PRL_UINT32 place) const {
    Handle disk;
    EXPECT_EQ(PrlVmCfg_CreateVmDev(vm, PDE_HARD_DISK, disk.out()), PRL_ERR_SUCCESS);
    EXPECT_EQ(PrlVmDev_SetIfaceType(disk, interface), PRL_ERR_SUCCESS);
    EXPECT_EQ(PrlVmDev_SetStackIndex(disk, place), PRL_ERR_SUCCESS);
    EXPECT_EQ(PrlVmDevHd_SetDiskType(disk, PHD_EXPANDING_HARD_DISK), PRL_ERR_SUCCESS);
  }
  PRL_HARD_DISK_INTERNAL_FORMAT format(PRL_UINT32 index) const {
    EXPECT_EQ(finish(PrlVm_RefreshConfig(vm)), PRL_ERR_SUCCESS);
    Handle disk;
    EXPECT_EQ(PrlVmCfg_GetHardDisk(vm, index, disk.out()), PRL_ERR_SUCCESS);
    PRL_HARD_DISK_INTERNAL_FORMAT format = PHD_EXPANDING_HARD_DISK;
    EXPECT_EQ(PrlVmDevHd_GetDiskType(disk, &format), PRL_ERR_SUCCESS);
    return format;
  }

  Handle vm;
};

TEST(ConvertDisks, ChangesTheDisksOfTheMaskAndNoOther) {
  const Host host;
  EXPECT_EQ(finish(PrlVm_ConvertDisks(host.vm, PIM_SATA_0_1, PCVD_TO_PLAIN_DISK)), PRL_ERR_SUCCESS);
  EXPECT_EQ(host.format(0), PHD_EXPANDING_HARD_DISK);
  EXPECT_EQ(host.format(1), PHD_PLAIN_HARD_DISK);
  EXPECT_EQ(finish(PrlVm_ConvertDisks(host.vm, PIM_ALL_DISKS, PCVD_TO_EXPANDING_DISK)),
            PRL_ERR_SUCCESS);
  EXPECT_EQ(host.format(1), PHD_EXPANDING_HARD_DISK);
}

TEST(ConvertDisks, NamesWhyNot) {
  const Host host;
  EXPECT_EQ(finish(PrlVm_ConvertDisks(host.vm, PIM_SCSI_0_0, PCVD_TO_PLAIN_DISK)),
            PRL_ERR_CONV_HD_NO_ONE_DISK_FOR_CONVERSION);
  EXPECT_EQ(finish(PrlVm_ConvertDisks(host.vm, PIM_ALL_DISKS,
                                      PCVD_TO_PLAIN_DISK | PCVD_TO_EXPANDING_DISK)),
            PRL_ERR_CONV_HD_CONFLICT);
  ASSERT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_ConvertDisks(host.vm, PIM_ALL_DISKS, PCVD_TO_PLAIN_DISK)),
            PRL_ERR_CONV_HD_WRONG_VM_STATE);
  ASSERT_EQ(finish(PrlVm_Suspend(host.vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_ConvertDisks(host.vm, PIM_ALL_DISKS, PCVD_TO_PLAIN_DISK)),
            PRL_ERR_SUCCESS);
}

TEST(ConvertDisks, CanBeCancelledAndThenChangesNothing) {
  for (const bool by_flag : {false, true}) {
    const Host host;
    EXPECT_EQ(finish(PrlVm_CancelConvertDisks(host.vm, 0)), PRL_ERR_TASK_NOT_FOUND);
    const Handle job(PrlVm_ConvertDisks(host.vm, PIM_ALL_DISKS, PCVD_TO_PLAIN_DISK));
    PrlSim_AdvanceTime(10);
    EXPECT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_VM_LOCKED_FOR_DISK_CONVERT);
    EXPECT_EQ(finish(by_flag ? PrlVm_ConvertDisks(host.vm, 0, PCVD_CANCEL)
                             : PrlVm_CancelConvertDisks(host.vm, 0)),
              PRL_ERR_SUCCESS);
    ASSERT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
    EXPECT_EQ(code_of(job), PRL_ERR_OPERATION_WAS_CANCELED);
    EXPECT_EQ(host.format(0), PHD_EXPANDING_HARD_DISK);
    EXPECT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_SUCCESS);
  }
}

TEST(Compact, GoesThroughItsStateOnlyWhenTheVmIsStopped) {
  const Host host;
  Recorder recorder(host.server);
  const auto seen = recorder.up_to_end_of(PrlVm_Compact(host.vm, PIM_ALL_DISKS, 0));
  EXPECT_EQ(seen.back().code, PRL_ERR_SUCCESS);
  EXPECT_EQ(states_in(seen), (std::vector<PRL_INT32>{VMS_COMPACTING, VMS_STOPPED}));
  EXPECT_EQ(std::ranges::count(seen, PET_DSP_EVT_VM_COMPACT_PROCESSING, &Seen::event), 1);
  EXPECT_EQ(std::ranges::count(seen, PET_DSP_EVT_VM_COMPACT_FINISHED, &Seen::event), 1);
  ASSERT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_Compact(host.vm, PIM_ALL_DISKS, 0)), PRL_ERR_SUCCESS);
  EXPECT_EQ(state_of(host.vm), VMS_RUNNING);
  EXPECT_EQ(finish(PrlVm_Compact(host.vm, 0, 0)), PRL_ERR_INVALID_ARG);
}

TEST(Compact, NeedsAVmThatIsStoppedOrRunsAndAnExpandingDisk) {
  const Host host;
  EXPECT_EQ(finish(PrlVm_Compact(host.vm, PIM_SCSI_0_0, 0)), PRL_ERR_VM_HARD_DISK_NOT_COMPACTABLE);
  ASSERT_EQ(finish(PrlVm_ConvertDisks(host.vm, PIM_IDE_0_0, PCVD_TO_PLAIN_DISK)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_Compact(host.vm, PIM_IDE_0_0, 0)), PRL_ERR_VM_HARD_DISK_NOT_COMPACTABLE);
  EXPECT_EQ(finish(PrlVm_Compact(host.vm, PIM_ALL_DISKS, PCM_HARD_DISKS_INFO)),
            PRL_ERR_UNIMPLEMENTED);
  ASSERT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_SUCCESS);
  ASSERT_EQ(finish(PrlVm_Pause(host.vm, PRL_FALSE)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_Compact(host.vm, PIM_ALL_DISKS, 0)), PRL_ERR_COMPACT_WRONG_VM_STATE);
  ASSERT_EQ(finish(PrlVm_Suspend(host.vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_Compact(host.vm, PIM_ALL_DISKS, 0)), PRL_ERR_COMPACT_WRONG_VM_STATE);
}

TEST(Compact, CanBeCancelled) {
  const Host host;
  EXPECT_EQ(finish(PrlVm_CancelCompact(host.vm)), PRL_ERR_TASK_NOT_FOUND);
  const Handle job(PrlVm_Compact(host.vm, PIM_ALL_DISKS, 0));
  PrlSim_AdvanceTime(10);
  EXPECT_EQ(state_of(host.vm), VMS_COMPACTING);
  EXPECT_EQ(finish(PrlVm_Delete(host.vm, kNoHandle)), PRL_ERR_VM_LOCKED_FOR_DISK_COMPACT);
  EXPECT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_DISP_VM_COMMAND_CANT_BE_EXECUTED);
  EXPECT_EQ(finish(PrlVm_CancelCompact(host.vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(status_of(job), PJS_FINISHED);
  EXPECT_EQ(code_of(job), PRL_ERR_OPERATION_WAS_CANCELED);
  EXPECT_EQ(state_of(host.vm), VMS_STOPPED);
  PrlSim_AdvanceTime(1000);
  EXPECT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_SUCCESS);
}

TEST(GenerateVmDevFilename, AvoidsWhatIsThere) {
  const Host host;
  const auto name = [&](const char* prefix, const char* suffix) {
    const Handle job(PrlVm_GenerateVmDevFilename(host.vm, prefix, suffix, "-"));
    Handle result;
    EXPECT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
    EXPECT_EQ(PrlJob_GetResult(job, result.out()), PRL_ERR_SUCCESS);
    return text_of([&](PRL_STR text, PRL_UINT32_PTR length) {
      return PrlResult_GetParamAsString(result, text, length);
    });
  };
  EXPECT_EQ(name("harddisk", ".hdd"), "harddisk.hdd");
  EXPECT_EQ(name("config", ".pvs"), "config.pvs");
  ASSERT_EQ(finish(PrlVm_Restore(host.vm)), PRL_ERR_SUCCESS);  // writes that file
  EXPECT_EQ(name("config", ".pvs"), "config-1.pvs");
}

TEST(UpdateNvram, NeedsAStoppedVmWithEfiAndSomethingToDo) {
  const Host host;
  EXPECT_EQ(finish(PrlVm_UpdateNvram(host.vm)), PRL_ERR_UPDATE_NVRAM_EFI_DISABLED);
  ASSERT_EQ(finish(PrlVm_BeginEdit(host.vm)), PRL_ERR_SUCCESS);
  PrlVmCfg_SetEfiEnabled(host.vm, PRL_TRUE);
  ASSERT_EQ(finish(PrlVm_Commit(host.vm)), PRL_ERR_SUCCESS);
  ASSERT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_UpdateNvram(host.vm)), PRL_ERR_UPDATE_NVRAM_VM_IS_RUNNING);
  ASSERT_EQ(finish(PrlVm_Stop(host.vm, PRL_FALSE)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_UpdateNvram(host.vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_UpdateNvram(host.vm)), PRL_ERR_UPDATE_NVRAM_ALREADY_UPDATED);
}

// A guest with Windows: tests/simulator/world_requests_test.cpp.
TEST(ChangeSid, IsForNoOtherGuestThanWindows) {
  const Host host;
  EXPECT_EQ(finish(PrlVm_ChangeSid(host.vm, 0)), PRL_ERR_CHANGESID_NOT_SUPPORTED);
}

TEST(Migrate, FindsNoOtherHost) {
  const Host host;
  const Handle target = new_server();
  EXPECT_EQ(finish(PrlVm_Migrate(host.vm, target, "", 0, 0, PRL_TRUE)),
            PRL_ERR_NOT_CONNECTED_TO_DISPATCHER);
  ASSERT_EQ(finish(start_login(target)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_Migrate(host.vm, target, "", 0, 0, PRL_TRUE)),
            PRL_ERR_VM_MIGRATE_TO_THE_SAME_NODE_OBSOLETE);
  EXPECT_EQ(finish(PrlVm_MigrateWithRename(host.vm, target, "new", "", 0, 0, PRL_TRUE)),
            PRL_ERR_VM_MIGRATE_TO_THE_SAME_NODE_OBSOLETE);
  EXPECT_EQ(finish(PrlVm_MigrateEx(host.vm, "localhost", 0, "", "", 0, 0, PRL_TRUE)),
            PRL_ERR_VM_MIGRATE_TO_THE_SAME_NODE_OBSOLETE);
  EXPECT_EQ(finish(PrlVm_MigrateEx(host.vm, "far.away", 0, "", "", 0, 0, PRL_TRUE)),
            PRL_ERR_CANT_CONNECT_TO_DISPATCHER);
  EXPECT_EQ(finish(PrlVm_MigrateWithRenameEx(host.vm, "far.away", 0, "", "", "", 0, 0, PRL_TRUE)),
            PRL_ERR_CANT_CONNECT_TO_DISPATCHER);
  EXPECT_EQ(finish(PrlVm_MigrateCancel(host.vm)), PRL_ERR_TASK_NOT_FOUND);
  EXPECT_EQ(state_of(host.vm), VMS_STOPPED);
}

}  // namespace
}  // namespace prl::tests
