// As tidy.cpp, but its handler wants to know what it has been given.
#include "client.h"

static PRL_RESULT on_event(PRL_HANDLE event, PRL_VOID_PTR) {
  PRL_HANDLE_TYPE type = PHT_EVENT;
  PrlHandle_GetType(event, &type);
  return PrlHandle_Free(event);
}

int main() {
  return run_client([](PRL_HANDLE vm) { return start_and_stop(vm, on_event); });
}
