// What is asked of the disk images of a VM, as requests about the VM (vm-lifecycle 2.4). Pure
// functions; what they return is carried out by the world.
#pragma once

#include <cstdint>
#include <string>

#include "simulator/disks.h"
#include "simulator/vm_request.h"

namespace prl::sim {

// Refuses a copy of an image that may not be made now.
Outcome check_disk_copy(const VmView& vm);

struct DiskResize {
  std::string element;  // of the device in the configuration, which keeps the size
  uint32_t child = 0;
  std::string image;  // relative to the folder of the VM, or absolute
  uint64_t size_mib = 0;
  bool moves_partition = false;  // the last partition of the disk gets the new size too
};
// `disks` outlives what is returned.
RequestEnd resize_disk(Disks& disks, const RequestedVm& vm, const DiskResize& resize);

}  // namespace prl::sim
