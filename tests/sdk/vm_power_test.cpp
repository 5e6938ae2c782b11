// Power commands through the API (vm-lifecycle 2.2 and 8).
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cstring>

#include "tests/sdk/session.h"

namespace prl::tests {
namespace {

// A host with one VM that begins in this state.
std::string host_with_vm(const std::string& state) {
  return "clock = \"virtual\"\n[[vm]]\nname = \"vm\"\nram_mib = 4\ncpus = 2\nstate = \"" + state +
         "\"\nworkload = { kind = \"random\", working_set_mib = 1 }\n";
}

struct Host : Session {
  explicit Host(const std::string& state = "stopped")
      : Session(host_with_vm(state)), vm(vm_by_name(server, "vm")) {}

  PRL_UINT64 boots() const {
    PRL_UINT64 count = 0;
    EXPECT_EQ(PrlSim_GetBootCount(vm, &count), PRL_ERR_SUCCESS);
    return count;
  }
  bool has_image() const {
    PRL_UINT64 bytes = 0;
    EXPECT_EQ(PrlSim_GetImageSize(vm, &bytes), PRL_ERR_SUCCESS);
    return bytes != 0;
  }

  const Handle vm;
};

struct Guest {
  std::vector<char> ram = std::vector<char>(4 << 20);
  PrlSim_Registers vcpus[2];

