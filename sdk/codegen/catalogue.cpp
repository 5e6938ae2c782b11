#include "catalogue.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <sstream>

namespace prl::codegen {
namespace {

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

// The C identifiers and keywords in a type.
std::vector<std::string> identifiers_in(const std::string& type) {
  std::vector<std::string> found(1);
  for (const char c : type) {
    const bool part = std::isalnum(static_cast<unsigned char>(c)) || c == '_';
    if (part)
      found.back() += c;
    else if (!found.back().empty())
      found.emplace_back();
  }
  if (found.back().empty()) found.pop_back();
  return found;
}

// Loads the files one after the other, so that each can be checked against those before it.
class Loader {
 public:
  Loader(std::filesystem::path folder, Problems& problems)
      : folder_(std::move(folder)), problems_(problems) {}

  Catalogue load() {
    load_headers();
    load_enums();
    load_result_codes();
    load_result_texts();
    load_macros();
    load_typedefs();
    load_structs();
    check_types_of_data();
    load_functions();
    load_virtuozzo_refusals();
    load_properties();
    bind_properties(catalogue_, problems_);
    check_texts(catalogue_, problems_);
    return std::move(catalogue_);
  }

 private:
  CsvTable read(const std::string& file, const std::vector<std::string>& columns) {
    return CsvTable::read(folder_ / file, columns, problems_);
  }

  void complain(const Place& place, const std::string& text) {
    problems_.add(place.file, place.line, text);
  }

  // Each name is unique in the whole API: C has one name space for all of these.
  void claim(const Place& place, const std::string& name) {
    const auto [known, fresh] = names_.emplace(name, place);
    if (fresh) return;
    complain(place, "the name " + name + " is already used in " + known->second.file + ":" +
                        std::to_string(known->second.line));
  }

  Editions editions_of(const Place& place, const std::string& text) {
    if (text == "desktop") return Editions::kDesktop;
    if (text == "virtuozzo") return Editions::kVirtuozzo;
    if (text != "both") complain(place, "unknown edition '" + text + "'");
    return Editions::kBoth;
  }

  int64_t number_of(const Place& place, const std::string& text) {
    int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) {
      complain(place, "'" + text + "' is not a number");
    }
    return value;
  }

  bool yes_or_no(const Place& place, const std::string& text) {
    if (text != "yes" && text != "no" && !text.empty()) {
      complain(place, "'" + text + "' must be yes or no");
    }
    return text == "yes";
  }

  std::string header_of(const Place& place, const std::string& name) {
    if (!header_names_.count(name)) complain(place, "headers.csv has no header '" + name + "'");
    return name;
  }

  void load_headers() {
    const CsvTable table = read("headers.csv", {"name", "includes", "left_out_by", "summary"});
    for (const CsvRow& row : table.rows()) {
      Header header{table.at(row, "name"), words_of(table.at(row, "includes")),
                    table.at(row, "left_out_by"), table.at(row, "summary")};
      for (const std::string& name : header.includes) header_of(row.place, name);
      if (!header_names_.insert(header.name).second) {
        complain(row.place, "the header " + header.name + " is listed twice");
      }
      catalogue_.headers.push_back(std::move(header));
    }
  }

  void load_enums() {
    const CsvTable table =
        read("enums.csv", {"enum", "enumerator", "value", "value_virtuozzo", "editions", "header"});
    for (const CsvRow& row : table.rows()) {
      const std::string& name = table.at(row, "enum");
      if (catalogue_.enums.empty() || catalogue_.enums.back().name != name) {
        claim(row.place, name);
        catalogue_.enums.push_back({name, header_of(row.place, table.at(row, "header")), {}});
      }
      Enumerator enumerator;
      enumerator.name = table.at(row, "enumerator");
      claim(row.place, enumerator.name);
      read_values(table, row, enumerator.value, enumerator.value_virtuozzo);
      enumerator.editions = editions_of(row.place, table.at(row, "editions"));
      enumerator_values_[enumerator.name] = enumerator.value;
      catalogue_.enums.back().enumerators.push_back(std::move(enumerator));
    }
  }

