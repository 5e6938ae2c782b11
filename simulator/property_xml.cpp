#include "simulator/property_xml.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cstring>
#include <map>
#include <pugixml.hpp>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "simulator/base64.h"
#include "simulator/xml_text.h"

namespace prl::sim {

namespace {

constexpr std::array<const char*, 6> kKindNames = {"flag", "signed", "unsigned",
                                                   "real", "text",   "texts"};
constexpr const char* kId = "id";
constexpr const char* kKind = "kind";
constexpr const char* kEncoding = "encoding";
constexpr const char* kBase64 = "base64";
constexpr const char* kLists = "dyn_lists";
constexpr const char* kNextSuffix = "_next";  // the number of the child to come
constexpr const char* kTextItem = "Item";     // of a list of texts
constexpr const char* kItemKind = "item";     // one of a list of texts, without such elements
// A leaf whose names are no names of elements.
constexpr const char* kOddLeaf = "Property";
constexpr const char* kPath = "path";

PropertyKind kind_of(const PropertyValue& value) {
  return static_cast<PropertyKind>(value.index());
}

// The bytes of one UTF-8 letter at the beginning of the text; 0 where there is none.
size_t letter_bytes(std::string_view text) {
  const auto byte = [&](size_t at) { return static_cast<unsigned char>(text[at]); };
  if (byte(0) < 0x80) return 1;
  const size_t length = byte(0) >= 0xF0 && byte(0) < 0xF5   ? 4
                        : byte(0) >= 0xE0 && byte(0) < 0xF0 ? 3
                        : byte(0) >= 0xC2 && byte(0) < 0xE0 ? 2
                                                            : 0;
  if (length == 0 || text.size() < length) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  const bool is_overlong =
      (byte(0) == 0xE0 && byte(1) < 0xA0) || (byte(0) == 0xF0 && byte(1) < 0x90);
  const bool is_no_letter = (byte(0) == 0xED && byte(1) >= 0xA0) ||
                            (byte(0) == 0xF4 && byte(1) >= 0x90) ||
                            (byte(0) == 0xEF && byte(1) == 0xBF && byte(2) >= 0xBE);
  return is_overlong || is_no_letter ? 0 : length;
}

// Readers drop text that is blank, and XML has no control characters.
bool is_plain(std::string_view text) {
  bool is_blank = !text.empty();
  for (size_t at = 0; at < text.size();) {
    const auto letter = static_cast<unsigned char>(text[at]);
    if (letter < 0x20) return false;
    is_blank = is_blank && letter == ' ';
    const size_t length = letter_bytes(text.substr(at));
    if (length == 0) return false;
    at += length;
  }
  return !is_blank;
}

bool is_name(std::string_view text) {
  if (text.empty() || !(std::isalpha(static_cast<unsigned char>(text[0])) || text[0] == '_')) {
    return false;
  }
  return std::ranges::all_of(text, [](unsigned char letter) {
    return std::isalnum(letter) || letter == '_' || letter == '-' || letter >= 0x80;
  });
}

void put_text(pugi::xml_node node, const std::string& text) {
  const bool plain = is_plain(text);
  if (!plain) node.append_attribute(kEncoding) = kBase64;
  node.text().set((plain ? text : to_base64(text)).c_str());
}

// ---- Writing ---------------------------------------------------------------------------------

// Of a path, which outlives it.
struct Name {
  std::string_view name;
  std::string_view id;  // empty: no child of a list
};

// Empty where a name is none of an element, or a bracket is not at its end.
std::vector<Name> names_of(std::string_view path) {
  std::vector<Name> names;
  names.reserve(8);  // few paths have more
  while (true) {
    const size_t dot = path.find('.');
    std::string_view part = path.substr(0, dot);
    Name name;
    if (part.ends_with(']')) {
      const size_t bracket = part.find('[');
      if (bracket == std::string_view::npos) return {};
      name.id = part.substr(bracket + 1, part.size() - bracket - 2);
      if (!name.id.empty() && !std::ranges::all_of(name.id, [](unsigned char letter) {
            return std::isdigit(letter);
          })) {
        return {};
      }
      part = part.substr(0, bracket);
    }
    if (!is_name(part)) return {};
    name.name = part;
    names.push_back(name);
    if (dot == std::string_view::npos) return names;
    path.remove_prefix(dot + 1);
  }
}

class Writer {
 public:
  Writer(pugi::xml_node root, const PropertySchema& schema) : root_(root), schema_(schema) {}

