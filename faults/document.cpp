#include "faults/document.h"

#include <algorithm>
#include <utility>

namespace prl::faults {
namespace {

std::string text_of_key(const std::string& key) {
  constexpr std::string_view kBare =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
  const bool is_bare = !key.empty() && key.find_first_not_of(kBare) == std::string::npos;
  return is_bare ? key : toml_string(key);
}

std::string in_one_line(const Node& node) {
  if (node.kind == Node::Kind::kScalar) return node.scalar;
  const bool is_table = node.kind == Node::Kind::kTable;
  std::string text;
  for (const Node& child : node.children) {
    if (!text.empty()) text += ", ";
    if (is_table) text += text_of_key(child.key) + " = ";
    text += in_one_line(child);
  }
  if (!is_table) return "[" + text + "]";
  return text.empty() ? "{}" : "{ " + text + " }";
}

bool is_list_of_tables(const Node& node) {
  const auto is_table = [](const Node& item) { return item.kind == Node::Kind::kTable; };
  return node.kind == Node::Kind::kList && !node.children.empty() &&
         std::ranges::all_of(node.children, is_table);
}

// `path` is what stands in the heading of the table; empty: that of the file.
void write_table(const Node& table, const std::string& path, std::string& out) {
  std::vector<const Node*> below;
  for (const Node& child : table.children) {
    const bool is_top = path.empty() && child.kind == Node::Kind::kTable;
    if (is_top || is_list_of_tables(child)) {
      below.push_back(&child);
    } else {
      out += text_of_key(child.key) + " = " + in_one_line(child) + "\n";
    }
  }
  for (const Node* child : below) {
    const std::string name = (path.empty() ? "" : path + ".") + text_of_key(child->key);
    const auto open = [&](const std::string& heading) {
      out += (out.empty() ? "" : "\n") + heading + "\n";
    };
    if (child->kind == Node::Kind::kTable) {
      open("[" + name + "]");
      write_table(*child, name, out);
      continue;
    }
    for (const Node& item : child->children) {
      open("[[" + name + "]]");
      write_table(item, name, out);
    }
  }
}

// What tells an item of such a list from the others; null where it has nothing that does.
const Node* identity_of(const Node& item) {
  for (const char* key : {"name", "vm", "fault"}) {
    if (const Node* found = item.find(key); found && found->kind == Node::Kind::kScalar)
      return found;
  }
  return nullptr;
}

void lay_item_over(Node& list, const Node& item) {
  const Node* identity = identity_of(item);
  const auto same = std::ranges::find_if(list.children, [&](const Node& other) {
    const Node* found = identity_of(other);
    return identity && found && *found == *identity;
  });
  if (same == list.children.end()) {
    list.children.push_back(item);
  } else {
    *same = item;
  }
}

// How deep tables count key by key: what is below them is a value like any other.
constexpr int kAllOfIt = 100;

void lay_table_over(Node& base, const Node& over, int levels) {
  for (const Node& node : over.children) {
    Node* known = base.find(node.key);
    const bool are_tables =
        known && known->kind == Node::Kind::kTable && node.kind == Node::Kind::kTable && levels > 0;
    if (!known) {
      base.children.push_back(node);
    } else if (are_tables) {
      lay_table_over(*known, node, levels - 1);
    } else {
      *known = node;
    }
  }
}

}  // namespace

Node laid_over(Node base, const Node& over) {
  for (const Node& node : over.children) {
    Node* known = base.find(node.key);
    if (!known) {
      base.children.push_back(node);
    } else if (known->kind == Node::Kind::kTable && node.kind == Node::Kind::kTable) {
      lay_table_over(*known, node, node.key == "latency" ? 0 : kAllOfIt);
    } else if (is_list_of_tables(*known) && is_list_of_tables(node)) {
      for (const Node& item : node.children) lay_item_over(*known, item);
    } else {
      *known = node;
    }
  }
  return base;
}

const Node* Node::find(std::string_view wanted) const {
  const auto found = std::ranges::find(children, wanted, &Node::key);
  return found == children.end() ? nullptr : &*found;
}

Node* Node::find(std::string_view wanted) {
  return const_cast<Node*>(std::as_const(*this).find(wanted));
}

sim::Expected<Node, ScenarioError> parse_document(std::string_view toml_text,
                                                  std::string_view file_name) {
  FirstError errors(file_name);
  const TomlText parsed(toml_text, errors);
  if (errors.error()) return sim::Unexpected{*errors.error()};
  return parsed.document();
}

std::string toml_string(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string quoted = "\"";
  for (const char letter : text) {
    const auto byte = static_cast<unsigned char>(letter);
    if (letter == '"' || letter == '\\') {
      quoted += {'\\', letter};
    } else if (letter == '\n') {
      quoted += "\\n";
    } else if (byte < 0x20 || byte == 0x7F) {
      quoted += std::string("\\u00") + kHex[byte >> 4] + kHex[byte & 0xF];
    } else {
      quoted += letter;
    }
  }
  return quoted + "\"";
}

std::string to_toml(const Node& document) {
  std::string text;
  write_table(document, "", text);
  return text;
}

}  // namespace prl::faults