  explicit Guest(PRL_HANDLE vm) {
    std::memset(vcpus, 0, sizeof(vcpus));
    EXPECT_EQ(PrlSim_ReadGuestMemory(vm, 0, ram.data(), ram.size()), PRL_ERR_SUCCESS);
    for (PRL_UINT32 i = 0; i < 2; ++i) {
      EXPECT_EQ(PrlSim_GetRegisters(vm, i, &vcpus[i]), PRL_ERR_SUCCESS);
    }
  }
  friend bool operator==(const Guest& a, const Guest& b) {
    return a.ram == b.ram && std::memcmp(a.vcpus, b.vcpus, sizeof(a.vcpus)) == 0;
  }
};

const std::vector<std::string>& stable_states() {
  static const std::vector<std::string> states = {"stopped", "running", "paused", "suspended"};
  return states;
}

struct Command {
  const char* name;
  PRL_HANDLE (*start)(PRL_HANDLE vm);
};

const std::vector<Command>& commands() {
  static const std::vector<Command> all = {
      {"start", PrlVm_Start},
      {"start_ex", [](PRL_HANDLE vm) { return PrlVm_StartEx(vm, PSM_VM_START, 0); }},
      {"resume", PrlVm_Resume},
      {"kill", [](PRL_HANDLE vm) { return PrlVm_Stop(vm, PRL_FALSE); }},
      {"shutdown", [](PRL_HANDLE vm) { return PrlVm_StopEx(vm, PSM_SHUTDOWN, 0); }},
      {"pause", [](PRL_HANDLE vm) { return PrlVm_Pause(vm, PRL_FALSE); }},
      {"suspend", PrlVm_Suspend},
      {"drop", PrlVm_DropSuspendedState},
      {"reset", PrlVm_Reset},
  };
  return all;
}

bool is_stable(PRL_INT32 state) {
  return state == VMS_STOPPED || state == VMS_RUNNING || state == VMS_PAUSED ||
         state == VMS_SUSPENDED;
}

// What a command did, as a client can tell.
struct Observation {
  PRL_RESULT code;
  PRL_JOB_OPERATION_CODE operation;
  std::vector<PRL_INT32> announced;
  VIRTUAL_MACHINE_STATE state;
  friend bool operator==(const Observation&, const Observation&) = default;
};

Observation observe(const Host& host, PRL_HANDLE started) {
  Recorder recorder(host.server);
  const auto seen = recorder.up_to_end_of(started);
  return {seen.back().code, seen.back().operation, states_in(seen), state_of(host.vm)};
}

// vm-lifecycle 8, invariants 5 and 9
TEST(EveryCommand, EitherIsRefusedWithoutATraceOrEndsInOneStableState) {
  for (const std::string& state : stable_states()) {
    for (const Command& command : commands()) {
      const Host host(state);
      const auto before = state_of(host.vm);
      const PRL_UINT64 boots = host.boots();
      const bool had_image = host.has_image();
      const Observation seen = observe(host, command.start(host.vm));
      SCOPED_TRACE(state + " " + command.name);
      if (seen.code != PRL_ERR_SUCCESS) {
        EXPECT_EQ(seen.state, before);
        EXPECT_TRUE(seen.announced.empty());
        EXPECT_EQ(host.boots(), boots);
        EXPECT_EQ(host.has_image(), had_image);
        continue;
      }
      EXPECT_TRUE(is_stable(seen.state));
      EXPECT_EQ(seen.announced.back(), static_cast<PRL_INT32>(seen.state));
      EXPECT_EQ(std::count_if(seen.announced.begin(), seen.announced.end(), is_stable), 1);
      EXPECT_EQ(host.has_image(), seen.state == VMS_SUSPENDED);
    }
  }
}

// vm-lifecycle 8, invariant 10
TEST(Resume, IsStart) {
  for (const std::string& state : stable_states()) {
    const Observation started = [&] {
      const Host host(state);
      return observe(host, PrlVm_Start(host.vm));
    }();
    const Host host(state);
    EXPECT_TRUE(observe(host, PrlVm_Resume(host.vm)) == started) << state;
  }
}

// vm-lifecycle 8, invariant 11
TEST(Start, EndsRunningWhenItSucceeds) {
  for (const std::string& state : stable_states()) {
    const Host host(state);
    const PRL_RESULT code = finish(PrlVm_Start(host.vm));
    EXPECT_EQ(code, state == "running" ? PRL_ERR_DISP_VM_IS_NOT_STOPPED : PRL_ERR_SUCCESS);
    EXPECT_EQ(state_of(host.vm), VMS_RUNNING) << state;
  }
}

TEST(StartEx, HasAnOperationCodeOfItsOwn) {
  const Host host;
  const Handle start(PrlVm_Start(PRL_INVALID_HANDLE));
  const Handle start_ex(PrlVm_StartEx(host.vm, PSM_VM_START, 0));
  EXPECT_EQ(operation_of(start), PJOC_VM_START);
  EXPECT_EQ(operation_of(start_ex), PJOC_VM_START_EX);
}

// vm-lifecycle 2.2
TEST(StartEx, RefusesToCompactTheDisksOfASuspendedVm) {
  const Host host("suspended");
  EXPECT_EQ(finish(PrlVm_StartEx(host.vm, PSM_VM_START_FOR_COMPACT, 0)),
            PRL_ERR_COMPACT_WRONG_VM_STATE);
  EXPECT_EQ(state_of(host.vm), VMS_SUSPENDED);
  EXPECT_EQ(finish(PrlVm_StartEx(host.vm, PSM_VM_START, 0)), PRL_ERR_SUCCESS);
  ASSERT_EQ(finish(PrlVm_Stop(host.vm, PRL_FALSE)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_StartEx(host.vm, PSM_VM_START_FOR_COMPACT, 0)), PRL_ERR_SUCCESS);
}

// vm-lifecycle 8, invariant 12
TEST(SuspendAndResume, BringBackEveryByteAndEveryRegister) {
  const Host host("running");
  PrlSim_AdvanceTime(100);
  ASSERT_EQ(finish(PrlVm_Pause(host.vm, PRL_FALSE)), PRL_ERR_SUCCESS);
  const Guest before(host.vm);
  const PRL_UINT64 boots = host.boots();
  ASSERT_EQ(finish(PrlVm_Suspend(host.vm)), PRL_ERR_SUCCESS);
  EXPECT_TRUE(host.has_image());
  PRL_UINT64 unread = 0;
  EXPECT_EQ(PrlSim_ReadGuestMemory(host.vm, 0, &unread, 8), PRL_ERR_DISP_VM_IS_NOT_STARTED);
  ASSERT_EQ(finish(PrlVm_Resume(host.vm)), PRL_ERR_SUCCESS);
  EXPECT_TRUE(Guest(host.vm) == before);
  EXPECT_EQ(host.boots(), boots);
  EXPECT_FALSE(host.has_image());
}

// vm-lifecycle 8, invariant 12, for what a test writes anywhere in an idle guest
RC_GTEST_PROP(SuspendAndResume, KeepWhatATestHasWritten, (const std::vector<uint64_t>& words)) {
  const Session session;
  const Handle vm = new_vm(session.server, "idle");
  RC_ASSERT(finish(PrlVm_Start(vm)) == PRL_ERR_SUCCESS);
  const auto address = *rc::gen::inRange<PRL_UINT64>(0, (4 << 20) - words.size() * 8);
  const PRL_UINT64 bytes = words.size() * sizeof(uint64_t);
  std::vector<uint64_t> read(words.size() + 1);
  std::vector<uint64_t> written = words;
  written.push_back(0);
  RC_ASSERT(PrlSim_WriteGuestMemory(vm, address, written.data(), bytes) == PRL_ERR_SUCCESS);
  RC_ASSERT(finish(PrlVm_Suspend(vm)) == PRL_ERR_SUCCESS);
  RC_ASSERT(finish(PrlVm_Resume(vm)) == PRL_ERR_SUCCESS);
  RC_ASSERT(PrlSim_ReadGuestMemory(vm, address, read.data(), bytes) == PRL_ERR_SUCCESS);
  RC_ASSERT(read == written);
}

// vm-lifecycle 8, invariant 13
TEST(SuspendDropAndStart, BootTheGuestAfresh) {
  const Host host("running");
  const char text[] = "only in memory";
  char read[sizeof(text)] = "";
  ASSERT_EQ(PrlSim_WriteGuestMemory(host.vm, 3 << 20, text, sizeof(text)), PRL_ERR_SUCCESS);
  const PRL_UINT64 boots = host.boots();
  ASSERT_EQ(finish(PrlVm_Suspend(host.vm)), PRL_ERR_SUCCESS);
  ASSERT_EQ(finish(PrlVm_DropSuspendedState(host.vm)), PRL_ERR_SUCCESS);
  ASSERT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(host.boots(), boots + 1);
  EXPECT_EQ(PrlSim_ReadGuestMemory(host.vm, 3 << 20, read, sizeof(read)), PRL_ERR_SUCCESS);
  EXPECT_STRNE(read, text);
}

// vm-lifecycle 8, invariant 14
TEST(Drop, SucceedsOnceAndOnlyWhenSuspended) {
  for (const std::string& state : stable_states()) {
    const Host host(state);
    const PRL_RESULT code = finish(PrlVm_DropSuspendedState(host.vm));
    EXPECT_EQ(code, state == "suspended" ? PRL_ERR_SUCCESS : PRL_ERR_UNABLE_DROP_SUSPENDED_STATE);
    if (state != "suspended") continue;
    EXPECT_EQ(state_of(host.vm), VMS_STOPPED);
    EXPECT_EQ(finish(PrlVm_DropSuspendedState(host.vm)), PRL_ERR_UNABLE_DROP_SUSPENDED_STATE);
  }
}

// A request that is sent behind it, before anybody has waited, finds the VM stopped.
TEST(Drop, IsOverBeforeTheNextRequestArrives) {
  const Host host("suspended");
  const PRL_UINT64 boots = host.boots();
  const Handle drop(PrlVm_DropSuspendedState(host.vm));
  EXPECT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(drop), PRL_ERR_SUCCESS);
  EXPECT_EQ(host.boots(), boots + 1);
}

// vm-lifecycle 5.1
TEST(Drop, KeepsOthersOutWhileItIsHeldUp) {
  const Host host("suspended");
  ASSERT_EQ(PrlSim_AddFaults("[[fault]]\nname = \"slow\"\n"
                             "match = { call = \"PrlVm_DropSuspendedState\" }\n"
                             "effect = { kind = \"delay\", delay_ms = 100 }\n"),
            PRL_ERR_SUCCESS);
  const Handle drop(PrlVm_DropSuspendedState(host.vm));
  EXPECT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_VM_LOCKED_FOR_INTERNAL_REASON);
  EXPECT_EQ(finish(PrlVm_Unreg(host.vm)), PRL_ERR_VM_LOCKED_FOR_INTERNAL_REASON);
  EXPECT_EQ(finish(PrlVm_DropSuspendedState(host.vm)), PRL_ERR_VM_LOCKED_FOR_INTERNAL_REASON);
  EXPECT_EQ(PrlJob_Wait(drop, UINT32_MAX), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(drop), PRL_ERR_SUCCESS);
  EXPECT_EQ(state_of(host.vm), VMS_STOPPED);
}

