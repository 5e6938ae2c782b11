// What clients ask about the folders of VMs: moving, mounting, archiving and packing them (vm-
// lifecycle 2.4). Part of a world, whose site it uses; any thread may call.
#pragma once

#include <string>

#include "simulator/operation.h"
#include "simulator/registry_requests.h"
#include "simulator/site.h"

namespace prl::sim {

class BundleRequests {
 public:
  // `site` and `registry` outlive this object.
  BundleRequests(Site& site, RegistryRequests& registry) : site_(site), registry_(registry) {}

  // Moves the folder of the VM, under its name, below another one.
  void move(Caller caller, const Uuid& vm, std::string root_path, OperationDone done);
  // The text of the report says where the disks of the VM are mounted; it is empty when they are
  // not.
  void mount_info(Caller caller, const Uuid& vm, OperationDone done);
  // Writes anew what the folder says about the VM. The VM of the report is that VM.
  void restore(Caller caller, const Uuid& vm, OperationDone done);

  // An archived or packed VM only waits for the opposite.
  void archive(Caller caller, const Uuid& vm, OperationDone done);
  void unarchive(Caller caller, const Uuid& vm, OperationDone done);
  void pack(Caller caller, const Uuid& vm, OperationDone done);
  void unpack(Caller caller, const Uuid& vm, OperationDone done);

 private:
  using VmPtr = std::shared_ptr<Vm>;
  struct Mark;
  void mark(Caller caller, const Uuid& vm, const Mark& mark, OperationDone done);
  void finish_mark(const OperationPtr& operation, const VmPtr& vm, const Mark& mark);
  void carry(const OperationPtr& operation, const VmPtr& vm, const std::string& target);

  Site& site_;
  RegistryRequests& registry_;
};

}  // namespace prl::sim
