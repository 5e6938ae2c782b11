// Appliances: ready VMs that a host fetches from elsewhere and takes in. What is fetched does not
// exist, its progress does. Part of a world, whose site it uses; any thread may call.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "simulator/operation.h"
#include "simulator/progress_steps.h"
#include "simulator/registry_requests.h"
#include "simulator/site.h"

namespace prl::sim {

struct Appliance {
  std::string name;  // what tells it from others
  VmConfig config;   // of the VM that it becomes
  std::string root_path;  // the VM's folder goes below it; empty: where the host keeps its VMs
};

class ApplianceRequests {
 public:
  // `site` and `registry` outlive this object.
  ApplianceRequests(Site& site, RegistryRequests& registry) : site_(site), registry_(registry) {}

  // Fetches, unpacks and registers the appliance, telling all sessions. The VM of the report is the
  // new one.
  void install(Caller caller, Appliance appliance, OperationDone done);
  // Ends an installation that is being fetched as cancelled. What was fetched is kept for the next
  // one of the name, or not.
  void stop(Caller caller, std::string name, bool keeps_data, OperationDone done);

 private:
  struct Install {
    OperationPtr operation;
    Appliance appliance;
    ProgressSteps steps = {};
  };

  void fetch(const std::string& name, uint64_t number, uint64_t step);
  void unpack(const std::string& name, uint64_t number);
  void take_in(const std::string& name, uint64_t number);
  void tell(HostEvent::Kind kind, const std::string& name);
  void tell_progress(const Install& install);
  // Null where the installation of that number has ended.
  const Install* find(const std::string& name, uint64_t number) const;

  Site& site_;
  RegistryRequests& registry_;
  // Guarded by the world's mutex.
  std::map<std::string, Install> installs_;   // under way, by name
  std::map<std::string, uint32_t> fetched_;   // percent, of those that are or were under way
};

}  // namespace prl::sim
