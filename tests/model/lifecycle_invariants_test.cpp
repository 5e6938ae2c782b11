// Invariants of vm-lifecycle 8 that no test of a single feature holds: over many commands, over
// pairs of operations, over restarts of the service.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include "tests/sdk/session.h"

namespace prl::tests {
namespace {

const std::vector<std::string>& stable_states() {
  static const std::vector<std::string> states = {"stopped", "running", "paused", "suspended"};
  return states;
}

struct Host : Session {
  explicit Host(const std::string& state = "stopped")
      : Session("clock = \"virtual\"\n[[vm]]\nname = \"vm\"\nram_mib = 4\nstate = \"" + state +
                "\"\n"),
        vm(vm_by_name(server, "vm")) {}

  bool has_image() const {
    PRL_UINT64 bytes = 0;
    EXPECT_EQ(PrlSim_GetImageSize(vm, &bytes), PRL_ERR_SUCCESS);
    return bytes != 0;
  }
  PRL_UINT64 boots() const {
    PRL_UINT64 count = 0;
    EXPECT_EQ(PrlSim_GetBootCount(vm, &count), PRL_ERR_SUCCESS);
    return count;
  }
  // Lets time pass until the VM is in this state.
  void reach(VIRTUAL_MACHINE_STATE state) const {
    for (int step = 0; step < 2000 && state_of(vm) != state; ++step) PrlSim_AdvanceTime(1);
    EXPECT_EQ(state_of(vm), state);
  }

