// Several worlds in one process (sdk/kit/prl_sim.h).
#include <atomic>
#include <thread>

#include "tests/sdk/session.h"

namespace prl::tests {
namespace {

std::string host(const std::string& name, const std::string& rules = "") {
  return "clock = \"virtual\"\n[[vm]]\nname = \"" + name + "\"\nram_mib = 4\n" + rules;
}

PRL_UINT32 new_world(const std::string& scenario) {
  PRL_UINT32 world = 0;
  EXPECT_EQ(PrlSim_CreateWorld(scenario.c_str(), &world), PRL_ERR_SUCCESS);
  return world;
}

Handle logged_in() {
  Handle server = new_server();
  EXPECT_EQ(finish(start_login(server)), PRL_ERR_SUCCESS);
  return server;
}

PRL_UINT32 vm_count(PRL_HANDLE server) {
  const Handle job(PrlSrv_GetVmList(server));
  Handle result;
  PRL_UINT32 count = 0;
  EXPECT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlJob_GetResult(job, result.out()), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlResult_GetParamsCount(result, &count), PRL_ERR_SUCCESS);
  return count;
}

// Each world fails the suspend of its own VM with a code of its own, at a start of its own.
TEST(Worlds, DoNotDisturbEachOtherInSixtyFourThreads) {
  constexpr int kThreads = 64;
  const Library library;
  std::atomic<int> good{0};
  const auto work = [&good](int index) {
    const PRL_RESULT code = static_cast<PRL_RESULT>(0x80030000u + static_cast<unsigned>(index));
    const std::string name = "vm" + std::to_string(index);
    const int skip = index % 5;
    const PRL_UINT32 world =
        new_world(host(name,
                       "[[fault]]\nname = \"own\"\nmatch = { call = \"PrlVm_Start\" }\n"
                       "trigger = { skip = " +
                           std::to_string(skip) +
                           " }\n"
                           "effect = { kind = \"fail\", code = " +
                           std::to_string(code) + " }\n"));
    ASSERT_EQ(PrlSim_UseWorld(world), PRL_ERR_SUCCESS);
    const Handle server = logged_in();
    const Handle vm = vm_by_name(server, name);
    EXPECT_EQ(vm_count(server), 1u);
    for (int start = 0; start < 8; ++start) {
      EXPECT_EQ(finish(PrlVm_Start(vm)), start == skip ? code : PRL_ERR_SUCCESS) << index;
      if (start == skip) continue;
      EXPECT_EQ(finish(PrlVm_Stop(vm, PRL_FALSE)), PRL_ERR_SUCCESS);
    }
    const PRL_UINT64 before_ms = time_ms();
    EXPECT_EQ(PrlSim_AdvanceTime(static_cast<PRL_UINT64>(1000 * index)), PRL_ERR_SUCCESS);
    EXPECT_EQ(time_ms(), before_ms + static_cast<PRL_UINT64>(1000 * index));
    EXPECT_EQ(PrlSim_DestroyWorld(world), PRL_ERR_SUCCESS);
    ++good;
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) threads.emplace_back(work, i);
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good, kThreads);
  EXPECT_EQ(time_ms(), 0u) << "nothing has happened in world 0";
  std::printf("count worlds_at_a_time %d\n", kThreads);
}

