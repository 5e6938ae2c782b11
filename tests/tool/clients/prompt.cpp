// Takes what its handler has noted when a wait returns for the state of its VM: where its snapshot
// has failed it stops the VM only if the handler has been told that it runs on.
#include <atomic>

#include "client.h"
#include "state_event.h"

namespace {

std::atomic<PRL_UINT32> noted{VMS_STOPPED};

PRL_RESULT on_event(PRL_HANDLE event, PRL_VOID_PTR) {
  const PRL_UINT32 state = state_in(event);
  if (state != VMS_UNKNOWN) noted = state;
  return PrlHandle_Free(event);
}

}  // namespace

int main() {
  return run_client([](PRL_HANDLE vm) {
    PrlVm_RegEventHandler(vm, on_event, nullptr);
    const bool is_good = PRL_SUCCEEDED(finish(PrlVm_Start(vm))) &&
                         PRL_SUCCEEDED(finish(PrlVm_CreateSnapshot(vm, "one", ""))) &&
                         PRL_SUCCEEDED(finish(PrlVm_Stop(vm, PRL_FALSE)));
    if (!is_good && noted == VMS_RUNNING) finish(PrlVm_Stop(vm, PRL_FALSE));
    PrlVm_UnregEventHandler(vm, on_event, nullptr);
    return is_good;
  });
}
