// A live handle of every type that the library makes, for calls that want the right one or one of
// another type. Used by one thread.
#pragma once

#include <algorithm>
#include <iterator>
#include <vector>

#include "properties.h"
#include "tests/sdk/session.h"

namespace prl::tests {

// Every class of devices, with the type of its handles.
inline constexpr PRL_HANDLE_TYPE kDeviceTypes[] = {
    PHT_VIRTUAL_DEV_HARD_DISK,   PHT_VIRTUAL_DEV_FLOPPY,        PHT_VIRTUAL_DEV_OPTICAL_DISK,
    PHT_VIRTUAL_DEV_SERIAL_PORT, PHT_VIRTUAL_DEV_PARALLEL_PORT, PHT_VIRTUAL_DEV_USB_DEVICE,
    PHT_VIRTUAL_DEV_NET_ADAPTER, PHT_VIRTUAL_DEV_SOUND,         PHT_VIRTUAL_DEV_GENERIC_PCI,
    PHT_VIRTUAL_DEV_GENERIC_SCSI, PHT_VIRTUAL_DEV_DISPLAY};
inline constexpr PRL_DEVICE_TYPE kDeviceClasses[] = {
    PDE_HARD_DISK,  PDE_FLOPPY_DISK, PDE_OPTICAL_DISK, PDE_SERIAL_PORT,
    PDE_PARALLEL_PORT, PDE_USB_DEVICE, PDE_GENERIC_NETWORK_ADAPTER, PDE_SOUND_DEVICE,
    PDE_GENERIC_PCI_DEVICE, PDE_GENERIC_SCSI_DEVICE, PDE_PCI_VIDEO_ADAPTER};

class Objects {
 public:
  struct Item {
    PRL_HANDLE_TYPE type;
    Handle handle;
  };

  static constexpr size_t kItemBytes = 4;  // of the list of opaque items

  Objects() {
    const Handle login(start_login(session_.server));
    EXPECT_EQ(PrlJob_Wait(login, UINT32_MAX), PRL_ERR_SUCCESS);
    Handle vm = new_vm(session_.server, "subject");
    Handle refused(PrlVm_Suspend(vm));
    Handle error, parameter, result, response;
    EXPECT_EQ(PrlJob_Wait(refused, UINT32_MAX), PRL_ERR_SUCCESS);
    EXPECT_EQ(PrlJob_GetError(refused, error.out()), PRL_ERR_SUCCESS);
    EXPECT_EQ(PrlEvent_GetParam(error, 0, parameter.out()), PRL_ERR_SUCCESS);
    EXPECT_EQ(PrlJob_GetResult(login, result.out()), PRL_ERR_SUCCESS);
    EXPECT_EQ(PrlResult_GetParam(result, response.out()), PRL_ERR_SUCCESS);
    put(PHT_VM_INFO, answer_of(PrlVm_GetState(vm)));
    put(PHT_VIRTUAL_MACHINE, std::move(vm));
    put(PHT_JOB, std::move(refused));
    put(PHT_EVENT, std::move(error));
    put(PHT_EVENT_PARAMETER, std::move(parameter));
    put(PHT_RESULT, std::move(result));
    put(PHT_LOGIN_RESPONSE, std::move(response));
    put_lists();
    put_devices();
    put_disk();
    put_guest_session();
    put_backup();
    put_report();
    put_records();
    put(PHT_SERVER, new_server());
    freed_ = {unregistered_vm(session_.server, "gone").get(), new_server().get()};
  }

  const std::vector<Item>& live() const { return items_; }
  // Values that named an object once.
  const std::vector<PRL_HANDLE>& freed() const { return freed_; }
  PRL_HANDLE of_type(PRL_HANDLE_TYPE type) const {
    for (const Item& item : items_) {
      if (item.type == type) return item.handle;
    }
    ADD_FAILURE() << "no object of type " << type;
    return PRL_INVALID_HANDLE;
  }

 private:
  void put(PRL_HANDLE_TYPE type, Handle handle) { items_.push_back({type, std::move(handle)}); }

  // One device of each class, and what else a VM's configuration has handles for.
  void put_devices() {
    const PRL_HANDLE vm = of_type(PHT_VIRTUAL_MACHINE);
    for (size_t i = 0; i < std::size(kDeviceTypes); ++i) {
      Handle device;
      EXPECT_EQ(PrlVmCfg_CreateVmDev(vm, kDeviceClasses[i], device.out()), PRL_ERR_SUCCESS);
      put(kDeviceTypes[i], std::move(device));
    }
    Handle boot, share, resolution, partition, camera;
    EXPECT_EQ(PrlVm_CreateCVSrc(vm, camera.out()), PRL_ERR_SUCCESS);
    put(PHT_CVSRC, std::move(camera));
    EXPECT_EQ(PrlVmCfg_CreateBootDev(vm, boot.out()), PRL_ERR_SUCCESS);
    EXPECT_EQ(PrlVmCfg_CreateShare(vm, share.out()), PRL_ERR_SUCCESS);
    EXPECT_EQ(PrlVmCfg_CreateScrRes(vm, resolution.out()), PRL_ERR_SUCCESS);
    EXPECT_EQ(PrlVmDevHd_AddPartition(of_type(PHT_VIRTUAL_DEV_HARD_DISK), partition.out()),
              PRL_ERR_SUCCESS);
    put(PHT_BOOT_DEVICE, std::move(boot));
    put(PHT_SHARE, std::move(share));
    put(PHT_SCREEN_RESOLUTION, std::move(resolution));
    put(PHT_VIRTUAL_DEV_HD_PARTITION, std::move(partition));
  }