  // Constants are 32 bits wide; the data spell them signed or unsigned.
  int64_t constant_of(const Place& place, const std::string& text) {
    const int64_t value = number_of(place, text);
    if (value < INT32_MIN || value > UINT32_MAX) complain(place, text + " is not a 32-bit number");
    return value;
  }

  void read_values(const CsvTable& table, const CsvRow& row, int64_t& value, int64_t& virtuozzo) {
    value = constant_of(row.place, table.at(row, "value"));
    const std::string& other = table.at(row, "value_virtuozzo");
    virtuozzo = other.empty() ? value : constant_of(row.place, other);
  }

  void load_result_codes() {
    const CsvTable table =
        read("result_codes.csv", {"name", "value", "value_virtuozzo", "editions", "visibility"});
    for (const CsvRow& row : table.rows()) {
      ResultCode code;
      code.name = table.at(row, "name");
      claim(row.place, code.name);
      read_values(table, row, code.value, code.value_virtuozzo);
      code.editions = editions_of(row.place, table.at(row, "editions"));
      const std::string& visibility = table.at(row, "visibility");
      if (visibility != "public" && visibility != "private") {
        complain(row.place, "unknown visibility '" + visibility + "'");
      }
      code.is_public = visibility == "public";
      code.place = row.place;
      result_code_names_.insert(code.name);
      catalogue_.result_codes.push_back(std::move(code));
    }
  }

  void load_result_texts() {
    std::map<std::string, const ResultCode*> without_text;
    for (const ResultCode& code : catalogue_.result_codes) {
      if (code.is_public) without_text.emplace(code.name, &code);
    }
    const auto public_codes = without_text;
    const CsvTable table =
        read("result_texts.csv", {"name", "type", "can_be_ignored", "short", "long"});
    for (const CsvRow& row : table.rows()) {
      const std::string& name = table.at(row, "name");
      if (!public_codes.count(name)) {
        complain(row.place, "no public result code is named " + name);
      } else if (!without_text.erase(name)) {
        complain(row.place, "the texts of " + name + " are given twice");
      }
      ResultText text{name,
                      message_type_of(row.place, table.at(row, "type")),
                      yes_or_no(row.place, table.at(row, "can_be_ignored")),
                      table.at(row, "short"),
                      table.at(row, "long"),
                      row.place};
      for (const std::string& part : {text.brief, text.detailed}) {
        if (part.empty()) complain(row.place, name + " needs a short and a long text");
        if (part == name) complain(row.place, "the name " + name + " is no text");
      }
      text.detailed = text.brief + " " + text.detailed;
      catalogue_.result_texts.push_back(std::move(text));
    }
    for (const auto& [name, code] : without_text) {
      complain(code->place, name + " has no texts in result_texts.csv");
    }
  }

  // "warning" -> "PMT_WARNING"
  std::string message_type_of(const Place& place, const std::string& text) {
    std::string name = "PMT_";
    for (const char c : text)
      name += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    if (!enumerator_values_.count(name)) complain(place, "unknown type of message '" + text + "'");
    return name;
  }

  void load_macros() {
    const CsvTable table =
        read("macros.csv", {"name", "replacement", "replacement_virtuozzo", "editions", "header"});
    for (const CsvRow& row : table.rows()) {
      claim(row.place, table.at(row, "name"));
      catalogue_.macros.push_back({table.at(row, "name"), table.at(row, "replacement"),
                                   table.at(row, "replacement_virtuozzo"),
                                   editions_of(row.place, table.at(row, "editions")),
                                   header_of(row.place, table.at(row, "header"))});
    }
  }

  void load_typedefs() {
    const CsvTable table =
        read("typedefs.csv", {"name", "definition", "definition_virtuozzo", "editions", "header"});
    for (const CsvRow& row : table.rows()) {
      claim(row.place, table.at(row, "name"));
      editions_of(row.place, table.at(row, "editions"));
      catalogue_.typedefs.push_back({table.at(row, "name"), table.at(row, "definition"),
                                     table.at(row, "definition_virtuozzo"),
                                     header_of(row.place, table.at(row, "header"))});
      typedef_places_.push_back(row.place);
    }
  }

