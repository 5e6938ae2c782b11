// The VMs that a host has: how they come, how they go, and where their folders are (vm-lifecycle
// 2.4, docs/home.md). Part of a world, whose site it uses. The requests may come from any thread;
// everything else is called with the world locked.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "simulator/expected.h"
#include "simulator/operation.h"
#include "simulator/site.h"

namespace prl::sim {

// A folder that is to become a VM of the host.
struct BundleOrder {
  std::string path;          // of the folder, or of the configuration in it
  std::optional<Uuid> uuid;  // the identity that the VM is to have; absent: that of the folder
  bool has_new_uuid = false;
  std::string name;  // empty: that of the folder
};

// Ends the name of a folder in which a VM is put together; that of no bundle ends so. One that no
// record names is removed at the next opening.
inline constexpr std::string_view kRestoredSuffix = ".pvm.restored";

class RegistryRequests {
 public:
  // `site` outlives this object.
  explicit RegistryRequests(Site& site) : site_(site) {}

  void register_vm(Caller caller, VmConfig config, OperationDone done);
  // The VM of the report is the one that the folder holds; suspended where its image is there.
  void register_bundle(Caller caller, BundleOrder order, OperationDone done);
  // Makes a new VM, below `root_path`, of what the configuration of another product says.
  void register_foreign(Caller caller, std::string config_path, std::string root_path,
                        OperationDone done);
  // Reports the VMs in these folders, and right below them, that are not registered; of no folders,
  // those where the host keeps its VMs.
  void search(Caller caller, std::vector<std::string> folders, OperationDone done);
  void unregister_vm(Caller caller, const Uuid& vm, OperationDone done);
  // `files`: what is removed of the folder, absolute or relative to it, while the rest stays;
  // empty: all of it.
  void delete_vm(Caller caller, const Uuid& vm, std::vector<std::string> files, OperationDone done);
  void delete_vm(Caller caller, const Uuid& vm, OperationDone done) {
    delete_vm(std::move(caller), vm, {}, std::move(done));
  }

  // Refuses a VM that cannot be, or whose name or identity another one has.
  Outcome check_new_vm(const VmConfig& config) const;
  // Refuses a relative path, and one below which there is a bundle of this name already. The empty
  // path, where the host keeps its VMs, has room for everybody.
  Outcome check_bundle_path(const std::string& root_path, const std::string& bundle) const;
  // The name that a folder of this VM gets where nobody else has it.
  static std::string bundle_name(const VmConfig& config);
  // Enters a VM, in a new folder below `root_path`, and tells the sessions.
  Expected<std::shared_ptr<Vm>, Outcome> enter(VmRecord record, const std::string& root_path = "");

  // A folder that nobody has, among the host's own, for a VM of this configuration.
  std::string folder_for(const VmConfig& config) const;
  // Enters the VM of the record, whose folder is complete and has a name with kRestoredSuffix, in
  // the place of `old`, if there is one, whose folder goes; then the new one gets this path.
  // REQUIRES: nobody else has name and identity, and `old` is at rest.
  Expected<std::shared_ptr<Vm>, Outcome> enter_restored(const std::shared_ptr<Vm>& old,
                                                        VmRecord record, const std::string& path);
  // Writes the image of a suspended VM anew for its new identity; the old file stays.
  static Outcome copy_image(Storage& storage, const std::string& folder, const Uuid& from,
                            const Uuid& to);

  // Takes a VM that is somewhere else now, whatever it does, out of the directory, and its folder
  // away; ends the operation.
  void remove_gone(const OperationPtr& operation, const std::shared_ptr<Vm>& vm) {
    take_out(operation, vm, {.is_deleted = true});
  }

  // Gives the record a folder that is made here, and keeps it in the directory.
  Outcome keep(VmRecord& record);
  // Completes the deletes that killed processes left half done, and drops their records.
  Outcome finish_deletions(std::vector<VmRecord>& records);
  // Finds the folder of a VM whose move or return a killed process left half done.
  Outcome find_moved(VmRecord& record);

 private:
  Expected<VmRecord, Outcome> read_bundle(const std::string& folder) const;
  void finish_bundle(const OperationPtr& operation, const VmRecord& record, const Uuid& before);
  void add_bundles(const std::string& root, std::vector<std::string>& bundles);
  Expected<std::shared_ptr<Vm>, Outcome> take_in(VmRecord record);
  bool is_free(const std::string& folder) const;
  struct Removal {
    bool is_deleted = false;              // else its folder stays, to be registered again
    std::vector<std::string> files = {};  // of a deleted VM: only these go
    bool keeps_folder() const { return !is_deleted || !files.empty(); }
  };
  Outcome check_leaving(const Vm& vm, bool is_deleted) const;
  void remove_vm(const OperationPtr& operation, const std::shared_ptr<Vm>& vm,
                 const Removal& removal);
  void take_out(const OperationPtr& operation, const std::shared_ptr<Vm>& vm,
                const Removal& removal);
  static bool is_below(const std::string& folder, std::string_view path);
  void remove_files(const std::string& folder, const std::vector<std::string>& files);
  Outcome mark_deleted(const std::string& folder);
  void settle(Vm& vm, const std::shared_ptr<Vm>& old, const std::string& path);
  std::string portable(const std::string& path) const;
  std::optional<std::string> path_at(const VmRecord& record, std::string_view mark) const;

  Site& site_;
};

}  // namespace prl::sim
