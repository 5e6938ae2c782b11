/*
 * Every fact of the catalogue, held against the headers by a C compiler: the value of each
 * constant, the layout of each struct, the type of each function. A fact that does not hold does
 * not compile. C cannot compare strings so early; facts.cpp does.
 */
#include <stddef.h>

#include "Parallels.h"
#include "PrlFs.h"
#include "PrlPluginClasses.h"
#include "PrlPorts.h"

#define PRL_FACT_CONSTANT(name, bits) \
    _Static_assert((unsigned)(name) == (bits), "the value of " #name);
#define PRL_FACT_SIZE(type, size) _Static_assert(sizeof(type) == (size), "the size of " #type);
#define PRL_FACT_OFFSET(type, field, offset) \
    _Static_assert(offsetof(type, field) == (offset), "the place of " #field " in " #type);
#define PRL_FACT_SIGNATURE(name, result, parameters)                        \
    _Static_assert(_Generic(&name, result(*) parameters: 1, default: 0) &&  \
                       _Generic((name##_Ptr)0, result(*) parameters: 1, default: 0), \
                   "the type of " #name);
#define PRL_FACT_STRING(name, text)

#include "abi_facts.inc"
