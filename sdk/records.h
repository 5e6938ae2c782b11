// Property trees that travel as handles: the content of any object that has one, and lists of
// records that stand for themselves (config-model 2, 4).
#pragma once

#include <prlsdk/Parallels.h>

#include <optional>
#include <string>
#include <vector>

#include "sdk/boundary.h"
#include "simulator/property_tree.h"

namespace prl::sdk {

// What the object holds, if it is of the type and holds a tree or a node that is still there.
std::optional<sim::PropertyTree> content_of(const Ref<Object>& object, uint32_t type);

// A list of documents, one for each child of the element; owned by the client.
PRL_HANDLE make_records(const Call& call, const sim::PropertyTree& tree,
                        const std::string& element, uint32_t type);
PRL_HANDLE make_records(const Call& call, const std::vector<sim::PropertyTree>& records,
                        uint32_t type);
// The content of each item of a list of handles; nothing where one is of another type.
std::optional<std::vector<sim::PropertyTree>> read_records(const Call& call, PRL_HANDLE list,
                                                           uint32_t type);
// Leaves the element with these children, numbered from 0.
void replace_children(sim::PropertyTree& tree, const std::string& element,
                      const std::vector<sim::PropertyTree>& records);
std::vector<sim::PropertyTree> records_below(const sim::PropertyTree& tree,
                                             const std::string& element);

}  // namespace prl::sdk
