#include "sdk/boundary.h"

#include <new>
#include <string>
#include <utility>

#include "names.h"
#include "sdk/server.h"
#include "sdk/vm_handle.h"

namespace prl::sdk {

void Call::begin_in_ledger() const {
  library_->ledger()->begin_call(info_.name, world().time_ms());
}

void Call::end_in_ledger() const {
  library_->ledger()->end_call(world().trace(), is_bad_argument_);
}

PRL_HANDLE Call::bad_argument_job() const {
  is_bad_argument_ = true;
  return local_job(PRL_ERR_INVALID_ARG);
}

std::optional<PRL_RESULT> Call::strike() const {
  const auto fault = world().strike_call(info_.name.view());
  if (!fault) return std::nullopt;
  if (fault->kind == sim::Fault::Kind::kNoMemory) return PRL_ERR_OUT_OF_MEMORY;
  if (fault->kind == sim::Fault::Kind::kFail) return fault->result_code;
  world().pass(fault->delay_ms);
  return std::nullopt;
}

void Call::strike_memory(uint32_t object_type) const {
  if (world().strike_memory(info_.name.view(), handle_type_name(object_type))) {
    throw std::bad_alloc();
  }
  has_job_memory_ = object_type == PHT_JOB;
}

void Call::note_given(const Object& object) const {
  const bool is_asked = object.type() == PHT_JOB && std::exchange(has_job_memory_, false);
  if (!is_asked) strike_memory(object.type());
  if (!given_) given_ = std::make_unique<std::vector<uint32_t>>();
  given_->push_back(object.value());
}

// What the client does not get to know of it cannot free.
void Call::take_back_given() noexcept {
  if (!given_) return;
  try {
    for (const uint32_t value : *given_) library_->take_back(value);
  } catch (...) {
  }
}

PRL_HANDLE Call::local_job(PRL_RESULT code) const {
  if (memory_is_watched_) strike_memory(PHT_JOB);
  auto job = std::make_unique<Job>(info_, Ref<Server>(), Ref<VmHandle>());
  job->request_sent = false;
  job->finish({.code = code, .error_issuer = PIE_WEB_SERVICE});
  return give(library_->handles().insert(std::move(job)));
}

Ref<Job> Call::start_job(const Ref<Server>& server, const Ref<VmHandle>& vm) const {
  if (memory_is_watched_) strike_memory(PHT_JOB);
  Ref<Job> job = library_->handles().insert(std::make_unique<Job>(info_, server, vm));
  server->remember_job(job->value());
  go_to(server->world());  // in which it stays as long as it has this job
  return job;
}

PRL_HANDLE Call::not_connected_job(const Ref<Server>& server, const Ref<VmHandle>& vm) const {
  const Ref<Job> job = start_job(server, vm);
  const PRL_HANDLE handle = give(job);
  library_->finish_job(*job, {.code = PRL_ERR_NOT_CONNECTED_TO_DISPATCHER,
                              .error_issuer = PIE_DISPATCHER,
                              .message_parameters = {"localhost"}});
  return handle;
}

void Call::trace(const std::string& text) const {
  sim::Trace& trace = world().trace();
  if (const uint64_t place = Delivery::place_of_this_thread()) {
    return trace.handler_line(place, text);
  }
  trace.line(world().time_ms(), "call", text);
}

void Call::trace_end(PRL_RESULT code) const {
  trace(std::string(info_.name) + " = " + result_name(code));
}

void Call::trace_end() const { trace(std::string(info_.name) + " = job"); }

PRL_RESULT Call::failed_with_exception() noexcept {
  PRL_RESULT code = PRL_ERR_UNEXPECTED;
  take_back_given();
  try {
    throw;
  } catch (const std::bad_alloc&) {
    code = PRL_ERR_OUT_OF_MEMORY;
  } catch (...) {
  }
  try {
    return ended(code);
  } catch (...) {
    return code;  // there is no memory even for the line of the trace
  }
}

PRL_RESULT not_modelled(Api api) {
  Call call(api);
  if (!call.admitted()) return PRL_ERR_API_WASNT_INITIALIZED;
  // Those that do not ask for Init ask for a good handle, and there is none yet (core-api 1.4).
  if (!call.info().needs_init && !Library::gate.is_open()) return PRL_ERR_INVALID_ARG;
  return call.ended(PRL_ERR_UNIMPLEMENTED);
}

PRL_HANDLE not_modelled_job(Api api) {
  Call call(api);
  if (!call.admitted()) return PRL_INVALID_HANDLE;
  try {
    return call.ended(call.local_job(PRL_ERR_UNIMPLEMENTED));
  } catch (...) {
    call.failed_with_exception();
    return PRL_INVALID_HANDLE;
  }
}

}  // namespace prl::sdk
