// What guests do with their memory in virtual time.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/sdk/session.h"

namespace prl::tests {
namespace {

constexpr size_t kMib = size_t{1} << 20;

std::string host_with(const std::string& workload) {
  return "clock = \"virtual\"\n[[vm]]\nname = \"vm\"\nram_mib = 4\nstate = \"running\"\n"
         "workload = " +
         workload + "\n";
}

struct Host : Session {
  explicit Host(const std::string& workload)
      : Session(host_with(workload)), vm(vm_by_name(server, "vm")) {}

  std::vector<char> memory() const {
    std::vector<char> bytes(4 * kMib);
    EXPECT_EQ(PrlSim_ReadGuestMemory(vm, 0, bytes.data(), bytes.size()), PRL_ERR_SUCCESS);
    return bytes;
  }
  // How many ms the guest has run: it counts them in rax.
  uint64_t run_ms() const {
    PrlSim_Registers registers;
    EXPECT_EQ(PrlSim_GetRegisters(vm, 0, &registers), PRL_ERR_SUCCESS);
    return registers.general[0];
  }

  const Handle vm;
};

// The guest goes on where it was, and only while it runs: with and without a suspend in between it
// is the same after the same time.
TEST(Workloads, GoOnAfterASuspendAsIfThereHadBeenNone) {
  for (const std::string kind : {"writer", "random", "zipf", "growing", "pattern"}) {
    SCOPED_TRACE(kind);
    const std::string workload =
        "{ kind = \"" + kind + "\", working_set_mib = 2, pages_per_ms = 1 }";
    std::vector<char> resumed;
    uint64_t run_ms = 0;
    {
      const Host host(workload);
      PrlSim_AdvanceTime(100);
      EXPECT_EQ(finish(PrlVm_Suspend(host.vm)), PRL_ERR_SUCCESS);
      PrlSim_AdvanceTime(10'000);
      EXPECT_EQ(finish(PrlVm_Resume(host.vm)), PRL_ERR_SUCCESS);
      PrlSim_AdvanceTime(200);
      run_ms = host.run_ms();
      EXPECT_LT(run_ms, 10'000u) << "no guest runs while it is suspended";
      resumed = host.memory();
    }
    const Host host(workload);
    EXPECT_FALSE(host.memory() == resumed);
    PrlSim_AdvanceTime(run_ms - host.run_ms());
    EXPECT_TRUE(host.memory() == resumed);
  }
}

}  // namespace
}  // namespace prl::tests
