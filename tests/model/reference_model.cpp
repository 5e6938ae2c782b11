#include "tests/model/reference_model.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <tuple>
#include <utility>

namespace prl::model {
namespace {

constexpr Code kTimedOut = 0x15;
constexpr Code kStartFailed = 0x41;
constexpr Code kProcessDied = 0x325;  // the notes name none
constexpr Code kCancelled = 0x275;
constexpr Code kTaskNotFound = 0x92;
constexpr Code kUnreachable = 0x249;
constexpr Code kUnsuitableState = 0x31017;

bool is_off(State state) {
  return state == State::kStopped || state == State::kSuspended;
}
bool is_live(State state) {
  return state == State::kRunning || state == State::kPaused;
}
bool is_migration(Act act) {
  return act == Act::kMigrate || act == Act::kMigrateAsleep;
}
bool is_switch(Act act) {
  return act == Act::kSwitch || act == Act::kSwitchToImage;
}

// A job that is under way for a while, whose middle a fault can strike.
bool has_phases(Act act) {
  switch (act) {
    case Act::kDie:
    case Act::kGuestLeave:
    case Act::kGuestReboot:
    case Act::kGuestSleep:
    case Act::kGuestHibernate:
    case Act::kGuestWake:
    case Act::kFreeze:
    case Act::kUnfreeze:
    case Act::kRestartService:
    case Act::kPowerCut:
    case Act::kShutDown:
    case Act::kShutDownGently:
    case Act::kMount:
    case Act::kUmount:
    case Act::kMigrate:
    case Act::kMigrateAsleep:
    case Act::kCancel:
    case Act::kRestart:
    case Act::kClone:
    case Act::kUnregister:
    case Act::kDelete:
    case Act::kBeginEdit:
    case Act::kCommit:
    case Act::kLock:
    case Act::kUnlock:
      return false;
    default:
      return true;
  }
}

void tell(Host& host, Event::Kind kind, uint8_t vm) {
  if (host.has_sessions) host.events.push_back({.kind = kind, .vm = vm});
}

void note_quiet(Host& host);

// The code that the job reports after all.
Code finish(Host& host, uint32_t job, const Order& order, Code code) {
  if (job == kJobOfShutdown) note_quiet(host);
  if (job == kJobOfShutdown || job == kJobOfNobody) return code;
  if (code == 0 && order.fault == Fault::kEnd) code = kInjected;
  host.events.push_back({.kind = Event::Kind::kJobDone, .job = job, .code = code});
  return code;
}

// ---- States ----------------------------------------------------------------------------------

// What the snapshot makes of the VM (2.3). V takes no notice of the wish to stay suspended.
State state_after_switch(Profile profile, const Snapshot& snapshot, Act act) {
  const bool stays_off = act == Act::kSwitchToImage && profile == Profile::kDesktop;
  return stays_off && is_live(snapshot.power) ? State::kSuspended : snapshot.power;
}

void announce(Host& host, uint8_t index, State state) {
  host.vms[index].told = state;
  if (!host.has_sessions) return;
  host.events.push_back({.kind = Event::Kind::kState, .vm = index, .state = state});
}

// V tells of stable states, and of the pause and the kill in the operations on snapshots. What
// comes of a switch it tells in any case (1.1: Reverting).
void enter_virtuozzo(Host& host, uint8_t index, State from, State to) {
  const Vm& vm = host.vms[index];
  if (to == State::kSnapshoting && from == State::kRunning) {
    return announce(host, index, State::kPaused);
  }
  if (to == State::kRestoring) {
    const Order& order = vm.operation->order;
    const State target = state_after_switch(host.profile, vm.snapshots[order.snapshot], order.act);
    if (is_live(target) && is_live(from)) announce(host, index, State::kStopped);
    return;
  }
  if (is_stable(to) && (from == State::kRestoring || to != vm.told)) announce(host, index, to);
}

void abandon_migration(Host& host, size_t place, Code code);

// One that migrates takes no commands, so it is something else by itself, and goes nowhere.
void enter(Host& host, uint8_t index, State to) {
  const State from = std::exchange(host.vms[index].state, to);
  host.vms[index].frozen = Freeze::kNo;
  if (host.profile == Profile::kDesktop) {
    announce(host, index, to);
  } else {
    enter_virtuozzo(host, index, from, to);
  }
  if (const auto place = migration_of(host, index)) {
    abandon_migration(host, *place, kUnsuitableState);
  }
}

void end_operation(Host& host, uint8_t index);

// ---- What a command begins --------------------------------------------------------------------

struct Phase {
  State state;
  uint64_t duration_ms;
};

// V does not ask the guest (4.1). What one does that is asked is what it would do by itself, and
// one that does nothing is waited for as long as one that is to shut down.
Act without_question(Profile profile, Act act) {
  return profile == Profile::kVirtuozzo && is_pause(act) ? Act::kPause : act;
}

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

Operation make_operation(Host& host, uint32_t job, const Order& order, uint64_t duration_ms) {
  Operation operation{.job = job, .order = order, .before = host.vms[order.vm].state};
  operation.fails = order.fault == Fault::kMiddle;
  operation.due_ms = host.now_ms + (operation.fails ? duration_ms / 2 : duration_ms);
  operation.turn = host.turns++;
  return operation;
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

void begin_clone(Host& host, uint32_t job, const Order& order) {
  ++host.vms[order.vm].clones_under_way;
  host.clones.push_back(make_operation(host, job, order, host.timing.clone));
}

// One that migrates is deleted here (2.4).
void remove(Host& host, uint32_t job, const Order& order) {
  Vm& vm = host.vms[order.vm];
  vm.is_registered = false;
  vm.locked_by.reset();
  vm.stamps.clear();
  const bool is_deleted = order.act != Act::kUnregister;
  tell(host, is_deleted ? Event::Kind::kDeleted : Event::Kind::kUnregistered, order.vm);
  finish(host, job, order, 0);
}

void tell_progress(Host& host, uint8_t vm, uint32_t percent) {
  if (!host.has_sessions) return;
  host.events.push_back({.kind = Event::Kind::kMigrateProgress, .vm = vm, .percent = percent});
}

void begin_migration(Host& host, uint32_t job, const Order& order) {
  Operation operation = make_operation(host, job, order, host.timing.migrate / 2);
  operation.then = {host.now_ms + host.timing.migrate, host.turns++};
  host.migrations.push_back(std::move(operation));
  tell(host, Event::Kind::kMigrateStarted, order.vm);
}

// The VM stays, and is what it is.
void abandon_migration(Host& host, size_t place, Code code) {
  const Operation operation = host.migrations[place];
  host.migrations.erase(host.migrations.begin() + static_cast<std::ptrdiff_t>(place));
  tell(host, Event::Kind::kMigrateCancelled, operation.order.vm);
  finish(host, operation.job, operation.order, code);
}

// What is in its folder comes along; locks, edits and how it was started belong to the host that it
// leaves.
void arrive(Host& host, const Vm& from, bool stays_asleep) {
  Vm vm;
  vm.identity = from.identity;
  vm.auto_start = from.auto_start;
  vm.is_killed_at_shutdown = from.is_killed_at_shutdown;
  vm.state = stays_asleep && is_live(from.state) ? State::kSuspended : from.state;
  vm.told = vm.state;
  vm.has_image = vm.state == State::kSuspended;
  vm.description = from.description;
  vm.snapshots = from.snapshots;
  vm.current = from.current;
  const auto known = std::ranges::find(host.vms, vm.identity, &Vm::identity);
  const auto place = static_cast<size_t>(known - host.vms.begin());
  vm.came = host.turns++;
  if (known == host.vms.end()) host.vms.emplace_back();
  host.vms[place] = std::move(vm);
  tell(host, Event::Kind::kAdded, static_cast<uint8_t>(place));
}

// Half of its time, or all of it, is over.
void go_on_migrating(Host& host, size_t place) {
  Operation& operation = host.migrations[place];
  const Order order = operation.order;
  if (const auto then = std::exchange(operation.then, std::nullopt)) {
    std::tie(operation.due_ms, operation.turn) = *then;
    return tell_progress(host, order.vm, 50);
  }
  if (host.neighbour->shutdown) return abandon_migration(host, place, kUnreachable);
  const uint32_t job = operation.job;
  host.migrations.erase(host.migrations.begin() + static_cast<std::ptrdiff_t>(place));
  arrive(*host.neighbour, host.vms[order.vm], order.act == Act::kMigrateAsleep);
  tell_progress(host, order.vm, 100);
  tell(host, Event::Kind::kMigrateFinished, order.vm);
  remove(host, job, order);
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

// Takes as long as a kill; what is under way fails when all is cleaned up.
void clean_up(Host& host, const Order& order) {
  Vm& vm = host.vms[order.vm];
  if (vm.operation) {
    vm.operation->fails = false;
    vm.operation->code = kProcessDied;
  } else {
    vm.operation = make_operation(host, 0, order, 0);
    vm.operation->fails = false;
  }
  vm.operation->due_ms = host.now_ms + host.timing.kill;
  vm.operation->turn = host.turns++;
  enter(host, order.vm, State::kStopping);
}

// 2.5. A snapshot that is taken, restored or deleted hears nothing of it. A VM that was being
// stopped is stopped at once.
void die(Host& host, const Order& order) {
  Vm& vm = host.vms[order.vm];
  if (!vm.is_registered) return;
  switch (vm.state) {
    case State::kStopped:
    case State::kSuspended:
    case State::kSnapshoting:
    case State::kRestoring:
    case State::kDeletingState:
    case State::kCompacting:
    case State::kMounted:
      return;
    default:
      break;
  }
  const bool is_told = host.profile == Profile::kDesktop && order.act == Act::kDie;
  if (is_told) tell(host, Event::Kind::kAborted, order.vm);
  if (vm.state == State::kStopping) {
    vm.operation->fails = false;
    return end_operation(host, order.vm);
  }
  clean_up(host, order);
}

void leave(Host& host, const Order& order) {
  if (host.vms[order.vm].state == State::kRunning) clean_up(host, order);
}

// A paused VM hears nothing of a disk that fails, and its guest does nothing. One that has been
// something else since is no longer frozen. Of a guest that sleeps there is no raw event.
void freeze(Host& host, const Order& order) {
  Vm& vm = host.vms[order.vm];
  if (vm.state != State::kRunning) return;
  const bool is_by_disk = order.act == Act::kFreeze;
  const bool is_told = is_by_disk && host.profile == Profile::kDesktop;
  if (is_told) tell(host, Event::Kind::kFrozen, order.vm);
  enter(host, order.vm, State::kPaused);
  vm.frozen = is_by_disk ? Freeze::kByDisk : Freeze::kByGuest;
}

void unfreeze(Host& host, const Order& order) {
  const bool is_by_disk = order.act == Act::kUnfreeze;
  if (host.vms[order.vm].frozen != (is_by_disk ? Freeze::kByDisk : Freeze::kByGuest)) return;
  const bool is_told = is_by_disk && host.profile == Profile::kDesktop;
  if (is_told) tell(host, Event::Kind::kUnfrozen, order.vm);
  enter(host, order.vm, State::kRunning);
}

// Takes as long as a suspend in V, and as a guest that powers itself off in D.
void hibernate(Host& host, const Order& order) {
  Vm& vm = host.vms[order.vm];
  if (host.profile == Profile::kDesktop) return leave(host, order);
  if (vm.state != State::kRunning) return;
  vm.operation = make_operation(host, 0, order, host.timing.suspend);
  enter(host, order.vm, State::kSuspending);
}

// ---- The service (4.5) -------------------------------------------------------------------------

void carry_out(Host& host, uint32_t job, const Order& order);

// Locks and stamps go with the sessions (8, invariant 43).
void end_sessions(Host& host) {
  if (host.has_sessions) host.events.push_back({.kind = Event::Kind::kCutOff});
  host.has_sessions = false;
  for (Vm& vm : host.vms) {
    vm.locked_by.reset();
    vm.stamps.clear();
  }
}

std::vector<size_t> in_order(const Host& host) {
  std::vector<size_t> places(host.vms.size());
  std::iota(places.begin(), places.end(), size_t{0});
  std::ranges::sort(places, {}, [&](size_t place) { return host.vms[place].came; });
  return places;
}

void note_running(Host& host) {
  for (Vm& vm : host.vms) vm.ran_before = vm.is_registered && vm.state == State::kRunning;
}

// False where the VM does not take the order.
bool order_for_nobody(Host& host, uint32_t job, size_t vm, Act act) {
  const Order order{.act = act, .vm = static_cast<uint8_t>(vm), .session = kSessionOfNobody};
  if (refusal_by_vm(host, order) != 0) return false;
  carry_out(host, job, order);
  return true;
}

// One that is going down is started when it is down; whatever else goes on is left alone.
void start_by_itself(Host& host, size_t index) {
  Vm& vm = host.vms[index];
  vm.starts_when_down = vm.state == State::kStopping;
  if (is_off(vm.state)) order_for_nobody(host, kJobOfNobody, index, Act::kStart);
}

void begin_service(Host& host) {
  host.is_down = false;
  for (const size_t i : in_order(host)) {
    const Vm& vm = host.vms[i];
    const bool starts = vm.auto_start == AutoStart::kOnLoad ||
                        (vm.auto_start == AutoStart::kOnReload && vm.ran_before);
    if (vm.is_registered && starts) start_by_itself(host, i);
  }
}

// VMs live on without it, but not without power. Mounts end (8, invariant 42).
void lose_service(Host& host, const Order& order) {
  const bool begins_with_login = host.shutdown.has_value();
  end_sessions(host);
  note_running(host);
  for (const size_t i : in_order(host)) {
    const bool is_mounted = host.vms[i].is_registered && host.vms[i].state == State::kMounted;
    if (is_mounted) order_for_nobody(host, kJobOfNobody, i, Act::kUmount);
  }
  for (const size_t i : in_order(host)) {
    if (order.act != Act::kPowerCut) break;
    die(host, {.act = Act::kPowerCut, .vm = static_cast<uint8_t>(i)});
  }
  if (!begins_with_login) begin_service(host);
}

void note_quiet(Host& host) {
  if (--host.shutdown->vms_at_work > 0) return;
  const Shutdown ended = *std::exchange(host.shutdown, std::nullopt);
  finish(host, ended.job, ended.order, 0);
  end_sessions(host);
  host.is_down = true;
}

// What refuses to end is left to what it does.
void begin_shutdown(Host& host, uint32_t job, const Order& order) {
  note_running(host);
  std::vector<size_t> busy;
  for (const size_t i : in_order(host)) {
    if (host.vms[i].is_registered && !is_off(host.vms[i].state)) busy.push_back(i);
  }
  // One more, so that it does not end before all have been asked.
  host.shutdown = Shutdown{.job = job, .order = order, .vms_at_work = busy.size() + 1};
  for (const size_t i : busy) {
    const Vm& vm = host.vms[i];
    const Act act = vm.state == State::kMounted ? Act::kUmount
                    : vm.is_killed_at_shutdown  ? Act::kKill
                                                : Act::kSuspend;
    if (!order_for_nobody(host, kJobOfShutdown, i, act)) note_quiet(host);
  }
  note_quiet(host);
}

void happen(Host& host, const Order& order) {
  if (is_of_service(order.act)) return lose_service(host, order);
  if (order.act == Act::kDie) return die(host, order);
  if (order.act == Act::kGuestLeave) return leave(host, order);
  if (order.act == Act::kGuestHibernate) return hibernate(host, order);
  if (order.act == Act::kFreeze || order.act == Act::kGuestSleep) return freeze(host, order);
  if (order.act == Act::kUnfreeze || order.act == Act::kGuestWake) return unfreeze(host, order);
}

// 5.4: tasks, and in D a suspend until the image is complete. What the VM did is undone at once.
void cancel(Host& host, uint32_t job, const Order& order) {
  Vm& vm = host.vms[order.vm];
  const auto target = order.about ? order.about : job_under_way(host, order.vm);
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

void carry_out(Host& host, uint32_t job, const Order& order) {
  switch (order.act) {
    case Act::kCancel:
      return cancel(host, job, order);
    case Act::kDie:
    case Act::kGuestLeave:
    case Act::kGuestReboot:
    case Act::kGuestSleep:
    case Act::kGuestHibernate:
    case Act::kGuestWake:
    case Act::kFreeze:
    case Act::kUnfreeze:
    case Act::kRestartService:
    case Act::kPowerCut:
      happen(host, order);
      finish(host, job, order, 0);
      return;
    case Act::kShutDown:
    case Act::kShutDownGently:
      return begin_shutdown(host, job, order);
    case Act::kCompact:
      return compact(host, job, order);
    case Act::kMount:
    case Act::kUmount:
      return change_mount(host, job, order);
    case Act::kRestart:
      finish(host, job, order, 0);
      return;
    case Act::kDrop:
      return drop(host, job, order);
    case Act::kClone:
      return begin_clone(host, job, order);
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

// ---- How it ends ------------------------------------------------------------------------------

void take_snapshot(Vm& vm, uint32_t number, State power) {
  vm.snapshots.push_back({number, vm.current, power, vm.description});
  vm.current = number;
}

bool grows_out_of(const Vm& vm, uint32_t number, uint32_t ancestor) {
  while (number != 0 && number != ancestor) {
    number = std::ranges::find(vm.snapshots, number, &Snapshot::number)->parent;
  }
  return number != 0;
}

// A VM that stood on one that goes stands on the nearest ancestor that stays.
void delete_snapshots(Vm& vm, const Order& order) {
  const Snapshot gone = vm.snapshots[order.snapshot];
  if (order.act == Act::kDeleteSubtree) {
    if (grows_out_of(vm, vm.current, gone.number)) vm.current = gone.parent;
    const Vm before = vm;
    std::erase_if(vm.snapshots, [&](const Snapshot& snapshot) {
      return grows_out_of(before, snapshot.number, gone.number);
    });
    return;
  }
  if (vm.current == gone.number) vm.current = gone.parent;
  std::erase(vm.snapshots, gone);
  for (Snapshot& snapshot : vm.snapshots) {
    if (snapshot.parent == gone.number) snapshot.parent = gone.parent;
  }
}

// Raw events come before the state (3.3), but in V, which tells a snapshot's at the end (2.3).
void end_snapshot_operation(Host& host, uint8_t index, const Operation& operation) {
  using Kind = Event::Kind;
  Vm& vm = host.vms[index];
  const Order& order = operation.order;
  State then = operation.before;
  const auto tell_all = [&](Kind first, Kind second) {
    tell(host, first, index);
    tell(host, second, index);
  };
  if (order.act == Act::kCreateSnapshot) {
    take_snapshot(vm, number_of(host, operation.job), then);
    const bool is_virtuozzo = host.profile == Profile::kVirtuozzo;
    if (is_virtuozzo) enter(host, index, then);
    tell_all(Kind::kTreeChanged, Kind::kSnapshotTaken);
    if (!is_virtuozzo) enter(host, index, then);
  } else if (is_switch(order.act)) {
    const Snapshot& snapshot = vm.snapshots[order.snapshot];
    then = state_after_switch(host.profile, snapshot, order.act);
    vm.description = snapshot.description;
    vm.current = snapshot.number;
    vm.has_image = then == State::kSuspended;
    tell_all(Kind::kTreeChanged, Kind::kSnapshotRestored);
    enter(host, index, then);
  } else {
    delete_snapshots(vm, order);
    tell_all(Kind::kSnapshotDeleted, Kind::kTreeChanged);
    enter(host, index, then);
  }
  const Code code = finish(host, operation.job, order, 0);
  const bool has_memory = order.act == Act::kCreateSnapshot || is_switch(order.act);
  if (code == 0 && has_memory) tell(host, Kind::kMemoryWritten, index);
}

void begin_flush(Host& host, uint8_t index, Operation operation) {
  Vm& vm = host.vms[index];
  vm.has_image = true;
  operation.due_ms = host.now_ms + host.timing.flush;
  operation.turn = host.turns++;
  vm.operation = std::move(operation);
  enter(host, index, State::kSuspendingSync);
}

State state_at_end(const Vm& vm) {
  switch (vm.state) {
    case State::kPausing:
      return State::kPaused;
    case State::kSuspendingSync:
      return State::kSuspended;
    case State::kCompacting:
      return State::kStopped;
    case State::kStopping:
      return vm.has_image ? State::kSuspended : State::kStopped;
    default:
      return State::kRunning;
  }
}

// Of a VM that was on its way up when it could not be killed the notes say nothing: here it comes
// up after all, from the beginning, and the job of the kill ends no sooner.
void roll_back(Host& host, uint8_t index, Operation operation) {
  const State before = operation.before;
  const bool comes_up = before == State::kStarting || before == State::kResuming;
  if (!comes_up) {
    const Code code = operation.code != 0 ? operation.code : kInjected;
    enter(host, index, before);
    finish(host, operation.job, operation.order, code);
    return;
  }
  operation.fails = false;
  operation.code = kInjected;
  operation.due_ms =
      host.now_ms + (before == State::kStarting ? host.timing.boot : host.timing.resume);
  operation.turn = host.turns++;
  host.vms[index].operation = std::move(operation);
  enter(host, index, before);
}

void end_phase(Host& host, uint8_t index) {
  Vm& vm = host.vms[index];
  const Operation operation = *std::exchange(vm.operation, std::nullopt);
  if (operation.fails) return roll_back(host, index, operation);
  switch (vm.state) {
    case State::kSnapshoting:
    case State::kRestoring:
    case State::kDeletingState:
      return end_snapshot_operation(host, index, operation);
    case State::kSuspending:
      return begin_flush(host, index, operation);
    default:
      break;
  }
  if (vm.state == State::kResuming) vm.has_image = false;
  if (vm.state == State::kCompacting) tell(host, Event::Kind::kCompactFinished, index);
  enter(host, index, state_at_end(vm));
  const bool sleeps = without_question(host.profile, operation.order.act) == Act::kAskToPause;
  if (sleeps && vm.state == State::kPaused) vm.frozen = Freeze::kByGuest;
  if (is_of_itself(operation.order.act)) return;  // nobody waits for that
  finish(host, operation.job, operation.order, operation.code);
}

void end_operation(Host& host, uint8_t index) {
  end_phase(host, index);
  Vm& vm = host.vms[index];
  if (!vm.operation && std::exchange(vm.starts_when_down, false)) start_by_itself(host, index);
}

void end_clone(Host& host, size_t place) {
  const Operation operation = host.clones[place];
  host.clones.erase(host.clones.begin() + static_cast<std::ptrdiff_t>(place));
  --host.vms[operation.order.vm].clones_under_way;
  Vm clone;
  const Vm& original = host.vms[operation.order.vm];
  clone.identity = host.numbers_from + static_cast<uint32_t>(host.vms.size());
  clone.came = host.turns++;
  clone.description = original.description;
  clone.auto_start = original.auto_start;
  clone.is_killed_at_shutdown = original.is_killed_at_shutdown;
  tell(host, Event::Kind::kAdded, static_cast<uint8_t>(host.vms.size()));
  host.vms.push_back(std::move(clone));
  finish(host, operation.job, operation.order, 0);
}

// ---- Time -------------------------------------------------------------------------------------

bool comes_before(const Operation& one, const Operation& other) {
  return std::pair(one.due_ms, one.turn) < std::pair(other.due_ms, other.turn);
}

const Operation* next_due(const Host& host) {
  const Operation* next = nullptr;
  const auto look_at = [&](const Operation& operation) {
    if (!next || comes_before(operation, *next)) next = &operation;
  };
  for (const Vm& vm : host.vms) {
    if (vm.operation) look_at(*vm.operation);
  }
  for (const Operation& clone : host.clones) look_at(clone);
  for (const Operation& migration : host.migrations) look_at(migration);
  return next;
}

bool run_until(Host& host, uint64_t time_ms) {
  bool has_run = false;
  for (const Operation* next = next_due(host); next && next->due_ms <= time_ms;
       next = next_due(host)) {
    host.now_ms = next->due_ms;
    has_run = true;
    if (next->order.act == Act::kClone) {
      end_clone(host, static_cast<size_t>(next - host.clones.data()));
    } else if (is_migration(next->order.act)) {
      go_on_migrating(host, static_cast<size_t>(next - host.migrations.data()));
    } else {
      end_operation(host, next->order.vm);
    }
  }
  host.now_ms = time_ms;
  return has_run;
}

}  // namespace

Host make_host(Profile profile, const Timing& timing, size_t vm_count, uint32_t numbers_from) {
  Host host{.profile = profile, .timing = timing};
  host.numbers_from = numbers_from;
  host.vms.resize(vm_count);
  for (uint32_t i = 0; i < vm_count; ++i) {
    host.vms[i].identity = numbers_from + i;
    host.vms[i].came = host.turns++;
  }
  return host;
}

uint32_t number_of(const Host& host, uint32_t job) {
  return host.numbers_from + job + 1;
}

void submit(Host& host, const Order& order) {
  const uint32_t job = host.jobs++;
  const bool is_struck_first =
      order.fault == Fault::kStart || (order.fault == Fault::kMiddle && !has_phases(order.act));
  const bool is_turned_away = host.shutdown && !is_of_itself(order.act);
  const Code code = is_struck_first && !is_turned_away ? kInjected : refusal(host, order);
  if (code != 0) {
    finish(host, job, order, code);
  } else {
    carry_out(host, job, order);
  }
  run_until(host, host.now_ms);
}

void log_in(Host& host) {
  if (host.has_sessions || host.shutdown) return;
  host.has_sessions = true;
  if (host.is_down) begin_service(host);
}

bool advance(Host& host, uint64_t delta_ms) {
  return run_until(host, host.now_ms + delta_ms);
}

std::optional<size_t> migration_of(const Host& host, uint8_t vm) {
  for (size_t i = 0; i < host.migrations.size(); ++i) {
    if (host.migrations[i].order.vm == vm) return i;
  }
  return std::nullopt;
}

std::optional<uint32_t> job_under_way(const Host& host, uint8_t vm) {
  if (const auto& operation = host.vms[vm].operation) {
    if (is_of_itself(operation->order.act)) return std::nullopt;
    if (operation->order.session == kSessionOfNobody) return std::nullopt;
    return operation->job;
  }
  if (const auto migration = migration_of(host, vm)) return host.migrations[*migration].job;
  for (auto clone = host.clones.rbegin(); clone != host.clones.rend(); ++clone) {
    if (clone->order.vm == vm) return clone->job;
  }
  return std::nullopt;
}

std::optional<uint64_t> next_due_ms(const Host& host) {
  const Operation* next = next_due(host);
  if (!next) return std::nullopt;
  return next->due_ms;
}

// ---- Texts ------------------------------------------------------------------------------------

std::string_view state_name(State state) {
  static constexpr std::array<std::string_view, kStateCount> kNames = {
      "UNKNOWN",    "STOPPED",     "STARTING",        "RUNNING",        "PAUSING",    "PAUSED",
      "CONTINUING", "SUSPENDING",  "SUSPENDING_SYNC", "SUSPENDED",      "RESUMING",   "STOPPING",
      "RESETTING",  "SNAPSHOTING", "RESTORING",       "DELETING_STATE", "COMPACTING", "MOUNTED"};
  return kNames[static_cast<size_t>(state)];
}

bool is_of_itself(Act act) {
  return act >= Act::kDie;
}

bool is_pause(Act act) {
  return act == Act::kPause || act == Act::kAskToPause || act == Act::kAskToSuspend ||
         act == Act::kAskToStop || act == Act::kAskInVain;
}

bool is_of_service(Act act) {
  return act == Act::kShutDown || act == Act::kShutDownGently || act == Act::kRestartService ||
         act == Act::kPowerCut;
}

std::string_view act_name(Act act) {
  static constexpr std::array<std::string_view, kActCount> kNames = {
      "Start",         "StartEx",        "Resume",         "Kill",
      "Shutdown",      "Pause",          "AskToPause",     "AskToSuspend",
      "AskToStop",     "AskInVain",      "Suspend",        "Drop",
      "Reset",         "Restart",        "CreateSnapshot", "Switch",
      "SwitchToImage", "DeleteSnapshot", "DeleteSubtree",  "Clone",
      "Unregister",    "Delete",         "BeginEdit",      "Commit",
      "Lock",          "Unlock",         "Compact",        "Mount",
      "Umount",        "Migrate",        "MigrateAsleep",  "Cancel",
      "ShutDown",      "ShutDownGently", "Die",            "GuestLeave",
      "GuestReboot",   "GuestSleep",     "GuestHibernate", "GuestWake",
      "Freeze",        "Unfreeze",       "RestartService", "PowerCut"};
  return kNames[static_cast<size_t>(act)];
}

std::string order_text(const Order& order) {
  std::string text(act_name(order.act));
  switch (order.act) {
    case Act::kSwitch:
    case Act::kSwitchToImage:
    case Act::kDeleteSnapshot:
    case Act::kDeleteSubtree:
      text += " snapshot=" + std::to_string(order.snapshot);
      break;
    default:
      break;
  }
  text += " vm=" + std::to_string(order.vm) + " session=" + std::to_string(order.session);
  constexpr std::array<std::string_view, 4> kFaults = {"", " fails at its start",
                                                       " fails in its middle", " fails at its end"};
  return text.append(kFaults[static_cast<size_t>(order.fault)]);
}

std::string event_text(const Event& event) {
  constexpr std::array<std::string_view, 21> kNames = {"STATE_CHANGED",
                                                       "CONFIG_CHANGED",
                                                       "SNAPSHOTED",
                                                       "RESTORED",
                                                       "STATE_DELETED",
                                                       "TREE_CHANGED",
                                                       "MEMORY_SWAPPING_FINISHED",
                                                       "COMPACT_PROCESSING",
                                                       "COMPACT_FINISHED",
                                                       "ABORTED",
                                                       "FROZEN",
                                                       "UNFROZEN",
                                                       "ADDED",
                                                       "DELETED",
                                                       "UNREGISTERED",
                                                       "MIGRATE_STARTED",
                                                       "MIGRATE_PROGRESS",
                                                       "MIGRATE_FINISHED",
                                                       "MIGRATE_CANCELLED",
                                                       "cut off",
                                                       "job"};
  std::string text(kNames[static_cast<size_t>(event.kind)]);
  if (event.kind == Event::Kind::kJobDone) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    std::string number;
    for (Code rest = event.code; rest > 0; rest /= 16) number.insert(0, 1, kDigits[rest % 16]);
    if (event.code == kSomeRefusal) number = "some refusal";
    return text + " " + std::to_string(event.job) + " ends with " + (number.empty() ? "0" : number);
  }
  if (event.kind == Event::Kind::kCutOff) return text;
  if (event.kind == Event::Kind::kState) text.append(" ").append(state_name(event.state));
  if (event.kind == Event::Kind::kMigrateProgress) text += " " + std::to_string(event.percent);
  return text + " vm=" + std::to_string(event.vm);
}

}  // namespace prl::model
