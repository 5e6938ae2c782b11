// As tidy.cpp, but its handler wants to know what it has been given.
#include "client.h"

static PRL_RESULT on_event(PRL_HANDLE event, PRL_VOID_PTR) {
  PRL_HANDLE_TYPE type = PHT_EVENT;
  PrlHandle_GetType(event, &type);
  return PrlHandle_Free(event);
}

int main() {
  return run_client([](PRL_HANDLE vm) {
    PrlVm_RegEventHandler(vm, on_event, nullptr);
    const bool has_started = PRL_SUCCEEDED(finish(PrlVm_Start(vm)));
    const bool is_good = has_started && PRL_SUCCEEDED(finish(PrlVm_RefreshConfig(vm)));
    const bool has_stopped = PRL_SUCCEEDED(finish(PrlVm_Stop(vm, PRL_FALSE)));
    PrlVm_UnregEventHandler(vm, on_event, nullptr);
    return is_good && has_stopped;
  });
}
