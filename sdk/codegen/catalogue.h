// The API as data: what the CSV files under sdk/catalogue say, checked. Everything that the
// generator writes comes from here. Rows keep the order of their files, functions are sorted by
// name, so that output does not depend on how a folder happens to be listed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "csv.h"

namespace prl::codegen {

// In which published editions a name exists.
enum class Editions { kDesktop = 1, kVirtuozzo = 2, kBoth = 3 };

// What stands behind a function: one of sdk/calls, an accessor of its property, or nothing.
enum class Binding { kNone, kBody, kProperty };

struct Header {
  std::string name;
  std::vector<std::string> includes;
  std::string left_out_by;  // a client that defines this macro does not get the header
  std::string summary;
};

struct Enumerator {
  std::string name;
  int64_t value = 0;
  int64_t value_virtuozzo = 0;
  Editions editions = Editions::kBoth;
};

struct Enum {
  std::string name;
  std::string header;
  std::vector<Enumerator> enumerators;
};

struct ResultCode {
  std::string name;
  int64_t value = 0;
  int64_t value_virtuozzo = 0;
  Editions editions = Editions::kBoth;
  bool is_public = true;  // private codes have a name in the tables but none in the headers
  Place place;
};

// What a user is told about a public code.
struct ResultText {
  std::string code;
  std::string message_type;  // "PMT_WARNING"
  bool can_be_ignored = false;
  std::string brief;
  std::string detailed;  // `brief` and what follows from it
  Place place;
};

struct Macro {
  std::string name;
  std::string replacement;
  std::string replacement_virtuozzo;  // empty when both editions agree
  Editions editions = Editions::kBoth;
  std::string header;
};

// `definition` is a type, "type[n]" for an array, or "type (parameters)" for a pointer to function.
struct Typedef {
  std::string name;
  std::string definition;
  std::string definition_virtuozzo;  // empty when both editions agree
  std::string header;
};

struct Field {
  std::string type;
  std::string declarator;  // name with array bounds
  int64_t offset = 0;
};

struct Struct {
  std::string tag;
  std::string name;  // the typedef: the tag without leading underscores
  std::string header;
  int64_t size = 0;
  bool packed = false;
  bool layouts_differ = false;
  Editions editions = Editions::kBoth;
  std::vector<Field> fields;
};

struct Parameter {
  std::string type;
  std::string name;
};

struct Function {
  std::string name;
  std::string body_name;  // PrlVmCfg_GetName -> vm_cfg_get_name
  std::string header;
  std::string since;
  Editions editions = Editions::kBoth;
  bool is_async = false;
  bool needs_init = true;
  bool deprecated_desktop = false;
  bool deprecated_virtuozzo = false;
  std::vector<Parameter> parameters;
  std::vector<Parameter> parameters_virtuozzo;  // used only when has_two_signatures
  bool has_two_signatures = false;
  Binding binding = Binding::kNone;
  std::string reason;    // why it is not modelled
  std::string accessor;  // bound to a property: the function of sdk/calls/property.h
  int64_t job_operation = 0;
  std::string job_name;
  std::string text;
  std::vector<std::string> codes;
  bool is_refused_in_virtuozzo = false;  // though it is modelled
  Place place;
};

// How a property is kept; kNone for those that no accessor serves.
enum class Storage {
  kNone,
  kBool,
  kUint16,
  kUint32,
  kInt32,
  kUint64,
  kDouble,
  kString,
  kStrings,
  kNumbers,   // a list of enumerators
  kChildren,  // counted, and handed out one by one
  kNode,      // a part with a handle of its own
  kRecords,   // children, as a list of handles on copies
};

// A property of an object, and the functions that touch it.
struct Property {
  std::string object;
  std::string handle_type;
  std::string path;
  std::string type;
  std::string kind;  // rw, ro, wo or list
  std::string getter;
  std::string setter;
  std::string count_getter;  // of a list: the number of its children
  std::string default_text;
  std::string range;
  std::string check;  // what the setter demands, an enumerator of ValueCheck; empty for nothing
  Place place;
  // Filled in where a function is bound to the property.
  bool is_bound = false;
  Storage storage = Storage::kNone;
  std::string default_value;  // a C++ literal of the type that `storage` stands for
  int64_t child_type = 0;     // PHT_ number of what kChildren, kNode and kRecords hand out
};

class Catalogue {
 public:
  // Reads every file below `folder`. Whatever is wrong is added to `problems`; the result is
  // complete only if that stays empty.
  static Catalogue load(const std::filesystem::path& folder, Problems& problems);

  const Enum* find_enum(const std::string& name) const;
  // The row that says what a getter or setter touches; null for other functions.
  const Property* find_property(const std::string& function) const;
  const Function* find_function(const std::string& name) const;

  std::vector<Header> headers;
  std::vector<Enum> enums;
  std::vector<ResultCode> result_codes;
  std::vector<ResultText> result_texts;  // one for each public code
  std::vector<Macro> macros;
  std::vector<Typedef> typedefs;
  std::vector<Struct> structs;
  std::vector<Function> functions;
  std::vector<Property> properties;
  std::map<std::string, size_t> property_of_function;  // index into `properties`
};

// Gives each function that is bound to a property its accessor, and each such property its storage
// and default; complains where they do not fit. Called by load().
void bind_properties(Catalogue& catalogue, Problems& problems);

// What the column `check` of a property may say.
const std::vector<std::string>& value_checks();

// Complains where the text of a function or a result code names a function or an error that is
// not in the catalogue. Called by load().
void check_texts(const Catalogue& catalogue, Problems& problems);

// "PrlVmCfg_GetName" -> "vm_cfg_get_name".
std::string snake_case_of(const std::string& function);

}  // namespace prl::codegen
