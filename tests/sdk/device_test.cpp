// Devices, boot entries and shared folders of a VM's configuration (config-model 7).
#include <gtest/gtest.h>

#include <array>
#include <cstdlib>

#include "tests/sdk/api_session.h"

namespace prl::tests {
namespace {

class Device : public testing::Test {
 protected:
  Device() : vm_(session_.registered_vm("web")) { begin(); }
  ~Device() override { PrlHandle_Free(vm_); }

  void begin() const { EXPECT_EQ(code_of(PrlVm_BeginEdit(vm_)), PRL_ERR_SUCCESS); }
  PRL_HANDLE add(PRL_DEVICE_TYPE type) const {
    PRL_HANDLE device = PRL_INVALID_HANDLE;
    EXPECT_EQ(PrlVmCfg_CreateVmDev(vm_, type, &device), PRL_ERR_SUCCESS);
    return device;
  }
  void add_quietly(PRL_DEVICE_TYPE type) const { PrlHandle_Free(add(type)); }
  PRL_HANDLE disk(PRL_UINT32 position) const {
    PRL_HANDLE device = PRL_INVALID_HANDLE;
    PrlVmCfg_GetHardDisk(vm_, position, &device);
    return device;
  }
  PRL_UINT32 disks() const {
    PRL_UINT32 count = 99;
    EXPECT_EQ(PrlVmCfg_GetHardDisksCount(vm_, &count), PRL_ERR_SUCCESS);
    return count;
  }
  static PRL_UINT32 index(PRL_HANDLE device) {
    PRL_UINT32 index = 99;
    EXPECT_EQ(PrlVmDev_GetIndex(device, &index), PRL_ERR_SUCCESS);
    return index;
  }
  static PRL_UINT32 slot(PRL_HANDLE device) {
    PRL_UINT32 slot = 99;
    EXPECT_EQ(PrlVmDev_GetStackIndex(device, &slot), PRL_ERR_SUCCESS);
    return slot;
  }
  PRL_HANDLE add_boot_entry(PRL_DEVICE_TYPE type, PRL_UINT32 device, PRL_UINT32 sequence) const {
    PRL_HANDLE entry = PRL_INVALID_HANDLE;
    EXPECT_EQ(PrlVmCfg_CreateBootDev(vm_, &entry), PRL_ERR_SUCCESS);
    PrlBootDev_SetType(entry, type);
    PrlBootDev_SetIndex(entry, device);
    PrlBootDev_SetInUse(entry, PRL_TRUE);
    EXPECT_EQ(PrlBootDev_SetSequenceIndex(entry, sequence), PRL_ERR_SUCCESS);
    return entry;
  }
  PRL_UINT32 boot_entries() const {
    PRL_UINT32 count = 99;
    EXPECT_EQ(PrlVmCfg_GetBootDevCount(vm_, &count), PRL_ERR_SUCCESS);
    return count;
  }

