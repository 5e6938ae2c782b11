// PrlSrv_*: smaller things that a host can be asked for: what it supports, its licences by key, its
// templates of containers, its PCI devices (behaviours of the API, config-model 8, 9).
#include <prlsdk/Parallels.h>
#include <prlsdk/PrlFs.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "calls.h"
#include "sdk/calls/host_job.h"
#include "sdk/host_documents.h"
#include "sdk/node_handle.h"
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

// What the simulated host can do of what clients may ask about.
constexpr std::array kFeatures = {
    PFSM_DEFAULT_SATA_ALLOWED, PFSM_VM_CONFIG_MERGE_SUPPORT, PFSM_DISK_IO_LIMITS,
    PFSM_FINE_CPU_LIMITS,      PFSM_IPV6_SUPPORT,            PFSM_NIC_CHANGE_ALLOWED,
    PFSM_HEADLESS_MODE,        PFSM_LINKED_CLONES,           PFSM_VM_TEMPLATES,
    PFSM_BACKUP_API};

// Changes the licence and answers with it.
template <class Change>
PRL_HANDLE change_licence(Call& call, PRL_HANDLE server, Change change) {
  return ask_host(call, server, PHT_LICENSE, [change](HostStep& step) {
    PropertyTree licence = step.host.document(kLicence);
    if (Outcome refused = change(licence); !refused.ok()) return answer(std::move(refused));
    if (Outcome kept = step.host.put(std::string(kLicence), licence); !kept.ok()) {
      return answer(std::move(kept));
    }
    step.host.announce({HostEvent::Kind::kLicenceChanged, {}});
    return answer(std::move(licence));
  });
}

PRL_HANDLE set_licence_active(Call& call, PRL_HANDLE server, bool active) {
  return change_licence(call, server, [active](PropertyTree& licence) -> Outcome {
    if (text_at(licence, "LicenseKey").empty()) return OutcomeKind::kNoLicence;
    licence.erase("Status");
    licence.erase("Valid");
    if (active) licence.set("Valid", true);
    if (!active) licence.set("Status", int64_t{PRL_ERR_LICENSE_NOT_VALID});
    return {};
  });
}

bool is_template(const PropertyTree& row, const std::string& name, const std::string& os) {
  return text_at(row, "Name") == name && (os.empty() || text_at(row, "OsTemplate") == os);
}

// Takes the templates that fit out of the list; false where there is none.
bool drop_template(std::vector<PropertyTree>& rows, const std::string& name,
                   const std::string& os) {
  return std::erase_if(rows, [&](const PropertyTree& row) { return is_template(row, name, os); }) >
         0;
}

}  // namespace

PRL_RESULT srv_is_feature_supported(Call& call, PRL_HANDLE handle, PRL_FEATURES_MATRIX feature,
                                    PRL_BOOL_PTR is_supported) {
  const auto server = call.pin<Server>(handle);
  if (!server || !is_supported) return PRL_ERR_INVALID_ARG;
  const bool found = std::ranges::find(kFeatures, feature) != kFeatures.end();
  *is_supported = found ? PRL_TRUE : PRL_FALSE;
  return PRL_ERR_SUCCESS;
}

// The simulated host has no plug-ins, and looking for them finds none.
PRL_HANDLE srv_get_plugins_list(Call& call, PRL_HANDLE server, PRL_CONST_STR class_id,
                                PRL_UINT32 /*flags*/) {
  if (!class_id) return call.bad_argument_job();
  return ask_host(call, server, PHT_PLUGIN_INFO, [](HostStep&) { return Report(); });
}

PRL_HANDLE srv_refresh_plugins(Call& call, PRL_HANDLE server, PRL_UINT32 /*flags*/) {
  return tell_host(call, server, [](HostStep&) { return Report(); });
}

PRL_RESULT srv_create_desktop_control(Call& call, PRL_HANDLE handle, PRL_HANDLE_PTR control) {
  const auto server = call.pin<Server>(handle);
  if (!server || !control) return PRL_ERR_INVALID_ARG;
  *control = call.make<Document>(PHT_DESKTOP_CONTROL);
  return PRL_ERR_SUCCESS;
}

// -- Licences.

PRL_HANDLE srv_install_license_offline(Call& call, PRL_HANDLE server, PRL_CONST_STR data,
                                       PRL_UINT32 /*flags*/) {
  if (!data) return call.bad_argument_job();
  return change_licence(call, server,
                        [text = std::string(data)](PropertyTree& licence) -> Outcome {
                          if (text.empty()) return OutcomeKind::kInvalidLicenceKey;
                          licence.set("LicenseKey", text);
                          return {};
                        });
}

