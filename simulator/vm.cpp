#include "simulator/vm.h"

#include <cerrno>
#include <optional>
#include <utility>

#include "simulator/config_rules.h"
#include "simulator/disk_entries.h"

namespace prl::sim {

namespace {

constexpr uint64_t kGuestLimitMs = 120'000;  // to do what it is asked for
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

// ---- Phases ----------------------------------------------------------------------------------

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
  begin_phase({.duration_ms = duration_ms,
               .work = remains_removal(),
               .on_done = [this] { layers_.clear(); }});
}

void Vm::begin_power_off() { begin_end(surroundings_.duration_ms(Timed::kKill, this)); }

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

void Vm::begin_clean_up() { begin_power_off(); }

void Vm::begin_image_flush() {
  begin_wait(surroundings_.duration_ms(Timed::kFlush, this));
}

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
  if (!screen_freeze_) screen_freeze_ = surroundings_.screen_freeze(*this);
  if (stops) screen_freeze_->begin(surroundings_.now_ms());
  if (goes_on) screen_freeze_->end();
}

// ---- Guest -----------------------------------------------------------------------------------

void Vm::boot_guest() {
  const uint64_t ram_bytes = config().ram_mib * kBytesPerMib;
  const bool is_own = ram_.use_count() == 1 && ram_->size_bytes() == ram_bytes;
  if (!is_own || !ram_->start_over()) ram_ = std::make_shared<Ram>(ram_bytes);
  layers_.clear();
  set_vcpus(std::vector<Vcpu>(config().cpu_count));
  guest_steps_ = 0;
  run_start_ms_ = surroundings_.now_ms();
  ++record_.boot_count;
  boot(*ram_, vcpus_, record_.boot_count);
  schedule_drive();
  surroundings_.record_changed(record_);
}

// The guest executes one step per virtual ms in which the VM is RUNNING, worked out when somebody
// looks: a guest that nobody looks at costs nothing.
void Vm::catch_guest_up() {
  if (!ram_) return;
  const uint64_t now_ms = surroundings_.now_ms();
  const uint64_t steps = guest_steps_ + (now_ms - run_start_ms_);
  Workload(record_.workload).run_memory(*ram_, vcpus_, guest_steps_, steps);
  registers_pending_ = registers_pending_ || guest_steps_ < steps;
  guest_steps_ = steps;
  run_start_ms_ = now_ms;
}

std::vector<Vcpu> Vm::vcpus() const {
  std::vector<Vcpu> vcpus = vcpus_;
  if (registers_pending_) Workload(record_.workload).set_registers(vcpus, guest_steps_);
  return vcpus;
}

void Vm::set_vcpus(std::vector<Vcpu> vcpus) {
  vcpus_ = std::move(vcpus);
  registers_pending_ = false;
}

// A snapshot is written from a memory of its own, so that the guest goes on meanwhile. So does one
// that does not care that it is to sleep.
bool Vm::runs_guest(State state) const {
  return state == State::kRunning || (state == State::kSnapshoting && runs_in_snapshot_) ||
         (state == State::kPausing && sleep_answer_ == SleepAnswer::kIgnore);
}

// Memory and registers exist, and nobody but the guest uses them, in these states only.
bool Vm::guest_is_accessible() const {
  return ram_ &&
         (runs_guest(state_) || state_ == State::kPaused || state_ == State::kSnapshoting);
}

// Of a VM that is resumed the memory is in its image.
Load Vm::load(Timed what) const {
  constexpr uint64_t kPagesPerMib = kBytesPerMib / kPageBytes;
  Load load{.disks = all_disks(config().properties).size()};
  if (ram_) {
    ram_->note_pinned_stores();
    load.touched_mib = ram_->touched_pages() / kPagesPerMib;
    load.dirty_mib = ram_->dirty_pages() / kPagesPerMib;
  } else if (what == Timed::kResume) {
    const auto bytes = surroundings_.storage().file_size(image_path());
    if (bytes) load.touched_mib = *bytes / kBytesPerMib;
  }
  return load;
}

