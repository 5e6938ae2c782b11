#include "simulator/appliance_requests.h"

#include <algorithm>
#include <utility>

namespace prl::sim {

namespace {

constexpr uint32_t kProgressParts = 10;  // how often it is told at least

}  // namespace

void ApplianceRequests::tell(HostEvent::Kind kind, const std::string& name) {
  HostEvent event{.kind = kind};
  event.parameters.emplace_back("appliance_name", name);
  site_.tell_host(std::move(event));
}

void ApplianceRequests::tell_progress(const Install& install) {
  const std::string& name = install.appliance.name;
  HostEvent event{.kind = HostEvent::Kind::kApplianceProgress};
  event.percent = fetched_[name];
  event.followed = followed_job(*install.operation);
  event.parameters.emplace_back("appliance_name", name);
  event.parameters.emplace_back("progress_changed", std::to_string(event.percent));
  site_.tell_host(std::move(event));
}

const ApplianceRequests::Install* ApplianceRequests::find(const std::string& name,
                                                          uint64_t number) const {
  const auto found = installs_.find(name);
  const bool is_same = found != installs_.end() && found->second.operation->number == number;
  return is_same ? &found->second : nullptr;
}

void ApplianceRequests::install(Caller caller, Appliance appliance, OperationDone done) {
  site_.submit(
      std::move(caller), std::nullopt, std::move(done),
      [this, appliance = std::move(appliance)](const OperationPtr& operation) mutable {
        set_owner(appliance.config, site_.user_of(*operation));
        const std::string& name = appliance.name;
        if (name.empty()) return site_.finish(operation, OutcomeKind::kApplianceInvalid);
        if (installs_.contains(name)) {
          return site_.finish(operation, {OutcomeKind::kApplianceBeingInstalled, {name}});
        }
        const VmConfig& config = appliance.config;
        Outcome refused = registry_.check_new_vm(config);
        if (refused.ok()) {
          refused = registry_.check_bundle_path(appliance.root_path,
                                                RegistryRequests::bundle_name(config));
        }
        if (!refused.ok()) return site_.finish(operation, std::move(refused));
        Install install{operation, appliance};
        install.steps = {.duration_ms = site_.duration_ms(Timed::kFetch), .parts = kProgressParts};
        uint64_t step = 0;  // an earlier one that was stopped may have come farther
        while (step + 1 < install.steps.count() &&
               install.steps.percent(step + 1) <= fetched_[name]) {
          ++step;
        }
        tell_progress(install);
        installs_.emplace(name, std::move(install));
        fetch(name, operation->number, step);
      },
      /*has_phases=*/true);
}

void ApplianceRequests::fetch(const std::string& name, uint64_t number, uint64_t step) {
  if (fetched_[name] >= 100) return unpack(name, number);  // by an earlier one that was stopped
  site_.after(find(name, number)->steps.wait_ms(step), [this, name, number, step] {
    const Install* install = find(name, number);
    if (!install) return;
    uint32_t& percent = fetched_[name];
    percent = std::max(percent, install->steps.percent(step + 1));
    tell_progress(*install);
    if (percent >= 100) tell(HostEvent::Kind::kApplianceFetched, name);
    fetch(name, number, step + 1);
  });
}

void ApplianceRequests::unpack(const std::string& name, uint64_t number) {
  tell(HostEvent::Kind::kApplianceUnpackBegun, name);
  site_.after(site_.duration_ms(Timed::kArchive), [this, name, number] {
    if (!find(name, number)) return;
    tell(HostEvent::Kind::kApplianceUnpacked, name);
    take_in(name, number);
  });
}

void ApplianceRequests::take_in(const std::string& name, uint64_t number) {
  const Install install = *find(name, number);
  installs_.erase(name);
  fetched_.erase(name);
  tell(HostEvent::Kind::kApplianceRegistrationBegun, name);
  VmRecord record{.config = install.appliance.config, .workload = {}, .folder = {}};
  const auto entered = registry_.enter(std::move(record), install.appliance.root_path);
  if (!entered) return site_.finish(install.operation, entered.error());
  tell(HostEvent::Kind::kApplianceRegistered, name);
  site_.finish_with(install.operation, {.outcome = {}, .vms = {(*entered)->view()}});
}

void ApplianceRequests::stop(Caller caller, std::string name, bool keeps_data, OperationDone done) {
  site_.submit(std::move(caller), std::nullopt, std::move(done),
               [this, name = std::move(name), keeps_data](const OperationPtr& operation) {
                 const auto found = installs_.find(name);
                 const bool is_known = keeps_data ? found != installs_.end()
                                                  : fetched_.contains(name);
                 if (!is_known) {
                   return site_.finish(operation, {OutcomeKind::kApplianceNotInstalling, {name}});
                 }
                 if (!keeps_data) fetched_.erase(name);
                 if (found != installs_.end()) {
                   const OperationPtr ended = found->second.operation;
                   installs_.erase(found);
                   site_.finish(ended, {OutcomeKind::kCancelled, {name}});
                 }
                 site_.finish(operation, Outcome());
               });
}

}  // namespace prl::sim
