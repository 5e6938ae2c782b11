// Resumes a suspended VM from its image.
#include "sample.h"

namespace {

bool resume(PRL_HANDLE vm) {
  const Stopwatch stopwatch;
  if (!finish("PrlVm_Resume", PrlVm_Resume(vm), 10'000)) return false;
  stopwatch.print("PrlVm_Resume");
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  return run_sample(argc, argv, resume);
}
