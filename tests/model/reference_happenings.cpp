// What happens to the VMs of the reference model by itself (vm-lifecycle 2.5).
#include "tests/model/reference_steps.h"

namespace prl::model {
namespace {

constexpr Code kProcessDied = 0x325;  // the notes name none

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

void leave(Host& host, const Order& order) {
  if (host.vms[order.vm].state == State::kRunning) clean_up(host, order);
}

void tell_freeze(Host& host, uint8_t vm, Freeze cause, bool begins) {
  using Kind = Event::Kind;
  if (host.profile != Profile::kDesktop) return;
  if (cause == Freeze::kByDisk) return tell(host, begins ? Kind::kFrozen : Kind::kUnfrozen, vm);
  if (cause != Freeze::kByHost) return;
  tell(host, begins ? Kind::kAsleepWithHost : Kind::kAwakeWithHost, vm);
}

// A paused VM hears nothing of a disk that fails, and its guest does nothing. One that has been
// something else since is no longer frozen. Of a guest that sleeps there is no raw event.
void freeze(Host& host, uint8_t index, Freeze cause) {
  Vm& vm = host.vms[index];
  if (vm.state != State::kRunning) return;
  tell_freeze(host, index, cause, true);
  enter(host, index, State::kPaused);
  vm.frozen = cause;
}

void unfreeze(Host& host, uint8_t index, Freeze cause) {
  if (host.vms[index].frozen != cause) return;
  tell_freeze(host, index, cause, false);
  enter(host, index, State::kRunning);
}

// V knows nothing of it.
void sleep(Host& host, bool begins) {
  if (host.profile == Profile::kVirtuozzo) return;
  for (const size_t i : in_order(host)) {
    if (!host.vms[i].is_registered) continue;
    (begins ? freeze : unfreeze)(host, static_cast<uint8_t>(i), Freeze::kByHost);
  }
}

// Takes as long as a suspend in V, and as a guest that powers itself off in D.
void hibernate(Host& host, const Order& order) {
  Vm& vm = host.vms[order.vm];
  if (host.profile == Profile::kDesktop) return leave(host, order);
  if (vm.state != State::kRunning) return;
  vm.operation = make_operation(host, 0, order, host.timing.suspend);
  enter(host, order.vm, State::kSuspending);
}

}  // namespace

// 2.5, invariant 44. A snapshot that is restored hears nothing of it. A VM that was being stopped
// is stopped at once.
void die(Host& host, const Order& order) {
  Vm& vm = host.vms[order.vm];
  if (!vm.is_registered) return;
  switch (vm.state) {
    case State::kStopped:
    case State::kSuspended:
    case State::kRestoring:
    case State::kCompacting:
    case State::kMounted:
      return;
    case State::kSnapshoting:
    case State::kDeletingState:
      if (!is_live(vm.operation->before)) return;  // there is no process
      break;
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

void happen(Host& host, const Order& order) {
  switch (order.act) {
    case Act::kDie:
      return die(host, order);
    case Act::kGuestLeave:
      return leave(host, order);
    case Act::kGuestHibernate:
      return hibernate(host, order);
    case Act::kGuestSleep:
      return freeze(host, order.vm, Freeze::kByGuest);
    case Act::kGuestWake:
      return unfreeze(host, order.vm, Freeze::kByGuest);
    case Act::kFreeze:
      return freeze(host, order.vm, Freeze::kByDisk);
    case Act::kUnfreeze:
      return unfreeze(host, order.vm, Freeze::kByDisk);
    case Act::kHostSleep:
    case Act::kHostWake:
      return sleep(host, order.act == Act::kHostSleep);
    case Act::kRestartService:
    case Act::kPowerCut:
      return lose_service(host, order);
    default:
      return;
  }
}

}  // namespace prl::model
