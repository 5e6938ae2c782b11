// Problem reports (core-api 8). What is "sent" never leaves the process.
#include <prlsdk/Parallels.h>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "calls.h"
#include "sdk/calls/vm_request_job.h"
#include "sdk/objects.h"
#include "sdk/records.h"
#include "sdk/report.h"
#include "sdk/strings.h"
#include "sdk/tree.h"
#include "simulator/checksum.h"
#include "simulator/date.h"

namespace prl::sdk::calls {

namespace {

constexpr const char* kClientPart = "prlsim, the simulated library";
constexpr const char* kArchiveName = "ProblemReport.tar";
constexpr std::string_view kArchiveFileName = "ArchiveFileName";

sim::PropertyTree new_report(PRL_PROBLEM_REPORT_SCHEME scheme) {
  sim::PropertyTree report;
  if (scheme == PRS_NEW_PACKED) {
    report.set("Scheme", static_cast<uint64_t>(scheme));
    report.set(kArchiveFileName, std::string(kArchiveName));
  }
  return report;
}

std::string about_vm(const sim::VmView& vm) {
  std::string crash;
  if (vm.reported_crash != 0) {
    crash = "the guest has crashed " + sim::date_text(vm.reported_crash) + "\n";
  }
  return vm.config.name + " " + vm.config.uuid.format() + " " +
         std::string(sim::state_name(vm.state)) + "\n" + crash + vm.config.properties.serialise();
}

DocumentAnswer server_report(PRL_PROBLEM_REPORT_SCHEME scheme, PRL_PROBLEM_REPORT_TYPE type,
                             std::string part) {
  DocumentAnswer answer{PHT_PROBLEM_REPORT, new_report(scheme)};
  answer.content.set("Type", static_cast<uint64_t>(type));
  answer.content.set(kReportServerPart, std::move(part));
  return answer;
}

std::string about_session(const Server& server) {
  const auto line = [](const char* name, uint64_t seconds) {
    if (seconds == 0) return std::string();
    return std::string(name) + " " + sim::date_text(static_cast<int64_t>(seconds)) + "\n";
  };
  const SessionTimes times = server.times();
  return line("trusted time", times.trusted) + line("revocation lists", times.revocation);
}

PRL_HANDLE get_vm_report(Call& call, PRL_HANDLE handle, PRL_PROBLEM_REPORT_SCHEME scheme) {
  const auto answer = std::make_shared<DocumentAnswer>();
  return send_request(
      call, begin_vm_job(call, handle),
      [answer, scheme](const sim::VmView& vm) {
        const bool is_stopped = vm.state == sim::State::kStopped;
        *answer = server_report(scheme,
                                is_stopped ? PRT_USER_DEFINED_ON_STOPPED_VM_REPORT
                                           : PRT_USER_DEFINED_ON_RUNNING_VM_REPORT,
                                about_vm(vm));
        return sim::RequestEnd();
      },
      [answer](Job::Outcome& outcome) { outcome.answers.emplace_back(*answer); });
}

PRL_HANDLE get_server_report(Call& call, PRL_HANDLE handle, PRL_PROBLEM_REPORT_SCHEME scheme) {
  const auto server = call.pin<Server>(handle);
  if (!server) return call.bad_argument_job();
  if (!server->is_connected()) return call.not_connected_job(server);
  const Ref<Job> job = call.start_job(server);
  const PRL_HANDLE given = call.give(job);
  const sim::Caller caller(call.function(), server.get());
  call.world().list(caller, [job, scheme](const sim::Report& report) {
    Job::Outcome outcome = to_job_outcome(report);
    std::string part = about_session(*job->server);
    for (const sim::VmView& vm : report.vms) part += about_vm(vm);
    if (report.outcome.ok()) {
      outcome.answers.emplace_back(
          server_report(scheme, PRT_USER_DEFINED_ON_CONNECTED_SERVER, std::move(part)));
    }
    job->server->library().finish_job(*job, std::move(outcome));
  });
  return given;
}

// A job of the library itself, which is over at once and needs no server.
PRL_HANDLE own_job(const Call& call, std::vector<Answer> answers) {
  auto job = std::make_unique<Job>(call.info(), Ref<Server>(), Ref<VmHandle>());
  job->finish({.code = PRL_ERR_SUCCESS, .answers = std::move(answers)});
  return call.give(call.library().handles().insert(std::move(job)));
}

// The number under which the report would be found: the same for the same report.
PRL_HANDLE pretend_to_send(const Call& call, const std::string& data) {
  const uint64_t id = sim::checksum(std::as_bytes(std::span(data))) % 1'000'000'000;
  return own_job(call, {std::to_string(id)});
}

std::optional<sim::PropertyTree> report_of(const Call& call, PRL_HANDLE handle) {
  return content_of(call.pin_any(handle), PHT_PROBLEM_REPORT);
}

}  // namespace

PRL_RESULT api_create_problem_report(Call& call, PRL_PROBLEM_REPORT_SCHEME scheme,
                                     PRL_HANDLE_PTR report) {
  const bool is_known = scheme == PRS_OLD_XML_BASED || scheme == PRS_NEW_PACKED;
  if (!is_known || !report) return PRL_ERR_INVALID_ARG;
  *report = call.make<Document>(PHT_PROBLEM_REPORT, new_report(scheme));
  return PRL_ERR_SUCCESS;
}

PRL_RESULT api_create_packed_problem_report(Call& call, PRL_HANDLE_PTR report) {
  return api_create_problem_report(call, PRS_NEW_PACKED, report);
}

PRL_RESULT report_as_string(Call& call, PRL_HANDLE handle, PRL_STR buffer,
                            PRL_UINT32_PTR length) {
  const auto report = report_of(call, handle);
  if (!report || !length) return PRL_ERR_INVALID_ARG;
  return copy_string(report_text(*report), buffer, length);
}

PRL_RESULT report_get_data(Call& call, PRL_HANDLE handle, PRL_VOID_PTR buffer,
                           PRL_UINT32_PTR length) {
  const auto report = report_of(call, handle);
  if (!report || !length) return PRL_ERR_INVALID_ARG;
  return copy_bytes(report_data(*report), buffer, length);
}

// A report of the old kind is in no archive.
PRL_RESULT report_get_archive_file_name(Call& call, PRL_HANDLE handle, PRL_STR buffer,
                                        PRL_UINT32_PTR length) {
  const auto report = report_of(call, handle);
  if (!report || !length) return PRL_ERR_INVALID_ARG;
  const auto* name = std::get_if<std::string>(report->find(kArchiveFileName));
  if (!name) return PRL_ERR_INVALID_ARG;
  return copy_string(*name, buffer, length);
}

PRL_HANDLE report_assembly(Call& call, PRL_HANDLE handle, PRL_UINT32 flags) {
  const Ref<Object> object = call.pin_any(handle);
  const bool is_report = object && object->holds() == Holds::kTree &&
                         object->type() == uint32_t{PHT_PROBLEM_REPORT};
  if (!is_report) return call.bad_argument_job();
  if (flags & PPRF_ADD_CLIENT_PART) {
    Ref<TreeOwner>::cast(object)->edit_tree([](sim::PropertyTree& report) {
      report.set(kReportClientPart, std::string(kClientPart));
    });
  }
  return own_job(call, {});
}

PRL_HANDLE report_send(Call& call, PRL_HANDLE handle, PRL_BOOL /*use_proxy*/,
                       PRL_CONST_STR /*proxy_host*/, PRL_UINT32 /*proxy_port*/,
                       PRL_CONST_STR /*proxy_user*/, PRL_CONST_STR /*proxy_password*/,
                       PRL_UINT32 /*timeout_ms*/, PRL_UINT32 /*reserved*/,
                       PRL_EVENT_HANDLER_PTR /*handler*/, PRL_VOID_PTR /*user_data*/) {
  const auto report = report_of(call, handle);
  return report ? pretend_to_send(call, report_data(*report)) : call.bad_argument_job();
}

PRL_HANDLE api_send_packed_problem_report(Call& call, PRL_HANDLE handle, PRL_BOOL use_proxy,
                                          PRL_CONST_STR proxy_host, PRL_UINT32 proxy_port,
                                          PRL_CONST_STR proxy_user, PRL_CONST_STR proxy_password,
                                          PRL_UINT32 timeout_ms, PRL_UINT32 reserved,
                                          PRL_EVENT_HANDLER_PTR handler, PRL_VOID_PTR user_data) {
  return report_send(call, handle, use_proxy, proxy_host, proxy_port, proxy_user, proxy_password,
                     timeout_ms, reserved, handler, user_data);
}

PRL_HANDLE api_send_problem_report(Call& call, PRL_CONST_STR text, PRL_BOOL /*use_proxy*/,
                                   PRL_CONST_STR /*proxy_host*/, PRL_UINT32 /*proxy_port*/,
                                   PRL_CONST_STR /*proxy_user*/, PRL_CONST_STR /*proxy_password*/,
                                   PRL_UINT32 /*timeout_ms*/, PRL_UINT32 /*reserved*/,
                                   PRL_EVENT_HANDLER_PTR /*handler*/, PRL_VOID_PTR /*data*/) {
  return text ? pretend_to_send(call, text) : call.bad_argument_job();
}

PRL_HANDLE vm_get_problem_report(Call& call, PRL_HANDLE vm) {
  return get_vm_report(call, vm, PRS_OLD_XML_BASED);
}

PRL_HANDLE vm_get_packed_problem_report(Call& call, PRL_HANDLE vm, PRL_UINT32 /*flags*/) {
  return get_vm_report(call, vm, PRS_NEW_PACKED);
}

PRL_HANDLE srv_get_problem_report(Call& call, PRL_HANDLE server) {
  return get_server_report(call, server, PRS_OLD_XML_BASED);
}

PRL_HANDLE srv_get_packed_problem_report(Call& call, PRL_HANDLE server, PRL_UINT32 /*flags*/) {
  return get_server_report(call, server, PRS_NEW_PACKED);
}

PRL_HANDLE srv_send_problem_report(Call& call, PRL_HANDLE handle, PRL_HANDLE report,
                                   PRL_UINT32 /*flags*/) {
  const auto server = call.pin<Server>(handle);
  if (!server || !report_of(call, report)) return call.bad_argument_job();
  if (!server->is_connected()) return call.not_connected_job(server);
  const Ref<Job> job = call.start_job(server);
  const PRL_HANDLE given = call.give(job);
  call.world().ping(call.function(), [job](const sim::Report& done) {
    job->server->library().finish_job(*job, to_job_outcome(done));
  });
  return given;
}

PRL_HANDLE vm_send_problem_report(Call& call, PRL_HANDLE handle, PRL_HANDLE report,
                                  PRL_UINT32 /*flags*/) {
  if (!report_of(call, report)) return call.bad_argument_job();
  return send_request(call, begin_vm_job(call, handle),
                      [](const sim::VmView&) { return sim::RequestEnd(); });
}

}  // namespace prl::sdk::calls
