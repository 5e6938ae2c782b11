#include "simulator/profile.h"

#include <string>

namespace prl::sim {

namespace {

// The hypervisor below says no, and the dispatcher passes its words on (vm-lifecycle 2.2).
Outcome state_failure(State state, const VmConfig& config) {
  return {OutcomeKind::kFailure, {config.name + " is " + std::string(state_word(state))}};
}

// Where what is done to the VM takes no lock the hypervisor says no.
Outcome held(State state, const VmConfig& config) {
  Outcome locked = virtuozzo_lock(state, config);
  return locked.ok() ? Outcome(OutcomeKind::kInvalidAction) : locked;
}

}  // namespace

Outcome virtuozzo_lock(State state, const VmConfig& config) {
  switch (state) {
    case State::kStarting:
    case State::kResuming: return {OutcomeKind::kLockedForExecute, {config.name}};
    // A suspend takes the lock of a stop, and the start of a paused VM that of a resume.
    case State::kStopping:
    case State::kSuspending:
    case State::kSuspendingSync:
    case State::kContinuing: return {OutcomeKind::kLockedForInternalReason, {config.name}};
    default:
      return {};
  }
}

std::string_view profile_name(Profile profile) {
  return profile == Profile::kDesktop ? "desktop" : "virtuozzo";
}

std::optional<Profile> parse_profile(std::string_view name) {
  for (const Profile profile : {Profile::kDesktop, Profile::kVirtuozzo}) {
    if (name == profile_name(profile)) return profile;
  }
  return std::nullopt;
}

std::optional<State> told_state(Profile profile, State told, State from, State to,
                                bool restores_live) {
  if (profile == Profile::kDesktop) return to;
  // The VM stands still while its snapshot is taken, and is killed before one that runs takes its
  // place (vm-lifecycle 2.3).
  if (to == State::kSnapshoting && from == State::kRunning) return State::kPaused;
  if (to == State::kRestoring && is_live(from) && restores_live) return State::kStopped;
  if (is_transitional(to)) return std::nullopt;
  // What a switch ends in is announced even if it is what the VM was.
  if (from == State::kRestoring || to != told) return to;
  return std::nullopt;
}

std::optional<VmNotice> raw_event(State from, State to) {
  switch (to) {
    case State::kStarting:
      return VmNotice::kAboutToStartInit;
    case State::kResuming:
      return VmNotice::kResuming;
    case State::kSuspending:
      return VmNotice::kSuspending;
    case State::kSuspendingSync:
      return VmNotice::kSuspended;
    case State::kStopping:
      return VmNotice::kAboutToStartDeinit;
    case State::kResetting:
      return VmNotice::kReset;
    case State::kSnapshoting:
      return VmNotice::kSnapshoting;
    case State::kRestoring:
      return VmNotice::kRestoring;
    case State::kDeletingState:
      return VmNotice::kDeletingState;
    case State::kPaused:
      if (from == State::kPausing) return VmNotice::kPaused;
      return std::nullopt;
    case State::kRunning:
      if (from == State::kStarting || from == State::kResetting) return VmNotice::kStarted;
      if (from == State::kResuming || from == State::kContinuing) return VmNotice::kContinued;
      return std::nullopt;
    case State::kStopped:
    case State::kSuspended:
      if (from == State::kStopping) return VmNotice::kStopped;
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

std::optional<Outcome> virtuozzo_refusal(Command command, State state, const VmConfig& config,
                                         bool is_refused_in_desktop) {
  // There is no handler for it (vm-lifecycle 2.4).
  if (command == Command::kCompact) return OutcomeKind::kUnrecognizedRequest;
  if (!is_refused_in_desktop) return std::nullopt;
  const bool is_in_transit = is_transitional(state);
  switch (command) {
    case Command::kStart:
    case Command::kResume:
      if (state == State::kMounted) return Outcome{OutcomeKind::kLockedForInternalReason,
                                                   {config.name}};
      return is_in_transit ? held(state, config) : state_failure(state, config);
    case Command::kStopKill:
    case Command::kSuspend:
      return is_in_transit ? held(state, config) : OutcomeKind::kInvalidAction;
    case Command::kStopGraceful:
      return is_in_transit ? held(state, config) : OutcomeKind::kVmNotRunning;
    case Command::kMount:
      if (is_in_transit) return held(state, config);
      return std::nullopt;
    // These take no lock at all.
    case Command::kCreateSnapshot:
    case Command::kSwitchToSnapshot:
    case Command::kDeleteSnapshot:
      if (is_in_transit) return OutcomeKind::kInvalidAction;
      return std::nullopt;
    case Command::kPause:
      return state_failure(state, config);
    case Command::kReset:
    case Command::kRestart: return OutcomeKind::kInvalidAction;
    default: return std::nullopt;
  }
}

}  // namespace prl::sim
