#include <map>

#include "emit.h"

namespace prl::codegen {
namespace {

const std::string kList = "PRL_SDK_WRAP_FOR_EACH";

// The functions of the headers that a client leaves out with `guard`, or with nothing.
std::vector<std::string> iterations(const Catalogue& catalogue, const std::string& guard) {
  std::map<std::string, std::string> guards;
  for (const Header& header : catalogue.headers) guards[header.name] = header.left_out_by;
  std::vector<std::string> items;
  for (const Function& function : catalogue.functions) {
    if (guards[function.header] != guard) continue;
    items.push_back(kList + "_ITERATOR(" + function.name + ")");
  }
  return items;
}

std::string list_macro(const std::string& name, const std::vector<std::string>& items) {
  std::string text = "#define " + name + "()";
  for (const std::string& item : items) text += " \\\n    " + item;
  return text + "\n";
}

// A list that is empty for clients that leave its functions out.
std::string guarded_list(const Catalogue& catalogue, const std::string& guard,
                         const std::string& name) {
  return "\n#ifndef " + guard + "\n" + list_macro(name, iterations(catalogue, guard)) +
         "#else\n#define " + name + "()\n#endif\n";
}

}  // namespace

void emit_wrap(const Catalogue& catalogue, const Output& output) {
  const std::string deprecated = kList + "_DEPRECATED";
  const std::string manager = kList + "_MANAGER";
  const std::string head = banner("functions") + "/* Applies " + kList +
                           "_ITERATOR(name), which the user defines, to every ";
  output.write("include/prlsdk/PrlApiMacroDepr.h",
               head + "deprecated\n   function of both editions. */\n#pragma once\n" +
                   guarded_list(catalogue, "PRL_NO_DEPRECATED", deprecated));
  std::vector<std::string> items = iterations(catalogue, "");
  items.push_back(manager + "()");
  items.push_back(deprecated + "()");
  output.write("include/prlsdk/PrlApiMacro.h",
               head +
                   "function of\n   both editions, the deprecated ones last. */\n"
                   "#pragma once\n\n#include \"PrlApiMacroDepr.h\"\n" +
                   guarded_list(catalogue, "PRL_NO_MANAGER", manager) + "\n" +
                   list_macro(kList, items));
}

}  // namespace prl::codegen