  void put(const PropertyTree::Leaf& leaf) {
    const bool is_counter = leaf.path.ends_with("[]") && leaf.value.index() != kTextsIndex;
    const std::vector<Name> names = names_of(leaf.path);
    if (names.empty()) {
      pugi::xml_node node = root_.append_child(kOddLeaf);
      node.append_attribute(kPath) = to_base64(leaf.path).c_str();
      put_value(node, leaf);
    } else if (is_counter) {
      const auto* next = std::get_if<uint64_t>(&leaf.value);
      if (next) lists_[leaf.path.substr(0, leaf.path.size() - 2)].next = *next;
    } else if (leaf.path.ends_with("[]")) {
      put_items(leaf, names);
    } else {
      pugi::xml_node node = node_at(names, names.size());
      const bool* mark = std::get_if<bool>(&leaf.value);
      if (names.back().id.empty() || !mark || !*mark) put_value(node, leaf);
    }
  }

  // What is said about lists, at the elements that hold them.
  void finish() {
    std::map<std::string, std::string> counts;  // by the path of the holder
    for (auto& [element, list] : lists_) {
      const size_t dot = element.rfind('.');
      const std::string holder = dot == std::string::npos ? "" : element.substr(0, dot);
      const std::string name = element.substr(dot == std::string::npos ? 0 : dot + 1);
      const std::vector<Name> names = holder.empty() ? std::vector<Name>() : names_of(holder);
      if (list.count > 0) {
        std::string& text = counts[holder];
        text += (text.empty() ? "" : " ") + name + " " + std::to_string(list.count);
      }
      const bool is_implied = list.count > 0 && list.next == list.least_next;
      if (is_implied) continue;
      node_at(names, names.size()).append_attribute((name + kNextSuffix).c_str()) =
          list.next ? std::to_string(*list.next).c_str() : "";
    }
    for (const auto& [holder, text] : counts) {
      const std::vector<Name> names = holder.empty() ? std::vector<Name>() : names_of(holder);
      node_at(names, names.size()).append_attribute(kLists) = text.c_str();
    }
  }

 private:
  static constexpr size_t kTextsIndex = static_cast<size_t>(PropertyKind::kTexts);
  struct List {
    size_t count = 0;
    uint64_t least_next = 0;
    std::optional<uint64_t> next;
  };

  pugi::xml_node node_at(const std::vector<Name>& names, size_t depth) {
    pugi::xml_node node = root_;
    std::string path;
    for (size_t i = 0; i < depth; ++i) {
      const Name& name = names[i];
      if (!path.empty()) path += '.';
      path += name.name;
      const size_t element_size = path.size();
      if (!name.id.empty()) path.append("[").append(name.id).append("]");
      const auto known = nodes_.find(path);
      if (known != nodes_.end()) {
        node = known->second;
        continue;
      }
      const std::string own_name(name.name);
      pugi::xml_node made = name.id.empty() ? node.child(own_name.c_str()) : pugi::xml_node();
      node = made ? made : node.append_child(own_name.c_str());
      if (!name.id.empty()) {
        const std::string id(name.id);
        node.append_attribute(kId) = id.c_str();
        List& list = lists_[path.substr(0, element_size)];
        ++list.count;
        list.least_next = std::max<uint64_t>(list.least_next, std::stoull(id) + 1);
      }
      nodes_.emplace(path, node);
    }
    return node;
  }

