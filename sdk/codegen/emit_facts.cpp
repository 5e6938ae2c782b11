#include <sstream>

#include "emit.h"

namespace prl::codegen {
namespace {

std::string bits_of(int64_t value) {
  return std::to_string(static_cast<uint32_t>(value)) + "u";
}

std::string constant(const std::string& name, int64_t value, int64_t value_virtuozzo) {
  const auto fact = [&](int64_t wanted) {
    return "PRL_FACT_CONSTANT(" + name + ", " + bits_of(wanted) + ")\n";
  };
  return by_edition(fact(value), fact(value_virtuozzo));
}

std::string signature(const Function& function, const std::vector<Parameter>& parameters) {
  std::string types;
  for (const Parameter& parameter : parameters) {
    types += (types.empty() ? "" : ", ") + parameter.type;
  }
  return "PRL_FACT_SIGNATURE(" + function.name + ", " +
         (function.is_async ? "PRL_HANDLE" : "PRL_RESULT") + ", (" +
         (types.empty() ? "void" : types) + "))\n";
}

std::string struct_facts(const Struct& item) {
  // Only desktop's layout of these is on record.
  if (item.layouts_differ) return "";
  std::string text = "PRL_FACT_SIZE(struct " + item.tag + ", " + std::to_string(item.size) + ")\n";
  for (const Field& field : item.fields) {
    text += "PRL_FACT_OFFSET(struct " + item.tag + ", " +
            field.declarator.substr(0, field.declarator.find('[')) + ", " +
            std::to_string(field.offset) + ")\n";
  }
  return text;
}

bool is_string(const std::string& replacement) {
  return replacement.size() >= 2 && replacement.front() == '"' && replacement.back() == '"';
}

}  // namespace

void emit_facts(const Catalogue& catalogue, const Output& output) {
  std::string text = banner("all files") +
                     "/* Every fact of the API as an assertion; tests/abi says what each kind "
                     "asserts. */\n\n";
  for (const Enum& item : catalogue.enums) {
    for (const Enumerator& enumerator : item.enumerators) {
      text += constant(enumerator.name, enumerator.value, enumerator.value_virtuozzo);
    }
  }
  for (const ResultCode& code : catalogue.result_codes) {
    if (code.is_public) text += constant(code.name, code.value, code.value_virtuozzo);
  }
  for (const Macro& macro : catalogue.macros) {
    if (!is_string(macro.replacement)) continue;
    const auto fact = [&](const std::string& wanted) {
      return "PRL_FACT_STRING(" + macro.name + ", " + wanted + ")\n";
    };
    const std::string& other = macro.replacement_virtuozzo;
    text += by_edition(fact(macro.replacement), fact(other.empty() ? macro.replacement : other));
  }
  for (const Struct& item : catalogue.structs) text += struct_facts(item);
  for (const Function& function : catalogue.functions) {
    const std::string desktop = signature(function, function.parameters);
    text += by_edition(desktop, function.has_two_signatures
                                    ? signature(function, function.parameters_virtuozzo)
                                    : desktop);
  }
  output.write("src/abi_facts.inc", text);
}

}  // namespace prl::codegen