// vm-lifecycle 8, invariant 15
TEST(Stop, NeverRemovesAnImage) {
  const Host host("suspended");
  EXPECT_EQ(finish(PrlVm_Stop(host.vm, PRL_FALSE)), PRL_ERR_DISP_VM_IS_NOT_STARTED);
  EXPECT_EQ(finish(PrlVm_Stop(host.vm, PRL_TRUE)), PRL_ERR_DISP_VM_IS_NOT_STARTED);
  EXPECT_TRUE(host.has_image());
  EXPECT_EQ(state_of(host.vm), VMS_SUSPENDED);
}

// vm-lifecycle 8, invariant 16
TEST(Stop, ShutsAPausedVmDownOnlyByForce) {
  const Host host("paused");
  EXPECT_EQ(finish(PrlVm_Stop(host.vm, PRL_TRUE)), PRL_ERR_DISP_VM_COMMAND_CANT_BE_EXECUTED);
  EXPECT_EQ(finish(PrlVm_Stop(host.vm, PRL_FALSE)), PRL_ERR_SUCCESS);
  EXPECT_EQ(state_of(host.vm), VMS_STOPPED);
}

// vm-lifecycle 8, invariant 17
TEST(PauseAndStart, LeaveTheGuestAsItWas) {
  const Host host("running");
  ASSERT_EQ(finish(PrlVm_Pause(host.vm, PRL_FALSE)), PRL_ERR_SUCCESS);
  EXPECT_FALSE(host.has_image());
  const Guest before(host.vm);
  const PRL_UINT64 boots = host.boots();
  PrlSim_AdvanceTime(60'000);
  EXPECT_TRUE(Guest(host.vm) == before) << "no time passes for a paused guest";
  ASSERT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_SUCCESS);
  EXPECT_TRUE(Guest(host.vm) == before);
  EXPECT_EQ(host.boots(), boots);
}

