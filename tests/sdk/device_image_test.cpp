// What is behind the devices of a VM: images on disk, plugs of a running VM, devices without a VM.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/sdk/session.h"

namespace prl::tests {
namespace {

constexpr const char* kRunning = R"(clock = "virtual"
[[vm]]
name = "box"
ram_mib = 4
)";

struct AVmWithADisk : testing::Test {
  AVmWithADisk() : vm(vm_by_name(session.server, "box")) {
    EXPECT_EQ(finish(PrlVm_BeginEdit(vm)), PRL_ERR_SUCCESS);
    EXPECT_EQ(PrlVmCfg_CreateVmDev(vm, PDE_HARD_DISK, disk.out()), PRL_ERR_SUCCESS);
    EXPECT_EQ(PrlVmCfg_CreateVmDev(vm, PDE_OPTICAL_DISK, drive.out()), PRL_ERR_SUCCESS);
    EXPECT_EQ(PrlVmDevHd_SetDiskSize(disk, 8), PRL_ERR_SUCCESS);
    EXPECT_EQ(PrlVmDev_SetSysName(disk, "harddisk.hdd"), PRL_ERR_SUCCESS);
  }
  PRL_RESULT create(PRL_BOOL may_replace = PRL_FALSE) const {
    return finish(PrlVmDev_CreateImage(disk, may_replace, PRL_TRUE));
  }
  // The disk of the VM's home.
  Handle open(const std::string& name) const {
    const std::string image = text_of([this](PRL_STR text, PRL_UINT32_PTR length) {
      return PrlSim_GetImagePath(vm, text, length);
    });
    const std::string path = image.substr(0, image.rfind('/') + 1) + name;
    Handle opened;
    EXPECT_EQ(PrlDisk_OpenDisk(opened.out(), path.c_str(), PRL_DISK_WRITE, nullptr),
              PRL_ERR_SUCCESS)
        << path;
    return opened;
  }
  PRL_UINT64 sectors_of(PRL_HANDLE opened) const {
    Handle parameters;
    PRL_UINT64 sectors = 0;
    EXPECT_EQ(PrlDisk_GetParams(opened, parameters.out()), PRL_ERR_SUCCESS);
    EXPECT_EQ(PrlDiskParams_GetSize(parameters, &sectors), PRL_ERR_SUCCESS);
    return sectors;
  }
  void commit() const { EXPECT_EQ(finish(PrlVm_Commit(vm)), PRL_ERR_SUCCESS); }
  // The device as the host has it.
  PRL_UINT32 stored_size() const {
    EXPECT_EQ(finish(PrlVm_RefreshConfig(vm)), PRL_ERR_SUCCESS);
    PRL_UINT32 size = 0;
    EXPECT_EQ(PrlVmDevHd_GetDiskSize(disk, &size), PRL_ERR_SUCCESS);
    return size;
  }

