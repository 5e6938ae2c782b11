// Editing of configurations: begin, change at leisure, commit (config-model 3).
#include <utility>

#include "simulator/config_rules.h"
#include "simulator/uptime.h"
#include "simulator/world.h"

namespace prl::sim {

void World::begin_edit(std::string function, SessionObserver& session, const Uuid& vm,
                       OperationDone done) {
  with_vm({std::move(function), &session}, vm, std::move(done),
          [this, &session](const OperationPtr& operation, const std::shared_ptr<Vm>& found) {
            if (Outcome refused = check_editable(found->config(), found->state()); !refused.ok()) {
              return finish(operation, std::move(refused));
            }
            edits_.begin(session, found->config());
            finish_with(operation, {.outcome = {}, .vms = {found->view()}});
          });
}

void World::commit_edit(std::string function, SessionObserver& session, VmConfig config,
                        OperationDone done) {
  const Uuid uuid = config.uuid;
  with_vm({std::move(function), &session}, uuid, std::move(done),
          [this, &session, config = std::move(config)](const OperationPtr& operation,
                                                       const std::shared_ptr<Vm>& found) {
            Outcome outcome = commit(session, found, config);
            if (!outcome.ok()) return finish(operation, std::move(outcome));
            finish_with(operation, {.outcome = {}, .vms = {found->view()}});
          });
}

// In the order of config-model 3.3. The stamp stays where a commit is refused.
Outcome World::commit(const SessionObserver& session, const std::shared_ptr<Vm>& vm,
                      const VmConfig& wanted) {
  const VmConfig& current = vm->config();
  if (Outcome refused = check_editable(current, vm->state()); !refused.ok()) return refused;
  if (Outcome held = vm->check_free(); !held.ok()) return held;
  const VmConfig* base = edits_.find(session, vm->uuid());
  if (!base) {
    return {
        edits_.is_edited(vm->uuid()) ? OutcomeKind::kEditBegunByOthers : OutcomeKind::kEditNotBegun,
        {current.name}};
  }
  VmConfig mine = wanted;
  keep_uptime(mine, *base);
  auto merged = merge(*base, mine, current);
  if (!merged) return {OutcomeKind::kConfigWasChanged, {current.name}};
  number_boot_entries(*merged);
  if (Outcome refused = check_change(current, *merged, vm->state()); !refused.ok()) return refused;
  if (merged->name != current.name && vms_.find_by_name(merged->name)) {
    return {OutcomeKind::kVmNameTaken, {merged->name}};
  }
  if (!check_sizes(*merged).ok()) return {OutcomeKind::kConfigInconsistent, {current.name}};
  VmRecord record = vm->record();
  record.config = *merged;
  if (const auto kept = store_->put(record); !kept) return kept.error();
  vms_.configure(vm, *merged);
  edits_.end(session, vm->uuid());
  tell_config_changed(*vm);
  return {};
}

void World::tell_config_changed(const Vm& vm) {
  trace_.line(now_ms(), "event", "VM_CONFIG_CHANGED vm=" + vm.config().name);
  for (SessionObserver* observer : sessions_) observer->on_config_changed(vm.uuid());
}

void World::reset_uptime(Caller caller, const Uuid& vm, OperationDone done) {
  with_vm(std::move(caller), vm, std::move(done),
          [this](const OperationPtr& operation, const std::shared_ptr<Vm>& found) {
            VmRecord record = found->record();
            sim::reset_uptime(record.config, date());
            if (const auto kept = store_->put(record); !kept) {
              return finish(operation, kept.error());
            }
            found->reset_uptime();
            finish_with(operation, {.outcome = {}, .vms = {found->view()}});
          });
}

}  // namespace prl::sim
