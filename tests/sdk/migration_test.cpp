// VMs that go to the host of another world (vm-lifecycle 2.4, 3.2, 4.1).
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "tests/sdk/session.h"
#include "tests/temporary_folder.h"

namespace prl::tests {
namespace {

std::string host_called(const std::string& name, const std::string& vms = "") {
  return "clock = \"virtual\"\n[host]\nname = \"" + name + "\"\n" + vms;
}

std::string vm_in(const std::string& state) {
  return "[[vm]]\nname = \"vm\"\nram_mib = 4\nstate = \"" + state +
         "\"\nworkload = { kind = \"random\", working_set_mib = 1 }\n";
}

// Once, at the first write.
constexpr const char* kNoSpace =
    "[[fault]]\nname = \"full\"\nmatch = { layer = \"storage\", step = \"write\" }\n"
    "effect = { kind = \"no_space\" }\n";

// Two hosts, of which the first has a VM.
struct TwoHosts {
  explicit TwoHosts(const std::string& state, const std::string& more = "",
                    const std::string& of_target = "")
      : here(host_called("here", vm_in(state) + more)) {
    EXPECT_EQ(PrlSim_CreateWorld(host_called("there", of_target).c_str(), &world), PRL_ERR_SUCCESS);
    EXPECT_EQ(PrlSim_UseWorld(world), PRL_ERR_SUCCESS);
    there = new_server();
    EXPECT_EQ(finish(start_login(there)), PRL_ERR_SUCCESS);
    EXPECT_EQ(PrlSim_UseWorld(0), PRL_ERR_SUCCESS);
    vm = vm_by_name(here.server, "vm");
  }

  PRL_HANDLE begin(PRL_UINT32 flags = 0) const {
    return PrlVm_Migrate(vm, there, "", flags, 0, PRL_FALSE);
  }
  bool is_here() const { return has_vm(here.server); }
  bool is_there() const { return has_vm(there); }
  Handle vm_there(const std::string& name = "vm") const { return vm_by_name(there, name); }

  static bool has_vm(PRL_HANDLE server) {
    const Handle job(PrlSrv_GetVmList(server));
    PRL_UINT32 count = 0;
    Handle result;
    PrlJob_Wait(job, UINT32_MAX);
    PrlJob_GetResult(job, result.out());
    PrlResult_GetParamsCount(result, &count);
    return count > 0;
  }

