// What makes a function fit the property that it is bound to: a row of properties.csv that names
// it, an object with a tree behind it, a type that an accessor serves, the parameters that such an
// accessor has, and a default that can be written down.
#include <algorithm>
#include <charconv>
#include <iterator>
#include <limits>

#include "catalogue.h"

namespace prl::codegen {
namespace {

struct ValueType {
  const char* name;       // in the column `type`
  const char* parameter;  // of a setter; a getter takes a pointer to it
  Storage storage;
};

constexpr ValueType kValueTypes[] = {
    {"bool", "PRL_BOOL", Storage::kBool},       {"uint16", "PRL_UINT16", Storage::kUint16},
    {"uint32", "PRL_UINT32", Storage::kUint32}, {"int32", "PRL_INT32", Storage::kInt32},
    {"uint64", "PRL_UINT64", Storage::kUint64}, {"double", "PRL_DOUBLE", Storage::kDouble},
};

template <class T>
bool is_number(const std::string& text) {
  T value = 0;
  const char* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, value);
  return error == std::errc() && end == last;
}

class Binder {
 public:
  Binder(Catalogue& catalogue, Problems& problems) : catalogue_(catalogue), problems_(problems) {}

  void bind_all() {
    for (Function& function : catalogue_.functions) {
      if (function.binding == Binding::kProperty) bind(function);
    }
    check_shared_paths();
  }

 private:
  void complain(const Place& place, const std::string& text) {
    problems_.add(place.file, place.line, text);
  }

  void bind(Function& function) {
    const auto row = catalogue_.property_of_function.find(function.name);
    if (row == catalogue_.property_of_function.end()) {
      return complain(function.place, "no row of properties.csv names " + function.name);
    }
    Property& property = catalogue_.properties[row->second];
    if (property.handle_type.empty()) {
      return complain(function.place, "no handle has the properties of " + property.object);
    }
    if (property.path.find(' ') != std::string::npos) {
      return complain(function.place, "'" + property.path + "' is not one leaf");
    }
    const std::string value_type = find_type(property);
    if (property.storage == Storage::kNone) {
      return complain(function.place, "no accessor serves the type '" + property.type + "'");
    }
    choose_accessor(function, property, value_type);
    if (property.storage >= Storage::kChildren) read_child_type(property);
    const auto& checks = value_checks();
    if (!property.check.empty() &&
        std::find(checks.begin(), checks.end(), property.check) == checks.end()) {
      complain(property.place, "unknown check '" + property.check + "'");
    }
    if (!property.is_bound) read_default(property);
    property.is_bound = true;
  }

  bool is_enum(const std::string& type) const { return catalogue_.find_enum(type) != nullptr; }
  // Some functions pass an enumerator as the number that it is.
  static std::string plain(bool is_getter) { return is_getter ? "PRL_UINT32_PTR" : "PRL_UINT32"; }

  // The type of a setter's parameter, for values of a fixed size.
  std::string find_type(Property& property) const {
    for (const ValueType& type : kValueTypes) {
      if (property.type == type.name) {
        property.storage = type.storage;
        return type.parameter;
      }
      if (resolved(property.type) == type.parameter) {
        property.storage = type.storage;
        return property.type;
      }
    }
    if (property.type == "string") property.storage = Storage::kString;
    if (property.type == "list<string>") property.storage = Storage::kStrings;
    const std::string item = item_type(property.type);
    if (item.rfind("PHT_", 0) == 0) property.storage = Storage::kRecords;
    if (is_enum(item)) property.storage = Storage::kNumbers;
    if (property.kind == "list") property.storage = Storage::kChildren;
    if (property.type.rfind("handle:", 0) == 0) property.storage = Storage::kNode;
    if (is_enum(property.type)) property.storage = Storage::kUint32;
    return property.type;
  }

  // What a typedef of a number stands for, PRL_RESULT included.
  std::string resolved(const std::string& name) const {
    if (name == "PRL_RESULT") return "PRL_INT32";
    for (const Typedef& alias : catalogue_.typedefs) {
      if (alias.name == name && alias.definition.rfind("PRL_", 0) == 0) return alias.definition;
    }
    return "";
  }

  // "list<X>" -> "X"; empty for what is no list.
  static std::string item_type(const std::string& type) {
    if (type.rfind("list<", 0) != 0) return "";
    return type.substr(5, type.size() - 6);
  }

  void read_child_type(Property& property) {
    const bool is_node = property.storage == Storage::kNode;
    const std::string name = is_node ? property.type.substr(7) : item_type(property.type);
    if (name == "PHT_*") return;  // the class of the child says
    const Enum* types = catalogue_.find_enum("PRL_HANDLE_TYPE");
    for (const Enumerator& type : types->enumerators) {
      if (type.name == name) property.child_type = type.value;
    }
    if (property.child_type == 0) complain(property.place, "no handle type '" + name + "'");
  }