TEST(Worlds, AreChosenByThreadsAndKeptByServers) {
  const Library library(host("first"));
  const Handle first = logged_in();
  const PRL_UINT32 world = new_world(host("second"));
  ASSERT_EQ(PrlSim_UseWorld(world), PRL_ERR_SUCCESS);
  const Handle second = logged_in();
  const Handle vm = vm_by_name(second, "second");
  EXPECT_EQ(name_of(vm_by_name(first, "first")), "first") << "although the thread is elsewhere";
  ASSERT_EQ(PrlSim_UseWorld(0), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_Start(vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(state_of(vm), VMS_RUNNING);
}

// What time it is where a handler is called.
struct Clock {
  std::atomic<PRL_UINT64> seen_ms{0};
  static PRL_RESULT PRL_CALL look(PRL_HANDLE handle, PRL_VOID_PTR data) {
    PRL_UINT64 now_ms = 0;
    PrlSim_GetTime(&now_ms);
    static_cast<Clock*>(data)->seen_ms = now_ms;
    return PrlHandle_Free(handle);
  }
};

TEST(Worlds, CallHandlersInTheWorldOfTheirServer) {
  const Library library(host("first"));
  ASSERT_EQ(PrlSim_UseWorld(new_world(host("second"))), PRL_ERR_SUCCESS);
  const Handle server = logged_in();
  PrlSim_AdvanceTime(123'456);
  Clock clock;
  ASSERT_EQ(PrlSrv_RegEventHandler(server, &Clock::look, &clock), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlSrv_GetVmList(server)), PRL_ERR_SUCCESS);
  while (clock.seen_ms == 0) std::this_thread::yield();
  EXPECT_GE(clock.seen_ms, 123'456u);
  PrlSrv_UnregEventHandler(server, &Clock::look, &clock);
}

// ---- Logins that choose one --------------------------------------------------------------------

std::string named_host(const std::string& name, const std::string& vm,
                       const std::string& rules = "") {
  return "clock = \"virtual\"\n[host]\nname = \"" + name + "\"\n[[vm]]\nname = \"" + vm +
         "\"\nram_mib = 4\n" + rules;
}

PRL_HANDLE start_login_to(PRL_HANDLE server, const std::string& host_name) {
  return PrlSrv_Login(server, host_name.c_str(), "user", "", nullptr, 0, 0, PSL_HIGH_SECURITY);
}

std::string only_vm(PRL_HANDLE server) {
  return name_of(answer_of(PrlSrv_GetVmList(server)));
}

TEST(ALogin, ChoosesTheWorldOfTheHostThatItNames) {
  const Library library(named_host("alpha", "a"));
  new_world(named_host("beta", "b"));
  const PRL_UINT32 gamma = new_world(named_host("gamma", "c"));
  const Handle server = new_server();
  for (const auto& [name, vm] : {std::pair("beta", "b"), std::pair("gamma", "c"),
                                 std::pair("alpha", "a"), std::pair("gamma#64000", "c")}) {
    EXPECT_EQ(finish(start_login_to(server, name)), PRL_ERR_SUCCESS) << name;
    EXPECT_EQ(only_vm(server), vm);
  }
  // The server is in that world, the thread in its own.
  const Handle web = vm_by_name(server, "c");
  EXPECT_EQ(finish(PrlVm_Start(web)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(start_login_to(server, "localhost")), PRL_ERR_SUCCESS);
  EXPECT_EQ(only_vm(server), "c") << "of the world in which it is";
  VIRTUAL_MACHINE_STATE state = VMS_UNKNOWN;
  EXPECT_EQ(PrlSim_GetVmState("c", &state), PRL_ERR_VM_UUID_NOT_FOUND);
  ASSERT_EQ(PrlSim_UseWorld(gamma), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlSim_GetVmState("c", &state), PRL_ERR_SUCCESS);
  EXPECT_EQ(state, VMS_RUNNING);
}

TEST(ALogin, ChoosesAWorldByItsNumber) {
  const Library library(host("first"));
  const PRL_UINT32 second = new_world(host("second"));
  const Handle server = new_server();
  EXPECT_EQ(finish(start_login_to(server, "world-" + std::to_string(second))), PRL_ERR_SUCCESS);
  EXPECT_EQ(only_vm(server), "second");
  EXPECT_EQ(finish(start_login_to(server, "world-0")), PRL_ERR_SUCCESS);
  EXPECT_EQ(only_vm(server), "first");
  for (const char* name : {"world-", "world-7", "world-01", "world--1", "world-x",
                           "world-4294967296", "elsewhere", ""}) {
    EXPECT_EQ(finish(start_login_to(server, name)), PRL_ERR_CANT_CONNECT_TO_DISPATCHER) << name;
  }
  EXPECT_EQ(PrlSim_DestroyWorld(second), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(start_login_to(server, "world-1")), PRL_ERR_CANT_CONNECT_TO_DISPATCHER);
  EXPECT_EQ(finish(start_login_to(server, "prlsim-host")), PRL_ERR_SUCCESS);
  EXPECT_EQ(only_vm(server), "first");
}

TEST(ALogin, MeansItsOwnWorldFirstAndThenTheLowest) {
  const Library library(named_host("zero", "first"));
  const PRL_UINT32 second = new_world(named_host("twin", "second"));
  const PRL_UINT32 third = new_world(named_host("twin", "third"));
  EXPECT_LT(second, third);
  const Handle server = new_server();
  EXPECT_EQ(finish(start_login_to(server, "twin")), PRL_ERR_SUCCESS);
  EXPECT_EQ(only_vm(server), "second");
  ASSERT_EQ(PrlSim_UseWorld(third), PRL_ERR_SUCCESS);
  const Handle other = new_server();
  EXPECT_EQ(finish(start_login_to(other, "twin")), PRL_ERR_SUCCESS);
  EXPECT_EQ(only_vm(other), "third");
}

TEST(ALogin, ToAnotherWorldEndsTheSessionInThisOne) {
  const Library library(named_host("alpha", "a"));
  new_world("seed = 5\n" + named_host("beta", "b"));
  const Handle server = logged_in();
  const Handle watcher = logged_in();
  const Handle vm = vm_by_name(server, "a");
  Recorder recorder(server);
  EXPECT_EQ(finish(start_login_to(server, "beta")), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_Start(vm)), PRL_ERR_VM_UUID_NOT_FOUND);
  EXPECT_EQ(finish(PrlVm_Start(vm_by_name(watcher, "a"))), PRL_ERR_SUCCESS);
  const Handle last(PrlSrv_GetVmList(server));
  EXPECT_EQ(PrlJob_Wait(last, UINT32_MAX), PRL_ERR_SUCCESS);
  EXPECT_EQ(states_in(recorder.up_to(last)), std::vector<PRL_INT32>())
      << "nothing of the world that it has left";
}

TEST(ALogin, StaysWhereAJobIsUnfinished) {
  const Library library(named_host("alpha", "a"));
  new_world(named_host("beta", "b"));
  const Handle server = logged_in();
  const Handle busy(PrlVm_Start(vm_by_name(server, "a")));
  EXPECT_EQ(finish(start_login_to(server, "beta")), PRL_ERR_CANT_CONNECT_TO_DISPATCHER);
  EXPECT_EQ(PrlJob_Wait(busy, UINT32_MAX), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(busy), PRL_ERR_SUCCESS);
  EXPECT_EQ(only_vm(server), "a");
  EXPECT_EQ(finish(start_login_to(server, "beta")), PRL_ERR_SUCCESS);
  EXPECT_EQ(only_vm(server), "b");
}

TEST(ALogin, BringsHandlersToTheWorld) {
  const Library library(named_host("alpha", "a"));
  const PRL_UINT32 beta = new_world(named_host("beta", "b"));
  ASSERT_EQ(PrlSim_UseWorld(beta), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlSim_AdvanceTime(500'000), PRL_ERR_SUCCESS);
  ASSERT_EQ(PrlSim_UseWorld(0), PRL_ERR_SUCCESS);
  Clock clock;
  const Handle server = logged_in();
  ASSERT_EQ(PrlSrv_RegEventHandler(server, &Clock::look, &clock), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlSrv_GetVmList(server)), PRL_ERR_SUCCESS);
  while (clock.seen_ms == 0) std::this_thread::yield();
  EXPECT_LT(clock.seen_ms, 500'000u);
  EXPECT_EQ(finish(start_login_to(server, "beta")), PRL_ERR_SUCCESS);
  while (clock.seen_ms < 500'000u) std::this_thread::yield();
  PrlSrv_UnregEventHandler(server, &Clock::look, &clock);
}

// The threads stay in world 0: each login goes to a world of its own, with a fault of its own.
TEST(ALogin, ToEachOfSixtyFourWorldsDisturbsNoOther) {
  constexpr int kThreads = 64;
  const Library library(named_host("zero", "none"));
  for (int i = 0; i < kThreads; ++i) {
    const auto code = static_cast<PRL_RESULT>(0x80030000u + static_cast<unsigned>(i));
    new_world(named_host("host" + std::to_string(i), "vm" + std::to_string(i),
                         "[[fault]]\nname = \"own\"\nmatch = { call = \"PrlVm_Start\" }\n"
                         "trigger = { skip = " +
                             std::to_string(i % 5) + " }\neffect = { kind = \"fail\", code = " +
                             std::to_string(code) + " }\n"));
  }
  std::atomic<int> good{0};
  const auto work = [&good](int index) {
    const PRL_RESULT code = static_cast<PRL_RESULT>(0x80030000u + static_cast<unsigned>(index));
    const std::string name = "vm" + std::to_string(index);
    const Handle server = new_server();
    ASSERT_EQ(finish(start_login_to(server, "host" + std::to_string(index))), PRL_ERR_SUCCESS);
    EXPECT_EQ(only_vm(server), name);
    const Handle vm = vm_by_name(server, name);
    for (int start = 0; start < 8; ++start) {
      const bool is_struck = start == index % 5;
      EXPECT_EQ(finish(PrlVm_Start(vm)), is_struck ? code : PRL_ERR_SUCCESS) << index;
      if (is_struck) continue;
      EXPECT_EQ(finish(PrlVm_Stop(vm, PRL_FALSE)), PRL_ERR_SUCCESS);
    }
    // Once more around, by number, to the next one.
    const int next = (index + 1) % kThreads;
    EXPECT_EQ(finish(start_login_to(server, "host" + std::to_string(next))), PRL_ERR_SUCCESS);
    EXPECT_EQ(only_vm(server), "vm" + std::to_string(next));
    EXPECT_EQ(finish(PrlSrv_Logoff(server)), PRL_ERR_SUCCESS);
    ++good;
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) threads.emplace_back(work, i);
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good, kThreads);
  EXPECT_EQ(time_ms(), 0u) << "nothing has happened in world 0";
  std::printf("count logins_to_worlds %d\n", kThreads);
}

// A handle of a VM says in which world that is, whatever world the thread works in now.
TEST(AControlCall, WorksInTheWorldOfItsVm) {
  const Library library(host("web"));
  const Handle vm = vm_by_name(logged_in(), "web");
  EXPECT_EQ(finish(PrlVm_Start(vm)), PRL_ERR_SUCCESS);
  PRL_UINT64 before = 0;
  EXPECT_EQ(PrlSim_GetBootCount(vm, &before), PRL_ERR_SUCCESS);
  ASSERT_EQ(PrlSim_UseWorld(new_world(host("web"))), PRL_ERR_SUCCESS);
  PRL_UINT64 boots = 0;
  EXPECT_EQ(PrlSim_GetBootCount(vm, &boots), PRL_ERR_SUCCESS);
  EXPECT_EQ(boots, before);
  uint32_t word = 0x12345678;
  EXPECT_EQ(PrlSim_WriteGuestMemory(vm, 1 << 20, &word, sizeof(word)), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlSim_SetGuestTools(vm, PRL_TRUE), PRL_ERR_SUCCESS);
  ASSERT_EQ(PrlSim_UseWorld(0), PRL_ERR_SUCCESS);
  uint32_t read = 0;
  EXPECT_EQ(PrlSim_ReadGuestMemory(vm, 1 << 20, &read, sizeof(read)), PRL_ERR_SUCCESS);
  EXPECT_EQ(read, word);
}

TEST(AReset, GivesAFreshWorldInOneCall) {
  const Library library(host("web"));
  const Handle server = logged_in();
  const Handle vm = vm_by_name(server, "web");
  EXPECT_EQ(finish(PrlVm_Start(vm)), PRL_ERR_SUCCESS);
  const Handle hung(PrlVm_Suspend(vm));
  ASSERT_EQ(PrlSim_ResetWorld(nullptr), PRL_ERR_SUCCESS);
  EXPECT_EQ(time_ms(), 0u);
  EXPECT_EQ(PrlJob_Wait(hung, 0), PRL_ERR_SUCCESS) << "its session has ended";
  EXPECT_EQ(code_of(hung), PRL_ERR_WS_DISP_CONNECTION_CLOSED);
  EXPECT_EQ(finish(PrlVm_Start(vm)), PRL_ERR_NOT_CONNECTED_TO_DISPATCHER);
  ASSERT_EQ(finish(start_login(server)), PRL_ERR_SUCCESS) << "old servers can log in to it";
  EXPECT_EQ(state_of(vm_by_name(server, "web")), VMS_STOPPED);
}

TEST(AReset, CanTakeAnotherScenario) {
  const Library library(host("web"));
  ASSERT_EQ(PrlSim_ResetWorld(host("other").c_str()), PRL_ERR_SUCCESS);
  const Handle server = logged_in();
  EXPECT_EQ(name_of(vm_by_name(server, "other")), "other");
}

TEST(AWorldThatHasEnded, AnswersNothingAndFreesEverything) {
  const Library library;
  const PRL_UINT32 world = new_world(host("web"));
  ASSERT_EQ(PrlSim_UseWorld(world), PRL_ERR_SUCCESS);
  {
    const Handle server = logged_in();
    const Handle vm = vm_by_name(server, "web");
    ASSERT_EQ(PrlSim_DestroyWorld(world), PRL_ERR_SUCCESS);
    EXPECT_EQ(finish(PrlVm_Start(vm)), PRL_ERR_NOT_CONNECTED_TO_DISPATCHER);
    EXPECT_EQ(finish(start_login(server)), PRL_ERR_CANT_CONNECT_TO_DISPATCHER);
  }
  ASSERT_EQ(PrlSim_UseWorld(0), PRL_ERR_SUCCESS);
  EXPECT_EQ(live_handles(), 0u);
}

TEST(Worlds, AreRefusedWhereTheyMakeNoSense) {
  PRL_UINT32 world = 7;
  EXPECT_EQ(PrlSim_CreateWorld("", &world), PRL_ERR_API_WASNT_INITIALIZED);
  EXPECT_EQ(PrlSim_UseWorld(0), PRL_ERR_API_WASNT_INITIALIZED);
  const Library library;
  EXPECT_EQ(PrlSim_CreateWorld("", nullptr), PRL_ERR_INVALID_ARG);
  EXPECT_EQ(PrlSim_UseWorld(1), PRL_ERR_INVALID_ARG);
  EXPECT_EQ(PrlSim_UseWorld(UINT32_MAX), PRL_ERR_INVALID_ARG);
  EXPECT_EQ(PrlSim_DestroyWorld(0), PRL_ERR_INVALID_ARG);
  EXPECT_EQ(PrlSim_DestroyWorld(UINT32_MAX), PRL_ERR_INVALID_ARG);
  testing::internal::CaptureStderr();
  EXPECT_EQ(PrlSim_CreateWorld("clok = 1", &world), PRL_ERR_OPERATION_FAILED);
  EXPECT_NE(testing::internal::GetCapturedStderr().find("did you mean 'clock'"), std::string::npos);
  EXPECT_EQ(world, 7u);
}

TEST(Worlds, DoNotInheritTheThreadsOfTheOneBefore) {
  const Library library(host("first"));
  const PRL_UINT32 old = new_world(host("second"));
  ASSERT_EQ(PrlSim_UseWorld(old), PRL_ERR_SUCCESS);
  ASSERT_EQ(PrlSim_DestroyWorld(old), PRL_ERR_SUCCESS);
  ASSERT_EQ(new_world(host("third")), old);
  const Handle server = logged_in();
  EXPECT_EQ(name_of(vm_by_name(server, "first")), "first");
}

// What a thread chose in one library means nothing in the next.
TEST(Worlds, AreForgottenWithTheLibrary) {
  {
    const Library library;
    ASSERT_EQ(PrlSim_UseWorld(new_world(host("web"))), PRL_ERR_SUCCESS);
  }
  const Library library(host("first"));
  new_world(host("second"));
  const Handle server = logged_in();
  EXPECT_EQ(name_of(vm_by_name(server, "first")), "first");
}

}  // namespace
}  // namespace prl::tests
