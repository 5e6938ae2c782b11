// PrlVm_UpdateSecurity: what users other than its owner may do with a VM (config-model 3.1).
#include <prlsdk/Parallels.h>

#include "calls.h"
#include "sdk/calls/vm_request_job.h"
#include "sdk/node_handle.h"
#include "sdk/records.h"
#include "simulator/config_rules.h"

namespace prl::sdk::calls {

namespace {

constexpr const char* kAccess = "AccessForOthers";

// Rights that were never changed are stored nowhere.
void set_access(sim::PropertyTree& tree, uint64_t access) {
  const std::string path = std::string(sim::kSecurity) + "." + kAccess;
  if (access == PAO_VM_NOT_SHARED) {
    tree.erase(path);
  } else {
    tree.set(path, access);
  }
}

}  // namespace

// The one user of the simulated host owns every VM.
PRL_HANDLE vm_update_security(Call& call, PRL_HANDLE handle, PRL_HANDLE rights) {
  const auto content = content_of(call.pin_any(rights), PHT_ACCESS_RIGHTS);
  if (!content) return call.bad_argument_job();
  const uint64_t access = number_at(*content, kAccess, PAO_VM_NOT_SHARED);
  const VmJob begun = begin_vm_job(call, handle);
  return send_request(
      call, begun,
      [access](const sim::VmView& vm) {
        sim::RequestEnd end;
        end.config = vm.config;
        set_access(end.config->properties, access);
        end.is_told = false;
        sim::PropertyTree told;
        told.set(kAccess, access);
        end.notices.emplace_back(sim::SecurityChanged{std::move(told)});
        return end;
      },
      [vm = begun.vm, access](Job::Outcome&) {
        vm->edit_tree([access](sim::PropertyTree& tree) { set_access(tree, access); });
      });
}

}  // namespace prl::sdk::calls
