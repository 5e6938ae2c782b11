// The disks of a VM as its configuration has them, and the masks that name them. Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "simulator/property_tree.h"

namespace prl::sim {

struct DiskEntry {
  std::string path;  // of the image; relative to the folder of the VM, or absolute
  uint64_t bytes = 0;
  bool is_image = true;  // no disk or partition of the host itself
};
std::vector<DiskEntry> all_disks(const PropertyTree& tree);
// Where the file is that a device of a VM names, relative to the folder of the VM or absolute.
std::string path_of_file(const std::string& folder, const std::string& name);
// Its name for a time when the folder may be elsewhere: relative where the file lies in the folder.
std::string name_of_file(const std::string& folder, const std::string& path);

// The paths of the disks whose place has its bit in the mask: four places of IDE, then 16 of SCSI,
// 6 of SATA and 3 of NVMe.
std::vector<std::string> disks_in(const PropertyTree& tree, uint32_t mask);

// Those among them that grow with use, and so may shrink again.
std::vector<std::string> expanding_disks_in(const PropertyTree& tree, uint32_t mask);

}  // namespace prl::sim
