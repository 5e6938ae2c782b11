// Snapshots through the API (vm-lifecycle 2.3 and 8, config-model 10, clients 4.6).
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <regex>

#include "tests/sdk/session.h"

namespace prl::tests {
namespace {

std::string host_with_vm(const std::string& state) {
  return "clock = \"virtual\"\n[[vm]]\nname = \"vm\"\nram_mib = 4\ncpus = 2\nstate = \"" + state +
         "\"\nworkload = { kind = \"random\", working_set_mib = 1 }\n";
}

struct Host : Session {
  explicit Host(const std::string& state = "stopped")
      : Session(host_with_vm(state)), vm(vm_by_name(server, "vm")) {}

  std::string snapshot(const std::string& name = "") const {
    return text_result_of(PrlVm_CreateSnapshot(vm, name.c_str(), ""));
  }
  PRL_RESULT switch_to(const std::string& uuid, PRL_UINT32 flags = 0) const {
    return finish(PrlVm_SwitchToSnapshotEx(vm, uuid.c_str(), flags));
  }
  PRL_RESULT remove(const std::string& uuid, PRL_BOOL with_children = PRL_FALSE) const {
    return finish(PrlVm_DeleteSnapshot(vm, uuid.c_str(), with_children));
  }
  std::string tree() const { return text_result_of(PrlVm_GetSnapshotsTree(vm)); }
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

const std::vector<std::string>& stable_states() {
  static const std::vector<std::string> states = {"stopped", "running", "paused", "suspended"};
  return states;
}

size_t count_of(const std::string& text, const std::string& part) {
  size_t count = 0;
  for (size_t at = 0; (at = text.find(part, at)) != std::string::npos; ++at) ++count;
  return count;
}

std::string item_of(const std::string& tree, const std::string& uuid) {
  const size_t begin = tree.find("guid=\"" + uuid + "\"");
  return begin == std::string::npos ? "" : tree.substr(begin, tree.find('>', begin) - begin);
}

std::vector<char> memory_of(PRL_HANDLE vm) {
  std::vector<char> bytes(4 << 20);
  EXPECT_EQ(PrlSim_ReadGuestMemory(vm, 0, bytes.data(), bytes.size()), PRL_ERR_SUCCESS);
  return bytes;
}

void write_word(PRL_HANDLE vm, PRL_UINT64 word) {
  EXPECT_EQ(PrlSim_WriteGuestMemory(vm, 3 << 20, &word, sizeof(word)), PRL_ERR_SUCCESS);
}
PRL_UINT64 read_word(PRL_HANDLE vm) {
  PRL_UINT64 word = 0;
  EXPECT_EQ(PrlSim_ReadGuestMemory(vm, 3 << 20, &word, sizeof(word)), PRL_ERR_SUCCESS);
  return word;
}

// vm-lifecycle 8, invariant 26
TEST(CreateSnapshot, KeepsTheStateAndAddsOneNode) {
  const char* const recorded[] = {"poweroff", "poweron", "pause", "suspend"};
  for (size_t i = 0; i < stable_states().size(); ++i) {
    SCOPED_TRACE(stable_states()[i]);
    const Host host(stable_states()[i]);
    const auto before = state_of(host.vm);
    const PRL_UINT64 boots = host.boots();
    EXPECT_EQ(host.tree(), "");
    const std::string uuid = host.snapshot();
    EXPECT_EQ(state_of(host.vm), before);
    EXPECT_EQ(host.boots(), boots);
    EXPECT_EQ(host.has_image(), before == VMS_SUSPENDED);
    EXPECT_EQ(count_of(host.tree(), "<SavedStateItem"), 2u);
    EXPECT_EQ(item_of(host.tree(), uuid),
              "guid=\"" + uuid + "\" current=\"yes\" state=\"" + recorded[i] + "\"");
  }
}

TEST(CreateSnapshot, AnnouncesThatItSnapshotsAndTellsTheRestInOrder) {
  const Host host("running");
  Recorder recorder(host.server);
  const PRL_HANDLE job = PrlVm_CreateSnapshot(host.vm, "one", "");
  ASSERT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
  recorder.up_to(job);
  const auto seen = recorder.up_to_end_of(PrlVm_GetState(host.vm));
  EXPECT_EQ(states_in(seen), (std::vector<PRL_INT32>{VMS_SNAPSHOTING, VMS_RUNNING}));
  std::vector<PRL_EVENT_TYPE> order;
  size_t job_at = 0;
  for (const Seen& one : seen) {
    if (one.kind == PHT_JOB && one.handle == job) job_at = order.size();
    if (one.kind == PHT_EVENT) order.push_back(one.event);
  }
  EXPECT_EQ(order, (std::vector<PRL_EVENT_TYPE>{
                       PET_DSP_EVT_VM_SNAPSHOTING, PET_DSP_EVT_VM_STATE_CHANGED,
                       PET_DSP_EVT_VM_SNAPSHOTS_TREE_CHANGED, PET_DSP_EVT_VM_SNAPSHOTED,
                       PET_DSP_EVT_VM_STATE_CHANGED, PET_DSP_EVT_VM_MEMORY_SWAPPING_FINISHED}));
  EXPECT_EQ(job_at, 5u) << "the memory is written after the job has ended";
  PrlHandle_Free(job);
}

TEST(CreateSnapshot, NeedsNameAndDescription) {
  const Host host;
  EXPECT_EQ(finish(PrlVm_CreateSnapshot(host.vm, nullptr, "")), PRL_ERR_INVALID_ARG);
  EXPECT_EQ(finish(PrlVm_CreateSnapshot(host.vm, "", nullptr)), PRL_ERR_INVALID_ARG);
}

TEST(CreateSnapshotEx, LeavesTheMemoryOutWhenOnlyTheDisksAreAskedFor) {
  const Host host("running");
  const std::string uuid = text_result_of(PrlVm_CreateSnapshotEx(host.vm, "", "", PCSF_DISK_ONLY));
  EXPECT_NE(item_of(host.tree(), uuid).find("poweroff"), std::string::npos);
  EXPECT_EQ(state_of(host.vm), VMS_RUNNING);
  EXPECT_EQ(host.switch_to(uuid), PRL_ERR_SUCCESS);
  EXPECT_EQ(state_of(host.vm), VMS_STOPPED);
}

// vm-lifecycle 8, invariants 27 and 28
TEST(SwitchToSnapshot, EndsInTheRecordedStateWhateverTheVmWas) {
  for (const std::string& recorded : stable_states()) {
    for (const std::string& now : stable_states()) {
      SCOPED_TRACE(recorded + " from " + now);
      const Host host(recorded);
      const auto expected = state_of(host.vm);
      const std::string uuid = host.snapshot();
      if (recorded == "running" || recorded == "paused") finish(PrlVm_Stop(host.vm, PRL_FALSE));
      if (recorded == "suspended") finish(PrlVm_DropSuspendedState(host.vm));
      if (now != "stopped") {
        ASSERT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_SUCCESS);
      }
      if (now == "paused") {
        ASSERT_EQ(finish(PrlVm_Pause(host.vm, PRL_FALSE)), PRL_ERR_SUCCESS);
      }
      if (now == "suspended") {
        ASSERT_EQ(finish(PrlVm_Suspend(host.vm)), PRL_ERR_SUCCESS);
      }
      Recorder recorder(host.server);
      const auto seen = recorder.up_to_end_of(PrlVm_SwitchToSnapshot(host.vm, uuid.c_str()));
      EXPECT_EQ(seen.back().code, PRL_ERR_SUCCESS);
      EXPECT_EQ(states_in(seen),
                (std::vector<PRL_INT32>{VMS_RESTORING, static_cast<PRL_INT32>(expected)}));
      EXPECT_EQ(state_of(host.vm), expected);
      EXPECT_EQ(host.has_image(), expected == VMS_SUSPENDED);
      if (expected == VMS_SUSPENDED) {
        EXPECT_EQ(finish(PrlVm_Resume(host.vm)), PRL_ERR_SUCCESS);
      }
    }
  }
}

TEST(SwitchToSnapshot, BringsBackEveryByteAndEveryRegister) {
  const Host host("running");
  PrlSim_AdvanceTime(100);
  ASSERT_EQ(finish(PrlVm_Pause(host.vm, PRL_FALSE)), PRL_ERR_SUCCESS);
  const auto memory = memory_of(host.vm);
  PrlSim_Registers before{}, after{};
  ASSERT_EQ(PrlSim_GetRegisters(host.vm, 1, &before), PRL_ERR_SUCCESS);
  const PRL_UINT64 boots = host.boots();
  const std::string uuid = host.snapshot();
  ASSERT_EQ(finish(PrlVm_Reset(host.vm)), PRL_ERR_SUCCESS);
  PrlSim_AdvanceTime(1000);
  ASSERT_EQ(host.switch_to(uuid), PRL_ERR_SUCCESS);
  EXPECT_EQ(state_of(host.vm), VMS_PAUSED);
  EXPECT_TRUE(memory_of(host.vm) == memory);
  ASSERT_EQ(PrlSim_GetRegisters(host.vm, 1, &after), PRL_ERR_SUCCESS);
  EXPECT_EQ(std::memcmp(&before, &after, sizeof(before)), 0);
  EXPECT_EQ(host.boots(), boots);
}

TEST(SwitchToSnapshot, LeavesTheSnapshotFitForTheNextSwitch) {
  const Host host("paused");
  write_word(host.vm, 1);
  const std::string first = host.snapshot();
  write_word(host.vm, 2);
  const std::string second = host.snapshot();
  for (int round = 0; round < 2; ++round) {
    ASSERT_EQ(host.switch_to(first), PRL_ERR_SUCCESS);
    EXPECT_EQ(read_word(host.vm), 1u);
    write_word(host.vm, 3);
    ASSERT_EQ(host.switch_to(second), PRL_ERR_SUCCESS);
    EXPECT_EQ(read_word(host.vm), 2u);
  }
}

TEST(SwitchToSnapshot, BringsTheConfigurationBackButNotTheName) {
  const Host host;
  const std::string uuid = host.snapshot();
  ASSERT_EQ(finish(PrlVm_BeginEdit(host.vm)), PRL_ERR_SUCCESS);
  PrlVmCfg_SetName(host.vm, "renamed");
  PrlVmCfg_SetRamSize(host.vm, 8);
  PrlVmCfg_SetDescription(host.vm, "later");
  ASSERT_EQ(finish(PrlVm_Commit(host.vm)), PRL_ERR_SUCCESS);
  ASSERT_EQ(host.switch_to(uuid), PRL_ERR_SUCCESS);
  ASSERT_EQ(finish(PrlVm_RefreshConfig(host.vm)), PRL_ERR_SUCCESS);
  PRL_UINT32 ram_mib = 0;
  PrlVmCfg_GetRamSize(host.vm, &ram_mib);
  EXPECT_EQ(ram_mib, 4u);
  EXPECT_EQ(name_of(host.vm), "renamed");
  EXPECT_EQ(uuid_of(vm_by_name(host.server, "renamed")), uuid_of(host.vm));
  EXPECT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_SUCCESS);
}

TEST(SwitchToSnapshot, EndsSuspendedWhenTheResumeIsSkipped) {
  for (const std::string state : {"running", "paused"}) {
    const Host host(state);
    write_word(host.vm, 7);
    const std::string uuid = host.snapshot();
    ASSERT_EQ(host.switch_to(uuid, PSSF_SKIP_RESUME), PRL_ERR_SUCCESS);
    EXPECT_EQ(state_of(host.vm), VMS_SUSPENDED);
    EXPECT_TRUE(host.has_image());
    ASSERT_EQ(finish(PrlVm_Resume(host.vm)), PRL_ERR_SUCCESS);
    EXPECT_EQ(read_word(host.vm), 7u);
  }
}

TEST(SwitchToSnapshot, TellsOfTheTreeTheRestoreAndTheMemory) {
  const Host host;
  const std::string uuid = host.snapshot();
  Recorder recorder(host.server);
  ASSERT_EQ(host.switch_to(uuid), PRL_ERR_SUCCESS);
  const auto seen = recorder.up_to_end_of(PrlVm_GetState(host.vm));
  for (const PRL_EVENT_TYPE event : {PET_DSP_EVT_VM_SNAPSHOTS_TREE_CHANGED, PET_DSP_EVT_VM_RESTORED,
                                     PET_DSP_EVT_VM_MEMORY_SWAPPING_FINISHED}) {
    EXPECT_EQ(std::ranges::count(seen, event, &Seen::event), 1) << event;
  }
}

TEST(UnknownSnapshot, IsNotFound) {
  const Host host;
  host.snapshot();
  for (const char* uuid : {"{00000000-0000-4000-8000-000000000001}", "", "no uuid"}) {
    EXPECT_EQ(host.switch_to(uuid), PRL_ERR_VM_SNAPSHOT_NOT_FOUND);
    EXPECT_EQ(host.remove(uuid), PRL_ERR_VM_SNAPSHOT_NOT_FOUND);
    EXPECT_EQ(finish(PrlVm_UpdateSnapshotData(host.vm, uuid, "", "")),
              PRL_ERR_VM_SNAPSHOT_NOT_FOUND);
  }
  EXPECT_EQ(state_of(host.vm), VMS_STOPPED);
}

TEST(ASnapshot, IsNamedWithOrWithoutBraces) {
  const Host host;
  const std::string uuid = host.snapshot();
  EXPECT_EQ(uuid.size(), 38u);
  EXPECT_EQ(host.switch_to(uuid.substr(1, 36)), PRL_ERR_SUCCESS);
}

// vm-lifecycle 8, invariant 29
TEST(DeleteSnapshot, RemovesOneNodeOrTheSubtree) {
  for (const PRL_BOOL with_children : {PRL_FALSE, PRL_TRUE}) {
    const Host host;
    const std::string root = host.snapshot("root");
    const std::string middle = host.snapshot("middle");
    const std::string leaf = host.snapshot("leaf");
    Recorder recorder(host.server);
    const auto seen =
        recorder.up_to_end_of(PrlVm_DeleteSnapshot(host.vm, middle.c_str(), with_children));
    EXPECT_EQ(seen.back().code, PRL_ERR_SUCCESS);
    EXPECT_EQ(states_in(seen), (std::vector<PRL_INT32>{VMS_DELETING_STATE, VMS_STOPPED}));
    EXPECT_EQ(std::ranges::count(seen, PET_DSP_EVT_VM_STATE_DELETED, &Seen::event), 1);
    EXPECT_EQ(std::ranges::count(seen, PET_DSP_EVT_VM_SNAPSHOTS_TREE_CHANGED, &Seen::event), 1);
    const std::string tree = host.tree();
    EXPECT_EQ(item_of(tree, middle), "");
    EXPECT_EQ(item_of(tree, leaf).empty(), with_children == PRL_TRUE);
    EXPECT_NE(item_of(tree, with_children ? root : leaf).find("current=\"yes\""),
              std::string::npos);
    EXPECT_EQ(count_of(tree, "current="), 1u);
    EXPECT_EQ(host.switch_to(root), PRL_ERR_SUCCESS);
    EXPECT_EQ(host.switch_to(leaf),
              with_children ? PRL_ERR_VM_SNAPSHOT_NOT_FOUND : PRL_ERR_SUCCESS);
  }
}

TEST(DeleteSnapshot, OfTheLastLeavesAnEmptyTree) {
  const Host host("running");
  const std::string uuid = host.snapshot();
  EXPECT_NE(text_result_of(PrlVm_GetTotalSnapshotsSize(host.vm, 0)), "0");
  EXPECT_EQ(host.remove(uuid), PRL_ERR_SUCCESS);
  EXPECT_EQ(host.tree(), "");
  EXPECT_EQ(text_result_of(PrlVm_GetTotalSnapshotsSize(host.vm, 0)), "0");
  EXPECT_EQ(state_of(host.vm), VMS_RUNNING);
}

// clients 4.6
TEST(GetSnapshotsTree, HasTheShapeThatClientsRead) {
  const Host host;
  const std::string parent =
      text_result_of(PrlVm_CreateSnapshot(host.vm, "<one> & \"two\"", "three ]]> four\nfive"));
  const std::string child = host.snapshot("child");
  const std::string tree = host.tree();
  EXPECT_EQ(tree, text_result_of(PrlVm_GetSnapshotsTreeEx(host.vm, PGST_WITHOUT_SCREENSHOTS)));
  const std::regex shape(
      R"(<\?xml version="1.0"\?>\s*<ParallelsSavedStates>\s*<SavedStateItem guid="">\s*)"
      R"(<SavedStateItem guid="\{[-0-9a-f]{36}\}" state="poweroff">\s*)"
      R"(<Name>&lt;one&gt; &amp; "two"</Name>\s*)"
      R"(<DateTime>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d</DateTime>[^]*<Description><!\[CDATA\[three )"
      R"([^]*<SavedStateItem guid="[^"]*" current="yes" state="poweroff">[^]*)"
      R"(</SavedStateItem>\s*</SavedStateItem>\s*</SavedStateItem>\s*</ParallelsSavedStates>\s*)");
  EXPECT_TRUE(std::regex_match(tree, shape)) << tree;
  EXPECT_LT(tree.find(parent), tree.find(child));
}

TEST(UpdateSnapshotData, ChangesNameAndDescriptionInAnyState) {
  for (const std::string& state : stable_states()) {
    const Host host(state);
    const std::string uuid = host.snapshot("old");
    Recorder recorder(host.server);
    const auto seen = recorder.up_to_end_of(
        PrlVm_UpdateSnapshotData(host.vm, uuid.c_str(), "new name", "new text"));
    EXPECT_EQ(seen.back().code, PRL_ERR_SUCCESS);
    EXPECT_TRUE(states_in(seen).empty());
    EXPECT_EQ(std::ranges::count(seen, PET_DSP_EVT_VM_SNAPSHOTS_TREE_CHANGED, &Seen::event), 1);
    EXPECT_NE(host.tree().find("<Name>new name</Name>"), std::string::npos);
    EXPECT_NE(host.tree().find("<![CDATA[new text]]>"), std::string::npos);
  }
}

TEST(ASnapshotUnderWay, KeepsEverythingElseOut) {
  const Host host;
  const Handle job(PrlVm_CreateSnapshot(host.vm, "", ""));
  PrlSim_AdvanceTime(10);
  EXPECT_EQ(state_of(host.vm), VMS_SNAPSHOTING);
  EXPECT_EQ(finish(PrlVm_Delete(host.vm, kNoHandle)), PRL_ERR_VM_LOCKED_FOR_CREATE_SNAPSHOT);
  EXPECT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_DISP_VM_COMMAND_CANT_BE_EXECUTED);
  EXPECT_EQ(finish(PrlVm_CreateSnapshot(host.vm, "", "")),
            PRL_ERR_DISP_VM_COMMAND_CANT_BE_EXECUTED);
  ASSERT_EQ(finish(PrlVm_BeginEdit(host.vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_Commit(host.vm)), PRL_ERR_VM_LOCKED_FOR_CREATE_SNAPSHOT);
  ASSERT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(job), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_SUCCESS);
}

