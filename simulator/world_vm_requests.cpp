// Requests about VMs that leave their lifecycle alone, and what sessions are told of them.
#include <utility>

#include "simulator/world.h"

namespace prl::sim {

void World::request(Caller caller, const Uuid& vm, VmRequest request, OperationDone done) {
  with_vm(std::move(caller), vm, std::move(done),
          [this, request = std::move(request)](const OperationPtr& operation,
                                               const std::shared_ptr<Vm>& found) {
            carry_out(operation, found->uuid(), request);
          });
}

namespace {

// In profile V clients take a VM that comes up for one at rest, but its disks are in use
// (vm-lifecycle 2.4).
RequestedVm view_for_request(const Vm& vm) {
  RequestedVm view{vm.view(), vm.record().folder};
  const State state = vm.state();
  if (state == State::kStarting || state == State::kResuming) view.state = state;
  return view;
}

}  // namespace

void World::carry_out(const OperationPtr& operation, const Uuid& vm, const VmRequest& request) {
  const auto found = vms_.find(vm);
  if (!found) return finish(operation, Outcome(OutcomeKind::kVmNotFound, {vm.format()}));
  RequestEnd end = request(view_for_request(*found));
  if (end.outcome.ok() && end.config) end.outcome = reconfigure(found, *end.config, end.is_told);
  if (!end.outcome.ok()) return finish(operation, std::move(end.outcome));
  for (const Notice& notice : end.notices) {
    announce(vm, notice);
    const auto* answered = std::get_if<QuestionAnswered>(&notice);
    if (!answered || answered->code != undo_question_.code) continue;
    end.work = found->settling(answered->choice == undo_question_.keep);
  }
  const auto go_on = [this, operation, vm, end](Outcome outcome) {
    if (!outcome.ok() || !end.then) return finish(operation, std::move(outcome));
    // Nothing comes between what was done to the files and what the configuration says of them.
    if (end.delay_ms == 0) return carry_out(operation, vm, end.then);
    after(end.delay_ms, [this, operation, vm, end] { carry_out(operation, vm, end.then); });
  };
  if (!end.work) return go_on(Outcome());
  unlocked(end.work, go_on);
}

// As a commit that nobody could clash with.
Outcome World::reconfigure(const std::shared_ptr<Vm>& vm, const VmConfig& config, bool is_told) {
  VmRecord record = vm->record();
  record.config = config;
  if (const auto kept = store_->put(record); !kept) return kept.error();
  configure(*vm, config);
  if (!is_told) return {};
  trace_.line(now_ms(), "event", "VM_CONFIG_CHANGED vm=" + config.name);
  tell_of(*vm, [&](SessionObserver& session) { session.on_config_changed(config.uuid); });
  return {};
}

void World::announce(const Uuid& vm, const Notice& notice) {
  for (SessionObserver* session : sessions_) {
    if (may_know(*session, vm)) session->on_notice(vm, notice);
  }
}

void World::tell_progress(const Operation& operation, Progress::Kind kind, uint32_t percent) {
  const Progress progress{.kind = kind, .percent = percent, .job = operation.job};
  for (SessionObserver* session : sessions_) {
    if (session == operation.asker) session->on_progress(operation.vm.value_or(Uuid()), progress);
  }
}

bool World::ask(Question question) {
  std::lock_guard lock(mutex_);
  if (!vms_.find(question.vm)) return false;
  ask_locked(std::move(question));
  return true;
}

void World::ask_locked(Question question) {
  const Uuid vm = question.vm;
  announce(vm, peripherals_.questions.ask(std::move(question)));
}

void World::ask_about_changes(const Vm& vm) {
  ask_locked({.vm = vm.uuid(),
              .code = undo_question_.code,
              .choices = {undo_question_.keep, undo_question_.discard},
              .parameters = {vm.config().name}});
}

void World::withdraw_question(const Vm& vm) {
  peripherals_.questions.withdraw(vm.uuid(), undo_question_.code);
}

}  // namespace prl::sim
