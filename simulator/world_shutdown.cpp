// How the service of a host ends while its process goes on, and begins again (vm-lifecycle 4.5).
#include <algorithm>
#include <optional>
#include <utility>

#include "simulator/config_rules.h"
#include "simulator/world.h"

namespace prl::sim {

namespace {

bool is_at_rest(State state) {
  return !is_live(state) && !is_transitional(state);
}

// A mount ends with the service. For a VM that lives the default is to suspend; the other two
// values of the setting stop it.
Command command_at_shutdown(const Vm& vm) {
  constexpr int64_t kSuspend = 1;
  if (vm.state() == State::kMounted) return Command::kUmount;
  const auto wanted = number_setting(vm.config(), "Settings.Shutdown.AutoStop");
  return wanted.value_or(kSuspend) == kSuspend ? Command::kSuspend : Command::kStopKill;
}

OperationPtr operation_of_nobody(const Vm& vm, OperationDone done) {
  const auto operation = std::make_shared<Operation>();
  operation->function = "shutdown";
  operation->vm_name = vm.config().name;
  operation->done = std::move(done);
  return operation;
}

}  // namespace

void World::shut_down(Caller caller, bool by_force, OperationDone done) {
  submit(std::move(caller), std::nullopt, std::move(done),
         [this, by_force](const OperationPtr& operation) {
           bool is_quiet = true;
           vms_.for_each([&](const Vm& vm) { is_quiet = is_quiet && is_at_rest(vm.state()); });
           if (!is_quiet && !by_force) return finish(operation, OutcomeKind::kSomeVmsRunning);
           shutting_down_ = true;
           note_running();
           quiet_vms([this, operation] {
             shutting_down_ = false;
             begins_with_login_ = true;
             ++services_;
             for (SessionObserver* session : sessions_) session->on_shutdown(host_uuid_);
             trace_.line(now_ms(), "world", "host " + host_uuid_.format() + " shuts down");
             finish(operation, Outcome());
             end_sessions();
           });
         });
}

// A VM in the middle of something takes no command; it is left to what it does.
void World::quiet_vms(std::function<void()> then) {
  const auto waiting = std::make_shared<size_t>(1);
  const auto ended = [waiting, then = std::move(then)] {
    if (--*waiting == 0) then();
  };
  std::vector<std::shared_ptr<Vm>> busy;
  vms_.for_each([&](Vm& vm) {
    vm.end_mount_beside();
    if (!is_at_rest(vm.state()) || vm.state() == State::kMounted) {
      busy.push_back(vm.shared_from_this());
    }
  });
  for (const auto& vm : busy) {
    ++*waiting;
    vm->run({.command = command_at_shutdown(*vm)},
            operation_of_nobody(*vm, [ended](const Report&) { ended(); }));
  }
  ended();
}

// Also where nobody else does: a service that has gone unasked finds no mounts when it is back
// (vm-lifecycle 8, invariant 42).
void World::end_mounts() {
  for (const auto& vm : all_vms()) {
    vm->end_mount_beside();
    if (vm->state() != State::kMounted) continue;
    vm->run({.command = Command::kUmount}, operation_of_nobody(*vm, nullptr));
  }
}

// What the service itself stops or suspends has run all the same.
void World::note_running() {
  ran_before_.clear();
  vms_.for_each([&](const Vm& vm) {
    if (vm.state() == State::kRunning) ran_before_.push_back(vm.uuid());
  });
}

void World::begin_service() {
  constexpr int64_t kOnLoad = 1;
  constexpr int64_t kOnReload = 2;
  for (const auto& vm : all_vms()) {
    const auto wanted = number_setting(vm->config(), "Settings.Startup.AutoStart");
    const bool has_run = std::ranges::find(ran_before_, vm->uuid()) != ran_before_.end();
    if (wanted != kOnLoad && !(wanted == kOnReload && has_run)) continue;
    const auto delay_s = std::max<int64_t>(
        number_setting(vm->config(), "Settings.Startup.AutoStartDelay").value_or(0), 0);
    if (delay_s == 0) {
      start_by_itself(vm->uuid(), services_);
      continue;
    }
    after(static_cast<uint64_t>(delay_s) * 1000,
          [this, vm = vm->uuid(), service = services_] { start_by_itself(vm, service); });
  }
}

// Unless the service that would start it has gone again.
void World::start_by_itself(const Uuid& vm, uint64_t service) {
  const auto found = vms_.find(vm);
  if (!found || service != services_ || shutting_down_) return;
  trace_.line(now_ms(), "world", "vm=" + found->config().name + " starts with the service");
  found->start_by_itself();
}

void World::end_sessions() {
  for (SessionObserver* session : std::exchange(sessions_, {})) {
    forget_session(*session);
    session->on_connection_lost();
  }
}

}  // namespace prl::sim