// vm-lifecycle 8, invariants 26 and 30
TEST(AFault, LeavesVmAndTreeAsTheyWere) {
  for (const std::string& state : stable_states()) {
    for (const std::string call :
         {"PrlVm_CreateSnapshot", "PrlVm_SwitchToSnapshotEx", "PrlVm_DeleteSnapshot"}) {
      SCOPED_TRACE(state + " " + call);
      const std::string skip = call == "PrlVm_CreateSnapshot" ? "1" : "0";
      const Session session(host_with_vm(state) + "[[fault]]\nname = \"rule\"\nmatch = { call = " +
                            '"' + call + "\" }\ntrigger = { skip = " + skip +
                            " }\neffect = { kind = \"fail\", code = \"PRL_ERR_TIMEOUT\" }\n");
      const Handle vm = vm_by_name(session.server, "vm");
      const auto before = state_of(vm);
      const std::string uuid = text_result_of(PrlVm_CreateSnapshot(vm, "", ""));
      const std::string tree = text_result_of(PrlVm_GetSnapshotsTree(vm));
      PRL_RESULT code = PRL_ERR_SUCCESS;
      if (call == "PrlVm_CreateSnapshot") code = finish(PrlVm_CreateSnapshot(vm, "", ""));
      if (call == "PrlVm_SwitchToSnapshotEx") {
        code = finish(PrlVm_SwitchToSnapshotEx(vm, uuid.c_str(), 0));
      }
      if (call == "PrlVm_DeleteSnapshot") {
        code = finish(PrlVm_DeleteSnapshot(vm, uuid.c_str(), PRL_FALSE));
      }
      EXPECT_EQ(code, PRL_ERR_TIMEOUT);
      EXPECT_EQ(state_of(vm), before);
      EXPECT_EQ(text_result_of(PrlVm_GetSnapshotsTree(vm)), tree);
      EXPECT_EQ(finish(PrlVm_SwitchToSnapshot(vm, uuid.c_str())), PRL_ERR_SUCCESS);
      EXPECT_EQ(state_of(vm), before);
    }
  }
}

