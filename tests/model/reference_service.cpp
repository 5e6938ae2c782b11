// The service of the reference model: how it goes, and how it is back (vm-lifecycle 4.5).
#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

#include "tests/model/reference_steps.h"

namespace prl::model {
namespace {

// Locks and stamps go with the sessions (8, invariant 43).
void end_sessions(Host& host) {
  if (host.has_sessions) host.events.push_back({.kind = Event::Kind::kCutOff});
  host.has_sessions = false;
  for (Vm& vm : host.vms) {
    vm.locked_by.reset();
    vm.stamps.clear();
  }
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

void begin_service(Host& host) {
  host.is_down = false;
  for (const size_t i : in_order(host)) {
    const Vm& vm = host.vms[i];
    const bool starts = vm.auto_start == AutoStart::kOnLoad ||
                        (vm.auto_start == AutoStart::kOnReload && vm.ran_before);
    if (vm.is_registered && starts) start_by_itself(host, i);
  }
}

}  // namespace

std::vector<size_t> in_order(const Host& host) {
  std::vector<size_t> places(host.vms.size());
  std::iota(places.begin(), places.end(), size_t{0});
  std::ranges::sort(places, {}, [&](size_t place) { return host.vms[place].came; });
  return places;
}

void start_by_itself(Host& host, size_t index) {
  Vm& vm = host.vms[index];
  vm.starts_when_down = vm.state == State::kStopping;
  if (is_off(vm.state)) order_for_nobody(host, kJobOfNobody, index, Act::kStart);
}

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

void log_in(Host& host) {
  if (host.has_sessions || host.shutdown) return;
  host.has_sessions = true;
  if (host.is_down) begin_service(host);
}

}  // namespace prl::model
