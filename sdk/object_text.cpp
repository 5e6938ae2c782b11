#include "sdk/object_text.h"

#include <array>
#include <initializer_list>
#include <span>
#include <utility>

#include "properties.h"
#include "sdk/event_text.h"
#include "sdk/node_handle.h"
#include "sdk/report.h"
#include "sdk/server.h"
#include "sdk/tree.h"
#include "sdk/vm_handle.h"
#include "simulator/property_xml.h"
#include "simulator/record_text.h"

namespace prl::sdk {

namespace {

using sim::PropertyKind;
using sim::PropertyTree;

// Records with a text form, and what a text that is none gives.
struct TextForm {
  uint32_t type;
  const char* root;
  PRL_RESULT parse_error = PRL_ERR_INVALID_ARG;
};

constexpr TextForm kForms[] = {
    {PHT_SERVER_CONFIG, "ParallelsHostInfo", PRL_ERR_PARSE_HOST_HW_INFO},
    {PHT_DISP_CONFIG, "ParallelsServerPreferences", PRL_ERR_PARSE_COMMON_SERVER_PREFS},
    {PHT_USER_PROFILE, "ParallelsUserProfile", PRL_ERR_PARSE_USER_PROFILE},
    {PHT_USER_INFO, "UserInfo"},
    {PHT_VM_INFO, "VmInfo"},
    {PHT_ACCESS_RIGHTS, "AccessRights"},
    {PHT_PLUGIN_INFO, "PluginInfo"},
    {PHT_APPLIANCE_CONFIG, "Appliance", PRL_ERR_APPLIANCE_INVALID_CONFIG},
    {PHT_CT_TEMPLATE, "ContainerTemplate"},
    {PHT_VIRTUAL_NETWORK, "VirtualNetwork"},
    {PHT_IPPRIV_NET, "PrivateNetwork"},
    {PHT_PORT_FORWARDING, "ForwardEntry"},
    {PHT_NETWORK_CLASS, "NetworkClass"},
    {PHT_NETWORK_SHAPING_CONFIG, "NetworkShapingConfig"},
    {PHT_NETWORK_SHAPING, "NetworkShaping"},
    {PHT_NETWORK_SHAPING_BANDWIDTH, "DeviceBandwidth"},
    {PHT_NETWORK_RATE, "NetworkRate"},
    {PHT_OFFLINE_SERVICE, "OfflineService"},
    {PHT_FIREWALL_RULE, "FirewallRule"},
    {PHT_VCMMD_CONFIG, "VcmmdConfig"},
    {PHT_BACKUP, "Backup"},
    {PHT_VIRTUAL_DISK_ENCRYPTION, "Encryption"},
    {PHT_HW_GENERIC_DEVICE, "HostDevice"},
    {PHT_HW_GENERIC_PCI_DEVICE, "PciDevice"},
    {PHT_HW_HARD_DISK, "HardDisk"},
    {PHT_HW_HARD_DISK_PARTITION, "Partition"},
    {PHT_HW_NET_ADAPTER, "NetworkAdapter"},
    {PHT_DISP_NET_ADAPTER, "VirtuozzoAdapter"},
};

const TextForm* find_form(uint32_t type) {
  for (const TextForm& form : kForms) {
    if (form.type == type) return &form;
  }
  return nullptr;
}

// A device alone is wrapped in the element that holds it (config-model 11).
constexpr const char* kDeviceRoot = "Hardware";

std::string_view last_name(std::string_view path) {
  const size_t dot = path.rfind('.');
  return dot == std::string_view::npos ? path : path.substr(dot + 1);
}

std::optional<PropertyKind> kind_of(PropertyType type) {
  switch (type) {
    case PropertyType::kBool:
      return PropertyKind::kFlag;
    case PropertyType::kUint16:
    case PropertyType::kUint32:
    case PropertyType::kUint64:
      return PropertyKind::kUnsigned;
    case PropertyType::kInt32:
      return PropertyKind::kSigned;
    case PropertyType::kDouble:
      return PropertyKind::kReal;
    case PropertyType::kString:
      return PropertyKind::kText;
    case PropertyType::kStrings:
    case PropertyType::kNumbers:
      return PropertyKind::kTexts;
    case PropertyType::kChildren:
    case PropertyType::kNode:
    case PropertyType::kRecords:
      break;
  }
  return std::nullopt;
}

sim::PropertySchema make_schema() {
  sim::PropertySchema schema;
  for (const PropertyInfo& property : all_properties()) {
    if (const auto kind = kind_of(property.type)) {
      schema.add(property.path, *kind);
    } else if (property.type != PropertyType::kNode) {
      std::string_view element = property.path;
      if (element.ends_with("[]")) element.remove_suffix(2);
      schema.add_list(element);
    }
  }
  for (const NodeClass& kind : device_classes()) {
    schema.add_list(kind.element);
    schema.add_list(last_name(kind.element));
  }
  return schema;
}

std::string record_text(const TextForm& form, const PropertyTree& content) {
  return sim::to_xml(content, property_schema(), form.root);
}

// ---- Licences: the text is that of an event, which is how clients read it (clients.md 4.6). ----

struct LicenceField {
  const char* parameter;
  const char* property;  // null: the same in every licence
  const char* fallback;
};

constexpr LicenceField kLicenceFields[] = {
    {"vzlicense_product", nullptr, "prlsim"},
    {"vzlicense_key_number", "LicenseKey", ""},
    {"vzlicense_start_date", nullptr, "2020-01-01 00:00:00"},
    {"vzlicense_update_date", nullptr, "2020-01-01 00:00:00"},
    {"vzlicense_expiration_date", nullptr, "2099-12-31 00:00:00"},
    {"vzlicense_is_expiration_unlimited", nullptr, "1"},
    {"vzlicense_graceperiod", nullptr, "0"},
    {"vzlicense_cpu_total", nullptr, "unlimited"},
    {"vzlicense_max_memory", nullptr, "unlimited"},
    {"vzlicense_vms_total", nullptr, "unlimited"},
    {"vzlicense_hardware_id", nullptr, "0000.0000.0000.0000"},
    {"vzlicense_rku_allowed", nullptr, "0"},
    {"vzlicense_ha_allowed", nullptr, "0"},
    {"license_user", "UserName", ""},
    {"license_company", "CompanyName", ""},
};

std::string licence_text(const PropertyTree& licence) {
  EventContent event;
  for (const LicenceField& field : kLicenceFields) {
    const auto* value =
        field.property ? std::get_if<std::string>(licence.find(field.property)) : nullptr;
    event.parameters.push_back({.name = field.parameter, .text = value ? *value : field.fallback});
  }
  return to_xml(event);
}

PRL_RESULT read_licence(TreeOwner& owner, std::string_view text) {
  const auto event = event_from_xml(text);
  if (!event) return PRL_ERR_INVALID_ARG;
  owner.edit_tree([&](PropertyTree& tree) {
    for (const LicenceField& field : kLicenceFields) {
      if (!field.property) continue;
      const auto* parameter = event->find(field.parameter);
      if (!parameter || parameter->text.empty()) {
        tree.erase(field.property);
      } else {
        tree.set(field.property, parameter->text);
      }
    }
  });
  return PRL_ERR_SUCCESS;
}

// ---- Sessions --------------------------------------------------------------------------------

void put_answer(PropertyTree& tree, const LoginAnswer& answer) {
  tree.set("ServerUuid", answer.server_uuid);
  tree.set("SessionUuid", answer.session_uuid);
  tree.set("HostOsVersion", answer.host_os_version);
  tree.set("ProductVersion", answer.product_version);
}

std::string login_text(const LoginAnswer& answer) {
  PropertyTree tree;
  put_answer(tree, answer);
  return sim::to_xml(tree, property_schema(), "LoginResponse");
}

// What the server is connected to; empty elements while it is to nothing.
std::string server_text(const Server& server) {
  const Connection connection = server.connection();
  PropertyTree tree;
  put_answer(tree, connection.answer);
  tree.set("HostName", connection.host);
  tree.set("Port", uint64_t{connection.port});
  return sim::to_xml(tree, property_schema(), "ParallelsServer");
}

// ---- Nodes -----------------------------------------------------------------------------------

// The path of a node below the element that its text is wrapped in.
std::string wrapped_path(const NodeHandle& node) {
  return sim::PropertyTree::child_path(last_name(node.element), *node.child);
}

std::optional<std::string> node_text(const NodeHandle& node) {
  const PropertyTree content = node.owner->tree().below(node.path());
  if (!node.is_device()) {
    const TextForm* form = find_form(node.type());
    return form ? std::optional(record_text(*form, content)) : std::nullopt;
  }
  PropertyTree wrapped;
  wrapped.set(wrapped_path(node), true);
  wrapped.put_below(wrapped_path(node), content);
  wrapped.set(std::string(last_name(node.element)) + "[]", uint64_t{*node.child} + 1);
  return sim::to_xml(wrapped, property_schema(), kDeviceRoot);
}

PRL_RESULT read_node(const NodeHandle& node, std::string_view text) {
  const TextForm* form = find_form(node.type());
  if (!node.is_device() && !form) return PRL_ERR_UNIMPLEMENTED;
  if (!exists(node)) return PRL_ERR_OBJECT_WAS_REMOVED;
  const char* root = node.is_device() ? kDeviceRoot : form->root;
  auto content = sim::from_xml(text, property_schema(), {root});
  if (!content) return node.is_device() ? PRL_ERR_PARSE_VM_CONFIG : form->parse_error;
  if (node.is_device()) {
    const std::string element(last_name(node.element));
    const std::vector<uint32_t> children = content->children(element);
    if (children.size() != 1) return PRL_ERR_PARSE_VM_CONFIG;
    *content = content->below(PropertyTree::child_path(element, children[0]));
  }
  node.owner->edit_tree([&](PropertyTree& tree) { tree.put_below(node.path(), *content); });
  return PRL_ERR_SUCCESS;
}

// ---- Trees -----------------------------------------------------------------------------------

std::optional<std::string> tree_text(const TreeOwner& owner) {
  if (owner.type() == PHT_LICENSE) return licence_text(owner.tree());
  if (owner.type() == PHT_PROBLEM_REPORT) return report_text(owner.tree());
  const TextForm* form = find_form(owner.type());
  if (!form) return std::nullopt;
  return record_text(*form, owner.tree());
}

PRL_RESULT read_tree(TreeOwner& owner, std::string_view text) {
  if (owner.type() == PHT_LICENSE) return read_licence(owner, text);
  const TextForm* form = find_form(owner.type());
  if (!form) return PRL_ERR_UNIMPLEMENTED;
  auto content = sim::from_xml(text, property_schema(), {form->root});
  if (!content) return form->parse_error;
  owner.edit_tree([&](PropertyTree& tree) { tree = std::move(*content); });
  return PRL_ERR_SUCCESS;
}

bool is_vm(const Object& object) {
  return object.type() == PHT_VIRTUAL_MACHINE && object.holds() == Holds::kTree;
}

// A text without an identity leaves that of the object.
PRL_RESULT read_vm(const Ref<VmHandle>& vm, std::string_view text) {
  auto config = sim::parse_config(text, property_schema());
  if (!config) return PRL_ERR_PARSE_VM_CONFIG;
  const sim::Uuid before = vm->uuid();
  if (config->uuid.is_nil()) config->uuid = before;
  vm->load(*config);
  if (config->uuid != before) vm->server->rename_vm(before, config->uuid, vm->value());
  return PRL_ERR_SUCCESS;
}

}  // namespace

const sim::PropertySchema& property_schema() {
  static const sim::PropertySchema schema = make_schema();
  return schema;
}

std::optional<std::string> text_of(const Ref<Object>& object) {
  if (is_vm(*object)) {
    return sim::to_text(static_cast<const VmHandle&>(*object).config(), property_schema());
  }
  if (object->type() == PHT_SERVER) return server_text(static_cast<const Server&>(*object));
  if (object->holds() == Holds::kTree) return tree_text(static_cast<const TreeOwner&>(*object));
  if (object->holds() == Holds::kNode) return node_text(static_cast<const NodeHandle&>(*object));
  if (object->type() == PHT_LOGIN_RESPONSE) {
    return login_text(static_cast<const LoginResponse&>(*object).answer);
  }
  return std::nullopt;
}

std::optional<std::string> text_of(const Answer& answer) {
  if (const auto* vm = std::get_if<sim::VmView>(&answer)) {
    return sim::to_text(vm->config, property_schema());
  }
  if (const auto* own = std::get_if<OwnVmAnswer>(&answer)) {
    return sim::to_text(own->config, property_schema());
  }
  if (const auto* object = std::get_if<ObjectAnswer>(&answer)) return text_of(object->object);
  const auto* document = std::get_if<DocumentAnswer>(&answer);
  if (!document) return std::nullopt;
  if (document->type == PHT_LICENSE) return licence_text(document->content);
  const TextForm* form = find_form(document->type);
  return form ? std::optional(record_text(*form, document->content)) : std::nullopt;
}

PRL_RESULT read_text(const Ref<Object>& object, std::string_view text) {
  if (is_vm(*object)) return read_vm(Ref<VmHandle>::cast(Ref<Object>(object)), text);
  if (object->holds() == Holds::kTree) return read_tree(static_cast<TreeOwner&>(*object), text);
  if (object->holds() == Holds::kNode) {
    return read_node(static_cast<const NodeHandle&>(*object), text);
  }
  return PRL_ERR_UNIMPLEMENTED;
}

}  // namespace prl::sdk
