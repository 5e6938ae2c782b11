// Values and tables as a scenario file has them: what the builders of the kit write with. Part of
// prl_kit.hpp.
#ifndef PRL_KIT_TOML_HPP
#define PRL_KIT_TOML_HPP

#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace prl::kit {

// A text as TOML writes it.
inline std::string quoted(const std::string& text) {
  static const char kDigits[] = "0123456789abcdef";
  std::string out = "\"";
  for (const char letter : text) {
    const auto byte = static_cast<unsigned char>(letter);
    if (letter == '"' || letter == '\\') {
      out += '\\';
      out += letter;
    } else if (byte < 0x20 || byte == 0x7f) {
      out += std::string("\\u00") + kDigits[byte >> 4] + kDigits[byte & 15];
    } else {
      out += letter;
    }
  }
  return out + "\"";
}

// An array of whole numbers, or of texts.
template <class Value>
std::string array_of(const std::vector<Value>& values) {
  std::string list;
  for (const Value& value : values) {
    if (!list.empty()) list += ", ";
    if constexpr (std::is_integral_v<Value>) {
      list += std::to_string(value);
    } else {
      list += quoted(value);
    }
  }
  return "[" + list + "]";
}

// Keys and values of one table, in the order in which they were set. Of a key that is set twice the
// second counts.
class Keys {
 public:
  void set(const std::string& key, std::string value) {
    for (auto& [known, old] : pairs_) {
      if (known == key) {
        old = std::move(value);
        return;
      }
    }
    pairs_.emplace_back(key, std::move(value));
  }
  void set_text(const std::string& key, const std::string& text) { set(key, quoted(text)); }
  bool empty() const { return pairs_.empty(); }
  // A blank between two.
  std::string names() const {
    std::string text;
    for (const auto& pair : pairs_) text += (text.empty() ? "" : " ") + pair.first;
    return text;
  }
  std::string lines() const {
    std::string text;
    for (const auto& [key, value] : pairs_) text += key + " = " + value + "\n";
    return text;
  }
  std::string inline_table() const {
    std::string text;
    for (const auto& [key, value] : pairs_) {
      text += (text.empty() ? "{ " : ", ") + key + " = " + value;
    }
    return text.empty() ? "{}" : text + " }";
  }

 private:
  std::vector<std::pair<std::string, std::string>> pairs_;
};

}  // namespace prl::kit

#endif  // PRL_KIT_TOML_HPP
