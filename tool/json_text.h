// Texts as JSON has them. Stateless, any thread.
#pragma once

#include <string>
#include <string_view>

namespace prl::tool {

// With its quotes. Bytes beyond ASCII are passed on: the texts are UTF-8.
std::string json(std::string_view text);

}  // namespace prl::tool
