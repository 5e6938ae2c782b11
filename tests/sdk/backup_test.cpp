// Backups that the host keeps: how they are made, listed and removed (config-model 10,
// vm-lifecycle 5).
#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "tests/sdk/backup_host.h"

namespace prl::tests {
namespace {

TEST(ABackup, StandsInTheTreeWithAllThatIsKnownOfIt) {
  const Host host;
  EXPECT_EQ(tree_of(host.server, host.uuid), "");
  const std::string id = id_of(
      answer_of(start_backup(host.server, host.uuid, PBT_FULL, "localhost", "before <the> move")));
  pugi::xml_document document;
  ASSERT_TRUE(document.load_string(tree_of(host.server, host.uuid).c_str()));
  const pugi::xml_node vm = document.child("BackupTree").child("VmItem");
  EXPECT_EQ(vm.child_value("Uuid"), host.uuid);
  EXPECT_STREQ(vm.child_value("Name"), "box");
  EXPECT_STREQ(vm.child_value("VmType"), "0");
  const pugi::xml_node item = vm.child("BackupItem");
  EXPECT_EQ(item.child_value("Uuid"), id);
  EXPECT_EQ(item.child_value("Id"), id);
  EXPECT_STREQ(item.child_value("Description"), "before <the> move");
  EXPECT_STREQ(item.child_value("Host"), "prlsim-host");
  EXPECT_EQ(std::string(item.child_value("DateTime")).substr(0, 11), "2025-01-01 ");
  EXPECT_GT(std::stoull(item.child_value("Size")), 0u);
  Handle info;
  ASSERT_EQ(PrlSrv_GetServerInfo(host.server, info.out()), PRL_ERR_SUCCESS);
  EXPECT_EQ(item.child_value("ServerUuid"), text_of([&](PRL_STR text, PRL_UINT32_PTR length) {
              return PrlSrvInfo_GetServerUuid(info, text, length);
            }));
  const pugi::xml_node disk = item.child("BackupDisks").child("BackupDisk");
  EXPECT_STREQ(disk.child_value("Name"), kDisk);
  EXPECT_EQ(std::stoull(disk.child_value("Size")), PRL_UINT64{kDiskMib} << 20);
}

TEST(ABackup, HoldsWhatHasChangedSinceTheOneItBuildsOn) {
  const Host host;
  const std::vector<char> noise = [] {
    std::vector<char> bytes(size_t{2} << 20);
    for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * i >> 7 ^ i);
    return bytes;
  }();
  ASSERT_EQ(
      PrlDisk_Write(open_disk(host.vm), noise.data(), static_cast<PRL_UINT32>(noise.size()), 0),
      PRL_ERR_SUCCESS);
  const std::string full = host.make(PBT_FULL);
  write_sector(host.vm, 1, 'a');
  EXPECT_EQ(host.make(PBT_INCREMENTAL), full + ".1");
  EXPECT_EQ(host.make(PBT_INCREMENTAL), full + ".2");
  EXPECT_EQ(host.make(PBT_DIFFERENTIAL), full + ".3");
  EXPECT_EQ(host.make(0), full + ".4");
  pugi::xml_document document;
  ASSERT_TRUE(document.load_string(tree_of(host.server, "").c_str()));
  const pugi::xml_node item = document.child("BackupTree").child("VmItem").child("BackupItem");
  std::map<std::string, PRL_UINT64> sizes;
  sizes["0"] = std::stoull(item.child_value("Size"));
  for (const pugi::xml_node part : item.children("PartialBackupItem")) {
    sizes[part.child_value("Number")] = std::stoull(part.child_value("Size"));
  }
  ASSERT_EQ(sizes.size(), 5u);
  EXPECT_GT(sizes["0"], noise.size());
  EXPECT_GT(sizes["1"], 0u);
  EXPECT_LT(sizes["1"], sizes["0"] / 4);
  EXPECT_EQ(sizes["2"], 0u) << "nothing has changed since the last one";
  EXPECT_EQ(sizes["3"], sizes["1"]) << "counts from the full one";
  EXPECT_EQ(sizes["4"], 0u);
}

TEST(ABackup, WithoutAnythingToBuildOnIsAFullOneAndSaysSo) {
  const Host host;
  Recorder recorder(host.server);
  const auto seen = recorder.up_to_end_of(start_backup(host.server, host.uuid, PBT_INCREMENTAL));
  EXPECT_EQ(std::ranges::count(seen, PET_DSP_EVT_ERROR_MESSAGE, &Seen::event), 1);
  EXPECT_EQ(ids_in(tree_of(host.server, host.uuid)).size(), 1u);
  EXPECT_NE(host.make(PBT_FULL).find('}'), std::string::npos);
  EXPECT_EQ(ids_in(tree_of(host.server, host.uuid)).size(), 2u) << "a chain of its own";
}

TEST(ABackup, TellsOfItselfInOrder) {
  const Host host;
  Recorder recorder(host.server);
  const PRL_HANDLE job = start_backup(host.server, host.uuid, PBT_FULL);
  const auto seen = recorder.up_to_end_of(job);
  EXPECT_EQ(events_in(seen, PET_DSP_EVT_BACKUP_PROGRESS_CHANGED),
            (std::vector<PRL_EVENT_TYPE>{PET_DSP_EVT_BACKUP_STARTED_OBSOLETE,
                                         PET_DSP_EVT_BACKUP_PROGRESS_CHANGED,
                                         PET_DSP_EVT_CREATE_BACKUP_FINISHED}));
  EXPECT_GE(std::ranges::count(seen, PET_DSP_EVT_BACKUP_PROGRESS_CHANGED, &Seen::event), 3);
  for (const Seen& one : seen) {
    if (one.kind == PHT_EVENT) {
      EXPECT_EQ(one.issuer, host.uuid);
    }
  }
  EXPECT_EQ(seen.back().operation, PJOC_SRV_CREATE_VM_BACKUP);
}

TEST(ABackup, OfARunningVmIsTheDiskAloneAndOfAPausedOneNothing) {
  const Host host;
  write_sector(host.vm, 3, 'r');
  ASSERT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_SUCCESS);
  const std::string id = host.make(PBT_FULL);
  EXPECT_EQ(state_of(host.vm), VMS_RUNNING);
  EXPECT_EQ(host.restore(id), PRL_ERR_BACKUP_RESTORE_VM_RUNNING);
  ASSERT_EQ(finish(PrlVm_Pause(host.vm, PRL_FALSE)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(start_backup(host.server, host.uuid, PBT_FULL)),
            PRL_ERR_BACKUP_SNAPSHOT_OF_PAUSED_VM);
  EXPECT_EQ(host.restore(id), PRL_ERR_BACKUP_RESTORE_VM_RUNNING);
  ASSERT_EQ(finish(PrlVm_Stop(host.vm, PRL_FALSE)), PRL_ERR_SUCCESS);
  EXPECT_EQ(host.restore(id), PRL_ERR_SUCCESS);
  EXPECT_EQ(state_of(host.vm), VMS_STOPPED);
  EXPECT_EQ(read_sector(host.vm, 3), 'r');
}

// vm-lifecycle 5.2, rules 11 and 14
TEST(ABackup, KeepsOutWhatWouldReplaceTheFilesAndNothingElse) {
  const Host host;
  ASSERT_EQ(finish(PrlVm_BeginEdit(host.vm)), PRL_ERR_SUCCESS);
  const Handle job(start_backup(host.server, host.uuid, PBT_FULL));
  PrlSim_AdvanceTime(10);
  EXPECT_EQ(finish(start_backup(host.server, host.uuid, PBT_FULL)), PRL_ERR_VM_LOCKED_FOR_BACKUP);
  EXPECT_EQ(finish(PrlVm_Delete(host.vm, kNoHandle)), PRL_ERR_VM_LOCKED_FOR_BACKUP);
  EXPECT_EQ(finish(PrlVm_Unreg(host.vm)), PRL_ERR_VM_LOCKED_FOR_BACKUP);
  EXPECT_EQ(finish(PrlVm_Move(host.vm, "/new", 0)), PRL_ERR_VM_LOCKED_FOR_BACKUP);
  EXPECT_EQ(finish(PrlVm_CreateSnapshot(host.vm, "", "")), PRL_ERR_VM_LOCKED_FOR_BACKUP);
  PrlVmCfg_SetDescription(host.vm, "meanwhile");
  EXPECT_EQ(finish(PrlVm_Commit(host.vm)), PRL_ERR_SUCCESS);
  ASSERT_EQ(finish(PrlVm_BeginEdit(host.vm)), PRL_ERR_SUCCESS);
  PrlVmCfg_SetName(host.vm, "other");
  EXPECT_EQ(finish(PrlVm_Commit(host.vm)), PRL_ERR_VM_LOCKED_FOR_BACKUP);
  EXPECT_EQ(status_of(job), PJS_RUNNING);
  const Handle start(PrlVm_Start(host.vm));
  ASSERT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(job), PRL_ERR_SUCCESS);
  ASSERT_EQ(PrlJob_Wait(start, UINT32_MAX), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(start), PRL_ERR_SUCCESS);
  EXPECT_EQ(host.restore(""), PRL_ERR_BACKUP_RESTORE_VM_RUNNING);
}

