// Configurations on their way to the server and back: registration, reload, BeginEdit and Commit
// (config-model 3).
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/sdk/api_session.h"

namespace prl::tests {
namespace {

class EditCommit : public testing::Test {
 protected:
  EditCommit() : vm_(session_.registered_vm("web")) {}
  ~EditCommit() override { PrlHandle_Free(vm_); }

  static std::string description(PRL_HANDLE vm) { return text_of(vm, PrlVmCfg_GetDescription); }
  static std::string name(PRL_HANDLE vm) { return text_of(vm, PrlVmCfg_GetName); }
  static std::string uuid(PRL_HANDLE vm) { return text_of(vm, PrlVmCfg_GetUuid); }
  static PRL_UINT32 ram(PRL_HANDLE vm) {
    PRL_UINT32 mib = 0;
    PrlVmCfg_GetRamSize(vm, &mib);
    return mib;
  }
  // The VM as another session sees it now.
  PRL_HANDLE elsewhere(const ApiSession& other) const { return other.find_vm(uuid(vm_)); }

  struct VirtualClock {
    VirtualClock() { ::setenv("PRLSIM_CLOCK", "virtual", 1); }
  } clock_;
  InitialisedLibrary library_;
  ApiSession session_;
  PRL_HANDLE vm_;
};

TEST_F(EditCommit, RegistrationKeepsEverySetting) {
  const PRL_HANDLE made = session_.new_vm();
  PrlVmCfg_SetName(made, "db");
  PrlVmCfg_SetDescription(made, "two\nlines");
  PrlVmCfg_SetCpuUnits(made, 2000);
  ASSERT_EQ(code_of(PrlVm_Reg(made, "", PRL_TRUE)), PRL_ERR_SUCCESS);
  const ApiSession other;
  const PRL_HANDLE seen = other.find_vm(uuid(made));
  EXPECT_EQ(description(seen), "two\nlines");
  PRL_UINT32 units = 0;
  EXPECT_EQ(PrlVmCfg_GetCpuUnits(seen, &units), PRL_ERR_SUCCESS);
  EXPECT_EQ(units, 2000u);
  PrlHandle_Free(seen);
  PrlHandle_Free(made);
}

TEST_F(EditCommit, LocalChangesAreSeenAtOnceAndLostOnReload) {
  PrlVmCfg_SetDescription(vm_, "local");
  EXPECT_EQ(description(vm_), "local");
  EXPECT_EQ(code_of(PrlVm_RefreshConfig(vm_)), PRL_ERR_SUCCESS);
  EXPECT_EQ(description(vm_), "");
  PrlVmCfg_SetDescription(vm_, "local");
  EXPECT_EQ(code_of(PrlVm_BeginEdit(vm_)), PRL_ERR_SUCCESS);
  EXPECT_EQ(description(vm_), "");
}

TEST_F(EditCommit, BeginEditAnswersTheSharedObjectAndCommitOneOfItsOwn) {
  PRL_HANDLE answer = object_of(PrlVm_BeginEdit(vm_));
  EXPECT_EQ(answer, vm_);
  PrlHandle_Free(answer);
  PrlVmCfg_SetDescription(vm_, "committed");
  answer = object_of(PrlVm_Commit(vm_));
  ASSERT_NE(answer, PRL_HANDLE{PRL_INVALID_HANDLE});
  EXPECT_NE(answer, vm_);
  EXPECT_EQ(description(answer), "committed");
  PrlHandle_Free(answer);
  EXPECT_EQ(description(vm_), "committed");
}

TEST_F(EditCommit, CommitNeedsAStampEachTime) {
  EXPECT_EQ(code_of(PrlVm_Commit(vm_)), PRL_ERR_CONFIG_BEGIN_EDIT_NOT_FOUND_OBJECT_UUID);
  const ApiSession other;
  const PRL_HANDLE seen = elsewhere(other);
  EXPECT_EQ(code_of(PrlVm_BeginEdit(seen)), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(PrlVm_Commit(vm_)), PRL_ERR_CONFIG_BEGIN_EDIT_NOT_FOUND_USER_UUID);
  EXPECT_EQ(code_of(PrlVm_Commit(seen)), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(PrlVm_CommitEx(seen, 0)), PRL_ERR_CONFIG_BEGIN_EDIT_NOT_FOUND_OBJECT_UUID);
  PrlHandle_Free(seen);
}

TEST_F(EditCommit, LogoffDropsTheStamps) {
  {
    const ApiSession other;
    const PRL_HANDLE seen = elsewhere(other);
    EXPECT_EQ(code_of(PrlVm_BeginEdit(seen)), PRL_ERR_SUCCESS);
    PrlHandle_Free(seen);
  }
  EXPECT_EQ(code_of(PrlVm_Commit(vm_)), PRL_ERR_CONFIG_BEGIN_EDIT_NOT_FOUND_OBJECT_UUID);
}

TEST_F(EditCommit, IndependentChangesMerge) {
  const ApiSession other;
  const PRL_HANDLE seen = elsewhere(other);
  EXPECT_EQ(code_of(PrlVm_BeginEdit(vm_)), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(PrlVm_BeginEdit(seen)), PRL_ERR_SUCCESS);
  PrlVmCfg_SetDescription(vm_, "mine");
  PrlVmCfg_SetRamSize(seen, 8);
  EXPECT_EQ(code_of(PrlVm_Commit(vm_)), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(PrlVm_Commit(seen)), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(PrlVm_RefreshConfig(vm_)), PRL_ERR_SUCCESS);
  EXPECT_EQ(ram(vm_), 8u);
  EXPECT_EQ(description(vm_), "mine");
  PrlHandle_Free(seen);
}

TEST_F(EditCommit, ChangesOfTheSameSettingClash) {
  const ApiSession other;
  const PRL_HANDLE seen = elsewhere(other);
  EXPECT_EQ(code_of(PrlVm_BeginEdit(vm_)), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(PrlVm_BeginEdit(seen)), PRL_ERR_SUCCESS);
  PrlVmCfg_SetDescription(vm_, "mine");
  PrlVmCfg_SetDescription(seen, "theirs");
  EXPECT_EQ(code_of(PrlVm_Commit(seen)), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(PrlVm_Commit(vm_)), PRL_ERR_VM_CONFIG_WAS_CHANGED);
  EXPECT_EQ(code_of(PrlVm_BeginEdit(vm_)), PRL_ERR_SUCCESS);
  EXPECT_EQ(description(vm_), "theirs");
  PrlHandle_Free(seen);
}

TEST_F(EditCommit, RunningVmRefusesHardwareAndAnotherName) {
  ASSERT_EQ(code_of(PrlVm_Start(vm_)), PRL_ERR_SUCCESS);
  ASSERT_EQ(code_of(PrlVm_BeginEdit(vm_)), PRL_ERR_SUCCESS);
  PrlVmCfg_SetRamSize(vm_, 8);
  EXPECT_EQ(code_of(PrlVm_Commit(vm_)), PRL_ERR_VM_MUST_BE_STOPPED_FOR_CHANGE_DEVICES);
  PrlVmCfg_SetRamSize(vm_, 4);
  PrlVmCfg_SetVideoRamSize(vm_, 32);
  EXPECT_EQ(code_of(PrlVm_Commit(vm_)), PRL_ERR_VM_MUST_BE_STOPPED_FOR_CHANGE_DEVICES);
  PrlVmCfg_SetVideoRamSize(vm_, 16);
  PrlVmCfg_SetName(vm_, "other");
  EXPECT_EQ(code_of(PrlVm_Commit(vm_)), PRL_ERR_VM_MUST_BE_STOPPED_BEFORE_RENAMING);
  PrlVmCfg_SetName(vm_, "web");
  PrlVmCfg_SetDescription(vm_, "no hardware");
  EXPECT_EQ(code_of(PrlVm_Commit(vm_)), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(PrlVm_Stop(vm_, PRL_FALSE)), PRL_ERR_SUCCESS);
}

TEST_F(EditCommit, PausedVmRefusesHardware) {
  ASSERT_EQ(code_of(PrlVm_Start(vm_)), PRL_ERR_SUCCESS);
  ASSERT_EQ(code_of(PrlVm_Pause(vm_, PRL_FALSE)), PRL_ERR_SUCCESS);
  ASSERT_EQ(code_of(PrlVm_BeginEdit(vm_)), PRL_ERR_SUCCESS);
  PrlVmCfg_SetCpuCount(vm_, 2);
  EXPECT_EQ(code_of(PrlVm_Commit(vm_)), PRL_ERR_CANNOT_EDIT_HARDWARE_FOR_PAUSED_VM);
  EXPECT_EQ(code_of(PrlVm_Stop(vm_, PRL_FALSE)), PRL_ERR_SUCCESS);
}

TEST_F(EditCommit, SuspendedVmIsNotEdited) {
  ASSERT_EQ(code_of(PrlVm_Start(vm_)), PRL_ERR_SUCCESS);
  ASSERT_EQ(code_of(PrlVm_BeginEdit(vm_)), PRL_ERR_SUCCESS);
  ASSERT_EQ(code_of(PrlVm_Suspend(vm_)), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(PrlVm_Commit(vm_)), PRL_ERR_CANT_EDIT_SUSPENDED_VM);
  EXPECT_EQ(code_of(PrlVm_BeginEdit(vm_)), PRL_ERR_CANT_EDIT_SUSPENDED_VM);
  ASSERT_EQ(code_of(PrlVm_DropSuspendedState(vm_)), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(PrlVm_Commit(vm_)), PRL_ERR_SUCCESS);
}

TEST_F(EditCommit, StoppedVmTakesSizesWithItsNextBoot) {
  ASSERT_EQ(code_of(PrlVm_BeginEdit(vm_)), PRL_ERR_SUCCESS);
  PrlVmCfg_SetRamSize(vm_, 8);
  PrlVmCfg_SetCpuCount(vm_, 2);
  ASSERT_EQ(code_of(PrlVm_Commit(vm_)), PRL_ERR_SUCCESS);
  ASSERT_EQ(code_of(PrlVm_Start(vm_)), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(PrlVm_Suspend(vm_)), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(PrlVm_Resume(vm_)), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(PrlVm_Stop(vm_, PRL_FALSE)), PRL_ERR_SUCCESS);
}

TEST_F(EditCommit, RenamedVmIsFoundByItsNewName) {
  const PRL_HANDLE db = session_.registered_vm("db");
  ASSERT_EQ(code_of(PrlVm_BeginEdit(vm_)), PRL_ERR_SUCCESS);
  PrlVmCfg_SetName(vm_, "db");
  EXPECT_EQ(code_of(PrlVm_Commit(vm_)), PRL_ERR_VM_ALREADY_REGISTERED_VM_NAME);
  PrlVmCfg_SetName(vm_, "front");
  EXPECT_EQ(code_of(PrlVm_Commit(vm_)), PRL_ERR_SUCCESS);
  const PRL_HANDLE found =
      object_of(PrlSrv_GetVmConfig(session_.server(), "front", PGVC_SEARCH_BY_NAME));
  EXPECT_EQ(found, vm_);
  PrlHandle_Free(found);
  EXPECT_EQ(code_of(PrlSrv_GetVmConfig(session_.server(), "web", PGVC_SEARCH_BY_NAME)),
            PRL_ERR_VM_UUID_NOT_FOUND);
  const PRL_HANDLE again = session_.registered_vm("web");
  PrlHandle_Free(again);
  PrlHandle_Free(db);
}

TEST_F(EditCommit, SizesThatNoVmCanHaveAreRefused) {
  ASSERT_EQ(code_of(PrlVm_BeginEdit(vm_)), PRL_ERR_SUCCESS);
  PrlVmCfg_SetRamSize(vm_, 0);
  EXPECT_EQ(code_of(PrlVm_Commit(vm_)), PRL_ERR_INCONSISTENCY_VM_CONFIG);
  PrlVmCfg_SetRamSize(vm_, 4);
  EXPECT_EQ(code_of(PrlVm_Commit(vm_)), PRL_ERR_SUCCESS);
}

std::atomic<int> config_changes{0};

PRL_RESULT count_config_changes(PRL_HANDLE event, PRL_VOID_PTR) {
  PRL_HANDLE_TYPE handle_type = PHT_ERROR;
  PrlHandle_GetType(event, &handle_type);
  PRL_EVENT_TYPE type{};
  if (handle_type == PHT_EVENT && PrlEvent_GetType(event, &type) == PRL_ERR_SUCCESS &&
      type == PET_DSP_EVT_VM_CONFIG_CHANGED) {
    ++config_changes;
  }
  PrlHandle_Free(event);
  return PRL_ERR_SUCCESS;
}

TEST_F(EditCommit, EverySessionHearsOfACommit) {
  config_changes = 0;
  const ApiSession other;
  for (const PRL_HANDLE server : {session_.server(), other.server()}) {
    ASSERT_EQ(PrlSrv_RegEventHandler(server, count_config_changes, nullptr), PRL_ERR_SUCCESS);
  }
  ASSERT_EQ(code_of(PrlVm_BeginEdit(vm_)), PRL_ERR_SUCCESS);
  ASSERT_EQ(code_of(PrlVm_Commit(vm_)), PRL_ERR_SUCCESS);
  for (int i = 0; i < 1000 && config_changes < 2; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  EXPECT_EQ(config_changes, 2);
  for (const PRL_HANDLE server : {session_.server(), other.server()}) {
    PrlSrv_UnregEventHandler(server, count_config_changes, nullptr);
  }
}

// A disk with an image, committed and then taken out of the local configuration.
class DiskRemoval : public EditCommit {
 protected:
  DiskRemoval() {
    begin_edit();
    PRL_HANDLE disk = PRL_INVALID_HANDLE;
    EXPECT_EQ(PrlVmCfg_CreateVmDev(vm_, PDE_HARD_DISK, &disk), PRL_ERR_SUCCESS);
    PrlVmDev_SetEnabled(disk, PRL_TRUE);
    PrlVmDev_SetFriendlyName(disk, "data.hdd");
    PrlVmDevHd_SetDiskSize(disk, 1);
    EXPECT_EQ(code_of(PrlVm_Commit(vm_)), PRL_ERR_SUCCESS);
    EXPECT_EQ(code_of(PrlVmDev_CreateImage(disk, PRL_TRUE, PRL_TRUE)), PRL_ERR_SUCCESS);
    PrlHandle_Free(disk);
  }

  void begin_edit() { EXPECT_EQ(code_of(PrlVm_BeginEdit(vm_)), PRL_ERR_SUCCESS); }
  PRL_RESULT remove_disk(PRL_UINT32 flags) {
    begin_edit();
    PRL_HANDLE disk = PRL_INVALID_HANDLE;
    EXPECT_EQ(PrlVmCfg_GetHardDisk(vm_, 0, &disk), PRL_ERR_SUCCESS);
    EXPECT_EQ(PrlVmDev_Remove(disk), PRL_ERR_SUCCESS);
    PrlHandle_Free(disk);
    return code_of(PrlVm_CommitEx(vm_, flags));
  }
  bool has_image() const {
    const std::string config = text_of(vm_, PrlVmCfg_GetHomePath);
    const std::string image = config.substr(0, config.rfind("/")) + "/data.hdd";
    PRL_HANDLE disk = PRL_INVALID_HANDLE;
    const PRL_RESULT code = PrlDisk_OpenDisk_Local(&disk, image.c_str(), PRL_DISK_READ, nullptr);
    if (PRL_SUCCEEDED(code)) PrlHandle_Free(disk);
    return PRL_SUCCEEDED(code);
  }
};

// config-model 3.4
TEST_F(DiskRemoval, DestroysTheImageOnlyWhereThatIsAskedFor) {
  EXPECT_EQ(remove_disk(0), PRL_ERR_SUCCESS);
  EXPECT_TRUE(has_image());
}

TEST_F(DiskRemoval, DestroysTheImageByFlag) {
  ASSERT_TRUE(has_image());
  EXPECT_EQ(remove_disk(PVCF_DESTROY_HDD_BUNDLE), PRL_ERR_SUCCESS);
  EXPECT_FALSE(has_image());
}

TEST_F(DiskRemoval, SparesADiskThatASnapshotHas) {
  ASSERT_EQ(code_of(PrlVm_CreateSnapshot(vm_, "before", "")), PRL_ERR_SUCCESS);
  EXPECT_EQ(remove_disk(PVCF_DESTROY_HDD_BUNDLE),
            PRL_ERR_VMCONF_HARD_DISK_UNABLE_DELETE_DISK_WITH_SNAPSHOTS);
  EXPECT_TRUE(has_image());
  EXPECT_EQ(remove_disk(PVCF_DETACH_HDD_BUNDLE), PRL_ERR_SUCCESS);
  EXPECT_TRUE(has_image());
}

TEST_F(DiskRemoval, DestroysADiskThatASnapshotHasByForce) {
  ASSERT_EQ(code_of(PrlVm_CreateSnapshot(vm_, "before", "")), PRL_ERR_SUCCESS);
  EXPECT_EQ(remove_disk(PVCF_DESTROY_HDD_BUNDLE_FORCE), PRL_ERR_SUCCESS);
  EXPECT_FALSE(has_image());
}

// The codes of the CONFIG_APPLIED events that were heard.
std::mutex applied_mutex;
std::vector<PRL_RESULT> applied;  // guarded by applied_mutex

PRL_RESULT hear_of_application(PRL_HANDLE event, PRL_VOID_PTR) {
  PRL_HANDLE_TYPE handle_type = PHT_ERROR;
  PRL_EVENT_TYPE type{};
  PRL_RESULT code = PRL_ERR_SUCCESS;
  PrlHandle_GetType(event, &handle_type);
  if (handle_type == PHT_EVENT && PrlEvent_GetType(event, &type) == PRL_ERR_SUCCESS &&
      type == PET_DSP_EVT_VM_CONFIG_APPLIED &&
      PrlEvent_GetErrCode(event, &code) == PRL_ERR_SUCCESS) {
    const std::lock_guard lock(applied_mutex);
    applied.push_back(code);
  }
  PrlHandle_Free(event);
  return PRL_ERR_SUCCESS;
}

// config-model 3.3
TEST_F(EditCommit, ARunningVmTellsWhetherAChangeWaitsForARestart) {
  applied.clear();
  ASSERT_EQ(PrlSrv_RegEventHandler(session_.server(), hear_of_application, nullptr),
            PRL_ERR_SUCCESS);
  const auto commit_delay = [this](PRL_UINT32 delay) {
    EXPECT_EQ(code_of(PrlVm_BeginEdit(vm_)), PRL_ERR_SUCCESS);
    PrlVmCfg_SetAutoStartDelay(vm_, delay);
    PrlVmCfg_SetDescription(vm_, ("delay " + std::to_string(delay)).c_str());
    EXPECT_EQ(code_of(PrlVm_Commit(vm_)), PRL_ERR_SUCCESS);
  };
  commit_delay(1);  // nothing is applied to a VM that is stopped
  ASSERT_EQ(code_of(PrlVm_Start(vm_)), PRL_ERR_SUCCESS);
  commit_delay(1);
  commit_delay(2);
  for (int i = 0; i < 1000; ++i) {
    {
      const std::lock_guard lock(applied_mutex);
      if (applied.size() >= 2) break;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  PrlSrv_UnregEventHandler(session_.server(), hear_of_application, nullptr);
  const std::lock_guard lock(applied_mutex);
  EXPECT_EQ(applied, (std::vector<PRL_RESULT>{PRL_ERR_SUCCESS,
                                              PRL_ERR_VM_APPLY_CONFIG_NEEDS_REBOOT}));
}

TEST_F(EditCommit, RefusesAVmThatIsNotRegistered) {
  const PRL_HANDLE made = session_.new_vm();
  EXPECT_EQ(code_of(PrlVm_BeginEdit(made)), PRL_ERR_VM_UUID_NOT_FOUND);
  EXPECT_EQ(code_of(PrlVm_Commit(made)), PRL_ERR_VM_UUID_NOT_FOUND);
  EXPECT_EQ(code_of(PrlVm_BeginEdit(session_.server())), PRL_ERR_INVALID_ARG);
  PrlHandle_Free(made);
}

}  // namespace
}  // namespace prl::tests
