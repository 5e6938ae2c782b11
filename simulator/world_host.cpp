// How the host of a world opens, with the VMs that its store remembers, and closes. What is on the
// disk in between is described in docs/home.md.
#include <utility>

#include "simulator/uptime.h"
#include "simulator/world.h"

namespace prl::sim {

namespace {

constexpr std::string_view kDeletedSuffix = ".pvm.deleted";

}  // namespace

Outcome World::open_host() {
  auto records = store_->open();
  if (!records) return records.error();
  Outcome outcome = take_identity();
  if (outcome.ok()) outcome = host_.open();
  if (outcome.ok()) outcome = add_vms(std::move(*records));
  if (!outcome.ok()) {
    vms_.clear();
    store_->close();
    return outcome;
  }
  host_open_ = true;
  trace_.line(now_ms(), "world", "host " + host_uuid_.format() + " is open");
  return {};
}

// Every process that opens a lasting host starts from the same seed; it must not draw the same
// identities again, so the number of the opening goes into the name of the stream.
Outcome World::take_identity() {
  const auto identity = store_->identify(draw_uuid());
  if (!identity) return identity.error();
  host_uuid_ = identity->uuid;
  openings_ = identity->openings;
  uuids_ = RandomStream(seed_, "uuid/" + std::to_string(identity->openings));
  return {};
}

Outcome World::add_vms(std::vector<VmRecord> records) {
  if (store_->is_lasting()) {
    if (Outcome outcome = finish_deletions(records); !outcome.ok()) return outcome;
  }
  for (VmRecord& record : records) {
    const auto vm = std::make_shared<Vm>(static_cast<VmSurroundings&>(*this), std::move(record));
    if (Outcome found = vm->discover(); !found.ok()) return found;
    trace_.line(now_ms(), "world",
                "vm=" + vm->config().name + " found " + std::string(state_name(vm->state())));
    vms_.add(vm);
  }
  for (const InitialVm& initial : initial_vms_) {
    if (Outcome outcome = add_initial_vm(initial); !outcome.ok()) return outcome;
  }
  return {};
}

Outcome World::add_initial_vm(const InitialVm& initial) {
  if (vms_.find_by_name(initial.name)) return {};
  VmConfig config{.uuid = initial.uuid.value_or(Uuid()),
                  .name = initial.name,
                  .ram_mib = initial.ram_mib,
                  .cpu_count = initial.cpu_count};
  if (!initial.uuid) config.uuid = draw_uuid();
  sim::reset_uptime(config, date());
  if (Outcome refused = check_new_vm(config); !refused.ok()) return refused;
  VmRecord record{.config = config, .workload = initial.workload, .folder = folder_for(config)};
  if (Outcome kept = keep(record); !kept.ok()) return kept;
  const auto vm = std::make_shared<Vm>(static_cast<VmSurroundings&>(*this), std::move(record));
  Outcome begun =
      initial.state == State::kStopped ? vm->discover() : vm->begin_in(initial.state);
  if (!begun.ok()) return begun;
  vms_.add(vm);
  return {};
}

std::string World::deleted_folder(const std::string& folder) { return folder + ".deleted"; }

// Once the folder has this name the VM is deleted, whatever happens to the process.
Outcome World::mark_deleted(const std::string& folder) {
  const auto failure = [](const StorageError& error) {
    return Outcome(OutcomeKind::kRegistryFailed, {error.message()});
  };
  if (!storage_->exists(folder)) return {};  // a user took it away
  if (const auto cleared = storage_->remove_folder(deleted_folder(folder)); !cleared) {
    return failure(cleared.error());
  }
  if (const auto renamed = storage_->rename(folder, deleted_folder(folder)); !renamed) {
    return failure(renamed.error());
  }
  if (const auto synced = storage_->sync_folder(store_->vms_folder()); !synced) {
    (void)storage_->rename(deleted_folder(folder), folder).has_value();
    return failure(synced.error());
  }
  return {};
}

// Completes the deletes that killed processes left half done. Folders that no record names and that
// are not marked are never touched: they may hold the images of unregistered VMs.
Outcome World::finish_deletions(std::vector<VmRecord>& records) {
  for (auto record = records.begin(); record != records.end();) {
    if (storage_->exists(record->folder) || !storage_->exists(deleted_folder(record->folder))) {
      ++record;
      continue;
    }
    if (const auto erased = store_->erase(record->config.uuid); !erased) return erased.error();
    record = records.erase(record);
  }
  const auto names = storage_->list(store_->vms_folder());
  if (!names) return {OutcomeKind::kHomeUnusable, {names.error().message() + "."}};
  for (const std::string& name : *names) {
    if (!name.ends_with(kDeletedSuffix)) continue;
    // What cannot be removed now waits for the next opening; no VM is in it.
    (void)storage_->remove_folder(store_->vms_folder() + "/" + name).has_value();
  }
  return {};
}

// REQUIRES: no step is running and none will.
void World::close_host() {
  if (!std::exchange(host_open_, false)) return;
  if (store_->is_lasting()) {
    vms_.for_each([this](Vm& vm) {
      const State state = vm.state();
      const Outcome parked = vm.park();
      // Suspended VMs and stopped ones have nothing else to write down.
      if (vm.note_uptime()) (void)store_->note(vm.record()).has_value();
      if (state != State::kRunning && state != State::kPaused) return;
      trace_.line(now_ms(), "world",
                  "vm=" + vm.config().name + " parked " + std::string(state_name(state)) + " -> " +
                      std::string(outcome_name(parked.kind)));
    });
  }
  vms_.clear();
  store_->close();
}

}  // namespace prl::sim
