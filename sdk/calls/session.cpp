// PrlSrv_*: how a client connects to a host, and what it knows of the connection (core-api 7).
#include <prlsdk/Parallels.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstring>
#include <optional>
#include <string>
#include <utility>

#include "calls.h"
#include "sdk/calls/session_call.h"
#include "sdk/library.h"
#include "sdk/node_handle.h"
#include "sdk/records.h"
#include "sdk/tree.h"

namespace prl::sdk::calls {

namespace {

using sim::HostStep;
using sim::Outcome;
using sim::OutcomeKind;
using sim::PropertyTree;
using sim::Report;

constexpr PRL_UINT64 kLastSecond = 253402300799;  // of the year 9999

// Who asks to be let in; local sessions are the operating system's user.
struct Credentials {
  bool is_local = true;
  std::string host = "127.0.0.1";
  sim::Uuid host_uuid = {};  // where that names the host, behind a proxy
  bool names_world = false;  // the host is that of a world that was named by its number
  bool is_proxy = false;
  PRL_UINT32 port = 0;
  std::string user;
  std::string password;
  PRL_SECURITY_LEVEL security_level = PSL_LOW_SECURITY;
};

// "my host#64001" -> "myhost", and the port behind it where it names one.
void split_host(Credentials& credentials) {
  std::string& host = credentials.host;
  std::erase(host, ' ');
  const size_t mark = host.find('#');
  if (mark == std::string::npos) return;
  const std::string port = host.substr(mark + 1);
  host.resize(mark);
  if (!port.empty() && port.size() <= 5 && std::ranges::all_of(port, ::isdigit)) {
    credentials.port = static_cast<PRL_UINT32>(std::stoul(port));
  }
}

// Without passwords in its table of users a host lets in whoever names a user, as fakes do.
std::optional<sim::SessionUser> find_user(const HostStep& step, const Credentials& credentials) {
  if (credentials.is_local) return first_user(step.host.document(kUsers));
  bool has_passwords = false;
  bool is_first = true;
  for (const PropertyTree& row : records_below(step.host.document(kUsers), std::string(kRow))) {
    const sim::SessionUser user = session_user(row, std::exchange(is_first, false));
    const bool is_named = user.name == credentials.user || text_at(row, "Name") == credentials.user;
    has_passwords = has_passwords || row.find("Password");
    if (is_named && text_at(row, "Password") == credentials.password) return user;
    if (is_named && !row.find("Password")) return user;
  }
  if (has_passwords || credentials.user.empty()) return std::nullopt;
  return sim::SessionUser{.name = credentials.user.substr(0, credentials.user.find('@')),
                          .is_first = false};
}

// Says whose session it is.
Outcome admit(HostStep& step, const Credentials& credentials, sim::SessionUser& user) {
  const bool is_meant = credentials.is_local || credentials.names_world ||
                        credentials.host_uuid == step.host_uuid ||
                        (credentials.host_uuid.is_nil() &&
                         is_own_name(step.host, credentials.host));
  if (!is_meant) return {OutcomeKind::kHostUnknown, {credentials.host}};
  const sim::PropertyValue* least =
      step.host.document(kPreferences).find("WorkspacePreferences.MinimalSecurityLevel");
  const auto* level = std::get_if<uint64_t>(least);
  if (level && *level > uint64_t{credentials.security_level}) {
    return OutcomeKind::kSecurityLevelTooLow;
  }
  const auto known = find_user(step, credentials);
  if (!known) return {OutcomeKind::kAuthenticationFailed, {credentials.user}};
  user = *known;
  return {};
}

Connection connection_of(const Credentials& credentials, const Report& report) {
  return {.host = credentials.host,
          .port = credentials.port,
          .is_local = credentials.is_local,
          .is_proxy = credentials.is_proxy,
          .answer = {.session_uuid = report.session.format(),
                     .server_uuid = report.host.format(),
                     .host_os_version = std::string(kHostOsVersion),
                     .product_version = std::string(kProductVersion)}};
}

PRL_HANDLE log_in(Call& call, const Ref<Server>& server, const Credentials& credentials) {
  server->expect_session();
  const Ref<Job> job = call.start_job(server);
  const PRL_HANDLE given = call.give(job);
  sim::World& world = call.world();
  world.start();
  const auto whose = std::make_shared<ServerUser>();
  world.login(
      call.function(), *server,
      [job, credentials, whose](const Report& report) {
        Job::Outcome outcome = to_job_outcome(report);
        if (report.outcome.ok()) {
          // An old session on the same handle ends without a word (core-api 7.2).
          if (job->server->is_connected()) {
            job->server->end_session(PRL_ERR_WS_DISP_CONNECTION_CLOSED, job.get());
          }
          Connection connection = connection_of(credentials, report);
          outcome.answers.emplace_back(connection.answer);
          job->server->begin_session(std::move(connection), *whose);
        }
        job->server->library().finish_job(*job, std::move(outcome));
      },
      [credentials, server, whose, number = server->world_number()](
          HostStep& step, sim::SessionUser& user) -> Outcome {
        // It has gone to another world, while the job of this login had been over already.
        if (server->world_number() != number) return OutcomeKind::kHostUnreachable;
        Outcome outcome = admit(step, credentials, user);
        *whose = {user, first_user(step.host.document(kUsers)).name, own_name(step.host)};
        return outcome;
      });
  return given;
}

// "world-3": the world of that number.
std::optional<uint32_t> world_named(const Worlds& worlds, std::string_view host) {
  constexpr std::string_view kPrefix = "world-";
  if (!host.starts_with(kPrefix)) return std::nullopt;
  const std::string_view digits = host.substr(kPrefix.size());
  uint32_t number = 0;
  const auto [end, error] = std::from_chars(digits.begin(), digits.end(), number);
  const bool is_number = error == std::errc() && end == digits.end() &&
                         (digits.size() == 1 || digits.front() != '0');
  return is_number && worlds.has(number) ? std::optional(number) : std::nullopt;
}

// A login to a host of another world brings the server there. The names of its own host mean that.
void choose_world(const Ref<Server>& server, Credentials& credentials) {
  Worlds& worlds = server->library().worlds();
  if (is_name_in(server->world().host_document(kHardware), credentials.host)) return;
  std::optional<uint32_t> meant = world_named(worlds, credentials.host);
  credentials.names_world = meant.has_value();
  if (!meant) meant = worlds.number_of_host(credentials.host);
  if (!meant || *meant == server->world_number()) return;
  if (!server->go_to(*meant)) credentials.names_world = false;
}

bool is_level(PRL_SECURITY_LEVEL level) {
  return level >= PSL_LOW_SECURITY && level <= PSL_HIGH_SECURITY;
}

PRL_HANDLE log_in_locally(Call& call, PRL_HANDLE handle, PRL_SECURITY_LEVEL level) {
  const auto server = call.pin<Server>(handle);
  if (!server || !is_level(level)) return call.bad_argument_job();
  return log_in(call, server, {.security_level = level});
}

// What a remote login is asked with.
struct RemoteLogin {
  PRL_CONST_STR host = nullptr;
  PRL_CONST_STR user = nullptr;
  PRL_CONST_STR password = nullptr;
  PRL_UINT32 port = 0;
  PRL_SECURITY_LEVEL level = PSL_LOW_SECURITY;
};

// No host means to log in once more over the connection that is there.
PRL_HANDLE log_in_again(Call& call, const Ref<Server>& server) {
  if (!server->is_connected()) return call.not_connected_job(server);
  const Ref<Job> job = call.start_job(server);
  const PRL_HANDLE given = call.give(job);
  call.world().ask_host(
      call.function(), [](HostStep&) { return answer(OutcomeKind::kAlreadyLoggedIn); },
      finish_with_documents(job, PHT_ERROR));
  return given;
}

PRL_HANDLE log_in_remotely(Call& call, PRL_HANDLE handle, const RemoteLogin& login) {
  const auto server = call.pin<Server>(handle);
  if (!server || !login.user || !login.password || !is_level(login.level)) {
    return call.bad_argument_job();
  }
  if (!login.host) return log_in_again(call, server);
  Credentials credentials{.is_local = false,
                          .host = login.host,
                          .port = login.port == 0 ? kDefaultPort : login.port,
                          .user = login.user,
                          .password = login.password,
                          .security_level = login.level};
  split_host(credentials);
  choose_world(server, credentials);
  return log_in(call, server, credentials);
}

// The host by its identity or, where that is empty, by its name.
PRL_HANDLE log_in_by_proxy(Call& call, PRL_HANDLE handle, PRL_PROXY_HOST_INFO_PTR host,
                           const RemoteLogin& login) {
  const auto server = call.pin<Server>(handle);
  if (!server || !host || !login.user || !login.password || !is_level(login.level)) {
    return call.bad_argument_job();
  }
  std::array<uint8_t, sizeof(host->hostUUID)> identity;
  std::copy_n(host->hostUUID, identity.size(), identity.begin());
  const char* name = host->info.hostName;
  const Credentials credentials{
      .is_local = false,
      .host = std::string(name, strnlen(name, sizeof(host->info.hostName))),
      .host_uuid = sim::Uuid(identity),
      .is_proxy = true,
      .port = kDefaultPort,
      .user = login.user,
      .password = login.password,
      .security_level = login.level};
  if (credentials.host.empty() && credentials.host_uuid.is_nil()) return call.bad_argument_job();
  return log_in(call, server, credentials);
}

}  // namespace

// -- Logging in.

PRL_HANDLE srv_login_local(Call& call, PRL_HANDLE server, PRL_CONST_STR /*previous_session*/,
                           PRL_UINT32 /*port*/, PRL_SECURITY_LEVEL security_level) {
  return log_in_locally(call, server, security_level);
}

PRL_HANDLE srv_login_local_ex(Call& call, PRL_HANDLE server, PRL_CONST_STR /*previous_session*/,
                              PRL_UINT32 /*port*/, PRL_SECURITY_LEVEL security_level,
                              PRL_UINT32 /*flags*/) {
  return log_in_locally(call, server, security_level);
}

PRL_HANDLE srv_login(Call& call, PRL_HANDLE server, PRL_CONST_STR host, PRL_CONST_STR user,
                     PRL_CONST_STR password, PRL_CONST_STR /*previous_session*/, PRL_UINT32 port,
                     PRL_UINT32 /*timeout*/, PRL_SECURITY_LEVEL security_level) {
  return log_in_remotely(call, server, {host, user, password, port, security_level});
}

PRL_HANDLE srv_login_ex(Call& call, PRL_HANDLE server, PRL_CONST_STR host, PRL_CONST_STR user,
                        PRL_CONST_STR password, PRL_CONST_STR /*previous_session*/,
                        PRL_UINT32 port, PRL_UINT32 /*timeout*/,
                        PRL_SECURITY_LEVEL security_level, PRL_UINT32 /*flags*/) {
  return log_in_remotely(call, server, {host, user, password, port, security_level});
}

PRL_HANDLE srv_login_with_params(Call& call, PRL_HANDLE server, PRL_HANDLE parameters) {
  const auto content = content_of(call.pin_any(parameters), PHT_LOGIN_PARAMS);
  if (!content) return call.bad_argument_job();
  const std::string host = text_at(*content, "Host");
  const std::string user = text_at(*content, "User");
  const std::string password = text_at(*content, "Passwd");
  const auto number = [&](std::string_view path) {
    const auto* found = std::get_if<uint64_t>(content->find(path));
    return found ? static_cast<PRL_UINT32>(*found) : 0;
  };
  return log_in_remotely(call, server,
                         {host.c_str(), user.c_str(), password.c_str(), number("PortNumber"),
                          static_cast<PRL_SECURITY_LEVEL>(number("SecurityLevel"))});
}

PRL_HANDLE srv_login_local_with_params(Call& call, PRL_HANDLE server, PRL_HANDLE parameters) {
  const auto content = content_of(call.pin_any(parameters), PHT_LOGIN_PARAMS);
  if (!content) return call.bad_argument_job();
  const auto* level = std::get_if<uint64_t>(content->find("SecurityLevel"));
  return log_in_locally(call, server,
                        level ? static_cast<PRL_SECURITY_LEVEL>(*level) : PSL_LOW_SECURITY);
}

PRL_HANDLE srv_proxy_login(Call& call, PRL_HANDLE server, PRL_CONST_STR user,
                           PRL_CONST_STR password, PRL_CONST_STR /*previous_session*/,
                           PRL_UINT32 /*timeout*/, PRL_SECURITY_LEVEL security_level,
                           PRL_PROXY_HOST_INFO_PTR host) {
  return log_in_by_proxy(call, server, host,
                         {.user = user, .password = password, .level = security_level});
}

PRL_HANDLE srv_proxy_login_ex(Call& call, PRL_HANDLE server, PRL_CONST_STR user,
                              PRL_CONST_STR password, PRL_CONST_STR /*previous_session*/,
                              PRL_UINT32 /*timeout*/, PRL_SECURITY_LEVEL security_level,
                              PRL_PROXY_HOST_INFO_PTR host, PRL_UINT32 /*flags*/) {
  return log_in_by_proxy(call, server, host,
                         {.user = user, .password = password, .level = security_level});
}

// -- What is known of the connection.

// `is_local` is left alone where there is none, as in the product.
PRL_RESULT srv_is_connected(Call& call, PRL_HANDLE handle, PRL_BOOL_PTR connected,
                            PRL_BOOL_PTR is_local) {
  const auto server = call.pin<Server>(handle);
  if (!server || !connected || !is_local) return PRL_ERR_INVALID_ARG;
  *connected = server->is_connected() ? PRL_TRUE : PRL_FALSE;
  if (*connected) *is_local = server->connection().is_local ? PRL_TRUE : PRL_FALSE;
  return PRL_ERR_SUCCESS;
}

PRL_RESULT srv_get_server_info(Call& call, PRL_HANDLE handle, PRL_HANDLE_PTR info) {
  const auto server = call.pin<Server>(handle);
  if (!server || !info) return PRL_ERR_INVALID_ARG;
  PropertyTree content;
  if (server->is_connected()) {
    content = server_info(server->connection(), server->library().arguments().mode);
  }
  *info = call.make<Document>(PHT_SERVER_INFO, std::move(content));
  return PRL_ERR_SUCCESS;
}

PRL_RESULT srv_is_proxy_connection(Call& call, PRL_HANDLE handle, PRL_BOOL_PTR is_proxy) {
  const auto server = call.pin<Server>(handle);
  if (!server || !is_proxy) return PRL_ERR_INVALID_ARG;
  *is_proxy = server->connection().is_proxy ? PRL_TRUE : PRL_FALSE;
  return PRL_ERR_SUCCESS;
}

// -- Moments that the session is told.

// The host's dates follow, for all of its sessions.
PRL_RESULT srv_set_global_date_time(Call& call, PRL_HANDLE handle, PRL_UINT64 seconds) {
  const auto server = call.pin<Server>(handle);
  if (!server || seconds > kLastSecond) return PRL_ERR_INVALID_ARG;
  if (!server->is_connected()) return PRL_ERR_NOT_CONNECTED_TO_DISPATCHER;
  call.world().set_date(static_cast<int64_t>(seconds));
  server->set_trusted_time(seconds);
  return PRL_ERR_SUCCESS;
}

PRL_RESULT srv_set_certificate_revocation_date_time(Call& call, PRL_HANDLE handle,
                                                    PRL_UINT64 seconds) {
  const auto server = call.pin<Server>(handle);
  if (!server || seconds > kLastSecond) return PRL_ERR_INVALID_ARG;
  if (!server->is_connected()) return PRL_ERR_NOT_CONNECTED_TO_DISPATCHER;
  server->set_revocation_time(seconds);
  return PRL_ERR_SUCCESS;
}

// The information is made anew by each PrlSrv_GetServerInfo.
PRL_HANDLE srv_refresh_server_info(Call& call, PRL_HANDLE server, PRL_UINT32 /*flags*/) {
  return tell_host(call, server, [](HostStep&) { return Report(); });
}

PRL_HANDLE srv_attach_to_lost_task(Call& call, PRL_HANDLE server, PRL_CONST_STR task) {
  if (!task) return call.bad_argument_job();
  return tell_host(call, server, [uuid = std::string(task)](HostStep&) {
    return answer(Outcome(OutcomeKind::kTaskNotFound, {uuid}));
  });
}

PRL_HANDLE srv_update_session_info(Call& call, PRL_HANDLE handle, PRL_HANDLE information,
                                   PRL_UINT32 /*flags*/) {
  auto content = content_of(call.pin_any(information), PHT_SESSION_INFO);
  if (!content) return call.bad_argument_job();
  return tell_host(call, handle, [content = std::move(*content)](HostStep& step) {
    return answer(step.host.put(std::string(kSessionInfo), content));
  });
}

// -- Confirmation of dangerous commands, switched for all sessions of the user.

PRL_HANDLE srv_enable_confirmation_mode(Call& call, PRL_HANDLE server, PRL_UINT32 /*flags*/) {
  const auto session = call.pin<Server>(server);
  return tell_host(call, server, [session](HostStep&) {
    session->set_confirming(true);
    return Report();
  });
}

PRL_HANDLE srv_disable_confirmation_mode(Call& call, PRL_HANDLE server, PRL_CONST_STR user,
                                         PRL_CONST_STR password, PRL_UINT32 /*flags*/) {
  if (!user || !password) return call.bad_argument_job();
  const auto session = call.pin<Server>(server);
  const Credentials credentials{.is_local = false, .user = user, .password = password};
  return tell_host(call, server, [session, credentials](HostStep& step) {
    if (!find_user(step, credentials)) {
      return answer(Outcome(OutcomeKind::kAuthenticationFailed, {credentials.user}));
    }
    session->set_confirming(false);
    return Report();
  });
}

PRL_RESULT srv_is_confirmation_mode_enabled(Call& call, PRL_HANDLE handle, PRL_BOOL_PTR enabled) {
  const auto server = call.pin<Server>(handle);
  if (!server || !enabled) return PRL_ERR_INVALID_ARG;
  *enabled = server->is_confirming() ? PRL_TRUE : PRL_FALSE;
  return PRL_ERR_SUCCESS;
}

}  // namespace prl::sdk::calls
