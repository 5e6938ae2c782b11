// Starts a VM: a stopped one boots, a suspended one resumes from its image, a paused one goes on.
#include "sample.h"

namespace {

bool start(PRL_HANDLE vm) {
  const Stopwatch stopwatch;
  if (!finish("PrlVm_Start", PrlVm_Start(vm), 10'000)) return false;
  stopwatch.print("PrlVm_Start");
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  return run_sample(argc, argv, start);
}
