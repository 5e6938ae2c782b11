// Statistics and performance counters (config-model 10, clients 4.5).
#include <gtest/gtest.h>
#include <prlsdk/prl_sim.h>

#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "tests/sdk/api_session.h"

namespace prl::tests {
namespace {

using Counters = std::map<std::string, PRL_INT64>;

Counters counters_in(PRL_HANDLE event) {
  Counters counters;
  PRL_UINT32 count = 0;
  PrlEvent_GetParamsCount(event, &count);
  for (PRL_UINT32 i = 0; i < count; ++i) {
    PRL_HANDLE parameter = PRL_INVALID_HANDLE;
    PRL_INT64 value = -1;
    EXPECT_EQ(PrlEvent_GetParam(event, i, &parameter), PRL_ERR_SUCCESS);
    EXPECT_EQ(PrlEvtPrm_ToInt64(parameter, &value), PRL_ERR_SUCCESS);
    counters[text_of(parameter, PrlEvtPrm_GetName)] = value;
    PrlHandle_Free(parameter);
  }
  return counters;
}

// Keeps the events of one type that a handler sees.
class Listener {
 public:
  Listener(PRL_HANDLE object, PRL_EVENT_TYPE type) : object_(object), type_(type) {
    EXPECT_EQ(PrlSrv_RegEventHandler(object_, handle, this), PRL_ERR_SUCCESS);
  }
  ~Listener() {
    PrlSrv_UnregEventHandler(object_, handle, this);
    for (const PRL_HANDLE event : events_) PrlHandle_Free(event);
  }
  // Waits until there are so many.
  PRL_HANDLE nth(size_t count) {
    std::unique_lock lock(mutex_);
    arrived_.wait(lock, [&] { return events_.size() >= count; });
    return events_[count - 1];
  }
  size_t count() {
    std::lock_guard lock(mutex_);
    return events_.size();
  }

 private:
  static PRL_RESULT handle(PRL_HANDLE event, PRL_VOID_PTR user) {
    auto& self = *static_cast<Listener*>(user);
    PRL_HANDLE_TYPE kind = PHT_ERROR;
    PRL_EVENT_TYPE type = PET_DSP_EVT_VM_ADDED;
    PrlHandle_GetType(event, &kind);
    if (kind != PHT_EVENT || PrlEvent_GetType(event, &type) != PRL_ERR_SUCCESS ||
        type != self.type_) {
      return PrlHandle_Free(event);
    }
    std::lock_guard lock(self.mutex_);
    self.events_.push_back(event);
    self.arrived_.notify_all();
    return PRL_ERR_SUCCESS;
  }

  PRL_HANDLE object_;
  PRL_EVENT_TYPE type_;
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<PRL_HANDLE> events_;
};

class Statistics : public ::testing::Test {
 protected:
  Statistics() : vm_(session_.new_vm()) {
    PRL_HANDLE disk = PRL_INVALID_HANDLE;
    PRL_HANDLE adapter = PRL_INVALID_HANDLE;
    PrlVmCfg_CreateVmDev(vm_, PDE_HARD_DISK, &disk);
    PrlVmCfg_CreateVmDev(vm_, PDE_GENERIC_NETWORK_ADAPTER, &adapter);
    PrlHandle_Free(disk);
    PrlHandle_Free(adapter);
    PrlVmCfg_SetName(vm_, "measured");
    PrlVmCfg_SetCpuCount(vm_, 2);
    EXPECT_EQ(code_of(PrlVm_Reg(vm_, "", PRL_TRUE)), PRL_ERR_SUCCESS);
  }
  ~Statistics() override { PrlHandle_Free(vm_); }

  Counters counters(const char* filter) {
    const PRL_HANDLE event = object_of(PrlVm_GetPerfStats(vm_, filter));
    const Counters found = counters_in(event);
    PrlHandle_Free(event);
    return found;
  }

  // Only the test moves time.
  struct VirtualClock {
    VirtualClock() { EXPECT_EQ(PrlSim_SetScenario("clock = \"virtual\""), PRL_ERR_SUCCESS); }
    ~VirtualClock() { PrlSim_SetScenario(nullptr); }
  };

