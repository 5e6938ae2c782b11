// Editing of configurations: begin, change at leisure, commit (config-model 3).
#include "simulator/edit_requests.h"

#include <algorithm>
#include <utility>

#include "simulator/config_rules.h"
#include "simulator/uptime.h"

namespace prl::sim {

void EditRequests::begin(std::string function, SessionObserver& session, const Uuid& vm,
                         OperationDone done) {
  site_.with_vm({std::move(function), &session}, vm, std::move(done),
                [this, &session](const OperationPtr& operation, const std::shared_ptr<Vm>& found) {
                  if (Outcome refused = check_editable(found->config(), found->state());
                      !refused.ok()) {
                    return site_.finish(operation, std::move(refused));
                  }
                  edits_.begin(session, found->config());
                  site_.finish_with(operation, {.outcome = {}, .vms = {found->view()}});
                });
}

void EditRequests::commit(std::string function, SessionObserver& session, VmConfig config,
                          OperationDone done) {
  const Uuid uuid = config.uuid;
  site_.with_vm({std::move(function), &session}, uuid, std::move(done),
                [this, &session, config = std::move(config)](const OperationPtr& operation,
                                                             const std::shared_ptr<Vm>& found) {
                  Report report = merge_and_store(session, found, config);
                  if (report.outcome.ok()) report.vms = {found->view()};
                  site_.finish_with(operation, std::move(report));
                });
}

// In the order of config-model 3.3. The stamp stays where a commit is refused.
Report EditRequests::merge_and_store(const SessionObserver& session, const std::shared_ptr<Vm>& vm,
                                     const VmConfig& wanted) {
  const VmConfig& current = vm->config();
  const auto refusal = [](Outcome outcome) { return Report{.outcome = std::move(outcome)}; };
  if (Outcome refused = check_editable(current, vm->state()); !refused.ok()) {
    return refusal(std::move(refused));
  }
  // A compaction does not keep commits out, alone of all that holds a VM (vm-lifecycle 5.2).
  if (Outcome held = vm->check_free(); !held.ok() && vm->state() != State::kCompacting) {
    return refusal(std::move(held));
  }
  VmConfig mine = wanted;
  if (Outcome refused = site_.apply_sample(mine); !refused.ok()) {
    return refusal(std::move(refused));
  }
  if (is_template(mine) && !is_template(current) && vm->state() != State::kStopped) {
    return refusal({OutcomeKind::kMustBeStoppedForTemplate, {current.name}});
  }
  const VmConfig* base = edits_.find(session, vm->uuid());
  if (!base) {
    const bool is_edited = edits_.is_edited(vm->uuid());
    return refusal({is_edited ? OutcomeKind::kEditBegunByOthers : OutcomeKind::kEditNotBegun,
                    {current.name}});
  }
  keep_uptime(mine, *base);
  auto merged = merge(*base, mine, current);
  if (!merged) return refusal({OutcomeKind::kConfigWasChanged, {current.name}});
  // The rights of others are not edited: UpdateSecurity changes them (config-model 3.1).
  merged->properties.put_below(kSecurity, current.properties.below(kSecurity));
  number_boot_entries(*merged);
  if (Outcome refused = check_change(current, *merged, vm->state()); !refused.ok()) {
    return refusal(std::move(refused));
  }
  if (merged->name != current.name && site_.vms().find_by_name(merged->name)) {
    return refusal({OutcomeKind::kVmNameTaken, {merged->name}});
  }
  auto problems = find_problems(*merged, &current, ConfigSection::kAll,
                                site_.config_setting(vm->record().folder));
  if (const auto first = std::ranges::find_if(problems, &ConfigProblem::is_critical);
      first != problems.end()) {
    return {.outcome = {OutcomeKind::kConfigInconsistent, {current.name}}, .problems = {*first}};
  }
  VmRecord record = vm->record();
  record.config = *merged;
  if (Outcome kept = site_.store_record(record); !kept.ok()) return refusal(std::move(kept));
  site_.configure(*vm, *merged);
  edits_.end(session, vm->uuid());
  site_.tell_config_changed(*vm);
  return {};
}

void EditRequests::validate(Caller caller, VmConfig config, ConfigSection section,
                            OperationDone done) {
  site_.submit(std::move(caller), std::nullopt, std::move(done),
               [this, config = std::move(config), section](const OperationPtr& operation) {
                 const auto vm = site_.vms().find(config.uuid);
                 const auto setting = site_.config_setting(vm ? vm->record().folder : "");
                 Report report;
                 report.problems =
                     find_problems(config, vm ? &vm->config() : nullptr, section, setting);
                 if (!report.problems.empty()) report.outcome = OutcomeKind::kConfigInvalid;
                 site_.finish_with(operation, std::move(report));
               });
}

void EditRequests::reset_uptime(Caller caller, const Uuid& vm, OperationDone done) {
  site_.with_vm(std::move(caller), vm, std::move(done),
                [this](const OperationPtr& operation, const std::shared_ptr<Vm>& found) {
                  VmRecord record = found->record();
                  sim::reset_uptime(record.config, site_.date());
                  if (Outcome kept = site_.store_record(record); !kept.ok()) {
                    return site_.finish(operation, std::move(kept));
                  }
                  found->reset_uptime();
                  site_.finish_with(operation, {.outcome = {}, .vms = {found->view()}});
                });
}

// ---- Locks -----------------------------------------------------------------------------------

// The one request about a VM that its lock does not keep out: who else holds it has a code of its
// own.
void EditRequests::lock(std::string function, SessionObserver& session, const Uuid& vm,
                        OperationDone done) {
  site_.with_vm(std::move(function), vm, std::move(done),
                [this, &session](const OperationPtr& operation, const std::shared_ptr<Vm>& found) {
                  Outcome locked = locks_.lock(session, found->uuid());
                  if (locked.ok()) site_.tell_config_changed(*found);
                  locked.parameters = {found->config().name};
                  site_.finish(operation, std::move(locked));
                });
}

void EditRequests::unlock(std::string function, SessionObserver& session, const Uuid& vm,
                          OperationDone done) {
  site_.with_vm(std::move(function), vm, std::move(done),
                [this, &session](const OperationPtr& operation, const std::shared_ptr<Vm>& found) {
                  const bool is_busy = !found->check_removable().ok();
                  Outcome unlocked = locks_.unlock(session, found->uuid(), is_busy);
                  if (unlocked.ok()) site_.tell_config_changed(*found);
                  unlocked.parameters = {found->config().name};
                  site_.finish(operation, std::move(unlocked));
                });
}

}  // namespace prl::sim
