#include "tests/sdk/transition_stage.h"

#include <map>

namespace prl::tests {
namespace {

constexpr PRL_UINT64 kPhaseMs = 100;  // each phase of an operation
constexpr PRL_UINT64 kMiddleMs = 60;
constexpr const char* kOff = "{00000000-0000-0000-0000-000000000001}";
constexpr const char* kSuspended = "{00000000-0000-0000-0000-000000000002}";
constexpr const char* kRunning = "{00000000-0000-0000-0000-000000000003}";
constexpr const char* kPaused = "{00000000-0000-0000-0000-000000000004}";
constexpr PRL_UINT32 kDiskMib = 64;

// The first has the others below it, so that it can be deleted with and without them.
const std::string& snapshots() {
  static const std::string text = [] {
    std::string made;
    const char* parent = nullptr;
    for (const auto& [uuid, state] :
         {std::pair{kOff, "stopped"}, std::pair{kSuspended, "suspended"},
          std::pair{kRunning, "running"}, std::pair{kPaused, "paused"}}) {
      made += std::string("[[vm.snapshot]]\nname = \"") + state + "\"\nuuid = \"" + uuid +
              "\"\nstate = \"" + state + "\"\n";
      if (parent) made += std::string("parent = \"") + parent + "\"\n";
      parent = uuid;
    }
    return made;
  }();
  return text;
}

bool names_a_snapshot(const std::string& word) {
  return word.starts_with("Switch") || word.starts_with("DeleteSnapshot") ||
         word.starts_with("UpdateSnapshot") || word == "RESTORING" || word == "DELETING_STATE";
}

std::string scenario(const std::string& profile, const std::string& state,
                     const std::string& command) {
  std::string text =
      "profile = \"" + profile + "\"\nclock = \"virtual\"\n[host]\nname = \"here\"\n";
  text += "[latency]\n";
  for (const char* phase :
       {"boot", "resume", "suspend", "flush", "pause", "continue", "kill", "shutdown", "reset",
        "snapshot", "restore", "snapshot_removal", "clone", "move", "compact", "convert"}) {
    text += std::string(phase) + " = { ms = " + std::to_string(kPhaseMs) + " }\n";
  }
  text += "[[vm]]\nname = \"vm\"\nram_mib = 4\n[[vm.disk]]\nsize_mib = 64\n";
  if (names_a_snapshot(state) || names_a_snapshot(command)) text += snapshots();
  return text;
}

PRL_HANDLE kill(PRL_HANDLE vm) {
  return PrlVm_Stop(vm, PRL_FALSE);
}
PRL_HANDLE pause(PRL_HANDLE vm) {
  return PrlVm_Pause(vm, PRL_FALSE);
}
PRL_HANDLE start_ex(PRL_HANDLE vm) {
  return PrlVm_StartEx(vm, PSM_VM_START, 0);
}
PRL_HANDLE compact(PRL_HANDLE vm) {
  return PrlVm_Compact(vm, PIM_ALL_DISKS, 0);
}
PRL_HANDLE mount(PRL_HANDLE vm) {
  return PrlVm_Mount(vm, "", PMVD_READ_WRITE);
}
PRL_HANDLE commit(PRL_HANDLE vm) {
  return PrlVm_Commit(vm);
}

using Give = PRL_HANDLE (*)(PRL_HANDLE vm);

// Those of a disk and of a migration are the stage's own.
const std::map<std::string, Give>& gives() {
  static const std::map<std::string, Give> all = {
      {"Start", PrlVm_Start},
      {"StartEx", start_ex},
      {"Resume", PrlVm_Resume},
      {"StopKill", kill},
      {"StopGraceful", [](PRL_HANDLE vm) { return PrlVm_StopEx(vm, PSM_SHUTDOWN, 0); }},
      {"StopAcpi", [](PRL_HANDLE vm) { return PrlVm_StopEx(vm, PSM_ACPI, 0); }},
      {"Pause", pause},
      {"Suspend", PrlVm_Suspend},
      {"DropSuspendedState", PrlVm_DropSuspendedState},
      {"Reset", PrlVm_Reset},
      {"Restart", PrlVm_Restart},
      {"GetSuspendedScreen", PrlVm_GetSuspendedScreen},
      {"CreateSnapshot", [](PRL_HANDLE vm) { return PrlVm_CreateSnapshot(vm, "new", ""); }},
      {"SwitchToSnapshot", nullptr},  // one that recorded the state in which the VM is
      {"SwitchToOff", [](PRL_HANDLE vm) { return PrlVm_SwitchToSnapshot(vm, kOff); }},
      {"SwitchToSuspended", [](PRL_HANDLE vm) { return PrlVm_SwitchToSnapshot(vm, kSuspended); }},
      {"SwitchToRunning", [](PRL_HANDLE vm) { return PrlVm_SwitchToSnapshot(vm, kRunning); }},
      {"SwitchToPaused", [](PRL_HANDLE vm) { return PrlVm_SwitchToSnapshot(vm, kPaused); }},
      {"SwitchSkippingResume",
       [](PRL_HANDLE vm) { return PrlVm_SwitchToSnapshotEx(vm, kRunning, PSSF_SKIP_RESUME); }},
      {"SwitchToUnknown",
       [](PRL_HANDLE vm) { return PrlVm_SwitchToSnapshot(vm, kUnknownSnapshot); }},
      {"DeleteSnapshot", [](PRL_HANDLE vm) { return PrlVm_DeleteSnapshot(vm, kOff, PRL_FALSE); }},
      {"DeleteSnapshotWithChildren",
       [](PRL_HANDLE vm) { return PrlVm_DeleteSnapshot(vm, kOff, PRL_TRUE); }},
      {"DeleteSnapshotUnknown",
       [](PRL_HANDLE vm) { return PrlVm_DeleteSnapshot(vm, kUnknownSnapshot, PRL_FALSE); }},
      {"UpdateSnapshotData",
       [](PRL_HANDLE vm) { return PrlVm_UpdateSnapshotData(vm, kOff, "other", ""); }},
      {"UpdateSnapshotDataUnknown",
       [](PRL_HANDLE vm) { return PrlVm_UpdateSnapshotData(vm, kUnknownSnapshot, "other", ""); }},
      {"GetSnapshotsTree", PrlVm_GetSnapshotsTree},
      {"Unreg", PrlVm_Unreg},
      {"Delete", [](PRL_HANDLE vm) { return PrlVm_Delete(vm, PRL_INVALID_HANDLE); }},
      {"Clone", [](PRL_HANDLE vm) { return PrlVm_Clone(vm, "copy", "", PRL_FALSE); }},
      {"LinkedClone",
       [](PRL_HANDLE vm) { return PrlVm_CloneEx(vm, "copy", "", PCVF_LINKED_CLONE); }},
      {"Move", [](PRL_HANDLE vm) { return PrlVm_Move(vm, "/elsewhere", 0); }},
      {"Compact", compact},
      {"CompactNothing", [](PRL_HANDLE vm) { return PrlVm_Compact(vm, 0, 0); }},
      {"ConvertDisks",
       [](PRL_HANDLE vm) { return PrlVm_ConvertDisks(vm, PIM_ALL_DISKS, PCVD_TO_PLAIN_DISK); }},
      {"Mount", mount},
      {"MountReadOnly", [](PRL_HANDLE vm) { return PrlVm_Mount(vm, "", PMVD_READ_ONLY); }},
      {"Umount", [](PRL_HANDLE vm) { return PrlVm_Umount(vm, 0); }},
      {"BeginEdit", PrlVm_BeginEdit},
      {"Commit", commit},
      {"CommitName", commit},
      {"CommitHardware", commit},
      {"Lock", [](PRL_HANDLE vm) { return PrlVm_Lock(vm, 0); }},
      {"LockAgain", [](PRL_HANDLE vm) { return PrlVm_Lock(vm, 0); }},
      {"Unlock", [](PRL_HANDLE vm) { return PrlVm_Unlock(vm, 0); }},
      {"UnlockOwn", [](PRL_HANDLE vm) { return PrlVm_Unlock(vm, 0); }},
      {"Restore", PrlVm_Restore},
      {"ResetUptime", [](PRL_HANDLE vm) { return PrlVm_ResetUptime(vm, 0); }},
      {"GetState", PrlVm_GetState},
      {"GetToolsState", PrlVm_GetToolsState},
      {"GetStatistics", PrlVm_GetStatistics},
  };
  return all;
}

}  // namespace

std::vector<std::string> stage_commands() {
  std::vector<std::string> names = {"CopyImage", "GrowDisk", "ShrinkDisk", "Migrate"};
  for (const auto& [name, give] : gives()) names.push_back(name);
  return names;
}

std::string state_text(PRL_INT32 state) {
  static const std::map<PRL_INT32, std::string> names = {
      {VMS_STOPPED, "STOPPED"},
      {VMS_STARTING, "STARTING"},
      {VMS_RESTORING, "RESTORING"},
      {VMS_RUNNING, "RUNNING"},
      {VMS_PAUSED, "PAUSED"},
      {VMS_SUSPENDING, "SUSPENDING"},
      {VMS_STOPPING, "STOPPING"},
      {VMS_COMPACTING, "COMPACTING"},
      {VMS_SUSPENDED, "SUSPENDED"},
      {VMS_SNAPSHOTING, "SNAPSHOTING"},
      {VMS_RESETTING, "RESETTING"},
      {VMS_PAUSING, "PAUSING"},
      {VMS_CONTINUING, "CONTINUING"},
      {VMS_MIGRATING_OBSOLETE, "MIGRATING"},
      {VMS_DELETING_STATE, "DELETING_STATE"},
      {VMS_RESUMING, "RESUMING"},
      {VMS_SUSPENDING_SYNC, "SUSPENDING_SYNC"},
      {VMS_MOUNTED_OBSOLETE, "MOUNTED"},
  };
  const auto found = names.find(state);
  return found == names.end() ? std::to_string(state) : found->second;
}

Stage::Stage(const std::string& profile, const std::string& state, const std::string& command)
    : profile_(profile),
      state_(state),
      command_(command),
      session_(scenario(profile, state, command)),
      vm_(state == "UNREGISTERED" ? unregistered_vm(session_.server, "new")
                                  : vm_by_name(session_.server, "vm")) {
  if (state == "UNREGISTERED") return;
  prepare();
  bring();
  if (command == "UnlockOwn" || command == "LockAgain") {
    EXPECT_EQ(finish(PrlVm_Lock(vm_, 0)), PRL_ERR_SUCCESS);
  }
}

Stage::~Stage() {
  other_vm_ = Handle();
  other_ = Handle();
  there_ = Handle();
}

// What has to be done while the VM is stopped.
void Stage::prepare() {
  if (command_ == "Migrate" || state_ == "MIGRATING") {
    const std::string host =
        "profile = \"" + profile_ + "\"\nclock = \"virtual\"\nseed = 2\n[host]\nname = \"there\"\n";
    EXPECT_EQ(PrlSim_CreateWorld(host.c_str(), &world_), PRL_ERR_SUCCESS);
    EXPECT_EQ(PrlSim_UseWorld(world_), PRL_ERR_SUCCESS);
    there_ = new_server();
    EXPECT_EQ(finish(start_login(there_)), PRL_ERR_SUCCESS);
    EXPECT_EQ(PrlSim_UseWorld(0), PRL_ERR_SUCCESS);
  }
  if (state_ == "LOCKED") {
    other_ = new_server();
    EXPECT_EQ(finish(start_login(other_)), PRL_ERR_SUCCESS);
    other_vm_ = vm_by_name(other_, "vm");
  }
  if (!command_.starts_with("Commit")) return;
  EXPECT_EQ(finish(PrlVm_BeginEdit(vm_)), PRL_ERR_SUCCESS);
  if (command_ == "Commit") PrlVmCfg_SetDescription(vm_, "another");
  if (command_ == "CommitName") PrlVmCfg_SetName(vm_, "renamed");
  if (command_ == "CommitHardware") PrlVmCfg_SetRamSize(vm_, 8);
}

void Stage::begin(PRL_HANDLE job) {
  under_way_.emplace_back(job);
  EXPECT_EQ(PrlSim_AdvanceTime(kMiddleMs), PRL_ERR_SUCCESS);
}

void Stage::start_and(PRL_HANDLE (*next)(PRL_HANDLE vm)) {
  EXPECT_EQ(finish(PrlVm_Start(vm_)), PRL_ERR_SUCCESS);
  if (!next) return;
  EXPECT_EQ(finish(next(vm_)), PRL_ERR_SUCCESS);
}

void Stage::bring() {
  const auto is = [this](const char* state) { return state_ == state; };
  if (is("RUNNING") || is("PAUSING") || is("SUSPENDING") || is("SUSPENDING_SYNC") ||
      is("STOPPING") || is("RESETTING")) {
    start_and(nullptr);
  }
  if (is("PAUSED") || is("CONTINUING")) start_and(pause);
  if (is("SUSPENDED") || is("RESUMING")) start_and(PrlVm_Suspend);
  if (is("RUNNING_EX") || is("PAUSED_EX")) {
    finish(start_ex(vm_));
    if (is("PAUSED_EX")) finish(pause(vm_));
  }
  if (is("STARTING") || is("CONTINUING") || is("RESUMING")) begin(PrlVm_Start(vm_));
  if (is("PAUSING")) begin(pause(vm_));
  if (is("SUSPENDING") || is("SUSPENDING_SYNC")) begin(PrlVm_Suspend(vm_));
  if (is("SUSPENDING_SYNC")) PrlSim_AdvanceTime(kPhaseMs);
  if (is("STOPPING")) begin(kill(vm_));
  if (is("RESETTING")) begin(PrlVm_Reset(vm_));
  if (is("SNAPSHOTING")) begin(PrlVm_CreateSnapshot(vm_, "under way", ""));
  if (is("RESTORING")) begin(PrlVm_SwitchToSnapshot(vm_, kOff));
  if (is("DELETING_STATE")) begin(PrlVm_DeleteSnapshot(vm_, kPaused, PRL_FALSE));
  if (is("COMPACTING")) begin(compact(vm_));
  if (is("MIGRATING")) begin(PrlVm_Migrate(vm_, there_, "", 0, 0, PRL_FALSE));
  if (is("MOUNTED")) finish(mount(vm_));
  if (is("LOCKED")) finish(PrlVm_Lock(other_vm_, 0));
  if (is("TEMPLATE")) {
    EXPECT_EQ(finish(PrlVm_BeginEdit(vm_)), PRL_ERR_SUCCESS);
    PrlVmCfg_SetTemplateSign(vm_, PRL_TRUE);
    EXPECT_EQ(finish(PrlVm_Commit(vm_)), PRL_ERR_SUCCESS);
  }
}

std::string Stage::told() const {
  const Handle job(PrlVm_GetState(vm_));
  EXPECT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
  if (code_of(job) == PRL_ERR_VM_UUID_NOT_FOUND) return "GONE";
  return state_text(state_of(vm_));
}

std::string Stage::expected() const {
  static const std::map<std::string, std::string> of_others = {
      {"UNREGISTERED", "GONE"},  {"LOCKED", "STOPPED"},   {"TEMPLATE", "STOPPED"},
      {"RUNNING_EX", "RUNNING"}, {"PAUSED_EX", "PAUSED"},
  };
  static const std::map<std::string, std::string> in_virtuozzo = {
      {"STARTING", "STOPPED"},  {"RESUMING", "SUSPENDED"},     {"CONTINUING", "PAUSED"},
      {"PAUSING", "RUNNING"},   {"SUSPENDING", "RUNNING"},     {"SUSPENDING_SYNC", "RUNNING"},
      {"STOPPING", "RUNNING"},  {"RESETTING", "RUNNING"},      {"SNAPSHOTING", "STOPPED"},
      {"RESTORING", "STOPPED"}, {"DELETING_STATE", "STOPPED"},
  };
  if (const auto found = of_others.find(state_); found != of_others.end()) return found->second;
  if (profile_ == "desktop") return state_;
  const auto found = in_virtuozzo.find(state_);
  return found == in_virtuozzo.end() ? state_ : found->second;
}

Handle Stage::disk() const {
  Handle disk;
  EXPECT_EQ(PrlVmCfg_GetHardDisk(vm_, 0, disk.out()), PRL_ERR_SUCCESS);
  return disk;
}

PRL_HANDLE Stage::give() const {
  if (command_ == "Migrate") return PrlVm_Migrate(vm_, there_, "", 0, 0, PRL_FALSE);
  if (command_ == "CopyImage") return PrlVmDev_CopyImage(disk(), "copy.hdd", "", 0);
  if (command_ == "GrowDisk") return PrlVmDev_ResizeImage(disk(), 2 * kDiskMib, 0);
  if (command_ == "ShrinkDisk") return PrlVmDev_ResizeImage(disk(), kDiskMib / 2, 0);
  if (command_ != "SwitchToSnapshot") return gives().at(command_)(vm_);
  if (state_ == "SUSPENDED") return PrlVm_SwitchToSnapshot(vm_, kSuspended);
  if (state_ == "RUNNING") return PrlVm_SwitchToSnapshot(vm_, kRunning);
  return PrlVm_SwitchToSnapshot(vm_, state_ == "PAUSED" ? kPaused : kOff);
}

}  // namespace prl::tests
