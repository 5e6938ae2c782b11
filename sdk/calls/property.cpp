#include "sdk/calls/property.h"

#include <cstring>
#include <string>
#include <utility>

#include "properties.h"
#include "sdk/boundary.h"
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

// The object's copy of the tree; empty where the handle is none of the right type.
std::optional<sim::PropertyTree> tree_of(const Call& call, PRL_HANDLE handle) {
  const auto vm = call.pin<VmHandle>(handle);
  if (!vm) return std::nullopt;
  return vm->get(&sim::VmConfig::properties);
}

// What equals the default is not stored: writing it is no change to a fresh object.
PRL_RESULT store(const Call& call, PRL_HANDLE handle, sim::PropertyValue value, bool is_default) {
  const auto vm = call.pin<VmHandle>(handle);
  if (!vm) return PRL_ERR_INVALID_ARG;
  vm->edit([&](sim::VmConfig& config) {
    if (is_default) {
      config.properties.erase(property_of(call).path);
    } else {
      config.properties.set(property_of(call).path, std::move(value));
    }
  });
  return PRL_ERR_SUCCESS;
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
  const auto tree = tree_of(call, object);
  if (!tree || !value) return PRL_ERR_INVALID_ARG;
  const PropertyInfo& property = property_of(call);
  const sim::PropertyValue* stored = tree->find(property.path);
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
  const auto tree = tree_of(call, object);
  if (!tree || !length) return PRL_ERR_INVALID_ARG;
  const PropertyInfo& property = property_of(call);
  const auto* stored = std::get_if<std::string>(tree->find(property.path));
  return copy_string(stored ? *stored : property.default_text, buffer, length);
}

PRL_RESULT set_string(Call& call, PRL_HANDLE object, PRL_CONST_STR value) {
  if (!value) return PRL_ERR_INVALID_ARG;
  return store(call, object, std::string(value), property_of(call).default_text == value);
}

PRL_RESULT get_strings(Call& call, PRL_HANDLE object, PRL_HANDLE_PTR list) {
  const auto tree = tree_of(call, object);
  if (!tree || !list) return PRL_ERR_INVALID_ARG;
  const auto* stored = std::get_if<sim::StringItems>(tree->find(property_of(call).path));
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

}  // namespace prl::sdk::property
