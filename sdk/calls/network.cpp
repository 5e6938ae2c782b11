// PrlSrv_*: the tables of networks, classes and offline services of a host (config-model 9).
#include <prlsdk/Parallels.h>

#include <algorithm>
#include <string>
#include <utility>

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

// A table of records that a client changes one by one.
struct Table {
  std::string_view document;
  PRL_HANDLE_TYPE type;
  std::string_view key;  // the leaf that tells records apart
  OutcomeKind no_key;
  OutcomeKind is_taken;
  OutcomeKind not_found;
};

constexpr Table kNetworkTable{kNetworks, PHT_VIRTUAL_NETWORK, "NetworkID",
                              OutcomeKind::kNetworkIdEmpty, OutcomeKind::kNetworkIdTaken,
                              OutcomeKind::kNetworkNotFound};
constexpr Table kPrivateTable{kPrivateNetworks, PHT_IPPRIV_NET, "Name",
                              OutcomeKind::kPrivateNetworkNotFound,
                              OutcomeKind::kPrivateNetworkTaken,
                              OutcomeKind::kPrivateNetworkNotFound};
constexpr Table kServiceTable{kOfflineServices, PHT_OFFLINE_SERVICE, "Name",
                              OutcomeKind::kObjectNotFound, OutcomeKind::kObjectNotFound,
                              OutcomeKind::kObjectNotFound};

enum class Change { kAdd, kReplace, kPut, kRemove };

std::string key_of(const Table& table, const PropertyTree& record) {
  const auto* key = std::get_if<std::string>(record.find(table.key));
  return key ? *key : "";
}

Outcome apply(HostStep& step, const Table& table, Change change, const PropertyTree& record) {
  const std::string key = key_of(table, record);
  if (key.empty()) return {table.no_key, {key}};
  const std::string document(table.document);
  PropertyTree content = step.host.document(document);
  std::vector<PropertyTree> rows = records_below(content, std::string(kRow));
  const auto found = std::ranges::find_if(
      rows, [&](const PropertyTree& row) { return key_of(table, row) == key; });
  const bool is_there = found != rows.end();
  if (change == Change::kAdd && is_there) return {table.is_taken, {key}};
  if ((change == Change::kReplace || change == Change::kRemove) && !is_there) {
    return {table.not_found, {key}};
  }
  if (change == Change::kRemove) {
    rows.erase(found);
  } else if (is_there) {
    *found = record;
  } else {
    rows.push_back(record);
  }
  replace_children(content, std::string(kRow), rows);
  Outcome kept = step.host.put(document, std::move(content));
  if (kept.ok()) step.host.announce({HostEvent::Kind::kNetworksChanged, {}});
  return kept;
}

PRL_HANDLE change_table(Call& call, PRL_HANDLE server, const Table& table, Change change,
                        PRL_HANDLE record) {
  auto content = content_of(call.pin_any(record), table.type);
  if (!content) return call.bad_argument_job();
  return tell_host(call, server, [&table, change, content = std::move(*content)](HostStep& step) {
    return answer(apply(step, table, change, content));
  });
}

PRL_HANDLE list_table(Call& call, PRL_HANDLE server, PRL_HANDLE_TYPE type,
                      std::string_view document) {
  return ask_host(call, server, type, [document](HostStep& step) {
    Report report;
    report.documents = records_below(step.host.document(document), std::string(kRow));
    return report;
  });
}

// One result that holds all records (core-api 4).
PRL_HANDLE get_as_one_list(Call& call, PRL_HANDLE handle, PRL_HANDLE_TYPE type,
                           std::string_view document, std::string_view element) {
  const ServerJob begun = begin_server_job(call, handle);
  if (!begun.job) return begun.given;
  call.world().ask_host(
      call.function(),
      [document, element](HostStep& step) {
        Report report;
        report.documents = records_below(step.host.document(document), std::string(element));
        return report;
      },
      [job = begun.job, type](const Report& report) {
        Job::Outcome outcome = to_job_outcome(report);
        if (report.outcome.ok()) {
          outcome.answers.emplace_back(RecordsAnswer{type, report.documents});
        }
        job->server->library().finish_job(*job, std::move(outcome));
      });
  return begun.given;
}

PRL_HANDLE replace_list(Call& call, PRL_HANDLE server, PRL_HANDLE list, PRL_HANDLE_TYPE type,
                        std::string_view document, std::string_view element) {
  const auto records = read_records(call, list, type);
  if (!records) return call.bad_argument_job();
  return tell_host(call, server, [records = *records, document, element](HostStep& step) {
    PropertyTree content = step.host.document(document);
    replace_children(content, std::string(element), records);
    Outcome kept = step.host.put(std::string(document), std::move(content));
    if (kept.ok()) step.host.announce({HostEvent::Kind::kNetworksChanged, {}});
    return answer(std::move(kept));
  });
}

