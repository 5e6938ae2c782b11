// Waits for its suspend again and again: a lost job keeps it for ever.
#include "client.h"

int main() {
  return run_client([](PRL_HANDLE vm) {
    const PRL_HANDLE job = PrlVm_Suspend(vm);
    while (PrlJob_Wait(job, 1) == PRL_ERR_TIMEOUT) {
    }
    return PRL_SUCCEEDED(finish(job));
  });
}
