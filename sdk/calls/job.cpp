// PrlJob_*: asynchronous operations (core-api 3).
#include <prlsdk/Parallels.h>

#include "calls.h"
#include "sdk/answers.h"
#include "sdk/boundary.h"
#include "sdk/server.h"
#include "sdk/vm_handle.h"

namespace prl::sdk::calls {

namespace {

// A client that polls instead of waiting must see progress in virtual time too: each look at an
// unfinished job lets the next step of the world happen.
void look_at(const Call& call, const Job& job) {
  if (job.is_finished()) return;
  if (job.server) call.go_to(job.server->world());
  call.world().step_once();
}

}  // namespace

PRL_RESULT job_wait(Call& call, PRL_HANDLE handle, PRL_UINT32 timeout_ms) {
  const auto job = call.pin<Job>(handle);
  if (!job) return PRL_ERR_INVALID_ARG;
  if (job->is_finished()) {
    (job->server ? job->server->world() : call.world()).settle();
    return PRL_ERR_SUCCESS;
  }
  if (timeout_ms == 0) {
    look_at(call, *job);
    return job->is_finished() ? PRL_ERR_SUCCESS : PRL_ERR_TIMEOUT;
  }
  if (job->server) call.go_to(job->server->world());
  const bool finished = call.world().wait(
      job->changed(), [&job] { return job->is_finished(); }, timeout_ms);
  return finished ? PRL_ERR_SUCCESS : PRL_ERR_TIMEOUT;
}

PRL_RESULT job_get_status(Call& call, PRL_HANDLE handle, PRL_JOB_STATUS_PTR status) {
  const auto job = call.pin<Job>(handle);
  if (!job || !status) return PRL_ERR_INVALID_ARG;
  look_at(call, *job);
  *status = job->is_finished() ? PJS_FINISHED : PJS_RUNNING;
  return PRL_ERR_SUCCESS;
}

PRL_RESULT job_get_ret_code(Call& call, PRL_HANDLE handle, PRL_RESULT_PTR code) {
  const auto job = call.pin<Job>(handle);
  if (!job || !code) return PRL_ERR_INVALID_ARG;
  *code = job->is_finished() ? job->code() : PRL_ERR_UNINITIALIZED;
  return PRL_ERR_SUCCESS;
}

PRL_RESULT job_get_progress(Call& call, PRL_HANDLE handle, PRL_UINT32_PTR percent) {
  const auto job = call.pin<Job>(handle);
  if (!job || !percent) return PRL_ERR_INVALID_ARG;
  *percent = job->progress();
  return PRL_ERR_SUCCESS;
}

PRL_RESULT job_get_op_code(Call& call, PRL_HANDLE handle, PRL_JOB_OPERATION_CODE_PTR operation) {
  const auto job = call.pin<Job>(handle);
  if (!job || !operation) return PRL_ERR_INVALID_ARG;
  *operation = job->operation;
  return PRL_ERR_SUCCESS;
}

PRL_RESULT job_is_request_was_sent(Call& call, PRL_HANDLE handle, PRL_BOOL_PTR sent) {
  const auto job = call.pin<Job>(handle);
  if (!job || !sent) return PRL_ERR_INVALID_ARG;
  *sent = job->request_sent ? PRL_TRUE : PRL_FALSE;
  return PRL_ERR_SUCCESS;
}

// A new result each time, all with the same content.
PRL_RESULT job_get_result(Call& call, PRL_HANDLE handle, PRL_HANDLE_PTR result) {
  const auto job = call.pin<Job>(handle);
  if (!job || !result) return PRL_ERR_INVALID_ARG;
  if (!job->is_finished()) return PRL_ERR_OPERATION_PENDING;
  *result = call.make<Result>(job->server, job->answers(), job->error());
  return PRL_ERR_SUCCESS;
}

PRL_RESULT job_get_error(Call& call, PRL_HANDLE handle, PRL_HANDLE_PTR error) {
  const auto job = call.pin<Job>(handle);
  if (!job || !error) return PRL_ERR_INVALID_ARG;
  if (!job->is_finished()) return PRL_ERR_NO_DATA;
  auto content = job->error();
  if (!content) return PRL_ERR_NO_DATA;
  *error = call.make<Event>(std::move(*content), job->server);
  return PRL_ERR_SUCCESS;
}

PRL_RESULT job_get_data_ptr(Call& call, PRL_HANDLE handle, PRL_VOID_PTR /*data*/,
                            PRL_UINT32_PTR /*data_bytes*/) {
  return call.pin<Job>(handle) ? PRL_ERR_UNIMPLEMENTED : PRL_ERR_INVALID_ARG;
}

// An operation that cannot be stopped is answered as one that has ended (vm-lifecycle 5.4).
PRL_HANDLE job_cancel(Call& call, PRL_HANDLE handle) {
  const auto target = call.pin<Job>(handle);
  if (!target) return call.bad_argument_job();
  if (!target->server) return call.local_job(PRL_ERR_UNINITIALIZED);
  const Ref<Server>& server = target->server;
  if (!server->is_connected()) return call.not_connected_job(server);
  const Ref<Job> job = call.start_job(server);
  const PRL_HANDLE given = call.give(job);
  // What the loss of a connection has finished goes on on a host that this one may not be any more.
  const auto cancellation = target->is_finished() ? nullptr : target->cancellation;
  call.world().cancel(call.function(), cancellation, [job](const sim::Report& report) {
    job->server->library().finish_job(*job, to_job_outcome(report));
  });
  return given;
}

}  // namespace prl::sdk::calls
