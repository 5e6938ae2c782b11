// Its handler dies where the VM stops by itself. It listens no longer than it has to.
#include <atomic>
#include <cstdlib>

#include "client.h"
#include "state_event.h"

namespace {

std::atomic<bool> is_stopping{false};

PRL_RESULT on_event(PRL_HANDLE event, PRL_VOID_PTR) {
  if (state_in(event) == VMS_STOPPED && !is_stopping) std::abort();
  return PrlHandle_Free(event);
}

}  // namespace

int main() {
  return run_client([](PRL_HANDLE vm) {
    PrlVm_RegEventHandler(vm, on_event, nullptr);
    bool is_good = PRL_SUCCEEDED(finish(PrlVm_Start(vm))) &&
                   PRL_SUCCEEDED(finish(PrlVm_Suspend(vm))) &&
                   PRL_SUCCEEDED(finish(PrlVm_Start(vm)));
    is_stopping = is_good;
    is_good = is_good && PRL_SUCCEEDED(finish(PrlVm_Stop(vm, PRL_FALSE)));
    PrlVm_UnregEventHandler(vm, on_event, nullptr);
    return is_good;
  });
}