  void put_items(const PropertyTree::Leaf& leaf, const std::vector<Name>& names) {
    pugi::xml_node holder = node_at(names, names.size() - 1);
    const std::string own_name(names.back().name);
    for (const std::string& item : std::get<StringItems>(leaf.value)) {
      pugi::xml_node node = holder.append_child(own_name.c_str());
      if (schema_.kind_of(leaf.path) != PropertyKind::kTexts) {
        node.append_attribute(kKind) = kItemKind;
      }
      put_text(node, item);
    }
  }

  void put_value(pugi::xml_node node, const PropertyTree::Leaf& leaf) {
    const auto known = schema_.kind_of(leaf.path);
    const auto* words = std::get_if<std::string>(&leaf.value);
    const bool looks_empty = words && words->empty() && !known;
    if (looks_empty || known.value_or(PropertyKind::kText) != kind_of(leaf.value)) {
      node.append_attribute(kKind) = kKindNames[leaf.value.index()];
    }
    if (const auto* flag = std::get_if<bool>(&leaf.value)) {
      node.text().set(*flag ? "1" : "0");
    } else if (words) {
      put_text(node, *words);
    } else if (const auto* items = std::get_if<StringItems>(&leaf.value)) {
      for (const std::string& item : *items) put_text(node.append_child(kTextItem), item);
    } else {
      node.text().set(number_text(leaf.value).c_str());
    }
  }

  static std::string number_text(const PropertyValue& value) {
    char buffer[64];
    std::to_chars_result end{buffer, std::errc()};
    if (const auto* number = std::get_if<int64_t>(&value)) {
      end = std::to_chars(buffer, buffer + sizeof buffer, *number);
    } else if (const auto* natural = std::get_if<uint64_t>(&value)) {
      end = std::to_chars(buffer, buffer + sizeof buffer, *natural);
    } else if (const auto* real = std::get_if<double>(&value)) {
      end = std::to_chars(buffer, buffer + sizeof buffer, *real);
    }
    return {buffer, end.ptr};
  }

  pugi::xml_node root_;
  const PropertySchema& schema_;
  std::unordered_map<std::string, pugi::xml_node> nodes_;  // by path
  std::map<std::string, List> lists_;                      // by the path of the element
};

// ---- Reading ---------------------------------------------------------------------------------

template <class Number>
std::optional<PropertyValue> number_in(std::string_view text) {
  Number number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return PropertyValue(number);
}

std::optional<PropertyValue> value_in(const std::string& text, PropertyKind kind) {
  switch (kind) {
    case PropertyKind::kFlag:
      if (text != "0" && text != "1") return std::nullopt;
      return PropertyValue(text == "1");
    case PropertyKind::kSigned:
      return number_in<int64_t>(text);
    case PropertyKind::kUnsigned:
      return number_in<uint64_t>(text);
    case PropertyKind::kReal:
      return number_in<double>(text);
    case PropertyKind::kText:
    case PropertyKind::kTexts:
      break;
  }
  return PropertyValue(text);
}

std::optional<PropertyKind> kind_named(std::string_view name) {
  const auto found = std::ranges::find(kKindNames, name);
  if (found == kKindNames.end()) return std::nullopt;
  return static_cast<PropertyKind>(found - kKindNames.begin());
}

class PropertyReader {
 public:
  explicit PropertyReader(const PropertySchema& schema) : schema_(schema) {}

  // Everything below the element; false when it makes no sense.
  bool read(pugi::xml_node above, const std::string& path, size_t depth) {
    if (depth > kXmlDepthMax) return refuse(above, "nested too deep");
    const std::vector<pugi::xml_node> nodes = elements(above);
    std::map<std::string_view, size_t> seen;  // how often a name is there
    for (const pugi::xml_node node : nodes) ++seen[node.name()];
    read_counters(above, path);
    for (const pugi::xml_node node : nodes) {
      if (!read_one(node, path, seen[node.name()] > 1, depth)) return false;
    }
    return true;
  }

