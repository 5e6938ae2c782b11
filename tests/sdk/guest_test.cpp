// What clients ask the guest of a VM for: tools, users, programs, networks.
#include <gtest/gtest.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "tests/sdk/session.h"

namespace prl::tests {
namespace {

constexpr const char* kScenario = R"(clock = "virtual"
[[vm]]
name = "box"
ram_mib = 4
state = "running"
tools = true
[[vm.user]]
name = "admin"
password = "secret"
[[vm.program]]
name = "/bin/ls"
arguments = ["-l"]
stdout = "a b"
stderr = "warning"
duration_ms = 500
[[vm.program]]
name = "/bin/ls"
exit_code = 2
[[vm]]
name = "bare"
ram_mib = 4
)";

// A pipe of which the guest writes one end.
struct Pipe {
  Pipe() { EXPECT_EQ(::pipe(ends), 0); }
  ~Pipe() {
    ::close(ends[0]);
    if (ends[1] >= 0) ::close(ends[1]);
  }
  PRL_FILE_DESC target() const { return reinterpret_cast<PRL_FILE_DESC>(intptr_t{ends[1]}); }
  std::string content() {
    ::close(std::exchange(ends[1], -1));
    std::string text(256, '\0');
    const ssize_t count = ::read(ends[0], text.data(), text.size());
    text.resize(count > 0 ? static_cast<size_t>(count) : 0);
    return text;
  }
  int ends[2];
};

struct AGuest : testing::Test {
  AGuest() : vm(vm_by_name(session.server, "box")), bare(vm_by_name(session.server, "bare")) {}

  Handle log_in() const {
    return answer_of(PrlVm_LoginInGuest(vm, PRL_PRIVILEGED_GUEST_OS_SESSION, nullptr, 0));
  }
  static PRL_VM_TOOLS_STATE tools_of(PRL_HANDLE of) {
    const Handle info = answer_of(PrlVm_GetToolsState(of));
    PRL_VM_TOOLS_STATE state = PTS_OUTDATED;
    EXPECT_EQ(PrlVmToolsInfo_GetState(info, &state), PRL_ERR_SUCCESS);
    return state;
  }
  static PRL_HANDLE run(PRL_HANDLE guest, const char* program, PRL_HANDLE arguments,
                        PRL_FILE_DESC output = nullptr, PRL_FILE_DESC error_output = nullptr) {
    const PRL_UINT32 flags =
        (output ? PRL_UINT32{PFD_STDOUT} : 0) | (error_output ? PRL_UINT32{PFD_STDERR} : 0);
    return PrlVmGuest_RunProgram(guest, program, arguments, PRL_INVALID_HANDLE, flags, nullptr,
                                 output, error_output);
  }
  static Handle arguments(const std::vector<const char*>& texts) {
    Handle list;
    EXPECT_EQ(PrlApi_CreateStringsList(list.out()), PRL_ERR_SUCCESS);
    for (const char* text : texts) PrlStrList_AddItem(list, text);
    return list;
  }
  static PRL_UINT32 exit_code_of(PRL_HANDLE job) {
    const Handle event = answer_of(job);
    Handle parameter;
    PRL_UINT32 code = UINT32_MAX;
    EXPECT_EQ(PrlEvent_GetParamByName(event, "vm_exec_app_ret_code", parameter.out()),
              PRL_ERR_SUCCESS);
    EXPECT_EQ(PrlEvtPrm_ToUint32(parameter, &code), PRL_ERR_SUCCESS);
    return code;
  }

  const Session session{kScenario};
  const Handle vm, bare;
};

// -- Tools.

TEST_F(AGuest, HasItsToolsWhileItRuns) {
  EXPECT_EQ(tools_of(vm), PTS_INSTALLED);
  EXPECT_EQ(tools_of(bare), PTS_NOT_INSTALLED);
  EXPECT_EQ(finish(PrlVm_Stop(vm, PRL_FALSE)), PRL_ERR_SUCCESS);
  EXPECT_EQ(tools_of(vm), PTS_POSSIBLY_INSTALLED);
}

TEST_F(AGuest, GetsToolsWhileItRunsAndSaysSo) {
  EXPECT_EQ(finish(PrlVm_InstallTools(bare)), PRL_ERR_DISP_VM_IS_NOT_STARTED);
  EXPECT_EQ(finish(PrlVm_Start(bare)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_LoginInGuest(bare, PRL_CURRENT_GUEST_OS_SESSION, nullptr, 0)),
            PRL_ERR_VM_EXEC_GUEST_TOOL_NOT_AVAILABLE);
  Recorder recorder(bare);
  const auto seen = recorder.up_to_end_of(PrlVm_InstallTools(bare));
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_EQ(seen[0].event, PET_DSP_EVT_VM_TOOLS_STATE_CHANGED);
  EXPECT_EQ(tools_of(bare), PTS_INSTALLED);
}

TEST_F(AGuest, TellsThatItsToolsAnswerWhenItHasBooted) {
  EXPECT_EQ(finish(PrlVm_Stop(vm, PRL_FALSE)), PRL_ERR_SUCCESS);
  Recorder recorder(vm);
  const auto seen = recorder.up_to_end_of(PrlVm_Start(vm));
  ASSERT_EQ(seen.size(), 6u);
  EXPECT_EQ(seen[3].state, VMS_RUNNING);
  EXPECT_EQ(seen[4].event, PET_DSP_EVT_VM_TOOLS_STATE_CHANGED);
  EXPECT_EQ(seen[5].kind, PHT_JOB);
}

// -- Users and sessions.

TEST_F(AGuest, KnowsItsUsers) {
  const auto ask = [&](const char* user, const char* password) {
    return finish(PrlVm_AuthWithGuestSecurityDb(vm, user, password, 0));
  };
  EXPECT_EQ(ask("admin", "secret"), PRL_ERR_SUCCESS);
  EXPECT_EQ(ask("admin", "guess"), PRL_ERR_VM_USER_AUTHENTICATION_FAILED);
  EXPECT_EQ(ask("new", ""), PRL_ERR_VM_USER_AUTHENTICATION_FAILED);
  EXPECT_EQ(finish(PrlVm_SetUserPasswd(vm, "new", "word", 0)), PRL_ERR_SUCCESS);
  EXPECT_EQ(ask("new", "word"), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVmGuest_SetUserPasswd(log_in(), "new", "other", 0)), PRL_ERR_SUCCESS);
  EXPECT_EQ(ask("new", "other"), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_LoginInGuest(vm, "new", "word", 0)),
            PRL_ERR_VM_USER_AUTHENTICATION_FAILED);
}

