#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>

#include "emit.h"

namespace prl::codegen {
namespace {

const std::string kMarker = "@generated@\n";

// A number as a C constant that fits int, because strict C refuses other enumerators.
std::string int_literal(int64_t value) {
  const auto bits = static_cast<uint32_t>(value);
  if (bits <= 0x7fffffffu) return std::to_string(bits);
  if (value < 0 && value > -4096) return std::to_string(value);
  std::ostringstream text;
  text << "(int)0x" << std::hex << std::uppercase << bits << "u";
  return text.str();
}

std::string hex(int64_t value) {
  std::ostringstream text;
  text << "0x" << std::hex << std::uppercase << static_cast<uint32_t>(value);
  return text.str();
}

std::string edition_note(Editions editions) {
  if (editions == Editions::kBoth) return "";
  return editions == Editions::kDesktop ? "  /* desktop */" : "  /* Virtuozzo */";
}

std::string render(const Macro& macro) {
  const auto line = [&](const std::string& replacement) {
    return "#define " + macro.name + (replacement.empty() ? "" : " " + replacement) + "\n";
  };
  const std::string& other = macro.replacement_virtuozzo;
  return by_edition(line(macro.replacement), line(other.empty() ? macro.replacement : other));
}

std::string render(const ResultCode& code) {
  const auto line = [&](int64_t value) {
    return "#define " + code.name + " (" + std::to_string(static_cast<int32_t>(value)) + ")  /* " +
           hex(value) + " */\n";
  };
  return by_edition(line(code.value), line(code.value_virtuozzo));
}

// int where an enumerator is negative as one.
std::string underlying_type(const Enum& item) {
  const auto is_negative = [](const Enumerator& enumerator) {
    return static_cast<int32_t>(enumerator.value) < 0 ||
           static_cast<int32_t>(enumerator.value_virtuozzo) < 0;
  };
  return std::any_of(item.enumerators.begin(), item.enumerators.end(), is_negative) ? "int"
                                                                                    : "unsigned";
}

std::string render(const Enum& item) {
  std::string text =
      "typedef enum _" + item.name + " PRL_ENUM_OF(" + underlying_type(item) + ") {\n";
  for (size_t i = 0; i < item.enumerators.size(); ++i) {
    const Enumerator& enumerator = item.enumerators[i];
    const auto line = [&](int64_t value) {
      return "    " + enumerator.name + " = " + int_literal(value) +
             (i + 1 < item.enumerators.size() ? "," : "") + edition_note(enumerator.editions) +
             "\n";
    };
    text += by_edition(line(enumerator.value), line(enumerator.value_virtuozzo));
  }
  return text + "} " + item.name + ";\n";
}

std::string render_typedef(const std::string& name, const std::string& definition) {
  const size_t parameters = definition.find(" (");
  if (parameters != std::string::npos) {
    return "typedef " + definition.substr(0, parameters) + " (PRL_CALL *" + name + ")" +
           definition.substr(parameters + 1) + ";\n";
  }
  const size_t bounds = definition.find('[');
  if (bounds != std::string::npos) {
    return "typedef " + definition.substr(0, bounds) + " " + name + definition.substr(bounds) +
           ";\n";
  }
  return "typedef " + definition + " " + name + ";\n";
}

std::string render(const Typedef& item) {
  const std::string& other = item.definition_virtuozzo;
  return by_edition(render_typedef(item.name, item.definition),
                    render_typedef(item.name, other.empty() ? item.definition : other));
}

std::string render(const Struct& item) {
  std::string text;
  if (item.layouts_differ) {
    text += "/* The editions differ in the layout of this one; this is desktop's. */\n";
  }
  if (item.packed) text += "#pragma pack(push, 1)\n";
  text += "typedef struct " + item.tag + " {" + edition_note(item.editions) + "\n";
  for (const Field& field : item.fields) {
    text += "    " + field.type + " " + field.declarator + ";\n";
  }
  text += "} " + item.name + ";\n";
  if (item.packed) text += "#pragma pack(pop)\n";
  return text;
}

// "PRL_METHOD_DECL(version, name, (parameters));", broken where it grows too wide.
std::string render_declaration(const Function& function, const std::vector<Parameter>& parameters) {
  std::string version = function.since;
  for (char& c : version) c = c == '.' ? '_' : c;
  const bool virtuozzo = function.editions == Editions::kVirtuozzo;
  const std::string head = std::string(function.is_async ? "PRL_ASYNC_" : "PRL_") + "METHOD_DECL(" +
                           (virtuozzo ? "VIRTUOZZO" : "PARALLELS") + "_API_VER_" + version + ", " +
                           function.name + ",";
  const std::string list = "(" + parameter_list(parameters) + "));";
  if (head.size() + 1 + list.size() <= kColumnsMax) return head + " " + list + "\n";
  std::string text = head + "\n";
  std::string line = "    (";
  for (size_t i = 0; i < parameters.size(); ++i) {
    const bool last = i + 1 == parameters.size();
    const std::string item = parameters[i].type + " " + parameters[i].name + (last ? "));" : ",");
    if (line.size() > 5 && line.size() + 1 + item.size() > kColumnsMax) {
      text += line + "\n";
      line = "     ";
    }
    line += (line.size() > 5 ? " " : "") + item;
  }
  return text + line + "\n";
}

std::string render(const Function& function) {
  const std::string desktop = render_declaration(function, function.parameters);
  const std::string virtuozzo = function.has_two_signatures
                                    ? render_declaration(function, function.parameters_virtuozzo)
                                    : desktop;
  return "\n" + doc_comment(function) + by_edition(desktop, virtuozzo);
}

// Orders the types of one header so that each stands after those it is made of, which C demands.
// Types without such ties keep the order of their rows.
class TypeSorter {
 public:
  TypeSorter(const Catalogue& catalogue, const std::string& header) {
    for (const Typedef& item : catalogue.typedefs) {
      if (item.header == header) add(item.name, item.name, render(item), item.definition);
    }
    for (const Struct& item : catalogue.structs) {
      if (item.header != header) continue;
      std::string used;
      for (const Field& field : item.fields) used += field.type + " ";
      add(item.name, item.tag, render(item), used);
    }
  }

