// Appliances: installed with progress, stopped, gone on with and cancelled.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/sdk/api_session.h"

namespace prl::tests {
namespace {

// What the handler has heard of appliances.
struct Heard {
  std::mutex mutex;
  std::vector<PRL_EVENT_TYPE> types;  // guarded by mutex, as is the next one
  std::vector<std::string> progress;
} heard;

PRL_RESULT PRL_CALL hear(PRL_HANDLE event, PRL_VOID_PTR) {
  PRL_HANDLE_TYPE handle_type = PHT_ERROR;
  PRL_EVENT_TYPE type{};
  PrlHandle_GetType(event, &handle_type);
  if (handle_type == PHT_EVENT && PrlEvent_GetType(event, &type) == PRL_ERR_SUCCESS &&
      type >= PET_DSP_EVT_APPLIANCE_DOWNLOAD_PROGRESS_CHANGED &&
      type <= PET_DSP_EVT_APPLIANCE_REGISTER_VM_FINISHED) {
    PRL_HANDLE parameter = PRL_INVALID_HANDLE;
    const std::lock_guard lock(heard.mutex);
    if (type != PET_DSP_EVT_APPLIANCE_DOWNLOAD_PROGRESS_CHANGED) heard.types.push_back(type);
    if (PrlEvent_GetParamByName(event, "progress_changed", &parameter) == PRL_ERR_SUCCESS) {
      heard.progress.push_back(text_of(parameter, PrlEvtPrm_ToString));
      PrlHandle_Free(parameter);
    }
  }
  PrlHandle_Free(event);
  return PRL_ERR_SUCCESS;
}

class Appliance : public testing::Test {
 protected:
  Appliance() {
    heard.types.clear();
    heard.progress.clear();
    PrlSrv_RegEventHandler(session_.server(), hear, nullptr);
    EXPECT_EQ(PrlAppliance_Create(&appliance_), PRL_ERR_SUCCESS);
  }
  ~Appliance() override {
    PrlSrv_UnregEventHandler(session_.server(), hear, nullptr);
    PrlHandle_Free(appliance_);
  }

