// What an image keeps of a VM beside its memory, and the ways in which an image can be wrong.
// Plain values.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

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

struct LoadedImage {
  MachineImage machine;
  Ram ram;  // every stored page touched, none dirty
};

struct ImageStats {
  uint64_t file_bytes = 0;
  uint64_t stored_pages = 0;
  uint64_t zero_pages = 0;  // touched, but all zero and therefore not stored
  uint64_t map_pages = 0;
};

// One kind per way of being wrong. Kinds are apart where a caller or a test may react differently.
struct ImageError {
  enum class Kind : uint8_t {
    kStorage,         // a storage step failed; errno_value says why
    kTruncated,       // the file ends early
    kBadMagic,        // not an image at all
    kNewerVersion,    // intact, but written by a newer version or with an unknown feature
    kHeaderDamaged,   // the header does not have its checksum
    kSectionDamaged,  // vcpus, devices, configuration or directory do not have their checksum
    kMapDamaged,      // a map page does not have its checksum
    kPageDamaged,     // a memory page does not have its checksum
    kForeignVm,       // intact, but of another VM
    kLimitExceeded,   // intact, but a number is larger than this version accepts
    kInconsistent,    // intact, but two statements contradict each other
  };
  Kind kind = Kind::kStorage;
  std::string message;  // names file, field and offset
  int errno_value = 0;  // kStorage only
};

}  // namespace prl::sim
