// PrlVm_UpdateSecurity and PrlAcl_*: whose a VM is, and who may do what with it (config-model 3.1,
// vm-lifecycle 6.2).
#include <prlsdk/Parallels.h>

#include <string>
#include <utility>

#include "calls.h"
#include "sdk/access_rights.h"
#include "sdk/calls/vm_request_job.h"
#include "sdk/host_documents.h"
#include "sdk/node_handle.h"
#include "sdk/records.h"
#include "sdk/strings.h"
#include "sdk/vm_info.h"
#include "simulator/config_rules.h"

namespace prl::sdk::calls {

namespace {

constexpr const char* kAccess = "AccessForOthers";

// Rights that were never changed are stored nowhere.
void set_access(sim::PropertyTree& tree, uint64_t access) {
  if (access == PAO_VM_NOT_SHARED) {
    tree.erase(sim::kAccessForOthers);
  } else {
    tree.set(sim::kAccessForOthers, access);
  }
}

// What an object of access rights says of the session's user.
struct Standing {
  PRL_RESULT code = PRL_ERR_SUCCESS;
  std::string owner;
  bool is_owner = true;
  sim::Rights rights = sim::kAllRights;
};

// Of a VM, or of its configuration: by the rights of the local copy.
Standing standing_in(const VmHandle& vm) {
  const ServerUser session = vm.server->user();
  return vm.read([&](const sim::VmConfig& config) {
    return Standing{.owner = owner_name(config.properties, session),
                    .is_owner = is_owner(session.user, config.properties),
                    .rights = rights_of(session.user, config.properties)};
  });
}

// Of a record that stands for itself (put_rights()).
Standing standing_in(const Call& call, const TreePlace& place) {
  const sim::PropertyTree tree = place.owner->tree();
  if (!tree.find(place.path(kRights))) {
    sim::World& world = call.world();
    const std::string name = first_user(world.host_document(kUsers)).name;
    return {.owner = name + "@" + own_name(world.host_document(kHardware))};
  }
  const auto* is_owner = std::get_if<bool>(tree.find(place.path("IsOwner")));
  return {.owner = text_at(tree, place.path("Owner")),
          .is_owner = is_owner && *is_owner,
          .rights = static_cast<sim::Rights>(number_at(tree, place.path(kRights), 0))};
}

Standing standing_in(const Call& call, PRL_HANDLE handle) {
  const TreePlace place = place_of(call, handle, {PHT_ACCESS_RIGHTS});
  if (!place.owner) return {.code = place.code};
  if (place.owner->type() == VmHandle::kType) {
    return standing_in(static_cast<const VmHandle&>(*place.owner));
  }
  return standing_in(call, place);
}

}  // namespace

PRL_RESULT acl_is_allowed(Call& call, PRL_HANDLE handle, PRL_ALLOWED_VM_COMMAND command,
                          PRL_BOOL_PTR is_allowed) {
  const Standing standing = standing_in(call, handle);
  if (standing.code != PRL_ERR_SUCCESS || !is_allowed) return PRL_ERR_INVALID_ARG;
  const sim::Rights needed = rights_for(command, call.world().profile());
  *is_allowed = (needed & ~standing.rights) == 0 ? PRL_TRUE : PRL_FALSE;
  return PRL_ERR_SUCCESS;
}

PRL_RESULT acl_is_current_session_owner(Call& call, PRL_HANDLE handle, PRL_BOOL_PTR is_owner) {
  const Standing standing = standing_in(call, handle);
  if (standing.code != PRL_ERR_SUCCESS || !is_owner) return PRL_ERR_INVALID_ARG;
  *is_owner = standing.is_owner ? PRL_TRUE : PRL_FALSE;
  return PRL_ERR_SUCCESS;
}

PRL_RESULT acl_get_owner_name(Call& call, PRL_HANDLE handle, PRL_STR buffer,
                              PRL_UINT32_PTR length) {
  const Standing standing = standing_in(call, handle);
  if (standing.code != PRL_ERR_SUCCESS || !length) return PRL_ERR_INVALID_ARG;
  return copy_string(standing.owner, buffer, length);
}

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
        sim::PropertyTree told = end.config->properties.below(sim::kSecurity);
        told.set(kAccess, access);
        end.notices.emplace_back(sim::SecurityChanged{std::move(told)});
        return end;
      },
      [vm = begun.vm, access](Job::Outcome&) {
        vm->edit_tree([access](sim::PropertyTree& tree) { set_access(tree, access); });
      });
}

}  // namespace prl::sdk::calls
