// Copies of VMs (vm-lifecycle 2.4). Part of a world, whose site it uses; any thread may call.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "simulator/operation.h"
#include "simulator/registry_requests.h"
#include "simulator/site.h"

namespace prl::sim {

// Makes an address for a network adapter of random bits.
using MakeMac = std::function<std::string(const Uuid&)>;
// Gives each network adapter another address.
void renew_addresses(PropertyTree& properties, const MakeMac& make_mac, Site& site);

struct CloneOrder {
  std::string name;
  std::string root_path;     // the new folder goes below it; empty: where the host keeps its VMs
  std::optional<Uuid> uuid;  // of the clone; drawn when absent
  bool is_template = false;
  bool is_linked = false;        // shares the disks of a snapshot of the original
  bool takes_lock = false;       // of the original, as a session does
  std::optional<Uuid> snapshot;  // of a linked clone; absent: the current one, or a new one
  MakeMac make_mac;
  SessionUser owner = {};  // of the clone: who asks for it
};

class CloneRequests {
 public:
  // `site` and `registry` outlive this object.
  CloneRequests(Site& site, RegistryRequests& registry) : site_(site), registry_(registry) {}

  // The VM of the report is the clone.
  void clone(Caller caller, const Uuid& vm, CloneOrder order, OperationDone done);

 private:
  using VmPtr = std::shared_ptr<Vm>;
  Outcome check(const Vm& vm, const CloneOrder& order);
  Outcome check_snapshot(const Vm& vm, const CloneOrder& order) const;
  void begin(const OperationPtr& operation, const VmPtr& vm, const CloneOrder& order);
  void take_snapshot_first(const OperationPtr& operation, const VmPtr& vm, const CloneOrder& order);
  void finish(const OperationPtr& operation, const VmPtr& vm, const CloneOrder& order);
  Expected<VmRecord, Outcome> make_record(const Vm& vm, const CloneOrder& order);

  Site& site_;
  RegistryRequests& registry_;
};

}  // namespace prl::sim
