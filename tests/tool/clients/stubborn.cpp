// Tries its suspend a second time when the first has failed.
#include "client.h"

int main() {
  return run_client([](PRL_HANDLE vm) {
    return PRL_SUCCEEDED(finish(PrlVm_Suspend(vm))) || PRL_SUCCEEDED(finish(PrlVm_Suspend(vm)));
  });
}
