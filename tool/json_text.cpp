#include "tool/json_text.h"

#include <fmt/format.h>

namespace prl::tool {

std::string json(std::string_view text) {
  std::string quoted = "\"";
  for (const char letter : text) {
    if (letter == '"' || letter == '\\') {
      quoted += {'\\', letter};
    } else if (static_cast<unsigned char>(letter) < 0x20) {
      quoted += fmt::format("\\u{:04x}", static_cast<int>(letter));
    } else {
      quoted += letter;
    }
  }
  return quoted + "\"";
}

std::string json_list(const std::vector<std::string>& texts) {
  std::string list;
  for (const std::string& text : texts) list += (list.empty() ? "" : ", ") + json(text);
  return "[" + list + "]";
}

std::string json_rows(const std::vector<std::string>& rows, std::string_view indent) {
  if (rows.empty()) return "[]";
  std::string list;
  for (const std::string& row : rows) {
    list += list.empty() ? "\n" : ",\n";
    list.append(indent).append("  ").append(row);
  }
  return "[" + list + "\n" + std::string(indent) + "]";
}

}  // namespace prl::tool
