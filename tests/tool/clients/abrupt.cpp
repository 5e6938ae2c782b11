// Dies wherever anything is not as it should be, and says nothing.
#include <cstdlib>

#include "client.h"

int main() {
  if (run_client([](PRL_HANDLE vm) { return PRL_SUCCEEDED(finish(PrlVm_Suspend(vm))); }) != 0) {
    std::abort();
  }
  return 0;
}
