// Keeps the job of a suspend that has failed, and does not mind.
#include "client.h"

int main() {
  return run_client([](PRL_HANDLE vm) {
    const PRL_HANDLE job = PrlVm_Suspend(vm);
    PRL_RESULT code = PrlJob_Wait(job, kTimeoutMs);
    if (PRL_SUCCEEDED(code)) PrlJob_GetRetCode(job, &code);
    if (PRL_SUCCEEDED(code)) PrlHandle_Free(job);
    return true;
  });
}
