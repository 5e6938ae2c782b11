// The VMs that a host has: how they come, how they go, and where their folders are (vm-lifecycle
// 2.4, docs/home.md). Part of a world, whose site it uses. The requests may come from any thread;
// everything else is called with the world locked.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "simulator/expected.h"
#include "simulator/operation.h"
#include "simulator/site.h"

namespace prl::sim {

class RegistryRequests {
 public:
  // `site` outlives this object.
  explicit RegistryRequests(Site& site) : site_(site) {}

  void register_vm(Caller caller, VmConfig config, OperationDone done);
  void unregister_vm(Caller caller, const Uuid& vm, OperationDone done);
  void delete_vm(Caller caller, const Uuid& vm, OperationDone done);

  // Refuses a VM that cannot be, or whose name or identity another one has.
  Outcome check_new_vm(const VmConfig& config) const;
  // Refuses a relative path, and one below which there is a bundle of this name already. The empty
  // path, where the host keeps its VMs, has room for everybody.
  Outcome check_bundle_path(const std::string& root_path, const std::string& bundle) const;
  // The name that a folder of this VM gets where nobody else has it.
  static std::string bundle_name(const VmConfig& config);
  // Enters a VM, in a new folder below `root_path`, and tells the sessions.
  Expected<std::shared_ptr<Vm>, Outcome> enter(VmRecord record, const std::string& root_path = "");

  // Gives the record a folder that is made here, and keeps it in the directory.
  Outcome keep(VmRecord& record);
  // Completes the deletes that killed processes left half done, and drops their records.
  Outcome finish_deletions(std::vector<VmRecord>& records);
  // Finds the folder of a VM whose move a killed process left half done.
  Outcome find_moved(VmRecord& record);

 private:
  bool is_free(const std::string& folder) const;
  std::string folder_for(const VmConfig& config) const;
  Outcome check_leaving(const Vm& vm, bool with_files) const;
  void remove_vm(const OperationPtr& operation, const std::shared_ptr<Vm>& vm, bool with_files);
  Outcome mark_deleted(const std::string& folder);

  Site& site_;
};

}  // namespace prl::sim
