// Requests of the reference model that wait for what keeps them from their VM (vm-lifecycle 5.1).
#include <algorithm>
#include <utility>

#include "tests/model/reference_steps.h"

namespace prl::model {
namespace {

constexpr Code kAlreadyRunning = 0x9;
constexpr Code kExclusivelyLocked = 0x476;
constexpr Code kAlreadyMounted = 0x46600;

// The locks of 5.1.
bool is_lock(Code code) {
  return code >= 0x38100 && code <= 0x38124;
}

// A mount that is in the way of another one is waited for too (2.4).
bool is_worth_waiting(Code code) {
  return is_lock(code) || code == kSomeLock || code == kAlreadyMounted;
}

// A start in V that has waited for another one (the race rule of 2.2).
bool is_served(const Host& host, const Order& order) {
  const bool is_start =
      order.act == Act::kStart || order.act == Act::kStartEx || order.act == Act::kResume;
  return is_start && host.profile == Profile::kVirtuozzo && refusal(host, order) == kAlreadyRunning;
}

}  // namespace

bool is_fit(Code expected, Code answer) {
  if (expected == kSomeLock) return is_lock(answer);
  return expected == kSomeRefusal ? answer != 0 : answer == expected;
}

void rouse(Host& host, uint8_t vm) {
  for (Wait& wait : host.waits) {
    if (wait.order.vm == vm && !wait.retry) wait.retry = {host.now_ms, host.turns++};
  }
}

bool let_wait(Host& host, uint32_t job, const Order& order, Code code) {
  if (!is_worth_waiting(code)) return false;
  const uint64_t until_ms = host.now_ms + host.lock_wait_ms;
  host.waits.push_back({.job = job, .order = order, .limit = {until_ms, host.turns++}});
  return true;
}

std::pair<uint64_t, uint64_t> due_of(const Wait& wait) {
  return wait.retry ? std::min(*wait.retry, wait.limit) : wait.limit;
}

size_t next_wait(const Host& host) {
  const auto next = std::ranges::min_element(host.waits, {}, due_of);
  return static_cast<size_t>(next - host.waits.begin());
}

void try_again(Host& host, size_t place) {
  Wait& wait = host.waits[place];
  wait.retry.reset();
  const auto [job, order, limit, retry] = wait;
  const bool is_over = is_served(host, order);
  const Code code = is_over ? 0 : refusal(host, order);
  // PrlVm_Lock keeps a newcomer out at once (2.1), and those that wait as any other lock does
  // (5.2).
  const bool is_held = is_worth_waiting(code) || code == kExclusivelyLocked;
  if (is_held && host.now_ms < limit.first) return;
  host.waits.erase(host.waits.begin() + static_cast<std::ptrdiff_t>(place));
  ++(is_held ? host.waits_in_vain : host.waits_over);
  if (code != 0 || is_over) {
    finish(host, job, order, code);
  } else {
    carry_out(host, job, order);
  }
}

}  // namespace prl::model
