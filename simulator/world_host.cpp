// How the host of a world opens, with the VMs that its store remembers, and closes. What is on the
// disk in between is described in docs/home.md.
#include <utility>

#include "simulator/config_rules.h"
#include "simulator/disk_entries.h"
#include "simulator/uptime.h"
#include "simulator/world.h"

namespace prl::sim {

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
  if (interventions_) interventions_->arm();
  trace_.line(now_ms(), "world", "host " + host_uuid_.format() + " is open");
  trace_vms("begin");
  return {};
}

// One line per VM, so that what a client has changed and left behind can be told from the trace.
void World::trace_vms(std::string_view kind) {
  if (!trace_.enabled()) return;
  vms_.for_each([&](const Vm& vm) {
    const SnapshotTree* snapshots = vm.snapshots();
    trace_.line(
        now_ms(), kind,
        std::string(state_name(vm.state())) +
            " snapshots=" + (snapshots ? std::to_string(snapshots->all().size()) : "unknown") +
            " locked=" + (edits_.is_locked(vm.uuid()) ? "yes" : "no") + " vm=" + vm.config().name);
  });
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

World::Entry World::receive(const Arrival& arrive, Outcome& outcome) {
  Lock lock(mutex_);
  if (stopping_ || shutting_down_ || now_ms() < down_until_ms_) return Entry::kGone;
  if (turn_.is_taken()) return Entry::kBusy;
  turn_.take();
  // As in run_next_step(): others must not wait for it for ever.
  struct End {
    ~End() { world.turn_.give_back(); }
    World& world;
  };
  const End end{*this};
  outcome = host_open_ ? Outcome() : open_host();
  if (outcome.ok()) outcome = arrive(*this, registry_);
  if (is_disturbed()) settle_mishaps();
  return Entry::kDone;
}

Outcome World::add_vms(std::vector<VmRecord> records) {
  if (store_->is_lasting()) {
    if (Outcome outcome = registry_.finish_deletions(records); !outcome.ok()) return outcome;
  }
  for (VmRecord& record : records) {
    if (Outcome found = registry_.find_moved(record); !found.ok()) return found;
    const auto vm = std::make_shared<Vm>(static_cast<VmSurroundings&>(*this), std::move(record));
    if (Outcome found = vm->discover(); !found.ok()) return found;
    trace_found(*vm);
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
                  .cpu_count = initial.cpu_count,
                  .properties = initial.properties};
  if (!initial.uuid) config.uuid = draw_uuid();
  sim::reset_uptime(config, date());
  number_boot_entries(config);
  if (Outcome refused = registry_.check_new_vm(config); !refused.ok()) return refused;
  VmRecord record{.config = config, .workload = initial.workload, .folder = {}};
  if (Outcome kept = registry_.keep(record); !kept.ok()) return kept;
  if (Outcome made = add_initial_disks(initial, record.folder); !made.ok()) return made;
  const auto vm = std::make_shared<Vm>(static_cast<VmSurroundings&>(*this), std::move(record));
  if (!initial.snapshots.empty()) {
    if (Outcome taken = vm->begin_with(initial_tree(initial)); !taken.ok()) return taken;
  }
  Outcome begun = initial.state == State::kStopped ? vm->discover() : vm->begin_in(initial.state);
  if (!begun.ok()) return begun;
  trace_found(*vm);
  vms_.add(vm);
  peripherals_.guests.change(vm->uuid(), [&](Guest& guest) { guest = initial.guest; });
  return {};
}

SnapshotTree World::initial_tree(const InitialVm& initial) {
  SnapshotTree tree;
  std::vector<Uuid> uuids;
  for (const InitialSnapshot& snapshot : initial.snapshots) {
    uuids.push_back(snapshot.uuid.value_or(Uuid()));
    if (!snapshot.uuid) uuids.back() = draw_uuid();
    tree.make_current(snapshot.parent ? uuids[*snapshot.parent] : Uuid());
    tree.add({.uuid = uuids.back(),
              .name = snapshot.name,
              .description = snapshot.description,
              .created = date(),
              .power = snapshot.power});
  }
  if (initial.current_snapshot) tree.make_current(uuids[*initial.current_snapshot]);
  return tree;
}

// Nobody has any of them open yet, so the list of open disks, which comes before the world in the
// order of locks, need not be asked.
Outcome World::add_initial_disks(const InitialVm& initial, const std::string& folder) {
  const DiskSurroundings surroundings{.storage = *storage_, .new_uuid = [this] {
                                        return draw_uuid();
                                      }};
  for (const InitialDisk& disk : initial.disks) {
    const std::string path = path_of_file(folder, disk.file);
    const auto made = VirtualDisk::create(surroundings, path, disk.spec);
    if (!made && made.error() != DiskError::kExists) return made.error();
  }
  return {};
}

void World::trace_found(const Vm& vm) {
  if (!trace_.enabled()) return;
  trace_.line(now_ms(), "world",
              "vm=" + vm.config().name + " found " + std::string(state_name(vm.state())));
}

// REQUIRES: no step is running and none will.
void World::close_host() {
  if (!std::exchange(host_open_, false)) return;
  trace_vms("end");
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
  trace_.line(now_ms(), "world", "host is closed");
}

}  // namespace prl::sim
