// Texts as JSON has them. Stateless, any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace prl::tool {

// With its quotes. Bytes beyond ASCII are passed on: the texts are UTF-8.
std::string json(std::string_view text);
// In one line.
std::string json_list(const std::vector<std::string>& texts);
// A list of what is JSON already, a line for each.
std::string json_rows(const std::vector<std::string>& rows, std::string_view indent = "");

}  // namespace prl::tool
