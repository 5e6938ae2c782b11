// The migrations of the reference model (vm-lifecycle 2.4 and 5).
#include <algorithm>
#include <tuple>
#include <utility>

#include "tests/model/reference_steps.h"

namespace prl::model {
namespace {

constexpr Code kUnreachable = 0x249;

void tell_progress(Host& host, uint8_t vm, uint32_t percent) {
  if (!host.has_sessions) return;
  host.events.push_back({.kind = Event::Kind::kMigrateProgress, .vm = vm, .percent = percent});
}

// What is in its folder comes along; locks, edits and how it was started belong to the host that it
// leaves.
void arrive(Host& host, const Vm& from, bool stays_asleep) {
  Vm vm;
  vm.identity = from.identity;
  vm.is_template = from.is_template;
  vm.auto_start = from.auto_start;
  vm.is_killed_at_shutdown = from.is_killed_at_shutdown;
  vm.state = stays_asleep && is_live(from.state) ? State::kSuspended : from.state;
  vm.told = vm.state;
  vm.has_image = vm.state == State::kSuspended;
  vm.description = from.description;
  vm.disk_mib = from.disk_mib;
  vm.snapshots = from.snapshots;
  vm.current = from.current;
  const auto known = std::ranges::find(host.vms, vm.identity, &Vm::identity);
  const auto place = static_cast<size_t>(known - host.vms.begin());
  vm.came = host.turns++;
  if (known == host.vms.end()) host.vms.emplace_back();
  host.vms[place] = std::move(vm);
  tell(host, Event::Kind::kAdded, static_cast<uint8_t>(place));
}

}  // namespace

std::optional<size_t> migration_of(const Host& host, uint8_t vm) {
  for (size_t i = 0; i < host.migrations.size(); ++i) {
    if (host.migrations[i].order.vm == vm) return i;
  }
  return std::nullopt;
}

void begin_migration(Host& host, uint32_t job, const Order& order) {
  Operation operation = make_operation(host, job, order, host.timing.move / 2);
  operation.then = {host.now_ms + host.timing.move, host.turns++};
  host.migrations.push_back(std::move(operation));
  tell(host, Event::Kind::kMigrateStarted, order.vm);
}

void abandon_migration(Host& host, size_t place, Code code) {
  const Operation operation = host.migrations[place];
  host.migrations.erase(host.migrations.begin() + static_cast<std::ptrdiff_t>(place));
  tell(host, Event::Kind::kMigrateCancelled, operation.order.vm);
  finish(host, operation.job, operation.order, code);
}

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

}  // namespace prl::model
