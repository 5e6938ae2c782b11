// How folders become virtual machines of a host: PrlSrv_RegisterVm and its kin, the search for
// folders, and the end of the host's service (vm-lifecycle 2.4, 4.5).
#include <prlsdk/Parallels.h>

#include <string>
#include <utility>

#include "calls.h"
#include "sdk/calls/host_job.h"
#include "sdk/calls/vm_job.h"
#include "sdk/objects.h"
#include "sdk/records.h"
#include "sdk/vm_handle.h"

namespace prl::sdk::calls {

namespace {

// What PrlFoundVmInfo_* read.
sim::PropertyTree found_info(const sim::FoundVm& vm) {
  sim::PropertyTree info;
  info.set("Name", vm.name);
  info.set("ConfigPath", vm.config_path);
  if (vm.os_version != 0) info.set("OSVersion", uint64_t{vm.os_version});
  if (vm.is_template) info.set("Template", true);
  return info;
}

PRL_HANDLE register_bundle(Call& call, PRL_HANDLE handle, sim::BundleOrder order) {
  const ServerJob begun = begin_server_job(call, handle);
  if (!begun.job) return begun.given;
  call.world().registry().register_bundle({call.function(), begun.server.get()}, std::move(order),
                                          finish_with_vm(begun.job));
  return begun.given;
}

// An identity that is asked for has precedence over a new one.
sim::BundleOrder order_for(const std::string& folder, PRL_UINT32 flags) {
  return {.path = folder, .has_new_uuid = (flags & PRVF_REGENERATE_VM_UUID) != 0};
}

PRL_HANDLE shut_down(Call& call, PRL_HANDLE handle, bool by_force) {
  const ServerJob begun = begin_server_job(call, handle);
  if (!begun.job) return begun.given;
  call.world().shut_down({call.function(), begun.server.get()}, by_force,
                         [job = begun.job](const sim::Report& report) {
                           job->server->library().finish_job(*job, to_job_outcome(report));
                         });
  return begun.given;
}

}  // namespace

// ---- Registering -----------------------------------------------------------------------------

PRL_HANDLE srv_register_vm(Call& call, PRL_HANDLE server, PRL_CONST_STR folder,
                           PRL_BOOL /*non_interactive*/) {
  if (!folder) return call.bad_argument_job();
  return register_bundle(call, server, {.path = folder});
}

PRL_HANDLE srv_register_vm_ex(Call& call, PRL_HANDLE server, PRL_CONST_STR folder,
                              PRL_UINT32 flags) {
  if (!folder) return call.bad_argument_job();
  return register_bundle(call, server, order_for(folder, flags));
}

PRL_HANDLE srv_register_vm_with_uuid(Call& call, PRL_HANDLE server, PRL_CONST_STR folder,
                                     PRL_CONST_STR uuid, PRL_UINT32 /*flags*/) {
  if (!folder || !uuid) return call.bad_argument_job();
  const auto wanted = sim::Uuid::parse(uuid);
  if (!wanted) return call.bad_argument_job();
  return register_bundle(call, server, {.path = folder, .uuid = wanted});
}

PRL_HANDLE srv_register_vm_with_params(Call& call, PRL_HANDLE server, PRL_HANDLE parameters) {
  const auto content = content_of(call.pin_any(parameters), PHT_VM_REGISTER_PARAMS);
  if (!content) return call.bad_argument_job();
  const auto text = [&](std::string_view path) {
    const auto* found = std::get_if<std::string>(content->find(path));
    return found ? *found : std::string();
  };
  const auto* flags = std::get_if<uint64_t>(content->find("Flags"));
  sim::BundleOrder order =
      order_for(text("VmDirPath"), flags ? static_cast<PRL_UINT32>(*flags) : 0);
  order.name = text("VmName");
  if (!text("VmUuid").empty()) {
    order.uuid = sim::Uuid::parse(text("VmUuid"));
    if (!order.uuid) return call.bad_argument_job();
    order.has_new_uuid = false;
  }
  return register_bundle(call, server, std::move(order));
}

PRL_HANDLE srv_register3rd_party_vm(Call& call, PRL_HANDLE handle, PRL_CONST_STR config_path,
                                    PRL_CONST_STR root_path, PRL_UINT32 /*flags*/) {
  if (!config_path || !root_path) return call.bad_argument_job();
  const ServerJob begun = begin_server_job(call, handle);
  if (!begun.job) return begun.given;
  call.world().registry().register_foreign({call.function(), begun.server.get()}, config_path,
                                           root_path, finish_with_vm(begun.job));
  return begun.given;
}

// ---- Searching -------------------------------------------------------------------------------

// No list and an empty one stand for the folder in which the host keeps its VMs.
PRL_HANDLE srv_start_search_vms(Call& call, PRL_HANDLE handle, PRL_HANDLE folders) {
  std::vector<std::string> wanted;
  if (folders != PRL_INVALID_HANDLE) {
    const auto list = call.pin<StringsList>(folders);
    if (!list) return call.bad_argument_job();
    std::lock_guard lock(list->mutex);
    wanted = list->items;
  }
  const ServerJob begun = begin_server_job(call, handle);
  if (!begun.job) return begun.given;
  call.world().registry().search({call.function(), begun.server.get()}, std::move(wanted),
                                 [job = begun.job](const sim::Report& report) {
                                   Job::Outcome outcome = to_job_outcome(report);
                                   for (const sim::FoundVm& vm : report.found) {
                                     outcome.answers.emplace_back(
                                         DocumentAnswer{PHT_FOUND_VM_INFO, found_info(vm)});
                                   }
                                   job->server->library().finish_job(*job, std::move(outcome));
                                 });
  return begun.given;
}

// ---- The end of the service ------------------------------------------------------------------

PRL_HANDLE srv_shutdown(Call& call, PRL_HANDLE server, PRL_BOOL by_force) {
  return shut_down(call, server, by_force != PRL_FALSE);
}

PRL_HANDLE srv_shutdown_ex(Call& call, PRL_HANDLE server, PRL_UINT32 flags) {
  return shut_down(call, server, (flags & PSHF_FORCE_SHUTDOWN) != 0);
}

}  // namespace prl::sdk::calls
