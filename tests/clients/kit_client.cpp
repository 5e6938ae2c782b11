// A C++ program that builds its host with the headers for tests of clients, all of which the
// package must have.
#include <prlsdk/prl_kit.hpp>

#include <cstdio>

using namespace prl::kit;

int main() {
  World world(
      Scenario()
          .add(Vm("web").running().add(Disk(64)))
          .add(Fault("once").call("PrlVm_Suspend").vm("web").fail(PRL_ERR_VM_SUSPEND_FAILED)));
  Handle vm = world.vm("web");
  const PinnedMemory memory(vm.get(), 0, 4096);
  const bool has_failed = finish(PrlVm_Suspend(vm.get())).code == PRL_ERR_VM_SUSPEND_FAILED;
  const bool finds_scenarios = Scenario::file("demo").toml().find("web") != std::string::npos;
  std::printf("kit_client: %s, %zu strike\n", name_of(world.state("web")).c_str(),
              world.strikes("once"));
  if (!has_failed || !finds_scenarios) return 1;
  return world.strikes("once") == 1 && memory.size() == 4096 ? 0 : 1;
}
