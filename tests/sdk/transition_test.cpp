// Every cell of fixtures/vm_transitions.csv as a client meets it, one test for each: the code and
// the parameters of its message, all events in order and the job's end among them, the states that
// were announced, and where the VM is then.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <set>
#include <sstream>

#include "tests/model/transition_rows.h"
#include "tests/sdk/transition_stage.h"

namespace prl::tests {
namespace {

using Row = model::TransitionRow;

std::string event_text(PRL_EVENT_TYPE type) {
  static const std::map<PRL_EVENT_TYPE, std::string> names = {
      {PET_DSP_EVT_VM_STATE_CHANGED, "VM_STATE_CHANGED"},
      {PET_DSP_EVT_VM_CONFIG_CHANGED, "VM_CONFIG_CHANGED"},
      {PET_DSP_EVT_VM_CONFIG_APPLIED, "VM_CONFIG_APPLIED"},
      {PET_DSP_EVT_VM_ADDITION_STATE_CHANGED, "VM_ADDITION_STATE_CHANGED"},
      {PET_DSP_EVT_VM_ADDED, "VM_ADDED"},
      {PET_DSP_EVT_VM_DELETED, "VM_DELETED"},
      {PET_DSP_EVT_VM_UNREGISTERED, "VM_UNREGISTERED"},
      {PET_DSP_EVT_VM_STARTED, "VM_STARTED"},
      {PET_DSP_EVT_VM_STOPPED, "VM_STOPPED"},
      {PET_DSP_EVT_VM_RESETED, "VM_RESETED"},
      {PET_DSP_EVT_VM_ABOUT_TO_RESET, "VM_ABOUT_TO_RESET"},
      {PET_DSP_EVT_VM_SUSPENDING, "VM_SUSPENDING"},
      {PET_DSP_EVT_VM_SUSPENDED, "VM_SUSPENDED"},
      {PET_DSP_EVT_VM_RESUMING, "VM_RESUMING"},
      {PET_DSP_EVT_VM_PAUSED, "VM_PAUSED"},
      {PET_DSP_EVT_VM_CONTINUED, "VM_CONTINUED"},
      {PET_DSP_EVT_VM_SNAPSHOTED, "VM_SNAPSHOTED"},
      {PET_DSP_EVT_VM_RESTORED, "VM_RESTORED"},
      {PET_DSP_EVT_VM_SNAPSHOTING, "VM_SNAPSHOTING"},
      {PET_DSP_EVT_VM_RESTORING, "VM_RESTORING"},
      {PET_DSP_EVT_VM_SNAPSHOTS_TREE_CHANGED, "VM_SNAPSHOTS_TREE_CHANGED"},
      {PET_DSP_EVT_VM_DELETING_STATE, "VM_DELETING_STATE"},
      {PET_DSP_EVT_VM_STATE_DELETED, "VM_STATE_DELETED"},
      {PET_DSP_EVT_VM_ABOUT_TO_START_DEINIT, "VM_ABOUT_TO_START_DEINIT"},
      {PET_DSP_EVT_VM_ABOUT_TO_START_INIT, "VM_ABOUT_TO_START_INIT"},
      {PET_DSP_EVT_VM_MEMORY_SWAPPING_FINISHED, "VM_MEMORY_SWAPPING_FINISHED"},
      {PET_DSP_EVT_VM_COMPACT_PROCESSING, "VM_COMPACT_PROCESSING"},
      {PET_DSP_EVT_VM_COMPACT_FINISHED, "VM_COMPACT_FINISHED"},
      {PET_DSP_EVT_VM_MIGRATE_STARTED, "VM_MIGRATE_STARTED"},
      {PET_DSP_EVT_VM_MIGRATE_PROGRESS_CHANGED, "VM_MIGRATE_PROGRESS_CHANGED"},
      {PET_DSP_EVT_VM_MIGRATE_FINISHED, "VM_MIGRATE_FINISHED"},
  };
  const auto found = names.find(type);
  return found == names.end() ? std::to_string(type) : found->second;
}

// JOB is the end of this one; what becomes of others is told too, and is no part of the cell.
std::string events_text(const std::vector<Seen>& seen, PRL_HANDLE job) {
  std::string text;
  for (const Seen& one : seen) {
    if (one.kind == PHT_JOB && one.handle != job) continue;
    text += (text.empty() ? "" : " ") + (one.kind == PHT_JOB ? "JOB" : event_text(one.event));
  }
  return text;
}

std::string states_text(const std::vector<Seen>& seen) {
  std::string text;
  for (const PRL_INT32 state : states_in(seen)) {
    text += (text.empty() ? "" : " ~> ") + state_text(state);
  }
  return text;
}

std::string code_text(PRL_RESULT code) {
  if (code == PRL_ERR_SUCCESS) return "";
  std::ostringstream digits;
  digits << std::hex << (static_cast<uint32_t>(code) & 0x7fffffffu);
  return digits.str();
}

// What stands for a name or an identity in the table is looked up; `detail` is whatever the host
// has to say.
std::string parameters_text(PRL_HANDLE job, PRL_HANDLE vm, const std::string& expected) {
  Handle error;
  EXPECT_EQ(PrlJob_GetError(job, error.out()), PRL_ERR_SUCCESS);
  PRL_UINT32 count = 0;
  EXPECT_EQ(PrlEvent_GetParamsCount(error, &count), PRL_ERR_SUCCESS);
  std::string text;
  for (PRL_UINT32 i = 0; i < count; ++i) {
    Handle parameter;
    const std::string name = "vm_message_param_" + std::to_string(i);
    EXPECT_EQ(PrlEvent_GetParamByName(error, name.c_str(), parameter.out()), PRL_ERR_SUCCESS)
        << name;
    std::string value = text_of([&](PRL_STR buffer, PRL_UINT32_PTR length) {
      return PrlEvtPrm_ToString(parameter, buffer, length);
    });
    if (value == "vm") value = "name";
    if (value == uuid_of(vm)) value = "uuid";
    if (value == kUnknownSnapshot) value = "snapshot";
    if (expected == "detail" && !value.empty()) value = "detail";
    text += (text.empty() ? "" : " ") + value;
  }
  return text;
}

void check(const Row& row) {
  const Stage stage(row.profile, row.state, row.command);
  ASSERT_EQ(stage.told(), stage.expected());
  Recorder recorder(stage.server());
  const Handle job(stage.give());
  ASSERT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
  const std::string end = stage.told();
  // Nothing follows later.
  if (stage.is_quiet()) PrlSim_AdvanceTime(5000);
  ASSERT_EQ(PrlSim_AwaitHandlers(60'000), PRL_ERR_SUCCESS);
  const std::vector<Seen> seen = recorder.up_to(job);
  EXPECT_EQ(code_text(code_of(job)), row.code);
  if (PRL_FAILED(code_of(job))) {
    EXPECT_EQ(parameters_text(job, stage.vm(), row.parameters), row.parameters);
  }
  EXPECT_EQ(states_text(seen), row.announced);
  EXPECT_EQ(events_text(seen, job), row.events);
  EXPECT_EQ(end, row.end);
}

class Cell : public testing::Test {
 public:
  explicit Cell(const Row& row) : row_(row) {}
  void TestBody() override { check(row_); }

 private:
  const Row row_;
};

// No client meets a VM before it has been discovered: those cells are the machine's.
bool is_reachable(const Row& row) {
  return row.state != "UNKNOWN";
}

std::map<std::string, size_t> register_cells(const std::vector<Row>& rows) {
  std::map<std::string, size_t> counts;
  for (const Row& row : rows) {
    if (!is_reachable(row)) continue;
    const std::string suite = row.profile == "desktop" ? "Cells/Desktop" : "Cells/Virtuozzo";
    testing::RegisterTest(suite.c_str(), (row.state + "_" + row.command).c_str(), nullptr, nullptr,
                          __FILE__, __LINE__, [row]() -> Cell* { return new Cell(row); });
    ++counts[row.profile];
  }
  return counts;
}

// Which commands each state of a profile has rows for; all of them but in the states that only
// some commands ask about.
TEST(Table, HasEveryCommandInEveryState) {
  static const std::set<std::string> kPartly = {"UNKNOWN", "RUNNING_EX", "PAUSED_EX",
                                                "LOCKED",  "TEMPLATE",   "UNREGISTERED"};
  std::map<std::pair<std::string, std::string>, std::multiset<std::string>> commands;
  for (const Row& row : model::read_transition_rows(PRLSIM_SOURCE_DIR)) {
    commands[{row.profile, row.state}].insert(row.command);
    EXPECT_TRUE(row.spec.starts_with("vm-lifecycle ")) << row.state << " " << row.command;
    EXPECT_TRUE(row.evidence.starts_with("[")) << row.state << " " << row.command;
  }
  std::vector<std::string> known = stage_commands();
  for (const auto& [cell, listed] : commands) {
    if (kPartly.contains(cell.second)) continue;
    std::multiset<std::string> wanted(known.begin(), known.end());
    EXPECT_TRUE(listed == wanted) << cell.first << " " << cell.second;
  }
  EXPECT_EQ(commands.size(), 44u);
}

}  // namespace
}  // namespace prl::tests

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  size_t cells = 0;
  for (const auto& [profile, count] :
       prl::tests::register_cells(prl::model::read_transition_rows(PRLSIM_SOURCE_DIR))) {
    std::printf("count transition_cells_%s %zu\n", profile.c_str(), count);
    cells += count;
  }
  std::printf("count transition_cells %zu\n", cells);
  return RUN_ALL_TESTS();
}