  std::string sorted() {
    for (const std::string& name : order_) place(name);
    return text_;
  }

 private:
  struct Node {
    std::string tag;
    std::string text;
    std::string uses;
    bool visited = false;
  };

  void add(const std::string& name, const std::string& tag, const std::string& text,
           const std::string& uses) {
    order_.push_back(name);
    nodes_[name] = {tag, text, uses};
  }

  void place(const std::string& name) {
    const auto found = nodes_.find(name);
    if (found == nodes_.end() || found->second.visited) return;
    found->second.visited = true;
    std::string word;
    for (const char c : found->second.uses + " ") {
      if (std::isalnum(static_cast<unsigned char>(c)) || c == '_') {
        word += c;
      } else {
        place(word);
        word.clear();
      }
    }
    text_ += (found->second.text.rfind("typedef struct", 0) == 0 ? "\n" : "") + found->second.text;
  }

  std::vector<std::string> order_;
  std::map<std::string, Node> nodes_;
  std::string text_;
};

class HeaderEmitter {
 public:
  HeaderEmitter(const Catalogue& catalogue, const Header& header)
      : catalogue_(catalogue), header_(header) {}

  // The files that the header is made from, for its banner.
  std::string sources() const {
    std::string text;
    const auto add = [&](bool used, const std::string& file) {
      if (used) text += (text.empty() ? "" : ", ") + file;
    };
    const auto here = [&](const auto& item) { return item.header == header_.name; };
    add(std::any_of(catalogue_.macros.begin(), catalogue_.macros.end(), here), "macros.csv");
    add(!result_codes().empty(), "result_codes.csv");
    add(std::any_of(catalogue_.enums.begin(), catalogue_.enums.end(), here), "enums.csv");
    add(std::any_of(catalogue_.typedefs.begin(), catalogue_.typedefs.end(), here), "typedefs.csv");
    add(std::any_of(catalogue_.structs.begin(), catalogue_.structs.end(), here), "structs.csv");
    add(std::any_of(catalogue_.functions.begin(), catalogue_.functions.end(), here), "functions");
    add(text.empty(), "headers.csv");
    return text;
  }

