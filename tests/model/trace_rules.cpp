#include "tests/model/trace_rules.h"

#include <algorithm>
#include <array>
#include <map>
#include <string>

#include "tests/model/outcome_codes.h"

namespace prl::model {
namespace {

using Acts = std::vector<Act>;
using States = std::vector<State>;

bool is_start(Act act) {
  return act == Act::kStart || act == Act::kStartEx || act == Act::kResume;
}
bool has(const States& states, State state) {
  return std::ranges::find(states, state) != states.end();
}

const std::map<std::string_view, Acts>& functions() {
  static const Acts kStop = {Act::kKill, Act::kShutdown};
  static const Acts kSwitch = {Act::kSwitch, Act::kSwitchToImage};
  // A linked clone takes a snapshot first.
  static const Acts kClone = {Act::kClone, Act::kCreateSnapshot};
  static const std::map<std::string_view, Acts> kFunctions = {
      {"PrlVm_Start", {Act::kStart}},
      {"PrlVm_StartEx", {Act::kStartEx}},
      {"PrlVm_Resume", {Act::kResume}},
      {"PrlVm_Stop", kStop},
      {"PrlVm_StopEx", kStop},
      {"PrlVm_Pause", {Act::kPause}},
      {"PrlVm_Suspend", {Act::kSuspend}},
      {"PrlVm_DropSuspendedState", {Act::kDrop}},
      {"PrlVm_Reset", {Act::kReset}},
      {"PrlVm_Restart", {Act::kRestart}},
      {"PrlVm_CreateSnapshot", {Act::kCreateSnapshot}},
      {"PrlVm_CreateSnapshotEx", {Act::kCreateSnapshot}},
      {"PrlVm_SwitchToSnapshot", kSwitch},
      {"PrlVm_SwitchToSnapshotEx", kSwitch},
      {"PrlVm_DeleteSnapshot", {Act::kDeleteSnapshot}},
      {"PrlVm_Clone", kClone},
      {"PrlVm_CloneEx", kClone},
      {"PrlVm_CloneWithUuid", kClone},
      {"PrlVm_Unreg", {Act::kUnregister}},
      {"PrlVm_Delete", {Act::kDelete}},
      {"PrlVm_BeginEdit", {Act::kBeginEdit}},
      {"PrlVm_Commit", {Act::kCommit}},
      {"PrlVm_CommitEx", {Act::kCommit}},
      {"PrlVm_Lock", {Act::kLock}},
      {"PrlVm_Unlock", {Act::kUnlock}},
      {"PrlVm_Compact", {Act::kCompact}},
      {"PrlVm_Mount", {Act::kMount}},
      {"PrlVm_Umount", {Act::kUmount}},
  };
  return kFunctions;
}

}  // namespace

Acts acts_of(std::string_view function) {
  const auto found = functions().find(function);
  return found == functions().end() ? Acts() : found->second;
}

std::optional<Act> act_of_answer(std::string_view word) {
  static const std::map<std::string_view, Act> kAnswers = {{"pause", Act::kAskToPause},
                                                           {"suspend", Act::kAskToSuspend},
                                                           {"stop", Act::kAskToStop},
                                                           {"ignore", Act::kAskInVain}};
  const auto found = kAnswers.find(word);
  if (found == kAnswers.end()) return std::nullopt;
  return found->second;
}

// 4.5, and a restored VM takes the place of the one that there is.
bool may_do_anything(std::string_view function) {
  return function.starts_with("PrlSrv_Shutdown") || function.starts_with("PrlVm_Migrate") ||
         function.find("Restore") != std::string_view::npos;
}

bool is_end(State from, State to) {
  static const std::map<State, States> kEnds = {
      {State::kStarting, {State::kRunning, State::kStopped}},
      {State::kResuming, {State::kRunning, State::kSuspended}},
      {State::kPausing, {State::kPaused, State::kRunning}},
      {State::kContinuing, {State::kRunning, State::kPaused}},
      {State::kSuspending, {State::kSuspendingSync, State::kRunning, State::kPaused}},
      {State::kSuspendingSync, {State::kSuspended, State::kRunning, State::kPaused}},
      {State::kStopping,
       {State::kStopped, State::kSuspended, State::kRunning, State::kPaused, State::kStarting,
        State::kResuming}},
      {State::kResetting, {State::kRunning, State::kPaused}},
      {State::kCompacting, {State::kStopped}},
  };
  const bool is_about_snapshots =
      from == State::kSnapshoting || from == State::kRestoring || from == State::kDeletingState;
  if (is_about_snapshots) return is_off(to) || is_live(to);
  const auto found = kEnds.find(from);
  return found != kEnds.end() && has(found->second, to);
}

bool is_begun_by(State from, State to, Act act) {
  switch (to) {
    case State::kStarting:
      return is_start(act) && from == State::kStopped;
    case State::kResuming:
      return is_start(act) && from == State::kSuspended;
    case State::kContinuing:
      return is_start(act) && from == State::kPaused;
    case State::kPausing:
      return (act == Act::kPause || act == Act::kAskToPause || act == Act::kAskInVain) &&
             from == State::kRunning;
    case State::kSuspending:
      if (act == Act::kAskToSuspend) return from == State::kRunning;
      return act == Act::kSuspend && is_live(from);
    case State::kResetting:
      return act == Act::kReset && is_live(from);
    case State::kStopping:
      if (act == Act::kShutdown || act == Act::kAskToStop) return from == State::kRunning;
      return act == Act::kKill &&
             (is_live(from) || from == State::kStarting || from == State::kResuming);
    case State::kSnapshoting:
      return act == Act::kCreateSnapshot && (is_off(from) || is_live(from));
    case State::kRestoring:
      return (act == Act::kSwitch || act == Act::kSwitchToImage) && (is_off(from) || is_live(from));
    case State::kDeletingState:
      return act == Act::kDeleteSnapshot && (is_off(from) || is_live(from));
    case State::kCompacting:
      return act == Act::kCompact && from == State::kStopped;
    case State::kMounted:
      return act == Act::kMount && from == State::kStopped;
    case State::kStopped:
      return (act == Act::kUmount && from == State::kMounted) ||
             (act == Act::kDrop && from == State::kSuspended);
    default:
      return false;
  }
}

bool is_death(State from, State to) {
  static const States kWithProcess = {
      State::kStarting,       State::kRunning,    State::kPausing,
      State::kPaused,         State::kContinuing, State::kSuspending,
      State::kSuspendingSync, State::kResuming,   State::kResetting};
  return to == State::kStopping && has(kWithProcess, from);
}

States ends_of(Act act) {
  switch (act) {
    case Act::kStart:
    case Act::kStartEx:
    case Act::kResume:
    case Act::kReset:
    case Act::kRestart:
      return {State::kRunning};
    case Act::kKill:
    case Act::kShutdown:
      return {State::kStopped, State::kSuspended};
    case Act::kPause:
    case Act::kAskToPause:
      return {State::kPaused};
    case Act::kAskInVain:
      return {State::kUnknown};  // it does not succeed
    case Act::kSuspend:
    case Act::kAskToSuspend:
      return {State::kSuspended};
    case Act::kAskToStop:
    case Act::kDrop:
    case Act::kUmount:
      return {State::kStopped};
    case Act::kCreateSnapshot:
    case Act::kSwitch:
    case Act::kSwitchToImage:
    case Act::kDeleteSnapshot:
      return {State::kStopped, State::kSuspended, State::kRunning, State::kPaused};
    default:
      return {};
  }
}

std::optional<State> state_called(std::string_view name) {
  for (uint8_t i = 0; i < kStateCount; ++i) {
    if (state_name(static_cast<State>(i)) == name) return static_cast<State>(i);
  }
  return std::nullopt;
}

std::optional<Code> code_called(std::string_view outcome) {
  static const auto kCodes = [] {
    constexpr int kKindsMax = 1000;  // more than there are; the rest have no name
    std::map<std::string_view, Code> codes;
    for (int i = 0; i < kKindsMax; ++i) {
      const auto kind = static_cast<sim::OutcomeKind>(i);
      const std::string_view name = sim::outcome_name(kind);
      if (name != "Unknown") codes.emplace(name, code_of(sim::Outcome(kind)));
    }
    return codes;
  }();
  const auto found = kCodes.find(outcome);
  if (found == kCodes.end()) return std::nullopt;
  return found->second;
}

bool is_free_of_rights(Profile profile, Act act) {
  constexpr std::array kActs = {
      Act::kStart,    Act::kStartEx,       Act::kResume,         Act::kKill,
      Act::kShutdown, Act::kPause,         Act::kAskToPause,     Act::kSuspend,
      Act::kDrop,     Act::kReset,         Act::kRestart,        Act::kCreateSnapshot,
      Act::kSwitch,   Act::kSwitchToImage, Act::kDeleteSnapshot, Act::kDeleteSubtree};
  return profile == Profile::kVirtuozzo && std::ranges::find(kActs, act) != kActs.end();
}

// Not 0x38106, with which many functions are refused that the model does not know.
bool is_about_states(Code code) {
  constexpr std::array<Code, 17> kCodes = {0x103,   0x104,   0x377,   0x416,   0x489,   0x516,
                                           0x557,   0x595,   0x38100, 0x38104, 0x38105, 0x38110,
                                           0x38111, 0x38112, 0x38117, 0x46600, 0x46601};
  return std::ranges::find(kCodes, code) != kCodes.end();
}

}  // namespace prl::model
