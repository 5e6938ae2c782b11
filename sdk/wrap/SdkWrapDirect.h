/*
 * For programs that link with the library but were written for SdkWrap.h: the loader's functions,
 * of which there is nothing left to do. Include it instead of SdkWrap.h, without DYN_API_WRAP.
 */
#pragma once

#ifdef DYN_API_WRAP
#error "SdkWrapDirect.h is for linked programs: include SdkWrap.h, or do not define DYN_API_WRAP"
#endif

#include <dlfcn.h>

#include "Parallels.h"

/* C++ programs may leave the last argument out. */
#ifdef __cplusplus
#define PRL_SDK_WRAP_NO_DEBUG = 0
#else
#define PRL_SDK_WRAP_NO_DEBUG
#endif

static inline PRL_RESULT SdkWrap_Load(PRL_CONST_STR name, int debug PRL_SDK_WRAP_NO_DEBUG) {
  (void)name;
  (void)debug;
  return PRL_ERR_SUCCESS;
}

static inline PRL_BOOL SdkWrap_LoadLibFromStdPaths(int debug PRL_SDK_WRAP_NO_DEBUG) {
  (void)debug;
  return PRL_TRUE;
}

static inline PRL_RESULT SdkWrap_Unload(void) {
  return PRL_ERR_SUCCESS;
}

static inline PRL_BOOL SdkWrap_IsLoaded(void) {
  return PRL_TRUE;
}

/* Finds the symbol in the running program and the libraries it is linked with. */
static inline PRL_VOID_PTR SdkWrap_GetSymbol(PRL_CONST_STR name) {
  void* program = dlopen(0, RTLD_LAZY);
  void* symbol = program ? dlsym(program, name) : 0;
  if (program) dlclose(program);
  return symbol;
}

#undef PRL_SDK_WRAP_NO_DEBUG
