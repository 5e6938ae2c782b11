// The phases of what a VM does: how they begin, take their time and end.
#include <optional>
#include <utility>

#include "simulator/vm.h"

namespace prl::sim {

namespace {

constexpr uint64_t kGuestLimitMs = 120'000;  // to do what it is asked for

}  // namespace

void Vm::begin_phase(Phase&& phase) {
  *next_phase() = std::move(phase);
  go_through_phase();
}

// One that only takes time.
void Vm::begin_wait(uint64_t duration_ms) {
  next_phase()->duration_ms = duration_ms;
  go_through_phase();
}

// An empty one, which is the current one from now on.
const Vm::PhasePtr& Vm::next_phase() {
  ++phase_;
  current_ = idle_phase_ ? std::move(idle_phase_) : std::make_shared<Phase>();
  return current_;
}

void Vm::go_through_phase() {
  if (operation_ && operation_->fault && operation_->fault->phase == JobPhase::kMiddle) {
    strike_operation();
  } else if (current_->is_instant) {
    return run_phase();
  }
  if (current_->is_hung) return;
  if (operation_ && operation_->job != 0) schedule_progress(current_, 0);
  schedule_phase(current_->duration_ms);
}

// Nothing while a phase is as short as the period, and nothing at its end: then the job ends, or
// the next phase begins. What delays it comes behind all that is told.
void Vm::schedule_progress(const PhasePtr& phase, uint64_t passed_ms) {
  const uint64_t next_ms = passed_ms + kProgressPeriodMs;
  if (next_ms >= phase->duration_ms) return;
  const auto step = [weak = weak_from_this(), number = phase_, phase, next_ms] {
    const auto self = weak.lock();
    if (!self || self->phase_ != number || phase->is_hung || !self->operation_) return;
    Operation& operation = *self->operation_;
    const auto percent = static_cast<uint32_t>(next_ms * 100 / phase->duration_ms);
    if (percent > operation.percent) {
      operation.percent = percent;
      self->surroundings_.tell_progress(operation, phase->progress, percent);
    }
    self->schedule_progress(phase, next_ms);
  };
  surroundings_.after(kProgressPeriodMs, step);
}

void Vm::schedule_phase(uint64_t delay_ms) {
  // A step may outlive its phase (a kill cut it short) and even the VM.
  surroundings_.after(delay_ms, [weak = weak_from_this(), number = phase_] {
    const auto self = weak.lock();
    if (!self || self->phase_ != number || !self->current_ || self->current_->is_hung) return;
    self->run_phase();
  });
}

void Vm::run_phase() {
  if (current_->only_takes_time() && current_->late_ms == 0) return end_phase();
  const PhasePtr phase = current_;  // the next one may begin before this returns
  if (phase->late_ms > 0) return schedule_phase(std::exchange(phase->late_ms, 0));
  if (!phase->work) {
    if (phase->on_done) phase->on_done();
    return end_phase(*phase, Outcome());
  }
  surroundings_.unlocked(phase->work, [self = shared_from_this(), phase](Outcome outcome) {
    if (outcome.ok() && phase->on_done) phase->on_done();
    self->end_phase(*phase, std::move(outcome));
  });
}

void Vm::end_phase(const Phase& phase, Outcome outcome) {
  if (phase.end) return phase.end(std::move(outcome));
  end_phase(std::move(outcome));
}

void Vm::end_phase(Outcome outcome) {
  if (outcome.ok()) return end_phase();
  failure_ = std::move(outcome);
  // What went down by itself has nowhere to return to.
  if (!machine_.apply(Completion::kFailed)) machine_.apply(Completion::kDone);
  finish_if_settled();
}

// With success.
void Vm::end_phase() {
  machine_.apply(Completion::kDone);
  finish_if_settled();
}

void Vm::finish_if_settled() {
  if (is_transitional(state_)) return;
  if (current_ && current_.use_count() == 1 && current_->only_takes_time()) {
    current_->start_over();
    idle_phase_ = std::move(current_);
  }
  current_ = nullptr;
  const OperationPtr operation = std::exchange(operation_, nullptr);
  if (failure_) {
    Outcome failure = *std::exchange(failure_, std::nullopt);
    if (operation) surroundings_.finish(operation, std::move(failure));
  } else if (operation) {
    surroundings_.finish_well(operation);
  }
  if (crash_policy_) follow(*std::exchange(crash_policy_, std::nullopt));
  if (std::exchange(starts_when_down_, false)) start_by_itself();
}

void Vm::start_by_itself() {
  starts_when_down_ = state_ == State::kStopping;
  if (state_ != State::kStopped && state_ != State::kSuspended) return;
  const auto starting = std::make_shared<Operation>();
  starting->function = "autostart";
  starting->vm_name = config().name;
  run({.command = Command::kStart}, starting);
}

void Vm::begin_boot() {
  begin_phase({.duration_ms = surroundings_.duration_ms(Timed::kBoot, this),
               .work = changes_begin(),
               .on_done = [this] { boot_guest(); }});
}

void Vm::begin_reset() {
  begin_phase({.duration_ms = surroundings_.duration_ms(Timed::kReset, this),
               .work = bases_removal(),
               .on_done = [this] { boot_guest(); }});
}

// The job ends when the guest has been asked (vm-lifecycle 2.2), and a guest without systems to
// shut down is back at once.
void Vm::reboot_guest() {
  if (surroundings_.tells_raw_events()) {
    surroundings_.notice(*this, VmNotice::kAboutToReset);
    surroundings_.notice(*this, VmNotice::kReset);
  }
  boot_guest();
  if (const auto work = bases_removal()) tidy_up([work] { (void)work().ok(); });
}

// A guest that is asked to sleep and does not is given as long as one that is to shut down.
void Vm::begin_freeze() {
  if (sleep_answer_ != SleepAnswer::kIgnore) {
    return begin_wait(surroundings_.duration_ms(Timed::kPause, this));
  }
  begin_phase({.duration_ms = kGuestLimitMs, .work = [name = config().name] {
                 return Outcome(OutcomeKind::kGuestDidNotSleep, {name});
               }});
}

void Vm::begin_thaw() {
  begin_wait(surroundings_.duration_ms(Timed::kContinue, this));
}

// Of the VM process. What its memory rested on goes with it.
void Vm::begin_end(uint64_t duration_ms) {
  begin_phase({.duration_ms = duration_ms, .work = remains_removal(), .on_done = [this] {
                 layers_.clear();
               }});
}

void Vm::begin_power_off() {
  begin_end(surroundings_.duration_ms(Timed::kKill, this));
}

// A guest that does not comply in time is killed, unless a client of desktop has asked to spare it
// (vm-lifecycle 4.1).
void Vm::begin_shutdown() {
  if (!surroundings_.ignores_shutdown(*this)) {
    return begin_end(surroundings_.duration_ms(Timed::kShutdown, this));
  }
  if (!spares_guest_ || surroundings_.profile() == Profile::kVirtuozzo) {
    return begin_end(kGuestLimitMs + surroundings_.duration_ms(Timed::kKill, this));
  }
  begin_phase({.duration_ms = kGuestLimitMs, .work = [name = config().name] {
                 return Outcome(OutcomeKind::kGuestDidNotShutDown, {name});
               }});
}

void Vm::begin_clean_up() {
  begin_power_off();
}

void Vm::begin_image_flush() {
  begin_wait(surroundings_.duration_ms(Timed::kFlush, this));
}

}  // namespace prl::sim
