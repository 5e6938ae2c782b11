#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>

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

// The paragraphs of docs/behaviour that a docstring names at its end; empty where it names none.
std::string source_of(const Function& function) {
  const std::string& text = function.text;
  const size_t open = text.rfind('(');
  if (open == std::string::npos || !text.ends_with(")")) return {};
  return text.substr(open + 1, text.size() - open - 2);
}

// The tests that name each function.
using TestsOfFunctions = std::map<std::string, std::set<std::string>>;

TestsOfFunctions read_tests(const std::filesystem::path& folder) {
  static const std::regex kName("Prl[A-Za-z0-9]+_[A-Za-z0-9_]+");
  TestsOfFunctions tests;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string test = entry.path().stem().string();
    if (entry.path().extension() != ".cpp" || !test.ends_with("_test")) continue;
    std::ifstream stream(entry.path());
    const std::string text{std::istreambuf_iterator<char>(stream),
                           std::istreambuf_iterator<char>()};
    for (std::sregex_iterator name(text.begin(), text.end(), kName), end; name != end; ++name) {
      tests[name->str()].insert(test);
    }
  }
  return tests;
}

// Every function is called by fidelity_test and misuse_test, and every property by property_test:
// they are named where no other test names the function.
std::string tests_of(const Function& function, const TestsOfFunctions& tests) {
  const auto found = tests.find(function.name);
  if (found == tests.end()) {
    return function.binding == Binding::kProperty ? "property_test" : "fidelity_test";
  }
  std::string names;
  for (const std::string& name : found->second) names += (names.empty() ? "" : ", ") + name;
  return names;
}

bool is_modelled(const Function& function) { return function.binding != Binding::kNone; }

struct Family {
  int modelled = 0;
  int refused = 0;
  std::string rows;
};

std::string page_row(const Function& function, const TestsOfFunctions& tests) {
  return "| " + function.name + " | " + name_of(function.editions) + " | " +
         (is_modelled(function) ? "modelled" : "refused: " + function.reason) + " | " +
         source_of(function) + " | " + tests_of(function, tests) + " |\n";
}

std::string page(const Catalogue& catalogue, const TestsOfFunctions& tests) {
  std::map<std::string, Family> families;
  for (const Function& function : catalogue.functions) {
    Family& family = families[family_of(function)];
    ++(is_modelled(function) ? family.modelled : family.refused);
    family.rows += page_row(function, tests);
  }
  std::string text = "<!-- Generated " + kMade + ". -->\n";
  text += "# What is modelled, function by function\n";
  for (const auto& [name, family] : families) {
    text += "\n## " + name + ": " + std::to_string(family.modelled) + " modelled, " +
            std::to_string(family.refused) + " refused\n\n" +
            "| function | editions | state | source | tests |\n|---|---|---|---|---|\n" +
            family.rows;
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

std::string json_row(const Function& function, const TestsOfFunctions& tests) {
  return "  {\"name\": " + json_text(function.name) +
         ", \"family\": " + json_text(family_of(function)) +
         ", \"editions\": " + json_text(name_of(function.editions)) +
         ", \"modelled\": " + (is_modelled(function) ? "true" : "false") +
         ", \"reason\": " + json_text(function.reason) +
         ", \"source\": " + json_text(source_of(function)) +
         ", \"tests\": " + json_text(tests_of(function, tests)) + "}";
}

std::string json(const Catalogue& catalogue, const TestsOfFunctions& tests) {
  std::string rows;
  for (const Function& function : catalogue.functions) {
    rows += (rows.empty() ? "\n" : ",\n") + json_row(function, tests);
  }
  return "{\"generated\": \"" + kMade + "\",\n \"functions\": [" + rows + "\n]}\n";
}

}  // namespace

void emit_fidelity(const Catalogue& catalogue, const std::filesystem::path& test_folder,
                   const std::string& cells, const Output& output) {
  const TestsOfFunctions tests = read_tests(test_folder);
  output.write("fidelity.md", page(catalogue, tests) + cells);
  output.write("fidelity.json", json(catalogue, tests));
}

}  // namespace prl::codegen