  void put_disk() {
    PRL_DISK_PARAMETERS parameters{};
    parameters.m_SizeInSectors = 4096;
    Handle disk, state, policy;
    EXPECT_EQ(PrlDisk_CreateDisk_Local(disk.out(), "/subject.hdd", &parameters, nullptr, nullptr),
              PRL_ERR_SUCCESS);
    EXPECT_EQ(PrlDisk_GetStatesTree(disk, state.out()), PRL_ERR_SUCCESS);
    EXPECT_EQ(PrlDiskOpenPolicy_CreateOffset(policy.out(), 0), PRL_ERR_SUCCESS);
    put(PHT_VIRTUAL_DISK, std::move(disk));
    put(PHT_VIRTUAL_DISK_STATE_PARAMS, std::move(state));
    put(PHT_VIRTUAL_DISK_OPEN_POLICY, std::move(policy));
  }

  void put_guest_session() {
    const Handle vm = new_vm(session_.server, "guest");
    EXPECT_EQ(finish(PrlVm_Start(vm)), PRL_ERR_SUCCESS);
    EXPECT_EQ(finish(PrlVm_InstallTools(vm)), PRL_ERR_SUCCESS);
    put(PHT_VM_GUEST_SESSION,
        answer_of(PrlVm_LoginInGuest(vm, PRL_PRIVILEGED_GUEST_OS_SESSION, nullptr, 0)));
  }

  void put_backup() {
    Handle job(PrlSrv_GetBackupVmList(session_.server, 0));
    Handle result, backup;
    EXPECT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
    EXPECT_EQ(PrlJob_GetResult(job, result.out()), PRL_ERR_SUCCESS);
    EXPECT_EQ(PrlResult_GetParam(result, backup.out()), PRL_ERR_SUCCESS);
    put(PHT_BACKUP, std::move(backup));
  }

  // Packed, since one of the old kind is in no archive.
  void put_report() {
    Handle report;
    EXPECT_EQ(PrlApi_CreatePackedProblemReport(report.out()), PRL_ERR_SUCCESS);
    put(PHT_PROBLEM_REPORT, std::move(report));
  }

  // A record of every type that is nothing but properties, and of which there is none yet.
  void put_records() {
    for (const sdk::PropertyInfo& property : sdk::all_properties()) {
      for (const uint32_t type : property.handle_types) put_record(type);
      put_record(property.child_type);
    }
  }

  void put_record(uint32_t number) {
    const auto type = static_cast<PRL_HANDLE_TYPE>(number);
    const bool is_there =
        std::ranges::any_of(items_, [type](const Item& item) { return item.type == type; });
    if (number == 0 || type == PHT_VM_CONFIGURATION || is_there) return;
    Handle record;
    EXPECT_EQ(PrlSim_CreateObject(type, record.out()), PRL_ERR_SUCCESS) << number;
    put(type, std::move(record));
  }

  // Each list has one item.
  void put_lists() {
    Handle texts, handles, numbers;
    const PRL_UINT32 number = 7;
    static_assert(sizeof(number) == kItemBytes);
    EXPECT_EQ(PrlApi_CreateStringsList(texts.out()), PRL_ERR_SUCCESS);
    EXPECT_EQ(PrlStrList_AddItem(texts, "item"), PRL_ERR_SUCCESS);
    EXPECT_EQ(PrlApi_CreateHandlesList(handles.out()), PRL_ERR_SUCCESS);
    EXPECT_EQ(PrlHndlList_AddItem(handles, texts), PRL_ERR_SUCCESS);
    EXPECT_EQ(PrlApi_CreateOpTypeList(numbers.out(), sizeof(number)), PRL_ERR_SUCCESS);
    EXPECT_EQ(PrlOpTypeList_AddItem(numbers, &number), PRL_ERR_SUCCESS);
    put(PHT_STRINGS_LIST, std::move(texts));
    put(PHT_HANDLES_LIST, std::move(handles));
    put(PHT_OPAQUE_TYPE_LIST, std::move(numbers));
  }

  Session session_;
  std::vector<Item> items_;
  std::vector<PRL_HANDLE> freed_;
};

}  // namespace prl::tests
