// What the end of a session does to what it has begun (vm-lifecycle 5.4): nothing, unless that was
// begun with PACF_CANCEL_TASK_ON_END_SESSION.
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <string>

#include "tests/sdk/backup_host.h"
#include "tests/sdk/session.h"

namespace prl::tests {
namespace {

constexpr const char* kSite = R"(
clock = "virtual"
[latency]
preset = "desktop-hdd"
[[vm]]
name = "vm"
ram_mib = 4
[[vm.disk]]
size_mib = 64
)";

struct Task {
  std::function<PRL_HANDLE(PRL_HANDLE server, PRL_HANDLE vm, PRL_UINT32 flags)> begin;
  std::function<bool(PRL_HANDLE server)> is_done;  // whether its effect is there
};

bool is_registered(PRL_HANDLE server, const std::string& name) {
  const Handle job(PrlSrv_GetVmConfig(server, name.c_str(), PGVC_SEARCH_BY_NAME));
  PrlJob_Wait(job, UINT32_MAX);
  return PRL_SUCCEEDED(code_of(job));
}

// Nobody starts what has been put away.
bool cannot_start(PRL_HANDLE server) {
  return PRL_FAILED(finish(PrlVm_Start(vm_by_name(server, "vm"))));
}

bool has_copy(PRL_HANDLE server) {
  return is_registered(server, "copy");
}

const std::map<std::string, Task>& tasks() {
  static const std::map<std::string, Task> all = {
      {"PrlVm_CloneEx",
       {[](PRL_HANDLE, PRL_HANDLE vm, PRL_UINT32 flags) {
          return PrlVm_CloneEx(vm, "copy", "", flags);
        },
        has_copy}},
      {"PrlVm_CloneWithUuid",
       {[](PRL_HANDLE, PRL_HANDLE vm, PRL_UINT32 flags) {
          return PrlVm_CloneWithUuid(vm, "copy", "", "", flags);
        },
        has_copy}},
      {"PrlVm_LinkedClone",
       {[](PRL_HANDLE, PRL_HANDLE vm, PRL_UINT32 flags) {
          return PrlVm_LinkedClone(vm, "copy", "", "", flags);
        },
        has_copy}},
      {"PrlVm_Move",
       {[](PRL_HANDLE, PRL_HANDLE vm, PRL_UINT32 flags) {
          return PrlVm_Move(vm, "/elsewhere", flags);
        },
        [](PRL_HANDLE server) {
          return home_of(vm_by_name(server, "vm")).starts_with("/elsewhere");
        }}},
      {"PrlVm_Archive",
       {[](PRL_HANDLE, PRL_HANDLE vm, PRL_UINT32 flags) { return PrlVm_Archive(vm, flags); },
        cannot_start}},
      {"PrlVm_Pack",
       {[](PRL_HANDLE, PRL_HANDLE vm, PRL_UINT32 flags) { return PrlVm_Pack(vm, flags); },
        cannot_start}},
      {"PrlSrv_CreateVmBackup",
       {[](PRL_HANDLE server, PRL_HANDLE vm, PRL_UINT32 flags) {
          return start_backup(server, uuid_of(vm), PBT_FULL | flags);
        },
        [](PRL_HANDLE server) { return !ids_in(tree_of(server, "")).empty(); }}},
  };
  return all;
}

enum class End { kLogoff, kCutOff };

// Whether the effect of the task is there although its session has ended in the middle.
bool outlives_its_session(const Task& task, PRL_UINT32 flags, End end, PRL_UINT64 after_ms) {
  const Session session(kSite);
  const Handle other = new_server();
  EXPECT_EQ(finish(start_login(other)), PRL_ERR_SUCCESS);
  const Handle vm = vm_by_name(other, "vm");
  const Handle job(task.begin(other, vm, flags));
  PrlSim_AdvanceTime(after_ms);
  // To look at its status would let time go on.
  EXPECT_EQ(code_of(job), PRL_ERR_UNINITIALIZED);
  switch (end) {
    case End::kLogoff:
      EXPECT_EQ(finish(PrlSrv_Logoff(other)), PRL_ERR_SUCCESS);
      EXPECT_EQ(code_of(job), PRL_ERR_WS_DISP_CONNECTION_CLOSED);
      break;
    case End::kCutOff:
      EXPECT_EQ(PrlSim_Strike("disconnect", nullptr, 0), PRL_ERR_SUCCESS);
      EXPECT_EQ(code_of(job), PRL_ERR_WS_DISP_CONNECTION_CLOSED);
      EXPECT_EQ(finish(start_login(session.server)), PRL_ERR_SUCCESS);
      break;
  }
  PrlSim_AdvanceTime(3'600'000);
  const Handle same_vm = vm_by_name(session.server, "vm");
  EXPECT_EQ(state_of(same_vm), VMS_STOPPED);
  EXPECT_EQ(additions_of(same_vm), PRL_UINT32(VMAS_NOSTATE)) << "and nothing goes on";
  if (task.is_done(session.server)) return true;
  if (state_of(same_vm) == VMS_RUNNING) return false;
  EXPECT_EQ(finish(PrlVm_Start(same_vm)), PRL_ERR_SUCCESS) << "nor keeps anybody out";
  return false;
}

TEST(SessionEnd, LetsTasksGoOn) {
  for (const auto& [name, task] : tasks()) {
    for (const End end : {End::kLogoff, End::kCutOff}) {
      SCOPED_TRACE(name + " " + std::to_string(static_cast<int>(end)));
      EXPECT_TRUE(outlives_its_session(task, 0, end, 5));
    }
  }
}

TEST(SessionEnd, CancelsTasksThatWereBegunSo) {
  for (const auto& [name, task] : tasks()) {
    for (const End end : {End::kLogoff, End::kCutOff}) {
      // Before it has reached the host, and while it is under way.
      for (const PRL_UINT64 after_ms : {0, 5}) {
        SCOPED_TRACE(name + " " + std::to_string(static_cast<int>(end)) + " after " +
                     std::to_string(after_ms) + " ms");
        EXPECT_FALSE(outlives_its_session(task, PACF_CANCEL_TASK_ON_END_SESSION, end, after_ms));
      }
    }
  }
}

// Only those of the session that ends.
TEST(SessionEnd, LeavesTasksOfOtherSessionsAlone) {
  const Session session(kSite);
  const Handle vm = vm_by_name(session.server, "vm");
  const Handle other = new_server();
  ASSERT_EQ(finish(start_login(other)), PRL_ERR_SUCCESS);
  const Handle job(PrlVm_CloneEx(vm, "copy", "", PACF_CANCEL_TASK_ON_END_SESSION));
  PrlSim_AdvanceTime(5);
  ASSERT_EQ(finish(PrlSrv_Logoff(other)), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(job), PRL_ERR_SUCCESS);
  EXPECT_TRUE(has_copy(session.server));
}

}  // namespace
}  // namespace prl::tests
