// Bytes as text that any document can carry.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace prl::sim {

std::string to_base64(std::string_view bytes);
// Empty for text that to_base64() does not write; white space is passed over.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace prl::sim
