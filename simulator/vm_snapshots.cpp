// What a VM does with its snapshots (vm-lifecycle 2.3). The order in which files are written is
// that of snapshot_files.h; a switch, which changes more than one of them and the host's directory,
// is decided by the directory: see commit_restore().
#include <algorithm>
#include <utility>

#include "simulator/config_rules.h"
#include "simulator/image_chain.h"
#include "simulator/image_reader.h"
#include "simulator/image_writer.h"
#include "simulator/storage_files.h"
#include "simulator/uptime.h"
#include "simulator/vm.h"

namespace prl::sim {

namespace {

// A record with these leaves is that of a VM in the middle of a switch: the snapshot, and whether
// the VM gets its image. Neither is ever part of the configuration in memory.
constexpr std::string_view kRestoring = "Record.Restoring";
constexpr std::string_view kRestoringImage = "Record.RestoringImage";

SnapshotPower power_of(State state) {
  switch (state) {
    case State::kRunning:
      return SnapshotPower::kRunning;
    case State::kPaused:
      return SnapshotPower::kPaused;
    case State::kSuspended:
      return SnapshotPower::kSuspended;
    default:
      return SnapshotPower::kOff;
  }
}

State state_of(SnapshotPower power, bool skips_resume) {
  switch (power) {
    case SnapshotPower::kOff:
      return State::kStopped;
    case SnapshotPower::kSuspended:
      return State::kSuspended;
    case SnapshotPower::kRunning:
      return skips_resume ? State::kSuspended : State::kRunning;
    case SnapshotPower::kPaused:
      return skips_resume ? State::kSuspended : State::kPaused;
  }
  return State::kStopped;
}

Completion found_in(State state) {
  switch (state) {
    case State::kSuspended:
      return Completion::kFoundSuspended;
    case State::kRunning:
      return Completion::kFoundRunning;
    case State::kPaused:
      return Completion::kFoundPaused;
    default:
      return Completion::kFoundStopped;
  }
}

// What went wrong stays the text; the kind is that of the operation which came to nothing.
Outcome as(OutcomeKind kind, Outcome outcome) {
  if (!outcome.ok() && outcome.kind != OutcomeKind::kInjected) outcome.kind = kind;
  return outcome;
}

}  // namespace

// What a switch takes out of a snapshot before anything changes.
struct Vm::Restored {
  VmRecord record;
  std::optional<OpenedImage> guest;
};

Outcome Vm::check_snapshot_order(const CommandRequest& request) const {
  if (!snapshots_) return {OutcomeKind::kSnapshotsNotRead, {config().name}};
  if (request.command == Command::kCreateSnapshot || snapshots_->find(request.snapshot->uuid)) {
    return {};
  }
  if (surroundings_.profile() == Profile::kVirtuozzo &&
      request.command == Command::kSwitchToSnapshot) {
    return OutcomeKind::kInvalidArgument;  // vm-lifecycle 2.3
  }
  return {OutcomeKind::kSnapshotNotFound, {request.snapshot->uuid.format()}};
}

void Vm::end_snapshot_operation(Outcome outcome, State state) {
  if (!outcome.ok()) failure_ = std::move(outcome);
  machine_.apply(found_in(state));
  finish_if_settled();
}

// The one that was taken, after the states of profile V and before those of D (vm-lifecycle 2.3,
// 3.3).
void Vm::end_taking(Outcome outcome, State state) {
  const bool is_first = surroundings_.profile() == Profile::kDesktop;
  const bool is_taken = outcome.ok();
  const auto tell = [this] {
    surroundings_.notice(*this, VmNotice::kSnapshotsChanged);
    surroundings_.notice(*this, VmNotice::kSnapshotTaken);
  };
  if (is_taken && is_first) tell();
  if (!is_taken) failure_ = std::move(outcome);
  machine_.apply(found_in(state));
  if (is_taken && !is_first) tell();
  finish_if_settled();
  if (ram_ && ram_->failure()) abort_guest();
}

// A tree whose writing failed may be there all the same: then the old one is put back.
Outcome Vm::replace_tree(const SnapshotTree& from, const SnapshotTree& to) {
  Outcome saved = snapshot_files().save(to);
  if (!saved.ok()) (void)snapshot_files().save(from).ok();
  return saved;
}

// ---- Create ----------------------------------------------------------------------------------

void Vm::begin_snapshot() {
  const State before = state_;
  if (before == State::kRunning) catch_guest_up();
  // Live memory goes into the snapshot, as it is now, and the guest goes on with it; that of a
  // suspended VM is copied from its image.
  const auto ram = ram_ && !order_.is_disk_only ? ram_->share() : nullptr;
  runs_in_snapshot_ = before == State::kRunning;
  if (ram) ++record_.image_generation;
  Snapshot snapshot{.uuid = order_.uuid,
                    .name = order_.name,
                    .description = order_.description,
                    .created = surroundings_.date(),
                    .power = order_.is_disk_only ? SnapshotPower::kOff : power_of(before)};
  SnapshotTree tree = *snapshots_;
  tree.add(snapshot);
  const MachineImage machine = ram ? machine_state() : MachineImage();
  begin_phase({.duration_ms = surroundings_.duration_ms(Timed::kSnapshot, this),
               .work =
                   [this, snapshot, tree, ram, machine, record = record_] {
                     return write_snapshot(snapshot, tree, record, machine, ram.get());
                   },
               .on_done = [this, tree] { snapshots_ = tree; },
               .end = [this, before](Outcome outcome) { end_taking(std::move(outcome), before); },
               .progress = Progress::Kind::kSnapshot});
}

Outcome Vm::write_snapshot(const Snapshot& snapshot, const SnapshotTree& tree,
                           const VmRecord& record, const MachineImage& machine, const Ram* ram) {
  SnapshotFiles files = snapshot_files();
  Outcome done = files.begin(snapshot.uuid, record);
  if (done.ok() && ram) {
    done = write_image_now(files.image_path(snapshot.uuid), machine, *ram);
  } else if (done.ok() && snapshot.has_image()) {
    done = copy_image(image_path(), uuid(), files.image_path(snapshot.uuid));
  }
  if (!done.ok()) {
    files.remove({snapshot.uuid});
    const bool is_full =
        done.kind == OutcomeKind::kNoSpaceForImage || done.kind == OutcomeKind::kNoSpaceForSnapshot;
    return as(is_full ? OutcomeKind::kNoSpaceForSnapshot : OutcomeKind::kSnapshotNotWritten, done);
  }
  done = files.save(tree);
  // The files may only go once no tree on the disk can name them.
  if (!done.ok() && files.save(*snapshots_).ok()) files.remove({snapshot.uuid});
  return done;
}

// The whole memory of an image, with all that it rests on, as one complete image of this VM.
Outcome Vm::copy_image(const std::string& from, const Uuid& owner, const std::string& to) const {
  auto image = open_image(surroundings_.storage(), from, owner);
  if (!image) return {OutcomeKind::kImageNotRead, {image.error().message}};
  image->machine.vm_uuid = uuid();
  return write_image_now(to, image->machine, image->ram);
}

// ---- Switch ----------------------------------------------------------------------------------

void Vm::begin_restore() {
  const State before = state_;
  const Snapshot snapshot = *snapshots_->find(order_.uuid);
  const bool is_desktop = surroundings_.profile() == Profile::kDesktop;  // V ignores the wish
  const State then = state_of(snapshot.power, is_desktop && order_.skips_resume);
  restores_live_ = is_live(then);
  const auto restored = std::make_shared<Restored>();
  begin_phase({.duration_ms = surroundings_.duration_ms(Timed::kRestore, this),
               .work =
                   [this, snapshot, then, restored] {
                     return as(OutcomeKind::kSnapshotNotRestored,
                               prepare_restore(snapshot, then, *restored));
                   },
               .end =
                   [this, snapshot, before, then, restored](Outcome outcome) {
                     if (!outcome.ok()) return end_snapshot_operation(std::move(outcome), before);
                     commit_restore(snapshot, before, then, restored);
                   },
               .progress = Progress::Kind::kRestore});
}

// Reads all that will be needed, and puts an image that the VM is to have beside its place.
Outcome Vm::prepare_restore(const Snapshot& snapshot, State then, Restored& restored) {
  SnapshotFiles files = snapshot_files();
  auto record = files.load_record(snapshot.uuid);
  if (!record) return record.error();
  restored.record = std::move(*record);
  const std::string path = files.image_path(snapshot.uuid);
  // The VM may have got another identity since, with its registration.
  const Uuid owner = restored.record.config.uuid;
  if (then == State::kSuspended && owner != uuid()) {
    return copy_image(path, owner, temporary_image_path(image_path()));
  }
  if (then == State::kSuspended) {
    const auto copied =
        copy_file(surroundings_.storage(), path, temporary_image_path(image_path()));
    if (!copied) return {OutcomeKind::kSnapshotNotRestored, {copied.error().message()}};
  } else if (snapshot.has_image()) {
    auto image = open_image(surroundings_.storage(), path, owner, surroundings_.verification());
    if (!image) return {OutcomeKind::kSnapshotNotRestored, {image.error().message}};
    restored.guest.emplace(std::move(*image));
  }
  return {};
}

// The record decides: once it names the snapshot as being restored, a process that dies leaves the
// rest to the next opening. What identifies the VM, and its uptime, are not the snapshot's.
void Vm::commit_restore(const Snapshot& snapshot, State before, State then,
                        const std::shared_ptr<Restored>& restored) {
  VmConfig& config = restored->record.config;
  config.uuid = uuid();
  config.name = this->config().name;
  note_uptime();
  keep_uptime(config, this->config());
  // Whose the VM is, and who else may use it, is not of that moment.
  config.properties.put_below(kSecurity, this->config().properties.below(kSecurity));
  VmRecord record = record_;
  record.config = config;
  record.workload = restored->record.workload;
  record.config.properties.set(kRestoring, snapshot.uuid.format());
  record.config.properties.set(kRestoringImage, then == State::kSuspended);
  if (Outcome kept = surroundings_.store_record(record); !kept.ok()) {
    (void)remove_if_there(surroundings_.storage(), temporary_image_path(image_path())).has_value();
    return end_snapshot_operation(as(OutcomeKind::kSnapshotNotRestored, kept), before);
  }
  SnapshotTree tree = *snapshots_;
  tree.make_current(snapshot.uuid);
  surroundings_.unlocked(
      [this, tree, then] { return apply_restore(tree, then); },
      [this, self = shared_from_this(), snapshot, before, then, restored](Outcome applied) {
        if (applied.ok()) {
          take_over(snapshot, *restored, then);
          // Where this fails the record still names the snapshot, until the next one is written.
          (void)surroundings_.store_record(record_).ok();
          return end_snapshot_operation(Outcome(), then);
        }
        (void)surroundings_.store_record(record_).ok();
        end_snapshot_operation(as(OutcomeKind::kSnapshotNotRestored, applied), before);
      });
}

// The tree first: of the two it is the one that can be taken back.
Outcome Vm::apply_restore(const SnapshotTree& tree, State then) {
  Storage& storage = surroundings_.storage();
  if (Outcome saved = replace_tree(*snapshots_, tree); !saved.ok()) return saved;
  const std::string prepared = temporary_image_path(image_path());
  const auto placed = then == State::kSuspended ? storage.rename(prepared, image_path())
                                                : remove_if_there(storage, image_path());
  if (!placed) {
    (void)snapshot_files().save(*snapshots_).ok();
    (void)remove_if_there(storage, prepared).has_value();
    return {OutcomeKind::kSnapshotNotRestored, {placed.error().message()}};
  }
  if (has_bases_) remove_bases(storage, record_.folder, uuid());
  // Too late to go back; the image is where it belongs, or gone.
  (void)storage.sync_folder(record_.folder).has_value();
  return {};
}

void Vm::take_over(const Snapshot& snapshot, Restored& restored, State then) {
  snapshots_->make_current(snapshot.uuid);
  surroundings_.configure(*this, restored.record.config);
  record_.workload = restored.record.workload;
  end_process();
  image_exists_ = then == State::kSuspended;
  has_bases_ = false;
  if (restored.guest) {
    const uint64_t images = record_.image_generation;  // no number may come twice
    restore_guest(std::move(*restored.guest));
    record_.image_generation = images;
  }
  surroundings_.notice(*this, VmNotice::kSnapshotsChanged);
  surroundings_.notice(*this, VmNotice::kSnapshotRestored);
}

// A process died in the middle of a switch after the point of no return. If the VM was to run on,
// it is found as after the death of its process: stopped.
Outcome Vm::finish_interrupted_restore() {
  PropertyTree& properties = record_.config.properties;
  const PropertyValue* value = properties.find(kRestoring);
  const auto* text = value ? std::get_if<std::string>(value) : nullptr;
  if (!text) return {};
  const Uuid uuid = Uuid::parse(*text).value_or(Uuid());
  const PropertyValue* flag = properties.find(kRestoringImage);
  const bool* gets_image = flag ? std::get_if<bool>(flag) : nullptr;
  Storage& storage = surroundings_.storage();
  const std::string prepared = temporary_image_path(image_path());
  StorageResult<void> placed;
  if (!gets_image || !*gets_image) {
    placed = remove_if_there(storage, image_path());
  } else if (storage.exists(prepared)) {  // otherwise it is in its place already
    placed = storage.rename(prepared, image_path());
  }
  if (placed) placed = storage.sync_folder(record_.folder);
  if (!placed) return {OutcomeKind::kHomeUnusable, {placed.error().message() + "."}};
  auto tree = snapshot_files().load();
  if (tree && tree->find(uuid)) {
    tree->make_current(uuid);
    if (Outcome saved = snapshot_files().save(*tree); !saved.ok()) return saved;
  }
  properties.erase(kRestoring);
  properties.erase(kRestoringImage);
  return surroundings_.store_record(record_);
}

// ---- Delete, describe, load ------------------------------------------------------------------

void Vm::begin_snapshot_removal() {
  const State before = state_;
  SnapshotTree tree = *snapshots_;
  tree.remove(order_.uuid, order_.with_children);
  begin_phase(
      {.duration_ms = surroundings_.duration_ms(Timed::kSnapshotRemoval, this),
       .work =
           [this, tree] {
             Outcome replaced = replace_tree(*snapshots_, tree);
             // Together with what an earlier removal may have had to leave.
             if (replaced.ok()) snapshot_files().sweep(tree);
             return as(OutcomeKind::kSnapshotNotDeleted, std::move(replaced));
           },
       .on_done =
           [this, tree] {
             snapshots_ = tree;
             surroundings_.notice(*this, VmNotice::kSnapshotDeleted);
             surroundings_.notice(*this, VmNotice::kSnapshotsChanged);
           },
       .end = [this,
               before](Outcome outcome) { end_snapshot_operation(std::move(outcome), before); },
       .progress = Progress::Kind::kSnapshotRemoval});
}

// In any state (vm-lifecycle 2.3), but not beside what works on the tree itself.
void Vm::describe_snapshot(const SnapshotOrder& order, const OperationPtr& operation) {
  const CommandRequest meant{.command = Command::kDeleteSnapshot, .snapshot = &order};
  Outcome held = is_about_snapshots(state_) ? check_free() : tasks_.check(config().name);
  if (!held.ok()) return surroundings_.finish(operation, std::move(held));
  if (Outcome refused = check_snapshot_order(meant); !refused.ok()) {
    return surroundings_.finish(operation, std::move(refused));
  }
  SnapshotTree tree = *snapshots_;
  tree.describe(order.uuid, order.name, order.description);
  surroundings_.unlocked(
      [this, tree] {
        return as(OutcomeKind::kSnapshotNotDescribed, replace_tree(*snapshots_, tree));
      },
      [this, self = shared_from_this(), tree, operation](Outcome outcome) {
        if (outcome.ok()) {
          snapshots_ = tree;
          surroundings_.notice(*this, VmNotice::kSnapshotsChanged);
        }
        surroundings_.finish(operation, std::move(outcome));
      });
}

// Their memory is that of a guest that has been booted for it, once for all of them.
Outcome Vm::begin_with(const SnapshotTree& tree) {
  SnapshotFiles files = snapshot_files();
  const bool has_memory = std::ranges::any_of(tree.all(), &Snapshot::has_image);
  if (has_memory) boot_guest();
  Outcome done;
  for (const Snapshot& snapshot : tree.all()) {
    done = files.begin(snapshot.uuid, record_);
    if (done.ok() && snapshot.has_image()) {
      ++record_.image_generation;
      done = write_image_now(files.image_path(snapshot.uuid), machine_state(), *ram_);
    }
    if (!done.ok()) break;
  }
  if (has_memory) end_process();
  if (done.ok()) done = files.save(tree);
  if (done.ok()) snapshots_ = tree;
  return done;
}

// Files of a tree that cannot be read are left alone: somebody may mend it.
void Vm::load_snapshots() {
  auto tree = snapshot_files().load();
  if (!tree) {
    snapshots_.reset();
    return;
  }
  snapshot_files().sweep(*tree);
  snapshots_ = std::move(*tree);
}

}  // namespace prl::sim
