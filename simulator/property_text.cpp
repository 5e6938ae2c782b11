// The text form of a PropertyTree:
//
//   properties 1 <number of leaves>
//   <path> <kind> <value>
//
// Each line ends with a line feed. The kinds are b (0 or 1), i, u, d (hexadecimal), s (text) and l
// (each item after a tab). Backslash, line feed and tab in text are written \\, \n and \t.
#include <algorithm>
#include <charconv>
#include <utility>

#include "simulator/property_tree.h"

namespace prl::sim {

namespace {

constexpr std::string_view kHead = "properties 1 ";

void append_escaped(std::string& text, std::string_view value) {
  for (const char c : value) {
    if (c == '\\') {
      text += "\\\\";
    } else if (c == '\n') {
      text += "\\n";
    } else if (c == '\t') {
      text += "\\t";
    } else {
      text += c;
    }
  }
}

std::optional<std::string> unescaped(std::string_view text) {
  std::string value;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\t') return std::nullopt;
    if (text[i] != '\\') {
      value += text[i];
      continue;
    }
    if (++i == text.size()) return std::nullopt;
    if (text[i] != '\\' && text[i] != 'n' && text[i] != 't') return std::nullopt;
    value += text[i] == 'n' ? '\n' : text[i] == 't' ? '\t' : '\\';
  }
  return value;
}

struct ValueWriter {
  std::string& text;

  void operator()(bool value) const { text += value ? "b 1" : "b 0"; }
  void operator()(int64_t value) const { text += "i " + std::to_string(value); }
  void operator()(uint64_t value) const { text += "u " + std::to_string(value); }
  void operator()(double value) const {
    char buffer[64];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::hex);
    text += "d " + std::string(buffer, end.ptr);
  }
  void operator()(const std::string& value) const {
    text += "s ";
    append_escaped(text, value);
  }
  void operator()(const StringItems& items) const {
    text += "l ";
    for (const std::string& item : items) {
      text += '\t';
      append_escaped(text, item);
    }
  }
};

template <class T>
std::optional<PropertyValue> number(std::string_view text) {
  T value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<PropertyValue> real(std::string_view text) {
  double value = 0;
  const char* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, value, std::chars_format::hex);
  if (error != std::errc() || end != last) return std::nullopt;
  return value;
}

std::optional<PropertyValue> items(std::string_view text) {
  StringItems result;
  while (!text.empty()) {
    if (text.front() != '\t') return std::nullopt;
    text.remove_prefix(1);
    const size_t length = std::min(text.find('\t'), text.size());
    auto item = unescaped(text.substr(0, length));
    if (!item) return std::nullopt;
    result.push_back(std::move(*item));
    text.remove_prefix(length);
  }
  return result;
}

std::optional<PropertyValue> value_of(char kind, std::string_view text) {
  if (kind == 'b' && (text == "0" || text == "1")) return text == "1";
  if (kind == 'i') return number<int64_t>(text);
  if (kind == 'u') return number<uint64_t>(text);
  if (kind == 'd') return real(text);
  if (kind == 'l') return items(text);
  if (kind != 's') return std::nullopt;
  return unescaped(text);
}

}  // namespace

std::string PropertyTree::serialise() const {
  std::string text = std::string(kHead) + std::to_string(size()) + "\n";
  for (size_t i = 0; i < size(); ++i) {
    const Leaf& leaf = leaf_at(i);
    append_escaped(text, leaf.path);
    text += ' ';
    std::visit(ValueWriter{text}, leaf.value);
    text += '\n';
  }
  return text;
}

std::optional<PropertyTree> PropertyTree::parse(std::string_view text) {
  std::vector<Leaf> leaves;
  const auto take_line = [&text]() -> std::optional<std::string_view> {
    const size_t end = text.find('\n');
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    return line;
  };
  const auto head = take_line();
  if (!head || !head->starts_with(kHead)) return std::nullopt;
  while (!text.empty()) {
    const auto line = take_line();
    if (!line) return std::nullopt;
    const size_t space = line->find(' ');
    if (space == 0 || space == std::string_view::npos || line->size() < space + 3) {
      return std::nullopt;
    }
    if ((*line)[space + 2] != ' ') return std::nullopt;
    auto path = unescaped(line->substr(0, space));
    auto value = value_of((*line)[space + 1], line->substr(space + 3));
    if (!path || !value) return std::nullopt;
    if (!leaves.empty() && !(leaves.back().path < *path)) return std::nullopt;
    leaves.push_back({std::move(*path), std::move(*value)});
  }
  if (*head != std::string(kHead) + std::to_string(leaves.size())) return std::nullopt;
  return from_leaves(std::move(leaves));
}

}  // namespace prl::sim
