// What a host's directory keeps about a VM, apart from its image. Value types.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "simulator/property_tree.h"
#include "simulator/uuid.h"
#include "simulator/vm_machine/vm_machine.h"
#include "simulator/vm_tasks.h"
#include "simulator/workload.h"

namespace prl::sim {

// The configuration of a VM. Defaults are those of an empty configuration (config-model 5).
struct VmConfig {
  Uuid uuid;
  std::string name;
  uint32_t ram_mib = 256;
  uint32_t cpu_count = 1;
  PropertyTree properties;  // everything else that a client set
};

// A named set of settings that new configurations can begin with (config-model 3.3).
struct ConfigSample {
  std::optional<uint32_t> ram_mib;
  std::optional<uint32_t> cpu_count;
  PropertyTree properties;
};
using ConfigSamples = std::map<std::string, ConfigSample, std::less<>>;

// One entry of a host's directory. What is not here is derived from the VM's folder: a VM is
// suspended exactly when its image is there (vm-lifecycle 4.2).
struct VmRecord {
  VmConfig config;
  WorkloadSpec workload;
  std::string folder;           // where its image lives, a path in the host's Storage
  uint64_t boot_count = 0;      // cold starts of the guest so far
  uint64_t image_generation = 0;  // images written so far
};

// A VM in a folder, which no directory has.
struct FoundVm {
  std::string name;
  std::string config_path;
  uint32_t os_version = 0;
  bool is_template = false;
};

// A VM as a query sees it. Small: lists have thousands.
struct VmView {
  VmConfig config;
  State state = State::kUnknown;
  State machine_state = State::kUnknown;  // which in profile V is ahead of what clients are told
  VmTasks tasks;
  bool is_locked_by_another = false;  // by another session than the one that asked
  // When its guest has panicked last, of which there is a report, in seconds since 1970; 0: never.
  int64_t reported_crash = 0;
};

// A VM as a request finds it when its turn has come.
struct RequestedVm : VmView {
  std::string folder;  // where its files are now
};

}  // namespace prl::sim