PRL_HANDLE set_service_status(Call& call, PRL_HANDLE server, PRL_SERVICE_STATUS_ENUM status) {
  return tell_host(call, server, [status](HostStep& step) {
    PropertyTree content;
    content.set("Status", uint64_t{status});
    Outcome kept = step.host.put(std::string(kNetworkService), std::move(content));
    if (kept.ok()) {
      step.host.announce({HostEvent::Kind::kNetworkServiceChanged,
                          {{"net_service_status", std::to_string(status)}}});
    }
    return answer(std::move(kept));
  });
}

std::string element_of(PRL_PORT_FORWARDING_TYPE type) {
  return std::string("HostOnlyNetwork.NATServer.PortForwarding.") +
         (type == PPF_TCP ? "TCP" : "UDP") + ".ForwardEntry";
}

bool is_forwarding(PRL_PORT_FORWARDING_TYPE type) { return type == PPF_TCP || type == PPF_UDP; }

}  // namespace

// -- Virtual networks.

PRL_HANDLE srv_get_virtual_network_list(Call& call, PRL_HANDLE server, PRL_UINT32 /*flags*/) {
  return list_table(call, server, PHT_VIRTUAL_NETWORK, kNetworks);
}

PRL_HANDLE srv_add_virtual_network(Call& call, PRL_HANDLE server, PRL_HANDLE network,
                                   PRL_UINT32 /*flags*/) {
  return change_table(call, server, kNetworkTable, Change::kAdd, network);
}

PRL_HANDLE srv_update_virtual_network(Call& call, PRL_HANDLE server, PRL_HANDLE network,
                                      PRL_UINT32 /*flags*/) {
  return change_table(call, server, kNetworkTable, Change::kReplace, network);
}

PRL_HANDLE srv_delete_virtual_network(Call& call, PRL_HANDLE server, PRL_HANDLE network,
                                      PRL_UINT32 /*flags*/) {
  return change_table(call, server, kNetworkTable, Change::kRemove, network);
}

PRL_RESULT virt_net_get_port_forward_list(Call& call, PRL_HANDLE handle,
                                          PRL_PORT_FORWARDING_TYPE type, PRL_HANDLE_PTR list) {
  const auto network = content_of(call.pin_any(handle), PHT_VIRTUAL_NETWORK);
  if (!network || !list || !is_forwarding(type)) return PRL_ERR_INVALID_ARG;
  *list = make_records(call, *network, element_of(type), PHT_PORT_FORWARDING);
  return PRL_ERR_SUCCESS;
}

PRL_RESULT virt_net_set_port_forward_list(Call& call, PRL_HANDLE handle,
                                          PRL_PORT_FORWARDING_TYPE type, PRL_HANDLE list) {
  Ref<Object> object = call.pin_any(handle);
  const auto records = read_records(call, list, PHT_PORT_FORWARDING);
  if (!content_of(object, PHT_VIRTUAL_NETWORK) || object->holds() != Holds::kTree ||
      !is_forwarding(type) || !records) {
    return PRL_ERR_INVALID_ARG;
  }
  const auto network = Ref<TreeOwner>::cast(std::move(object));
  network->edit_tree(
      [&](PropertyTree& tree) { replace_children(tree, element_of(type), *records); });
  return PRL_ERR_SUCCESS;
}

// The adapter of the host whose address the network names.
PRL_RESULT virt_net_get_bound_adapter_info(Call& call, PRL_HANDLE handle, PRL_HANDLE config,
                                           PRL_HANDLE_PTR adapter) {
  const auto network = content_of(call.pin_any(handle), PHT_VIRTUAL_NETWORK);
  Ref<Object> host = call.pin_any(config);
  if (!network || !adapter || !content_of(host, PHT_SERVER_CONFIG) ||
      host->holds() != Holds::kTree) {
    return PRL_ERR_INVALID_ARG;
  }
  const auto* wanted = std::get_if<std::string>(network->find("BoundCardMac"));
  const auto owner = Ref<TreeOwner>::cast(std::move(host));
  const PropertyTree tree = owner->tree();
  const std::string element = "NetworkAdapters.NetworkAdapter";
  for (const uint32_t child : tree.children(element)) {
    const auto* mac = std::get_if<std::string>(
        tree.find(PropertyTree::child_path(element, child) + ".MacAddress"));
    if (!wanted || !mac || *mac != *wanted) continue;
    *adapter = call.make<NodeHandle>(PHT_HW_NET_ADAPTER, owner, element, child);
    return PRL_ERR_SUCCESS;
  }
  return PRL_ERR_NETWORK_ADAPTER_NOT_FOUND;
}

// -- The network service.

PRL_HANDLE srv_get_net_service_status(Call& call, PRL_HANDLE server) {
  return ask_host(call, server, PHT_NET_SERVICE_STATUS, [](HostStep& step) {
    return answer(step.host.document(kNetworkService));
  });
}

PRL_HANDLE srv_net_service_start(Call& call, PRL_HANDLE server) {
  return set_service_status(call, server, PSS_STARTED);
}