  Session here;
  PRL_UINT32 world = 0;
  Handle there;
  Handle vm;
};

std::vector<char> memory_of(PRL_HANDLE vm) {
  std::vector<char> memory(4 << 20);
  EXPECT_EQ(PrlSim_ReadGuestMemory(vm, 0, memory.data(), memory.size()), PRL_ERR_SUCCESS);
  return memory;
}

std::vector<PRL_EVENT_TYPE> events_in(const std::vector<Seen>& seen) {
  std::vector<PRL_EVENT_TYPE> types;
  for (const Seen& one : seen) {
    if (one.kind == PHT_EVENT) types.push_back(one.event);
  }
  return types;
}

TEST(Migration, TakesAVmToTheOtherHost) {
  const TwoHosts hosts("stopped");
  const std::string uuid = uuid_of(hosts.vm);
  ASSERT_EQ(finish(hosts.begin()), PRL_ERR_SUCCESS);
  EXPECT_FALSE(hosts.is_here());
  const Handle vm = hosts.vm_there();
  EXPECT_EQ(uuid_of(vm), uuid);
  EXPECT_EQ(state_of(vm), VMS_STOPPED);
  EXPECT_EQ(finish(PrlVm_Start(vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_Start(hosts.vm)), PRL_ERR_VM_UUID_NOT_FOUND);
}

TEST(Migration, TakesTheImageOfASuspendedVmAlong) {
  const TwoHosts hosts("running");
  const char text[] = "in the image";
  char read[sizeof(text)] = "";
  ASSERT_EQ(PrlSim_WriteGuestMemory(hosts.vm, 3 << 20, text, sizeof(text)), PRL_ERR_SUCCESS);
  ASSERT_EQ(finish(PrlVm_Suspend(hosts.vm)), PRL_ERR_SUCCESS);
  ASSERT_EQ(finish(hosts.begin()), PRL_ERR_SUCCESS);
  const Handle vm = hosts.vm_there();
  EXPECT_EQ(state_of(vm), VMS_SUSPENDED);
  ASSERT_EQ(finish(PrlVm_Resume(vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlSim_ReadGuestMemory(vm, 3 << 20, read, sizeof(read)), PRL_ERR_SUCCESS);
  EXPECT_STREQ(read, text);
}

TEST(Migration, TakesAPausedGuestAsItIs) {
  const TwoHosts hosts("running");
  ASSERT_EQ(PrlSim_AdvanceTime(100), PRL_ERR_SUCCESS);
  ASSERT_EQ(finish(PrlVm_Pause(hosts.vm, PRL_FALSE)), PRL_ERR_SUCCESS);
  const std::vector<char> before = memory_of(hosts.vm);
  ASSERT_EQ(finish(hosts.begin()), PRL_ERR_SUCCESS);
  const Handle vm = hosts.vm_there();
  EXPECT_EQ(state_of(vm), VMS_PAUSED);
  EXPECT_TRUE(memory_of(vm) == before);
}

// The guest goes on until it is taken along.
TEST(Migration, TakesARunningGuestAndLetsItRunOn) {
  const TwoHosts hosts("running");
  const char text[] = "in memory";
  char read[sizeof(text)] = "";
  ASSERT_EQ(PrlSim_WriteGuestMemory(hosts.vm, 3 << 20, text, sizeof(text)), PRL_ERR_SUCCESS);
  ASSERT_EQ(finish(hosts.begin()), PRL_ERR_SUCCESS);
  EXPECT_FALSE(hosts.is_here());
  const Handle vm = hosts.vm_there();
  EXPECT_EQ(state_of(vm), VMS_RUNNING);
  EXPECT_EQ(PrlSim_ReadGuestMemory(vm, 3 << 20, read, sizeof(read)), PRL_ERR_SUCCESS);
  EXPECT_STREQ(read, text);
  PRL_UINT64 boots = 0;
  EXPECT_EQ(PrlSim_GetBootCount(vm, &boots), PRL_ERR_SUCCESS);
  EXPECT_EQ(boots, 1u);
  EXPECT_EQ(finish(PrlVm_Stop(vm, PRL_FALSE)), PRL_ERR_SUCCESS);
}

TEST(Migration, LeavesARunningVmSuspendedThereWhereItIsToldTo) {
  const TwoHosts hosts("running");
  ASSERT_EQ(finish(hosts.begin(PVMT_DONT_RESUME_VM)), PRL_ERR_SUCCESS);
  const Handle vm = hosts.vm_there();
  EXPECT_EQ(state_of(vm), VMS_SUSPENDED);
  EXPECT_EQ(finish(PrlVm_Resume(vm)), PRL_ERR_SUCCESS);
}

TEST(Migration, TakesSnapshotsAlong) {
  const TwoHosts hosts("running");
  ASSERT_EQ(finish(PrlVm_CreateSnapshot(hosts.vm, "before", "")), PRL_ERR_SUCCESS);
  const std::string tree = text_result_of(PrlVm_GetSnapshotsTree(hosts.vm));
  ASSERT_EQ(finish(hosts.begin()), PRL_ERR_SUCCESS);
  EXPECT_EQ(text_result_of(PrlVm_GetSnapshotsTree(hosts.vm_there())), tree);
}

TEST(Migration, GoesThereAndBack) {
  const TwoHosts hosts("running");
  ASSERT_EQ(finish(hosts.begin()), PRL_ERR_SUCCESS);
  ASSERT_EQ(finish(PrlVm_Migrate(hosts.vm_there(), hosts.here.server, "", 0, 0, PRL_FALSE)),
            PRL_ERR_SUCCESS);
  EXPECT_TRUE(hosts.is_here());
  EXPECT_FALSE(hosts.is_there());
  EXPECT_EQ(state_of(vm_by_name(hosts.here.server, "vm")), VMS_RUNNING);
}

TEST(Migration, FindsAHostByItsNameAndGivesTheVmAnother) {
  const TwoHosts hosts("stopped");
  ASSERT_EQ(finish(PrlVm_MigrateWithRenameEx(hosts.vm, "there", 0, "", "new", "", 0, 0, PRL_FALSE)),
            PRL_ERR_SUCCESS);
  EXPECT_EQ(state_of(hosts.vm_there("new")), VMS_STOPPED);
}

TEST(Migration, GoesNowhereByTheNameOfTheHostItself) {
  const TwoHosts hosts("stopped");
  for (const char* name : {"here", "localhost", ""}) {
    EXPECT_EQ(finish(PrlVm_MigrateEx(hosts.vm, name, 0, "", "", 0, 0, PRL_FALSE)),
              PRL_ERR_VM_MIGRATE_TO_THE_SAME_NODE)
        << name;
  }
  EXPECT_TRUE(hosts.is_here());
}

TEST(Migration, IsToldByTheHostThatTheVmLeaves) {
  const TwoHosts hosts("running");
  Recorder recorder(hosts.here.server);
  Recorder target(hosts.there);
  const auto seen = recorder.up_to_end_of(hosts.begin());
  EXPECT_EQ(seen.back().code, PRL_ERR_SUCCESS);
  EXPECT_EQ(states_in(seen), (std::vector<PRL_INT32>{VMS_MIGRATING}));
  EXPECT_EQ(events_in(seen),
            (std::vector<PRL_EVENT_TYPE>{
                PET_DSP_EVT_VM_STATE_CHANGED, PET_DSP_EVT_VM_MIGRATE_STARTED,
                PET_DSP_EVT_VM_MIGRATE_PROGRESS_CHANGED, PET_DSP_EVT_VM_MIGRATE_PROGRESS_CHANGED,
                PET_DSP_EVT_VM_MIGRATE_FINISHED, PET_DSP_EVT_VM_DELETED}));
  const auto there = target.up_to_end_of(PrlSrv_GetVmList(hosts.there));
  EXPECT_EQ(events_in(there), (std::vector<PRL_EVENT_TYPE>{PET_DSP_EVT_VM_ADDED}));
}

// As of other jobs; the job knows it as well.
TEST(Migration, TellsItsProgressEverySecondWhereItTakesLong) {
  const TwoHosts hosts("running", "[latency]\nmove = { ms = 5000 }\n");
  Recorder recorder(hosts.here.server);
  const Handle job(hosts.begin());
  ASSERT_EQ(PrlSim_AdvanceTime(3001), PRL_ERR_SUCCESS);
  PRL_UINT32 percent = 0;
  EXPECT_EQ(PrlJob_GetProgress(job, &percent), PRL_ERR_SUCCESS);
  EXPECT_EQ(percent, 60u);
  ASSERT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
  EXPECT_EQ(std::ranges::count(recorder.up_to(job), PET_DSP_EVT_VM_MIGRATE_PROGRESS_CHANGED,
                               &Seen::event),
            5);
}

// vm-lifecycle 5.1
TEST(Migration, KeepsOthersOutMeanwhile) {
  const TwoHosts hosts("running");
  const Handle job(hosts.begin());
  const auto kLocked = static_cast<PRL_RESULT>(0x80038109);
  EXPECT_EQ(state_of(hosts.vm), VMS_MIGRATING);
  EXPECT_EQ(finish(PrlVm_Pause(hosts.vm, PRL_FALSE)), kLocked);
  EXPECT_EQ(finish(PrlVm_Suspend(hosts.vm)), kLocked);
  EXPECT_EQ(finish(PrlVm_Delete(hosts.vm, kNoHandle)), kLocked);
  EXPECT_EQ(finish(hosts.begin()), kLocked);
  EXPECT_EQ(finish(PrlVm_CreateSnapshot(hosts.vm, "late", "")), kLocked);
  EXPECT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(job), PRL_ERR_SUCCESS);
}

TEST(Migration, CanBeCancelled) {
  for (const bool by_job : {true, false}) {
    const TwoHosts hosts("running");
    Recorder recorder(hosts.here.server);
    const Handle job(hosts.begin());
    EXPECT_EQ(state_of(hosts.vm), VMS_MIGRATING);
    EXPECT_EQ(finish(by_job ? PrlJob_Cancel(job) : PrlVm_MigrateCancel(hosts.vm)), PRL_ERR_SUCCESS);
    EXPECT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
    EXPECT_EQ(code_of(job), PRL_ERR_OPERATION_WAS_CANCELED);
    const auto seen = recorder.up_to(job);
    EXPECT_EQ(states_in(seen), (std::vector<PRL_INT32>{VMS_MIGRATING, VMS_RUNNING}));
    EXPECT_EQ(std::ranges::count(events_in(seen), PET_DSP_EVT_VM_MIGRATE_CANCELLED), 1);
    EXPECT_EQ(state_of(hosts.vm), VMS_RUNNING);
    EXPECT_FALSE(hosts.is_there());
    EXPECT_EQ(finish(PrlVm_MigrateCancel(hosts.vm)), PRL_ERR_TASK_NOT_FOUND);
    EXPECT_EQ(finish(PrlVm_Suspend(hosts.vm)), PRL_ERR_SUCCESS);
  }
}

TEST(Migration, EndsWhenTheVmDiesMeanwhile) {
  const TwoHosts hosts("running");
  const Handle job(hosts.begin());
  EXPECT_EQ(state_of(hosts.vm), VMS_MIGRATING);
  ASSERT_EQ(PrlSim_Strike("kill_vm", "vm", 0), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(job), PRL_ERR_VM_MIGRATE_UNSUITABLE_VM_STATE);
  ASSERT_EQ(PrlSim_AdvanceTime(1000), PRL_ERR_SUCCESS);
  EXPECT_EQ(state_of(hosts.vm), VMS_STOPPED);
  EXPECT_FALSE(hosts.is_there());
}

TEST(Migration, LeavesTheVmWhereTheTargetHasOneOfThatName) {
  const TwoHosts hosts("running", "", vm_in("stopped"));
  EXPECT_EQ(finish(hosts.begin()), PRL_ERR_VM_MIGRATE_VM_ALREADY_EXISTS_ON_TARGET);
  EXPECT_EQ(state_of(hosts.vm), VMS_RUNNING);
  EXPECT_EQ(finish(PrlVm_Suspend(hosts.vm)), PRL_ERR_SUCCESS);
}

TEST(Migration, LeavesTheVmWhereTheTargetHasNoSpace) {
  const TwoHosts hosts("running", "", kNoSpace);
  EXPECT_NE(finish(hosts.begin()), PRL_ERR_SUCCESS);
  EXPECT_EQ(state_of(hosts.vm), VMS_RUNNING);
  EXPECT_FALSE(hosts.is_there());
  EXPECT_EQ(finish(hosts.begin()), PRL_ERR_SUCCESS) << "the fault strikes once";
  EXPECT_EQ(state_of(hosts.vm_there()), VMS_RUNNING);
}

// What its memory rests on is no longer all there after a migration that came to nothing.
TEST(Migration, LosesNothingOfAResumedGuestWhenItFails) {
  const TwoHosts hosts("running", "", vm_in("stopped"));
  const char text[] = "still there";
  char read[sizeof(text)] = "";
  ASSERT_EQ(PrlSim_WriteGuestMemory(hosts.vm, 3 << 20, text, sizeof(text)), PRL_ERR_SUCCESS);
  ASSERT_EQ(finish(PrlVm_Suspend(hosts.vm)), PRL_ERR_SUCCESS);
  ASSERT_EQ(finish(PrlVm_Resume(hosts.vm)), PRL_ERR_SUCCESS);
  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ(finish(hosts.begin()), PRL_ERR_VM_MIGRATE_VM_ALREADY_EXISTS_ON_TARGET);
    ASSERT_EQ(finish(PrlVm_Suspend(hosts.vm)), PRL_ERR_SUCCESS);
    ASSERT_EQ(finish(PrlVm_Resume(hosts.vm)), PRL_ERR_SUCCESS);
  }
  EXPECT_EQ(PrlSim_ReadGuestMemory(hosts.vm, 3 << 20, read, sizeof(read)), PRL_ERR_SUCCESS);
  EXPECT_STREQ(read, text);
}

// A host that is in the middle of a step is asked again.
TEST(Migration, WaitsForAHostThatIsBusyForAMoment) {
  const TwoHosts hosts("running", "",
                       "[[vm]]\nname = \"other\"\nram_mib = 4\nstate = \"running\"\n"
                       "uuid = \"11111111-1111-1111-1111-111111111111\"\n");
  const Handle other = hosts.vm_there("other");
  const Handle job(hosts.begin());
  // Its step lasts while time goes by on this host, until the migration would have ended.
  const auto occupy = [](PRL_HANDLE vm, PRL_UINT64, void* world) {
    EXPECT_EQ(PrlSim_SetGuestWorkload(vm, 0, nullptr, nullptr), PRL_ERR_SUCCESS);
    EXPECT_EQ(PrlSim_UseWorld(0), PRL_ERR_SUCCESS);
    EXPECT_EQ(PrlSim_AdvanceTime(1'000), PRL_ERR_SUCCESS);
    EXPECT_EQ(PrlSim_UseWorld(*static_cast<const PRL_UINT32*>(world)), PRL_ERR_SUCCESS);
  };
  PRL_UINT32 there = hosts.world;
  ASSERT_EQ(PrlSim_UseWorld(there), PRL_ERR_SUCCESS);
  ASSERT_EQ(PrlSim_SetGuestWorkload(other, 10, occupy, &there), PRL_ERR_SUCCESS);
  ASSERT_EQ(PrlSim_AdvanceTime(50), PRL_ERR_SUCCESS);
  ASSERT_EQ(PrlSim_UseWorld(0), PRL_ERR_SUCCESS);
  EXPECT_GE(time_ms(), 1'000u);
  EXPECT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(job), PRL_ERR_SUCCESS);
  EXPECT_EQ(state_of(hosts.vm_there()), VMS_RUNNING);
}

TEST(Migration, FailsByAFaultOfItsJob) {
  const TwoHosts hosts("running",
                       "[[fault]]\nname = \"no\"\nmatch = { call = \"PrlVm_Migrate\" }\n"
                       "effect = { kind = \"fail\", code = \"PRL_ERR_VM_MIGRATE_REGISTER_VM_FAILED"
                       "_OBSOLETE\" }\n");
  EXPECT_EQ(finish(hosts.begin()), PRL_ERR_VM_MIGRATE_REGISTER_VM_FAILED);
  EXPECT_EQ(state_of(hosts.vm), VMS_RUNNING);
  EXPECT_EQ(finish(hosts.begin()), PRL_ERR_SUCCESS);
}

TEST(Migration, FindsNobodyWhereTheOtherHostHasEnded) {
  const TwoHosts hosts("running");
  const Handle job(hosts.begin());
  EXPECT_EQ(state_of(hosts.vm), VMS_MIGRATING);
  ASSERT_EQ(PrlSim_DestroyWorld(hosts.world), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(job), PRL_ERR_CANT_CONNECT_TO_DISPATCHER);
  EXPECT_EQ(state_of(hosts.vm), VMS_RUNNING);
}

// vm-lifecycle 2.4: of a VM that is stopped, which is what it was before.
TEST(Migration, CopiesAVmThatIsStopped) {
  for (const char* state : {"running", "paused", "suspended"}) {
    const TwoHosts hosts(state);
    EXPECT_EQ(finish(hosts.begin(PVMT_CLONE_MODE)),
              PRL_ERR_VM_MIGRATE_CHECKING_PRECONDITIONS_FAILED);
  }
  const TwoHosts hosts("stopped");
  ASSERT_EQ(finish(PrlVm_CreateSnapshot(hosts.vm, "first", "")), PRL_ERR_SUCCESS);
  Recorder recorder(hosts.here.server);
  const auto seen = recorder.up_to_end_of(hosts.begin(PVMT_CLONE_MODE));
  EXPECT_EQ(seen.back().code, PRL_ERR_SUCCESS);
  EXPECT_EQ(states_in(seen), (std::vector<PRL_INT32>{VMS_MIGRATING, VMS_STOPPED}));
  EXPECT_EQ(events_in(seen),
            (std::vector<PRL_EVENT_TYPE>{
                PET_DSP_EVT_VM_STATE_CHANGED, PET_DSP_EVT_VM_MIGRATE_STARTED,
                PET_DSP_EVT_VM_MIGRATE_PROGRESS_CHANGED, PET_DSP_EVT_VM_MIGRATE_PROGRESS_CHANGED,
                PET_DSP_EVT_VM_MIGRATE_FINISHED, PET_DSP_EVT_VM_STATE_CHANGED}));
  const Handle copy = hosts.vm_there();
  EXPECT_NE(uuid_of(copy), uuid_of(hosts.vm));
  EXPECT_EQ(name_of(copy), name_of(hosts.vm));
  EXPECT_EQ(state_of(copy), VMS_STOPPED);
  EXPECT_EQ(finish(PrlVm_Start(copy)), PRL_ERR_SUCCESS);
  EXPECT_NE(text_result_of(PrlVm_GetSnapshotsTree(copy)).find("first"), std::string::npos);
  EXPECT_EQ(additions_of(hosts.vm), PRL_UINT32(VMAS_NOSTATE));
  EXPECT_EQ(finish(PrlVm_Start(hosts.vm)), PRL_ERR_SUCCESS) << "it is still here";
}

// The first host is that of the home; the other one is in memory.
class MigrationOfAHome : public ::testing::Test {
 protected:
  void SetUp() override { ::setenv("PRLSIM_HOME", home_.c_str(), 1); }
  void TearDown() override { ::unsetenv("PRLSIM_HOME"); }
  size_t folders() const {
    const std::filesystem::directory_iterator all(home_ + "/vms");
    return static_cast<size_t>(std::distance(begin(all), end(all)));
  }

  const TemporaryFolder folder_;
  const std::string home_ = folder_ / "home";
};

// Its memory was written down for the journey; no later process may find it so.
TEST_F(MigrationOfAHome, LeavesNoSecondGuestWhereItFails) {
  {
    const TwoHosts hosts("running", "", vm_in("stopped"));
    ASSERT_EQ(finish(hosts.begin()), PRL_ERR_VM_MIGRATE_VM_ALREADY_EXISTS_ON_TARGET);
    ASSERT_EQ(finish(PrlVm_Stop(hosts.vm, PRL_FALSE)), PRL_ERR_SUCCESS);
  }
  const Session again;
  EXPECT_EQ(state_of(vm_by_name(again.server, "vm")), VMS_STOPPED);
}

TEST_F(MigrationOfAHome, LeavesNothingBehindWhereItFailsToArrive) {
  const TwoHosts hosts("stopped", kNoSpace);
  const Handle other = [&] {
    EXPECT_EQ(PrlSim_UseWorld(hosts.world), PRL_ERR_SUCCESS);
    Handle vm = new_vm(hosts.there, "other");
    EXPECT_EQ(finish(PrlVm_Start(vm)), PRL_ERR_SUCCESS) << "so that there is a memory to copy";
    EXPECT_EQ(PrlSim_UseWorld(0), PRL_ERR_SUCCESS);
    return vm;
  }();
  const size_t before = folders();
  const auto migrate = [&] {
    return finish(PrlVm_Migrate(other, hosts.here.server, "", 0, 0, PRL_FALSE));
  };
  EXPECT_NE(migrate(), PRL_ERR_SUCCESS);
  EXPECT_EQ(folders(), before);
  EXPECT_EQ(migrate(), PRL_ERR_SUCCESS) << "the fault strikes once";
  EXPECT_EQ(folders(), before + 1);
}

// Two hosts that take from each other at the same time wait for nothing that the other holds.
TEST(Migration, OfTwoVmsInOppositeDirectionsEnds) {
  for (int round = 0; round < 20; ++round) {
    // Of one seed both hosts would draw the same identity.
    const std::string other =
        "[[vm]]\nname = \"other\"\nuuid = \"11111111-1111-1111-1111-111111111111\"\n"
        "ram_mib = 4\nstate = \"running\"\n";
    const TwoHosts hosts("running", "", other);
    const Handle back = hosts.vm_there("other");
    std::thread thread([&] {
      PrlSim_UseWorld(hosts.world);
      EXPECT_EQ(finish(PrlVm_Migrate(back, hosts.here.server, "", 0, 0, PRL_FALSE)),
                PRL_ERR_SUCCESS);
    });
    EXPECT_EQ(finish(hosts.begin()), PRL_ERR_SUCCESS);
    thread.join();
    EXPECT_EQ(state_of(hosts.vm_there()), VMS_RUNNING);
    EXPECT_EQ(state_of(vm_by_name(hosts.here.server, "other")), VMS_RUNNING);
  }
}

}  // namespace
}  // namespace prl::tests