  VirtualClock clock_;
  InitialisedLibrary library_;
  ApiSession session_;
  PRL_HANDLE vm_;
};

TEST_F(Statistics, OfAVmCountWhatItsGuestDoes) {
  EXPECT_TRUE(counters(nullptr).empty());  // nothing runs
  ASSERT_EQ(code_of(PrlVm_Start(vm_)), PRL_ERR_SUCCESS);
  PrlSim_AdvanceTime(10'000);
  const Counters first = counters("");
  for (const char* name :
       {"guest.vcpu0.time", "guest.vcpu1.time", "guest.ram.total", "guest.ram.usage",
        "guest.ram.swap_in", "guest.ram.swap_out", "guest.ram.minor_fault",
        "guest.ram.major_fault", "guest.ram.balloon_actual", "devices.ide0.read_requests",
        "devices.ide0.read_total", "devices.ide0.write_requests", "devices.ide0.write_total",
        "net.nic0.bytes_in", "net.nic0.pkts_in", "net.nic0.bytes_out", "net.nic0.pkts_out"}) {
    EXPECT_TRUE(first.contains(name)) << name;
  }
  EXPECT_FALSE(first.contains("guest.vcpu2.time"));
  EXPECT_EQ(first.at("guest.ram.total"), 256);
  PrlSim_AdvanceTime(10'000);
  const Counters second = counters("");
  for (const char* name : {"guest.vcpu0.time", "devices.ide0.read_total", "net.nic0.pkts_in"}) {
    EXPECT_GT(second.at(name), first.at(name)) << name;
  }
  ASSERT_EQ(code_of(PrlVm_Pause(vm_, PRL_FALSE)), PRL_ERR_SUCCESS);
  const Counters paused = counters("net");
  PrlSim_AdvanceTime(10'000);
  EXPECT_EQ(counters("net"), paused);
}

TEST_F(Statistics, PassTheFilterByTheBeginningOfTheirNames) {
  ASSERT_EQ(code_of(PrlVm_Start(vm_)), PRL_ERR_SUCCESS);
  EXPECT_EQ(counters("guest.vcpu#.time").size(), 2u);
  EXPECT_EQ(counters("guest.vcpu1").size(), 1u);
  EXPECT_EQ(counters("*.pkts_in").size(), 1u);
  EXPECT_EQ(counters("net.nic0.pkts_in, guest.ram.total").size(), 2u);
  EXPECT_TRUE(counters("nothing").empty());
}

// Also for a VM that does not run, and in time (clients 4.5).
TEST_F(Statistics, ArriveSoonAfterTheSubscription) {
  Listener listener(vm_, PET_DSP_EVT_VM_PERFSTATS);
  ASSERT_EQ(code_of(PrlVm_SubscribeToPerfStats(vm_, nullptr)), PRL_ERR_SUCCESS);
  const PRL_HANDLE first = listener.nth(1);
  PRL_HANDLE vm = PRL_INVALID_HANDLE;
  PRL_EVENT_ISSUER_TYPE issuer = PIE_DISPATCHER;
  EXPECT_EQ(PrlEvent_GetVm(first, &vm), PRL_ERR_SUCCESS);
  EXPECT_EQ(vm, vm_);
  PrlHandle_Free(vm);
  EXPECT_EQ(PrlEvent_GetIssuerType(first, &issuer), PRL_ERR_SUCCESS);
  EXPECT_EQ(issuer, PIE_VIRTUAL_MACHINE);
  PRL_HANDLE parameter = PRL_INVALID_HANDLE;
  EXPECT_EQ(PrlEvent_GetParamByName(first, "guest.ram.total", &parameter), PRL_ERR_NO_DATA);
}

TEST_F(Statistics, ArriveAgainAndAgainUntilTheyAreEnded) {
  Listener listener(vm_, PET_DSP_EVT_VM_PERFSTATS);
  ASSERT_EQ(code_of(PrlVm_SubscribeToPerfStats(vm_, "")), PRL_ERR_SUCCESS);
  PrlSim_AdvanceTime(30'000);
  EXPECT_NE(listener.nth(4), PRL_HANDLE{PRL_INVALID_HANDLE});
  ASSERT_EQ(code_of(PrlVm_UnsubscribeFromPerfStats(vm_)), PRL_ERR_SUCCESS);
  const size_t before = listener.count();
  PrlSim_AdvanceTime(30'000);
  ASSERT_EQ(code_of(PrlVm_GetState(vm_)), PRL_ERR_SUCCESS);
  EXPECT_EQ(listener.count(), before);
}

TEST_F(Statistics, GoToTheSessionThatAskedForThem) {
  const ApiSession other;
  Listener mine(session_.server(), PET_DSP_EVT_PERFSTATS);
  Listener theirs(other.server(), PET_DSP_EVT_PERFSTATS);
  ASSERT_EQ(code_of(PrlSrv_SubscribeToPerfStats(session_.server(), "")), PRL_ERR_SUCCESS);
  EXPECT_TRUE(counters_in(mine.nth(1)).contains("host.cpu.time"));
  PrlSim_AdvanceTime(20'000);
  mine.nth(3);
  EXPECT_EQ(theirs.count(), 0u);
}

TEST_F(Statistics, EndWithTheirVmAndWithTheirSession) {
  ASSERT_EQ(code_of(PrlVm_SubscribeToGuestStatistics(vm_)), PRL_ERR_SUCCESS);
  Listener listener(session_.server(), PET_DSP_EVT_VM_STATISTICS_UPDATED);
  ASSERT_EQ(code_of(PrlVm_Delete(vm_, PRL_INVALID_HANDLE)), PRL_ERR_SUCCESS);
  PrlSim_AdvanceTime(60'000);
  ASSERT_EQ(code_of(PrlSrv_SubscribeToHostStatistics(session_.server())), PRL_ERR_SUCCESS);
  EXPECT_EQ(listener.count(), 0u);
  ASSERT_EQ(code_of(PrlSrv_Logoff(session_.server())), PRL_ERR_SUCCESS);
  PrlSim_AdvanceTime(60'000);  // there is nobody to tell
}

TEST_F(Statistics, OfTheHostAddUpItsVms) {
  ASSERT_EQ(code_of(PrlVm_Start(vm_)), PRL_ERR_SUCCESS);
  const PRL_HANDLE host = object_of(PrlSrv_GetStatistics(session_.server()));
  PRL_UINT32 cpus = 0;
  PRL_UINT32 processes = 0;
  PRL_UINT64 total = 0;
  PRL_UINT64 used = 0;
  PRL_UINT64 free = 0;
  EXPECT_EQ(PrlStat_GetCpusStatsCount(host, &cpus), PRL_ERR_SUCCESS);
  EXPECT_EQ(cpus, 8u);
  EXPECT_EQ(PrlStat_GetProcsStatsCount(host, &processes), PRL_ERR_SUCCESS);
  EXPECT_EQ(processes, 1u);
  EXPECT_EQ(PrlStat_GetTotalRamSize(host, &total), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlStat_GetUsageRamSize(host, &used), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlStat_GetFreeRamSize(host, &free), PRL_ERR_SUCCESS);
  EXPECT_EQ(total, PRL_UINT64{16384} << 20);
  EXPECT_EQ(used + free, total);
  PRL_HANDLE disk = PRL_INVALID_HANDLE;
  PRL_UINT32 parts = 0;
  ASSERT_EQ(PrlStat_GetDiskStat(host, 0, &disk), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlStatDisk_GetPartsStatsCount(disk, &parts), PRL_ERR_SUCCESS);
  EXPECT_EQ(parts, 1u);
  PrlHandle_Free(disk);
  PrlHandle_Free(host);
}

TEST_F(Statistics, OfASuspendedVmKnowTheSizeOfItsImage) {
  ASSERT_EQ(code_of(PrlVm_Start(vm_)), PRL_ERR_SUCCESS);
  ASSERT_EQ(code_of(PrlVm_Suspend(vm_)), PRL_ERR_SUCCESS);
  PRL_UINT64 image = 0;
  PRL_UINT64 told = 0;
  ASSERT_EQ(PrlSim_GetImageSize(vm_, &image), PRL_ERR_SUCCESS);
  const PRL_HANDLE statistics = object_of(PrlVm_GetStatistics(vm_));
  PRL_HANDLE data = PRL_INVALID_HANDLE;
  ASSERT_EQ(PrlStat_GetVmDataStat(statistics, &data), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlStatVmData_GetSegmentCapacity(data, PDSS_VM_SUSPEND_SPACE, &told),
            PRL_ERR_SUCCESS);
  EXPECT_EQ(told, image);
  EXPECT_GT(told, 0u);
  PrlHandle_Free(data);
  PrlHandle_Free(statistics);
}

}  // namespace
}  // namespace prl::tests
