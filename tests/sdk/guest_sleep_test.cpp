// PrlVm_Pause that asks the guest to sleep by its own means (vm-lifecycle 4.1), and what wakes it.
#include <string>
#include <utility>
#include <vector>

#include "tests/sdk/session.h"

namespace prl::tests {
namespace {

using States = std::vector<PRL_INT32>;

constexpr PRL_UINT64 kLimitMs = 120'000;
constexpr PRL_UINT32 kWordAt = 4096;

std::string host(const std::string& answer, const std::string& profile, const std::string& rules) {
  return "clock = \"virtual\"\nprofile = \"" + profile +
         "\"\n[[vm]]\nname = \"vm\"\nram_mib = 4\nstate = \"running\"\n" +
         (answer.empty() ? "" : "asked_to_sleep = \"" + answer + "\"\n") + rules;
}

struct Host : Session {
  explicit Host(const std::string& answer = "", const std::string& profile = "desktop",
                const std::string& rules = "")
      : Session(host(answer, profile, rules)), vm(vm_by_name(server, "vm")) {
    const PRL_UINT64 word = 42;
    EXPECT_EQ(PrlSim_WriteGuestMemory(vm, kWordAt, &word, sizeof(word)), PRL_ERR_SUCCESS);
  }

  bool remembers() const {
    PRL_UINT64 word = 0;
    EXPECT_EQ(PrlSim_ReadGuestMemory(vm, kWordAt, &word, sizeof(word)), PRL_ERR_SUCCESS);
    return word == 42;
  }
  // It counts them in rax.
  PRL_UINT64 run_ms() const {
    PrlSim_Registers registers;
    EXPECT_EQ(PrlSim_GetRegisters(vm, 0, &registers), PRL_ERR_SUCCESS);
    return registers.general[0];
  }
  PRL_INT32 state_after_strike(const char* kind) const {
    EXPECT_EQ(PrlSim_Strike(kind, "vm", 0), PRL_ERR_SUCCESS) << kind;
    EXPECT_EQ(PrlSim_AdvanceTime(1000), PRL_ERR_SUCCESS);
    return state_of(vm);
  }

