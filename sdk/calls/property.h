// The accessors behind every function whose row is bound to a property. Which property, its type
// and its default the call knows (properties.h). Setters write the local copy at once and check no
// range; getters read that copy, or the default where nothing was set (config-model 3.1, 4).
#pragma once

#include <prlsdk/Parallels.h>

namespace prl::sdk {

class Call;

namespace property {

// Writes a value of the property's own size: a flag, a number, an enumerator or a double.
PRL_RESULT get_number(Call& call, PRL_HANDLE object, PRL_VOID_PTR value);
PRL_RESULT set_number(Call& call, PRL_HANDLE object, PRL_UINT64 value);
PRL_RESULT set_double(Call& call, PRL_HANDLE object, PRL_DOUBLE value);

PRL_RESULT get_string(Call& call, PRL_HANDLE object, PRL_STR buffer, PRL_UINT32_PTR length);
PRL_RESULT set_string(Call& call, PRL_HANDLE object, PRL_CONST_STR value);

// As a list of strings of its own, which the client frees; the property keeps a copy.
PRL_RESULT get_strings(Call& call, PRL_HANDLE object, PRL_HANDLE_PTR list);
PRL_RESULT set_strings(Call& call, PRL_HANDLE object, PRL_HANDLE list);

// The same with a list of 32-bit numbers.
PRL_RESULT get_numbers(Call& call, PRL_HANDLE object, PRL_HANDLE_PTR list);
PRL_RESULT set_numbers(Call& call, PRL_HANDLE object, PRL_HANDLE list);

// Children of a repeated element, by position in their list (config-model 7).
PRL_RESULT get_count(Call& call, PRL_HANDLE object, PRL_UINT32_PTR count);
PRL_RESULT get_child(Call& call, PRL_HANDLE object, PRL_UINT32 index, PRL_HANDLE_PTR child);

// A part of the object that has a handle of its own: what is done to it is done to the object. The
// setter copies the content of another such object.
PRL_RESULT get_node(Call& call, PRL_HANDLE object, PRL_HANDLE_PTR node);
PRL_RESULT set_node(Call& call, PRL_HANDLE object, PRL_HANDLE node);

// All children at once, as a list of records that stand for themselves: copies, both ways.
PRL_RESULT get_records(Call& call, PRL_HANDLE object, PRL_HANDLE_PTR list);
PRL_RESULT set_records(Call& call, PRL_HANDLE object, PRL_HANDLE list);

}  // namespace property
}  // namespace prl::sdk
