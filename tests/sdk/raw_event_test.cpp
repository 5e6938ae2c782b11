// What the VM process of profile desktop says of a change, before the state that follows
// (vm-lifecycle 2.5, 3.2, 3.3). The whole of it for each command: transition_test.
#include <gtest/gtest.h>
#include <prlsdk/prl_sim.h>

#include <atomic>
#include <string>

#include "tests/sdk/fault_host.h"
#include "tests/sdk/watch.h"

namespace prl::tests {
namespace {

constexpr char kFails[] = "{ kind = \"fail\", code = \"PRL_ERR_OPERATION_FAILED\" }";

// Of the VM by a command: states by number, others by type.
Heard heard_of_command(const Host& host, PRL_HANDLE (*command)(PRL_HANDLE)) {
  Recorder recorder(host.vm);
  Heard heard;
  for (const Seen& one : recorder.up_to_end_of(command(host.vm))) {
    if (one.kind != PHT_EVENT) continue;
    heard.push_back(one.is_state_change() ? one.state : static_cast<PRL_INT32>(one.event));
  }
  return heard;
}

PRL_HANDLE pause(PRL_HANDLE vm) {
  return PrlVm_Pause(vm, PRL_FALSE);
}
PRL_HANDLE kill(PRL_HANDLE vm) {
  return PrlVm_Stop(vm, PRL_FALSE);
}

// A host on which the command fails in its middle.
std::string failing(const std::string& function) {
  return host("running", rule("{ call = \"" + function + "\" }", kFails));
}

TEST(RawEvents, ComeBeforeTheStateThatTheyBringAbout) {
  const Host host(tests::host("stopped", ""));
  EXPECT_EQ(heard_of_command(host, PrlVm_Start),
            (Heard{PET_DSP_EVT_VM_ABOUT_TO_START_INIT, VMS_STARTING, PET_DSP_EVT_VM_STARTED,
                   VMS_RUNNING}));
  EXPECT_EQ(heard_of_command(host, PrlVm_Suspend),
            (Heard{PET_DSP_EVT_VM_SUSPENDING, VMS_SUSPENDING, PET_DSP_EVT_VM_SUSPENDED,
                   VMS_SUSPENDING_SYNC, VMS_SUSPENDED}));
}

TEST(RawEvents, NameTheVmAndNothingElse) {
  const Host host(tests::host("running", ""));
  std::atomic<int> checked{0};
  const std::string uuid = uuid_of(host.vm);
  const Watch watch(host.server, [&](PRL_HANDLE event) {
    PRL_EVENT_TYPE type = PET_DSP_EVT_ERROR_MESSAGE;
    PRL_UINT32 count = 99;
    if (PRL_FAILED(PrlEvent_GetType(event, &type)) || type != PET_DSP_EVT_VM_PAUSED) return;
    EXPECT_EQ(PrlEvent_GetParamsCount(event, &count), PRL_ERR_SUCCESS);
    EXPECT_EQ(count, 0u);
    EXPECT_EQ(text_of([&](PRL_STR buffer, PRL_UINT32_PTR length) {
                return PrlEvent_GetIssuerId(event, buffer, length);
              }),
              uuid);
    ++checked;
  });
  EXPECT_EQ(finish(PrlVm_Pause(host.vm, PRL_FALSE)), PRL_ERR_SUCCESS);
  ASSERT_EQ(PrlSim_AwaitHandlers(60'000), PRL_ERR_SUCCESS);
  EXPECT_EQ(checked, 1);
}

TEST(RawEvents, AreNotSentInVirtuozzo) {
  const Host virtuozzo(tests::host("running", "", kVirtuozzo));
  EXPECT_EQ(heard_of_command(virtuozzo, kill), Heard{VMS_STOPPED});
}

TEST(RawEvents, AreNotSentWhereAScenarioSaysSo) {
  const Host silent(tests::host("running", "", "clock = \"virtual\"\nraw_events = false\n"));
  EXPECT_EQ(heard_of_command(silent, kill), (Heard{VMS_STOPPING, VMS_STOPPED}));
}

// What is begun is told; that it has come to an end is not.
TEST(RawEvents, SayNothingOfAnEndThatDoesNotCome) {
  const Host pausing(failing("PrlVm_Pause"));
  EXPECT_EQ(heard_of_command(pausing, pause), (Heard{VMS_PAUSING, VMS_RUNNING}));
}

TEST(RawEvents, SayWhatASuspendThatFailsHasBegun) {
  const Host suspending(failing("PrlVm_Suspend"));
  EXPECT_EQ(heard_of_command(suspending, PrlVm_Suspend),
            (Heard{PET_DSP_EVT_VM_SUSPENDING, VMS_SUSPENDING, VMS_RUNNING}));
}

// One that has died says so, and no more, up to its next start.
TEST(AVmProcessThatDies, IsAborted) {
  const Host host(tests::host("running", ""));
  EXPECT_EQ(heard_of(host, "kill_vm"), (Heard{PET_DSP_EVT_VM_ABORTED, VMS_STOPPING, VMS_STOPPED}));
  EXPECT_EQ(heard_of_command(host, PrlVm_Start).front(), PET_DSP_EVT_VM_ABOUT_TO_START_INIT);
  EXPECT_EQ(heard_of_command(host, kill), (Heard{PET_DSP_EVT_VM_ABOUT_TO_START_DEINIT, VMS_STOPPING,
                                                 PET_DSP_EVT_VM_STOPPED, VMS_STOPPED}));
}

TEST(RawEvents, CanBeLostByThemselves) {
  const Host host(tests::host(
      "stopped",
      rule("{ layer = \"event\", event = \"PET_DSP_EVT_VM_STARTED\" }", "{ kind = \"lose\" }")));
  EXPECT_EQ(heard_of_command(host, PrlVm_Start),
            (Heard{PET_DSP_EVT_VM_ABOUT_TO_START_INIT, VMS_STARTING, VMS_RUNNING}));
}

}  // namespace
}  // namespace prl::tests
