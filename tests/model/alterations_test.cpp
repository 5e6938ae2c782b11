// Do the checks notice when the lifecycle is not the one that the notes describe? Every cell of the
// tables is altered in turn, in every way that it has, and both the tables themselves and the walk
// beside the reference model must find it, each on its own. Cells of the state UNKNOWN only the
// tables see: no walk comes there.
#include <gtest/gtest.h>

#include <iostream>
#include <sstream>

#include "tests/model/altered_rules.h"
#include "tests/model/trace_check.h"
#include "tests/model/walk.h"
#include "tests/simulator/silent_session.h"

namespace prl::model {
namespace {

using Script = std::vector<Move>;

const sim::Profile kProfiles[] = {sim::Profile::kDesktop, sim::Profile::kVirtuozzo};

std::vector<Act> acts_to(sim::State state) {
  using sim::State;
  switch (state) {
    case State::kStarting:
    case State::kRunning:
      return {Act::kStart};
    case State::kPausing:
    case State::kPaused:
      return {Act::kStart, Act::kPause};
    case State::kContinuing:
      return {Act::kStart, Act::kPause, Act::kStart};
    case State::kSuspending:
    case State::kSuspendingSync:
    case State::kSuspended:
      return {Act::kStart, Act::kSuspend};
    case State::kResuming:
      return {Act::kStart, Act::kSuspend, Act::kResume};
    case State::kStopping:
      return {Act::kStart, Act::kKill};
    case State::kResetting:
      return {Act::kStart, Act::kReset};
    case State::kSnapshoting:
      return {Act::kCreateSnapshot};
    case State::kRestoring:
      return {Act::kSwitch};
    case State::kDeletingState:
      return {Act::kDeleteSnapshot};
    case State::kCompacting:
      return {Act::kCompact};
    case State::kMounted:
      return {Act::kMount};
    case State::kUnknown:
    case State::kStopped:
      break;
  }
  return {};
}

Act act_of(sim::Command command) {
  using sim::Command;
  switch (command) {
    case Command::kStart:
      return Act::kStart;
    case Command::kStopKill:
      return Act::kKill;
    case Command::kStopGraceful:
      return Act::kShutdown;
    case Command::kPause:
      return Act::kPause;
    case Command::kSuspend:
      return Act::kSuspend;
    case Command::kResume:
      return Act::kResume;
    case Command::kDropSuspendedState:
      return Act::kDrop;
    case Command::kReset:
      return Act::kReset;
    case Command::kRestart:
      return Act::kRestart;
    case Command::kCreateSnapshot:
      return Act::kCreateSnapshot;
    case Command::kSwitchToSnapshot:
      return Act::kSwitch;
    case Command::kDeleteSnapshot:
      return Act::kDeleteSnapshot;
    case Command::kCompact:
      return Act::kCompact;
    case Command::kMount:
      return Act::kMount;
    case Command::kUmount:
      return Act::kUmount;
  }
  return Act::kStart;
}

Move order(Act act) {
  return {.kind = Move::Kind::kOrder, .order = {.act = act}};
}

bool is_in(const Walk& walk, sim::State state) {
  return sim::state_name(state) == state_name(walk.model().vms[0].state);
}

// Goes on until the model says that nothing is under way.
std::string settle(Walk& walk) {
  std::string difference;
  while (difference.empty() && next_due_ms(walk.model())) difference = walk.take({});
  return difference;
}

// A VM that has a snapshot is brought to the state of the cell, which the model must confirm, and
// is given the command. Returns how the world differs from the model; empty: not at all.
std::string walk_into(const Cell& cell, std::shared_ptr<const sim::PowerRules> rules) {
  const bool is_virtuozzo = cell.profile == sim::Profile::kVirtuozzo;
  Walk walk({.profile = is_virtuozzo ? Profile::kVirtuozzo : Profile::kDesktop,
             .rules = std::move(rules)});
  std::string difference = walk.take(order(Act::kCreateSnapshot));
  if (difference.empty()) difference = settle(walk);
  for (const Act act : acts_to(cell.state)) {
    if (difference.empty()) difference = settle(walk);
    if (difference.empty()) difference = walk.take(order(act));
  }
  while (difference.empty() && !is_in(walk, cell.state) && next_due_ms(walk.model())) {
    difference = walk.take({});
  }
  if (!difference.empty()) return difference;
  if (!is_in(walk, cell.state)) return "the script does not reach the cell";
  difference = walk.take(order(act_of(cell.command)));
  return difference.empty() ? settle(walk) : difference;
}

// No client meets a VM before it has been discovered.
bool is_reachable(const Cell& cell) {
  return cell.state != sim::State::kUnknown;
}

TEST(EveryCell, IsKeptByTheRulesAndByTheWorld) {
  const auto rules = std::make_shared<sim::PowerRules>();
  size_t cells = 0;
  for (const sim::Profile profile : kProfiles) {
    for (const Cell& cell : read_cells(PRLSIM_SOURCE_DIR, profile)) {
      EXPECT_EQ(check_cell(*rules, cell), "") << cell_text(cell);
      if (is_reachable(cell)) {
        EXPECT_EQ(walk_into(cell, rules), "") << cell_text(cell);
      }
      ++cells;
    }
  }
  std::cout << "count cells " << cells << "\n";
}

TEST(EveryAlteration, OfACellIsNoticedByTheTablesAndByTheModel) {
  size_t altered = 0;
  size_t killed = 0;
  size_t not_walked = 0;
  for (const sim::Profile profile : kProfiles) {
    for (const Alteration& alteration : alterations_of(read_cells(PRLSIM_SOURCE_DIR, profile))) {
      ++altered;
      const Cell& cell = alteration.cell;
      const bool in_tables = !check_cell(AlteredRules(alteration), cell).empty();
      const bool in_walk = !is_reachable(cell) ||
                           !walk_into(cell, std::make_shared<AlteredRules>(alteration)).empty();
      EXPECT_TRUE(in_tables) << "unnoticed by the tables: " << alteration_text(alteration);
      EXPECT_TRUE(in_walk) << "unnoticed by the model: " << alteration_text(alteration);
      killed += in_tables && in_walk ? 1 : 0;
      not_walked += is_reachable(cell) ? 0 : 1;
    }
  }
  std::cout << "count alterations " << altered << "\n"
            << "count alterations_killed " << killed << "\n"
            << "count alterations_not_walked " << not_walked << "\n";
}

// The function of the API that clients give the command with; empty where it takes a snapshot that
// there is none of, or where it may only ask how things are.
sim::FunctionName function_of(sim::Command command) {
  using sim::Command;
  switch (command) {
    case Command::kStopKill:
    case Command::kStopGraceful:
      return "PrlVm_StopEx";
    case Command::kSwitchToSnapshot:
    case Command::kDeleteSnapshot:
    case Command::kCompact:
    case Command::kMount:
      break;
    case Command::kStart:
      return "PrlVm_Start";
    case Command::kPause:
      return "PrlVm_Pause";
    case Command::kSuspend:
      return "PrlVm_Suspend";
    case Command::kResume:
      return "PrlVm_Resume";
    case Command::kDropSuspendedState:
      return "PrlVm_DropSuspendedState";
    case Command::kReset:
      return "PrlVm_Reset";
    case Command::kRestart:
      return "PrlVm_Restart";
    case Command::kCreateSnapshot:
      return "PrlVm_CreateSnapshot";
    case Command::kUmount:
      return "PrlVm_Umount";
  }
  return "";
}

// What the trace says of a world with these rules, in which a VM in that state gets the command.
std::string trace_of(const Cell& cell, std::shared_ptr<const sim::PowerRules> rules) {
  sim::WorldOptions options;
  options.clock = {.mode = sim::ClockSpec::Mode::kVirtual};
  options.profile = cell.profile;
  options.rules = std::move(rules);
  options.kept_trace_lines = 1000;
  const sim::Uuid vm = sim::Uuid::from_random(1, 1);
  options.vms.push_back(
      {.uuid = vm, .name = "vm", .ram_mib = 4, .cpu_count = 1, .state = cell.state});
  sim::SilentSession session;
  sim::World world(std::move(options));
  const auto ignore = [](const sim::Report&) {};
  world.login("PrlSrv_LoginLocal", session, ignore);
  world.advance(10);
  world.command(function_of(cell.command), vm, {.command = cell.command, .disk_mask = 1}, ignore);
  world.advance(5000);
  return world.trace().kept() + "      9999 world ends\n";
}

std::string violation_in(const std::string& trace) {
  std::istringstream stream(trace);
  return check_trace(stream).violation;
}

// A trace does not say what clients are told, and of a stop it does not say which kind it was.
TEST(EveryAlteration, OfCodeAndTargetIsNoticedInATrace) {
  size_t altered = 0;
  const auto cells = read_cells(PRLSIM_SOURCE_DIR, sim::Profile::kDesktop);
  for (const Alteration& alteration : alterations_of(cells)) {
    const Cell& cell = alteration.cell;
    const bool is_stop = function_of(cell.command) == "PrlVm_StopEx";
    const bool is_seen =
        alteration.way == Way::kTarget || (alteration.way == Way::kCode && !is_stop);
    const bool is_at_rest = is_reachable(cell) && !sim::is_transitional(cell.state) &&
                            cell.state != sim::State::kMounted;
    if (function_of(cell.command).empty() || !is_at_rest || !is_seen) continue;
    ++altered;
    const auto truth = std::make_shared<sim::PowerRules>();
    EXPECT_EQ(violation_in(trace_of(cell, truth)), "") << cell_text(cell);
    const std::string trace = trace_of(cell, std::make_shared<AlteredRules>(alteration));
    EXPECT_NE(violation_in(trace), "") << alteration_text(alteration) << "\n" << trace;
  }
  std::cout << "count alterations_seen_in_traces " << altered << "\n";
}

}  // namespace
}  // namespace prl::model