  // Everything but the banner and what a preamble adds.
  std::string body() const {
    std::string text = includes();
    text += section(macros()) + section(result_codes()) + section(enums());
    text += section(TypeSorter(catalogue_, header_.name).sorted());
    for (const Function& function : catalogue_.functions) {
      if (function.header == header_.name) text += render(function);
    }
    return text;
  }

 private:
  static std::string section(const std::string& text) { return text.empty() ? "" : "\n" + text; }

  const Header& find(const std::string& name) const {
    for (const Header& header : catalogue_.headers) {
      if (header.name == name) return header;
    }
    return header_;
  }

  std::string includes() const {
    std::string text = header_.includes.empty() ? "" : "\n";
    for (const std::string& name : header_.includes) {
      const std::string& guard = find(name).left_out_by;
      const bool conditional = !guard.empty() && guard != header_.left_out_by;
      const std::string line = "#include \"" + name + "\"\n";
      text += conditional ? "#ifndef " + guard + "\n" + line + "#endif\n" : line;
    }
    return text;
  }

  std::string macros() const {
    std::string text;
    for (const Macro& macro : catalogue_.macros) {
      if (macro.header == header_.name) text += render(macro);
    }
    return text;
  }

  std::string result_codes() const {
    std::string text;
    if (header_.name != "PrlErrorsValues.h") return text;
    for (const ResultCode& code : catalogue_.result_codes) {
      if (code.is_public) text += render(code);
    }
    return text;
  }

  std::string enums() const {
    std::string text;
    for (const Enum& item : catalogue_.enums) {
      if (item.header == header_.name) text += (text.empty() ? "" : "\n") + render(item);
    }
    return text;
  }

  const Catalogue& catalogue_;
  const Header& header_;
};

}  // namespace

std::string by_edition(const std::string& desktop, const std::string& virtuozzo) {
  if (desktop == virtuozzo) return desktop;
  return "#ifdef PRL_SDK_VIRTUOZZO\n" + virtuozzo + "#else\n" + desktop + "#endif\n";
}

std::string banner(const std::string& source) {
  return "/* Generated from sdk/catalogue (" + source + ") by prl_codegen; do not edit. */\n";
}

std::string parameter_list(const std::vector<Parameter>& parameters) {
  std::string text;
  for (const Parameter& parameter : parameters) {
    text += (text.empty() ? "" : ", ") + parameter.type + " " + parameter.name;
  }
  return text.empty() ? "void" : text;
}

void emit_headers(const Catalogue& catalogue, const std::filesystem::path& preambles,
                  const Output& output, Problems& problems) {
  for (const auto& entry : std::filesystem::directory_iterator(preambles)) {
    const std::string name = entry.path().stem().string();
    const bool known = std::any_of(catalogue.headers.begin(), catalogue.headers.end(),
                                   [&](const Header& header) { return header.name == name; });
    if (!known) problems.add(entry.path().string(), 1, "headers.csv has no header '" + name + "'");
  }
  for (const Header& header : catalogue.headers) {
    const HeaderEmitter emitter(catalogue, header);
    std::string body = emitter.body();
    const std::filesystem::path path = preambles / (header.name + ".in");
    std::ifstream stream(path);
    if (stream) {
      std::ostringstream preamble;
      preamble << stream.rdbuf();
      std::string text = preamble.str();
      const size_t marker = text.find(kMarker);
      if (marker == std::string::npos) {
        problems.add(path.string(), 1, "has no line @generated@");
        continue;
      }
      body = text.replace(marker, kMarker.size(), body);
    }
    output.write("include/prlsdk/" + header.name,
                 banner(emitter.sources()) + "/* " + header.summary + " */\n#pragma once\n" + body);
  }
}

}  // namespace prl::codegen
