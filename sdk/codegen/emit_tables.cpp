#include <algorithm>
#include <map>

#include "emit.h"

namespace prl::codegen {
namespace {

const std::string kOpen = "\nnamespace prl::sdk {\n";
const std::string kClose = "\n}  // namespace prl::sdk\n";

std::string edition_name(Editions editions) {
  if (editions == Editions::kBoth) return "Edition::kBoth";
  return editions == Editions::kDesktop ? "Edition::kDesktop" : "Edition::kVirtuozzo";
}

std::string binding_name(Binding binding) {
  if (binding == Binding::kBody) return "Binding::kBody";
  return binding == Binding::kProperty ? "Binding::kProperty" : "Binding::kNone";
}

// The number that emit_properties() gives the function's property, or "kNoProperty".
std::string property_number(const Catalogue& catalogue, const Function& function) {
  if (function.binding != Binding::kProperty) return "kNoProperty";
  const Property* wanted = catalogue.find_property(function.name);
  const auto bound_before = std::count_if(
      catalogue.properties.data(), wanted, [](const Property& row) { return row.is_bound; });
  return std::to_string(bound_before);
}

void emit_api_header(const Catalogue& catalogue, const Output& output) {
  std::string text = banner("functions") +
                     "// The catalogue as the library sees it: one Api per exported function, in "
                     "order of name. Immutable,\n// so any thread may read it.\n#pragma once\n\n"
                     "#include <cassert>\n#include <cstddef>\n#include <cstdint>\n"
                     "#include <optional>\n#include <string_view>\n\n"
                     "#include \"sdk/table_text.h\"\n" +
                     kOpen + "\nenum class Api : uint16_t {\n";
  for (const Function& function : catalogue.functions) text += "  k" + function.name + ",\n";
  text +=
      "  kCount,\n};\n"
      "\n// kSync functions return PRL_RESULT, kAsync ones the handle of a job.\n"
      "enum class Kind : uint8_t { kSync, kAsync };\n"
      "\n// Whether a function is written in sdk/calls, reads or writes a property, or answers "
      "that it\n// is not modelled.\n"
      "enum class Binding : uint8_t { kBody, kProperty, kNone };\n"
      "\nconstexpr uint16_t kNoProperty = 0xFFFF;\n"
      "\n// Which published editions have a function: a set of bits.\n"
      "enum class Edition : uint8_t { kDesktop = 1, kVirtuozzo = 2, kBoth = 3 };\n"
      "\nstruct ApiInfo {\n"
      "  TableText name;\n"
      "  Kind kind = Kind::kSync;\n"
      "  bool needs_init = true;\n"
      "  Binding binding = Binding::kNone;\n"
      "  TableText reason;    // why there is no body\n"
      "  int32_t job_operation = 0;  // PJOC_ number of an asynchronous function\n"
      "  Edition editions = Edition::kBoth;\n"
      "  bool is_refused_in_virtuozzo = false;  // answers that it is not implemented there\n"
      "  uint16_t property = kNoProperty;  // its place in all_properties(), where it is bound to "
      "one\n"
      "};\n"
      "\nextern const ApiInfo kApiInfos[];\n"
      "\n// Every call asks.\n"
      "inline const ApiInfo& api_info(Api api) {\n"
      "  assert(api < Api::kCount);\n"
      "  return kApiInfos[static_cast<size_t>(api)];\n}\n"
      "std::optional<Api> find_api(std::string_view name);\n";
  output.write("src/api.h", text + kClose);
}

void emit_api_table(const Catalogue& catalogue, TextPool& texts, const Output& output) {
  std::string text = banner("functions") +
                     "#include \"api.h\"\n\n#include <algorithm>\n#include <iterator>\n" +
                     kOpen + "\nconstexpr ApiInfo kApiInfos[] = {\n";
  for (const Function& function : catalogue.functions) {
    text += "    {" + texts.put(function.name) + ", " +
            (function.is_async ? "Kind::kAsync" : "Kind::kSync") + ", " +
            (function.needs_init ? "true" : "false") + ", " +
            binding_name(function.binding) + ", " + texts.put(function.reason) + ", " +
            std::to_string(function.job_operation) + ", " + edition_name(function.editions) + ", " +
            (function.is_refused_in_virtuozzo ? "true" : "false") + ", " +
            property_number(catalogue, function) + "},\n";
  }
  text +=
      "};\nstatic_assert(std::size(kApiInfos) == static_cast<size_t>(Api::kCount));\n"
      "\nstd::optional<Api> find_api(std::string_view name) {\n"
      "  const auto* found = std::lower_bound(\n"
      "      std::begin(kApiInfos), std::end(kApiInfos), name,\n"
      "      [](const ApiInfo& info, std::string_view wanted) { return info.name.view() < wanted; "
      "});\n"
      "  if (found == std::end(kApiInfos) || found->name != name) return std::nullopt;\n"
      "  return static_cast<Api>(found - std::begin(kApiInfos));\n}\n";
  output.write("src/api_table.cpp", text + kClose);
}

void emit_names_header(const Output& output) {
  output.write(
      "src/names.h",
      banner("result_codes.csv, enums.csv") +
          "// Spellings of result codes, handle types and event types. Immutable, so any thread "
          "may read it.\n#pragma once\n\n#include <cstdint>\n#include <optional>\n"
          "#include <span>\n#include <string_view>\n\n#include \"sdk/table_text.h\"\n" +
          kOpen +
          "\nstruct NamedCode {\n  TableText name;\n  int32_t value;\n};\n"
          "\n// The name of the value, or \"Unknown\". Where several names share a value, one is "
          "fixed: not an\n// obsolete one, public before private, desktop's before Virtuozzo's, "
          "then the shortest.\n"
          "const char* result_name(int32_t code);\n"
          "const char* handle_type_name(uint32_t type);\n"
          "const char* event_type_name(uint32_t type);\n"
          "\n// Every spelling, those that share a value included; private codes too.\n"
          "std::optional<int32_t> result_code_by_name(std::string_view name);\n"
          "// Sorted by name.\nstd::span<const NamedCode> all_result_codes();\n"
          "// Sorted by value.\nstd::span<const NamedCode> all_event_types();\n"
          "std::span<const NamedCode> all_handle_types();\n" +
          kClose);
}

// Picks the name that stands for a value; smaller is better.
struct Candidate {
  std::string name;
  Editions editions = Editions::kBoth;
  bool is_public = true;

