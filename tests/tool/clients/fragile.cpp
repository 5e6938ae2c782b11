// Believes that a suspend which has ended has succeeded, and dies when it has not.
#include <cstdlib>

#include "client.h"

int main() {
  return run_client([](PRL_HANDLE vm) {
    const PRL_HANDLE job = PrlVm_Suspend(vm);
    PRL_RESULT code = PrlJob_Wait(job, kTimeoutMs);
    const bool has_ended = PRL_SUCCEEDED(code);
    if (has_ended && (PRL_FAILED(PrlJob_GetRetCode(job, &code)) || PRL_FAILED(code))) std::abort();
    PrlHandle_Free(job);
    return has_ended;
  });
}
