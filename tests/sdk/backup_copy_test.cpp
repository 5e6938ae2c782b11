// Backups that clients copy by themselves, in the way of either edition (config-model 10).
#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "tests/sdk/backup_host.h"

namespace prl::tests {
namespace {

// The parameters of a result that are objects, and its code.
struct End {
  PRL_RESULT code = PRL_ERR_UNEXPECTED;
  std::vector<Handle> objects;
};

End end_of(PRL_HANDLE started) {
  const Handle job(started);
  End end;
  Handle result;
  EXPECT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
  end.code = code_of(job);
  EXPECT_EQ(PrlJob_GetResult(job, result.out()), PRL_ERR_SUCCESS);
  PRL_UINT32 count = 0;
  PrlResult_GetParamsCount(result, &count);
  for (PRL_UINT32 i = 0; i < count; ++i) {
    Handle object;
    if (PRL_FAILED(PrlResult_GetParamByIndex(result, i, object.out()))) continue;
    end.objects.push_back(std::move(object));
  }
  return end;
}

Handle copy_of(const Host& host) {
  return answer_of(PrlSrv_GetBackupVmByPath(host.server, home_of(host.vm).c_str(), 0));
}

struct CopiedFile {
  PRL_BACKUP_LEVEL level = PBL_UNKNOWN;
  PRL_BACKUP_FILE_KIND kind = PBFK_UNKNOWN;
  PRL_UINT64 bytes = 0;
  PRL_UINT64 changed_bytes = 0;
};

// By restore path.
std::map<std::string, CopiedFile> files_of(PRL_HANDLE copy) {
  std::map<std::string, CopiedFile> files;
  Handle list;
  PRL_UINT32 count = 0;
  EXPECT_EQ(PrlBackup_GetFilesList(copy, list.out()), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlHndlList_GetItemsCount(list, &count), PRL_ERR_SUCCESS);
  for (PRL_UINT32 i = 0; i < count; ++i) {
    Handle file, differences;
    PRL_UINT32 stretches = 0;
    EXPECT_EQ(PrlHndlList_GetItem(list, i, file.out()), PRL_ERR_SUCCESS);
    CopiedFile& found = files[text_of([&](PRL_STR text, PRL_UINT32_PTR length) {
      return PrlBackupFile_GetRestorePath(file, text, length);
    })];
    PrlBackupFile_GetLevel(file, &found.level);
    PrlBackupFile_GetKind(file, &found.kind);
    PrlBackupFile_GetSize(file, &found.bytes);
    EXPECT_EQ(PrlBackupFile_GetDifferencesList(file, differences.out()), PRL_ERR_SUCCESS);
    EXPECT_EQ(PrlHndlList_GetItemsCount(differences, &stretches), PRL_ERR_SUCCESS);
    for (PRL_UINT32 n = 0; n < stretches; ++n) {
      Handle difference;
      PRL_UINT64 bytes = 0;
      EXPECT_EQ(PrlHndlList_GetItem(differences, n, difference.out()), PRL_ERR_SUCCESS);
      EXPECT_EQ(PrlBackupFileDiff_GetSize(difference, &bytes), PRL_ERR_SUCCESS);
      found.changed_bytes += bytes;
    }
  }
  return files;
}

void set_parameters(PRL_HANDLE copy, PRL_BACKUP_LEVEL level, const char* location = "") {
  Handle parameters;
  ASSERT_EQ(PrlBackup_GetParams(copy, parameters.out()), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlBackupParam_SetLevel(parameters, level), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlBackupParam_SetChangeMonitoring(parameters, PRL_TRUE), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlBackupParam_SetLocationUuid(parameters, location), PRL_ERR_SUCCESS);
}

PRL_BACKUP_LEVEL level_of(PRL_HANDLE copy) {
  Handle parameters;
  PRL_BACKUP_LEVEL level = PBL_UNKNOWN;
  EXPECT_EQ(PrlBackup_GetParams(copy, parameters.out()), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlBackupParam_GetLevel(parameters, &level), PRL_ERR_SUCCESS);
  return level;
}

TEST(ACopyByAClient, ListsTheFilesThatItCovers) {
  const Host host;
  write_sector(host.vm, 5, 'a');
  const Handle copy = copy_of(host);
  EXPECT_TRUE(files_of(copy).empty());
  ASSERT_EQ(finish(PrlBackup_Begin(copy, 0)), PRL_ERR_SUCCESS);
  Handle info;
  VIRTUAL_MACHINE_STATE state = VMS_UNKNOWN;
  ASSERT_EQ(PrlBackup_GetInfo(copy, info.out()), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlBackupInfo_GetState(info, &state), PRL_ERR_SUCCESS);
  EXPECT_EQ(state, VMS_STOPPED);
  EXPECT_EQ(text_of([&](PRL_STR text, PRL_UINT32_PTR length) {
              return PrlBackupInfo_GetVmPath(info, text, length);
            }),
            home_of(host.vm));
  const auto files = files_of(copy);
  ASSERT_TRUE(files.contains("config.pvs"));
  EXPECT_EQ(files.at("config.pvs").kind, PBFK_VM_CONFIG);
  const auto is_image = [](const auto& file) { return file.second.kind == PBFK_DISK_IMAGE; };
  EXPECT_EQ(std::ranges::count_if(files, is_image), 1);
  ASSERT_TRUE(files.contains("harddisk.hdd/DiskDescriptor.xml"));
  for (const auto& [path, file] : files) {
    EXPECT_EQ(file.level, PBL_FULL) << path;
    EXPECT_EQ(file.changed_bytes, 0u) << path;
    if (file.kind != PBFK_UNKNOWN) {
      EXPECT_GT(file.bytes, 0u) << path;
    }
  }
  EXPECT_EQ(level_of(copy), PBL_FULL);
}

TEST(ACopyByAClient, KnowsWhatHasChangedSinceTheOneBefore) {
  const Host host;
  const Handle copy = copy_of(host);
  const std::vector<char> noise(size_t{1} << 20, 'n');
  ASSERT_EQ(
      PrlDisk_Write(open_disk(host.vm), noise.data(), static_cast<PRL_UINT32>(noise.size()), 0),
      PRL_ERR_SUCCESS);
  set_parameters(copy, PBL_INCREMENTAL);
  ASSERT_EQ(finish(PrlBackup_Begin(copy, 0)), PRL_ERR_SUCCESS);
  EXPECT_EQ(level_of(copy), PBL_FULL) << "there is none before";
  ASSERT_EQ(finish(PrlBackup_Commit(copy, 0)), PRL_ERR_SUCCESS);

  const auto changed = [&](const char* location) {
    set_parameters(copy, PBL_INCREMENTAL, location);
    EXPECT_EQ(finish(PrlBackup_Begin(copy, 0)), PRL_ERR_SUCCESS);
    PRL_UINT64 bytes = 0;
    for (const auto& [path, file] : files_of(copy)) bytes += file.changed_bytes;
    return bytes;
  };
  EXPECT_EQ(changed(""), 0u);
  ASSERT_EQ(finish(PrlBackup_Commit(copy, 0)), PRL_ERR_SUCCESS);
  write_sector(host.vm, 5, 'x');
  const PRL_UINT64 once = changed("");
  EXPECT_GT(once, 0u);
  EXPECT_LT(once, noise.size() / 2);
  ASSERT_EQ(finish(PrlBackup_Rollback(copy, 0)), PRL_ERR_SUCCESS);
  EXPECT_EQ(changed(""), once) << "a copy that failed counts for nothing";
  ASSERT_EQ(finish(PrlBackup_Commit(copy, 0)), PRL_ERR_SUCCESS);
  changed("{12345678-1234-4234-8234-123456789abc}");
  EXPECT_EQ(level_of(copy), PBL_FULL) << "each place has a memory of its own";
}

TEST(ACopyByAClient, HoldsTheVmUntilItEnds) {
  const Host host;
  const Handle copy = copy_of(host);
  const Handle other = copy_of(host);
  EXPECT_EQ(finish(PrlBackup_Commit(copy, 0)), PRL_ERR_BACKUP_SESSION_NOT_FOUND);
  EXPECT_EQ(finish(PrlBackup_SendProgress(copy, 1, 2, 0, 0)), PRL_ERR_BACKUP_SESSION_NOT_FOUND);
  Recorder recorder(host.server);
  ASSERT_EQ(finish(PrlBackup_Begin(copy, 0)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlBackup_Begin(other, 0)), PRL_ERR_BACKUP_ALREADY_IN_PROGRESS);
  EXPECT_EQ(finish(PrlBackup_Commit(other, 0)), PRL_ERR_BACKUP_SESSION_NOT_FOUND);
  EXPECT_EQ(finish(PrlVm_Delete(host.vm, kNoHandle)), PRL_ERR_VM_LOCKED_FOR_BACKUP);
  EXPECT_EQ(finish(PrlBackup_SendProgress(copy, 1, 2, 0, 0)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlBackup_SendProgress(copy, 3, 2, 0, 0)), PRL_ERR_INVALID_ARG);
  EXPECT_EQ(finish(PrlBackup_SendProgress(copy, 0, 0, 0, 0)), PRL_ERR_INVALID_ARG);
  const auto seen = recorder.up_to_end_of(PrlBackup_Commit(copy, 0));
  EXPECT_EQ(
      events_in(seen, PET_DSP_EVT_BACKUP_PROGRESS_INFO),
      (std::vector<PRL_EVENT_TYPE>{PET_DSP_EVT_BACKUP_STARTED, PET_DSP_EVT_BACKUP_PROGRESS_INFO,
                                   PET_DSP_EVT_BACKUP_FINISHED}));
  EXPECT_EQ(finish(PrlBackup_Commit(copy, 0)), PRL_ERR_BACKUP_SESSION_NOT_FOUND);
  EXPECT_EQ(finish(PrlVm_Delete(host.vm, kNoHandle)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlBackup_Begin(copy, 0)), PRL_ERR_VM_UUID_NOT_FOUND);
}

TEST(ACopyByAClient, EndsWithItsSession) {
  const Host host;
  const Handle other = new_server();
  ASSERT_EQ(finish(start_login(other)), PRL_ERR_SUCCESS);
  const Handle copy = answer_of(PrlSrv_GetBackupVmByPath(other, home_of(host.vm).c_str(), 0));
  ASSERT_EQ(finish(PrlBackup_Begin(copy, 0)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_Unreg(host.vm)), PRL_ERR_VM_LOCKED_FOR_BACKUP);
  ASSERT_EQ(finish(PrlSrv_Logoff(other)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlBackup_Commit(copy, 0)), PRL_ERR_NOT_CONNECTED_TO_DISPATCHER);
  EXPECT_EQ(finish(PrlVm_Unreg(host.vm)), PRL_ERR_SUCCESS);
}

TEST(ACopyByAClient, IsOfARegisteredVmThatIsNotPutAway) {
  const Host host;
  const Handle second = new_vm(host.server, "second");
  EXPECT_EQ(end_of(PrlSrv_GetBackupVmList(host.server, 0)).objects.size(), 2u);
  EXPECT_EQ(finish(PrlSrv_GetBackupVmByPath(host.server, "/nowhere", 0)),
            PRL_ERR_BACKUP_VM_IS_NOT_REGISTERED);
  EXPECT_EQ(
      finish(PrlSrv_GetBackupVmByPath(host.server, (home_of(host.vm) + "/config.pvs").c_str(), 0)),
      PRL_ERR_SUCCESS);
  const Handle copy = copy_of(host);
  ASSERT_EQ(finish(PrlVm_Pack(host.vm, 0)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlBackup_Begin(copy, 0)), PRL_ERR_BACKUP_PACKED_VM_NOT_SUPPORTED);
  ASSERT_EQ(finish(PrlVm_Unpack(host.vm, 0)), PRL_ERR_SUCCESS);
  ASSERT_EQ(finish(PrlVm_Archive(host.vm, 0)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlBackup_Begin(copy, 0)), PRL_ERR_BACKUP_ARCHIVE_VM_NOT_SUPPORTED);
  Handle record;
  ASSERT_EQ(PrlSim_CreateObject(PHT_BACKUP, record.out()), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlBackup_Begin(record, 0)), PRL_ERR_INVALID_ARG);
}

TEST(ABackupOfTheOtherEdition, ReadsTheDisksAsTheyWereWhenItBegan) {
  const Host host;
  const auto read = [](PRL_HANDLE disk, PRL_RESULT expected) {
    std::vector<char> bytes(kSectorBytes, '?');
    EXPECT_EQ(PrlDisk_Read(disk, bytes.data(), kSectorBytes, 5), expected);
    return bytes.front();
  };
  write_sector(host.vm, 5, 'a');
  const Handle copy = answer_of(PrlVm_BeginBackup(host.vm, 0));
  write_sector(host.vm, 5, 'b');
  Handle disk, none;
  EXPECT_EQ(PrlVmBackup_GetDisk(copy, 1, none.out()), PRL_ERR_INVALID_ARG);
  ASSERT_EQ(PrlVmBackup_GetDisk(copy, 0, disk.out()), PRL_ERR_SUCCESS);
  EXPECT_EQ(read(disk, PRL_ERR_SUCCESS), 'a');
  const std::vector<char> bytes(kSectorBytes, 'x');
  EXPECT_EQ(PrlDisk_Write(disk, bytes.data(), kSectorBytes, 5), PRL_ERR_DISK_NOT_PERMITTED);
  EXPECT_EQ(read_sector(host.vm, 5), 'b');
  ASSERT_EQ(finish(PrlVmBackup_Commit(copy)), PRL_ERR_SUCCESS);
  read(disk, PRL_ERR_DISK_STATES_ERROR);
  EXPECT_EQ(PrlVmBackup_GetDisk(copy, 0, none.out()), PRL_ERR_DISK_STATES_ERROR);
  EXPECT_EQ(read_sector(host.vm, 5), 'b');
  const auto states_of = [&] {
    PRL_UINT32 count = 0;
    EXPECT_EQ(PrlDisk_GetSnapshotsCount(open_disk(host.vm), &count), PRL_ERR_SUCCESS);
    return count;
  };
  const PRL_UINT32 before = states_of();
  {
    const Handle other = new_server();
    ASSERT_EQ(finish(start_login(other)), PRL_ERR_SUCCESS);
    const Handle same = vm_by_name(other, "box");
    ASSERT_EQ(finish(PrlVm_BeginBackup(same, 0)), PRL_ERR_SUCCESS);
    EXPECT_EQ(states_of(), before + 1);
    ASSERT_EQ(finish(PrlSrv_Logoff(other)), PRL_ERR_SUCCESS);
  }
  PrlSim_AdvanceTime(10);
  EXPECT_EQ(states_of(), before) << "the end of the session has merged it";
}

TEST(ABackupOfTheOtherEdition, ListsTheDisksAndHoldsThem) {
  const Host host;
  Recorder recorder(host.server);
  const Handle copy = answer_of(PrlVm_BeginBackup(host.vm, 0));
  PRL_UINT32 disks = 0;
  EXPECT_EQ(PrlVmBackup_GetDisksCount(copy, &disks), PRL_ERR_SUCCESS);
  EXPECT_EQ(disks, 1u);
  EXPECT_EQ(text_of([&](PRL_STR text, PRL_UINT32_PTR length) {
              return PrlVmBackup_GetUuid(copy, text, length);
            }).size(),
            38u);
  EXPECT_EQ(finish(PrlVm_BeginBackup(host.vm, 0)), PRL_ERR_VM_LOCKED_FOR_BACKUP);
  EXPECT_EQ(finish(start_backup(host.server, host.uuid, PBT_FULL)), PRL_ERR_VM_LOCKED_FOR_BACKUP);
  auto seen = recorder.up_to_end_of(PrlVmBackup_Commit(copy));
  EXPECT_EQ(seen.back().code, PRL_ERR_SUCCESS);
  EXPECT_EQ(std::ranges::count(seen, PET_DSP_EVT_BACKUP_STARTED_OBSOLETE, &Seen::event), 1);
  EXPECT_EQ(std::ranges::count(seen, PET_DSP_EVT_CREATE_BACKUP_FINISHED, &Seen::event), 1);
  EXPECT_EQ(finish(PrlVmBackup_Commit(copy)), PRL_ERR_BACKUP_SESSION_NOT_FOUND);
  const Handle second = answer_of(PrlVm_BeginBackup(host.vm, 0));
  seen = recorder.up_to_end_of(PrlVmBackup_Rollback(second));
  EXPECT_EQ(std::ranges::count(seen, PET_DSP_EVT_BACKUP_CANCELLED, &Seen::event), 1);
  EXPECT_EQ(finish(PrlVmBackup_Rollback(second)), PRL_ERR_BACKUP_SESSION_NOT_FOUND);
  EXPECT_EQ(finish(PrlVm_Delete(host.vm, kNoHandle)), PRL_ERR_SUCCESS);
}

}  // namespace
}  // namespace prl::tests
