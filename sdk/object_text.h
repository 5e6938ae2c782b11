// The XML text of objects: of a VM's configuration and its devices, of records (core-api 2.6,
// config-model 11). Roots that the specifications do not name are ours. Any thread may call.
#pragma once

#include <prlsdk/Parallels.h>

#include <optional>
#include <string>
#include <string_view>

#include "sdk/handle_table.h"
#include "sdk/objects.h"
#include "simulator/property_schema.h"
#include "simulator/property_tree.h"

namespace prl::sdk {

// Of the properties of all objects.
const sim::PropertySchema& property_schema();

// Empty for objects without a text form.
std::optional<std::string> text_of(const Ref<Object>& object);
// The text of what an answer of a server says; empty where it is no object with a text form.
std::optional<std::string> text_of(const Answer& answer);

// Replaces the content of the object. PRL_ERR_UNIMPLEMENTED where it has no text form that can be
// read; a parse code, with nothing changed, where the text is no such document;
// PRL_ERR_OBJECT_WAS_REMOVED for a node that is gone from its tree.
PRL_RESULT read_text(const Ref<Object>& object, std::string_view text);

}  // namespace prl::sdk
