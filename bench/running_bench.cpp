// The memory that running machines take which nobody has stored to: 10,000 of 4 GiB each, beyond
// what they take while they are stopped. Resident memory of the whole process.
#include <malloc.h>
#include <prlsdk/Parallels.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "bench/rounds.h"
#include "bench/session.h"

namespace prl::bench {

namespace {

constexpr std::array kGoals = {Goal{"running_10000_untouched_kib", 8}};
constexpr size_t kMany = 10'000;

double resident_bytes() {
  std::ifstream statistics("/proc/self/statm");
  uint64_t pages = 0;
  uint64_t resident = 0;
  statistics >> pages >> resident;
  return static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

RoundResult run_many() {
  const Session session(4);
  std::vector<PRL_HANDLE> vms;
  for (size_t i = 0; i < kMany; ++i) {
    PRL_HANDLE vm = PRL_INVALID_HANDLE;
    check(PrlSrv_CreateVm(session.server(), &vm));
    check(PrlVmCfg_SetName(vm, ("vm" + std::to_string(i)).c_str()));
    check(PrlVmCfg_SetRamSize(vm, 4096));
    await(PrlVm_Reg(vm, "", PRL_TRUE));
    vms.push_back(vm);
  }
  // Nothing that is free already may take up what comes.
  ::malloc_trim(0);
  const double before = resident_bytes();
  const double seconds = seconds_of([&] {
    for (const PRL_HANDLE vm : vms) await(PrlVm_Start(vm));
  });
  ::malloc_trim(0);
  const double bytes = (resident_bytes() - before) / kMany;
  for (const PRL_HANDLE vm : vms) PrlHandle_Free(vm);
  return {seconds, {{"kib", bytes / 1024}}};
}

}  // namespace

}  // namespace prl::bench

int main(int argc, char** argv) {
  using namespace prl::bench;
  Program program;
  program.add("running_10000_untouched", 3, [] { return run_many; });
  return program.run(argc, argv, kGoals);
}
