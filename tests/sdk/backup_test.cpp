// Backups: those that the host keeps, and those that clients copy by themselves (config-model 10,
// vm-lifecycle 5).
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <pugixml.hpp>
#include <string>
#include <vector>

#include "tests/sdk/session.h"
#include "tests/temporary_folder.h"

namespace prl::tests {
namespace {

constexpr const char* kDisk = "harddisk.hdd";
constexpr PRL_UINT32 kSectorBytes = 512;
constexpr PRL_UINT32 kDiskMib = 8;

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

// The text of a job that must succeed.
std::string answer_text(PRL_HANDLE started) {
  const Handle job(started);
  Handle result;
  EXPECT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(job), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlJob_GetResult(job, result.out()), PRL_ERR_SUCCESS);
  return text_of([&](PRL_STR text, PRL_UINT32_PTR length) {
    return PrlResult_GetParamAsString(result, text, length);
  });
}

std::string home_of(PRL_HANDLE vm) {
  const std::string file = text_of(
      [vm](PRL_STR text, PRL_UINT32_PTR length) { return PrlVmCfg_GetHomePath(vm, text, length); });
  return file.substr(0, file.rfind('/'));
}

std::string description_of(PRL_HANDLE vm) {
  return text_of([vm](PRL_STR text, PRL_UINT32_PTR length) {
    return PrlVmCfg_GetDescription(vm, text, length);
  });
}

Handle open_disk(PRL_HANDLE vm) {
  Handle disk;
  const std::string path = home_of(vm) + "/" + kDisk;
  EXPECT_EQ(PrlDisk_OpenDisk(disk.out(), path.c_str(), PRL_DISK_WRITE, nullptr), PRL_ERR_SUCCESS)
      << path;
  return disk;
}

void write_sector(PRL_HANDLE vm, PRL_UINT64 sector, char value) {
  const std::vector<char> bytes(kSectorBytes, value);
  EXPECT_EQ(PrlDisk_Write(open_disk(vm), bytes.data(), kSectorBytes, sector), PRL_ERR_SUCCESS);
}

char read_sector(PRL_HANDLE vm, PRL_UINT64 sector) {
  std::vector<char> bytes(kSectorBytes, '?');
  EXPECT_EQ(PrlDisk_Read(open_disk(vm), bytes.data(), kSectorBytes, sector), PRL_ERR_SUCCESS);
  EXPECT_EQ(bytes.front(), bytes.back());
  return bytes.front();
}

// A registered VM, stopped, with a disk that has an image.
Handle vm_with_disk(PRL_HANDLE server, const std::string& name) {
  Handle vm = unregistered_vm(server, name);
  Handle disk, adapter;
  EXPECT_EQ(PrlVmCfg_CreateVmDev(vm, PDE_HARD_DISK, disk.out()), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlVmCfg_CreateVmDev(vm, PDE_GENERIC_NETWORK_ADAPTER, adapter.out()), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlVmDevHd_SetDiskSize(disk, kDiskMib), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlVmDev_SetSysName(disk, kDisk), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlVmCfg_SetDescription(vm, "first"), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_Reg(vm, "", PRL_TRUE)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVmDev_CreateImage(disk, PRL_FALSE, PRL_TRUE)), PRL_ERR_SUCCESS);
  return vm;
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

PRL_UINT32 additions_of(PRL_HANDLE vm) {
  const Handle info = answer_of(PrlVm_GetState(vm));
  VIRTUAL_MACHINE_ADDITION_STATE state = VMAS_MAX;
  EXPECT_EQ(PrlVmInfo_GetAdditionState(info, &state), PRL_ERR_SUCCESS);
  return static_cast<PRL_UINT32>(state);
}

// The calls with the arguments that matter here.
PRL_HANDLE start_backup(PRL_HANDLE server, const std::string& vm, PRL_UINT32 flags,
                        const char* host = "", const char* description = "") {
  return PrlSrv_CreateVmBackup(server, vm.c_str(), host, 0, "", description, flags, 0, PRL_FALSE);
}

PRL_HANDLE start_restore(PRL_HANDLE server, const std::string& vm, const std::string& backup,
                         PRL_UINT32 flags = 0, const char* folder = "", const char* name = "") {
  return PrlSrv_RestoreVmBackup(server, vm.c_str(), backup.c_str(), "", 0, "", folder, name, flags,
                                0, PRL_FALSE);
}

PRL_RESULT remove(PRL_HANDLE server, const std::string& vm, const std::string& backup,
                  PRL_UINT32 flags = 0) {
  return finish(
      PrlSrv_RemoveVmBackup(server, vm.c_str(), backup.c_str(), "", 0, "", flags, 0, PRL_FALSE));
}

std::string tree_of(PRL_HANDLE server, const std::string& uuid, PRL_UINT32 flags = 0) {
  return answer_text(PrlSrv_GetBackupTree(server, uuid.c_str(), "", 0, "", flags, 0, PRL_FALSE));
}

std::string id_of(PRL_HANDLE result) {
  return text_of([result](PRL_STR text, PRL_UINT32_PTR length) {
    return PrlBackupResult_GetBackupUuid(result, text, length);
  });
}

std::string backup(PRL_HANDLE server, const std::string& vm, PRL_UINT32 flags) {
  return id_of(answer_of(start_backup(server, vm, flags)));
}

// The ids in a tree, full ones before those that build on them.
std::vector<std::string> ids_in(const std::string& tree) {
  std::vector<std::string> ids;
  pugi::xml_document document;
  document.load_string(tree.c_str());
  for (const auto& found : document.select_nodes("//*[Id]/Id")) {
    ids.emplace_back(found.node().text().get());
  }
  return ids;
}

// Events of these types, in the order in which they came.
std::vector<PRL_EVENT_TYPE> events_in(const std::vector<Seen>& seen, PRL_EVENT_TYPE progress) {
  std::vector<PRL_EVENT_TYPE> events;
  for (const Seen& one : seen) {
    if (one.kind != PHT_EVENT || one.event == PET_DSP_EVT_VM_ADDITION_STATE_CHANGED) continue;
    const bool goes_on = one.event == progress && !events.empty() && events.back() == progress;
    if (!goes_on) events.push_back(one.event);
  }
  return events;
}

struct Host : Session {
  Host() { uuid = uuid_of(vm); }
  std::string make(PRL_UINT32 flags) const { return backup(server, uuid, flags); }
  PRL_RESULT restore(const std::string& id, PRL_UINT32 flags = 0) const {
    return finish(start_restore(server, uuid, id, flags));
  }
  void refresh() const { EXPECT_EQ(finish(PrlVm_RefreshConfig(vm)), PRL_ERR_SUCCESS); }

  Handle vm = vm_with_disk(server, "box");
  std::string uuid;
};

// ---- Making and listing ----------------------------------------------------------------------

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
    return answer_text(PrlSrv_GetBackupTreeEx(host.server, "", "", 0, "", 0, 0, PRL_FALSE, &there));
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

// ---- Restoring -------------------------------------------------------------------------------

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
  const auto mac_of = [](PRL_HANDLE vm) {
    Handle adapter;
    EXPECT_EQ(PrlVmCfg_GetNetAdapter(vm, 0, adapter.out()), PRL_ERR_SUCCESS);
    return text_of([&](PRL_STR text, PRL_UINT32_PTR length) {
      return PrlVmDevNet_GetMacAddress(adapter, text, length);
    });
  };
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

// ---- Removing --------------------------------------------------------------------------------

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

// ---- From one process to the next ------------------------------------------------------------

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

// ---- Copies by clients -----------------------------------------------------------------------

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
