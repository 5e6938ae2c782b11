// Its handler keeps the event of the running VM, and it frees what that has kept as soon as it has
// started the VM: too early where the handler runs later.
#include <atomic>

#include "client.h"
#include "state_event.h"

namespace {

std::atomic<PRL_HANDLE> kept{PRL_INVALID_HANDLE};

PRL_RESULT on_event(PRL_HANDLE event, PRL_VOID_PTR) {
  if (state_in(event) == VMS_RUNNING) event = kept.exchange(event);
  return event == PRL_INVALID_HANDLE ? PRL_ERR_SUCCESS : PrlHandle_Free(event);
}

}  // namespace

int main() {
  return run_client([](PRL_HANDLE vm) {
    PrlVm_RegEventHandler(vm, on_event, nullptr);
    const bool has_started = PRL_SUCCEEDED(finish(PrlVm_Start(vm)));
    const PRL_HANDLE event = kept.exchange(PRL_INVALID_HANDLE);
    if (event != PRL_INVALID_HANDLE) PrlHandle_Free(event);
    const bool has_stopped = PRL_SUCCEEDED(finish(PrlVm_Stop(vm, PRL_FALSE)));
    PrlVm_UnregEventHandler(vm, on_event, nullptr);
    return has_started && has_stopped;
  });
}
