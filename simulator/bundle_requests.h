// What clients ask about the folders of VMs and what is in them: moving, mounting, archiving and
// packing, disks, other files (vm-lifecycle 2.4). Part of a world, whose site it uses; any thread
// may call.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>

#include "simulator/operation.h"
#include "simulator/registry_requests.h"
#include "simulator/site.h"

namespace prl::sim {

// What is to become of disks of a VM.
struct DiskConversion {
  uint32_t mask = 0;               // one bit for each place at an interface
  std::optional<uint64_t> format;  // 0 plain, 1 expanding
  std::optional<bool> is_split;
};

// The file of the firmware's variables in the folder of a VM.
inline constexpr std::string_view kNvramFile = "NVRAM_4M.dat";

struct FileNaming {
  std::string prefix;
  std::string suffix;
  std::string delimiter;  // before the number, where one is needed
};

class BundleRequests {
 public:
  // `site` and `registry` outlive this object.
  BundleRequests(Site& site, RegistryRequests& registry) : site_(site), registry_(registry) {}

  // Moves the folder of the VM, under its name, below another one. A guest that runs runs on.
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

  void convert_disks(Caller caller, const Uuid& vm, DiskConversion conversion, OperationDone done);
  // The conversion ends as cancelled when its time is over, with nothing changed.
  void cancel_conversion(Caller caller, const Uuid& vm, OperationDone done);

  // Ends the compaction of a stopped VM as cancelled.
  void cancel_compaction(Caller caller, const Uuid& vm, OperationDone done);

  // The text of the report is the name of a file that is not in the VM's folder.
  void free_name(Caller caller, const Uuid& vm, FileNaming naming, OperationDone done);
  // Writes a file of the VM's folder, whether it was there or not; kFloppyNotWritten.
  void write_floppy(Caller caller, const Uuid& vm, std::string name, std::string image,
                    OperationDone done);
  // Puts the present template of the firmware's variables into the folder.
  void update_nvram(Caller caller, const Uuid& vm, OperationDone done);

  // Starts the Windows guest of a stopped VM once, so that it gives itself another identity.
  void change_sid(Caller caller, const Uuid& vm, OperationDone done);

 private:
  using VmPtr = std::shared_ptr<Vm>;
  struct Mark;
  void mark(Caller caller, const Uuid& vm, const Mark& mark, OperationDone done);
  void finish_mark(const OperationPtr& operation, const VmPtr& vm, const Mark& mark);
  void finish_conversion(const OperationPtr& operation, const VmPtr& vm,
                         const DiskConversion& conversion);
  void carry(const OperationPtr& operation, const VmPtr& vm, const std::string& target);

  Site& site_;
  RegistryRequests& registry_;
  // Conversions under way that nobody has cancelled. Guarded by the world's mutex.
  std::unordered_map<Uuid, OperationPtr> conversions_;
};

}  // namespace prl::sim
