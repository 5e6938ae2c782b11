// How what is under way on a VM of the reference model ends (vm-lifecycle 2 and 3.3).
#include <algorithm>
#include <utility>

#include "tests/model/reference_steps.h"

namespace prl::model {
namespace {

// Of the moment in which it was asked for (8, invariant 26). Only a resize can come between, in V.
void take_snapshot(Vm& vm, uint32_t number, const Operation& taking) {
  vm.snapshots.push_back({number, vm.current, taking.before, vm.description, taking.disk_mib});
  vm.current = number;
}

bool takes_snapshot(Act act) {
  return act == Act::kCreateSnapshot || act == Act::kCloneLinked;
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
  if (takes_snapshot(order.act)) {
    take_snapshot(vm, number_of(host, operation.job), operation);
    const bool is_virtuozzo = host.profile == Profile::kVirtuozzo;
    if (is_virtuozzo) enter(host, index, then);
    tell_all(Kind::kTreeChanged, Kind::kSnapshotTaken);
    if (!is_virtuozzo) enter(host, index, then);
  } else if (is_switch(order.act)) {
    const Snapshot& snapshot = vm.snapshots[order.snapshot];
    then = state_after_switch(host.profile, snapshot, order.act);
    vm.description = snapshot.description;
    vm.disk_mib = snapshot.disk_mib;
    vm.current = snapshot.number;
    vm.has_image = then == State::kSuspended;
    tell_all(Kind::kTreeChanged, Kind::kSnapshotRestored);
    enter(host, index, then);
  } else {
    delete_snapshots(vm, order);
    tell_all(Kind::kSnapshotDeleted, Kind::kTreeChanged);
    enter(host, index, then);
  }
  // What 2.3 has follow the job of a snapshot follows none where the job is that of a clone.
  if (order.act == Act::kCloneLinked) return begin_clone(host, operation.job, order);
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

}  // namespace

void end_operation(Host& host, uint8_t index) {
  end_phase(host, index);
  Vm& vm = host.vms[index];
  if (!vm.operation && std::exchange(vm.starts_when_down, false)) start_by_itself(host, index);
}

// The folder of a VM that is on its way to another state by itself goes when it has got there.
void end_rewriting(Host& host, size_t place) {
  Operation& operation = host.rewritings[place];
  if (!is_stable(host.vms[operation.order.vm].state)) {
    operation.due_ms = kNever;
    return;
  }
  const Operation ended = operation;
  host.rewritings.erase(host.rewritings.begin() + static_cast<std::ptrdiff_t>(place));
  if (ended.code == 0) tell(host, Event::Kind::kConfigChanged, ended.order.vm);
  finish(host, ended.job, ended.order, ended.code);
}

void end_clone(Host& host, size_t place) {
  const Operation operation = host.clones[place];
  host.clones.erase(host.clones.begin() + static_cast<std::ptrdiff_t>(place));
  --host.vms[operation.order.vm].clones_under_way;
  Vm clone;
  const Vm& original = host.vms[operation.order.vm];
  clone.identity = host.numbers_from + static_cast<uint32_t>(host.vms.size());
  clone.came = host.turns++;
  clone.is_template = operation.order.act == Act::kCloneToTemplate;
  clone.description = original.description;
  clone.disk_mib = original.disk_mib;
  const auto current = std::ranges::find(original.snapshots, original.current, &Snapshot::number);
  const bool is_linked = operation.order.act == Act::kCloneLinked;
  if (is_linked && current != original.snapshots.end()) {
    clone.description = current->description;
    clone.disk_mib = current->disk_mib;
  }
  clone.auto_start = original.auto_start;
  clone.is_killed_at_shutdown = original.is_killed_at_shutdown;
  tell(host, Event::Kind::kAdded, static_cast<uint8_t>(host.vms.size()));
  host.vms.push_back(std::move(clone));
  finish(host, operation.job, operation.order, 0);
}

}  // namespace prl::model
