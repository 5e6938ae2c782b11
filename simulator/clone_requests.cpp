#include "simulator/clone_requests.h"

#include <memory>
#include <utility>

#include "simulator/config_rules.h"
#include "simulator/uptime.h"

namespace prl::sim {

namespace {

constexpr std::string_view kAdapters = "Hardware.NetworkAdapter";
constexpr std::string_view kIsTemplate = "Settings.General.IsTemplate";
constexpr std::string_view kLinkedVm = "Identification.LinkedVmUuid";

bool is_suspended(State state) {
  return state == State::kSuspended || state == State::kSuspendingSync;
}

}  // namespace

void renew_addresses(PropertyTree& properties, const MakeMac& make_mac, Site& site) {
  for (const uint32_t adapter : properties.children(kAdapters)) {
    const std::string path = PropertyTree::child_path(kAdapters, adapter);
    properties.set(path + ".MAC", make_mac(site.draw_uuid()));
  }
}

void CloneRequests::clone(Caller caller, const Uuid& vm, CloneOrder order, OperationDone done) {
  site_.with_vm(
      std::move(caller), vm, std::move(done),
      [this, order = std::move(order)](const OperationPtr& operation, const VmPtr& found) mutable {
        order.owner = site_.user_of(*operation);
        if (Outcome refused = check(*found, order); !refused.ok()) {
          return site_.finish(operation, std::move(refused));
        }
        const SnapshotTree* tree = found->snapshots();
        const bool has_none = !tree || tree->all().empty();
        if (order.is_linked && !order.snapshot && has_none) {
          return take_snapshot_first(operation, found, order);
        }
        begin(operation, found, order);
      });
}

// The lock before the state, as the product does for clones (vm-lifecycle 2.1); the image of a
// suspended VM cannot be shared by two.
Outcome CloneRequests::check(const Vm& vm, const CloneOrder& order) {
  const std::string& name = vm.config().name;
  if (order.name.empty()) return OutcomeKind::kCloneNameEmpty;
  // One that takes the lock finds it taken, also by who asks for it (vm-lifecycle 4.1).
  if (order.takes_lock && site_.is_locked(vm.uuid())) {
    return {OutcomeKind::kExclusivelyLocked, {name}};
  }
  if (is_suspended(vm.state())) {
    return {OutcomeKind::kCommandCantBeExecuted, {name, std::string(state_word(vm.state()))}};
  }
  // Two may be made at a time, but a linked one by itself only (vm-lifecycle 5.2, rules 1 and 5).
  const bool is_let_in = !order.is_linked && vm.tasks().allow_clone();
  Outcome held = is_let_in ? Outcome() : vm.tasks().check(name, Beside::kBackup);
  if (!held.ok()) return held;
  if (vm.state() != State::kStopped) return vm.check_idle();
  if (Outcome marked = check_marks(vm.config()); !marked.ok()) return marked;
  if (Outcome unfit = check_snapshot(vm, order); !unfit.ok()) return unfit;
  VmConfig wanted = vm.config();
  wanted.name = order.name;
  wanted.uuid = order.uuid.value_or(Uuid());
  if (Outcome taken = registry_.check_new_vm(wanted); !taken.ok()) return taken;
  return registry_.check_bundle_path(order.root_path, RegistryRequests::bundle_name(wanted));
}

// Two VMs cannot go on from the same memory. Where there is no current snapshot it is the VM itself
// that is cloned.
Outcome CloneRequests::check_snapshot(const Vm& vm, const CloneOrder& order) const {
  if (!order.is_linked && !order.snapshot) return {};
  const SnapshotTree* tree = vm.snapshots();
  const Uuid shared = order.snapshot ? *order.snapshot : tree ? tree->current() : Uuid();
  const Snapshot* snapshot = tree ? tree->find(shared) : nullptr;
  if (order.snapshot && !snapshot) return {OutcomeKind::kSnapshotNotFound, {shared.format()}};
  if (!snapshot || !snapshot->has_image()) return {};
  return {OutcomeKind::kSnapshotNotFitForClone, {vm.config().name}};
}

// A linked clone shares the disks of a snapshot, so the original gets one (vm-lifecycle 4.1).
void CloneRequests::take_snapshot_first(const OperationPtr& operation, const VmPtr& vm,
                                        const CloneOrder& order) {
  const auto taking = std::make_shared<Operation>();
  taking->function = operation->function;
  taking->vm_name = vm->config().name;
  // The VM holds what it is taking, which must not hold the VM.
  taking->done = [this, operation, weak = std::weak_ptr(vm), order](const Report& report) {
    if (!report.outcome.ok()) return site_.finish(operation, report.outcome);
    const auto alive = weak.lock();
    if (operation->cancellation && operation->cancellation->is_wanted) {
      const std::string name = alive ? alive->config().name : operation->vm_name;
      return site_.finish(operation, {OutcomeKind::kCancelled, {name}});
    }
    if (alive) begin(operation, alive, order);
  };
  const SnapshotOrder first{.uuid = site_.draw_uuid(), .name = "Snapshot for linked clone"};
  vm->run({.command = Command::kCreateSnapshot, .snapshot = &first}, taking);
}

void CloneRequests::begin(const OperationPtr& operation, const VmPtr& vm, const CloneOrder& order) {
  const VmTask task = order.is_linked ? VmTask::kLinkedClone : VmTask::kClone;
  site_.run_task(operation, vm, task, site_.duration_ms(Timed::kClone, vm.get()),
                 [this, operation, vm, order] { finish(operation, vm, order); });
}

// Another clone may have taken the name meanwhile; entering the VM checks it again.
void CloneRequests::finish(const OperationPtr& operation, const VmPtr& vm,
                           const CloneOrder& order) {
  auto record = make_record(*vm, order);
  if (!record) return site_.finish(operation, record.error());
  const auto entered = registry_.enter(std::move(*record), order.root_path);
  if (!entered) return site_.finish(operation, entered.error());
  site_.finish_with(operation, {.outcome = {}, .vms = {(*entered)->view()}});
}

Expected<VmRecord, Outcome> CloneRequests::make_record(const Vm& vm, const CloneOrder& order) {
  VmRecord record{.config = vm.config(), .workload = vm.record().workload, .folder = {}};
  if (order.is_linked && vm.snapshots()) {
    const Uuid shared = order.snapshot.value_or(vm.snapshots()->current());
    if (vm.snapshots()->find(shared)) {
      auto kept = vm.snapshot_files().load_record(shared);
      if (!kept) return Unexpected{kept.error()};
      record.config = kept->config;
      record.workload = kept->workload;
    }
  }
  VmConfig& config = record.config;
  config.name = order.name;
  config.uuid = order.uuid ? *order.uuid : site_.draw_uuid();
  PropertyTree& properties = config.properties;
  renew_addresses(properties, order.make_mac, site_);
  if (order.is_template || is_template(config)) {
    properties.set(kIsTemplate, order.is_template);
  }
  properties.erase(kLinkedVm);
  if (order.is_linked) properties.set(kLinkedVm, vm.uuid().format());
  reset_uptime(config, site_.date());
  properties.erase(kAccessForOthers);
  set_owner(config, order.owner);
  return record;
}

}  // namespace prl::sim