  const Session session{kRunning};
  const Handle vm;
  Handle disk, drive;
};

TEST_F(AVmWithADisk, GetsItsImageBeforeItIsCommitted) {
  EXPECT_EQ(create(), PRL_ERR_SUCCESS);
  EXPECT_EQ(sectors_of(open("harddisk.hdd")), 8u * 2048);
  EXPECT_EQ(create(), PRL_ERR_DISK_FILE_EXISTS);
  {
    const Handle busy = open("harddisk.hdd");
    EXPECT_EQ(create(PRL_TRUE), PRL_ERR_DISK_SHARING_VIOLATION);
  }
  EXPECT_EQ(create(PRL_TRUE), PRL_ERR_SUCCESS);
}

TEST_F(AVmWithADisk, GetsNoImageOfNoSizeAndNoneForADrive) {
  EXPECT_EQ(PrlVmDevHd_SetDiskSize(disk, 0), PRL_ERR_SUCCESS);
  EXPECT_EQ(create(), PRL_ERR_CREATE_HARD_DISK_WITH_ZERO_SIZE);
  EXPECT_EQ(finish(PrlVmDev_CreateImage(drive, PRL_FALSE, PRL_TRUE)),
            PRL_ERR_UNSUPPORTED_DEVICE_TYPE);
}

TEST_F(AVmWithADisk, KnowsHowMuchSpaceItTakes) {
  PRL_UINT32 size_mib = 7;
  EXPECT_EQ(PrlVmDevHd_GetSizeOnDisk(disk, &size_mib), PRL_ERR_SUCCESS);
  EXPECT_EQ(size_mib, 0u);
  EXPECT_EQ(create(), PRL_ERR_SUCCESS);
  const std::vector<char> sector(512, 'x');
  EXPECT_EQ(PrlDisk_Write(open("harddisk.hdd"), sector.data(), 512, 9), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlVmDevHd_GetSizeOnDisk(disk, &size_mib), PRL_ERR_SUCCESS);
  EXPECT_EQ(size_mib, 1u);
}

TEST_F(AVmWithADisk, CopiesItsImage) {
  EXPECT_EQ(finish(PrlVmDev_CopyImage(disk, "copy.hdd", "", 0)), PRL_ERR_FILE_NOT_FOUND);
  EXPECT_EQ(create(), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVmDev_CopyImage(disk, "copy.hdd", "", 0)), PRL_ERR_SUCCESS);
  EXPECT_EQ(sectors_of(open("copy.hdd")), 8u * 2048);
  EXPECT_EQ(finish(PrlVmDev_CopyImage(disk, "copy.hdd", "", 0)), PRL_ERR_DISK_FILE_EXISTS);
}

// A name is one in the folder, whatever it looks like.
TEST_F(AVmWithADisk, KeepsACopyInItsFolderWhoseNameBeginsWithASlash) {
  EXPECT_EQ(create(), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVmDev_CopyImage(disk, "/copy.hdd", "", 0)), PRL_ERR_SUCCESS);
  EXPECT_EQ(sectors_of(open("copy.hdd")), 8u * 2048);
}

// It has no folder that the name of an image could be relative to.
TEST_F(AVmWithADisk, HasNoImageOfARelativeNameWhereItIsNotRegistered) {
  const Handle unregistered = unregistered_vm(session.server, "other");
  Handle its_disk, of_that_name;
  EXPECT_EQ(PrlVmCfg_CreateVmDev(unregistered, PDE_HARD_DISK, its_disk.out()), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlVmDev_SetSysName(its_disk, "relative.hdd"), PRL_ERR_SUCCESS);
  PRL_DISK_PARAMETERS parameters{};
  parameters.m_SizeInSectors = 8 * 2048;
  ASSERT_EQ(PrlDisk_CreateDisk(of_that_name.out(), "relative.hdd", &parameters, nullptr, nullptr),
            PRL_ERR_SUCCESS);
  const std::vector<char> sector(512, 'x');
  EXPECT_EQ(PrlDisk_Write(of_that_name, sector.data(), 512, 9), PRL_ERR_SUCCESS);
  PRL_UINT32 size_mib = 7;
  EXPECT_EQ(PrlVmDevHd_GetSizeOnDisk(its_disk, &size_mib), PRL_ERR_SUCCESS);
  EXPECT_EQ(size_mib, 0u);
}

TEST_F(AVmWithADisk, ChangesItsSizeWhileItIsStopped) {
  EXPECT_EQ(create(), PRL_ERR_SUCCESS);
  commit();
  EXPECT_EQ(finish(PrlVmDev_ResizeImage(disk, 16, 0)), PRL_ERR_SUCCESS);
  EXPECT_EQ(sectors_of(open("harddisk.hdd")), 16u * 2048);
  EXPECT_EQ(stored_size(), 16u);
  EXPECT_EQ(finish(PrlVmDev_ResizeImage(disk, 8, 0)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVmDev_ResizeImage(disk, 32, PRIF_DISK_INFO)), PRL_ERR_UNIMPLEMENTED);
}