GuestUse Vm::use() {
  if (!ram_) return {};
  if (runs_guest(state_)) catch_guest_up();
  ram_->note_pinned_stores();
  constexpr uint32_t kIdlePercent = 1;
  constexpr uint32_t kBusyPercent = 60;
  const bool is_busy = record_.workload.kind != WorkloadKind::kIdle;
  return {.is_live = true,
          .steps_ms = guest_steps_,
          .memory_bytes = ram_->touched_pages() * kPageBytes,
          .cpu_percent = !runs_guest(state_) ? 0
                         : is_busy           ? kBusyPercent
                                             : kIdlePercent};
}

// An access that the image refuses is the end of the VM process: nothing can go on with memory of
// which a part is lost.
GuestAccess Vm::result_of(bool was_served) {
  if (was_served) return GuestAccess::kOk;
  if (!ram_->failure()) return GuestAccess::kOutOfRange;
  const ImageError::Kind kind = ram_->failure()->kind;
  if (!is_about_snapshots(state_)) abort_guest();  // otherwise when the snapshot is there
  switch (kind) {
    case ImageError::Kind::kStorage: return GuestAccess::kMemoryNotRead;
    case ImageError::Kind::kTruncated: return GuestAccess::kMemoryTruncated;
    default: return GuestAccess::kMemoryDamaged;
  }
}

void Vm::abort_guest() {
  surroundings_.note_guest(*this, "died: " + ram_->failure()->message);
  (void)die(true);
}

GuestAccess Vm::read_memory(uint64_t address, std::span<std::byte> bytes) {
  if (!guest_is_accessible()) return GuestAccess::kNotLive;
  if (runs_guest(state_)) catch_guest_up();
  return result_of(ram_->read(address, bytes));
}

GuestAccess Vm::write_memory(uint64_t address, std::span<const std::byte> bytes) {
  if (!guest_is_accessible()) return GuestAccess::kNotLive;
  if (runs_guest(state_)) catch_guest_up();
  return result_of(ram_->write(address, bytes));
}

GuestAccess Vm::pin_memory(uint64_t address, uint64_t bytes,
                           std::shared_ptr<PinnedMemory>& pinned) {
  if (!guest_is_accessible()) return GuestAccess::kNotLive;
  const uint64_t size_bytes = ram_->size_bytes();
  if (bytes == 0 || address > size_bytes || bytes > size_bytes - address) {
    return GuestAccess::kOutOfRange;
  }
  if (runs_guest(state_)) catch_guest_up();
  const uint64_t first_page = address / kPageBytes;
  const uint64_t last_page = (address + bytes - 1) / kPageBytes;
  auto made = std::make_shared<PinnedMemory>(first_page, last_page - first_page + 1);
  const GuestAccess access = result_of(ram_->pin(made));
  if (access == GuestAccess::kOk) pinned = std::move(made);
  return access;
}

void Vm::unpin_memory(const PinnedMemory& pinned) {
  if (ram_) ram_->unpin(pinned);
}

GuestAccess Vm::get_vcpu(uint32_t index, Vcpu& vcpu) {
  if (!guest_is_accessible()) return GuestAccess::kNotLive;
  if (runs_guest(state_)) catch_guest_up();
  if (index >= vcpus_.size()) return GuestAccess::kNoSuchVcpu;
  vcpu = vcpus()[index];
  return GuestAccess::kOk;
}

GuestAccess Vm::set_vcpu(uint32_t index, const Vcpu& vcpu) {
  if (!guest_is_accessible()) return GuestAccess::kNotLive;
  if (runs_guest(state_)) catch_guest_up();
  if (index >= vcpus_.size()) return GuestAccess::kNoSuchVcpu;
  set_vcpus(vcpus());
  vcpus_[index] = vcpu;
  return GuestAccess::kOk;
}

}  // namespace prl::sim
