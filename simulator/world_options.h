// What a world is made of. Value types.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "simulator/access.h"
#include "simulator/clock.h"
#include "simulator/config_problems.h"
#include "simulator/guests.h"
#include "simulator/host.h"
#include "simulator/host_store.h"
#include "simulator/image_reader.h"
#include "simulator/latency.h"
#include "simulator/profile.h"
#include "simulator/property_schema.h"
#include "simulator/undo_disks.h"
#include "simulator/virtual_disk.h"
#include "simulator/vm.h"
#include "simulator/vm_config.h"

namespace prl::sim {

// A disk of a VM that is there from the beginning, with nothing on it.
struct InitialDisk {
  std::string file;  // relative to the folder of the VM, or absolute; one that is there stays
  DiskSpec spec;
};

// A snapshot of a VM that is there from the beginning; where it has memory, that of a guest which
// had just been booted.
struct InitialSnapshot {
  std::optional<Uuid> uuid;  // drawn from the seed when absent
  std::string name;
  std::string description;
  std::optional<size_t> parent;  // among those before it; none: it grew out of none
  SnapshotPower power = SnapshotPower::kOff;
};

// A VM that the world starts with.
struct InitialVm {
  std::optional<Uuid> uuid;  // drawn from the seed when absent
  std::string name;
  uint32_t ram_mib = 1024;
  uint32_t cpu_count = 2;
  PropertyTree properties;  // the rest of its configuration
  std::vector<InitialDisk> disks;
  std::vector<InitialSnapshot> snapshots;
  std::optional<size_t> current_snapshot;  // none without snapshots
  WorkloadSpec workload;
  Guest guest;
  State state = State::kStopped;  // kStopped, kRunning, kPaused or kSuspended
};

// What a thread that waits, or moves time, is about to do.
enum class Pause : uint8_t {
  kBeforeStep,    // a step that is due now
  kBeforeTime,    // time goes on, by itself or to the next step
  kBeforeReturn,  // the thread's call is over
};

struct WorldOptions {
  Profile profile = Profile::kDesktop;
  ClockSpec clock;
  uint64_t seed = 0;
  Latencies latencies = guide_latencies();
  std::vector<InitialVm> vms;             // added where the store has no VM of that name
  PropertySchema schema;                  // of configurations of VMs, for what others wrote
  Documents documents;                    // what a fresh host keeps beside its VMs
  ConfigSamples samples;
  // What the host's documents say of the configurations that it takes; none: nothing.
  std::function<ConfigSetting(const Host&)> config_setting;
  std::unique_ptr<HostStore> store;       // null: ForgetfulStore
  std::unique_ptr<Storage> storage;       // null: MemoryStorage
  std::unique_ptr<Interventions> interventions;  // null: none
  std::shared_ptr<const PowerRules> rules;       // null: those of the product
  UndoQuestion undo_question;
  bool raw_events = false;     // in profile desktop, raw events come before states
  uint64_t lock_wait_ms = 0;   // how long a request may wait for the lock that keeps it out
  NeededRights needed_rights;  // null: every user may do everything
  // What clients get for an outcome that is no success, for the trace; null: nobody says.
  std::string (*code_name)(const Outcome&) = nullptr;
  // Called with the world unlocked, so that others catch up. False where they have not: then it is
  // not asked again in the same call. Empty: nobody has to.
  std::function<bool(Pause)> settle;
  // Of what there is of storage and store; here it is only said in the trace.
  bool is_durable = true;
  std::string trace_path;                 // empty: no file
  size_t kept_trace_lines = 0;            // for Trace::kept()
  std::function<void(const std::string&)>
      complain;  // of lines of the trace that are lost; or empty
  Verification verification = Verification::kAtFirstUse;  // of images that VMs are resumed from
};

}  // namespace prl::sim
