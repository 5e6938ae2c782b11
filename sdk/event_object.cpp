#include "sdk/event_object.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "sdk/event_text.h"
#include "sdk/node_handle.h"
#include "sdk/server.h"
#include "sdk/tree.h"
#include "sdk/vm_handle.h"

namespace prl::sdk {

namespace {

// Parameters whose text is the content of an object.
struct DocumentName {
  std::string_view name;
  PRL_HANDLE_TYPE type;
};
constexpr std::array kDocuments = {DocumentName{"disp_common_prefs", PHT_DISP_CONFIG},
                                   DocumentName{"statistics", PHT_SYSTEM_STATISTICS},
                                   DocumentName{"vm_search_info", PHT_FOUND_VM_INFO},
                                   DocumentName{"vm_security_info", PHT_ACCESS_RIGHTS},
                                   DocumentName{"vm_license", PHT_LICENSE}};

PRL_RESULT make_event(const Call& call, const Event& event, const std::string& text,
                      PRL_HANDLE_PTR out) {
  auto content = event_from_xml(text);
  if (!content) return PRL_ERR_INVALID_ARG;
  *out = call.make<Event>(std::move(*content), event.server);
  return PRL_ERR_SUCCESS;
}

// A configuration that stands for itself, with the one device.
PRL_RESULT make_device(const Call& call, sim::PropertyTree tree, PRL_HANDLE_PTR out) {
  for (const NodeClass& kind : device_classes()) {
    const auto children = tree.children(kind.element);
    if (children.empty()) continue;
    *out = make_detached_device(call, kind, std::move(tree), children.front());
    return PRL_ERR_SUCCESS;
  }
  return PRL_ERR_INVALID_ARG;
}

PRL_RESULT make_vm(const Call& call, const Event& event, sim::PropertyTree tree,
                   PRL_HANDLE_PTR out) {
  if (!event.server) return PRL_ERR_UNINITIALIZED;
  sim::VmConfig config;
  config.uuid = event.content()->issuer;
  config.properties = std::move(tree);
  *out = call.make<VmHandle>(event.server, std::move(config));
  return PRL_ERR_SUCCESS;
}

}  // namespace

PRL_RESULT make_object(const Call& call, const Event& event, const EventParameterValue& parameter,
                       PRL_HANDLE_PTR out) {
  if (parameter.name == "internal_event") return make_event(call, event, parameter.text, out);
  auto tree = sim::PropertyTree::parse(parameter.text);
  if (!tree) return PRL_ERR_INVALID_ARG;
  if (parameter.name == "vm_config_dev_state") return make_device(call, std::move(*tree), out);
  if (parameter.name == "vm_cfg") return make_vm(call, event, std::move(*tree), out);
  const auto found = std::ranges::find(kDocuments, parameter.name, &DocumentName::name);
  if (found == kDocuments.end()) return PRL_ERR_INVALID_ARG;
  *out = call.make<Document>(found->type, std::move(*tree));
  return PRL_ERR_SUCCESS;
}

}  // namespace prl::sdk
