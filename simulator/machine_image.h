// What an image keeps of a VM beside its memory. Plain values.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "simulator/image_error.h"
#include "simulator/ram.h"
#include "simulator/uuid.h"
#include "simulator/vcpu.h"
#include "simulator/workload.h"

namespace prl::sim {

// The machine outside processors and memory.
struct DeviceState {
  uint64_t boot_count = 0;
  uint64_t guest_steps = 0;  // steps that the workload has run since boot
  uint64_t uptime_ms = 0;    // guest time since boot, pauses and suspended time left out
  uint64_t saved_at_ms = 0;  // virtual time at which the image was taken
  WorkloadSpec workload;

  friend bool operator==(const DeviceState&, const DeviceState&) = default;
};

// The part of the configuration that a resume must find unchanged.
struct ImageConfig {
  std::string name;
  uint64_t ram_bytes = 0;
  uint32_t cpu_count = 0;

  friend bool operator==(const ImageConfig&, const ImageConfig&) = default;
};

struct MachineImage {
  Uuid vm_uuid;
  uint64_t generation = 0;  // counts the images of one VM; a later image has a higher number
  std::vector<Vcpu> vcpus;
  DeviceState devices;
  ImageConfig config;

  friend bool operator==(const MachineImage&, const MachineImage&) = default;
};

// Which image: its number, and a checksum that speaks for every byte of it.
struct ImageLink {
  uint64_t generation = 0;
  uint64_t checksum = 0;

  friend bool operator==(const ImageLink&, const ImageLink&) = default;
};

// One image of those that make up a memory.
struct ImageLayer {
  ImageLink link;
  uint64_t stored_pages = 0;
  bool is_empty = false;  // says of no page anything else than its parent
};

class ImageFile;

struct OpenedImage {
  MachineImage machine;
  Ram ram;  // rests on the image; none of it touched, unless the image has format version 1
  // The image and those it rests on, the newest first. Empty: format version 1, on which none
  // rests.
  std::vector<ImageLayer> layers;
  std::shared_ptr<ImageFile> file;  // the newest
};

struct ImageStats {
  uint64_t file_bytes = 0;
  uint64_t stored_pages = 0;
  ImageLink link;
};

}  // namespace prl::sim