  void load_structs() {
    const CsvTable table =
        read("structs.csv", {"struct", "field", "type", "offset", "size", "struct_size", "packed",
                             "layouts_differ", "editions", "header"});
    for (const CsvRow& row : table.rows()) {
      const std::string& tag = table.at(row, "struct");
      if (catalogue_.structs.empty() || catalogue_.structs.back().tag != tag) {
        Struct fresh;
        fresh.tag = tag;
        fresh.name = tag.substr(tag.find_first_not_of('_'));
        claim(row.place, fresh.name);
        fresh.header = header_of(row.place, table.at(row, "header"));
        fresh.size = number_of(row.place, table.at(row, "struct_size"));
        fresh.packed = yes_or_no(row.place, table.at(row, "packed"));
        fresh.layouts_differ = yes_or_no(row.place, table.at(row, "layouts_differ"));
        fresh.editions = editions_of(row.place, table.at(row, "editions"));
        catalogue_.structs.push_back(std::move(fresh));
        struct_places_.push_back(row.place);
      }
      catalogue_.structs.back().fields.push_back({table.at(row, "type"), table.at(row, "field"),
                                                  number_of(row.place, table.at(row, "offset"))});
    }
  }

  void collect_types() {
    types_ = {"const", "struct", "enum",     "void",   "char",  "short",
              "int",   "long",   "unsigned", "signed", "float", "double"};
    for (const Enum& item : catalogue_.enums) types_.insert({item.name, "_" + item.name});
    for (const Typedef& item : catalogue_.typedefs) types_.insert(item.name);
    for (const Struct& item : catalogue_.structs) types_.insert({item.name, item.tag});
    types_.insert({"_PRL_HANDLE", "IPluginInfo"});  // incomplete for ever
  }

  void check_type(const Place& place, const std::string& type) {
    for (const std::string& word : identifiers_in(type)) {
      if (!types_.count(word)) complain(place, "unknown type '" + word + "'");
    }
  }

  void check_types_of_data() {
    collect_types();
    for (size_t i = 0; i < catalogue_.typedefs.size(); ++i) {
      const std::string& definition = catalogue_.typedefs[i].definition;
      check_type(typedef_places_[i], definition.substr(0, definition.find_first_of("[(")));
    }
    for (size_t i = 0; i < catalogue_.structs.size(); ++i) {
      for (const Field& field : catalogue_.structs[i].fields) {
        check_type(struct_places_[i], field.type);
      }
    }
  }

  void load_properties() {
    const CsvTable table = read(
        "properties.csv", {"object", "handle_type", "path", "type", "unit", "kind", "getter",
                           "setter", "count_getter", "editions", "default", "range", "check",
                           "deprecated"});
    for (const CsvRow& row : table.rows()) {
      Property property;
      property.object = table.at(row, "object");
      property.handle_type = table.at(row, "handle_type");
      property.path = table.at(row, "path");
      property.type = table.at(row, "type");
      property.kind = table.at(row, "kind");
      property.getter = table.at(row, "getter");
      property.setter = table.at(row, "setter");
      property.count_getter = table.at(row, "count_getter");
      property.default_text = table.at(row, "default");
      property.range = table.at(row, "range");
      property.check = table.at(row, "check");
      property.place = row.place;
      for (const std::string& function :
           {property.getter, property.setter, property.count_getter}) {
        if (function.empty()) continue;
        if (!function_names_.count(function)) complain(row.place, "unknown function " + function);
        catalogue_.property_of_function.emplace(function, catalogue_.properties.size());
      }
      catalogue_.properties.push_back(std::move(property));
    }
  }

  // REQUIRES: the functions are loaded.
  void load_virtuozzo_refusals() {
    const CsvTable table = read("virtuozzo_refusals.csv", {"name", "source"});
    for (const CsvRow& row : table.rows()) {
      const std::string& name = table.at(row, "name");
      const auto found = std::find_if(
          catalogue_.functions.begin(), catalogue_.functions.end(),
          [&](const Function& function) { return function.name == name; });
      if (found == catalogue_.functions.end()) {
        complain(row.place, "no function is named " + name);
      } else if (found->binding == Binding::kNone) {
        complain(row.place, name + " is refused in every profile");
      } else {
        found->is_refused_in_virtuozzo = true;
      }
    }
  }

