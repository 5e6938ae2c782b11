// PrlSrv_*: what a host says of itself and of its users: hardware, preferences, profiles, licence
// (config-model 8, 9; core-api 7.3).
#include <prlsdk/Parallels.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "calls.h"
#include "sdk/calls/host_job.h"
#include "sdk/host_documents.h"
#include "sdk/records.h"
#include "sdk/tree.h"

namespace prl::sdk::calls {

namespace {

using sim::HostEvent;
using sim::HostStep;
using sim::Outcome;
using sim::OutcomeKind;
using sim::PropertyTree;
using sim::Report;

// Of the profile, which all users share; this is the session's.
constexpr std::string_view kLocalAdministrator = "AccessPreferences.LocalAdministrator";

PRL_HANDLE get_document(Call& call, PRL_HANDLE server, PRL_HANDLE_TYPE type,
                        std::string_view name) {
  return ask_host(call, server, type,
                  [name](HostStep& step) { return answer(step.host.document(name)); });
}

PRL_HANDLE begin_edit(Call& call, PRL_HANDLE handle, std::string_view name) {
  const auto server = call.pin<Server>(handle);
  return tell_host(call, handle, [server, name](HostStep& step) {
    step.host.begin_edit(*server, std::string(name));
    return Report();
  });
}

// The outcome of a commit in the words of the document (config-model 3.2).
OutcomeKind conflict_of(std::string_view name) {
  return name == kUserProfile ? OutcomeKind::kUserProfileWasChanged
                              : OutcomeKind::kPreferencesWereChanged;
}

PRL_HANDLE commit_edit(Call& call, PRL_HANDLE handle, PRL_HANDLE document, PRL_HANDLE_TYPE type,
                       std::string_view name, HostEvent::Kind event) {
  const auto server = call.pin<Server>(handle);
  auto content = content_of(call.pin_any(document), type);
  if (!server || !content) return call.bad_argument_job();
  return tell_host(call, handle,
                   [server, name, event, content = std::move(*content)](HostStep& step) mutable {
                     // Not edited: each session is told its own.
                     if (name == kUserProfile) content.set(kLocalAdministrator, true);
                     Outcome outcome =
                         step.host.commit_edit(*server, std::string(name), content);
                     if (outcome.ok()) step.host.announce({event, {}});
                     if (outcome.kind == OutcomeKind::kDocumentWasChanged) {
                       outcome.kind = conflict_of(name);
                     }
                     return answer(std::move(outcome));
                   });
}

// A user as PrlUsrInfo_* show it.
PropertyTree user_info(const HostStep& step, PropertyTree user) {
  const std::string name = session_user(user, false).name;
  const auto count = std::ranges::count_if(step.sessions, [&](const auto* session) {
    return step.access.user_of(session).name == name;
  });
  if (count > 0) user.set("SessionCount", static_cast<uint64_t>(count));
  user.erase(kIsAdministrator);
  return user;
}

Report put_and_tell(HostStep& step, std::string_view name, PropertyTree content,
                    HostEvent::Kind event) {
  Outcome outcome = step.host.put(std::string(name), std::move(content));
  if (outcome.ok()) step.host.announce({event, {}});
  return answer(std::move(outcome));
}

}  // namespace

PRL_HANDLE srv_get_srv_config(Call& call, PRL_HANDLE server) {
  return get_document(call, server, PHT_SERVER_CONFIG, kHardware);
}

PRL_HANDLE srv_get_common_prefs(Call& call, PRL_HANDLE server) {
  return get_document(call, server, PHT_DISP_CONFIG, kPreferences);
}

PRL_HANDLE srv_common_prefs_begin_edit(Call& call, PRL_HANDLE server) {
  return begin_edit(call, server, kPreferences);
}

PRL_HANDLE srv_common_prefs_commit(Call& call, PRL_HANDLE server, PRL_HANDLE preferences) {
  return commit_edit(call, server, preferences, PHT_DISP_CONFIG, kPreferences,
                     HostEvent::Kind::kPreferencesChanged);
}

// No flag is known that changes what is stored.
PRL_HANDLE srv_common_prefs_commit_ex(Call& call, PRL_HANDLE server, PRL_HANDLE preferences,
                                      PRL_UINT32 /*flags*/) {
  return srv_common_prefs_commit(call, server, preferences);
}

PRL_HANDLE srv_get_user_profile(Call& call, PRL_HANDLE handle) {
  const auto server = call.pin<Server>(handle);
  return ask_host(call, handle, PHT_USER_PROFILE, [server](HostStep& step) {
    PropertyTree profile = step.host.document(kUserProfile);
    if (!step.access.user_of(server.get()).is_administrator) {
      profile.set(kLocalAdministrator, false);
    }
    return answer(std::move(profile));
  });
}

PRL_HANDLE srv_user_profile_begin_edit(Call& call, PRL_HANDLE server) {
  return begin_edit(call, server, kUserProfile);
}

PRL_HANDLE srv_user_profile_commit(Call& call, PRL_HANDLE server, PRL_HANDLE profile) {
  return commit_edit(call, server, profile, PHT_USER_PROFILE, kUserProfile,
                     HostEvent::Kind::kUserProfileChanged);
}

PRL_HANDLE srv_get_user_info_list(Call& call, PRL_HANDLE server) {
  return ask_host(call, server, PHT_USER_INFO, [](HostStep& step) {
    Report report;
    for (PropertyTree& user : records_below(step.host.document(kUsers), std::string(kRow))) {
      report.documents.push_back(user_info(step, std::move(user)));
    }
    return report;
  });
}

PRL_HANDLE srv_get_user_info(Call& call, PRL_HANDLE server, PRL_CONST_STR id) {
  if (!id) return call.bad_argument_job();
  return ask_host(call, server, PHT_USER_INFO, [wanted = std::string(id)](HostStep& step) {
    for (PropertyTree& user : records_below(step.host.document(kUsers), std::string(kRow))) {
      const auto* uuid = std::get_if<std::string>(user.find("Uuid"));
      if (uuid && *uuid == wanted) return answer(user_info(step, std::move(user)));
    }
    return answer(Outcome(OutcomeKind::kUserNotFound, {wanted}));
  });
}

// The names of the accounts, without the host's.
PRL_HANDLE srv_get_all_host_users(Call& call, PRL_HANDLE handle) {
  const ServerJob begun = begin_server_job(call, handle);
  if (!begun.job) return begun.given;
  call.world().ask_host(
      call.function(),
      [](HostStep& step) {
        Report report;
        for (const PropertyTree& user :
             records_below(step.host.document(kUsers), std::string(kRow))) {
          const auto* name = std::get_if<std::string>(user.find("Name"));
          if (name) report.texts.push_back(name->substr(0, name->find('@')));
        }
        return report;
      },
      [job = begun.job](const Report& report) {
        Job::Outcome outcome = to_job_outcome(report);
        if (report.outcome.ok()) outcome.answers.emplace_back(StringsAnswer{report.texts});
        job->server->library().finish_job(*job, std::move(outcome));
      });
  return begun.given;
}

// -- The licence.

PRL_HANDLE srv_get_license_info(Call& call, PRL_HANDLE server) {
  return get_document(call, server, PHT_LICENSE, kLicence);
}

// A key is good that has five groups of five characters or more: the fake sells none.
PRL_HANDLE srv_update_license_ex(Call& call, PRL_HANDLE server, PRL_CONST_STR key,
                                 PRL_CONST_STR user, PRL_CONST_STR company,
                                 PRL_UINT32 /*flags*/) {
  if (!key || !user || !company) return call.bad_argument_job();
  return ask_host(call, server, PHT_LICENSE,
                  [text = std::string(key), user = std::string(user),
                   company = std::string(company)](HostStep& step) {
                    if (text.empty()) return answer(Outcome(OutcomeKind::kInvalidLicenceKey));
                    PropertyTree licence = step.host.document(kLicence);
                    licence.set("LicenseKey", text);
                    licence.set("UserName", user);
                    licence.set("CompanyName", company);
                    Report report =
                        put_and_tell(step, kLicence, licence, HostEvent::Kind::kLicenceChanged);
                    report.documents.push_back(std::move(licence));
                    return report;
                  });
}

PRL_HANDLE srv_update_license(Call& call, PRL_HANDLE server, PRL_CONST_STR key, PRL_CONST_STR user,
                              PRL_CONST_STR company) {
  return srv_update_license_ex(call, server, key, user, company, 0);
}

// -- Small settings of the service.

PRL_HANDLE srv_get_vcmmd_config(Call& call, PRL_HANDLE server, PRL_UINT32 /*flags*/) {
  return get_document(call, server, PHT_VCMMD_CONFIG, kMemoryPolicy);
}

PRL_HANDLE srv_set_vcmmd_config(Call& call, PRL_HANDLE server, PRL_HANDLE policy,
                                PRL_UINT32 /*flags*/) {
  auto content = content_of(call.pin_any(policy), PHT_VCMMD_CONFIG);
  if (!content) return call.bad_argument_job();
  return tell_host(call, server, [content = std::move(*content)](HostStep& step) {
    const auto* name = std::get_if<std::string>(content.find("Policy"));
    if (!name || (*name != "performance" && *name != "density")) {
      return answer(Outcome(OutcomeKind::kObjectNotFound, {name ? *name : ""}));
    }
    return answer(step.host.put(std::string(kMemoryPolicy), content));
  });
}

PRL_HANDLE srv_set_vnc_encryption(Call& call, PRL_HANDLE server, PRL_CONST_STR public_key,
                                  PRL_CONST_STR private_key, PRL_UINT32 /*flags*/) {
  if (!public_key || !private_key) return call.bad_argument_job();
  return tell_host(call, server, [open = std::string(public_key),
                                  secret = std::string(private_key)](HostStep& step) {
    PropertyTree keys;
    if (!open.empty()) keys.set("PublicKey", open);
    if (!secret.empty()) keys.set("PrivateKey", secret);
    return answer(step.host.put(std::string(kVncEncryption), std::move(keys)));
  });
}

// Values are found again under their key, by whoever looks into the host's documents; no function
// of the API reads them.
PRL_HANDLE srv_store_value_by_key(Call& call, PRL_HANDLE server, PRL_CONST_STR key,
                                  PRL_CONST_STR value, PRL_UINT32 /*flags*/) {
  if (!key || !value || *key == '\0') return call.bad_argument_job();
  return tell_host(call, server, [key = std::string(key), value = std::string(value)](
                                     HostStep& step) {
    PropertyTree values = step.host.document(kValues);
    PropertyTree row;
    row.set("Key", key);
    row.set("Value", value);
    std::vector<PropertyTree> rows = records_below(values, std::string(kRow));
    std::erase_if(rows, [&](const PropertyTree& other) {
      const auto* found = std::get_if<std::string>(other.find("Key"));
      return found && *found == key;
    });
    rows.push_back(std::move(row));
    replace_children(values, std::string(kRow), rows);
    return answer(step.host.put(std::string(kValues), std::move(values)));
  });
}

PRL_HANDLE srv_get_cpu_pools_list(Call& call, PRL_HANDLE server) {
  return ask_host(call, server, PHT_CPU_POOL, [](HostStep& step) {
    Report report;
    report.documents = records_below(step.host.document(kCpuPools), std::string(kRow));
    return report;
  });
}

namespace {

// Moves the host into the pool; no name stands for none.
PRL_HANDLE move_to_pool(Call& call, PRL_HANDLE server, const std::string& name, bool must_exist) {
  return tell_host(call, server, [name, must_exist](HostStep& step) {
    const auto pools = records_below(step.host.document(kCpuPools), std::string(kRow));
    const bool is_known = std::ranges::any_of(pools, [&](const PropertyTree& pool) {
      const auto* found = std::get_if<std::string>(pool.find("Name"));
      return found && *found == name;
    });
    if (must_exist && !is_known) return answer(Outcome(OutcomeKind::kObjectNotFound, {name}));
    PropertyTree preferences = step.host.document(kPreferences);
    preferences.erase("CpuPoolInfo.Name");
    if (!name.empty()) preferences.set("CpuPoolInfo.Name", name);
    return put_and_tell(step, kPreferences, std::move(preferences),
                        HostEvent::Kind::kPreferencesChanged);
  });
}

}  // namespace

PRL_HANDLE srv_join_cpu_pool(Call& call, PRL_HANDLE server) {
  return move_to_pool(call, server, "default", true);
}

PRL_HANDLE srv_leave_cpu_pool(Call& call, PRL_HANDLE server) {
  return move_to_pool(call, server, "", false);
}

PRL_HANDLE srv_move_to_cpu_pool(Call& call, PRL_HANDLE server, PRL_CONST_STR name) {
  if (!name) return call.bad_argument_job();
  return move_to_pool(call, server, name, true);
}

// One host makes a pool whose mask is its own already.
PRL_HANDLE srv_recalculate_cpu_pool(Call& call, PRL_HANDLE server, PRL_CONST_STR name) {
  if (!name) return call.bad_argument_job();
  return tell_host(call, server, [wanted = std::string(name)](HostStep& step) {
    for (const PropertyTree& pool :
         records_below(step.host.document(kCpuPools), std::string(kRow))) {
      const auto* found = std::get_if<std::string>(pool.find("Name"));
      if (found && *found == wanted) return Report();
    }
    return answer(Outcome(OutcomeKind::kObjectNotFound, {wanted}));
  });
}

PRL_HANDLE srv_get_cpu_mask_support(Call& call, PRL_HANDLE server, PRL_UINT32 /*flags*/) {
  return tell_host(call, server, [](HostStep&) { return Report(); });
}

}  // namespace prl::sdk::calls