  const Handle vm;
};

std::string text_result_of(PRL_HANDLE started) {
  const Handle job(started);
  Handle result;
  EXPECT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlJob_GetResult(job, result.out()), PRL_ERR_SUCCESS);
  return text_of([&](PRL_STR text, PRL_UINT32_PTR length) {
    return PrlResult_GetParamAsString(result, text, length);
  });
}

std::string tree_of(PRL_HANDLE vm) {
  return text_result_of(PrlVm_GetSnapshotsTree(vm));
}

std::string first_snapshot_of(PRL_HANDLE vm) {
  const std::string tree = tree_of(vm);
  const size_t at = tree.find("guid=\"{");
  return at == std::string::npos ? "{00000000-0000-4000-8000-000000000001}"
                                 : tree.substr(at + 6, 38);
}

struct Command {
  const char* name;
  PRL_HANDLE (*start)(PRL_HANDLE vm);
};

const std::vector<Command>& commands() {
  static const std::vector<Command> all = {
      {"start", PrlVm_Start},
      {"start_ex", [](PRL_HANDLE vm) { return PrlVm_StartEx(vm, PSM_VM_START, 0); }},
      {"kill", [](PRL_HANDLE vm) { return PrlVm_Stop(vm, PRL_FALSE); }},
      {"shut_down", [](PRL_HANDLE vm) { return PrlVm_Stop(vm, PRL_TRUE); }},
      {"pause", [](PRL_HANDLE vm) { return PrlVm_Pause(vm, PRL_FALSE); }},
      {"suspend", PrlVm_Suspend},
      {"drop", PrlVm_DropSuspendedState},
      {"reset", PrlVm_Reset},
      {"restart", PrlVm_Restart},
      {"snapshot", [](PRL_HANDLE vm) { return PrlVm_CreateSnapshot(vm, "s", ""); }},
      {"switch",
       [](PRL_HANDLE vm) { return PrlVm_SwitchToSnapshot(vm, first_snapshot_of(vm).c_str()); }},
      {"remove_snapshot",
       [](PRL_HANDLE vm) {
         return PrlVm_DeleteSnapshot(vm, first_snapshot_of(vm).c_str(), PRL_FALSE);
       }},
      {"compact", [](PRL_HANDLE vm) { return PrlVm_Compact(vm, PIM_ALL_DISKS, 0); }},
      {"convert",
       [](PRL_HANDLE vm) { return PrlVm_ConvertDisks(vm, PIM_ALL_DISKS, PCVD_TO_PLAIN_DISK); }},
      {"mount", [](PRL_HANDLE vm) { return PrlVm_Mount(vm, "/mnt", PMVD_READ_WRITE); }},
      {"umount", [](PRL_HANDLE vm) { return PrlVm_Umount(vm, 0); }},
      {"clone", [](PRL_HANDLE vm) { return PrlVm_Clone(vm, "copy", "", PRL_FALSE); }},
      {"move", [](PRL_HANDLE vm) { return PrlVm_Move(vm, "/moved", 0); }},
      {"unlock", [](PRL_HANDLE vm) { return PrlVm_Unlock(vm, 0); }},
      {"begin_edit", PrlVm_BeginEdit},
      {"commit", PrlVm_Commit},
      {"unreg", PrlVm_Unreg},
      {"delete", [](PRL_HANDLE vm) { return PrlVm_Delete(vm, PRL_INVALID_HANDLE); }},
  };
  return all;
}

PRL_HANDLE start(const std::string& name, PRL_HANDLE vm) {
  const auto found = std::ranges::find(commands(), name, &Command::name);
  EXPECT_NE(found, commands().end()) << name;
  return found == commands().end() ? kNoHandle : found->start(vm);
}

// ---- Refusals --------------------------------------------------------------------------------

// What a client can tell of a VM.
std::string description_of(const Host& host) {
  EXPECT_EQ(finish(PrlVm_RefreshConfig(host.vm)), PRL_ERR_SUCCESS);
  std::ostringstream all;
  all << state_of(host.vm) << " " << additions_of(host.vm) << " image " << host.has_image()
      << " boots " << host.boots() << " " << tree_of(host.vm);
  for (const auto get : {PrlVmCfg_GetName, PrlVmCfg_GetUuid, PrlVmCfg_GetHomePath,
                         PrlVmCfg_GetDescription, PrlVmCfg_GetUptimeStartDate}) {
    all << " "
        << text_of([&](PRL_STR text, PRL_UINT32_PTR length) { return get(host.vm, text, length); });
  }
  PRL_UINT64 uptime = 0;
  PRL_UINT32 ram_mib = 0, cpus = 0, disks = 0;
  EXPECT_EQ(PrlVmCfg_GetUptime(host.vm, &uptime), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlVmCfg_GetRamSize(host.vm, &ram_mib), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlVmCfg_GetCpuCount(host.vm, &cpus), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlVmCfg_GetHardDisksCount(host.vm, &disks), PRL_ERR_SUCCESS);
  all << " " << uptime << " " << ram_mib << " " << cpus << " " << disks;
  return all.str();
}

// Invariant 5. Time passes between the two looks, but less than a second, which is what uptimes
// are counted in.
TEST(ARefusedCommand, LeavesNoTraceAtAll) {
  size_t refusals = 0;
  for (const std::string& state : stable_states()) {
    for (const Command& command : commands()) {
      SCOPED_TRACE(state + " " + command.name);
      const Host host(state);
      const std::string before = description_of(host);
      Recorder recorder(host.server);
      const auto seen = recorder.up_to_end_of(command.start(host.vm));
      if (seen.back().code == PRL_ERR_SUCCESS) continue;
      ++refusals;
      EXPECT_TRUE(
          std::ranges::none_of(seen, [](const Seen& one) { return one.kind == PHT_EVENT; }));
      EXPECT_EQ(description_of(host), before);
      const bool is_busy = state == "running" || state == "paused";
      EXPECT_EQ(
          finish(PrlVm_Unlock(host.vm, 0)),
          is_busy ? PRL_ERR_NOT_LOCK_OWNER_SESSION_TRIES_TO_UNLOCK : PRL_ERR_VM_IS_NOT_LOCKED);
    }
  }
  EXPECT_GT(refusals, 40u);
}

std::vector<std::string> message_parameters_of(PRL_HANDLE started) {
  const Handle job(started);
  Handle error;
  EXPECT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlJob_GetError(job, error.out()), PRL_ERR_SUCCESS);
  std::vector<std::string> texts;
  for (int number = 0;; ++number) {
    Handle parameter;
    const std::string name = "vm_message_param_" + std::to_string(number);
    if (PrlEvent_GetParamByName(error, name.c_str(), parameter.out()) != PRL_ERR_SUCCESS) break;
    texts.push_back(text_of([&](PRL_STR text, PRL_UINT32_PTR length) {
      return PrlEvtPrm_ToString(parameter, text, length);
    }));
  }
  return texts;
}

