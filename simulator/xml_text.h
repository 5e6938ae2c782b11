// A document of pugixml as text.
#pragma once

#include <string>

namespace pugi {
class xml_document;
}

namespace prl::sim {

// UTF-8, each level of elements indented by so much: three blanks in the documents of the product
// (config-model 11).
std::string xml_text(const pugi::xml_document& document, const char* indent = "   ");

}  // namespace prl::sim