// vm-lifecycle 8, invariant 18
TEST(PauseSuspendAndResume, EndRunning) {
  const Host host("paused");
  ASSERT_EQ(finish(PrlVm_Suspend(host.vm)), PRL_ERR_SUCCESS);
  ASSERT_EQ(finish(PrlVm_Resume(host.vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(state_of(host.vm), VMS_RUNNING);
}

// vm-lifecycle 8, invariant 19
TEST(Reset, BootsAgainWithoutStopping) {
  for (const char* state : {"running", "paused"}) {
    const Host host(state);
    const PRL_UINT64 boots = host.boots();
    const Observation seen = observe(host, PrlVm_Reset(host.vm));
    EXPECT_EQ(seen.code, PRL_ERR_SUCCESS);
    EXPECT_EQ(seen.announced, (std::vector<PRL_INT32>{VMS_RESETTING, VMS_RUNNING}));
    EXPECT_EQ(host.boots(), boots + 1);
  }
}

// vm-lifecycle 8, invariant 23
TEST(DeleteAndUnreg, AreRefusedWhileTheVmIsLive) {
  for (const char* state : {"running", "paused"}) {
    const Host host(state);
    EXPECT_EQ(finish(PrlVm_Delete(host.vm, kNoHandle)), PRL_ERR_VM_LOCKED_FOR_EXECUTE);
    EXPECT_EQ(finish(PrlVm_Unreg(host.vm)), PRL_ERR_VM_LOCKED_FOR_EXECUTE);
    EXPECT_TRUE(is_stable(state_of(host.vm)));
  }
}

TEST(DeleteAndUnreg, NameTheStartThatHoldsTheVm) {
  const Host host;
  ASSERT_EQ(finish(PrlVm_StartEx(host.vm, PSM_VM_START, 0)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_Delete(host.vm, kNoHandle)), PRL_ERR_VM_LOCKED_FOR_EXECUTE_EX);
}

// vm-lifecycle 8, invariant 24
TEST(Delete, MakesTheVmUnknownAndSaysSoOnce) {
  for (const char* state : {"stopped", "suspended"}) {
    const Host host(state);
    Recorder recorder(host.server);
    recorder.up_to_end_of(PrlVm_Delete(host.vm, PRL_INVALID_HANDLE));
    for (const Command& command : commands()) {
      EXPECT_EQ(finish(command.start(host.vm)), PRL_ERR_VM_UUID_NOT_FOUND) << command.name;
    }
    EXPECT_EQ(finish(PrlVm_Unreg(host.vm)), PRL_ERR_VM_UUID_NOT_FOUND);
    int deleted = 0;
    for (const Seen& seen : recorder.up_to_end_of(PrlVm_GetState(host.vm))) {
      deleted += seen.kind == PHT_EVENT && seen.event == PET_DSP_EVT_VM_DELETED;
      EXPECT_FALSE(seen.is_state_change());
    }
    EXPECT_EQ(deleted, 1);
  }
}

// vm-lifecycle 2.4
TEST(Registering, ASecondTimeIsRefused) {
  const Host host;
  EXPECT_EQ(finish(PrlVm_Reg(host.vm, "", PRL_TRUE)), PRL_ERR_VM_ALREADY_REGISTERED);
  const Handle twin = unregistered_vm(host.server, "vm");
  EXPECT_EQ(finish(PrlVm_Reg(twin, "", PRL_TRUE)), PRL_ERR_VM_ALREADY_REGISTERED_VM_NAME);
  const Handle nameless = unregistered_vm(host.server, "");
  EXPECT_EQ(finish(PrlVm_Reg(nameless, "", PRL_TRUE)), PRL_ERR_VM_NAME_IS_EMPTY);
}

// vm-lifecycle 8, invariant 49
TEST(RefusalsOfAPowerCommand, NameTheVmAndTheState) {
  const Host host("paused");
  const Handle job(PrlVm_Stop(host.vm, PRL_TRUE));
  ASSERT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
  Handle error;
  ASSERT_EQ(PrlJob_GetError(job, error.out()), PRL_ERR_SUCCESS);
  const char* const expected[] = {"vm", "paused"};
  for (PRL_UINT32 i = 0; i < 2; ++i) {
    Handle parameter;
    ASSERT_EQ(PrlEvent_GetParam(error, i, parameter.out()), PRL_ERR_SUCCESS);
    EXPECT_EQ(text_of([&](PRL_STR text, PRL_UINT32_PTR length) {
                return PrlEvtPrm_ToString(parameter, text, length);
              }),
              expected[i]);
  }
}

// vm-lifecycle 2.2: what a start under way says to the next command.
TEST(AStartUnderWay, RefusesEverythingButAKill) {
  const Host host;
  const Handle start(PrlVm_Start(host.vm));
  EXPECT_EQ(PrlJob_Wait(start, 10), PRL_ERR_TIMEOUT);
  EXPECT_EQ(state_of(host.vm), VMS_STARTING);
  for (const char* refused : {"start", "resume", "shutdown", "pause", "suspend", "reset"}) {
    for (const Command& command : commands()) {
      if (std::string(command.name) != refused) continue;
      EXPECT_EQ(finish(command.start(host.vm)), PRL_ERR_DISP_VM_COMMAND_CANT_BE_EXECUTED);
    }
  }
  EXPECT_EQ(finish(PrlVm_Stop(host.vm, PRL_FALSE)), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlJob_Wait(start, 0), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(start), PRL_ERR_VM_START_FAILED);
  EXPECT_EQ(state_of(host.vm), VMS_STOPPED);
}

// vm-lifecycle 5.2, rule 6: it holds its lock against the stop of another session, unless it was
// StartEx that began it.
TEST(AStartUnderWay, IsKilledByItsOwnSessionOnly) {
  for (const bool is_extended : {false, true}) {
    const Host host;
    const Handle other = new_server();
    ASSERT_EQ(finish(start_login(other)), PRL_ERR_SUCCESS);
    const Handle same_vm = vm_by_name(other, "vm");
    const Handle start(is_extended ? PrlVm_StartEx(host.vm, PSM_VM_START, 0)
                                   : PrlVm_Start(host.vm));
    EXPECT_EQ(PrlJob_Wait(start, 10), PRL_ERR_TIMEOUT);
    EXPECT_EQ(finish(PrlVm_Stop(same_vm, PRL_FALSE)),
              is_extended ? PRL_ERR_SUCCESS : PRL_ERR_VM_LOCKED_FOR_EXECUTE);
    EXPECT_EQ(state_of(host.vm), is_extended ? VMS_STOPPED : VMS_STARTING);
    EXPECT_EQ(finish(PrlVm_Stop(host.vm, PRL_FALSE)),
              is_extended ? PRL_ERR_DISP_VM_IS_NOT_STARTED : PRL_ERR_SUCCESS);
  }
}

// vm-lifecycle 8, invariants 4, 6, 7 and 9, for random commands
RC_GTEST_PROP(AnySequenceOfCommands, AnnouncesEachChangeOnce, ()) {
  const Host host;
  Recorder recorder(host.server);
  const auto script = *rc::gen::container<std::vector<size_t>>(rc::gen::inRange<size_t>(0, 9));
  for (const size_t index : script) {
    const Handle job(commands()[index].start(host.vm));
    RC_ASSERT(PrlJob_Wait(job, UINT32_MAX) == PRL_ERR_SUCCESS);
    const PRL_RESULT code = code_of(job);
    RC_ASSERT(is_stable(state_of(host.vm)));
    RC_ASSERT(code_of(job) == code);
  }
  const auto states = states_in(recorder.up_to_end_of(PrlSrv_GetVmList(host.server)));
  for (size_t i = 1; i < states.size(); ++i) RC_ASSERT(states[i] != states[i - 1]);
  const auto now = static_cast<PRL_INT32>(state_of(host.vm));
  RC_ASSERT(now == (states.empty() ? PRL_INT32{VMS_STOPPED} : states.back()));
}

}  // namespace
}  // namespace prl::tests
