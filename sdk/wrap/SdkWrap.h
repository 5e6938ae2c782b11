// Loads the library while the program runs, instead of linking with it. Compile SdkWrap.cpp into
// the program, define DYN_API_WRAP for all of it and link with -ldl. Each function of the API is
// then a variable of the same name, null until the library is loaded and after it is unloaded.
//
// Load and unload from one thread, while no other thread uses the API.
#pragma once

#ifndef DYN_API_WRAP
#error "SdkWrap.h loads the library itself: define DYN_API_WRAP, or include SdkWrapDirect.h"
#endif
#ifndef __cplusplus
#error "SdkWrap.h is for C++ programs"
#endif

#include "Parallels.h"
#include "PrlApiMacro.h"

// Without it the compiler would say of every function what the line above has said.
#ifdef DYN_API_WRAP

namespace PrlSdkWrapNamespace {

#define PRL_SDK_WRAP_FOR_EACH_ITERATOR(name) extern name##wrap_Ptr name;
PRL_SDK_WRAP_FOR_EACH()
#undef PRL_SDK_WRAP_FOR_EACH_ITERATOR

// Unloads what is loaded, then loads the named library. A name without ".so" in its last part gets
// it; a name without a folder that does not start with "lib" gets that too.
// PRL_ERR_FILE_NOT_FOUND: no such library. PRL_ERR_FAILURE: the library lacks functions, whose
// variables are null; it stays loaded. `debug` tells on stderr what was tried and what is missing.
PRL_RESULT SdkWrap_Load(PRL_CONST_STR name, bool debug = false);

// Loads the library from the usual places unless one is loaded already.
PRL_BOOL SdkWrap_LoadLibFromStdPaths(bool debug = false);

// PRL_ERR_UNINITIALIZED when nothing is loaded, PRL_ERR_FAILURE when the library does not let go.
PRL_RESULT SdkWrap_Unload();

// The address of any exported symbol; null when there is none or nothing is loaded.
PRL_VOID_PTR SdkWrap_GetSymbol(PRL_CONST_STR name);

PRL_BOOL SdkWrap_IsLoaded();

// Constant texts for messages, never null; "Unknown" where there is no name.
inline PRL_CONST_STR prl_result_to_string(PRL_RESULT value) {
  PRL_CONST_STR text = 0;
  if (PrlDbg_PrlResultToString) PrlDbg_PrlResultToString(value, &text);
  return text ? text : "Unknown";
}

inline PRL_CONST_STR handle_type_to_string(PRL_HANDLE_TYPE handle_type) {
  PRL_CONST_STR text = 0;
  if (PrlDbg_HandleTypeToString) PrlDbg_HandleTypeToString(handle_type, &text);
  return text ? text : "Unknown";
}

inline PRL_CONST_STR event_type_to_string(PRL_EVENT_TYPE event_type) {
  PRL_CONST_STR text = 0;
  if (PrlDbg_EventTypeToString) PrlDbg_EventTypeToString(event_type, &text);
  return text ? text : "Unknown";
}

}  // namespace PrlSdkWrapNamespace

// Programs call these by their plain names, as if they were linked.
using namespace PrlSdkWrapNamespace;

#endif  // DYN_API_WRAP
