// Takes a VM for stopped as long as no event has told it that the VM runs.
#include <chrono>
#include <condition_variable>
#include <mutex>

#include "client.h"
#include "state_event.h"

namespace {

std::mutex mutex;
std::condition_variable told;
bool runs = false;  // guarded by mutex

PRL_RESULT on_event(PRL_HANDLE event, PRL_VOID_PTR) {
  const PRL_UINT32 state = state_in(event);
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
