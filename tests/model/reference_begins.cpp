// What an order begins in the reference model, or does at once (vm-lifecycle 2, 4 and 5).
#include <algorithm>
#include <utility>

#include "tests/model/reference_steps.h"

namespace prl::model {
namespace {

constexpr Code kTimedOut = 0x15;
constexpr Code kStartFailed = 0x41;
constexpr Code kCancelled = 0x275;
constexpr Code kTaskNotFound = 0x92;

struct Phase {
  State state;
  uint64_t duration_ms;
};

Phase first_phase(const Timing& timing, Act act, State state) {
  switch (act) {
    case Act::kKill:
      return {State::kStopping, timing.kill};
    case Act::kShutdown:
      return {State::kStopping, timing.shutdown};
    case Act::kPause:
    case Act::kAskToPause:
      return {State::kPausing, timing.pause};
    case Act::kAskInVain:
      return {State::kPausing, timing.guest_limit};
    case Act::kAskToStop:
      return {State::kStopping, timing.kill};
    case Act::kSuspend:
    case Act::kAskToSuspend:
      return {State::kSuspending, timing.suspend};
    case Act::kReset:
      return {State::kResetting, timing.reset};
    case Act::kCreateSnapshot:
    case Act::kCloneLinked:
      return {State::kSnapshoting, timing.snapshot};
    case Act::kSwitch:
    case Act::kSwitchToImage:
      return {State::kRestoring, timing.restore};
    case Act::kDeleteSnapshot:
    case Act::kDeleteSubtree:
      return {State::kDeletingState, timing.removal};
    case Act::kCompact:
      return {State::kCompacting, timing.compact};
    default:
      break;
  }
  if (state == State::kSuspended) return {State::kResuming, timing.resume};
  if (state == State::kPaused) return {State::kContinuing, timing.thaw};
  return {State::kStarting, timing.boot};
}

void begin_operation(Host& host, uint32_t job, const Order& order) {
  Vm& vm = host.vms[order.vm];
  if (order.act == Act::kCompact) tell(host, Event::Kind::kCompactBegun, order.vm);
  const Act act = without_question(host.profile, order.act);
  const Phase phase = first_phase(host.timing, act, vm.state);
  // The process that a start makes keeps its lock; so does one that a switch makes, as a start.
  const bool makes_process = phase.state == State::kStarting || phase.state == State::kResuming ||
                             (phase.state == State::kRestoring && !is_live(vm.state));
  if (makes_process) vm.is_started_by_ex = order.act == Act::kStartEx;
  Operation operation = make_operation(host, job, order, phase.duration_ms);
  if (act == Act::kAskInVain && !operation.fails) {
    operation.fails = true;
    operation.code = kTimedOut;
  }
  const auto interrupted = std::exchange(vm.operation, std::move(operation));
  enter(host, order.vm, phase.state);
  if (!interrupted) return;
  finish(host, interrupted->job, {}, interrupted->code != 0 ? interrupted->code : kStartFailed);
}

void drop(Host& host, uint32_t job, const Order& order) {
  if (order.fault == Fault::kMiddle) {
    finish(host, job, order, kInjected);
    return;
  }
  host.vms[order.vm].has_image = false;
  enter(host, order.vm, State::kStopped);
  finish(host, job, order, 0);
}

void edit(Host& host, uint32_t job, const Order& order) {
  Vm& vm = host.vms[order.vm];
  std::erase_if(vm.stamps, [&](const Stamp& stamp) { return stamp.session == order.session; });
  if (order.act == Act::kBeginEdit) {
    vm.stamps.push_back({order.session, vm.description});
  } else {
    vm.description = number_of(host, job);
    tell(host, Event::Kind::kConfigChanged, order.vm);
  }
  finish(host, job, order, 0);
}

void set_lock(Host& host, uint32_t job, const Order& order) {
  Vm& vm = host.vms[order.vm];
  vm.locked_by.reset();
  if (order.act == Act::kLock) vm.locked_by = order.session;
  tell(host, Event::Kind::kConfigChanged, order.vm);
  finish(host, job, order, 0);
}

// A live VM is compacted at once, so that there is no middle in which a fault could strike.
void compact(Host& host, uint32_t job, const Order& order) {
  if (host.vms[order.vm].state != State::kRunning) return begin_operation(host, job, order);
  tell(host, Event::Kind::kCompactFinished, order.vm);
  finish(host, job, order, 0);
}

void change_mount(Host& host, uint32_t job, const Order& order) {
  enter(host, order.vm, order.act == Act::kMount ? State::kMounted : State::kStopped);
  finish(host, job, order, 0);
}

void resize_disk(Host& host, uint32_t job, const Order& order) {
  host.vms[order.vm].disk_mib = disk_size_of(order.act);
  tell(host, Event::Kind::kConfigChanged, order.vm);
  finish(host, job, order, 0);
}

void begin_rewriting(Host& host, uint32_t job, const Order& order) {
  const Timing& timing = host.timing;
  const uint64_t duration_ms = order.act == Act::kMove ? timing.move : timing.convert;
  host.rewritings.push_back(make_operation(host, job, order, duration_ms));
}

// A conversion notices when its time is over (fidelity), and nobody cancels it twice.
void cancel_rewriting(Host& host, uint32_t job, const Order& order, size_t place) {
  Operation& operation = host.rewritings[place];
  const bool is_too_late = std::exchange(operation.code, kCancelled) != 0;
  finish(host, job, order, is_too_late ? kTaskNotFound : 0);
  if (is_too_late || operation.order.act == Act::kConvert) return;
  const Operation stopped = operation;
  host.rewritings.erase(host.rewritings.begin() + static_cast<std::ptrdiff_t>(place));
  finish(host, stopped.job, stopped.order, kCancelled);
}

// 5.4: tasks, and in D a suspend until the image is complete. What the VM did is undone at once.
void cancel(Host& host, uint32_t job, const Order& order) {
  Vm& vm = host.vms[order.vm];
  const auto target = order.about ? order.about : job_under_way(host, order.vm);
  if (const auto wait = std::ranges::find(host.waits, target, &Wait::job);
      wait != host.waits.end()) {
    const Wait stopped = *wait;
    // Commits take no time in which they could be (fidelity).
    const bool can_be = stopped.order.act != Act::kCommit;
    finish(host, job, order, can_be ? 0 : kTaskNotFound);
    if (!can_be) return;
    std::erase_if(host.waits, [&](const Wait& one) { return one.job == stopped.job; });
    finish(host, stopped.job, stopped.order, kCancelled);
    return;
  }
  const auto is_target = [&](const Operation& operation) { return operation.job == target; };
  const bool is_suspend = vm.state == State::kSuspending && host.profile == Profile::kDesktop;
  const bool can_be_undone = is_suspend || vm.state == State::kCompacting;
  if (vm.operation && is_target(*vm.operation) && can_be_undone) {
    finish(host, job, order, 0);
    const Operation stopped = *std::exchange(vm.operation, std::nullopt);
    enter(host, order.vm, stopped.before);
    finish(host, stopped.job, stopped.order, kCancelled);
    return;
  }
  const auto migration = migration_of(host, order.vm);
  if (migration && is_target(host.migrations[*migration])) {
    finish(host, job, order, 0);
    return abandon_migration(host, *migration, kCancelled);
  }
  const auto rewriting = rewriting_of(host, order.vm);
  if (rewriting && is_target(host.rewritings[*rewriting])) {
    return cancel_rewriting(host, job, order, *rewriting);
  }
  const auto clone = std::ranges::find_if(host.clones, is_target);
  if (clone == host.clones.end()) {
    finish(host, job, order, kTaskNotFound);
    return;
  }
  finish(host, job, order, 0);
  const Operation stopped = *clone;
  host.clones.erase(clone);
  --vm.clones_under_way;
  finish(host, stopped.job, stopped.order, kCancelled);
}

}  // namespace

Act without_question(Profile profile, Act act) {
  return profile == Profile::kVirtuozzo && is_pause(act) ? Act::kPause : act;
}

Operation make_operation(Host& host, uint32_t job, const Order& order, uint64_t duration_ms) {
  const Vm& vm = host.vms[order.vm];
  Operation operation{.job = job, .order = order, .before = vm.state};
  operation.disk_mib = vm.disk_mib;
  operation.fails = order.fault == Fault::kMiddle;
  operation.due_ms = host.now_ms + (operation.fails ? duration_ms / 2 : duration_ms);
  operation.turn = host.turns++;
  return operation;
}

void begin_clone(Host& host, uint32_t job, const Order& order) {
  ++host.vms[order.vm].clones_under_way;
  host.clones.push_back(make_operation(host, job, order, host.timing.clone));
}

void remove(Host& host, uint32_t job, const Order& order) {
  Vm& vm = host.vms[order.vm];
  vm.is_registered = false;
  vm.locked_by.reset();
  vm.stamps.clear();
  const bool is_deleted = order.act != Act::kUnregister;
  tell(host, is_deleted ? Event::Kind::kDeleted : Event::Kind::kUnregistered, order.vm);
  finish(host, job, order, 0);
}

void carry_out(Host& host, uint32_t job, const Order& order) {
  if (is_of_itself(order.act)) {
    happen(host, order);
    advance(host, 0);  // it is over when those have tried again that waited for it
    finish(host, job, order, 0);
    return;
  }
  switch (order.act) {
    case Act::kCancel:
      return cancel(host, job, order);
    case Act::kShutDown:
    case Act::kShutDownGently:
      return begin_shutdown(host, job, order);
    case Act::kCompact:
      return compact(host, job, order);
    case Act::kMount:
    case Act::kUmount:
      return change_mount(host, job, order);
    case Act::kGrowDisk:
    case Act::kShrinkDisk:
      return resize_disk(host, job, order);
    case Act::kCopyImage:  // which is nothing of the VM
    case Act::kRestart:
      finish(host, job, order, 0);
      return;
    case Act::kDrop:
      return drop(host, job, order);
    case Act::kClone:
    case Act::kCloneToTemplate:
      return begin_clone(host, job, order);
    case Act::kMove:
    case Act::kConvert:
      return begin_rewriting(host, job, order);
    case Act::kCloneLinked:
      return host.vms[order.vm].snapshots.empty() ? begin_operation(host, job, order)
                                                  : begin_clone(host, job, order);
    case Act::kMigrate:
    case Act::kMigrateAsleep:
      return begin_migration(host, job, order);
    case Act::kUnregister:
    case Act::kDelete:
      return remove(host, job, order);
    case Act::kBeginEdit:
    case Act::kCommit:
      return edit(host, job, order);
    case Act::kLock:
    case Act::kUnlock:
      return set_lock(host, job, order);
    default:
      return begin_operation(host, job, order);
  }
}

}  // namespace prl::model
