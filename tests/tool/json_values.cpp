#include "tests/tool/json_values.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>
#include <string_view>

namespace prl::tests {
namespace {

// Without exponents, which nothing of ours has.
bool is_number(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789";
  if (text.starts_with('-')) text.remove_prefix(1);
  const size_t point = std::min(text.find('.'), text.size());
  const std::string_view whole = text.substr(0, point);
  const bool is_whole = !whole.empty() && whole.find_first_not_of(kDigits) == whole.npos &&
                        (whole == "0" || !whole.starts_with('0'));
  if (point == text.size()) return is_whole;
  const std::string_view rest = text.substr(point + 1);
  return is_whole && !rest.empty() && rest.find_first_not_of(kDigits) == rest.npos;
}

class Reader {
 public:
  explicit Reader(const std::string& text) : text_(text) {}

  std::map<std::string, std::string> read() {
    read_value("");
    skip();
    if (at_ != text_.size()) fail();
    return values_;
  }

 private:
  [[noreturn]] void fail() const {
    throw std::runtime_error("no JSON at " + std::to_string(at_) + ": " + text_.substr(at_, 40));
  }
  void skip() {
    while (at_ < text_.size() && std::string(" \t\r\n").find(text_[at_]) != std::string::npos)
      ++at_;
  }
  char peek() {
    skip();
    if (at_ == text_.size()) fail();
    return text_[at_];
  }
  void take(char letter) {
    if (peek() != letter) fail();
    ++at_;
  }
  bool takes(char letter) {
    const bool is_there = peek() == letter;
    if (is_there) ++at_;
    return is_there;
  }

  void read_value(const std::string& path) {
    if (peek() == '{') return read_object(path);
    if (peek() == '[') return read_list(path);
    if (!values_.emplace(path, peek() == '"' ? read_text() : read_literal()).second) fail();
  }

  void read_object(const std::string& path) {
    take('{');
    if (takes('}')) return;
    do {
      const std::string key = peek() == '"' ? read_text() : (fail(), "");
      take(':');
      read_value(path.empty() ? key : path + "/" + key);
    } while (takes(','));
    take('}');
  }

  void read_list(const std::string& path) {
    size_t count = 0;
    take('[');
    if (peek() != ']') {
      do {
        const std::string index = std::to_string(count++);
        read_value(path.empty() ? index : path + "/" + index);
      } while (takes(','));
    }
    take(']');
    values_[path] = std::to_string(count);
  }

  std::string read_text() {
    std::string read;
    for (take('"'); at_ < text_.size() && text_[at_] != '"'; ++at_) {
      if (static_cast<unsigned char>(text_[at_]) < 0x20) fail();
      read += text_[at_] == '\\' ? read_escape() : text_[at_];
    }
    if (at_ == text_.size()) fail();
    ++at_;
    return read;
  }

  // Leaves at_ at the last letter of it.
  char read_escape() {
    const char letter = text_.at(++at_);
    if (letter == '"' || letter == '\\' || letter == '/') return letter;
    if (letter == 'n') return '\n';
    if (letter != 'u') fail();
    const int code = std::stoi(text_.substr(at_ + 1, 4), nullptr, 16);
    at_ += 4;
    if (code >= 0x80) fail();
    return static_cast<char>(code);
  }

  std::string read_literal() {
    std::string read;
    while (at_ < text_.size() && std::string(",]} \n").find(text_[at_]) == std::string::npos) {
      read += text_[at_++];
    }
    if (read != "true" && read != "false" && read != "null" && !is_number(read)) fail();
    return read;
  }

  const std::string& text_;
  size_t at_ = 0;
  std::map<std::string, std::string> values_;
};

}  // namespace

std::map<std::string, std::string> json_values(const std::string& text) {
  try {
    return Reader(text).read();
  } catch (const std::exception& error) {
    ADD_FAILURE() << error.what();
    return {};
  }
}

}  // namespace prl::tests
