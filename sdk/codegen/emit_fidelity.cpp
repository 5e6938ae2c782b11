#include <filesystem>
#include <map>

#include "emit.h"

namespace prl::codegen {
namespace {

const std::string kMade = "from sdk/catalogue (functions) by prl_codegen; do not edit";

std::string name_of(Editions editions) {
  if (editions == Editions::kBoth) return "both";
  return editions == Editions::kDesktop ? "desktop" : "virtuozzo";
}

std::string family_of(const Function& function) {
  return std::filesystem::path(function.place.file).stem().string();
}

bool is_modelled(const Function& function) { return function.binding != Binding::kNone; }

struct Family {
  int modelled = 0;
  int refused = 0;
  std::string rows;
};

std::string page_row(const Function& function) {
  return "| " + function.name + " | " + name_of(function.editions) + " | " +
         (is_modelled(function) ? "modelled" : "refused: " + function.reason) + " |\n";
}

std::string page(const Catalogue& catalogue) {
  std::map<std::string, Family> families;
  for (const Function& function : catalogue.functions) {
    Family& family = families[family_of(function)];
    ++(is_modelled(function) ? family.modelled : family.refused);
    family.rows += page_row(function);
  }
  std::string text = "<!-- Generated " + kMade + ". -->\n";
  text += "# What is modelled, function by function\n";
  for (const auto& [name, family] : families) {
    text += "\n## " + name + ": " + std::to_string(family.modelled) + " modelled, " +
            std::to_string(family.refused) + " refused\n\n| function | editions | state |\n" +
            "|---|---|---|\n" + family.rows;
  }
  return text;
}

std::string json_text(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result + "\"";
}

std::string json_row(const Function& function) {
  return "  {\"name\": " + json_text(function.name) +
         ", \"family\": " + json_text(family_of(function)) +
         ", \"editions\": " + json_text(name_of(function.editions)) +
         ", \"modelled\": " + (is_modelled(function) ? "true" : "false") +
         ", \"reason\": " + json_text(function.reason) + "}";
}

std::string json(const Catalogue& catalogue) {
  std::string rows;
  for (const Function& function : catalogue.functions) {
    rows += (rows.empty() ? "\n" : ",\n") + json_row(function);
  }
  return "{\"generated\": \"" + kMade + "\",\n \"functions\": [" + rows + "\n]}\n";
}

}  // namespace

void emit_fidelity(const Catalogue& catalogue, const Output& output) {
  output.write("fidelity.md", page(catalogue));
  output.write("fidelity.json", json(catalogue));
}

}  // namespace prl::codegen
