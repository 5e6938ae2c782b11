// Drops the suspended state of a VM: its image goes, and the VM is stopped.
#include <cstdio>

#include "sample.h"

namespace {

bool drop(PRL_HANDLE vm) {
  if (!finish("PrlVm_DropSuspendedState", PrlVm_DropSuspendedState(vm), 1000)) return false;
  std::printf("  PrlVm_DropSuspendedState succeeded\n");
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  return run_sample(argc, argv, drop);
}
