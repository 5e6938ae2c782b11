// VMs that go to another host of the process, at rest or while they run (vm-lifecycle 2.4, 3.2).
// Part of a world, whose site it uses; any thread may call.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

#include "simulator/clone_requests.h"
#include "simulator/operation.h"
#include "simulator/progress_steps.h"
#include "simulator/registry_requests.h"
#include "simulator/site.h"

namespace prl::sim {

// A host that a VM may go to.
class MigrationTarget {
 public:
  enum class Entry : uint8_t { kDone, kBusy, kGone };
  using Arrival = std::function<Outcome(Site&, RegistryRequests&)>;

  virtual ~MigrationTarget() = default;
  // Runs `arrive` as a step of that host, at once or not at all: two hosts that waited for each
  // other's steps would wait for ever. `outcome` is what it returns, or why the host did not open.
  // Call with no other world locked.
  virtual Entry receive(const Arrival& arrive, Outcome& outcome) = 0;
};

struct MigrationOrder {
  MigrationTarget* target = nullptr;  // outlives the world; null: there is no such host
  std::string host;                   // its name, where there is none; empty: this host itself
  std::string name;                   // of the VM there; empty: the one that it has
  std::string root_path;              // the new folder goes below it; empty: the host's own
  bool is_copy = false;               // with an identity of its own; the VM stays here
  MakeMac make_mac;                   // of the copy's adapters
  bool stays_suspended = false;  // a VM that lives is not resumed there
};

class MigrationRequests {
 public:
  // `site` and `registry` outlive this object.
  MigrationRequests(Site& site, RegistryRequests& registry) : site_(site), registry_(registry) {}

  void migrate(Caller caller, const Uuid& vm, MigrationOrder order, OperationDone done);
  // Of a migration that the VM has begun and not ended; kNothingToCancel.
  void cancel(Caller caller, const Uuid& vm, OperationDone done);
  // The VM has become something else by itself: it goes nowhere. REQUIRES: the world is locked.
  void note_change(const Uuid& vm) {
    if (!under_way_.empty()) give_up_on(vm);
  }

 private:
  using VmPtr = std::shared_ptr<Vm>;
  struct Migration;
  using MigrationPtr = std::shared_ptr<Migration>;

  Outcome check(const Vm& vm, const MigrationOrder& order) const;
  bool is_under_way(const Migration& migration) const;
  void begin(const OperationPtr& operation, const VmPtr& vm, const MigrationOrder& order);
  void follow(const MigrationPtr& migration, uint64_t step);
  void tell_progress(const Migration& migration, uint32_t percent);
  void announce(const Vm& vm, MigrationNotice::Kind kind);
  void carry(const MigrationPtr& migration);
  Outcome arrive(const Migration& migration, Site& there, RegistryRequests& registry) const;
  void conclude(const MigrationPtr& migration, Outcome outcome);
  void give_up(const MigrationPtr& migration, Outcome outcome);
  void give_up_on(const Uuid& vm);

  Site& site_;
  RegistryRequests& registry_;
  // Under way, by VM. Guarded by the world's mutex.
  std::unordered_map<Uuid, MigrationPtr> under_way_;
};

}  // namespace prl::sim