// vm-lifecycle 8, invariant 41
TEST(ATemplate, IsNeitherStartedNorSnapshot) {
  const Host host;
  ASSERT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_SUCCESS);
  ASSERT_EQ(finish(PrlVm_BeginEdit(host.vm)), PRL_ERR_SUCCESS);
  PrlVmCfg_SetTemplateSign(host.vm, PRL_TRUE);
  EXPECT_EQ(finish(PrlVm_Commit(host.vm)), PRL_ERR_VM_EDIT_UNABLE_CONVERT_TO_TEMPLATE);
  ASSERT_EQ(finish(PrlVm_Stop(host.vm, PRL_FALSE)), PRL_ERR_SUCCESS);
  ASSERT_EQ(finish(PrlVm_BeginEdit(host.vm)), PRL_ERR_SUCCESS);
  PrlVmCfg_SetTemplateSign(host.vm, PRL_TRUE);
  ASSERT_EQ(finish(PrlVm_Commit(host.vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_CANT_TO_START_VM_TEMPLATE);
  EXPECT_EQ(finish(PrlVm_StartEx(host.vm, PSM_VM_START, 0)), PRL_ERR_CANT_TO_START_VM_TEMPLATE);
  EXPECT_EQ(finish(PrlVm_CreateSnapshot(host.vm, "", "")),
            PRL_ERR_CANT_TO_MANAGE_SNAPSHOT_VM_TEMPLATE);
}

// vm-lifecycle 8.44.
TEST(Snapshot, EndsWithTheProcessOfItsVm) {
  for (const char* state : {"running", "paused"}) {
    for (const bool removes : {false, true}) {
      SCOPED_TRACE(std::string(state) + (removes ? ", removed" : ", taken"));
      const Host host(state);
      const std::string first = host.snapshot("first");
      const std::string before = host.tree();
      const Handle job(removes ? PrlVm_DeleteSnapshot(host.vm, first.c_str(), PRL_FALSE)
                               : PrlVm_CreateSnapshot(host.vm, "second", ""));
      ASSERT_EQ(state_of(host.vm), removes ? VMS_DELETING_STATE : VMS_SNAPSHOTING);
      ASSERT_EQ(PrlSim_Strike("kill_vm", "vm", 0), PRL_ERR_SUCCESS);
      EXPECT_EQ(state_of(host.vm), VMS_STOPPING);
      EXPECT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
      EXPECT_EQ(code_of(job), PRL_ERR_VM_ABORT);
      EXPECT_EQ(state_of(host.vm), VMS_STOPPED);
      EXPECT_EQ(host.tree(), before);
      EXPECT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_SUCCESS) << "the lock is free";
    }
  }
}

// There is none to die.
TEST(Snapshot, OfAStoppedVmHearsOfNoDeath) {
  const Host host("stopped");
  const Handle job(PrlVm_CreateSnapshot(host.vm, "first", ""));
  ASSERT_EQ(state_of(host.vm), VMS_SNAPSHOTING);
  (void)PrlSim_Strike("kill_vm", "vm", 0);
  EXPECT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(job), PRL_ERR_SUCCESS);
  EXPECT_EQ(state_of(host.vm), VMS_STOPPED);
}

}  // namespace
}  // namespace prl::tests
