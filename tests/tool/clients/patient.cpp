// Waits for its suspend for as long as the API can be told to, which is seven weeks.
#include "client.h"

int main() {
  return run_client([](PRL_HANDLE vm) {
    const PRL_HANDLE job = PrlVm_Suspend(vm);
    PrlJob_Wait(job, ~PRL_UINT32{0});
    return PRL_SUCCEEDED(finish(job));
  });
}
