// Takes a VM for stopped as long as no event has told it that the VM runs.
#include <chrono>
#include <condition_variable>
#include <mutex>

#include "client.h"

namespace {

std::mutex mutex;
std::condition_variable told;
bool runs = false;  // guarded by mutex

PRL_RESULT on_event(PRL_HANDLE event, PRL_VOID_PTR) {
  PRL_HANDLE_TYPE kind = PHT_ERROR;
  PRL_EVENT_TYPE type{};
  PRL_HANDLE parameter = PRL_INVALID_HANDLE;
  PRL_UINT32 state = VMS_UNKNOWN;
  PrlHandle_GetType(event, &kind);  // jobs come here too
  if (kind == PHT_EVENT) PrlEvent_GetType(event, &type);
  if (type == PET_DSP_EVT_VM_STATE_CHANGED &&
      PRL_SUCCEEDED(PrlEvent_GetParam(event, 0, &parameter))) {
    PrlEvtPrm_ToUint32(parameter, &state);
    PrlHandle_Free(parameter);
  }
  if (state == VMS_RUNNING) {
    const std::lock_guard lock(mutex);
    runs = true;
    told.notify_all();
  }
  return PrlHandle_Free(event);
}

bool is_told_that_it_runs() {
  std::unique_lock lock(mutex);
  return told.wait_for(lock, std::chrono::seconds(3), [] { return runs; });
}

}  // namespace

int main() {
  return run_client([](PRL_HANDLE vm) {
    PrlVm_RegEventHandler(vm, on_event, nullptr);
    if (PRL_FAILED(finish(PrlVm_Start(vm)))) return false;
    const bool is_good =
        !is_told_that_it_runs() || PRL_SUCCEEDED(finish(PrlVm_Stop(vm, PRL_FALSE)));
    PrlVm_UnregEventHandler(vm, on_event, nullptr);
    return is_good;
  });
}
