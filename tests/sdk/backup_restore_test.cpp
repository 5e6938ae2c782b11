// VMs that come back from a backup that the host keeps, of this process or one before it
// (config-model 10, vm-lifecycle 5).
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/sdk/backup_host.h"
#include "tests/temporary_folder.h"

namespace prl::tests {
namespace {

std::string description_of(PRL_HANDLE vm) {
  return text_of([vm](PRL_STR text, PRL_UINT32_PTR length) {
    return PrlVmCfg_GetDescription(vm, text, length);
  });
}

void change(PRL_HANDLE vm, const std::string& description, PRL_UINT32 ram_mib) {
  ASSERT_EQ(finish(PrlVm_BeginEdit(vm)), PRL_ERR_SUCCESS);
  PrlVmCfg_SetDescription(vm, description.c_str());
  PrlVmCfg_SetRamSize(vm, ram_mib);
  ASSERT_EQ(finish(PrlVm_Commit(vm)), PRL_ERR_SUCCESS);
}

PRL_UINT32 ram_of(PRL_HANDLE vm) {
  PRL_UINT32 ram_mib = 0;
  EXPECT_EQ(PrlVmCfg_GetRamSize(vm, &ram_mib), PRL_ERR_SUCCESS);
  return ram_mib;
}

TEST(ARestoredVm, IsWhatItWasWithDisksAndMemory) {
  const Host host;
  write_sector(host.vm, 5, 'a');
  const std::string full = host.make(PBT_FULL);
  write_sector(host.vm, 5, 'b');
  write_sector(host.vm, 9000, 'c');
  change(host.vm, "second", 8);
  const std::string part = host.make(PBT_INCREMENTAL);
  write_sector(host.vm, 5, 'z');
  change(host.vm, "third", 16);
  const std::string home = home_of(host.vm);

  ASSERT_EQ(host.restore(part), PRL_ERR_SUCCESS);
  host.refresh();
  EXPECT_EQ(description_of(host.vm), "second");
  EXPECT_EQ(ram_of(host.vm), 8u);
  EXPECT_EQ(read_sector(host.vm, 5), 'b');
  EXPECT_EQ(read_sector(host.vm, 9000), 'c');
  EXPECT_EQ(home_of(host.vm), home);

  ASSERT_EQ(host.restore(full), PRL_ERR_SUCCESS);
  host.refresh();
  EXPECT_EQ(description_of(host.vm), "first");
  EXPECT_EQ(ram_of(host.vm), 4u);
  EXPECT_EQ(read_sector(host.vm, 5), 'a');
  EXPECT_EQ(read_sector(host.vm, 9000), '\0');
  EXPECT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_SUCCESS);
}

TEST(ARestoredVm, IsThatOfTheNewestBackupWhereNoneIsNamed) {
  const Host host;
  write_sector(host.vm, 5, 'a');
  host.make(PBT_FULL);
  write_sector(host.vm, 5, 'b');
  host.make(PBT_INCREMENTAL);
  write_sector(host.vm, 5, 'c');
  ASSERT_EQ(host.restore(""), PRL_ERR_SUCCESS);
  EXPECT_EQ(read_sector(host.vm, 5), 'b');
}

TEST(ARestoredVm, IsSuspendedAsItWasWithItsMemory) {
  const Host host;
  ASSERT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_SUCCESS);
  const PRL_UINT32 wanted = 0x600DF00D;
  ASSERT_EQ(PrlSim_WriteGuestMemory(host.vm, 0x3000, &wanted, sizeof wanted), PRL_ERR_SUCCESS);
  ASSERT_EQ(finish(PrlVm_Suspend(host.vm)), PRL_ERR_SUCCESS);
  const std::string id = host.make(PBT_FULL);
  ASSERT_EQ(finish(PrlVm_DropSuspendedState(host.vm)), PRL_ERR_SUCCESS);
  Recorder recorder(host.server);
  const auto seen = recorder.up_to_end_of(start_restore(host.server, host.uuid, id));
  EXPECT_EQ(states_in(seen), std::vector<PRL_INT32>{VMS_SUSPENDED});
  const auto check_memory = [&](PRL_HANDLE vm) {
    PRL_UINT32 found = 0;
    EXPECT_EQ(state_of(vm), VMS_SUSPENDED);
    ASSERT_EQ(finish(PrlVm_Resume(vm)), PRL_ERR_SUCCESS);
    ASSERT_EQ(finish(PrlVm_Pause(vm, PRL_FALSE)), PRL_ERR_SUCCESS);
    EXPECT_EQ(PrlSim_ReadGuestMemory(vm, 0x3000, &found, sizeof found), PRL_ERR_SUCCESS);
    EXPECT_EQ(found, wanted);
  };
  check_memory(host.vm);
  const Handle copy =
      answer_of(start_restore(host.server, host.uuid, id, PBT_RESTORE_TO_COPY, "", "copy"));
  check_memory(copy);
}

