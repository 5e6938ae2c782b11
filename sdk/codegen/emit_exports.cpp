#include "emit.h"

namespace prl::codegen {
namespace {

std::string names_after_comma(const std::vector<Parameter>& parameters) {
  std::string text;
  for (const Parameter& parameter : parameters) text += ", " + parameter.name;
  return text;
}

std::string types_only(const std::vector<Parameter>& parameters) {
  std::string text;
  for (const Parameter& parameter : parameters) text += (text.empty() ? "" : ", ") + parameter.type;
  return text;
}

// The few accessors take wide types, so that the gate is compiled for few shapes.
std::string accessor_arguments(const Function& function) {
  const std::string& last = function.parameters.back().name;
  const std::string front = ", " + function.parameters.front().name + ", ";
  if (function.accessor == "get_number") return front + "static_cast<PRL_VOID_PTR>(" + last + ")";
  if (function.accessor == "set_number") return front + "static_cast<PRL_UINT64>(" + last + ")";
  return names_after_comma(function.parameters);
}

std::string result_type(const Function& function) {
  return function.is_async ? "PRL_HANDLE" : "PRL_RESULT";
}

// The exported function: one line, all of its work behind the gate.
std::string thunk(const Function& function) {
  const std::string api = "Api::k" + function.name;
  const std::string job = function.is_async ? "_job" : "";
  const std::string head = result_type(function) + " PRL_CALL " + function.name + "(";
  if (function.binding == Binding::kNone) {
    return head + types_only(function.parameters) + ") { return not_modelled" + job + "(" + api +
           "); }\n";
  }
  const std::string list = function.parameters.empty() ? "" : parameter_list(function.parameters);
  if (function.binding == Binding::kProperty) {
    return head + list + ") { return enter(" + api + ", &property::" + function.accessor +
           accessor_arguments(function) + "); }\n";
  }
  return head + list + ") { return enter" + job + "(" + api + ", &calls::" + function.body_name +
         names_after_comma(function.parameters) + "); }\n";
}

void emit_calls(const Catalogue& catalogue, const Output& output) {
  std::string text = banner("functions") +
                     "// The bodies written by hand in sdk/calls, one per row bound to body. The "
                     "compiler holds them to\n// these declarations; a missing body is a link "
                     "error that names the function.\n#pragma once\n\n"
                     "#include \"prlsdk/Parallels.h\"\n\nnamespace prl::sdk {\n\nclass Call;\n\n"
                     "namespace calls {\n";
  for (const Function& function : catalogue.functions) {
    if (function.binding != Binding::kBody) continue;
    text += "\n" + result_type(function) + " " + function.body_name + "(Call& call";
    for (const Parameter& parameter : function.parameters) {
      text += ", " + parameter.type + " " + parameter.name;
    }
    text += ");\n";
  }
  output.write("src/calls.h", text + "\n}  // namespace calls\n}  // namespace prl::sdk\n");
}

}  // namespace

void emit_exports(const Catalogue& catalogue, const Output& output) {
  emit_calls(catalogue, output);
  std::string text = banner("functions") +
                     "// The exported functions. Each passes the gate in sdk/boundary.h.\n"
                     "#include \"api.h\"\n#include \"calls.h\"\n#include \"sdk/boundary.h\"\n"
                     "#include \"sdk/calls/property.h\"\n\n"
                     "using prl::sdk::Api;\nusing prl::sdk::enter;\nusing prl::sdk::enter_job;\n"
                     "using prl::sdk::not_modelled;\nusing prl::sdk::not_modelled_job;\n"
                     "namespace calls = prl::sdk::calls;\n"
                     "namespace property = prl::sdk::property;\n\nextern \"C\" {\n";
  std::string map = banner("functions") + "{\n  global:\n    PrlSim_*;\n";
  for (const Function& function : catalogue.functions) {
    text += "\n" + thunk(function);
    map += "    " + function.name + ";\n";
  }
  output.write("src/exports.cpp", text + "\n}  // extern \"C\"\n");
  output.write("src/prl_sdk.map", map + "  local:\n    *;\n};\n");
}

}  // namespace prl::codegen
