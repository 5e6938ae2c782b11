// PrlSrv_*: hosts that a client looks for without a login (core-api 4, 7).
#include <prlsdk/Parallels.h>

#include <condition_variable>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "calls.h"
#include "sdk/calls/session_call.h"
#include "sdk/node_handle.h"
#include "sdk/tree.h"

namespace prl::sdk::calls {

namespace {

using sim::HostStep;
using sim::Outcome;
using sim::OutcomeKind;
using sim::PropertyTree;
using sim::Report;

constexpr PRL_UINT32 kDefaultTimeoutMs = 30'000;  // where a client names none

// What a host says of itself to whom it does not know.
PropertyTree description(const HostStep& step, PRL_APPLICATION_MODE mode) {
  return server_info({.host = own_name(step.host),
                      .port = kDefaultPort,
                      .answer = {.session_uuid = {},
                                 .server_uuid = step.host_uuid.format(),
                                 .host_os_version = std::string(kHostOsVersion),
                                 .product_version = std::string(kProductVersion)}},
                     mode);
}

// Answers with the description of the host of this name.
sim::World::HostBody describe(std::string name, PRL_APPLICATION_MODE mode) {
  return [name = std::move(name), mode](HostStep& step) {
    if (!is_own_name(step.host, name)) return answer(Outcome(OutcomeKind::kHostUnknown, {name}));
    return answer(description(step, mode));
  };
}

// A job outside of all sessions, on a connection of its own: nobody but the callback, if there is
// one, is told of its end.
Ref<Job> start_own_job(const Call& call, PRL_EVENT_HANDLER_PTR callback, PRL_VOID_PTR data) {
  const Ref<Server> connection = call.library().make_server();
  if (callback) connection->handlers.add(callback, data);
  return call.start_job(connection);
}

PRL_HANDLE greet(Call& call, const Ref<Job>& job, sim::World::HostBody body,
                 sim::OperationDone done, uint64_t delay_ms = 0) {
  const PRL_HANDLE given = call.give(job);
  call.world().start();
  call.world().greet(call.function(), std::move(body), std::move(done), delay_ms);
  return given;
}

// An answer that a thread waits for. Guarded by the world's mutex.
struct Awaited {
  sim::LateCondition changed;
  bool is_there = false;
  std::optional<PropertyTree> description;
};

}  // namespace

// A host that does not answer is no failure of the call.
PRL_RESULT srv_check_parallels_server_alive(Call& call, PRL_UINT32 timeout_ms, PRL_CONST_STR host,
                                            PRL_BOOL_PTR is_alive, PRL_HANDLE_PTR info) {
  if (!host || !is_alive || !info) return PRL_ERR_INVALID_ARG;
  const auto awaited = std::make_shared<Awaited>();
  sim::World& world = call.world();
  world.start();
  world.greet(call.function(), describe(host, call.library().arguments().mode),
              [awaited](const Report& report) {
                awaited->is_there = true;
                if (report.outcome.ok()) awaited->description = report.documents.front();
                awaited->changed.notify_all();
              });
  const bool has_answered = world.wait(
      awaited->changed, [awaited] { return awaited->is_there; },
      timeout_ms == 0 ? kDefaultTimeoutMs : timeout_ms);
  const bool is_good = has_answered && awaited->description.has_value();
  *is_alive = is_good ? PRL_TRUE : PRL_FALSE;
  *info = PRL_INVALID_HANDLE;
  if (is_good) *info = call.make<Document>(PHT_SERVER_INFO, *awaited->description);
  return PRL_ERR_SUCCESS;
}

PRL_HANDLE srv_check_parallels_server_alive_ex(Call& call, PRL_CONST_STR host, PRL_UINT16 /*port*/,
                                               PRL_UINT32 /*timeout*/,
                                               PRL_EVENT_HANDLER_PTR callback, PRL_VOID_PTR data,
                                               PRL_UINT32 /*reserved*/) {
  if (!host) return call.bad_argument_job();
  const Ref<Job> job = start_own_job(call, callback, data);
  return greet(call, job, describe(host, call.library().arguments().mode),
               finish_with_documents(job, PHT_SERVER_INFO));
}

// A host that cannot be opened is not there to be found.
PRL_HANDLE srv_lookup_parallels_servers(Call& call, PRL_UINT32 timeout_ms,
                                        PRL_EVENT_HANDLER_PTR callback, PRL_VOID_PTR data) {
  const Ref<Job> job = start_own_job(call, callback, data);
  return greet(
      call, job,
      [mode = call.library().arguments().mode](HostStep& step) {
        return answer(description(step, mode));
      },
      [finish = finish_with_documents(job, PHT_SERVER_INFO)](Report& report) mutable {
        const OutcomeKind kind = report.outcome.kind;
        const bool is_absent =
            kind == OutcomeKind::kHomeHeldByAnother || kind == OutcomeKind::kHomeUnusable;
        if (is_absent) report = {};
        finish(report);
      },
      timeout_ms);
}

// The account is that of the host's preferences; its password is known to nobody here.
PRL_HANDLE srv_get_registered_hosts_on_proxy(Call& call, PRL_CONST_STR account,
                                             PRL_CONST_STR password,
                                             PRL_PROXY_CLIENT_INFO_PTR client,
                                             PRL_UINT32 /*timeout*/, PRL_EVENT_HANDLER_PTR callback,
                                             PRL_VOID_PTR data) {
  if (!account || !password || !client) return call.bad_argument_job();
  const Ref<Job> job = start_own_job(call, callback, data);
  return greet(
      call, job,
      [name = std::string(account), mode = call.library().arguments().mode](HostStep& step) {
        if (name.empty()) return answer(Outcome(OutcomeKind::kAuthenticationFailed));
        const std::string registered =
            text_at(step.host.document(kPreferences), "ProxyPreferences.AccountId");
        return registered == name ? answer(description(step, mode)) : Report();
      },
      finish_with_documents(job, PHT_SERVER_INFO));
}

}  // namespace prl::sdk::calls
