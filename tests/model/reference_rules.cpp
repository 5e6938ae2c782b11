// The answers of the reference model: who may do what when (vm-lifecycle 2 and 5).
#include <algorithm>
#include <array>

#include "tests/model/reference_steps.h"

namespace prl::model {
namespace {

constexpr Code kFailure = 0x9;
constexpr Code kInvalidArgument = 0x3;
constexpr Code kUnableToDrop = 0x103;
constexpr Code kSuspendedNotEditable = 0x104;
constexpr Code kUuidNotFound = 0x105;
constexpr Code kNotSupported = 0x201;
constexpr Code kUnrecognized = 0x91;
constexpr Code kConfigWasChanged = 0x112;
constexpr Code kSomeVmsRunning = 0x362;
constexpr Code kShuttingDown = 0x404;
constexpr Code kNobodyEdits = 0x346;
constexpr Code kOthersEdit = 0x347;
constexpr Code kStartOfTemplate = 0x368;
constexpr Code kNotStarted = 0x377;
constexpr Code kCantBeExecuted = 0x416;
constexpr Code kSnapshotNotFound = 0x472;
constexpr Code kExclusivelyLocked = 0x476;
constexpr Code kNotLocked = 0x477;
constexpr Code kNotTheOwner = 0x478;
constexpr Code kWrongStateToCompact = 0x489;
constexpr Code kInvalidAction = 0x516;
constexpr Code kWakingUp = 0x553;
constexpr Code kFrozen = 0x554;
constexpr Code kUnfitToLink = 0x583;
constexpr Code kNotStopped = 0x557;
constexpr Code kNotRunning = 0x595;
constexpr Code kMigrationToItself = 0x31045;
constexpr Code kHeldByClone = 0x38100;
constexpr Code kHeldByStart = 0x38104;
constexpr Code kHeldByStartEx = 0x38105;
constexpr Code kHeldByOther = 0x38106;
constexpr Code kHeldByMigration = 0x38109;
constexpr Code kHeldByCreateSnapshot = 0x38110;
constexpr Code kHeldBySwitch = 0x38111;
constexpr Code kHeldByDeleteSnapshot = 0x38112;
constexpr Code kHeldByCompact = 0x38117;
constexpr Code kHeldByConversion = 0x38118;
constexpr Code kHeldByMove = 0x38124;
constexpr Code kDisksInUse = 0x41600;
constexpr Code kAlreadyMounted = 0x46600;
constexpr Code kNotMounted = 0x46601;
constexpr Code kSnapshotOfTemplate = 0x56505;
// All of them. A walk that meets only some of them says nothing of the others.
constexpr std::array kRefusalCodes = {
    kFailure,
    kInvalidArgument,
    kUnableToDrop,
    kSuspendedNotEditable,
    kUuidNotFound,
    kUnrecognized,
    kConfigWasChanged,
    kSomeVmsRunning,
    kShuttingDown,
    kNobodyEdits,
    kOthersEdit,
    kNotStarted,
    kCantBeExecuted,
    kSnapshotNotFound,
    kExclusivelyLocked,
    kNotLocked,
    kNotTheOwner,
    kWrongStateToCompact,
    kInvalidAction,
    kNotStopped,
    kNotRunning,
    kMigrationToItself,
    kHeldByClone,
    kHeldByStart,
    kHeldByStartEx,
    kHeldByOther,
    kHeldByMigration,
    kHeldByCreateSnapshot,
    kHeldBySwitch,
    kHeldByDeleteSnapshot,
    kHeldByCompact,
    kAlreadyMounted,
    kNotMounted,
    kFrozen,
    kWakingUp,
    kStartOfTemplate,
    kSnapshotOfTemplate,
    kUnfitToLink,
    kHeldByConversion,
    kHeldByMove,
    kDisksInUse,
    kNotSupported,
};

bool is_coming_up(State state) {
  return state == State::kStarting || state == State::kResuming;
}

bool is_start(Act act) {
  return act == Act::kStart || act == Act::kStartEx || act == Act::kResume;
}
bool is_about_snapshots(Act act) {
  return act == Act::kCreateSnapshot || names_snapshot(act);
}

// 2.4, the columns of stable states; one rule for both profiles, where V is the one that has it.
Code mount_gate(State state) {
  if (state == State::kMounted) return kAlreadyMounted;
  if (state == State::kSuspended) return kSuspendedNotEditable;
  return is_live(state) ? kNotStopped : 0;
}

Code compact_gate(State state) {
  if (state == State::kMounted) return kHeldByOther;  // by the mount (5.1)
  return state == State::kPaused || state == State::kSuspended ? kWrongStateToCompact : 0;
}

// Of a mounted VM the notes say that it cannot be started. It has no process, so the rest is as for
// a stopped one; its snapshots are the business of the four states of 2.3 only.
Code desktop_gate_when_mounted(Act act) {
  if (is_start(act)) return kHeldByOther;
  return is_about_snapshots(act) ? kCantBeExecuted : kNotStarted;
}

// The columns D of vm-lifecycle 2.2 to 2.4.
Code desktop_gate(Act act, State state) {
  if (act == Act::kDrop) return state == State::kSuspended ? 0 : kUnableToDrop;
  if (act == Act::kUmount) return state == State::kMounted ? 0 : kNotMounted;
  if (!is_stable(state)) {
    return act == Act::kKill && is_coming_up(state) ? 0 : kCantBeExecuted;
  }
  if (act == Act::kMount) return mount_gate(state);
  if (act == Act::kCompact) return compact_gate(state);
  if (state == State::kMounted) return desktop_gate_when_mounted(act);
  switch (act) {
    case Act::kStart:
    case Act::kStartEx:
    case Act::kResume:
      return state == State::kRunning ? kNotStopped : 0;
    case Act::kKill:
    case Act::kSuspend:
    case Act::kReset:
      return is_off(state) ? kNotStarted : 0;
    case Act::kShutdown:
    case Act::kPause:
    case Act::kRestart:
      if (is_off(state)) return kNotStarted;
      return state == State::kPaused ? kCantBeExecuted : 0;
    default:
      return 0;  // snapshots: legal in every stable state
  }
}

// 5.1: a stop and a suspend hold Stop, the start of a paused VM holds Resume; neither has a code of
// its own.
bool is_held_by_other(State state) {
  return state == State::kStopping || state == State::kSuspending ||
         state == State::kSuspendingSync || state == State::kContinuing;
}

// In the middle of an operation the notes name a rule of 5.2 or the hypervisor, which often comes
// to no single code: then any refusal will do.
Code virtuozzo_gate_in_transit(const Vm& vm, const Order& order) {
  const bool takes_lock = is_start(order.act) || order.act == Act::kKill ||
                          order.act == Act::kShutdown || order.act == Act::kSuspend ||
                          order.act == Act::kMount;
  if (takes_lock && is_held_by_other(vm.state)) return kHeldByOther;
  if (takes_lock && is_coming_up(vm.state)) {
    const bool is_own = vm.operation && vm.operation->order.session == order.session;
    return order.act == Act::kKill && is_own ? 0 : kHeldByStart;
  }
  return order.act == Act::kPause ? kFailure : kSomeRefusal;
}

// The columns V.
Code virtuozzo_gate(const Vm& vm, const Order& order) {
  const State state = vm.state;
  if (order.act == Act::kCompact) return kUnrecognized;
  if (order.act == Act::kDrop) return state == State::kSuspended ? 0 : kUnableToDrop;
  if (order.act == Act::kUmount) return state == State::kMounted ? 0 : kNotMounted;
  if (!is_stable(state)) return virtuozzo_gate_in_transit(vm, order);
  if (order.act == Act::kMount) return mount_gate(state);
  if (state == State::kMounted && is_start(order.act)) return kHeldByOther;
  if (state == State::kMounted && is_about_snapshots(order.act)) return kCantBeExecuted;
  switch (order.act) {
    case Act::kStart:
    case Act::kStartEx:
    case Act::kResume:
      return state == State::kRunning ? kFailure : 0;
    case Act::kPause:
      return state == State::kRunning ? 0 : kFailure;
    case Act::kShutdown:
      return state == State::kRunning ? 0 : kNotRunning;
    case Act::kKill:
    case Act::kSuspend:
    case Act::kReset:
      return is_live(state) ? 0 : kInvalidAction;
    case Act::kRestart:
      return state == State::kRunning ? 0 : kInvalidAction;
    default:
      return 0;
  }
}

// What an operation on snapshots or disks holds; 0 where there is none.
Code held_for_files(State state) {
  switch (state) {
    case State::kSnapshoting:
      return kHeldByCreateSnapshot;
    case State::kRestoring:
      return kHeldBySwitch;
    case State::kDeletingState:
      return kHeldByDeleteSnapshot;
    case State::kCompacting:
      return kHeldByCompact;
    case State::kMounted:
      return kHeldByOther;
    default:
      return 0;
  }
}

// The lock of what made the VM process, which holds as long as there is one (2.4). Of several
// holders in the way the operation on snapshots or disks is named first.
Code held_by_process(const Host& host, const Vm& vm) {
  if (const Code held = held_for_files(vm.state)) return held;
  if (is_off(vm.state)) return 0;
  if (host.profile == Profile::kVirtuozzo) {
    if (is_coming_up(vm.state)) return kHeldByStart;
    return is_live(vm.state) ? kHeldByStartEx : kSomeLock;
  }
  return vm.is_started_by_ex ? kHeldByStartEx : kHeldByStart;
}

// They keep out nearly all that there is (5.2, rule 15).
Code held_by_copying(const Host& host, const Order& order) {
  if (host.vms[order.vm].clones_under_way > 0) return kHeldByClone;
  if (host.rewritings.empty() && host.migrations.empty()) return 0;
  if (const auto rewriting = rewriting_of(host, order.vm)) {
    return host.rewritings[*rewriting].order.act == Act::kMove ? kHeldByMove : kHeldByConversion;
  }
  return migration_of(host, order.vm) ? kHeldByMigration : 0;
}

Code refuse_removal(const Host& host, const Order& order) {
  if (const Code held = held_by_copying(host, order)) return held;
  const Vm& vm = host.vms[order.vm];
  const bool is_virtuozzo = host.profile == Profile::kVirtuozzo;
  const Code held = held_by_process(host, vm);
  const bool lives = held == kSomeLock || is_live(vm.state);
  return is_virtuozzo && lives ? kNotStopped : held;
}

// In V what a VM holds because it lives is in nobody's way who takes it elsewhere (5.2, rule 9);
// the command that is under way on it is (5.1).
Code held_on_the_way(const Host& host, const Vm& vm) {
  const bool is_virtuozzo = host.profile == Profile::kVirtuozzo;
  if (is_virtuozzo && is_held_by_other(vm.state)) return kHeldByOther;
  return held_by_process(host, vm);
}

// A VM that lives may go (5.2, rule 9), in profile D too. Nobody else is a host.
Code refuse_migration(const Host& host, const Order& order) {
  if (const Code held = held_by_copying(host, order)) return held;
  const Vm& vm = host.vms[order.vm];
  if (vm.state == State::kMounted || !is_stable(vm.state)) return held_on_the_way(host, vm);
  return host.neighbour ? 0 : kMigrationToItself;
}

// 2.4. In V one that lives may go, and what holds it is of no account (5.2, rule 9).
Code refuse_move(const Host& host, const Order& order) {
  if (const Code held = held_by_copying(host, order)) return held;
  const Vm& vm = host.vms[order.vm];
  const bool may_live = host.profile == Profile::kVirtuozzo && is_live(vm.state);
  return may_live ? 0 : held_on_the_way(host, vm);
}

// 2.4, where the lock comes before the state (2.1). In the middle of something they name no code.
Code refuse_conversion(const Host& host, const Order& order) {
  if (const Code held = held_by_copying(host, order)) return held;
  const Vm& vm = host.vms[order.vm];
  if (const Code held = held_for_files(vm.state)) return held;
  if (is_off(vm.state)) return 0;
  return is_live(vm.state) ? kDisksInUse : kSomeRefusal;
}

// Whether the VM is told to be off, and is not on its way up: in V that is not told.
bool is_told_off(const Vm& vm) {
  return is_off(vm.told) && !is_coming_up(vm.state);
}

// 2.4. In V the process of a VM that is told to be off may still be going (5.2, rule 15 for a
// Stop).
Code refuse_copy(const Host& host, const Order& order) {
  const Vm& vm = host.vms[order.vm];
  if (!is_told_off(vm)) return kNotStopped;
  if (is_held_by_other(vm.state)) return kHeldByOther;
  return held_by_copying(host, order);
}

// 2.4, and 5.2 where only a VM that lives gives way (rule 12). That snapshots do is 5.1 for V.
Code refuse_resize(const Host& host, const Order& order) {
  const Vm& vm = host.vms[order.vm];
  const bool is_stopped = vm.told == State::kStopped && is_told_off(vm);
  if (!is_stopped && !is_live(vm.told)) return kNotStopped;
  if (is_held_by_other(vm.state)) return kHeldByOther;
  if (const Code held = held_by_copying(host, order)) return held;
  const bool shrinks = disk_size_of(order.act) < vm.disk_mib;
  return shrinks && !is_stopped ? kNotSupported : 0;
}

bool is_cloned_linked(const Host& host, uint8_t vm) {
  return std::ranges::any_of(host.clones, [vm](const Operation& clone) {
    return clone.order.vm == vm && clone.order.act == Act::kCloneLinked;
  });
}

// The memory of a snapshot cannot be shared by two, says the name of the code, of which the notes
// know nothing. A VM that stands on none of its snapshots is cloned as it is.
Code refuse_to_link(const Vm& vm) {
  if (vm.snapshots.empty()) return vm.is_template ? kSnapshotOfTemplate : 0;
  const auto current = std::ranges::find(vm.snapshots, vm.current, &Snapshot::number);
  const bool has_memory = current != vm.snapshots.end() && current->power != State::kStopped;
  return has_memory ? kUnfitToLink : 0;
}

// Two clones may be made at a time, but a linked one by itself only (5.2, rules 1, 5 and 15), and
// not by who holds the lock that it takes (4.1).
Code refuse_clone(const Host& host, const Order& order) {
  const Vm& vm = host.vms[order.vm];
  const bool is_linked = order.act == Act::kCloneLinked;
  if (is_linked && vm.locked_by) return kExclusivelyLocked;
  if (vm.state == State::kSuspended || vm.state == State::kSuspendingSync) return kCantBeExecuted;
  const bool has_clones_only = vm.clones_under_way > 0;
  if (const Code held = has_clones_only ? 0 : held_by_copying(host, order)) return held;
  const bool is_in_the_way = is_linked ? vm.clones_under_way > 0 : is_cloned_linked(host, order.vm);
  if (is_in_the_way) return kHeldByClone;
  if (const Code held = held_by_process(host, vm)) return held;
  return is_linked ? refuse_to_link(vm) : 0;
}

// 4.3 by the state that the host tells, too: in V a VM that is being resumed is still suspended.
Code refuse_edit(const Vm& vm) {
  if (vm.told == State::kSuspended) return kSuspendedNotEditable;
  switch (vm.state) {
    case State::kSuspended:
    case State::kSuspending:
    case State::kSuspendingSync:
      return kSuspendedNotEditable;
    default:
      return 0;
  }
}

// 4.3 in the order of config-model 3.3: the gate, the lock, the stamp, the clash.
Code refuse_commit(const Host& host, const Order& order) {
  const Vm& vm = host.vms[order.vm];
  if (const Code refused = refuse_edit(vm)) return refused;
  if (const Code held = held_by_copying(host, order)) return held;
  // 5.2, rule 8: a compaction lets it pass.
  const Code held = held_for_files(vm.state);
  if (held != 0 && vm.state != State::kCompacting) return held;
  if (vm.state == State::kStopping) return kHeldByOther;  // 5.2: rule 15 for a Stop
  if (vm.stamps.empty()) return kNobodyEdits;
  const auto own = std::ranges::find(vm.stamps, order.session, &Stamp::session);
  if (own == vm.stamps.end()) return kOthersEdit;
  return own->description == vm.description ? 0 : kConfigWasChanged;
}

Code refuse_unlock(const Host& host, const Order& order) {
  const Vm& vm = host.vms[order.vm];
  if (vm.locked_by) return *vm.locked_by == order.session ? 0 : kNotTheOwner;
  // Registered operations: that of the VM process, what is under way.
  const bool is_busy = !is_off(vm.state) || held_by_copying(host, order) != 0;
  return is_busy ? kNotTheOwner : kNotLocked;
}

Code refuse_unknown_snapshot(const Host& host, const Vm& vm, const Order& order) {
  if (!names_snapshot(order.act) || order.snapshot < vm.snapshots.size()) return 0;
  const bool is_switch = order.act == Act::kSwitch || order.act == Act::kSwitchToImage;
  const bool is_virtuozzo = host.profile == Profile::kVirtuozzo;
  return is_virtuozzo && is_switch ? kInvalidArgument : kSnapshotNotFound;
}

// 1: no snapshot and no way on while the disk cannot be served, or the host sleeps.
Code refuse_frozen(const Host& host, const Vm& vm, Act act) {
  if (vm.frozen == Freeze::kNo || host.profile != Profile::kDesktop) return 0;
  if (!is_start(act) && !is_about_snapshots(act)) return 0;
  return vm.frozen == Freeze::kByDisk ? kFrozen : vm.frozen == Freeze::kByHost ? kWakingUp : 0;
}

// 2.2. That it has no snapshots is what the code is for, of which the notes know nothing.
Code refuse_as_template(Act act) {
  if (is_start(act)) return kStartOfTemplate;
  return is_about_snapshots(act) ? kSnapshotOfTemplate : 0;
}

// What holds Start or Resume gives way to the stop of its own session only, StartEx to any (5.2,
// rule 6). The service that shuts down is no session.
bool may_kill(const Vm& vm, const Order& order) {
  if (!is_coming_up(vm.state) || !vm.operation || vm.is_started_by_ex) return true;
  return order.session == kSessionOfNobody || vm.operation->order.session == order.session;
}

// Whether the guest is asked or not, a pause is a pause.
Code refuse_power(const Host& host, const Vm& vm, Order order) {
  if (is_pause(order.act)) order.act = Act::kPause;
  if (const Code refused = vm.is_template ? refuse_as_template(order.act) : 0) return refused;
  const Code gate = host.profile == Profile::kVirtuozzo ? virtuozzo_gate(vm, order)
                                                        : desktop_gate(order.act, vm.state);
  if (gate != 0) return gate;
  if (host.profile == Profile::kDesktop && order.act == Act::kKill && !may_kill(vm, order)) {
    return kHeldByStart;
  }
  if (const Code frozen = refuse_frozen(host, vm, order.act)) return frozen;
  if (const Code held = held_by_copying(host, order)) return held;
  return refuse_unknown_snapshot(host, vm, order);
}

// A VM whose disks are mounted is not at work.
Code refuse_shutdown(const Host& host, const Order& order) {
  if (order.act == Act::kShutDown) return 0;
  const bool is_quiet = std::ranges::all_of(host.vms, [](const Vm& vm) {
    return !vm.is_registered || is_off(vm.state) || vm.state == State::kMounted;
  });
  return is_quiet ? 0 : kSomeVmsRunning;
}

}  // namespace

// In the order of 2.1.
Code refusal(const Host& host, const Order& order) {
  if (is_of_itself(order.act) && is_of_host(order.act)) return 0;
  if (host.shutdown && !is_of_itself(order.act)) return kShuttingDown;
  if (order.act == Act::kCancel) return 0;  // by the job, whatever the VM
  if (is_of_host(order.act)) return refuse_shutdown(host, order);
  if (order.vm >= host.vms.size() || !host.vms[order.vm].is_registered) return kUuidNotFound;
  const Vm& vm = host.vms[order.vm];
  if (is_of_itself(order.act)) return 0;
  if (order.act == Act::kLock) return vm.locked_by ? kExclusivelyLocked : 0;
  if (order.act == Act::kUnlock) return refuse_unlock(host, order);
  // 5.3 for both profiles, though 2.1 has V let power commands go on to the operation lock.
  if (vm.locked_by && *vm.locked_by != order.session) return kExclusivelyLocked;
  switch (order.act) {
    case Act::kClone:
    case Act::kCloneToTemplate:
    case Act::kCloneLinked:
      return refuse_clone(host, order);
    case Act::kMigrate:
    case Act::kMigrateAsleep:
      return refuse_migration(host, order);
    case Act::kMove:
      return refuse_move(host, order);
    case Act::kConvert:
      return refuse_conversion(host, order);
    case Act::kCopyImage:
      return refuse_copy(host, order);
    case Act::kGrowDisk:
    case Act::kShrinkDisk:
      return refuse_resize(host, order);
    case Act::kUnregister:
    case Act::kDelete:
      return refuse_removal(host, order);
    case Act::kBeginEdit:
      return refuse_edit(vm);
    case Act::kCommit:
      return refuse_commit(host, order);
    default:
      return refuse_power(host, vm, order);
  }
}

Code refusal_by_vm(const Host& host, const Order& order) {
  return refuse_power(host, host.vms[order.vm], order);
}

std::span<const Code> refusal_codes() {
  return kRefusalCodes;
}

}  // namespace prl::model
