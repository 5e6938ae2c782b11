// See SdkWrap.h. Clients compile this file as part of their own, so it keeps to plain C++98 and the
// loader of the C library.
#include "SdkWrap.h"

#include <dlfcn.h>

#include <cstdio>
#include <string>

#ifdef DYN_API_WRAP  // SdkWrap.h has complained

namespace PrlSdkWrapNamespace {

#define PRL_SDK_WRAP_FOR_EACH_ITERATOR(name) name##wrap_Ptr name = 0;
PRL_SDK_WRAP_FOR_EACH()
#undef PRL_SDK_WRAP_FOR_EACH_ITERATOR

namespace {

void* g_library = 0;

#ifdef _MAC_
const char kSuffix[] = ".dylib";
#else
const char kSuffix[] = ".so";
#endif

// "prl_sdk" -> "libprl_sdk.so", "./libprl_sdk" -> "./libprl_sdk.so", "x/libprl_sdk.so.9" as it is.
std::string library_file(const std::string& name) {
  std::string file = name;
  const std::string::size_type slash = name.rfind('/');
  const std::string last = slash == std::string::npos ? name : name.substr(slash + 1);
  if (last.find(kSuffix) == std::string::npos) file += kSuffix;
  if (slash == std::string::npos && name.compare(0, 3, "lib") != 0) file = "lib" + file;
  return file;
}

// A data pointer is turned into a function pointer through memory: C++ has no conversion for it.
template <class Function>
bool resolve(Function& variable, const char* name, bool debug) {
  void* const symbol = dlsym(g_library, name);
  *reinterpret_cast<void**>(&variable) = symbol;
  if (!symbol && debug) std::fprintf(stderr, "SdkWrap: the library lacks %s\n", name);
  return symbol != 0;
}

bool resolve_all(bool debug) {
  bool complete = true;
#define PRL_SDK_WRAP_FOR_EACH_ITERATOR(name) complete &= resolve(name, #name, debug);
  PRL_SDK_WRAP_FOR_EACH()
#undef PRL_SDK_WRAP_FOR_EACH_ITERATOR
  return complete;
}

void forget_all() {
#define PRL_SDK_WRAP_FOR_EACH_ITERATOR(name) name = 0;
  PRL_SDK_WRAP_FOR_EACH()
#undef PRL_SDK_WRAP_FOR_EACH_ITERATOR
}

}  // namespace

PRL_RESULT SdkWrap_Load(PRL_CONST_STR name, bool debug) {
  SdkWrap_Unload();
  const std::string file = library_file(name ? name : "");
  g_library = dlopen(file.c_str(), RTLD_LAZY);
  if (debug) {
    const char* const why = g_library ? "loaded" : dlerror();
    std::fprintf(stderr, "SdkWrap: %s: %s\n", file.c_str(), why ? why : "not loaded");
  }
  if (!g_library) return PRL_ERR_FILE_NOT_FOUND;
  return resolve_all(debug) ? PRL_ERR_SUCCESS : PRL_ERR_FAILURE;
}

PRL_BOOL SdkWrap_LoadLibFromStdPaths(bool debug) {
  if (g_library) return PRL_TRUE;
  static const char* const kNames[] = {
      "./libprl_sdk",
      "libprl_sdk.so." PARALLELS_SDK_LIB_MAJ,
      "${ORIGIN}/../../../virtuozzo-virtualization-sdk/libs/libprl_sdk.so." VIRTUOZZO_SDK_LIB_MAJ
      "/libprl_sdk",
      "libprl_sdk",
  };
  for (unsigned i = 0; i < sizeof(kNames) / sizeof(kNames[0]); ++i) {
    if (SdkWrap_Load(kNames[i], debug) == PRL_ERR_SUCCESS) return PRL_TRUE;
  }
  return PRL_FALSE;
}

PRL_RESULT SdkWrap_Unload() {
  if (!g_library) return PRL_ERR_UNINITIALIZED;
  if (dlclose(g_library) != 0) return PRL_ERR_FAILURE;
  g_library = 0;
  forget_all();
  return PRL_ERR_SUCCESS;
}

PRL_VOID_PTR SdkWrap_GetSymbol(PRL_CONST_STR name) {
  return g_library ? dlsym(g_library, name) : 0;
}

PRL_BOOL SdkWrap_IsLoaded() {
  return g_library ? PRL_TRUE : PRL_FALSE;
}

}  // namespace PrlSdkWrapNamespace

#endif  // DYN_API_WRAP