TEST_F(AGuest, EndsItsSessionsWithLogoutAndWithEveryBoot) {
  const Handle first = log_in(), second = log_in();
  EXPECT_EQ(finish(PrlVmGuest_Logout(first, 0)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVmGuest_Logout(first, 0)), PRL_ERR_VM_GUEST_SESSION_EXPIRED);
  EXPECT_EQ(finish(PrlVm_Reset(vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(run(second, "/bin/ls", PRL_INVALID_HANDLE)), PRL_ERR_VM_GUEST_SESSION_EXPIRED);
  EXPECT_EQ(finish(PrlVm_Pause(vm, PRL_FALSE)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVmGuest_Logout(second, 0)), PRL_ERR_DISP_VM_IS_NOT_STARTED);
}

// -- Programs.

TEST_F(AGuest, RunsTheProgramThatTheScenarioGaveIt) {
  Pipe output, error_output;
  const Handle session_handle = log_in();
  const PRL_UINT64 before_ms = time_ms();
  EXPECT_EQ(exit_code_of(run(session_handle, "/bin/ls", arguments({"-l"}), output.target(),
                             error_output.target())),
            0u);
  EXPECT_GE(time_ms() - before_ms, 500u);
  EXPECT_EQ(output.content(), "a b");
  EXPECT_EQ(error_output.content(), "warning");
  EXPECT_EQ(exit_code_of(run(session_handle, "/bin/ls", arguments({"-x"}))), 2u);
  EXPECT_EQ(finish(run(session_handle, "/bin/rm", PRL_INVALID_HANDLE)),
            PRL_ERR_GUEST_PROGRAM_EXECUTION_FAILED);
}

TEST_F(AGuest, RunsAProgramThatATestGaveIt) {
  EXPECT_EQ(PrlSim_SetGuestProgram(vm, "hello", "hi", nullptr, 7, 0), PRL_ERR_SUCCESS);
  Pipe output;
  EXPECT_EQ(exit_code_of(run(log_in(), "hello", PRL_INVALID_HANDLE, output.target())), 7u);
  EXPECT_EQ(output.content(), "hi");
  EXPECT_EQ(PrlSim_SetGuestTools(vm, PRL_FALSE), PRL_ERR_SUCCESS);
  EXPECT_EQ(tools_of(vm), PTS_NOT_INSTALLED);
}

TEST_F(AGuest, OutlivesAReaderThatHasGone) {
  Pipe output;
  ::close(output.ends[0]);
  EXPECT_EQ(exit_code_of(run(log_in(), "/bin/ls", arguments({"-l"}), output.target())), 0u);
}

TEST_F(AGuest, TakesItsProgramsAlongWhenItIsStopped) {
  const Handle guest = log_in();
  const Handle job(run(guest, "/bin/ls", arguments({"-l"})));
  EXPECT_EQ(PrlJob_Wait(job, 100), PRL_ERR_TIMEOUT);
  EXPECT_EQ(finish(PrlVm_Stop(vm, PRL_FALSE)), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(job), PRL_ERR_DISP_VM_IS_NOT_STARTED);
}

// -- Networks.

TEST_F(AGuest, TellsItsAdapters) {
  Handle adapter;
  EXPECT_EQ(finish(PrlVm_BeginEdit(bare)), PRL_ERR_SUCCESS);
  ASSERT_EQ(PrlVmCfg_CreateVmDev(bare, PDE_GENERIC_NETWORK_ADAPTER, adapter.out()),
            PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlVmDevNet_SetMacAddress(adapter, "001C42000001"), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_Commit(bare)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_GetNetworkSettings(bare, 0)), PRL_ERR_DISP_VM_IS_NOT_STARTED);
  EXPECT_EQ(finish(PrlVm_Start(bare)), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlSim_SetGuestTools(bare, PRL_TRUE), PRL_ERR_SUCCESS);
  const Handle guest =
      answer_of(PrlVm_LoginInGuest(bare, PRL_CURRENT_GUEST_OS_SESSION, nullptr, 0));
  const Handle settings = answer_of(PrlVmGuest_GetNetworkSettings(guest, 0));
  PRL_UINT32 count = 0;
  Handle seen;
  ASSERT_EQ(PrlSrvCfg_GetNetAdaptersCount(settings, &count), PRL_ERR_SUCCESS);
  ASSERT_EQ(count, 1u);
  ASSERT_EQ(PrlSrvCfg_GetNetAdapter(settings, 0, seen.out()), PRL_ERR_SUCCESS);
  EXPECT_EQ(text_of([&](PRL_STR text, PRL_UINT32_PTR length) {
              return PrlSrvCfgNet_GetMacAddress(seen, text, length);
            }),
            "001C42000001");
}

}  // namespace
}  // namespace prl::tests
