// The same facts as facts.c, held against the headers by a C++ compiler, and the strings as well.
#include <cstddef>
#include <string_view>
#include <type_traits>

#include "PrlFs.h"
#include "PrlPluginClasses.h"
#include "PrlPorts.h"
#include "Virtuozzo.h"

#define PRL_FACT_CONSTANT(name, bits) static_assert(static_cast<unsigned>(name) == (bits));
#define PRL_FACT_SIZE(type, size) static_assert(sizeof(type) == (size));
#define PRL_FACT_OFFSET(type, field, offset) static_assert(offsetof(type, field) == (offset));
#define PRL_FACT_SIGNATURE(name, result, parameters)                    \
  static_assert(std::is_same_v<decltype(&name), result(*) parameters>); \
  static_assert(std::is_same_v<name##_Ptr, result(*) parameters>);
#define PRL_FACT_STRING(name, text) static_assert(std::string_view(name) == (text));

#include "abi_facts.inc"
