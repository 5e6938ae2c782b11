#include "simulator/world.h"

#include <algorithm>
#include <cassert>
#include <chrono>
#include <utility>

#include "simulator/date.h"
#include "simulator/lone_thread.h"
#include "simulator/memory_storage.h"

namespace prl::sim {

namespace {

using namespace std::chrono_literals;

// The worker of a world that is in use looks for itself this often: waking it costs who asks for
// something more than the rest of a call, and most clients wait for what they ask for, and run it
// themselves meanwhile. So much later a step may run where nobody waits.
constexpr auto kNap = 200us;

std::string_view notice_name(VmNotice notice) {
  switch (notice) {
    case VmNotice::kSnapshotTaken: return "VM_SNAPSHOTED";
    case VmNotice::kSnapshotRestored: return "VM_RESTORED";
    case VmNotice::kSnapshotDeleted: return "VM_STATE_DELETED";
    case VmNotice::kSnapshotsChanged: return "VM_SNAPSHOTS_TREE_CHANGED";
    case VmNotice::kCompactBegun: return "VM_COMPACT_PROCESSING";
    case VmNotice::kCompactFinished: return "VM_COMPACT_FINISHED";
    case VmNotice::kMemoryWritten: return "VM_MEMORY_SWAPPING_FINISHED";
    case VmNotice::kAborted: return "VM_ABORTED";
    case VmNotice::kFrozen: return "VM_FROZEN";
    case VmNotice::kUnfrozen: return "VM_UNFROZEN";
    case VmNotice::kPausedByHostSleep: return "VM_PAUSED_BY_HOST_SLEEP";
    case VmNotice::kContinuedByHostWakeup: return "VM_CONTINUED_BY_HOST_WAKEUP";
    case VmNotice::kProblemReportCreated: return "VM_PROBLEM_REPORT_CREATED";
    case VmNotice::kAboutToStartInit: return "VM_ABOUT_TO_START_INIT";
    case VmNotice::kAboutToStartDeinit: return "VM_ABOUT_TO_START_DEINIT";
    case VmNotice::kStarted: return "VM_STARTED";
    case VmNotice::kStopped: return "VM_STOPPED";
    case VmNotice::kAboutToReset: return "VM_ABOUT_TO_RESET";
    case VmNotice::kReset: return "VM_RESETED";
    case VmNotice::kSuspending: return "VM_SUSPENDING";
    case VmNotice::kSuspended: return "VM_SUSPENDED";
    case VmNotice::kResuming: return "VM_RESUMING";
    case VmNotice::kPaused: return "VM_PAUSED";
    case VmNotice::kContinued: return "VM_CONTINUED";
    case VmNotice::kSnapshoting: return "VM_SNAPSHOTING";
    case VmNotice::kRestoring: return "VM_RESTORING";
    case VmNotice::kDeletingState: return "VM_DELETING_STATE";
  }
  return "";
}

}  // namespace

World::World(WorldOptions options)
    : Site(options.profile, std::move(options.rules), options.raw_events, clock_),
      verification_(options.verification),
      undo_question_(options.undo_question),
      initial_vms_(std::move(options.vms)),
      store_(options.store ? std::move(options.store) : std::make_unique<ForgetfulStore>()),
      interventions_(std::move(options.interventions)),
      storage_(options.storage ? std::move(options.storage) : std::make_unique<MemoryStorage>()),
      trace_(options.trace_path, options.kept_trace_lines, std::move(options.complain)),
      peripherals_({*storage_, [this] { return new_uuid(); }}),
      seed_(options.seed),
      settle_(std::move(options.settle)),
      code_name_(options.code_name),
      clock_(options.clock),
      latency_(std::move(options.latencies), options.seed),
      uuids_(options.seed, "uuid"),
      host_(*store_, std::move(options.documents)),
      schema_(std::move(options.schema)),
      samples_(std::move(options.samples)),
      config_setting_(std::move(options.config_setting)),
      access_(std::move(options.needed_rights)),
      lock_waits_(*this, trace_, options.lock_wait_ms,
                  [this](const OperationPtr& operation) { run_body_again(operation); }) {
  trace_.line(0, "world", "begins: trace 1, profile " + std::string(profile_name(profile())));
  if (!options.is_durable) trace_.line(0, "world", "is not durable");
}

World::~World() {
  stop();
  trace_.line(clock_.now_ms(), "world", "ends");
}

Uuid World::draw_uuid() {
  for (;;) {
    const uint64_t high = uuids_.next();  // a statement of its own: arguments have no order
    const Uuid uuid = Uuid::from_random(high, uuids_.next());
    // An earlier process with the same seed may have left a VM in the store that has this one.
    if (!vms_.find(uuid)) return uuid;
  }
}

void World::start() {
  std::lock_guard lock(mutex_);
  if (clock_.spec().is_virtual() || worker_.joinable() || stopping_) return;
  worker_ = std::thread([this] { run_worker(); });
}

void World::stop() {
  Scheduler left_over;
  std::vector<OperationPtr> waiting;
  decltype(until_rest_) until_rest;
  std::thread worker;
  {
    Lock lock(mutex_);
    stopping_ = true;
    scheduled_.notify_all();
    turn_.wait(lock);
    std::swap(worker, worker_);
    std::swap(left_over, scheduler_);
    spent_.clear();
    waiting = lock_waits_.take_all();
    std::swap(until_rest, until_rest_);
  }
  if (worker.joinable()) worker.join();
  // The steps that never ran may own the last references to jobs: they go with no lock held.
  left_over.clear();
  waiting.clear();
  until_rest.clear();
  std::lock_guard lock(mutex_);
  close_host();
}

// ---- Steps -----------------------------------------------------------------------------------

int64_t World::date_seconds() const {
  return sim::date_seconds(openings_, clock_.now_ms()) + date_shift_seconds_;
}

void World::set_date(int64_t seconds) {
  std::lock_guard lock(mutex_);
  date_shift_seconds_ = seconds - sim::date_seconds(openings_, clock_.now_ms());
}

uint64_t World::time_ms() const {
  std::lock_guard lock(mutex_);
  return clock_.now_ms();
}

void World::after(uint64_t delay_ms, Step&& step) {
  const uint64_t due_ms = clock_.now_ms() + delay_ms;
  scheduler_.at(due_ms, std::move(step));
  rouse_worker(due_ms);
}

void World::after_in_background(uint64_t delay_ms, Step&& step) {
  const uint64_t due_ms = clock_.now_ms() + delay_ms;
  scheduler_.in_background_at(due_ms, std::move(step));
  rouse_worker(due_ms);
}

// Wakes the worker where it would be late for a step that is due then.
void World::rouse_worker(uint64_t due_ms) {
  if (asleep_until_ == WallTime::min() || clock_.wall_time_of(due_ms) + kNap >= asleep_until_) {
    return;
  }
  asleep_until_ = WallTime::min();
  scheduled_.notify_one();
}

uint64_t World::duration_ms(Timed what, const Vm* vm) {
  if (const auto fixed = latency_.fixed_ms(what)) return *fixed;
  return latency_.draw_ms(what, vm && latency_.has_terms(what) ? vm->load(what) : Load());
}

bool World::ignores_shutdown(const Vm& vm) const {
  return peripherals_.guests.get(vm.uuid()).ignores_shutdown;
}

SleepAnswer World::asked_to_sleep(const Vm& vm) const {
  return peripherals_.guests.get(vm.uuid()).asked_to_sleep;
}

void World::unlocked(MoveOnlyFunction<Outcome()> work, MoveOnlyFunction<void(Outcome)> then) {
  assert(turn_.is_taken() && !unlocked_work_);
  unlocked_work_ = std::move(work);
  unlocked_then_ = std::move(then);
}

// REQUIRES: the lock is held, no step is running, a step is scheduled.
void World::run_next_step(Lock& lock) {
  const uint64_t due_ms = *scheduler_.next_due_ms();
  Step& step = scheduler_.take_next();
  clock_.advance_to(due_ms);
  const bool was_disturbed = is_disturbed();
  if (was_disturbed) interventions_->set_time(due_ms);
  turn_.take();
  // However the step ends, others must not wait for it for ever.
  struct End {
    ~End() {
      if (!lock.owns_lock()) lock.lock();
      if (world.unlocked_work_) {
        world.unlocked_work_ = nullptr;
        world.unlocked_then_ = nullptr;
      }
      world.turn_.give_back();
    }
    World& world;
    Lock& lock;
  };
  {
    const End end{*this, lock};
    step();
    while (unlocked_work_) {
      auto work = std::exchange(unlocked_work_, nullptr);
      auto then = std::exchange(unlocked_then_, nullptr);
      lock.unlock();
      Outcome outcome = work();
      lock.lock();
      then(std::move(outcome));
    }
    if (was_disturbed) settle_mishaps();
  }
  if (!is_lone_thread()) return let_go(step, lock);
  // Unlocking and locking for each would take as long as many steps do.
  spent_.put(step);
  if (spent_.is_full()) {
    let_go_of_spent(lock);
    lock.lock();
  }
}

// What a step owned is let go with no lock held: it may be the last reference to a handle. Another
// thread might end the world meanwhile, and its steps with it.
void World::let_go(Step& step, Lock& lock) {
  Step owned = std::move(step);
  scheduler_.let_go(step);
  lock.unlock();
  owned = nullptr;
  lock.lock();
}

// Unlocks. Every wait ends with it, and everything else that has run steps.
void World::let_go_of_spent(Lock& lock) {
  while (!spent_.is_empty()) {
    Step& step = spent_.take();
    if (is_lone_thread()) {
      if (lock.owns_lock()) lock.unlock();
      step = nullptr;
      if (!is_lone_thread()) lock.lock();
      if (!stopping_) scheduler_.let_go(step);  // else the steps have gone
    } else {
      let_go(step, lock);
    }
  }
  if (lock.owns_lock()) lock.unlock();
}

void World::run_worker() {
  Lock lock(mutex_);
  while (!stopping_) {
    if (turn_.is_taken()) {  // a thread that waits runs it
      turn_.wait(lock);
      continue;
    }
    if (is_due()) {
      run_next_step(lock);
    } else {
      fall_asleep(lock);
    }
  }
}

// Until the next step is due, which another thread may schedule and run before: where one has been
// busy a nap is all there is.
void World::fall_asleep(Lock& lock) {
  const auto due_ms = scheduler_.next_due_ms();
  asleep_until_ = due_ms ? clock_.wall_time_of(*due_ms) : WallTime::max();
  if (std::exchange(seen_steps_, scheduler_.steps_ever()) != scheduler_.steps_ever()) {
    asleep_until_ = std::min(asleep_until_, std::chrono::steady_clock::now() + kNap);
  }
  if (asleep_until_ == WallTime::max()) {
    scheduled_.wait(lock);
  } else {
    scheduled_.wait_until(lock, asleep_until_);
  }
  asleep_until_ = WallTime::min();
}

// ---- What VMs say -----------------------------------------------------------------------------

void World::note_guest(const Vm& vm, const std::string& text) {
  if (trace_.enabled()) trace_.line(now_ms(), "guest", "vm=" + vm.config().name + " " + text);
}

// Functions of their own, since a compiler that has to make texts does all around them worse.
void World::trace_state(const Vm& vm, State from, State to) {
  trace_.line(now_ms(), "state",
              "vm=" + vm.config().name + " " + std::string(state_name(from)) + " -> " +
                  std::string(state_name(to)));
}

void World::trace_notice(const Vm& vm, VmNotice notice) {
  trace_.line(now_ms(), "event", std::string(notice_name(notice)) + " vm=" + vm.config().name);
}

void World::state_changed(const Vm& vm, State from, State to, std::optional<State> told) {
  if (trace_.enabled()) trace_state(vm, from, to);
  if (is_disturbed()) strike_transition(vm, from, to);
  if (to == State::kStopped) peripherals_.displays.on_stopped(vm.uuid());
  if (told) {
    tell_of(vm, [&](SessionObserver& session) { session.on_state_changed(vm.uuid(), *told); });
  }
  if (peripherals_.guests.on_state_changed(vm.uuid(), from, to)) tell_tools_answer(vm);
  migrations_.note_change(vm.uuid());
  lock_waits_.note_change(vm.uuid());
  if (!until_rest_.empty() && !is_transitional(to)) rouse_at_rest(vm);
}

void World::tell_tools_answer(const Vm& vm) { announce(vm.uuid(), ToolsAnswer()); }

void World::notice(const Vm& vm, VmNotice notice) {
  if (trace_.enabled()) trace_notice(vm, notice);
  tell_of(vm, [&](SessionObserver& session) { session.on_notice(vm.uuid(), notice); });
}

void World::configure(const Vm& vm, VmConfig config) {
  const auto found = vms_.find(vm.uuid());
  if (!found) return;
  const std::string before = found->config().name;
  vms_.configure(found, std::move(config));
  const std::string& now = found->config().name;
  if (now != before) trace_.line(now_ms(), "world", "vm=" + before + " is now " + now);
}

Outcome World::store_record(const VmRecord& record) {
  const auto kept = store_->put(record);
  return kept ? Outcome() : kept.error();
}

void World::record_changed(const VmRecord& record) {
  // The record only adds counters to what the VM's folder says; losing them loses no VM, so a
  // failure here must not fail the guest's start.
  (void)store_->note(record).has_value();
}

}  // namespace prl::sim
