// Looks after its suspend again and again, without a wait: time stands still for a lost job.
#include "client.h"

int main() {
  return run_client([](PRL_HANDLE vm) {
    const PRL_HANDLE job = PrlVm_Suspend(vm);
    PRL_JOB_STATUS status = PJS_RUNNING;
    while (status != PJS_FINISHED && PRL_SUCCEEDED(PrlJob_GetStatus(job, &status))) {
    }
    return PRL_SUCCEEDED(finish(job));
  });
}
