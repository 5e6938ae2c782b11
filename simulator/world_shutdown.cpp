// How the service of a host ends while its process goes on (vm-lifecycle 4.5).
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
  const PropertyValue* value = vm.config().properties.find("Settings.Shutdown.AutoStop");
  if (!value) return Command::kSuspend;
  if (const auto* number = std::get_if<uint64_t>(value)) {
    return *number == kSuspend ? Command::kSuspend : Command::kStopKill;
  }
  const auto* number = std::get_if<int64_t>(value);
  return !number || *number == kSuspend ? Command::kSuspend : Command::kStopKill;
}

}  // namespace

void World::shut_down(Caller caller, bool by_force, OperationDone done) {
  submit(std::move(caller), std::nullopt, std::move(done),
         [this, by_force](const OperationPtr& operation) {
           bool is_quiet = true;
           vms_.for_each([&](const Vm& vm) { is_quiet = is_quiet && is_at_rest(vm.state()); });
           if (!is_quiet && !by_force) return finish(operation, OutcomeKind::kSomeVmsRunning);
           shutting_down_ = true;
           quiet_vms([this, operation] {
             shutting_down_ = false;
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
    if (!is_at_rest(vm.state()) || vm.state() == State::kMounted) {
      busy.push_back(vm.shared_from_this());
    }
  });
  for (const auto& vm : busy) {
    const auto quieting = std::make_shared<Operation>();
    quieting->function = "shutdown";
    quieting->vm_name = vm->config().name;
    quieting->done = [ended](const Report&) { ended(); };
    ++*waiting;
    vm->run({.command = command_at_shutdown(*vm)}, quieting);
  }
  ended();
}

void World::end_sessions() {
  for (SessionObserver* session : std::exchange(sessions_, {})) {
    forget_session(*session);
    session->on_connection_lost();
  }
}

}  // namespace prl::sim
