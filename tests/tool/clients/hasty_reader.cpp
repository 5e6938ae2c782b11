// Believes that its handler has run when a wait returns, and dies where it has not.
#include <atomic>
#include <cstdlib>

#include "client.h"
#include "state_event.h"

namespace {

std::atomic<bool> runs{false};

PRL_RESULT on_event(PRL_HANDLE event, PRL_VOID_PTR) {
  if (state_in(event) == VMS_RUNNING) runs = true;
  return PrlHandle_Free(event);
}

}  // namespace

int main() {
  return run_client([](PRL_HANDLE vm) {
    PrlVm_RegEventHandler(vm, on_event, nullptr);
    const bool has_started = PRL_SUCCEEDED(finish(PrlVm_Start(vm)));
    if (has_started && !runs) std::abort();
    const bool is_good = has_started && PRL_SUCCEEDED(finish(PrlVm_Stop(vm, PRL_FALSE)));
    PrlVm_UnregEventHandler(vm, on_event, nullptr);
    return is_good;
  });
}