TEST(ARestoredVm, MayBeACopyBesideTheOriginal) {
  const Host host;
  write_sector(host.vm, 5, 'a');
  const std::string id = host.make(PBT_FULL);
  write_sector(host.vm, 5, 'b');
  EXPECT_EQ(host.restore(id, PBT_RESTORE_TO_COPY), PRL_ERR_VM_ALREADY_REGISTERED_VM_NAME);
  const Handle copy =
      answer_of(start_restore(host.server, host.uuid, id, PBT_RESTORE_TO_COPY, "", "copy"));
  EXPECT_EQ(name_of(copy), "copy");
  EXPECT_NE(uuid_of(copy), host.uuid);
  EXPECT_EQ(read_sector(copy, 5), 'a');
  EXPECT_EQ(read_sector(host.vm, 5), 'b');
  EXPECT_NE(mac_of(copy), mac_of(host.vm));
}

TEST(ARestoredVm, ComesBackAfterItWasDeleted) {
  const Host host;
  write_sector(host.vm, 5, 'a');
  const std::string id = host.make(PBT_FULL);
  ASSERT_EQ(finish(PrlVm_Delete(host.vm, kNoHandle)), PRL_ERR_SUCCESS);
  Recorder recorder(host.server);
  const PRL_HANDLE job = start_restore(host.server, "", id);
  const auto seen = recorder.up_to_end_of(job);
  EXPECT_EQ(seen.back().code, PRL_ERR_SUCCESS);
  EXPECT_EQ(events_in(seen, PET_DSP_EVT_RESTORE_PROGRESS_CHANGED),
            (std::vector<PRL_EVENT_TYPE>{PET_DSP_EVT_RESTORE_PROGRESS_CHANGED, PET_DSP_EVT_VM_ADDED,
                                         PET_DSP_EVT_RESTORE_BACKUP_FINISHED}));
  const Handle vm = vm_by_name(host.server, "box");
  EXPECT_EQ(uuid_of(vm), host.uuid);
  EXPECT_EQ(read_sector(vm, 5), 'a');
}

TEST(ARestoredVm, IsThatOfOneBackupThoughTwoAreRestoredAtOnce) {
  const Host host;
  write_sector(host.vm, 5, 'a');
  const std::string full = host.make(PBT_FULL);
  write_sector(host.vm, 5, 'b');
  const std::string part = host.make(PBT_INCREMENTAL);
  ASSERT_EQ(finish(PrlVm_Delete(host.vm, kNoHandle)), PRL_ERR_SUCCESS);
  const Handle first(start_restore(host.server, "", full));
  const Handle second(start_restore(host.server, "", part));
  for (const Handle* job : {&first, &second}) PrlJob_Wait(*job, UINT32_MAX);
  EXPECT_EQ(code_of(first), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(second), PRL_ERR_VM_ALREADY_REGISTERED);
  EXPECT_EQ(read_sector(vm_by_name(host.server, "box"), 5), 'a');
}

TEST(ARestoredVm, IsNotReplacedWhileADiskOfItIsOpen) {
  const Host host;
  const std::string id = host.make(PBT_FULL);
  {
    const Handle disk = open_disk(host.vm);
    EXPECT_EQ(host.restore(id), PRL_ERR_DISK_SHARING_VIOLATION);
  }
  EXPECT_EQ(host.restore(id), PRL_ERR_SUCCESS);
}

TEST(ARestoredVm, GoesBelowTheFolderThatIsNamed) {
  const Host host;
  write_sector(host.vm, 5, 'a');
  const std::string id = host.make(PBT_FULL);
  const auto restore = [&](const char* folder, const char* name, PRL_UINT32 flags) {
    return finish(start_restore(host.server, host.uuid, id, flags, folder, name));
  };
  EXPECT_EQ(restore("relative", "", 0), PRL_ERR_VMDIR_PATH_IS_NOT_ABSOLUTE);
  EXPECT_EQ(restore("/elsewhere", "copy", PBT_RESTORE_TO_COPY), PRL_ERR_SUCCESS);
  const Handle copy = vm_by_name(host.server, "copy");
  EXPECT_EQ(home_of(copy), "/elsewhere/copy.pvm");
  ASSERT_EQ(finish(PrlVm_Unreg(copy)), PRL_ERR_SUCCESS);
  EXPECT_EQ(restore("/elsewhere", "copy", PBT_RESTORE_TO_COPY),
            PRL_ERR_BACKUP_RESTORE_DIRECTORY_ALREADY_EXIST);
  EXPECT_EQ(restore("/elsewhere", "renamed", 0), PRL_ERR_SUCCESS);
  EXPECT_EQ(home_of(host.vm), "/elsewhere/renamed.pvm");
  EXPECT_EQ(uuid_of(vm_by_name(host.server, "renamed")), host.uuid);
  EXPECT_EQ(read_sector(host.vm, 5), 'a');
}

