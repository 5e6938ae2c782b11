#include "tests/model/reference_model.h"

#include <algorithm>
#include <utility>

#include "tests/model/reference_steps.h"

namespace prl::model {
namespace {

constexpr Code kUnsuitableState = 0x31017;

// A job that is under way for a while, whose middle a fault can strike.
bool has_phases(Act act) {
  if (is_of_itself(act)) return false;
  switch (act) {
    case Act::kShutDown:
    case Act::kShutDownGently:
    case Act::kMount:
    case Act::kUmount:
    case Act::kMigrate:
    case Act::kMigrateAsleep:
    case Act::kCancel:
    case Act::kRestart:
    case Act::kClone:
    case Act::kCloneToTemplate:
    case Act::kCloneLinked:
    case Act::kMove:
    case Act::kConvert:
    case Act::kCopyImage:
    case Act::kGrowDisk:
    case Act::kShrinkDisk:
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
  for (const Operation& rewriting : host.rewritings) look_at(rewriting);
  return next;
}

bool is_among(const std::vector<Operation>& operations, const Operation& one) {
  return !operations.empty() && &one >= &operations.front() && &one <= &operations.back();
}

// Lets the wait that comes before all that is under way try again, where one does so by then.
bool try_wait_before(Host& host, const Operation* next, uint64_t time_ms) {
  const size_t place = next_wait(host);
  const auto due = due_of(host.waits[place]);
  const bool is_first = !next || due < std::pair(next->due_ms, next->turn);
  if (!is_first || due.first > time_ms) return false;
  host.now_ms = due.first;
  try_again(host, place);
  return true;
}

bool run_until(Host& host, uint64_t time_ms) {
  bool has_run = false;
  while (true) {
    const Operation* next = next_due(host);
    if (has_waits(host) && try_wait_before(host, next, time_ms)) {
      has_run = true;
      continue;
    }
    if (!next || next->due_ms > time_ms) break;
    host.now_ms = next->due_ms;
    has_run = true;
    const auto& of_vm = host.vms[next->order.vm].operation;
    if (of_vm && &*of_vm == next) {
      end_operation(host, next->order.vm);
    } else if (is_among(host.clones, *next)) {
      end_clone(host, static_cast<size_t>(next - host.clones.data()));
    } else if (is_among(host.rewritings, *next)) {
      end_rewriting(host, static_cast<size_t>(next - host.rewritings.data()));
    } else {
      go_on_migrating(host, static_cast<size_t>(next - host.migrations.data()));
    }
  }
  host.now_ms = time_ms;
  return has_run;
}

}  // namespace

bool is_clone(Act act) {
  return act == Act::kClone || act == Act::kCloneToTemplate || act == Act::kCloneLinked;
}

bool names_snapshot(Act act) {
  return act == Act::kSwitch || act == Act::kSwitchToImage || act == Act::kDeleteSnapshot ||
         act == Act::kDeleteSubtree;
}

// ---- States and ends of jobs ------------------------------------------------------------------

Code finish(Host& host, uint32_t job, const Order& order, Code code) {
  if (has_waits(host)) rouse(host, order.vm);
  if (job == kJobOfShutdown) note_quiet(host);
  if (job == kJobOfShutdown || job == kJobOfNobody) return code;
  if (code == 0 && order.fault == Fault::kEnd) code = kInjected;
  host.events.push_back({.kind = Event::Kind::kJobDone, .job = job, .code = code});
  return code;
}

State state_after_switch(Profile profile, const Snapshot& snapshot, Act act) {
  const bool stays_off = act == Act::kSwitchToImage && profile == Profile::kDesktop;
  return stays_off && is_live(snapshot.power) ? State::kSuspended : snapshot.power;
}

namespace {

// It was waiting for the VM to get where it is now.
void rouse_rewriting(Host& host, uint8_t index) {
  const auto place = rewriting_of(host, index);
  if (!place || host.rewritings[*place].due_ms != kNever) return;
  host.rewritings[*place].due_ms = host.now_ms;
  host.rewritings[*place].turn = host.turns++;
}

}  // namespace

// One that migrates takes no commands, so it is something else by itself, and goes nowhere.
void enter(Host& host, uint8_t index, State to) {
  if (has_waits(host)) rouse(host, index);
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
  if (is_stable(to)) rouse_rewriting(host, index);
}

// ---- Orders and time --------------------------------------------------------------------------

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
    const bool waits = lets_wait(host) && let_wait(host, job, order, code);
    if (!waits) finish(host, job, order, code);
  } else {
    carry_out(host, job, order);
  }
  run_until(host, host.now_ms);
}

bool advance(Host& host, uint64_t delta_ms) {
  return run_until(host, host.now_ms + delta_ms);
}

std::optional<uint32_t> job_under_way(const Host& host, uint8_t vm) {
  for (auto wait = host.waits.rbegin(); wait != host.waits.rend(); ++wait) {
    if (wait->order.vm == vm) return wait->job;
  }
  if (const auto& operation = host.vms[vm].operation) {
    if (is_of_itself(operation->order.act)) return std::nullopt;
    if (operation->order.session == kSessionOfNobody) return std::nullopt;
    return operation->job;
  }
  if (const auto migration = migration_of(host, vm)) return host.migrations[*migration].job;
  if (const auto rewriting = rewriting_of(host, vm)) return host.rewritings[*rewriting].job;
  for (auto clone = host.clones.rbegin(); clone != host.clones.rend(); ++clone) {
    if (clone->order.vm == vm) return clone->job;
  }
  return std::nullopt;
}

std::optional<size_t> rewriting_of(const Host& host, uint8_t vm) {
  for (size_t i = 0; i < host.rewritings.size(); ++i) {
    if (host.rewritings[i].order.vm == vm) return i;
  }
  return std::nullopt;
}

std::optional<uint64_t> next_due_ms(const Host& host) {
  const Operation* next = next_due(host);
  if (!has_waits(host)) return next ? std::optional(next->due_ms) : std::nullopt;
  const uint64_t due_ms = due_of(host.waits[next_wait(host)]).first;
  return next ? std::min(next->due_ms, due_ms) : due_ms;
}

}  // namespace prl::model