// Invariant 49
TEST(Refusals, NameTheVmAsItIsCalledNow) {
  const Host host;
  ASSERT_EQ(finish(PrlVm_BeginEdit(host.vm)), PRL_ERR_SUCCESS);
  PrlVmCfg_SetName(host.vm, "renamed");
  ASSERT_EQ(finish(PrlVm_Commit(host.vm)), PRL_ERR_SUCCESS);
  using Texts = std::vector<std::string>;
  EXPECT_EQ(message_parameters_of(PrlVm_Pause(host.vm, PRL_FALSE)), Texts{"renamed"});  // 377
  ASSERT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(message_parameters_of(PrlVm_Start(host.vm)), Texts{"renamed"});  // 557
  ASSERT_EQ(finish(PrlVm_Pause(host.vm, PRL_FALSE)), PRL_ERR_SUCCESS);
  EXPECT_EQ(message_parameters_of(PrlVm_Pause(host.vm, PRL_FALSE)), (Texts{"renamed", "paused"}));
  ASSERT_EQ(finish(PrlVm_Suspend(host.vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(message_parameters_of(PrlVm_Clone(host.vm, "copy", "", PRL_FALSE)),
            (Texts{"renamed", "suspended"}));
  EXPECT_EQ(message_parameters_of(PrlVm_BeginEdit(host.vm)), Texts());  // 104: vm-lifecycle 0.3
  EXPECT_EQ(message_parameters_of(PrlVm_Mount(host.vm, "", 0)), Texts());
}

// ---- Sequences -------------------------------------------------------------------------------

// Which state may be announced right after which, by the arrows of vm-lifecycle 2.2 to 2.5 for
// profile desktop. Written from the text, not from the table of the machine.
bool is_arrow(PRL_INT32 from, PRL_INT32 to) {
  using Set = std::set<PRL_INT32>;
  static const Set settled = {VMS_STOPPED, VMS_SUSPENDED, VMS_RUNNING, VMS_PAUSED};
  static const std::map<PRL_INT32, Set> arrows = {
      {VMS_STOPPED,
       {VMS_STARTING, VMS_SNAPSHOTING, VMS_RESTORING, VMS_DELETING_STATE, VMS_COMPACTING,
        VMS_MOUNTED_OBSOLETE}},
      {VMS_STARTING, {VMS_RUNNING, VMS_STOPPING, VMS_STOPPED}},
      {VMS_RUNNING,
       {VMS_STOPPING, VMS_PAUSING, VMS_SUSPENDING, VMS_RESETTING, VMS_SNAPSHOTING, VMS_RESTORING,
        VMS_DELETING_STATE}},
      {VMS_PAUSING, {VMS_PAUSED, VMS_RUNNING, VMS_STOPPING}},
      {VMS_PAUSED,
       {VMS_CONTINUING, VMS_STOPPING, VMS_SUSPENDING, VMS_RESETTING, VMS_SNAPSHOTING, VMS_RESTORING,
        VMS_DELETING_STATE}},
      {VMS_CONTINUING, {VMS_RUNNING, VMS_PAUSED, VMS_STOPPING}},
      {VMS_SUSPENDING, {VMS_SUSPENDING_SYNC, VMS_RUNNING, VMS_PAUSED, VMS_STOPPING}},
      {VMS_SUSPENDING_SYNC, {VMS_SUSPENDED, VMS_RUNNING, VMS_PAUSED, VMS_STOPPING}},
      {VMS_SUSPENDED,
       {VMS_RESUMING, VMS_STOPPED, VMS_SNAPSHOTING, VMS_RESTORING, VMS_DELETING_STATE}},
      {VMS_RESUMING, {VMS_RUNNING, VMS_SUSPENDED, VMS_STOPPING}},
      {VMS_RESETTING, {VMS_RUNNING, VMS_PAUSED, VMS_STOPPING}},
      {VMS_STOPPING,
       {VMS_STOPPED, VMS_SUSPENDED, VMS_RUNNING, VMS_PAUSED, VMS_STARTING, VMS_RESUMING}},
      {VMS_SNAPSHOTING, settled},
      {VMS_RESTORING, settled},
      {VMS_DELETING_STATE, settled},
      {VMS_COMPACTING, {VMS_STOPPED}},
      {VMS_MOUNTED_OBSOLETE, {VMS_STOPPED}},
  };
  return arrows.at(from).contains(to);
}

bool is_stable(PRL_INT32 state) {
  return state == VMS_STOPPED || state == VMS_RUNNING || state == VMS_PAUSED ||
         state == VMS_SUSPENDED || state == VMS_MOUNTED_OBSOLETE;
}

// Invariants 1, 2, 3, 6 and 7. Some commands are sent while others are under way.
RC_GTEST_PROP(AnySequenceOfCommands, FollowsThePathsOfTheSpec, ()) {
  const Host host;
  Recorder recorder(host.server);
  const size_t power =
      std::ranges::find(commands(), std::string("clone"), &Command::name) - commands().begin();
  const auto script = *rc::gen::container<std::vector<std::pair<size_t, bool>>>(
      rc::gen::pair(rc::gen::inRange<size_t>(0, power), rc::gen::arbitrary<bool>()));
  for (const auto& [index, waits] : script) {
    RC_LOG() << commands()[index].name << (waits ? "\n" : ", not waited for\n");
    const Handle job(commands()[index].start(host.vm));
    if (!waits) continue;
    RC_ASSERT(PrlJob_Wait(job, UINT32_MAX) == PRL_ERR_SUCCESS);
  }
  PrlSim_AdvanceTime(60'000);
  const PRL_INT32 now = state_of(host.vm);
  RC_ASSERT(is_stable(now));
  RC_ASSERT(host.has_image() == (now == VMS_SUSPENDED));
  PRL_INT32 last = VMS_STOPPED;
  for (const PRL_INT32 state : states_in(recorder.up_to_end_of(PrlSrv_GetVmList(host.server)))) {
    RC_ASSERT(is_arrow(last, state));
    last = state;
  }
  RC_ASSERT(last == now);
}

// Invariant 10
TEST(Resume, IsStartInTransitionalStatesToo) {
  for (const std::string& state : stable_states()) {
    for (const Command& command : commands()) {
      PRL_RESULT codes[2] = {PRL_ERR_UNEXPECTED, PRL_ERR_UNEXPECTED};
      std::vector<PRL_INT32> announced[2];
      PRL_JOB_OPERATION_CODE operations[2] = {PJOC_UNKNOWN, PJOC_UNKNOWN};
      for (const int way : {0, 1}) {
        const Host host(state);
        Recorder recorder(host.server);
        const Handle first(command.start(host.vm));
        PrlSim_AdvanceTime(2);
        const Handle second(way == 0 ? PrlVm_Start(host.vm) : PrlVm_Resume(host.vm));
        PrlSim_AdvanceTime(60'000);
        codes[way] = code_of(second);
        operations[way] = operation_of(second);
        announced[way] = states_in(recorder.up_to_end_of(PrlSrv_GetVmList(host.server)));
      }
      EXPECT_EQ(codes[0], codes[1]) << state << " " << command.name;
      EXPECT_EQ(operations[0], operations[1]);
      EXPECT_EQ(announced[0], announced[1]) << state << " " << command.name;
    }
  }
}

// ---- Suspended and live VMs ------------------------------------------------------------------

// Invariant 20
TEST(ASuspend, ForbidsToEditFromItsBeginning) {
  const Host host("running");
  ASSERT_EQ(finish(PrlVm_BeginEdit(host.vm)), PRL_ERR_SUCCESS);
  const Handle suspend(PrlVm_Suspend(host.vm));
  for (const auto state : {VMS_SUSPENDING, VMS_SUSPENDING_SYNC, VMS_SUSPENDED}) {
    host.reach(state);
    PrlVmCfg_SetDescription(host.vm, "changed");
    EXPECT_EQ(finish(PrlVm_BeginEdit(host.vm)), PRL_ERR_CANT_EDIT_SUSPENDED_VM) << state;
    EXPECT_EQ(finish(PrlVm_Commit(host.vm)), PRL_ERR_CANT_EDIT_SUSPENDED_VM) << state;
  }
  ASSERT_EQ(finish(PrlVm_RefreshConfig(host.vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(text_of([&](PRL_STR text, PRL_UINT32_PTR length) {
              return PrlVmCfg_GetDescription(host.vm, text, length);
            }),
            "");
}

// Invariant 21
TEST(ACommit, WaitsOutASuspend) {
  for (const bool somebody_else_commits : {false, true}) {
    const Host host("running");
    const Handle other = new_server();
    ASSERT_EQ(finish(start_login(other)), PRL_ERR_SUCCESS);
    const Handle theirs = vm_by_name(other, "vm");
    ASSERT_EQ(finish(PrlVm_BeginEdit(host.vm)), PRL_ERR_SUCCESS);
    PrlVmCfg_SetDescription(host.vm, "mine");
    ASSERT_EQ(finish(PrlVm_Suspend(host.vm)), PRL_ERR_SUCCESS);
    EXPECT_EQ(finish(PrlVm_Commit(host.vm)), PRL_ERR_CANT_EDIT_SUSPENDED_VM);
    ASSERT_EQ(finish(PrlVm_Resume(host.vm)), PRL_ERR_SUCCESS);
    if (somebody_else_commits) {
      ASSERT_EQ(finish(PrlVm_BeginEdit(theirs)), PRL_ERR_SUCCESS);
      PrlVmCfg_SetDescription(theirs, "theirs");
      ASSERT_EQ(finish(PrlVm_Commit(theirs)), PRL_ERR_SUCCESS);
    }
    EXPECT_EQ(finish(PrlVm_Commit(host.vm)),
              somebody_else_commits ? PRL_ERR_VM_CONFIG_WAS_CHANGED : PRL_ERR_SUCCESS);
  }
}

// Invariant 37
TEST(AllowedCommands, DoNotDependOnTheState) {
  for (const std::string& state : stable_states()) {
    const Host host(state);
    Handle rights;
    ASSERT_EQ(PrlVmCfg_GetAccessRights(host.vm, rights.out()), PRL_ERR_SUCCESS);
    for (const auto command : {PAR_VM_START_ACCESS, PAR_VM_STOP_ACCESS, PAR_VM_SUSPEND_ACCESS,
                               PAR_VM_DROPSUSPENDEDSTATE_ACCESS, PAR_VM_DELETE_ACCESS}) {
      PRL_BOOL is_allowed = PRL_FALSE;
      EXPECT_EQ(PrlAcl_IsAllowed(rights, command, &is_allowed), PRL_ERR_SUCCESS);
      EXPECT_EQ(is_allowed, PRL_BOOL(PRL_TRUE)) << state << " " << command;
    }
  }
}

// Invariant 51
TEST(AdditionalState, IsOneWhateverTheState) {
  for (const std::string& state : stable_states()) {
    const Host host(state);
    EXPECT_EQ(additions_of(host.vm), 1u) << state;
  }
  const Host host;
  const Handle clone(PrlVm_Clone(host.vm, "copy", "", PRL_FALSE));
  PrlSim_AdvanceTime(10);
  EXPECT_EQ(additions_of(host.vm), 33u);
  // The state gate comes before the lock that the clone holds.
  EXPECT_EQ(finish(PrlVm_Pause(host.vm, PRL_FALSE)), PRL_ERR_DISP_VM_IS_NOT_STARTED);
  EXPECT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_VM_LOCKED_FOR_CLONE);
  PrlSim_AdvanceTime(60'000);
  EXPECT_EQ(additions_of(host.vm), 1u);
}

// Invariant 53
TEST(TheSuspendedScreen, IsThereInFourStatesOnly) {
  const Host host;
  const auto code = [&] { return finish(PrlVm_GetSuspendedScreen(host.vm)); };
  EXPECT_EQ(code(), PRL_ERR_VM_IS_NOT_SUSPENDED);
  const Handle start(PrlVm_Start(host.vm));
  host.reach(VMS_STARTING);
  EXPECT_EQ(code(), PRL_ERR_VM_IS_NOT_SUSPENDED);
  host.reach(VMS_RUNNING);
  EXPECT_EQ(code(), PRL_ERR_VM_IS_NOT_SUSPENDED);
  ASSERT_EQ(finish(PrlVm_Pause(host.vm, PRL_FALSE)), PRL_ERR_SUCCESS);
  EXPECT_EQ(code(), PRL_ERR_VM_IS_NOT_SUSPENDED);
  const Handle suspend(PrlVm_Suspend(host.vm));
  for (const auto state : {VMS_SUSPENDING, VMS_SUSPENDING_SYNC, VMS_SUSPENDED}) {
    host.reach(state);
    EXPECT_EQ(code(), PRL_ERR_SUCCESS) << state;
  }
  const Handle resume(PrlVm_Resume(host.vm));
  host.reach(VMS_RESUMING);
  EXPECT_EQ(code(), PRL_ERR_SUCCESS);
  host.reach(VMS_RUNNING);
  EXPECT_EQ(code(), PRL_ERR_VM_IS_NOT_SUSPENDED);
}

// Invariant 54
TEST(GuestTools, AreNeverInstalledWhereNothingLives) {
  const Host host;
  ASSERT_EQ(PrlSim_SetGuestTools(host.vm, PRL_TRUE), PRL_ERR_SUCCESS);
  const auto are_installed = [&] {
    const Handle info = answer_of(PrlVm_GetToolsState(host.vm));
    PRL_VM_TOOLS_STATE state = PTS_OUTDATED;
    EXPECT_EQ(PrlVmToolsInfo_GetState(info, &state), PRL_ERR_SUCCESS);
    return state == PTS_INSTALLED;
  };
  EXPECT_FALSE(are_installed());
  const Handle start(PrlVm_Start(host.vm));
  host.reach(VMS_RUNNING);
  EXPECT_TRUE(are_installed());
  ASSERT_EQ(finish(PrlVm_Suspend(host.vm)), PRL_ERR_SUCCESS);
  EXPECT_FALSE(are_installed());
  ASSERT_EQ(finish(PrlVm_DropSuspendedState(host.vm)), PRL_ERR_SUCCESS);
  EXPECT_FALSE(are_installed());
}

// ---- Pairs of operations ---------------------------------------------------------------------

// A VM with a disk, so that every long operation finds something to do.
struct HostWithDisk : Session {
  HostWithDisk() : vm(unregistered_vm(server, "vm")) {
    Handle disk;
    EXPECT_EQ(PrlVmCfg_CreateVmDev(vm, PDE_HARD_DISK, disk.out()), PRL_ERR_SUCCESS);
    EXPECT_EQ(PrlVmDevHd_SetDiskType(disk, PHD_EXPANDING_HARD_DISK), PRL_ERR_SUCCESS);
    EXPECT_EQ(finish(PrlVm_Reg(vm, "", PRL_TRUE)), PRL_ERR_SUCCESS);
  }
  Handle vm;
};

// Invariants 31 and 32: what vm-lifecycle 2.1, 5.1 and 5.2 say of a newcomer that finds an
// operation of the same session under way. The state gate comes first, but for Clone and Convert.
TEST(OperationsOnOneVm, KeepEachOtherOutAsTheRulesSay) {
  constexpr PRL_RESULT kOk = PRL_ERR_SUCCESS;
  constexpr PRL_RESULT kState = PRL_ERR_DISP_VM_COMMAND_CANT_BE_EXECUTED;
  struct Holder {
    const char* name;
    PRL_RESULT code;                          // of whom it keeps out
    std::map<std::string, PRL_RESULT> other;  // what is answered otherwise
  };
  const std::map<std::string, PRL_RESULT> gated = {
      {"start", kState}, {"start_ex", kState}, {"snapshot", kState}, {"compact", kState}};
  const auto gated_and = [&](std::map<std::string, PRL_RESULT> more) {
    more.insert(gated.begin(), gated.end());
    return more;
  };
  const std::vector<Holder> holders = {
      {"clone", PRL_ERR_VM_LOCKED_FOR_CLONE, {{"clone", kOk}}},
      {"move", PRL_ERR_VM_LOCKED_FOR_MOVE, {}},
      {"convert", PRL_ERR_VM_LOCKED_FOR_DISK_CONVERT, {}},
      {"snapshot", PRL_ERR_VM_LOCKED_FOR_CREATE_SNAPSHOT, gated},
      {"compact", PRL_ERR_VM_LOCKED_FOR_DISK_COMPACT, gated_and({{"commit", kOk}})},
      {"start", PRL_ERR_VM_LOCKED_FOR_EXECUTE, gated_and({{"commit", kOk}})},
      {"start_ex", PRL_ERR_VM_LOCKED_FOR_EXECUTE_EX, gated_and({{"commit", kOk}})},
  };
  for (const Holder& holder : holders) {
    for (const std::string newcomer : {"start", "start_ex", "snapshot", "compact", "convert",
                                       "clone", "move", "commit", "unreg", "delete"}) {
      SCOPED_TRACE(newcomer + " during " + holder.name);
      const HostWithDisk host;
      ASSERT_EQ(finish(PrlVm_BeginEdit(host.vm)), PRL_ERR_SUCCESS);
      const Handle job(start(holder.name, host.vm));
      PrlSim_AdvanceTime(10);
      const auto other = holder.other.find(newcomer);
      const PRL_RESULT expected = other == holder.other.end() ? holder.code : other->second;
      // Two clones need two names.
      const PRL_RESULT code = finish(newcomer == "clone" ? PrlVm_Clone(host.vm, "second", "", false)
                                                         : start(newcomer, host.vm));
      if (newcomer == "convert" && std::string(holder.name).starts_with("start")) {
        EXPECT_TRUE(code == expected || code == PRL_ERR_CONV_HD_WRONG_VM_STATE);
      } else {
        EXPECT_EQ(code, expected);
      }
      PrlSim_AdvanceTime(60'000);
      EXPECT_EQ(code_of(job), kOk) << "whoever comes, the holder goes on";
    }
  }
}

// ---- Restarts --------------------------------------------------------------------------------

// Invariant 42, for a service that ends in order and begins again in the same process.
TEST(ARestartOfTheService, FindsEveryVmInAStableState) {
  const std::map<std::string, VIRTUAL_MACHINE_STATE> expected = {
      {"stopped", VMS_STOPPED}, {"mounted", VMS_STOPPED}, {"suspended", VMS_SUSPENDED}};
  for (const auto& [state, after] : expected) {
    const Host host(state == "mounted" ? "stopped" : state);
    if (state == "mounted") {
      ASSERT_EQ(finish(PrlVm_Mount(host.vm, nullptr, PMVD_READ_WRITE)), PRL_ERR_SUCCESS);
    }
    ASSERT_EQ(finish(PrlSrv_Shutdown(host.server, PRL_FALSE)), PRL_ERR_SUCCESS) << state;
    ASSERT_EQ(finish(start_login(host.server)), PRL_ERR_SUCCESS);
    EXPECT_EQ(state_of(host.vm), after) << state;
  }
}

// Invariant 43
TEST(ARestartOfTheService, DropsLocksAndStamps) {
  const Host host;
  const Handle other = new_server();
  ASSERT_EQ(finish(start_login(other)), PRL_ERR_SUCCESS);
  ASSERT_EQ(finish(PrlVm_Lock(vm_by_name(other, "vm"), 0)), PRL_ERR_SUCCESS);
  ASSERT_EQ(finish(PrlVm_Unlock(vm_by_name(other, "vm"), 0)), PRL_ERR_SUCCESS);
  ASSERT_EQ(finish(PrlVm_BeginEdit(host.vm)), PRL_ERR_SUCCESS);
  ASSERT_EQ(finish(PrlVm_Lock(host.vm, 0)), PRL_ERR_SUCCESS);
  ASSERT_EQ(finish(PrlSrv_Shutdown(host.server, PRL_FALSE)), PRL_ERR_SUCCESS);
  ASSERT_EQ(finish(start_login(host.server)), PRL_ERR_SUCCESS);
  ASSERT_EQ(finish(start_login(other)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_Unlock(host.vm, 0)), PRL_ERR_VM_IS_NOT_LOCKED);
  EXPECT_EQ(finish(PrlVm_Commit(host.vm)), PRL_ERR_CONFIG_BEGIN_EDIT_NOT_FOUND_OBJECT_UUID);
  EXPECT_EQ(finish(PrlVm_Start(vm_by_name(other, "vm"))), PRL_ERR_SUCCESS);
}

}  // namespace
}  // namespace prl::tests
