// Suspending and resuming through the public API, from the call to the end of the wait: 256 MiB of
// which a tenth is touched, the image in the storage in memory that the library has by default.
// There is no disk in it and no reference beside it: the figure is absolute.
#include <prlsdk/Parallels.h>
#include <prlsdk/prl_sim.h>

#include <memory>

#include "bench/disk.h"
#include "bench/rounds.h"
#include "bench/session.h"

namespace prl::bench {

namespace {

constexpr uint32_t kRamMib = 256;
constexpr uint64_t kStridePages = 10;

class PowerRounds {
 public:
  PowerRounds() : session_(kRamMib) {
    const uint64_t ram_bytes = uint64_t{kRamMib} << 20;
    const Buffer page(sim::kPageBytes);
    fill_randomly(page.bytes());
    for (uint64_t address = 0; address < ram_bytes; address += kStridePages * sim::kPageBytes) {
      check(PrlSim_WriteGuestMemory(session_.vm(), address, page.bytes().data(),
                                    page.bytes().size()));
    }
  }

  RoundResult round() {
    const double suspend = seconds_of([&] { await(PrlVm_Suspend(session_.vm())); });
    const double resume = seconds_of([&] { await(PrlVm_Resume(session_.vm())); });
    return {suspend + resume, {{"suspend_ms", suspend * 1e3}, {"resume_ms", resume * 1e3}}};
  }

 private:
  const Session session_;
};

}  // namespace

}  // namespace prl::bench

int main(int argc, char** argv) {
  using namespace prl::bench;
  Program program;
  program.add("api_256mib_10pct", 21, [] {
    const auto rounds = std::make_shared<PowerRounds>();
    return [rounds] { return rounds->round(); };
  });
  return program.run(argc, argv);
}
