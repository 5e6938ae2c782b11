// The XML form of a PropertyTree: names of a path are elements, children of a repeated element have
// the attribute `id` (config-model 11). Flags are 0 or 1, numbers decimal. What the schema cannot
// tell is said by attributes: `kind` for a value of another kind, `encoding` for text that XML
// cannot carry. Pure functions.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "simulator/expected.h"
#include "simulator/property_schema.h"
#include "simulator/property_tree.h"

namespace prl::sim {

// Documents beyond these are refused, before memory is taken for what is in them.
inline constexpr size_t kXmlBytesMax = size_t{16} << 20;
inline constexpr size_t kXmlDepthMax = 64;

struct XmlMistake {
  size_t offset = 0;  // bytes from the beginning of the text
  std::string message;
};

// `sections`: names of elements right below the root that come first, in this order.
std::string to_xml(const PropertyTree& tree, const PropertySchema& schema, const std::string& root,
                   std::initializer_list<const char*> sections = {});

// Takes every element, known or not; of attributes only its own. Refuses what is no XML, has
// another root, a document type (and with it entities of its own) or no number where the schema
// wants one.
Expected<PropertyTree, XmlMistake> from_xml(std::string_view text, const PropertySchema& schema,
                                            std::initializer_list<std::string_view> roots);

}  // namespace prl::sim
