#include "simulator/migration_requests.h"

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "simulator/config_rules.h"
#include "simulator/storage_files.h"
#include "simulator/uptime.h"

namespace prl::sim {

namespace {

constexpr uint64_t kAskAgainMs = 1;  // until a host is asked again that was busy

// Of files and folders; what is only half written yet is no part of a VM.
StorageResult<void> copy_tree(Storage& from, const std::string& source, Storage& to,
                              const std::string& target) {
  constexpr size_t kPieceBytes = size_t{1} << 20;
  if (auto made = to.create_folder(target); !made) return made;
  const auto names = from.list(source);
  if (!names) return Unexpected{names.error()};
  std::vector<std::byte> piece(kPieceBytes);
  for (const std::string& name : *names) {
    const std::string path = source + "/" + name;
    auto file = from.open(path);
    if (!file) {  // a folder
      if (auto copied = copy_tree(from, path, to, target + "/" + name); !copied) return copied;
      continue;
    }
    auto copy = to.create(target + "/" + name);
    if (!copy) return Unexpected{copy.error()};
    for (uint64_t offset = 0;;) {
      const auto count = (*file)->read_at(offset, piece);
      if (!count) return Unexpected{count.error()};
      if (*count == 0) break;
      if (auto written = (*copy)->write_at(offset, std::span(piece).first(*count)); !written) {
        return written;
      }
      offset += *count;
    }
    if (auto synced = (*copy)->sync(); !synced) return synced;
  }
  return to.sync_folder(target);
}

}  // namespace

// From here on the world is locked, but in arrive().
struct MigrationRequests::Migration {
  OperationPtr operation;
  VmPtr vm;
  MigrationOrder order;
  ProgressSteps steps = {};
  VmRecord record = {};  // as it goes
};

void MigrationRequests::migrate(Caller caller, const Uuid& vm, MigrationOrder order,
                                OperationDone done) {
  site_.with_vm(
      std::move(caller), vm, std::move(done),
      [this, order = std::move(order)](const OperationPtr& operation, const VmPtr& found) {
        if (Outcome refused = check(*found, order); !refused.ok()) {
          return site_.finish(operation, std::move(refused));
        }
        begin(operation, found, order);
      });
}

// A VM that lives holds nobody up who migrates it (vm-lifecycle 5.2, rule 9).
Outcome MigrationRequests::check(const Vm& vm, const MigrationOrder& order) const {
  const std::string& name = vm.config().name;
  Outcome refused = site_.profile() == Profile::kVirtuozzo ? vm.check_movable()
                    : is_transitional(vm.state())          ? vm.check_idle()
                                                           : vm.check_free();
  if (refused.ok()) refused = check_marks(vm.config());
  if (!refused.ok()) return refused;
  if (!order.target && order.host.empty()) return {OutcomeKind::kMigrationToItself, {name}};
  if (!order.target) return {OutcomeKind::kHostUnreachable, {order.host}};
  if (!order.is_copy || vm.state() == State::kStopped) return {};
  return {OutcomeKind::kMigrationNotPossible, {name}};
}

void MigrationRequests::begin(const OperationPtr& operation, const VmPtr& vm,
                              const MigrationOrder& order) {
  using Kind = MigrationNotice::Kind;
  const auto migration =
      std::make_shared<Migration>(Migration{.operation = operation, .vm = vm, .order = order});
  under_way_[vm->uuid()] = migration;
  vm->tasks().begin(VmTask::kMigrate);
  announce(*vm, Kind::kStarted);
  if (operation->cancellation) {
    operation->cancellation->allow([this, weak = std::weak_ptr(migration)] {
      const auto alive = weak.lock();
      if (alive) give_up(alive, {OutcomeKind::kCancelled, {alive->vm->config().name}});
    });
  }
  migration->steps = {.duration_ms = site_.duration_ms(Timed::kMove, vm.get()), .parts = 2};
  follow(migration, 0);
  site_.after(migration->steps.duration_ms, [this, migration] { carry(migration); });
}

// Up to the last step, which is told when the VM has arrived.
void MigrationRequests::follow(const MigrationPtr& migration, uint64_t step) {
  if (step + 1 >= migration->steps.count()) return;
  site_.after(migration->steps.wait_ms(step), [this, migration, step] {
    if (!is_under_way(*migration)) return;
    tell_progress(*migration, migration->steps.percent(step + 1));
    follow(migration, step + 1);
  });
}

void MigrationRequests::tell_progress(const Migration& migration, uint32_t percent) {
  site_.announce(migration.vm->uuid(),
                 MigrationNotice{.kind = MigrationNotice::Kind::kProgress,
                                 .percent = percent,
                                 .followed = followed_job(*migration.operation)});
}

bool MigrationRequests::is_under_way(const Migration& migration) const {
  const auto known = under_way_.find(migration.vm->uuid());
  return known != under_way_.end() && known->second.get() == &migration;
}

void MigrationRequests::announce(const Vm& vm, MigrationNotice::Kind kind) {
  site_.announce(vm.uuid(), MigrationNotice{.kind = kind, .state = vm.view().state});
}

// The guest stands still from here on: its memory goes into the folder, and with that to the other
// host, as at the end of the host's process.
void MigrationRequests::carry(const MigrationPtr& migration) {
  if (!is_under_way(*migration)) return;
  const VmPtr& vm = migration->vm;
  if (migration->operation->cancellation) migration->operation->cancellation->close();
  vm->note_uptime();
  if (Outcome parked = vm->park(); !parked.ok()) return give_up(migration, std::move(parked));
  migration->record = vm->record();
  if (!migration->order.name.empty()) migration->record.config.name = migration->order.name;
  const auto entry = std::make_shared<MigrationTarget::Entry>();
  site_.unlocked(
      [this, migration, entry] {
        Outcome outcome;
        *entry = migration->order.target->receive(
            [&](Site& there, RegistryRequests& registry) {
              return arrive(*migration, there, registry);
            },
            outcome);
        return outcome;
      },
      [this, migration, entry](Outcome outcome) {
        using Entry = MigrationTarget::Entry;
        if (*entry == Entry::kGone) outcome = {OutcomeKind::kHostUnreachable, {"the target"}};
        if (*entry == Entry::kBusy) {
          migration->vm->discard_parked();
          return site_.after(kAskAgainMs, [this, migration] { carry(migration); });
        }
        conclude(migration, std::move(outcome));
      });
}

// On the other host, in a step of its own.
Outcome MigrationRequests::arrive(const Migration& migration, Site& there,
                                  RegistryRequests& registry) const {
  const MigrationOrder& order = migration.order;
  VmRecord record = migration.record;
  const std::string before = std::exchange(record.folder, "");
  if (order.is_copy) {
    record.config.uuid = there.draw_uuid();
    renew_addresses(record.config.properties, order.make_mac, there);
    reset_uptime(record.config, there.date());
  }
  if (there.vms().find(record.config.uuid) || there.vms().find_by_name(record.config.name)) {
    return {OutcomeKind::kMigratedVmExists, {record.config.name}};
  }
  if (Outcome refused = registry.check_new_vm(record.config); !refused.ok()) return refused;
  const std::string bundle = RegistryRequests::bundle_name(record.config);
  if (Outcome taken = registry.check_bundle_path(order.root_path, bundle); !taken.ok()) {
    return taken;
  }
  const std::string& root = order.root_path;
  const std::string path = root.empty() ? registry.folder_for(record.config)
                                        : root + (root.ends_with('/') ? "" : "/") + bundle;
  rename_folder(record.config.properties, before, path);
  record.folder = path.substr(0, path.rfind('.')) + "-" + there.draw_uuid().format() +
                  std::string(kRestoredSuffix);
  const auto give_back = [&](Outcome outcome) {
    (void)there.storage().remove_folder(record.folder).has_value();
    return outcome;
  };
  if (const auto copied = copy_tree(site_.storage(), before, there.storage(), record.folder);
      !copied) {
    return give_back({OutcomeKind::kVmNotMoved, {copied.error().message()}});
  }
  if (order.stays_suspended) {
    if (Outcome suspended = Vm::suspend_parked(there.storage(), record); !suspended.ok()) {
      return give_back(std::move(suspended));
    }
  }
  const auto entered = registry.enter_restored(nullptr, record, path);
  return entered ? Outcome() : give_back(entered.error());
}

void MigrationRequests::conclude(const MigrationPtr& migration, Outcome outcome) {
  const VmPtr& vm = migration->vm;
  if (!outcome.ok()) return give_up(migration, std::move(outcome));
  using Kind = MigrationNotice::Kind;
  under_way_.erase(vm->uuid());
  // Should it not be possible to remove it, it goes on here too.
  vm->discard_parked();
  vm->tasks().end(VmTask::kMigrate);
  tell_progress(*migration, 100);
  const bool stays_here = migration->order.is_copy;
  site_.announce(vm->uuid(),
                 MigrationNotice{
                     .kind = Kind::kFinished, .state = vm->view().state, .stays_here = stays_here});
  if (stays_here) return site_.finish(migration->operation, std::move(outcome));
  registry_.remove_gone(migration->operation, vm);
}

void MigrationRequests::give_up(const MigrationPtr& migration, Outcome outcome) {
  const VmPtr& vm = migration->vm;
  under_way_.erase(vm->uuid());
  vm->discard_parked();
  vm->tasks().end(VmTask::kMigrate);
  announce(*vm, MigrationNotice::Kind::kCancelled);
  site_.finish(migration->operation, std::move(outcome));
}

void MigrationRequests::cancel(Caller caller, const Uuid& vm, OperationDone done) {
  site_.with_vm(std::move(caller), vm, std::move(done),
                [this](const OperationPtr& operation, const VmPtr& found) {
                  const auto known = under_way_.find(found->uuid());
                  if (known == under_way_.end()) {
                    return site_.finish(operation, OutcomeKind::kNothingToCancel);
                  }
                  give_up(MigrationPtr(known->second),
                          {OutcomeKind::kCancelled, {found->config().name}});
                  site_.finish(operation, Outcome());
                });
}

void MigrationRequests::give_up_on(const Uuid& vm) {
  const auto known = under_way_.find(vm);
  if (known == under_way_.end()) return;
  const MigrationPtr migration = known->second;
  give_up(migration, {OutcomeKind::kMigrationOfChangedVm, {migration->vm->config().name}});
}

}  // namespace prl::sim
