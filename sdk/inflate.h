// Reading of zlib streams (RFC 1950, 1951), as pictures hold them. Stateless.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace prl::sdk {

// What the stream holds; empty where it is damaged, or holds more than `bytes_max`.
std::optional<std::string> inflate(std::string_view stream, size_t bytes_max);

}  // namespace prl::sdk
