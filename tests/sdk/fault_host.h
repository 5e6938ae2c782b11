// A host with one VM and a fault rule, for the tests of what faults do to a client
// (faults/scenario.md).
#pragma once

#include <string>
#include <vector>

#include "tests/sdk/session.h"

namespace prl::tests {

// What the scenario of a host of Virtuozzo begins with.
inline constexpr const char* kVirtuozzo = "clock = \"virtual\"\nprofile = \"virtuozzo\"\n";

inline constexpr const char* kStart = "{ call = \"PrlVm_Start\" }";
inline constexpr const char* kSuspend = "{ call = \"PrlVm_Suspend\" }";
inline constexpr const char* kResume = "{ call = \"PrlVm_Resume\" }";

inline std::string rule(const std::string& match, const std::string& effect,
                        const std::string& trigger = "{}") {
  return "[[fault]]\nname = \"rule\"\nmatch = " + match + "\ntrigger = " + trigger +
         "\neffect = " + effect + "\n";
}

inline std::string host(const std::string& state, const std::string& rules,
                        const std::string& top = kVirtualClock) {
  return top + "[[vm]]\nname = \"target\"\nram_mib = 4\nstate = \"" + state + "\"\n" + rules;
}

struct Host : Session {
  explicit Host(const std::string& text) : Session(text), vm(vm_by_name(server, "target")) {}
  const Handle vm;
};

// Lets everything happen that is still to come, without asking the host anything.
inline void let_time_pass(PRL_UINT64 ms = 10'000) {
  ASSERT_EQ(PrlSim_AdvanceTime(ms), PRL_ERR_SUCCESS);
}

inline PRL_RESULT ping(PRL_HANDLE server) {
  return finish(PrlSrv_GetVmList(server));
}

inline PRL_RESULT strike(const char* kind, const char* vm = "target") {
  return PrlSim_Strike(kind, vm, 0);
}

using Heard = std::vector<PRL_INT32>;
// What a strike lets the handler of a server hear of the VM: states by number, others by type.
inline Heard heard_of(const Host& host, const char* kind, const char* vm = "target") {
  Recorder recorder(host.vm);
  EXPECT_EQ(strike(kind, vm), PRL_ERR_SUCCESS) << kind;
  let_time_pass();
  Heard heard;
  for (const Seen& one : recorder.up_to_end_of(PrlVm_GetState(host.vm))) {
    if (one.kind != PHT_EVENT) continue;
    heard.push_back(one.is_state_change() ? one.state : static_cast<PRL_INT32>(one.event));
  }
  return heard;
}

}  // namespace prl::tests