TEST(ABackup, IsRefusedForWhatCannotBeBackedUp) {
  const Host host;
  const auto refusal = [&](const std::string& vm, PRL_UINT32 flags, const char* target) {
    return finish(start_backup(host.server, vm, flags, target));
  };
  EXPECT_EQ(refusal("{12345678-1234-4234-8234-123456789abc}", PBT_FULL, ""),
            PRL_ERR_VM_UUID_NOT_FOUND);
  EXPECT_EQ(refusal("no uuid", PBT_FULL, ""), PRL_ERR_VM_UUID_NOT_FOUND);
  EXPECT_EQ(refusal(host.uuid, PBT_FULL | PBT_INCREMENTAL, ""), PRL_ERR_INVALID_ARG);
  EXPECT_EQ(refusal(host.uuid, PBT_FULL, "elsewhere"), PRL_ERR_FAILED_TO_CONNECT_TO_BACKUP_SERVER);
  ASSERT_EQ(finish(PrlVm_Archive(host.vm, 0)), PRL_ERR_SUCCESS);
  EXPECT_EQ(refusal(host.uuid, PBT_FULL, ""), PRL_ERR_VM_LOCKED_FOR_ARCHIVE);
  ASSERT_EQ(finish(PrlVm_Unarchive(host.vm, 0)), PRL_ERR_SUCCESS);
  Handle disk;
  ASSERT_EQ(finish(PrlVm_BeginEdit(host.vm)), PRL_ERR_SUCCESS);
  ASSERT_EQ(PrlVmCfg_CreateVmDev(host.vm, PDE_HARD_DISK, disk.out()), PRL_ERR_SUCCESS);
  PrlVmDev_SetSysName(disk, "/elsewhere/disk.hdd");
  ASSERT_EQ(finish(PrlVm_Commit(host.vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(refusal(host.uuid, PBT_FULL, ""), PRL_ERR_VM_BACKUP_HDD_IMAGE_OUT_OF_BUNDLE);
  EXPECT_EQ(tree_of(host.server, ""), "");
}

TEST(ABackup, OfAVmThatAnotherSessionHasLockedIsRefused) {
  const Host host;
  const Handle other = new_server();
  ASSERT_EQ(finish(start_login(other)), PRL_ERR_SUCCESS);
  const std::string id = host.make(PBT_FULL);
  ASSERT_EQ(finish(PrlVm_Lock(host.vm, 0)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(start_backup(other, host.uuid, PBT_FULL)), PRL_ERR_VM_IS_EXCLUSIVELY_LOCKED);
  EXPECT_EQ(finish(start_restore(other, host.uuid, id)), PRL_ERR_VM_IS_EXCLUSIVELY_LOCKED);
  EXPECT_EQ(host.restore(id), PRL_ERR_SUCCESS);
}

TEST(ABackup, ThatIsCancelledLeavesNothing) {
  const Host host;
  const std::string id = host.make(PBT_FULL);
  write_sector(host.vm, 1, 'n');
  Recorder recorder(host.server);
  const Handle job(start_backup(host.server, host.uuid, PBT_INCREMENTAL));
  PrlSim_AdvanceTime(10);
  EXPECT_EQ(finish(PrlJob_Cancel(job)), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(job), PRL_ERR_OPERATION_WAS_CANCELED);
  EXPECT_EQ(finish(PrlJob_Cancel(job)), PRL_ERR_TASK_NOT_FOUND);
  const auto seen = recorder.up_to(job);
  EXPECT_EQ(std::ranges::count(seen, PET_DSP_EVT_BACKUP_CANCELLED, &Seen::event), 1);
  EXPECT_EQ(std::ranges::count(seen, PET_DSP_EVT_CREATE_BACKUP_FINISHED, &Seen::event), 0);
  EXPECT_EQ(ids_in(tree_of(host.server, host.uuid)), std::vector<std::string>{id});
  EXPECT_EQ(host.make(PBT_INCREMENTAL), id + ".1");
}

TEST(ABackup, GoesIntoTheFolderThatIsNamed) {
  const Host host;
  PRL_BACKUP_PARAM there{};
  there.backup_directory = "/elsewhere/backups";
  const auto tree_there = [&] {
    return text_result_of(
        PrlSrv_GetBackupTreeEx(host.server, "", "", 0, "", 0, 0, PRL_FALSE, &there));
  };
  ASSERT_EQ(finish(PrlSrv_CreateVmBackupEx(host.server, host.uuid.c_str(), "", 0, "", "", PBT_FULL,
                                           0, PRL_FALSE, &there)),
            PRL_ERR_SUCCESS);
  EXPECT_EQ(tree_of(host.server, ""), "");
  EXPECT_EQ(ids_in(tree_there()).size(), 1u);
  EXPECT_EQ(host.restore(""), PRL_ERR_BACKUP_BACKUP_NOT_FOUND);
  EXPECT_EQ(finish(PrlSrv_RestoreVmBackupEx(host.server, host.uuid.c_str(), "", "", 0, "", "", "",
                                            0, 0, PRL_FALSE, &there)),
            PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlSrv_RemoveVmBackupEx(host.server, host.uuid.c_str(), "", "", 0, "", 0, 0,
                                           PRL_FALSE, &there)),
            PRL_ERR_SUCCESS);
  EXPECT_EQ(tree_there(), "");
  there.backup_directory = "relative";
  EXPECT_EQ(finish(PrlSrv_GetBackupTreeEx(host.server, "", "", 0, "", 0, 0, PRL_FALSE, &there)),
            PRL_ERR_VMDIR_PATH_IS_NOT_ABSOLUTE);
}

TEST(ATreeOfBackups, ShowsWhatIsAskedFor) {
  const Host host;
  const Handle second = vm_with_disk(host.server, "second");
  const std::string full = host.make(PBT_FULL);
  const std::string one = host.make(PBT_INCREMENTAL);
  const std::string two = host.make(PBT_INCREMENTAL);
  const std::string other = backup(host.server, uuid_of(second), PBT_FULL);
  using Ids = std::vector<std::string>;
  EXPECT_EQ(ids_in(tree_of(host.server, "")), (Ids{full, one, two, other}));
  EXPECT_EQ(ids_in(tree_of(host.server, host.uuid)), (Ids{full, one, two}));
  EXPECT_EQ(ids_in(tree_of(host.server, two, PBT_BACKUP_ID)), (Ids{full, two}));
  EXPECT_EQ(ids_in(tree_of(host.server, one, PBT_BACKUP_ID | PBT_CHAIN)), (Ids{full, one, two}));
  EXPECT_EQ(ids_in(tree_of(host.server, "", PBT_VM | PBT_CT)).size(), 4u);
  EXPECT_EQ(tree_of(host.server, "", PBT_CT), "");
  EXPECT_EQ(tree_of(host.server, "no uuid"), "");
  EXPECT_EQ(finish(PrlSrv_GetBackupTree(host.server, "{}", "", 0, "", PBT_BACKUP_ID, 0, 0)),
            PRL_ERR_BACKUP_BACKUP_NOT_FOUND);
}

TEST(RemovingABackup, TakesThoseThatBuildOnItAlong) {
  const Host host;
  const std::string full = host.make(PBT_FULL);
  const std::string one = host.make(PBT_INCREMENTAL);
  const std::string two = host.make(PBT_INCREMENTAL);
  const std::string beside = host.make(PBT_DIFFERENTIAL);
  const std::string later = host.make(PBT_FULL);
  using Ids = std::vector<std::string>;
  EXPECT_EQ(remove(host.server, host.uuid, one, PBT_KEEP_CHAIN),
            PRL_ERR_BACKUP_UNSUPPORTED_KEEP_CHAIN);
  Recorder recorder(host.server);
  const auto seen = recorder.up_to_end_of(PrlSrv_RemoveVmBackup(
      host.server, host.uuid.c_str(), one.c_str(), "", 0, "", 0, 0, PRL_FALSE));
  EXPECT_EQ(seen.back().code, PRL_ERR_SUCCESS);
  EXPECT_EQ(std::ranges::count(seen, PET_DSP_EVT_REMOVE_BACKUP_FINISHED, &Seen::event), 1);
  EXPECT_EQ(ids_in(tree_of(host.server, "")), (Ids{full, beside, later}));
  EXPECT_EQ(remove(host.server, host.uuid, beside, PBT_KEEP_CHAIN), PRL_ERR_SUCCESS);
  EXPECT_EQ(remove(host.server, "", full), PRL_ERR_SUCCESS);
  EXPECT_EQ(ids_in(tree_of(host.server, "")), Ids{later});
  EXPECT_EQ(remove(host.server, host.uuid, two), PRL_ERR_BACKUP_BACKUP_NOT_FOUND);
  EXPECT_EQ(host.restore(later), PRL_ERR_SUCCESS);
}

TEST(RemovingBackups, OfAVmRemovesAllOfIt) {
  const Host host;
  const Handle second = new_vm(host.server, "second");
  const std::string other = backup(host.server, uuid_of(second), PBT_FULL);
  host.make(PBT_FULL);
  host.make(PBT_INCREMENTAL);
  host.make(PBT_FULL);
  EXPECT_EQ(remove(host.server, host.uuid, ""), PRL_ERR_SUCCESS);
  EXPECT_EQ(ids_in(tree_of(host.server, "")), std::vector<std::string>{other});
  EXPECT_EQ(remove(host.server, host.uuid, ""), PRL_ERR_BACKUP_BACKUP_NOT_FOUND);
  EXPECT_EQ(remove(host.server, host.uuid, "", PBT_IGNORE_NOT_EXISTS), PRL_ERR_SUCCESS);
  EXPECT_EQ(remove(host.server, "", ""), PRL_ERR_INVALID_ARG);
}

TEST(RemovingABackup, WaitsUntilNothingIsMadeOfIt) {
  const Host host;
  const std::string full = host.make(PBT_FULL);
  const Handle job(start_backup(host.server, host.uuid, PBT_INCREMENTAL));
  PrlSim_AdvanceTime(10);
  EXPECT_EQ(remove(host.server, host.uuid, full), PRL_ERR_BACKUP_LOCKED_FOR_WRITING);
  EXPECT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(job), PRL_ERR_SUCCESS);
  EXPECT_EQ(remove(host.server, host.uuid, full), PRL_ERR_SUCCESS);
}

}  // namespace
}  // namespace prl::tests
