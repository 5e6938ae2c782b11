// PrlSrv_* and PrlLoginResponse_*: server objects and the list of their VMs (core-api 7).
#include <prlsdk/Parallels.h>

#include <string>
#include <utility>

#include "calls.h"
#include "sdk/answers.h"
#include "sdk/boundary.h"
#include "sdk/server.h"
#include "sdk/strings.h"
#include "sdk/vm_handle.h"

namespace prl::sdk::calls {

namespace {

PRL_HANDLE list_vms(Call& call, PRL_HANDLE handle, PRL_UINT32 flags) {
  const auto server = call.pin<Server>(handle);
  if (!server) return call.bad_argument_job();
  if (!server->is_connected()) return call.not_connected_job(server);
  const Ref<Job> job = call.start_job(server);
  const PRL_HANDLE given = call.give(job);
  // Neither bit set means VMs; the container bit alone asks for containers, of which there are
  // none (core-api 7.5).
  const bool wants_vms = (flags & PVTF_VM) != 0 || (flags & PVTF_CT) == 0;
  call.world().list({call.function(), server.get()},
                    [job, wants_vms](sim::Report& report) {
                      Job::Outcome outcome = to_job_outcome(report);
                      if (wants_vms) outcome.vms = std::move(report.vms);
                      job->server->library().finish_job(*job, std::move(outcome));
                    });
  return given;
}

PRL_RESULT copy_login_text(Call& call, PRL_HANDLE handle, std::string LoginAnswer::*field,
                           PRL_STR buffer, PRL_UINT32_PTR length) {
  const auto response = call.pin<LoginResponse>(handle);
  if (!response || !length) return PRL_ERR_INVALID_ARG;
  return copy_string(response->answer.*field, buffer, length);
}

}  // namespace

PRL_RESULT srv_create(Call& call, PRL_HANDLE_PTR handle) {
  if (!handle) return PRL_ERR_INVALID_ARG;
  *handle = call.give(call.library().make_server());
  return PRL_ERR_SUCCESS;
}

PRL_HANDLE srv_logoff(Call& call, PRL_HANDLE handle) {
  const auto server = call.pin<Server>(handle);
  if (!server) return call.bad_argument_job();
  if (!server->is_connected()) return call.not_connected_job(server);
  const Ref<Job> job = call.start_job(server);
  const PRL_HANDLE given = call.give(job);
  call.world().logoff(call.function(), *server, [job](const sim::Report& report) {
    if (report.outcome.ok()) {
      job->server->log_off(*job, to_job_outcome(report));
    } else {
      job->server->library().finish_job(*job, to_job_outcome(report));
    }
  });
  return given;
}

PRL_HANDLE srv_set_non_interactive_session(Call& call, PRL_HANDLE handle, PRL_BOOL value,
                                           PRL_UINT32 /*flags*/) {
  const auto server = call.pin<Server>(handle);
  if (!server) return call.bad_argument_job();
  if (!server->is_connected()) return call.not_connected_job(server);
  const Ref<Job> job = call.start_job(server);
  const PRL_HANDLE given = call.give(job);
  call.world().ping(call.function(), [job, value](const sim::Report& report) {
    if (report.outcome.ok()) job->server->set_non_interactive(value != PRL_FALSE);
    job->server->library().finish_job(*job, to_job_outcome(report));
  });
  return given;
}

PRL_RESULT srv_is_non_interactive_session(Call& call, PRL_HANDLE handle, PRL_BOOL_PTR value) {
  const auto server = call.pin<Server>(handle);
  if (!server || !value) return PRL_ERR_INVALID_ARG;
  *value = server->is_non_interactive() ? PRL_TRUE : PRL_FALSE;
  return PRL_ERR_SUCCESS;
}

// The new object exists on the client only, until PrlVm_Reg; its identity is drawn at once, and it
// belongs to the user of the session.
PRL_RESULT srv_create_vm(Call& call, PRL_HANDLE handle, PRL_HANDLE_PTR vm) {
  const auto server = call.pin<Server>(handle);
  if (!server || !vm) return PRL_ERR_INVALID_ARG;
  sim::VmConfig config{.uuid = call.world().new_uuid()};
  set_owner(config, server->user().user);
  *vm = call.give(server->vm_handle(config));
  return PRL_ERR_SUCCESS;
}

PRL_HANDLE srv_get_vm_list(Call& call, PRL_HANDLE server) { return list_vms(call, server, 0); }

PRL_HANDLE srv_get_vm_list_ex(Call& call, PRL_HANDLE server, PRL_UINT32 flags) {
  return list_vms(call, server, flags);
}

PRL_HANDLE srv_get_vm_config(Call& call, PRL_HANDLE handle, PRL_CONST_STR search_id,
                             PRL_UINT32 flags) {
  const auto server = call.pin<Server>(handle);
  if (!server || !search_id) return call.bad_argument_job();
  if (!server->is_connected()) return call.not_connected_job(server);
  const Ref<Job> job = call.start_job(server);
  const PRL_HANDLE given = call.give(job);
  const auto done = [job](const sim::Report& report) {
    Job::Outcome outcome = to_job_outcome(report);
    outcome.answers = vm_answers(report);
    job->server->library().finish_job(*job, std::move(outcome));
  };
  sim::Caller caller = sim::Caller(call.function(), server.get()).beside_locks();
  const auto uuid = sim::Uuid::parse(search_id);
  const bool by_uuid = (flags & PGVC_SEARCH_BY_UUID) != 0 || (flags & PGVC_SEARCH_BY_NAME) == 0;
  if (uuid && by_uuid) {
    call.world().find(std::move(caller), *uuid, done);
  } else {
    call.world().find_by_name(std::move(caller), search_id, done);
  }
  return given;
}

PRL_RESULT login_response_get_session_uuid(Call& call, PRL_HANDLE handle, PRL_STR buffer,
                                           PRL_UINT32_PTR length) {
  return copy_login_text(call, handle, &LoginAnswer::session_uuid, buffer, length);
}

PRL_RESULT login_response_get_server_uuid(Call& call, PRL_HANDLE handle, PRL_STR buffer,
                                          PRL_UINT32_PTR length) {
  return copy_login_text(call, handle, &LoginAnswer::server_uuid, buffer, length);
}

PRL_RESULT login_response_get_host_os_version(Call& call, PRL_HANDLE handle, PRL_STR buffer,
                                              PRL_UINT32_PTR length) {
  return copy_login_text(call, handle, &LoginAnswer::host_os_version, buffer, length);
}

PRL_RESULT login_response_get_product_version(Call& call, PRL_HANDLE handle, PRL_STR buffer,
                                              PRL_UINT32_PTR length) {
  return copy_login_text(call, handle, &LoginAnswer::product_version, buffer, length);
}

// Tasks that outlive a session are not modelled yet: a fresh login finds none.
PRL_RESULT login_response_get_running_task_count(Call& call, PRL_HANDLE handle,
                                                 PRL_UINT32_PTR count) {
  const auto response = call.pin<LoginResponse>(handle);
  if (!response || !count) return PRL_ERR_INVALID_ARG;
  *count = 0;
  return PRL_ERR_SUCCESS;
}

PRL_RESULT login_response_get_running_task_by_index(Call&, PRL_HANDLE, PRL_UINT32,
                                                    PRL_HANDLE_PTR) {
  return PRL_ERR_INVALID_ARG;
}

}  // namespace prl::sdk::calls
