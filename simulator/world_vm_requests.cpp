// Requests about VMs that leave their power machine alone, and what sessions are told of them.
#include <utility>

#include "simulator/world.h"

namespace prl::sim {

void World::request(std::string function, const Uuid& vm, VmRequest request, OperationDone done) {
  with_vm(std::move(function), vm, std::move(done),
          [this, request = std::move(request)](const OperationPtr& operation,
                                               const std::shared_ptr<Vm>& found) {
            carry_out(operation, found->uuid(), request);
          });
}

void World::carry_out(const OperationPtr& operation, const Uuid& vm, const VmRequest& request) {
  const auto found = vms_.find(vm);
  if (!found) return finish(operation, Outcome(OutcomeKind::kVmNotFound, {vm.format()}));
  RequestEnd end = request(found->view());
  for (const Notice& notice : end.notices) announce(vm, notice);
  if (!end.then || !end.outcome.ok()) {
    return finish_with(operation, {.outcome = std::move(end.outcome)});
  }
  after(end.delay_ms, [this, operation, vm, then = std::move(end.then)] {
    carry_out(operation, vm, then);
  });
}

void World::announce(const Uuid& vm, const Notice& notice) {
  for (SessionObserver* session : sessions_) session->on_notice(vm, notice);
}

bool World::ask(Question question) {
  std::lock_guard lock(mutex_);
  if (!vms_.find(question.vm)) return false;
  const Uuid vm = question.vm;
  announce(vm, questions_.ask(std::move(question)));
  return true;
}

}  // namespace prl::sim