TEST(ARestoredVm, DoesNotTakeTheNameOfAnother) {
  const Host host;
  const Handle other = new_vm(host.server, "other");
  const std::string id = host.make(PBT_FULL);
  EXPECT_EQ(finish(start_restore(host.server, host.uuid, id, 0, "", "other")),
            PRL_ERR_VM_ALREADY_REGISTERED_VM_NAME);
  ASSERT_EQ(finish(PrlVm_Delete(host.vm, kNoHandle)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(start_restore(host.server, host.uuid, id, 0, "", "other")),
            PRL_ERR_VM_ALREADY_REGISTERED_VM_NAME);
}

TEST(ARestoredVm, NeedsABackupThatIsThere) {
  const Host host;
  EXPECT_EQ(host.restore(""), PRL_ERR_BACKUP_BACKUP_NOT_FOUND);
  const std::string id = host.make(PBT_FULL);
  EXPECT_EQ(host.restore(id + ".1"), PRL_ERR_BACKUP_BACKUP_NOT_FOUND);
  EXPECT_EQ(host.restore(id + ".0"), PRL_ERR_BACKUP_BACKUP_NOT_FOUND);
  EXPECT_EQ(host.restore("no id"), PRL_ERR_BACKUP_BACKUP_NOT_FOUND);
  const Handle other = new_vm(host.server, "other");
  EXPECT_EQ(finish(start_restore(host.server, uuid_of(other), id)),
            PRL_ERR_BACKUP_BACKUP_NOT_FOUND);
  EXPECT_EQ(finish(start_restore(host.server, "", "")), PRL_ERR_INVALID_ARG);
  EXPECT_EQ(host.restore(id, PBT_RESTORE_RUNNING), PRL_ERR_UNIMPLEMENTED);
}

TEST(ARestoredVm, IsHeldWhileItComesBackAndStaysAsItWasWhenThatIsCancelled) {
  const Host host;
  const std::string id = host.make(PBT_FULL);
  write_sector(host.vm, 5, 'b');
  const Handle job(start_restore(host.server, host.uuid, id));
  PrlSim_AdvanceTime(10);
  EXPECT_EQ(additions_of(host.vm),
            PRL_UINT32(VMAS_NOSTATE) | PRL_UINT32(VMAS_RESTORING_FROM_BACKUP_OBSOLETE));
  EXPECT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_VM_LOCKED_FOR_RESTORE_FROM_BACKUP);
  EXPECT_EQ(finish(PrlVm_Clone(host.vm, "copy", "", PRL_FALSE)),
            PRL_ERR_VM_LOCKED_FOR_RESTORE_FROM_BACKUP);
  EXPECT_EQ(remove(host.server, host.uuid, id), PRL_ERR_BACKUP_LOCKED_FOR_READING);
  EXPECT_EQ(finish(PrlJob_Cancel(job)), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(job), PRL_ERR_OPERATION_WAS_CANCELED);
  EXPECT_EQ(additions_of(host.vm), PRL_UINT32(VMAS_NOSTATE));
  EXPECT_EQ(read_sector(host.vm, 5), 'b');
  EXPECT_EQ(host.restore(id), PRL_ERR_SUCCESS);
  EXPECT_EQ(read_sector(host.vm, 5), '\0');
}

struct AHome : testing::Test {
  AHome() { ::setenv("PRLSIM_HOME", home.path().c_str(), 1); }
  ~AHome() override { ::unsetenv("PRLSIM_HOME"); }
  const TemporaryFolder home;
};

TEST_F(AHome, KeepsItsBackups) {
  std::string id, tree;
  {
    const Host host;
    write_sector(host.vm, 5, 'a');
    host.make(PBT_FULL);
    write_sector(host.vm, 5, 'b');
    id = host.make(PBT_INCREMENTAL);
    tree = tree_of(host.server, "");
    ASSERT_EQ(finish(PrlVm_Delete(host.vm, kNoHandle)), PRL_ERR_SUCCESS);
  }
  {
    const Session session;
    EXPECT_EQ(tree_of(session.server, ""), tree);
    ASSERT_EQ(finish(start_restore(session.server, "", id)), PRL_ERR_SUCCESS);
  }
  const Session session;
  const Handle vm = vm_by_name(session.server, "box");
  EXPECT_EQ(home_of(vm), home / "vms/box.pvm");
  EXPECT_EQ(read_sector(vm, 5), 'b');
  write_sector(vm, 5, 'c');
  ASSERT_EQ(finish(start_restore(session.server, uuid_of(vm), id)), PRL_ERR_SUCCESS);
  EXPECT_EQ(home_of(vm), home / "vms/box.pvm");
  EXPECT_EQ(read_sector(vm, 5), 'b');
  const auto folders = std::filesystem::directory_iterator(home / "vms");
  EXPECT_EQ(std::distance(begin(folders), end(folders)), 1) << "nothing is left of the old one";
}

TEST_F(AHome, RefusesToRestoreADamagedBackup) {
  const Host host;
  write_sector(host.vm, 5, 'a');
  const std::string id = host.make(PBT_FULL);
  const std::string data = home / ("backups/" + host.uuid + "/" + id + "/0/data");
  ASSERT_TRUE(std::filesystem::exists(data));
  std::filesystem::resize_file(data, std::filesystem::file_size(data) - 1);
  EXPECT_EQ(host.restore(id), PRL_ERR_BACKUP_RESTORE_INTERNAL_ERROR);
  EXPECT_EQ(read_sector(host.vm, 5), 'a');
  EXPECT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_SUCCESS);
}

}  // namespace
}  // namespace prl::tests
