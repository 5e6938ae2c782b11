#include "sdk/calls/property.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "properties.h"
#include "sdk/boundary.h"
#include "sdk/node_handle.h"
#include "sdk/objects.h"
#include "sdk/strings.h"
#include "sdk/vm_handle.h"

namespace prl::sdk::property {

namespace {

// The property that the function being called is bound to.
const PropertyInfo& property_of(const Call& call) {
  return all_properties()[call.info().property];
}

// A number of any width, or a flag: rows that share a leaf may differ in that.
struct AsNumber {
  uint64_t operator()(bool value) const { return value ? 1 : 0; }
  uint64_t operator()(int64_t value) const { return static_cast<uint64_t>(value); }
  uint64_t operator()(uint64_t value) const { return value; }
  template <class Other>
  uint64_t operator()(const Other&) const {
    return 0;
  }
};

// Where the property of an object is: in which VM's tree, and at which path.
struct Target {
  Ref<VmHandle> vm;
  std::string path_of_child;  // empty where the object is the VM itself
  const PropertyInfo& property;

  std::string_view path() const {
    return path_of_child.empty() ? property.path : std::string_view(path_of_child);
  }
};

bool has_property(const NodeHandle& node, const PropertyInfo& property) {
  const auto& types = property.handle_types;
  if (types[0] == 0) return node.kind.is_device();
  return std::find(types.begin(), types.end(), node.type()) != types.end();
}

// Without a VM where the handle is none that has the property; `code` is then what to answer.
Target target_of(const Call& call, PRL_HANDLE handle, PRL_RESULT& code) {
  Target target{.vm = {}, .path_of_child = {}, .property = property_of(call)};
  code = PRL_ERR_INVALID_ARG;
  if (target.property.handle_types[0] == PHT_VM_CONFIGURATION) {
    target.vm = call.pin<VmHandle>(handle);
    return target;
  }
  const auto node = pin_node(call, handle);
  if (!node || !has_property(*node, target.property)) return target;
  if (!exists(*node)) {
    code = PRL_ERR_OBJECT_WAS_REMOVED;
    return target;
  }
  target.vm = node->vm;
  target.path_of_child = node->path() + "." + std::string(target.property.path);
  return target;
}

// What equals the default is not stored: writing it is no change to a fresh object.
PRL_RESULT store(const Call& call, PRL_HANDLE handle, sim::PropertyValue value, bool is_default) {
  PRL_RESULT code = PRL_ERR_SUCCESS;
  const Target target = target_of(call, handle, code);
  if (!target.vm) return code;
  target.vm->edit([&](sim::VmConfig& config) {
    if (is_default) {
      config.properties.erase(target.path());
    } else {
      config.properties.set(target.path(), std::move(value));
    }
  });
  return PRL_ERR_SUCCESS;
}

// "Hardware.Hdd" of the list "Hardware.Hdd[]".
std::string_view element_of(const PropertyInfo& property) {
  return property.path.substr(0, property.path.size() - 2);
}

void write_number(PRL_VOID_PTR target, PropertyType type, uint64_t number) {
  if (type == PropertyType::kUint64) {
    std::memcpy(target, &number, sizeof number);
  } else if (type == PropertyType::kUint16) {
    const auto narrow = static_cast<uint16_t>(number);
    std::memcpy(target, &narrow, sizeof narrow);
  } else {
    const auto narrow = static_cast<uint32_t>(type == PropertyType::kBool ? number != 0 : number);
    std::memcpy(target, &narrow, sizeof narrow);
  }
}

}  // namespace

PRL_RESULT get_number(Call& call, PRL_HANDLE object, PRL_VOID_PTR value) {
  PRL_RESULT code = PRL_ERR_SUCCESS;
  const Target target = target_of(call, object, code);
  if (!target.vm) return code;
  if (!value) return PRL_ERR_INVALID_ARG;
  const PropertyInfo& property = target.property;
  const sim::PropertyTree tree = target.vm->get(&sim::VmConfig::properties);
  const sim::PropertyValue* stored = tree.find(target.path());
  if (property.type == PropertyType::kDouble) {
    const double* set = std::get_if<double>(stored);
    std::memcpy(value, set ? set : &property.default_double, sizeof(double));
  } else {
    write_number(value, property.type,
                 stored ? std::visit(AsNumber(), *stored) : property.default_number);
  }
  return PRL_ERR_SUCCESS;
}

PRL_RESULT set_number(Call& call, PRL_HANDLE object, PRL_UINT64 value) {
  const PropertyInfo& property = property_of(call);
  if (property.type == PropertyType::kBool) {
    const bool flag = value != 0;
    return store(call, object, flag, (property.default_number != 0) == flag);
  }
  const bool is_default = property.default_number == value;
  if (property.type == PropertyType::kInt32) {
    return store(call, object, static_cast<int64_t>(value), is_default);
  }
  return store(call, object, uint64_t{value}, is_default);
}

PRL_RESULT set_double(Call& call, PRL_HANDLE object, PRL_DOUBLE value) {
  return store(call, object, value, property_of(call).default_double == value);
}

PRL_RESULT get_string(Call& call, PRL_HANDLE object, PRL_STR buffer, PRL_UINT32_PTR length) {
  PRL_RESULT code = PRL_ERR_SUCCESS;
  const Target target = target_of(call, object, code);
  if (!target.vm) return code;
  const sim::PropertyTree tree = target.vm->get(&sim::VmConfig::properties);
  const auto* stored = std::get_if<std::string>(tree.find(target.path()));
  return copy_string(stored ? *stored : target.property.default_text, buffer, length);
}

PRL_RESULT set_string(Call& call, PRL_HANDLE object, PRL_CONST_STR value) {
  if (!value) return PRL_ERR_INVALID_ARG;
  return store(call, object, std::string(value), property_of(call).default_text == value);
}

PRL_RESULT get_strings(Call& call, PRL_HANDLE object, PRL_HANDLE_PTR list) {
  PRL_RESULT code = PRL_ERR_SUCCESS;
  const Target target = target_of(call, object, code);
  if (!target.vm) return code;
  if (!list) return PRL_ERR_INVALID_ARG;
  const sim::PropertyTree tree = target.vm->get(&sim::VmConfig::properties);
  const auto* stored = std::get_if<sim::StringItems>(tree.find(target.path()));
  *list = call.make<StringsList>(stored ? *stored : sim::StringItems());
  return PRL_ERR_SUCCESS;
}

PRL_RESULT set_strings(Call& call, PRL_HANDLE object, PRL_HANDLE list) {
  const auto strings = call.pin<StringsList>(list);
  if (!strings) return PRL_ERR_INVALID_ARG;
  sim::StringItems items;
  {
    std::lock_guard lock(strings->mutex);
    items = strings->items;
  }
  const bool is_empty = items.empty();
  return store(call, object, std::move(items), is_empty);
}

// Only VMs have lists so far.
PRL_RESULT get_count(Call& call, PRL_HANDLE object, PRL_UINT32_PTR count) {
  const auto vm = call.pin<VmHandle>(object);
  if (!vm || !count) return PRL_ERR_INVALID_ARG;
  const sim::PropertyTree tree = vm->get(&sim::VmConfig::properties);
  *count = static_cast<PRL_UINT32>(tree.children(element_of(property_of(call))).size());
  return PRL_ERR_SUCCESS;
}

PRL_RESULT get_child(Call& call, PRL_HANDLE object, PRL_UINT32 index, PRL_HANDLE_PTR child) {
  const auto vm = call.pin<VmHandle>(object);
  const NodeClass* kind = find_class(element_of(property_of(call)));
  if (!vm || !child || !kind) return PRL_ERR_INVALID_ARG;
  const std::vector<uint32_t> children = list_of(vm->get(&sim::VmConfig::properties), *kind);
  if (index >= children.size()) return PRL_ERR_INVALID_ARG;
  *child = call.make<NodeHandle>(*kind, vm, children[index]);
  return PRL_ERR_SUCCESS;
}

}  // namespace prl::sdk::property
