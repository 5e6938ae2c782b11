// A host with a VM whose disk has an image, and short forms for the calls that make, list, restore
// and remove backups.
#pragma once

#include <pugixml.hpp>
#include <string>
#include <vector>

#include "tests/sdk/session.h"

namespace prl::tests {

inline constexpr const char* kDisk = "harddisk.hdd";
inline constexpr PRL_UINT32 kSectorBytes = 512;
inline constexpr PRL_UINT32 kDiskMib = 8;

inline std::string home_of(PRL_HANDLE vm) {
  const std::string file = text_of(
      [vm](PRL_STR text, PRL_UINT32_PTR length) { return PrlVmCfg_GetHomePath(vm, text, length); });
  return file.substr(0, file.rfind('/'));
}

inline Handle open_disk(PRL_HANDLE vm) {
  Handle disk;
  const std::string path = home_of(vm) + "/" + kDisk;
  EXPECT_EQ(PrlDisk_OpenDisk(disk.out(), path.c_str(), PRL_DISK_WRITE, nullptr), PRL_ERR_SUCCESS)
      << path;
  return disk;
}

inline void write_sector(PRL_HANDLE vm, PRL_UINT64 sector, char value) {
  const std::vector<char> bytes(kSectorBytes, value);
  EXPECT_EQ(PrlDisk_Write(open_disk(vm), bytes.data(), kSectorBytes, sector), PRL_ERR_SUCCESS);
}

inline char read_sector(PRL_HANDLE vm, PRL_UINT64 sector) {
  std::vector<char> bytes(kSectorBytes, '?');
  EXPECT_EQ(PrlDisk_Read(open_disk(vm), bytes.data(), kSectorBytes, sector), PRL_ERR_SUCCESS);
  EXPECT_EQ(bytes.front(), bytes.back());
  return bytes.front();
}

// A registered VM, stopped, with a disk that has an image.
inline Handle vm_with_disk(PRL_HANDLE server, const std::string& name) {
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

// The calls with the arguments that matter here.
inline PRL_HANDLE start_backup(PRL_HANDLE server, const std::string& vm, PRL_UINT32 flags,
                               const char* host = "", const char* description = "") {
  return PrlSrv_CreateVmBackup(server, vm.c_str(), host, 0, "", description, flags, 0, PRL_FALSE);
}

inline PRL_HANDLE start_restore(PRL_HANDLE server, const std::string& vm, const std::string& backup,
                                PRL_UINT32 flags = 0, const char* folder = "",
                                const char* name = "") {
  return PrlSrv_RestoreVmBackup(server, vm.c_str(), backup.c_str(), "", 0, "", folder, name, flags,
                                0, PRL_FALSE);
}

inline PRL_RESULT remove(PRL_HANDLE server, const std::string& vm, const std::string& backup,
                         PRL_UINT32 flags = 0) {
  return finish(
      PrlSrv_RemoveVmBackup(server, vm.c_str(), backup.c_str(), "", 0, "", flags, 0, PRL_FALSE));
}

inline std::string tree_of(PRL_HANDLE server, const std::string& uuid, PRL_UINT32 flags = 0) {
  return text_result_of(PrlSrv_GetBackupTree(server, uuid.c_str(), "", 0, "", flags, 0, PRL_FALSE));
}

inline std::string id_of(PRL_HANDLE result) {
  return text_of([result](PRL_STR text, PRL_UINT32_PTR length) {
    return PrlBackupResult_GetBackupUuid(result, text, length);
  });
}

inline std::string backup(PRL_HANDLE server, const std::string& vm, PRL_UINT32 flags) {
  return id_of(answer_of(start_backup(server, vm, flags)));
}

// The ids in a tree, full ones before those that build on them.
inline std::vector<std::string> ids_in(const std::string& tree) {
  std::vector<std::string> ids;
  pugi::xml_document document;
  document.load_string(tree.c_str());
  for (const auto& found : document.select_nodes("//*[Id]/Id")) {
    ids.emplace_back(found.node().text().get());
  }
  return ids;
}

// The events but those of additions, in the order in which they came; several of progress in a row
// count once.
inline std::vector<PRL_EVENT_TYPE> events_in(const std::vector<Seen>& seen,
                                             PRL_EVENT_TYPE progress) {
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

}  // namespace prl::tests
