// What the generator writes. Each function renders one group of files from a sound catalogue; all
// output is a pure function of the catalogue and the preambles.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "catalogue.h"

namespace prl::codegen {

// Writes below one folder, and only files whose text changes, so that nothing rebuilds in vain.
class Output {
 public:
  explicit Output(std::filesystem::path folder) : folder_(std::move(folder)) {}

  // Throws std::runtime_error where the file cannot be written.
  void write(const std::string& relative_path, const std::string& text) const;

 private:
  std::filesystem::path folder_;
};

// include/prlsdk/*.h: the public headers. `preambles` holds the hand-written parts, one file
// "<header>.in" per header that has any, with the line "@generated@" where the rest goes.
void emit_headers(const Catalogue& catalogue, const std::filesystem::path& preambles,
                  const Output& output, Problems& problems);
// include/prlsdk/PrlApiMacro.h and PrlApiMacroDepr.h: the list of functions for loaders.
void emit_wrap(const Catalogue& catalogue, const Output& output);
// src/exports.cpp, src/calls.h and src/prl_sdk.map.
void emit_exports(const Catalogue& catalogue, const Output& output);
// The text of generated tables, each text once (sdk/table_text.h).
class TextPool {
 public:
  // "{offset, size}", for a TableText.
  std::string put(const std::string& text);
  // src/table_texts.cpp. After every table that uses the pool.
  void emit(const Output& output) const;

 private:
  std::map<std::string, size_t> places_;
  std::vector<std::string> texts_;  // in order of place
  size_t end_ = 0;
};

// src/api.h, src/api_table.cpp, src/names.h, src/names.cpp and src/result_texts.cpp.
void emit_tables(const Catalogue& catalogue, TextPool& texts, const Output& output);
// src/abi_facts.inc: the catalogue's facts as static assertions, for tests/abi.
void emit_facts(const Catalogue& catalogue, const Output& output);
// src/misuse_calls.inc: every function and the kinds of its parameters, for tests/sdk.
void emit_misuse(const Catalogue& catalogue, const Output& output);
// The cells of the table of transitions whose answers are inferred, as a section of fidelity.md:
// cells that agree are one row.
std::string inferred_cells(const Catalogue& catalogue, const std::filesystem::path& transitions,
                           Problems& problems);
// fidelity.md and fidelity.json: which functions are modelled, and why the others are not; where
// their behaviour comes from, and which tests in the folder are about them. `cells` ends the page.
void emit_fidelity(const Catalogue& catalogue, const std::filesystem::path& test_folder,
                   const std::string& cells, const Output& output);

// The comment above the declaration of a function, ended by a line break.
std::string doc_comment(const Function& function);

// src/properties.h and src/properties.cpp: what the accessors know of each bound property.
void emit_properties(const Catalogue& catalogue, TextPool& texts, const Output& output);

inline constexpr size_t kColumnsMax = 100;  // of a line in a header

// Two renderings of one thing, of which the client's edition picks one.
std::string by_edition(const std::string& desktop, const std::string& virtuozzo);

// A C++ string literal.
std::string quoted(const std::string& text);
// First line of a generated file; `source` names the CSV files it is made from.
std::string banner(const std::string& source);
// "type name, type name", or "void" without parameters.
std::string parameter_list(const std::vector<Parameter>& parameters);

}  // namespace prl::codegen
