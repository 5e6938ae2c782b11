#include "emit.h"

namespace prl::codegen {
namespace {

std::string storage_name(Storage storage) {
  switch (storage) {
    case Storage::kBool:
      return "PropertyType::kBool";
    case Storage::kUint16:
      return "PropertyType::kUint16";
    case Storage::kInt32:
      return "PropertyType::kInt32";
    case Storage::kUint64:
      return "PropertyType::kUint64";
    case Storage::kDouble:
      return "PropertyType::kDouble";
    case Storage::kString:
      return "PropertyType::kString";
    case Storage::kStrings:
      return "PropertyType::kStrings";
    case Storage::kNumbers:
      return "PropertyType::kNumbers";
    case Storage::kChildren:
      return "PropertyType::kChildren";
    case Storage::kNode:
      return "PropertyType::kNode";
    case Storage::kRecords:
      return "PropertyType::kRecords";
    case Storage::kNone:
    case Storage::kUint32:
      break;
  }
  return "PropertyType::kUint32";
}

// The three columns that hold a default, of which the property's type uses one.
std::string defaults(const Property& property, TextPool& texts) {
  if (property.storage == Storage::kString) return "0, 0, " + texts.put(property.default_text);
  if (property.storage >= Storage::kStrings) return "0, 0, {}";
  if (property.storage == Storage::kDouble) return "0, " + property.default_value + ", {}";
  if (property.storage == Storage::kInt32) {
    return "static_cast<uint64_t>(" + property.default_value + "), 0, {}";
  }
  return property.default_value + "u, 0, {}";
}

// The column names one type or several, or all devices with a star.
std::string handle_types(const Property& property) {
  if (property.handle_type.back() == '*') return "0";
  std::string list = property.handle_type;
  for (size_t space = 0; (space = list.find(' ', space)) != std::string::npos; space += 2) {
    list.insert(space, ",");
  }
  return list;
}

std::string enumerators(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += "  " + name + ",\n";
  return text;
}

// A function of the row that is not bound to it is out of the accessors' sight.
std::string api_of(const Catalogue& catalogue, const std::string& name) {
  const Function* function = catalogue.find_function(name);
  if (function == nullptr || function->binding != Binding::kProperty) return "Api::kCount";
  return "Api::k" + name;
}

}  // namespace

void emit_properties(const Catalogue& catalogue, TextPool& texts, const Output& output) {
  const std::string source = "properties.csv, functions";
  output.write(
      "src/properties.h",
      banner(source) +
          "// The properties that accessors read and write, in the order of their rows. Immutable, "
          "so any thread\n// may read it.\n#pragma once\n\n#include <array>\n#include "
          "<cstdint>\n#include <span>\n"
          "#include <string_view>\n\n#include \"api.h\"\n#include \"sdk/table_text.h\"\n\n"
          "namespace prl::sdk {\n"
          "\n// Enumerations are kUint32.\n"
          "enum class PropertyType : uint8_t {\n  kBool,\n  kUint16,\n  kUint32,\n  kInt32,\n"
          "  kUint64,\n  kDouble,\n  kString,\n  kStrings,\n"
          "  kNumbers,\n  kChildren,\n  kNode,\n  kRecords,\n};\n"
          "\n// What a setter demands of a value.\n"
          "enum class ValueCheck : uint8_t {\n  kNone,\n" +
          enumerators(value_checks()) + "};\n"
          "\nstruct PropertyInfo {\n"
          "  TableText object;  // the family of its functions\n"
          "  // PHT_ numbers of the handles that have it, filled up with 0; no number: every "
          "device.\n"
          "  std::array<uint32_t, 4> handle_types;\n"
          "  TableText path;  // below the object's node of the tree\n"
          "  PropertyType type = PropertyType::kUint32;\n"
          "  uint64_t default_number = 0;\n"
          "  double default_double = 0;\n"
          "  TableText default_text;\n"
          "  TableText range;  // in words; setters do not check it\n"
          "  ValueCheck check = ValueCheck::kNone;\n"
          "  uint32_t child_type = 0;  // of kChildren, kNode and kRecords: PHT_ of what is handed "
          "out\n"
          "  Api getter = Api::kCount;  // kCount: none is bound\n"
          "  Api setter = Api::kCount;\n"
          "  Api count_getter = Api::kCount;\n"
          "};\n"
          "\nstd::span<const PropertyInfo> all_properties();\n\n}  // namespace prl::sdk\n");
  std::string text = banner(source) +
                     "#include \"properties.h\"\n\n#include <prlsdk/Parallels.h>\n\nnamespace "
                     "prl::sdk {\nnamespace {\n\n"
                     "constexpr PropertyInfo kProperties[] = {\n";
  for (const Property& property : catalogue.properties) {
    if (!property.is_bound) continue;
    text += "    {" + texts.put(property.object) + ", {" + handle_types(property) + "}, " +
            texts.put(property.path) + ", " + storage_name(property.storage) + ", " +
            defaults(property, texts) + ", " + texts.put(property.range) + ", ValueCheck::" +
            (property.check.empty() ? "kNone" : property.check) + ", " +
            std::to_string(property.child_type) + ", " +
            api_of(catalogue, property.getter) + ", " + api_of(catalogue, property.setter) + ", " +
            api_of(catalogue, property.count_getter) + "},\n";
  }
  output.write("src/properties.cpp",
               text +
                   "};\n\n}  // namespace\n\nstd::span<const PropertyInfo> all_properties() { "
                   "return kProperties; }\n\n}  // namespace prl::sdk\n");
}

}  // namespace prl::codegen