  void describe(const std::string& fields) const {
    const std::string text = "<Appliance>" + fields + "</Appliance>";
    EXPECT_EQ(PrlHandle_FromString(appliance_, text.c_str()), PRL_ERR_SUCCESS);
  }
  PRL_HANDLE install() const {
    return PrlSrv_InstallAppliance(session_.server(), appliance_, "", 0);
  }
  // Installs until something was fetched, and lets `end` end it.
  PRL_RESULT end_by(PRL_HANDLE (*end)(PRL_HANDLE, PRL_HANDLE, PRL_UINT32)) const {
    const PRL_HANDLE job = install();
    EXPECT_EQ(PrlJob_Wait(job, 250), PRL_ERR_TIMEOUT);  // half of it, of virtual time
    EXPECT_EQ(code_of(end(session_.server(), appliance_, 0)), PRL_ERR_SUCCESS);
    return code_of(job);
  }
  // Progress up to the end of an installation that succeeded: events are told from another thread.
  static std::vector<std::string> progress_to_the_end() {
    for (int i = 0; i < 2000; ++i) {
      {
        const std::lock_guard lock(heard.mutex);
        if (std::ranges::find(heard.types, PET_DSP_EVT_APPLIANCE_REGISTER_VM_FINISHED) !=
            heard.types.end()) {
          return heard.progress;
        }
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    ADD_FAILURE() << "no end was told";
    return {};
  }

  struct VirtualClock {
    VirtualClock() { ::setenv("PRLSIM_CLOCK", "virtual", 1); }
  } clock_;
  InitialisedLibrary library_;
  ApiSession session_;
  PRL_HANDLE appliance_ = PRL_INVALID_HANDLE;
};

TEST_F(Appliance, BecomesAVm) {
  describe("<Name>shop</Name><OsVersion>2308</OsVersion><MemorySize>768</MemorySize>"
           "<CpuCount>2</CpuCount>");
  const PRL_HANDLE vm = object_of(install());
  ASSERT_NE(vm, PRL_HANDLE{PRL_INVALID_HANDLE});
  EXPECT_EQ(text_of(vm, PrlVmCfg_GetName), "shop");
  PRL_UINT32 ram = 0, cpus = 0, disks = 0;
  PrlVmCfg_GetRamSize(vm, &ram);
  PrlVmCfg_GetCpuCount(vm, &cpus);
  PrlVmCfg_GetHardDisksCount(vm, &disks);
  EXPECT_EQ(ram, 768u);
  EXPECT_EQ(cpus, 2u);
  EXPECT_EQ(disks, 1u);
  EXPECT_EQ(code_of(PrlVm_Start(vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(install()), PRL_ERR_VM_ALREADY_REGISTERED_VM_NAME);
  PrlHandle_Free(vm);
}

TEST_F(Appliance, TellsWhatIsDoneWithIt) {
  describe("<Name>shop</Name>");
  ASSERT_EQ(code_of(install()), PRL_ERR_SUCCESS);
  const auto progress = progress_to_the_end();
  const std::lock_guard lock(heard.mutex);
  EXPECT_EQ(heard.types, (std::vector<PRL_EVENT_TYPE>{
                             PET_DSP_EVT_APPLIANCE_DOWNLOAD_FINISHED,
                             PET_DSP_EVT_APPLIANCE_ARCHIVE_UNPACK_STARTED,
                             PET_DSP_EVT_APPLIANCE_ARCHIVE_UNPACK_FINISHED,
                             PET_DSP_EVT_APPLIANCE_REGISTER_VM_STARTED,
                             PET_DSP_EVT_APPLIANCE_REGISTER_VM_FINISHED}));
  EXPECT_EQ(progress,
            (std::vector<std::string>{"0", "10", "20", "30", "40", "50", "60", "70", "80", "90",
                                      "100"}));
}

TEST_F(Appliance, IsInstalledOnceAtATime) {
  describe("<Name>shop</Name>");
  const PRL_HANDLE job = install();
  EXPECT_EQ(code_of(install()), PRL_ERR_APPLIANCE_INSTALL_ALREADY_IN_PROCESS);
  EXPECT_EQ(code_of(job), PRL_ERR_SUCCESS);
}

TEST_F(Appliance, GoesOnWhereItWasStopped) {
  describe("<Name>shop</Name>");
  EXPECT_EQ(code_of(PrlSrv_StopInstallAppliance(session_.server(), appliance_, 0)),
            PRL_ERR_APPLIANCE_INSTALL_WAS_NOT_STARTED);
  EXPECT_EQ(end_by(PrlSrv_StopInstallAppliance), PRL_ERR_OPERATION_WAS_CANCELED);
  EXPECT_EQ(code_of(install()), PRL_ERR_SUCCESS);
  const auto progress = progress_to_the_end();
  ASSERT_GT(progress.size(), 8u);
  EXPECT_EQ(std::ranges::count(progress, "0"), 1) << "the second one did not begin anew";
  EXPECT_EQ(progress.back(), "100");
}

TEST_F(Appliance, BeginsAnewAfterItWasCancelled) {
  describe("<Name>shop</Name>");
  EXPECT_EQ(end_by(PrlSrv_CancelInstallAppliance), PRL_ERR_OPERATION_WAS_CANCELED);
  EXPECT_EQ(code_of(PrlSrv_CancelInstallAppliance(session_.server(), appliance_, 0)),
            PRL_ERR_APPLIANCE_INSTALL_WAS_NOT_STARTED);
  EXPECT_EQ(code_of(install()), PRL_ERR_SUCCESS);
  EXPECT_EQ(std::ranges::count(progress_to_the_end(), "0"), 2);
}

TEST_F(Appliance, NeedsADescriptionThatIsInOrder) {
  EXPECT_EQ(code_of(install()), PRL_ERR_APPLIANCE_INVALID_CONFIG);
  describe("<Name>shop</Name><MemorySize>much</MemorySize>");
  EXPECT_EQ(code_of(install()), PRL_ERR_APPLIANCE_INVALID_CONFIG);
  describe("<Name>shop</Name><OsVersion>1</OsVersion>");
  EXPECT_EQ(code_of(install()), PRL_ERR_APPLIANCE_INVALID_CONFIG);
  describe("<Name>shop</Name>");
  EXPECT_EQ(code_of(PrlSrv_InstallAppliance(session_.server(), appliance_, "relative", 0)),
            PRL_ERR_VMDIR_PATH_IS_NOT_ABSOLUTE);
  EXPECT_EQ(PrlHandle_FromString(appliance_, "<Other/>"), PRL_ERR_APPLIANCE_INVALID_CONFIG);
}

}  // namespace
}  // namespace prl::tests
