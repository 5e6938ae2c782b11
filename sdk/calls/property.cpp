#include "sdk/calls/property.h"

#include <algorithm>
#include <cstring>
#include <span>
#include <string>
#include <utility>

#include "properties.h"
#include "sdk/boundary.h"
#include "sdk/node_handle.h"
#include "sdk/objects.h"
#include "sdk/records.h"
#include "sdk/strings.h"
#include "sdk/value_check.h"

namespace prl::sdk::property {

namespace {

// The property that the function being called is bound to.
const PropertyInfo& property_of(const Call& call) {
  return all_properties()[call.info().property];
}

sim::LeafHint& hint_of(const Call& call) {
  return call.library().hint(call.info().property);
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

// Where the property of an object is: in whose tree, and at which path.
struct Target {
  Ref<TreeOwner> owner;
  std::string path_of_node;  // empty where the object is its own tree
  const PropertyInfo& property;

  // Of a leaf or an element below the object.
  std::string path_of(std::string_view name) const {
    return path_of_node.empty() ? std::string(name) : path_of_node + "." + std::string(name);
  }
  sim::PropertyTree tree() const { return owner->tree(); }
};

bool has_property(const Object& object, const PropertyInfo& property) {
  const auto& types = property.handle_types;
  if (types[0] == 0) {
    return object.holds() == Holds::kNode && static_cast<const NodeHandle&>(object).is_device();
  }
  // A VM's configuration is the VM's own object (core-api 4).
  const uint32_t type = object.type() == PHT_VIRTUAL_MACHINE && object.holds() == Holds::kTree
                            ? uint32_t{PHT_VM_CONFIGURATION}
                            : object.type();
  return type != 0 && std::find(types.begin(), types.end(), type) != types.end();
}

// Without an owner where the handle is none that has the property; `code` is then what to answer.
Target target_of(const Call& call, Ref<Object> object, PRL_RESULT& code) {
  Target target{.owner = {}, .path_of_node = {}, .property = property_of(call)};
  code = PRL_ERR_INVALID_ARG;
  if (!object || !has_property(*object, target.property)) return target;
  if (object->holds() == Holds::kTree) {
    target.owner = Ref<TreeOwner>::cast(std::move(object));
  } else if (object->holds() == Holds::kNode) {
    const auto node = Ref<NodeHandle>::cast(std::move(object));
    if (!exists(*node)) {
      code = PRL_ERR_OBJECT_WAS_REMOVED;
      return target;
    }
    target.owner = node->owner;
    target.path_of_node = node->path();
  }
  return target;
}

Target target_of(const Call& call, PRL_HANDLE handle, PRL_RESULT& code) {
  return target_of(call, call.pin_any(handle), code);
}

// Returns what `use` makes of a property that is one leaf: of whose tree it is, and its path there.
// That of a tree of its own, which most are, needs no new text.
template <class Use>
PRL_RESULT at_leaf(const Call& call, PRL_HANDLE handle, Use use) {
  const PropertyInfo& property = property_of(call);
  Ref<Object> object = call.pin_any(handle);
  if (object && object->holds() == Holds::kTree && has_property(*object, property)) {
    return use(static_cast<TreeOwner&>(*object), property.path.view());
  }
  PRL_RESULT code = PRL_ERR_SUCCESS;
  const Target target = target_of(call, std::move(object), code);
  return target.owner ? use(*target.owner, target.path_of(property.path)) : code;
}

// Reads with `read` what the tree holds at the property, null where that is nothing.
template <class Read>
PRL_RESULT with_value(const Call& call, PRL_HANDLE handle, Read read) {
  return at_leaf(call, handle, [&](TreeOwner& owner, std::string_view path) {
    return owner.read_tree([&](const sim::PropertyTree& tree) {
      return read(property_of(call), tree.find(path, hint_of(call)));
    });
  });
}

// What equals the default is not stored: writing it is no change to a fresh object.
template <class Value>
PRL_RESULT store(const Call& call, PRL_HANDLE handle, Value value, bool is_default) {
  return at_leaf(call, handle, [&](TreeOwner& owner, std::string_view path) -> PRL_RESULT {
    owner.edit_tree([&](sim::PropertyTree& tree) {
      if (is_default) {
        tree.erase(path);
      } else {
        tree.set(path, std::move(value), hint_of(call));
      }
    });
    return PRL_ERR_SUCCESS;
  });
}

// "Hardware.Hdd" of the list "Hardware.Hdd[]"; lists of records are written without brackets too.
std::string_view element_of(const PropertyInfo& property) {
  const std::string_view path = property.path;
  return path.ends_with("[]") ? path.substr(0, path.size() - 2) : path;
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

// What a value that does not pass gives: the object is judged first.
PRL_RESULT refusal_of(const Call& call, PRL_HANDLE handle) {
  PRL_RESULT code = PRL_ERR_SUCCESS;
  return target_of(call, handle, code).owner ? PRL_ERR_INVALID_ARG : code;
}

}  // namespace

PRL_RESULT get_number(Call& call, PRL_HANDLE object, PRL_VOID_PTR value) {
  return with_value(
      call, object,
      [&](const PropertyInfo& property, const sim::PropertyValue* stored) -> PRL_RESULT {
        if (!value) return PRL_ERR_INVALID_ARG;
        if (property.type == PropertyType::kDouble) {
          const double* set = std::get_if<double>(stored);
          std::memcpy(value, set ? set : &property.default_double, sizeof(double));
        } else {
          write_number(value, property.type,
                       stored ? std::visit(AsNumber(), *stored) : property.default_number);
        }
        return PRL_ERR_SUCCESS;
      });
}

PRL_RESULT set_number(Call& call, PRL_HANDLE object, PRL_UINT64 value) {
  const PropertyInfo& property = property_of(call);
  if (!passes(property.check, value)) return refusal_of(call, object);
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
  return with_value(
      call, object, [&](const PropertyInfo& property, const sim::PropertyValue* value) {
        const auto* stored = std::get_if<std::string>(value);
        return copy_string(stored ? *stored : property.default_text.view(), buffer, length);
      });
}

PRL_RESULT set_string(Call& call, PRL_HANDLE object, PRL_CONST_STR value) {
  const PropertyInfo& property = property_of(call);
  if (!value && property.check == ValueCheck::kNullIsEmpty) value = "";  // core-api 2.4
  if (!value) return PRL_ERR_INVALID_ARG;
  if (!passes(property.check, std::string_view(value))) return refusal_of(call, object);
  return store(call, object, std::string(value), property.default_text == value);
}

PRL_RESULT get_strings(Call& call, PRL_HANDLE object, PRL_HANDLE_PTR list) {
  return with_value(
      call, object,
      [&](const PropertyInfo& /*property*/, const sim::PropertyValue* value) -> PRL_RESULT {
        if (!list) return PRL_ERR_INVALID_ARG;
        const auto* stored = std::get_if<sim::StringItems>(value);
        *list = call.make<StringsList>(stored ? *stored : sim::StringItems());
        return PRL_ERR_SUCCESS;
      });
}

PRL_RESULT set_strings(Call& call, PRL_HANDLE object, PRL_HANDLE list) {
  const auto strings = call.pin<StringsList>(list);
  if (!strings) return PRL_ERR_INVALID_ARG;
  sim::StringItems items;
  {
    std::lock_guard lock(strings->mutex);
    items = strings->items;
  }
  const ValueCheck check = property_of(call).check;
  const bool pass = std::ranges::all_of(
      items, [&](const std::string& item) { return passes(check, std::string_view(item)); });
  if (!pass) return refusal_of(call, object);
  const bool is_empty = items.empty();
  return store(call, object, std::move(items), is_empty);
}

PRL_RESULT get_numbers(Call& call, PRL_HANDLE object, PRL_HANDLE_PTR list) {
  return with_value(
      call, object,
      [&](const PropertyInfo& /*property*/, const sim::PropertyValue* value) -> PRL_RESULT {
        if (!list) return PRL_ERR_INVALID_ARG;
        auto made = std::make_unique<OpaqueList>(sizeof(uint32_t));
        if (const auto* stored = std::get_if<sim::StringItems>(value)) {
          for (const std::string& item : *stored) {
            const auto number = static_cast<uint32_t>(std::stoul(item));
            const auto bytes = std::as_bytes(std::span(&number, 1));
            made->bytes.insert(made->bytes.end(), bytes.begin(), bytes.end());
          }
        }
        *list = call.give(call.library().handles().insert(std::move(made)));
        return PRL_ERR_SUCCESS;
      });
}

PRL_RESULT set_numbers(Call& call, PRL_HANDLE object, PRL_HANDLE list) {
  const auto numbers = call.pin<OpaqueList>(list);
  if (!numbers || numbers->item_bytes != sizeof(uint32_t)) return PRL_ERR_INVALID_ARG;
  sim::StringItems items;
  {
    std::lock_guard lock(numbers->mutex);
    for (size_t i = 0; i < numbers->bytes.size(); i += sizeof(uint32_t)) {
      uint32_t number = 0;
      std::memcpy(&number, &numbers->bytes[i], sizeof number);
      items.push_back(std::to_string(number));
    }
  }
  const bool is_empty = items.empty();
  return store(call, object, std::move(items), is_empty);
}

PRL_RESULT get_count(Call& call, PRL_HANDLE object, PRL_UINT32_PTR count) {
  PRL_RESULT code = PRL_ERR_SUCCESS;
  const Target target = target_of(call, object, code);
  if (!target.owner) return code;
  if (!count) return PRL_ERR_INVALID_ARG;
  const std::string element = target.path_of(element_of(target.property));
  *count = static_cast<PRL_UINT32>(target.tree().children(element).size());
  return PRL_ERR_SUCCESS;
}

PRL_RESULT get_child(Call& call, PRL_HANDLE object, PRL_UINT32 index, PRL_HANDLE_PTR child) {
  PRL_RESULT code = PRL_ERR_SUCCESS;
  const Target target = target_of(call, object, code);
  if (!target.owner) return code;
  if (!child) return PRL_ERR_INVALID_ARG;
  const std::string element = target.path_of(element_of(target.property));
  const std::vector<uint32_t> children = list_of(target.tree(), element);
  if (index >= children.size()) return PRL_ERR_INVALID_ARG;
  *child =
      call.make<NodeHandle>(target.property.child_type, target.owner, element, children[index]);
  return PRL_ERR_SUCCESS;
}

PRL_RESULT get_node(Call& call, PRL_HANDLE object, PRL_HANDLE_PTR node) {
  PRL_RESULT code = PRL_ERR_SUCCESS;
  const Target target = target_of(call, object, code);
  if (!target.owner) return code;
  if (!node) return PRL_ERR_INVALID_ARG;
  *node = call.make<NodeHandle>(target.property.child_type, target.owner,
                                target.path_of(target.property.path));
  return PRL_ERR_SUCCESS;
}

PRL_RESULT set_node(Call& call, PRL_HANDLE object, PRL_HANDLE node) {
  PRL_RESULT code = PRL_ERR_SUCCESS;
  const Target target = target_of(call, object, code);
  if (!target.owner) return code;
  const auto content = content_of(call.pin_any(node), target.property.child_type);
  if (!content) return PRL_ERR_INVALID_ARG;
  const std::string path = target.path_of(target.property.path);
  target.owner->edit_tree([&](sim::PropertyTree& tree) { tree.put_below(path, *content); });
  return PRL_ERR_SUCCESS;
}

PRL_RESULT get_records(Call& call, PRL_HANDLE object, PRL_HANDLE_PTR list) {
  PRL_RESULT code = PRL_ERR_SUCCESS;
  const Target target = target_of(call, object, code);
  if (!target.owner) return code;
  if (!list) return PRL_ERR_INVALID_ARG;
  const std::string element = target.path_of(element_of(target.property));
  *list = make_records(call, target.tree(), element, target.property.child_type);
  return PRL_ERR_SUCCESS;
}

PRL_RESULT set_records(Call& call, PRL_HANDLE object, PRL_HANDLE list) {
  PRL_RESULT code = PRL_ERR_SUCCESS;
  const Target target = target_of(call, object, code);
  if (!target.owner) return code;
  const auto records = read_records(call, list, target.property.child_type);
  if (!records) return PRL_ERR_INVALID_ARG;
  const std::string element = target.path_of(element_of(target.property));
  target.owner->edit_tree(
      [&](sim::PropertyTree& tree) { replace_children(tree, element, *records); });
  return PRL_ERR_SUCCESS;
}

}  // namespace prl::sdk::property
