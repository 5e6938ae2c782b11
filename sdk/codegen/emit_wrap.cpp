#include "emit.h"

namespace prl::codegen {
namespace {

std::string list_macro(const std::string& name, const std::vector<std::string>& items) {
  std::string text = "#define " + name + "()";
  for (const std::string& item : items) text += " \\\n    " + item;
  return text + "\n";
}

bool is_deprecated(const Function& function) {
  return function.header.rfind("PrlApiDepr", 0) == 0;
}

std::vector<std::string> iterations(const Catalogue& catalogue, bool deprecated) {
  std::vector<std::string> items;
  for (const Function& function : catalogue.functions) {
    if (is_deprecated(function) != deprecated) continue;
    items.push_back("PRL_SDK_WRAP_FOR_EACH_ITERATOR(" + function.name + ")");
  }
  return items;
}

}  // namespace

void emit_wrap(const Catalogue& catalogue, const Output& output) {
  const std::string head =
      banner("functions") +
      "/* Applies PRL_SDK_WRAP_FOR_EACH_ITERATOR(name), which the user defines, to every ";
  output.write("include/prlsdk/PrlApiMacroDepr.h",
               head + "deprecated\n   function of both editions. */\n#pragma once\n\n" +
                   list_macro("PRL_SDK_WRAP_FOR_EACH_DEPRECATED", iterations(catalogue, true)));
  std::vector<std::string> items = iterations(catalogue, false);
  items.push_back("PRL_SDK_WRAP_FOR_EACH_DEPRECATED()");
  output.write("include/prlsdk/PrlApiMacro.h",
               head + "function of\n   both editions, the deprecated ones last. */\n"
                      "#pragma once\n\n#include \"PrlApiMacroDepr.h\"\n\n" +
                   list_macro("PRL_SDK_WRAP_FOR_EACH", items));
}

}  // namespace prl::codegen
