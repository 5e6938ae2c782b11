// The images of a VM: how it is suspended into one and resumed from it, and which of the files that
// its memory rests on stay (image_chain.h).
#include <cerrno>
#include <optional>
#include <utility>

#include "simulator/image_chain.h"
#include "simulator/image_reader.h"
#include "simulator/image_writer.h"
#include "simulator/storage_files.h"
#include "simulator/vm.h"

namespace prl::sim {

namespace {

Outcome write_failure(const ImageError& error) {
  if (error.kind == ImageError::Kind::kStorage && error.errno_value == ENOSPC) {
    return {OutcomeKind::kNoSpaceForImage, {error.message}};
  }
  return {OutcomeKind::kImageNotWritten, {error.message}};
}

Outcome read_failure(const ImageError& error) {
  using Kind = ImageError::Kind;
  switch (error.kind) {
    case Kind::kStorage:
      return {OutcomeKind::kImageNotRead, {error.message}};
    case Kind::kTruncated:
      return {OutcomeKind::kImageTruncated, {error.message}};
    case Kind::kNewerVersion:
      return {OutcomeKind::kImageOfNewerVersion, {error.message}};
    case Kind::kForeignVm:
      return {OutcomeKind::kImageOfAnotherVm, {error.message}};
    case Kind::kMapDamaged:
    case Kind::kPageDamaged:
      return {OutcomeKind::kImageMemoryDamaged, {error.message}};
    case Kind::kBadMagic:
    case Kind::kHeaderDamaged:
    case Kind::kSectionDamaged:
    case Kind::kLimitExceeded:
    case Kind::kInconsistent:
      return {OutcomeKind::kImageDamaged, {error.message}};
  }
  return OutcomeKind::kImageDamaged;
}

}  // namespace

std::string Vm::image_path() const {
  return sim::image_path(record_.folder, uuid());
}

// ---- Suspend ---------------------------------------------------------------------------------

void Vm::begin_image_write() {
  // The vCPUs stand still from here on, and so does memory that somebody has a pointer to;
  // announce() comes after this action.
  if (state_ == State::kRunning) catch_guest_up();
  ram_->unpin_all();
  ++record_.image_generation;
  const ImagePlan plan = plan_image(layers_, ram_->dirty_pages());
  begin_phase({.duration_ms = surroundings_.duration_ms(Timed::kSuspend, this),
               .work = [this, ram = ram_, machine = machine_state(),
                        plan] { return write_own_image(image_path(), machine, *ram, plan); },
               .on_done =
                   [this, plan] {
                     image_exists_ = true;
                     has_bases_ = !plan.bases.empty();
                     names_pending_ = false;
                     layers_.clear();  // should the VM go back, those are not all there any more
                   },
               .progress = Progress::Kind::kSuspend});
}

void Vm::abandon_image() {
  if (!std::exchange(image_exists_, false)) return;
  // It had been written when the VM went back: nobody may find it (vm-lifecycle 8, invariant 3).
  tidy_up([this] {
    if (!image_exists_) {
      (void)remove_if_there(surroundings_.storage(), image_path()).has_value();
    }
  });
}

MachineImage Vm::machine_state() const {
  MachineImage machine;
  machine.vm_uuid = uuid();
  machine.generation = record_.image_generation;
  machine.vcpus = vcpus();
  machine.devices.boot_count = record_.boot_count;
  machine.devices.guest_steps = guest_steps_;
  machine.devices.uptime_ms = guest_steps_;
  machine.devices.saved_at_ms = surroundings_.now_ms();
  machine.devices.workload = record_.workload;
  machine.config.name = config().name;
  machine.config.ram_bytes = config().ram_mib * kBytesPerMib;
  machine.config.cpu_count = config().cpu_count;
  return machine;
}

Outcome Vm::write_image_now(const std::string& path, const MachineImage& machine, const Ram& ram,
                            const std::optional<ImageLink>& parent) const {
  Storage& storage = surroundings_.storage();
  const auto written = write_image(storage, path, machine, ram, parent);
  if (written) return {};
  // The VM is not in that image, so none may stay behind; the last step can fail with the file in
  // place.
  (void)storage.remove(path).has_value();
  return write_failure(written.error());
}

// Writes what the VM is to be found with: its image, or its guest that is parked. Old bases that
// the new image does not rest on are no longer needed then.
Outcome Vm::write_own_image(const std::string& path, const MachineImage& machine, const Ram& ram,
                            const ImagePlan& plan) const {
  Storage& storage = surroundings_.storage();
  // A name that depends on another may not be durable before it.
  if (plan.parent && names_pending_) {
    if (const auto synced = storage.sync_folder(record_.folder); !synced) {
      return {OutcomeKind::kImageNotWritten, {synced.error().message()}};
    }
  }
  Outcome written = write_image_now(path, machine, ram, plan.parent);
  if (written.ok() && has_bases_) remove_bases(storage, record_.folder, uuid(), plan.bases);
  return written;
}

// ---- Resume ----------------------------------------------------------------------------------

// Takes the guest out of an image, which ends it: no restart may find the same moment a second time
// (vm-lifecycle 4.2). A failure leaves everything as it was.
Outcome Vm::take_image(const std::string& path, std::optional<OpenedImage>& image) const {
  Storage& storage = surroundings_.storage();
  auto opened = open_image(storage, path, uuid(), surroundings_.verification());
  if (!opened) return read_failure(opened.error());
  if (const auto retired = retire_image(storage, *opened); !retired) {
    return {OutcomeKind::kImageNotRead, {retired.error().message()}};
  }
  image.emplace(std::move(*opened));
  return {};
}

void Vm::begin_image_read() {
  const auto restored = std::make_shared<std::optional<OpenedImage>>();
  begin_phase({.duration_ms = surroundings_.duration_ms(Timed::kResume, this),
               .work = [this, restored] { return take_image(image_path(), *restored); },
               .on_done =
                   [this, restored] {
                     image_exists_ = false;
                     resume_guest(std::move(**restored));
                     // Durable in the step after this one: that takes longer than all the rest. A
                     // power cut before it finds the VM suspended as before.
                     names_pending_ = true;
                     tidy_up([this] { sync_names(); });
                   },
               .reads_image = true,
               .progress = Progress::Kind::kResume});
}

void Vm::resume_guest(OpenedImage image) {
  std::vector<ImageLayer> layers = std::move(image.layers);
  restore_guest(std::move(image));
  layers_ = std::move(layers);
  has_bases_ = has_bases_ || !layers_.empty();
}

void Vm::restore_guest(OpenedImage image) {
  ram_ = std::make_shared<Ram>(std::move(image.ram));
  layers_.clear();
  set_vcpus(std::move(image.machine.vcpus));
  guest_steps_ = image.machine.devices.guest_steps;
  record_.boot_count = image.machine.devices.boot_count;
  record_.workload = image.machine.devices.workload;
  record_.image_generation = image.machine.generation;
}

// ---- Drop and tidy up ------------------------------------------------------------------------

// The image goes first and the state follows, so that a process killed in between leaves a stopped
// VM and not a suspended one without image.
void Vm::run_drop(const OperationPtr& operation) {
  operation_ = operation;
  begin_phase({.duration_ms = 0,
               .work =
                   [this, changes = changes_end()] {
                     Storage& storage = surroundings_.storage();
                     const auto removed = remove_image(storage, image_path());
                     if (removed && has_bases_) remove_bases(storage, record_.folder, uuid());
                     if (removed && changes) changes();
                     if (removed) return Outcome();
                     return Outcome(OutcomeKind::kUnableToDropSuspendedState,
                                    {removed.error().message()});
                   },
               .end =
                   [this](Outcome outcome) {
                     if (outcome.ok()) {
                       has_bases_ = false;
                       machine_.apply(Command::kDropSuspendedState);
                     } else {
                       failure_ = std::move(outcome);
                     }
                     finish_if_settled();
                   },
               .is_instant = true});
}

// With the world unlocked. Where this fails the next image tries again.
void Vm::sync_names() {
  if (!names_pending_) return;
  names_pending_ = !surroundings_.storage().sync_folder(record_.folder).has_value();
}

// Removes all bases; empty where there are none or an image needs them.
std::function<Outcome()> Vm::bases_removal() const {
  if (!has_bases_ || image_exists_) return nullptr;
  return [this] {
    remove_bases(surroundings_.storage(), record_.folder, uuid());
    return Outcome();
  };
}

// All that goes with the VM process. A disk that cannot be changed does not keep the VM alive.
std::function<Outcome()> Vm::remains_removal() {
  const auto bases = bases_removal();
  const auto changes = image_exists_ ? nullptr : changes_end();
  if (!changes) return bases;
  return [bases, changes] {
    if (bases) (void)bases().ok();
    changes();
    return Outcome();
  };
}

// Runs the work in the next step, with the world unlocked. What fails there fails nobody.
void Vm::tidy_up(std::function<void()> work) {
  surroundings_.after(0, [weak = weak_from_this(), work = std::move(work)] {
    const auto self = weak.lock();
    if (!self) return;
    self->surroundings_.unlocked(
        [self, work] {
          work();
          return Outcome();
        },
        [](const Outcome&) {});
  });
}

}  // namespace prl::sim
