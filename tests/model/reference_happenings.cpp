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
  if (is_of_service(order.act)) return lose_service(host, order);
  if (order.act == Act::kDie) return die(host, order);
  if (order.act == Act::kGuestLeave) return leave(host, order);
  if (order.act == Act::kGuestHibernate) return hibernate(host, order);
  if (order.act == Act::kFreeze || order.act == Act::kGuestSleep) return freeze(host, order);
  if (order.act == Act::kUnfreeze || order.act == Act::kGuestWake) return unfreeze(host, order);
}

}  // namespace prl::model
