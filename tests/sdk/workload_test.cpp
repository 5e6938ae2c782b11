// What guests do with their memory in virtual time.
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/sdk/session.h"

namespace prl::tests {
namespace {

constexpr size_t kMib = size_t{1} << 20;

std::string host_with(const std::string& workload) {
  return "clock = \"virtual\"\n[[vm]]\nname = \"vm\"\nram_mib = 4\nstate = \"running\"\n"
         "workload = " +
         workload + "\n";
}

struct Host : Session {
  explicit Host(const std::string& workload)
      : Session(host_with(workload)), vm(vm_by_name(server, "vm")) {}

  std::vector<char> memory() const {
    std::vector<char> bytes(4 * kMib);
    EXPECT_EQ(PrlSim_ReadGuestMemory(vm, 0, bytes.data(), bytes.size()), PRL_ERR_SUCCESS);
    return bytes;
  }
  // How many ms the guest has run: it counts them in rax.
  uint64_t run_ms() const {
    PrlSim_Registers registers;
    EXPECT_EQ(PrlSim_GetRegisters(vm, 0, &registers), PRL_ERR_SUCCESS);
    return registers.general[0];
  }

  const Handle vm;
};

// The guest goes on where it was, and only while it runs: with and without a suspend in between it
// is the same after the same time.
TEST(Workloads, GoOnAfterASuspendAsIfThereHadBeenNone) {
  for (const std::string kind : {"writer", "random", "zipf", "growing", "pattern"}) {
    SCOPED_TRACE(kind);
    const std::string workload =
        "{ kind = \"" + kind + "\", working_set_mib = 2, pages_per_ms = 1 }";
    std::vector<char> resumed;
    uint64_t run_ms = 0;
    {
      const Host host(workload);
      PrlSim_AdvanceTime(100);
      EXPECT_EQ(finish(PrlVm_Suspend(host.vm)), PRL_ERR_SUCCESS);
      PrlSim_AdvanceTime(10'000);
      EXPECT_EQ(finish(PrlVm_Resume(host.vm)), PRL_ERR_SUCCESS);
      PrlSim_AdvanceTime(200);
      run_ms = host.run_ms();
      EXPECT_LT(run_ms, 10'000u) << "no guest runs while it is suspended";
      resumed = host.memory();
    }
    const Host host(workload);
    EXPECT_FALSE(host.memory() == resumed);
    PrlSim_AdvanceTime(run_ms - host.run_ms());
    EXPECT_TRUE(host.memory() == resumed);
  }
}

// ---- A workload of the test's own -------------------------------------------------------------

// Its calls, each of which writes what it was told to the same place in the guest.
struct Diary {
  static constexpr PRL_UINT64 kPlace = 8192;

  static void PRL_CALL note(PRL_HANDLE vm, PRL_UINT64 ran_ms, void* self) {
    auto& diary = *static_cast<Diary*>(self);
    diary.ran_ms.push_back(ran_ms);
    diary.written = PrlSim_WriteGuestMemory(vm, kPlace, &ran_ms, sizeof(ran_ms));
  }
  PRL_RESULT begin(PRL_HANDLE vm, PRL_UINT32 period_ms) {
    return PrlSim_SetGuestWorkload(vm, period_ms, note, this);
  }
  static void end(PRL_HANDLE vm) { PrlSim_SetGuestWorkload(vm, 0, nullptr, nullptr); }
  static PRL_UINT64 last_in(PRL_HANDLE vm) {
    PRL_UINT64 word = 0;
    EXPECT_EQ(PrlSim_ReadGuestMemory(vm, kPlace, &word, sizeof(word)), PRL_ERR_SUCCESS);
    return word;
  }

  std::vector<PRL_UINT64> ran_ms;
  PRL_RESULT written = PRL_ERR_UNINITIALIZED;
};

constexpr const char* kIdle = "{ kind = \"idle\" }";

TEST(AGuestWorkload, IsCalledAfterEachPeriodOfTheGuestsTime) {
  const Host host(kIdle);
  Diary diary;
  ASSERT_LT(host.run_ms(), 100u);
  ASSERT_EQ(diary.begin(host.vm, 100), PRL_ERR_SUCCESS);
  PrlSim_AdvanceTime(100 - host.run_ms() - 1);
  EXPECT_TRUE(diary.ran_ms.empty());
  PrlSim_AdvanceTime(1);
  EXPECT_EQ(diary.ran_ms, std::vector<PRL_UINT64>({100}));
  PrlSim_AdvanceTime(299);
  EXPECT_EQ(diary.ran_ms, std::vector<PRL_UINT64>({100, 200, 300}));
  EXPECT_EQ(diary.written, PRL_ERR_SUCCESS);
  EXPECT_EQ(diary.last_in(host.vm), 300u);
}

TEST(AGuestWorkload, StandsStillWithItsGuestAndGoesOnWithIt) {
  const Host host(kIdle);
  Diary diary;
  diary.begin(host.vm, 1000);
  PrlSim_AdvanceTime(900 - host.run_ms());
  using Start = PRL_HANDLE (*)(PRL_HANDLE);
  constexpr Start kPause = [](PRL_HANDLE vm) { return PrlVm_Pause(vm, PRL_FALSE); };
  for (const auto& [stop, go_on] :
       {std::pair<Start, Start>(kPause, PrlVm_Start), {PrlVm_Suspend, PrlVm_Resume}}) {
    ASSERT_EQ(finish(stop(host.vm)), PRL_ERR_SUCCESS);
    PrlSim_AdvanceTime(10'000);
    EXPECT_TRUE(diary.ran_ms.empty());
    ASSERT_EQ(finish(go_on(host.vm)), PRL_ERR_SUCCESS);
  }
  ASSERT_LT(host.run_ms(), 1000u);
  PrlSim_AdvanceTime(1000 - host.run_ms());
  EXPECT_EQ(diary.ran_ms, std::vector<PRL_UINT64>({1000}));
}

TEST(AGuestWorkload, BeginsAnewWithEveryBoot) {
  const Host host(kIdle);
  Diary diary;
  diary.begin(host.vm, 1000);
  PrlSim_AdvanceTime(2500);
  ASSERT_EQ(finish(PrlVm_Stop(host.vm, PRL_FALSE)), PRL_ERR_SUCCESS);
  ASSERT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_SUCCESS);
  PrlSim_AdvanceTime(1000 - host.run_ms());
  EXPECT_EQ(diary.ran_ms, std::vector<PRL_UINT64>({1000, 2000, 1000}));
  ASSERT_EQ(finish(PrlVm_Reset(host.vm)), PRL_ERR_SUCCESS);
  PrlSim_AdvanceTime(1000 - host.run_ms());
  EXPECT_EQ(diary.ran_ms, std::vector<PRL_UINT64>({1000, 2000, 1000, 1000}));
}

TEST(AGuestWorkload, ActsBesideTheWorkloadOfTheScenarioAndIsInTheImage) {
  const Host host("{ kind = \"writer\", working_set_mib = 1 }");
  Diary diary;
  diary.begin(host.vm, 10);
  PrlSim_AdvanceTime(100);
  diary.end(host.vm);
  ASSERT_EQ(finish(PrlVm_Suspend(host.vm)), PRL_ERR_SUCCESS);
  ASSERT_EQ(finish(PrlVm_Resume(host.vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(diary.last_in(host.vm), diary.ran_ms.back());
  EXPECT_NE(host.memory()[kMib], 0) << "the writer has been here";
}

TEST(AGuestWorkload, IsReplacedAndTakenAway) {
  const Host host(kIdle);
  Diary first;
  Diary second;
  first.begin(host.vm, 10);
  PrlSim_AdvanceTime(100);
  const size_t calls = first.ran_ms.size();
  second.begin(host.vm, 10);
  PrlSim_AdvanceTime(100);
  EXPECT_EQ(first.ran_ms.size(), calls);
  EXPECT_EQ(second.ran_ms.size(), 10u);
  second.end(host.vm);
  PrlSim_AdvanceTime(100);
  EXPECT_EQ(second.ran_ms.size(), 10u);
}

// Whatever it does in its call, it must not stop the host.
TEST(AGuestWorkload, MayTakeItselfAway) {
  const Host host(kIdle);
  PRL_UINT32 calls = 0;
  const auto once = [](PRL_HANDLE vm, PRL_UINT64, void* count) {
    ++*static_cast<PRL_UINT32*>(count);
    EXPECT_EQ(PrlSim_SetGuestWorkload(vm, 0, nullptr, nullptr), PRL_ERR_SUCCESS);
  };
  ASSERT_EQ(PrlSim_SetGuestWorkload(host.vm, 10, once, &calls), PRL_ERR_SUCCESS);
  PrlSim_AdvanceTime(1000);
  EXPECT_EQ(calls, 1u);
}

TEST(AGuestWorkload, CannotPassTimeOrEndItsWorld) {
  const Host host(kIdle);
  struct Seen {
    PRL_UINT64 before_ms = 0, after_ms = 1;
    PRL_RESULT waited, deinit, reset, destroyed;
    Handle job;
  } seen;
  const auto try_all = [](PRL_HANDLE vm, PRL_UINT64, void* user_data) {
    auto& seen = *static_cast<Seen*>(user_data);
    if (seen.job) return;
    PrlSim_GetTime(&seen.before_ms);
    PrlSim_AdvanceTime(1000);
    *seen.job.out() = PrlVm_Pause(vm, PRL_FALSE);
    seen.waited = PrlJob_Wait(seen.job, UINT32_MAX);
    EXPECT_EQ(status_of(seen.job), PJS_RUNNING);
    seen.deinit = PrlApi_Deinit();
    seen.reset = PrlSim_ResetWorld(nullptr);
    seen.destroyed = PrlSim_DestroyWorld(1);
    PrlSim_GetTime(&seen.after_ms);
  };
  ASSERT_EQ(PrlSim_SetGuestWorkload(host.vm, 10, try_all, &seen), PRL_ERR_SUCCESS);
  PrlSim_AdvanceTime(20);
  EXPECT_EQ(seen.before_ms, seen.after_ms);
  EXPECT_EQ(seen.waited, PRL_ERR_TIMEOUT);
  EXPECT_EQ(seen.deinit, PRL_ERR_OPERATION_FAILED);
  EXPECT_EQ(seen.reset, PRL_ERR_OPERATION_FAILED);
  EXPECT_EQ(seen.destroyed, PRL_ERR_OPERATION_FAILED);
  EXPECT_EQ(PrlJob_Wait(seen.job, UINT32_MAX), PRL_ERR_SUCCESS) << "outside it goes on";
  EXPECT_EQ(code_of(seen.job), PRL_ERR_SUCCESS);
  EXPECT_EQ(state_of(host.vm), VMS_PAUSED);
}

TEST(AGuestWorkload, FindsAHandleThatWasFreedUseless) {
  const Host host(kIdle);
  Diary diary;
  {
    const Handle other = vm_by_name(host.server, "vm");
    ASSERT_EQ(other.get(), host.vm.get());
    const Session another(host_with(kIdle));
    const Handle foreign = vm_by_name(another.server, "vm");
    ASSERT_EQ(diary.begin(foreign, 10), PRL_ERR_SUCCESS);
  }
  PrlSim_AdvanceTime(10);
  EXPECT_FALSE(diary.ran_ms.empty());
  EXPECT_EQ(diary.written, PRL_ERR_INVALID_ARG);
  diary.end(host.vm);
}

// It goes on for ever, and is no reason to hope that a job which hangs will end.
TEST(AGuestWorkload, DoesNotKeepAHangFromBeingTold) {
  PrlSim_KeepTrace(100);
  const Session session(host_with(kIdle) +
                        "[[vm]]\nname = \"stuck\"\nstate = \"running\"\n"
                        "[[fault]]\nname = \"stuck\"\nmatch = { call = \"PrlVm_Pause\" }\n"
                        "effect = { kind = \"hang\" }\n");
  const Handle vm = vm_by_name(session.server, "vm");
  const Handle stuck = vm_by_name(session.server, "stuck");
  Diary diary;
  diary.begin(vm, 100);
  const Handle job(PrlVm_Pause(stuck, PRL_FALSE));
  EXPECT_EQ(PrlJob_Wait(job, 1000), PRL_ERR_TIMEOUT);
  EXPECT_EQ(diary.ran_ms.size(), 10u);
  const std::string trace = text_of(PrlSim_GetTrace);
  EXPECT_NE(trace.find("nothing is left to happen; unfinished: "), std::string::npos) << trace;
  diary.end(vm);
  PrlSim_KeepTrace(0);
}

TEST(AGuestWorkload, IsRefusedWithoutAPeriodOrAVm) {
  const Host host(kIdle);
  Diary diary;
  EXPECT_EQ(diary.begin(host.vm, 0), PRL_ERR_INVALID_ARG);
  EXPECT_EQ(diary.begin(kNoHandle, 10), PRL_ERR_INVALID_ARG);
  EXPECT_EQ(diary.begin(host.server, 10), PRL_ERR_INVALID_ARG);
  const Handle nowhere = unregistered_vm(host.server, "nowhere");
  EXPECT_EQ(diary.begin(nowhere, 10), PRL_ERR_VM_UUID_NOT_FOUND);
  EXPECT_EQ(PrlSim_SetGuestWorkload(host.vm, 0, nullptr, nullptr), PRL_ERR_SUCCESS);
}

// With a clock that runs, the call comes in a thread of the world, which works in that world.
struct Rendezvous {
  std::promise<void> entered;
  std::shared_future<void> leave;
  std::atomic<bool> has_left = false;
  PRL_RESULT written = PRL_ERR_UNINITIALIZED;

  static void PRL_CALL meet(PRL_HANDLE vm, PRL_UINT64 ran_ms, void* self) {
    auto& meeting = *static_cast<Rendezvous*>(self);
    if (meeting.has_left) return;
    meeting.written = PrlSim_WriteGuestMemory(vm, 0, &ran_ms, sizeof(ran_ms));
    meeting.entered.set_value();
    meeting.leave.wait();
    meeting.has_left = true;
  }
};

TEST(AGuestWorkload, IsOverOnceItHasBeenTakenAwayByAnotherThread) {
  const Library library;
  PRL_UINT32 world = 0;
  std::string scenario = host_with(kIdle);
  scenario.replace(scenario.find("virtual"), 7, "scaled:1000");
  ASSERT_EQ(PrlSim_CreateWorld(scenario.c_str(), &world), PRL_ERR_SUCCESS);
  ASSERT_EQ(PrlSim_UseWorld(world), PRL_ERR_SUCCESS);
  {
    const Handle server = new_server();
    ASSERT_EQ(finish(start_login(server)), PRL_ERR_SUCCESS);
    const Handle vm = vm_by_name(server, "vm");
    Rendezvous meeting;
    std::promise<void> leave;
    meeting.leave = leave.get_future().share();
    ASSERT_EQ(PrlSim_SetGuestWorkload(vm, 10, Rendezvous::meet, &meeting), PRL_ERR_SUCCESS);
    meeting.entered.get_future().wait();
    EXPECT_EQ(meeting.written, PRL_ERR_SUCCESS) << "not in world 0, which has no such VM";
    std::thread later([&] { leave.set_value(); });
    EXPECT_EQ(PrlSim_SetGuestWorkload(vm, 0, nullptr, nullptr), PRL_ERR_SUCCESS);
    EXPECT_TRUE(meeting.has_left);
    later.join();
  }
  EXPECT_EQ(PrlSim_UseWorld(0), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlSim_DestroyWorld(world), PRL_ERR_SUCCESS);
}

}  // namespace
}  // namespace prl::tests
