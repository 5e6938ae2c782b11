// Many threads at once (core-api 10).
#include <atomic>
#include <future>

#include "tests/sdk/session.h"

namespace prl::tests {
namespace {

template <class Body>
void in_threads(int count, Body body) {
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i) threads.emplace_back([=] { body(i); });
  for (std::thread& thread : threads) thread.join();
}

bool is_expected_in_a_race(PRL_RESULT code) {
  return code == PRL_ERR_SUCCESS || code == PRL_ERR_INVALID_ARG ||
         code == PRL_ERR_API_WASNT_INITIALIZED;
}

// core-api 10: every call sees the library as it is before or after, never a crash.
TEST(RacingInitAndDeinit, LeavesEveryCallAnOrdinaryAnswer) {
  PrlSim_SetScenario(kVirtualClock);
  std::atomic<bool> done{false};
  std::thread racer([&] {
    for (int round = 0; round < 200; ++round) {
      EXPECT_EQ(PrlApi_Init(PARALLELS_API_VER), PRL_ERR_SUCCESS);
      std::this_thread::yield();
      EXPECT_EQ(PrlApi_Deinit(), PRL_ERR_SUCCESS);
    }
    done = true;
  });
  in_threads(4, [&](int) {
    while (!done) {
      PRL_HANDLE server = PRL_INVALID_HANDLE;
      PRL_UINT32 count = 0;
      EXPECT_TRUE(is_expected_in_a_race(PrlSrv_Create(&server)));
      const PRL_HANDLE job = start_login(server);
      EXPECT_TRUE(is_expected_in_a_race(PrlJob_Wait(job, 1000)));
      EXPECT_TRUE(is_expected_in_a_race(PrlDbg_GetHandlesNum(&count, PHT_ERROR)));
      EXPECT_TRUE(is_expected_in_a_race(PrlHandle_Free(job)));
      EXPECT_TRUE(is_expected_in_a_race(PrlHandle_Free(server)));
    }
  });
  racer.join();
  EXPECT_EQ(PrlApi_Deinit(), PRL_ERR_API_WASNT_INITIALIZED);
  PrlSim_SetScenario(nullptr);
}

TEST(RacingInits, AreCounted) {
  PrlSim_SetScenario(kVirtualClock);
  in_threads(4, [](int) {
    for (int round = 0; round < 200; ++round) {
      EXPECT_EQ(PrlApi_Init(PARALLELS_API_VER), PRL_ERR_SUCCESS);
      PRL_HANDLE list = PRL_INVALID_HANDLE;
      EXPECT_EQ(PrlApi_CreateStringsList(&list), PRL_ERR_SUCCESS);
      EXPECT_EQ(PrlHandle_Free(list), PRL_ERR_SUCCESS);
      EXPECT_EQ(PrlApi_Deinit(), PRL_ERR_SUCCESS);
    }
  });
  EXPECT_EQ(PrlApi_Deinit(), PRL_ERR_API_WASNT_INITIALIZED);
  PrlSim_SetScenario(nullptr);
}

// One thread's whole session; returns what its handler saw.
std::vector<PRL_INT32> live_through(const std::string& name) {
  const Handle server = new_server();
  EXPECT_EQ(finish(start_login(server)), PRL_ERR_SUCCESS);
  const Handle vm = new_vm(server, name);
  Recorder recorder(vm);
  EXPECT_EQ(finish(PrlVm_Start(vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_Suspend(vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_Resume(vm)), PRL_ERR_SUCCESS);
  const auto seen = recorder.up_to_end_of(PrlVm_Stop(vm, PRL_FALSE));
  EXPECT_EQ(finish(PrlVm_Delete(vm, kNoHandle)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlSrv_Logoff(server)), PRL_ERR_SUCCESS);
  return states_in(seen);
}

// core-api 10: ten threads, each with a server, a login, a VM and a handler of its own.
TEST(TenSessions, LiveSideBySide) {
  for (const char* clock : {"clock = \"virtual\"\n", "clock = \"scaled:1000\"\n"}) {
    const Library library(clock);
    in_threads(10, [](int i) {
      EXPECT_EQ(live_through("vm " + std::to_string(i)),
                (std::vector<PRL_INT32>{VMS_STARTING, VMS_RUNNING, VMS_SUSPENDING,
                                        VMS_SUSPENDING_SYNC, VMS_SUSPENDED, VMS_RESUMING,
                                        VMS_RUNNING, VMS_STOPPING, VMS_STOPPED}));
    });
  }
}

// vm-lifecycle 8, invariants 32 and 50: one start wins; both sessions see the same states.
TEST(TwoSessions, ThatStartOneVmSeeTheSameStates) {
  const Session session("clock = \"scaled:1000\"\n");
  const Handle second = new_server();
  ASSERT_EQ(finish(start_login(second)), PRL_ERR_SUCCESS);
  const Handle vm = new_vm(session.server, "shared");
  const Handle same = vm_by_name(second, "shared");
  Recorder here(session.server);
  Recorder there(second);
  std::atomic<int> started{0};
  in_threads(2, [&](int i) { started += finish(PrlVm_Start(i == 0 ? vm : same)) == 0; });
  const auto seen_here = here.up_to_end_of(PrlSrv_GetVmList(session.server));
  const auto seen_there = there.up_to_end_of(PrlSrv_GetVmList(second));
  EXPECT_EQ(started, 1);
  EXPECT_EQ(states_in(seen_here), (std::vector<PRL_INT32>{VMS_STARTING, VMS_RUNNING}));
  EXPECT_EQ(states_in(seen_here), states_in(seen_there));
}

// core-api 10: a concurrent free never corrupts.
TEST(FreeingWhileUsing, GivesEitherAnswer) {
  const Session session;
  for (int round = 0; round < 100; ++round) {
    PRL_HANDLE vm = PRL_INVALID_HANDLE;
    ASSERT_EQ(PrlSrv_CreateVm(session.server, &vm), PRL_ERR_SUCCESS);
    in_threads(3, [=](int i) {
      const PRL_RESULT code = i == 0 ? PrlHandle_Free(vm) : PrlVmCfg_SetName(vm, "renamed");
      EXPECT_TRUE(code == PRL_ERR_SUCCESS || code == PRL_ERR_INVALID_ARG);
    });
    EXPECT_EQ(PrlHandle_Free(vm), PRL_ERR_INVALID_ARG);
  }
}

// Handlers that let go of their own servers at the same moment must not wait for each other.
TEST(HandlersOfTwoServers, CanFreeThemAtTheSameTime) {
  struct Own {
    PRL_HANDLE server = PRL_INVALID_HANDLE;
    std::atomic<int>* freed = nullptr;
    static PRL_RESULT PRL_CALL handle(PRL_HANDLE notification, PRL_VOID_PTR data) {
      auto& own = *static_cast<Own*>(data);
      PrlHandle_Free(notification);
      PrlHandle_Free(std::exchange(own.server, PRL_HANDLE(PRL_INVALID_HANDLE)));
      ++*own.freed;
      while (*own.freed < 2) std::this_thread::yield();
      Handle list;
      EXPECT_EQ(PrlApi_CreateStringsList(list.out()), PRL_ERR_SUCCESS);
      ++*own.freed;
      return PRL_ERR_SUCCESS;
    }
  };
  for (int round = 0; round < 20; ++round) {
    const Library library("clock = \"scaled:1000\"\n");
    std::atomic<int> freed{0};
    Own own[2];
    for (Own& one : own) {
      one = {.server = new_server().release(), .freed = &freed};
      const PRL_HANDLE server = one.server;
      ASSERT_EQ(PrlSrv_RegEventHandler(server, Own::handle, &one), PRL_ERR_SUCCESS);
      PrlHandle_Free(start_login(server));
    }
    while (freed < 4) std::this_thread::yield();
  }
}

// An Init that a handler makes while another thread ends the library must not wait for that end,
// which waits for the handler.
TEST(Init, DoesNotHangInAHandlerDuringDeinit) {
  struct Own {
    std::promise<void> begun;
    static PRL_RESULT PRL_CALL handle(PRL_HANDLE notification, PRL_VOID_PTR data) {
      PrlHandle_Free(notification);
      static_cast<Own*>(data)->begun.set_value();
      // Deinit has begun when calls are refused.
      while (PrlHandle_Free(PRL_INVALID_HANDLE) != PRL_ERR_API_WASNT_INITIALIZED) {
        std::this_thread::yield();
      }
      EXPECT_EQ(PrlApi_Init(PARALLELS_API_VER), PRL_ERR_OPERATION_FAILED);
      return PRL_ERR_SUCCESS;
    }
  };
  Own own;
  const Library library("clock = \"scaled:1000\"\n");
  const Handle server = new_server();
  ASSERT_EQ(PrlSrv_RegEventHandler(server, Own::handle, &own), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlHandle_Free(start_login(server)), PRL_ERR_SUCCESS);
  own.begun.get_future().wait();
}

// core-api 1.2: Deinit waits for calls in progress.
TEST(Deinit, WaitsForAThreadThatWaitsForAJob) {
  std::promise<void> waiting;
  std::thread waiter;
  {
    const Session session("clock = \"scaled:20\"\n");
    const Handle vm = new_vm(session.server, "awaited");
    PRL_HANDLE job = PrlVm_Start(vm);
    waiter = std::thread([&waiting, job] {
      waiting.set_value();
      EXPECT_TRUE(is_expected_in_a_race(PrlJob_Wait(job, 10'000)));
    });
    waiting.get_future().wait();
  }
  waiter.join();
}

}  // namespace
}  // namespace prl::tests
