// What belongs to the VMs of a host beside their lifecycles. Each part guards itself.
#pragma once

#include <utility>

#include "simulator/cameras.h"
#include "simulator/disks.h"
#include "simulator/displays.h"
#include "simulator/guests.h"
#include "simulator/questions.h"

namespace prl::sim {

struct Peripherals {
  explicit Peripherals(DiskSurroundings surroundings) : disks(std::move(surroundings)) {}

  // The VM is gone from the host; its folder is too where the files went with it.
  void forget_vm(const Uuid& vm, bool with_files) {
    questions.forget_vm(vm);
    displays.forget_vm(vm);
    cameras.forget_vm(vm);
    if (with_files) guests.forget_vm(vm);
  }

  Questions questions;
  Guests guests;
  Displays displays;
  Cameras cameras;
  Disks disks;  // in the storage that the VMs live in; used with the world unlocked
};

}  // namespace prl::sim
