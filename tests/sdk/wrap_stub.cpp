// A library that has the names of the API but none of its behaviour; see CMakeLists.txt. Handles
// are counted, so that the tests of the handle holder have something to see.
#include "PrlApiMacro.h"

extern "C" {

int stub_references = 0;

int PrlHandle_AddRef(void*) {
  return ++stub_references, 0;
}

#ifndef PRLSIM_STUB_WITH_ONE_FUNCTION
int PrlHandle_Free(void*) {
  return --stub_references, 0;
}

// The two above are in the list as well: give theirs another name.
#define PrlHandle_AddRef stub_listed_add_ref
#define PrlHandle_Free stub_listed_free
#define PRL_SDK_WRAP_FOR_EACH_ITERATOR(name) \
  int name() {                               \
    return 0;                                \
  }
PRL_SDK_WRAP_FOR_EACH()
#endif

}  // extern "C"
