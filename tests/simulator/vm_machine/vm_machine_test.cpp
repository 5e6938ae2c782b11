// The lifecycle against its oracle, fixtures/vm_transitions.csv, and rule by rule.
#include "simulator/vm_machine/vm_machine.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iostream>
#include <map>
#include <set>
#include <sstream>

#include "simulator/power_rules.h"
#include "tests/model/cells.h"
#include "tests/simulator/vm_machine/recording_actions.h"

namespace prl::sim {
namespace {

using States = std::vector<State>;
using Asked = std::vector<std::string>;

std::string read_file(const std::string& name) {
  std::ifstream file(std::string(PRLSIM_SOURCE_DIR) + "/" + name);
  EXPECT_TRUE(file) << name;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(Oracle, DescribesEveryCellOnceAndNamesItsSource) {
  std::set<std::pair<State, Command>> cells;
  for (const model::Cell& cell : model::read_cells(PRLSIM_SOURCE_DIR, Profile::kDesktop)) {
    EXPECT_TRUE(cells.emplace(cell.state, cell.command).second) << model::cell_text(cell);
    EXPECT_EQ(cell.spec.rfind("vm-lifecycle ", 0), 0u) << model::cell_text(cell);
    EXPECT_EQ(cell.evidence.substr(0, 1), "[") << model::cell_text(cell);
  }
  EXPECT_EQ(cells.size(), kStateCount * kCommandCount);
}

TEST(Oracle, AgreesWithTheMachineInEveryCell) {
  const auto cells = model::read_cells(PRLSIM_SOURCE_DIR, Profile::kDesktop);
  for (const model::Cell& cell : cells) {
    EXPECT_EQ(model::check_cell(PowerRules(), cell), "") << model::cell_text(cell);
  }
  std::cout << "count machine_cells " << cells.size() << "\n";
}

TEST(Discovery, AnnouncesTheStateThatWasFound) {
  const std::map<Completion, State> found = {{Completion::kFoundStopped, State::kStopped},
                                             {Completion::kFoundSuspended, State::kSuspended},
                                             {Completion::kFoundRunning, State::kRunning},
                                             {Completion::kFoundPaused, State::kPaused}};
  for (const auto& [completion, state] : found) {
    MachineUnderTest vm(State::kUnknown);
    EXPECT_TRUE(vm.machine.apply(completion));
    EXPECT_EQ(vm.actions.announced, States{state});
    EXPECT_FALSE(vm.machine.apply(completion));
  }
}

// vm-lifecycle 8, invariant 27
TEST(SwitchToSnapshot, EndsInWhateverStateIsFound) {
  const std::map<Completion, State> found = {{Completion::kFoundStopped, State::kStopped},
                                             {Completion::kFoundSuspended, State::kSuspended},
                                             {Completion::kFoundRunning, State::kRunning},
                                             {Completion::kFoundPaused, State::kPaused}};
  for (const State before : {State::kStopped, State::kRunning, State::kPaused, State::kSuspended}) {
    for (const auto& [completion, state] : found) {
      MachineUnderTest vm(before);
      ASSERT_EQ(vm.machine.apply(Command::kSwitchToSnapshot), Refusal::kNone);
      EXPECT_TRUE(vm.machine.apply(completion));
      EXPECT_EQ(vm.actions.announced, (States{State::kRestoring, state}));
      EXPECT_EQ(vm.actions.asked, Asked{"begin_restore"});
    }
  }
}

TEST(Restart, AnnouncesNothing) {
  MachineUnderTest vm(State::kRunning);
  EXPECT_EQ(vm.machine.apply(Command::kRestart), Refusal::kNone);
  EXPECT_TRUE(vm.actions.announced.empty());
  EXPECT_EQ(vm.machine.state(), State::kRunning);
}

TEST(Announcement, FindsTheMachineInTheAnnouncedState) {
  struct Listener : RecordingActions {
    void announce(State state) override { EXPECT_EQ(machine->state(), state); }
    const VmMachine* machine = nullptr;
  } listener;
  VmMachine machine(listener);
  listener.machine = &machine;
  machine.apply(Completion::kFoundStopped);
  machine.apply(Command::kStart);
  EXPECT_EQ(machine.state(), State::kStarting);
}

struct Request {
  State before;
  Command command;
  const char* asked;
};

TEST(Command, AsksForItsPhase) {
  const Request requests[] = {
      {State::kStopped, Command::kStart, "begin_boot"},
      {State::kSuspended, Command::kStart, "begin_image_read"},
      {State::kPaused, Command::kStart, "begin_thaw"},
      {State::kRunning, Command::kPause, "begin_freeze"},
      {State::kRunning, Command::kSuspend, "begin_image_write"},
      {State::kPaused, Command::kSuspend, "begin_image_write"},
      {State::kSuspended, Command::kDropSuspendedState, "drop_image"},
      {State::kRunning, Command::kStopKill, "begin_power_off"},
      {State::kPaused, Command::kStopKill, "begin_power_off"},
      {State::kStarting, Command::kStopKill, "begin_power_off"},
      {State::kResuming, Command::kStopKill, "begin_power_off"},
      {State::kRunning, Command::kStopGraceful, "begin_shutdown"},
      {State::kRunning, Command::kReset, "begin_reset"},
      {State::kPaused, Command::kReset, "begin_reset"},
      {State::kRunning, Command::kRestart, "reboot_guest"},
      {State::kSuspended, Command::kCreateSnapshot, "begin_snapshot"},
      {State::kPaused, Command::kDeleteSnapshot, "begin_snapshot_removal"},
      {State::kStopped, Command::kCompact, "begin_compact"},
      {State::kRunning, Command::kCompact, "compact_now"},
  };
  for (const Request& request : requests) {
    SCOPED_TRACE(std::string(state_name(request.before)) + " + " +
                 std::string(command_name(request.command)));
    MachineUnderTest vm(request.before);
    ASSERT_EQ(vm.machine.apply(request.command), Refusal::kNone);
    EXPECT_EQ(vm.actions.asked, Asked{request.asked});
  }
}

TEST(Done, AsksForWhatFollowsThePhase) {
  const std::map<State, Asked> followed = {
      {State::kStarting, {}},
      {State::kPausing, {}},
      {State::kContinuing, {}},
      {State::kSuspending, {"begin_image_flush"}},
      {State::kSuspendingSync, {"end_process"}},
      {State::kResuming, {"drop_image"}},
      {State::kStopping, {"end_process"}},
      {State::kResetting, {}},
      {State::kCompacting, {}},
  };
  for (const auto& [state, asked] : followed) {
    SCOPED_TRACE(state_name(state));
    MachineUnderTest vm(state);
    ASSERT_TRUE(vm.finish());
    EXPECT_EQ(vm.actions.asked, asked);
  }
}

struct Rollback {
  State before;
  Command command;
  Asked undo;
};

TEST(Failure, ReturnsToTheStateBeforeTheCommand) {
  const Rollback rollbacks[] = {
      {State::kStopped, Command::kStart, {"end_process"}},
      {State::kRunning, Command::kPause, {}},
      {State::kPaused, Command::kStart, {}},
      {State::kRunning, Command::kSuspend, {"abandon_image"}},
      {State::kPaused, Command::kSuspend, {"abandon_image"}},
      {State::kSuspended, Command::kResume, {"end_process"}},
      {State::kRunning, Command::kStopKill, {}},
      {State::kRunning, Command::kStopGraceful, {}},
      {State::kPaused, Command::kStopKill, {}},
      {State::kStarting, Command::kStopKill, {"begin_boot"}},
      {State::kResuming, Command::kStopKill, {"begin_image_read"}},
      {State::kRunning, Command::kReset, {}},
      {State::kPaused, Command::kReset, {}},
      {State::kStopped, Command::kCompact, {}},
  };
  for (const Rollback& rollback : rollbacks) {
    SCOPED_TRACE(std::string(state_name(rollback.before)) + " + " +
                 std::string(command_name(rollback.command)));
    MachineUnderTest vm(rollback.before);
    const bool had_image = vm.actions.has_image;
    ASSERT_EQ(vm.machine.apply(rollback.command), Refusal::kNone);
    vm.actions.forget();
    EXPECT_TRUE(vm.machine.apply(Completion::kFailed));
    EXPECT_EQ(vm.actions.announced, States{rollback.before});
    EXPECT_EQ(vm.actions.asked, rollback.undo);
    EXPECT_EQ(vm.actions.has_image, had_image);
  }
}

TEST(Suspend, WaitsForTheImageBeforeItSyncs) {
  MachineUnderTest vm(State::kSuspending);
  EXPECT_FALSE(vm.machine.apply(Completion::kDone));
  EXPECT_EQ(vm.machine.state(), State::kSuspending);
  vm.actions.has_image = true;
  EXPECT_TRUE(vm.machine.apply(Completion::kDone));
  EXPECT_EQ(vm.actions.announced, States{State::kSuspendingSync});
}

TEST(Suspend, DropsItsCompleteImageWhenTheSyncFailsAndRemembersThatItWasPaused) {
  MachineUnderTest vm(State::kPaused);
  vm.machine.apply(Command::kSuspend);
  vm.finish();
  ASSERT_EQ(vm.machine.state(), State::kSuspendingSync);
  EXPECT_TRUE(vm.machine.apply(Completion::kFailed));
  EXPECT_EQ(vm.machine.state(), State::kPaused);
  EXPECT_FALSE(vm.actions.has_image);
}

TEST(Suspend, OfAPausedVmResumesToRunning) {
  MachineUnderTest vm(State::kRunning);
  for (Command command : {Command::kPause, Command::kSuspend, Command::kResume}) {
    ASSERT_EQ(vm.machine.apply(command), Refusal::kNone);
    while (is_transitional(vm.machine.state())) ASSERT_TRUE(vm.finish());
  }
  EXPECT_EQ(vm.machine.state(), State::kRunning);
  EXPECT_EQ(vm.actions.asked, (Asked{"begin_freeze", "begin_image_write", "begin_image_flush",
                                     "end_process", "begin_image_read", "drop_image"}));
}

TEST(Kill, OfAResumingVmKeepsTheImageAndEndsSuspended) {
  MachineUnderTest vm(State::kResuming);
  vm.machine.apply(Command::kStopKill);
  vm.finish();
  EXPECT_EQ(vm.actions.announced, (States{State::kStopping, State::kSuspended}));
  EXPECT_EQ(vm.actions.asked, (Asked{"begin_power_off", "end_process"}));
}

TEST(ProcessDeath, EndsStoppedOrSuspendedDependingOnTheImage) {
  for (size_t i = 0; i < kStateCount; ++i) {
    const auto before = static_cast<State>(i);
    SCOPED_TRACE(state_name(before));
    MachineUnderTest vm(before);
    const bool resumable = vm.actions.has_image;  // SUSPENDING_SYNC and RESUMING: invariant 45
    const bool has_process =
        is_live(before) || before == State::kSnapshoting || before == State::kDeletingState;
    ASSERT_EQ(vm.machine.apply(Completion::kProcessDied), has_process);
    if (!has_process) continue;
    const State after = resumable ? State::kSuspended : State::kStopped;
    if (before != State::kStopping) {
      EXPECT_EQ(vm.actions.asked, Asked{"begin_clean_up"});
      EXPECT_FALSE(vm.machine.apply(Completion::kFailed)) << "nothing is left that could fail";
      ASSERT_TRUE(vm.finish());
      EXPECT_EQ(vm.actions.announced, (States{State::kStopping, after}));
    }
    EXPECT_EQ(vm.machine.state(), after);
    EXPECT_EQ(vm.actions.asked.back(), "end_process");
  }
}

// vm-lifecycle 2.5.
TEST(Guest, CanPowerItselfOffOrBootAnewWhereItRuns) {
  for (size_t i = 0; i < kStateCount; ++i) {
    const auto before = static_cast<State>(i);
    SCOPED_TRACE(state_name(before));
    const bool runs = before == State::kRunning;
    MachineUnderTest rebooting(before);
    ASSERT_EQ(rebooting.machine.apply(Completion::kGuestRebooted), runs);
    EXPECT_EQ(rebooting.machine.state(), before);
    EXPECT_EQ(rebooting.actions.asked, runs ? Asked{"reboot_guest"} : Asked());
    MachineUnderTest leaving(before);
    ASSERT_EQ(leaving.machine.apply(Completion::kGuestLeft), runs);
    if (!runs) continue;
    ASSERT_TRUE(leaving.finish());
    EXPECT_EQ(leaving.actions.announced, (States{State::kStopping, State::kStopped}));
    EXPECT_EQ(leaving.actions.asked, (Asked{"begin_clean_up", "end_process"}));
  }
}

TEST(Freeze, PausesARunningVmWithoutAPhase) {
  MachineUnderTest vm(State::kRunning);
  ASSERT_TRUE(vm.machine.apply(Completion::kFroze));
  EXPECT_FALSE(vm.machine.apply(Completion::kFroze));
  ASSERT_TRUE(vm.machine.apply(Completion::kThawed));
  EXPECT_FALSE(vm.machine.apply(Completion::kThawed));
  EXPECT_EQ(vm.actions.announced, (States{State::kPaused, State::kRunning}));
  EXPECT_TRUE(vm.actions.asked.empty());
}

TEST(DiskMachine, TellsWhatTheVmIsOnceWhenItGivesItBack) {
  for (const State state : {State::kStopped, State::kRunning, State::kPaused, State::kSuspended}) {
    SCOPED_TRACE(state_name(state));
    MachineUnderTest vm(state);
    ASSERT_EQ(vm.machine.apply(Command::kCreateSnapshot), Refusal::kNone);
    ASSERT_TRUE(vm.finish());
    EXPECT_EQ(vm.actions.announced, (States{State::kSnapshoting, state}));
    EXPECT_EQ(vm.machine.state(), state);
  }
}

TEST(DiskMachine, LeavesNothingForThePowerMachineToDoMeanwhile) {
  for (const State state : {State::kSnapshoting, State::kRestoring, State::kDeletingState}) {
    SCOPED_TRACE(state_name(state));
    MachineUnderTest vm(state);
    for (const auto completion :
         {Completion::kGuestLeft, Completion::kGuestRebooted, Completion::kFroze}) {
      EXPECT_FALSE(vm.machine.apply(completion)) << completion_name(completion);
    }
    EXPECT_EQ(vm.machine.state(), state);
    EXPECT_TRUE(vm.actions.asked.empty());
  }
}

TEST(DiskMachine, GivesTheVmBackAsItIsFoundAndThePowerMachineGoesOnFromThere) {
  MachineUnderTest vm(State::kRunning);
  ASSERT_EQ(vm.machine.apply(Command::kSwitchToSnapshot), Refusal::kNone);
  ASSERT_TRUE(vm.machine.apply(Completion::kFoundPaused));
  ASSERT_EQ(vm.machine.apply(Command::kSuspend), Refusal::kNone);
  ASSERT_TRUE(vm.machine.apply(Completion::kFailed));
  EXPECT_EQ(vm.actions.announced,
            (States{State::kRestoring, State::kPaused, State::kSuspending, State::kPaused}));
}

TEST(DiskMachine, CompactsARunningVmWithoutTakingIt) {
  MachineUnderTest vm(State::kRunning);
  ASSERT_EQ(vm.machine.apply(Command::kCompact), Refusal::kNone);
  EXPECT_EQ(vm.actions.asked, std::vector<std::string>{"compact_now"});
  EXPECT_TRUE(vm.actions.announced.empty());
  // Nor does it keep what it saw then.
  ASSERT_EQ(vm.machine.apply(Command::kStopKill), Refusal::kNone);
  ASSERT_TRUE(vm.finish());
  EXPECT_EQ(vm.machine.apply(Command::kMount), Refusal::kNone);
  EXPECT_EQ(vm.machine.state(), State::kMounted);
}

TEST(Copy, OfAVmInTheDiskMachineGoesBackToThePowerMachine) {
  MachineUnderTest vm(State::kDeletingState);
  RecordingActions copied_actions;
  VmMachine copy(vm.machine, copied_actions);
  EXPECT_EQ(copy.state(), State::kDeletingState);
  ASSERT_TRUE(copy.apply(Completion::kFoundRunning));
  EXPECT_EQ(copy.apply(Command::kPause), Refusal::kNone);
  EXPECT_EQ(copied_actions.announced, (States{State::kRunning, State::kPausing}));
  EXPECT_EQ(vm.machine.state(), State::kDeletingState);
}

TEST(Copy, KeepsStateAndOriginAndAsksTheNewActionsOnly) {
  MachineUnderTest vm(State::kPaused);
  vm.machine.apply(Command::kSuspend);
  vm.actions.forget();
  RecordingActions copied_actions;
  VmMachine copy(vm.machine, copied_actions);
  EXPECT_EQ(copy.state(), State::kSuspending);
  EXPECT_TRUE(copied_actions.announced.empty());
  EXPECT_TRUE(copy.apply(Completion::kFailed));
  EXPECT_EQ(copied_actions.announced, States{State::kPaused});
  EXPECT_EQ(vm.machine.state(), State::kSuspending);
  EXPECT_TRUE(vm.actions.announced.empty());
}

TEST(Transitions, ReachEveryStateAndUseEveryTrigger) {
  std::set<State> reached = {State::kUnknown};
  std::set<std::string_view> triggers;
  for (const Transition& row : transitions()) {
    reached.insert(row.to);
    triggers.insert(row.trigger);
    EXPECT_TRUE(row.from != row.to || row.from == State::kRunning)
        << "a state would be announced twice in a row";
  }
  EXPECT_EQ(reached.size(), kStateCount);
  EXPECT_EQ(triggers.size(), kCommandCount - 1 + kCompletionCount)
      << "Resume uses the rows of Start";
}

TEST(Transitions, GiveEveryTransitionalStateAWayOutForDoneAndProcessDied) {
  std::set<std::pair<State, std::string_view>> ways;
  for (const Transition& row : transitions()) ways.emplace(row.from, row.trigger);
  for (size_t i = 0; i < kStateCount; ++i) {
    const auto state = static_cast<State>(i);
    SCOPED_TRACE(state_name(state));
    const bool ends_with_a_phase = is_transitional(state) && !is_about_snapshots(state);
    EXPECT_EQ(ways.count({state, "Done"}), ends_with_a_phase ? 1u : 0u);
    EXPECT_EQ(ways.count({state, "Failed"}), ends_with_a_phase ? 1u : 0u);
    for (const char* found : {"FoundStopped", "FoundSuspended", "FoundRunning", "FoundPaused"}) {
      const bool can_be_found = is_about_snapshots(state) || state == State::kUnknown;
      EXPECT_EQ(ways.count({state, found}), can_be_found ? 1u : 0u);
    }
    const bool has_process =
        is_live(state) || state == State::kSnapshoting || state == State::kDeletingState;
    EXPECT_EQ(ways.count({state, "ProcessDied"}), has_process ? 1u : 0u);
  }
}

TEST(Diagram, IsTheOneInTheDocumentation) {
  EXPECT_EQ(read_file("docs/vm_machine.dot"), to_dot())
      << "after a change of a table: vm_machine_dot > docs/vm_machine.dot";
}

}  // namespace
}  // namespace prl::sim