// vm-lifecycle 2.4
TEST_F(AVmWithADisk, OnlyGrowsWhileItsGuestLives) {
  EXPECT_EQ(create(), PRL_ERR_SUCCESS);
  commit();
  const auto resize = [&](PRL_UINT32 size_mib, PRL_UINT32 flags = 0) {
    return finish(PrlVmDev_ResizeImage(disk, size_mib, flags));
  };
  EXPECT_EQ(finish(PrlVm_Start(vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(resize(16), PRL_ERR_SUCCESS);
  EXPECT_EQ(stored_size(), 16u);
  EXPECT_EQ(resize(15), PRL_ERR_VM_REQUEST_NOT_SUPPORTED);
  EXPECT_EQ(resize(32, PRIF_RESIZE_LAST_PARTITION), PRL_ERR_VM_REQUEST_NOT_SUPPORTED);
  EXPECT_EQ(finish(PrlVm_Pause(vm, PRL_FALSE)), PRL_ERR_SUCCESS);
  EXPECT_EQ(resize(24), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_Suspend(vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(resize(32), PRL_ERR_DISP_VM_IS_NOT_STOPPED);
  EXPECT_EQ(sectors_of(open("harddisk.hdd")), 24u * 2048);
}

TEST_F(AVmWithADisk, CopiesItsImageOnlyWhileItIsOff) {
  EXPECT_EQ(create(), PRL_ERR_SUCCESS);
  commit();
  const auto copy = [&](const char* name) {
    return finish(PrlVmDev_CopyImage(disk, name, "", 0));
  };
  EXPECT_EQ(finish(PrlVm_Start(vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(copy("a.hdd"), PRL_ERR_DISP_VM_IS_NOT_STOPPED);
  EXPECT_EQ(finish(PrlVm_Pause(vm, PRL_FALSE)), PRL_ERR_SUCCESS);
  EXPECT_EQ(copy("a.hdd"), PRL_ERR_DISP_VM_IS_NOT_STOPPED);
  EXPECT_EQ(finish(PrlVm_Suspend(vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(copy("a.hdd"), PRL_ERR_SUCCESS);
}

// vm-lifecycle 5.2: each of them holds the VM, and the code names it.
TEST_F(AVmWithADisk, LeavesItsImageAloneWhileItsFolderIsInUse) {
  EXPECT_EQ(create(), PRL_ERR_SUCCESS);
  commit();
  for (const bool is_clone : {true, false}) {
    const Handle job(is_clone ? PrlVm_Clone(vm, "copy", "", PRL_FALSE) : PrlVm_Move(vm, "/x", 0));
    const PRL_RESULT held = is_clone ? PRL_ERR_VM_LOCKED_FOR_CLONE : PRL_ERR_VM_LOCKED_FOR_MOVE;
    PrlSim_AdvanceTime(10);
    EXPECT_EQ(finish(PrlVmDev_ResizeImage(disk, 16, 0)), held);
    EXPECT_EQ(finish(PrlVmDev_CopyImage(disk, "a.hdd", "", 0)), held);
    EXPECT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
    EXPECT_EQ(code_of(job), PRL_ERR_SUCCESS);
  }
}

// vm-lifecycle 5.2, rule 15: clients of profile V are told all the time that the VM is stopped.
TEST(ADiskOfAVirtuozzoVm, IsLeftAloneWhileItsVmIsKilledOnItsWayUp) {
  const Session session(R"(clock = "virtual"
profile = "virtuozzo"
[[vm]]
name = "box"
ram_mib = 4
[[vm.disk]]
size_mib = 8
)");
  const Handle vm = vm_by_name(session.server, "box");
  Handle disk;
  ASSERT_EQ(PrlVmCfg_GetHardDisk(vm, 0, disk.out()), PRL_ERR_SUCCESS);
  const Handle start(PrlVm_Start(vm));
  PrlSim_AdvanceTime(10);
  const Handle kill(PrlVm_Stop(vm, PRL_FALSE));
  EXPECT_EQ(finish(PrlVmDev_CopyImage(disk, "copy.hdd", "", 0)),
            PRL_ERR_VM_LOCKED_FOR_INTERNAL_REASON);
  EXPECT_EQ(finish(PrlVmDev_ResizeImage(disk, 16, 0)), PRL_ERR_VM_LOCKED_FOR_INTERNAL_REASON);
  PrlJob_Wait(kill, UINT32_MAX);
  EXPECT_EQ(finish(PrlVmDev_CopyImage(disk, "copy.hdd", "", 0)), PRL_ERR_SUCCESS);
}

TEST_F(AVmWithADisk, GoesWithItsVm) {
  EXPECT_EQ(create(), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_Delete(vm, PRL_INVALID_HANDLE)), PRL_ERR_SUCCESS);
  EXPECT_EQ(create(), PRL_ERR_VM_UUID_NOT_FOUND);
}

// -- Plugs.

PRL_BOOL is_connected(PRL_HANDLE device) {
  PRL_BOOL connected = PRL_FALSE;
  EXPECT_EQ(PrlVmDev_IsConnected(device, &connected), PRL_ERR_SUCCESS);
  return connected;
}

TEST_F(AVmWithADisk, IsUnpluggedAtOnceWhileTheVmRuns) {
  commit();
  EXPECT_EQ(finish(PrlVmDev_Disconnect(drive)), PRL_ERR_DISP_VM_IS_NOT_STARTED);
  EXPECT_EQ(finish(PrlVm_Start(vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVmDev_Disconnect(drive)), PRL_ERR_SUCCESS);
  EXPECT_TRUE(is_connected(drive));  // the local copy stays as it is
  EXPECT_EQ(finish(PrlVm_RefreshConfig(vm)), PRL_ERR_SUCCESS);
  EXPECT_FALSE(is_connected(drive));
  EXPECT_EQ(finish(PrlVmDev_Connect(drive)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_RefreshConfig(vm)), PRL_ERR_SUCCESS);
  EXPECT_TRUE(is_connected(drive));
  EXPECT_EQ(finish(PrlVm_Pause(vm, PRL_FALSE)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVmDev_Disconnect(drive)), PRL_ERR_CANNOT_EDIT_HARDWARE_FOR_PAUSED_VM);
}

TEST_F(AVmWithADisk, IsNotPluggedBeforeItIsCommitted) {
  EXPECT_EQ(finish(PrlVm_Start(vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVmDev_Disconnect(drive)), PRL_ERR_OBJECT_WAS_REMOVED);
}

// Keeps the devices of the events that it sees.
struct DeviceWatcher {
  static PRL_RESULT PRL_CALL handle(PRL_HANDLE notification, PRL_VOID_PTR data) {
    const Handle owned(notification);
    Handle parameter, device;
    PRL_HANDLE_TYPE type = PHT_ERROR;
    if (PRL_FAILED(PrlEvent_GetParamByName(notification, "vm_config_dev_state", parameter.out()))) {
      return PRL_ERR_SUCCESS;
    }
    if (PRL_FAILED(PrlEvtPrm_ToHandle(parameter, device.out()))) return PRL_ERR_SUCCESS;
    PrlHandle_GetType(device, &type);
    static_cast<DeviceWatcher*>(data)->types.push_back(type);
    return PRL_ERR_SUCCESS;
  }
  std::vector<PRL_HANDLE_TYPE> types;
};

TEST_F(AVmWithADisk, IsToldAboutWithTheDeviceInTheEvent) {
  commit();
  DeviceWatcher watcher;
  Recorder recorder(vm);
  PrlVm_RegEventHandler(vm, &DeviceWatcher::handle, &watcher);
  recorder.up_to_end_of(PrlVm_InitiateDevStateNotifications(vm));
  PrlVm_UnregEventHandler(vm, &DeviceWatcher::handle, &watcher);
  EXPECT_EQ(watcher.types, (std::vector<PRL_HANDLE_TYPE>{PHT_VIRTUAL_DEV_HARD_DISK,
                                                         PHT_VIRTUAL_DEV_OPTICAL_DISK}));
}

// -- Devices without a VM.

TEST(ADeviceWithoutAVm, HasPropertiesAndNoJobs) {
  const Session session;
  Handle disk;
  PRL_UINT32 size = 0;
  ASSERT_EQ(PrlVmDev_Create(PDE_HARD_DISK, disk.out()), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlVmDevHd_SetDiskSize(disk, 100), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlVmDevHd_GetDiskSize(disk, &size), PRL_ERR_SUCCESS);
  EXPECT_EQ(size, 100u);
  EXPECT_EQ(finish(PrlVmDev_Connect(disk)), PRL_ERR_UNINITIALIZED);
  EXPECT_EQ(finish(PrlVmDev_CreateImage(disk, PRL_FALSE, PRL_FALSE)), PRL_ERR_UNINITIALIZED);
  EXPECT_EQ(PrlVmDev_Remove(disk), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlVmDevHd_GetDiskSize(disk, &size), PRL_ERR_OBJECT_WAS_REMOVED);
  EXPECT_EQ(PrlVmDev_Create(PDE_GENERIC_DEVICE, disk.out()), PRL_ERR_UNSUPPORTED_DEVICE_TYPE);
}

// -- Keys of disks.

TEST_F(AVmWithADisk, CommitsItsKeyAlone) {
  commit();
  Handle encryption;
  PRL_BOOL encrypted = PRL_FALSE;
  ASSERT_EQ(PrlVmDevHd_GetEncryption(disk, encryption.out()), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlVmDevHdEncryption_SetKeyId(encryption, "key"), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlVmDevHd_SetDiskSize(disk, 99), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_CommitEncryption(vm, 0, PRL_INVALID_HANDLE, PRL_INVALID_HANDLE)),
            PRL_ERR_SUCCESS);
  EXPECT_EQ(stored_size(), 8u);
  EXPECT_EQ(PrlVmDevHd_IsEncrypted(disk, &encrypted), PRL_ERR_SUCCESS);
  EXPECT_TRUE(encrypted);
}

// -- Passwords.

TEST_F(AVmWithADisk, ChecksAPasswordAgainstItsImage) {
  const auto check = [&] { return finish(PrlVmDevHd_CheckPassword(disk, 0)); };
  commit();
  EXPECT_EQ(check(), PRL_ERR_FILE_NOT_FOUND);
  ASSERT_EQ(create(), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlVmDevHd_SetPassword(disk, "secret"), PRL_ERR_SUCCESS);
  EXPECT_EQ(check(), PRL_ERR_ENC_HDD_IS_UNENCRYPTED);
  {
    const Handle opened = open("harddisk.hdd");
    PRL_GUID engine{.Data1 = 7};
    std::string key = "secret";
    EXPECT_EQ(PrlDisk_Encrypt(opened, &engine, reinterpret_cast<PRL_UINT8_PTR>(key.data()),
                              static_cast<PRL_UINT32>(key.size()), nullptr, nullptr),
              PRL_ERR_SUCCESS);
  }
  EXPECT_EQ(check(), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlVmDevHd_SetPassword(disk, "other"), PRL_ERR_SUCCESS);
  EXPECT_EQ(check(), PRL_ERR_WRONG_PASSWORD_TO_ENCRYPTED_HDD);
  EXPECT_EQ(PrlVmDevHd_SetPassword(disk, ""), PRL_ERR_SUCCESS);
  EXPECT_EQ(check(), PRL_ERR_WRONG_PASSWORD_TO_ENCRYPTED_HDD) << "it is forgotten";
  EXPECT_EQ(finish(PrlVmDevHd_CheckPassword(drive, 0)), PRL_ERR_INVALID_ARG);
}

// The configuration, which is sent and can be read, does not hold it.
TEST_F(AVmWithADisk, KeepsAPasswordToItself) {
  EXPECT_EQ(PrlVmDevHd_SetPassword(disk, "s3cret-word"), PRL_ERR_SUCCESS);
  commit();
  PRL_VOID_PTR text = nullptr;
  ASSERT_EQ(PrlHandle_ToString(vm, &text), PRL_ERR_SUCCESS);
  EXPECT_EQ(std::string(static_cast<const char*>(text)).find("s3cret-word"), std::string::npos);
  EXPECT_EQ(PrlBuffer_Free(text), PRL_ERR_SUCCESS);
}

}  // namespace
}  // namespace prl::tests
