// Handles whatever goes wrong. Its two suspends tell whether the right one is struck.
#include "client.h"

int main() {
  return run_client([](PRL_HANDLE vm) {
    return PRL_SUCCEEDED(finish(PrlVm_Suspend(vm))) && PRL_SUCCEEDED(finish(PrlVm_Start(vm))) &&
           PRL_SUCCEEDED(finish(PrlVm_Suspend(vm)));
  });
}