PRL_HANDLE srv_net_service_stop(Call& call, PRL_HANDLE server) {
  return set_service_status(call, server, PSS_STOPPED);
}

PRL_HANDLE srv_net_service_restart(Call& call, PRL_HANDLE server) {
  return set_service_status(call, server, PSS_STARTED);
}

PRL_HANDLE srv_net_service_restore_defaults(Call& call, PRL_HANDLE server) {
  return tell_host(call, server, [](HostStep& step) {
    Outcome kept = step.host.put(std::string(kNetworks), step.host.initial(kNetworks));
    if (kept.ok()) step.host.announce({HostEvent::Kind::kNetworksChanged, {}});
    return answer(std::move(kept));
  });
}

// -- Private networks.

PRL_HANDLE srv_get_ip_private_networks_list(Call& call, PRL_HANDLE server, PRL_UINT32 /*flags*/) {
  return list_table(call, server, PHT_IPPRIV_NET, kPrivateNetworks);
}

PRL_HANDLE srv_add_ip_private_network(Call& call, PRL_HANDLE server, PRL_HANDLE network,
                                      PRL_UINT32 /*flags*/) {
  return change_table(call, server, kPrivateTable, Change::kAdd, network);
}

PRL_HANDLE srv_update_ip_private_network(Call& call, PRL_HANDLE server, PRL_HANDLE network,
                                         PRL_UINT32 /*flags*/) {
  return change_table(call, server, kPrivateTable, Change::kReplace, network);
}

PRL_HANDLE srv_remove_ip_private_network(Call& call, PRL_HANDLE server, PRL_HANDLE network,
                                         PRL_UINT32 /*flags*/) {
  return change_table(call, server, kPrivateTable, Change::kRemove, network);
}

// -- Offline management services.

PRL_HANDLE srv_get_offline_services_list(Call& call, PRL_HANDLE server, PRL_UINT32 /*flags*/) {
  return list_table(call, server, PHT_OFFLINE_SERVICE, kOfflineServices);
}

PRL_HANDLE srv_update_offline_service(Call& call, PRL_HANDLE server, PRL_HANDLE service,
                                      PRL_UINT32 /*flags*/) {
  return change_table(call, server, kServiceTable, Change::kPut, service);
}

PRL_HANDLE srv_delete_offline_service(Call& call, PRL_HANDLE server, PRL_HANDLE service,
                                      PRL_UINT32 /*flags*/) {
  return change_table(call, server, kServiceTable, Change::kRemove, service);
}

// -- Network classes and shaping.

PRL_HANDLE srv_get_network_classes_list(Call& call, PRL_HANDLE server, PRL_UINT32 /*flags*/) {
  return get_as_one_list(call, server, PHT_NETWORK_CLASS, kNetworkClasses, kRow);
}

PRL_HANDLE srv_update_network_classes_list(Call& call, PRL_HANDLE server, PRL_HANDLE list,
                                           PRL_UINT32 /*flags*/) {
  return replace_list(call, server, list, PHT_NETWORK_CLASS, kNetworkClasses, kRow);
}

PRL_HANDLE srv_get_network_shaping_config(Call& call, PRL_HANDLE server, PRL_UINT32 /*flags*/) {
  return ask_host(call, server, PHT_NETWORK_SHAPING_CONFIG,
                  [](HostStep& step) { return answer(step.host.document(kShaping)); });
}

PRL_HANDLE srv_update_network_shaping_config(Call& call, PRL_HANDLE server, PRL_HANDLE config,
                                             PRL_UINT32 /*flags*/) {
  auto content = content_of(call.pin_any(config), PHT_NETWORK_SHAPING_CONFIG);
  if (!content) return call.bad_argument_job();
  return tell_host(call, server, [content = std::move(*content)](HostStep& step) {
    Outcome kept = step.host.put(std::string(kShaping), content);
    if (kept.ok()) step.host.announce({HostEvent::Kind::kNetworksChanged, {}});
    return answer(std::move(kept));
  });
}

PRL_HANDLE srv_get_network_shaping_list(Call& call, PRL_HANDLE server, PRL_UINT32 /*flags*/) {
  return get_as_one_list(call, server, PHT_NETWORK_SHAPING, kShaping, "NetworkShaping");
}

PRL_HANDLE srv_update_network_shaping_list(Call& call, PRL_HANDLE server, PRL_HANDLE list,
                                           PRL_UINT32 /*flags*/) {
  return replace_list(call, server, list, PHT_NETWORK_SHAPING, kShaping, "NetworkShaping");
}

// Nothing is shaped, so nothing needs to begin anew.
PRL_HANDLE srv_restart_network_shaping(Call& call, PRL_HANDLE server, PRL_UINT32 /*flags*/) {
  return tell_host(call, server, [](HostStep&) { return Report(); });
}

}  // namespace prl::sdk::calls