  void load_functions() {
    std::vector<std::filesystem::path> files;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(folder_ / "functions", error)) {
      if (entry.path().extension() == ".csv") files.push_back(entry.path());
    }
    if (files.empty()) problems_.add((folder_ / "functions").string(), 0, "holds no CSV file");
    std::sort(files.begin(), files.end());
    for (const std::filesystem::path& file : files) load_family(file);
    auto& functions = catalogue_.functions;
    std::sort(functions.begin(), functions.end(),
              [](const Function& a, const Function& b) { return a.name < b.name; });
    std::map<std::string, std::string> bodies;
    for (const Function& function : functions) {
      const auto [known, fresh] = bodies.emplace(function.body_name, function.name);
      if (fresh) continue;
      complain(function.place, function.name + " and " + known->second +
                                   " would share the body name " + function.body_name);
    }
  }

  void load_family(const std::filesystem::path& file) {
    const CsvTable table =
        CsvTable::read(file,
                       {"name", "editions", "header_desktop", "header_virtuozzo", "since", "kind",
                        "deprecated_desktop", "deprecated_virtuozzo", "parameters",
                        "parameters_virtuozzo", "binding", "job", "init", "text", "codes"},
                       problems_);
    for (const CsvRow& row : table.rows()) load_function(table, row);
  }

  void load_function(const CsvTable& table, const CsvRow& row) {
    Function function;
    function.place = row.place;
    function.name = table.at(row, "name");
    if (function.name.rfind("Prl", 0) != 0 || function.name.find('_') == std::string::npos) {
      complain(row.place, "'" + function.name + "' is not of the form PrlFamily_Name");
    }
    claim(row.place, function.name);
    function.body_name = snake_case_of(function.name);
    function.editions = editions_of(row.place, table.at(row, "editions"));
    function.since = table.at(row, "since");
    function.deprecated_desktop = yes_or_no(row.place, table.at(row, "deprecated_desktop"));
    function.deprecated_virtuozzo = yes_or_no(row.place, table.at(row, "deprecated_virtuozzo"));
    function.header = home_of(table, row, function.editions);
    function.parameters = parameters_of(row.place, table.at(row, "parameters"));
    const std::string& other = table.at(row, "parameters_virtuozzo");
    function.has_two_signatures = !other.empty();
    function.parameters_virtuozzo = parameters_of(row.place, other);
    function.text = table.at(row, "text");
    if (function.text.empty()) complain(row.place, function.name + " has no text");
    function.codes = words_of(table.at(row, "codes"));
    for (const std::string& code : function.codes) {
      if (!result_code_names_.count(code)) complain(row.place, "unknown result code " + code);
    }
    const std::string& init = table.at(row, "init");
    if (!init.empty() && init != "no") complain(row.place, "init must be empty or no");
    function.needs_init = init.empty();
    read_kind(table, row, function);
    read_binding(table, row, function);
    function_names_.insert(function.name);
    catalogue_.functions.push_back(std::move(function));
  }

  void read_kind(const CsvTable& table, const CsvRow& row, Function& function) {
    const std::string& kind = table.at(row, "kind");
    if (kind != "sync" && kind != "async") complain(row.place, "unknown kind '" + kind + "'");
    function.is_async = kind == "async";
    function.job_name = table.at(row, "job");
    if (function.is_async == function.job_name.empty()) {
      complain(row.place, "async functions, and only those, name the operation of their job");
    }
    if (function.job_name.empty()) return;
    const auto found = enumerator_values_.find(function.job_name);
    if (function.job_name.rfind("PJOC_", 0) != 0 || found == enumerator_values_.end()) {
      complain(row.place, "unknown job operation '" + function.job_name + "'");
    } else {
      function.job_operation = found->second;
    }
  }

