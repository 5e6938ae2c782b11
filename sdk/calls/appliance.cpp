// Appliances: ready VMs that the host fetches. A client describes one by text, for no accessor of
// its description is known (core-api 2.6).
#include <prlsdk/Parallels.h>

#include <charconv>
#include <optional>
#include <string>
#include <utility>

#include "calls.h"
#include "sdk/calls/default_config.h"
#include "sdk/calls/host_job.h"
#include "sdk/guest_systems.h"
#include "sdk/records.h"
#include "sdk/tree.h"

namespace prl::sdk::calls {

namespace {

using sim::PropertyTree;

constexpr const char* kName = "Name";
constexpr const char* kVersion = "OsVersion";
constexpr const char* kMemory = "MemorySize";
constexpr const char* kCpus = "CpuCount";

// A number of the description, which holds it as text where its kind is not known; empty where
// there is none of that name.
std::optional<std::string> field(const PropertyTree& tree, const char* name) {
  const sim::PropertyValue* value = tree.find(name);
  if (!value) return std::nullopt;
  if (const auto* number = std::get_if<uint64_t>(value)) return std::to_string(*number);
  const auto* text = std::get_if<std::string>(value);
  return text ? *text : std::string();
}

// Puts the number in place of the one that is there. False for what is no number.
bool take_number(const PropertyTree& tree, const char* name, uint32_t& number) {
  const auto text = field(tree, name);
  if (!text) return true;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  return error == std::errc() && end == text->data() + text->size();
}

// Without a name where the description is not in order.
sim::Appliance read_appliance(const Call& call, const PropertyTree& description) {
  sim::Appliance appliance;
  uint32_t version = PVS_GUEST_VER_LIN_UBUNTU;
  if (!take_number(description, kVersion, version) || !has_known_type(version)) return appliance;
  appliance.config = default_vm_config(call, version);
  if (!take_number(description, kMemory, appliance.config.ram_mib) ||
      !take_number(description, kCpus, appliance.config.cpu_count)) {
    return appliance;
  }
  appliance.name = field(description, kName).value_or("");
  appliance.config.name = appliance.name;
  return appliance;
}

PRL_HANDLE end_install(Call& call, PRL_HANDLE server, PRL_HANDLE appliance, bool keeps_data) {
  const auto description = content_of(call.pin_any(appliance), PHT_APPLIANCE_CONFIG);
  if (!description) return call.bad_argument_job();
  const ServerJob begun = begin_server_job(call, server);
  if (!begun.job) return begun.given;
  call.world().appliances().stop({call.function(), begun.server.get()},
                                 field(*description, kName).value_or(""), keeps_data,
                                 finish_with_documents(begun.job, PHT_ERROR));
  return begun.given;
}

}  // namespace

PRL_RESULT appliance_create(Call& call, PRL_HANDLE_PTR appliance) {
  if (!appliance) return PRL_ERR_INVALID_ARG;
  *appliance = call.make<Document>(PHT_APPLIANCE_CONFIG);
  return PRL_ERR_SUCCESS;
}

PRL_HANDLE srv_install_appliance(Call& call, PRL_HANDLE server, PRL_HANDLE appliance,
                                 PRL_CONST_STR parent_path, PRL_UINT32 flags) {
  const auto description = content_of(call.pin_any(appliance), PHT_APPLIANCE_CONFIG);
  if (!description || !parent_path) return call.bad_argument_job();
  if (flags & PIAF_STOP) return end_install(call, server, appliance, /*keeps_data=*/true);
  if (flags & PIAF_CANCEL) return end_install(call, server, appliance, /*keeps_data=*/false);
  const ServerJob begun = begin_server_job(call, server);
  if (!begun.job) return begun.given;
  sim::Appliance wanted = read_appliance(call, *description);
  wanted.root_path = parent_path;
  const auto finish = [job = begun.job](const sim::Report& report) {
    Job::Outcome outcome = to_job_outcome(report);
    outcome.answers = vm_answers(report);
    job->server->library().finish_job(*job, std::move(outcome));
  };
  call.world().appliances().install(begun.caller(call), std::move(wanted), finish);
  return begun.given;
}

PRL_HANDLE srv_cancel_install_appliance(Call& call, PRL_HANDLE server, PRL_HANDLE appliance,
                                        PRL_UINT32 /*flags*/) {
  return end_install(call, server, appliance, /*keeps_data=*/false);
}

PRL_HANDLE srv_stop_install_appliance(Call& call, PRL_HANDLE server, PRL_HANDLE appliance,
                                      PRL_UINT32 /*flags*/) {
  return end_install(call, server, appliance, /*keeps_data=*/true);
}

}  // namespace prl::sdk::calls