  void choose_accessor(Function& function, const Property& property, const std::string& type) {
    const bool is_getter = function.name == property.getter;
    std::vector<std::string> wanted = {"PRL_HANDLE"};
    std::string noun = "number";
    if (property.storage == Storage::kString) {
      noun = "string";
      if (is_getter) wanted.insert(wanted.end(), {"PRL_STR", "PRL_UINT32_PTR"});
      if (!is_getter) wanted.push_back("PRL_CONST_STR");
    } else if (property.storage == Storage::kChildren) {
      noun = is_getter ? "child" : "count";
      if (is_getter) wanted.push_back("PRL_UINT32");
      wanted.push_back(is_getter ? "PRL_HANDLE_PTR" : "PRL_UINT32_PTR");
    } else if (property.storage >= Storage::kStrings) {
      noun = property.storage == Storage::kStrings   ? "strings"
             : property.storage == Storage::kNumbers ? "numbers"
             : property.storage == Storage::kNode    ? "node"
                                                     : "records";
      wanted.push_back(is_getter ? "PRL_HANDLE_PTR" : "PRL_HANDLE");
    } else {
      if (property.storage == Storage::kDouble && !is_getter) noun = "double";
      wanted.push_back(is_getter ? type + "_PTR" : type);
    }
    const bool reads = function.name != property.setter;
    function.accessor = (reads ? "get_" : "set_") + noun;
    bool fits = !function.is_async && !function.has_two_signatures &&
                function.parameters.size() == wanted.size();
    for (size_t i = 0; fits && i < wanted.size(); ++i) {
      const std::string& found = function.parameters[i].type;
      fits = found == wanted[i] || (is_enum(property.type) && found == plain(is_getter));
    }
    if (fits) return;
    std::string list;
    for (const std::string& item : wanted) list += (list.empty() ? "" : "; ") + item;
    complain(function.place, "a " + std::string(reads ? "getter" : "setter") + " of type '" +
                                 property.type + "' is sync and takes " + list);
  }

  // An empty column means zero, false, the empty text or no items.
  void read_default(Property& property) {
    const std::string& text = property.default_text;
    property.default_value = text.empty() ? "0" : text;
    bool fits = true;
    switch (property.storage) {
      case Storage::kNone:
      case Storage::kString:
        break;
      case Storage::kStrings:
      case Storage::kNumbers:
      case Storage::kChildren:
      case Storage::kNode:
      case Storage::kRecords:
        fits = text.empty();
        break;
      case Storage::kBool:
        fits = text.empty() || text == "0" || text == "1";
        break;
      case Storage::kUint16:
        fits = is_number<uint16_t>(property.default_value);
        break;
      case Storage::kInt32:
        fits = is_number<int32_t>(property.default_value);
        break;
      case Storage::kUint64:
        fits = is_number<uint64_t>(property.default_value);
        break;
      case Storage::kDouble:
        fits = is_number<double>(property.default_value);
        break;
      case Storage::kUint32:
        fits = is_number<uint32_t>(property.default_value) || read_enumerator(property);
        break;
    }
    if (!fits) complain(property.place, "the default '" + text + "' does not fit the type");
  }

  bool read_enumerator(Property& property) const {
    const Enum* type = catalogue_.find_enum(property.type);
    if (type == nullptr) return false;
    for (const Enumerator& enumerator : type->enumerators) {
      if (enumerator.name != property.default_text) continue;
      property.default_value = std::to_string(static_cast<uint32_t>(enumerator.value));
      return true;
    }
    return false;
  }

  // Two rows may share a leaf, a flag and a mode for instance, but it has one default.
  void check_shared_paths() {
    std::map<std::string, const Property*> seen;
    for (const Property& property : catalogue_.properties) {
      if (!property.is_bound) continue;
      const auto [known, fresh] = seen.emplace(property.object + " " + property.path, &property);
      if (fresh) continue;
      const Property& other = *known->second;
      const bool are_numbers =
          property.storage < Storage::kDouble && other.storage < Storage::kDouble;
      const bool are_alike = are_numbers || property.storage == other.storage;
      if (are_alike && property.default_value == other.default_value) continue;
      complain(property.place, property.path + " has another type or default in line " +
                                   std::to_string(other.place.line));
    }
  }

  Catalogue& catalogue_;
  Problems& problems_;
};

}  // namespace

const std::vector<std::string>& value_checks() {
  static const std::vector<std::string> names = {"kNotZero",     "kNotEmpty", "kPort",
                                                 "kIp4",         "kIp6",      "kIp4OrEmpty",
                                                 "kIp6OrEmpty",  "kNetwork",  "kNumberRanges",
                                                 "kNullIsEmpty", "kReportReason", "kReportType"};
  return names;
}

void bind_properties(Catalogue& catalogue, Problems& problems) {
  Binder(catalogue, problems).bind_all();
}

}  // namespace prl::codegen