PRL_HANDLE srv_activate_trial_license(Call& call, PRL_HANDLE server, PRL_EDITION_ENUM edition,
                                      PRL_UINT32 /*flags*/) {
  return change_licence(call, server, [edition](PropertyTree& licence) -> Outcome {
    licence.erase("Status");
    licence.set("Valid", true);
    licence.set("LicenseKey", "TRIAL-" + std::to_string(static_cast<uint32_t>(edition)));
    return {};
  });
}

PRL_HANDLE srv_activate_installed_license_online(Call& call, PRL_HANDLE server,
                                                 PRL_UINT32 /*flags*/) {
  return set_licence_active(call, server, true);
}

PRL_HANDLE srv_activate_installed_license_offline(Call& call, PRL_HANDLE server,
                                                  PRL_CONST_STR confirmation,
                                                  PRL_UINT32 /*flags*/) {
  if (!confirmation) return call.bad_argument_job();
  return set_licence_active(call, server, true);
}

PRL_HANDLE srv_deactivate_installed_license(Call& call, PRL_HANDLE server, PRL_UINT32 /*flags*/) {
  return set_licence_active(call, server, false);
}

// -- Templates of containers.

PRL_HANDLE srv_get_ct_template_list(Call& call, PRL_HANDLE server, PRL_UINT32 /*flags*/) {
  return ask_host(call, server, PHT_CT_TEMPLATE, [](HostStep& step) {
    Report report;
    report.documents = records_below(step.host.document(kTemplates), std::string(kRow));
    return report;
  });
}

PRL_HANDLE srv_remove_ct_template(Call& call, PRL_HANDLE server, PRL_CONST_STR name,
                                  PRL_CONST_STR os_template, PRL_UINT32 /*flags*/) {
  if (!name) return call.bad_argument_job();
  return tell_host(call, server, [name = std::string(name),
                                  os = std::string(os_template ? os_template : "")](
                                     HostStep& step) {
    PropertyTree content = step.host.document(kTemplates);
    std::vector<PropertyTree> rows = records_below(content, std::string(kRow));
    if (!drop_template(rows, name, os)) {
      return answer(Outcome(OutcomeKind::kTemplateNotFound, {name}));
    }
    replace_children(content, std::string(kRow), rows);
    return answer(step.host.put(std::string(kTemplates), std::move(content)));
  });
}

// There is one host, which can be no target but itself: what it has, it need not copy.
PRL_HANDLE srv_copy_ct_template(Call& call, PRL_HANDLE server, PRL_CONST_STR name,
                                PRL_CONST_STR os_template, PRL_CONST_STR target,
                                PRL_UINT32 /*port*/, PRL_CONST_STR /*session*/,
                                PRL_UINT32 /*flags*/, PRL_UINT32 /*reserved*/) {
  if (!name || !target) return call.bad_argument_job();
  return tell_host(call, server, [name = std::string(name), target = std::string(target),
                                  os = std::string(os_template ? os_template : "")](
                                     HostStep& step) {
    std::vector<PropertyTree> rows =
        records_below(step.host.document(kTemplates), std::string(kRow));
    if (!drop_template(rows, name, os)) {
      return answer(Outcome(OutcomeKind::kTemplateNotFound, {name}));
    }
    const bool is_here = target == "localhost" || target == "127.0.0.1" || target == "::1";
    if (!is_here) return answer(Outcome(OutcomeKind::kHostUnknown, {target}));
    return Report();
  });
}

// -- Devices of the host.

// Each device of the list gives its state to the one of the host with its id.
PRL_HANDLE srv_configure_generic_pci(Call& call, PRL_HANDLE server, PRL_HANDLE list,
                                     PRL_UINT32 /*flags*/) {
  const auto devices = read_records(call, list, PHT_HW_GENERIC_PCI_DEVICE);
  if (!devices) return call.bad_argument_job();
  return tell_host(call, server, [devices = *devices](HostStep& step) {
    const std::string element = "GenericPciDevices.GenericPciDevice";
    PropertyTree hardware = step.host.document(kHardware);
    for (const PropertyTree& device : devices) {
      const std::string id = text_at(device, "Uuid");
      std::string found;
      for (const uint32_t child : hardware.children(element)) {
        const std::string path = PropertyTree::child_path(element, child);
        if (text_at(hardware, path + ".Uuid") == id) found = path;
      }
      if (found.empty()) return answer(Outcome(OutcomeKind::kObjectNotFound, {id}));
      hardware.erase(found + ".DeviceState");
      if (const auto* state = device.find("DeviceState")) {
        hardware.set(found + ".DeviceState", *state);
      }
    }
    Outcome kept = step.host.put(std::string(kHardware), std::move(hardware));
    if (kept.ok()) step.host.announce({HostEvent::Kind::kHardwareChanged, {}});
    return answer(std::move(kept));
  });
}

}  // namespace prl::sdk::calls