  const Handle vm;
};

// What a pause that asks the guest comes to.
struct Asked {
  PRL_RESULT code = PRL_ERR_UNEXPECTED;
  States states;
  PRL_UINT64 took_ms = 0;
};

PRL_UINT64 time_ms() {
  PRL_UINT64 time_ms = 0;
  EXPECT_EQ(PrlSim_GetTime(&time_ms), PRL_ERR_SUCCESS);
  return time_ms;
}

Asked ask(const Host& host) {
  Recorder recorder(host.vm);
  const PRL_UINT64 before_ms = time_ms();
  const auto seen = recorder.up_to_end_of(PrlVm_Pause(host.vm, PRL_TRUE));
  return {.code = seen.back().code, .states = states_in(seen), .took_ms = time_ms() - before_ms};
}

TEST(AGuestThatIsAskedToSleep, SleepsInMemoryUnlessTheScenarioSaysOtherwise) {
  for (const std::string answer : {"", "pause"}) {
    const Host host(answer);
    const Asked asked = ask(host);
    EXPECT_EQ(asked.code, PRL_ERR_SUCCESS);
    EXPECT_EQ(asked.states, (States{VMS_PAUSING, VMS_PAUSED}));
    EXPECT_TRUE(host.remembers());
  }
}

TEST(AGuestThatIsAskedToSleep, MayHaveItsVmSuspended) {
  const Host host("suspend");
  const Asked asked = ask(host);
  EXPECT_EQ(asked.code, PRL_ERR_SUCCESS);
  EXPECT_EQ(asked.states, (States{VMS_SUSPENDING, VMS_SUSPENDING_SYNC, VMS_SUSPENDED}));
  EXPECT_EQ(finish(PrlVm_Resume(host.vm)), PRL_ERR_SUCCESS);
  EXPECT_TRUE(host.remembers());
}

TEST(AGuestThatIsAskedToSleep, MayPowerItselfOff) {
  const Host host("stop");
  const Asked asked = ask(host);
  EXPECT_EQ(asked.code, PRL_ERR_SUCCESS);
  EXPECT_EQ(asked.states, (States{VMS_STOPPING, VMS_STOPPED}));
}

// As a shutdown that it ignores.
TEST(AGuestThatIsAskedToSleep, MayIgnoreItAndRunOn) {
  const Host host("ignore");
  const PRL_UINT64 before_ms = host.run_ms();
  const Asked asked = ask(host);
  EXPECT_EQ(asked.code, PRL_ERR_TIMEOUT);
  EXPECT_EQ(asked.states, (States{VMS_PAUSING, VMS_RUNNING}));
  EXPECT_GE(asked.took_ms, kLimitMs);
  EXPECT_LT(asked.took_ms, kLimitMs + 1000);
  EXPECT_GE(host.run_ms(), before_ms + kLimitMs) << "it has not stood still meanwhile";
  EXPECT_TRUE(host.remembers());
}

TEST(AGuestThatIsAskedToSleep, IsPausedWithoutAQuestionByAHostOfVirtuozzo) {
  for (const std::string answer : {"pause", "suspend", "stop", "ignore"}) {
    const Host host(answer, "virtuozzo");
    const Asked asked = ask(host);
    EXPECT_EQ(asked.code, PRL_ERR_SUCCESS) << answer;
    EXPECT_EQ(asked.states, States{VMS_PAUSED}) << answer;
    EXPECT_LT(asked.took_ms, 1000u) << answer;
    EXPECT_EQ(host.state_after_strike("guest_wake"), VMS_PAUSED) << "the host has done it";
  }
}

TEST(AGuestThatIsAskedToSleep, IsNotAskedByAPlainPause) {
  for (const std::string answer : {"pause", "suspend", "stop", "ignore"}) {
    const Host host(answer);
    EXPECT_EQ(finish(PrlVm_Pause(host.vm, PRL_FALSE)), PRL_ERR_SUCCESS) << answer;
    EXPECT_EQ(state_of(host.vm), VMS_PAUSED) << answer;
    EXPECT_EQ(host.state_after_strike("guest_wake"), VMS_PAUSED) << answer;
  }
}

TEST(AGuestThatIsAskedToSleep, IsAskedOnlyWhereItRuns) {
  const Host host("stop");
  EXPECT_EQ(finish(PrlVm_Pause(host.vm, PRL_FALSE)), PRL_ERR_SUCCESS);
  EXPECT_EQ(ask(host).code, PRL_ERR_DISP_VM_COMMAND_CANT_BE_EXECUTED);
  EXPECT_EQ(state_of(host.vm), VMS_PAUSED);
  EXPECT_EQ(finish(PrlVm_Stop(host.vm, PRL_FALSE)), PRL_ERR_SUCCESS);
  EXPECT_EQ(ask(host).code, PRL_ERR_DISP_VM_IS_NOT_STARTED);
}

TEST(AGuestThatIsAskedToSleep, CanBeToldWhatToDoByTheTest) {
  const Host host;
  EXPECT_EQ(PrlSim_SetGuestAskedToSleep(host.vm, "ignore"), PRL_ERR_SUCCESS);
  EXPECT_EQ(ask(host).code, PRL_ERR_TIMEOUT);
  EXPECT_EQ(PrlSim_SetGuestAskedToSleep(host.vm, "stop"), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlSim_SetGuestAskedToSleep(host.vm, "dream"), PRL_ERR_INVALID_ARG);
  EXPECT_EQ(PrlSim_SetGuestAskedToSleep(host.vm, nullptr), PRL_ERR_INVALID_ARG);
  EXPECT_EQ(PrlSim_SetGuestAskedToSleep(PRL_INVALID_HANDLE, "stop"), PRL_ERR_INVALID_ARG);
  EXPECT_EQ(ask(host).states, (States{VMS_STOPPING, VMS_STOPPED}));
}

TEST(AGuestThatWasAskedToSleep, WakesUpByItselfOrByAStart) {
  const Host host;
  EXPECT_EQ(ask(host).code, PRL_ERR_SUCCESS);
  EXPECT_EQ(host.state_after_strike("guest_wake"), VMS_RUNNING);
  EXPECT_EQ(ask(host).code, PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(state_of(host.vm), VMS_RUNNING);
  EXPECT_TRUE(host.remembers());
}

TEST(AGuestThatWasAskedToSleep, IsNoLongerAsleepWhereAClientHasPausedItSince) {
  const Host host;
  EXPECT_EQ(ask(host).code, PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_Pause(host.vm, PRL_FALSE)), PRL_ERR_SUCCESS);
  EXPECT_EQ(host.state_after_strike("guest_wake"), VMS_PAUSED);
}

// Whatever it would have come to.
TEST(AGuestThatIsAskedToSleep, RunsOnWhereAFaultStrikes) {
  for (const std::string answer : {"pause", "suspend", "stop", "ignore"}) {
    const Host host(answer, "desktop",
                    "[[fault]]\nname = \"rule\"\nmatch = { call = \"PrlVm_Pause\" }\n"
                    "effect = { kind = \"fail\", code = \"PRL_ERR_FAILURE\" }\n");
    EXPECT_EQ(ask(host).code, PRL_ERR_FAILURE) << answer;
    EXPECT_EQ(state_of(host.vm), VMS_RUNNING) << answer;
    EXPECT_TRUE(host.remembers()) << answer;
  }
}

// ---- A test in the guest's place -------------------------------------------------------------

struct Beats {
  int count = 0;
  bool reaches_memory = true;
};

void PRL_CALL beat(PRL_HANDLE vm, PRL_UINT64 /*ran_ms*/, void* user_data) {
  auto& beats = *static_cast<Beats*>(user_data);
  PRL_UINT64 word = 0;
  ++beats.count;
  beats.reaches_memory &=
      PrlSim_ReadGuestMemory(vm, kWordAt, &word, sizeof(word)) == PRL_ERR_SUCCESS;
}

TEST(AWorkload, GoesOnInAGuestThatIgnoresThatItIsToSleep) {
  const Host host("ignore");
  Beats beats;
  EXPECT_EQ(PrlSim_SetGuestWorkload(host.vm, 1000, &beat, &beats), PRL_ERR_SUCCESS);
  EXPECT_EQ(ask(host).code, PRL_ERR_TIMEOUT);
  EXPECT_GE(beats.count, 119);
  EXPECT_TRUE(beats.reaches_memory);
  EXPECT_EQ(PrlSim_SetGuestWorkload(host.vm, 1000, nullptr, nullptr), PRL_ERR_SUCCESS);
}

}  // namespace
}  // namespace prl::tests
