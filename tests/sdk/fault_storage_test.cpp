// Disks that are full, bad, slow or lie, and images that are not those of their VM.
#include "tests/sdk/fault_host.h"

namespace prl::tests {
namespace {

std::string storage_rule(const std::string& kind, const std::string& more = "",
                         const std::string& step = "write", const std::string& trigger = "{}") {
  return rule("{ layer = \"storage\", step = \"" + step + "\", path = \"*.sav*\" }",
              "{ kind = \"" + kind + "\"" + more + " }", trigger);
}

TEST(AFullDisk, FailsASuspendAndLeavesTheVmRunning) {
  const Host host(tests::host("running", storage_rule("no_space")));
  EXPECT_EQ(finish(PrlVm_Suspend(host.vm)), PRL_ERR_NOT_ENOUGH_DISK_FREE_SPACE);
  EXPECT_EQ(state_of(host.vm), VMS_RUNNING);
  EXPECT_EQ(finish(PrlVm_Suspend(host.vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_Resume(host.vm)), PRL_ERR_SUCCESS);
}

TEST(ABadDisk, FailsASuspendAndLeavesTheVmRunning) {
  for (const char* kind : {"io_error", "short_write", "read_only"}) {
    const Host host(tests::host("running", storage_rule(kind)));
    EXPECT_EQ(finish(PrlVm_Suspend(host.vm)), PRL_ERR_VM_SUSPEND_FAILED) << kind;
    EXPECT_EQ(state_of(host.vm), VMS_RUNNING) << kind;
  }
}

// What the disk keeps quiet about is found when the image is read, all of it where that is wanted.
TEST(ALyingDisk, IsFoundOutAtTheResume) {
  for (const char* kind : {"torn_write", "flip_bit"}) {
    const Host host("verify = \"whole\"\n" +
                    tests::host("running", storage_rule(kind, "", "write", "{ count = 0 }")));
    EXPECT_EQ(finish(PrlVm_Suspend(host.vm)), PRL_ERR_SUCCESS) << kind;
    EXPECT_TRUE(PRL_FAILED(finish(PrlVm_Resume(host.vm)))) << kind;
    EXPECT_EQ(state_of(host.vm), VMS_SUSPENDED) << kind;
  }
}

TEST(ASlowDisk, TakesVirtualTime) {
  const Host host(tests::host("running", storage_rule("slow", ", delay_ms = 90000", "sync")));
  const PRL_UINT64 before_ms = time_ms();
  EXPECT_EQ(finish(PrlVm_Suspend(host.vm)), PRL_ERR_SUCCESS);
  EXPECT_GE(time_ms(), before_ms + 90'000);
}

TEST(ALostSync, CostsTheImageWhenThePowerFails) {
  const Host host(tests::host(
      "running", storage_rule("lose_sync", "", "sync", "{ count = 0 }") +
                     "[[fault]]\nname = \"cut\"\nmatch = { call = \"PrlSrv_GetVmList\" }\n"
                     "effect = { kind = \"power_cut\" }\n"));
  EXPECT_EQ(finish(PrlVm_Suspend(host.vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(ping(host.server), PRL_ERR_WS_DISP_CONNECTION_CLOSED);
  ASSERT_EQ(finish(start_login(host.server)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_Resume(host.vm)), PRL_ERR_STATE_INT_CORRUPTED);
}

TEST(ASync, OutlivesAPowerCutWhereItIsNotLost) {
  const Host host(
      tests::host("running", rule("{ call = \"PrlSrv_GetVmList\" }", "{ kind = \"power_cut\" }")));
  EXPECT_EQ(finish(PrlVm_Suspend(host.vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(ping(host.server), PRL_ERR_WS_DISP_CONNECTION_CLOSED);
  ASSERT_EQ(finish(start_login(host.server)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_Resume(host.vm)), PRL_ERR_SUCCESS);
}

// The image of a VM that the scenario has suspended is written before the host is open.
TEST(AStorageRule, SparesWhatTheScenarioItselfNeeds) {
  const Host host(tests::host("suspended", storage_rule("no_space", "", "write", "{ count = 0 }")));
  EXPECT_EQ(state_of(host.vm), VMS_SUSPENDED);
}

TEST(AnImageOfAnother, IsNotResumedAndStays) {
  const std::vector<std::pair<const char*, PRL_RESULT>> kinds = {
      {"newer_image", PRL_ERR_CORE_STATE_INV_SAV_VERSION},
      {"foreign_image", PRL_ERR_VM_SUSPEND_CHANGED_VM_CONFIG},
      {"other_cpu_image", PRL_ERR_CORE_STATE_ERROR_COMMON}};
  for (const auto& [kind, code] : kinds) {
    const Host host(
        tests::host("suspended", rule(kResume, std::string("{ kind = \"") + kind + "\" }")));
    EXPECT_EQ(finish(PrlVm_Resume(host.vm)), code) << kind;
    EXPECT_EQ(state_of(host.vm), VMS_SUSPENDED) << kind;
    EXPECT_EQ(finish(PrlVm_Resume(host.vm)), PRL_ERR_SUCCESS) << kind;
  }
}

}  // namespace
}  // namespace prl::tests