  bool better_than(const Candidate& other) const {
    const auto obsolete = [](const Candidate& c) {
      return c.name.find("_OBSOLETE") != std::string::npos;
    };
    if (obsolete(*this) != obsolete(other)) return obsolete(other);
    if (is_public != other.is_public) return is_public;
    const bool virtuozzo = editions == Editions::kVirtuozzo;
    const bool other_virtuozzo = other.editions == Editions::kVirtuozzo;
    if (virtuozzo != other_virtuozzo) return other_virtuozzo;
    return name.size() < other.name.size();
  }
};

class NameTable {
 public:
  void offer(int64_t value, const Candidate& candidate) {
    const auto key = static_cast<int32_t>(static_cast<uint32_t>(value));
    const auto [known, fresh] = best_.emplace(key, candidate);
    if (!fresh && candidate.better_than(known->second)) known->second = candidate;
  }

  const std::map<int32_t, Candidate>& names() const { return best_; }

  std::string render(const std::string& variable, TextPool& texts) const {
    std::string text = "constexpr NamedCode " + variable + "[] = {\n";
    for (const auto& [value, candidate] : best_) {
      text += "    {" + texts.put(candidate.name) + ", " + std::to_string(value) + "},\n";
    }
    return text + "};\n\n";
  }

 private:
  std::map<int32_t, Candidate> best_;
};

std::string enum_table(const Catalogue& catalogue, const std::vector<std::string>& enums,
                       const std::string& variable, TextPool& texts) {
  NameTable table;
  for (const std::string& name : enums) {
    const Enum* found = catalogue.find_enum(name);
    if (found == nullptr) continue;
    for (const Enumerator& enumerator : found->enumerators) {
      const std::string& spelling = enumerator.name;
      // Ends of ranges are no types.
      if (spelling == "PHT_LAST" || spelling == "PET_LAST") continue;
      table.offer(enumerator.value, {spelling, enumerator.editions, true});
    }
  }
  return table.render(variable, texts);
}

void emit_names(const Catalogue& catalogue, TextPool& texts, const Output& output) {
  std::map<std::string, int64_t> by_name;
  NameTable by_value;
  for (const ResultCode& code : catalogue.result_codes) {
    by_name[code.name] = code.value;
    by_value.offer(code.value, {code.name, code.editions, code.is_public});
  }
  std::string text = banner("result_codes.csv, enums.csv") +
                     "#include \"names.h\"\n\n#include <algorithm>\n" + kOpen +
                     "namespace {\n\nconstexpr NamedCode kResultCodes[] = {\n";
  for (const auto& [name, value] : by_name) {
    text += "    {" + texts.put(name) + ", " + std::to_string(static_cast<int32_t>(value)) + "},\n";
  }
  text += "};\n\n" + by_value.render("kResultNames", texts) +
          enum_table(catalogue, {"PRL_HANDLE_TYPE"}, "kHandleTypes", texts) +
          enum_table(catalogue, {"PRL_EVENT_TYPE", "PRL_PRIVATE_EVENT_TYPE"}, "kEventTypes", texts);
  text +=
      "const char* name_in(std::span<const NamedCode> table, int32_t value) {\n"
      "  const auto found = std::lower_bound(\n"
      "      table.begin(), table.end(), value,\n"
      "      [](const NamedCode& entry, int32_t wanted) { return entry.value < wanted; });\n"
      "  const bool is_there = found != table.end() && found->value == value;\n"
      "  return is_there ? found->name.c_str() : \"Unknown\";\n"
      "}\n\n}  // namespace\n"
      "\nconst char* result_name(int32_t code) { return name_in(kResultNames, code); }\n"
      "\nconst char* handle_type_name(uint32_t type) {\n"
      "  return name_in(kHandleTypes, static_cast<int32_t>(type));\n}\n"
      "\nconst char* event_type_name(uint32_t type) {\n"
      "  return name_in(kEventTypes, static_cast<int32_t>(type));\n}\n"
      "\nstd::optional<int32_t> result_code_by_name(std::string_view name) {\n"
      "  const auto* found = std::lower_bound(\n"
      "      std::begin(kResultCodes), std::end(kResultCodes), name,\n"
      "      [](const NamedCode& entry, std::string_view wanted) { return entry.name.view() < "
      "wanted; });\n"
      "  if (found == std::end(kResultCodes) || found->name != name) return std::nullopt;\n"
      "  return found->value;\n}\n"
      "\nstd::span<const NamedCode> all_result_codes() { return kResultCodes; }\n"
      "\nstd::span<const NamedCode> all_event_types() { return kEventTypes; }\n"
      "\nstd::span<const NamedCode> all_handle_types() { return kHandleTypes; }\n";
  output.write("src/names.cpp", text + kClose);
}

// Where several codes share a number, the one that gives it its name gives it its texts too.
void emit_result_texts(const Catalogue& catalogue, TextPool& pool, const Output& output) {
  NameTable by_value;
  for (const ResultCode& code : catalogue.result_codes) {
    if (code.is_public) by_value.offer(code.value, {code.name, code.editions, true});
  }
  std::map<std::string, const ResultText*> texts;
  for (const ResultText& text : catalogue.result_texts) texts[text.code] = &text;
  std::string source = banner("result_texts.csv") + "#include \"sdk/errors.h\"\n" + kOpen +
                       "namespace {\n\nconstexpr ResultText kTexts[] = {\n";
  for (const auto& [value, candidate] : by_value.names()) {
    const ResultText& text = *texts.at(candidate.name);
    source += "    {" + std::to_string(value) + ", " + text.message_type + ", " +
              (text.can_be_ignored ? "true" : "false") + ",\n     " + pool.put(text.brief) +
              ",\n     " + pool.put(text.detailed) + "},\n";
  }
  source +=
      "};\n\n}  // namespace\n"
      "\nstd::span<const ResultText> all_result_texts() { return kTexts; }\n";
  output.write("src/result_texts.cpp", source + kClose);
}

}  // namespace

std::string TextPool::put(const std::string& text) {
  const auto [known, fresh] = places_.emplace(text, end_);
  if (fresh) {
    texts_.push_back(text);
    end_ += text.size() + 1;
  }
  return "{" + std::to_string(known->second) + ", " + std::to_string(text.size()) + "}";
}

void TextPool::emit(const Output& output) const {
  std::string source = banner("the texts of every table") + "#include \"sdk/table_text.h\"\n" +
                       kOpen + "\nconst char kTableTexts[] =\n";
  for (const std::string& text : texts_) source += "    " + quoted(text) + " \"\\0\"\n";
  output.write("src/table_texts.cpp", source + "    ;\n" + kClose);
}

// Texts hold no control characters.
std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result + "\"";
}

void emit_tables(const Catalogue& catalogue, TextPool& texts, const Output& output) {
  emit_api_header(catalogue, output);
  emit_api_table(catalogue, texts, output);
  emit_names_header(output);
  emit_names(catalogue, texts, output);
  emit_result_texts(catalogue, texts, output);
}

}  // namespace prl::codegen
