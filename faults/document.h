// A scenario file as a tree that can be changed and written again. Comments are lost, the order of
// the keys stays. Values; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "faults/table_reader.h"
#include "simulator/expected.h"

namespace prl::faults {

// A value of the file with the key that it has in its table; items of lists have none.
struct Node {
  enum class Kind : uint8_t { kScalar, kList, kTable };
  Kind kind = Kind::kTable;
  std::string key = {};
  std::string scalar = {};          // as the file writes it: "\"web\"", "64"
  std::vector<Node> children = {};  // of a list or a table, in the order of the file

  // Null where there is none of that key.
  Node* find(std::string_view wanted);
  const Node* find(std::string_view wanted) const;
  bool operator==(const Node&) const = default;
};

// As a string of TOML, with quotes and escapes. REQUIRES: UTF-8.
std::string toml_string(std::string_view text);

// The table of the whole file. Says only whether it is TOML: parse_scenario() knows what it means.
sim::Expected<Node, ScenarioError> parse_document(std::string_view toml_text,
                                                  std::string_view file_name);

// `base` with what `over` says: its keys, in the place of those that `base` has, where [host] and
// [latency] count key by key; and its users, VMs, faults and expectations behind those of `base`,
// or in the place of the one that has the same name.
Node laid_over(Node base, const Node& over);

// Lists of tables are written [[vm]], and tables of the top level [latency]; what is deeper stands
// in braces.
std::string to_toml(const Node& document);

}  // namespace prl::faults
