#include "simulator/vm.h"

#include <optional>
#include <utility>

#include "simulator/config_rules.h"

namespace prl::sim {

namespace {

constexpr uint64_t kStartLimitMs = 300'000;  // of a job of profile V

// A backup keeps out what replaces the files that it reads (vm-lifecycle 5.2).
Beside beside(Command command) {
  const bool replaces = is_about_snapshots(command) || command == Command::kCompact;
  return replaces ? Beside::kNothing : Beside::kBackup;
}

}  // namespace

Vm::Vm(VmSurroundings& surroundings, VmRecord record)
    : surroundings_(surroundings),
      record_(std::move(record)),
      own_machine_(surroundings.rules().make_machine(*this)),
      is_marked_(is_marked(config())) {}

Vm::~Vm() = default;

void Vm::configure(VmConfig config) {
  record_.config = std::move(config);
  is_marked_ = is_marked(record_.config);
}

// ---- Commands --------------------------------------------------------------------------------

// What keeps the command from the VM, in the order in which the product looks.
Outcome Vm::check_command(const CommandRequest& request, const Operation& operation) const {
  const Profile profile = surroundings_.profile();
  const Command command = request.command;
  const Refusal reason = machine_.would_refuse(command);
  if (reason != Refusal::kNone || !surroundings_.has_plain_rules()) {
    Outcome refused = surroundings_.rules().refusal(profile, command, state_, config(), reason);
    if (!refused.ok()) return refused;
  }
  // Its disks belong to the memory that is saved (vm-lifecycle 2.2).
  const bool is_suspended = profile == Profile::kDesktop && state_ == State::kSuspended;
  if (request.starts_to_compact && is_suspended) {
    return {OutcomeKind::kWrongStateToCompact, {config().name}};
  }
  if (frozen_by_ != Freeze::kNone) {
    if (Outcome refused = check_frozen(command); !refused.ok()) return refused;
  }
  if (is_dropping()) return {OutcomeKind::kLockedForInternalReason, {config().name}};  // 5.1
  if (operation_ && !may_cut_in(operation)) {
    return {OutcomeKind::kLockedForExecute, {config().name}};
  }
  if (!tasks_.is_empty()) {
    if (Outcome refused = tasks_.check(config().name, beside(command)); !refused.ok()) {
      return refused;
    }
  }
  if (is_marked_) {
    if (Outcome refused = check_marks(config()); !refused.ok()) return refused;
  }
  if (is_about_snapshots(command)) {
    if (Outcome refused = check_undo(command); !refused.ok()) return refused;
    return check_snapshot_order(request);
  }
  return command == Command::kCompact ? check_compaction(request.disk_mask) : Outcome();
}

void Vm::run(const CommandRequest& request, const OperationPtr& operation) {
  if (is_marked_) {
    Outcome refused = check_template(config(), request.command);
    if (!refused.ok()) return surroundings_.finish(operation, std::move(refused));
  }
  if (is_about_mount_beside(request)) {
    return surroundings_.finish(operation, change_mount_beside(request));
  }
  const bool is_desktop = surroundings_.profile() == Profile::kDesktop;
  const bool starts = request.command == Command::kStart || request.command == Command::kResume;
  if (!is_desktop && starts && operation->has_waited && state_ == State::kRunning) {
    return surroundings_.finish(operation, Outcome());  // started meanwhile (vm-lifecycle 2.2)
  }
  if (Outcome refused = check_command(request, *operation); !refused.ok()) {
    return surroundings_.finish(operation, std::move(refused));
  }
  if (request.command == Command::kCompact) disk_mask_ = request.disk_mask;
  if (request.command == Command::kMount) set_mount_path(request);
  if (request.command == Command::kDropSuspendedState) return run_drop(operation);
  if (!is_live(state_)) started_by_ex_ = request.extended_start;
  const OperationPtr interrupted = std::exchange(operation_, operation);
  // One that had failed before, and was waiting for the VM to be up again, says so.
  const auto failed = std::exchange(failure_, std::nullopt);
  if (request.snapshot) order_ = *request.snapshot;
  spares_guest_ = request.spares_guest;
  sleep_answer_.reset();
  // V ignores the wish (vm-lifecycle 4.1).
  const bool asks_guest = request.asks_guest && is_desktop;
  if (!asks_guest || !ask_to_sleep()) machine_.apply(request.command);
  allow_cancelling();
  limit_start();
  if (interrupted) {
    const Outcome cut_short{OutcomeKind::kStartInterrupted, {config().name}};
    surroundings_.finish(interrupted, failed.value_or(cut_short));
  }
  finish_if_settled();
}

// A start holds its lock against the stop of another session, StartEx of desktop does not
// (vm-lifecycle 5.2, rule 6; V has one handler for both). Nor does either against the host itself,
// which in V leaves alone what is in the middle of something.
bool Vm::may_cut_in(const Operation& operation) const {
  if (operation_->session == operation.session) return true;
  return surroundings_.profile() == Profile::kDesktop && (started_by_ex_ || !operation.session);
}

// Desktop can take a suspend back while the image is being written (vm-lifecycle 5.4); power
// commands are no tasks, so that nobody can cancel them.
void Vm::allow_cancelling() {
  const bool is_suspend =
      state_ == State::kSuspending && surroundings_.profile() == Profile::kDesktop;
  if (!operation_ || !operation_->cancellation) return;
  if (!is_suspend && state_ != State::kCompacting) return;
  operation_->cancellation->allow([weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->cancel();
  });
}

// In V the job of a start ends at its limit, while the VM comes up all the same. That of a resume
// has none (vm-lifecycle 2.2).
void Vm::limit_start() {
  if (surroundings_.profile() != Profile::kVirtuozzo || !operation_ || !current_) return;
  if (state_ != State::kStarting && state_ != State::kContinuing) return;
  if (current_->duration_ms + current_->late_ms <= kStartLimitMs) return;
  surroundings_.after(kStartLimitMs, [weak = weak_from_this(), operation = operation_] {
    const auto self = weak.lock();
    if (!self || self->operation_ != operation) return;
    self->operation_.reset();
    self->surroundings_.finish(operation, {OutcomeKind::kStartTimedOut, {self->config().name}});
  });
}

// REQUIRES: something is under way that can be taken back.
void Vm::cancel() {
  ++phase_;  // what has been scheduled for its end does nothing
  end_phase({OutcomeKind::kCancelled, {config().name}});
}

bool Vm::cancel_compact() {
  if (state_ != State::kCompacting) return false;
  cancel();
  return true;
}

// ---- States ----------------------------------------------------------------------------------

void Vm::end_process() {
  ram_.reset();
  layers_.clear();
  vcpus_.clear();
}

void Vm::drop_image() { image_exists_ = false; }

void Vm::announce(State state) {
  const State from = std::exchange(state_, state);
  const bool falls_asleep = from == State::kPausing && state == State::kPaused && sleep_answer_;
  frozen_by_ = falls_asleep ? Freeze::kByGuestSleep : Freeze::kNone;
  if (from == State::kSuspending && operation_ && operation_->cancellation) {
    operation_->cancellation->close();
  }
  if (runs_guest(from)) catch_guest_up();
  count_uptime(state);
  if (runs_guest(state)) run_start_ms_ = surroundings_.now_ms();
  if (discovering_) {
    told_ = state;
    return;
  }
  freeze_screens(state);
  if (driver_) schedule_drive();
  const auto told =
      surroundings_.has_plain_rules()
          ? state
          : surroundings_.rules().told(surroundings_.profile(), told_, from, state, restores_live_);
  told_ = told.value_or(told_);
  if (surroundings_.tells_raw_events()) tell_raw_event(from);
  surroundings_.state_changed(*this, from, state, told);
  if (from == State::kStopped && changes_apart_) surroundings_.withdraw_question(*this);
  if (state == State::kStopped) leave_changes();
}

void Vm::freeze_screens(State state) {
  const bool stops = state == State::kPausing || state == State::kSuspending;
  const bool goes_on = state == State::kRunning || state == State::kStopped;
  if (!stops && !goes_on) return;
  if (!screen_freeze_) screen_freeze_ = surroundings_.screen_freeze(*this, stops);
  if (!screen_freeze_) return;  // they never stood still
  if (stops) screen_freeze_->begin(surroundings_.now_ms());
  if (goes_on) screen_freeze_->end();
}

}  // namespace prl::sim