  struct VirtualClock {
    VirtualClock() { ::setenv("PRLSIM_CLOCK", "virtual", 1); }
  } clock_;
  InitialisedLibrary library_;
  ApiSession session_;
  PRL_HANDLE vm_;
};

TEST_F(Device, IsMadeWithTheLowestFreeIndexAndTheDefaultsOfItsClass) {
  const PRL_HANDLE first = add(PDE_HARD_DISK);
  const PRL_HANDLE second = add(PDE_HARD_DISK);
  EXPECT_EQ(index(first), 0u);
  EXPECT_EQ(index(second), 1u);
  EXPECT_EQ(PrlVmDev_Remove(first), PRL_ERR_SUCCESS);
  const PRL_HANDLE third = add(PDE_HARD_DISK);
  EXPECT_EQ(index(third), 0u);
  PRL_BOOL flag = PRL_TRUE;
  EXPECT_EQ(PrlVmDev_IsEnabled(third, &flag), PRL_ERR_SUCCESS);
  EXPECT_EQ(flag, PRL_FALSE);
  EXPECT_EQ(PrlVmDev_IsConnected(third, &flag), PRL_ERR_SUCCESS);
  EXPECT_EQ(flag, PRL_TRUE);
  PRL_VM_DEV_EMULATION_TYPE emulated{};
  EXPECT_EQ(PrlVmDev_GetEmulatedType(third, &emulated), PRL_ERR_SUCCESS);
  EXPECT_EQ(emulated, PDT_USE_IMAGE_FILE);
  for (const PRL_HANDLE device : {first, second, third}) PrlHandle_Free(device);
}

// core-api 2.4: clients rely on the first.
TEST_F(Device, TakesNullForTheEmptyTextInThreeSetters) {
  add_quietly(PDE_HARD_DISK);
  add_quietly(PDE_GENERIC_NETWORK_ADAPTER);
  PRL_HANDLE adapter = PRL_INVALID_HANDLE;
  const PRL_HANDLE first = disk(0);
  ASSERT_EQ(PrlVmCfg_GetNetAdapter(vm_, 0, &adapter), PRL_ERR_SUCCESS);
  PrlVmDevHd_SetSerialNumber(first, "WD-1");
  PrlVmDevHd_SetStorageURL(first, "nbd://host");
  PrlVmDevNet_SetVirtualNetworkId(adapter, "Shared");
  EXPECT_EQ(PrlVmDevHd_SetSerialNumber(first, nullptr), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlVmDevHd_SetStorageURL(first, nullptr), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlVmDevNet_SetVirtualNetworkId(adapter, nullptr), PRL_ERR_SUCCESS);
  EXPECT_EQ(text_of(first, PrlVmDevHd_GetSerialNumber), "");
  EXPECT_EQ(text_of(first, PrlVmDevHd_GetStorageURL), "");
  EXPECT_EQ(text_of(adapter, PrlVmDevNet_GetVirtualNetworkId), "");
  PrlHandle_Free(adapter);
  PrlHandle_Free(first);
}

TEST_F(Device, IsFoundByPositionAndByType) {
  add_quietly(PDE_HARD_DISK);
  add_quietly(PDE_GENERIC_NETWORK_ADAPTER);
  add_quietly(PDE_HARD_DISK);
  EXPECT_EQ(disks(), 2u);
  PRL_HANDLE device = disk(1);
  EXPECT_EQ(index(device), 1u);
  PrlHandle_Free(device);
  PRL_UINT32 count = 0;
  EXPECT_EQ(PrlVmCfg_GetDevsCountByType(vm_, PDE_GENERIC_NETWORK_ADAPTER, &count), PRL_ERR_SUCCESS);
  EXPECT_EQ(count, 1u);
  EXPECT_EQ(PrlVmCfg_GetDevByType(vm_, PDE_GENERIC_NETWORK_ADAPTER, 0, &device), PRL_ERR_SUCCESS);
  PRL_DEVICE_TYPE type{};
  EXPECT_EQ(PrlVmDev_GetType(device, &type), PRL_ERR_SUCCESS);
  EXPECT_EQ(type, PDE_GENERIC_NETWORK_ADAPTER);
  PrlHandle_Free(device);
  EXPECT_EQ(PrlVmCfg_GetHardDisk(vm_, 2, &device), PRL_ERR_INVALID_ARG);
  EXPECT_EQ(PrlVmCfg_GetDevByType(vm_, PDE_HARD_DISK, 2, &device), PRL_ERR_INVALID_ARG);
  EXPECT_EQ(PrlVmCfg_GetDevByType(vm_, PDE_MAX, 0, &device), PRL_ERR_UNSUPPORTED_DEVICE_TYPE);
}

TEST_F(Device, ThatWasRemovedSaysSoThroughEveryHandle) {
  const PRL_HANDLE device = add(PDE_HARD_DISK);
  const PRL_HANDLE again = disk(0);
  EXPECT_EQ(PrlVmDev_Remove(device), PRL_ERR_SUCCESS);
  PRL_UINT32 number = 0;
  EXPECT_EQ(PrlVmDev_GetIndex(again, &number), PRL_ERR_OBJECT_WAS_REMOVED);
  EXPECT_EQ(PrlVmDev_SetEnabled(again, PRL_TRUE), PRL_ERR_OBJECT_WAS_REMOVED);
  EXPECT_EQ(PrlVmDev_Remove(again), PRL_ERR_OBJECT_WAS_REMOVED);
  EXPECT_EQ(disks(), 0u);
  PrlHandle_Free(device);
  PrlHandle_Free(again);
}

TEST_F(Device, ListsAreSnapshotsInTheOrderOfClasses) {
  add_quietly(PDE_GENERIC_NETWORK_ADAPTER);
  add_quietly(PDE_HARD_DISK);
  std::array<PRL_HANDLE, 2> devices{};
  PRL_UINT32 count = 1;
  EXPECT_EQ(PrlVmCfg_GetDevsList(vm_, devices.data(), &count), PRL_ERR_BUFFER_OVERRUN);
  EXPECT_EQ(count, 2u);
  ASSERT_EQ(PrlVmCfg_GetDevsList(vm_, devices.data(), &count), PRL_ERR_SUCCESS);
  PRL_DEVICE_TYPE type{};
  EXPECT_EQ(PrlVmDev_GetType(devices[0], &type), PRL_ERR_SUCCESS);
  EXPECT_EQ(type, PDE_HARD_DISK);
  for (const PRL_HANDLE device : devices) PrlHandle_Free(device);
  PRL_HANDLE list = PRL_INVALID_HANDLE;
  ASSERT_EQ(PrlVmCfg_GetAllDevices(vm_, &list), PRL_ERR_SUCCESS);
  ASSERT_EQ(PrlHndlList_GetItemsCount(list, &count), PRL_ERR_SUCCESS);
  ASSERT_EQ(count, 2u);
  for (PRL_UINT32 i = 0; i < count; ++i) {
    PRL_HANDLE device = PRL_INVALID_HANDLE;
    ASSERT_EQ(PrlHndlList_GetItem(list, i, &device), PRL_ERR_SUCCESS);
    EXPECT_EQ(PrlVmDev_Remove(device), PRL_ERR_SUCCESS);
    PrlHandle_Free(device);
  }
  PrlHandle_Free(list);
  EXPECT_EQ(PrlVmCfg_GetDevsCount(vm_, &count), PRL_ERR_SUCCESS);
  EXPECT_EQ(count, 0u);
}

TEST_F(Device, ReachesTheServerWithACommit) {
  const PRL_HANDLE device = add(PDE_HARD_DISK);
  PrlVmDev_SetFriendlyName(device, "disk.hdd");
  PrlVmDevHd_SetDiskSize(device, 4096);
  EXPECT_EQ(code_of(PrlVm_CommitEx(vm_, PVCF_DETACH_HDD_BUNDLE)), PRL_ERR_SUCCESS);
  const ApiSession other;
  const PRL_HANDLE seen = other.find_vm(text_of(vm_, PrlVmCfg_GetUuid));
  PRL_HANDLE found = PRL_INVALID_HANDLE;
  ASSERT_EQ(PrlVmCfg_GetHardDisk(seen, 0, &found), PRL_ERR_SUCCESS);
  EXPECT_EQ(text_of(found, PrlVmDev_GetSysName), "disk.hdd");
  EXPECT_EQ(text_of(found, PrlVmDev_GetImagePath), "disk.hdd");
  PRL_UINT32 size = 0;
  EXPECT_EQ(PrlVmDevHd_GetDiskSize(found, &size), PRL_ERR_SUCCESS);
  EXPECT_EQ(size, 4096u);
  for (const PRL_HANDLE handle : {found, seen, device}) PrlHandle_Free(handle);
}

TEST_F(Device, OfARunningVmMayBeDisconnectedOnly) {
  const PRL_HANDLE drive = add(PDE_OPTICAL_DISK);
  EXPECT_EQ(code_of(PrlVm_Commit(vm_)), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(PrlVm_Start(vm_)), PRL_ERR_SUCCESS);
  begin();
  PrlVmDev_SetConnected(drive, PRL_FALSE);
  EXPECT_EQ(code_of(PrlVm_Commit(vm_)), PRL_ERR_SUCCESS);
  begin();
  PrlVmDev_SetEnabled(drive, PRL_TRUE);
  EXPECT_EQ(code_of(PrlVm_Commit(vm_)), PRL_ERR_VM_MUST_BE_STOPPED_FOR_CHANGE_DEVICES);
  EXPECT_EQ(code_of(PrlVm_Stop(vm_, PRL_FALSE)), PRL_ERR_SUCCESS);
  PrlHandle_Free(drive);
}

TEST_F(Device, GetsAFreeSlotOfItsInterface) {
  std::array<PRL_HANDLE, 5> drives{};
  for (size_t i = 0; i < 4; ++i) {
    drives[i] = add(i % 2 == 0 ? PDE_HARD_DISK : PDE_OPTICAL_DISK);
    EXPECT_EQ(PrlVmDev_SetDefaultStackIndex(drives[i]), PRL_ERR_SUCCESS);
    EXPECT_EQ(slot(drives[i]), i);
  }
  drives[4] = add(PDE_HARD_DISK);
  EXPECT_EQ(PrlVmDev_SetDefaultStackIndex(drives[4]), PRL_ERR_NO_MORE_FREE_INTERFACE_SLOTS);
  EXPECT_EQ(PrlVmDev_SetIfaceType(drives[4], PMS_SATA_DEVICE), PRL_ERR_SUCCESS);
  EXPECT_EQ(slot(drives[4]), 0u);
  for (const PRL_HANDLE drive : drives) PrlHandle_Free(drive);
  const PRL_HANDLE sound = add(PDE_SOUND_DEVICE);
  PRL_UINT32 number = 99;
  EXPECT_EQ(PrlVmDev_GetStackIndex(sound, &number), PRL_ERR_UNIMPLEMENTED);
  EXPECT_EQ(number, 0u);
  EXPECT_EQ(PrlVmDev_SetIfaceType(sound, PMS_SATA_DEVICE), PRL_ERR_INVALID_ARG);
  PrlHandle_Free(sound);
}

TEST_F(Device, BootEntriesFollowTheirSequenceAndAreNumberedByTheServer) {
  const PRL_HANDLE disk_entry = add_boot_entry(PDE_HARD_DISK, 0, 1);
  const PRL_HANDLE optical_entry = add_boot_entry(PDE_OPTICAL_DISK, 0, 0);
  PRL_HANDLE first = PRL_INVALID_HANDLE;
  ASSERT_EQ(PrlVmCfg_GetBootDev(vm_, 0, &first), PRL_ERR_SUCCESS);
  PRL_DEVICE_TYPE type{};
  EXPECT_EQ(PrlBootDev_GetType(first, &type), PRL_ERR_SUCCESS);
  EXPECT_EQ(type, PDE_OPTICAL_DISK);
  EXPECT_EQ(code_of(PrlVm_Commit(vm_)), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(PrlVm_RefreshConfig(vm_)), PRL_ERR_SUCCESS);
  PRL_UINT32 sequence = 0;
  EXPECT_EQ(PrlBootDev_GetSequenceIndex(first, &sequence), PRL_ERR_SUCCESS);
  EXPECT_EQ(sequence, 1u);
  EXPECT_EQ(PrlBootDev_GetSequenceIndex(disk_entry, &sequence), PRL_ERR_SUCCESS);
  EXPECT_EQ(sequence, 2u);
  for (const PRL_HANDLE entry : {first, disk_entry, optical_entry}) PrlHandle_Free(entry);
}

TEST_F(Device, TakesItsBootEntriesAlong) {
  const PRL_HANDLE device = add(PDE_HARD_DISK);
  const PRL_HANDLE other = add(PDE_HARD_DISK);
  const PRL_HANDLE entry = add_boot_entry(PDE_HARD_DISK, 0, 1);
  const PRL_HANDLE kept = add_boot_entry(PDE_HARD_DISK, 1, 2);
  EXPECT_EQ(boot_entries(), 2u);
  EXPECT_EQ(PrlVmDev_Remove(device), PRL_ERR_SUCCESS);
  EXPECT_EQ(boot_entries(), 1u);
  EXPECT_EQ(PrlBootDev_Remove(entry), PRL_ERR_OBJECT_WAS_REMOVED);
  EXPECT_EQ(PrlBootDev_Remove(kept), PRL_ERR_SUCCESS);
  EXPECT_EQ(boot_entries(), 0u);
  for (const PRL_HANDLE handle : {device, other, entry, kept}) PrlHandle_Free(handle);
}

TEST_F(Device, OfANetworkHasAnAddress) {
  const PRL_HANDLE adapter = add(PDE_GENERIC_NETWORK_ADAPTER);
  const std::string first = text_of(adapter, PrlVmDevNet_GetMacAddress);
  EXPECT_EQ(first.size(), 12u);
  EXPECT_TRUE(first.starts_with("001C42")) << first;
  EXPECT_EQ(PrlVmDevNet_GenerateMacAddr(adapter), PRL_ERR_SUCCESS);
  EXPECT_NE(text_of(adapter, PrlVmDevNet_GetMacAddress), first);
  for (const char* text : {"00:1c:42:a0:b1:c2", "001C42A0B1C2", "00-1C-42-a0-b1-c2"}) {
    EXPECT_EQ(PrlVmDevNet_SetMacAddress(adapter, text), PRL_ERR_SUCCESS) << text;
    EXPECT_EQ(text_of(adapter, PrlVmDevNet_GetMacAddress), "001C42A0B1C2");
    EXPECT_EQ(text_of(adapter, PrlVmDevNet_GetMacAddressCanonical), "00:1c:42:a0:b1:c2");
  }
  for (const char* text : {"", "001C42A0B1", "001C42A0B1CX", "001C42A0B1C2D3"}) {
    EXPECT_EQ(PrlVmDevNet_SetMacAddress(adapter, text), PRL_ERR_INVALID_ARG) << text;
  }
  const PRL_HANDLE disk = add(PDE_HARD_DISK);
  EXPECT_EQ(PrlVmDevNet_SetMacAddress(disk, "001C42A0B1C2"), PRL_ERR_INVALID_ARG);
  PrlHandle_Free(disk);
  PrlHandle_Free(adapter);
}

TEST_F(Device, SharesAreAListOfTheirOwn) {
  PRL_HANDLE share = PRL_INVALID_HANDLE;
  ASSERT_EQ(PrlVmCfg_CreateShare(vm_, &share), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlShare_SetName(share, "home"), PRL_ERR_SUCCESS);
  PRL_HANDLE again = PRL_INVALID_HANDLE;
  ASSERT_EQ(PrlVmCfg_GetShare(vm_, 0, &again), PRL_ERR_SUCCESS);
  EXPECT_EQ(text_of(again, PrlShare_GetName), "home");
  EXPECT_EQ(PrlVmDev_Remove(share), PRL_ERR_INVALID_ARG);
  EXPECT_EQ(PrlShare_Remove(share), PRL_ERR_SUCCESS);
  PRL_UINT32 count = 9;
  EXPECT_EQ(PrlVmCfg_GetSharesCount(vm_, &count), PRL_ERR_SUCCESS);
  EXPECT_EQ(count, 0u);
  PrlHandle_Free(share);
  PrlHandle_Free(again);
}

}  // namespace
}  // namespace prl::tests
