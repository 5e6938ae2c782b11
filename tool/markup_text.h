// Texts as XML and HTML have them. Stateless, any thread.
#pragma once

#include <string>
#include <string_view>

namespace prl::tool {

// For elements and for attributes in double quotes. Control characters, which neither has a way to
// write, are left out, but for tabs and ends of lines.
std::string markup(std::string_view text);

}  // namespace prl::tool
