// Stops the VM that it has started, whatever has failed since, and listens without believing.
#include "client.h"

static PRL_RESULT on_event(PRL_HANDLE event, PRL_VOID_PTR) {
  return PrlHandle_Free(event);
}

int main() {
  return run_client([](PRL_HANDLE vm) { return start_and_stop(vm, on_event); });
}
