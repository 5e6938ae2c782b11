// Addresses of network adapters: twelve upper-case hexadecimal digits in the model, lower-case ones
// with colons in the canonical form (config-model 4).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "simulator/uuid.h"

namespace prl::sdk {

// Twelve digits in either case, with or without ':', '-' or '.' between them; upper case then.
std::optional<std::string> parse_mac(std::string_view text);
// "001C42A0B1C2" as "00:1c:42:a0:b1:c2". REQUIRES: a parsed address, or an empty text.
std::string canonical_mac(std::string_view mac);
// An address of the vendor's range, made of the random digits of a new uuid.
std::string mac_from(const sim::Uuid& random);

}  // namespace prl::sdk
