// How a VM comes out of its folder when the host opens, and goes back into it when the host's
// process ends. The files of a VM's folder are described in docs/home.md.
#include <utility>

#include "simulator/image_chain.h"
#include "simulator/image_reader.h"
#include "simulator/image_writer.h"
#include "simulator/storage_files.h"
#include "simulator/vm.h"

namespace prl::sim {

namespace {

Outcome unusable(const StorageError& error) {
  return {OutcomeKind::kHomeUnusable, {"the host cannot be opened: " + error.message() + "."}};
}

std::string path_of_parked(const VmRecord& record, State state) {
  return record.folder + "/" + record.config.uuid.format() +
         (state == State::kRunning ? ".running" : ".paused");
}

}  // namespace

// REQUIRES: kRunning or kPaused. The state is in the name and nowhere else.
std::string Vm::parked_path(State state) const {
  return path_of_parked(record_, state);
}

// The bases that what was parked did not rest on have gone meanwhile.
void Vm::discard_parked() {
  Storage& storage = surroundings_.storage();
  for (const State state : {State::kRunning, State::kPaused}) {
    if (!storage.exists(parked_path(state))) continue;
    (void)remove_image(storage, parked_path(state)).has_value();
    layers_.clear();
  }
}

Outcome Vm::suspend_parked(Storage& storage, const VmRecord& record) {
  for (const State state : {State::kRunning, State::kPaused}) {
    const std::string path = path_of_parked(record, state);
    if (!storage.exists(path)) continue;
    const std::string image = sim::image_path(record.folder, record.config.uuid);
    if (const auto renamed = storage.rename(path, image); !renamed) {
      return unusable(renamed.error());
    }
  }
  return {};
}

Outcome Vm::discover() {
  Storage& storage = surroundings_.storage();
  if (Outcome finished = finish_interrupted_restore(); !finished.ok()) return finished;
  load_snapshots();
  const std::string image = image_path();
  has_bases_ = sweep_bases(storage, record_.folder, uuid(),
                           {image, parked_path(State::kRunning), parked_path(State::kPaused)});
  Completion found = Completion::kFoundStopped;
  for (const State state : {State::kRunning, State::kPaused}) {
    const std::string path = parked_path(state);
    (void)storage.remove(temporary_image_path(path)).has_value();
    if (ram_ || !storage.exists(path)) continue;
    if (Outcome taken = unpark(state); !taken.ok()) return taken;
    if (!ram_) continue;
    found = state == State::kRunning ? Completion::kFoundRunning : Completion::kFoundPaused;
  }
  // A process that died while it wrote an image left it under its temporary name: not an image.
  const std::string temporary = temporary_image_path(image);
  (void)storage.remove(temporary).has_value();
  (void)storage.remove(temporary_path(temporary)).has_value();
  image_exists_ = storage.exists(image);
  if (ram_) {
    if (Outcome dropped = drop_stale_image(); !dropped.ok()) return dropped;
  } else if (image_exists_) {
    found = Completion::kFoundSuspended;
  }
  changes_apart_ = undo_mode() != UndoMode::kOff && has_changes(storage, disk_images());
  discovering_ = true;
  machine_.apply(found);
  discovering_ = false;
  // A VM that is stopped has come to it by the death of its process, or nobody had a say yet. Not
  // at once: clients do not know the VM before the host is open.
  if (state_ == State::kStopped && changes_apart_) {
    surroundings_.after(0, [weak = weak_from_this()] {
      const auto self = weak.lock();
      if (self && self->state_ == State::kStopped) self->leave_changes();
    });
  }
  return {};
}

// Takes the guest out of its parked image, or sets a damaged one aside and leaves the VM without a
// guest. Its name is gone before the VM runs: no restart may find the same moment a second time.
Outcome Vm::unpark(State state) {
  Storage& storage = surroundings_.storage();
  const std::string path = parked_path(state);
  auto image = open_image(storage, path, uuid(), surroundings_.verification());
  if (!image) {
    if (const auto set_aside = storage.rename(path, path + ".damaged"); !set_aside) {
      return unusable(set_aside.error());
    }
    if (const auto synced = storage.sync_folder(record_.folder); !synced) {
      return unusable(synced.error());
    }
    return {};
  }
  auto retired = retire_image(storage, *image);
  if (retired) retired = storage.sync_folder(record_.folder);
  if (!retired) return unusable(retired.error());
  resume_guest(std::move(*image));
  return {};
}

// A running VM has no image (vm-lifecycle, invariant 3). One that is there beside a parked VM is
// what a suspend that was rolled back could not remove.
Outcome Vm::drop_stale_image() {
  if (!image_exists_) return {};
  if (const auto removed = remove_image(surroundings_.storage(), image_path()); !removed) {
    return unusable(removed.error());
  }
  image_exists_ = false;
  remove_bases(surroundings_.storage(), record_.folder, uuid(), layers_);
  return {};
}

Outcome Vm::park() {
  if (!guest_is_accessible() || state_ == State::kPausing) return {};
  if (state_ == State::kRunning) catch_guest_up();
  ram_->unpin_all();
  ++record_.image_generation;
  return write_own_image(parked_path(state_), machine_state(), *ram_,
                         plan_image(layers_, ram_->dirty_pages()));
}

Outcome Vm::begin_in(State state) {
  boot_guest();
  discovering_ = true;
  if (state == State::kSuspended) {
    ++record_.image_generation;
    Outcome written = write_image_now(image_path(), machine_state(), *ram_);
    if (!written.ok()) return written;
    image_exists_ = true;
    end_process();
    machine_.apply(Completion::kFoundSuspended);
  } else {
    machine_.apply(state == State::kPaused ? Completion::kFoundPaused : Completion::kFoundRunning);
  }
  discovering_ = false;
  if (const auto hold = changes_begin()) tidy_up([hold] { (void)hold().ok(); });
  return {};
}

}  // namespace prl::sim
