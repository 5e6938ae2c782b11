#include <algorithm>
#include <cctype>

#include "emit.h"

namespace prl::codegen {
namespace {

// What a type comes to when its typedefs are followed.
struct Shape {
  bool is_pointer = false;
  bool is_to_const = false;
  bool is_callback = false;
  bool is_enum = false;
};

std::string without_const(const std::string& type) {
  return type.rfind("const ", 0) == 0 ? type.substr(6) : type;
}

// "char* const" does not occur: a const in front of "*" belongs to what is pointed at.
Shape shape_of(const Catalogue& catalogue, const std::string& type) {
  if (type.find('(') != std::string::npos) return {.is_callback = true};
  if (type.back() == '*') return {.is_pointer = true, .is_to_const = type.rfind("const ", 0) == 0};
  const std::string name = without_const(type);
  if (catalogue.find_enum(name) != nullptr) return {.is_enum = true};
  const auto alias = std::find_if(catalogue.typedefs.begin(), catalogue.typedefs.end(),
                                  [&](const Typedef& item) { return item.name == name; });
  return alias == catalogue.typedefs.end() ? Shape{} : shape_of(catalogue, alias->definition);
}

bool names_a_size(const std::string& name) {
  std::string lower = name;
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower.find("len") != std::string::npos || lower.find("size") != std::string::npos;
}

// The buffer convention: a pointer to text or bytes, followed by a pointer to their number.
bool begins_a_buffer(const std::vector<Parameter>& parameters, size_t i) {
  const std::string& type = parameters[i].type;
  if (i + 1 == parameters.size() || parameters[i + 1].type != "PRL_UINT32_PTR") return false;
  const bool holds_bytes = type == "PRL_VOID_PTR" || type == "PRL_UINT8_PTR";
  return type == "PRL_STR" || (holds_bytes && names_a_size(parameters[i + 1].name));
}

std::string kind_of(const Catalogue& catalogue, const std::vector<Parameter>& parameters,
                    size_t i) {
  const std::string type = without_const(parameters[i].type);
  if (type == "PRL_HANDLE") return "kHandle";
  if (type == "PRL_CONST_STR") return "kText";
  if (begins_a_buffer(parameters, i)) return "kBuffer";
  if (i > 0 && begins_a_buffer(parameters, i - 1)) return "kLength";
  const Shape shape = shape_of(catalogue, parameters[i].type);
  if (shape.is_callback) return "kCallback";
  if (shape.is_enum) return "kEnum";
  if (!shape.is_pointer) {
    return parameters[i].name.find("Index") != std::string::npos ? "kIndex" : "kNumber";
  }
  const bool follows_callback = i > 0 && shape_of(catalogue, parameters[i - 1].type).is_callback;
  if (follows_callback && type == "PRL_VOID_PTR") return "kUserData";
  return shape.is_to_const ? "kIn" : "kOut";
}

}  // namespace

void emit_misuse(const Catalogue& catalogue, const Output& output) {
  std::string text = banner("functions") +
                     "// One row per exported function, in order of name: what tests/sdk needs to "
                     "call it with arguments\n// of its choice.\n\n";
  for (const Function& function : catalogue.functions) {
    std::string kinds;
    for (size_t i = 0; i < function.parameters.size(); ++i) {
      kinds += (i == 0 ? "" : ", ") + kind_of(catalogue, function.parameters, i);
    }
    text += "PRL_MISUSE_CALL(" + function.name + (kinds.empty() ? "" : ", " + kinds) + ")\n";
  }
  output.write("src/misuse_calls.inc", text);
}

}  // namespace prl::codegen
