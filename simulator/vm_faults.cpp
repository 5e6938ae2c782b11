// What goes wrong with one VM: its phases, its process, its guest.
#include <utility>

#include "simulator/config_rules.h"
#include "simulator/property_tree.h"
#include "simulator/vm.h"

namespace prl::sim {

namespace {

constexpr uint64_t kCrashWindowMs = 24 * 3'600'000;  // vm-lifecycle 7
constexpr int64_t kReports = 1 << 12;                // of the options: POCO_REPORT

// The defaults are those of a new VM (config-model 5); mode 0 leaves it paused.
bool restarts_on_crash(const VmConfig& config) {
  return number_setting(config, kCrashMode).value_or(1) != 0;
}
bool reports_crashes(const VmConfig& config) {
  const auto options = number_setting(config, "Settings.Runtime.OnCrash.Options");
  return (options.value_or(kReports) & kReports) != 0;
}
uint64_t crash_limit(const VmConfig& config) {
  const auto limit = number_setting(config, "Settings.Runtime.OnCrash.Limit");
  return static_cast<uint64_t>(limit.value_or(3));
}

Outcome image_outcome(Fault::Kind kind, const std::string& path) {
  switch (kind) {
    case Fault::Kind::kNewerImage:
      return {OutcomeKind::kImageOfNewerVersion, {path + ": of a newer version"}};
    case Fault::Kind::kForeignImage:
      return {OutcomeKind::kImageOfAnotherVm, {path + ": of another VM"}};
    default:
      return {OutcomeKind::kImageOfAnotherCpu, {path + ": of another processor"}};
  }
}

}  // namespace

// REQUIRES: the operation has a fault in its middle, and its phase has just begun.
void Vm::strike_operation() {
  const Fault fault = *operation_->fault;
  switch (fault.kind) {
    case Fault::Kind::kNewerImage:
    case Fault::Kind::kForeignImage:
    case Fault::Kind::kOtherCpuImage:
      if (!current_->reads_image) return;
      current_->work = [kind = fault.kind, path = image_path()] {
        return image_outcome(kind, path);
      };
      break;
    case Fault::Kind::kFail:
      current_->duration_ms /= 2;
      strike_phase(fault);
      break;
    case Fault::Kind::kHang:
    case Fault::Kind::kDelay:
      strike_phase(fault);
      break;
    case Fault::Kind::kTimeOut:
      surroundings_.report_later(operation_, current_->duration_ms / 2);
      current_->late_ms += fault.delay_ms;
      break;
    default:
      surroundings_.act_later(*operation_, current_->duration_ms / 2);
  }
  surroundings_.note_fault(*operation_);
  operation_->fault.reset();
  // Nobody can finish it any more, not even a kill.
  if (fault.kind != Fault::Kind::kHang) return;
  if (operation_->cancellation) operation_->cancellation->close();
  operation_ = nullptr;
}

void Vm::strike_phase(const Fault& fault) {
  if (!current_) return;
  switch (fault.kind) {
    case Fault::Kind::kFail:
      current_->on_done = nullptr;
      current_->work = nullptr;
      current_->end = [this, end = current_->end, injected = injected_outcome(fault)](Outcome) {
        if (end) return end(injected);
        end_phase(injected);
      };
      break;
    case Fault::Kind::kHang:
      current_->is_hung = true;
      break;
    case Fault::Kind::kDelay:
      current_->late_ms += fault.delay_ms;
      break;
    default:
      break;
  }
}

// 2.5 ignores it while a snapshot takes the place of what the VM was.
bool Vm::die(bool is_announced) {
  const bool has_process = is_live(state_) || (is_about_snapshots(state_) && ram_);
  if (!has_process || state_ == State::kRestoring) return false;
  const bool was_stopping = state_ == State::kStopping;
  if (operation_ && !was_stopping) failure_ = {OutcomeKind::kVmProcessDied, {config().name}};
  ++phase_;  // whatever it was doing never ends
  if (is_announced && surroundings_.profile() == Profile::kDesktop) {
    surroundings_.notice(*this, VmNotice::kAborted);
  }
  has_died_ = true;
  machine_.apply(Completion::kProcessDied);
  finish_if_settled();
  return true;
}

// Of one that has died ABORTED is all.
void Vm::tell_raw_event(State from) {
  if (!has_died_) {
    if (const auto raw = raw_event(from, state_)) surroundings_.notice(*this, *raw);
  }
  if (!is_transitional(state_)) has_died_ = false;
}

bool Vm::panic() {
  const bool is_virtuozzo = surroundings_.profile() == Profile::kVirtuozzo;
  if (!is_virtuozzo || state_ != State::kRunning) return die(true);
  CrashPolicy policy = {.reports = reports_crashes(config()),
                        .restarts = restarts_on_crash(config())};
  if (policy.restarts && policy.reports && is_one_crash_too_many()) {
    policy.restarts = false;
    has_given_up_ = true;
  }
  crash_policy_ = policy;
  machine_.apply(Command::kPause);
  return true;
}

// The report comes first (vm-lifecycle 4.6), of a guest that is still there.
void Vm::follow(const CrashPolicy& policy) {
  if (!is_live(state_)) return;
  if (policy.reports) {
    reported_crash_ = surroundings_.date_seconds();
    surroundings_.notice(*this, VmNotice::kProblemReportCreated);
  }
  if (policy.restarts) machine_.apply(Command::kReset);
}

// Counts it. The one that is too many begins the count anew (vm-lifecycle 4.6).
bool Vm::is_one_crash_too_many() {
  const uint64_t now_ms = surroundings_.now_ms();
  std::erase_if(crashes_ms_, [&](uint64_t at_ms) { return now_ms - at_ms >= kCrashWindowMs; });
  crashes_ms_.push_back(now_ms);
  const uint64_t limit = crash_limit(config());
  if (limit == 0 || crashes_ms_.size() < limit) return false;
  crashes_ms_.clear();
  return true;
}

bool Vm::guest_leaves() { return machine_.apply(Completion::kGuestLeft); }

bool Vm::guest_reboots() { return machine_.apply(Completion::kGuestRebooted); }

// V keeps its memory in an image, as a suspend does. In desktop the guest has it on its own disk
// and powers itself off (vm-lifecycle 2.5).
bool Vm::guest_hibernates() {
  if (surroundings_.profile() == Profile::kDesktop) return guest_leaves();
  return state_ == State::kRunning && machine_.apply(Command::kSuspend) == Refusal::kNone;
}

// False where the answer is left to the machine's pause, or is none. What the guest makes of the
// client's wish is the client's command to the machine, so that a failure rolls it back.
bool Vm::ask_to_sleep() {
  sleep_answer_ = surroundings_.asked_to_sleep(*this);
  surroundings_.note_guest(*this, "asked to sleep: " + std::string(sleep_word(*sleep_answer_)));
  switch (*sleep_answer_) {
    case SleepAnswer::kSuspend: return machine_.apply(Command::kSuspend) == Refusal::kNone;
    case SleepAnswer::kStop: return machine_.apply(Command::kStopKill) == Refusal::kNone;
    case SleepAnswer::kPause:
    case SleepAnswer::kIgnore: return false;
  }
  return false;
}

bool Vm::freeze(Freeze cause) {
  if (state_ != State::kRunning) return false;
  tell_freeze(cause, true);
  machine_.apply(Completion::kFroze);
  frozen_by_ = cause;
  return true;
}

bool Vm::thaw(Freeze cause) {
  if (state_ != State::kPaused || frozen_by_ != cause) return false;
  tell_freeze(cause, false);
  machine_.apply(Completion::kThawed);
  return true;
}

// Of a guest that sleeps nothing is told but the state of its VM.
void Vm::tell_freeze(Freeze cause, bool begins) {
  if (surroundings_.profile() != Profile::kDesktop || cause == Freeze::kByGuestSleep) return;
  const bool is_sleep = cause == Freeze::kByHostSleep;
  surroundings_.notice(*this, begins ? is_sleep ? VmNotice::kPausedByHostSleep : VmNotice::kFrozen
                              : is_sleep ? VmNotice::kContinuedByHostWakeup
                                         : VmNotice::kUnfrozen);
}

}  // namespace prl::sim
