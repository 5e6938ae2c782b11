// Says on its standard output what has failed, and ends with 1 whatever it was.
#include <cstdio>

#include "client.h"

int main() {
  return run_client([](PRL_HANDLE vm) {
    const PRL_RESULT code = finish(PrlVm_Suspend(vm));
    if (PRL_FAILED(code)) std::printf("suspend: %s\n", prl_result_to_string(code));
    return PRL_SUCCEEDED(code);
  });
}
