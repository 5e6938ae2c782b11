// Gives up where something fails and does not stop the VM that it has started.
#include "client.h"

int main() {
  return run_client([](PRL_HANDLE vm) {
    return PRL_SUCCEEDED(finish(PrlVm_Start(vm))) &&
           PRL_SUCCEEDED(finish(PrlVm_RefreshConfig(vm))) &&
           PRL_SUCCEEDED(finish(PrlVm_Stop(vm, PRL_FALSE)));
  });
}
