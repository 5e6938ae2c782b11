// How a call asks the host of a server for something, for the files of sdk/calls that are about
// hosts.
#pragma once

#include <prlsdk/Parallels.h>

#include <string>
#include <utility>

#include "sdk/answers.h"
#include "sdk/boundary.h"
#include "sdk/server.h"

namespace prl::sdk::calls {

// A job on a server handle; `job` is empty when the call is over already, and `given` is then what
// it returns.
struct ServerJob {
  Ref<Server> server;
  Ref<Job> job;
  PRL_HANDLE given = PRL_INVALID_HANDLE;

  sim::Caller caller(const Call& call) const {
    sim::Caller asking(call.function(), server.get());
    asking.job = job->value();
    return asking;
  }
};

inline ServerJob begin_server_job(Call& call, PRL_HANDLE handle) {
  ServerJob begun{.server = call.pin<Server>(handle), .job = {}};
  if (!begun.server) {
    begun.given = call.bad_argument_job();
  } else if (!begun.server->is_connected()) {
    begun.given = call.not_connected_job(begun.server);
  } else {
    begun.job = call.start_job(begun.server);
    begun.given = call.give(begun.job);
  }
  return begun;
}

// The job ends with one record of the type for each document of the report, and then its texts.
inline sim::OperationDone finish_with_documents(const Ref<Job>& job, PRL_HANDLE_TYPE type) {
  return [job, type](const sim::Report& report) {
    Job::Outcome outcome = to_job_outcome(report);
    if (report.outcome.ok()) {
      for (const sim::PropertyTree& document : report.documents) {
        outcome.answers.emplace_back(DocumentAnswer{type, document});
      }
      outcome.answers.insert(outcome.answers.end(), report.texts.begin(), report.texts.end());
    }
    job->server->library().finish_job(*job, std::move(outcome));
  };
}

inline PRL_HANDLE ask_host(Call& call, PRL_HANDLE handle, PRL_HANDLE_TYPE type,
                           sim::World::HostBody body) {
  const ServerJob begun = begin_server_job(call, handle);
  if (!begun.job) return begun.given;
  call.world().ask_host(call.function(), std::move(body), finish_with_documents(begun.job, type));
  return begun.given;
}

// The same where the answer says no more than that it worked.
inline PRL_HANDLE tell_host(Call& call, PRL_HANDLE handle, sim::World::HostBody body) {
  return ask_host(call, handle, PHT_ERROR, std::move(body));
}

inline sim::Report answer(sim::PropertyTree document) {
  sim::Report report;
  report.documents.push_back(std::move(document));
  return report;
}
inline sim::Report answer(sim::Outcome outcome) {
  sim::Report report;
  report.outcome = std::move(outcome);
  return report;
}

}  // namespace prl::sdk::calls
