// Pauses a VM: its vCPUs stop, its memory stays where it is.
#include <cstdio>

#include "sample.h"

namespace {

bool pause_vm(PRL_HANDLE vm) {
  if (!finish("PrlVm_Pause", PrlVm_Pause(vm, PRL_FALSE), 1000)) return false;
  std::printf("  PrlVm_Pause succeeded\n");
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  return run_sample(argc, argv, pause_vm);
}