  PropertyTree tree() {
    for (const auto& [element, next] : least_next_) {
      if (!told_.contains(element)) {
        leaves_.push_back({element + "[]", PropertyValue(uint64_t{next})});
      }
    }
    for (auto& [path, items] : texts_) leaves_.push_back({path, std::move(items)});
    return PropertyTree::from_leaves(std::move(leaves_));
  }

  XmlMistake mistake;

 private:
  static std::vector<pugi::xml_node> elements(pugi::xml_node above) {
    std::vector<pugi::xml_node> found;
    for (const pugi::xml_node node : above.children()) {
      if (node.type() == pugi::node_element) found.push_back(node);
    }
    return found;
  }

  static bool has_elements(pugi::xml_node above) {
    return above.find_child([](pugi::xml_node node) { return node.type() == pugi::node_element; });
  }

  bool refuse(pugi::xml_node node, const std::string& what) {
    const ptrdiff_t offset = node.offset_debug();
    mistake = {offset > 0 ? static_cast<size_t>(offset) : 0,
               "element " + std::string(node.name()) + ": " + what};
    return false;
  }

  static bool has_counters(pugi::xml_node node) {
    return node.find_attribute([](pugi::xml_attribute attribute) {
      return std::string_view(attribute.name()).ends_with(kNextSuffix);
    });
  }

  void read_counters(pugi::xml_node above, const std::string& path) {
    for (const pugi::xml_attribute attribute : above.attributes()) {
      std::string_view name = attribute.name();
      if (!name.ends_with(kNextSuffix)) continue;
      name.remove_suffix(std::strlen(kNextSuffix));
      const std::string element = path.empty() ? std::string(name) : path + "." + std::string(name);
      told_.insert(element);
      if (const auto next = number_in<uint64_t>(attribute.value())) {
        leaves_.push_back({element + "[]", *next});
      }
    }
  }

  // The number of a child; empty for an element that is no child of a list.
  std::optional<std::optional<uint32_t>> child_number(pugi::xml_node node,
                                                      const std::string& element,
                                                      bool is_repeated) {
    uint64_t& next = least_next_[element];
    if (const pugi::xml_attribute id = node.attribute(kId)) {
      const auto number = number_in<uint64_t>(id.value());
      const uint64_t wanted = number ? std::get<uint64_t>(*number) : UINT64_MAX;
      if (wanted > UINT32_MAX) return std::nullopt;
      next = std::max(next, wanted + 1);
      return static_cast<uint32_t>(wanted);
    }
    if (is_repeated || schema_.is_list(element)) return static_cast<uint32_t>(next++);
    if (next == 0) least_next_.erase(element);
    return std::optional<uint32_t>();
  }

  bool read_one(pugi::xml_node node, const std::string& above, bool is_repeated, size_t depth) {
    const std::string element = above.empty() ? node.name() : above + "." + node.name();
    const auto said = kind_named(node.attribute(kKind).value());
    std::string text = node.text().get();
    if (node.attribute(kEncoding).value() == std::string_view(kBase64)) {
      auto bytes = from_base64(text);
      if (!bytes) return refuse(node, "no base64");
      text = std::move(*bytes);
    }
    if (node.name() == std::string_view(kOddLeaf) && node.attribute(kPath)) {
      const auto path = from_base64(node.attribute(kPath).value());
      return path ? read_value(node, *path, text, said) : refuse(node, "no path");
    }
    const std::string_view kind = node.attribute(kKind).value();
    const bool is_item =
        kind == kItemKind || (kind.empty() && !node.attribute(kId) &&
                              schema_.kind_of(element + "[]") == PropertyKind::kTexts);
    if (is_item) {
      texts_[element + "[]"].push_back(std::move(text));
      return true;
    }
    const auto number = child_number(node, element, is_repeated);
    if (!number) return refuse(node, "no number of a child");
    const std::string path = *number ? PropertyTree::child_path(element, **number) : element;
    const bool is_list = kind_of_leaf(path, said) == PropertyKind::kTexts;
    const bool has_parts = !is_list && (has_elements(node) || has_counters(node));
    if (*number && (has_parts || text.empty())) leaves_.push_back({path, PropertyValue(true)});
    if (has_parts) return read(node, path, depth + 1);
    const bool is_empty_section =
        above.empty() && text.empty() && !said && !schema_.kind_of_whole(path);
    const bool is_bare_child = *number && text.empty();
    return is_empty_section || is_bare_child || read_value(node, path, text, said);
  }