  void read_binding(const CsvTable& table, const CsvRow& row, Function& function) {
    const std::string& binding = table.at(row, "binding");
    if (binding == "body") {
      function.binding = Binding::kBody;
    } else if (binding == "property") {
      function.binding = Binding::kProperty;
    } else if (binding.empty()) {
      complain(row.place, "binding is missing: body, property or none:<reason>");
    } else if (binding.rfind("none:", 0) != 0 || binding.size() == 5) {
      complain(row.place, "unknown binding '" + binding + "': body, property or none:<reason>");
    } else {
      function.reason = binding.substr(5);
    }
  }

  // One header set serves both editions. Where they disagree, the header that does not retire the
  // function wins, so that PRL_NO_DEPRECATED hides nothing that one of them still recommends.
  std::string home_of(const CsvTable& table, const CsvRow& row, Editions editions) {
    const std::string& desktop = table.at(row, "header_desktop");
    const std::string& virtuozzo = table.at(row, "header_virtuozzo");
    if (desktop.empty() == (editions != Editions::kVirtuozzo) ||
        virtuozzo.empty() == (editions != Editions::kDesktop)) {
      complain(row.place, "each edition of the function, and no other, names a header");
    }
    for (const std::string& name : {desktop, virtuozzo}) {
      if (!name.empty()) header_of(row.place, name);
    }
    const bool retired = desktop.rfind("PrlApiDepr", 0) == 0;
    return desktop.empty() || (retired && !virtuozzo.empty()) ? virtuozzo : desktop;
  }

  std::vector<Parameter> parameters_of(const Place& place, const std::string& text) {
    std::vector<Parameter> parameters;
    std::istringstream stream(text);
    for (std::string item; std::getline(stream, item, ';');) {
      item.erase(0, item.find_first_not_of(' '));
      const size_t space = item.find_last_of(" *");
      if (space == std::string::npos || space + 1 == item.size()) {
        complain(place, "the parameter '" + item + "' is not of the form type name");
        continue;
      }
      Parameter parameter{item.substr(0, space + 1), item.substr(space + 1)};
      while (parameter.type.back() == ' ') parameter.type.pop_back();
      check_type(place, parameter.type);
      parameters.push_back(std::move(parameter));
    }
    return parameters;
  }

  std::filesystem::path folder_;
  Problems& problems_;
  Catalogue catalogue_;
  std::map<std::string, Place> names_;
  std::set<std::string> header_names_;
  std::set<std::string> result_code_names_;
  std::set<std::string> function_names_;
  std::set<std::string> types_;
  std::map<std::string, int64_t> enumerator_values_;
  std::vector<Place> typedef_places_;
  std::vector<Place> struct_places_;
};

}  // namespace

Catalogue Catalogue::load(const std::filesystem::path& folder, Problems& problems) {
  return Loader(folder, problems).load();
}

const Enum* Catalogue::find_enum(const std::string& name) const {
  for (const Enum& item : enums) {
    if (item.name == name) return &item;
  }
  return nullptr;
}

const Property* Catalogue::find_property(const std::string& function) const {
  const auto found = property_of_function.find(function);
  return found == property_of_function.end() ? nullptr : &properties[found->second];
}

const Function* Catalogue::find_function(const std::string& name) const {
  const auto found = std::lower_bound(
      functions.begin(), functions.end(), name,
      [](const Function& function, const std::string& wanted) { return function.name < wanted; });
  return found != functions.end() && found->name == name ? &*found : nullptr;
}

std::string snake_case_of(const std::string& function) {
  const std::string name = function.substr(function.rfind("Prl", 0) == 0 ? 3 : 0);
  const auto upper = [&](size_t i) {
    return i < name.size() && std::isupper(static_cast<unsigned char>(name[i]));
  };
  std::string snake;
  for (size_t i = 0; i < name.size(); ++i) {
    // A word starts at a capital after a small letter or digit, and at the last capital of a run.
    const bool ends_run = upper(i) && i > 0 && upper(i - 1) && i + 1 < name.size() &&
                          std::islower(static_cast<unsigned char>(name[i + 1]));
    const bool starts = upper(i) && i > 0 && name[i - 1] != '_' && (!upper(i - 1) || ends_run);
    if (starts) snake += '_';
    snake += static_cast<char>(std::tolower(static_cast<unsigned char>(name[i])));
  }
  return snake;
}

}  // namespace prl::codegen
