// Suspends a VM and tells the two ways apart in which that can go wrong: the wait runs out, or the
// operation fails.
#include <cstdio>

#include "sample.h"

namespace {

bool suspend(PRL_HANDLE vm) {
  const PRL_HANDLE job = PrlVm_Suspend(vm);
  const PRL_RESULT waited = PrlJob_Wait(job, 1000);
  if (PRL_FAIL(waited)) {
    std::printf("  PrlJob_Wait for PrlVm_Suspend returned with error: %s\n",
                prl_result_to_string(waited));
    PrlHandle_Free(job);
    return false;
  }
  PRL_RESULT code = PRL_ERR_UNEXPECTED;
  const PRL_RESULT read = PrlJob_GetRetCode(job, &code);
  PrlHandle_Free(job);
  if (PRL_FAIL(read)) {
    std::printf("  PrlJob_GetRetCode returned with error: %s\n", prl_result_to_string(read));
    return false;
  }
  if (PRL_FAIL(code)) {
    std::printf("  PrlVm_Suspend returned with error: %s\n", prl_result_to_string(code));
    return false;
  }
  std::printf("  PrlVm_Suspend succeeded\n");
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  return run_sample(argc, argv, suspend);
}