  PropertyKind kind_of_leaf(const std::string& path, std::optional<PropertyKind> said) const {
    return said.value_or(schema_.kind_of(path).value_or(PropertyKind::kText));
  }

  bool read_value(pugi::xml_node node, const std::string& path, const std::string& text,
                  std::optional<PropertyKind> said) {
    const PropertyKind kind = kind_of_leaf(path, said);
    if (kind == PropertyKind::kTexts) {
      StringItems items;
      for (const pugi::xml_node item : node.children(kTextItem)) {
        std::optional<std::string> content = item.text().get();
        if (item.attribute(kEncoding)) content = from_base64(*content);
        if (!content) return refuse(item, "no base64");
        items.push_back(std::move(*content));
      }
      leaves_.push_back({path, std::move(items)});
      return true;
    }
    auto value = value_in(text, kind);
    const bool is_sure = said || schema_.kind_of_whole(path);
    if (!value && is_sure && !text.empty()) {
      return refuse(node, "\"" + text + "\" is not " + kKindNames[static_cast<size_t>(kind)]);
    }
    if (!value && is_sure) return true;  // empty: as if it were not there
    leaves_.push_back({path, value ? std::move(*value) : PropertyValue(text)});
    return true;
  }

  const PropertySchema& schema_;
  std::vector<PropertyTree::Leaf> leaves_;
  std::map<std::string, StringItems> texts_;
  std::map<std::string, uint64_t> least_next_;  // by the path of a repeated element
  std::set<std::string> told_;                  // elements whose next number was written
};

}  // namespace

std::string to_xml(const PropertyTree& tree, const PropertySchema& schema, const std::string& root,
                   std::initializer_list<const char*> sections) {
  pugi::xml_document document;
  pugi::xml_node declaration = document.append_child(pugi::node_declaration);
  declaration.append_attribute("version") = "1.0";
  declaration.append_attribute("encoding") = "UTF-8";
  pugi::xml_node top = document.append_child(root.c_str());
  top.append_attribute("schemaVersion") = "1.0";
  for (const char* section : sections) top.append_child(section);
  Writer writer(top, schema);
  tree.for_each_leaf([&writer](const PropertyTree::Leaf& leaf) { writer.put(leaf); });
  writer.finish();
  return xml_text(document);
}

Expected<PropertyTree, XmlMistake> from_xml(std::string_view text, const PropertySchema& schema,
                                            std::initializer_list<std::string_view> roots) {
  if (text.size() > kXmlBytesMax) {
    return Unexpected{XmlMistake{kXmlBytesMax, "the document is too long"}};
  }
  constexpr unsigned kParse = pugi::parse_escapes | pugi::parse_cdata | pugi::parse_doctype;
  pugi::xml_document document;
  const auto parsed = document.load_buffer(text.data(), text.size(), kParse, pugi::encoding_utf8);
  if (!parsed) {
    return Unexpected{XmlMistake{static_cast<size_t>(parsed.offset), parsed.description()}};
  }
  for (const pugi::xml_node node : document.children()) {
    if (node.type() == pugi::node_doctype) {
      return Unexpected{XmlMistake{0, "a document type is not taken"}};
    }
  }
  const pugi::xml_node root = document.document_element();
  if (std::ranges::find(roots, std::string_view(root.name())) == roots.end()) {
    return Unexpected{XmlMistake{0, "the root is " + std::string(root.name())}};
  }
  PropertyReader reader(schema);
  if (!reader.read(root, "", 1)) return Unexpected{std::move(reader.mistake)};
  return reader.tree();
}

}  // namespace prl::sim
